"""Time records: which ones, in which form, and the pages that are stored at the first call."""

import re
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from starlette.testclient import TestClient

from groupcamp.clients import (
    FORBIDDEN,
    GONE,
    GROUP,
    NOT_FOUND,
    UNAUTHORIZED,
    bad_parameter,
    error_id,
    headers,
    refused,
    signature,
    signing,
    uuid,
    walk,
)
from groupcamp.invariants import NOBODY, WORKDAYS, fits_workday, rows
from groupcamp.test_group_tasks import ANNA, JEAN, WEBSITE
from understudy.vendors.groupcamp import tables

LOGS = "/track/v1/timelogs"
OF_GROUP = f"/track/v1/group/{GROUP}/timelogs"
EXAMPLE_WEEK = {"start": "2019-06-10", "end": "2019-06-16"}
BUSY = {"start": "2026-04-20", "end": "2026-05-31"}
ALWAYS = {"start": "0001-01-01", "end": "9999-12-31"}
LANDING_PAGE = "1dGFzazp0YXNrLzc3MzA5NDExODI5"
EDITING = {"id": "1dHJhY2s6dGltZWxvZ2NhdGVnb3J5Lzc3MzA5NDExMzQw", "name": "Editing", "type": "timelogcategory"}
TRAINING = {"id": "1dHJhY2s6dGltZWxvZ2NhdGVnb3J5Lzc3MzA5NDExMzQx", "name": "Training", "type": "timelogcategory"}
KEYS = [
    "id", "name", "date", "user", "time_unit", "duration", "creation_date", "modification_date", "modification_user", "billable",
    "owner", "category", "object",
]  # fmt: skip

Log = dict[str, Any]


def day(first: str, later: int) -> str:
    """Return a day so many days later."""
    return (date.fromisoformat(first) + timedelta(days=later)).isoformat()


def number(log: Log) -> int:
    """Return the number in a record's id."""
    from base64 import b64decode

    text = log["id"][1:]
    return int(b64decode(text + "=" * (-len(text) % 4)).decode().partition("/")[2])


@pytest.fixture
def everything(reporting: TestClient) -> list[Log]:
    """All time records of the account, asked for six weeks after six weeks."""
    found, start = [], "2019-01-01"
    while start < "2026-08-01":
        found += walk(reporting, LOGS, start=start, end=day(start, 42))
        start = day(start, 43)
    return found


