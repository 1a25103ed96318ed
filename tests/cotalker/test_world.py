"""Cotalker's part of the world: every kind of record that a rule speaks of, each as the vendor's models have it."""

import re
from collections import Counter
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from understudy.core.resources import resource
from understudy.core.world import BadRecipe, make_world
from understudy.vendors.cotalker import VENDOR

WEBSITE = "61a8b233685ed3562e7cfdeb"
KNOWN_TASK = "61a9045c49cb12c5f92f9ed4"
ADMIN = "61b9b7a9d258d731520fc846"
STAMP = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")
STATUSES = ("status1", "status2", "status3", "status4", "status5")

TASK_KEYS = [
    "answers", "indentation", "isActive", "activeSlas", "editors", "followers", "visibility", "subscribers", "userList",
    "language", "_id", "name", "createdBy", "company", "taskGroup", "owner", "weight", "relativeWeight", "createdAt", "status",
    "smState", "smStateMachine", "modifiedStateAt", "closedAt", "asset", "assignee", "channel", "serial", "modifiedAt", "__v",
    "extensions",
]  # fmt: skip
OPTIONAL_KEYS = {"resolutionDate", "parent", "startDate", "endDate", "estimatedTime", "info", *STATUSES}

Tasks = list[dict[str, Any]]


def second_of(id_: str) -> int:
    """Return the second of its making that an id tells."""
    return int(id_[:8], 16)


def read_tasks(client: TestClient, rows: Any) -> Tasks:
    """Return all tasks of all task groups of the company."""
    groups = rows(client, "/api/v2/task-groups")
    return [task for group in groups for task in rows(client, f"/api/v2/task-groups/{group['_id']}/tasks")]


@pytest.fixture(params=[42, 7])
def tasks(request: pytest.FixtureRequest, serve, rows) -> Tasks:
    """All tasks of two worlds; what holds in one holds in the other."""
    client = serve(seed=request.param).client("/cotalker", Authorization="Bearer cotalker-admin", Admin="true")
    return read_tasks(client, rows)


class TestTasks:
    """The tasks."""

    def test_keys(self, tasks: Tasks) -> None:
        """A task has the keys of the vendor's sample in their order, and behind them what was set of the others."""
        for task in tasks:
            assert list(task)[: len(TASK_KEYS)] == TASK_KEYS
            assert set(task) - set(TASK_KEYS) <= OPTIONAL_KEYS

    def test_there_are_enough(self, tasks: Tasks) -> None:
        """More than a hundred and twenty tasks lie in more than three task groups."""
        assert len(tasks) >= 120
        assert len({task["taskGroup"] for task in tasks}) >= 3

    def test_serials(self, tasks: Tasks) -> None:
        """Serial numbers count from 1 in each task group, in order of creation."""
        for group in {task["taskGroup"] for task in tasks}:
            serials = [task["serial"] for task in tasks if task["taskGroup"] == group]
            assert serials == list(range(1, len(serials) + 1))

    def test_user_list(self, tasks: Tasks) -> None:
        """`userList` is editors, followers, visibility and assignee, each once, in that order."""
        for task in tasks:
            members = [*task["editors"], *task["followers"], *task["visibility"], task["assignee"]]
            assert task["userList"] == list(dict.fromkeys(members))
        assert [task for task in tasks if task["createdBy"] not in task["userList"]]

    def test_ids_and_stamps(self, tasks: Tasks) -> None:
        """Ids tell the second of creation, the channel's too; changes come after it; stamps have three decimals."""
        for task in tasks:
            created = round(datetime.fromisoformat(task["createdAt"]).timestamp() * 1000)
            assert second_of(task["_id"]) == second_of(task["channel"]) == created // 1000
            assert task["createdAt"] < task["modifiedStateAt"] < task["modifiedAt"]
            stamps = [value for key, value in task.items() if key.endswith(("At", "Date")) and value is not None]
            assert all(STAMP.fullmatch(stamp) for stamp in stamps)
        assert len({task["_id"] for task in tasks}) == len(tasks)

    def test_states(self, tasks: Tasks) -> None:
        """Each group has tasks in four states; the closed ones, and only those, have been closed when they entered theirs."""
        for group in {task["taskGroup"] for task in tasks}:
            of_group = [task for task in tasks if task["taskGroup"] == group]
            states = {(task["smState"], task["status"]) for task in of_group}
            closed = {task["smState"] for task in of_group if task["closedAt"] is not None}
            assert len(states) == 4
            assert len(closed) == 1
            assert {task["smState"] in closed for task in of_group if task["closedAt"] is None} == {False}
        for task in tasks:
            assert task.get("resolutionDate") == task["closedAt"]
            assert task["closedAt"] in (None, task["modifiedStateAt"])

    def test_parents(self, tasks: Tasks) -> None:
        """There are children and grandchildren, one level below their parents, in the same group, closed when those are."""
        by_id = {task["_id"]: task for task in tasks}

        assert Counter(task["indentation"] for task in tasks).keys() == {0, 1, 2}
        for task in tasks:
            parent = by_id[task["parent"]] if "parent" in task else None
            assert task["indentation"] == (parent["indentation"] + 1 if parent else 0)
            if parent:
                assert parent["taskGroup"] == task["taskGroup"]
                assert parent["closedAt"] is None or task["closedAt"] is not None

    @pytest.mark.parametrize("field", STATUSES)
    def test_additional_fields(self, tasks: Tasks, field: str) -> None:
        """Each additional field is set somewhere, cleared (null) somewhere and absent somewhere."""
        kinds = {"absent" if field not in task else "null" if task[field] is None else "set" for task in tasks}

        assert kinds == {"absent", "null", "set"}

    def test_deactivated(self, tasks: Tasks) -> None:
        """There are active and deactivated tasks, also without an end, a text or an estimate."""
        for group in {task["taskGroup"] for task in tasks}:
            assert {task["isActive"] for task in tasks if task["taskGroup"] == group} == {True, False}
        for key in ("startDate", "endDate", "estimatedTime", "info"):
            assert {key in task for task in tasks} == {True, False}


