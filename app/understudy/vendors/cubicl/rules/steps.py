"""The ids and the progress of steps."""

from collections.abc import Iterator
from typing import Any

from understudy.core.provenance import follow
from understudy.vendors.cubicl.rules.context import Context
from understudy.vendors.cubicl.schemas import Steps

FIELDS = ("id", "name", "desc", "assignees", "stepType", "steps", "completed", "total")


def number_steps(context: Context, steps: Steps, *, known: Steps | None = None) -> Steps:
    """Return steps with an id each, at every depth.

    A step keeps the id it came with if it is that of a step in `known` and of none before it; all others get new ones.
    """
    if isinstance(steps, dict):
        return steps
    free = {step["id"] for step in every_step(known)}
    follow("cubicl.steps.ids-by-server")
    if any("steps" in step for step in steps):
        follow("cubicl.steps.ids-at-every-depth")
    if any("id" in step for step in every_step(steps)):
        follow("cubicl.steps.ids-kept")
    return [_numbered(context, step, free) for step in steps]


def without_progress(steps: Steps) -> Steps:
    """Return steps of which nothing is completed."""
    if isinstance(steps, dict):
        return {**steps, "completed": 0}
    return [_without_progress(step) for step in steps]


def differ_in_progress_only(one: Steps | None, other: Steps | None) -> bool:
    """Whether two sets of steps are the same once nothing of them is completed."""
    if one is None or other is None:
        return one is other
    return without_progress(one) == without_progress(other)


def progress_differs(one: Steps | None, other: Steps | None) -> bool:
    """Whether `completed` changed somewhere: of the bar, or of a step that is in both."""
    if isinstance(one, dict) and isinstance(other, dict):
        return bool(one["completed"] != other["completed"])
    before = {step["id"]: step["completed"] for step in every_step(one)}
    return any(step["id"] in before and before[step["id"]] != step["completed"] for step in every_step(other))


def every_step(steps: Steps | None) -> Iterator[dict[str, Any]]:
    """Give every step of a checklist at every depth; a progress bar has none."""
    waiting = list(steps) if isinstance(steps, list) else []
    while waiting:
        step = waiting.pop()
        yield step
        waiting += step.get("steps", [])


def _numbered(context: Context, step: dict[str, Any], free: set[str]) -> dict[str, Any]:
    given = step.get("id")
    if given in free:
        free.discard(given)
    else:
        given = context.new_id()
    numbered = {**step, "id": given}
    if "steps" in step:
        numbered["steps"] = [_numbered(context, below, free) for below in step["steps"]]
    return {name: numbered[name] for name in FIELDS if name in numbered}


def _without_progress(step: dict[str, Any]) -> dict[str, Any]:
    cleared = {**step, "completed": 0 if step.get("stepType") == "progress" else False}
    if "steps" in step:
        cleared["steps"] = [_without_progress(below) for below in step["steps"]]
    return cleared