class TestGetTimelogs:
    """GET /track/v1/timelogs."""

    def test_example(self, reporting: TestClient) -> None:
        """The documented week has the documented records: one on a task of a project, one of administrative time."""
        response = reporting.get(LOGS, params=EXAMPLE_WEEK)

        body = response.json()
        assert response.status_code == 200
        assert list(body) == ["result", "page_count", "current_page"]
        assert (body["page_count"], body["current_page"]) == (1, 1)
        first, second = body["result"]
        assert list(first) == list(second) == KEYS
        assert first == {
            "id": first["id"],
            "name": "Draft of the landing page",
            "date": "2019-06-11",
            "user": JEAN,
            "time_unit": "s",
            "duration": {"d": 500, "s": 14400},
            "creation_date": "2019-06-11T15:02:11Z",
            "modification_date": "2019-06-11T15:02:11Z",
            "modification_user": JEAN,
            "billable": True,
            "owner": WEBSITE,
            "category": EDITING,
            "object": {"id": LANDING_PAGE, "type": "task", "appli": "task"},
        }
        assert second == {
            "id": uuid("track:timelog", 90),
            "name": "Training day",
            "date": "2019-06-12",
            "user": ANNA,
            "time_unit": "s",
            "duration": {"d": 1000, "s": 28800},
            "creation_date": "2019-06-13T07:30:00Z",
            "modification_date": "2019-06-13T07:30:00Z",
            "modification_user": ANNA,
            "billable": None,
            "owner": TRAINING,
            "category": None,
            "object": {"id": "empty"},
        }

    def test_order(self, reporting: TestClient) -> None:
        """By day, then by number."""
        found = walk(reporting, LOGS, **BUSY)

        assert len(found) > 20
        assert found == sorted(found, key=lambda log: (log["date"], number(log)))

    @pytest.mark.parametrize(
        ("start", "end"), [("2019-06-11", "2019-06-12"), ("2019-06-11", "2019-06-11"), ("2019-06-12", "2019-06-12")]
    )
    def test_bounds_are_inclusive(self, reporting: TestClient, start: str, end: str) -> None:
        """Both days count, and one day alone is a range."""
        found = reporting.get(LOGS, params={"start": start, "end": end}).json()["result"]

        assert [log["date"] for log in found] == [one for one in ("2019-06-11", "2019-06-12") if start <= one <= end]

    def test_every_range(self, reporting: TestClient, everything: list[Log]) -> None:
        """What a range gives is what a plain filter keeps of everything."""
        for start in ("2026-01-01", "2026-03-15", "2026-05-20"):
            for days in (0, 1, 6, 42):
                end = day(start, days)
                assert walk(reporting, LOGS, start=start, end=end) == [log for log in everything if start <= log["date"] <= end]

    def test_empty(self, reporting: TestClient) -> None:
        """A week without records, as the vendor's script asks for it, is one empty page."""
        response = reporting.get(LOGS, params={"start": "2016-10-24", "end": "2016-10-30"})

        assert response.status_code == 200
        assert response.json() == {"result": [], "page_count": 1, "current_page": 1}

    @pytest.mark.parametrize("unit", ["s", "d"])
    def test_time_unit_is_the_accounts(self, act, reporting: TestClient, unit: str) -> None:
        """The unit to prefer is that in which the account enters time, whatever a project prefers."""
        act("groupcamp", "set-account", time_unit=unit, budget_unit="d")
        act("groupcamp", "set-project", group=GROUP, time_unit="d" if unit == "s" else "s")

        assert {log["time_unit"] for log in walk(reporting, LOGS, **EXAMPLE_WEEK)} == {unit}

    @pytest.mark.parametrize("generation", ["seed", "v3"])
    def test_generation(self, serve: Callable[..., Any], generation: str) -> None:
        """Users have short names in the newer generation only."""
        (log, _) = walk(signing(serve(groupcamp_generation=generation)), LOGS, **EXAMPLE_WEEK)

        assert ("shortname" in log["user"]) == ("shortname" in log["modification_user"]) == (generation == "v3")

    @pytest.mark.parametrize(("days", "status"), [(0, 200), (41, 200), (42, 200), (43, 400), (400, 400)])
    def test_six_weeks_at_most(self, reporting: TestClient, days: int, status: int) -> None:
        """From start to end there may be 42 days."""
        response = reporting.get(LOGS, params={"start": "2026-01-01", "end": day("2026-01-01", days)})

        assert response.status_code == status
        if status == 400:
            refused(response, 400, bad_parameter("end", "range"))

    @pytest.mark.parametrize("path", [LOGS, OF_GROUP])
    @pytest.mark.parametrize(
        ("query", "field", "code"),
        [
            ("", "start", "missing"),
            ("end=2019-06-01", "start", "missing"),
            ("start=2019-06-01", "end", "missing"),
            ("start=2019-06-02&end=2019-06-01", "end", "range"),
            ("start=2019-06-01&end=2019-06-31", "end", "invalid"),
            ("start=&end=2019-06-01", "start", "invalid"),
            ("start=01-06-2019&end=2019-06-01", "start", "invalid"),
            ("start=2019-06-01&start=2019-06-01&end=2019-06-01", "start", "multiple"),
            ("start=2019-06-01&end=2019-06-01&end=2019-06-02", "end", "multiple"),
            ("start=2019-06-01&end=2019-06-01&cache=", "cache", "invalid"),
            ("start=2019-06-01&end=2019-06-01&page=x", "page", "invalid"),
            ("start=2019-06-01&end=2019-06-01&page=-1", "page", "invalid"),
            ("start=2019-06-01&end=2019-06-01&page=0", "page", "invalid"),
            ("start=2019-06-01&end=2019-06-01&page=" + "9" * 30, "page", "invalid"),
            ("start=2019-06-01&end=2019-06-01&page=1&page=1", "page", "multiple"),
        ],
    )
    def test_bad_parameters(self, reporting: TestClient, path: str, query: str, field: str, code: str) -> None:
        """Both days are needed, once, as days, and in their order."""
        refused(reporting.get(f"{path}?{query}"), 400, bad_parameter(field, code))

    def test_forbidden(self, act, reporting: TestClient) -> None:
        """The method can be forbidden."""
        act("groupcamp", "forbid", id="GET /track/v1/timelogs")
        refused(reporting.get(LOGS, params=EXAMPLE_WEEK), 403, FORBIDDEN)

        act("groupcamp", "forbid", id="GET /track/v1/timelogs", forbidden=False)
        assert reporting.get(LOGS, params=EXAMPLE_WEEK).status_code == 200

    @pytest.mark.parametrize("change", [{"state": "trash"}, {"state": "del"}, {"timelogs": False}])
    def test_groups_that_can_not_be_retrieved(self, act, reporting: TestClient, change: dict[str, Any]) -> None:
        """Their records are left out; administrative time stays."""
        act("groupcamp", "set-group-state", group=GROUP, **change)

        assert [log["owner"] for log in walk(reporting, LOGS, **EXAMPLE_WEEK)] == [TRAINING]

    def test_strict_parameters(self, serve: Callable[..., Any]) -> None:
        """With the setting on, an unknown parameter is refused, and those of paging are not."""
        client = signing(serve(groupcamp_strict_parameters=True, groupcamp_page_size=1))

        refused(client.get(LOGS, params=EXAMPLE_WEEK | {"user": "x"}), 400, bad_parameter("user", "invalid"))
        assert len(walk(client, LOGS, **EXAMPLE_WEEK)) == 2


