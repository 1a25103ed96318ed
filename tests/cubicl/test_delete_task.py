"""Deleting Cubicl's tasks."""

import pytest
from sqlalchemy import select
from starlette.testclient import TestClient

from cubicl.office import DELETE, EDIT, FIELD, JEAN, NONE, TAG, TASK, VIEW, WEBSITE, Office, assert_code, assert_empty
from understudy.core.store import table_of
from understudy.vendors.cubicl.tables import Activity, TaskLink


class TestDeleteTask:
    """DELETE /api/v1/tasks/:id."""

    def test_deletes(self, office: Office, owner: TestClient) -> None:
        """Afterwards every request for the task is a 404, a second delete too, and no list has it."""
        task = office.task(FIELD, assignees=[office.person().id])["_id"]
        comment = office.comment(task)["_id"]

        assert_empty(owner.delete(f"/tasks/{task}"))

        assert_empty(owner.get(f"/tasks/{task}"), 404)
        assert_empty(owner.delete(f"/tasks/{task}"), 404)
        assert_empty(owner.get(f"/tasks/{task}/activities"), 404)
        assert_empty(owner.put(f"/tasks/{task}", json={}), 404)
        assert_empty(owner.put(f"/tasks/{task}/state", json={"value": "cb_active"}), 404)
        assert_empty(owner.put(f"/tasks/{task}/activities/{comment}", json={"value": True}), 404)
        assert_empty(owner.post("/tasks", json={"group": FIELD, "name": "x", "parent": task}), 422)
        assert task not in [one["_id"] for one in office.every_task()]

    def test_all_levels(self, office: Office, owner: TestClient) -> None:
        """Subtasks of every level go with it, also those in other projects; siblings and parent stay."""
        above = office.task(FIELD)["_id"]
        sibling = office.task(FIELD, parent=above)["_id"]
        family = [office.task(FIELD, parent=above)["_id"]]
        for group in (FIELD, WEBSITE, FIELD):
            family.append(office.task(group, parent=family[-1])["_id"])
        family.append(office.task(FIELD, parent=family[1])["_id"])

        assert_empty(owner.delete(f"/tasks/{family[0]}"))

        assert [owner.get(f"/tasks/{task}").status_code for task in family] == [404] * 5
        assert office.read(above)["subtasks"] == [sibling]
        assert office.read(sibling)["parent"] == above

    def test_leaves_nothing_behind(self, office: Office, owner: TestClient, server) -> None:
        """No row of any kind is left of a task that is gone."""
        task = office.task(FIELD, assignees=[JEAN], tags=[TAG])["_id"]
        office.comment(task)

        owner.delete(f"/tasks/{task}")

        with server.app.sandboxes["default"].session() as session:
            for table in (Activity, TaskLink):
                column = table_of(table).c.task
                assert session.all(select(column).where(column == task)) == []

    def test_very_long_chain(self, office: Office, owner: TestClient) -> None:
        """A chain of subtasks of any length goes as a whole."""
        first = task = office.task(FIELD)["_id"]
        for _ in range(300):
            task = office.task(FIELD, parent=task)["_id"]

        assert_empty(owner.delete(f"/tasks/{first}"))

        assert_empty(owner.get(f"/tasks/{task}"), 404)

    def test_archived(self, office: Office, owner: TestClient) -> None:
        """An archived task may be deleted."""
        office.do("archive", task=TASK)

        assert_empty(owner.delete(f"/tasks/{TASK}"))

    @pytest.mark.parametrize(("level", "allowed"), [(NONE, False), (VIEW, False), (EDIT, False), (DELETE, True)])
    def test_permission(self, office: Office, project: str, level: int, allowed: bool) -> None:
        """It takes level Delete; being assigned is not enough."""
        person = office.person()
        office.levels(project, person, level)
        task = office.task(project, assignees=[person.id])["_id"]

        response = person.client.delete(f"/tasks/{task}")

        if allowed:
            assert_empty(response)
        else:
            assert_code(response, 403, 4)
            office.read(task)

    def test_owner(self, office: Office) -> None:
        """The owner may, even with level None."""
        person = office.person()
        group = office.project(members=[person.id])
        task = office.task(group, person.client)["_id"]
        office.levels(group, person, NONE)

        assert_empty(person.client.delete(f"/tasks/{task}"))

    @pytest.mark.parametrize("distance", [1, 2, 3])
    def test_subtask_that_may_not_go(self, office: Office, distance: int) -> None:
        """A subtask at any level that the caller may not delete is 422 with code 4, and nothing is deleted."""
        person = office.person()
        mine, foreign = office.project(), office.project()
        office.levels(mine, person, DELETE)
        office.levels(foreign, person, EDIT)
        tasks = [office.task(mine)["_id"]]
        for step in (1, 2, 3):
            tasks.append(office.task(foreign if step == distance else mine, parent=tasks[-1])["_id"])

        assert_code(person.client.delete(f"/tasks/{tasks[0]}"), 422, 4)

        assert [office.read(task)["_id"] for task in tasks] == tasks

    def test_own_subtask_may_go(self, office: Office) -> None:
        """Each subtask is tested like the task: by admin, level or owner."""
        person = office.person()
        mine, foreign, governed = office.project(), office.project(members=[person.id]), office.project(admins=[person.id])
        office.levels(mine, person, DELETE)
        task = office.task(mine)["_id"]
        office.task(foreign, person.client, parent=task)
        office.task(governed, parent=task)

        assert_empty(person.client.delete(f"/tasks/{task}"))

    def test_private_subtask(self, office: Office, project: str) -> None:
        """A private subtask is not for a stranger to delete, whatever the level."""
        person = office.person()
        office.levels(project, person, DELETE)
        task = office.task(project)["_id"]
        office.task(project, parent=task, private=True)

        assert_code(person.client.delete(f"/tasks/{task}"), 422, 4)

    @pytest.mark.parametrize("in_chart", ["task", "subtask"])
    @pytest.mark.parametrize("gantt", [VIEW, EDIT, DELETE])
    def test_gantt(self, office: Office, project: str, in_chart: str, gantt: int) -> None:
        """A task in the chart, or a subtask of it, takes level Delete for the chart; owning it does not help: code 403."""
        person = office.person()
        office.levels(project, person, DELETE, gantt=gantt)
        task = office.task(project, person.client, start=1, deadline=2)["_id"]
        child = office.task(project, person.client, start=1, deadline=2, parent=task)["_id"]
        office.do("set-gantt", task=task if in_chart == "task" else child, inGantt=True)

        response = person.client.delete(f"/tasks/{task}")

        if gantt == DELETE:
            assert_empty(response)
        else:
            assert_code(response, 422, 403)
            office.read(child)

    def test_admin_and_gantt(self, office: Office, owner: TestClient) -> None:
        """An admin needs no level for the chart."""
        task = office.task(FIELD, start=1, deadline=2)["_id"]
        office.do("set-gantt", task=task, inGantt=True)

        assert_empty(owner.delete(f"/tasks/{task}"))

    def test_order(self, office: Office) -> None:
        """The task's own permission comes first, then the subtasks', then the chart."""
        person = office.person()
        mine, foreign = office.project(), office.project()
        task = office.task(mine, start=1, deadline=2)["_id"]
        office.task(foreign, parent=task)
        office.do("set-gantt", task=task, inGantt=True)

        assert_code(person.client.delete(f"/tasks/{task}"), 403, 4)
        office.levels(mine, person, DELETE, gantt=VIEW)
        assert_code(person.client.delete(f"/tasks/{task}"), 422, 4)
        office.levels(foreign, person, DELETE)
        assert_code(person.client.delete(f"/tasks/{task}"), 422, 403)