class TestKnownRecords:
    """What everybody can rely on."""

    def test_task_of_the_vendors_sample(self, cotalker: TestClient, rows) -> None:
        """The first task of the sample's task group is the one of version 1's sample, made at the second that its id tells."""
        (task, *_) = rows(cotalker, f"/api/v2/task-groups/{WEBSITE}/tasks")

        assert task["_id"] == KNOWN_TASK
        assert task["createdAt"].startswith("2021-12-02T17:37:32.")
        assert task["smStateMachine"] == "61b9b7f72b810c1adc8b1e31"
        assert task["smState"] == "61b9b7fdac349679d0e2f26b"
        assert task["status"] == "61b9b803b8cf489071f6f6a6"
        assert task["asset"] == "61b9b7f06231d52cb9b341ea"
        assert task["assignee"] == ADMIN

    def test_task_groups(self, cotalker: TestClient, rows) -> None:
        """Task groups of both flows, one of the older kind without levels, machine and tasks, and one no longer in use."""
        groups = {group["collectionName"]: group for group in rows(cotalker, "/api/v2/task-groups")}

        assert {group["flowType"] for group in groups.values()} == {"free", "state-machine"}
        assert groups["archive"]["levelConfig"] == []
        assert groups["archive"]["initialStateMachine"] is None
        assert groups["archive"]["defaultFilter"] is None
        assert groups["archive"]["isActive"] is False
        assert groups["website_relaunch"]["initialStateMachine"] == "61b9b7f72b810c1adc8b1e31"
        assert all(second_of(group["_id"]) > second_of(group["group"]) for group in groups.values())
        for group in groups.values():
            assert second_of(group["_id"]) == int(datetime.fromisoformat(group["createdAt"]).timestamp())

    def test_credentials(self, server) -> None:
        """`env` names the administrator and the ordinary user, with what it takes to be either."""
        (vendor,) = [vendor for vendor in server.admin.get("/env").json()["vendors"] if vendor["name"] == "cotalker"]

        assert vendor["credentials"] == [
            {
                "name": name,
                "who": who,
                "token": f"cotalker-{name}",
                "email": f"{name}@cotalker.test",
                "password": "understudy",
            }
            for name, who in (
                ("admin", "administrator, every admin-* permission"),
                ("agent", "ordinary user, member of some tasks"),
            )
        ]

    @pytest.mark.parametrize("code", ["task_manager", "complaints", "maintenance", "recruiting", "suppliers", "audits"])
    def test_free_groups(self, cotalker: TestClient, code: str) -> None:
        """Six groups have no task group yet."""
        recipe = resource("fixtures/worlds/default.yaml").read_text()
        (group,) = re.findall(rf"{{id: (\w+), name: [\w ]+, code: {code}}}", recipe)

        assert cotalker.post("/api/v2/task-groups", json={"group": group}).json()["collectionName"] == code


