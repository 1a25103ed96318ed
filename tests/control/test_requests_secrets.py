"""What is shown of requests and answers holds no secret, over HTTP."""

import json
from base64 import b64decode
from typing import Any

import pytest
from starlette.testclient import TestClient

from understudy.core.redaction import is_secret

TASKS = "/api/v1/tasks"
HIDDEN = "hunter2"


def everything(admin: TestClient) -> str:
    """Return all that the journal shows, what is base64 decoded."""
    texts = []
    for path, body in (
        ("/requests", None),
        ("/requests/find", {}),
        ("/requests/unmatched", None),
        ("/near-misses/request-pattern", {}),
    ):
        answer = admin.get(path) if body is None else admin.post(path, json=body)
        assert answer.status_code == 200
        texts.append(answer.text)
    for event in admin.get("/requests").json()["requests"]:
        texts += [b64decode(event[part]["bodyAsBase64"]).decode("latin-1") for part in ("request", "response")]
    texts.append(admin.get("/requests/unmatched/near-misses").text)
    return "\n".join(texts)


class TestHeaders:
    """Credentials in headers."""

    @pytest.mark.parametrize(
        ("name", "value", "shown"),
        [
            ("Authorization", f"Bearer {HIDDEN}", "Bearer ***"),
            ("Authorization", f"Basic {HIDDEN}==", "Basic ***"),
            ("Authorization", f"GCMP {HIDDEN}:{HIDDEN}", "GCMP ***"),
            ("Authorization", HIDDEN, "***"),
            ("Authorization", f"{HIDDEN}:x {HIDDEN}", "***"),
            ("Cookie", f"session={HIDDEN}; theme={HIDDEN}", "session=***; theme=***"),
            ("X-Api-Key", HIDDEN, "***"),
            ("X-Csrf-Token", HIDDEN, "***"),
            ("Referer", f"http://x.example/a?b=1&access_token={HIDDEN}", "http://x.example/a?b=1&access_token=***"),
        ],
    )
    def test_are_masked(self, server, admin: TestClient, name: str, value: str, shown: str) -> None:
        """Of a credential its scheme is left, of cookies their names."""
        server.client("/cubicl").get("/api/v1/nothing", headers={name: value})

        (event,) = admin.get("/requests").json()["requests"]

        assert event["request"]["headers"][name] == shown
        assert HIDDEN not in everything(admin)

    def test_of_the_default_world(self, server, admin: TestClient) -> None:
        """Tokens that everybody knows are masked as well: a world of one's own has others."""
        server.client("/cubicl").get(TASKS, headers={"Authorization": "Bearer cubicl-owner"})

        assert "cubicl-owner" not in everything(admin)

    def test_can_still_be_asked_for(self, server, admin: TestClient) -> None:
        """A pattern is held against what was sent."""
        server.client("/cubicl").get(TASKS, headers={"Authorization": f"Bearer {HIDDEN}"})
        pattern = {"headers": {"Authorization": {"equalTo": f"Bearer {HIDDEN}"}}}

        assert admin.post("/requests/count", json=pattern).json()["count"] == 1


class TestAddresses:
    """Secrets in URLs."""

    def test_parameters(self, server, admin: TestClient) -> None:
        """A secret parameter is masked in every form of the URL."""
        server.client("/cubicl").get(f"/api/v1/nothing?a=1&token={HIDDEN}&api%5Fkey={HIDDEN}")

        request = admin.get("/requests").json()["requests"][0]["request"]

        assert request["url"] == "/api/v1/nothing?a=1&token=***&api%5Fkey=***"
        assert request["absoluteUrl"].endswith(request["url"])
        assert request["queryParams"]["token"]["values"] == ["***"]
        assert request["queryParams"]["a"]["values"] == ["1"]
        assert HIDDEN not in everything(admin)

    def test_parameters_in_brackets(self, server, admin: TestClient) -> None:
        """A secret is masked that is nested as forms write it."""
        server.client("/cubicl").post(f"/api/v1/nothing?user[password]={HIDDEN}", data={"user[token]": HIDDEN})

        request = admin.get("/requests").json()["requests"][0]["request"]

        assert request["url"] == "/api/v1/nothing?user[password]=***"
        assert request["formParams"]["user[token]"]["values"] == ["***"]
        assert HIDDEN not in everything(admin)

    @pytest.mark.parametrize("kind", ["downloads", "thumbnails", "Downloads"])
    def test_parts_of_paths(self, server, admin: TestClient, kind: str) -> None:
        """What of a path is as good as a token is masked."""
        server.client("/cubicl").get(f"/{kind}/{HIDDEN}?x=1")

        assert admin.get("/requests").json()["requests"][0]["request"]["url"] == f"/{kind}/***?x=1"
        assert HIDDEN not in everything(admin)

    def test_parts_behind_percent_signs(self, server, admin: TestClient) -> None:
        """Another spelling of the same path hides nothing."""
        server.main.get(f"/cubicl/d%6Fwnloads/{HIDDEN}")  # the contract knows it in one spelling

        assert HIDDEN not in everything(admin)

    def test_links_in_answers(self, server, admin: TestClient) -> None:
        """A link that an answer gives out is masked, too."""
        owner = server.client("/cubicl", Authorization="Bearer cubicl-owner")
        group = "64b7f0c2a1d3e4f5a6b7c900"
        file = owner.post("/api/v1/files/upload", files={"file": ("a.txt", b"text")}, data={"group": group}).json()
        link = owner.get(f"/api/v1/files/{file['_id']}/url").json()
        secret = link.partition("/downloads/")[2]
        assert owner.get(f"/downloads/{secret}").text == "text"
        owner.get(f"/downloads/{secret}/x")  # no operation: it has near misses

        assert "/downloads/***" in everything(admin)
        assert secret not in everything(admin)


