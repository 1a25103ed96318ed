"""Who may call GroupCamp: signatures, applications, and the one answer to everything that is wrong."""

import re

import pytest
from starlette.testclient import TestClient

from groupcamp.clients import (
    ERROR_JSON,
    GROUP,
    TASKS,
    UNAUTHORIZED,
    bad_parameter,
    error_id,
    headers,
    refused,
    signature,
    signing,
)

GET_SIGNATURE = "uAtlNHNM07Izhjk1LBICjgtmNgg="
PROJECT = (
    b'{"name": "Website relaunch", "description": "Created by the provisioning API", "access": "invite", "with_guests": false}'
)
ACCEPTED = [
    ("rk-demo-1", "GET", TASKS, b"", GET_SIGNATURE),
    ("pk-demo-1", "POST", "/core/v1/group/project", PROJECT, "WA7VD64+Q2tMb6OlL7d6xjTirrg="),
    ("rk-demo-1", "GET", "/track/v1/timelogs", b"", "ILD0ibWJieauQ8pnuli86J3ibMA="),
    ("rk-demo-1", "GET", "/task/v1/user/jean@localhost/assigned_tasks", b"", "0J9IeZLPH3ObKpl2XTmx/QhuAls="),
    ("rk-demo-1", "GET", "/track/v1/report", b"", "eld9IfX0KchF3qNUdrquhe81ALY="),
    ("rk-demo-1", "GET", "/track/v1/report/", b"", "eld9IfX0KchF3qNUdrquhe81ALY="),
    ("rk-demo-1", "GET", "/track/v1/report/", b"", "6ftJyxH5yCa+8EHjrd/KNmWSY4w="),
    ("pk-demo-1", "PUT", f"/core/v1/group/{GROUP}/user/jean@localhost", b"", "I3hXU5TNl87J7DRcGcEaM+pnum0="),
    ("pk-demo-1", "DELETE", f"/core/v1/group/{GROUP}/user/jean@localhost", b"", "uwSLj2mfSpvTMelE3cQ7MuGVy9A="),
    (
        "pk-demo-1",
        "POST",
        "/core/v1/orga/invited",
        b'{"name": "API 1", "description": "A company created via API"}',
        "irH59Z7jufj3p1MV/Q9Zb4+Cy9k=",
    ),
    (
        "pk-demo-1",
        "POST",
        "/core/v1/orga/invited",
        '{"name": "Société Générale d\'Été"}'.encode(),
        "+bHTJ3TBlbMidEE3NYBHA2FzBns=",
    ),
]
REJECTED = [
    ("rk-demo-1", "GET", f"{TASKS}?state=open&due_end=2019-07-31", b"", "Lua16VlUm5UJfHrNmEPlqqT0VFI="),
    ("rk-demo-1", "GET", TASKS, b"", "CAuTEyhGm6vP0vfGOh991iBjS4A="),
    ("rk-demo-1", "GET", "/track/v1/report", b"", "6ftJyxH5yCa+8EHjrd/KNmWSY4w="),
]
VECTOR = ("key", "method", "path", "body", "signed")

REPORTING = {
    "GET /task/v1/group/[Group]/tasks",
    "GET /task/v1/milestone/[Milestone]",
    "GET /task/v1/task/[Task]",
    "GET /task/v1/task_list/[TaskList]",
    "GET /task/v1/tasks",
    "GET /task/v1/user/[User]/assigned_tasks",
    "GET /track/v1/budget/[GroupUuid]",
    "GET /track/v1/group/[Group]/timelogs",
    "GET /track/v1/report",
    "GET /track/v1/timelogs",
}
PROVISIONING = {
    "GET /core/v1/group/[Group]",
    "GET /core/v1/groups",
    "GET /core/v1/orga/[Orga]",
    "GET /core/v1/orgas/invited",
    "GET /core/v1/user/[User]/teams",
    "GET /core/v1/users",
    "POST /core/v1/group/project",
    "POST /core/v1/group/project/[Group]",
    "POST /core/v1/orga/invited",
    "POST /core/v1/orga/invited/[Orga]",
    "PUT /core/v1/group/[Group]/user/[User]",
    "DELETE /core/v1/group/[Group]/user/[User]",
}
UNUSUAL = ["%2F", "a%2Fb", "%00", "%0A", "%FF", "%E2%80%A8", "%25", "%3F", "%2e%2e", "a;b", "x" * 20_000]


def parts(method: str) -> tuple[str, str]:
    """Return verb and path of a method, with something in the place of each id."""
    verb, _, path = method.partition(" ")
    return verb, re.sub(r"\[User\]", "jean@localhost", re.sub(r"\[(?!User)\w+\]", GROUP, path))


