"""Which sandbox a request is for."""

from base64 import b64encode
from hashlib import sha1
from hmac import digest
from typing import Any

import pytest

CUBICL_TASKS = "/api/v1/tasks?group=64b7f0c2a1d3e4f5a6b7c900&search=only%20in%20box"
ROOT_PROJECT = "64b7f0c2a1d3e4f5a6b7c900"
GROUPCAMP_TASKS = "/task/v1/group/1cGVyc29uOmdyb3VwLzc3MzA5NDExMzQ5/tasks"


@pytest.fixture
def boxes(server) -> Any:
    """A server with two sandboxes beside `default`; each of the three holds a Cubicl task with the sandbox's name in its name."""
    for name in ("box", "other"):
        server.admin.delete(f"/sandboxes/{name}")
        assert server.admin.post("/sandboxes", json={"name": name}).status_code == 201
    for name in ("default", "box", "other"):
        body = {"group": ROOT_PROJECT, "name": f"only in {name}"}
        headers = {"X-Understudy-Sandbox": name, "Authorization": "Bearer cubicl-owner"}
        assert server.client("/cubicl").post("/api/v1/tasks", json=body, headers=headers).status_code == 200
    yield server
    for name in ("box", "other"):
        server.admin.delete(f"/sandboxes/{name}")


def chosen(server: Any, path: str = "/cubicl", *, token: str = "cubicl-owner", **headers: str) -> str:
    """Return the name of the sandbox that answers a request of Cubicl."""
    query = f"/api/v1/tasks?group={ROOT_PROJECT}&search=only%20in"
    sent = {"Authorization": f"Bearer {token}", **{name.replace("_", "-"): value for name, value in headers.items()}}
    response = server.client("").get(f"http://testserver{path}{query}", headers=sent)
    assert response.status_code == 200, response.text
    (task,) = response.json()
    name: str = task["name"]
    return name.removeprefix("only in ")


class TestEachWay:
    """The four ways to select a sandbox."""

    def test_none(self, boxes) -> None:
        """Without any it is `default`."""
        assert chosen(boxes) == "default"

    def test_path(self, boxes) -> None:
        """`/s/<name>` in front of everything."""
        assert chosen(boxes, "/s/box/cubicl") == "box"

    def test_header(self, boxes) -> None:
        """`X-Understudy-Sandbox`."""
        assert chosen(boxes, X_Understudy_Sandbox="box") == "box"

    @pytest.mark.parametrize("host", ["box.cubicl.localhost", "box.cubicl.localhost:8080", "BOX.Cubicl.LOCALHOST"])
    def test_host(self, boxes, host: str) -> None:
        """`<name>.<vendor>.localhost`, in letters of either case, with a port or without."""
        assert chosen(boxes, "", Host=host) == "box"

    def test_credential(self, boxes) -> None:
        """`<token>@<name>`."""
        assert chosen(boxes, token="cubicl-owner@box") == "box"

    def test_path_at_a_host(self, boxes) -> None:
        """The path selects in front of a vendor that is alone at its host name too."""
        assert chosen(boxes, "/s/box", Host="cubicl.io") == "box"

    def test_default_by_name(self, boxes) -> None:
        """`default` can be named like any other."""
        assert chosen(boxes, "/s/default/cubicl") == "default"

    def test_control_plane(self, boxes) -> None:
        """Its paths work on the selected sandbox, by path and by header."""
        client = boxes.client("")

        assert client.get("http://testserver/s/box/__admin/env").json()["sandbox"] == "box"
        assert client.get("http://testserver/__admin/env", headers={"X-Understudy-Sandbox": "box"}).json()["sandbox"] == "box"

    def test_contract_pages(self, boxes) -> None:
        """The pages of a vendor name the address below the sandbox."""
        served = boxes.client("").get("http://testserver/s/box/cubicl/openapi.json").json()

        assert served["servers"][0]["url"] == "/s/box/cubicl"


