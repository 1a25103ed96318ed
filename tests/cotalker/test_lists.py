"""Filters, order and pages of Cotalker's lists, held against the same filters in plain Python over the whole list."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from starlette.testclient import TestClient

GROUP = "61a8b233685ed3562e7cfdeb"
GROUPS = "/api/v2/task-groups"
TASKS = f"{GROUPS}/{GROUP}/tasks"
RELATIONS = f"{TASKS}/relations"
LISTS = [GROUPS, TASKS, RELATIONS]
TASK_LISTS = [TASKS, RELATIONS]
DATED_LISTS = [GROUPS, TASKS]
SORTS = {GROUPS: ["createdAt", "modifiedAt", "collectionName"], TASKS: ["name"], RELATIONS: ["name"]}
DEFAULT_SORT = {GROUPS: "modifiedAt", TASKS: "_id", RELATIONS: "_id"}
FREE_GROUPS = ["61ae5f321f130a35a73e2e29", "61ae5eb11f130a35a73e2e06", "61ae5f0a1f130a35a73e2e11", "61ae5f281f130a35a73e2e23"]

DAY = 86_400_000
COMPARE: dict[str, Callable[[int, int], bool]] = {
    "": lambda stored, asked: stored == asked,
    "_gte": lambda stored, asked: stored >= asked,
    "_lte": lambda stored, asked: stored <= asked,
    "_gt": lambda stored, asked: stored > asked,
    "_lt": lambda stored, asked: stored < asked,
}
DATES = [f"{field}{operator}" for field in ("createdAt", "modifiedAt") for operator in COMPARE]

NO_DATES = (
    "", "soon", "2021-13-01", "2021-02-30", "2021-12-06T", "2021-12-06x10:00", "2021-12-06T25:00:00Z", "2021-12-06T10:00+25:00",
    "2021-12-06Z", "2021x12", "12:00", "0000-01-01", "-2021-01-01", "1e12", "1.5", "2021-01-01,2022-01-01",
    "\u0662\u0660\u0662\u0661",
    "9999999999999999", "253402300800000", "-62135596800001", "0001-01-01T00:00:00+02:00", "9999-12-31T23:00:00-02:00",
)  # fmt: skip


def milliseconds(text: str) -> int:
    """Read a stamp of a document."""
    return round(datetime.fromisoformat(text).timestamp() * 1000)


def moment(instant: int, offset: timedelta = timedelta(0)) -> datetime:
    """Return an instant as a datetime in some zone."""
    return datetime(1970, 1, 1, tzinfo=UTC).astimezone(timezone(offset)) + timedelta(milliseconds=instant)


def zulu(instant: int) -> str:
    """Write an instant as Cotalker does."""
    return moment(instant).isoformat(timespec="milliseconds").replace("+00:00", "Z")


FORMS: dict[str, Callable[[int], str]] = {
    "as stored": zulu,
    "milliseconds": str,
    "in another zone": lambda instant: moment(instant, timedelta(hours=-4)).isoformat(timespec="milliseconds"),
    "east of Greenwich": lambda instant: moment(instant, timedelta(hours=5, minutes=30)).isoformat(timespec="milliseconds"),
    "without a zone": lambda instant: zulu(instant).removesuffix("Z"),
    "with a space": lambda instant: zulu(instant).replace("T", " "),
    "in lower case": lambda instant: zulu(instant).lower(),
    "basic format": lambda instant: f"{moment(instant):%Y%m%dT%H%M%S}.{instant % 1000:03d}Z",
    "microseconds": lambda instant: zulu(instant).replace("Z", "999Z"),
}


def ids(rows: list[dict[str, Any]]) -> list[str]:
    """Return the ids of rows, in order."""
    return [row["_id"] for row in rows]


def in_order(rows: list[dict[str, Any]], sort: str, order: str = "asc") -> list[dict[str, Any]]:
    """Return rows by a field and then by id."""
    return sorted(rows, key=lambda row: (row[sort], row["_id"]), reverse=order == "desc")


class TestPages:
    """`limit` and `page`."""

    @pytest.mark.parametrize("path", LISTS)
    def test_ten_by_default(self, cotalker: TestClient, rows, path: str) -> None:
        """Without parameters the first ten rows come, in the list's own order."""
        everything = rows(cotalker, path)

        values = cotalker.get(path).json()["data"]["values"]

        assert values == in_order(everything, DEFAULT_SORT[path])[:10]
        assert path == GROUPS or len(everything) > 20

    @pytest.mark.parametrize("path", LISTS)
    @pytest.mark.parametrize(
        ("text", "size"),
        [("1", 1), ("3", 3), ("2.0", 2), ("1e1", 10), ("%2B4", 4), (".3e1", 3), ("1e3", 1000), ("10000", 10_000),
         ("10001", 10_001), ("1e300", 10_001), ("9" * 400, None)],
    )  # fmt: skip
    def test_limit(self, cotalker: TestClient, rows, path: str, text: str, size: int | None) -> None:
        """A page has as many rows as were asked for; how the number is written doesn't matter, nor how large it is."""
        everything = rows(cotalker, path)

        response = cotalker.get(f"{path}?limit={text}")

        if size is None:
            assert response.json() == {"error": f'"limit" must be a number:\n("{text}")'}
        else:
            assert response.json()["data"]["values"] == everything[:size]

    @pytest.mark.parametrize(("text", "size"), [("9999", 9999), ("10000", 10_000), ("10001", 10_000), ("1e18", 10_000)])
    def test_limit_is_clamped(self, cotalker: TestClient, text: str, size: int) -> None:
        """No page is larger than 10 000 rows; `debug` shows what is understood."""
        for path in LISTS:
            response = cotalker.get(f"{path}?limit={text}&debug=true")

            assert response.json()["debug"] == {"data": {"query": {"debug": True, "limit": size}}}

    @pytest.mark.parametrize("path", LISTS)
    @pytest.mark.parametrize("limit", [4, 7, 10])
    @pytest.mark.parametrize("order", ["asc", "desc"])
    def test_pages_make_up_the_list(self, cotalker: TestClient, rows, path: str, limit: int, order: str) -> None:
        """Page after page gives every row once, in order, and then empty pages."""
        everything = rows(cotalker, path, orderBy=order)
        pages: list[Any] = []

        while values := rows(cotalker, path, limit=limit, page=len(pages) + 1, orderBy=order):
            pages.append(values)

        read = [row for page in pages for row in page]
        assert read == everything == in_order(everything, DEFAULT_SORT[path], order)

    @pytest.mark.parametrize("text", ["0", "-0", "1", "1.0", "0e5"])
    def test_first_page(self, cotalker: TestClient, text: str) -> None:
        """Pages count from 1, and 0 is the first page too."""
        for path in LISTS:
            assert cotalker.get(f"{path}?page={text}&limit=4").json() == cotalker.get(f"{path}?limit=4").json()

    @pytest.mark.parametrize("text", ["1000", "9007199254740993", "9223372036854775807", "1e300", "9" * 50])
    def test_past_the_end(self, cotalker: TestClient, text: str) -> None:
        """However far past the end, a page is an empty list."""
        for path in LISTS:
            response = cotalker.get(f"{path}?page={text}&limit=10000&debug=false")

            assert response.status_code == 200
            assert response.text == '{"data":{"values":[]}}'

    @pytest.mark.parametrize(
        ("query", "error"),
        [
            ("limit=x", '"limit" must be a number:\n("x")'),
            ("limit=", '"limit" must be a number:\n("")'),
            ("limit", '"limit" must be a number:\n("")'),
            ("limit=NaN", '"limit" must be a number:\n("NaN")'),
            ("limit=Infinity", '"limit" must be a number:\n("Infinity")'),
            ("limit=1e400", '"limit" must be a number:\n("1e400")'),
            ("limit=0x10", '"limit" must be a number:\n("0x10")'),
            ("limit=1_0", '"limit" must be a number:\n("1_0")'),
            ("limit=%201", '"limit" must be a number:\n(" 1")'),
            ("limit=%D9%A1", '"limit" must be a number:\n("\u0661")'),
            ("limit=1&limit=2", '"limit" must be a number:\n("1,2")'),
            ("limit=2.5", '"limit" must be an integer:\n("2.5")'),
            ("limit=0.5", '"limit" must be an integer:\n("0.5")'),
            ("limit=0", '"limit" must be greater than or equal to 1:\n("0")'),
            ("limit=-1", '"limit" must be greater than or equal to 1:\n("-1")'),
            ("limit=-1e300", '"limit" must be greater than or equal to 1:\n("-1e300")'),
            ("page=x", '"page" must be a number:\n("x")'),
            ("page=", '"page" must be a number:\n("")'),
            ("page=1.5", '"page" must be an integer:\n("1.5")'),
            ("page=-1", '"page" must be greater than or equal to 0:\n("-1")'),
            ("page=-1e300", '"page" must be greater than or equal to 0:\n("-1e300")'),
            ("orderBy=up", '"orderBy" must be one of [asc, desc]:\n("up")'),
            ("orderBy=ASC", '"orderBy" must be one of [asc, desc]:\n("ASC")'),
            ("orderBy=", '"orderBy" must be one of [asc, desc]:\n("")'),
            ("orderBy=asc&orderBy=asc", '"orderBy" must be one of [asc, desc]:\n("asc,asc")'),
            ("count=yes", '"count" must be a boolean:\n("yes")'),
            ("count=", '"count" must be a boolean:\n("")'),
            ("count=TRUE", '"count" must be a boolean:\n("TRUE")'),
            ("count=1", '"count" must be a boolean:\n("1")'),
            ("debug=yes", '"debug" must be a boolean:\n("yes")'),
            ("debug=", '"debug" must be a boolean:\n("")'),
            ("isActive=", None),
            ("isActive=maybe", None),
            ("isActive=True", None),
            ("isActive=ALL", None),
        ],
    )
    def test_refused(self, cotalker: TestClient, assert_refused, query: str, error: str | None) -> None:
        """What doesn't fit is named, and shown as it was sent."""
        text = query.partition("=")[2]

        for path in LISTS:
            must = "be one of [all, true, false]" if path == GROUPS else "be a boolean"
            assert_refused(cotalker.get(f"{path}?{query}"), 400, error or f'"isActive" must {must}:\n("{text}")')

    @pytest.mark.parametrize("path", LISTS)
    def test_first_misfit_is_named(self, cotalker: TestClient, assert_refused, path: str) -> None:
        """Of several misfits one is named."""
        response = cotalker.get(f"{path}?sortBy=x&orderBy=x&page=x&limit=x")

        assert_refused(response, 400, '"limit" must be a number:\n("x")')

    def test_rows_inserted_between_pages(self, cotalker: TestClient, rows) -> None:
        """A page is cut from the list as it is when it is asked for, however it was at the page before."""
        for number, group in enumerate(FREE_GROUPS, 1):
            for order in ("asc", "desc"):
                everything = rows(cotalker, GROUPS, isActive="all")
                page = rows(cotalker, GROUPS, sortBy="collectionName", orderBy=order, limit=2, page=number)
                expected = in_order(everything, "collectionName", order)[2 * number - 2 : 2 * number]
                assert page == expected
            assert cotalker.post(GROUPS, json={"group": group}).status_code == 200

        assert len(rows(cotalker, GROUPS)) == 5 + len(FREE_GROUPS)

    def test_more_than_a_page_by_default(self, cotalker: TestClient, rows) -> None:
        """Ten task groups are listed when there are more, and counted all."""
        for group in [*FREE_GROUPS, "61ae5f141f130a35a73e2e17", "61ae5f1e1f130a35a73e2e1d"]:
            cotalker.post(GROUPS, json={"group": group})

        data = cotalker.get(f"{GROUPS}?count=true").json()["data"]

        assert len(data["values"]) == 10
        assert data["count"] == data["counter"] == len(rows(cotalker, GROUPS)) == 11