def application_of(key: str) -> str:
    """Return the application that a key of the default world is for."""
    return "reporting-1" if key.startswith("rk") else "provisioning-1"


class TestSignature:
    """The worked examples, and what is signed."""

    @pytest.mark.parametrize(VECTOR, ACCEPTED)
    def test_accepts_the_worked_examples(
        self, plain: TestClient, key: str, method: str, path: str, body: bytes, signed: str
    ) -> None:
        """A request signed as documented is let in, to whatever the method answers."""
        response = plain.request(method, path, content=body, headers=headers(key, signed, application_of(key)))

        # The project is there already, and the time records want days.
        assert response.status_code == (400 if path in ("/core/v1/group/project", "/track/v1/timelogs") else 200)

    @pytest.mark.parametrize(VECTOR, REJECTED)
    def test_rejects_the_wrong_ones(self, plain: TestClient, key: str, method: str, path: str, body: bytes, signed: str) -> None:
        """Neither a signed query nor a path without its first slash will do, nor a last slash that was not sent."""
        response = plain.request(method, path, content=body, headers=headers(key, signed))

        refused(response, 401, UNAUTHORIZED)

    def test_worked_example_as_sent(self, plain: TestClient) -> None:
        """The documented request, header for header, is answered with the task it asks for."""
        response = plain.get(
            f"{TASKS}?state=open&due_end=2019-07-31",
            headers={
                **headers(signed=GET_SIGNATURE),
                "Accept-Encoding": "identity",
                "Content-Length": "0",
                "Content-Type": "application/json",
            },
        )

        assert response.status_code == 200
        assert [task["name"] for task in response.json()["result"]] == ["Write the landing page"]
        assert "content-encoding" not in response.headers
        assert response.headers["content-length"] == str(len(response.content))

    def test_one_signature_serves_every_query_and_time(self, plain: TestClient) -> None:
        """Query and moment are not signed: a request may be sent again, with other parameters."""
        answers = [plain.get(TASKS, params=query, headers=headers(signed=GET_SIGNATURE)) for query in ({}, {}, {"state": "open"})]

        assert [answer.status_code for answer in answers] == [200, 200, 200]
        assert answers[0].json() == answers[1].json() != answers[2].json()

    def test_requests_are_not_counted(self, plain: TestClient) -> None:
        """However many requests come in one second, all are answered, and nothing tells of a limit."""
        answers = [plain.get(TASKS, params={"state": "x"}, headers=headers(signed=GET_SIGNATURE)) for _ in range(300)]

        assert {answer.status_code for answer in answers} == {400}
        assert not [name for name in answers[-1].headers if "ratelimit" in name.replace("-", "") or name == "retry-after"]

    def test_no_conditional_requests(self, plain: TestClient) -> None:
        """An answer has no mark of its version, and a request that names one is answered as any other."""
        conditions = {"If-None-Match": "*", "If-Modified-Since": "Fri, 01 Jan 2100 00:00:00 GMT"}

        first = plain.get(TASKS, headers=headers(signed=GET_SIGNATURE))
        again = plain.get(TASKS, headers=headers(signed=GET_SIGNATURE) | conditions)

        assert not {"etag", "last-modified"} & set(first.headers)
        assert again.status_code == 200
        assert again.content == first.content

    @pytest.mark.parametrize("prefix", ["", "/groupcamp"])
    def test_signs_the_path_as_received_or_the_vendors_own(self, plain: TestClient, prefix: str) -> None:
        """A client may sign the whole path that it calls, or the path without what stands before the vendor's."""
        signed = signature("5up3r-s3cret-reporting", f"GET::{prefix}{TASKS}::".encode())

        response = plain.get(TASKS, headers=headers(signed=signed))

        assert response.status_code == 200

    @pytest.mark.parametrize("slash", ["", "/"])
    @pytest.mark.parametrize("prefix", ["", "/groupcamp"])
    def test_signs_a_slash_at_the_end_or_not(self, plain: TestClient, prefix: str, slash: str) -> None:
        """A slash at the end of the path may be signed or left out, with the prefix and without."""
        signed = signature("5up3r-s3cret-reporting", f"GET::{prefix}{TASKS}{slash}::".encode())

        response = plain.get(f"{TASKS}/", headers=headers(signed=signed))

        assert response.status_code == 200

    def test_another_prefix_is_not_signed(self, plain: TestClient) -> None:
        """Only the prefix that the request came under may be in the signed path."""
        signed = signature("5up3r-s3cret-reporting", f"GET::/cotalker{TASKS}::".encode())

        response = plain.get(TASKS, headers=headers(signed=signed))

        refused(response, 401, UNAUTHORIZED)

    def test_own_host(self, server) -> None:
        """Under the vendor's host name there is no prefix, and the documented signature fits as it is."""
        response = server.client("").get(f"http://api.groupcamp.com{TASKS}", headers=headers(signed=GET_SIGNATURE))

        assert response.status_code == 200

    @pytest.mark.parametrize("escaped", ["%40", "@"])
    def test_path_is_signed_before_decoding(self, plain: TestClient, escaped: str) -> None:
        """What is signed is the path on the request line, percent signs and all."""
        path = "/task/v1/user/jean@localhost/assigned_tasks".replace("@", escaped)
        signed = {
            form: signature("5up3r-s3cret-reporting", f"GET::{form}::".encode()) for form in (path, path.replace("%40", "@"))
        }

        as_sent = plain.get(path, headers=headers(signed=signed[path]))
        decoded = plain.get(path, headers=headers(signed=signed[path.replace("%40", "@")]))

        assert as_sent.status_code == 200
        assert decoded.status_code == (401 if escaped == "%40" else 200)

    def test_escaped_id_is_the_same_id(self, plain: TestClient) -> None:
        """A percent-encoded letter of an id is read as the letter, but signed as it was sent."""
        path = TASKS.replace("group/1c", "group/%31c")
        signed = signature("5up3r-s3cret-reporting", f"GET::{path}::".encode())

        response = plain.get(path, headers=headers(signed=signed))

        assert response.status_code == 200

    @pytest.mark.parametrize("last", [TASKS, f"{TASKS}/"])
    def test_last_slash_is_tolerated(self, plain: TestClient, last: str) -> None:
        """A path with one slash at its end is the same path, signed with it or without."""
        signed = signature("5up3r-s3cret-reporting", f"GET::{last}::".encode())

        response = plain.get(f"{TASKS}/", headers=headers(signed=signed))

        assert response.status_code == 200

    def test_two_last_slashes_are_another_path(self, reporting: TestClient) -> None:
        """One slash is tolerated, not more."""
        response = reporting.get(f"{TASKS}//")

        refused(response, 401, UNAUTHORIZED)

    @pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
    def test_body_of_other_verbs_is_not_signed(self, plain: TestClient, method: str) -> None:
        """Only a POST's body is signed; for the other verbs an empty text is."""
        path = "/core/v1/groups" if method == "GET" else f"/core/v1/group/{GROUP}/user/jean@localhost"
        signed = signature("5up3r-s3cret-provisioning", f"{method}::{path}::".encode())

        response = plain.request(method, path, content=b"{}", headers=headers("pk-demo-1", signed, "provisioning-1"))

        assert response.status_code == 200

    @pytest.mark.parametrize("body", [PROJECT + b" ", PROJECT.replace(b": ", b":"), b""])
    def test_body_of_a_post_is_signed_to_the_byte(self, plain: TestClient, body: bytes) -> None:
        """The bytes count, not the JSON that they mean."""
        response = plain.post(
            "/core/v1/group/project",
            content=body,
            headers=headers("pk-demo-1", "WA7VD64+Q2tMb6OlL7d6xjTirrg=", "provisioning-1"),
        )

        refused(response, 401, UNAUTHORIZED)

    @pytest.mark.parametrize("body", [b"\xff\xfe", b"{", b"[" * 100_000, b"\x00"])
    def test_body_is_verified_before_it_is_read(self, provisioning: TestClient, body: bytes) -> None:
        """Whatever the bytes are, what is signed is let in; only then are they no JSON."""
        response = provisioning.post("/core/v1/group/project", content=body)

        refused(response, 400, ERROR_JSON)


