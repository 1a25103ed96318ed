"""Faults in Cotalker's words, and lists that change between two of their pages."""

from collections.abc import Callable, Iterator
from itertools import pairwise
from typing import Any

import pytest
from starlette.testclient import TestClient

from cotalker.conftest import GROUP
from fault_rules import Add, adding

ME = "/api/v2/users/me"


@pytest.fixture
def fault(admin: TestClient) -> Add:
    """Return a function that adds a fault of Cotalker."""
    return adding(admin, "cotalker")


class TestStatus:
    """Every status word and number, as Cotalker spells it."""

    @pytest.mark.parametrize(
        ("status", "answered", "error"),
        [
            ("unauthorized", 401, "Unauthorized"),
            ("forbidden", 403, "Forbidden"),
            (400, 400, "Bad Request"),
            (401, 401, "Unauthorized"),
            (403, 403, "Forbidden"),
            (404, 404, "Not Found"),
            (409, 409, "Conflict"),
            (413, 413, "Payload Too Large"),
            (500, 500, "Internal server error"),
            (502, 502, "Bad Gateway"),
            (503, 503, "Service Unavailable"),
            (504, 504, "Gateway Timeout"),
            (599, 599, "Error"),
        ],
    )
    def test_own_words(self, cotalker: TestClient, fault: Add, assert_refused, status: Any, answered: int, error: str) -> None:
        """The body is an object with `error`."""
        fault(status=status)

        response = cotalker.get(ME)

        assert_refused(response, answered, error)

    @pytest.mark.parametrize("status", ["rateLimit", 429])
    def test_rate_limit(self, cotalker: TestClient, fault: Add, clock, assert_refused, status: Any) -> None:
        """`Retry-After` is what is left of the window on the sandbox's clock, though no limits hold."""
        clock.freeze("2026-03-02T12:00:01.200Z")
        fault(status=status)

        response = cotalker.get(ME)

        assert_refused(response, 429, "Too Many Requests")
        assert response.headers["retry-after"] == "4"

    def test_timeout(self, cotalker: TestClient, fault: Add) -> None:
        """A gateway's page, for the vendor has said nothing."""
        fault(status="timeout")

        response = cotalker.get(ME)

        assert response.status_code == 504
        assert response.headers["content-type"] == "text/html; charset=utf-8"
        assert "<h1>504 Gateway Time-out</h1>" in response.text

    def test_debug(self, cotalker: TestClient, fault: Add) -> None:
        """What `debug=true` adds to a refusal, it adds to an injected one."""
        real = cotalker.get("/api/v2/nothing", params={"debug": "true"}).json()
        fault(status=404)

        assert cotalker.get("/api/v2/nothing", params={"debug": "true"}).json() == real

    def test_redirect(self, cotalker: TestClient, fault: Add) -> None:
        """What is no refusal has nothing in it."""
        fault(status=302, headers={"Location": "/elsewhere"})

        response = cotalker.get(ME, follow_redirects=False)

        assert (response.status_code, response.content, response.headers["location"]) == (302, b"", "/elsewhere")


