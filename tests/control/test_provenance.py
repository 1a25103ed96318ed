"""The ledgers over HTTP, the rules of each answer, and runs that insist on what is proven."""

import logging
from typing import Any

import pytest
from starlette.testclient import TestClient

from understudy.core.ledger import ledger
from understudy.vendors import VENDORS

HEADER = "X-Understudy-Rules"
TASK = "64b7f0c2a1d3e4f5a6b7c8d9"
ROOT = "64b7f0c2a1d3e4f5a6b7c900"
HALF = {"startDate": 1}
HALF_AN_INTERVAL = "cubicl.list.interval-half"


@pytest.fixture
def owner(server) -> TestClient:
    """Cubicl's owner of tasks."""
    client: TestClient = server.client("/cubicl/api/v1", Authorization="Bearer cubicl-owner")
    return client


def insist(admin: TestClient, unverified: str, *accepted: str) -> None:
    """Set what becomes of answers that relied on inferred rules."""
    response = admin.put("/unverified", json={"unverified": unverified, "acceptedRules": list(accepted)})
    assert response.status_code == 200, response.text


@pytest.fixture(autouse=True)
def _at_ease(server) -> Any:
    """Leave the shared server as it was: a reset keeps what a sandbox insists on."""
    yield
    insist(server.admin, "off")


def rules_of(response: Any) -> dict[str, str]:
    """Return the grades of the rules that an answer tells of, by id."""
    rules = [rule.split(";grade=") for rule in response.headers[HEADER].split(", ") if rule]
    return dict(rules)


class TestList:
    """GET /__admin/provenance."""

    def test_everything(self, admin: TestClient) -> None:
        """Without filters it is every rule of every ledger, counted by grade."""
        answer = admin.get("/provenance").json()

        assert [rule["id"] for rule in answer["rules"]] == [rule for vendor in VENDORS for rule in ledger(vendor.name)]
        assert answer["meta"]["total"] == len(answer["rules"]) == sum(answer["meta"]["grades"].values())
        assert list(answer["meta"]["grades"]) == ["documented", "client", "inferred"]

    def test_filters(self, admin: TestClient) -> None:
        """Filters by vendor, operation, grade and reach all have to hold."""
        wanted = {"vendor": "cubicl", "operation": "updateTaskState", "grade": "documented", "everywhere": "false"}

        rules = admin.get("/provenance", params=wanted).json()["rules"]

        assert "cubicl.state.same-state" in [rule["id"] for rule in rules]
        expected = [
            rule.id
            for rule in ledger("cubicl").values()
            if "updateTaskState" in rule.operations and rule.grade == "documented" and not rule.everywhere
        ]
        assert [rule["id"] for rule in rules] == expected

    def test_used(self, admin: TestClient, owner: TestClient) -> None:
        """What the sandbox has used is what its journal tells, with how often."""
        owner.get("/tasks", params=HALF)
        owner.get("/tasks", params=HALF)

        used = {rule["id"]: rule["uses"] for rule in admin.get("/provenance", params={"used": "true"}).json()["rules"]}

        assert used[HALF_AN_INTERVAL] == 2
        assert "cubicl.list.array" not in used

    @pytest.mark.parametrize(
        ("name", "value"),
        [("vendor", "basecamp"), ("operation", "listTasks"), ("grade", "rumoured"), ("everywhere", "perhaps"), ("used", "x")],
    )
    def test_bad_filter(self, admin: TestClient, name: str, value: str) -> None:
        """A filter with a name that there isn't is refused, not one that finds nothing."""
        response = admin.get("/provenance", params={name: value})

        assert response.status_code == 422
        assert name in response.json()["errors"][0]["detail"]