class TestHeaders:
    """The three headers."""

    @pytest.mark.parametrize("missing", ["X-Gcmp-Application", "X-Gcmp-Acting", "Authorization"])
    @pytest.mark.parametrize("value", [None, "", " "])
    def test_all_three_are_needed(self, plain: TestClient, missing: str, value: str | None) -> None:
        """Without one of them, or with an empty one, nobody is let in."""
        sent = headers(signed=GET_SIGNATURE)
        if value is None:
            del sent[missing]
        else:
            sent[missing] = value

        response = plain.get(TASKS, headers=sent)

        refused(response, 401, UNAUTHORIZED)

    @pytest.mark.parametrize(
        "authorization",
        [
            f"gcmp rk-demo-1:{GET_SIGNATURE}",
            f"Bearer rk-demo-1:{GET_SIGNATURE}",
            f"GCMP  rk-demo-1:{GET_SIGNATURE}",
            f"GCMP rk-demo-1 :{GET_SIGNATURE}",
            f"GCMP rk-demo-1: {GET_SIGNATURE}",
            f"GCMP rk-demo-1{GET_SIGNATURE}",
            f"GCMPrk-demo-1:{GET_SIGNATURE}",
            f"rk-demo-1:{GET_SIGNATURE}",
            f"GCMP :{GET_SIGNATURE}",
            "GCMP rk-demo-1:",
            "GCMP rk-demo-1",
            "GCMP",
            f"GCMP rk-demo-1:{GET_SIGNATURE[:-1]}",
            f"GCMP rk-demo-1:{GET_SIGNATURE.lower()}",
            f"GCMP rk-demo-1:{GET_SIGNATURE}:",
            f"GCMP unknown:{GET_SIGNATURE}",
            f"GCMP rk-demo-1\u00e9:{GET_SIGNATURE}".encode(),
            b"GCMP rk-demo-1:\xff\xfe",
        ],
    )
    def test_authorization_is_read_exactly(self, plain: TestClient, authorization: str | bytes) -> None:
        """Scheme in capitals, one space, a known key, a colon, and the whole signature."""
        sent = {name.encode(): value.encode() for name, value in headers().items()}
        sent[b"Authorization"] = authorization if isinstance(authorization, bytes) else authorization.encode()

        response = plain.get(TASKS, headers=sent.items())

        refused(response, 401, UNAUTHORIZED)

    @pytest.mark.parametrize(
        "application", ["provisioning-1", "reporting", "reporting-2", "Reporting-1", "provisionning-1", "unknown-1"]
    )
    def test_application_is_that_of_the_key(self, plain: TestClient, application: str) -> None:
        """A key belongs to one application, in exactly this spelling."""
        response = plain.get(TASKS, headers=headers(signed=GET_SIGNATURE, application=application))

        refused(response, 401, UNAUTHORIZED)

    def test_old_spelling_of_provisioning_is_not_accepted(self, plain: TestClient) -> None:
        """Clients sent `provisionning-1` until 2017; it opens nothing."""
        signed = signature("5up3r-s3cret-provisioning", b"GET::/core/v1/groups::")

        response = plain.get("/core/v1/groups", headers=headers("pk-demo-1", signed, "provisionning-1"))

        refused(response, 401, UNAUTHORIZED)

    @pytest.mark.parametrize(
        "acting", ["nobody@nowhere.test", "1cGVyc29uOnVzZXIvNzczMDk0MTEzMzU", "api@mycompany.com", "somebody", "é@ü"]
    )
    def test_acting_opens_and_closes_nothing(self, plain: TestClient, acting: str) -> None:
        """Any user will do, known or not, as an address or as a Uuid."""
        response = plain.get(TASKS, headers=headers(signed=GET_SIGNATURE) | {"X-Gcmp-Acting": acting.encode()})

        assert response.status_code == 200

    def test_names_of_headers_are_of_either_case(self, plain: TestClient) -> None:
        """Header names are compared as HTTP does it."""
        response = plain.get(TASKS, headers={name.upper(): value for name, value in headers(signed=GET_SIGNATURE).items()})

        assert response.status_code == 200

    @pytest.mark.parametrize("content_type", [None, "text/plain", "application/json"])
    def test_content_type_is_not_looked_at(self, plain: TestClient, content_type: str | None) -> None:
        """The vendor's clients send one with every request; it is not needed."""
        sent = headers(signed=GET_SIGNATURE) | ({} if content_type is None else {"Content-Type": content_type})

        response = plain.get(TASKS, headers=sent)

        assert response.status_code == 200


