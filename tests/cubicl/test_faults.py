"""Faults in Cubicl's words, and lists that change between two of their pages."""

from collections.abc import Callable
from typing import Any

import pytest
from starlette.testclient import TestClient

from cubicl.office import SHOP, WEBSITE, Office, assert_code, assert_empty
from fault_rules import Add, adding


@pytest.fixture
def fault(admin: TestClient) -> Add:
    """Return a function that adds a fault of Cubicl."""
    return adding(admin, "cubicl")


class TestStatus:
    """Every status word and number, as Cubicl spells it."""

    @pytest.mark.parametrize(
        ("status", "answered"),
        [
            ("rateLimit", 429),
            ("unauthorized", 401),
            *((status, status) for status in (401, 404, 405, 409, 413, 422, 429, 500, 502, 503, 504)),
        ],
    )
    def test_nothing_but_the_status(self, owner: TestClient, fault: Add, status: Any, answered: int) -> None:
        """Most refusals have no body and no content type; a 429 has no `Retry-After`."""
        fault(status=status)

        response = owner.get("/tasks")

        assert_empty(response, answered)
        assert "retry-after" not in response.headers

    @pytest.mark.parametrize("status", ["forbidden", 403])
    def test_no_permission(self, owner: TestClient, fault: Add, status: Any) -> None:
        """A 403 has the code of a missing permission."""
        fault(status=status)

        assert_code(owner.get("/tasks"), 403, 4)

    def test_bad_request(self, owner: TestClient, fault: Add) -> None:
        """A 400 is a plain text."""
        fault(status=400)

        response = owner.get("/tasks")

        assert (response.status_code, response.text) == (400, "Bad Request")
        assert response.headers["content-type"] == "text/plain; charset=utf-8"

    def test_timeout(self, owner: TestClient, fault: Add) -> None:
        """A gateway's page, for the vendor has said nothing."""
        fault(status="timeout")

        response = owner.get("/tasks")

        assert response.status_code == 504
        assert response.headers["content-type"] == "text/html; charset=utf-8"

    def test_an_upload_is_not_kept(self, owner: TestClient, admin: TestClient, fault: Add) -> None:
        """A file that is refused by a fault takes no room."""
        fault(status=500, when={"times": 1})

        response = owner.post("/files/upload", files={"file": ("a.txt", b"x" * 9_000_000)})

        assert_empty(response, 500)
        assert admin.get("/faults/fault-1").json()["fired"] == 1


TASKS: dict[str, dict[str, str]] = {
    "all": {"archived": "false"},
    "with archived": {},
    "of a project": {"group": WEBSITE, "recursive": "true"},
    "searched": {"search": "e"},
    "short": {"include": "name"},
}
CLIENTS: dict[str, dict[str, str]] = {"all": {}, "in full": {"includeAllFields": "true"}, "by address": {"email": "@"}}
LISTS = {f"tasks {name}": ("/tasks", query) for name, query in TASKS.items()} | {
    f"clients {name}": ("/crm/customers", query) for name, query in CLIENTS.items()
}
LIMIT = 4
ONCE = {"times": 1}

Pages = Callable[[], list[list[str]]]


@pytest.fixture(params=LISTS)
def pages(request: pytest.FixtureRequest, owner: TestClient) -> Pages:
    """A client that reads a list page by page until a page is not full, as sync clients do; of each listing in turn."""
    path, query = LISTS[request.param]

    def read() -> list[list[str]]:
        found: list[list[str]] = []
        while not found or len(found[-1]) >= LIMIT:
            response = owner.get(path, params={**query, "limit": LIMIT, "skip": len(found) * LIMIT})
            assert response.status_code == 200, response.text
            found.append([record["_id"] for record in response.json()])
        return found

    return read


def flat(read: list[list[str]]) -> list[str]:
    """All rows of all pages."""
    return [row for page in read for row in page]


