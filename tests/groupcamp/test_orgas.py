"""Companies."""

from typing import Any

import pytest
from starlette.testclient import TestClient

from groupcamp.clients import ERROR_JSON, FORBIDDEN, GROUP, NOT_FOUND, bad_field, error_id, refused, uuid
from groupcamp.invariants import rows
from understudy.vendors.groupcamp import tables

INVITED = "/core/v1/orga/invited"
API_1, CAFE, OWN = (uuid("person:orga", item) for item in (80, 81, 82))
EXAMPLE = {
    "id": "1cGVyc29uOm9yZ2EvNzczMDk0MTE0MDg",
    "name": "API 1",
    "type": "orga",
    "otype": "invited",
    "state": "ok",
    "description": "A company created via API",
    "website": "",
    "creation_date": "2018-09-25T14:05:00Z",
    "modification_date": "2018-09-25T14:05:00Z",
}
SIMPLE = ("id", "name", "type", "otype", "state")


def result(response: Any) -> dict[str, Any]:
    """Return the company that was answered."""
    assert response.status_code == 200, response.text
    found: dict[str, Any] = response.json()["result"]
    return found


class TestGetInvitedOrgas:
    """GET /core/v1/orgas/invited."""

    def test_all_of_them(self, provisioning: TestClient) -> None:
        """The invited ones in short, by number; the account's own are no guests."""
        response = provisioning.get("/core/v1/orgas/invited")

        assert response.status_code == 200
        assert response.json() == {
            "result": [
                {name: EXAMPLE[name] for name in SIMPLE},
                {**{name: EXAMPLE[name] for name in SIMPLE}, "id": CAFE, "name": "Café Central"},
            ]
        }
        assert list(response.json()["result"][0]) == list(SIMPLE)

    def test_new_ones_come_last(self, provisioning: TestClient) -> None:
        """A company that is invited is on the list."""
        made = result(provisioning.post(INVITED, json={"name": "Zed"}))

        assert provisioning.get("/core/v1/orgas/invited").json()["result"][-1]["id"] == made["id"]

    def test_forbidden(self, act, provisioning: TestClient) -> None:
        """The method can be forbidden."""
        act("groupcamp", "forbid", id="GET /core/v1/orgas/invited")

        refused(provisioning.get("/core/v1/orgas/invited"), 403, FORBIDDEN)


class TestGetOrga:
    """GET /core/v1/orga/{Orga}."""

    def test_example(self, provisioning: TestClient) -> None:
        """The documented company, keys in their order."""
        found = result(provisioning.get(f"/core/v1/orga/{API_1}"))

        assert found == EXAMPLE
        assert list(found) == list(EXAMPLE)

    def test_internal(self, provisioning: TestClient) -> None:
        """One of the account's own can be read."""
        assert result(provisioning.get(f"/core/v1/orga/{OWN}"))["otype"] == "internal"

    @pytest.mark.parametrize("orga", ["x", GROUP, "invited"])
    def test_bad_id(self, provisioning: TestClient, orga: str) -> None:
        """What is no id of a company is wrong."""
        refused(provisioning.get(f"/core/v1/orga/{orga}"), 400, error_id("Orga"))

    @pytest.mark.parametrize("orga", [uuid("person:orga", 999_999), uuid("person:orga", 80, account=19)])
    def test_unknown(self, provisioning: TestClient, orga: str) -> None:
        """A company that the account doesn't have is not found."""
        refused(provisioning.get(f"/core/v1/orga/{orga}"), 404, NOT_FOUND)

    def test_forbidden(self, act, provisioning: TestClient) -> None:
        """A forbidden company answers 403."""
        act("groupcamp", "forbid", id=API_1)

        refused(provisioning.get(f"/core/v1/orga/{API_1}"), 403, FORBIDDEN)


class TestCreateInvitedOrga:
    """POST /core/v1/orga/invited."""

    @pytest.mark.parametrize(
        "body", [{"name": "Société Générale d'Été"}, {"name": "🏭", "description": "", "website": "https://x", "other": 1}]
    )
    def test_new(self, clock, provisioning: TestClient, body: dict[str, Any]) -> None:
        """It is stamped by the sandbox's clock, has no website, and can be read again."""
        clock.freeze("2031-01-02T03:04:05.678Z")

        made = result(provisioning.post(INVITED, json=body))

        assert list(made) == list(EXAMPLE)
        assert made | {"id": ""} == {
            "id": "",
            "name": body["name"],
            "type": "orga",
            "otype": "invited",
            "state": "ok",
            "description": "",
            "website": "",
            "creation_date": "2031-01-02T03:04:05Z",
            "modification_date": "2031-01-02T03:04:05Z",
        }
        assert result(provisioning.get(f"/core/v1/orga/{made['id']}")) == made

    @pytest.mark.parametrize("body", [{"name": "API 1"}, {"name": "API 1", "description": "A company created via API"}])
    def test_existing_one(self, server, provisioning: TestClient, body: dict[str, str]) -> None:
        """One of the name that is there is answered, unchanged, if nothing else is said of it."""
        before = rows(server, tables.Orga)

        assert result(provisioning.post(INVITED, json=body)) == EXAMPLE
        assert rows(server, tables.Orga) == before

    @pytest.mark.parametrize("description", ["", "Another"])
    def test_incompatible_one(self, server, provisioning: TestClient, description: str) -> None:
        """With another description, the name is taken."""
        before = rows(server, tables.Orga)

        refused(
            provisioning.post(INVITED, json={"name": "API 1", "description": description}), 400, bad_field("name", "already_use")
        )
        assert rows(server, tables.Orga) == before

    @pytest.mark.parametrize("name", ["Brasa Verde", "api 1"])
    def test_names_are_unique_among_invited_ones(self, provisioning: TestClient, name: str) -> None:
        """The name of an own company is free, and so is one in another case."""
        assert result(provisioning.post(INVITED, json={"name": name, "description": "x"}))["description"] == "x"

    def test_forbidden(self, act, server, provisioning: TestClient) -> None:
        """The method can be forbidden."""
        act("groupcamp", "forbid", id="POST /core/v1/orga/invited")
        before = rows(server, tables.Orga)

        refused(provisioning.post(INVITED, json={"name": "New"}), 403, FORBIDDEN)
        assert rows(server, tables.Orga) == before


