"""Known records of Cubicl's world, the forms of its refusals, and somebody who makes whatever a test needs."""

from dataclasses import dataclass
from typing import Any

import httpx2
from starlette.testclient import TestClient

ROOT = "64b7f0c2a1d3e4f5a6b7c900"
WEBSITE = "64b7f0c2a1d3e4f5a6b7c901"
FIELD = "64b7f0c2a1d3e4f5a6b7c902"
SHOP = "64b7f0c2a1d3e4f5a6b7c903"
TRAINING = "64b7f0c2a1d3e4f5a6b7c904"
ARCHIVE = "64b7f0c2a1d3e4f5a6b7c905"
MANAGEMENT = "64b7f0c2a1d3e4f5a6b7c906"
CONTENT = "64b7f0c2a1d3e4f5a6b7c907"

BOSS = "64b7f0c2a1d3e4f5a6b7c800"
JEAN = "64b7f0c2a1d3e4f5a6b7c801"
ANNA = "64b7f0c2a1d3e4f5a6b7c802"

CLIENT = "64b7f0c2a1d3e4f5a6b7ca00"
TAG = "64b7f0c2a1d3e4f5a6b7cf00"
FILE = "64b7f0c2a1d3e4f5a6b7cb00"
WORKFLOW = "64b7f0c2a1d3e4f5a6b7c701"
PORTAL_USER = "64b7f0c2a1d3e4f5a6b7cd00"
TASK = "64b7f0c2a1d3e4f5a6b7c8d9"
COMMENT = "64b7f0c2a1d3e4f5a6b7cc03"
PLAIN_TASK = "64b7f0c2a1d3e4f5a6b7c8da"

NOBODY = "0123456789abcdef01234567"
"""An id that nothing has."""

HOOK = "http://127.0.0.1:9/hook"
"""Where webhooks of tests post to; nobody is there."""

NONE, VIEW, CREATE, EDIT, DELETE = range(5)

NOW = "2026-12-01T10:00:00Z"
NOW_MS = 1_796_119_200_000
HOUR_MS = 3_600_000
DAY_MS = 86_400_000

WAITING = {"name": "cb_waiting", "type": "waiting", "color": "#f39c12", "textColor": "#fff", "isDefault": True}
ACTIVE = {"name": "cb_active", "type": "active", "color": "#2ecc71", "textColor": "#fff"}
COMPLETED = {"name": "cb_completed", "type": "completed", "color": "#d8d8d8", "textColor": "#333"}
SUSPENDED = {"name": "cb_suspended", "type": "suspended", "color": "#7d5fff", "textColor": "#fff"}

Json = dict[str, Any]


def assert_empty(response: httpx2.Response, status: int = 200) -> None:
    """Check an answer that says nothing but its status."""
    assert response.status_code == status, response.text
    assert response.content == b""
    assert "content-type" not in response.headers
    assert response.headers["content-length"] == "0"


def assert_code(response: httpx2.Response, status: int, code: int) -> None:
    """Check a refusal with a code and nothing else."""
    assert response.status_code == status, response.text
    assert response.headers["content-type"] == "application/json; charset=utf-8"
    assert response.json() == {"code": code}


def assert_text(response: httpx2.Response, status: int, text: str) -> None:
    """Check a refusal that is a plain text."""
    assert response.status_code == status, response.text
    assert response.headers["content-type"] == "text/plain; charset=utf-8"
    assert response.text == text


@dataclass
class Person:
    """A user and a client with the user's token."""

    id: str
    client: TestClient


class Office:
    """Makes users, projects and tasks; all of them new, so that nothing of the world gets in the way."""

    def __init__(self, server: Any, act: Any, owner: TestClient) -> None:
        self.server = server
        self.act = act
        self.owner = owner
        self.hired = 0

    def do(self, action: str, **body: Any) -> Json:
        """Run a set-up action."""
        changed: Json = self.act("cubicl", action, **body)
        return changed

    def person(self) -> Person:
        """Hire somebody, who is then a member of the root project only."""
        self.hired += 1
        user = self.do("create-user", firstname="New", lastname=f"Hire {self.hired}", email=f"hire{self.hired}@work.test")["_id"]
        return Person(user, self.client_of(user))

    def client_of(self, user: str) -> TestClient:
        """Return a client of a user."""
        token = self.do("create-token", user=user)["token"]
        client: TestClient = self.server.client("/cubicl/api/v1", Authorization=f"Bearer {token}")
        return client

    def project(self, name: str = "Workshop", **fields: Any) -> str:
        """Make a project below the root."""
        project: str = self.do("create-project", name=name, **fields)["_id"]
        return project

    def levels(self, project: str, person: Person, tasks: int, **others: int) -> None:
        """Let somebody have levels of their own in a project."""
        perms = {"members": {}, "everybody": {}, "users": {person.id: {"tasks": tasks, **others}}}
        self.do("set-permissions", group=project, perms=perms)

    def task(self, group: str, client: TestClient | None = None, **fields: Any) -> Json:
        """Create a task, as the owner of everything unless somebody else is to."""
        response = (client or self.owner).post("/tasks", json={"group": group, "name": "Work", **fields})
        assert response.status_code == 200, response.text
        task: Json = response.json()
        return task

    def read(self, task: str) -> Json:
        """Return a task as it is now."""
        response = self.owner.get(f"/tasks/{task}")
        assert response.status_code == 200, response.text
        document: Json = response.json()
        return document

    def activities(self, task: str) -> list[Json]:
        """Return what happened to a task."""
        response = self.owner.get(f"/tasks/{task}/activities")
        assert response.status_code == 200, response.text
        activities: list[Json] = response.json()
        return activities

    def comment(self, task: str, client: TestClient | None = None, **fields: Any) -> Json:
        """Comment on a task."""
        response = (client or self.owner).post(f"/tasks/{task}/activities", json={"content": "Hello", **fields})
        assert response.status_code == 200, response.text
        comment: Json = response.json()
        return comment

    def subscribe(self, event: str, group: str | None = None, client: TestClient | None = None) -> str:
        """Subscribe to an event and return the webhook's id."""
        body = {"type": event, "url": HOOK} | ({} if group is None else {"group": group})
        response = (client or self.owner).post("/users/self/webhook", json=body)
        assert response.status_code == 200, response.text
        webhook: str = response.json()["_id"]
        return webhook

    def told(self) -> list[tuple[str, str, Json]]:
        """Return webhook, event and payload of everything that webhooks were told, oldest first."""
        log = self.server.admin.get("/webhooks/deliveries", params={"limit": 10_000}).json()["deliveries"]
        assert {(one["vendor"], one["request"]["url"]) for one in log} <= {("cubicl", HOOK)}
        return [(one["webhook"], one["event"], one["request"]["body"]) for one in reversed(log)]

    def every_task(self, **params: Any) -> list[Json]:
        """Return all tasks there are, archived or not, with all their details."""
        response = self.owner.get("/tasks", params={"archived": "all", "include": EVERYTHING, **params})
        assert response.status_code == 200, response.text
        tasks: list[Json] = response.json()
        return tasks


FIELDS = (
    "_id", "name", "desc", "state", "start", "deadline", "assignees", "assignedBy", "followers", "portalFollowers", "priority",
    "priorityScore", "group", "completedAt", "archivedAt", "stepType", "steps", "customer", "createdAt", "files", "tags",
    "subtasks", "parent", "email", "support", "private", "sharedWithCustomer", "workflow", "estimatedTime", "customFields",
    "lastCopy",
)  # fmt: skip
EVERYTHING = ",".join(FIELDS)
