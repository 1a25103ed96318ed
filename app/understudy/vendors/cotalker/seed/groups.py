"""Groups, and the task groups of some of them."""

from typing import Any

from understudy.vendors.cotalker import tables
from understudy.vendors.cotalker.rules.groups import store_group
from understudy.vendors.cotalker.rules.task_groups import store_task_group
from understudy.vendors.cotalker.seed.ground import Ground
from understudy.vendors.cotalker.seed.recipe import Rights, TaskGroupRecipe
from understudy.vendors.cotalker.seed.workflows import Workflow, plant_workflow


def plant_group(ground: Ground, known: str | None, *, name: str, code: str) -> tables.Group:
    """Make a group."""
    group, created = ground.birth(known, -380, -370)
    wishes = {"nameDisplay": name, "nameCode": code}
    return store_group(ground.session, group, company=ground.company, created=created, wishes=wishes)


def plant_task_group(ground: Ground, wanted: TaskGroupRecipe) -> Workflow | None:
    """Make a task group with its group and its workflow; one that is to have no tasks has none."""
    name = ground.cast.projects.get(wanted.project, wanted.project)
    group = plant_group(ground, wanted.group, name=name, code=wanted.code)
    task_group, created = ground.birth(wanted.id, -365, -360)
    workflow = plant_workflow(ground, wanted, task_group) if wanted.tasks else None
    wishes: dict[str, Any] = {"isActive": wanted.active, "flowType": wanted.flow}
    if workflow is None:
        wishes |= {"levelConfig": [], "initialStateMachine": None, "defaultFilter": None}
    else:
        wishes |= {**_rights(wanted.rights, workflow), "initialStateMachine": workflow.machine}
    modified = ground.cast.instant(-300, -1)
    store_task_group(ground.session, task_group, group=group, created=created, modified=modified, wishes=wishes, version=1)
    return workflow


def _rights(rights: Rights, workflow: Workflow) -> dict[str, Any]:
    return {
        "taskEditorPermissions": rights.edit_all,
        "taskFollowerPermissions": rights.follow_all,
        "writePermissions": rights.write,
        "readPermissions": rights.read,
        "taskPropertyPermissions": [
            {"property": workflow.elements[opened.element], "editor": opened.editor, "follower": opened.follower}
            for opened in rights.opened
        ],
    }