class TestGet:
    """GET /__admin/provenance/{rule}."""

    def test_rule(self, admin: TestClient) -> None:
        """A rule comes with all that its ledger says."""
        rule = ledger("cubicl")["cubicl.state.same-state"]

        assert admin.get(f"/provenance/{rule.id}").json() == {
            "id": "cubicl.state.same-state",
            "vendor": "cubicl",
            "says": rule.says,
            "grade": "documented",
            "source": rule.source,
            "date": rule.as_of,
            "operations": ["updateTaskState"],
            "everywhere": False,
            "switch": None,
            "tests": list(rule.tests),
            "unnamed": "",
            "verified": None,
            "uses": 0,
            "unproven": False,
        }

    @pytest.mark.parametrize("name", ["cubicl.state.same-stat", "basecamp.state.same-state", "x", "cubicl." + 300 * "x"])
    def test_unknown(self, admin: TestClient, name: str) -> None:
        """A name that no rule has is a 404, with the nearest one where there is one."""
        response = admin.get(f"/provenance/{name}")

        assert response.status_code == 404
        near = "is cubicl.state.same-state meant?" if name.startswith("cubicl.state") else "GET /__admin/provenance lists them"
        assert near in response.json()["errors"][0]["detail"]


class TestHeader:
    """`X-Understudy-Rules`."""

    def test_of_an_answer(self, owner: TestClient) -> None:
        """A request that asks gets the rules that shaped its answer, each once with its grade; none that it had no need of."""
        rules = rules_of(owner.get("/tasks", params={"group": ROOT, "limit": 2}, headers={HEADER: "1"}))

        assert rules["cubicl.list.group"] == "documented"
        assert rules["cubicl.list.archived-default"] == "documented"
        assert "cubicl.list.limit" in rules
        assert not {"cubicl.list.recursive", "cubicl.list.search", "cubicl.list.limit-default"} & rules.keys()

    def test_of_a_refusal(self, owner: TestClient) -> None:
        """A refusal tells its own rules, not those of what the request asked for in vain."""
        rules = rules_of(owner.get("/tasks", params={"group": ROOT, **HALF}, headers={HEADER: "1"}))

        assert rules[HALF_AN_INTERVAL] == "inferred"
        assert rules["cubicl.errors.bad-request"] == "documented"
        assert "cubicl.list.group" not in rules

    def test_only_on_request(self, owner: TestClient) -> None:
        """Nobody else gets it."""
        assert HEADER not in owner.get("/tasks").headers

    def test_setting(self, serve) -> None:
        """With the setting every answer has it."""
        client = serve(rules_header=True).client("/cubicl/api/v1", Authorization="Bearer cubicl-owner")

        assert "cubicl.list.array" in rules_of(client.get("/tasks"))
        assert "cubicl.auth.bearer-token" in rules_of(client.get("/tasks", headers={"Authorization": "Bearer x"}))

    def test_of_an_upload(self, owner: TestClient) -> None:
        """What let the caller in before the file was read is told with the rest."""
        rules = rules_of(owner.post("/files/upload", files={"file": ("a.txt", b"hello")}, headers={HEADER: "1"}))

        assert {"cubicl.auth.bearer-token", "cubicl.protocol.success-is-200"} <= rules.keys()

    def test_of_a_page_of_another_origin(self, server, owner: TestClient) -> None:
        """What browsers need is a rule, too."""
        (vendor,) = (vendor for vendor in VENDORS if vendor.name == "cubicl")

        rules = rules_of(owner.get("/tasks", headers={HEADER: "1", "Origin": "https://example.org"}))

        assert vendor.browser_rules
        assert set(vendor.browser_rules) <= rules.keys()

    def test_requests_do_not_mix(self, owner: TestClient) -> None:
        """What one request followed is not told of the next."""
        owner.get("/tasks", params={"search": "a"}, headers={HEADER: "1"})

        assert "cubicl.list.search" not in rules_of(owner.get("/tasks", headers={HEADER: "1"}))


class TestJournal:
    """The journal."""

    def test_tells_the_rules(self, admin: TestClient, owner: TestClient) -> None:
        """An entry tells the rules of its answer with their grades, in the same order as the header."""
        answer = owner.get("/tasks", params=HALF, headers={HEADER: "1"})

        (event,) = admin.get("/requests").json()["requests"]

        assert {rule["id"]: rule["grade"] for rule in event["request"]["rules"]} == rules_of(answer)

    def test_can_be_switched_off(self, serve) -> None:
        """Without provenance the journal keeps none; the header, where it is asked for, still tells them."""
        server = serve(provenance=False)
        client = server.client("/cubicl/api/v1", Authorization="Bearer cubicl-owner")

        answer = client.get("/tasks", params=HALF, headers={HEADER: "1"})

        assert HALF_AN_INTERVAL in rules_of(answer)
        assert server.admin.get("/requests").json()["requests"][0]["request"]["rules"] == []


