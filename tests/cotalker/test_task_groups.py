"""Cotalker's task groups: one by one, and new ones."""

from typing import Any

import orjson
import pytest
from starlette.testclient import TestClient

PATH = "/api/v2/task-groups"
COMPANY = "613eafd572343ecb53cc8ccc"
FREE_GROUP = "61ae5eb11f130a35a73e2e06"
TAKEN_GROUP = "61a8b1f8685ed3562e7cfd9a"
GROUP_OF_ARCHIVE = "62bf5df6654e96017e00e43f"
NEIGHBOUR_FREE_GROUP = "61ae5f3c1f130a35a73e2e2f"
NEIGHBOUR_TAKEN_GROUP = "61ae5f461f130a35a73e2e35"
WEBSITE = "61a8b233685ed3562e7cfdeb"
ARCHIVE = "62bf5e21654e96017e00e488"
ID = "61ae5f2ebb6c6f1869625b90"

DEFAULTS: dict[str, Any] = {
    "isActive": True,
    "readonly": False,
    "taskEditorPermissions": [],
    "taskFollowerPermissions": [],
    "writePermissions": [],
    "readPermissions": [],
    "flowType": "free",
    "hideClosedAfterDays": 30,
    "defaultView": "list",
    "levelConfig": [20, 20, 10],
    "availableViews": ["list"],
}
VIEWS = ["list", "kanban", "calendar", "gantt", "grid"]
VIEW = f"be one of [{', '.join(VIEWS)}]"
PERMISSION_LISTS = [
    "taskEditorPermissions", "taskFollowerPermissions", "taskImportPermissions", "writePermissions", "readPermissions",
]  # fmt: skip


class TestGetTaskGroups:
    """GET /api/v2/task-groups."""

    def test_lists_the_company(self, agent: TestClient, rows) -> None:
        """Anybody sees every task group of the company, those included whose tasks are closed to them."""
        assert sorted(group["collectionName"] for group in rows(agent, PATH)) == [
            "archive", "field_service", "shop_openings", "training", "website_relaunch",
        ]  # fmt: skip

    def test_rows_are_whole(self, cotalker: TestClient, rows) -> None:
        """A row is the same document as the task group alone."""
        for group in rows(cotalker, PATH):
            assert cotalker.get(f"{PATH}/{group['_id']}").json() == {"data": group}

    def test_key_by_setting(self, serve) -> None:
        """UNDERSTUDY_COTALKER_TASK_GROUP_LIST_KEY=taskgroups names the rows as version 1 did; no other list changes."""
        client = serve(cotalker_task_group_list_key="taskgroups").client("/cotalker", Authorization="Bearer cotalker-admin")

        data = client.get(f"{PATH}?count=true&limit=2").json()["data"]

        assert list(data) == ["taskgroups", "count", "counter"]
        assert len(data["taskgroups"]) == 2
        assert list(client.get(f"{PATH}/{WEBSITE}/tasks").json()["data"]) == ["values"]


class TestGetTaskGroupById:
    """GET /api/v2/task-groups/{taskGroupId}."""

    def test_found(self, cotalker: TestClient) -> None:
        """The document comes in `data`."""
        response = cotalker.get(f"{PATH}/{WEBSITE}")

        assert response.status_code == 200
        assert response.headers["content-type"] == "application/json; charset=utf-8"
        assert list(response.json()) == ["data"]
        assert response.json()["data"]["_id"] == WEBSITE
        assert response.json()["data"]["collectionName"] == "website_relaunch"

    def test_inactive(self, cotalker: TestClient) -> None:
        """One that is no longer in use is found too."""
        assert cotalker.get(f"{PATH}/{ARCHIVE}").json()["data"]["isActive"] is False

    def test_upper_case(self, cotalker: TestClient) -> None:
        """An ObjectId is the same in either case."""
        assert cotalker.get(f"{PATH}/{WEBSITE.upper()}").json()["data"]["_id"] == WEBSITE

    @pytest.mark.parametrize(
        ("id_", "shown"),
        [
            ("x", "x"),
            (WEBSITE[:-1], WEBSITE[:-1]),
            (f"{WEBSITE}0", f"{WEBSITE}0"),
            ("g" * 24, "g" * 24),
            ("%00", "\0"),
            (f"{WEBSITE}%0A", f"{WEBSITE}\n"),
            ("%F0%9F%A6%8A", "\U0001f98a"),
            ("undefined", "undefined"),
            ("%22", '"'),
        ],
    )
    def test_malformed(self, cotalker: TestClient, assert_refused, id_: str, shown: str) -> None:
        """An id that is none is a 400 that shows it."""
        assert_refused(cotalker.get(f"{PATH}/{id_}"), 400, f'"taskGroupId" must be a valid ObjectId:\n("{shown}")')

    @pytest.mark.parametrize("id_", [ID, FREE_GROUP, TAKEN_GROUP, "0" * 24, "62bf5e2b654e96017e00e492"])
    def test_unknown(self, cotalker: TestClient, assert_refused, id_: str) -> None:
        """Unknown, the id of a workflow group, or of another company: not found."""
        assert_refused(cotalker.get(f"{PATH}/{id_}"), 404, "Not Found")


