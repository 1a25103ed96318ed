"""Paging by the mechanism `next`: whole pages, one after the other, of data that may change between them."""

import re
from base64 import urlsafe_b64encode
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from starlette.testclient import TestClient

from groupcamp.clients import GROUP, SECRETS, TASKS, bad_parameter, headers, refused, signature, signing, uuid, walk

# How the vendor's own client takes a page's address apart.
CLIENT = re.compile(r"^(https?)://([^/]+)([^?]+)\?(.*)$")


def filled(act: Callable[..., Any], tasks: int) -> str:
    """Make a group with this many tasks and return its id."""
    group = act("groupcamp", "create-group", name="Counted")["id"]
    shelf = act("groupcamp", "create-list", group=group, name="List")["id"]
    for number in range(tasks):
        act("groupcamp", "create-task", list=shelf, name=f"Task {number}")
    return group


class TestPages:
    """What a page holds."""

    def test_first_and_last_page(self, reporting: TestClient) -> None:
        """A hundred items, then the rest; only the first page says where to go on."""
        first = reporting.get(TASKS).json()
        last = reporting.get(first["next_page"]).json()

        assert list(first) == ["result", "next_page"]
        assert len(first["result"]) == 100
        assert list(last) == ["result"]
        assert len(last["result"]) == 72

    @pytest.mark.parametrize(("items", "pages"), [(0, [0]), (1, [1]), (99, [99]), (100, [100]), (101, [100, 1])])
    def test_looks_ahead(self, act, reporting: TestClient, items: int, pages: list[int]) -> None:
        """Exactly a hundred items are one page, without `next_page`."""
        group = filled(act, items)
        sizes = []
        address: str | None = f"/task/v1/group/{group}/tasks"
        while address:
            body = reporting.get(address).json()
            sizes.append(len(body["result"]))
            address = body.get("next_page")

        assert sizes == pages

    @pytest.mark.parametrize("size", [1, 7, 171, 172, 173, 100_000])
    def test_page_size(self, serve: Callable[..., Any], size: int) -> None:
        """The size is a setting; whatever it is, following the pages gives every task once, in order."""
        client = signing(serve(groupcamp_page_size=size))

        first = client.get(TASKS).json()
        everything = walk(client, TASKS)

        assert len(first["result"]) == min(size, 172)
        assert ("next_page" in first) == (size < 172)
        assert len({task["id"] for task in everything}) == len(everything) == 172
        assert everything == sorted(everything, key=lambda task: task["creation_date"])

    @pytest.mark.parametrize(
        "query", [{"state": "open"}, {"state": "completed"}, {"crea_begin": "2026-01-01", "due_begin": "2026-01-01"}]
    )
    def test_filters_hold_on_every_page(self, serve: Callable[..., Any], query: dict[str, str]) -> None:
        """The pages of a filtered list are those of the filtered whole."""
        server = serve(groupcamp_page_size=5)

        paged = walk(signing(server), TASKS, **query)

        whole = walk(signing(serve()), TASKS, **query)
        assert paged == whole
        assert len(paged) > 20


