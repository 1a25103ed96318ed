"""Sandboxes through the control plane: made, copied, listed, begun anew and deleted."""

import json
from collections.abc import Callable
from typing import Any

import pytest
import yaml

from understudy.core.files import FileStore
from understudy.core.resources import resource

PROJECT = "64b7f0c2a1d3e4f5a6b7c900"


@pytest.fixture(autouse=True)
def no_others(server) -> Any:
    """Only `default` is left after each test."""
    yield
    for name in names(server):
        if name != "default":
            assert server.admin.delete(f"/sandboxes/{name}").status_code == 200


def names(server: Any) -> list[str]:
    """Return the names of all sandboxes."""
    return [sandbox["name"] for sandbox in server.admin.get("/sandboxes").json()["sandboxes"]]


def make(server: Any, **body: Any) -> dict[str, Any]:
    """Make a sandbox and return the answer."""
    response = server.admin.post("/sandboxes", json=body)
    assert response.status_code == 201, response.text
    made: dict[str, Any] = response.json()
    return made


def cubicl(server: Any, name: str) -> Any:
    """Return a client of Cubicl in a sandbox."""
    return server.client(f"/s/{name}/cubicl/api/v1", Authorization="Bearer cubicl-owner")


def control(server: Any, name: str) -> Any:
    """Return a client of the control plane of a sandbox."""
    return server.client(f"/s/{name}/__admin")


def create_task(server: Any, sandbox: str, name: str) -> str:
    """Create a task and return its id."""
    response = cubicl(server, sandbox).post("/tasks", json={"group": PROJECT, "name": name})
    assert response.status_code == 200, response.text
    task: str = response.json()["_id"]
    return task


def task_names(server: Any, sandbox: str) -> set[str]:
    """Return the names of the tasks of the root project."""
    tasks = cubicl(server, sandbox).get("/tasks", params={"group": PROJECT, "limit": 100}).json()
    return {task["name"] for task in tasks}


