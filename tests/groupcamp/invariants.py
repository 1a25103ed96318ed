"""What holds of GroupCamp's tasks at any time, checked on what the API shows and, where it doesn't show enough, on the rows."""

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

import orjson
from sqlalchemy import select

from groupcamp.clients import Task
from understudy.core.store import table_of
from understudy.vendors.groupcamp import tables, wire

NOBODY = {"id": "empty"}
WORKDAYS = (28_800, 25_200)


def check_tasks(tasks: Iterable[Task]) -> None:
    """Check the invariants of tasks that together fill their lists."""
    tasks = list(tasks)
    for task in tasks:
        check_state(task)
        check_assignees(task)
        check_dates(task)
        check_time(task)
    check_lists(tasks)


def check_state(task: Task) -> None:
    """A completed task says when and by whom, and all of it is done; an open one says neither."""
    if task["is_open"]:
        assert task["completion_date"] is None
        assert task["completed_by"] is None
    else:
        assert task["creation_date"] <= task["completion_date"] <= task["modification_date"]
        assert task["completed_by"]["type"] == "user"
        assert {affect["progress"] for affect in task["affects"]} == {100}
    assert task["creation_date"] <= task["modification_date"]


def check_assignees(task: Task) -> None:
    """Assignees are different users, or one Nobody; progress goes by tens."""
    users = [affect["user"]["id"] for affect in task["affects"]]
    assert users
    assert len(users) == len(set(users))
    assert "empty" not in users or users == ["empty"]
    assert all(affect["user"] == NOBODY or affect["user"]["type"] == "user" for affect in task["affects"])
    assert all(affect["progress"] in range(0, 101, 10) for affect in task["affects"])


def check_dates(task: Task) -> None:
    """A due date of a milestone is that of the list's; nothing begins after it is due."""
    milestone = task["list"]["milestone"]
    if task["end"]["type"] == "milestone":
        assert task["end"] == {"type": "milestone", "date": milestone["date"], "id": milestone["id"]}
    if task["begin"]["type"] == "date" and task["end"]["type"] != "empty":
        assert task["begin"]["date"] <= task["end"]["date"]
    assert list(task["begin"]) == (["type"] if task["begin"]["type"] == "empty" else ["type", "date"])


def check_time(task: Task) -> None:
    """The total has at least what the assignees spent, per unit; no length is nothing in one unit only."""
    total = task["track_time"]["total"]
    assert list(task["track_time"]) == ["total"]
    for unit in ("d", "s"):
        assert total[unit] >= sum(affect["track_time"][unit] for affect in task["affects"])
    durations = [total, *(affect[name] for affect in task["affects"] for name in ("estimate", "track_time"))]
    for duration in durations:
        assert list(duration) == ["d", "s"]
        assert (duration["d"] == 0) == (duration["s"] == 0)
        assert min(duration.values()) >= 0


def check_lists(tasks: list[Task]) -> None:
    """All tasks of a list show one list, which is closed exactly when they are all completed."""
    by_list = defaultdict(list)
    for task in tasks:
        by_list[task["list"]["id"]].append(task)
    for members in by_list.values():
        shown = members[0]["list"]
        assert all(task["list"] == shown for task in members)
        assert shown["is_closed"] == (not any(task["is_open"] for task in members))
        if shown["milestone"] != NOBODY:
            assert shown["milestone"]["group"] == shown["group"]
            assert shown["is_private"] or not shown["milestone"]["is_private"]


def fits_workday(duration: dict[str, int], workday: int) -> bool:
    """Whether one unit is the other, converted with this length of a day and rounded, but not to nothing."""
    d, s = duration["d"], duration["s"]
    return abs(s - d * workday / 1000) <= 0.5 or abs(d - s * 1000 / workday) <= 0.5 or (0 < s * 1000 / workday < 1 and d == 1)


def rows(server: Any, table: Any) -> list[dict[str, Any]]:
    """Return all rows of a table."""
    with server.app.sandboxes["default"].session() as session:
        return [dict(row) for row in session.all(select(table_of(table)))]


def check_rows(server: Any) -> None:
    """Check what the API doesn't show: that sums are those of the records, and that documents are what their rows say."""
    logs = [log for log in rows(server, tables.Timelog) if log["task"] is not None]
    affects, tasks = rows(server, tables.Affect), rows(server, tables.Task)
    for unit in ("d", "s"):
        totals: dict[Any, int] = defaultdict(int)
        for log in logs:
            totals[log["task"]] += log[unit]
            totals[log["task"], log["user"]] += log[unit]
        assert [task[f"spent_{unit}"] for task in tasks] == [totals[task["id"]] for task in tasks]
        assert [one[f"spent_{unit}"] for one in affects] == [totals[one["task"], one["user"]] for one in affects]
    assert {log["task"] for log in logs} <= {task["id"] for task in tasks}
    assert all((task["completed"] is None) == (task["completed_by"] is None) for task in tasks)
    check_documents(server, tasks)
    check_links(server, tasks)