LISTS = {
    "tasks": ("/api/v2/task-groups/{group}/tasks", "values", {}),
    "tasks by name": ("/api/v2/task-groups/{group}/tasks", "values", {"sortBy": "name", "orderBy": "desc"}),
    "relations": ("/api/v2/task-groups/{group}/tasks/relations", "values", {"isActive": "all"}),
    "state changes": ("/api/v2/task-groups/{group}/tasks/{task}/sm-state-changes", "values", {}),
    "task groups": ("/api/v2/task-groups", "values", {}),
    "task groups by name": ("/api/v2/task-groups", "values", {"sortBy": "collectionName"}),
    "task groups back": ("/api/v2/task-groups", "values", {"sortBy": "collectionName", "orderBy": "desc"}),
    "task groups of version 1": ("/api/v1/tasks/group", "taskgroups", {}),
    "users": ("/api/v2/users", "users", {}),
    "users back": ("/api/v2/users", "users", {"orderBy": "desc"}),
    "users of a role": ("/api/v2/users/relations/accessrole/6812c75d29365435ca000002", "users", {}),
    "users by word": ("/api/v2/users", "users", {"search": "brasaverde"}),
    "elements of a collection": ("/api/v2/properties", "properties", {"propertyTypes": "website_relaunch_elements"}),
    "elements below another": ("/api/v2/properties/relations", "properties", {"property": "", "relation": "child"}),
    "groups": ("/api/v2/groups", "groups", {}),
    "properties": ("/api/v2/properties", "properties", {}),
    "collections": ("/api/v2/propertytypes", "propertyTypes", {"sortBy": "display"}),
    "access roles": ("/api/v2/accessroles", "accessRoles", {}),
    "my tasks": ("/api/v1/tasks/{group}/task", None, {}),
    "my tasks by word": ("/api/v1/tasks/{group}/task", None, {"search": "a"}),
}
SEARCHES = {
    "tasks": ("/api/v1/tasks/{group}/task", {"name": {"$exists": True}}),
    "all tasks": ("/api/v1/tasks/{group}/task/all", {}),
    "users": ("/api/v1/users/find", {}),
    "properties": ("/api/v1/properties/find", {}),
}
LIMIT = 3

Pages = Callable[[], list[list[str]]]


def task_with_a_log(cotalker: TestClient) -> str:
    """Return a task that has been in many states."""
    path = f"/api/v2/task-groups/{GROUP}/tasks"
    tasks = cotalker.get(path, params={"limit": 200}).json()["data"]["values"]
    logs = {
        task["_id"]: len(cotalker.get(f"{path}/{task['_id']}/sm-state-changes", params={"limit": 50}).json()["data"]["values"])
        for task in tasks
    }
    longest = max(logs, key=lambda task: logs[task])
    for step in range(12):
        state = cotalker.get(f"/api/v2/task-groups/{GROUP}/tasks/{longest}").json()["data"]["smState"]
        found = cotalker.get(f"/api/v1/tasks/{GROUP}/sm/smstate").json()
        next_states = next(one["next"] for one in found if one["_id"] == state)
        if not next_states:
            break
        target = next_states[step % len(next_states)]["target"]
        cotalker.patch(f"/api/v1/tasks/{GROUP}/task/{longest}", json={"smState": target})
    return longest


def element_with_others_below(cotalker: TestClient) -> str:
    """Return an element that five others are below."""
    path, collection = "/api/v2/properties", "website_relaunch_elements"
    listed = cotalker.get(path, params={"propertyTypes": collection, "limit": 5}).json()["data"]["properties"]
    body = {"name": {"code": "whole_region", "display": "Region"}, "propertyType": collection}
    made = cotalker.post(path, json={**body, "subproperty": [element["_id"] for element in listed]})
    found: str = made.json()["data"]["_id"]
    return found


def by_pages(cotalker: TestClient, name: str) -> Pages:
    """Return a client that reads a list page by page until a page is not full, as sync clients do."""
    path, key, query = LISTS[name]
    path = path.format(group=GROUP, task=task_with_a_log(cotalker) if "{task}" in path else "")
    if "property" in query:
        query = {**query, "property": element_with_others_below(cotalker)}

    def read() -> list[list[str]]:
        return list(_walk(lambda page: cotalker.get(path, params={**query, "limit": LIMIT, "page": page}), key))

    return read


def by_skipping(cotalker: TestClient, name: str) -> Pages:
    """Likewise with a search."""
    path, query = SEARCHES[name]

    def ask(page: int) -> Any:
        return cotalker.post(path.format(group=GROUP), json={**query, "limit": LIMIT, "skip": (page - 1) * LIMIT})

    return lambda: list(_walk(ask, None))


def _walk(ask: Callable[[int], Any], key: str | None) -> Iterator[list[str]]:
    for page in range(1, 1000):
        response = ask(page)
        assert response.status_code == 200, response.text
        body = response.json()
        yield [record["_id"] for record in (body if key is None else body["data"][key])]
        if len(body if key is None else body["data"][key]) < LIMIT:
            return


