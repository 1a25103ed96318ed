"""Bodies of Cubicl's set-up actions: nothing is turned into the type that a field should have had."""

from typing import Any

import pytest
from starlette.testclient import TestClient

from cubicl.office import FIELD, PLAIN_TASK, TASK, Office


class TestTypes:
    """A body that doesn't fit is a 422 that names the field."""

    @pytest.mark.parametrize(
        ("action", "body", "field"),
        [
            ("set-gantt", {"task": PLAIN_TASK, "inGantt": "yes"}, "inGantt"),
            ("set-gantt", {"task": PLAIN_TASK, "inGantt": 1}, "inGantt"),
            ("share-with-customer", {"task": TASK, "shared": 0}, "shared"),
            ("create-project", {"name": "x", "private": "yes"}, "private"),
            ("create-project", {"name": "x", "perms": {"members": {"tasks": "1"}}}, "tasks"),
            ("set-permissions", {"group": FIELD, "perms": {"members": {"tasks": True}}}, "tasks"),
            ("set-storage", {"totalCapacity": "5", "totalSize": 0}, "totalCapacity"),
            ("set-storage", {"totalCapacity": 5, "totalSize": 0.0}, "totalSize"),
        ],
    )
    def test_another_type(self, admin: TestClient, office: Office, action: str, body: dict[str, Any], field: str) -> None:
        """A value of another type is refused, however near it is, and nothing has changed."""
        before = office.every_task()

        response = admin.post(f"/actions/cubicl/{action}", json=body)

        assert response.status_code == 422
        assert field in response.json()["errors"][0]["detail"]
        assert office.every_task() == before
