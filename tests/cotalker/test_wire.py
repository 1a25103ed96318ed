"""What holds for all of Cotalker's routes: paths, methods, bodies, `debug`, and what is documented but not emulated."""

import re
from typing import Any

import pytest
from starlette.testclient import TestClient

from answers import vendors_headers
from understudy.core.contract import contract
from understudy.vendors.cotalker.rules import task_groups as rules

GROUP = "61a8b233685ed3562e7cfdeb"
FREE_GROUP = "61ae5eb11f130a35a73e2e06"
UNKNOWN = "61a8b233685ed3562e7cfdec"
ADMIN = "61b9b7a9d258d731520fc846"
GROUPS = "/api/v2/task-groups"
ONE = f"{GROUPS}/{GROUP}"
TASKS = f"{ONE}/tasks"
ALIAS = f"/api/v2/tasks/{GROUP}/task"
RELATIONS = f"{TASKS}/relations"
READS = [GROUPS, ONE, TASKS, ALIAS, RELATIONS]
MIB = 1024 * 1024


class TestSampleRequests:
    """The requests printed on the vendor's page Tasks (v2), with our host and tokens."""

    @pytest.mark.parametrize("token", ["cotalker-admin", "cotalker-agent"])
    @pytest.mark.parametrize("path", ["/api/v2/task-groups", "/api/v2/tasks/61a8b233685ed3562e7cfdeb/task"])
    def test_without_admin(self, server, path: str, token: str) -> None:
        """The two samples without `Admin` succeed and find something, for anybody."""
        response = server.client("/cotalker").get(path, headers={"Authorization": f"Bearer {token}"})

        assert response.status_code == 200
        assert response.json()["data"]["values"]

    @pytest.mark.parametrize(
        "path", ["/api/v2/task-groups/62bf5e03654e96017e00e46a", "/api/v2/task-groups/61a8b233685ed3562e7cfdeb/tasks/relations"]
    )
    def test_with_admin(self, server, path: str) -> None:
        """Those with `Admin` succeed for an administrator."""
        headers = {"Admin": "true", "Authorization": "Bearer cotalker-admin"}

        response = server.client("/cotalker").get(path, headers=headers)

        assert response.status_code == 200
        assert response.json()["data"]

    def test_creation(self, server) -> None:
        """The group of the sample is free in a new world, and its answer has the values of the sample."""
        response = server.client("/cotalker").post(
            "/api/v2/task-groups",
            headers={"Admin": "true", "Content-Type": "application/json", "Authorization": "Bearer cotalker-admin"},
            content='{\n    "group": "61ae5eb11f130a35a73e2e06"\n}',
        )

        assert response.status_code == 200
        assert response.json()["group"] == "61ae5eb11f130a35a73e2e06"
        assert response.json()["company"] == "613eafd572343ecb53cc8ccc"
        assert response.json()["collectionName"] == "task_manager"

    @pytest.mark.parametrize("host", ["www.cotalker.com", "demo.cotalker.com", "staging.cotalker.com", "dev.cotalker.com",
                                      "cotalker.com", "cotalker.localhost", "WWW.Cotalker.com:443"])  # fmt: skip
    def test_on_every_host_of_the_vendor(self, server, host: str) -> None:
        """Under each of its host names the vendor stands at the root."""
        response = server.client("").get(GROUPS, headers={"Host": host, "Authorization": "Bearer cotalker-agent"})

        assert response.json()["data"]["values"]


