"""Request patterns, held against what WireMock 3.13.2 itself counted for the same requests.

Where a row is refused here although WireMock answers, it is because WireMock passes over something in silence.
"""

import json
import time
from typing import Any

import pytest
from starlette.testclient import TestClient

JSON = {"Content-Type": "application/json"}
FULL = '{"a":1,"b":[1,2,3],"c":{"d":"x","n":null},"items":[{"name":"one","v":1},{"name":"two","v":2}]}'
ASKED: list[tuple[str, str, dict[str, str], str | None]] = [
    ("GET", "/q/a?x=1&x=2&y=&name=Jo%20Do&e=%C3%A9", {"X-A": "Hello", "X-Date": "2026-03-02T12:00:00Z"}, None),
    ("GET", "/q/a/", {"Cookie": "k=v; k2=w"}, None),
    ("POST", "/q/j", JSON, FULL),
    ("POST", "/q/f", {"Content-Type": "application/x-www-form-urlencoded"}, "u=jean&n=1&n=2"),
    ("PUT", "/q/t", {"Authorization": "Basic dTpw", "Content-Type": "text/plain"}, "line one\nline two"),
    ("POST", "/q/e", JSON, ""),
    ("POST", "/q/arr", JSON, "[1,2,3]"),
    ("POST", "/q/s", JSON, '"text"'),
    ("DELETE", "/q/things/42/parts/7", {}, None),
    ("GET", "/q/things/42/parts/7?x=1", {}, None),
]
PARTS = "/q/things/{t}/parts/{p}"
Row = tuple[dict[str, Any], int]


def body(matcher: dict[str, Any]) -> dict[str, Any]:
    """Return a pattern for the body."""
    return {"bodyPatterns": [matcher]}


def extra(document: Any, **options: bool) -> dict[str, Any]:
    """Return a pattern for a JSON body that may hold more."""
    return body({"equalToJson": document, "ignoreExtraElements": True, **options})


def found(expression: str, **matcher: Any) -> dict[str, Any]:
    """Return a pattern for what a JSONPath leads to."""
    return body({"matchesJsonPath": {"expression": expression, **matcher} if matcher else expression})


