"""Cubicl's part of the default world."""

from collections import Counter
from pathlib import Path
from typing import Any

import pytest
import yaml
from starlette.testclient import TestClient

from cubicl.office import (
    ARCHIVE,
    CLIENT,
    CONTENT,
    FIELD,
    FILE,
    MANAGEMENT,
    PLAIN_TASK,
    ROOT,
    SHOP,
    TAG,
    TASK,
    TRAINING,
    WEBSITE,
    WORKFLOW,
    Json,
    Office,
)
from understudy.config import Settings
from understudy.core.resources import resource
from understudy.core.world import DEFAULT_WORLD, BadRecipe, make_world
from understudy.main import create_app
from understudy.vendors import VENDORS


def depth(task: Json, tasks: dict[str, Json]) -> int:
    """Return how many tasks are above one."""
    return 0 if task["parent"] is None else 1 + depth(tasks[task["parent"]], tasks)


class TestDefaultWorld:
    """What everybody finds."""

    def test_every_kind_of_task(self, office: Office) -> None:
        """There are enough tasks, and of every kind some."""
        tasks = office.every_task()
        kinds: dict[str, list[Json]] = {
            "archived": [t for t in tasks if isinstance(t.get("archivedAt"), int)],
            "restored": [t for t in tasks if "archivedAt" in t and t["archivedAt"] is None],
            "private": [t for t in tasks if t["private"]],
            "email": [t for t in tasks if "email" in t],
            "support": [t for t in tasks if "support" in t],
            "shared": [t for t in tasks if t.get("sharedWithCustomer") and t["portalFollowers"]],
            "unshared": [t for t in tasks if t.get("sharedWithCustomer") is False],
            "newest copies": [t for t in tasks if t.get("lastCopy") is True],
            "older copies": [t for t in tasks if t.get("lastCopy") is False],
            "checklists": [t for t in tasks if t["stepType"] == "steps"],
            "deep checklists": [t for t in tasks if t["stepType"] == "steps" and "steps" in t["steps"][2]["steps"][1]],
            "progress": [t for t in tasks if t["stepType"] == "progress"],
            "workflow": [t for t in tasks if "workflow" in t],
            "custom fields": [t for t in tasks if "customFields" in t],
            "estimates": [t for t in tasks if "estimatedTime" in t],
            "tags": [t for t in tasks if t["tags"]],
            "customers": [t for t in tasks if t["customer"]],
            "files": [t for t in tasks if t["files"]],
            "completed": [t for t in tasks if t["completedAt"] > 0],
            "both dates": [t for t in tasks if t["start"] and t["deadline"]],
            "no dates": [t for t in tasks if not t["start"] and not t["deadline"]],
        }

        assert len(tasks) >= 120
        assert {kind: len(found) for kind, found in kinds.items() if len(found) < 3} == {}
        groups = (ROOT, WEBSITE, FIELD, SHOP, TRAINING, ARCHIVE, MANAGEMENT, CONTENT)
        assert set(Counter(task["group"] for task in tasks)) == set(groups)
        assert "Dropped" in {task["state"] for task in tasks}
        assert {task["priority"] for task in tasks} == {1, 2, 3, 4, 5}

    def test_hierarchy(self, office: Office) -> None:
        """Subtasks are three levels deep and more, also across projects; both views of each link agree."""
        tasks = {task["_id"]: task for task in office.every_task()}

        assert max(depth(task, tasks) for task in tasks.values()) >= 3
        crossing = [task for task in tasks.values() if task["parent"] and tasks[task["parent"]]["group"] != task["group"]]
        assert len(crossing) >= 3
        for number, task in tasks.items():
            assert all(tasks[child]["parent"] == number for child in task["subtasks"])
            assert task["parent"] is None or number in tasks[task["parent"]]["subtasks"]

    def test_activities(self, office: Office) -> None:
        """There are comments of users, portal users and mails, replies, mentions, files, other activities; each in its time."""
        kinds: Counter[str] = Counter()
        for task in office.every_task():
            previous = task["createdAt"]
            posts = set()
            for activity in office.activities(task["_id"]):
                assert activity["createdAt"] >= previous
                previous = activity["createdAt"]
                kinds[activity["type"]] += 1
                kinds.update(
                    name for name in ("portalUser", "emailUser", "replyToId", "mailStatus", "emailDetails") if name in activity
                )
                kinds.update(name for name in ("mentions", "files", "customerCanSee") if activity.get(name))
                if activity["type"] == "post":
                    posts.add(activity["_id"])
                    assert activity.get("replyToId") is None or activity["replyToId"] in posts
                if activity["type"] in ("archive", "state-change"):
                    assert "archivedAt" in task or activity["type"] != "archive"

        expected = ("post", "update", "archive", "restore", "state-change", "portalUser", "emailUser", "replyToId", "mailStatus")
        assert all(kinds[kind] >= 3 for kind in (*expected, "emailDetails", "mentions", "files", "customerCanSee")), kinds

    def test_files_of_other_services(self, office: Office) -> None:
        """Files that were attached from another service say so, pictures have a thumbnail, others neither."""
        activities = [activity for task in office.every_task() for activity in office.activities(task["_id"])]
        files = {file["name"]: set(file) for activity in activities for file in activity.get("files", [])}

        assert files["minutes.docx"] == {"_id", "name", "google"}
        assert files["logo.svg"] == {"_id", "name", "dropbox"}
        assert files["shopfront.jpg"] == {"_id", "name", "thumbnail"}
        assert files["plan.xlsx"] == {"_id", "name"}

    def test_states_fit(self, office: Office) -> None:
        """A task is stamped as completed exactly when its state is of that type, and changed its state into it then."""
        completed = {"cb_completed", "Published", "Paid"}

        for task in office.every_task():
            assert (task["completedAt"] > 0) == (task["state"] in completed)
            changes = [one for one in office.activities(task["_id"]) if one["type"] == "state-change"]
            assert not changes or changes[-1]["data"]["newState"]["name"] == task["state"]

    def test_known_records(self, office: Office) -> None:
        """The known client, tag, file and workflow can be used, and the plain task is free."""
        task = office.task(FIELD, customer=CLIENT, tags=[TAG], files=[FILE], workFlowId=WORKFLOW)

        assert task["customer"]["name"] == "ACME"
        assert office.read(PLAIN_TASK)["subtasks"] == []
        assert office.read(TASK)["name"] == "Write contract"

    def test_documented_request(self, office: Office, owner: TestClient) -> None:
        """The examples of the contract name records that are there."""
        assert owner.put(f"/tasks/{PLAIN_TASK}", json={"group": WEBSITE, "state": "Review"}).status_code == 200
        assert owner.post(f"/tasks/{TASK}/subtasks", json={"subtask": PLAIN_TASK}).status_code == 200