class TestFail:
    """A sandbox that insists on what is proven."""

    def test_inferred_refusal(self, admin: TestClient, owner: TestClient) -> None:
        """What relied on an inferred rule is a 501 in our own words that names it."""
        insist(admin, "fail")

        response = owner.get("/tasks", params={"limit": "-1"})

        assert response.status_code == 501
        assert response.headers["content-type"] == "text/plain; charset=utf-8"
        rule = ledger("cubicl")["cubicl.list.whole-numbers"]
        assert f"- {rule.id} (inferred; {rule.source}): {rule.says}\n" in response.text
        assert "cubicl.errors.bad-request" not in response.text

    def test_documented(self, admin: TestClient, owner: TestClient) -> None:
        """What is documented is answered as ever, refusals too."""
        insist(admin, "fail")

        assert owner.get(f"/tasks/{TASK}").status_code == 200
        assert owner.get(f"/tasks/{TASK[::-1]}").status_code == 404
        assert owner.get("/tasks", headers={"Authorization": "Bearer x"}).status_code == 401

    def test_nothing_is_kept(self, admin: TestClient, owner: TestClient) -> None:
        """A write that relied on an inferred rule has not happened, and numbers go on as if it had not."""
        before = owner.get("/tasks").json()
        insist(admin, "fail")

        response = owner.post("/tasks", json={"group": ROOT, "name": "A task"})

        assert response.status_code == 501
        assert "cubicl.create.desc-default" in response.text
        insist(admin, "off")
        assert owner.get("/tasks").json() == before
        assert admin.get("/requests").json()["requests"][1]["request"]["changes"] == []

    def test_accepted(self, admin: TestClient, owner: TestClient) -> None:
        """Accepted rules pass, by their names or by patterns."""
        insist(admin, "fail", HALF_AN_INTERVAL, "cubicl.create.*", "cubicl.access.*")

        assert owner.get("/tasks", params=HALF).status_code == 400
        assert owner.get("/tasks", params={"limit": "-1"}).status_code == 501
        assert owner.post("/tasks", json={"group": ROOT, "name": "A task"}).status_code == 200

    def test_own_words_have_no_rules(self, admin: TestClient, owner: TestClient) -> None:
        """What is not emulated stays what it was."""
        insist(admin, "fail")

        assert "does not emulate" in owner.get("/chat/threads").text

    def test_is_told_in_the_journal(self, admin: TestClient, owner: TestClient) -> None:
        """The rules that such an answer relied on are told as unproven."""
        insist(admin, "fail", "cubicl.list.whole-numbers")

        owner.get("/tasks", params=HALF)
        owner.get("/tasks", params={"limit": "-1"})

        used = {rule["id"]: rule["unproven"] for rule in admin.get("/provenance", params={"used": "true"}).json()["rules"]}
        assert used[HALF_AN_INTERVAL]
        assert not used["cubicl.list.whole-numbers"]
        assert not used["cubicl.errors.bad-request"]
        assert not used["cubicl.errors.bad-request-text"], "the form of every answer does not count"


class TestWarn:
    """A sandbox that tells."""

    def test_each_rule_once(self, admin: TestClient, owner: TestClient, caplog: pytest.LogCaptureFixture) -> None:
        """The answer is as ever; the log has a line the first time that something relies on a rule."""
        insist(admin, "warn")

        with caplog.at_level(logging.WARNING, "understudy"):
            answers = [owner.get("/tasks", params=HALF) for _ in range(2)]

        assert [answer.status_code for answer in answers] == [400, 400]
        says = ledger("cubicl")[HALF_AN_INTERVAL].says
        assert caplog.messages == [f"unverified: default relied on {HALF_AN_INTERVAL} (inferred): {says}"]