class TestOrder:
    """`sortBy` and `orderBy`."""

    @pytest.mark.parametrize(("path", "sort"), [(path, sort) for path in LISTS for sort in SORTS[path]])
    @pytest.mark.parametrize("order", [None, "asc", "desc"])
    def test_sorted(self, cotalker: TestClient, rows, path: str, sort: str, order: str | None) -> None:
        """Rows come by the field, rising unless `desc` is asked for, equal ones by id."""
        params = {"sortBy": sort} | ({"orderBy": order} if order else {})

        values = rows(cotalker, path, **params)

        assert values == in_order(values, sort, order or "asc")
        assert ids(values) != ids(in_order(values, "_id", order or "asc")) or path == GROUPS
        assert sorted(ids(values)) == sorted(ids(rows(cotalker, path)))

    def test_orders_of_task_groups_differ(self, cotalker: TestClient, rows) -> None:
        """The three fields give three orders; without `sortBy` it is that of `modifiedAt`."""
        orders = [ids(rows(cotalker, GROUPS, sortBy=sort)) for sort in SORTS[GROUPS]]

        assert len({*map(tuple, orders)}) == 3
        assert ids(rows(cotalker, GROUPS)) == orders[1]

    @pytest.mark.parametrize("path", LISTS)
    def test_order_alone(self, cotalker: TestClient, rows, path: str) -> None:
        """`orderBy` without `sortBy` turns the list's own order round; the partner SDK asks so."""
        assert rows(cotalker, path, orderBy="desc") == rows(cotalker, path)[::-1]
        assert rows(cotalker, path, orderBy="asc") == rows(cotalker, path)

    @pytest.mark.parametrize("path", TASK_LISTS)
    def test_equal_names(self, cotalker: TestClient, rows, path: str) -> None:
        """Several tasks have one name; their order is that of their ids."""
        values = [task for task in rows(cotalker, path, sortBy="name") if task["name"] == "Weekly check"]

        assert len(values) == 7
        assert ids(values) == sorted(ids(values))

    @pytest.mark.parametrize("sort", ["createdAt", "modifiedAt"])
    @pytest.mark.parametrize("order", ["asc", "desc"])
    def test_equal_stamps(self, cotalker: TestClient, clock, rows, sort: str, order: str) -> None:
        """Task groups made at one instant come by id."""
        clock.freeze("2026-06-01T08:00:00Z")
        made = [cotalker.post(GROUPS, json={"group": group}).json()["_id"] for group in FREE_GROUPS]

        values = rows(cotalker, GROUPS, sortBy=sort, orderBy=order, createdAt="2026-06-01T08:00:00Z")

        assert ids(values) == sorted(made, reverse=order == "desc")

    @pytest.mark.parametrize(
        ("path", "text", "must"),
        [
            *[(path, text, "[name]") for path in TASK_LISTS for text in ("", "weight", "createdAt", "_id", "Name")],
            *[(GROUPS, text, "one of [createdAt, modifiedAt, collectionName]") for text in ("", "weight", "name", "_id")],
        ],
    )
    def test_unknown_field(self, cotalker: TestClient, assert_refused, path: str, text: str, must: str) -> None:
        """Only the documented fields sort, and an empty value is one that doesn't fit."""
        assert_refused(cotalker.get(f"{path}?sortBy={text}"), 400, f'"sortBy" must be {must}:\n("{text}")')


