"""Cotalker's searches with a query in the manner of MongoDB, seen through `…/task/all`."""

import time
from collections.abc import Callable
from typing import Any

import pytest
from starlette.testclient import TestClient

from understudy.vendors.cotalker import finding

GROUP = "61a8b233685ed3562e7cfdeb"
TASK = "61a9045c49cb12c5f92f9ed4"
ADMIN = "61b9b7a9d258d731520fc846"
AGENT = "61b9b7b1d258d731520fc84a"
STATE = "61b9b7fdac349679d0e2f26b"
PENDING = "61b9b803b8cf489071f6f6a6"
ASSET = "61b9b7f06231d52cb9b341ea"
UNKNOWN = "ffffffffffffffffffffffff"
ALL = f"/api/v1/tasks/{GROUP}/task/all"
OPERATORS = "$eq, $ne, $in, $nin, $all, $exists, $gt, $gte, $lt, $lte, $not, $regex"

Task = dict[str, Any]


@pytest.fixture
def find(cotalker: TestClient) -> Callable[..., list[Task]]:
    """Return a function that searches and gives the tasks that it finds."""

    def search(**query: Any) -> list[Task]:
        response = cotalker.post(ALL, json=query)
        assert response.status_code == 200, response.text
        found: list[Task] = response.json()
        return found

    return search


@pytest.fixture
def every(rows, cotalker: TestClient) -> list[Task]:
    """Every task of the group, from the list of version 2."""
    found: list[Task] = rows(cotalker, f"/api/v2/task-groups/{GROUP}/tasks")
    assert len(found) == 70
    return found


MIDDLE = "2026-02-01T00:00:00.000Z"

