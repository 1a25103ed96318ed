"""Budgets of projects, and the report over all of them."""

from collections.abc import Callable
from typing import Any

import pytest
from starlette.testclient import TestClient

from groupcamp.clients import GROUP, NOT_FOUND, bad_parameter, error_id, refused, signing, uuid, walk
from groupcamp.invariants import rows
from groupcamp.test_group_tasks import JEAN, keys
from understudy.vendors.groupcamp import tables

BUDGET = f"/track/v1/budget/{GROUP}"
REPORT = "/track/v1/report"
ANNA, BOSS = uuid("person:user", 9), uuid("person:user", 5)
NEW_BRANCH, ARCHIVE = uuid("person:group", 26), uuid("person:group", 22)
ALL = {"with_detail": "1", "with_spent": "1"}
WRONG_GTYPE = {"error": "forbidden", "detail": "wrong_gtype"}
INVALID = {"error": "forbidden", "detail": "invalid_budget"}
PLAIN: dict[str, Any] = {
    "group_id": GROUP,
    "type": "role",
    "time_unit": "s",
    "work": 216000,
    "currency": "EUR",
    "amount": 3400000,
    "dates": {"start": "2019-06-01", "end": "2019-07-31"},
    "description": "",
}
LINES: list[dict[str, Any]] = [
    {"type": "role", "role": "Developer", "category": None, "work": 144000, "unit_cost": 60000, "cost": 2400000},
    {"type": "role", "role": "Designer", "category": None, "work": 72000, "unit_cost": 50000, "cost": 1000000},
]
SPENT = [
    {"spent": 14400, "billable": 14400, "role_cost": 240000, "user_cost": 220000},
    {"spent": 3600, "billable": 3600, "role_cost": 50000, "user_cost": 50000},
]
OTHER = {"type": "other", "category": None, "work": 0, "unit_cost": 40000, "cost": 0}
TESTER = {**OTHER, "role": "Tester", "spent": 3600, "billable": 0, "role_cost": 40000, "user_cost": 35000}
LINE_KEYS = ["type", "role", "category", "work", "spent", "billable", "unit_cost", "cost", "role_cost", "user_cost"]

Do = Callable[..., dict[str, Any]]


@pytest.fixture
def do(act) -> Do:
    """Return a function that runs a set-up action of GroupCamp."""
    return lambda action, **body: act("groupcamp", action, **body)


def budget(client: TestClient, group: str = GROUP, **query: str) -> dict[str, Any]:
    """Return a budget."""
    response = client.get(f"/track/v1/budget/{group}", params=query or None)
    assert response.status_code == 200, response.text
    found: dict[str, Any] = response.json()["result"]
    return found