class TestPaths:
    """Paths and methods, as Express matches them."""

    @pytest.mark.parametrize("path", READS)
    def test_letter_case_and_trailing_slash(self, cotalker: TestClient, path: str) -> None:
        """Either case, with or without one slash at the end."""
        expected = cotalker.get(path).content

        for spelling in (path.upper(), path.title(), f"{path}/", f"{path.upper()}/", f"{path}/?limit=10"):
            assert cotalker.get(spelling).content == expected

    @pytest.mark.parametrize("method", ["get", "post"])
    def test_both_methods_of_one_path(self, cotalker: TestClient, method: str) -> None:
        """Listing and creating stand at the same path in any spelling."""
        body = {"json": {"group": FREE_GROUP}} if method == "post" else {}

        assert getattr(cotalker, method)("/API/V2/Task-Groups/", **body).status_code == 200

    @pytest.mark.parametrize(
        "path",
        [
            "/",
            "/api",
            "/api/v2",
            "/api/v2/tasks-groups",
            "/api/v2/tasks-groups/",
            "/api/v2/task-groups//",
            f"{ONE}/task",
            f"{ONE}/tasks//",
            f"{RELATIONS}/x",
            f"{GROUPS}//tasks",
            f"/api/v3/task-groups/{GROUP}",
            "/api/v4/task-groups",
            "/api/v2/tasks/group",
            f"/api/v3/tasks/group/{GROUP}",
            "/auth",
            "/api/auth/local",
            "/%00",
            "/\u05d0",
        ],
    )
    def test_unknown_route(self, cotalker: TestClient, anonymous: TestClient, assert_refused, path: str) -> None:
        """Whatever is no route is not found, for anybody."""
        assert_refused(cotalker.get(path), 404, "Not Found")
        assert_refused(anonymous.get(path), 404, "Not Found")

    @pytest.mark.parametrize("slash", ["%2F", "%2f"])
    def test_encoded_slash_is_no_separator(self, cotalker: TestClient, assert_refused, slash: str) -> None:
        """It is part of the id where one is expected, and elsewhere part of a word that no route has."""
        for path, id_ in [(f"{ONE}{slash}tasks", f"{GROUP}/tasks"), (f"{GROUPS}/x{slash}/tasks", "x/")]:
            assert_refused(cotalker.get(path), 400, f'"taskGroupId" must be a valid ObjectId:\n("{id_}")')
        for path in (f"{GROUPS}{slash}{GROUP}", f"{TASKS}{slash}relations", f"/api{slash}v2/tasks/{GROUP}/task"):
            assert_refused(cotalker.get(path), 404, "Not Found")
        assert cotalker.get(f"{ONE}?x=a{slash}b").status_code == 200

    @pytest.mark.parametrize(
        ("method", "path"),
        [
            *[(method, path) for path in READS for method in ("PUT", "PATCH", "DELETE", "OPTIONS", "PROPFIND")],
            *[("POST", path) for path in READS if path != GROUPS],
            *[(method, "/auth/local") for method in ("GET", "HEAD", "PUT", "DELETE", "OPTIONS")],
            ("GET", "/api/v3/auth/local"),
        ],
    )
    def test_wrong_method(self, cotalker: TestClient, method: str, path: str) -> None:
        """Express knows no 405: an unserved method is an unknown route."""
        response = cotalker.request(method, path)

        assert response.status_code == 404
        assert response.headers["content-type"] == "application/json; charset=utf-8"
        assert "allow" not in response.headers
        assert method == "HEAD" or response.json() == {"error": "Not Found"}

    @pytest.mark.parametrize("path", READS)
    def test_head(self, cotalker: TestClient, anonymous: TestClient, path: str) -> None:
        """HEAD answers the status and headers of GET."""
        assert cotalker.head(path).status_code == 200
        assert vendors_headers(cotalker.head(path)) == vendors_headers(cotalker.get(path))
        assert cotalker.head(f"{path}?debug=x").status_code == 400
        assert anonymous.head(path).status_code == 401

    @pytest.mark.parametrize(
        "entry", contract("cotalker")["x-not-emulated"], ids=lambda entry: f"{entry['method']} {entry['path']}"
    )
    def test_documented_but_not_emulated(self, cotalker: TestClient, entry: dict[str, str]) -> None:
        """What the vendor documents and we don't have says so in our own words, under both prefixes of version 1."""
        method, path = entry["method"], re.sub(r"\{\w+\}", GROUP, entry["path"])
        other = path.replace("/api/v1/", "/api/") if "also" in entry else path

        for spelling in (path, f"{other.upper()}/"):
            response = cotalker.request(method, spelling)

            assert response.status_code == 501
            assert response.headers["content-type"] == "text/plain; charset=utf-8"
            assert response.text.startswith(f"Understudy does not emulate {method} /cotalker{spelling}.")
            if method == "GET":
                assert cotalker.head(spelling).status_code == 501

    def test_version_1_under_both_prefixes(self) -> None:
        """Every path of version 1 is listed with the prefix that leaves the version out."""
        for entry in contract("cotalker")["x-not-emulated"]:
            if entry["path"].startswith("/api/v1/"):
                assert entry["also"] == entry["path"].replace("/api/v1/", "/api/")