class TestCreate:
    """POST /__admin/sandboxes."""

    def test_answers_name_and_environment(self, server) -> None:
        """Addresses select the sandbox by their path, and the credentials open it."""
        made = make(server, name="box")

        assert made["name"] == made["env"]["sandbox"] == "box"
        (vendor,) = (vendor for vendor in made["env"]["vendors"] if vendor["name"] == "cubicl")
        assert vendor["baseUrl"] == "http://testserver/s/box/cubicl"
        token = vendor["credentials"][0]["token"]
        response = server.client("/s/box/cubicl").get("/api/v1/app/me", headers={"Authorization": f"Bearer {token}"})
        assert response.status_code == 200

    def test_says_what_the_sandbox_says(self, server) -> None:
        """The environment is the same before anybody has used the sandbox and afterwards."""
        made = make(server, name="box")
        create_task(server, "box", "used")

        assert control(server, "box").get("/env").json() == made["env"]

    @pytest.mark.parametrize("options", [{}, {"json": {}}, {"json": {"name": None}}])
    def test_gives_a_name(self, server, options: dict[str, Any]) -> None:
        """Without one, or without a body, each gets a name of its own."""
        made = [server.admin.post("/sandboxes", **options).json()["name"] for _ in range(3)]

        assert len(set(made)) == 3
        assert set(made) <= set(names(server))

    def test_is_a_fresh_world(self, server) -> None:
        """What was done in `default` is not there, and what is done in it is nowhere else."""
        create_task(server, "default", "of default")
        make(server, name="box")
        create_task(server, "box", "of the box")

        assert "of default" not in task_names(server, "box")
        assert "of the box" not in task_names(server, "default")

    def test_gives_out_the_same_ids(self, server) -> None:
        """Two sandboxes of one seed answer the same requests with the same bytes."""
        for name in ("one", "two"):
            make(server, name=name)
            control(server, name).put("/clock", json={"action": "freeze", "instant": "2026-06-01T08:00:00Z"})

        answers = {cubicl(server, name).post("/tasks", json={"group": PROJECT, "name": "x"}).content for name in ("one", "two")}

        assert len(answers) == 1

    def test_with_a_seed(self, server) -> None:
        """It holds another world, the one of that seed, and goes back to that."""
        make(server, name="box", seed=7)
        before = task_names(server, "box")
        create_task(server, "box", "new")

        control(server, "box").post("/reset")

        assert before != task_names(server, "default")
        assert task_names(server, "box") == before
        assert server.admin.get("/sandboxes/box").json()["seed"] == 7

    def test_with_a_world(self, server) -> None:
        """A recipe of one's own makes the world."""
        recipe = yaml.safe_load(resource("fixtures/worlds/default.yaml").read_text()) | {"company": "Box and Sons"}
        recipe = json.loads(json.dumps(recipe, default=lambda day: day.isoformat()))
        make(server, name="box", world=recipe)

        users = cubicl(server, "box").get("/organization/users").json()

        assert "@boxandsons.test" in str(users)

    @pytest.mark.parametrize(
        "name",
        ["", "A", "a_b", "-a", "a-", "a" * 64, "../a", "a/b", "a.b", "a b", "ä", "a\n", "s/default", "__admin", "a\u0000"],
    )
    def test_bad_name(self, server, name: str) -> None:
        """What can be no host name is 422, and names what is wrong."""
        response = server.admin.post("/sandboxes", json={"name": name})

        assert response.status_code == 422
        assert response.json()["errors"][0]["code"] == "invalid_body"
        assert response.json()["errors"][0]["detail"].startswith("name: ")
        assert names(server) == ["default"]

    @pytest.mark.parametrize(
        ("body", "field"),
        [
            ({"name": 5}, "name"),
            ({"seed": "x"}, "seed"),
            ({"seed": -1}, "seed"),
            ({"seed": 1 << 63}, "seed"),
            ({"seed": True}, "seed"),
            ({"seed": "7"}, "seed"),
            ({"ttlSeconds": True}, "ttlSeconds"),
            ({"ttlSeconds": 0}, "ttlSeconds"),
            ({"ttlSeconds": -1}, "ttlSeconds"),
            ({"ttlSeconds": 1e300}, "ttlSeconds"),
            ({"world": "/etc/passwd"}, "world"),
            ({"unknown": 1}, "unknown"),
            ({"from": 1}, "from"),
        ],
    )
    def test_bad_body(self, server, body: dict[str, Any], field: str) -> None:
        """422 that names the field; nothing is made."""
        response = server.admin.post("/sandboxes", json=body)

        assert response.status_code == 422
        assert response.json()["errors"][0]["detail"].startswith(f"{field}: ")
        assert names(server) == ["default"]

    @pytest.mark.parametrize(
        ("spoil", "detail"),
        [
            (lambda world: world.clear(), "world: epoch: "),
            (lambda world: world.update(epoch=-(10**30)), "world: Integer exceeds 64-bit range"),
            (
                lambda world: world["vendors"]["cotalker"]["task_groups"][1]["rights"]["opened"][0].update(element="nobody"),
                "vendors.cotalker: its parts don't fit together: ",
            ),
        ],
    )
    def test_bad_world(self, server, spoil: Callable[[Any], Any], detail: str) -> None:
        """A recipe that makes no world is 422 in one line, and nothing is made."""
        recipe = yaml.safe_load(resource("fixtures/worlds/default.yaml").read_text())
        spoil(recipe)

        response = server.admin.post("/sandboxes", content=json.dumps({"world": recipe}, default=str))

        assert response.status_code == 422
        assert response.json()["errors"][0]["detail"].startswith(detail)
        assert "\n" not in response.json()["errors"][0]["detail"]
        assert names(server) == ["default"]

    def test_name_taken(self, server) -> None:
        """409, and the one that has it keeps what it holds."""
        make(server, name="box")
        create_task(server, "box", "kept")

        response = server.admin.post("/sandboxes", json={"name": "box"})

        assert response.status_code == 409
        assert response.json()["errors"][0]["detail"] == "there is a sandbox 'box' already"
        assert "kept" in task_names(server, "box")

    def test_too_many(self, serve) -> None:
        """409 once there are as many as there may be; one that goes makes room."""
        server = serve(max_sandboxes=3)
        make(server, name="a")
        make(server, name="b")

        response = server.admin.post("/sandboxes", json={"name": "c"})

        assert response.status_code == 409
        assert "UNDERSTUDY_MAX_SANDBOXES" in response.json()["errors"][0]["detail"]
        server.admin.delete("/sandboxes/a")
        make(server, name="c")


