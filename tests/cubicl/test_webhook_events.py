"""What webhooks are told, and when."""

from collections.abc import Callable
from functools import cache
from typing import Any

import jsonschema_rs
import pytest
from starlette.testclient import TestClient

from contract_check import resolve
from cubicl.office import (
    ACTIVE,
    ANNA,
    BOSS,
    CLIENT,
    COMPLETED,
    EDIT,
    FIELD,
    JEAN,
    NONE,
    NOW,
    PORTAL_USER,
    ROOT,
    VIEW,
    WAITING,
    Json,
    Office,
    assert_empty,
)
from receiver import receiving, wait_until
from understudy.core.contract import contract

OF_TASKS = (
    "task-created",
    "task-updated",
    "task-deleted",
    "task-post-created",
    "task-state-changed",
    "task-archived",
    "task-restored",
)
OF_CLIENTS = ("client-created", "client-deleted")
RECURRENCE = {"type": "daily", "period": 1, "createWhen": "completed", "active": True, "stopCondition": "none"}


@cache
def validator(event: str) -> jsonschema_rs.Draft202012Validator:
    """Return what checks the payload of an event."""
    body = resolve("cubicl", contract("cubicl")["webhooks"][event]["post"]["requestBody"])
    schema = body["content"]["application/json"]["schema"]
    return jsonschema_rs.Draft202012Validator({**schema, "components": contract("cubicl")["components"]})


def user(office: Office, someone: str) -> Json:
    """Return somebody as the User type has it."""
    (found,) = (one for one in office.owner.get("/organization/users").json() if one["_id"] == someone)
    described: Json = found
    return described


def in_full(office: Office, task: Json) -> Json:
    """Return a task as payloads have it, worked out from what the API answers."""
    described = task | {
        "assignees": [user(office, one) for one in task["assignees"]],
        "assignedBy": user(office, task["assignedBy"]),
        "followers": [user(office, one) for one in task["followers"]],
    }
    if "portalFollowers" in task:
        ids = ",".join(task["portalFollowers"])
        described["portalFollowers"] = office.owner.get("/users", params={"ids": ids}).json() if ids else []
    return described


@pytest.fixture
def listening(office: Office, project: str) -> str:
    """A project with a subscription to every event of tasks."""
    for event in OF_TASKS:
        office.subscribe(event, project)
    return project


@pytest.fixture
def told(office: Office) -> Callable[[], list[tuple[str, Json]]]:
    """Return a function that tells events and payloads so far, each held against the contract."""

    def look() -> list[tuple[str, Json]]:
        heard = [(event, payload) for _, event, payload in office.told()]
        for event, payload in heard:
            validator(event).validate(payload)
        return heard

    return look


Told = Callable[[], list[tuple[str, Json]]]