class TestGetBudget:
    """GET /track/v1/budget/{GroupUuid}."""

    def test_plain(self, reporting: TestClient) -> None:
        """Neither lines nor time spent come unasked."""
        response = reporting.get(BUDGET)

        assert response.status_code == 200
        assert response.json() == {"result": PLAIN}

    @pytest.mark.parametrize("query", [{"with_spent": "1"}, {"with_spent": "7"}, {"with_spent": "-1", "with_detail": "0"}])
    def test_with_spent(self, reporting: TestClient, query: dict[str, str]) -> None:
        """Time spent and its billable part come when asked for, with any number but 0."""
        assert budget(reporting, **query) == PLAIN | {"spent": 21600, "billable": 18000}

    @pytest.mark.parametrize(
        "query", [{"with_detail": "1"}, {"with_detail": "2", "with_spent": "0"}, {"with_detail": "01", "with_spent": "-0"}]
    )
    def test_with_detail(self, reporting: TestClient, query: dict[str, str]) -> None:
        """Without time spent there is one line for what is off the budget, with its price."""
        assert budget(reporting, **query) == PLAIN | {"lines": [*LINES, OTHER | {"role": None}]}

    def test_example(self, reporting: TestClient) -> None:
        """The documented answer is given to the letter, keys in their order."""
        found = budget(reporting, **ALL)

        lines = [{**line, **spent} for line, spent in zip(LINES, SPENT, strict=True)]
        assert found == PLAIN | {"spent": 21600, "billable": 18000, "lines": [*lines, TESTER]}
        assert list(found) == [
            "group_id", "type", "time_unit", "work", "currency", "amount", "spent", "billable", "dates", "description", "lines",
        ]  # fmt: skip
        assert [list(line) for line in found["lines"]] == [LINE_KEYS] * 3

    def test_time_counts_between_the_dates(self, do: Do, reporting: TestClient) -> None:
        """The first and the last day count, the days around them don't."""
        for day in ("2019-05-31", "2019-06-01", "2019-07-31", "2019-08-01"):
            do("log-time", group=GROUP, user=JEAN["id"], duration=36, date=day, billable=True)

        found = budget(reporting, **ALL)

        assert (found["spent"], found["billable"]) == (21600 + 72, 18000 + 72)
        assert found["lines"][0]["spent"] == 14400 + 72
        assert found["lines"][0]["role_cost"] == 240000 + 72 * 60000 // 3600

    def test_time_of_nobody(self, do: Do, reporting: TestClient) -> None:
        """Users without a role have a line of their own, the last one, which costs nothing."""
        do("log-time", group=GROUP, duration=60, date="2019-06-02")

        found = budget(reporting, **ALL)

        assert found["lines"][-1] == {
            **OTHER,
            "role": "[-] User without a role",
            "spent": 60,
            "billable": 0,
            "role_cost": 0,
            "user_cost": 0,
        }
        assert found["lines"][-2] == TESTER
        assert sum(line["spent"] for line in found["lines"]) == found["spent"]

    def test_no_time_off_the_budget(self, do: Do, reporting: TestClient) -> None:
        """Where nothing is off the budget there is no such line, if time spent is asked for; a role without time has zeros."""
        lines = [{"name": name, "work": 3600, "unit_cost": 1000} for name in ("Tester", "Developer", "Designer")]
        do("set-budget", group=GROUP, type="role", lines=lines)
        do("set-project", group=GROUP, start="2019-06-19")
        do("set-budget", group=GROUP, type="role", lines=lines)

        found = budget(reporting, **ALL)

        assert [(line["type"], line["role"], line["spent"]) for line in found["lines"]] == [
            ("role", "Tester", 3600),
            ("role", "Developer", 0),
            ("role", "Designer", 0),
        ]

    def test_by_category(self, do: Do, reporting: TestClient) -> None:
        """Lines may be for categories of time; what has none is off the budget too, without a name."""
        do(
            "set-budget",
            group=GROUP,
            type="category",
            lines=[{"name": "Planning", "work": 3600, "unit_cost": 125000}],
            unit_cost=5,
        )

        found = budget(reporting, **ALL)

        named = [(line["type"], line["role"], line["category"], line["spent"], line["unit_cost"]) for line in found["lines"]]
        assert named == [
            ("category", None, "Planning", 0, 125000),
            ("other", None, "Editing", 14400, 5),
            ("other", None, None, 7200, 5),
        ]
        assert found["lines"][0]["cost"] == 125000

    def test_total(self, do: Do, reporting: TestClient) -> None:
        """A total has exactly one line, with all of the time."""
        do("set-budget", group=GROUP, type="total", lines=[{"work": 7200, "unit_cost": 35000}], description="All in one")

        found = budget(reporting, **ALL)

        assert found["lines"] == [
            {
                "type": "total",
                "role": None,
                "category": None,
                "work": 7200,
                "spent": 21600,
                "billable": 18000,
                "unit_cost": 35000,
                "cost": 70000,
                "role_cost": 330000,
                "user_cost": 305000,
            }
        ]
        assert (found["amount"], found["work"], found["description"]) == (70000, 7200, "All in one")
        assert "spent" not in budget(reporting, with_detail="1")["lines"][0]

    @pytest.mark.parametrize(
        ("unit", "work", "unit_cost", "cost"),
        [("s", 3600, 125000, 125000), ("d", 3600, 125000, 450000), ("s", 7200, 35000, 70000), ("d", 4500, 240000, 1080000)],
    )
    def test_costs(self, do: Do, reporting: TestClient, unit: str, work: int, unit_cost: int, cost: int) -> None:
        """The documented products: per hour of seconds, per day of thousandths."""
        do("set-account", budget_unit=unit)
        do("set-budget", group=GROUP, type="total", lines=[{"work": work, "unit_cost": unit_cost}])

        found = budget(reporting, **ALL)

        assert found["time_unit"] == unit
        assert found["lines"][0]["cost"] == found["amount"] == cost
        assert found["spent"] == {"s": 21600, "d": 750}[unit]

    def test_unit_of_budgets_is_its_own(self, do: Do, reporting: TestClient) -> None:
        """An account that enters time in days may count budgets in seconds all the same."""
        do("set-account", time_unit="d")

        found = budget(reporting, with_spent="1")

        assert (found["time_unit"], found["work"], found["spent"]) == ("s", 216000, 21600)

    @pytest.mark.parametrize(("unit_cost", "cost"), [(1799, 0), (1800, 1), (5399, 1), (5400, 2)])
    def test_costs_are_rounded(self, do: Do, reporting: TestClient, unit_cost: int, cost: int) -> None:
        """To the nearest whole number, a half upwards."""
        do("set-budget", group=GROUP, type="total", lines=[{"work": 1, "unit_cost": unit_cost}])

        assert budget(reporting, with_detail="1")["lines"][0]["cost"] == cost

    def test_costs_in_days(self, do: Do, reporting: TestClient) -> None:
        """Records cost what their users' and roles' days do."""
        do("set-account", budget_unit="d")
        do("set-budget", group=GROUP, type="total", lines=[{"work": 1000}])

        (line,) = budget(reporting, **ALL)["lines"]

        assert line["user_cost"] == (500 * 55000 + 125 * 50000 + 125 * 35000) // 1000
        assert line["role_cost"] == (500 * 60000 + 125 * 50000 + 125 * 40000) // 1000

    def test_without_an_amount(self, do: Do, reporting: TestClient) -> None:
        """No amount, no currency."""
        do("set-budget", group=GROUP, type="total", lines=[{"work": 3600, "unit_cost": 1}], amount=None)

        found = budget(reporting)

        assert (found["amount"], found["currency"]) == (None, None)

    def test_without_dates(self, do: Do, reporting: TestClient) -> None:
        """A project without dates has a budget without, and all of its time is within them."""
        do("set-project", group=GROUP, start=None, end=None)
        do("set-budget", group=GROUP, type="total", lines=[{"work": 3600}])

        found = budget(reporting, with_spent="1")

        assert found["dates"] == {"start": None, "end": None}
        logs = walk(reporting, f"/track/v1/group/{GROUP}/timelogs", start="0001-01-01", end="9999-12-31")
        assert found["spent"] == sum(log["duration"]["s"] for log in logs)
        assert found["billable"] == sum(log["duration"]["s"] for log in logs if log["billable"])

    @pytest.mark.parametrize(
        ("action", "change"),
        [
            ("set-account", {"currency": "USD"}),
            ("set-account", {"budget_unit": "d"}),
            ("set-project", {"group": GROUP, "start": "2019-06-02"}),
            ("set-project", {"group": GROUP, "end": None}),
        ],
    )
    def test_not_valid_any_more(self, do: Do, reporting: TestClient, action: str, change: dict[str, Any]) -> None:
        """When currency, unit or dates have changed, the budget is worth nothing, until it is made anew."""
        do(action, **change)
        refused(reporting.get(BUDGET), 403, INVALID)
        refused(reporting.get(BUDGET, params=ALL), 403, INVALID)

        do("set-budget", group=GROUP, type="total", lines=[{"work": 3600}])
        assert reporting.get(BUDGET).status_code == 200

    def test_valid_again(self, do: Do, reporting: TestClient) -> None:
        """What is changed back is as it was; the unit in which time is entered doesn't matter."""
        do("set-account", currency="USD", time_unit="d")
        do("set-account", currency="EUR")

        assert budget(reporting) == PLAIN

    @pytest.mark.parametrize("gtype", ["intranet", "extranet"])
    def test_no_project(self, do: Do, reporting: TestClient, gtype: str) -> None:
        """Only projects have budgets."""
        group = do("create-group", name="Any", gtype=gtype)["id"]

        refused(reporting.get(f"/track/v1/budget/{group}"), 403, WRONG_GTYPE)

    def test_project_without_budget(self, do: Do, reporting: TestClient) -> None:
        """A project may have none."""
        refused(reporting.get(f"/track/v1/budget/{ARCHIVE}"), 404, NOT_FOUND)
        do("remove-budget", group=GROUP)
        refused(reporting.get(BUDGET), 404, NOT_FOUND)

    @pytest.mark.parametrize("group", [uuid("person:group", 999_999), uuid("person:group", 21, account=19)])
    def test_unknown_group(self, reporting: TestClient, group: str) -> None:
        """A group that is not there is not found."""
        refused(reporting.get(f"/track/v1/budget/{group}"), 404, NOT_FOUND)

    @pytest.mark.parametrize(
        "action", [("set-group-state", {"state": "trash"}), ("set-group-state", {"state": "del"}), ("forbid", {})]
    )
    def test_group_that_can_not_be_retrieved(self, do: Do, reporting: TestClient, action: tuple[str, dict[str, str]]) -> None:
        """The method has no 403 for it, so it is not found."""
        do(action[0], **({"id": GROUP} if action[0] == "forbid" else {"group": GROUP, **action[1]}))

        refused(reporting.get(BUDGET), 404, NOT_FOUND)

    def test_archived_project(self, do: Do, reporting: TestClient) -> None:
        """An archived project keeps its budget."""
        do("set-group-state", group=GROUP, state="archi")

        assert budget(reporting) == PLAIN

    @pytest.mark.parametrize("group", ["x", JEAN["id"], "uuid"])
    def test_bad_id(self, reporting: TestClient, group: str) -> None:
        """The field is called as the page calls it."""
        refused(reporting.get(f"/track/v1/budget/{group}?with_spent=x"), 400, error_id("GroupUuid"))

    @pytest.mark.parametrize(
        ("query", "field", "code"),
        [
            ("with_detail=", "with_detail", "invalid"),
            ("with_detail=yes", "with_detail", "invalid"),
            ("with_detail=1.0", "with_detail", "invalid"),
            ("with_spent=%D9%A1", "with_spent", "invalid"),
            ("with_spent=1&with_spent=1", "with_spent", "multiple"),
        ],
    )
    def test_bad_parameters(self, reporting: TestClient, query: str, field: str, code: str) -> None:
        """Whole numbers, once, and before anything is looked for."""
        refused(reporting.get(f"/track/v1/budget/{uuid('person:group', 999_999)}?{query}"), 400, bad_parameter(field, code))

    @pytest.mark.parametrize(
        ("action", "body", "status"),
        [
            ("set-budget", {"group": GROUP, "type": "role", "lines": [{"name": "Cook", "work": 1}]}, 404),
            ("set-budget", {"group": GROUP, "type": "role", "lines": [{"work": 1}]}, 422),
            ("set-budget", {"group": GROUP, "type": "total", "lines": [{"work": 1}, {"work": 1}]}, 422),
            ("set-budget", {"group": GROUP, "type": "total", "lines": []}, 422),
            ("set-budget", {"group": uuid("person:group", 999), "type": "total", "lines": [{"work": 1}]}, 404),
            ("set-project", {"group": GROUP, "start": "2020-01-01"}, 422),
            ("set-account", {"currency": "euro"}, 422),
            ("remove-budget", {"group": ARCHIVE}, 404),
        ],
    )
    def test_refusals_of_actions(
        self, server, admin: TestClient, reporting: TestClient, action: str, body: dict[str, Any], status: int
    ) -> None:
        """What doesn't fit is refused, and nothing of it is done."""
        assert admin.post(f"/actions/groupcamp/{action}", json=body).status_code == status
        assert budget(reporting) == PLAIN

    def test_no_project_has_no_dates(self, do: Do, admin: TestClient) -> None:
        """Dates are a project's."""
        group = do("create-group", name="Any", gtype="intranet")["id"]

        assert admin.post("/actions/groupcamp/set-project", json={"group": group, "start": None}).status_code == 422


