"""Cotalker's lists of tasks: who sees which, and the relations of tasks."""

from typing import Any

import pytest
from starlette.testclient import TestClient

from understudy.core.sandbox import DEFAULT
from understudy.vendors.cotalker.tables import TaskGroup

ADMIN = "61b9b7a9d258d731520fc846"
AGENT = "61b9b7b1d258d731520fc84a"
READER = "61b9b7c0d258d731520fc853"
WEBSITE = "61a8b233685ed3562e7cfdeb"
FIELD = "62bf5e03654e96017e00e46a"
SHOP = "62bf5e0d654e96017e00e474"
TRAINING = "62bf5e17654e96017e00e47e"
ARCHIVE = "62bf5e21654e96017e00e488"
UNKNOWN = "61a8b233685ed3562e7cfdec"
STATUSES = ("status", "status1", "status2", "status3", "status4", "status5")


def tasks_of(group: str) -> str:
    """Return the path of a group's tasks."""
    return f"/api/v2/task-groups/{group}/tasks"


def relations_of(group: str) -> str:
    """Return the path of a group's tasks by relations."""
    return f"{tasks_of(group)}/relations"


def sees(task: dict[str, Any], rights: dict[str, Any], user: str, permissions: set[str]) -> bool:
    """Whether a user without `Admin` sees a task, by the three rows of the contract."""
    may_read = not rights["readPermissions"] or permissions & {*rights["readPermissions"]}
    if user in task["userList"] and may_read:
        return True
    if permissions & {*rights["taskEditorPermissions"], *rights["taskFollowerPermissions"]}:
        return True
    opened = [
        item["property"] for item in rights["taskPropertyPermissions"] if permissions & {*item["editor"], *item["follower"]}
    ]
    return any(task.get(field) in opened for field in STATUSES)


