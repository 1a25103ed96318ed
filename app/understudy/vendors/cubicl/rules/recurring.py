"""Recurrent tasks: when the next copy comes, and what it looks like.

Only the newest copy makes the next one. A copy is made from the task's `template`: its details as they were when it began to
recur, with the changes that were meant for future copies too.
"""

import math
from typing import Any, Final

import orjson
from dateutil.relativedelta import relativedelta
from sqlalchemy import bindparam, select

from understudy.core.clock import DAY, EARLIEST, LATEST, instant_of, moment_of
from understudy.core.provenance import follow
from understudy.core.sandbox import Sandbox
from understudy.core.store import Prepared, Session, table_of
from understudy.vendors.cubicl.rules.context import Context, Errand, Live
from understudy.vendors.cubicl.rules.events import task_event
from understudy.vendors.cubicl.rules.projects import first_state, states_of
from understudy.vendors.cubicl.rules.sheets import NOT_COMPLETED, Document, Sheet, find_sheet, keep_sheet, new_sheet, open_sheet
from understudy.vendors.cubicl.rules.steps import number_steps, without_progress
from understudy.vendors.cubicl.schemas import TASK_CREATED, Recurrence
from understudy.vendors.cubicl.tables import Task

# What a copy has of the task that it copies. Not among them is what made the very task: a mail or a support request.
COPIED: Final = frozenset(
    ("name", "desc", "start", "deadline", "assignees", "assignedBy", "followers", "portalFollowers", "priority", "group",
     "stepType", "steps", "customer", "files", "tags", "private", "sharedWithCustomer", "workflow", "estimatedTime",
     "customFields")
)  # fmt: skip
MONTHS_IN_CALENDAR: Final = 12 * 9999
MONDAY: Final = 3  # 1 January 1970 was three days after one

_tasks = table_of(Task).c
NEXT_DUE = Prepared(select(_tasks.due_at).where(_tasks.due_at.is_not(None)).order_by(_tasks.due_at).limit(1))
DUE = Prepared(select(_tasks.id).where(_tasks.due_at <= bindparam("now")).order_by(_tasks.due_at, _tasks.id))


def next_due(session: Session) -> int | None:
    """Return when the next copy is to be made, in milliseconds."""
    due: int | None = session.scalar(NEXT_DUE)
    return due


def run_due(sandbox: Sandbox, session: Session) -> None:
    """Make the copies that are due now."""
    context = Errand(sandbox, session)
    for row in session.all(DUE, now=context.now()):
        _make_copy(context, open_sheet(session, row["id"]))


def recur(context: Context, sheet: Sheet, recurrence: Recurrence | None) -> None:
    """Let a task recur so from now on, or no longer; its sheet is to be kept afterwards."""
    row = sheet.row
    if recurrence is None:
        follow("cubicl.recurrence.ends")
        row.recurrence = row.template = None
        row.copy_number = 1
        sheet.document.pop("lastCopy", None)
    else:
        if row.template is None:
            row.template = _text({name: value for name, value in sheet.document.items() if name in COPIED})
            sheet.document["lastCopy"] = True
            follow("cubicl.recurrence.last-copy")
        elif recurrence["createWhen"] == "after-deadline" and orjson.loads(row.template)["deadline"] is None:
            change_template(sheet, {"start", "deadline"})  # without a deadline the series would end with the next copy
        row.recurrence = _text(recurrence)
    schedule(context, sheet)


def schedule(context: Context, sheet: Sheet) -> None:
    """Work out when time makes the next copy: right after the deadline, or now if that has passed."""
    recurrence, deadline = _recurrence(sheet), sheet.document["deadline"]
    sheet.row.due_at = None
    if recurrence is None or recurrence["createWhen"] != "after-deadline" or deadline is None or deadline > LATEST:
        return
    follow("cubicl.recurrence.after-deadline")
    instant = max(math.floor(deadline) + 1, context.now())
    if _goes_on(sheet, recurrence, instant):
        sheet.row.due_at = instant


def change_template(sheet: Sheet, changed: set[str]) -> None:
    """Let future copies take over what a task now has under these names; its sheet is to be kept afterwards."""
    if sheet.row.template is None:
        return
    template = orjson.loads(sheet.row.template)
    for name in changed & COPIED:
        template.pop(name, None)
        if name in sheet.document:
            template[name] = sheet.document[name]
    sheet.row.template = _text(template)


def copy_on_completion(context: Live, sheet: Sheet) -> None:
    """Make the next copy of a task that was just completed, if completion makes copies of it."""
    recurrence = _recurrence(sheet)
    if recurrence is not None and recurrence["createWhen"] == "completed" and _goes_on(sheet, recurrence, context.now()):
        follow("cubicl.recurrence.on-completion", "cubicl.recurrence.at-once")
        _make_copy(context, sheet)