class TestBodies:
    """What is sent as a body."""

    @pytest.mark.parametrize(
        "content",
        [
            b"{",
            b"{]",
            b'{"group": }',
            b'{"group": "61ae5eb11f130a35a73e2e06",}',
            b"{'group': '61ae5eb11f130a35a73e2e06'}",
            b'{"group": "61ae5eb11f130a35a73e2e06"} x',
            b'{"group": "61ae5eb11f130a35a73e2e06"}{}',
            b'{"group": NaN}',
            b'{"group": Infinity}',
            b'{"hideClosedAfterDays": 1e400}',
            b'{"hideClosedAfterDays": -1e400}',
            b'{"hideClosedAfterDays": 01}',
            b'{"group": "\xff"}',
            b'{"group": "\xed\xa0\x80"}',
            b'{"group": "\\ud800"}',
            b'{"group": "a\x00b"}',
            b'{"a": "\n"}',
            b'{"x": ' + b"[" * 2000 + b"]" * 2000 + b"}",
            b'{"x": ' + b"[" * 500 + b"]" * 500 + b"}",
            b'{"group": ' + b"[" * 1000 + b"]" * 1000 + b"}",
            b'{"group": ' + b'{"a":' * 300 + b"1" + b"}" * 300 + b"}",
            b"[" * 100_000,
            b'"text"',
            b"5",
            b"null",
            b"true",
            b"\x00",
            b"group=61ae5eb11f130a35a73e2e06",
            b'\xef\xbb\xbf{"group": "61ae5eb11f130a35a73e2e06"}',
            '{"group": "61ae5eb11f130a35a73e2e06"}'.encode("utf-16"),
        ],
    )
    def test_no_json(self, cotalker: TestClient, assert_refused, content: bytes) -> None:
        """What JSON.parse or Express's parser would not take is a 400."""
        response = cotalker.post(GROUPS, content=content, headers={"Content-Type": "application/json"})

        assert_refused(response, 400, "Invalid JSON")

    @pytest.mark.parametrize(
        ("content", "shown"),
        [("[]", "[]"), (' [{"group": "61ae5eb11f130a35a73e2e06"}]', '[{"group":"61ae5eb11f130a35a73e2e06"}]')],
    )
    def test_no_object(self, cotalker: TestClient, assert_refused, content: str, shown: str) -> None:
        """An array is JSON, but not an object."""
        assert_refused(cotalker.post(GROUPS, content=content), 400, f'"value" must be of type object:\n("{shown}")')

    @pytest.mark.parametrize(
        "content_type",
        [None, "", "application/json", "application/json; charset=utf-8", "text/plain", "application/x-www-form-urlencoded", "x"],
    )
    def test_content_type_does_not_matter(self, cotalker: TestClient, content_type: str | None) -> None:
        """What starts with a brace is read as JSON, whatever it is called."""
        headers = {} if content_type is None else {"Content-Type": content_type}

        response = cotalker.post(GROUPS, content=f'\n\t {{"group": "{FREE_GROUP}"}} ', headers=headers)

        assert response.json()["group"] == FREE_GROUP

    def test_of_two_equal_keys_the_last_counts(self, cotalker: TestClient) -> None:
        """As JSON.parse has it."""
        response = cotalker.post(GROUPS, content=f'{{"group": "x", "group": "{FREE_GROUP}"}}')

        assert response.json()["group"] == FREE_GROUP

    def test_largest(self, cotalker: TestClient) -> None:
        """Eight mebibytes are read."""
        content = f'{{"group": "{FREE_GROUP}"}}'.ljust(8 * MIB)

        assert cotalker.post(GROUPS, content=content).status_code == 200

    @pytest.mark.parametrize("size", [8 * MIB + 1, 9 * MIB])
    @pytest.mark.parametrize("path", [GROUPS, "/auth/local", "/api/v3/auth/local"])
    def test_too_large(self, cotalker: TestClient, assert_refused, rows, path: str, size: int) -> None:
        """Anything larger is a 413, and nothing comes of it."""
        response = cotalker.post(path, content=f'{{"group": "{FREE_GROUP}"}}'.ljust(size))

        assert_refused(response, 413, "Payload Too Large")
        assert rows(cotalker, GROUPS, groupIds=FREE_GROUP) == []

    @pytest.mark.parametrize("path", READS)
    def test_on_a_get(self, cotalker: TestClient, path: str) -> None:
        """A GET's body is not looked at."""
        assert cotalker.request("GET", path, content="{").content == cotalker.get(path).content


class TestFault:
    """What happens when this server has a bug."""

    def test_is_told_apart(self, cotalker: TestClient, assert_refused, monkeypatch: pytest.MonkeyPatch) -> None:
        """The body is the vendor's, a header says whose fault it is."""

        def broken(*_: object) -> None:
            raise ZeroDivisionError

        monkeypatch.setattr(rules, "fetch_task_group", broken)

        response = cotalker.get(ONE)

        assert_refused(response, 500, "Internal server error")
        assert response.headers["x-understudy-bug"] == "ZeroDivisionError"