class TestPolicy:
    """GET and PUT /__admin/unverified, and sandboxes that are made."""

    def test_default(self, admin: TestClient) -> None:
        """Nothing is insisted on unless somebody says so."""
        assert admin.get("/unverified").json() == {"unverified": "off", "acceptedRules": []}

    def test_settings(self, serve) -> None:
        """The settings are those of every sandbox that says nothing of its own."""
        server = serve(unverified="fail", accepted_rules=["cubicl.list.*"])
        client = server.client("/cubicl/api/v1", Authorization="Bearer cubicl-owner")

        assert server.admin.get("/unverified").json() == {"unverified": "fail", "acceptedRules": ["cubicl.list.*"]}
        assert client.get("/tasks", params=HALF).status_code == 400
        assert client.post("/tasks", json={"group": ROOT, "name": "A task"}).status_code == 501

    def test_partly(self, admin: TestClient) -> None:
        """What is left out stays as it is."""
        insist(admin, "warn", HALF_AN_INTERVAL)

        assert admin.put("/unverified", json={"unverified": "fail"}).json()["acceptedRules"] == [HALF_AN_INTERVAL]
        assert admin.put("/unverified", json={"acceptedRules": []}).json() == {"unverified": "fail", "acceptedRules": []}

    def test_of_a_sandbox(self, server, admin: TestClient) -> None:
        """A sandbox may be made with its own; others know nothing of it, a copy has it, and a reset keeps it."""
        made = admin.post("/sandboxes", json={"name": "strict", "unverified": "fail", "acceptedRules": [HALF_AN_INTERVAL]})
        admin.post("/sandboxes", json={"name": "copy", "from": "strict"})
        strict = server.client("/s/strict/cubicl/api/v1", Authorization="Bearer cubicl-owner")

        assert made.json()["unverified"] == "fail"
        assert strict.get("/tasks", params={"limit": "-1"}).status_code == 501
        assert strict.get("/tasks", params=HALF).status_code == 400
        assert admin.get("/unverified").json()["unverified"] == "off"
        assert admin.get("/sandboxes/copy").json()["unverified"] == "fail"
        assert server.client("/s/strict/__admin").post("/reset").status_code == 200
        assert admin.get("/sandboxes/strict").json()["acceptedRules"] == [HALF_AN_INTERVAL]
        for name in ("strict", "copy"):
            admin.delete(f"/sandboxes/{name}")

    @pytest.mark.parametrize(
        ("body", "field"),
        [
            ({"unverified": "maybe"}, "unverified"),
            ({"acceptedRules": "cubicl.list.*"}, "acceptedRules"),
            ({"acceptedRules": ["cubicl.list.interval-hlaf"]}, "acceptedRules"),
            ({"accepted": []}, "accepted"),
        ],
    )
    @pytest.mark.parametrize("path", ["/unverified", "/sandboxes"])
    def test_bad_body(self, admin: TestClient, path: str, body: dict[str, Any], field: str) -> None:
        """A body that doesn't fit changes nothing, and neither does a pattern that no rule fits."""
        response = admin.request("PUT" if path == "/unverified" else "POST", path, json=body)

        assert response.status_code == 422
        assert field in response.json()["errors"][0]["detail"]
        assert admin.get("/unverified").json() == {"unverified": "off", "acceptedRules": []}


class TestPage:
    """GET /<vendor>/docs/rules."""

    @pytest.mark.parametrize("vendor", VENDORS, ids=lambda vendor: vendor.name)
    def test_every_rule(self, server, vendor: Any) -> None:
        """The page has every operation with its grade and source, and every rule with its own; it loads nothing."""
        page = server.main.get(f"/{vendor.name}/docs/rules")

        assert page.headers["content-type"] == "text/html; charset=utf-8"
        for rule in ledger(vendor.name).values():
            assert f"<code>{rule.id}</code>" in page.text
        operations = {operation for rule in ledger(vendor.name).values() for operation in rule.operations}
        for operation in operations:
            assert f"<h2 id='{operation}'>" in page.text
        assert not any(part in page.text for part in ("src=", "<script", "<link", "@import", "url("))

    def test_is_linked(self, server) -> None:
        """The contract that the server shows leads there, under the prefix that the request came by."""
        shown = server.main.get("/s/default/cubicl/openapi.json").json()

        assert "(/s/default/cubicl/docs/rules)" in shown["info"]["description"]
