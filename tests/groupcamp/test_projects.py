"""Creating and changing projects."""

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from starlette.testclient import TestClient

from groupcamp.clients import ERROR_JSON, FORBIDDEN, GROUP, bad_field, error_id, refused, signing, uuid, walk
from groupcamp.invariants import check_office, check_rows, rows
from groupcamp.test_auth import PROJECT
from groupcamp.test_groups import names, shown
from understudy.vendors.groupcamp import tables

CREATE = "/core/v1/group/project"
CHANGE = f"{CREATE}/{GROUP}"
JEAN, ANNA, BOSS = (uuid("person:user", item) for item in (7, 9, 5))
CUSTOMER, OWN_COMPANY = uuid("person:orga", 81), uuid("person:orga", 82)
RESULT_KEYS = [
    "id", "name", "type", "gtype", "subtype", "orga", "state", "tags_names", "description", "starred",
    "can_accept_guest", "nb_users",
]  # fmt: skip
QUOTA = {"error": "forbidden", "detail": "over_group_quota"}
WRITTEN = (tables.Group, tables.Member, tables.GroupTag, tables.Tag, tables.Budget, tables.BudgetLine, tables.TaskDocument)

Post = Callable[..., dict[str, Any]]


@pytest.fixture
def create(provisioning: TestClient) -> Post:
    """Return a function that creates a project: `create(name="X")`."""

    def post(**body: Any) -> dict[str, Any]:
        response = provisioning.post(CREATE, json=body)
        assert response.status_code == 200, response.text
        made: dict[str, Any] = response.json()["result"]
        return made

    return post


@pytest.fixture
def change(provisioning: TestClient) -> Post:
    """Return a function that changes a project, by default the first one."""

    def post(project: str = GROUP, **body: Any) -> dict[str, Any]:
        response = provisioning.post(f"{CREATE}/{project}", json={"name": "Website relaunch", **body})
        assert response.status_code == 200, response.text
        changed: dict[str, Any] = response.json()["result"]
        return changed

    return post


def state(server: Any) -> list[Any]:
    """Return all rows that a project touches."""
    return [rows(server, table) for table in WRITTEN]


