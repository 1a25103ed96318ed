"""Access roles: creation and change. What follows for users is in test_users.py, their list in test_people_lists.py."""

from typing import Any

import pytest
from starlette.testclient import TestClient

from cotalker.people import COMPANY, NEW_ROLE

ROLES = "/api/v2/accessroles"


class TestCreateAccessRole:
    """POST /api/v2/accessroles."""

    def test_minimum(self, cotalker: TestClient) -> None:
        """`active` is not called isActive; there is no description until one is set, and there are no stamps."""
        role = cotalker.post(ROLES, json=NEW_ROLE).json()["data"]

        assert role == {"_id": role["_id"], "active": True, **NEW_ROLE, "company": COMPANY, "__v": 0}
        assert cotalker.get(f"{ROLES}/{role['_id']}").json() == {"data": role}
        assert role in cotalker.get(ROLES).json()["data"]["accessRoles"]

    def test_everything(self, cotalker: TestClient) -> None:
        """Permissions are kept word for word, whatever they are."""
        fields = {"name": "N 😀", "permissions": ["admin-task-read", "x y", ""], "active": False, "description": "d"}

        role = cotalker.post(ROLES, json={**fields, "isActive": True, "company": "x"}).json()["data"]

        assert role == {"_id": role["_id"], **fields, "company": COMPANY, "__v": 0}

    @pytest.mark.parametrize(
        ("body", "error"),
        [
            ({"permissions": []}, '"name" is required'),
            ({"name": "x"}, '"permissions" is required'),
            ({"name": "", "permissions": []}, '"name" must not be empty:\n("")'),
            ({"name": "x", "permissions": "all"}, '"permissions" must be an array of strings:\n("all")'),
            ({**NEW_ROLE, "active": "yes"}, '"active" must be a boolean:\n("yes")'),
            ({**NEW_ROLE, "description": None}, '"description" must be a string:\n("null")'),
        ],
    )
    def test_malformed(self, cotalker: TestClient, assert_refused, body: dict[str, Any], error: str) -> None:
        """What is missing or doesn't fit is named."""
        assert_refused(cotalker.post(ROLES, json=body), 400, error)


class TestUpdateAccessRole:
    """PATCH /api/v2/accessroles/{id}."""

    def test_replaces(self, cotalker: TestClient) -> None:
        """What is sent replaces what was there; `__v` grows with the permissions."""
        role = cotalker.post(ROLES, json=NEW_ROLE).json()["data"]
        path = f"{ROLES}/{role['_id']}"

        described = cotalker.patch(path, json={"description": "Plan the field"}).json()["data"]
        changed = cotalker.patch(path, json={"permissions": ["a"], "name": "P", "active": False, "isActive": True}).json()["data"]

        assert described == {**role, "description": "Plan the field"}
        assert changed == {**described, "permissions": ["a"], "name": "P", "active": False, "__v": 1}

    @pytest.mark.parametrize("field", ["_id", "company", "__v", "unknown"])
    def test_ignored(self, cotalker: TestClient, field: str) -> None:
        """What the server manages is ignored."""
        path = f"{ROLES}/{cotalker.post(ROLES, json=NEW_ROLE).json()['data']['_id']}"

        assert cotalker.patch(path, json={field: "x"}).json()["data"].get(field) != "x"

    def test_refused_whole(self, cotalker: TestClient, assert_refused) -> None:
        """A refusal changes nothing."""
        role = cotalker.post(ROLES, json=NEW_ROLE).json()["data"]
        path = f"{ROLES}/{role['_id']}"

        response = cotalker.patch(path, json={"name": "P", "permissions": [None]})

        assert_refused(response, 400, '"permissions" must be an array of strings:\n("[null]")')
        assert cotalker.get(path).json()["data"] == role