class TestPrecedence:
    """Path before header before host before credential."""

    @pytest.mark.parametrize(
        ("path", "headers"),
        [
            ("/s/box/cubicl", {"X_Understudy_Sandbox": "other"}),
            ("/s/box", {"Host": "other.cubicl.localhost"}),
            ("", {"X_Understudy_Sandbox": "box", "Host": "other.cubicl.localhost"}),
        ],
    )
    def test_the_first_decides(self, boxes, path: str, headers: dict[str, str]) -> None:
        """What comes later in that order is not looked at."""
        assert chosen(boxes, path, **headers) == "box"

    @pytest.mark.parametrize(
        ("path", "headers"),
        [
            ("/s/box/cubicl", {}),
            ("/cubicl", {"X_Understudy_Sandbox": "box"}),
            ("", {"Host": "box.cubicl.localhost"}),
        ],
    )
    def test_a_credential_may_name_it_too(self, boxes, path: str, headers: dict[str, str]) -> None:
        """A suffix that says the same is taken off."""
        assert chosen(boxes, path, token="cubicl-owner@box", **headers) == "box"

    @pytest.mark.parametrize(
        ("path", "headers"),
        [
            ("/s/box/cubicl", {}),
            ("/cubicl", {"X-Understudy-Sandbox": "box"}),
            ("", {"Host": "box.cubicl.localhost"}),
        ],
    )
    def test_a_credential_that_names_another_is_the_vendors_to_refuse(self, boxes, path: str, headers: dict[str, str]) -> None:
        """It is no selector then, and no token of the world."""
        sent = {"Authorization": "Bearer cubicl-owner@other", **headers}

        assert boxes.client("").get(f"http://testserver{path}{CUBICL_TASKS}", headers=sent).status_code == 401


class TestUnknown:
    """A sandbox that is not there."""

    @pytest.mark.parametrize(
        ("path", "headers", "name"),
        [
            ("/s/nobody/cubicl/api/v1/tasks", {}, "nobody"),
            ("/s/nobody", {}, "nobody"),
            ("/s/", {}, ""),
            ("/s/..%2F..%2Fetc/cubicl", {}, ".."),
            ("/s/Box/cubicl", {}, "Box"),
            ("/cubicl/api/v1/tasks", {"X-Understudy-Sandbox": "nobody"}, "nobody"),
            ("/cubicl/api/v1/tasks", {"X-Understudy-Sandbox": ""}, ""),
            ("/cubicl/api/v1/tasks", {"X-Understudy-Sandbox": "../box"}, "../box"),
            ("/api/v1/tasks", {"Host": "nobody.cubicl.localhost"}, "nobody"),
            ("/cubicl/api/v1/tasks", {"Authorization": "Bearer cubicl-owner@nobody"}, "nobody"),
            ("/__admin/env", {"X-Understudy-Sandbox": "nobody"}, "nobody"),
            ("/s/nobody/__admin/env", {}, "nobody"),
        ],
    )
    def test_is_404_in_our_words(self, boxes, path: str, headers: dict[str, str], name: str) -> None:
        """The answer is no vendor's, and a page of any origin may read it."""
        response = boxes.client("").get(f"http://testserver{path}", headers=headers)

        assert response.status_code == 404
        assert response.headers["access-control-allow-origin"] == "*"
        assert response.json() == {
            "errors": [
                {
                    "code": "unknown_sandbox",
                    "title": "Unknown sandbox",
                    "detail": f"There is no sandbox {name!r}; POST /__admin/sandboxes makes one.",
                }
            ]
        }

    @pytest.mark.parametrize("token", ["cubicl-owner@example.com", "@box", "cubicl-owner@", "a@b@box.c"])
    def test_what_can_be_no_name_is_part_of_the_credential(self, boxes, token: str) -> None:
        """The vendor refuses it as it refuses every token it does not know."""
        response = boxes.client("/cubicl").get(CUBICL_TASKS, headers={"Authorization": f"Bearer {token}"})

        assert response.status_code == 401