# A query, and the same in Python.
QUERIES: list[tuple[str, dict[str, Any], Callable[[Task], bool]]] = [
    ("nothing", {}, lambda t: True),
    ("active", {"isActive": True}, lambda t: t["isActive"]),
    ("inactive", {"isActive": False}, lambda t: not t["isActive"]),
    ("id", {"_id": TASK}, lambda t: t["_id"] == TASK),
    ("id in capitals", {"_id": TASK.upper()}, lambda t: t["_id"] == TASK),
    ("ids", {"_id": {"$in": [TASK, UNKNOWN]}}, lambda t: t["_id"] == TASK),
    ("no ids", {"_id": {"$in": []}}, lambda t: False),
    ("member", {"userList": AGENT}, lambda t: AGENT in t["userList"]),
    ("members", {"userList": {"$in": [AGENT, ADMIN]}}, lambda t: {AGENT, ADMIN} & {*t["userList"]}),
    ("no member", {"userList": {"$ne": AGENT}}, lambda t: AGENT not in t["userList"]),
    ("both members", {"userList": {"$all": [AGENT, ADMIN]}}, lambda t: {AGENT, ADMIN} <= {*t["userList"]}),
    ("status", {"status": PENDING}, lambda t: t["status"] == PENDING),
    ("statuses", {"status": {"$in": [PENDING]}}, lambda t: t["status"] == PENDING),
    ("state", {"smState": STATE}, lambda t: t["smState"] == STATE),
    ("other states", {"smState": {"$ne": STATE}}, lambda t: t["smState"] != STATE),
    ("states", {"smState": {"$in": [STATE]}}, lambda t: t["smState"] == STATE),
    ("not in states", {"smState": {"$nin": [STATE]}}, lambda t: t["smState"] != STATE),
    ("assignee", {"assignee": ADMIN}, lambda t: t["assignee"] == ADMIN),
    ("assignees", {"assignee": {"$in": [ADMIN, AGENT]}}, lambda t: t["assignee"] in (ADMIN, AGENT)),
    ("assignee and state", {"assignee": ADMIN, "smState": STATE}, lambda t: t["assignee"] == ADMIN and t["smState"] == STATE),
    ("asset", {"asset": ASSET}, lambda t: t["asset"] == ASSET),
    ("serial", {"serial": 7}, lambda t: t["serial"] == 7),
    ("serials", {"serial": [3, 7, 1000]}, lambda t: t["serial"] in (3, 7)),
    ("serials in", {"serial": {"$in": [3, 7]}}, lambda t: t["serial"] in (3, 7)),
    ("serial from", {"serial": {"$gte": 60}}, lambda t: t["serial"] >= 60),
    ("serial between", {"serial": {"$gt": 10, "$lt": 13}}, lambda t: t["serial"] in (11, 12)),
    ("serial from and up to", {"serial": {"$gte": 5, "$lte": 6}}, lambda t: t["serial"] in (5, 6)),
    ("name", {"name": "Weekly check"}, lambda t: t["name"] == "Weekly check"),
    ("name begins", {"name": {"$regex": "^Draft"}}, lambda t: t["name"].startswith("Draft")),
    ("name contains", {"name": {"$regex": "PRICE", "$options": "i"}}, lambda t: "price" in t["name"].lower()),
    ("name lookahead", {"name": {"$regex": "^(?!Draft)"}}, lambda t: not t["name"].startswith("Draft")),
    ("not by pattern", {"name": {"$not": {"$regex": "^Draft"}}}, lambda t: not t["name"].startswith("Draft")),
    ("made since", {"createdAt": {"$gte": MIDDLE}}, lambda t: t["createdAt"] >= MIDDLE),
    ("made since the day", {"createdAt": {"$gte": "2026-02-01"}}, lambda t: t["createdAt"] >= MIDDLE),
    ("made on a day", {"createdAt": "2021-12-02"}, lambda t: t["createdAt"].startswith("2021-12-02T")),
    ("changed on a day", {"$nor": [{"modifiedAt": "2021-12-03"}]}, lambda t: not t["modifiedAt"].startswith("2021-12-03T")),
    ("either serials", {"$or": [{"serial": [3, 7]}, {"serial": 9}]}, lambda t: t["serial"] in (3, 7, 9)),
    ("made since in ms", {"createdAt": {"$gte": 1769904000000}}, lambda t: t["createdAt"] >= MIDDLE),
    ("made before", {"createdAt": {"$lt": MIDDLE}}, lambda t: t["createdAt"] < MIDDLE),
    ("made after", {"createdAt": {"$gt": MIDDLE, "$lte": "2026-04-01"}}, lambda t: MIDDLE < t["createdAt"] <= "2026-04-01T"),
    ("begins", {"startDate": {"$gt": MIDDLE}}, lambda t: "startDate" in t and t["startDate"] > MIDDLE),
    ("ends", {"endDate": {"$lte": MIDDLE}}, lambda t: "endDate" in t and t["endDate"] <= MIDDLE),
    ("has no dates", {"startDate": None}, lambda t: t.get("startDate") is None),
    ("has a field", {"status1": {"$exists": True}}, lambda t: "status1" in t),
    ("lacks a field", {"status1": {"$exists": False}}, lambda t: "status1" not in t),
    ("field is null", {"status1": None}, lambda t: t.get("status1") is None),
    ("field is not null", {"status1": {"$ne": None}}, lambda t: t.get("status1") is not None),
    ("open", {"closedAt": {"$eq": None}}, lambda t: t["closedAt"] is None),
    ("either", {"$or": [{"serial": 1}, {"name": "Weekly check"}]}, lambda t: t["serial"] == 1 or t["name"] == "Weekly check"),
    ("neither", {"$nor": [{"isActive": True}, {"serial": 9}]}, lambda t: not t["isActive"] and t["serial"] != 9),
    ("both", {"$and": [{"isActive": True}, {"serial": {"$lt": 9}}]}, lambda t: t["isActive"] and t["serial"] < 9),
    ("unknown field", {"nothing": 1}, lambda t: False),
    ("unknown field is absent", {"nothing": None}, lambda t: True),
    ("within a field", {"extensions.visits.city": "Lima"}, lambda t: False),
    ("true is not one", {"indentation": {"$in": [1]}}, lambda t: t["indentation"] == 1),
    ("empty list", {"answers": []}, lambda t: t["answers"] == []),
]


