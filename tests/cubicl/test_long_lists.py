"""Bodies with more ids than one SQL statement can take (SQLite: 32 766), in every field of Cubicl's that holds ids."""

from typing import Any

import pytest

from cubicl.office import FILE, JEAN, TAG, Json, Office, assert_empty

MANY = 40_000
UNKNOWN = [f"{number:024x}" for number in range(MANY)]


def steps_of(people: list[str]) -> Json:
    """Return a checklist whose only step is everybody's."""
    return {"stepType": "steps", "steps": [{"name": "One", "assignees": people}]}


class TestUnknown:
    """Ids that nothing has are refused, and nothing else happens."""

    @pytest.mark.parametrize(
        "fields",
        [{name: UNKNOWN} for name in ("assignees", "followers", "files", "tags")] + [steps_of(UNKNOWN)],
        ids=["assignees", "followers", "files", "tags", "steps"],
    )
    def test_create(self, office: Office, project: str, fields: Json) -> None:
        """No task comes of it."""
        response = office.owner.post("/tasks", json={"group": project, "name": "Work", **fields})

        assert_empty(response, 422)
        assert office.every_task(group=project) == []

    @pytest.mark.parametrize(
        "fields",
        [{name: UNKNOWN} for name in ("assignees", "followers", "files", "subtasks")] + [steps_of(UNKNOWN)],
        ids=["assignees", "followers", "files", "subtasks", "steps"],
    )
    def test_update(self, office: Office, project: str, fields: Json) -> None:
        """The task stays as it is."""
        task = office.task(project)

        response = office.owner.put(f"/tasks/{task['_id']}", json={"name": "Other", **fields})

        assert_empty(response, 422)
        assert office.read(task["_id"]) == task
        assert office.activities(task["_id"]) == []

    @pytest.mark.parametrize("fields", [{"fileIds": UNKNOWN}, {"mentions": [{"id": user, "name": "x"} for user in UNKNOWN]}])
    def test_comment(self, office: Office, project: str, fields: Json) -> None:
        """Nobody commented."""
        task = office.task(project)["_id"]

        response = office.owner.post(f"/tasks/{task}/activities", json={"content": "Hello", **fields})

        assert_empty(response, 422)
        assert office.activities(task) == []


class TestRepeated:
    """One id, over and over, is that id."""

    @pytest.mark.parametrize(
        ("name", "one", "shown"),
        [
            ("assignees", JEAN, [JEAN]),
            ("followers", JEAN, [JEAN]),
            ("files", FILE, [{"_id": FILE}]),
            ("tags", TAG, [TAG]),
        ],
    )
    def test_create(self, office: Office, project: str, name: str, one: str, shown: Any) -> None:
        """The task has it once."""
        task = office.task(project, **{name: [one] * MANY})

        assert task[name] == shown
        assert office.read(task["_id"]) == task

    def test_subtasks(self, office: Office, project: str) -> None:
        """The parent has the subtask once."""
        parent, child = office.task(project)["_id"], office.task(project)["_id"]

        response = office.owner.put(f"/tasks/{parent}", json={"subtasks": [child] * MANY})

        assert response.status_code == 200
        assert office.read(parent)["subtasks"] == [child]
        assert office.read(child)["parent"] == parent
