"""Groups as the provisioning API shows them, and who is in them."""

from collections.abc import Callable
from typing import Any

import pytest
from starlette.testclient import TestClient

from groupcamp.clients import FORBIDDEN, GROUP, NOT_FOUND, bad_parameter, error_id, refused, signing, uuid, walk
from groupcamp.invariants import rows
from groupcamp.test_group_tasks import WEBSITE
from understudy.vendors.groupcamp import tables

GROUPS = "/core/v1/groups"
ONE = f"/core/v1/group/{GROUP}"
JEAN, ANNA, BOSS = (uuid("person:user", item) for item in (7, 9, 5))
OK = {"result": {"value": "ok"}}
GROUP_KEYS = [
    "id", "name", "group_name", "type", "gtype", "state", "description", "orga", "leader1", "leader2", "category", "access",
    "users", "description_color", "can_accept_guest", "nb_users", "dates", "rich_tags", "tags_names",
]  # fmt: skip
ACTIVE = ["Website relaunch", "Notice board", "New branch", "Field service", "Shop openings", "Training", "Suppliers"]


def names(client: TestClient, **query: Any) -> list[str]:
    """Return the names of the groups that fit."""
    response = client.get(GROUPS, params=query or None)
    assert response.status_code == 200, response.text
    return [group["name"] for group in response.json()["result"]]


def shown(client: TestClient, group: str = GROUP) -> dict[str, Any]:
    """Return a group in full."""
    response = client.get(f"/core/v1/group/{group}")
    assert response.status_code == 200, response.text
    found: dict[str, Any] = response.json()["result"]
    return found


def group_named(client: TestClient, name: str) -> str:
    """Return the id of a group."""
    (group,) = client.get(GROUPS, params={"name": name, "state": "all"}).json()["result"]
    return str(group["id"])


