"""Faults for the tests of a vendor."""

from collections.abc import Callable
from typing import Any

from starlette.testclient import TestClient

Add = Callable[..., str]


def adding(admin: TestClient, vendor: str) -> Add:
    """Return a function that adds a fault of a vendor and gives its id: `fault(status=500, when={"times": 1})`."""

    def add(*, when: dict[str, Any] | None = None, **then: Any) -> str:
        response = admin.post("/faults", json={"match": {"vendor": vendor}, "when": when or {}, "then": then})
        assert response.status_code == 201, response.text
        number: str = response.json()["id"]
        return number

    return add