class TestCreateProject:
    """POST /core/v1/group/project."""

    def test_example(self, provisioning: TestClient) -> None:
        """What the vendor's client sends gives what it reads; the id is text that it can put into a path."""
        body = PROJECT.replace(b"Website relaunch", b"Company party")

        response = provisioning.post(CREATE, content=body)

        made = response.json()["result"]
        assert response.status_code == 200
        assert list(made) == RESULT_KEYS
        assert made == {
            "id": made["id"],
            "name": "Company party",
            "type": "group",
            "gtype": "project",
            "subtype": "internal",
            "orga": None,
            "state": "ok",
            "tags_names": [],
            "description": "Created by the provisioning API",
            "starred": None,
            "can_accept_guest": False,
            "nb_users": 0,
        }
        assert shown(provisioning, made["id"])["access"] == "invited"

    def test_little_is_needed(self, create: Post, provisioning: TestClient, reporting: TestClient) -> None:
        """A name makes a project: active, internal, by invitation, without guests; it has Tasks and Timelog, and no tasks."""
        made = create(name="Bare")

        group = shown(provisioning, made["id"])
        assert (made["subtype"], made["description"], group["access"], group["can_accept_guest"]) == (
            "internal",
            "",
            "invited",
            False,
        )
        assert (group["leader1"], group["leader2"], group["category"], group["users"]) == (None, None, None, [])
        assert names(provisioning)[-1] == "Bare"
        assert reporting.get(f"/task/v1/group/{made['id']}/tasks").json() == {"result": []}
        assert reporting.get("/track/v1/report?name=Bare").json()["result"][0]["budget_missing"] == "no_budget"

    def test_everything(self, create: Post, provisioning: TestClient, reporting: TestClient) -> None:
        """All fields at once, each shown where it can be."""
        made = create(
            name="Second shop",
            external_ref="crm-17",
            project_code="SH-02",
            description="Ünïcode 🎈",
            category_name="Marketing",
            tags_names=["web", "new", "web"],
            leader1="JEAN@localhost",
            leader2=ANNA,
            managers=[BOSS, "user4@brasaverde.test", BOSS],
            subtype="customer",
            orga=CUSTOMER,
            access="open",
            with_guests=True,
            management_team="x",
            anything={"else": None},
        )

        group = shown(provisioning, made["id"])
        assert (made["name"], made["subtype"], made["orga"], made["tags_names"]) == (
            "Second shop",
            "customer",
            CUSTOMER,
            ["web", "new"],
        )
        assert (made["can_accept_guest"], made["nb_users"]) == (True, 4)
        assert (group["name"], group["group_name"]) == ("SH-02 Second shop", "Second shop")
        assert (group["description"], group["access"], group["category"]["name"]) == ("Ünïcode 🎈", "open", "Marketing")
        assert (group["leader1"]["id"], group["leader2"]["id"], group["orga"]["id"]) == (JEAN, ANNA, CUSTOMER)
        assert [user["id"] for user in group["users"]][:3] == [JEAN, ANNA, BOSS]
        managed = reporting.get("/track/v1/report", params={"managing": BOSS, "name": "SH-02 Second shop"}).json()["result"]
        assert [one["project"]["group_id"] for one in managed] == [made["id"]]
        assert names(provisioning, project_type="customer", tag_name="new") == ["Second shop"]

    def test_new_tags(self, create: Post, provisioning: TestClient, server) -> None:
        """A tag that is not there is made, for groups; one that is there is used."""
        made = create(name="Tagged", tags_names=["web", "brand new"])

        tags = shown(provisioning, made["id"])["rich_tags"]
        assert [(tag["name"], tag["color"], tag["for_group"], tag["for_task"], tag["for_file"]) for tag in tags] == [
            ("web", 3, True, True, False),
            ("brand new", 1, True, False, False),
        ]
        create(name="Tagged too", tags_names=["brand new"])
        assert [tag["name"] for tag in rows(server, tables.Tag)].count("brand new") == 1

    @pytest.mark.parametrize("flag", [True, False, 1, 0])
    def test_booleans(self, create: Post, flag: object) -> None:
        """1 and 0 are booleans, too."""
        assert create(name="Guests", with_guests=flag)["can_accept_guest"] is bool(flag)

    def test_names_are_compared_as_they_are(self, create: Post) -> None:
        """Another case is another name; so is one with a space."""
        for name in ("website relaunch", "Website relaunch ", "Cancelled fair"):  # the last is that of a deleted group
            assert create(name=name)["name"] == name

    @pytest.mark.parametrize("name", ["Website relaunch", "Archive", "Old catalogue", "Training"])
    def test_name_taken(self, provisioning: TestClient, server, name: str) -> None:
        """The name of a group of any kind, in any state but deleted, is taken."""
        before = state(server)

        response = provisioning.post(CREATE, json={"name": name})

        refused(response, 400, bad_field("name", "already_use"))
        assert state(server) == before

    def test_the_other_accounts_names_are_free(self, create: Post) -> None:
        """What another account calls its groups doesn't matter."""
        assert create(name="Next door")["name"] == "Next door"

    @pytest.mark.parametrize("field", ["project_code", "external_ref"])
    def test_codes_are_unique(self, create: Post, provisioning: TestClient, field: str) -> None:
        """A code or reference that another project has is taken; the empty one is none."""
        create(name="First", **{field: "A-1"})
        create(name="Second", **{field: ""})
        create(name="Third", **{field: ""})

        refused(provisioning.post(CREATE, json={"name": "Fourth", field: "A-1"}), 400, bad_field(field, "already_use"))

    @pytest.mark.parametrize(
        ("body", "field", "code"),
        [
            ({}, "name", "missing"),
            ({"description": 5}, "name", "missing"),
            ({"name": ""}, "name", "invalid"),
            ({"name": None}, "name", "invalid"),
            ({"name": 5}, "name", "invalid"),
            ({"name": "X", "external_ref": 1}, "external_ref", "invalid"),
            ({"name": "X", "project_code": []}, "project_code", "invalid"),
            ({"name": "X", "project_code": "WEB-01"}, "project_code", "already_use"),
            ({"name": "X", "description": None}, "description", "invalid"),
            ({"name": "X", "category_name": {}}, "category_name", "invalid"),
            ({"name": "X", "category_name": "marketing"}, "category_name", "not_found"),
            ({"name": "X", "category_name": ""}, "category_name", "not_found"),
            ({"name": "X", "tags_names": "web"}, "tags_names", "invalid"),
            ({"name": "X", "tags_names": ["web", 1]}, "tags_names", "invalid"),
            ({"name": "X", "tags_names": [""]}, "tags_names", "invalid"),
            ({"name": "X", "leader1": "jean"}, "leader1", "invalid"),
            ({"name": "X", "leader1": GROUP}, "leader1", "invalid"),
            ({"name": "X", "leader1": 7}, "leader1", "invalid"),
            ({"name": "X", "leader1": "who@localhost"}, "leader1", "not_found"),
            ({"name": "X", "leader1": "user11@brasaverde.test"}, "leader1", "invalid"),
            ({"name": "X", "leader2": uuid("person:user", 999_999)}, "leader2", "not_found"),
            ({"name": "X", "leader2": uuid("person:user", 1, account=2**31)}, "leader2", "not_found"),
            ({"name": "X", "leader2": "user13@brasaverde.test"}, "leader2", "invalid"),
            ({"name": "X", "managers": "jean@localhost"}, "managers", "invalid"),
            ({"name": "X", "managers": ["jean@localhost", None]}, "managers", "invalid"),
            ({"name": "X", "managers": ["owner@neighbour.test"]}, "managers", "not_found"),
            ({"name": "X", "managers": ["user12@brasaverde.test"]}, "managers", "invalid"),
            ({"name": "X", "subtype": "extern"}, "subtype", "invalid"),
            ({"name": "X", "subtype": True}, "subtype", "invalid"),
            ({"name": "X", "subtype": "customer"}, "orga", "missing"),
            ({"name": "X", "subtype": "customer", "orga": "x"}, "orga", "invalid"),
            ({"name": "X", "subtype": "customer", "orga": GROUP}, "orga", "invalid"),
            ({"name": "X", "subtype": "customer", "orga": uuid("person:orga", 999_999)}, "orga", "not_found"),
            ({"name": "X", "subtype": "customer", "orga": OWN_COMPANY}, "orga", "invalid"),
            ({"name": "X", "access": "invited"}, "access", "invalid"),
            ({"name": "X", "with_guests": 2}, "with_guests", "invalid"),
            ({"name": "X", "with_guests": "true"}, "with_guests", "invalid"),
            ({"name": "X", "with_guests": 1.0}, "with_guests", "invalid"),
            ({"name": "X", "template": GROUP}, "template", "invalid"),
            ({"name": "X", "template": {}}, "template.id", "missing"),
            ({"name": "X", "template": {"id": "x"}}, "template.id", "invalid"),
            ({"name": "X", "template": {"id": uuid("person:group", 999_999)}}, "template.id", "not_found"),
            ({"name": "X", "template": {"id": uuid("person:group", 23)}}, "template.id", "not_found"),
            ({"name": "X", "template": {"id": GROUP, "members": "yes"}}, "template.members", "invalid"),
            ({"name": "X", "template": {"id": GROUP, "files": True}}, "template.files", "invalid"),
            ({"name": "X", "template": {"id": GROUP, "files": {"owned": 1}}}, "template.files.folders", "missing"),
            ({"name": "X", "template": {"id": GROUP, "files": {"others": True}}}, "template.files.folders", "missing"),
            ({"name": "X", "template": {"id": GROUP, "files": {"folders": "x"}}}, "template.files.folders", "invalid"),
            ({"name": "Archive", "leader1": "who@localhost"}, "name", "already_use"),
            ({"name": "Archive", "access": "x"}, "access", "invalid"),
        ],
    )  # fmt: skip
    def test_bad_fields(self, provisioning: TestClient, server, body: dict[str, Any], field: str, code: str) -> None:
        """The first field that is wrong is named, forms before what they mean; nothing is written."""
        before = state(server)

        refused(provisioning.post(CREATE, json=body), 400, bad_field(field, code))
        assert state(server) == before

    def test_tag_that_is_not_for_groups(self, create: Post, provisioning: TestClient, server) -> None:
        """Such a tag can't be put on one."""
        create(name="First", tags_names=["mine"])
        with server.app.sandboxes["default"].session() as session:
            (tag,) = (tables.Tag(**row) for row in rows(server, tables.Tag) if row["name"] == "mine")
            tag.for_group = False
            session.save(tag)

        refused(provisioning.post(CREATE, json={"name": "X", "tags_names": ["mine"]}), 400, bad_field("tags_names", "invalid"))

    def test_orga_of_an_internal_project_is_ignored(self, create: Post) -> None:
        """A company is for customers' projects only."""
        assert create(name="Inside", orga=CUSTOMER)["orga"] is None

    @pytest.mark.parametrize(
        "content",
        [
            b"", b"null", b"[]", b'"x"', b"5", b"{", b'{"name": NaN}', b'{"name": "\xff"}', b'{"name": "\\ud800"}',
            b"[" * 5000, b'{"name": ' + b"[" * 5000, b'{"name": "x"} x', b"\xef\xbb\xbf{}",
        ],
    )  # fmt: skip
    def test_no_json_object(self, provisioning: TestClient, content: bytes) -> None:
        """The body has to be one, in UTF-8."""
        refused(provisioning.post(CREATE, content=content), 400, ERROR_JSON)

    def test_unusual_json(self, create: Post, provisioning: TestClient) -> None:
        """The last of repeated keys counts; numbers of any size, and text of any length, are what they are."""
        response = provisioning.post(CREATE, content=b'{"name": "A", "name": "B", "more": 1' + b"0" * 30 + b"}")
        assert response.json()["result"]["name"] == "B"
        long = "名" * 100_000
        assert create(name="Long", description=long)["description"] == long
        assert create(name="\0 ‮x")["name"] == "\0 ‮x"
        response = provisioning.post(CREATE, content=b'{"name": "C", "with_guests": 1' + b"0" * 30 + b"}")
        refused(response, 400, bad_field("with_guests", "invalid"))
        refused(provisioning.post(CREATE, json={"name": "C", "managers": ["x"] * 100_000}), 400, bad_field("managers", "invalid"))

    def test_category_may_be_mandatory(self, act, create: Post, provisioning: TestClient, change: Post) -> None:
        """An account may want a category for new projects."""
        act("groupcamp", "set-account", category_required=True)

        refused(provisioning.post(CREATE, json={"name": "X"}), 400, bad_field("category_name", "missing"))
        assert create(name="X", category_name="Operations")["name"] == "X"
        assert change(description="y")["description"] == "y"

    def test_quota(self, act, create: Post, provisioning: TestClient, server) -> None:
        """When the plan's number of groups is reached, there can be no more; bad fields come first; archived groups count."""
        act("groupcamp", "set-account", group_quota=9)
        create(name="Ninth")
        before = state(server)

        refused(provisioning.post(CREATE, json={"name": "Tenth"}), 403, QUOTA)
        refused(provisioning.post(CREATE, json={"name": "Ninth"}), 400, bad_field("name", "already_use"))
        assert state(server) == before
        act("groupcamp", "set-group-state", group=GROUP, state="trash")
        create(name="Tenth")

    def test_forbidden(self, act, provisioning: TestClient) -> None:
        """The method can be forbidden."""
        act("groupcamp", "forbid", id="POST /core/v1/group/project")

        refused(provisioning.post(CREATE, json={"name": "X"}), 403, FORBIDDEN)

    def test_another_account(self, act, server) -> None:
        """A project belongs to the account of the key."""
        made = signing(server, "pk-demo-1", application="provisioning-1").post(CREATE, json={"name": "Mine"}).json()["result"]

        response = signing(server, "nk-demo-1").get(f"/task/v1/group/{made['id']}/tasks")

        assert response.status_code == 404