class TestGetGroups:
    """GET /core/v1/groups."""

    def test_active_ones(self, server, provisioning: TestClient) -> None:
        """Without parameters, the active groups of every kind come, by number, in short form and unpaged."""
        response = provisioning.get(GROUPS)

        assert response.status_code == 200
        assert list(response.json()) == ["result"]
        assert response.json()["result"][0] == WEBSITE
        assert [list(group) for group in response.json()["result"]] == [list(WEBSITE)] * 7
        assert names(provisioning) == ACTIVE

    @pytest.mark.parametrize(
        ("query", "expected"),
        [
            ({"gtype": "project"}, ACTIVE[:5]),
            ({"gtype": ["intranet", "extranet"]}, ["Training", "Suppliers"]),
            ({"gtype": ["project", "project", "intranet", "extranet"]}, ACTIVE),
            ({"name": "Training"}, ["Training"]),
            ({"name": "training"}, []),
            ({"name": "SH-01 Shop openings"}, ["Shop openings"]),
            ({"search": "train"}, ["Training"]),
            ({"search": "sh-01"}, ["Shop openings"]),
            ({"search": "S"}, [name for name in ACTIVE if "s" in name.lower()]),
            ({"user": BOSS}, ["Website relaunch", "Notice board", "Field service", "Training", "Suppliers"]),
            ({"user": uuid("person:user", 999_999)}, []),
            ({"user": uuid("person:user", 1, account=2**31)}, []),
            ({"category_name": "Marketing"}, ["Website relaunch"]),
            ({"category_name": "Marketing", "state": "archi"}, ["Archive"]),
            ({"category_name": "marketing"}, []),
            ({"tag_name": "web"}, ["Website relaunch", "Shop openings"]),
            ({"tag_name": ["customer", "web"]}, ["Shop openings"]),
            ({"tag_name": ""}, ["Notice board", "New branch", "Training", "Suppliers"]),
            ({"tag_name": ["", "web"]}, []),
            ({"project_type": "internal"}, ["Website relaunch", "Notice board", "New branch", "Field service"]),
            ({"project_type": "customer"}, ["Shop openings"]),
            ({"project_type": "internal", "gtype": "intranet"}, []),
            ({"state": "archi"}, ["Archive"]),
            ({"state": ["trash", "del"]}, ["Old catalogue", "Cancelled fair"]),
            ({"state": "all"}, ["Website relaunch", "Archive", "Old catalogue", "Cancelled fair", *ACTIVE[1:]]),
            ({"state": ["ok", "all"]}, ["Website relaunch", "Archive", "Old catalogue", "Cancelled fair", *ACTIVE[1:]]),
            ({"state": ["ok", "archi"], "gtype": "project", "search": "e"}, [
                "Website relaunch", "Archive", "Notice board", "New branch", "Field service", "Shop openings",
            ]),
            ({"leader": JEAN}, ACTIVE),
        ],
    )  # fmt: skip
    def test_filters(self, provisioning: TestClient, query: dict[str, Any], expected: list[str]) -> None:
        """Filters combine with AND; a parameter of the report is unknown here, and ignored."""
        assert names(provisioning, **query) == expected

    def test_capitals_beyond_ascii(self, act, provisioning: TestClient) -> None:
        """Letters of every language are searched for in both cases."""
        for name in ("ÉTÉ à Łódź", "Straße", "100 % done_/"):
            act("groupcamp", "create-group", name=name)

        assert names(provisioning, search="été À łÓD") == ["ÉTÉ à Łódź"]
        assert names(provisioning, search="STRASSE") == ["Straße"]
        assert names(provisioning, search="% DONE_/") == ["100 % done_/"]
        assert provisioning.get(GROUPS + "?search=é".encode().decode("latin-1")).status_code == 200

    @pytest.mark.parametrize(
        ("query", "field", "code"),
        [
            ("gtype=social", "gtype", "invalid"),
            ("gtype=project&gtype=", "gtype", "invalid"),
            ("name=", "name", "invalid"),
            ("name=a&name=a", "name", "multiple"),
            ("search=", "search", "invalid"),
            ("user=jean@localhost", "user", "invalid"),
            (f"user={GROUP}", "user", "invalid"),
            ("category_name=", "category_name", "invalid"),
            ("category_name=a&category_name=b", "category_name", "multiple"),
            ("project_type=external", "project_type", "invalid"),
            ("state=OK", "state", "invalid"),
            ("state=", "state", "invalid"),
        ],
    )
    def test_bad_parameters(self, provisioning: TestClient, query: str, field: str, code: str) -> None:
        """Kinds, states and tags may be repeated, the others not."""
        refused(provisioning.get(f"{GROUPS}?{query}"), 400, bad_parameter(field, code))

    def test_strict_parameters(self, serve: Callable[..., Any]) -> None:
        """With the setting on, an unknown parameter is refused."""
        client = signing(serve(groupcamp_strict_parameters=True), "pk-demo-1", application="provisioning-1")

        refused(client.get(f"{GROUPS}?leader=x"), 400, bad_parameter("leader", "invalid"))

    def test_state_follows(self, act, provisioning: TestClient) -> None:
        """A group that is archived leaves the active ones."""
        act("groupcamp", "set-group-state", group=GROUP, state="archi")

        assert names(provisioning) == ACTIVE[1:]
        assert provisioning.get(f"{GROUPS}?state=archi").json()["result"][0]["state"] == "archi"