class TestLongQueries:
    """Queries of 64 KB."""

    @pytest.mark.parametrize("path", READS)
    def test_unknown_parameters(self, cotalker: TestClient, path: str) -> None:
        """However long, what is unknown is ignored."""
        assert cotalker.get(f"{path}?x={'a' * 62_000}&{'&'.join('b' * 1000)}").content == cotalker.get(path).content

    def test_ids(self, cotalker: TestClient) -> None:
        """More than a thousand ids are a query like any other."""
        unknown = [f"{number:024x}" for number in range(1200)]

        response = cotalker.get(
            f"{GROUPS}?ids={','.join([*unknown, GROUP])}&groupIds={','.join(unknown)},61a8b1f8685ed3562e7cfd9a"
        )

        assert [row["_id"] for row in response.json()["data"]["values"]] == [GROUP]

    @pytest.mark.parametrize("name", ["limit", "page", "createdAt", "ids", "isActive", "orderBy", "sortBy", "count", "debug"])
    def test_values(self, cotalker: TestClient, name: str) -> None:
        """A long value is refused and shown like any other."""
        response = cotalker.get(f"{GROUPS}?{name}={'7' * 60_000}")

        assert response.status_code == 400
        assert response.json()["error"].startswith(f'"{name}" must ')
        assert response.json()["error"].endswith(f':\n("{"7" * 60_000}")')