class TestCount:
    """`count`."""

    @pytest.mark.parametrize("path", LISTS)
    @pytest.mark.parametrize("query", ["", "?count=false"])
    def test_not_asked_for(self, cotalker: TestClient, path: str, query: str) -> None:
        """Without `count=true` there is nothing but the rows."""
        assert list(cotalker.get(f"{path}{query}").json()["data"]) == ["values"]

    @pytest.mark.parametrize("path", TASK_LISTS)
    @pytest.mark.parametrize("query", ["", "&page=2", "&limit=1", "&isActive=false", "&page=1000"])
    def test_tasks(self, cotalker: TestClient, rows, path: str, query: str) -> None:
        """`count` is the number of matches on all pages, whatever is on this one."""
        matches = len(rows(cotalker, path, **({"isActive": "false"} if "isActive" in query else {})))

        data = cotalker.get(f"{path}?count=true{query}").json()["data"]

        assert list(data) == ["values", "count"]
        assert data["count"] == matches > 0

    @pytest.mark.parametrize(("query", "matches"), [("", 5), ("&limit=2&page=3", 5), ("&isActive=false", 1), ("&page=9", 5)])
    def test_task_groups(self, cotalker: TestClient, query: str, matches: int) -> None:
        """Task groups are counted twice: the page names `counter`, the clients read `count`."""
        data = cotalker.get(f"{GROUPS}?count=true{query}").json()["data"]

        assert list(data) == ["values", "count", "counter"]
        assert data["count"] == data["counter"] == matches

    def test_counts_what_is_seen(self, agent: TestClient, rows) -> None:
        """Tasks that the caller doesn't see are not counted."""
        data = agent.get(f"{TASKS}?count=true&limit=1").json()["data"]

        assert data["count"] == len(rows(agent, TASKS))
        assert 0 < data["count"] < 70