class TestGetGroup:
    """GET /core/v1/group/{Group}."""

    def test_example(self, provisioning: TestClient) -> None:
        """A project with nearly everything."""
        group = shown(provisioning)

        assert list(group) == GROUP_KEYS
        assert group | {"users": [], "rich_tags": []} == {
            "id": GROUP,
            "name": "WEB-01 Website relaunch",
            "group_name": "Website relaunch",
            "type": "group",
            "gtype": "project",
            "state": "ok",
            "description": "New shop and new pages",
            "orga": None,
            "leader1": {
                "id": JEAN, "name": "Jean Martin", "shortname": "Jean M.", "type": "user", "utype": "employee", "state": "ok",
            },
            "leader2": None,
            "category": {"id": uuid("person:gcat", 15), "type": "gcat", "name": "Marketing"},
            "access": "invited",
            "users": [],
            "description_color": "green",
            "can_accept_guest": False,
            "nb_users": 5,
            "dates": {"start": "2019-06-01", "end": "2019-07-31"},
            "rich_tags": [],
            "tags_names": ["web"],
        }  # fmt: skip
        assert [user["id"] for user in group["users"]][:3] == [JEAN, BOSS, ANNA]
        assert [list(user) for user in group["users"]] == [list(group["leader1"])] * 5

    def test_customer(self, provisioning: TestClient) -> None:
        """A customer's project shows the company in short."""
        group = shown(provisioning, group_named(provisioning, "Shop openings"))

        assert group["orga"] == {
            "id": uuid("person:orga", 81),
            "name": "Café Central",
            "type": "orga",
            "otype": "invited",
            "state": "ok",
        }
        assert (group["access"], group["can_accept_guest"], group["leader1"]["id"]) == ("open", True, ANNA)

    def test_little(self, act, provisioning: TestClient) -> None:
        """A group without anything has nulls, empty texts and empty lists."""
        group = shown(provisioning, act("groupcamp", "create-group", name="Bare", gtype="extranet")["id"])

        assert {name: group[name] for name in ("orga", "leader1", "leader2", "category")} == dict.fromkeys(
            ("orga", "leader1", "leader2", "category")
        )
        assert (group["users"], group["nb_users"], group["rich_tags"], group["tags_names"]) == ([], 0, [], [])
        assert (group["name"], group["group_name"], group["description"]) == ("Bare", "Bare", "")
        assert group["dates"] == {"start": None, "end": None}

    def test_every_group_is_consistent(self, server, provisioning: TestClient) -> None:
        """Members are counted, tags are for groups and named, leaders are members; orgas are customers' only."""
        groups = [shown(provisioning, one["id"]) for one in provisioning.get(f"{GROUPS}?state=ok&state=archi").json()["result"]]

        for group in groups:
            assert group["nb_users"] == len(group["users"])
            assert len({user["id"] for user in group["users"]}) == len(group["users"])
            assert group["tags_names"] == [tag["name"] for tag in group["rich_tags"]]
            assert all(tag["for_group"] for tag in group["rich_tags"])
            assert {leader["id"] for leader in (group["leader1"], group["leader2"]) if leader} <= {
                user["id"] for user in group["users"]
            }
            assert group["can_accept_guest"] or all(user["utype"] == "employee" for user in group["users"])
        assert len(groups) == 8

    @pytest.mark.parametrize("generation", ["seed", "v3"])
    def test_short_names_in_both_generations(self, serve: Callable[..., Any], generation: str) -> None:
        """The provisioning API has had them since before the newer one."""
        client = signing(serve(groupcamp_generation=generation), "pk-demo-1", application="provisioning-1")

        assert shown(client)["leader1"]["shortname"] == "Jean M."

    @pytest.mark.parametrize("group", ["x", JEAN, "project", uuid("person:orga", 80)])
    def test_bad_id(self, provisioning: TestClient, group: str) -> None:
        """What is no id of a group is wrong, the word `project` too."""
        refused(provisioning.get(f"/core/v1/group/{group}"), 400, error_id())

    @pytest.mark.parametrize("group", [uuid("person:group", 999_999), uuid("person:group", 21, account=19)])
    def test_unknown(self, provisioning: TestClient, group: str) -> None:
        """A group that the account doesn't have is not found."""
        refused(provisioning.get(f"/core/v1/group/{group}"), 404, NOT_FOUND)

    @pytest.mark.parametrize("state", ["trash", "del"])
    def test_trash(self, act, provisioning: TestClient, state: str) -> None:
        """A group in the trash, or deleted, can't be retrieved."""
        act("groupcamp", "set-group-state", group=GROUP, state=state)

        refused(provisioning.get(ONE), 403, FORBIDDEN)

    def test_applications_do_not_matter(self, act, provisioning: TestClient) -> None:
        """A group without Tasks and Timelog is a group, and so is an archived one."""
        act("groupcamp", "set-group-state", group=GROUP, state="archi", tasks=False, timelogs=False)

        assert shown(provisioning)["state"] == "archi"

    def test_forbidden(self, act, provisioning: TestClient) -> None:
        """A forbidden group answers 403."""
        act("groupcamp", "forbid", id=GROUP)

        refused(provisioning.get(ONE), 403, FORBIDDEN)