class TestNextPage:
    """The address of the next page."""

    def test_form(self, reporting: TestClient) -> None:
        """It is absolute, under the host and prefix the client used, and repeats the parameters before its own."""
        address = reporting.get(f"{TASKS}?mod_begin=2020-01-01&crea_begin=2020-01-01").json()["next_page"]

        scheme, host, path, query = CLIENT.fullmatch(address).groups()  # type: ignore[union-attr]  # fails the test when None
        assert (scheme, host, path) == ("http", "testserver", f"/groupcamp{TASKS}")
        assert [name for name, _ in parse_qsl(query)] == ["mod_begin", "crea_begin", "cursor"]
        assert query.startswith("mod_begin=2020-01-01&crea_begin=2020-01-01&cursor=")
        assert re.fullmatch(r"[A-Za-z0-9._~-]+", dict(parse_qsl(query))["cursor"])

    def test_without_parameters_there_is_a_query_too(self, reporting: TestClient) -> None:
        """The vendor's client needs a question mark."""
        address = reporting.get(TASKS).json()["next_page"]

        assert CLIENT.fullmatch(address)
        assert [name for name, _ in parse_qsl(urlsplit(address).query)] == ["cursor"]

    @pytest.mark.parametrize(
        ("host", "start"),
        [
            ("api.groupcamp.com", f"http://api.groupcamp.com{TASKS}?"),
            ("groupcamp.localhost:8083", f"http://groupcamp.localhost:8083{TASKS}?"),
        ],
    )
    def test_under_a_host_name(self, server, host: str, start: str) -> None:
        """Where the vendor is at the root, the address has no prefix; the port stays."""
        client = server.client("", **headers(signed=signature(SECRETS["rk-demo-1"], f"GET::{TASKS}::".encode())))

        response = client.get(f"http://{host}{TASKS}")

        assert response.json()["next_page"].startswith(start)

    def test_under_https(self, server) -> None:
        """The scheme is the one the client used."""
        client = server.client("", **headers(signed=signature(SECRETS["rk-demo-1"], f"GET::{TASKS}::".encode())))

        response = client.get(f"https://api.groupcamp.com{TASKS}")

        assert response.json()["next_page"].startswith("https://api.groupcamp.com/task/")

    def test_holds_no_secret(self, reporting: TestClient) -> None:
        """Neither key nor signature is in it, so without the headers it opens nothing."""
        address = reporting.get(TASKS).json()["next_page"]

        assert "rk-demo" not in address
        assert "5up3r" not in address

    def test_needs_the_headers(self, plain: TestClient, reporting: TestClient) -> None:
        """A page's address is signed like any other."""
        address = reporting.get(TASKS).json()["next_page"]

        assert plain.get(address).status_code == 401
        signed = signature(SECRETS["rk-demo-1"], f"GET::{urlsplit(address).path}::".encode())
        assert plain.get(address, headers=headers(signed=signed)).status_code == 200

    def test_cursor_is_replaced_and_the_rest_kept_as_sent(self, serve: Callable[..., Any]) -> None:
        """On later pages too, other parameters come as they were written, unknown and escaped ones included."""
        client = signing(serve(groupcamp_page_size=10))
        query = "search=Some%20text&x=1+2&x=%C3%A9&empty=&bare&state=open"

        first = client.get(f"{TASKS}?{query}").json()["next_page"]
        second = client.get(first).json()["next_page"]

        assert first.partition("?")[2].startswith(f"{query}&cursor=")
        assert second.partition("?")[2].startswith(f"{query}&cursor=")
        assert second != first
        assert second.count("cursor=") == 1

    def test_last_slash(self, reporting: TestClient) -> None:
        """An address asked for with a slash at its end goes on with it."""
        response = reporting.get(f"{TASKS}/")

        assert urlsplit(response.json()["next_page"]).path == f"/groupcamp{TASKS}/"


class TestCursor:
    """The mark in a page's address."""

    @pytest.mark.parametrize(
        "cursor",
        [
            "",
            "x",
            "Nzc-MTAw",
            "2",
            "1559549730000",
            "====",
            "é",
            "\0",
            "A" * 5000,
            *(
                urlsafe_b64encode(text.encode()).decode().rstrip("=")
                for text in (
                    "1",
                    "1/",
                    "/1",
                    "1/2/3",
                    "a/b",
                    "1.5/2",
                    f"{'9' * 16}/1",
                    f"1/{'9' * 19}",
                    "01/1",
                    "1/01",
                    "--1/1",
                    "1/-1",
                )
            ),
            "MS8x=",
            "MS8x==",
            " MS8x",
            "MS8x\n",
        ],
    )
    def test_unreadable(self, reporting: TestClient, cursor: str) -> None:
        """What was not made by this server is a wrong parameter."""
        response = reporting.get(TASKS, params={"cursor": cursor})

        refused(response, 400, bad_parameter("cursor", "invalid"))

    def test_bounds(self, reporting: TestClient) -> None:
        """The largest place that can be written down lies after everything, the smallest before."""
        last, first = (
            urlsafe_b64encode(text.encode()).decode().rstrip("=") for text in (f"{'9' * 15}/{'9' * 18}", f"-{'9' * 15}/1")
        )

        assert reporting.get(TASKS, params={"cursor": last}).json() == {"result": []}
        assert len(reporting.get(TASKS, params={"cursor": first}).json()["result"]) == 100

    def test_never_expires(self, clock, reporting: TestClient) -> None:
        """Nothing is stored between two pages, so an address is good for ever."""
        address = reporting.get(TASKS).json()["next_page"]
        clock.advance("P400D")

        response = reporting.get(address)

        assert response.status_code == 200
        assert len(response.json()["result"]) == 72