class TestPaging:
    """then.paging, on both of Cubicl's paged listings."""

    def test_insert(self, pages: Pages, fault: Add) -> None:
        """The last row of a page comes again at the top of the next one, and the new record shows in a second run only."""
        before = flat(pages())
        fault(paging="insert", when=ONCE)

        met = flat(pages())

        assert met == [*before[:LIMIT], before[LIMIT - 1], *before[LIMIT:]]
        after = flat(pages())
        (new,) = set(after) - set(before)
        assert after.index(new) < LIMIT
        assert [row for row in after if row != new] == before

    def test_delete(self, pages: Pages, fault: Add) -> None:
        """A row that was read is gone, so the first one of the next page is never met."""
        before = flat(pages())
        fault(paging="delete", when=ONCE)

        met = flat(pages())

        after = flat(pages())
        (gone,) = set(before) - set(after)
        assert before.index(gone) < LIMIT
        assert [row for row in before if row not in met] == [before[LIMIT]]

    def test_duplicate(self, pages: Pages, fault: Add) -> None:
        """The last row of the page before stands on top of the next page, which is a row longer; the data stays."""
        before = flat(pages())
        fault(paging="duplicate", when=ONCE)

        met = pages()

        assert flat(met) == [*before[:LIMIT], before[LIMIT - 1], *before[LIMIT:]]
        assert len(met[1]) == min(LIMIT, len(before) - LIMIT) + 1
        assert flat(pages()) == before

    def test_without_a_limit(self, owner: TestClient, fault: Add) -> None:
        """A page that goes on to the end is disturbed as well."""
        before = [task["_id"] for task in owner.get("/tasks").json()]
        fault(paging="duplicate")

        rest = [task["_id"] for task in owner.get("/tasks", params={"skip": 2}).json()]

        assert rest == before[1:]


class TestWholeRecords:
    """What a paging fault makes or removes."""

    def test_webhooks_are_told(self, owner: TestClient, office: Office, project: str, fault: Add) -> None:
        """The tasks come and go as if somebody had done it: a webhook of the project hears of both."""
        for name in "abc":
            office.task(project, name=name)
        office.subscribe("task-created", project)
        office.subscribe("task-deleted", project)
        fault(paging="insert", when=ONCE)
        fault(paging="delete", when={"skip": 1, "times": 1})

        for _ in range(2):
            owner.get("/tasks", params={"group": project, "skip": 1})

        assert [event for _, event, _ in office.told()] == ["task-created", "task-deleted"]

    def test_a_copy_is_below_the_same_task(self, owner: TestClient, office: Office, project: str, fault: Add) -> None:
        """A copied subtask is a subtask of the same parent, can be read whole, and starts without subtasks."""
        parent = office.task(project, name="parent", priority=1)["_id"]
        child = office.task(project, name="child", parent=parent, priority=5)["_id"]
        fault(paging="insert", when=ONCE)

        owner.get("/tasks", params={"group": project, "skip": 1})

        first, second = owner.get(f"/tasks/{parent}").json()["subtasks"]
        assert first == child
        copy = owner.get(f"/tasks/{second}").json()
        original = owner.get(f"/tasks/{child}").json()
        own = {"_id", "priorityScore", "createdAt"}
        assert {**copy, **{name: original[name] for name in own}} == original
        assert copy["priorityScore"] < original["priorityScore"]

    def test_parents_stay(self, owner: TestClient, office: Office, project: str, fault: Add) -> None:
        """Not a task with subtasks is deleted, but one before it that has none; where all have some, none is."""
        alone = office.task(project, name="alone", priority=5)["_id"]
        parent = office.task(project, name="parent", priority=4)["_id"]
        child = office.task(project, name="child", parent=parent, priority=1)["_id"]
        fault(paging="delete")

        owner.get("/tasks", params={"group": project, "skip": 2})
        owner.get("/tasks", params={"group": project, "skip": 1})

        left = [task["_id"] for task in owner.get("/tasks", params={"group": project}).json()]
        assert left == [parent, child]
        assert alone not in left

    def test_parents_lose_a_deleted_subtask(self, owner: TestClient, office: Office, project: str, fault: Add) -> None:
        """A subtask that is gone is gone from its parent's list, too."""
        parent = office.task(project, name="parent", priority=1)["_id"]
        child = office.task(project, name="child", parent=parent, priority=5)["_id"]
        fault(paging="delete")

        owner.get("/tasks", params={"group": project, "skip": 1})

        assert_empty(owner.get(f"/tasks/{child}"), 404)
        assert owner.get(f"/tasks/{parent}").json()["subtasks"] == []

    def test_tasks_lose_a_deleted_client(self, owner: TestClient, office: Office, fault: Add) -> None:
        """The tasks of a client that is gone have none, as when it is deleted by the API."""
        (first, *_) = owner.get("/crm/customers").json()
        task = office.task(SHOP, customer=first["_id"])["_id"]
        fault(paging="delete")

        owner.get("/crm/customers", params={"skip": 1})

        assert_empty(owner.get(f"/crm/customers/{first['_id']}"), 404)
        assert owner.get(f"/tasks/{task}").json()["customer"] is None
