"""Who may do what in Cubicl."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from starlette.testclient import TestClient

from cubicl.office import CREATE, DELETE, EDIT, FIELD, NONE, ROOT, VIEW, Office, Person, assert_code
from understudy.core.resources import resource
from understudy.core.world import DEFAULT_WORLD

LEVELS = {"None": NONE, "View": VIEW, "Create": CREATE, "Edit": EDIT, "Delete": DELETE}

# What each operation on a task needs: the level, and whether assignee, owner or follower may do it at level None.
NEEDS: dict[str, tuple[int, set[str]]] = {
    "getTaskById": (VIEW, {"assignee", "owner", "follower"}),
    "getTaskActivities": (VIEW, {"assignee", "owner", "follower"}),
    "createTaskComment": (CREATE, {"assignee", "owner"}),
    "updateTaskState": (EDIT, {"assignee", "owner"}),
    "updateTask": (EDIT, {"owner"}),
    "updateProgress": (EDIT, {"assignee", "owner"}),
    "addSubtask": (EDIT, {"owner"}),
    "deleteTask": (DELETE, {"owner"}),
}
STANDINGS = ("stranger", "assignee", "owner", "follower", "admin")


def attempt(operation: str, client: TestClient, office: Office, task: str) -> int:
    """Try an operation on a task and return the status of the answer, which must be 200 or 403 with code 4."""
    free = office.task(ROOT, followers=[])["_id"]
    steps = {"completed": 2, "total": 4}
    requests: dict[str, Callable[[], Any]] = {
        "getTaskById": lambda: client.get(f"/tasks/{task}"),
        "getTaskActivities": lambda: client.get(f"/tasks/{task}/activities"),
        "createTaskComment": lambda: client.post(f"/tasks/{task}/activities", json={"content": "x"}),
        "updateTaskState": lambda: client.put(f"/tasks/{task}/state", json={"value": "cb_active"}),
        "updateTask": lambda: client.put(f"/tasks/{task}", json={"name": "x"}),
        "updateProgress": lambda: client.put(f"/tasks/{task}", json={"steps": steps}),
        "addSubtask": lambda: client.post(f"/tasks/{task}/subtasks", json={"subtask": free}),
        "deleteTask": lambda: client.delete(f"/tasks/{task}"),
    }
    response = requests[operation]()
    if response.status_code != 200:
        assert_code(response, 403, 4)
    status: int = response.status_code
    return status


def involve(office: Office, group: str, person: Person, standing: str, **fields: Any) -> str:
    """Create a task to which a person stands so."""
    fields |= {"stepType": "progress", "steps": {"completed": 1, "total": 4}, "followers": []}
    if standing == "owner":
        office.levels(group, person, CREATE)
    if standing == "assignee":
        fields["assignees"] = [person.id]
    if standing == "follower":
        fields["followers"] = [person.id]
    task: str = office.task(group, person.client if standing == "owner" else None, **fields)["_id"]
    return task


class TestDecisionTable:
    """Each operation, for each standing at each level."""

    @pytest.mark.parametrize("operation", NEEDS)
    @pytest.mark.parametrize("standing", STANDINGS)
    @pytest.mark.parametrize("level", LEVELS.values(), ids=LEVELS)
    def test_open_task(self, office: Office, operation: str, standing: str, level: int) -> None:
        """The level decides, or what one is to the task; admins may do everything."""
        person = office.person()
        group = office.project(admins=[person.id] if standing == "admin" else [])
        task = involve(office, group, person, standing)
        office.levels(group, person, level)
        needed, enough = NEEDS[operation]

        status = attempt(operation, person.client, office, task)

        assert status == (200 if standing == "admin" or level >= needed or standing in enough else 403)

    @pytest.mark.parametrize("operation", NEEDS)
    @pytest.mark.parametrize("standing", STANDINGS)
    @pytest.mark.parametrize("level", LEVELS.values(), ids=LEVELS)
    def test_private_task(self, office: Office, operation: str, standing: str, level: int) -> None:
        """On a private task the level counts for owner, assignees and followers only; a stranger has none."""
        person = office.person()
        group = office.project(admins=[person.id] if standing == "admin" else [])
        task = involve(office, group, person, standing, private=True)
        office.levels(group, person, level)
        needed, enough = NEEDS[operation]

        status = attempt(operation, person.client, office, task)

        by_level = level >= needed and standing != "stranger"
        assert status == (200 if standing == "admin" or by_level or standing in enough else 403)

    @pytest.mark.parametrize("level", LEVELS.values(), ids=LEVELS)
    def test_create_and_list(self, office: Office, project: str, level: int) -> None:
        """Create takes level Create, a project's list level View."""
        person = office.person()
        office.levels(project, person, level)

        listed = person.client.get("/tasks", params={"group": project})
        created = person.client.post("/tasks", json={"group": project, "name": "x"})

        assert listed.status_code == (200 if level >= VIEW else 403)
        assert created.status_code == (200 if level >= CREATE else 403)
        for response in (listed, created):
            if response.status_code == 403:
                assert_code(response, 403, 4)