class TestRecipe:
    """Other worlds."""

    @pytest.fixture
    def recipe(self) -> Any:
        """The default recipe."""
        return yaml.safe_load(resource(DEFAULT_WORLD).read_bytes())

    def make(self, recipe: Any, tmp_path: Path, seed: int = 42) -> bytes:
        """Make a world of a recipe."""
        path = tmp_path / "world.yaml"
        path.write_text(yaml.safe_dump(recipe, allow_unicode=True))
        return make_world(vendors=VENDORS, path=path, seed=seed)

    def test_same_bytes(self, recipe: Any, tmp_path: Path) -> None:
        """The same recipe and seed give the same world, another seed another one."""
        first = self.make(recipe, tmp_path)

        assert self.make(recipe, tmp_path) == first
        assert self.make(recipe, tmp_path, seed=7) != first

    @pytest.mark.parametrize("seed", [1, 2, 3])
    def test_other_seed(self, serve, seed: int) -> None:
        """Any seed makes a world that fits the contract, with the same tokens and known records."""
        client = serve(seed=seed).client("/cubicl/api/v1", Authorization="Bearer cubicl-owner")

        tasks = client.get("/tasks", params={"archived": "all"}).json()

        assert len(tasks) >= 120
        assert all(client.get(f"/tasks/{task['_id']}/activities").status_code == 200 for task in tasks)
        assert client.get(f"/tasks/{TASK}").json()["name"] == "Write contract"

    def test_small_world(self, recipe: Any, tmp_path: Path) -> None:
        """A recipe may do with a root project and hardly anybody."""
        cubicl = recipe["vendors"]["cubicl"]
        cubicl["projects"] = [{"project": "root", "id": ROOT, "tasks": 1}]
        cubicl["users"] = cubicl["users"][:1]
        path = tmp_path / "small.yaml"
        path.write_text(yaml.safe_dump(recipe))

        app = create_app(Settings(world=path, cache=tmp_path))
        response = TestClient(app).get(f"/cubicl/api/v1/tasks?group={ROOT}", headers={"Authorization": "Bearer cubicl-owner"})

        assert response.status_code == 200
        app.sandboxes.close()

    @pytest.mark.parametrize(
        ("change", "text"),
        [
            (lambda part: part.update(nonsense=1), "nonsense"),
            (lambda part: part.pop("client"), "client"),
            (lambda part: part["projects"][1].update(parents=["nowhere"]), "parents"),
            (lambda part: part["projects"][1].update(parents=[]), "parents"),
            (lambda part: part["projects"][0].update(parents=["root"]), "parents"),
            (lambda part: part["projects"][1].update(members=["nobody"]), "nobody"),
            (lambda part: part["projects"][1].update(tasks=-1), "tasks"),
            (lambda part: part["projects"][1].update(states=[]), "states"),
            (lambda part: part["projects"][1].update(levels={"people": {"nobody": {}}}), "nobody"),
            (lambda part: part["users"][0].update(person="nobody"), "nobody"),
        ],
    )
    def test_bad_recipe(self, recipe: Any, tmp_path: Path, change: Any, text: str) -> None:
        """A recipe that doesn't fit is refused in one line that says where."""
        change(recipe["vendors"]["cubicl"])

        with pytest.raises(BadRecipe, match=text) as refusal:
            self.make(recipe, tmp_path)

        assert "\n" not in str(refusal.value)