class TestActivity:
    """`isActive`."""

    @pytest.mark.parametrize("path", LISTS)
    def test_filter(self, cotalker: TestClient, rows, path: str) -> None:
        """`true` and `false` part the list; `all`, and nothing at all, leave it whole."""
        everything = rows(cotalker, path)

        for text, kept in (("true", True), ("false", False)):
            values = rows(cotalker, path, isActive=text)
            assert values == [row for row in everything if row["isActive"] is kept] != []
        assert rows(cotalker, path, isActive="all") == everything


class TestDates:
    """`createdAt` and `modifiedAt`, alone and with an operator."""

    @pytest.mark.parametrize("path", DATED_LISTS)
    @pytest.mark.parametrize("field", ["createdAt", "modifiedAt"])
    @pytest.mark.parametrize("operator", COMPARE)
    def test_instants(self, cotalker: TestClient, rows, path: str, field: str, operator: str) -> None:
        """Each operator is exact to the millisecond, in whatever form the instant is written."""
        everything = rows(cotalker, path)
        stamps = sorted(milliseconds(row[field]) for row in everything)

        asked = [(stamps[len(stamps) // 2], write) for write in FORMS.values()]
        asked += [(instant, zulu) for instant in (stamps[0], stamps[1] - 1, stamps[-2] + 1, stamps[-1])]
        for instant, write in asked:
            values = rows(cotalker, path, **{f"{field}{operator}": write(instant)})
            kept = [row for row in everything if COMPARE[operator](milliseconds(row[field]), instant)]
            assert values == kept, f"{field}{operator}={write(instant)}"

    def test_alias_takes_them_too(self, cotalker: TestClient, rows) -> None:
        """The path of the page's own sample filters as the documented one does."""
        stamp = rows(cotalker, TASKS)[3]["createdAt"]

        for name in DATES:
            query = {name: stamp, "limit": 1000}
            aliased = cotalker.get(TASKS.replace("task-groups", "tasks").removesuffix("s"), params=query)
            assert aliased.status_code == 200
            assert aliased.content == cotalker.get(TASKS, params=query).content

    @pytest.mark.parametrize("path", DATED_LISTS)
    def test_plus_sign_that_was_not_encoded(self, cotalker: TestClient, rows, path: str) -> None:
        """A `+` in a query is a space; before a zone it is taken for what was meant."""
        (first, *_) = rows(cotalker, path)
        text = FORMS["east of Greenwich"](milliseconds(first["createdAt"]))

        response = cotalker.get(f"{path}?createdAt={text}")

        assert "+" in response.request.url.query.decode()
        assert first in response.json()["data"]["values"]

    @pytest.mark.parametrize("path", DATED_LISTS)
    @pytest.mark.parametrize("field", ["createdAt", "modifiedAt"])
    @pytest.mark.parametrize("form", ["%Y-%m-%d", "%Y%m%d", "%G-W%V-%u", "%GW%V%u", "%Y-%j"])
    def test_dates_without_a_time(self, cotalker: TestClient, rows, path: str, field: str, form: str) -> None:
        """A date alone equals its whole day in UTC; before and after it mean its midnight."""
        everything = rows(cotalker, path)
        midnight = milliseconds(everything[-1][field]) // DAY * DAY
        text = f"{moment(midnight):{form}}"

        same_day = [row for row in everything if midnight <= milliseconds(row[field]) < midnight + DAY]
        assert rows(cotalker, path, **{field: text}) == same_day != []
        for operator in ("_gte", "_lte", "_gt", "_lt"):
            kept = [row for row in everything if COMPARE[operator](milliseconds(row[field]), midnight)]
            assert rows(cotalker, path, **{f"{field}{operator}": text}) == kept

    @pytest.mark.parametrize(("text", "instant"), [("2022", 1640995200000), ("2022-07", 1656633600000), ("0", 0), ("-1", -1)])
    def test_short_forms(self, cotalker: TestClient, rows, text: str, instant: int) -> None:
        """A year or a month stands for its beginning; other numbers are milliseconds, even few."""
        everything = rows(cotalker, GROUPS)

        values = rows(cotalker, GROUPS, createdAt_gte=text)

        assert values == [row for row in everything if milliseconds(row["createdAt"]) >= instant]
        assert rows(cotalker, GROUPS, createdAt_gte=text, createdAt_lt=str(instant)) == []

    def test_day_ends_at_midnight(self, cotalker: TestClient, clock, rows) -> None:
        """The first and the last millisecond of a day belong to it, those around it do not."""
        for stamp, group in zip(
            ("2030-01-01T23:59:59.999Z", "2030-01-02T00:00:00Z", "2030-01-02T23:59:59.999Z", "2030-01-03T00:00:00Z"),
            FREE_GROUPS,
            strict=True,
        ):
            clock.freeze(stamp)
            cotalker.post(GROUPS, json={"group": group})

        values = rows(cotalker, GROUPS, createdAt="2030-01-02")

        assert [row["createdAt"] for row in values] == ["2030-01-02T00:00:00.000Z", "2030-01-02T23:59:59.999Z"]

    @pytest.mark.parametrize("text", NO_DATES)
    def test_refused(self, cotalker: TestClient, assert_refused, text: str) -> None:
        """What is no date, or lies outside the years 1 to 9999, is a 400."""
        for path, name in ((GROUPS, "createdAt_gte"), (TASKS, "modifiedAt")):
            response = cotalker.get(path, params={name: text})
            assert_refused(response, 400, f'"{name}" must be a valid date:\n("{text}")')

    @pytest.mark.parametrize("name", DATES)
    def test_each_is_checked(self, cotalker: TestClient, assert_refused, name: str) -> None:
        """Every one of the ten parameters is refused when it is no date, and when it comes twice."""
        for path in DATED_LISTS:
            assert_refused(cotalker.get(f"{path}?{name}=soon"), 400, f'"{name}" must be a valid date:\n("soon")')
            assert_refused(cotalker.get(f"{path}?{name}=1&{name}=2"), 400, f'"{name}" must be a valid date:\n("1,2")')

    @pytest.mark.parametrize("name", DATES)
    def test_are_unknown_to_relations(self, cotalker: TestClient, rows, name: str) -> None:
        """The relations route has no date filters, so it ignores them."""
        assert rows(cotalker, RELATIONS, **{name: "soon"}) == rows(cotalker, RELATIONS)


class TestIds:
    """`ids` and `groupIds` of the list of task groups."""

    @pytest.mark.parametrize(("name", "field"), [("ids", "_id"), ("groupIds", "group")])
    @pytest.mark.parametrize(
        "form",
        [
            "{n}={a}&{n}={b}",
            "{n}={a},{b}",
            "{n}={a}%2C{b}",
            "{n}[0]={a}&{n}[1]={b}",
            "{n}%5B0%5D={a}&{n}%5B1%5D={b}",
            "{n}[]={a}&{n}[]={b}",
            "{n}={a}&{n}={b},{a}",
            "{n}={b},{a},61ae5f2ebb6c6f1869625b90",
        ],
    )
    def test_several(self, cotalker: TestClient, rows, name: str, field: str, form: str) -> None:
        """Several ids come in any of the three forms that clients send; unknown ones match nothing."""
        wanted = [row[field] for row in rows(cotalker, GROUPS)[1:3]]
        query = form.format(n=name, a=wanted[0], b=wanted[1].upper())

        values = cotalker.get(f"{GROUPS}?{query}").json()["data"]["values"]

        assert [row[field] for row in values] == wanted

    @pytest.mark.parametrize(("name", "field"), [("ids", "_id"), ("groupIds", "group")])
    def test_each(self, cotalker: TestClient, rows, name: str, field: str) -> None:
        """One id finds one task group."""
        for row in rows(cotalker, GROUPS):
            assert rows(cotalker, GROUPS, **{name: row[field]}) == [row]

    def test_both(self, cotalker: TestClient, rows) -> None:
        """Both must hold."""
        first, second, *_ = rows(cotalker, GROUPS)

        assert rows(cotalker, GROUPS, ids=first["_id"], groupIds=first["group"]) == [first]
        assert rows(cotalker, GROUPS, ids=first["_id"], groupIds=second["group"]) == []

    @pytest.mark.parametrize(
        ("query", "shown"),
        [
            ("{n}=", ""),
            ("{n}=x", "x"),
            ("{n}=61a8b233685ed3562e7cfde", "61a8b233685ed3562e7cfde"),
            ("{n}=61a8b233685ed3562e7cfdeb0", "61a8b233685ed3562e7cfdeb0"),
            ("{n}=61a8b233685ed3562e7cfdeg", "61a8b233685ed3562e7cfdeg"),
            ("{n}=61a8b233685ed3562e7cfdeb%0A", "61a8b233685ed3562e7cfdeb\n"),
            ("{n}=61a8b233685ed3562e7cfdeb,", ""),
            ("{n}=61a8b233685ed3562e7cfdeb&{n}=y", "y"),
            ("{n}[0]=z", "z"),
        ],
    )
    def test_malformed(self, cotalker: TestClient, assert_refused, query: str, shown: str) -> None:
        """One id that is none spoils the query."""
        for name in ["ids", "groupIds"]:
            response = cotalker.get(f"{GROUPS}?{query.format(n=name)}")

            assert_refused(response, 400, f'"{name}" must be a valid ObjectId:\n("{shown}")')


class TestUnknownParameters:
    """Parameters that a list doesn't know."""

    @pytest.mark.parametrize(
        "query",
        ["foo=bar", "assignedTo=61b9b7a9d258d731520fc846&startDate=2022-01-01&endDate=2022-02-01", "admin=true", "=", "&&",
         "[object Object]", "search=x", "LIMIT=x", "limit[0]=x", "company=x", "task_group=x", "nothing=1", "member=1", "%",
         "%FF=%FE"],
    )  # fmt: skip
    def test_are_ignored(self, cotalker: TestClient, query: str) -> None:
        """Whatever is unknown changes nothing: the partner SDK sends such parameters."""
        for path in LISTS:
            assert cotalker.get(f"{path}?{query}").json() == cotalker.get(path).json()

    def test_those_of_other_lists(self, cotalker: TestClient, rows) -> None:
        """A filter of one list is unknown to the others."""
        assert rows(cotalker, TASKS, ids="x", groupIds="x", assignee="x", property="x") == rows(cotalker, TASKS)
        assert rows(cotalker, GROUPS, assignee="x", property="x") == rows(cotalker, GROUPS)


class TestTogether:
    """Filters, order, pages and count at once."""

    @given(data=st.data())
    @settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @pytest.mark.parametrize("path", LISTS)
    def test_as_in_plain_python(self, cotalker: TestClient, rows, path: str, data: st.DataObject) -> None:
        """Any query gives what the same filters give in plain Python."""
        everything = rows(cotalker, path)
        params = data.draw(self.queries(path, everything))

        response = cotalker.get(path, params={**params, "count": "true"}).json()["data"]

        kept = [row for row in everything if self.matches(row, params)]
        kept = in_order(kept, params.get("sortBy", DEFAULT_SORT[path]), params.get("orderBy", "asc"))
        limit, page = int(params.get("limit", 10)), int(params.get("page", 1))
        assert response["count"] == len(kept)
        assert response["values"] == kept[(page - 1) * limit : page * limit]

    def queries(self, path: str, everything: list[dict[str, Any]]) -> st.SearchStrategy[dict[str, str]]:
        """Return queries about what there is in a list."""
        optional: dict[str, st.SearchStrategy[str]] = {
            "limit": st.integers(1, 30).map(str),
            "page": st.integers(1, 4).map(str),
            "orderBy": st.sampled_from(["asc", "desc"]),
            "isActive": st.sampled_from(["true", "false", "all"]),
            "sortBy": st.sampled_from(SORTS[path]),
        }
        if path == GROUPS:
            some = st.lists(st.sampled_from(everything), min_size=1)
            optional["ids"] = some.map(lambda rows: ",".join(row["_id"] for row in rows))
            optional["groupIds"] = some.map(lambda rows: ",".join(row["group"] for row in rows))
        if path == RELATIONS:
            optional["assignee"] = st.sampled_from([row["assignee"] for row in everything])
            optional["property"] = st.sampled_from([row[field] for row in everything for field in ("status", "smState")])
        else:
            for name in DATES:
                stamps = [row[name.partition("_")[0]] for row in everything]
                optional[name] = st.sampled_from(stamps) | st.sampled_from([stamp[:10] for stamp in stamps])
        return st.fixed_dictionaries({}, optional=optional)

    def matches(self, row: dict[str, Any], params: dict[str, str]) -> bool:
        """Whether a row passes every filter."""
        return all(self.passes(row, name, value) for name, value in params.items())

    def passes(self, row: dict[str, Any], name: str, value: str) -> bool:
        """Whether a row passes one filter."""
        match name:
            case "isActive":
                return value == "all" or row["isActive"] is (value == "true")
            case "ids":
                return row["_id"] in value.split(",")
            case "groupIds":
                return row["group"] in value.split(",")
            case "assignee":
                return row["assignee"] == value
            case "property":
                return value in (row["status"], row["smState"])
        if name not in DATES:
            return True
        field, _, operator = name.partition("_")
        stored = milliseconds(row[field])
        if len(value) > 10:
            return COMPARE[f"_{operator}" if operator else ""](stored, milliseconds(value))
        midnight = milliseconds(f"{value}T00:00:00Z")
        return COMPARE[f"_{operator}"](stored, midnight) if operator else midnight <= stored < midnight + DAY