class TestQuery:
    """What a query finds."""

    @pytest.mark.parametrize(("query", "holds"), [case[1:] for case in QUERIES], ids=[case[0] for case in QUERIES])
    def test_finds(self, find, every: list[Task], query: dict[str, Any], holds: Callable[[Task], bool]) -> None:
        """It finds what the same condition in Python finds in the whole list, by `_id`."""
        assert find(**query) == sorted((task for task in every if holds(task)), key=lambda task: task["_id"])

    def test_cases_tell_something_apart(self, every: list[Task]) -> None:
        """Most conditions above hold for some tasks and not for others."""
        telling = [name for name, _, holds in QUERIES if 0 < sum(bool(holds(task)) for task in every) < len(every)]

        assert len(telling) > 40

    def test_without_body(self, cotalker: TestClient, every: list[Task]) -> None:
        """Without a body all tasks come, without any limit."""
        assert cotalker.post(ALL).json() == sorted(every, key=lambda task: task["_id"])

    def test_short_path(self, cotalker: TestClient, every: list[Task]) -> None:
        """The path that the newer SDK calls finds the same, in the same form."""
        short = ALL.removesuffix("/all")

        for path in (short, f"{short}/"):
            assert cotalker.post(path, json={"serial": [3, 7]}).json() == cotalker.post(ALL, json={"serial": [3, 7]}).json()
            assert cotalker.post(path).json() == sorted(every, key=lambda task: task["_id"])

    def test_within_objects_and_arrays(self, cotalker: TestClient, find, make_task) -> None:
        """A path leads through objects and, item by item, through arrays; an index leads to one item."""
        task = make_task(extensions={"visits": {"city": "Lima", "stops": [{"at": 1}, {"at": 5}], "none": []}})

        for path, value in [("city", "Lima"), ("stops.at", 5), ("stops.1.at", 5), ("stops", {"at": 1})]:
            assert [found["_id"] for found in find(**{f"extensions.visits.{path}": value})] == [task["_id"]], path
        assert find(**{"extensions.visits.stops.0.at": 5}) == []
        assert find(**{"_id": task["_id"], "extensions.visits.none.at": None}) == [task]
        assert find(**{"extensions.visits.stops.at": True}) == []
        assert find(**{f"extensions.visits.stops.{'9' * 5000}": 1}) == []

    def test_for_everybody(self, agent: TestClient, cotalker: TestClient) -> None:
        """The search finds tasks that have nothing to do with the caller."""
        assert agent.post(ALL).json() == cotalker.post(ALL).json()

    def test_stored_text(self, find, make_task) -> None:
        """Any text can be found again."""
        names = ["naïve 🐙", "שלום", "a" * 100_000, "50% of 'x' \"y\""]
        ids = [make_task(name=name)["_id"] for name in names]

        assert [find(name=name)[0]["_id"] for name in names] == ids
        assert [task["_id"] for task in find(name={"$regex": "🐙$"})] == ids[:1]