ADDRESS: list[Row] = [
    ({}, 10), ({"method": "GET"}, 3), ({"method": "POST"}, 5), ({"method": "ANY"}, 10), ({"method": "PATCH"}, 0),
    ({"method": None}, 10),
    ({"url": "/q/a"}, 0), ({"url": "/q/a/"}, 1), ({"url": "/q/a?x=1&x=2&y=&name=Jo%20Do&e=%C3%A9"}, 1),
    ({"url": "/q/a?x=1&x=2&y=&name=Jo Do&e=é"}, 0),
    ({"urlPattern": "/q/a.*"}, 3), ({"urlPattern": "/q/a"}, 0), ({"urlPattern": ".*x=1.*"}, 2), ({"urlPattern": "(?i)/q/A.*"}, 3),
    ({"urlPattern": "/q/\\w+"}, 6),
    ({"urlPath": "/q/a"}, 1), ({"urlPath": "/q/a/"}, 1), ({"urlPath": "/q/j?x"}, 0),
    ({"urlPathPattern": "/q/."}, 6), ({"urlPathPattern": "q"}, 0), ({"urlPathPattern": "/q/\\p{Alpha}+"}, 7),
    ({"urlPathPattern": "/q/(?<n>\\w)"}, 6), ({"urlPathPattern": "/q/[a-z&&[^a]]"}, 5), ({"urlPathPattern": "\\Q/q/a\\E"}, 1),
    ({"urlPathTemplate": PARTS}, 2), ({"urlPathTemplate": "/q/{x}"}, 7), ({"urlPathTemplate": "/q/**"}, 10),
    ({"urlPathTemplate": "/q/{x}/"}, 1), ({"urlPathTemplate": PARTS, "pathParameters": {"t": {"equalTo": "42"}}}, 2),
    ({"urlPathTemplate": PARTS, "pathParameters": {"t": {"equalTo": "43"}}}, 0),
    ({"urlPathTemplate": PARTS, "pathParameters": {"zz": {"absent": True}}}, 2),
    ({"host": {"equalTo": "testserver"}}, 10), ({"host": {"contains": "wire"}}, 0), ({"port": 80}, 10), ({"port": "81"}, 0),
    ({"scheme": "http"}, 10), ({"scheme": "https"}, 0), ({"clientIp": {"equalTo": "testclient"}}, 10),
]  # fmt: skip
QUERY: list[tuple[dict[str, Any], int]] = [
    ({"equalTo": "1"}, 2), ({"equalTo": "2"}, 1), ({"equalTo": "3"}, 0), ({"absent": True}, 8), ({"contains": "1"}, 2),
    ({"doesNotContain": "1"}, 9), ({"doesNotContain": "9"}, 10), ({"matches": "[0-9]"}, 2), ({"doesNotMatch": "[0-9]"}, 8),
    ({"doesNotMatch": "9"}, 10), ({"not": {"equalTo": "1"}}, 9), ({"not": {"absent": True}}, 2), ({"anything": "anything"}, 10),
    ({"hasExactly": [{"equalTo": "1"}, {"equalTo": "2"}]}, 1), ({"hasExactly": [{"equalTo": "2"}, {"equalTo": "1"}]}, 1),
    ({"hasExactly": [{"equalTo": "1"}]}, 1), ({"hasExactly": [{"matches": "\\d"}, {"equalTo": "1"}]}, 1), ({"hasExactly": []}, 0),
    ({"includes": [{"equalTo": "1"}]}, 2), ({"includes": [{"equalTo": "1"}, {"equalTo": "3"}]}, 0), ({"includes": []}, 2),
    ({"or": [{"absent": True}, {"equalTo": "2"}]}, 9), ({"and": [{"contains": "1"}, {"contains": "2"}]}, 0),
    ({"equalToJson": "1"}, 2),
    # WireMock counts 1: it lets one value stand for both.
    ({"hasExactly": [{"equalTo": "1"}, {"equalTo": "1"}]}, 0),
]  # fmt: skip
HEADERS: list[tuple[str, dict[str, Any], int]] = [
    ("X-A", {"equalTo": "Hello"}, 1), ("x-a", {"equalTo": "Hello"}, 1), ("X-A", {"equalTo": "hello"}, 0),
    ("X-A", {"equalTo": "hello", "caseInsensitive": True}, 1), ("X-A", {"equalTo": "hello", "caseInsensitive": False}, 0),
    ("X-A", {"contains": "ell"}, 1), ("X-A", {"matches": "hell"}, 0), ("X-A", {"matches": "(?i)hello"}, 1),
    ("X-A", {"absent": True}, 9), ("X-A", {"doesNotContain": "z"}, 10), ("X-A", {"not": {"contains": "ell"}}, 9),
    ("content-type", {"equalTo": "application/json"}, 4), ("X-Date", {"before": "2027-01-01T00:00:00Z"}, 1),
    ("X-Date", {"after": "2027-01-01T00:00:00Z"}, 0), ("X-Date", {"equalToDateTime": "2026-03-02T13:00:00+01:00"}, 1),
    ("X-Date", {"after": "2021-05-01T00:00:00"}, 1), ("X-A", {"before": "2027-01-01T00:00:00Z"}, 0),
]  # fmt: skip
PARTS_OF_REQUESTS: list[Row] = [
    ({"queryParameters": {"y": {"equalTo": ""}}}, 1), ({"queryParameters": {"y": {"absent": True}}}, 9),
    ({"queryParameters": {"name": {"equalTo": "Jo Do"}}}, 1), ({"queryParameters": {"e": {"equalTo": "é"}}}, 1),
    ({"queryParameters": {"X": {"equalTo": "1"}}}, 0),
    ({"cookies": {"k": {"equalTo": "v"}}}, 1), ({"cookies": {"k": {"absent": True}}}, 9),
    ({"cookies": {"k": {"contains": "x"}}}, 0),
    ({"cookies": {"k": {"doesNotMatch": "z"}}}, 1), ({"cookies": {"k": {"not": {"equalTo": "v"}}}}, 0),
    ({"basicAuthCredentials": {"username": "u", "password": "p"}}, 1), ({"basicAuth": {"username": "u", "password": "p"}}, 1),
    ({"basicAuthCredentials": {"username": "u", "password": "x"}}, 0),
    ({"formParameters": {"u": {"equalTo": "jean"}}}, 1), ({"formParameters": {"u": {"absent": True}}}, 9),
    ({"formParameters": {"n": {"hasExactly": [{"equalTo": "1"}, {"equalTo": "2"}]}}}, 1),
    ({"method": "POST", "formParameters": {"zz": {"absent": True}}}, 5), ({"headers": None}, 10), ({"bodyPatterns": []}, 10),
]  # fmt: skip
BODIES: list[Row] = [
    (body(matcher), count)
    for matcher, count in [
        ({"equalTo": "line one\nline two"}, 1), ({"contains": "line"}, 1), ({"doesNotContain": "line"}, 9), ({"contains": ""}, 5),
        ({"matches": "line.*"}, 1), ({"matches": "line one.*two"}, 1), ({"doesNotMatch": "line.*"}, 9), ({"matches": ""}, 0),
        ({"matches": "\\Qline one\nline two\\E"}, 1), ({"matches": ".*\\Z"}, 5), ({"matches": ".*\\z"}, 5), ({"absent": True}, 5),
        ({"anything": "x"}, 10), ({"binaryEqualTo": "bGluZSBvbmUKbGluZSB0d28="}, 1), ({"equalTo": ""}, 0),
        ({"not": {"contains": "line"}}, 9), ({"and": [{"contains": "one"}, {"contains": "two"}]}, 2),
        ({"or": [{"contains": "jean"}, {"contains": "two"}]}, 3), ({"equalTo": "LINE ONE\nLINE TWO", "caseInsensitive": True}, 1),
    ]
]  # fmt: skip
DOCUMENTS: list[Row] = [
    (body({"equalToJson": FULL}), 1), (body({"equalToJson": json.loads(FULL)}), 1), (body({"equalToJson": {"a": 1}}), 0),
    (extra({"a": 1}), 1), (extra({"a": 2}), 0), (extra({"a": 1.0}), 1), (extra({"a": "1"}), 0), (extra({"a": True}), 0),
    (extra({"b": [1, 2]}), 1), (extra({"b": [3, 2]}), 0), (extra({"b": [2, 3]}), 0),
    (extra({"b": [3, 2]}, ignoreArrayOrder=True), 1),
    (extra({"b": [3, 2, 1, 1]}, ignoreArrayOrder=True), 0), (body({"equalToJson": "[3,1,2]", "ignoreArrayOrder": True}), 1),
    (body({"equalToJson": "[3,1,2]"}), 0), (body({"equalToJson": [1, 2, 3]}), 1), (extra("[1,2]"), 1),
    (body({"equalToJson": "[1,2]", "ignoreArrayOrder": True}), 0), (extra({"c": {"d": "x"}}), 1),
    (extra({"c": {"zz": None}}), 0), (extra({"a": "${json-unit.ignore}"}), 1), (extra({"zz": "${json-unit.ignore}"}), 0),
    (extra({"zz": "${json-unit.ignore-element}"}), 1), (extra({"a": "${json-unit.any-number}"}), 1),
    (extra({"a": "${json-unit.any-string}"}), 0), (extra({"a": "${json-unit.any-boolean}"}), 0),
    (extra({"a": "#{json-unit.any-number}"}), 1),
    (extra({"c": {"d": "${json-unit.regex}[a-z]"}}), 1), (extra({"c": {"d": "${json-unit.regex}[a-w]"}}), 0),
    (extra({"c": {"n": "${json-unit.any-string}"}}), 0),
    (extra({"items": [{"name": "two"}, {"name": "one"}]}, ignoreArrayOrder=True), 1),
    (extra({"items": [{"name": "two"}]}), 0), (body({"equalToJson": '"text"'}), 1), (body({"equalToJson": "null"}), 0),
    (extra({}), 1), (extra([]), 1),
]  # fmt: skip
PATHS: list[Row] = [
    (found(expression), count)
    for expression, count in [
        ("$.a", 1), ("a", 1), ("$['a']", 1), ("$.zz", 0), ("$.b", 1), ("$.b[0]", 1), ("$.b[7]", 0), ("$.b[-1]", 1),
        ("$.b[0:2]", 1),
        ("$.b[0,2]", 1), ("$.c", 1), ("$.c.*", 1), ("$.c.n", 0), ("$..name", 1), ("$..zz", 0), ("$[0]", 1), ("$.[0]", 1),
        ("$[*]", 2),
        ("$.items[?(@.name == 'one')]", 1), ("$.items[?(@.name == 'three')]", 0), ("$.items[?(@.v > 1)]", 1),
        ("$.items[?(@.name =~ /o.*/)]", 1), ("$.items[?(@.name =~ /ON.*/i)]", 1), ("$.items[?(@.name =~ /n/)]", 0),
        ("$.items[?(@.name)]", 1), ("$.items[?(@.zz)]", 0), ("$.items[?(!@.zz)]", 1), ("$.items[?(@.name in ['one'])]", 1),
        ("$.items[?(@.v == 1 && @.name == 'one')]", 1), ("$.b[?(@ > 2)]", 1), ("$[?(@.a == 1)]", 1), ("$[?(@.a == 2)]", 0),
        ("$.items.length()", 1), ("$[?(@.b.size() == 3)]", 1), ("$[?(@.b.size() == 4)]", 0),
    ]
] + [
    (found("$.a", equalTo="1"), 1), (found("$.a", equalToJson="1"), 1), (found("$.c.d", equalTo="x"), 1),
    (found("$.b", equalToJson="[1,2,3]"), 1), (found("$.zz", absent=True), 10), (found("$.a", absent=True), 9),
    (found("$..name", contains="one"), 1), (found("$..name", equalTo="one"), 1),
    (found("$..name", equalToJson='["one","two"]'), 1),
    (found("$.items[*].name", equalTo="two"), 1), (found("$.items[?(@.name == 'one')].v", equalTo="1"), 1),
    (found("$.c.n", absent=True), 10), (found("$.c.n", equalTo="null"), 0), (found("$.zz", doesNotMatch="x"), 0),
    (found("$.zz", **{"not": {"equalTo": "x"}}), 0), (found("$..zz", absent=True), 10), (found("$.b", contains="2"), 1),
    (found("$.items[0]", matchesJsonPath="$.name"), 1), (found("$.b", equalTo="[1,2,3]"), 0),
    (found("$.c", contains='"d" : "x"'), 1), (found("$.c.d", **{"and": [{"contains": "x"}, {"matches": "."}]}), 1),
    (found("$.items.length()", equalTo="2"), 1), (found("$.items.length()", equalTo="3"), 0),
]  # fmt: skip
ROWS = [
    *ADDRESS,
    *(({"queryParameters": {"x": matcher}}, count) for matcher, count in QUERY),
    *(({"headers": {name: matcher}}, count) for name, matcher, count in HEADERS),
    *PARTS_OF_REQUESTS,
    *BODIES,
    *DOCUMENTS,
    *PATHS,
]