class TestAddGroupUser:
    """PUT /core/v1/group/{Group}/user/{User}."""

    @pytest.mark.parametrize("user", ["user6@brasaverde.test", "USER6%40brasaverde.test", "id"])
    def test_adds(self, server, provisioning: TestClient, user: str) -> None:
        """The user is the last of the members; by address or by id."""
        number = next(row["id"] for row in rows(server, tables.User) if row["email"] == "user6@brasaverde.test")
        member = uuid("person:user", number % 2**32)
        before = shown(provisioning)

        response = provisioning.put(f"{ONE}/user/{member if user == 'id' else user}")

        assert response.status_code == 200
        assert response.json() == OK
        after = shown(provisioning)
        assert [one["id"] for one in after["users"]] == [*(one["id"] for one in before["users"]), member]
        assert after["nb_users"] == before["nb_users"] + 1
        assert "Website relaunch" in names(provisioning, user=member)

    def test_who_comes_back_is_last(self, provisioning: TestClient) -> None:
        """Members stand in the order in which they joined, not by number."""
        before = [one["id"] for one in shown(provisioning)["users"]]
        assert before[-1] != JEAN

        provisioning.delete(f"{ONE}/user/{JEAN}")
        provisioning.put(f"{ONE}/user/{JEAN}")

        assert [one["id"] for one in shown(provisioning)["users"]] == [*(one for one in before if one != JEAN), JEAN]

    def test_shows_in_the_report(self, provisioning: TestClient, reporting: TestClient) -> None:
        """The other application sees the same members; a member manages nothing yet."""
        group = group_named(provisioning, "New branch")

        def found(parameter: str) -> bool:
            reports = reporting.get("/track/v1/report", params={parameter: ANNA}).json()["result"]
            return group in [one["project"]["group_id"] for one in reports]

        assert not found("user")
        provisioning.put(f"/core/v1/group/{group}/user/anna@localhost")
        assert found("user")
        assert not found("managing")
        assert not found("leader")

    def test_twice(self, server, provisioning: TestClient) -> None:
        """Who is a member stays it, delegation and all."""
        before = rows(server, tables.Member)

        assert provisioning.put(f"{ONE}/user/big.boss@localhost").json() == OK
        assert rows(server, tables.Member) == before

    def test_twice_as_a_guest(self, provisioning: TestClient) -> None:
        """A guest who is a member already is no case for a refusal, even once the group takes none."""
        for with_guests in (True, False):
            provisioning.post(f"/core/v1/group/project/{GROUP}", json={"name": "Website relaunch", "with_guests": with_guests})
            assert provisioning.put(f"{ONE}/user/user12@brasaverde.test").json() == OK

        assert shown(provisioning)["nb_users"] == 6

    def test_guests(self, act, provisioning: TestClient) -> None:
        """A guest can be added only where guests are taken."""
        refused(provisioning.put(f"{ONE}/user/user12@brasaverde.test"), 403, FORBIDDEN)
        assert shown(provisioning)["nb_users"] == 5

        provisioning.post(f"/core/v1/group/project/{GROUP}", json={"name": "Website relaunch", "with_guests": True})
        assert provisioning.put(f"{ONE}/user/user12@brasaverde.test").json() == OK

    @pytest.mark.parametrize("user", ["user13@brasaverde.test", "user14@brasaverde.test"])
    def test_deleted_users(self, provisioning: TestClient, user: str) -> None:
        """Who was deleted, or is in the trash, can't be added."""
        refused(provisioning.put(f"{ONE}/user/{user}"), 403, FORBIDDEN)

    def test_tasks_stay_as_they_are(self, provisioning: TestClient, tasks) -> None:
        """Membership changes neither what is assigned nor what is shown."""
        before = tasks()
        provisioning.put(f"{ONE}/user/user6@brasaverde.test")
        provisioning.delete(f"{ONE}/user/jean@localhost")

        assert tasks() == before