class TestChangesBetweenPages:
    """Nothing is stored: every page shows the data of its own moment."""

    def test_a_page_may_turn_out_empty(self, act, reporting: TestClient) -> None:
        """When what followed was deleted, the next page is empty and the last."""
        group = filled(act, 105)
        first = reporting.get(f"/task/v1/group/{group}/tasks").json()
        for task in reporting.get(first["next_page"]).json()["result"]:
            act("groupcamp", "delete-task", task=task["id"])

        response = reporting.get(first["next_page"])

        assert response.status_code == 200
        assert response.json() == {"result": []}

    def test_the_marked_task_may_go(self, act, reporting: TestClient) -> None:
        """The place stays, even when the task that marked it is deleted."""
        first = reporting.get(TASKS).json()
        expected = reporting.get(first["next_page"]).json()
        act("groupcamp", "delete-task", task=first["result"][-1]["id"])

        assert reporting.get(first["next_page"]).json() == expected

    def test_filters_are_those_of_the_moment(self, act, serve: Callable[..., Any]) -> None:
        """A task that is completed between two pages is no longer open on the second."""
        server = serve(groupcamp_page_size=10)
        client = signing(server)
        first = client.get(TASKS, params={"state": "open"}).json()
        before = client.get(first["next_page"]).json()["result"]

        server.admin.post("/actions/groupcamp/complete-task", json={"task": before[0]["id"]})
        after = client.get(first["next_page"]).json()["result"]

        assert [task["id"] for task in after[:9]] == [task["id"] for task in before[1:]]

    steps = st.lists(st.tuples(st.sampled_from(["add", "delete", "complete"]), st.integers(0, 1000)), max_size=4)

    @settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(changes=st.lists(steps, max_size=12), size=st.sampled_from([3, 20, 100]))
    def test_neither_repeats_nor_skips(self, paged, changes: list[list[tuple[str, int]]], size: int) -> None:
        """Whatever is added, deleted or completed while one pages, what stays comes exactly once."""
        server = paged[size]
        server.reset()

        def act(action: str, **body: str) -> None:
            done = server.admin.post(f"/actions/groupcamp/{action}", json=body)
            assert done.status_code == 200 or action == "complete-task"  # it may be completed already

        client = signing(server)
        stays = {task["id"] for task in walk(client, f"/task/v1/group/{GROUP}/tasks")}
        alive, seen = sorted(stays), []
        address: str | None = TASKS
        rounds = iter(changes)
        while address:
            page = client.get(address).json()
            seen += [task["id"] for task in page["result"]]
            address = page.get("next_page")
            for what, which in next(rounds, []):
                task = alive[which % len(alive)]
                if what == "add":
                    act("create-task", list=uuid("task:tasklist", 61), name="New")
                elif what == "complete":
                    act("complete-task", task=task)
                else:
                    act("delete-task", task=task)
                    alive.remove(task)
                    stays.discard(task)

        assert len(seen) == len(set(seen))
        assert stays <= set(seen)

    @pytest.fixture
    def paged(self, serve: Callable[..., Any]) -> dict[int, Any]:
        """Servers by page size."""
        return {size: serve(groupcamp_page_size=size) for size in (3, 20, 100)}