class TestRecipe:
    """`vendors.cotalker` of a world file."""

    @pytest.mark.parametrize(
        ("old", "new", "where"),
        [
            ("    company: 613eafd572343ecb53cc8ccc\n", "    companie: 613eafd572343ecb53cc8ccc\n", "vendors.cotalker.company"),
            ("613eafd572343ecb53cc8ccc", "613", "vendors.cotalker.company"),
            ("roles: [administrators, everybody]", "roles: [kings]", "vendors.cotalker.users.0.roles.0"),
            ("code: task_manager", "code: 9", "vendors.cotalker.free_groups.0.code"),
            ("person: boss", "person: nobody", "no person with the key 'nobody'"),
        ],
    )
    def test_mistakes(self, tmp_path: Path, old: str, new: str, where: str) -> None:
        """A mistake in it is named."""
        recipe = resource("fixtures/worlds/default.yaml").read_text()
        mistaken = tmp_path / "world.yaml"
        mistaken.write_text(recipe.replace(old, new, 1))

        with pytest.raises(BadRecipe, match=re.escape(where)):
            make_world(vendors=[VENDOR], path=mistaken, seed=1)


class TestActions:
    """What Cotalker's own interface can do and its API can't."""

    def test_create_token(self, server, act) -> None:
        """A new token is one of its user; it may be chosen."""
        made = act("cotalker", "create-token", user=ADMIN)
        chosen = act("cotalker", "create-token", user=ADMIN, token="mine")

        assert made["user"] == chosen["user"] == ADMIN
        assert chosen["token"] == "mine"
        for token in (made["token"], "mine"):
            client = server.client("/cotalker", Authorization=f"Bearer {token}", Admin="true")
            assert client.get(f"/api/v2/task-groups/{WEBSITE}").status_code == 200

    def test_set_permissions(self, agent: TestClient, act) -> None:
        """Permissions are replaced, at once and for every token."""
        path, headers = f"/api/v2/task-groups/{WEBSITE}", {"Admin": "true"}
        assert agent.get(path, headers=headers).status_code == 403

        changed = act("cotalker", "set-permissions", user="61b9b7b1d258d731520fc84a", permissions=["admin-tasks-read"])

        assert changed == {"user": "61b9b7b1d258d731520fc84a", "permissions": ["admin-tasks-read"]}
        assert agent.get(path, headers=headers).status_code == 200

    def test_revoked_tokens_are_no_credentials(self, server, act) -> None:
        """What was revoked is no longer named."""
        assert act("cotalker", "revoke-token", token="cotalker-agent")["user"] == "61b9b7b1d258d731520fc84a"

        (vendor,) = [vendor for vendor in server.admin.get("/env").json()["vendors"] if vendor["name"] == "cotalker"]
        assert [credential["name"] for credential in vendor["credentials"]] == ["admin"]

    @pytest.mark.parametrize(
        ("action", "body", "status", "detail"),
        [
            ("create-token", {"user": "x"}, 404, "there is no user 'x'"),
            ("create-token", {"user": ADMIN, "token": "cotalker-agent"}, 422, "token: 'cotalker-agent' exists already"),
            ("create-token", {"user": ADMIN, "token": "a.b.c"}, 422, None),
            ("create-token", {"user": ADMIN, "token": "a@b"}, 422, None),
            ("create-token", {"user": ADMIN, "token": ""}, 422, None),
            ("create-token", {}, 422, "user: it is needed"),
            ("create-token", {"user": ADMIN, "x": 1}, 422, None),
            ("revoke-token", {"token": "x"}, 404, "there is no token 'x'"),
            ("set-permissions", {"user": "x", "permissions": []}, 404, "there is no user 'x'"),
            ("set-permissions", {"user": ADMIN, "permissions": "all"}, 422, None),
        ],
    )
    def test_refused(self, server, action: str, body: dict[str, Any], status: int, detail: str | None) -> None:
        """What is not there is a 404, what doesn't fit a 422 that says why."""
        response = server.admin.post(f"/actions/cotalker/{action}", json=body)

        assert response.status_code == status
        (error,) = response.json()["errors"]
        assert detail is None or error["detail"] == detail