class TestClone:
    """POST /__admin/sandboxes with `from`."""

    def test_is_what_the_other_is_now(self, server) -> None:
        """Rows, clock, files and the next id; from then on each goes its own way."""
        make(server, name="box")
        control(server, "box").put("/clock", json={"action": "freeze", "instant": "2031-01-01T00:00:00Z"})
        create_task(server, "box", "before")
        file = cubicl(server, "box").post("/files/upload", files={"file": ("a.txt", b"bytes")}).json()["_id"]

        make(server, name="copy", **{"from": "box"})
        create_task(server, "copy", "only in the copy")
        create_task(server, "box", "only in the box")

        assert {"before", "only in the copy"} <= task_names(server, "copy")
        assert "only in the box" not in task_names(server, "copy")
        assert "only in the copy" not in task_names(server, "box")
        assert control(server, "copy").get("/clock").json() == {"instant": "2031-01-01T00:00:00.000Z", "frozen": True}
        server.admin.delete("/sandboxes/box")
        link = cubicl(server, "copy").get(f"/files/{file}/url").json()
        assert server.client("").get(link).content == b"bytes"

    def test_begins_with_an_empty_journal(self, server) -> None:
        """What was asked of the other one was not asked of the copy."""
        make(server, name="box")
        create_task(server, "box", "x")

        make(server, name="copy", **{"from": "box"})

        assert server.admin.get("/sandboxes/copy").json()["requests"] == 0
        assert server.admin.get("/sandboxes/box").json()["requests"] == 1

    def test_sends_no_webhook_of_the_other(self, server) -> None:
        """What the other one has yet to send is sent by that alone."""
        make(server, name="box")
        control(server, "box").put("/clock", json={"action": "freeze"})
        webhook = {"group": PROJECT, "type": "task-created", "url": "http://127.0.0.1:9/closed"}
        assert cubicl(server, "box").post("/users/self/webhook", json=webhook).status_code == 200
        create_task(server, "box", "told")

        make(server, name="copy", **{"from": "box"})

        def states(name: str) -> list[str]:
            return [delivery["state"] for delivery in control(server, name).get("/webhooks/deliveries").json()["deliveries"]]

        assert states("box") == ["pending"]
        assert states("copy") == []

    def test_of_one_with_a_seed_goes_back_to_its_world(self, server) -> None:
        """A reset leads to the world that the other one was made from."""
        make(server, name="box", seed=7)
        fresh = task_names(server, "box")
        create_task(server, "box", "later")
        make(server, name="copy", **{"from": "box"})

        control(server, "copy").post("/reset")

        assert task_names(server, "copy") == fresh

    def test_unknown(self, server) -> None:
        """404 for a sandbox that is not there."""
        response = server.admin.post("/sandboxes", json={"from": "nobody"})

        assert response.status_code == 404
        assert response.json()["errors"][0]["code"] == "unknown_sandbox"

    @pytest.mark.parametrize("more", [{"seed": 1}, {"world": {}}])
    def test_has_no_origin_of_its_own(self, server, more: dict[str, Any]) -> None:
        """A seed or a world beside `from` is refused, for it would be ignored."""
        response = server.admin.post("/sandboxes", json={"from": "default", **more})

        assert response.status_code == 422

    def test_that_fails_leaves_nothing(self, server, monkeypatch: pytest.MonkeyPatch) -> None:
        """When the disk has no room for the files, there is no half copy; the name is free."""

        def full(files: FileStore, other: FileStore) -> None:
            raise OSError(28, "No space left on device")

        make(server, name="box")
        monkeypatch.setattr(FileStore, "copy", full)
        with pytest.raises(OSError, match="No space left"):
            server.app.sandboxes.clone(server.app.sandboxes["box"], "copy")
        monkeypatch.undo()

        assert sorted(names(server)) == ["box", "default"]
        make(server, name="copy", **{"from": "box"})