class TestUpdateInvitedOrga:
    """POST /core/v1/orga/invited/{Orga}."""

    def test_changes(self, clock, provisioning: TestClient) -> None:
        """Name and description change, and the date of the change."""
        clock.freeze("2031-01-02T03:04:05Z")

        changed = result(provisioning.post(f"{INVITED}/{API_1}", json={"name": "API 2", "description": "New"}))

        assert changed == EXAMPLE | {"name": "API 2", "description": "New", "modification_date": "2031-01-02T03:04:05Z"}
        assert result(provisioning.get(f"/core/v1/orga/{API_1}")) == changed

    def test_description_stays(self, provisioning: TestClient) -> None:
        """What is not sent stays; the own name is no conflict."""
        changed = result(provisioning.post(f"{INVITED}/{API_1}", json={"name": "API 1"}))

        assert changed | {"modification_date": ""} == EXAMPLE | {"modification_date": ""}
        assert result(provisioning.post(f"{INVITED}/{API_1}", json={"name": "API 1", "description": ""}))["description"] == ""

    def test_shows_in_projects(self, provisioning: TestClient) -> None:
        """A customer's new name shows in its projects."""
        provisioning.post(f"{INVITED}/{CAFE}", json={"name": "Café Sud"})
        (shop,) = provisioning.get("/core/v1/groups?project_type=customer").json()["result"]

        assert provisioning.get(f"/core/v1/group/{shop['id']}").json()["result"]["orga"]["name"] == "Café Sud"

    def test_taken_name(self, server, provisioning: TestClient) -> None:
        """A name that another one has is silently ignored, and with it all of the change."""
        before = rows(server, tables.Orga)

        response = provisioning.post(f"{INVITED}/{API_1}", json={"name": "Café Central", "description": "New"})

        assert result(response) == EXAMPLE
        assert rows(server, tables.Orga) == before

    def test_internal(self, provisioning: TestClient) -> None:
        """One of the account's own can't be changed."""
        refused(provisioning.post(f"{INVITED}/{OWN}", json={"name": "X"}), 403, FORBIDDEN)

    @pytest.mark.parametrize("orga", ["x", GROUP])
    def test_bad_id(self, provisioning: TestClient, orga: str) -> None:
        """The id is looked at before the body."""
        refused(provisioning.post(f"{INVITED}/{orga}", content=b"{"), 400, error_id("Orga"))

    @pytest.mark.parametrize("orga", [uuid("person:orga", 999_999), uuid("person:orga", 80, account=19)])
    def test_unknown(self, provisioning: TestClient, orga: str) -> None:
        """Existence comes after the body."""
        refused(provisioning.post(f"{INVITED}/{orga}", json={}), 400, bad_field("name", "missing"))
        refused(provisioning.post(f"{INVITED}/{orga}", json={"name": "X"}), 404, NOT_FOUND)

    def test_forbidden(self, act, server, provisioning: TestClient) -> None:
        """A forbidden company can't be changed."""
        act("groupcamp", "forbid", id=API_1)
        before = rows(server, tables.Orga)

        refused(provisioning.post(f"{INVITED}/{API_1}", json={"name": "X"}), 403, FORBIDDEN)
        assert rows(server, tables.Orga) == before


@pytest.mark.parametrize("path", [INVITED, f"{INVITED}/{API_1}"])
class TestBodies:
    """What both refuse."""

    @pytest.mark.parametrize("content", [b"", b"[]", b"null", b"{", b'{"name": "\xff"}', b"[" * 3000])
    def test_no_json_object(self, provisioning: TestClient, path: str, content: bytes) -> None:
        """The body has to be one."""
        refused(provisioning.post(path, content=content), 400, ERROR_JSON)

    @pytest.mark.parametrize(
        ("body", "field", "code"),
        [
            ({}, "name", "missing"),
            ({"name": ""}, "name", "invalid"),
            ({"name": None}, "name", "invalid"),
            ({"name": ["X"]}, "name", "invalid"),
            ({"name": "X", "description": None}, "description", "invalid"),
            ({"name": "X", "description": 5}, "description", "invalid"),
        ],
    )
    def test_bad_fields(self, server, provisioning: TestClient, path: str, body: dict[str, Any], field: str, code: str) -> None:
        """The name is needed; both are texts."""
        before = rows(server, tables.Orga)

        refused(provisioning.post(path, json=body), 400, bad_field(field, code))
        assert rows(server, tables.Orga) == before
