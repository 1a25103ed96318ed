"""One task of Cubicl's, as it is read."""

import pytest
from starlette.testclient import TestClient

from cubicl.office import CLIENT, FILE, JEAN, PORTAL_USER, ROOT, TASK, Office, assert_code
from understudy.core.store import Session


class TestGetTaskById:
    """GET /api/v1/tasks/:id."""

    def test_known_task(self, owner: TestClient) -> None:
        """The known task has the properties of the Tasks page, in its order."""
        response = owner.get(f"/tasks/{TASK}")

        assert response.headers["content-length"] == str(len(response.content))
        task = response.json()
        created = task.pop("createdAt")
        assert isinstance(created, int)
        assert task == {
            "_id": TASK,
            "name": "Write contract",
            "desc": "",
            "state": "cb_waiting",
            "start": None,
            "deadline": None,
            "assignees": [JEAN],
            "assignedBy": "64b7f0c2a1d3e4f5a6b7c800",
            "followers": ["64b7f0c2a1d3e4f5a6b7c800"],
            "portalFollowers": [PORTAL_USER],
            "priority": 3,
            "priorityScore": 1,
            "group": ROOT,
            "completedAt": 0,
            "stepType": "progress",
            "steps": {"completed": 1, "total": 4},
            "customer": {"_id": CLIENT, "name": "ACME"},
            "files": [{"_id": FILE}],
            "tags": [],
            "subtasks": [],
            "parent": None,
            "private": False,
            "sharedWithCustomer": True,
        }

    def test_archived(self, office: Office, owner: TestClient) -> None:
        """An archived task is read like any other."""
        office.do("archive", task=TASK)

        assert isinstance(owner.get(f"/tasks/{TASK}").json()["archivedAt"], int)

    def test_recurrence_is_not_answered(self, office: Office) -> None:
        """Whether and how a task recurs can be written, not read."""
        recurrence = {"type": "daily", "period": 1, "createWhen": "completed", "active": True, "stopCondition": "none"}

        task = office.task(ROOT, recurrent=True, recurrence=recurrence)

        assert {"recurrent", "recurrence"}.isdisjoint(task)
        assert task["lastCopy"] is True

    def test_is_cheap(self, owner: TestClient, member: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
        """Reading one task takes two statements, and a third where only being on the task lets somebody see it."""
        run: list[str] = []
        original = Session._execute
        monkeypatch.setattr(Session, "_execute", lambda self, *args: run.append("") or original(self, *args))

        owner.get(f"/tasks/{TASK}")
        by_level = len(run)
        member.get(f"/tasks/{TASK}")

        assert by_level == 2
        assert len(run) - by_level <= 3

    def test_no_permission(self, office: Office, project: str) -> None:
        """A task that the caller may not see is a 403 with code 4."""
        person = office.person()
        office.levels(project, person, 0)
        task = office.task(project)["_id"]

        assert_code(person.client.get(f"/tasks/{task}"), 403, 4)