class TestEncodedName:
    """A name whose letters stand in the path as percent signs and digits."""

    def test_is_the_same_sandbox(self, boxes) -> None:
        """It is found, and the journal shows the vendor's own path."""
        assert chosen(boxes, "/s/%62ox/cubicl") == "box"

        events = boxes.client("").get("http://testserver/s/box/__admin/requests").json()["requests"]

        assert events[0]["request"]["url"].startswith("/api/v1/tasks?")


class TestEveryVendor:
    """The ways that touch what a vendor reads."""

    @pytest.mark.parametrize("prefix", ["", "/s/box"])
    def test_signed_requests(self, boxes, prefix: str) -> None:
        """GroupCamp's signature holds over the path as sent and without what leads to the vendor; its key may carry the name."""
        for path in (GROUPCAMP_TASKS, f"{prefix}/groupcamp{GROUPCAMP_TASKS}"):
            text = f"GET::{path}::".encode()
            signature = b64encode(digest(b"5up3r-s3cret-reporting", text, sha1)).decode()
            headers = {
                "X-Gcmp-Application": "reporting-1", "X-Gcmp-Acting": "jean@localhost",
                "Authorization": f"GCMP rk-demo-1@box:{signature}",
            }  # fmt: skip

            response = boxes.client("").get(f"http://testserver{prefix}/groupcamp{GROUPCAMP_TASKS}", headers=headers)

            assert response.status_code == 200

    def test_logins_of_one_sandbox_open_no_other(self, boxes) -> None:
        """Cotalker's tokens are made and read within a sandbox, and may carry its name as any token."""
        login = {"email": "agent@cotalker.test", "password": "understudy"}
        client = boxes.client("")
        token = client.post("http://testserver/s/box/cotalker/auth/local", json=login).json()["token"]

        def status(path: str, token: str) -> int:
            headers = {"Authorization": f"Bearer {token}"}
            return int(client.get(f"http://testserver{path}/api/v2/task-groups", headers=headers).status_code)

        assert status("/s/box/cotalker", token) == 200
        assert status("/cotalker", f"{token}@box") == 200
        assert status("/s/other/cotalker", token) == 401
        assert status("/cotalker", token) == 401

    @pytest.mark.parametrize(
        ("path", "headers", "address"),
        [
            ("/s/box/cubicl", {}, "http://testserver/s/box/cubicl"),
            ("/cubicl", {"X-Understudy-Sandbox": "box"}, "http://testserver/s/box/cubicl"),
            ("/cubicl", {"Authorization": "Bearer cubicl-owner@box"}, "http://testserver/s/box/cubicl"),
            ("", {"Host": "box.cubicl.localhost"}, "http://box.cubicl.localhost"),
            ("", {"Host": "cubicl.io", "X-Understudy-Sandbox": "box"}, "http://cubicl.io/s/box"),
            ("/cubicl", {}, "http://testserver/cubicl"),
        ],
    )
    def test_links_stay_in_the_sandbox(self, boxes, path: str, headers: dict[str, str], address: str) -> None:
        """A link that needs no credential says by itself which sandbox it belongs to."""
        client = boxes.client("")
        sent = {"Authorization": "Bearer cubicl-owner", **headers}
        file = client.post(
            f"http://testserver{path}/api/v1/files/upload", files={"file": ("a.txt", b"in the box")}, headers=sent
        ).json()

        link = client.get(f"http://testserver{path}/api/v1/files/{file['_id']}/url", headers=sent).json()

        assert link.startswith(f"{address}/downloads/")
        host = {"Host": headers["Host"]} if "Host" in headers else {}
        assert client.get(link.replace(address.split("/")[2], "testserver"), headers=host).content == b"in the box"