class TestCreateTaskGroup:
    """POST /api/v2/task-groups."""

    def test_fills_in_what_was_not_sent(self, cotalker: TestClient, clock) -> None:
        """A group alone gives the document of the vendor's sample, keys in its order, eleven milliseconds between the stamps."""
        clock.freeze("2026-06-01T08:00:00.932Z")

        response = cotalker.post(PATH, json={"group": FREE_GROUP})

        assert response.status_code == 200
        assert response.headers["content-type"] == "application/json; charset=utf-8"
        created = response.json()
        assert list(created.items()) == [
            *DEFAULTS.items(),
            ("_id", created["_id"]),
            ("group", FREE_GROUP),
            ("company", COMPANY),
            ("createdAt", "2026-06-01T08:00:00.932Z"),
            ("taskPropertyPermissions", []),
            ("collectionName", "task_manager"),
            ("modifiedAt", "2026-06-01T08:00:00.943Z"),
            ("__v", 0),
        ]
        assert int(created["_id"][:8], 16) == 1780300800

    def test_is_kept(self, cotalker: TestClient, rows) -> None:
        """What was answered is found again, alone and in the list, and has no tasks."""
        created = cotalker.post(PATH, json={"group": FREE_GROUP}).json()

        assert cotalker.get(f"{PATH}/{created['_id']}").json() == {"data": created}
        assert rows(cotalker, PATH, groupIds=FREE_GROUP) == [created]
        assert rows(cotalker, f"{PATH}/{created['_id']}/tasks") == []

    def test_group_in_upper_case(self, cotalker: TestClient) -> None:
        """The group is found in either case and kept in lower case."""
        assert cotalker.post(PATH, json={"group": FREE_GROUP.upper()}).json()["group"] == FREE_GROUP

    @pytest.mark.parametrize(
        ("field", "value"),
        [
            ("isActive", False),
            ("readonly", True),
            ("flowType", "state-machine"),
            ("flowType", "free"),
            *[("hideClosedAfterDays", days) for days in (0, 7, 1825, 7.5)],
            *[("defaultView", view) for view in VIEWS],
            *[("availableViews", views) for views in ([], ["kanban"], VIEWS)],
            *[("levelConfig", levels) for levels in ([], [1], [50], [10, 10, 10, 10, 10], [46, 1, 1, 1, 1])],
            *[(name, value) for name in PERMISSION_LISTS for value in ([], ["app-access"], ["b", "a", "\U0001f98a \u05d0"])],
            ("taskPropertyPermissions", []),
            ("taskPropertyPermissions", [{"property": ID, "editor": ["a"], "follower": []}]),
            ("taskPropertyPermissions", [{"property": ID, "editor": [], "follower": [code]} for code in "ab"]),
            ("initialStateMachine", ID),
            ("initialStateMachine", None),
            ("defaultFilter", ID),
            ("defaultFilter", None),
        ],
    )
    def test_writable_fields(self, cotalker: TestClient, rows, field: str, value: object) -> None:
        """A field that is sent is kept as it was sent, and the others keep their defaults."""
        created = cotalker.post(PATH, json={field: value, "group": FREE_GROUP}).json()

        assert created[field] == value
        assert {**created, field: None} == {**created, **DEFAULTS, field: None}
        assert rows(cotalker, PATH, ids=created["_id"]) == [created]

    def test_all_fields_at_once(self, cotalker: TestClient) -> None:
        """Fields without a default stand behind the name of the collection."""
        wishes = {"defaultFilter": ID, "initialStateMachine": ID, "taskImportPermissions": ["x"], "isActive": False}

        created = cotalker.post(PATH, json={"group": FREE_GROUP, **wishes}).json()

        assert {name: created[name] for name in wishes} == wishes
        assert list(created)[-6:] == [
            "collectionName", "taskImportPermissions", "initialStateMachine", "defaultFilter", "modifiedAt", "__v",
        ]  # fmt: skip

    def test_inactive_from_the_start(self, cotalker: TestClient, rows) -> None:
        """A task group made inactive is listed with the inactive ones."""
        created = cotalker.post(PATH, json={"group": FREE_GROUP, "isActive": False}).json()

        assert created in rows(cotalker, PATH, isActive="false")
        assert created not in rows(cotalker, PATH, isActive="true")

    @pytest.mark.parametrize(
        ("sent", "kept"),
        [
            ('"levelConfig": [20.0, 1e1]', ("levelConfig", [20, 10])),
            ('"hideClosedAfterDays": 7.0', ("hideClosedAfterDays", 7)),
            (f'"initialStateMachine": "{ID.upper()}"', ("initialStateMachine", ID)),
            (
                f'"taskPropertyPermissions": [{{"property": "{ID.upper()}", "extra": 1}}]',
                ("taskPropertyPermissions", [{"property": ID, "editor": [], "follower": []}]),
            ),
            ('"defaultView": "grid", "defaultView": "gantt"', ("defaultView", "gantt")),
        ],
    )
    def test_other_spellings(self, cotalker: TestClient, sent: str, kept: tuple[str, object]) -> None:
        """Numbers are JavaScript's, ids are kept in lower case, of two equal keys the last counts."""
        response = cotalker.post(PATH, content=f'{{"group": "{FREE_GROUP}", {sent}}}')

        field, value = kept
        assert repr(response.json()[field]) == repr(value)

    @pytest.mark.parametrize(
        ("field", "value"),
        [
            ("_id", ID),
            ("company", "613eafd572343ecb53cc8cd1"),
            ("createdAt", "2000-01-01T00:00:00.000Z"),
            ("modifiedAt", "2000-01-01T00:00:00.000Z"),
            ("collectionName", "mine"),
            ("botUser", ID),
            ("__v", 7),
            ("tasks", []),
            ("", 1),
            ("__proto__", {"isActive": False}),
            ("deep", [[[[{"er": None}]]]]),
        ],
    )
    def test_ignored_fields(self, cotalker: TestClient, clock, server, field: str, value: object) -> None:
        """What the server manages, and what it doesn't know, may be sent and has no effect."""
        clock.freeze("2026-06-01T08:00:00Z")
        expected = cotalker.post(PATH, json={"group": FREE_GROUP}).json()
        server.reset()
        clock.freeze("2026-06-01T08:00:00Z")

        created = cotalker.post(PATH, json={"group": FREE_GROUP, field: value}).json()

        assert created == expected

    @pytest.mark.parametrize(
        ("body", "error"),
        [
            ("{}", '"group" is required'),
            ("", '"group" is required'),
            ('{"isActive": 5}', '"group" is required'),
            ('{"GROUP": "61ae5eb11f130a35a73e2e06"}', '"group" is required'),
            ('{"group": "x"}', '"group" must be a valid ObjectId:\n("x")'),
            ('{"group": ""}', '"group" must be a valid ObjectId:\n("")'),
            ('{"group": null}', '"group" must be a valid ObjectId:\n("null")'),
            ('{"group": 5}', '"group" must be a valid ObjectId:\n("5")'),
            ('{"group": ["61ae5eb11f130a35a73e2e06"]}', '"group" must be a valid ObjectId:\n("["61ae5eb11f130a35a73e2e06"]")'),
            ('{"group": {"$ne": null}}', '"group" must be a valid ObjectId:\n("{"$ne":null}")'),
        ],
    )
    def test_group_is_needed(self, cotalker: TestClient, assert_refused, body: str, error: str) -> None:
        """`group` must be there and be an id, before any other field is looked at."""
        assert_refused(cotalker.post(PATH, content=body), 400, error)

    @pytest.mark.parametrize(
        ("field", "value", "must"),
        [
            *[(name, value, "be a boolean") for name in ("isActive", "readonly") for value in ("true", 1, None, "", [])],
            *[("flowType", value, "be one of [free, state-machine]") for value in ("strict", "", "FREE", None, 1, ["free"])],
            *[("defaultView", value, VIEW) for value in ("table", "", "List", None, 1, {})],
            *[("hideClosedAfterDays", value, "be a number") for value in ("30", None, True, [30])],
            *[("hideClosedAfterDays", value, "be greater than or equal to 0") for value in (-1, -0.5, -1e300)],
            *[("hideClosedAfterDays", value, "be less than or equal to 1825") for value in (1826, 1825.5, 1e300)],
            *[("levelConfig", value, "be an array") for value in (20, "20", None, {})],
            *[
                ("levelConfig", value, "contain whole numbers from 1 up")
                for value in ([0], [20, 0], [-1], [1.5], ["20"], [None], [True], [[1]])
            ],
            ("levelConfig", [9, 9, 9, 9, 9, 5], "contain at most 5 items"),
            ("levelConfig", [1, 1, 1, 1, 1, 1], "contain at most 5 items"),
            *[("levelConfig", value, "add up to at most 50") for value in ([51], [20, 20, 11], [1e300])],
            *[
                (name, value, "be an array of strings")
                for name in (*PERMISSION_LISTS, "availableViews")
                for value in ("app-access", None, [1], [None], [["a"]], {"a": 1})
            ],
            *[("taskPropertyPermissions", value, "be an array of objects") for value in ({}, None, "x", [1], [None], [[]])],
            *[
                (name, value, "be a valid ObjectId")
                for name in ("initialStateMachine", "defaultFilter")
                for value in ("x", "", 5, False, [])
            ],
        ],
    )
    def test_refused_values(self, cotalker: TestClient, assert_refused, field: str, value: Any, must: str) -> None:
        """A value that doesn't fit is named and shown."""
        shown = value if isinstance(value, str) else orjson.dumps(value).decode()

        response = cotalker.post(PATH, json={"group": FREE_GROUP, field: value})

        assert_refused(response, 400, f'"{field}" must {must}:\n("{shown}")')

    def test_numbers_beyond_64_bits(self, cotalker: TestClient, assert_refused) -> None:
        """A number of any length is read as JavaScript's JSON.parse reads it."""
        body = f'{{"group": "{FREE_GROUP}", "hideClosedAfterDays": 1{"0" * 30}}}'

        response = cotalker.post(PATH, content=body)

        assert_refused(response, 400, '"hideClosedAfterDays" must be less than or equal to 1825:\n("1e+30")')

    @pytest.mark.parametrize(
        ("body", "error"),
        [
            ({"availableViews": ["list", "table"]}, f'"availableViews" must {VIEW}:\n("table")'),
            ({"taskPropertyPermissions": [{}]}, '"taskPropertyPermissions[0].property" is required'),
            (
                {"taskPropertyPermissions": [{"property": ID}, {"property": "x"}]},
                '"taskPropertyPermissions[1].property" must be a valid ObjectId:\n("x")',
            ),
            (
                {"taskPropertyPermissions": [{"property": ID, "editor": "x"}]},
                '"taskPropertyPermissions[0].editor" must be an array of strings:\n("x")',
            ),
            (
                {"taskPropertyPermissions": [{"property": ID, "follower": [1]}]},
                '"taskPropertyPermissions[0].follower" must be an array of strings:\n("[1]")',
            ),
        ],
    )
    def test_refused_items(self, cotalker: TestClient, assert_refused, body: dict[str, Any], error: str) -> None:
        """Of a list the item that doesn't fit is shown."""
        assert_refused(cotalker.post(PATH, json={"group": FREE_GROUP, **body}), 400, error)

    @pytest.mark.parametrize("group", [ID, WEBSITE, "0" * 24, NEIGHBOUR_FREE_GROUP, NEIGHBOUR_TAKEN_GROUP])
    def test_unknown_group(self, cotalker: TestClient, assert_refused, group: str) -> None:
        """A group that the company doesn't have is not found, whoever else has it, and whether or not it is taken."""
        assert_refused(cotalker.post(PATH, json={"group": group}), 404, "Not Found")

    @pytest.mark.parametrize("group", [TAKEN_GROUP, GROUP_OF_ARCHIVE, TAKEN_GROUP.upper()])
    def test_taken_group(self, cotalker: TestClient, assert_refused, group: str) -> None:
        """A group belongs to one task group at most, active or not."""
        response = cotalker.post(PATH, json={"group": group})

        assert_refused(response, 409, '"group" already belongs to a task group')

    def test_second_time(self, cotalker: TestClient, assert_refused, rows) -> None:
        """The same request twice makes one task group."""
        created = cotalker.post(PATH, json={"group": FREE_GROUP}).json()

        response = cotalker.post(PATH, json={"group": FREE_GROUP, "isActive": False})

        assert_refused(response, 409, '"group" already belongs to a task group')
        assert rows(cotalker, PATH, groupIds=FREE_GROUP) == [created]

    def test_values_come_before_the_group_is_looked_up(self, cotalker: TestClient, assert_refused) -> None:
        """400 before 404 and 409."""
        for group in (ID, TAKEN_GROUP):
            response = cotalker.post(PATH, json={"group": group, "readonly": 1})
            assert_refused(response, 400, '"readonly" must be a boolean:\n("1")')

    def test_refusals_leave_nothing_behind(self, cotalker: TestClient, server, clock, rows) -> None:
        """After any refusal the list is as it was, and the next id is the one that it would have been."""
        clock.freeze("2026-06-01T08:00:00Z")
        expected = cotalker.post(PATH, json={"group": FREE_GROUP}).json()
        server.reset()
        clock.freeze("2026-06-01T08:00:00Z")
        before = rows(cotalker, PATH)

        for body, status in (
            ({}, 400),
            ({"group": FREE_GROUP, "defaultFilter": 5}, 400),
            ({"group": ID}, 404),
            ({"group": TAKEN_GROUP}, 409),
        ):
            assert cotalker.post(PATH, json=body).status_code == status

        assert rows(cotalker, PATH) == before
        assert cotalker.post(PATH, json={"group": FREE_GROUP}).json() == expected

    def test_wrapped_by_setting(self, serve) -> None:
        """UNDERSTUDY_COTALKER_CREATE_ENVELOPE=data answers the document in `data`."""
        client = serve(cotalker_create_envelope="data").client("/cotalker", Authorization="Bearer cotalker-admin", Admin="true")

        created = client.post(PATH, json={"group": FREE_GROUP}).json()

        assert list(created) == ["data"]
        assert client.get(f"{PATH}/{created['data']['_id']}").json() == created

    def test_union_by_setting(self, serve) -> None:
        """UNDERSTUDY_COTALKER_CREATE_ENVELOPE=union answers the fields and, beside them, the document in `data`."""
        client = serve(cotalker_create_envelope="union").client("/cotalker", Authorization="Bearer cotalker-admin", Admin="true")

        created = client.post(PATH, json={"group": FREE_GROUP}).json()

        document = created.pop("data")
        assert created == document
        assert client.get(f"{PATH}/{document['_id']}").json() == {"data": document}

    @pytest.mark.parametrize("envelope", ["bare", "data", "union"])
    def test_refusals_have_one_form(self, serve, assert_refused, envelope: str) -> None:
        """The setting changes the answer to a creation, not the refusals."""
        client = serve(cotalker_create_envelope=envelope).client("/cotalker", Authorization="Bearer cotalker-admin", Admin="true")

        assert_refused(client.post(PATH, json={}), 400, '"group" is required')

    def test_long_and_foreign_text(self, cotalker: TestClient, rows) -> None:
        """Text comes back as it was sent, however long and in whatever script."""
        codes = ["x" * 100_000, "\u05e9\u05dc\u05d5\u05dd \u202e abc", "\U0001f469\u200d\U0001f680", "a\0b", "\ufeff", " "]

        created = cotalker.post(PATH, json={"group": FREE_GROUP, "readPermissions": codes}).json()

        assert created["readPermissions"] == codes
        assert rows(cotalker, PATH, ids=created["_id"])[0]["readPermissions"] == codes
