"""Users and their teams."""

from typing import Any

import pytest
from starlette.testclient import TestClient

from groupcamp.clients import FORBIDDEN, GROUP, NOT_FOUND, bad_parameter, error_id, refused, uuid
from groupcamp.invariants import rows
from understudy.vendors.groupcamp import tables

USERS = "/core/v1/users"
JEAN, ANNA, BOSS = (uuid("person:user", item) for item in (7, 9, 5))
DIRECTORS = {
    "id": uuid("person:team", 14),
    "name": "Directors",
    "type": "team",
    "state": "ok",
    "description": "",
    "is_tech": True,
}


def teams(client: TestClient, user: str) -> list[dict[str, Any]]:
    """Return the teams of a user."""
    response = client.get(f"/core/v1/user/{user}/teams")
    assert response.status_code == 200, response.text
    found: list[dict[str, Any]] = response.json()["result"]
    return found


class TestGetUsers:
    """GET /core/v1/users."""

    @pytest.fixture
    def everybody(self, server) -> list[dict[str, Any]]:
        """The rows of the account's users, with their Uuid."""
        return [
            row | {"uuid": uuid("person:user", row["id"] % 2**32)} for row in rows(server, tables.User) if row["id"] >> 32 == 18
        ]

    def test_everybody(self, provisioning: TestClient, everybody: list[dict[str, Any]]) -> None:
        """Without filters all users of the account come, of every state, by number, and never with an address."""
        response = provisioning.get(USERS)

        assert response.status_code == 200
        assert list(response.json()) == ["result"]
        assert [user["id"] for user in response.json()["result"]] == [row["uuid"] for row in everybody]
        assert response.json()["result"][1] == {
            "id": JEAN, "name": "Jean Martin", "shortname": "Jean M.", "type": "user", "utype": "employee", "state": "ok",
        }  # fmt: skip
        assert {user["state"] for user in response.json()["result"]} == {"ok", "del", "trash"}
        assert "@" not in response.text

    @pytest.mark.parametrize("state", [None, "ok", "del", "trash"])
    @pytest.mark.parametrize("user_type", [None, "employee", "guest"])
    def test_filters(
        self, provisioning: TestClient, everybody: list[dict[str, Any]], state: str | None, user_type: str | None
    ) -> None:
        """State and kind, alone and together."""
        query = {name: value for name, value in {"state": state, "user_type": user_type}.items() if value}

        found = provisioning.get(USERS, params=query or None).json()["result"]

        assert [user["id"] for user in found] == [
            row["uuid"] for row in everybody if state in (None, row["state"]) and user_type in (None, row["utype"])
        ]

    @pytest.mark.parametrize(
        ("value", "some"),
        [
            ("All", True),
            ("Empty,project", True),
            ("Multi", True),
            ("Empty,!project,project", True),
            ("All,project,project", True),
            ("Empty", False),
            ("All,!project", False),
            ("Multi,!project", False),
            ("Empty,project,!project", False),
        ],
    )
    def test_is_leader(self, provisioning: TestClient, server, value: str, some: bool) -> None:
        """A base and elements, from left to right; all leaders lead projects that are not deleted."""
        leading = {
            row[name]
            for row in rows(server, tables.Group)
            for name in ("leader1", "leader2")
            if row["state"] not in ("trash", "del")
        }
        leaders = [user for user in (uuid("person:user", one % 2**32) for one in sorted(leading - {None})) if some]

        assert [user["id"] for user in provisioning.get(USERS, params={"is_leader": value}).json()["result"]] == leaders

    def leading(self, client: TestClient, kinds: str) -> list[str]:
        """Return the ids of the users who lead a group of these kinds."""
        return [user["id"] for user in client.get(USERS, params={"is_leader": kinds}).json()["result"]]

    def test_second_leader(self, provisioning: TestClient) -> None:
        """The assistant is a leader, too."""
        before = self.leading(provisioning, "All")

        body = {"name": "Website relaunch", "leader2": "user6@brasaverde.test"}
        assert provisioning.post(f"/core/v1/group/project/{GROUP}", json=body).status_code == 200

        assert len(self.leading(provisioning, "All")) == len(before) + 1

    @pytest.mark.parametrize(("name", "multiple"), [("Training", False), ("Suppliers", True)])
    def test_multi(self, server, provisioning: TestClient, name: str, multiple: bool) -> None:
        """An account may have several extranets but one intranet; groups of either kind count among all."""
        (number,) = (row["id"] for row in rows(server, tables.User) if row["email"] == "user6@brasaverde.test")
        user = uuid("person:user", number % 2**32)
        with server.app.sandboxes["default"].session() as session:
            (group,) = (tables.Group(**row) for row in rows(server, tables.Group) if row["name"] == name)
            group.leader1 = number
            session.save(group)

        assert user in self.leading(provisioning, "All")
        assert (user in self.leading(provisioning, "Multi")) is multiple
        assert user not in self.leading(provisioning, "Empty,project")

    def test_leaders_of_a_deleted_group(self, act, provisioning: TestClient) -> None:
        """Who led only what is in the trash leads no more."""
        (shop,) = provisioning.get("/core/v1/groups?name=Shop openings").json()["result"]
        assert ANNA in [user["id"] for user in provisioning.get(f"{USERS}?is_leader=All").json()["result"]]

        act("groupcamp", "set-group-state", group=shop["id"], state="trash")

        assert ANNA not in [user["id"] for user in provisioning.get(f"{USERS}?is_leader=All").json()["result"]]

    def test_with_other_filters(self, provisioning: TestClient) -> None:
        """All filters combine with AND."""
        assert provisioning.get(f"{USERS}?is_leader=All&user_type=guest").json() == {"result": []}

    @pytest.mark.parametrize(
        ("query", "field", "code"),
        [
            ("state=archi", "state", "invalid"),
            ("state=", "state", "invalid"),
            ("state=ok&state=del", "state", "multiple"),
            ("user_type=Employee", "user_type", "invalid"),
            ("is_leader=", "is_leader", "invalid"),
            ("is_leader=all", "is_leader", "invalid"),
            ("is_leader=project", "is_leader", "invalid"),
            ("is_leader=Empty,", "is_leader", "invalid"),
            ("is_leader=Empty,intranet", "is_leader", "invalid"),
            ("is_leader=Empty,!!project", "is_leader", "invalid"),
            ("is_leader=Empty,%20project", "is_leader", "invalid"),
            ("is_leader=All,Multi", "is_leader", "invalid"),
            ("is_leader=All&is_leader=All", "is_leader", "multiple"),
        ],
    )
    def test_bad_parameters(self, provisioning: TestClient, query: str, field: str, code: str) -> None:
        """Words that are not known are refused."""
        refused(provisioning.get(f"{USERS}?{query}"), 400, bad_parameter(field, code))