class TestRemoveGroupUser:
    """DELETE /core/v1/group/{Group}/user/{User}."""

    @pytest.mark.parametrize("user", ["anna@localhost", ANNA])
    def test_removes(self, provisioning: TestClient, user: str) -> None:
        """The user is no member any more, and the others stay."""
        before = shown(provisioning)

        response = provisioning.delete(f"{ONE}/user/{user}")

        assert response.status_code == 200
        assert response.json() == OK
        after = shown(provisioning)
        assert [one["id"] for one in after["users"]] == [one["id"] for one in before["users"] if one["id"] != ANNA]
        assert after["nb_users"] == 4
        assert "Website relaunch" not in names(provisioning, user=ANNA)

    def test_leader(self, provisioning: TestClient, reporting: TestClient) -> None:
        """A leader who is no member leads no more, anywhere it shows."""
        group = group_named(provisioning, "New branch")
        leader = shown(provisioning, group)["leader1"]["id"]
        assert leader in [user["id"] for user in provisioning.get("/core/v1/users?is_leader=All").json()["result"]]

        provisioning.delete(f"/core/v1/group/{group}/user/{leader}")

        assert shown(provisioning, group)["leader1"] is None
        assert leader not in [user["id"] for user in provisioning.get("/core/v1/users?is_leader=All").json()["result"]]
        assert reporting.get("/track/v1/report", params={"leader": leader}).json() == {"result": []}

    def test_manager(self, provisioning: TestClient, reporting: TestClient) -> None:
        """One who managed the group by delegation doesn't any more, also when added again."""
        provisioning.delete(f"{ONE}/user/{BOSS}")
        provisioning.put(f"{ONE}/user/{BOSS}")

        managed = reporting.get("/track/v1/report", params={"managing": BOSS}).json()["result"]
        assert GROUP not in [one["project"]["group_id"] for one in managed]

    def test_no_member(self, provisioning: TestClient) -> None:
        """Who is no member is not found; so it is when removed twice."""
        refused(provisioning.delete(f"{ONE}/user/user9@brasaverde.test"), 404, NOT_FOUND)
        assert provisioning.delete(f"{ONE}/user/{ANNA}").status_code == 200
        refused(provisioning.delete(f"{ONE}/user/{ANNA}"), 404, NOT_FOUND)


@pytest.mark.parametrize("verb", ["PUT", "DELETE"])
class TestMembership:
    """What both refuse."""

    @pytest.mark.parametrize("group", ["x", JEAN])
    def test_bad_group(self, provisioning: TestClient, verb: str, group: str) -> None:
        """The group's id is looked at first."""
        refused(provisioning.request(verb, f"/core/v1/group/{group}/user/x"), 400, error_id())

    @pytest.mark.parametrize("user", ["x", GROUP, "jean"])
    def test_bad_user(self, provisioning: TestClient, verb: str, user: str) -> None:
        """Then that of the user, whether or not there is such a group."""
        unknown = uuid("person:group", 999_999)

        refused(provisioning.request(verb, f"/core/v1/group/{unknown}/user/{user}"), 400, error_id("User"))

    @pytest.mark.parametrize(
        ("group", "user"),
        [
            (uuid("person:group", 999_999), "jean@localhost"),
            (uuid("person:group", 21, account=19), "jean@localhost"),
            (GROUP, "who@localhost"),
            (GROUP, "owner@neighbour.test"),
            (GROUP, uuid("person:user", 999_999)),
            (uuid("person:group", 23), "who@localhost"),
        ],
    )
    def test_not_found(self, server, provisioning: TestClient, verb: str, group: str, user: str) -> None:
        """Both have to be there, before access is looked at."""
        before = rows(server, tables.Member)

        refused(provisioning.request(verb, f"/core/v1/group/{group}/user/{user}"), 404, NOT_FOUND)
        assert rows(server, tables.Member) == before

    @pytest.mark.parametrize("what", ["trash", "del", "group", "user"])
    def test_forbidden(self, act, server, provisioning: TestClient, verb: str, what: str) -> None:
        """A group that can't be retrieved can't be changed, and a forbidden user can't be named."""
        before = rows(server, tables.Member)
        if what in ("trash", "del"):
            act("groupcamp", "set-group-state", group=GROUP, state=what)
        else:
            act("groupcamp", "forbid", id={"group": GROUP, "user": ANNA}[what])

        refused(provisioning.request(verb, f"{ONE}/user/{ANNA}"), 403, FORBIDDEN)
        assert rows(server, tables.Member) == before

    def test_body_and_slash(self, provisioning: TestClient, verb: str) -> None:
        """A body is not read; one slash at the end is tolerated."""
        assert provisioning.request(verb, f"{ONE}/user/{ANNA}/", content=b"").json() == OK


def test_assigned_tasks_do_not_need_membership(provisioning: TestClient, reporting: TestClient) -> None:
    """Who left a group keeps the tasks that are assigned."""
    before = walk(reporting, "/task/v1/user/jean@localhost/assigned_tasks")
    provisioning.delete(f"{ONE}/user/jean@localhost")

    assert walk(reporting, "/task/v1/user/jean@localhost/assigned_tasks") == before