REFUSED: list[tuple[dict[str, Any], str]] = [
    ({"foo": 1}, "foo: is not known"),
    ({"customMatcher": {"name": "x"}}, "customMatcher: is not supported here"),
    ({"multipartPatterns": []}, "multipartPatterns: is not supported here"),
    ({"url": 5}, "url: must be a string"),
    ({"method": ["GET"]}, "method: must be a string"),
    ({"method": "psot"}, "method: 'PSOT' is no method of HTTP; is POST meant?"),
    ({"method": "*"}, "method: '*' is no method of HTTP"),
    ({"url": "/a", "urlPath": "/a"}, "urlPath: can't stand beside `url`"),
    ({"pathParameters": {}}, "pathParameters: needs `urlPathTemplate`"),
    ({"urlPathTemplate": "/q/{x:[a-b]}"}, "urlPathTemplate: must be a path with distinct variables, such as /things/{id}"),
    ({"urlPathTemplate": "/{x}/{x}"}, "urlPathTemplate: must be a path with distinct variables, such as /things/{id}"),
    ({"urlPattern": "(("}, "urlPattern: not a regular expression that can be used here: missing ) at position 2"),
    ({"urlPattern": "\\p{javaLowerCase}"}, "urlPattern: not a regular expression that can be used here: unknown property "),
    ({"urlPattern": "a" * 2001}, "urlPattern: a regular expression may have at most 2000 characters"),
    ({"port": True}, "port: must be a number"),
    ({"port": 10**30}, "port: must be a number"),
    ({"host": "localhost"}, 'host: must be a matcher, such as {"equalTo": "x"}'),
    ({"headers": []}, "headers: must be a JSON object"),
    ({"headers": {"X": "y"}}, 'headers.X: must be a matcher, such as {"equalTo": "x"}'),
    ({"headers": {"X": {"equalTo": 1}}}, "headers.X.equalTo: must be a string"),
    ({"headers": {"X": {"binaryEqualTo": "eA=="}}}, "headers.X: has no matcher that is known here: equalTo, contains, "),
    ({"queryParameters": {"x": None}}, 'queryParameters.x: must be a matcher, such as {"equalTo": "x"}'),
    ({"queryParameters": {"x": {"absent": False}}}, 'queryParameters.x.absent: can only be true; {"not": '),
    ({"queryParameters": {"x": {"includes": {}}}}, "queryParameters.x.includes: must be an array of matchers"),
    ({"basicAuth": {"username": "u"}}, "basicAuth: must have `username` and `password` and nothing else"),
    ({"bodyPatterns": {"contains": "x"}}, "bodyPatterns: must be an array of matchers"),
    (body({}), "bodyPatterns.0: has no matcher that is known here: equalTo, "),
    (body({"foo": "x"}), "bodyPatterns.0: has no matcher that is known here: equalTo, "),
    (body({"contains": "x", "matches": "y"}), "bodyPatterns.0: has several matchers (contains, matches); join them with `and`"),
    (body({"contains": "x", "caseInsensitive": True}), "bodyPatterns.0.caseInsensitive: is not taken by `contains`"),
    (body({"and": []}), "bodyPatterns.0.and: must be an array of matchers that is not empty"),
    (body({"hasExactly": []}), "bodyPatterns.0.hasExactly: is not supported here"),
    (body({"not": "x"}), 'bodyPatterns.0.not: must be a matcher, such as {"equalTo": "x"}'),
    (body({"binaryEqualTo": "!!"}), "bodyPatterns.0.binaryEqualTo: must be base64"),
    (body({"before": "soon"}), "bodyPatterns.0.before: must be an ISO 8601 date or date-time"),
    (body({"equalToJson": "nope{"}), "bodyPatterns.0.equalToJson: must be JSON"),
    (body({"equalToJson": "1", "ignoreArrayOrder": "yes"}), "bodyPatterns.0.ignoreArrayOrder: must be true or false"),
    (extra("${json-unit.matches:foo}1"), "bodyPatterns.0.equalToJson: "),
    (extra({"a": "${json-unit.matches:foo}1"}), "bodyPatterns.0.equalToJson: the placeholder '${json-unit.matches:foo}1' is"),
    (found("(("), "bodyPatterns.0.matchesJsonPath: not a JSONPath that can be used here: "),
    (found("$.b.sum()"), "bodyPatterns.0.matchesJsonPath: not a JSONPath that can be used here: "),
    (found("$.a | $.b"), "bodyPatterns.0.matchesJsonPath: not a JSONPath that can be used here: more than one path"),
    (found("$[?match(@.a, 'x')]"), "bodyPatterns.0.matchesJsonPath: not a JSONPath that can be used here: "),
    (body({"matchesJsonPath": {}}), "bodyPatterns.0.matchesJsonPath.expression: must be a string"),
    (body({"matchesJsonPath": {"expression": "$.a"}}), "bodyPatterns.0.matchesJsonPath: has no matcher that is known here: "),
    (body({"equalToXml": "<a/>"}), "bodyPatterns.0.equalToXml: is not supported here"),
    (body({"matchesXPath": "//a"}), "bodyPatterns.0.matchesXPath: is not supported here"),
    (body({"matchesJsonSchema": "{}"}), "bodyPatterns.0.matchesJsonSchema: is not supported here"),
]  # fmt: skip