class TestTasks:
    """Events of tasks."""

    def test_created(self, office: Office, listening: str, told: Told) -> None:
        """A new task is told of as it is, users in full."""
        task = office.task(
            listening, assignees=[JEAN, ANNA], followers=[JEAN], customer=CLIENT, customFields={"a": "b"}, desc="x"
        )

        assert told() == [("task-created", in_full(office, task))]
        assert told()[0][1]["assignees"][0] == user(office, JEAN)

    def test_created_below_a_parent(self, office: Office, listening: str, told: Told) -> None:
        """Of the parent of a new task nothing is told."""
        parent = office.task(listening)["_id"]
        office.task(listening, parent=parent)

        assert [event for event, _ in told()] == ["task-created"] * 2

    def test_refused(self, office: Office, listening: str, told: Told, owner: TestClient) -> None:
        """Of what is refused nothing is told."""
        task = office.task(listening)["_id"]
        for body in ({"state": "nowhere"}, {"files": ["x"]}, {"name": ""}):
            assert owner.put(f"/tasks/{task}", json=body).status_code != 200
        assert owner.post("/tasks", json={"group": listening, "name": "x", "state": "nowhere"}).status_code == 422

        assert [event for event, _ in told()] == ["task-created"]

    def test_updated(self, office: Office, listening: str, told: Told, owner: TestClient) -> None:
        """An update is told of with the task before and after."""
        before = office.task(listening, assignees=[JEAN], subtasks=[])
        body = {
            "name": "New",
            "assignees": [ANNA],
            "followers": [],
            "stepType": "progress",
            "steps": {"completed": 1, "total": 2},
        }
        after = owner.put(f"/tasks/{before['_id']}", json=body).json()["task"]

        expected = {"oldTask": in_full(office, before), "updatedTask": in_full(office, after)}
        assert told()[1:] == [("task-updated", expected)]
        assert (after["assignees"], after["steps"]) == ([ANNA], {"completed": 1, "total": 2})

    def test_updated_without_a_change(self, office: Office, listening: str, told: Told, owner: TestClient) -> None:
        """An update that changes nothing is told of all the same, as it has an activity."""
        task = office.task(listening)
        owner.put(f"/tasks/{task['_id']}", json={})

        described = in_full(office, task)
        assert told()[1:] == [("task-updated", {"oldTask": described, "updatedTask": described})]

    def test_update_with_state(self, office: Office, listening: str, told: Told, owner: TestClient) -> None:
        """An update that changes the state is told of as both."""
        before = office.task(listening)
        after = owner.put(f"/tasks/{before['_id']}", json={"state": "cb_active", "name": "New"}).json()["task"]
        (change,) = (one for one in office.activities(before["_id"]) if one["type"] == "state-change")

        described = in_full(office, after)
        activity = {
            "_id": change["_id"],
            "user": BOSS,
            "task": before["_id"],
            "type": "state-change",
            "data": {"oldState": WAITING, "newState": ACTIVE},
        }
        assert told()[1:] == [
            ("task-updated", {"oldTask": in_full(office, before), "updatedTask": described}),
            ("task-state-changed", {"task": described, "activity": activity}),
        ]

    def test_state_changed(self, office: Office, listening: str, told: Told, owner: TestClient) -> None:
        """A change of state alone is told of as that only, with what the operation answers."""
        task = office.task(listening)["_id"]
        activity = owner.put(f"/tasks/{task}/state", json={"value": "cb_completed"}).json()

        assert told()[1:] == [("task-state-changed", {"task": in_full(office, office.read(task)), "activity": activity})]
        assert activity["data"] == {"oldState": WAITING, "newState": COMPLETED}

    def test_commented(self, office: Office, listening: str, told: Told) -> None:
        """A comment is told of with its task."""
        task = office.task(listening)
        comment = office.comment(task["_id"], mentions=[{"id": JEAN, "name": "Jean"}])

        assert told()[1:] == [("task-post-created", {"task": in_full(office, task), "activity": comment})]

    def test_visibility(self, office: Office, listening: str, told: Told, owner: TestClient) -> None:
        """Showing a comment to the client is told of to nobody."""
        task = office.task(listening, customer=CLIENT)["_id"]
        office.do("make-support-task", task=task)
        comment = office.comment(task)["_id"]
        owner.put(f"/tasks/{task}/activities/{comment}", json={"value": True})

        assert [event for event, _ in told()] == ["task-created", "task-post-created"]

    def test_archived_and_restored(self, office: Office, listening: str, told: Told) -> None:
        """The archive is told of with the task as it then is."""
        task = office.task(listening)["_id"]
        archived = office.do("archive", task=task)
        restored = office.do("restore", task=task)

        assert told()[1:] == [("task-archived", in_full(office, archived)), ("task-restored", in_full(office, restored))]
        assert isinstance(archived["archivedAt"], int)

    def test_posts_of_clients(self, office: Office, listening: str, told: Told) -> None:
        """Comments of portal users and senders of mails are told of like others."""
        task, mail = office.task(listening, customer=CLIENT)["_id"], office.task(listening)["_id"]
        office.do("make-support-task", task=task)
        office.do("make-email-task", task=mail)
        post = office.do("portal-post", task=task, content="Hello")
        letter = office.do("email-post", task=mail, content="Dear all")

        assert told()[2:] == [
            ("task-post-created", {"task": in_full(office, office.read(task)), "activity": post}),
            ("task-post-created", {"task": in_full(office, office.read(mail)), "activity": letter}),
        ]
        assert told()[2][1]["activity"]["portalUser"] == PORTAL_USER

    def test_shared(self, office: Office, listening: str, told: Told) -> None:
        """Sharing a task is an update; those who follow in the portal are described too."""
        before = office.task(listening, customer=CLIENT)
        after = office.do("share-with-customer", task=before["_id"])

        expected = {"oldTask": in_full(office, before), "updatedTask": in_full(office, after)}
        assert told()[1:] == [("task-updated", expected)]
        (follower,) = expected["updatedTask"]["portalFollowers"]
        assert set(follower) == {"_id", "firstname", "lastname", "profile"}
        assert follower["_id"] == PORTAL_USER

    def test_subtask_added(self, office: Office, listening: str, told: Told, owner: TestClient) -> None:
        """Adding a subtask is an update of the parent, once."""
        parent, child = office.task(listening), office.task(listening)["_id"]
        for _ in range(2):
            owner.post(f"/tasks/{parent['_id']}/subtasks", json={"subtask": child})

        after = office.read(parent["_id"])
        assert after["subtasks"] == [child]
        assert told()[2:] == [("task-updated", {"oldTask": in_full(office, parent), "updatedTask": in_full(office, after)})]

    def test_deleted_with_subtasks(self, office: Office, listening: str, told: Told, owner: TestClient) -> None:
        """Every task of a hierarchy that is deleted is told of, as it was, the highest first."""
        top = office.task(listening)["_id"]
        middle = office.task(listening, parent=top)["_id"]
        bottom = office.task(listening, parent=middle)["_id"]
        before = [in_full(office, office.read(task)) for task in (top, middle, bottom)]
        owner.delete(f"/tasks/{top}")

        assert told()[3:] == [("task-deleted", task) for task in before]

    def test_copy_on_completion(self, office: Office, listening: str, told: Told, owner: TestClient) -> None:
        """The copy of a recurrent task is a new task, told of after the completion."""
        task = office.task(listening, recurrent=True, recurrence=RECURRENCE)["_id"]
        owner.put(f"/tasks/{task}/state", json={"value": "cb_completed"})
        (copy,) = (one for one in office.every_task(group=listening) if one["_id"] != task)

        assert [event for event, _ in told()] == ["task-created", "task-state-changed", "task-created"]
        assert told()[2][1] == in_full(office, copy)

    def test_copy_in_time(self, office: Office, listening: str, told: Told, clock, stopped) -> None:
        """So is one that time makes."""
        daily = RECURRENCE | {"createWhen": "after-deadline", "stopCondition": "count", "maxCount": 2}
        task = office.task(listening, deadline=1_796_200_000_000, recurrent=True, recurrence=daily)["_id"]
        clock.advance("P3D")
        (copy,) = (one for one in office.every_task(group=listening) if one["_id"] != task)

        assert told()[1:] == [("task-created", in_full(office, copy))]

    def test_created_completed(self, office: Office, listening: str, told: Told) -> None:
        """Of a recurrent task that is completed from the start both the task and its copy are told, in this order."""
        task = office.task(listening, recurrent=True, recurrence=RECURRENCE, state="cb_completed")

        assert [event for event, _ in told()] == ["task-created"] * 2
        assert told()[0][1]["_id"] == task["_id"]
        assert told()[1][1]["state"] == "cb_waiting"