class TestGetUserTeams:
    """GET /core/v1/user/{User}/teams."""

    @pytest.mark.parametrize("user", ["big.boss@localhost", BOSS])
    def test_example(self, provisioning: TestClient, user: str) -> None:
        """The documented team, by address and by id, keys in their order."""
        found = teams(provisioning, user)

        assert found == [DIRECTORS]
        assert list(found[0]) == ["id", "name", "type", "state", "description", "is_tech"]

    def test_several_and_none(self, provisioning: TestClient) -> None:
        """A user may be in several teams, or in none."""
        assert [(team["name"], team["is_tech"]) for team in teams(provisioning, JEAN)] == [
            ("Directors", True),
            ("Writers", False),
        ]
        assert teams(provisioning, "user13@brasaverde.test") == []

    def test_new_team(self, act, admin: TestClient, provisioning: TestClient) -> None:
        """A team that is made shows for its users."""
        made = act("groupcamp", "create-team", name="Cooks", users=["anna@localhost", BOSS])

        assert teams(provisioning, ANNA)[-1] == {**DIRECTORS, "id": made["id"], "name": "Cooks", "is_tech": False}
        assert teams(provisioning, BOSS)[-1]["id"] == made["id"]
        assert admin.post("/actions/groupcamp/create-team", json={"name": "Twice", "users": [BOSS, BOSS]}).status_code == 422
        assert admin.post("/actions/groupcamp/create-team", json={"name": "Who", "users": ["who@localhost"]}).status_code == 404

    @pytest.mark.parametrize("user", ["x", GROUP, DIRECTORS["id"]])
    def test_bad_user(self, provisioning: TestClient, user: str) -> None:
        """What is neither an id of a user nor an address is wrong."""
        refused(provisioning.get(f"/core/v1/user/{user}/teams"), 400, error_id("User"))

    @pytest.mark.parametrize("user", ["who@localhost", "owner@neighbour.test", uuid("person:user", 999_999)])
    def test_unknown_user(self, provisioning: TestClient, user: str) -> None:
        """A user whom the account doesn't have is not found."""
        refused(provisioning.get(f"/core/v1/user/{user}/teams"), 404, NOT_FOUND)

    def test_forbidden(self, act, provisioning: TestClient) -> None:
        """A forbidden user answers 403."""
        act("groupcamp", "forbid", id=JEAN)

        refused(provisioning.get("/core/v1/user/jean@localhost/teams"), 403, FORBIDDEN)