class TestTemplate:
    """The group that a new project is made like."""

    def test_members(self, create: Post, provisioning: TestClient, reporting: TestClient) -> None:
        """Members come along when asked for, delegation too; leaders don't lead."""
        made = create(name="Copy", template={"id": GROUP, "members": 1})

        group = shown(provisioning, made["id"])
        assert group["users"] == shown(provisioning)["users"]
        assert group["leader1"] is None
        assert made["nb_users"] == 5
        managed = reporting.get("/track/v1/report", params={"name": "Copy", "managing": BOSS}).json()["result"]
        assert [one["project"]["group_id"] for one in managed] == [made["id"]]

    def test_without_members(self, create: Post) -> None:
        """And not otherwise."""
        assert create(name="Copy", template={"id": GROUP, "members": False, "topics": 1})["nb_users"] == 0

    def test_settings(self, create: Post, provisioning: TestClient) -> None:
        """Access and guests are those of the template, unless the body says otherwise; no guest comes where none is taken."""
        (shop,) = provisioning.get("/core/v1/groups?name=Shop openings").json()["result"]

        like = create(name="Like", template={"id": shop["id"], "members": True})
        strict = create(name="Strict", template={"id": shop["id"], "members": True}, access="invite", with_guests=False)

        assert (like["can_accept_guest"], shown(provisioning, like["id"])["access"], like["nb_users"]) == (True, "open", 3)
        assert (strict["can_accept_guest"], shown(provisioning, strict["id"])["access"], strict["nb_users"]) == (
            False,
            "invited",
            2,
        )

    def test_deleted_members(self, create: Post, provisioning: TestClient, server) -> None:
        """A member who was deleted does not come along."""
        with server.app.sandboxes["default"].session() as session:
            (anna,) = (tables.User(**row) for row in rows(server, tables.User) if row["email"] == "anna@localhost")
            anna.state = "del"
            session.save(anna)

        made = create(name="Copy", template={"id": GROUP, "members": True})

        assert [user["id"] for user in shown(provisioning, made["id"])["users"]] == [
            user["id"] for user in shown(provisioning)["users"] if user["id"] != ANNA
        ]

    def test_applications_and_unit(self, act, create: Post, reporting: TestClient) -> None:
        """What is off in the template is off in the project, and its unit of time is the one to prefer."""
        act("groupcamp", "set-group-state", group=GROUP, tasks=False)
        act("groupcamp", "set-project", group=GROUP, time_unit="d")

        made = create(name="Copy", template={"id": GROUP})

        refused(reporting.get(f"/task/v1/group/{made['id']}/tasks"), 403, FORBIDDEN)
        act("groupcamp", "log-time", group=made["id"], duration=60, date="2031-03-03")
        (log,) = walk(reporting, f"/track/v1/group/{made['id']}/timelogs", start="2031-03-03", end="2031-03-03")
        assert log["time_unit"] == "d"

    def test_budget(self, create: Post, reporting: TestClient) -> None:
        """With `track` the budget comes along, for the dates of the template, without the time."""
        made = create(name="Copy", template={"id": GROUP, "track": True, "files": {"folders": 1, "others": True}})

        ours, theirs = (
            reporting.get(f"/track/v1/budget/{group}?with_detail=1&with_spent=1").json()["result"]
            for group in (made["id"], GROUP)
        )
        assert ours["dates"] == theirs["dates"]
        assert [line["cost"] for line in ours["lines"]] == [line["cost"] for line in theirs["lines"]][:2]
        assert (ours["amount"], ours["spent"]) == (theirs["amount"], 0)

    def test_without_budget(self, create: Post, reporting: TestClient) -> None:
        """And not otherwise."""
        made = create(name="Copy", template={"id": GROUP})

        assert reporting.get(f"/track/v1/budget/{made['id']}").status_code == 404

    def test_of_another_account(self, provisioning: TestClient) -> None:
        """Another account's group is not there."""
        body = {"name": "Copy", "template": {"id": uuid("person:group", 21, account=19)}}

        refused(provisioning.post(CREATE, json=body), 400, bad_field("template.id", "not_found"))

    def test_of_a_change(self, change: Post, server) -> None:
        """A change has no template; it is an unknown field there, whatever it says."""
        assert change(template={"id": "x"})["nb_users"] == 5