class TestKeys:
    """Which keys are good."""

    def test_removed_key_is_worthless_at_once(self, act, reporting: TestClient) -> None:
        """A deleted key is refused from the next request on."""
        act("groupcamp", "remove-key", key="rk-demo-1")

        response = reporting.get(TASKS)

        refused(response, 401, UNAUTHORIZED)

    def test_created_key_works(self, act, server) -> None:
        """An account may have several keys for one application."""
        made = act("groupcamp", "create-key", application="reporting-1")

        response = signing(server, made["key"], made["secret"]).get(TASKS)

        assert response.status_code == 200

    def test_disabled_api(self, act, reporting: TestClient) -> None:
        """While the account's API is off, its keys are treated as invalid."""
        act("groupcamp", "set-api", enabled=False)

        refused(reporting.get(TASKS), 401, UNAUTHORIZED)

        act("groupcamp", "set-api", enabled=True)
        assert reporting.get(TASKS).status_code == 200

    def test_secret_of_another_key(self, server) -> None:
        """A signature made with another secret does not match."""
        response = signing(server, "rk-demo-1", "5up3r-s3cret-provisioning").get(TASKS)

        refused(response, 401, UNAUTHORIZED)

    def test_account_of_the_key_decides_what_there_is(self, server) -> None:
        """A key of another account is as good, and sees that account only."""
        neighbour = signing(server, "nk-demo-1")

        theirs = neighbour.get("/task/v1/group/1cGVyc29uOmdyb3VwLzgxNjA0Mzc4NjQ1/tasks")
        ours = neighbour.get(TASKS)

        assert theirs.status_code == 200
        assert len(theirs.json()["result"]) == 2
        refused(ours, 404, {"error": "not_found"})


