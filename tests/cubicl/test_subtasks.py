"""Adding subtasks in Cubicl."""

from typing import Any

import pytest
from starlette.testclient import TestClient

from cubicl.office import (
    BOSS,
    CREATE,
    EDIT,
    FIELD,
    NOBODY,
    NONE,
    NOW_MS,
    PLAIN_TASK,
    ROOT,
    TASK,
    VIEW,
    WEBSITE,
    Office,
    assert_code,
    assert_empty,
    assert_text,
)


def add(client: TestClient, task: str, subtask: Any) -> Any:
    """Send an Add Subtask."""
    return client.post(f"/tasks/{task}/subtasks", json={"subtask": subtask})


class TestAddSubtask:
    """POST /api/v1/tasks/:id/subtasks."""

    def test_adds(self, office: Office, owner: TestClient, stopped) -> None:
        """Both views of the link change, and the parent has an update activity."""
        parent, first = office.task(FIELD)["_id"], office.task(FIELD)["_id"]
        second = office.task(WEBSITE)["_id"]

        assert_empty(add(owner, parent, first))
        assert_empty(add(owner, parent, second.upper()))

        assert office.read(parent)["subtasks"] == [first, second]
        assert [office.read(task)["parent"] for task in (first, second)] == [parent, parent]
        assert office.activities(first) == []
        activity = office.activities(parent)[1]
        assert activity == {
            "_id": activity["_id"],
            "user": BOSS,
            "type": "update",
            "data": {"oldValues": {"subtasks": [first]}, "newValues": {"subtasks": [first, second]}},
            "createdAt": NOW_MS,
            "customerCanSee": False,
            "mentions": [],
        }

    def test_again(self, office: Office, owner: TestClient) -> None:
        """A task that is there already stays, without a word."""
        parent = office.task(FIELD)["_id"]
        child = office.task(FIELD, parent=parent)["_id"]
        before = office.read(parent)

        assert_empty(add(owner, parent, child))

        assert office.read(parent) == before
        assert office.activities(parent) == []

    def test_leaves_its_former_parent(self, office: Office, owner: TestClient) -> None:
        """A task has one parent; its own subtasks come along."""
        former, parent = office.task(FIELD)["_id"], office.task(FIELD)["_id"]
        child = office.task(FIELD, parent=former)["_id"]
        below = office.task(FIELD, parent=child)["_id"]

        assert_empty(add(owner, parent, child))

        assert office.read(former)["subtasks"] == []
        assert office.read(parent)["subtasks"] == [child]
        assert (office.read(child)["parent"], office.read(below)["parent"]) == (parent, child)
        assert office.activities(former) == []

    def test_up_the_hierarchy(self, office: Office, owner: TestClient) -> None:
        """A task from far below may be put right under one above it."""
        first = office.task(FIELD)["_id"]
        second = office.task(FIELD, parent=first)["_id"]
        third = office.task(FIELD, parent=second)["_id"]

        assert_empty(add(owner, first, third))

        assert office.read(first)["subtasks"] == [second, third]
        assert office.read(second)["subtasks"] == []

    @pytest.mark.parametrize("distance", [0, 1, 2, 5])
    def test_hierarchy(self, office: Office, owner: TestClient, distance: int) -> None:
        """The task itself, or one above it at whatever distance, is code 802."""
        chain = [office.task(FIELD)["_id"]]
        for _ in range(5):
            chain.append(office.task(FIELD, parent=chain[-1])["_id"])

        assert_code(add(owner, chain[-1], chain[-1 - distance]), 422, 802)
        assert office.read(chain[-1])["subtasks"] == []

    @pytest.mark.parametrize("subtask", [NOBODY, "x", ""])
    def test_unknown_subtask(self, owner: TestClient, subtask: str) -> None:
        """An unknown subtask is a 422 with nothing."""
        assert_empty(add(owner, TASK, subtask), 422)

    def test_archived(self, office: Office, owner: TestClient) -> None:
        """An archived task takes no subtasks: code 604, before the subtask is looked at. Being archived itself doesn't matter."""
        office.do("archive", task=TASK)

        for subtask in (PLAIN_TASK, NOBODY, TASK):
            assert_code(add(owner, TASK, subtask), 422, 604)
        assert_empty(add(owner, PLAIN_TASK, TASK))

    @pytest.mark.parametrize(
        ("body", "text"),
        [
            ({}, "subtask is required"),
            ({"subtask": None}, "subtask must be a string"),
            ({"subtask": 5}, "subtask must be a string"),
            ({"subtask": [PLAIN_TASK]}, "subtask must be a string"),
        ],
    )
    def test_format(self, owner: TestClient, body: Any, text: str) -> None:
        """The id of the subtask must be there."""
        assert_text(owner.post(f"/tasks/{TASK}/subtasks", json=body), 400, text)

    @pytest.mark.parametrize(
        ("level", "seen", "allowed"),
        [(CREATE, VIEW, False), (VIEW, VIEW, False), (EDIT, NONE, False), (EDIT, VIEW, True)],
    )
    def test_permission(self, office: Office, level: int, seen: int, allowed: bool) -> None:
        """It takes the right to update the parent and to see the subtask; being assigned to the parent is not enough."""
        person = office.person()
        here, there = office.project(), office.project()
        office.levels(here, person, level)
        office.levels(there, person, seen)
        parent, child = office.task(here, assignees=[person.id])["_id"], office.task(there)["_id"]

        response = add(person.client, parent, child)

        if allowed:
            assert_empty(response)
        else:
            assert_code(response, 403, 4)
        assert office.read(child)["parent"] == (parent if allowed else None)

    def test_owner_of_the_parent(self, office: Office) -> None:
        """The parent's owner may, with a private subtask that the owner follows."""
        person = office.person()
        group = office.project(members=[person.id])
        parent = office.task(group, person.client)["_id"]
        child = office.task(ROOT, private=True, followers=[person.id])["_id"]
        office.levels(group, person, NONE)

        assert_empty(add(person.client, parent, child))