@pytest.fixture(params=[*LISTS, *(f"search {name}" for name in SEARCHES)])
def pages(request: pytest.FixtureRequest, cotalker: TestClient) -> Pages:
    """A client of each listing in turn."""
    name = request.param.removeprefix("search ")
    return by_skipping(cotalker, name) if request.param.startswith("search") else by_pages(cotalker, name)


def flat(read: list[list[str]]) -> list[str]:
    """All rows of all pages."""
    return [row for page in read for row in page]


ONCE = {"times": 1}


class TestPaging:
    """then.paging, on every listing of Cotalker."""

    def test_insert(self, admin: TestClient, pages: Pages, fault: Add) -> None:
        """The last row of a page comes again at the top of the next one, and the new record shows in a second run only."""
        before = flat(pages())
        number = fault(paging="insert", when=ONCE)

        met = flat(pages())

        assert met == [*before[:LIMIT], before[LIMIT - 1], *before[LIMIT:]]
        after = flat(pages())
        (new,) = set(after) - set(before)
        assert after.index(new) < LIMIT
        assert [row for row in after if row != new] == before
        assert admin.get(f"/faults/{number}").json()["fired"] == 1

    def test_delete(self, pages: Pages, fault: Add) -> None:
        """A row that was read is gone, so the first one of the next page is never met."""
        before = flat(pages())
        fault(paging="delete", when=ONCE)

        met = flat(pages())

        after = flat(pages())
        (gone,) = set(before) - set(after)
        assert before.index(gone) < LIMIT
        assert [row for row in before if row not in met] == before[LIMIT : LIMIT + 1]
        assert after == [row for row in before if row != gone]

    def test_duplicate(self, pages: Pages, fault: Add) -> None:
        """The last row of the page before stands on top of the next page, which is a row longer; the data stays."""
        before = flat(pages())
        fault(paging="duplicate", when=ONCE)

        met = pages()

        assert flat(met) == [*before[:LIMIT], before[LIMIT - 1], *before[LIMIT:]]
        assert len(met[1]) == min(LIMIT, len(before) - LIMIT) + 1
        assert flat(pages()) == before

    def test_every_later_page(self, pages: Pages, fault: Add) -> None:
        """Without `times` each page but the first has it, and the first and what lies beyond the end have not."""
        before = pages()
        fault(paging="duplicate")

        met = pages()

        assert met[0] == before[0]
        for page, (last, rows) in enumerate(pairwise(page for page in before if page), 1):
            assert met[page] == [last[-1], *rows]


class TestWholeRecords:
    """What a paging fault makes or removes."""

    def test_copies_are_like_others(self, cotalker: TestClient, fault: Add) -> None:
        """The new task has a number and a channel of its own, its people see it, and it can be read and changed."""
        path = f"/api/v2/task-groups/{GROUP}/tasks"
        before = cotalker.get(path, params={"limit": 1000}).json()["data"]["values"]
        fault(paging="insert", when=ONCE)
        cotalker.get(path, params={"limit": LIMIT, "page": 2})

        after = cotalker.get(path, params={"limit": 1000}).json()["data"]["values"]

        (new,) = [task for task in after if task not in before]
        original = before[LIMIT - 1]
        changed = {"_id", "serial", "channel"}
        assert {**new, **{name: original[name] for name in changed}} == original
        assert all(new[name] not in [task[name] for task in before] for name in changed)
        one = f"/api/v1/tasks/{GROUP}/task/{new['_id']}"
        assert cotalker.get(one).status_code == 200
        assert cotalker.patch(one, json={"name": "Renamed"}).json()["task"]["name"] == "Renamed"

    def test_removed_is_gone(self, cotalker: TestClient, fault: Add) -> None:
        """The task that was removed is a 404, and so is nothing else."""
        path = f"/api/v2/task-groups/{GROUP}/tasks"
        before = [task["_id"] for task in cotalker.get(path, params={"limit": 1000}).json()["data"]["values"]]
        fault(paging="delete", when=ONCE)
        cotalker.get(path, params={"limit": LIMIT, "page": 2})

        gone = [task for task in before if cotalker.get(f"{path}/{task}").status_code == 404]

        assert len(gone) == 1
        assert gone[0] in before[:LIMIT]

    def test_expire_is_not_possible(self, admin: TestClient) -> None:
        """Pages that are counted by rows have nothing that could expire."""
        response = admin.post("/faults", json={"match": {"vendor": "cotalker"}, "then": {"paging": "expire"}})

        assert response.status_code == 422
        assert response.json()["errors"][0]["detail"] == (
            "then.paging: 'expire' is not possible with Cotalker's pages, but insert, delete, duplicate"
        )

    def test_refused_requests_are_not_counted(self, admin: TestClient, server, fault: Add) -> None:
        """First pages, bad credentials and bad parameters leave a paging fault waiting."""
        number = fault(paging="insert")
        path = "/api/v2/users"
        good = server.client("/cotalker", Authorization="Bearer cotalker-admin", Admin="true")

        server.client("/cotalker").get(path, params={"page": 2})
        good.get(path, params={"page": 2, "limit": "x"})
        good.get(path, params={"page": 1})
        good.get(path, params={"page": 900})

        assert admin.get(f"/faults/{number}").json()["eligible"] == 0


