"""Whatever is done to Cubicl's tasks, some things stay true."""

import random
from typing import Any

import pytest
from starlette.testclient import TestClient

from cubicl.office import (
    ANNA,
    BOSS,
    CLIENT,
    FIELD,
    JEAN,
    NOBODY,
    SHOP,
    TAG,
    TRAINING,
    WEBSITE,
    Json,
    Office,
)

PEOPLE = (BOSS, JEAN, ANNA)
GROUPS = (FIELD, SHOP, TRAINING, WEBSITE)
STATES = ("cb_waiting", "cb_completed", "Review", "Published")
RECURRENCE = {"type": "weekly", "period": 1, "createWhen": "completed", "active": True, "stopCondition": "count", "maxCount": 4}


class Walk:
    """Does one thing after the other, as somebody who doesn't care whether it is allowed."""

    def __init__(self, office: Office, seed: int, clients: list[TestClient]) -> None:
        self.office = office
        self.draw = random.Random(seed)
        self.clients = clients
        self.statuses: list[int] = []

    def tasks(self) -> list[str]:
        """Return the ids of all tasks."""
        return [task["_id"] for task in self.office.every_task()]

    def fields(self) -> Json:
        """Return some fields with some values."""
        some = self.draw.choice
        values: Json = {
            "name": some(["alpha", "beta", "gamma"]),
            "assignees": self.draw.sample(PEOPLE, self.draw.randrange(3)),
            "followers": self.draw.sample(PEOPLE, self.draw.randrange(3)),
            "customer": some([CLIENT, None]),
            "start": some([None, 1000, 2000.5]),
            "deadline": some([None, 1500, 3000]),
            "private": some([True, False]),
            "state": some(STATES),
            "group": some(GROUPS),
        }
        return {name: values[name] for name in self.draw.sample(sorted(values), self.draw.randrange(4))}

    def step(self) -> None:
        """Do one thing."""
        tasks = self.tasks()
        task, other = self.draw.choice(tasks), self.draw.choice([*tasks, NOBODY])
        client = self.draw.choice(self.clients)
        match self.draw.randrange(8):
            case 0:
                new = {"group": self.draw.choice(GROUPS), "name": "new", "parent": self.draw.choice([None, other]), "tags": [TAG]}
                recurrent = {"recurrent": True, "recurrence": RECURRENCE} if self.draw.random() < 0.5 else {}
                response = client.post("/tasks", json=self.fields() | new | recurrent)
            case 1 | 2:
                response = client.put(f"/tasks/{task}", json=self.fields())
            case 3:
                response = client.put(f"/tasks/{task}", json={"subtasks": self.draw.sample(tasks, self.draw.randrange(3))})
            case 4:
                response = client.post(f"/tasks/{task}/subtasks", json={"subtask": other})
            case 5 | 6:
                response = client.put(f"/tasks/{task}/state", json={"value": self.draw.choice(STATES)})
            case _:
                response = client.delete(f"/tasks/{task}")
        self.statuses.append(response.status_code)


@pytest.mark.parametrize("seed", range(6))
def test_whatever_is_done(office: Office, member: TestClient, seed: int) -> None:
    """Links agree from both sides and have no circle, lists agree with the tasks, and only the newest copy is the newest."""
    walk = Walk(office, seed, [office.owner, office.owner, member])

    for _ in range(120):
        walk.step()

    assert {200, 403, 422} <= set(walk.statuses) <= {200, 403, 404, 422}
    tasks = {task["_id"]: task for task in office.every_task()}
    for number, task in tasks.items():
        assert office.read(number) == task
        assert_linked(tasks, task)
        completed = task["state"] in ("cb_completed", "Published", "Paid")
        assert (task["completedAt"] > 0) == completed
        assert ("steps" in task) == (task["stepType"] != "none")
    assert_listed(office, list(tasks.values()))


@pytest.mark.parametrize("seed", range(2))
def test_whatever_is_told(office: Office, member: TestClient, seed: int) -> None:
    """Who hears of everything knows which tasks there are, and what they were like at their last change."""
    everything = {task["_id"] for task in office.every_task()}
    for project in office.owner.get("/groups").json():
        for event in ("task-created", "task-updated", "task-state-changed", "task-deleted"):
            office.subscribe(event, project["_id"])
    walk = Walk(office, seed, [office.owner, office.owner, member])

    for _ in range(120):
        walk.step()

    known = dict.fromkeys(everything)
    for _, event, payload in office.told():
        if event == "task-created":
            assert payload["_id"] not in known
        task = payload.get("updatedTask") or payload.get("task") or payload
        known[task["_id"]] = task
        if event == "task-deleted":
            del known[task["_id"]]
    tasks = {task["_id"]: task for task in office.every_task()}
    assert set(known) == set(tasks)
    told = [task for task in known.values() if task is not None]
    assert len(told) > 20
    for task in told:
        assert {name: task[name] for name in OWN} == {name: tasks[task["_id"]][name] for name in OWN}
        assert [user["_id"] for user in task["assignees"]] == tasks[task["_id"]]["assignees"]


OWN = ("name", "desc", "state", "group", "start", "deadline", "customer", "private", "completedAt")
"""What changes with the task itself only, unlike its place among others."""


def assert_linked(tasks: dict[str, Json], task: Json) -> None:
    """Check the links of one task."""
    number = task["_id"]
    assert len(task["subtasks"]) == len(set(task["subtasks"]))
    assert all(tasks[child]["parent"] == number for child in task["subtasks"])
    assert task["parent"] is None or number in tasks[task["parent"]]["subtasks"]
    above, seen = task["parent"], {number}
    while above is not None:
        assert above not in seen
        seen.add(above)
        above = tasks[above]["parent"]


def assert_listed(office: Office, tasks: list[Json]) -> None:
    """Check that lists find what the tasks say."""

    def listed(**query: Any) -> set[str]:
        return {task["_id"] for task in office.owner.get("/tasks", params={"archived": "all", **query}).json()}

    for person in PEOPLE:
        assert listed(assignee=person) == {task["_id"] for task in tasks if person in task["assignees"]}
        assert listed(assignedBy=person) == {task["_id"] for task in tasks if person == task["assignedBy"]}
    for group in GROUPS:
        assert listed(group=group) == {task["_id"] for task in tasks if task["group"] == group}
    assert listed(customer=CLIENT) == {task["_id"] for task in tasks if task["customer"] and task["customer"]["_id"] == CLIENT}
    assert listed(search="BETA") == {task["_id"] for task in tasks if "beta" in task["name"].lower()}
    dated = {task["_id"] for task in tasks if task["start"] in (1000, 2000.5) or task["deadline"] == 1500}
    assert listed(startDate=1000, endDate=2000.5) == dated
    assert listed(archived="true") == {task["_id"] for task in tasks if task.get("archivedAt") is not None}