class TestGetTasks:
    """GET /api/v2/task-groups/{taskGroupId}/tasks."""

    @pytest.mark.parametrize(("group", "number"), [(WEBSITE, 70), (FIELD, 40), (SHOP, 20), (TRAINING, 12), (ARCHIVE, 0)])
    def test_administrator_sees_all(self, cotalker: TestClient, rows, group: str, number: int) -> None:
        """With `Admin: true` every task of the group is there, and none of another."""
        tasks = rows(cotalker, tasks_of(group))

        assert [task["serial"] for task in tasks] == list(range(1, number + 1))
        assert all(task["taskGroup"] == group for task in tasks)

    @pytest.mark.parametrize("user", [AGENT, READER])
    @pytest.mark.parametrize(
        "permissions",
        [
            ("app-access", "app-tasks"),
            ("app-tasks",),
            ("app-access",),
            ("nothing",),
            ("field-supervisor",),
            ("field-observer",),
            ("field-planner",),
            ("field-planner", "app-tasks"),
            ("field-planner", "app-access"),
            ("training-staff",),
            ("training-staff", "field-planner"),
            ("admin-*-write", "admin-tasks-read"),
        ],
    )
    def test_others_see_by_rule(self, cotalker: TestClient, become, rows, user: str, permissions: tuple[str, ...]) -> None:
        """Without `Admin` a task shows to its members who may read, to the group's editors and followers, and by its elements."""
        groups = {
            group: cotalker.get(f"/api/v2/task-groups/{group}").json()["data"] for group in (WEBSITE, FIELD, SHOP, TRAINING)
        }
        everything = {group: rows(cotalker, tasks_of(group)) for group in groups}
        client = become(user, *permissions)

        for group, rights in groups.items():
            expected = [task for task in everything[group] if sees(task, rights, user, {*permissions})]
            assert rows(client, tasks_of(group)) == expected

    def test_each_rule_shows_something(self, cotalker: TestClient, agent: TestClient, rows) -> None:
        """In the default world the ordinary user sees tasks through each rule alone, and fails to see some for want of each."""
        website, field, shop, training = (rows(agent, tasks_of(group)) for group in (WEBSITE, FIELD, SHOP, TRAINING))
        hidden = rows(cotalker, tasks_of(TRAINING))

        assert website
        assert all(AGENT in task["userList"] for task in website)
        assert [task for task in field if AGENT in task["userList"]]
        assert [task for task in field if AGENT not in task["userList"]]
        assert len(field) < 40
        assert len(shop) == 20
        assert [task for task in shop if AGENT not in task["userList"]]
        assert training == []
        assert [task for task in hidden if AGENT in task["userList"]]

    @pytest.mark.parametrize("part", ["editors", "followers", "visibility", "assignee"])
    def test_members(self, agent: TestClient, rows, part: str) -> None:
        """Editors, followers, those with visibility and the assignee are members."""
        assert [task for task in rows(agent, tasks_of(WEBSITE)) if AGENT in task[part]]

    def test_maker_is_no_member(self, cotalker: TestClient, agent: TestClient, rows) -> None:
        """Who made a task sees it only when on it."""
        made = [task for task in rows(cotalker, tasks_of(WEBSITE)) if task["createdBy"] == AGENT]

        assert made
        assert not [task for task in rows(agent, tasks_of(WEBSITE)) if task in made]

    def test_state_opens_nothing(self, server, cotalker: TestClient, agent: TestClient, rows) -> None:
        """`taskPropertyPermissions` looks at the elements of a task, not at its `smState`."""
        (first, *_) = rows(cotalker, tasks_of(TRAINING))
        for held, opened in (("smState", False), ("status", True)):
            with server.app.sandboxes[DEFAULT].session() as session:
                group = session.get(TaskGroup, TRAINING)
                item = f'{{"property":"{first[held]}","editor":[],"follower":["app-access"]}}'
                group.document = group.document.replace('"taskPropertyPermissions":[', f'"taskPropertyPermissions":[{item}', 1)
                session.save(group)
            assert (first in rows(agent, tasks_of(TRAINING))) is opened
            server.reset()

    @pytest.mark.parametrize("admin", ["false", "True", ""])
    def test_other_value_of_admin(self, server, rows, admin: str) -> None:
        """An administrator who doesn't send `Admin: true` sees what anybody on the tasks sees."""
        client = server.client("/cotalker", Authorization="Bearer cotalker-admin", Admin=admin)

        tasks = rows(client, tasks_of(WEBSITE))

        assert 0 < len(tasks) < 70
        assert all(ADMIN in task["userList"] for task in tasks)

    def test_closed_tasks_are_not_hidden(self, cotalker: TestClient, clock, rows) -> None:
        """`hideClosedAfterDays` is about the app; the list keeps what was closed long ago."""
        clock.advance("P90D")

        assert [task for task in rows(cotalker, tasks_of(WEBSITE)) if task["closedAt"] is not None]

    @pytest.mark.parametrize("client", ["cotalker", "agent"])
    @pytest.mark.parametrize(
        "query",
        [
            "",
            "?limit=3&page=2&count=true&orderBy=desc&isActive=true&sortBy=name",
            "?debug=true",
            "?sortBy=",
            "?limit=x&debug=true",
        ],
    )
    @pytest.mark.parametrize("group", [WEBSITE, FIELD, ARCHIVE, UNKNOWN, "x"])
    def test_alias(self, request: pytest.FixtureRequest, client: str, query: str, group: str) -> None:
        """GET /api/v2/tasks/{taskGroupId}/task is the same list."""
        caller: TestClient = request.getfixturevalue(client)

        alias, list_ = caller.get(f"/api/v2/tasks/{group}/task{query}"), caller.get(f"{tasks_of(group)}{query}")

        assert alias.status_code == list_.status_code
        assert alias.content == list_.content

    def test_as_the_partner_sdk_asks(self, cotalker: TestClient, rows) -> None:
        """A page of 1000 with filters that the server doesn't know: everything active, the newest first."""
        response = cotalker.get(
            f"{tasks_of(WEBSITE)}?limit=1000&page=1&isActive=true&orderBy=desc&assignedTo={AGENT}&startDate=2022-01-01"
        )

        expected = [task for task in rows(cotalker, tasks_of(WEBSITE)) if task["isActive"]][::-1]
        assert response.json()["data"]["values"] == expected

    @pytest.mark.parametrize("path", [tasks_of, relations_of, lambda group: f"/api/v2/tasks/{group}/task"])
    def test_id(self, cotalker: TestClient, assert_refused, path) -> None:
        """An id that is none is a 400, before the query is looked at; one that nobody has is a 404, after that."""
        malformed = '"taskGroupId" must be a valid ObjectId:\n("x")'

        assert_refused(cotalker.get(path("x")), 400, malformed)
        assert_refused(cotalker.get(f"{path('x')}?limit=x"), 400, malformed)
        assert_refused(cotalker.get(path(UNKNOWN)), 404, "Not Found")
        assert_refused(cotalker.get(f"{path(UNKNOWN)}?limit=x"), 400, '"limit" must be a number:\n("x")')
        assert cotalker.get(path(WEBSITE.upper())).content == cotalker.get(path(WEBSITE)).content

    def test_id_is_that_of_the_task_group(self, cotalker: TestClient, assert_refused) -> None:
        """The id of the workflow group is not one of a task group."""
        assert_refused(cotalker.get(tasks_of("61a8b1f8685ed3562e7cfd9a")), 404, "Not Found")