class TestPeople:
    """Copies of people, groups and collections, which have something that only one may have."""

    @pytest.mark.parametrize(
        ("path", "key", "own"),
        [
            ("/api/v2/users", "users", {"_id", "email", "passwordModifiedAt"}),
            ("/api/v2/groups", "groups", {"_id", "nameCode"}),
            ("/api/v2/propertytypes", "propertyTypes", {"_id", "code"}),
            ("/api/v2/properties", "properties", {"_id", "name"}),
            ("/api/v2/accessroles", "accessRoles", {"_id"}),
            ("/api/v2/task-groups", "values", {"_id", "group", "collectionName", "initialStateMachine"}),
        ],
    )
    @pytest.mark.parametrize("order", ["asc", "desc"])
    def test_like_the_original(self, cotalker: TestClient, fault: Add, path: str, key: str, own: set[str], order: str) -> None:
        """A copy differs in nothing else, can be read by its id, and several are each their own."""

        def records() -> list[dict[str, Any]]:
            found: list[dict[str, Any]] = cotalker.get(path, params={"limit": 1000, "orderBy": order}).json()["data"][key]
            return found

        before = records()
        fault(paging="insert", when={"times": 3})
        for _ in range(3):
            cotalker.get(path, params={"limit": 1, "page": 2, "orderBy": order})

        new = [record for record in records() if record["_id"] not in [one["_id"] for one in before]]

        assert len(new) == 3
        for record in new:
            assert {**before[0], **{name: record[name] for name in own if name in record}} == {
                **record,
                **{name: before[0][name] for name in own - record.keys() if name in before[0]},
            }
            for name in own & record.keys():
                assert [one[name] for one in records()].count(record[name]) == 1
            assert cotalker.get(f"{path}/{record['_id']}").status_code == 200

    def test_removed_role_permits_nothing(self, cotalker: TestClient, fault: Add) -> None:
        """Whoever had an access role that is gone no longer has what it permitted, and can still be read."""
        roles = cotalker.get("/api/v2/accessroles", params={"limit": 100}).json()["data"]["accessRoles"]
        fault(paging="delete")
        cotalker.get("/api/v2/accessroles", params={"limit": len(roles), "page": 2})

        left = cotalker.get("/api/v2/accessroles", params={"limit": 100}).json()["data"]["accessRoles"]

        (gone,) = [role for role in roles if role not in left]
        users = cotalker.get("/api/v2/users", params={"limit": 1000, "isActive": "all"}).json()["data"]["users"]
        assert users
        assert all(gone["_id"] not in user["accessRoles"] for user in users)
        assert cotalker.get(ME).status_code == 200