class TestRecords:
    """What holds of all records."""

    def test_invariants(self, everything: list[Log]) -> None:
        """Only time for a group has a category or a task; only time for a project is billed; no time is nothing in one unit."""
        for log in everything:
            if log["owner"]["type"] == "timelogcategory":
                assert (log["category"], log["object"], log["billable"]) == (None, {"id": "empty"}, None)
            if log["owner"].get("gtype") != "project":
                assert log["billable"] is None
            assert log["creation_date"] <= log["modification_date"]
            assert (log["duration"]["d"] == 0) == (log["duration"]["s"] == 0)
            assert any(fits_workday(log["duration"], workday) for workday in WORKDAYS)

    def test_variety(self, everything: list[Log]) -> None:
        """The world has what clients have to cope with."""
        assert {log["owner"]["type"] for log in everything} == {"group", "timelogcategory"}
        assert {log["billable"] for log in everything} == {True, False, None}
        assert any(log["user"] == NOBODY for log in everything)
        assert any(log["owner"]["type"] == "group" and log["object"] == {"id": "empty"} for log in everything)
        assert {log["category"] is None for log in everything if log["owner"].get("gtype") == "project"} == {True, False}

    def test_object_is_a_task_of_the_owner(self, reporting: TestClient, everything: list[Log]) -> None:
        """A record's task is one of its group, and the task's time is that of its records, per user and unit."""
        tasks = {task["id"]: task for task in walk(reporting, "/task/v1/tasks")}
        logs: dict[str, list[Log]] = {}
        for log in everything:
            if "appli" in log["object"] and log["object"]["id"] in tasks:
                assert tasks[log["object"]["id"]]["list"]["group"] == log["owner"]
                logs.setdefault(log["object"]["id"], []).append(log)

        for task in tasks.values():
            for unit in ("d", "s"):
                assert task["track_time"]["total"][unit] == sum(log["duration"][unit] for log in logs.get(task["id"], ()))
                for affect in task["affects"]:
                    theirs = [log for log in logs.get(task["id"], ()) if log["user"] == affect["user"]]
                    assert affect["track_time"][unit] == sum(log["duration"][unit] for log in theirs)

    def test_new_record(self, act, clock, reporting: TestClient) -> None:
        """What is recorded is listed on its day, as it was answered."""
        clock.freeze("2031-03-03T10:00:00Z")
        made = act(
            "groupcamp", "log-time", task=LANDING_PAGE, user="jean@localhost", duration=60, billable=True, category="Editing"
        )

        assert reporting.get(LOGS, params={"start": "2031-03-03", "end": "2031-03-03"}).json()["result"] == [made]
        assert (made["billable"], made["category"]) == (True, EDITING)

    def test_time_without_a_task(self, act, reporting: TestClient) -> None:
        """Time may be for a group and no task, or for no group at all."""
        for_group = act("groupcamp", "log-time", group=GROUP, duration=60, date="2031-03-03")
        away = act("groupcamp", "log-time", category="Training", user="anna@localhost", duration={"d": 1000}, date="2031-03-03")

        assert (for_group["owner"], for_group["object"], for_group["user"]) == (WEBSITE, {"id": "empty"}, NOBODY)
        assert (away["owner"], away["category"]) == (TRAINING, None)
        assert reporting.get(LOGS, params={"start": "2031-03-03", "end": "2031-03-03"}).json()["result"] == [for_group, away]

    def test_modification_user_of_a_new_record(self, act, reporting: TestClient) -> None:
        """Who made a record counts as who edited it last, until somebody does."""
        act("groupcamp", "log-time", group=GROUP, user="anna@localhost", duration=60, date="2031-03-03")

        (log,) = reporting.get(LOGS, params={"start": "2031-03-03", "end": "2031-03-03"}).json()["result"]

        assert log["modification_user"] == log["user"] == ANNA
        assert log["modification_date"] == log["creation_date"]

    def test_modification_user_of_time_of_nobody(self, act, reporting: TestClient) -> None:
        """Somebody made the record, though it is nobody's time."""
        act("groupcamp", "log-time", task=LANDING_PAGE, duration=60, date="2031-03-03")

        (log,) = reporting.get(LOGS, params={"start": "2031-03-03", "end": "2031-03-03"}).json()["result"]

        assert (log["user"], log["modification_user"]["type"]) == (NOBODY, "user")

    def test_a_deleted_tasks_time_stays(self, act, reporting: TestClient) -> None:
        """The record of a task that was deleted is on nothing."""
        act("groupcamp", "delete-task", task=LANDING_PAGE)

        (log, _) = walk(reporting, LOGS, **EXAMPLE_WEEK)

        assert (log["object"], log["owner"]) == ({"id": "empty"}, WEBSITE)

    @pytest.mark.parametrize(
        ("body", "status"),
        [
            ({}, 422),
            ({"category": "Editing"}, 404),
            ({"category": "Nothing"}, 404),
            ({"group": GROUP, "category": "Training"}, 404),
            ({"category": "Training", "billable": True}, 422),
            ({"group": uuid("person:group", 22), "task": LANDING_PAGE}, 422),
            ({"group": uuid("person:group", 25)}, 422),
            ({"group": LANDING_PAGE}, 404),
            ({"task": LANDING_PAGE, "billable": "yes"}, 422),
        ],
    )
    def test_refusals_of_the_action(self, server, admin: TestClient, body: dict[str, Any], status: int) -> None:
        """Time is for something, categories are of the right sort, and only projects' time is billed."""
        before = rows(server, tables.Timelog)

        response = admin.post("/actions/groupcamp/log-time", json={"duration": 60, **body})

        assert response.status_code == status
        assert rows(server, tables.Timelog) == before