class TestList:
    """GET /__admin/sandboxes and /__admin/sandboxes/{name}."""

    def test_tells_of_each(self, server) -> None:
        """Name, seed, life, clock and how much was asked of it."""
        make(server, name="box", ttlSeconds=60)
        create_task(server, "box", "x")

        (default, box) = server.admin.get("/sandboxes").json()["sandboxes"]

        assert (default["name"], default["ttlSeconds"]) == ("default", None)
        assert (box["name"], box["seed"], box["ttlSeconds"], box["requests"], box["parked"]) == ("box", 42, 60, 1, False)
        one = server.admin.get("/sandboxes/box").json()
        assert one["env"]["sandbox"] == "box"
        assert one.keys() - {"env"} == box.keys()

    def test_unknown(self, server) -> None:
        """404 in the control plane's form."""
        response = server.admin.get("/sandboxes/nobody")

        assert response.status_code == 404
        assert response.json()["errors"][0]["code"] == "unknown_sandbox"


class TestDelete:
    """DELETE /__admin/sandboxes/{name}."""

    def test_leaves_nothing(self, server) -> None:
        """The name is unknown then, and free for a sandbox that holds nothing of the old one."""
        make(server, name="box")
        create_task(server, "box", "old")

        assert server.admin.delete("/sandboxes/box").json() == {"name": "box"}

        assert server.client("").get("/s/box/cubicl/api/v1/tasks").status_code == 404
        make(server, name="box")
        assert "old" not in task_names(server, "box")

    def test_default_stays(self, server) -> None:
        """409, and nothing is lost."""
        create_task(server, "default", "kept")

        response = server.admin.delete("/sandboxes/default")

        assert response.status_code == 409
        assert "default" in response.json()["errors"][0]["detail"]
        assert "kept" in task_names(server, "default")

    @pytest.mark.parametrize("name", ["nobody", "..", "%2e%2e%2fdefault"])
    def test_unknown(self, server, name: str) -> None:
        """404."""
        assert server.admin.delete(f"/sandboxes/{name}").status_code in (404, 405)
        assert names(server) == ["default"]

    def test_the_one_in_use(self, server) -> None:
        """A request that was still coming in is answered in our words, and leaves nothing behind."""
        make(server, name="box")

        def body() -> Any:
            yield b'--b\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\n'
            server.app.sandboxes.delete("box")
            yield b"bytes\r\n--b--\r\n"

        headers = {"Content-Type": "multipart/form-data; boundary=b", "Content-Length": "87"}

        response = cubicl(server, "box").post("/files/upload", content=body(), headers=headers)

        assert response.status_code == 404
        assert response.json()["errors"][0]["code"] == "unknown_sandbox"

    def test_under_a_fault(self, server) -> None:
        """A request that a fault would answer finds no sandbox either, and its journal does not come back to life."""
        make(server, name="box")
        control(server, "box").post("/faults", json={"then": {"status": 500}})
        box = server.app.sandboxes["box"]

        def body() -> Any:
            yield b"{"
            server.app.sandboxes.delete("box")
            yield b"}"

        response = cubicl(server, "box").post("/tasks", content=body())

        assert response.status_code == 404
        assert response.json()["errors"][0]["code"] == "unknown_sandbox"
        assert len(box.journal) == 0