class TestWhoIsTold:
    """Which webhooks an event reaches."""

    def test_only_its_type(self, office: Office, project: str) -> None:
        """A webhook hears of its own event only, each of several its own time."""
        office.subscribe("task-deleted", project)
        webhooks = [office.subscribe("task-created", project) for _ in range(2)]
        office.task(project)

        assert [(webhook, event) for webhook, event, _ in office.told()] == [(webhook, "task-created") for webhook in webhooks]

    def test_only_its_project(self, office: Office, project: str) -> None:
        """A webhook of a project hears neither of the projects above nor of those below."""
        child = office.project(parents=[project])
        for group in (ROOT, child):
            office.subscribe("task-created", group)
        webhook = office.subscribe("task-created", project)
        office.task(project)

        assert [one for one, _, _ in office.told()] == [webhook]

    def test_move(self, office: Office, project: str, owner: TestClient) -> None:
        """A task that moves is told of where it goes."""
        office.subscribe("task-updated", project)
        webhook = office.subscribe("task-updated", FIELD)
        task = office.task(project)["_id"]
        owner.put(f"/tasks/{task}", json={"group": FIELD})

        ((told, _, payload),) = office.told()
        assert told == webhook
        assert (payload["oldTask"]["group"], payload["updatedTask"]["group"]) == (project, FIELD)

    @pytest.mark.parametrize(("level", "hears"), [(NONE, False), (VIEW, True), (EDIT, True)])
    def test_level_at_the_time(self, office: Office, project: str, level: int, hears: bool) -> None:
        """Who may no longer see tasks of the project is not told of them."""
        person = office.person()
        office.subscribe("task-created", project, person.client)
        office.levels(project, person, level)
        office.task(project)

        assert len(office.told()) == hears

    def test_private_task(self, office: Office, project: str) -> None:
        """Of a private task only those are told who see it."""
        stranger, assignee = office.person(), office.person()
        office.subscribe("task-created", project, stranger.client)
        webhook = office.subscribe("task-created", project, assignee.client)
        office.task(project, private=True, assignees=[assignee.id])

        assert [one for one, _, _ in office.told()] == [webhook]

    def test_changed_webhook(self, office: Office, project: str, owner: TestClient) -> None:
        """A webhook that was changed hears of what it is for now."""
        webhook = office.subscribe("task-created", project)
        owner.put(f"/users/self/webhook/{webhook}", json={"type": "task-deleted"})
        task = office.task(project)["_id"]
        owner.delete(f"/tasks/{task}")

        assert [event for _, event, _ in office.told()] == ["task-deleted"]

    def test_reset(self, office: Office, server: Any, project: str, owner: TestClient) -> None:
        """After a reset there are no webhooks."""
        office.subscribe("task-created", FIELD)
        server.reset()
        office.task(FIELD)

        assert office.told() == []
        assert owner.get("/users/self/webhook").json() == []