class TestDebug:
    """`debug=true`."""

    @pytest.mark.parametrize(
        ("query", "understood"),
        [
            ("debug=true", {"debug": True}),
            ("debug=%74rue", {"debug": True}),
            ("debug=true&foo=bar&admin=true", {"debug": True}),
            ("limit=5&page=0&debug=true&count=false", {"debug": True, "limit": 5, "page": 1, "count": False}),
            ("isActive=all&debug=true&orderBy=desc", {"debug": True, "isActive": "all", "orderBy": "desc"}),
            ("isActive=true&debug=true&limit=1e9", {"debug": True, "isActive": True, "limit": 10_000}),
        ],
    )
    def test_lists(self, cotalker: TestClient, query: str, understood: dict[str, Any]) -> None:
        """Beside `data` stands the query as it was understood."""
        for path in [GROUPS, TASKS, ALIAS, RELATIONS]:
            plain = cotalker.get(f"{path}?{query.replace('debug=true', '')}").json()

            response = cotalker.get(f"{path}?{query}").json()

            assert response == {**plain, "debug": {"data": {"query": understood}}}

    @pytest.mark.parametrize(
        ("path", "query", "understood"),
        [
            (GROUPS, f"ids={GROUP.upper()}&groupIds[0]={GROUP}", {"ids": [GROUP], "groupIds": [GROUP]}),
            (GROUPS, "sortBy=createdAt", {"sortBy": "createdAt"}),
            (GROUPS, "createdAt=2021-12-06&modifiedAt_lt=0",
             {"createdAt": "2021-12-06T00:00:00.000Z", "modifiedAt_lt": "1970-01-01T00:00:00.000Z"}),
            (TASKS, "createdAt_gte=2021-12-06T10:00:00%2B02:00", {"createdAt_gte": "2021-12-06T08:00:00.000Z"}),
            (RELATIONS, f"assignee={ADMIN.upper()}&property={ADMIN}", {"assignee": ADMIN, "property": ADMIN}),
            (RELATIONS, "createdAt=soon", {}),
        ],
    )  # fmt: skip
    def test_values(self, cotalker: TestClient, path: str, query: str, understood: dict[str, Any]) -> None:
        """Each kind of value is shown as it was read; unknown parameters are not shown."""
        response = cotalker.get(f"{path}?debug=true&{query}").json()

        assert response["debug"] == {"data": {"query": {"debug": True, **understood}}}

    def test_one_task_group(self, cotalker: TestClient) -> None:
        """Also beside a single document."""
        plain = cotalker.get(ONE).json()

        assert cotalker.get(f"{ONE}?debug=true").json() == {**plain, "debug": {"data": {"query": {"debug": True}}}}

    def test_without_admin(self, agent: TestClient) -> None:
        """It needs no permission."""
        assert agent.get(f"{TASKS}?debug=true").json()["debug"] == {"data": {"query": {"debug": True}}}

    def test_bare_creation(self, cotalker: TestClient) -> None:
        """A bare document has no `data`, so there is no `debug` beside it."""
        response = cotalker.post(f"{GROUPS}?debug=true", json={"group": FREE_GROUP})

        assert response.json()["group"] == FREE_GROUP
        assert "debug" not in response.json()

    @pytest.mark.parametrize("envelope", ["data", "union"])
    def test_wrapped_creation(self, serve, envelope: str) -> None:
        """In the forms with `data` the body stands beside it, as it came."""
        server = serve(cotalker_create_envelope=envelope)
        client = server.client("/cotalker", Authorization="Bearer cotalker-admin", Admin="true")
        body = {"group": FREE_GROUP.upper(), "unknown": {"deep": [1.5, None, "\U0001f98a"]}}

        debugged = client.post(f"{GROUPS}?debug=true", json=body).json()

        assert debugged["data"]["group"] == FREE_GROUP
        assert debugged["debug"] == {"data": {"body": body}}

    @pytest.mark.parametrize("query", ["", "debug=false", "debug=false&limit=10"])
    def test_not_asked_for(self, cotalker: TestClient, query: str) -> None:
        """Anything but `true` adds nothing."""
        for path in READS:
            assert list(cotalker.get(f"{path}?{query}").json()) == ["data"]

    @pytest.mark.parametrize("text", ["yes", "", "1", "TRUE", "true,true"])
    def test_no_boolean(self, cotalker: TestClient, assert_refused, text: str) -> None:
        """It is a boolean like any other, on every route of version 2."""
        error = f'"debug" must be a boolean:\n("{text}")'

        for path in READS:
            assert_refused(cotalker.get(f"{path}?debug={text}"), 400, error)
        assert_refused(cotalker.post(f"{GROUPS}?debug={text}", json={"group": FREE_GROUP}), 400, error)

    @pytest.mark.parametrize(
        ("method", "path", "body", "status", "error", "understood"),
        [
            ("GET", GROUPS, "limit=x", 400, '"limit" must be a number:\n("x")', {"query": {"debug": True, "limit": "x"}}),
            (
                "GET",
                TASKS,
                "sortBy=&limit=5",
                400,
                '"sortBy" must be [name]:\n("")',
                {"query": {"debug": True, "limit": 5, "sortBy": ""}},
            ),
            (
                "GET",
                f"{GROUPS}/x",
                "",
                400,
                '"taskGroupId" must be a valid ObjectId:\n("x")',
                {"query": {"debug": True}},
            ),
            (
                "GET",
                f"{GROUPS}/x/tasks/relations",
                "limit=5",
                400,
                '"taskGroupId" must be a valid ObjectId:\n("x")',
                {"query": {"debug": True, "limit": "5"}},
            ),
            ("GET", f"{GROUPS}/{UNKNOWN}", "", 404, "Not Found", {"query": {"debug": True}}),
            ("GET", f"{GROUPS}/{UNKNOWN}/tasks", "page=2", 404, "Not Found", {"query": {"debug": True, "page": 2}}),
            ("POST", GROUPS, {}, 400, '"group" is required', {"body": {}}),
            ("POST", GROUPS, {"group": 5}, 400, '"group" must be a valid ObjectId:\n("5")', {"body": {"group": 5}}),
            ("POST", GROUPS, {"group": UNKNOWN}, 404, "Not Found", {"body": {"group": UNKNOWN}}),
            (
                "POST",
                GROUPS,
                {"group": "61a8b1f8685ed3562e7cfd9a"},
                409,
                '"group" already belongs to a task group',
                {"body": {"group": "61a8b1f8685ed3562e7cfd9a"}},
            ),
        ],
    )
    def test_refusals(
        self, cotalker: TestClient, method: str, path: str, body: Any, status: int, error: str, understood: dict[str, Any]
    ) -> None:
        """A refusal shows what was understood up to then, and its message again."""
        if method == "POST":
            response = cotalker.post(f"{path}?debug=true", json=body)
        else:
            response = cotalker.get(f"{path}?{body}&debug=true")

        assert response.status_code == status
        assert response.json() == {"error": error, "debug": {"data": understood, "message": error}}

    @pytest.mark.parametrize(
        ("headers", "status", "error"),
        [({}, 401, "Unauthorized"), ({"Authorization": "Bearer cotalker-agent"}, 403, "Forbidden")],
    )
    @pytest.mark.parametrize("method", ["GET", "POST"])
    def test_refusals_before_the_request_is_read(
        self, anonymous: TestClient, method: str, headers: dict[str, str], status: int, error: str
    ) -> None:
        """Whoever is not let in is shown nothing of the request."""
        path = f"{GROUPS}?debug=true" if method == "POST" else f"{RELATIONS}?limit=x&debug=true"

        response = anonymous.request(method, path, headers=headers)

        assert response.status_code == status
        assert response.json() == {"error": error, "debug": {"data": {}, "message": error}}

    def test_outside_version_2(self, cotalker: TestClient, assert_refused) -> None:
        """An unknown route outside version 2 knows no `debug`."""
        assert_refused(cotalker.get("/nowhere?debug=true"), 404, "Not Found")