class TestGetTasksByRelations:
    """GET /api/v2/task-groups/{taskGroupId}/tasks/relations."""

    def test_neither(self, cotalker: TestClient, rows) -> None:
        """Without either filter all tasks of the group are there."""
        assert rows(cotalker, relations_of(WEBSITE)) == rows(cotalker, tasks_of(WEBSITE))

    def test_assignee(self, cotalker: TestClient, rows) -> None:
        """`assignee` finds the tasks of each user, in whatever case the id is written."""
        tasks = rows(cotalker, tasks_of(WEBSITE))

        for user in {task["assignee"] for task in tasks}:
            expected = [task for task in tasks if task["assignee"] == user]
            assert rows(cotalker, relations_of(WEBSITE), assignee=user) == expected
            assert rows(cotalker, relations_of(WEBSITE), assignee=user.upper()) == expected

    @pytest.mark.parametrize("field", [*STATUSES, "smState"])
    def test_property(self, cotalker: TestClient, rows, field: str) -> None:
        """`property` finds a task by any of its elements and by its state."""
        tasks = rows(cotalker, tasks_of(WEBSITE))
        held = {task[field] for task in tasks if task.get(field) is not None}

        assert held
        for element in held:
            expected = [task for task in tasks if task.get(field) == element]
            assert rows(cotalker, relations_of(WEBSITE), property=element) == expected

    def test_both(self, cotalker: TestClient, rows) -> None:
        """Both must hold."""
        tasks = rows(cotalker, tasks_of(WEBSITE))
        (first, *_) = [task for task in tasks if task["closedAt"]]

        found = rows(cotalker, relations_of(WEBSITE), assignee=first["assignee"], property=first["status"])

        assert found == [t for t in tasks if t["assignee"] == first["assignee"] and t["status"] == first["status"]]
        assert rows(cotalker, relations_of(WEBSITE), assignee=first["assignee"], property=UNKNOWN) == []

    @pytest.mark.parametrize("field", ["asset", "assignee", "_id", "taskGroup", "smStateMachine", "channel"])
    def test_what_is_no_property(self, cotalker: TestClient, rows, field: str) -> None:
        """The asset and other ids of a task are not looked at."""
        (task, *_) = rows(cotalker, tasks_of(WEBSITE))

        assert rows(cotalker, relations_of(WEBSITE), property=task[field]) == []

    @pytest.mark.parametrize("field", ["assignee", "property"])
    def test_of_another_group(self, cotalker: TestClient, rows, field: str) -> None:
        """Only tasks of the group in the path are found."""
        tasks = rows(cotalker, tasks_of(FIELD))
        value = tasks[0]["assignee" if field == "assignee" else "status"]

        found = rows(cotalker, relations_of(WEBSITE), **{field: value})

        assert all(task["taskGroup"] == WEBSITE for task in found)
        assert field == "assignee" or found == []

    @pytest.mark.parametrize("name", ["assignee", "property"])
    @pytest.mark.parametrize("text", ["", "x", f"{ADMIN},{AGENT}", f"{ADMIN}0", "null"])
    def test_malformed(self, cotalker: TestClient, assert_refused, name: str, text: str) -> None:
        """One ObjectId, or a 400."""
        response = cotalker.get(f"{relations_of(WEBSITE)}?{name}={text}")

        assert_refused(response, 400, f'"{name}" must be a valid ObjectId:\n("{text}")')

    def test_repeated(self, cotalker: TestClient, assert_refused) -> None:
        """They are single values: twice is once too often."""
        response = cotalker.get(f"{relations_of(WEBSITE)}?assignee={ADMIN}&assignee={ADMIN}")

        assert_refused(response, 400, f'"assignee" must be a valid ObjectId:\n("{ADMIN},{ADMIN}")')

    def test_asset_by_setting(self, serve, rows) -> None:
        """UNDERSTUDY_COTALKER_PROPERTY_MATCHES_ASSET=true also looks at the asset, and at everything else as before."""
        server = serve(cotalker_property_matches_asset=True)
        cotalker = server.client("/cotalker", Authorization="Bearer cotalker-admin", Admin="true")
        tasks = rows(cotalker, tasks_of(WEBSITE))
        (closed, *_) = [task for task in tasks if task["closedAt"]]

        assert rows(cotalker, relations_of(WEBSITE), property=tasks[0]["asset"]) == tasks
        assert rows(cotalker, relations_of(FIELD), property=tasks[0]["asset"]) == []
        expected = [task for task in tasks if task["status"] == closed["status"]]
        assert rows(cotalker, relations_of(WEBSITE), property=closed["status"]) == expected