class TestClients:
    """Events of clients."""

    def test_created_and_deleted(self, office: Office, owner: TestClient, member: TestClient, told: Told) -> None:
        """Everybody who subscribed is told of the client as the API answers it; a change is told of to nobody."""
        for event in OF_CLIENTS:
            office.subscribe(event, None)
        office.subscribe("client-created", FIELD, member)
        created = owner.post("/crm/customers", json={"name": "New", "contacts": [{"name": "A"}]}).json()
        changed = owner.put(f"/crm/customers/{created['_id']}", json={"name": "Newer"}).json()
        owner.delete(f"/crm/customers/{created['_id']}")

        assert told() == [("client-created", created), ("client-created", created), ("client-deleted", changed)]

    def test_without_permission(self, office: Office, owner: TestClient, member: TestClient) -> None:
        """Who may no longer see clients is not told of them."""
        office.subscribe("client-created", None, member)
        office.do("set-client-permission", user=JEAN, level=NONE)
        owner.post("/crm/customers", json={"name": "New"})

        assert office.told() == []

    def test_tasks_of_a_deleted_client(self, office: Office, listening: str, told: Told, owner: TestClient) -> None:
        """Tasks that lose their client with it are not told of."""
        office.task(listening, customer=CLIENT)
        owner.delete(f"/crm/customers/{CLIENT}")

        assert [event for event, _ in told()] == ["task-created"]


class TestDelivery:
    """The way to the subscriber."""

    def test_posted(self, office: Office, project: str, owner: TestClient) -> None:
        """A subscriber gets one POST of JSON for each event, in a form that the contract has."""
        with receiving() as receiver:
            for event in OF_TASKS:
                owner.post("/users/self/webhook", json={"group": project, "type": event, "url": receiver.url})
            task = office.task(project, name="😀", assignees=[JEAN])
            owner.delete(f"/tasks/{task['_id']}")

            requests = receiver.wait_for(2)

        assert [request.method for request in requests] == ["POST", "POST"]
        assert [request.json for request in requests] == [in_full(office, task)] * 2

    @pytest.mark.parametrize("status", [301, 404, 500])
    def test_failing_subscriber(self, office: Office, project: str, owner: TestClient, status: int) -> None:
        """A subscriber that fails is nothing to the one who makes the change."""
        with receiving() as receiver:
            receiver.answers = [(status, {"Location": "/elsewhere"})]
            owner.post("/users/self/webhook", json={"group": project, "type": "task-created", "url": receiver.url})

            task = office.task(project)

            assert len(receiver.wait_for(1)) == 1
        assert office.read(task["_id"]) == task

    def test_removed_before_a_retry(self, office: Office, project: str, owner: TestClient, clock) -> None:
        """Nothing is posted to a webhook that is gone, not even again."""
        clock.freeze(NOW)
        log = office.server.admin
        with receiving() as receiver:
            receiver.answers = [500] * 10
            webhook = {"group": project, "type": "task-created", "url": receiver.url}
            removed = owner.post("/users/self/webhook", json=webhook).json()["_id"]
            other = owner.post("/users/self/webhook", json=webhook).json()["_id"]
            office.task(project)
            wait_until(lambda: all(one["attempts"] for one in log.get("/webhooks/deliveries").json()["deliveries"]))

            assert_empty(owner.delete(f"/users/self/webhook/{removed}"), 200)
            clock.advance("PT1H")

            wait_until(lambda: len(receiver.requests) == 5)
            states = {one["webhook"]: one["state"] for one in log.get("/webhooks/deliveries").json()["deliveries"]}
        assert len(receiver.requests) == 5
        assert states == {removed: "failed", other: "failed"}