class TestGetGroupTimelogs:
    """GET /track/v1/group/{Group}/timelogs."""

    def test_of_a_group(self, reporting: TestClient, everything: list[Log]) -> None:
        """The records that the group owns, over any length of time."""
        found = walk(reporting, OF_GROUP, **ALWAYS)

        assert found == [log for log in everything if log["owner"]["id"] == GROUP]
        assert len(found) > 100

    def test_range(self, reporting: TestClient, everything: list[Log]) -> None:
        """Both days count."""
        found = walk(reporting, OF_GROUP, start="2019-06-18", end="2019-06-20")

        assert [log["date"] for log in found] == ["2019-06-18", "2019-06-20"]

    def test_time_unit_is_the_projects(self, act, reporting: TestClient) -> None:
        """The unit to prefer is that of the project, or the account's where it has none."""
        assert {log["time_unit"] for log in walk(reporting, OF_GROUP, **ALWAYS)} == {"s"}

        act("groupcamp", "set-project", group=GROUP, time_unit="d")
        assert {log["time_unit"] for log in walk(reporting, OF_GROUP, **ALWAYS)} == {"d"}

    def test_group_without_records(self, reporting: TestClient) -> None:
        """A group may have none."""
        response = reporting.get(f"/track/v1/group/{uuid('person:group', 22)}/timelogs", params=EXAMPLE_WEEK)

        assert response.json() == {"result": [], "page_count": 1, "current_page": 1}

    @pytest.mark.parametrize("group", ["x", LANDING_PAGE, uuid("person:group", 999_999), uuid("person:group", 21, account=19)])
    def test_bad_group(self, reporting: TestClient, group: str) -> None:
        """The method knows no 404, so a group that is not there is a bad id, too."""
        refused(reporting.get(f"/track/v1/group/{group}/timelogs", params=EXAMPLE_WEEK), 400, error_id())

    def test_order_of_checks(self, reporting: TestClient) -> None:
        """A malformed id comes before the parameters, an unknown one after them."""
        refused(reporting.get("/track/v1/group/x/timelogs"), 400, error_id())
        unknown = f"/track/v1/group/{uuid('person:group', 999_999)}/timelogs"
        refused(reporting.get(unknown), 400, bad_parameter("start", "missing"))

    @pytest.mark.parametrize("change", [{"state": "trash"}, {"state": "del"}, {"timelogs": False}])
    def test_group_that_can_not_be_retrieved(self, act, reporting: TestClient, change: dict[str, Any]) -> None:
        """A group in the trash, deleted, or without Timelog answers 403."""
        act("groupcamp", "set-group-state", group=GROUP, **change)

        refused(reporting.get(OF_GROUP, params=EXAMPLE_WEEK), 403, FORBIDDEN)

    def test_tasks_need_not_be_on(self, act, reporting: TestClient) -> None:
        """Another application of the group makes no difference, nor does its being archived."""
        act("groupcamp", "set-group-state", group=GROUP, state="archi", tasks=False)

        assert reporting.get(OF_GROUP, params=EXAMPLE_WEEK).status_code == 200

    def test_forbidden(self, act, reporting: TestClient) -> None:
        """A forbidden group answers 403."""
        act("groupcamp", "forbid", id=GROUP)

        refused(reporting.get(OF_GROUP, params=EXAMPLE_WEEK), 403, FORBIDDEN)