def check_documents(server: Any, tasks: list[dict[str, Any]]) -> None:
    """Every task has its documents, and they are what would be put together from the rows now."""
    kept = {row["task"]: row for row in rows(server, tables.TaskDocument)}
    assert set(kept) == {task["id"] for task in tasks}
    with server.app.sandboxes["default"].session() as session:
        for generation in ("seed", "v3"):
            fresh = wire.tasks(session, tasks, generation=generation)  # type: ignore[arg-type]  # one of the two
            for task, made in zip(tasks, fresh, strict=True):
                assert orjson.loads(kept[task["id"]][generation]) == made


def check_links(server: Any, tasks: list[dict[str, Any]]) -> None:
    """Tasks, lists and milestones belong to one group, tags on tasks are for tasks, and empty lists are open."""
    lists = {row["id"]: row for row in rows(server, tables.TaskList)}
    milestones = {row["id"]: row for row in rows(server, tables.Milestone)}
    assert all(lists[task["list"]]["group"] == task["group"] for task in tasks)
    assert all(milestones[one["milestone"]]["group"] == one["group"] for one in lists.values() if one["milestone"])
    filled = {task["list"] for task in tasks}
    assert not any(one["is_closed"] for one in lists.values() if one["id"] not in filled)
    for_tasks = {row["id"] for row in rows(server, tables.Tag) if row["for_task"]}
    known = {task["id"] for task in tasks}
    for row in rows(server, tables.TaskTag):
        assert row["tag"] in for_tasks
        assert row["task"] in known


def check_office(server: Any) -> None:
    """Check groups, members, budgets and time beyond what tasks need."""
    groups = {row["id"]: row for row in rows(server, tables.Group)}
    members = {(row["group"], row["user"]) for row in rows(server, tables.Member)}
    users = {row["id"]: row for row in rows(server, tables.User)}
    for group in groups.values():
        code = f"{group['code']} " if group["code"] else ""
        assert group["folded"] == f"{code}{group['name']}".casefold()
        assert {(group["id"], group[name]) for name in ("leader1", "leader2") if group[name]} <= members
        assert (group["subtype"] == "customer") == (group["orga"] is not None)
    for account in {group["account"] for group in groups.values()}:
        kept = [group for group in groups.values() if group["account"] == account and group["state"] != "del"]
        for field in ("name", "code", "external_ref"):
            values = [group[field] for group in kept if group[field] is not None]
            assert len(values) == len(set(values))
    assert all(users[user]["account"] == groups[group]["account"] for group, user in members)
    assert all(users[row["user"]]["utype"] == "employee" for row in rows(server, tables.Member) if row["delegated"])
    for_groups = {row["id"] for row in rows(server, tables.Tag) if row["for_group"]}
    assert {row["tag"] for row in rows(server, tables.GroupTag)} <= for_groups
    check_money(server, groups)
    check_time_records(server, groups)


def check_money(server: Any, groups: dict[int, dict[str, Any]]) -> None:
    """Budgets are projects', and have lines of their type."""
    lines = rows(server, tables.BudgetLine)
    budgets = {row["group"]: row for row in rows(server, tables.Budget)}
    assert all(groups[group]["gtype"] == "project" for group in budgets)
    assert {line["group"] for line in lines} == set(budgets)
    for line in lines:
        kind = budgets[line["group"]]["type"]
        assert ((line["role"] is not None), (line["category"] is not None)) == (kind == "role", kind == "category")


def check_time_records(server: Any, groups: dict[int, dict[str, Any]]) -> None:
    """A record's task is in its group; without a group, its category is administrative; only projects' time is billed."""
    tasks = {row["id"]: row for row in rows(server, tables.Task)}
    administrative = {row["id"]: row["is_administrative"] for row in rows(server, tables.TimeCategory)}
    for log in rows(server, tables.Timelog):
        assert log["task"] is None or tasks[log["task"]]["group"] == log["group"]
        assert log["group"] is None or groups[log["group"]]["account"] == log["account"]
        assert log["category"] is None or bool(administrative[log["category"]]) == (log["group"] is None)
        assert log["group"] is not None or log["category"] is not None
        assert log["billable"] is None or (log["group"] is not None and groups[log["group"]]["gtype"] == "project")