class TestUpdateProject:
    """POST /core/v1/group/project/{Group}."""

    def test_what_is_not_sent_stays(self, change: Post, provisioning: TestClient, server) -> None:
        """The own name alone changes nothing at all, and is no conflict."""
        before = state(server)

        changed = change()

        assert list(changed) == RESULT_KEYS
        assert (changed["id"], changed["name"], changed["nb_users"], changed["tags_names"]) == (
            GROUP,
            "Website relaunch",
            5,
            ["web"],
        )
        assert state(server) == before

    def test_rename(self, change: Post, server, provisioning: TestClient, reporting: TestClient) -> None:
        """A new name shows everywhere: in lists, in tasks of both generations, in time, in the report."""
        change(name="New name")

        assert shown(provisioning)["name"] == "WEB-01 New name"
        assert names(provisioning, search="web-01 new") == ["New name"]
        assert names(provisioning, name="Website relaunch") == []
        tasks = walk(reporting, f"/task/v1/group/{GROUP}/tasks")
        assert {task["list"]["group"]["name"] for task in tasks} == {"New name"}
        (log, _) = reporting.get("/track/v1/timelogs?start=2019-06-10&end=2019-06-16").json()["result"]
        assert log["owner"]["name"] == "New name"
        assert reporting.get("/track/v1/report?search=new name").json()["result"][0]["project"]["group_name"] == "New name"
        check_rows(server)

    def test_each_field(self, change: Post, provisioning: TestClient) -> None:
        """What is sent changes."""
        (anna,) = [user for user in shown(provisioning)["users"] if user["id"] == ANNA]

        change(
            description="", project_code="W-2", category_name="Operations", access="open", with_guests=1, leader2="anna@localhost"
        )

        group = shown(provisioning)
        assert (group["name"], group["description"], group["category"]["name"]) == ("W-2 Website relaunch", "", "Operations")
        assert (group["access"], group["can_accept_guest"], group["leader2"]) == ("open", True, anna)
        assert group["leader1"]["id"] == JEAN
        assert group["nb_users"] == 5

    def test_code_is_taken_away(self, change: Post, provisioning: TestClient) -> None:
        """An empty code is none."""
        change(project_code="")

        assert shown(provisioning)["name"] == "Website relaunch"
        assert names(provisioning, search="WEB-01") == []

    def test_reference_is_taken_away(self, change: Post, create: Post) -> None:
        """An empty reference is none, so another project may have the one before."""
        change(external_ref="crm-1")
        change(external_ref="")

        assert create(name="Other", external_ref="crm-1")["name"] == "Other"

    def test_own_code_is_no_conflict(self, change: Post) -> None:
        """What a project has already, it may be given again."""
        change(project_code="WEB-01", external_ref="e")
        change(project_code="WEB-01", external_ref="e")

    @pytest.mark.parametrize(("tags", "expected"), [([], []), (["print", "new"], ["print", "new"]), (None, ["web"])])
    def test_tags(self, change: Post, provisioning: TestClient, tags: list[str] | None, expected: list[str]) -> None:
        """An empty list takes all tags away, another one replaces them, none leaves them."""
        assert change(**({} if tags is None else {"tags_names": tags}))["tags_names"] == expected
        assert shown(provisioning)["tags_names"] == expected

    def test_managers(self, change: Post, provisioning: TestClient, reporting: TestClient) -> None:
        """The list replaces who manages; who managed stays a member, and a new one becomes one."""

        def manage(user: str) -> bool:
            return GROUP in [
                one["project"]["group_id"] for one in reporting.get(f"/track/v1/report?managing={user}").json()["result"]
            ]

        assert (manage(BOSS), manage(ANNA), manage(JEAN)) == (True, False, True)
        assert change(managers=[ANNA, "user9@brasaverde.test"])["nb_users"] == 6
        assert (manage(BOSS), manage(ANNA), manage(JEAN)) == (False, True, True)
        assert change(managers=[])["nb_users"] == 6
        assert (manage(ANNA), manage(JEAN)) == (False, True)

    def test_new_leader(self, change: Post, provisioning: TestClient) -> None:
        """A new leader becomes a member; the one before stays one."""
        assert change(leader1="user9@brasaverde.test")["nb_users"] == 6

        group = shown(provisioning)
        assert group["leader1"]["id"] in [user["id"] for user in group["users"]]
        assert JEAN in [user["id"] for user in group["users"]]

    def test_customer(self, change: Post, provisioning: TestClient) -> None:
        """A project becomes a customer's with a company, may change it, and loses it when it is internal again."""
        refused(
            provisioning.post(CHANGE, json={"name": "Website relaunch", "subtype": "customer"}), 400, bad_field("orga", "missing")
        )

        assert change(subtype="customer", orga=CUSTOMER)["orga"] == CUSTOMER
        assert change(subtype="customer")["orga"] == CUSTOMER
        assert change(orga=uuid("person:orga", 80))["orga"] == uuid("person:orga", 80)
        assert change()["subtype"] == "customer"
        assert change(subtype="internal")["orga"] is None
        assert shown(provisioning)["orga"] is None

    @pytest.mark.parametrize(
        ("body", "field", "code"),
        [
            ({"description": "x"}, "name", "missing"),
            ({"name": "Archive"}, "name", "already_use"),
            ({"name": "Website relaunch", "project_code": "SH-01"}, "project_code", "already_use"),
            ({"name": "Website relaunch", "leader1": ""}, "leader1", "invalid"),
            ({"name": "X", "category_name": "None"}, "category_name", "not_found"),
            ({"name": "X", "with_guests": None}, "with_guests", "invalid"),
        ],
    )
    def test_bad_fields(self, provisioning: TestClient, server, body: dict[str, Any], field: str, code: str) -> None:
        """The name is needed here too; nothing is half written."""
        before = state(server)

        refused(provisioning.post(CHANGE, json=body), 400, bad_field(field, code))
        assert state(server) == before

    @pytest.mark.parametrize(
        "group",
        ["x", JEAN, uuid("person:group", 999_999), uuid("person:group", 21, account=19), uuid("person:group", 1, account=2**31)],
    )
    def test_bad_or_unknown_group(self, provisioning: TestClient, group: str) -> None:
        """The method knows no 404."""
        refused(provisioning.post(f"{CREATE}/{group}", json={"name": "X"}), 400, error_id())

    def test_no_project(self, act, provisioning: TestClient) -> None:
        """An intranet is no project."""
        group = act("groupcamp", "create-group", name="Inside", gtype="intranet")["id"]

        refused(provisioning.post(f"{CREATE}/{group}", json={"name": "X"}), 400, error_id())

    def test_order_of_checks(self, act, provisioning: TestClient) -> None:
        """Form of the id, JSON, fields, existence, access."""
        unknown = f"{CREATE}/{uuid('person:group', 999_999)}"

        refused(provisioning.post(f"{CREATE}/x", content=b"{"), 400, error_id())
        refused(provisioning.post(unknown, content=b"{"), 400, ERROR_JSON)
        refused(provisioning.post(unknown, json={}), 400, bad_field("name", "missing"))
        act("groupcamp", "forbid", id=GROUP)
        refused(provisioning.post(CHANGE, json={"name": "Archive"}), 400, bad_field("name", "already_use"))
        refused(provisioning.post(CHANGE, json={"name": "X"}), 403, FORBIDDEN)

    @pytest.mark.parametrize("gone", ["trash", "del"])
    def test_group_that_can_not_be_retrieved(self, act, server, provisioning: TestClient, gone: str) -> None:
        """A group in the trash, or deleted, can't be changed."""
        act("groupcamp", "set-group-state", group=GROUP, state=gone)
        before = state(server)

        refused(provisioning.post(CHANGE, json={"name": "X"}), 403, FORBIDDEN)
        assert state(server) == before

    def test_archived(self, act, change: Post) -> None:
        """An archived one can."""
        act("groupcamp", "set-group-state", group=GROUP, state="archi")

        assert change(description="Done")["state"] == "archi"