@pytest.fixture
def asked(server, admin: TestClient) -> TestClient:
    """The control plane of a sandbox that was asked for all of these."""
    vendor = server.client("/cubicl")
    for method, path, headers, content in ASKED:
        vendor.request(method, path, headers=headers, content=content)
    return admin


class TestPatterns:
    """POST /__admin/requests/count."""

    def test_counts_as_wiremock_does(self, asked: TestClient) -> None:
        """Each pattern fits as many requests as in WireMock."""
        wrong = [
            (pattern, count, told.text)
            for pattern, count in ROWS
            if (told := self.count(asked, pattern)).json().get("count") != count
        ]

        assert wrong == []

    def test_what_is_not_understood_is_refused(self, asked: TestClient) -> None:
        """Nothing is true or false in silence: 422 names what is not supported."""
        for pattern, detail in REFUSED:
            response = self.count(asked, pattern)

            assert response.status_code == 422, (pattern, response.text)
            (told,) = response.json()["errors"]
            assert told["code"] == "invalid_body"
            assert told["detail"].startswith(detail), (pattern, told["detail"])

    @staticmethod
    def count(admin: TestClient, pattern: dict[str, Any]) -> Any:
        """Count."""
        return admin.post("/requests/count", json=pattern)

    def test_nested_without_end(self, asked: TestClient) -> None:
        """Matchers within matchers have a bottom."""
        matcher: dict[str, Any] = {"contains": "x"}
        for _ in range(30):
            matcher = {"not": matcher}

        assert self.count(asked, body(matcher)).status_code == 422