def _goes_on(sheet: Sheet, recurrence: Recurrence, instant: int) -> bool:
    """Whether a copy may be made at an instant: not if paused, not after the end, not beyond the number of copies."""
    if not sheet.document["lastCopy"]:
        follow("cubicl.recurrence.only-the-newest")
        return False
    if not recurrence["active"]:
        follow("cubicl.recurrence.paused")
        return False
    follow("cubicl.recurrence.stop-conditions")
    match recurrence["stopCondition"]:
        case "date":
            return instant <= (recurrence.get("end") or 0)
        case "count":
            follow("cubicl.recurrence.first-copy")
            return sheet.row.copy_number < (recurrence.get("maxCount") or 0)
        case _:
            return True


def _make_copy(context: Live, sheet: Sheet) -> None:
    """Make the next copy and let it take the place of the newest. Beyond the calendar (year 9999) a series ends."""
    recurrence = _recurrence(sheet)
    if recurrence is None or sheet.row.template is None:
        raise RuntimeError(f"task {sheet.row.id} does not recur")
    template: Document = orjson.loads(sheet.row.template)
    moved = _next_dates(template, recurrence)
    sheet.row.due_at = None
    if moved is not None:
        follow("cubicl.recurrence.last-copy", "cubicl.recurrence.earlier-copies", "cubicl.recurrence.copied-details")
        sheet.document["lastCopy"] = False
        _add_copy(context, sheet, template | moved)
    keep_sheet(context.db, sheet)


def _add_copy(context: Live, sheet: Sheet, template: Document) -> None:
    copy = new_sheet(context.db, _copied_document(context, sheet, template))
    copy.row.recurrence, copy.row.template = sheet.row.recurrence, _text(template)
    copy.row.copy_number = sheet.row.copy_number + 1
    schedule(context, copy)
    keep_sheet(context.db, copy)
    above = find_sheet(context.db, copy.document["parent"] or "")
    if above is not None:
        above.document["subtasks"] = [*above.document["subtasks"], copy.row.id]
        keep_sheet(context.db, above)
    task_event(context, TASK_CREATED, copy)


def _copied_document(context: Context, sheet: Sheet, template: Document) -> Document:
    """The copy begins in the default state, with nothing completed, and without activities and subtasks."""
    state = first_state(states_of(context.db, template["group"]))
    document = {
        **template,
        "_id": context.new_id(),
        "state": state["name"],
        "priorityScore": context.db.number("cubicl_priority_score"),
        "createdAt": context.now(),
        "completedAt": context.now() if state["type"] == "completed" else NOT_COMPLETED,
        "subtasks": [],
        "parent": sheet.document["parent"],
        "lastCopy": True,
    }
    if "steps" in template:
        document["steps"] = number_steps(context, without_progress(template["steps"]))
    return document


def _next_dates(template: Document, recurrence: Recurrence) -> dict[str, Any] | None:
    """Start and deadline of the next copy, or None if the calendar has no such dates."""
    anchor = template["deadline"] if template["deadline"] is not None else template["start"]
    if anchor is not None:
        follow("cubicl.recurrence.dates")
    dates = {name: _moved(template[name], anchor, recurrence) for name in ("start", "deadline")}
    lost = any(dates[name] is None and template[name] is not None for name in dates)
    return None if lost else dates


def _moved(date: float | None, anchor: float | None, recurrence: Recurrence) -> float | None:
    """A date moved on by the period; `anchor` is the date whose weekday counts."""
    if date is None or anchor is None or not (_in_calendar(date) and _in_calendar(anchor)):
        return None
    match recurrence["type"]:
        case "daily":
            later = date + recurrence["period"] * DAY
        case "weekly":
            later = date + _days_to_next(anchor, recurrence) * DAY
        case "monthly":
            if recurrence["period"] > MONTHS_IN_CALENDAR:
                return None
            later = _months_later(date, int(recurrence["period"]))
    return later if _in_calendar(later) else None


def _days_to_next(anchor: float, recurrence: Recurrence) -> float:
    """With flagged weekdays: to the next one, then over `period` minus one weeks; without: `period` weeks."""
    days = recurrence.get("days")
    if not days or not any(days):
        return 7 * recurrence["period"]
    follow("cubicl.recurrence.weekdays", "cubicl.recurrence.weeks-between")
    today = (math.floor(anchor) // DAY + MONDAY) % 7
    ahead = next(distance for distance in range(1, 8) if days[(today + distance) % 7])
    return ahead + 7 * (recurrence["period"] - 1)


def _months_later(date: float, months: int) -> float:
    """A day that the month lacks becomes its last."""
    whole = math.floor(date)
    try:
        return instant_of(moment_of(whole) + relativedelta(months=months)) + (date - whole)
    except (ValueError, OverflowError):
        return math.inf


def _in_calendar(date: float) -> bool:
    return EARLIEST <= date <= LATEST


def _recurrence(sheet: Sheet) -> Recurrence | None:
    recurrence: Recurrence | None = orjson.loads(sheet.row.recurrence) if sheet.row.recurrence else None
    return recurrence


def _text(value: Any) -> str:
    return orjson.dumps(value).decode()
