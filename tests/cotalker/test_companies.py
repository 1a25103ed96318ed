"""The caller's company."""

from typing import Any

import pytest
from starlette.testclient import TestClient

from cotalker.people import ADMIN, AGENT, COMPANY, FREE_GROUP, OTHER_GROUP, STRANGER, UNKNOWN

COMPANIES = "/api/v1/companies"


class TestGetCompany:
    """GET /api/v1/companies and /api/v1/companies/{id}."""

    def test_bare(self, agent: TestClient) -> None:
        """One company, without an envelope; the same by its id."""
        company = agent.get(COMPANIES).json()

        assert company["_id"] == COMPANY
        assert company["subdomain"] == "brasaverde"
        assert company["admin"] == [ADMIN]
        assert agent.get(f"{COMPANIES}/{COMPANY}").json() == company

    def test_populate(self, agent: TestClient, cotalker: TestClient) -> None:
        """Records stand in the place of the ids in the fields that are named; other names have no effect."""
        cotalker.patch(f"{COMPANIES}/{COMPANY}", json={"startGroup": FREE_GROUP, "admin": [AGENT, ADMIN]})
        company = agent.get(COMPANIES).json()

        populated = agent.get(f"{COMPANIES}?populate=startGroup,admin,subdomain,x").json()

        users = {id_: cotalker.get(f"/api/v2/users/{id_}").json()["data"] for id_ in (ADMIN, AGENT)}
        group = cotalker.get(f"/api/v2/groups/{FREE_GROUP}").json()["data"]
        assert populated == {**company, "startGroup": group, "admin": [users[AGENT], users[ADMIN]]}
        assert agent.get(f"{COMPANIES}?populate=conversationGroup").json() == company

    def test_populate_nothing(self, agent: TestClient, assert_refused) -> None:
        """An empty value is refused."""
        assert_refused(agent.get(f"{COMPANIES}?populate="), 400, '"populate" must not be empty:\n("")')

    def test_populate_null(self, agent: TestClient, cotalker: TestClient) -> None:
        """A cleared field stays null."""
        cotalker.patch(f"{COMPANIES}/{COMPANY}", json={"startGroup": None})

        assert agent.get(f"{COMPANIES}?populate=startGroup").json()["startGroup"] is None


class TestUpdateCompany:
    """PATCH /api/v1/companies/{id}."""

    def test_replaces(self, cotalker: TestClient, clock) -> None:
        """What is sent replaces what was there, whole; the rest stays."""
        before = cotalker.get(COMPANIES).json()
        clock.freeze("2026-06-02T08:00:00.000Z")
        changes = {
            "displayName": "Brasa Azul",
            "legalName": "Brasa Azul S.A.",
            "defaultCountry": "AR",
            "defaultLanguage": "es",
            "emailDomains": ["cotalker.test"],
            "admin": [AGENT],
            "contactMode": "local",
            "permissions": {"showTos": {"value": True, "url": "u"}},
            "offline": {"isActive": True, "maxSyncTimeMs": 5},
            "conversationGroup": FREE_GROUP,
            "startGroup": None,
            "help": {"a": 1},
            "hideSummary": True,
            "appContacts": False,
            "legalIdentifier": "76",
            "legalIdentifierCode": "RUT",
            "passwordRotation": {"days": 90},
            "passwordRules": {"length": 8},
        }

        after = cotalker.patch(f"{COMPANIES}/{COMPANY}", json=changes).json()

        assert after == {**before, **changes, "modifiedAt": "2026-06-02T08:00:00.000Z", "__v": 1}
        assert cotalker.get(COMPANIES).json() == after

    @pytest.mark.parametrize("field", ["_id", "subdomain", "isActive", "system", "createdAt", "modifiedAt", "__v", "unknown"])
    def test_ignored(self, cotalker: TestClient, field: str) -> None:
        """What the server manages is ignored."""
        assert cotalker.patch(f"{COMPANIES}/{COMPANY}", json={field: "x"}).json().get(field) != "x"

    @pytest.mark.parametrize(
        "fields", [{"startGroup": OTHER_GROUP}, {"conversationGroup": UNKNOWN}, {"admin": [ADMIN, STRANGER]}]
    )
    def test_unknown_references(self, cotalker: TestClient, assert_refused, fields: dict[str, Any]) -> None:
        """What it refers to must be of the company."""
        assert_refused(cotalker.patch(f"{COMPANIES}/{COMPANY}", json=fields), 404, "Not Found")

    @pytest.mark.parametrize(
        ("fields", "error"),
        [
            ({"defaultLanguage": "de"}, '"defaultLanguage" must be one of [en, es]:\n("de")'),
            ({"contactMode": "x"}, '"contactMode" must be one of [default, local, all]:\n("x")'),
            ({"permissions": {"showTos": {"value": 1}}}, '"permissions.showTos.value" must be a boolean:\n("1")'),
            ({"offline": {"maxSyncTimeMs": "x"}}, '"offline.maxSyncTimeMs" must be a number:\n("x")'),
            ({"displayName": ""}, '"displayName" must not be empty:\n("")'),
        ],
    )
    def test_malformed(self, cotalker: TestClient, assert_refused, fields: dict[str, Any], error: str) -> None:
        """What doesn't fit is named and shown."""
        assert_refused(cotalker.patch(f"{COMPANIES}/{COMPANY}", json=fields), 400, error)
