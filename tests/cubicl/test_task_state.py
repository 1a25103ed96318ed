"""States of Cubicl's tasks."""

from typing import Any

import pytest
from starlette.testclient import TestClient

from cubicl.office import (
    ACTIVE,
    BOSS,
    COMPLETED,
    CREATE,
    DAY_MS,
    EDIT,
    FIELD,
    NOBODY,
    NONE,
    NOW_MS,
    SUSPENDED,
    TASK,
    WAITING,
    WEBSITE,
    Office,
    assert_code,
    assert_text,
)

DEFAULTS = {state["name"]: state for state in (WAITING, ACTIVE, COMPLETED, SUSPENDED)}
PUBLISHED = {"name": "Published", "type": "completed", "color": "#d8d8d8", "textColor": "#333"}
IN_PROGRESS = {"name": "In progress", "type": "active", "color": "#2ecc71", "textColor": "#fff", "isDefault": True}


def change(client: TestClient, task: str, value: Any) -> Any:
    """Send an Update Task State."""
    return client.put(f"/tasks/{task}/state", json={"value": value})


class TestUpdateTaskState:
    """PUT /api/v1/tasks/:id/state."""

    @pytest.mark.parametrize("old", DEFAULTS)
    @pytest.mark.parametrize("new", DEFAULTS)
    def test_default_states(self, office: Office, owner: TestClient, stopped, old: str, new: str) -> None:
        """The answer has five properties and both states in full; the activity in the list has more."""
        if old == new:
            return
        task = office.task(FIELD, state=old)["_id"]

        response = change(owner, task, new)

        assert response.status_code == 200
        answer = response.json()
        assert list(answer) == ["_id", "user", "task", "type", "data"]
        assert answer == {
            "_id": answer["_id"],
            "user": BOSS,
            "task": task,
            "type": "state-change",
            "data": {"oldState": DEFAULTS[old], "newState": DEFAULTS[new]},
        }
        assert office.activities(task) == [
            {
                "_id": answer["_id"],
                "user": BOSS,
                "type": "state-change",
                "data": answer["data"],
                "createdAt": NOW_MS,
                "customerCanSee": False,
                "mentions": [],
            }
        ]
        assert office.read(task)["state"] == new

    def test_customised_states(self, office: Office, owner: TestClient) -> None:
        """A project with states of its own has those and no others."""
        task = office.task(WEBSITE)["_id"]

        answer = change(owner, task, "Published").json()

        assert answer["data"] == {"oldState": IN_PROGRESS, "newState": PUBLISHED}
        assert_code(change(owner, task, "cb_active"), 422, 503)

    def test_completion(self, office: Office, owner: TestClient, clock, stopped) -> None:
        """Entering a completed type stamps, going from one to another keeps, leaving clears; cancelled is not completed."""
        task = office.task(WEBSITE)["_id"]
        expected = {"Published": NOW_MS, "Paid": NOW_MS, "Dropped": 0, "Paid ": NOW_MS + 3 * DAY_MS, "On hold": 0}

        stamps = {}
        for state in expected:
            assert change(owner, task, state.strip()).status_code == 200
            stamps[state] = office.read(task)["completedAt"]
            clock.advance("P1D")

        assert stamps == expected

    def test_subtasks_keep_theirs(self, office: Office, owner: TestClient) -> None:
        """Subtasks are left alone."""
        task = office.task(FIELD)["_id"]
        child = office.task(FIELD, parent=task)["_id"]

        change(owner, task, "cb_completed")

        assert office.read(child)["state"] == "cb_waiting"

    @pytest.mark.parametrize("state", ["Completed", "cb_Completed", "completed", "cb_cancelled", "", " cb_active"])
    def test_unknown(self, office: Office, owner: TestClient, state: str) -> None:
        """A state that the project doesn't have, exactly so, is code 503; the words of the interface are no names."""
        assert_code(change(owner, TASK, state), 422, 503)

    def test_archived(self, office: Office, owner: TestClient) -> None:
        """The state of an archived task can't change; that comes before the state is looked at."""
        office.do("archive", task=TASK)

        for state in ("cb_active", "cb_waiting", "x"):
            assert_text(change(owner, TASK, state), 422, "Archived tasks cannot have their state updated.")

    def test_same(self, owner: TestClient, office: Office) -> None:
        """The present state is refused here."""
        assert_text(change(owner, TASK, "cb_waiting"), 422, "The task is already in the desired state.")
        assert len(office.activities(TASK)) == 1

    @pytest.mark.parametrize(
        ("body", "text"),
        [
            ({}, "value is required"),
            ({"state": "cb_active"}, "value is required"),
            ({"value": None}, "value must be a string"),
            ({"value": 1}, "value must be a string"),
            ({"value": ["cb_active"]}, "value must be a string"),
        ],
    )
    def test_format(self, owner: TestClient, body: Any, text: str) -> None:
        """The name of the state must be there."""
        assert_text(owner.put(f"/tasks/{TASK}/state", json=body), 400, text)
        assert_text(owner.put(f"/tasks/{NOBODY}/state", json=body), 400, text)

    @pytest.mark.parametrize(("level", "allowed"), [(NONE, False), (CREATE, False), (EDIT, True)])
    def test_permission(self, office: Office, project: str, level: int, allowed: bool) -> None:
        """It takes level Edit; that comes before the data is looked at."""
        person = office.person()
        office.levels(project, person, level)
        task = office.task(project, followers=[person.id])["_id"]

        if allowed:
            assert change(person.client, task, "cb_active").status_code == 200
        else:
            for state in ("cb_active", "cb_waiting", "x"):
                assert_code(change(person.client, task, state), 403, 4)

    def test_assignee_and_owner(self, office: Office) -> None:
        """Assignees and the owner may, even with level None and on a private task."""
        person = office.person()
        group = office.project(members=[person.id])
        assigned = office.task(group, assignees=[person.id], private=True)["_id"]
        owned = office.task(group, person.client)["_id"]
        office.levels(group, person, NONE)

        for task in (assigned, owned):
            assert change(person.client, task, "cb_active").json()["user"] == person.id