class TestGetReport:
    """GET /track/v1/report."""

    def reports(self, client: TestClient, **query: Any) -> list[dict[str, Any]]:
        """Return the reports that fit."""
        response = client.get(REPORT, params=query or None)
        assert response.status_code == 200, response.text
        found: list[dict[str, Any]] = response.json()["result"]
        return found

    def names(self, client: TestClient, **query: Any) -> list[str]:
        """Return the names of the projects that fit."""
        return [one["project"]["group_name"] for one in self.reports(client, **query)]

    def test_example(self, serve: Callable[..., Any]) -> None:
        """The documented report, keys in their order."""
        (found,) = self.reports(signing(serve(groupcamp_generation="v3")), search="relaunch")

        tag = found["project"]["rich_tags"][0]
        assert found["project"] == {
            "group_id": GROUP,
            "name": "WEB-01 Website relaunch",
            "group_name": "Website relaunch",
            "state": "ok",
            "leader1": {
                "id": JEAN["id"],
                "name": "Jean Martin",
                "shortname": "Jean M.",
                **{k: JEAN[k] for k in ("type", "utype", "state")},
            },
            "leader2": None,
            "rich_tags": [{"id": tag["id"], "name": "web", "color": 3, "for_group": True, "for_task": True, "for_file": False}],
            "tags_names": ["web"],
            "dates": {"start": "2019-06-01", "end": "2019-07-31"},
        }
        assert found["budget"] == {"type": "role", "time_unit": "s", "work": 216000, "currency": "EUR", "amount": 3400000}
        assert found["budget_missing"] is None
        assert found["time_indates"] == {
            "time_unit": "s", "total_time": 21600, "billable_time": 18000, "user_cost": 305000, "role_cost": 330000,
        }  # fmt: skip
        assert [name for name, _ in keys(found)] == ["project", "budget", "budget_missing", "time_indates", "time_total"]

    def test_older_generation(self, reporting: TestClient) -> None:
        """There users have no short names; everything else is the same."""
        (found,) = self.reports(reporting, search="relaunch")

        assert found["project"]["leader1"] == JEAN

    def test_all_active_projects(self, server, reporting: TestClient) -> None:
        """Without parameters, every project in the state `ok` comes, by number."""
        wanted = [
            row["name"]
            for row in rows(server, tables.Group)
            if (row["account"], row["gtype"], row["state"]) == (18, "project", "ok")
        ]

        assert self.names(reporting) == wanted
        assert len(wanted) == 5

    @pytest.mark.parametrize("path", [REPORT, f"{REPORT}/"])
    def test_as_the_vendors_script_asks(self, reporting: TestClient, path: str) -> None:
        """With a slash at the end and an escaped space."""
        response = reporting.get(f"{path}?search=Some%20text")

        assert response.status_code == 200
        assert response.json() == {"result": []}

    def test_times_are_those_of_the_records(self, reporting: TestClient) -> None:
        """Total and billable time are the sums of the project's records, inside its dates and at all."""
        for one in self.reports(reporting):
            if one["project"]["group_name"] == "Notice board":  # without Timelog, its records can't be listed
                continue
            logs = walk(reporting, f"/track/v1/group/{one['project']['group_id']}/timelogs", start="0001-01-01", end="9999-12-31")
            dates = one["project"]["dates"]
            inside = [log for log in logs if (dates["start"] or "") <= log["date"] <= (dates["end"] or "9999")]
            for figures, counted in ((one["time_indates"], inside), (one["time_total"], logs)):
                assert figures["total_time"] == sum(log["duration"]["s"] for log in counted)
                assert figures["billable_time"] == sum(log["duration"]["s"] for log in counted if log["billable"])

    def test_invariants(self, reporting: TestClient) -> None:
        """A budget is missing exactly when it says why; no figure inside the dates is above its total."""
        found = self.reports(reporting)
        for one in found:
            assert (one["budget"] is None) == (one["budget_missing"] is not None)
            for name in ("total_time", "billable_time", "user_cost", "role_cost"):
                assert one["time_total"][name] >= one["time_indates"][name]
            assert one["time_total"]["billable_time"] <= one["time_total"]["total_time"]
            assert one["project"]["tags_names"] == [tag["name"] for tag in one["project"]["rich_tags"]]
            assert all(tag["for_group"] for tag in one["project"]["rich_tags"])
        assert {one["budget_missing"] for one in found} == {None, "no_budget", "invalid"}

    def test_budget_unit(self, do: Do, reporting: TestClient) -> None:
        """All integers are in the account's unit of budgets, and budgets of the other one are invalid."""
        do("set-account", budget_unit="d")

        found = self.reports(reporting)

        assert {one[name]["time_unit"] for one in found for name in ("time_indates", "time_total")} == {"d"}
        assert found[0]["time_indates"] == {
            "time_unit": "d", "total_time": 750, "billable_time": 625, "user_cost": 38125, "role_cost": 41250,
        }  # fmt: skip
        assert {one["budget_missing"] for one in found} == {"no_budget", "invalid"}

    @pytest.mark.parametrize("side", ["start", "end"])
    def test_without_dates(self, do: Do, reporting: TestClient, side: str) -> None:
        """Time counts as within the dates however early, or late, it is, where that date is not set."""
        far = {"start": "1999-01-01", "end": "2035-01-01"}[side]
        do("log-time", group=GROUP, duration=60, date=far)
        do("set-project", group=GROUP, **{side: None})

        (found,) = self.reports(reporting, search="relaunch")

        logs = walk(reporting, f"/track/v1/group/{GROUP}/timelogs", start="0001-01-01", end="9999-12-31")
        dates = found["project"]["dates"]
        assert dates[side] is None
        inside = [log for log in logs if (dates["start"] or "") <= log["date"] <= (dates["end"] or "9999")]
        assert far in {log["date"] for log in inside}
        assert found["time_indates"]["total_time"] == sum(log["duration"]["s"] for log in inside)

    def test_why_a_budget_is_missing(self, do: Do, reporting: TestClient) -> None:
        """Because it is not valid any more, or because there is none."""

        def found() -> tuple[Any, Any]:
            (one,) = self.reports(reporting, search="relaunch")
            return one["budget"], one["budget_missing"]

        do("set-account", currency="USD")
        assert found() == (None, "invalid")
        do("remove-budget", group=GROUP)
        assert found() == (None, "no_budget")

    def test_second_leader(self, provisioning: TestClient, reporting: TestClient) -> None:
        """The assistant leads and manages a project, too."""
        provisioning.post(f"/core/v1/group/project/{GROUP}", json={"name": "Website relaunch", "leader2": ANNA})

        assert self.names(reporting, leader=ANNA) == ["Website relaunch", "Shop openings"]
        assert self.names(reporting, managing=ANNA) == ["Website relaunch", "Shop openings"]

    @pytest.mark.parametrize(("amount", "unit_cost", "currency"), [(None, 0, None), (None, 1, "EUR"), (0, 0, "EUR")])
    def test_currency(self, do: Do, reporting: TestClient, amount: int | None, unit_cost: int, currency: str | None) -> None:
        """There is one when there is an amount or a price."""
        do("set-budget", group=GROUP, type="total", lines=[{"work": 3600, "unit_cost": unit_cost}], amount=amount)

        (found,) = self.reports(reporting, search="relaunch")

        assert found["budget"] == {"type": "total", "time_unit": "s", "work": 3600, "currency": currency, "amount": amount}

    @pytest.mark.parametrize(
        ("query", "names"),
        [
            ({"name": "Website relaunch"}, ["Website relaunch"]),
            ({"name": "WEB-01 Website relaunch"}, ["Website relaunch"]),
            ({"name": "website relaunch"}, []),
            ({"name": "Website"}, []),
            ({"name": "Archive"}, []),
            ({"search": "RELAUNCH"}, ["Website relaunch"]),
            ({"search": "-01 "}, ["Website relaunch", "Shop openings"]),
            ({"search": "%"}, []),
            ({"search": "_"}, []),
            ({"search": "/"}, []),
            ({"user": BOSS}, ["Website relaunch", "Notice board", "Field service"]),
            ({"leader": JEAN["id"]}, ["Website relaunch", "Field service"]),
            ({"leader": ANNA}, ["Shop openings"]),
            ({"managing": BOSS}, ["Website relaunch", "Field service"]),
            ({"user": uuid("person:user", 999_999)}, []),
            ({"user": uuid("person:user", 7, account=19)}, []),
            ({"leader": uuid("person:user", 1, account=2**31)}, []),
            ({"tag_name": "web"}, ["Website relaunch", "Shop openings"]),
            ({"tag_name": ["web", "customer"]}, ["Shop openings"]),
            ({"tag_name": ["web", "web"]}, ["Website relaunch", "Shop openings"]),
            ({"tag_name": ["web", "print"]}, []),
            ({"tag_name": "Web"}, []),
            ({"tag_name": ""}, ["Notice board", "New branch"]),
            ({"tag_name": ["", "web"]}, []),
            ({"tag_name": "none such"}, []),
            ({"project_type": "customer"}, ["Shop openings"]),
            ({"project_type": "internal"}, ["Website relaunch", "Notice board", "New branch", "Field service"]),
            ({"project_type": "customer", "leader": JEAN["id"]}, []),
            ({"search": "e", "tag_name": "web", "user": ANNA}, ["Website relaunch", "Shop openings"]),
            ({"state": "archi"}, ["Website relaunch", "Notice board", "New branch", "Field service", "Shop openings"]),
        ],
    )
    def test_filters(self, reporting: TestClient, query: dict[str, Any], names: list[str]) -> None:
        """Filters combine with AND; tags too; a parameter that is unknown, as `state` is, is ignored."""
        assert self.names(reporting, **query) == names

    @pytest.mark.parametrize(
        ("query", "field", "code"),
        [
            ("name=", "name", "invalid"),
            ("search=", "search", "invalid"),
            ("search=a&search=b", "search", "multiple"),
            ("user=jean@localhost", "user", "invalid"),
            (f"user={GROUP}", "user", "invalid"),
            ("leader=x", "leader", "invalid"),
            (f"managing={BOSS}&managing={BOSS}", "managing", "multiple"),
            ("project_type=", "project_type", "invalid"),
            ("project_type=Customer", "project_type", "invalid"),
        ],
    )
    def test_bad_parameters(self, reporting: TestClient, query: str, field: str, code: str) -> None:
        """Users by id only; every parameter but the tags once."""
        refused(reporting.get(f"{REPORT}?{query}"), 400, bad_parameter(field, code))

    def test_no_projects(self, server) -> None:
        """Another account has its own report."""
        assert self.names(signing(server, "nk-demo-1")) == ["Next door"]


class TestRows:
    """What the API doesn't show."""

    def test_amounts_are_sums_of_lines(self, server) -> None:
        """A budget's amount is what its lines cost, and its work what they say."""
        lines = rows(server, tables.BudgetLine)
        for one in rows(server, tables.Budget):
            costs = [line["unit_cost"] * line["work"] / 3600 for line in lines if line["group"] == one["group"]]
            assert one["amount"] == sum(costs)
            assert one["time_unit"] == "s"

    def test_rates_are_those_of_the_day(self, do: Do, server, reporting: TestClient) -> None:
        """A record keeps the rates that it was made with."""
        before = budget(reporting, **ALL)
        with server.app.sandboxes["default"].session() as session:
            for role in session.records(tables.Role, select_all(tables.Role)):
                role.rate *= 2
                session.save(role)

        assert budget(reporting, **ALL) == before
        do("log-time", group=GROUP, user=JEAN["id"], duration=3600, date="2019-06-03")
        assert budget(reporting, **ALL)["lines"][0]["role_cost"] == before["lines"][0]["role_cost"] + 120000


def select_all(table: Any) -> Any:
    """Return the query for all rows of a table."""
    from sqlalchemy import select

    from understudy.core.store import table_of

    return select(table_of(table))