class TestPart:
    """`limit`, `skip` and `fields`."""

    @pytest.mark.parametrize(("skip", "limit"), [(0, 5), (5, 5), (68, 5), (70, 1), (0, 0), (69, 0), (10**15, 5)])
    def test_limit_and_skip(self, find, every: list[Task], skip: int, limit: int) -> None:
        """They cut a piece out of the result; a limit of 0 is none."""
        whole = sorted(every, key=lambda task: task["_id"])

        assert find(skip=skip, limit=limit) == whole[skip : skip + limit if limit else None]

    def test_fields(self, find) -> None:
        """Only the fields that are asked for come, and `_id`."""
        assert find(serial=1, fields=["serial", "name", "nothing"]) == [
            {"_id": TASK, "name": find(serial=1)[0]["name"], "serial": 1}
        ]
        assert find(serial=1, fields=[]) == [{"_id": TASK}]

    @pytest.mark.parametrize(
        ("body", "error"),
        [
            ({"limit": "x"}, '"limit" must be a number:\n("x")'),
            ({"limit": 1.5}, '"limit" must be an integer:\n("1.5")'),
            ({"skip": -1}, '"skip" must be greater than or equal to 0:\n("-1")'),
            ({"fields": "name"}, '"fields" must be an array of strings:\n("name")'),
        ],
    )
    def test_refused(self, cotalker: TestClient, assert_refused, body: Any, error: str) -> None:
        """Values that don't fit are refused."""
        assert_refused(cotalker.post(ALL, json=body), 400, error)


class TestRefusedQuery:
    """Queries that can't be understood."""

    @pytest.mark.parametrize(
        ("query", "error"),
        [
            ({"name": {"$where": "1"}}, f'"name" must hold only known operators ({OPERATORS}):\n("$where")'),
            ({"name": {"$regex": "x", "y": 1}}, f'"name" must hold only known operators ({OPERATORS}):\n("y")'),
            ({"name": {"$options": "i"}}, f'"name" must hold only known operators ({OPERATORS}):\n("$options")'),
            ({"$where": "1"}, '"value" must hold only known operators:\n("$where")'),
            ({"assignee": "x"}, '"assignee" must be a valid ObjectId:\n("x")'),
            ({"smState": {"$in": ["x"]}}, '"smState" must be a valid ObjectId:\n("x")'),
            ({"userList": 5}, '"userList" must be a valid ObjectId:\n("5")'),
            ({"isActive": "yes"}, '"isActive" must be a boolean:\n("yes")'),
            ({"serial": "one"}, '"serial" must be a number:\n("one")'),
            ({"serial": ["one"]}, '"serial" must be a number:\n("one")'),
            ({"name": 5}, '"name" must be a string:\n("5")'),
            ({"createdAt": {"$gt": "yesterday"}}, '"createdAt" must be a valid date:\n("yesterday")'),
            ({"createdAt": {"$gt": None}}, '"createdAt.$gt" must be a string or a number:\n("null")'),
            ({"name": {"$in": "x"}}, '"name.$in" must be an array:\n("x")'),
            ({"name": {"$all": "x"}}, '"name.$all" must be an array:\n("x")'),
            ({"name": {"$exists": 1}}, '"name.$exists" must be a boolean:\n("1")'),
            ({"name": {"$not": "x"}}, '"name.$not" must be an object of operators:\n("x")'),
            ({"name": {"$not": {}}}, '"name.$not" must be an object of operators:\n("{}")'),
            ({"name": {"$not": {"first": 1}}}, '"name.$not" must be an object of operators:\n("{"first":1}")'),
            ({"name": {"$regex": "("}}, '"name.$regex" must be a valid regular expression:\n("(")'),
            ({"name": {"$regex": 5}}, '"name.$regex" must be a string:\n("5")'),
            ({"name": {"$regex": "x", "$options": "g"}}, '"name.$options" must hold only the letters i, m, s, x:\n("g")'),
            ({"$or": []}, '"$or" must be a non-empty array of objects:\n("[]")'),
            ({"$and": {"name": "x"}}, '"$and" must be a non-empty array of objects:\n("{"name":"x"}")'),
            ({"$nor": ["x"]}, '"$nor" must be a non-empty array of objects:\n("["x"]")'),
        ],
    )
    def test_is_named(self, cotalker: TestClient, assert_refused, query: Any, error: str) -> None:
        """The refusal names the field and shows the value, even where an earlier condition finds nothing."""
        assert_refused(cotalker.post(ALL, json=query), 400, error)
        assert_refused(cotalker.post(ALL, json={"_id": UNKNOWN, **query}), 400, error)

    def test_long_list(self, cotalker: TestClient, assert_refused) -> None:
        """A list has at most 10,000 items."""
        assert cotalker.post(ALL, json={"_id": {"$in": [UNKNOWN] * 10_000}}).json() == []
        assert_refused(
            cotalker.post(ALL, json={"_id": {"$in": [UNKNOWN] * 10_001}}),
            400,
            '"_id.$in" must contain less than or equal to 10000 items:\n("…")',
        )

    def test_deep_query(self, cotalker: TestClient, assert_refused) -> None:
        """A query is nested at most 20 deep."""
        query: dict[str, Any] = {"name": "x"}
        for _ in range(30):
            query = {"$and": [query]}

        assert_refused(cotalker.post(ALL, json=query), 400, '"value" must be nested at most 20 deep:\n("…")')

    @pytest.mark.parametrize(
        "query",
        [
            {"$or": [{"serial": n} for n in range(1001)]},
            {"serial": {"$all": list(range(1001))}},
            {f"field{n}": n for n in range(1001)},
            {"$or": [{"serial": {"$gt": n, "$lt": n}} for n in range(400)]},
        ],
        ids=["branches", "all", "fields", "operators"],
    )
    def test_large_query(self, cotalker: TestClient, assert_refused, query: Any) -> None:
        """A query has at most 1000 conditions."""
        assert_refused(cotalker.post(ALL, json=query), 400, '"value" must hold at most 1000 conditions:\n("…")')

    def test_large_list_of_nulls(self, cotalker: TestClient, assert_refused) -> None:
        """Nor has a list more items that are neither texts nor numbers."""
        response = cotalker.post(ALL, json={"serial": {"$in": [None] * 1001}})

        error = '"serial.$in" must hold at most 1000 items that are neither strings nor numbers:\n("…")'
        assert_refused(response, 400, error)
        assert len(cotalker.post(ALL, json={"serial": {"$in": list(range(10_000))}}).json()) == 70