def test_as_the_vendors_script_does(provisioning: TestClient) -> None:
    """Create, add somebody by address, change the tags: each with the id that the one before gave."""
    body = {
        "name": "Scripted",
        "management_team": uuid("person:team", 14),
        "template": {"id": GROUP, "track": 1},
        "with_guests": False,
    }
    made = provisioning.post(CREATE, json=body).json()["result"]
    added = provisioning.put("/core/v1/group/" + made["id"] + "/user/jean@localhost", content=b"")
    changed = provisioning.post(f"{CREATE}/" + made["id"], json={"name": "Scripted 2", "tags_names": ["one", "two"]})

    assert added.json() == {"result": {"value": "ok"}}
    assert changed.json()["result"]["tags_names"] == ["one", "two"]
    taken = provisioning.post(CREATE, json={"name": "Scripted 2"}).json()
    assert (taken["error"], taken["errors"][0]["field"], taken["errors"][0]["error"]) == ("bad_request", "name", "already_use")


PEOPLE = st.sampled_from(
    ["jean@localhost", "anna@localhost", "big.boss@localhost", "user5@brasaverde.test", "user12@brasaverde.test", "who@x"]
)
BODY = st.fixed_dictionaries(
    {"name": st.sampled_from(["A", "B", "C", "Website relaunch"])},
    optional={
        "project_code": st.sampled_from(["", "K-1", "K-2"]),
        "external_ref": st.sampled_from(["", "r"]),
        "tags_names": st.lists(st.sampled_from(["web", "one", "two"]), max_size=2),
        "leader1": PEOPLE,
        "leader2": PEOPLE,
        "managers": st.lists(PEOPLE, max_size=2),
        "subtype": st.sampled_from(["internal", "customer"]),
        "orga": st.just(CUSTOMER),
        "with_guests": st.booleans(),
    },
)
STEP = st.one_of(
    st.tuples(st.just("create"), BODY),
    st.tuples(st.just("change"), st.tuples(st.integers(0, 5), BODY)),
    st.tuples(st.just("PUT"), st.tuples(st.integers(0, 5), PEOPLE)),
    st.tuples(st.just("DELETE"), st.tuples(st.integers(0, 5), PEOPLE)),
)


class TestAnySequence:
    """Whatever is written, in whatever order."""

    @settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(steps=st.lists(STEP, max_size=12))
    def test_leaves_the_data_consistent(self, server, steps: list[tuple[str, Any]]) -> None:
        """What is refused changes nothing, and what is done leaves members, leaders, names and documents in step."""
        server.reset()
        client = signing(server, "pk-demo-1", application="provisioning-1")
        for what, with_what in steps:
            before = state(server)
            projects = [group["id"] for group in client.get("/core/v1/groups?gtype=project").json()["result"]]
            if what == "create":
                response = client.post(CREATE, json=with_what)
            else:
                project = projects[with_what[0] % len(projects)]
                if what == "change":
                    response = client.post(f"{CREATE}/{project}", json=with_what[1])
                else:
                    response = client.request(what, f"/core/v1/group/{project}/user/{with_what[1]}")
            assert response.status_code in (200, 400, 403, 404)
            assert response.status_code == 200 or state(server) == before

        check_office(server)
        check_rows(server)
        for group in client.get("/core/v1/groups").json()["result"]:
            full = shown(client, group["id"])
            assert full["nb_users"] == len(full["users"])
            assert full["tags_names"] == [tag["name"] for tag in full["rich_tags"]]