BODIES: list[tuple[str, str, str]] = [
    (
        "application/json",
        json.dumps({"email": "a@b", "password": HIDDEN}, separators=(",", ":")),
        '{"email":"a@b","password":"***"}',
    ),
    ("application/json", json.dumps([{"a": {"accessToken": HIDDEN, "n": 1}}]), '[{"a":{"accessToken":"***","n":1}}]'),
    ("application/json", json.dumps({"client_secret": {"deep": HIDDEN}}), '{"client_secret":"***"}'),
    ("application/json", '{"pass\\u0077ord": "hunter2"}', '{"password":"***"}'),
    ("text/plain", json.dumps({"apiKey": HIDDEN}), '{"apiKey":"***"}'),
    ("application/json", '{"password": "hunter2", "cut', '{"password": "***", "cut'),
    ("application/json", '{"password": "hunter2', '{"password": "***"'),
    ("application/json", '{"a": ' * 20_000 + '{"password": "hunter2"}', ""),
    ("text/plain", "user=x password=hunter2 end", "user=x password=*** end"),
    ("application/x-www-form-urlencoded", "user=x&password=hunter2&a=b", "user=x&password=***&a=b"),
    (
        "multipart/form-data; boundary=B",
        '--B\r\nContent-Disposition: form-data; name="password"\r\n\r\nhunter2\r\n--B--\r\n',
        '--B\r\nContent-Disposition: form-data; name="password"\r\n\r\n***\r\n--B--\r\n',
    ),
]


class TestBodies:
    """Secrets in bodies."""

    @pytest.mark.parametrize(("kind", "sent", "shown"), BODIES, ids=range(len(BODIES)))
    def test_are_masked(self, server, admin: TestClient, kind: str, sent: str, shown: str) -> None:
        """At any depth, in any spelling, in JSON, forms and what is nearly JSON."""
        server.client("/cubicl").post("/api/v1/nothing", content=sent, headers={"Content-Type": kind})

        request = admin.get("/requests").json()["requests"][0]["request"]

        assert shown == "" or request["body"] == shown
        assert b64decode(request["bodyAsBase64"]).decode() == request["body"]
        assert HIDDEN not in everything(admin)

    def test_without_secrets_stay_as_they_are(self, server, admin: TestClient) -> None:
        """A body is shown byte for byte if it holds none, though it speaks of one."""
        sent = '{ "name" : "the password of é", "passwordModifiedAt": 5, "noPassword": true,"token":null }'.encode()
        server.client("/cubicl").post("/api/v1/nothing", content=sent)

        request: dict[str, Any] = admin.get("/requests").json()["requests"][0]["request"]

        assert request["body"].encode() == b64decode(request["bodyAsBase64"]) == sent

    def test_in_answers(self, server, admin: TestClient) -> None:
        """The token that a login answers is masked, and the password that it took."""
        login = {"email": "admin@cotalker.test", "password": "understudy"}
        token = server.client("/cotalker").post("/auth/local", json=login).json()["token"]

        event = admin.get("/requests").json()["requests"][0]

        assert json.loads(event["response"]["body"])["token"] == "***"
        assert json.loads(event["request"]["body"]) == {**login, "password": "***"}
        assert token not in everything(admin)

    def test_in_forms_taken_apart(self, server, admin: TestClient) -> None:
        """Fields of a form are masked as its body is."""
        server.client("/cubicl").post("/api/v1/nothing", data={"password": HIDDEN, "user": "x"})

        form = admin.get("/requests").json()["requests"][0]["request"]["formParams"]

        assert form == {"password": {"key": "password", "values": ["***"]}, "user": {"key": "user", "values": ["x"]}}


@pytest.mark.parametrize(
    ("name", "secret"),
    [
        ("password", True), ("Password", True), ("old_password", True), ("password2", True), ("passwd", True), ("secret", True),
        ("client-secret", True), ("token", True), ("accessToken", True), ("refresh_token", True), ("apiKey", True), ("jwt", True),
        ("X-Amz-Signature", False), ("signature", True), ("authorization", True), ("name", False), ("nextPageToken", False),
        ("user[password]", True), ("tokens[0]", True), ("password[]", True), ("filter[tokenCount]", False), ("[]", False),
        ("key", False), ("tokenCount", False), ("passwordModifiedAt", False), ("secretary", False), ("monkey", False),
    ],
)  # fmt: skip
def test_names_of_secrets(name: str, secret: bool) -> None:
    """A secret is known by its name, however it is spelled; words that only look alike are none."""
    assert is_secret(name) is secret