class TestPattern:
    """Regular expressions that would take for ever."""

    @pytest.mark.parametrize("pattern", ["(a+)+$", "(a|aa)+$", "(?R)", "(a{1,1000}){1,1000}c", "(a(?R)?)+c"])
    def test_is_stopped(self, cotalker: TestClient, assert_refused, make_task, pattern: str) -> None:
        """One that finds no end is refused after a moment, however many tasks there are."""
        for _ in range(5):
            make_task(name="a" * 50_000 + "b")
        begun = time.monotonic()

        response = cotalker.post(ALL, json={"name": {"$regex": pattern}})

        assert_refused(response, 400, f'"name.$regex" must be a pattern that can be matched in time:\n("{pattern}")')
        assert time.monotonic() - begun < 3

    def test_time_of_all_tasks(self, cotalker: TestClient, assert_refused, monkeypatch: pytest.MonkeyPatch) -> None:
        """The moment is that of the whole request, not of each task."""
        ticks = iter(n / 100 for n in range(1000))
        monkeypatch.setattr(finding, "thread_time", lambda: next(ticks))

        response = cotalker.post(ALL, json={"name": {"$regex": "x"}})

        assert_refused(response, 400, '"name.$regex" must be a pattern that can be matched in time:\n("x")')

    @pytest.mark.parametrize("pattern", ["(" * 400 + ")" * 400, "[" * 900, "a{0,1000}" * 100])
    def test_is_read_in_time(self, cotalker: TestClient, pattern: str) -> None:
        """One that is hard to read is read or refused."""
        assert cotalker.post(ALL, json={"name": {"$regex": pattern}}).status_code in (200, 400)

    def test_is_not_too_long(self, cotalker: TestClient, assert_refused) -> None:
        """It has at most 1000 characters."""
        response = cotalker.post(ALL, json={"name": {"$regex": "a" * 1001}})

        assert_refused(response, 400, f'"name.$regex" must be at most 1000 characters long:\n("{"a" * 100}")')