def level_of(office: Office, person: Person, group: str) -> int:
    """Find out which level somebody has in a project, by trying."""
    task = office.task(group, followers=[])["_id"]
    tries = (("getTaskById", VIEW), ("createTaskComment", CREATE), ("updateTask", EDIT), ("deleteTask", DELETE))
    return max([NONE, *(level for operation, level in tries if attempt(operation, person.client, office, task) == 200)])


class TestLevels:
    """The level that somebody has in a project: the first that applies."""

    def test_defaults(self, office: Office) -> None:
        """Where nothing is customised members have Create and everybody else View."""
        person = office.person()

        assert level_of(office, person, office.project()) == VIEW
        assert level_of(office, person, office.project(members=[person.id])) == CREATE

    @pytest.mark.parametrize("members", LEVELS.values(), ids=LEVELS)
    @pytest.mark.parametrize("everybody", [NONE, EDIT], ids=str)
    def test_members_and_everybody(self, office: Office, members: int, everybody: int) -> None:
        """Customised levels are taken as they are, also where a member has less than others."""
        insider, outsider = office.person(), office.person()
        perms = {"members": {"tasks": members}, "everybody": {"tasks": everybody}}
        group = office.project(members=[insider.id], perms=perms)

        assert level_of(office, insider, group) == members
        assert level_of(office, outsider, group) == everybody

    def test_own_levels_come_first(self, office: Office) -> None:
        """A user's own levels come before those of members."""
        person, other = office.person(), office.person()
        perms = {"members": {"tasks": DELETE}, "everybody": {"tasks": DELETE}, "users": {person.id: {"tasks": VIEW}}}
        group = office.project(members=[person.id, other.id], perms=perms)

        assert level_of(office, person, group) == VIEW
        assert level_of(office, other, group) == DELETE

    def test_missing_feature(self, office: Office) -> None:
        """A feature that a levels object lacks takes the default, not the next step."""
        insider, outsider, special = office.person(), office.person(), office.person()
        perms = {
            "members": {"gantt": DELETE},
            "everybody": {"files": DELETE},
            "users": {special.id: {"calendar": NONE}, insider.id: {}},
        }
        group = office.project(members=[insider.id], perms=perms)

        assert level_of(office, insider, group) == CREATE
        assert level_of(office, outsider, group) == VIEW
        assert level_of(office, special, group) == VIEW

    def test_admin(self, office: Office) -> None:
        """An admin may do everything, a member or not, and whatever the levels say."""
        person = office.person()
        group = office.project(admins=[person.id])
        office.levels(group, person, NONE)

        assert level_of(office, person, group) == DELETE

    def test_account_manager(self, serve, tmp_path: Path) -> None:
        """An account manager is not thereby an admin of projects."""
        recipe = yaml.safe_load(resource(DEFAULT_WORLD).read_bytes())
        (jean,) = (user for user in recipe["vendors"]["cubicl"]["users"] if user["token"] == "cubicl-member")
        jean["account_manager"] = True
        world = tmp_path / "world.yaml"
        world.write_text(yaml.safe_dump(recipe, allow_unicode=True))
        client = serve(world=world).client("/cubicl/api/v1", Authorization="Bearer cubicl-member")

        assert client.get("/app/me").json()["org"]["isAdmin"] is True
        assert client.post("/crm/customers", json={"name": "Initech"}).status_code == 200
        assert_code(client.post("/tasks", json={"group": ROOT, "name": "Work"}), 403, 4)

    def test_admin_above(self, office: Office) -> None:
        """So may the admin of any project above, through either of two parents and at any distance; not the other way round."""
        person = office.person()
        left, right = office.project(), office.project(admins=[person.id])
        below = office.project(parents=[left, right], private=True, perms={"everybody": {"tasks": NONE}})
        far = office.project(parents=[below])

        assert [level_of(office, person, group) for group in (left, right, below, far)] == [VIEW, DELETE, DELETE, DELETE]

    def test_membership_is_not_inherited(self, office: Office) -> None:
        """A member of a project above is anybody below."""
        person = office.person()
        below = office.project(parents=[office.project(members=[person.id])])

        assert level_of(office, person, below) == VIEW

    def test_private_project(self, office: Office) -> None:
        """A private project is there for its members only, whatever the levels say of others."""
        insider, outsider, special = office.person(), office.person(), office.person()
        perms = {"members": {"tasks": EDIT}, "everybody": {"tasks": DELETE}, "users": {special.id: {"tasks": DELETE}}}
        group = office.project(private=True, members=[insider.id], perms=perms)

        assert [level_of(office, person, group) for person in (insider, outsider, special)] == [EDIT, NONE, NONE]

    def test_set_anew(self, office: Office) -> None:
        """New permissions hold at once and replace the old; null takes them back to the defaults."""
        person = office.person()
        group = office.project(members=[person.id], perms={"members": {"tasks": DELETE}})
        assert level_of(office, person, group) == DELETE

        office.do("set-permissions", group=group, perms={"everybody": {"tasks": DELETE}, "members": {"tasks": NONE}})
        assert level_of(office, person, group) == NONE

        office.do("set-permissions", group=group, perms=None)
        assert level_of(office, person, group) == CREATE

    def test_gantt_default(self, office: Office) -> None:
        """The level for the chart has the same defaults: no member may change it without more."""
        person = office.person()
        group = office.project(members=[person.id], perms={"members": {"tasks": DELETE}})
        task = office.task(group, start=1, deadline=2)["_id"]
        office.do("set-gantt", task=task, inGantt=True)

        assert_code(person.client.put(f"/tasks/{task}", json={"start": 1.5}), 422, 403)

    def test_private_project_and_gantt(self, office: Office) -> None:
        """In a private project somebody from outside has no level for the chart either, even for a task of one's own."""
        person, outside = office.person(), office.project()
        office.levels(outside, person, CREATE)
        group = office.project(private=True, perms={"everybody": {"gantt": DELETE}})
        task = office.task(outside, person.client, start=1, deadline=2)["_id"]
        office.owner.put(f"/tasks/{task}", json={"group": group})
        office.do("set-gantt", task=task, inGantt=True)

        assert_code(person.client.put(f"/tasks/{task}", json={"start": 1.5}), 422, 403)


class TestTokensOfTheWorld:
    """The three tokens of the default world."""

    def test_owner(self, office: Office, owner: TestClient) -> None:
        """The owner may do everything everywhere."""
        for task in office.every_task()[::9]:
            assert owner.put(f"/tasks/{task['_id']}", json={}).status_code == (200 if not task.get("archivedAt") else 422)

    def test_member(self, member: TestClient, office: Office) -> None:
        """The member creates tasks in own projects and not in the root."""
        assert office.task(FIELD, member)["followers"] == ["64b7f0c2a1d3e4f5a6b7c801"]
        assert_code(member.post("/tasks", json={"group": ROOT, "name": "x"}), 403, 4)

    def test_viewer(self, viewer: TestClient) -> None:
        """The viewer sees the root project's tasks and creates none, anywhere."""
        assert len(viewer.get("/tasks", params={"group": ROOT}).json()) > 5
        for number in range(8):
            body = {"group": f"64b7f0c2a1d3e4f5a6b7c90{number}", "name": "x"}
            response = viewer.post("/tasks", json=body)
            assert response.status_code == (200 if number == 7 else 403)  # the last one lets everybody create