class TestMethods:
    """Which application may call what."""

    @pytest.mark.parametrize("method", sorted(REPORTING | PROVISIONING))
    def test_belongs_to_one_application(self, reporting: TestClient, provisioning: TestClient, method: str) -> None:
        """Its own application gets an answer, the other one 401."""
        verb, path = parts(method)
        own, other = (reporting, provisioning) if method in REPORTING else (provisioning, reporting)

        answered, turned_away = own.request(verb, path), other.request(verb, path)

        assert answered.status_code in (200, 400)
        refused(turned_away, 401, UNAUTHORIZED)

    @pytest.mark.parametrize("unusual", UNUSUAL)
    @pytest.mark.parametrize("method", sorted(each for each in REPORTING | PROVISIONING if "[" in each))
    def test_unusual_ids_are_still_ids(self, reporting: TestClient, provisioning: TestClient, method: str, unusual: str) -> None:
        """What stands escaped in place of an id is a wrong id of a known method, and not an unknown path."""
        verb, path = re.sub(r"\[\w+\]", lambda _: unusual, method).split(" ")

        response = (reporting if method in REPORTING else provisioning).request(verb, path)

        first = re.findall(r"\[(\w+)\]", method)[0]
        refused(response, 400, error_id(first))

    @pytest.mark.parametrize(
        ("method", "path"),
        [
            ("GET", "/"),
            ("GET", ""),
            ("GET", "/task/v1"),
            ("GET", "/task/v2/tasks"),
            ("GET", f"/Task/v1/group/{GROUP}/tasks"),
            ("GET", f"/task/v1/group/{GROUP}/Tasks"),
            ("GET", f"/task/v1/group/{GROUP}"),
            ("GET", "/task/v1/group//tasks"),
            ("GET", "/task/v1/group/tasks"),
            ("GET", f"/task/v1/group/{GROUP}/x/tasks"),
            ("GET", f"/task/v1/group/{GROUP}/tasks/1"),
            ("GET", f"//task/v1/group/{GROUP}/tasks"),
            ("GET", f"/task/v1/group/{GROUP}/tasks%0A"),
            ("GET", f"/task/v1/group/{GROUP}%2Ftasks"),
            ("POST", TASKS),
            ("PUT", TASKS),
            ("DELETE", TASKS),
            ("PATCH", TASKS),
            ("HEAD", TASKS),
            ("TRACE", TASKS),
            ("POST", "/core/v1/groups"),
            ("GET", "/core/v1/group/project/x"),
            ("GET", "/openapi"),
            ("GET", "/redoc"),
        ],
    )
    def test_what_nobody_offers_is_not_authorised(
        self, reporting: TestClient, provisioning: TestClient, method: str, path: str
    ) -> None:
        """An unknown path or verb fails the last step of authentication: 401, not 404 or 405."""
        for client in (reporting, provisioning):
            response = client.request(method, path)

            assert response.status_code == 401
            if method != "HEAD":
                refused(response, 401, UNAUTHORIZED)

    @pytest.mark.parametrize("path", [TASKS, "/task/v1/group/nonsense/tasks", "/nowhere", f"{TASKS}?state=nonsense"])
    def test_authentication_comes_first(self, plain: TestClient, path: str) -> None:
        """Who is not authenticated learns nothing about ids, parameters or paths."""
        response = plain.get(path)

        refused(response, 401, UNAUTHORIZED)

    def test_then_come_the_parameters(self, reporting: TestClient) -> None:
        """Who is authenticated does."""
        response = reporting.get(TASKS, params={"state": "nonsense"})

        refused(response, 400, bad_parameter("state", "invalid"))
