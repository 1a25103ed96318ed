"""What a list of tasks owes to the filters that were sent, for the ledger; the filters themselves stand in `tasks.py`."""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from understudy.core.provenance import follow

FILTERS = {
    "state": "groupcamp.filters.state",
    "due_begin": "groupcamp.filters.due-begin",
    "due_end": "groupcamp.filters.due-end",
    "cpl_begin": "groupcamp.filters.cpl-begin",
    "cpl_end": "groupcamp.filters.cpl-end",
    "crea_begin": "groupcamp.filters.crea-begin",
    "crea_end": "groupcamp.filters.crea-end",
    "mod_begin": "groupcamp.filters.mod-begin",
    "mod_end": "groupcamp.filters.mod-end",
}
PAIRS = [(f"{what}_begin", f"{what}_end") for what in ("due", "cpl", "crea", "mod")]
ACCOUNT_FILTERS = {"group": "groupcamp.tasks.group", "list": "groupcamp.tasks.list", "to": "groupcamp.tasks.to"}


def note_filters(query: Mapping[str, Any]) -> None:
    """Note what the nine filters of a group's or a user's tasks rely on; those that contradict each other fit nothing."""
    follow(*_rules_of(tuple(query)))
    if query.get("state") == "open" and ("cpl_begin" in query or "cpl_end" in query):
        follow("groupcamp.filters.contradictions", "groupcamp.filters.open-with-completion")
    if any(query[begin] > query[end] for begin, end in PAIRS if begin in query and end in query):
        follow("groupcamp.filters.contradictions", "groupcamp.filters.reversed-pair")
    if query.get("state") == "completed" or "cpl_end" in query:
        follow("groupcamp.filters.partly-completed-elsewhere")


@lru_cache(maxsize=2048)
def _rules_of(names: tuple[str, ...]) -> tuple[str, ...]:
    """Return what filters rely on whatever their values are."""
    sent = [name for name in names if name in FILTERS]
    bounds = {name for name in sent if name != "state"}
    is_completed = not bounds.isdisjoint(("cpl_begin", "cpl_end"))
    noted = {
        "groupcamp.filters.inclusive": bool(bounds),
        "groupcamp.filters.one-sided": any((begin in bounds) != (end in bounds) for begin, end in PAIRS),
        "groupcamp.filters.state-and-is-open": "state" in sent,
        "groupcamp.filters.due-end-of-milestones": "due_end" in bounds,
        "groupcamp.filters.list-milestone-alone": not bounds.isdisjoint(("due_begin", "due_end")),
        "groupcamp.filters.partly-completed": "cpl_begin" in bounds,
        "groupcamp.filters.cpl-implies-completed": is_completed,
        "groupcamp.filters.no-state": "state" not in sent and not is_completed,
        "groupcamp.filters.and": len(sent) > 1,
    }
    return (*(FILTERS[name] for name in sent), *(rule for rule, is_met in noted.items() if is_met))


def note_account_filters(query: Mapping[str, Any]) -> None:
    """Note what the filters of the account's tasks rely on."""
    sent = [name for name in ACCOUNT_FILTERS if name in query]
    follow(*(ACCOUNT_FILTERS[name] for name in sent))
    if not sent:
        follow("groupcamp.tasks.all")
    if "to" in sent:
        follow("groupcamp.assigned-tasks.affects")
    if len(sent) > 1:
        follow("groupcamp.tasks.and")
    if "group" not in sent:
        follow("groupcamp.tasks.closed-groups-left-out")