@pytest.fixture
def small(serve: Callable[..., Any]) -> Any:
    """A server with pages of ten."""
    return serve(groupcamp_page_size=10)


class TestPages:
    """The mechanism `full`."""

    def test_first_middle_and_last(self, small) -> None:
        """Each page says where its neighbours are, how many there are, and which it is; the first and last lack a neighbour."""
        client = signing(small)
        pages = [client.get(LOGS, params=BUSY).json()]
        while "next_page" in pages[-1]:
            pages.append(client.get(pages[-1]["next_page"]).json())

        assert len(pages) > 3
        assert list(pages[0]) == ["result", "next_page", "page_count", "current_page"]
        assert list(pages[1]) == ["result", "next_page", "previous_page", "page_count", "current_page"]
        assert list(pages[-1]) == ["result", "previous_page", "page_count", "current_page"]
        assert {page["page_count"] for page in pages} == {len(pages)}
        assert [page["current_page"] for page in pages] == list(range(1, len(pages) + 1))
        assert all(len(page["result"]) == 10 for page in pages[:-1])
        assert [client.get(page["previous_page"]).json() for page in pages[1:]] == pages[:-1]

    @pytest.mark.parametrize("path", [LOGS, OF_GROUP])
    @pytest.mark.parametrize("size", [1, 9, 100_000])
    def test_together_they_are_everything(self, serve: Callable[..., Any], path: str, size: int) -> None:
        """Following the pages gives every record once, in order."""
        whole = walk(signing(serve()), path, **BUSY)

        assert walk(signing(serve(groupcamp_page_size=size)), path, **BUSY) == whole
        assert len(whole) > 10

    @pytest.mark.parametrize(("items", "pages"), [(0, 1), (1, 1), (9, 1), (10, 1), (11, 2), (20, 2), (21, 3)])
    def test_page_count(self, small, items: int, pages: int) -> None:
        """Exactly a page full is one page, and nothing is one page too."""
        for _ in range(items):
            small.admin.post("/actions/groupcamp/log-time", json={"group": GROUP, "duration": 60, "date": "2031-03-03"})

        body = signing(small).get(LOGS, params={"start": "2031-03-03", "end": "2031-03-03"}).json()

        assert body["page_count"] == pages
        assert ("next_page" in body) == (pages > 1)

    def test_address(self, small) -> None:
        """It is absolute, repeats the parameters, adds two of its own, and holds no secret."""
        client = signing(small)

        address = client.get(f"{LOGS}?end=2026-05-31&start=2026-04-20&x=%C3%A9").json()["next_page"]

        scheme, host, path, query = re.fullmatch(r"^(https?)://([^/]+)([^?]+)\?(.*)$", address).groups()  # type: ignore[union-attr]
        assert (scheme, host, path) == ("http", "testserver", f"/groupcamp{LOGS}")
        assert re.fullmatch(r"end=2026-05-31&start=2026-04-20&x=%C3%A9&cache=[0-9a-f]{24}&page=2", query)
        assert "rk-demo" not in address
        assert client.get(client.get(address).json()["next_page"]).json()["current_page"] == 3

    def test_under_the_vendors_host(self, small) -> None:
        """The address is under the scheme and host that the client used."""
        signed = signature("5up3r-s3cret-reporting", f"GET::{LOGS}::".encode())

        response = small.client("", **headers(signed=signed)).get(f"https://api.groupcamp.com{LOGS}", params=BUSY)

        assert response.json()["next_page"].startswith(f"https://api.groupcamp.com{LOGS}?start=2026-04-20&end=2026-05-31&cache=")

    def test_needs_the_headers(self, small) -> None:
        """A page's address is signed like any other."""
        address = signing(small).get(LOGS, params=BUSY).json()["next_page"]

        refused(small.client("/groupcamp").get(address), 401, UNAUTHORIZED)
        signed = signature("5up3r-s3cret-reporting", f"GET::{urlsplit(address).path}::".encode())
        assert small.client("/groupcamp").get(address, headers=headers(signed=signed)).status_code == 200

    def test_shows_no_later_change(self, small) -> None:
        """All items are those of the first call, whatever is recorded or deleted meanwhile; a new call shows what is new."""
        client = signing(small)
        before = walk(client, LOGS, **BUSY)
        first = client.get(LOGS, params=BUSY).json()
        small.admin.post("/actions/groupcamp/log-time", json={"group": GROUP, "duration": 60, "date": "2026-05-01"})
        small.admin.post("/actions/groupcamp/set-group-state", json={"group": GROUP, "state": "trash"})

        seen, page = first["result"], first
        while "next_page" in page:
            page = client.get(page["next_page"]).json()
            seen = seen + page["result"]

        assert seen == before
        assert walk(client, LOGS, **BUSY) != before

    def test_every_first_call_stores_anew(self, small) -> None:
        """Two calls give two lists, and both live."""
        client = signing(small)
        addresses = [client.get(LOGS, params=BUSY).json()["next_page"] for _ in range(2)]

        assert addresses[0] != addresses[1]
        assert client.get(addresses[0]).json()["result"] == client.get(addresses[1]).json()["result"]

    def test_page_without_a_list(self, small) -> None:
        """A page number without a stored list changes nothing: the list is made anew."""
        client = signing(small)

        body = client.get(LOGS, params=BUSY | {"page": "3"}).json()

        assert body["current_page"] == 1
        assert body["next_page"].endswith("&page=2")

    def test_list_without_a_page(self, small) -> None:
        """A stored list without a page number is its first page."""
        client = signing(small)
        first = client.get(LOGS, params=BUSY).json()

        assert client.get(first["next_page"].removesuffix("&page=2")).json() == first

    @pytest.mark.parametrize("page", ["0", "1000"])
    def test_page_out_of_range(self, small, page: str) -> None:
        """Pages are numbered from 1 to their count."""
        client = signing(small)
        address = client.get(LOGS, params=BUSY).json()["next_page"]

        refused(client.get(address.replace("page=2", f"page={page}")), 400, bad_parameter("page", "invalid"))

    @pytest.mark.parametrize("page", ["0", "-1", "1.0", "one"])
    def test_no_page_number(self, reporting: TestClient, page: str) -> None:
        """What is no number of a page is refused, even where no stored list is named."""
        refused(reporting.get(LOGS, params=EXAMPLE_WEEK | {"page": page}), 400, bad_parameter("page", "invalid"))

    def test_one_page_is_not_stored(self, server, reporting: TestClient) -> None:
        """Where no other page follows, nothing is kept."""
        reporting.get(LOGS, params=EXAMPLE_WEEK)

        assert rows(server, tables.StoredList) == rows(server, tables.StoredPage) == []