class TestAddresses:
    """What only a server of several vendors and sandboxes has."""

    def test_either_url_fits(self, server, admin: TestClient) -> None:
        """The vendor's own URL fits, and the one received, with or without what named the sandbox."""
        admin.post("/sandboxes", json={"name": "mine"})
        server.client("/s/mine/cubicl").get("/q/a?x=1")
        mine = server.client("/s/mine/__admin")

        for start in ("", "/cubicl", "/s/mine/cubicl"):
            for pattern in ({"url": f"{start}/q/a?x=1"}, {"urlPath": f"{start}/q/a"}, {"urlPathTemplate": f"{start}/q/{{x}}"}):
                assert mine.post("/requests/count", json=pattern).json()["count"] == 1, pattern
        assert mine.post("/requests/count", json={"urlPath": "/groupcamp/q/a"}).json()["count"] == 0
        admin.delete("/sandboxes/mine")

    def test_vendor_and_operation(self, server, admin: TestClient) -> None:
        """Both can be named."""
        headers = {"Authorization": "Bearer cubicl-owner"}
        server.client("/cubicl", **headers).get("/api/v1/tasks")
        server.client("/cotalker").get("/api/v2/task-groups")

        assert admin.post("/requests/count", json={"vendor": "cubicl"}).json()["count"] == 1
        assert admin.post("/requests/count", json={"operation": "getTasks"}).json()["count"] == 1
        assert admin.post("/requests/count", json={"vendor": "cotalker", "operation": "getTasks"}).json()["count"] == 0

    @pytest.mark.parametrize("path", ["/requests/count", "/requests/find", "/requests/remove", "/near-misses/request-pattern"])
    @pytest.mark.parametrize(
        ("pattern", "detail"),
        [
            ({"vendor": "cubical"}, "vendor: there is no vendor 'cubical', but cotalker, cubicl, groupcamp"),
            ({"operation": "creatTask"}, "operation: 'creatTask' is no operation of any vendor; is createTask meant?"),
            (
                {"vendor": "cubicl", "operation": "getGroupTasks"},
                "operation: 'getGroupTasks' is no operation of Cubicl; is getTasks meant?",
            ),
        ],
    )
    def test_that_do_not_exist(self, admin: TestClient, path: str, pattern: dict[str, str], detail: str) -> None:
        """A misspelt name is refused, for that it fits nothing would look like an answer."""
        response = admin.post(path, json=pattern)

        assert response.status_code == 422
        assert response.json()["errors"] == [{"code": "invalid_body", "title": "Invalid body", "detail": detail}]


