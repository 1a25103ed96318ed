"""The steps of a task: a checklist (a list, steps within steps) or a progress bar (an object)."""

from collections.abc import Mapping
from typing import Any, Final

from understudy.core.provenance import follow
from understudy.vendors.cubicl.errors import BadRequest
from understudy.vendors.cubicl.schemas.values import (
    Reader,
    boolean,
    filled,
    is_number,
    one_of,
    read_fields,
    references,
    require,
    string,
)

Steps = list[dict[str, Any]] | dict[str, Any]

# Nobody writes a checklist this deep, and JSON deeper than 254 levels could not be written out again (two levels a step).
MAX_DEPTH: Final = 100


def read_steps(value: Any) -> Steps:
    """Read a checklist or a progress bar, whichever it looks like; steps get what was omitted, but no ids yet."""
    if isinstance(value, list):
        follow("cubicl.steps.checklist")
        return _checklist(value, 1)
    if isinstance(value, dict):
        follow("cubicl.steps.progress-bar")
        completed, total = (require(value, name, "cubicl.steps.bounds", within=IN) for name in ("completed", "total"))
        return _progress("steps", completed, total)
    raise BadRequest("steps must be a list of steps or a progress bar").by("cubicl.steps.fit-the-type")


def fitting_steps(step_type: str, value: Any) -> Steps | None:
    """Read the steps that `step_type` calls for; none for `none`, whatever was sent."""
    if step_type == "none":
        if value is not None:
            follow("cubicl.steps.none")
        return None
    if value is None:
        raise _unfitting(step_type).by("cubicl.steps.needed-by-type")
    require_fitting(step_type, value)
    return read_steps(value)


def require_fitting(step_type: str, steps: Any) -> None:
    """Refuse steps that are not of the shape that `step_type` calls for."""
    if step_type == "none":
        raise BadRequest("steps needs a stepType").by("cubicl.steps.by-stored-type")
    if not isinstance(steps, list if step_type == "steps" else dict):
        raise _unfitting(step_type)


def _unfitting(step_type: str) -> BadRequest:
    wanted = "a list of steps" if step_type == "steps" else "completed and total"
    return BadRequest(f"stepType {step_type} needs {wanted}").by("cubicl.steps.fit-the-type")


def _checklist(items: list[Any], depth: int) -> list[dict[str, Any]]:
    if depth > MAX_DEPTH:
        raise BadRequest(f"steps must not be more than {MAX_DEPTH} levels deep").by("cubicl.steps.depth")
    if not all(isinstance(item, dict) for item in items):
        raise BadRequest("steps must be a list of steps or a progress bar").by("cubicl.steps.of-a-step")
    return [_step(item, depth) for item in items]


def _step(item: Mapping[str, Any], depth: int) -> dict[str, Any]:
    require(item, "name", "cubicl.steps.of-a-step", within=IN)
    step = {"assignees": []} | read_fields(item, FIELDS, within=IN, beside={"steps", "completed", "total"})
    if not item.keys() >= {"assignees", "completed"}:
        follow("cubicl.steps.defaults")
    kind = step.get("stepType")
    for field, its_kind in (("steps", "steps"), ("total", "progress")):
        if field in item and kind != its_kind:
            raise BadRequest(f"steps.{field} needs the stepType {its_kind}").by("cubicl.steps.of-a-step")
    if kind == "progress":
        return step | _progress("a step", item.get("completed", 0), require(item, "total", "cubicl.steps.of-a-step", within=IN))
    step["completed"] = boolean("steps.completed", item.get("completed", False))
    if kind == "steps":
        if not isinstance(item.get("steps"), list):
            raise BadRequest("stepType steps needs a list of steps").by("cubicl.steps.of-a-step")
        step["steps"] = _checklist(item["steps"], depth + 1)
    return step


def _progress(name: str, completed: Any, total: Any) -> dict[str, Any]:
    """More completed than there is makes no sense, and neither does a bar without length."""
    if not is_number(completed) or not is_number(total) or total < 1 or not 0 <= completed <= total:
        raise BadRequest(f"{name} must have a total of 1 or more and completed from 0 to total").by("cubicl.steps.bounds")
    return {"completed": completed, "total": total}


IN: Final = "steps."
FIELDS: dict[str, Reader] = {
    "id": string,
    "name": filled,
    "desc": string,
    "assignees": references,
    "stepType": one_of("steps", "progress"),
}