class TestGone:
    """Pages that are not there any more."""

    def advance(self, server: Any, by: str) -> None:
        """Move the server's clock on."""
        assert server.admin.put("/clock", json={"action": "advance", "by": by}).status_code == 200

    @pytest.mark.parametrize("path", [LOGS, OF_GROUP])
    def test_after_a_day(self, small, path: str) -> None:
        """A page lives 24 hours of the server's clock, and no millisecond longer."""
        client = signing(small)
        small.admin.put("/clock", json={"action": "freeze", "instant": "2026-06-01T08:00:00Z"})
        address = client.get(path, params=BUSY).json()["next_page"]

        self.advance(small, "PT24H")
        assert client.get(address).status_code == 200
        self.advance(small, "PT0.001S")
        refused(client.get(address), 410, GONE)

    @pytest.mark.parametrize("path", [LOGS, OF_GROUP])
    def test_cache_cleared(self, small, path: str) -> None:
        """Or less, when the cache is cleared; starting again helps."""
        client = signing(small)
        address = client.get(path, params=BUSY).json()["next_page"]
        assert small.admin.post("/actions/groupcamp/clear-cache", json={}).json()["cleared"] is True

        refused(client.get(address), 410, GONE)
        assert client.get(client.get(path, params=BUSY).json()["next_page"]).status_code == 200

    @pytest.mark.parametrize("token", ["x", "0" * 24, "' or 1=1", "f3b1c2", "A" * 5000])
    def test_never_there(self, reporting: TestClient, token: str) -> None:
        """A list that was never stored is gone as well."""
        refused(reporting.get(LOGS, params=EXAMPLE_WEEK | {"cache": token, "page": "1"}), 410, GONE)

    def test_bound_to_its_request(self, small) -> None:
        """A list answers the key, path and days that it was made for, and nobody else; other parameters don't count."""
        client = signing(small)
        address = client.get(LOGS, params=BUSY).json()["next_page"]
        query = dict(parse_qsl(urlsplit(address).query))
        made = small.admin.post("/actions/groupcamp/create-key", json={"application": "reporting-1"}).json()

        assert client.get(f"{LOGS}/", params=query | {"x": "1"}).status_code == 200
        refused(client.get(LOGS, params=query | {"end": "2026-05-30"}), 410, GONE)
        refused(client.get(OF_GROUP, params=query), 410, GONE)
        refused(signing(small, made["key"], made["secret"]).get(LOGS, params=query), 410, GONE)
        refused(signing(small, "nk-demo-1").get(LOGS, params=query), 410, GONE)

    def test_parameters_come_first(self, small) -> None:
        """A page's address is read like any other before the list is looked for, and access before it too."""
        client = signing(small)
        address = client.get(OF_GROUP, params=BUSY).json()["next_page"]
        small.admin.post("/actions/groupcamp/clear-cache", json={})

        refused(client.get(address.replace("2026-05-31", "x")), 400, bad_parameter("end", "invalid"))
        small.admin.post("/actions/groupcamp/forbid", json={"id": GROUP})
        refused(client.get(address), 403, FORBIDDEN)

    def test_old_lists_are_thrown_away(self, small) -> None:
        """What has expired is dropped when something new is stored, so the cache doesn't grow for ever."""
        client = signing(small)
        for _ in range(3):
            client.get(LOGS, params=BUSY)
            self.advance(small, "PT25H")
        client.get(LOGS, params=BUSY)

        (stored,) = rows(small, tables.StoredList)
        assert {page["token"] for page in rows(small, tables.StoredPage)} == {stored["token"]}


def test_another_account(server) -> None:
    """Records of another account are not to be seen, nor is its group there."""
    neighbour = signing(server, "nk-demo-1")

    assert neighbour.get(LOGS, params=EXAMPLE_WEEK).json()["result"] == []
    refused(neighbour.get(f"/task/v1/task/{LANDING_PAGE}"), 404, NOT_FOUND)