class TestPatience:
    """Patterns that take too long."""

    @pytest.mark.parametrize(
        "pattern", [body({"matches": "(a|aa)+b"}), found("$[?(@ =~ /(a|aa)+b/)]"), extra(["${json-unit.regex}(a|aa)+b"])]
    )
    def test_are_refused(self, server, admin: TestClient, pattern: dict[str, Any]) -> None:
        """422 within a second, not an answer that may be wrong."""
        text = "a" * 5000
        content = text if "matches" in pattern["bodyPatterns"][0] else json.dumps([text])
        server.client("/cubicl").post("/q", content=content)
        started = time.monotonic()

        response = admin.post("/requests/count", json=pattern)

        assert response.status_code == 422
        assert response.json()["errors"][0]["detail"] == "body: the patterns take too long on what is in the journal"
        assert time.monotonic() - started < 5

    def test_thousands_of_values(self, server, admin: TestClient) -> None:
        """So many values that finding out takes too long are refused as well."""
        server.client("/cubicl").post("/q", data={"n": [str(number) for number in range(3000)]})
        matchers = [{"matches": "\\d+"}] * 2999 + [{"equalTo": "0"}]
        started = time.monotonic()

        response = admin.post("/requests/count", json={"formParameters": {"n": {"hasExactly": matchers}}})

        assert response.status_code == 422
        assert time.monotonic() - started < 5

    def test_a_long_journal_is_no_reason(self, server, admin: TestClient) -> None:
        """What is too slow is too slow for one request, not for all together."""
        for number in range(50):
            server.client("/cubicl").get(f"/q/{number}")

        assert admin.post("/requests/count", json={"urlPattern": "(/\\w+)*/4."}).json()["count"] == 10