class TestGroups:
    """POST /api/v1/tasks/{taskGroupId}/task/group."""

    PATH = f"/api/v1/tasks/{GROUP}/task/group"

    @pytest.mark.parametrize(
        ("field", "kind"),
        [("status", "COTProperty"), ("assignee", "COTUser"), ("smState", "COTSMState"), ("smStateMachine", "COTSMStateMachine")],
    )
    def test_partition(self, cotalker: TestClient, every: list[Task], field: str, kind: str) -> None:
        """Each task that matches is in the one group of its value."""
        groups = cotalker.post(self.PATH, json={"filters": {"isActive": True}, "groupBy": field}).json()["data"]["tasks"]

        together = [task for group in groups for task in group["tasks"]]
        assert sorted(task["_id"] for task in together) == sorted(task["_id"] for task in every if task["isActive"])
        for group in groups:
            (heading,) = group["_id"]
            assert (heading["key"], heading["type"]) == (field, kind)
            assert heading["display"]
            assert {task[field] for task in group["tasks"]} == {heading["id"]}
        assert len({group["_id"][0]["id"] for group in groups}) == len(groups)

    def test_what_is_written_in_short(self, cotalker: TestClient, every: list[Task]) -> None:
        """Lists of serial numbers and days mean here, and in saved filters, what they mean in a search."""
        query = {"$or": [{"serial": [3, 7]}, {"createdAt": "2021-12-02"}]}
        path = f"/api/v1/tasks/{GROUP}"
        saved = cotalker.post(f"{path}/filter", json={"name": "x", "query": query}).json()["_id"]

        (viewed,) = cotalker.get(f"{path}/task?filter={saved}&limitBy=none").json()
        groups = cotalker.post(self.PATH, json={"filters": query, "groupBy": "status"}).json()["data"]["tasks"]

        wanted = {task["_id"] for task in every if task["serial"] in (3, 7) or task["createdAt"].startswith("2021-12-02T")}
        assert len(wanted) == 3
        assert {task["_id"] for task in viewed["tasks"]} == wanted
        assert {task["_id"] for group in groups for task in group["tasks"]} == wanted

    def test_names(self, cotalker: TestClient) -> None:
        """A group is headed by what its value is called; tasks without a value are headed by nothing."""
        groups = cotalker.post(self.PATH, json={"groupBy": "smState"}).json()["data"]["tasks"]
        without = cotalker.post(self.PATH, json={"groupBy": "status1"}).json()["data"]["tasks"]

        assert {group["_id"][0]["display"] for group in groups} == {"Pending", "In progress", "In review", "Done"}
        assert {"key": "status1", "display": None, "type": "COTProperty", "id": None} in [group["_id"][0] for group in without]

    @pytest.mark.parametrize(
        ("body", "error"),
        [
            ({}, '"groupBy" is required'),
            ({"groupBy": "status", "filters": []}, '"filters" must be of type object:\n("[]")'),
            ({"groupBy": "status", "filters": {"assignee": "x"}}, '"assignee" must be a valid ObjectId:\n("x")'),
        ],
    )
    def test_refused(self, cotalker: TestClient, assert_refused, body: Any, error: str) -> None:
        """`groupBy` is needed, and `filters` are read as a query."""
        assert_refused(cotalker.post(self.PATH, json=body), 400, error)

    def test_unknown_field(self, cotalker: TestClient, assert_refused) -> None:
        """Only fields that name one record make groups."""
        fields = "status, status1, status2, status3, status4, status5, asset, assignee, createdBy, smState, smStateMachine"
        response = cotalker.post(self.PATH, json={"groupBy": "name"})

        assert_refused(response, 400, f'"groupBy" must be one of [{fields}]:\n("name")')