class TestTimeToLive:
    """`ttlSeconds`."""

    def test_ends_what_nobody_uses(self, server) -> None:
        """Once it has been left alone so long, a sandbox is gone; others stay."""
        make(server, name="short", ttlSeconds=10)
        make(server, name="long", ttlSeconds=1000)
        sandboxes = server.app.sandboxes
        for sandbox in sandboxes:
            sandbox.used_at -= 11

        sandboxes.delete_expired()

        assert names(server) == ["default", "long"]

    def test_begins_anew_with_each_request(self, server) -> None:
        """A sandbox in use stays."""
        make(server, name="box", ttlSeconds=10)
        sandboxes = server.app.sandboxes
        for sandbox in sandboxes:
            sandbox.used_at -= 11
        create_task(server, "box", "still here")

        sandboxes.delete_expired()

        assert "box" in names(server)

    def test_goes_on_when_one_can_t_be_removed(self, server, monkeypatch: pytest.MonkeyPatch) -> None:
        """Trouble with the files of one sandbox does not keep the others alive."""
        for name in ("first", "second"):
            make(server, name=name, ttlSeconds=10)
        sandboxes = server.app.sandboxes
        for sandbox in sandboxes:
            sandbox.used_at -= 11
        stuck = sandboxes._sandboxes["first"]

        def discard() -> None:
            raise OSError(5, "Input/output error")

        monkeypatch.setattr(stuck, "discard", discard)

        sandboxes.delete_expired()

        assert names(server) == ["default"]

    def test_outlives_a_reset(self, server) -> None:
        """A reset changes the world, not the sandbox."""
        make(server, name="box", ttlSeconds=10)

        control(server, "box").post("/reset")

        assert server.admin.get("/sandboxes/box").json()["ttlSeconds"] == 10


class TestReset:
    """POST /__admin/reset in a sandbox."""

    def test_touches_no_other(self, server) -> None:
        """Rows, clock and journal of the others stay as they are."""
        for name in ("box", "other"):
            make(server, name=name)
            create_task(server, name, "x")
            control(server, name).put("/clock", json={"action": "freeze", "instant": "2031-01-01T00:00:00Z"})

        control(server, "box").post("/reset")

        assert "x" not in task_names(server, "box")
        assert control(server, "box").get("/clock").json()["frozen"] is False
        assert "x" in task_names(server, "other")
        assert control(server, "other").get("/clock").json()["frozen"] is True

    def test_forgives_counted_requests(self, limited) -> None:
        """Rate limits count from nothing again, in that sandbox."""
        make(limited, name="box")
        control(limited, "box").put("/clock", json={"action": "freeze"})
        client = cubicl(limited, "box")
        while client.get("/app/me").status_code == 200:
            pass
        assert cubicl(limited, "default").get("/app/me").status_code == 200

        control(limited, "box").post("/reset")

        assert client.get("/app/me").status_code == 200


class TestSeed:
    """POST /__admin/seed."""

    def test_begins_anew(self, server) -> None:
        """The world is that of the seed, now and after each reset; `default` keeps its own."""
        make(server, name="box")
        make(server, name="seven", seed=7)

        answer = control(server, "box").post("/seed", json={"seed": 7})

        assert answer.json() == {"sandbox": "box", "seed": 7}
        assert task_names(server, "box") == task_names(server, "seven") != task_names(server, "default")
        control(server, "box").post("/reset")
        assert task_names(server, "box") == task_names(server, "seven")

    def test_of_the_server_leads_back(self, server) -> None:
        """The server's own seed gives the server's own world."""
        make(server, name="box", seed=7)

        control(server, "box").post("/seed", json={"seed": 42})

        assert task_names(server, "box") == task_names(server, "default")

    @pytest.mark.parametrize(
        "body", [{}, {"seed": None}, {"seed": 1.5}, {"seed": True}, {"seed": 1, "more": 2}, {"seed": 1, "world": []}, []]
    )
    def test_bad_body(self, server, body: Any) -> None:
        """422, and nothing is changed."""
        create_task(server, "default", "kept")

        assert server.admin.post("/seed", json=body).status_code == 422

        assert "kept" in task_names(server, "default")
