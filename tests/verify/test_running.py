"""What a case says about its rules: agreed, differed, or not reachable, and why."""

import httpx2

from verify.conftest import CUBICL

SHAPE = """
- case: one
  request: GET /tasks
  expect:
    cubicl.list.status: {status: 200}
    cubicl.list.name: {at: {0.name: first}}
    cubicl.list.fields: {at: {"0": {$keys: [id, name]}}}
"""


def results(checks) -> dict[str, str]:
    """Return what became of each rule."""
    return {check.rule.partition(".")[2]: check.result for check in checks}


class TestExpectations:
    def test_agreed(self, run, scripted):
        """An answer that is as expected agrees with all rules."""
        scripted.on("GET /tasks", [{"id": 1, "name": "first"}])

        assert results(run(SHAPE)) == {"list.status": "agreed", "list.name": "agreed", "list.fields": "agreed"}

    def test_only_the_rule_differs(self, run, scripted):
        """Another value is told of the one rule that expects it, with what was found."""
        scripted.on("GET /tasks", [{"id": 1, "name": "second"}])

        checks = run(SHAPE)

        assert results(checks) == {"list.status": "agreed", "list.name": "differed", "list.fields": "agreed"}
        assert checks[1].explanation == '0.name is "second" and not "first" [GET /tasks]'

    def test_another_status(self, run, scripted):
        """Where the status is another, only the rule that expects one differs; the rest is not reachable."""
        scripted.on("GET /tasks", (500, [{"id": 1, "name": "second"}]))

        checks = run(SHAPE)

        assert results(checks) == {"list.status": "differed", "list.name": "not-reachable", "list.fields": "not-reachable"}
        assert checks[1].reason == 'answered 500 ([{"id":1,"name":"second"}]) and not 200'

    def test_condition_on_the_status(self, run, scripted):
        """A status that no rule of the step tells of is a condition."""
        case = "- {case: one, request: GET /tasks, status: 422, expect: {cubicl.list.text: {text: No}}}"
        scripted.on("GET /tasks", httpx2.Response(422, text="No"), 200)

        assert results(run(case)) == {"list.text": "agreed"}
        assert results(run(case)) == {"list.text": "not-reachable"}

    def test_too_little_to_tell(self, run, scripted):
        """An empty list says nothing about each item, nor a list of one about the order."""
        scripted.on("GET /tasks", [])

        checks = run("""
            - case: one
              request: GET /tasks
              expect:
                cubicl.list.each: {json: {$each: {state: open}}}
                cubicl.list.order: {json: {$sorted: name}}
        """)

        assert results(checks) == {"list.each": "not-reachable", "list.order": "not-reachable"}

    def test_no_json(self, run, scripted):
        """A body that is no JSON differs from what is expected of it."""
        scripted.on("GET /tasks", httpx2.Response(200, text="<html>"))

        checks = run("- {case: one, request: GET /tasks, expect: {cubicl.list.name: {at: {0.name: first}}}}")

        assert checks[0].explanation == 'body is "<html>" and not "JSON" [GET /tasks]'


class TestPreparation:
    CASE = """
    - case: one
      given: [found]
      request: GET /groups/{found}
      expect: {cubicl.list.name: {json: {name: x}}}
      then:
        - {request: GET /next, expect: {cubicl.list.next: {status: 200}}}
    """

    def test_keeps_what_it_finds(self, run, scripted):
        """What a preparation keeps is filled in."""
        scripted.on("GET /groups", [{"id": "a/b"}])
        scripted.on("GET /groups/a/b", {"name": "x"})
        scripted.on("GET /next", {})

        assert results(run(self.CASE)) == {"list.name": "agreed", "list.next": "agreed"}
        assert scripted.asked[1].url.raw_path == b"/groups/a%2Fb"

    def test_refused(self, run, scripted):
        """Where a preparation is refused, nothing after it is reachable, and nothing more is sent."""
        scripted.on("GET /groups", 403)

        checks = run(self.CASE)

        assert results(checks) == {"list.name": "not-reachable", "list.next": "not-reachable"}
        assert checks[0].reason == "its preparation GET /groups was answered 403"
        assert scripted.lines == ["GET /groups"]

    def test_finds_nothing(self, run, scripted):
        """An account without data lets a case be out of reach."""
        scripted.on("GET /groups", [])

        assert run(self.CASE)[0].reason == "its preparation GET /groups: the answer has no '0'"

    def test_told_by_the_user(self, run, scripted):
        """What the user has told is not looked for."""
        scripted.on("GET /groups/7", {"name": "x"})
        scripted.on("GET /next", {})

        assert results(run(self.CASE, given={"found": "7"})) == {"list.name": "agreed", "list.next": "agreed"}
        assert scripted.lines == ["GET /groups/7", "GET /next"]

    def test_found_once(self, suite, scripted):
        """At a vendor the same thing is looked for once in a run."""
        from understudy.verify.running import Run

        scripted.on("GET /groups", [{"id": "7"}])
        read = suite(self.CASE + self.CASE.replace("case: one", "case: two"))
        run = Run(suite=read, target=scripted.target())

        for case in read.cases:
            run.checks(case)

        assert scripted.lines.count("GET /groups") == 1

    def test_step_after_a_failure(self, run, scripted):
        """Steps after one that was not answered as it should be are not reachable."""
        scripted.on("GET /groups", [{"id": "7"}])

        checks = run(self.CASE)

        assert results(checks) == {"list.name": "not-reachable", "list.next": "not-reachable"}
        assert scripted.lines == ["GET /groups", "GET /groups/7"]


class TestOutOfReach:
    def test_unknown_name(self, run):
        """A name that only the user can know is asked for."""
        (check,) = run("- {case: one, given: [group], request: 'GET /x/{group}', expect: {cubicl.a.b: {status: 200}}}")

        assert check.reason == "group is not known; --set group=… (id of a group)"

    def test_role_without_credentials(self, run, scripted):
        """A role for which the user has no credentials can't be played."""
        (check,) = run("- {case: one, as: member, request: GET /x, expect: {cubicl.a.b: {status: 200}}}")

        assert (check.result, check.reason) == ("not-reachable", "no credentials of member")
        assert scripted.lines == []

    def test_set_up(self, run, scripted):
        """A vendor takes no set-up action."""
        (check,) = run("- {case: one, given: [{clock: PT1H}], request: GET /x, expect: {cubicl.a.b: {status: 200}}}")

        assert check.reason == "only an Understudy can be prepared for it"
        assert scripted.lines == []

    def test_settings(self, run):
        """Another setting needs a server of our own."""
        (check,) = run("- {case: one, settings: {rate_limits: true}, request: GET /x, expect: {cubicl.a.b: {status: 429}}}")

        assert check.reason == "needs a server of our own with another rate_limits"

    def test_silence(self, run, scripted):
        """A target that does not answer is told of without a traceback."""
        scripted.on("GET /x", httpx2.ConnectError("no route to host"))

        (check,) = run("- {case: one, request: GET /x, expect: {cubicl.a.b: {status: 200}}}")

        assert (check.result, check.reason) == ("not-reachable", "ConnectError: no route to host")

    def test_prepared_otherwise(self, run):
        """What the user tells does not stand for something that the case wants otherwise."""
        case = "- {case: one, given: [group: {states: [x]}], request: GET /x, expect: {cubicl.a.b: {status: 200}}}"

        (check,) = run(case, given={"group": "7"})

        assert check.reason == "only an Understudy can be prepared for it"

    def test_prepared_by_the_case(self, run):
        """Nor for something that the case prepares itself."""
        case = "- {case: one, given: [{setup: a, keep: {group: b}}], request: GET /x, expect: {cubicl.a.b: {status: 200}}}"

        (check,) = run(case, given={"group": "7"})

        assert check.reason == "only an Understudy can be prepared for it"


class TestReadOnly:
    def test_writes_nothing(self, run, scripted):
        """Without leave to write, no request is sent that could."""
        (check,) = run("- {case: one, given: [task], request: 'GET /tasks/{task}', expect: {cubicl.a.b: {status: 200}}}")

        assert check.reason == "it writes, which --write allows"
        assert scripted.lines == []

    def test_harmless(self, run, scripted):
        """What can't change anything is sent all the same: searches, and what a case says to be harmless."""
        scripted.on("POST /search", {})

        (check,) = run("""
            - case: one
              given: [{request: POST /search}]
              request: DELETE /tasks/{nobody}
              harmless: true
              expect: {cubicl.a.b: {status: 404}}
        """)

        assert check.result == "agreed"


class TestPoliteness:
    CASE = "- {case: one, request: GET /x, expect: {cubicl.a.b: {status: 200}}}"

    def test_waits_as_long_as_it_is_told(self, run, scripted):
        """After a 429 with Retry-After it waits so long, and tries again."""
        scripted.on("GET /x", httpx2.Response(429, headers={"Retry-After": "7"}), 200)

        assert results(run(self.CASE)) == {"a.b": "agreed"}
        assert scripted.waited == [7.0]

    def test_gives_up(self, run, scripted):
        """It tries three times at most, and never waits longer than a minute."""
        scripted.on("GET /x", 429)

        assert run(self.CASE)[0].reason == "answered 429, too many requests, again and again"
        assert scripted.waited == [20.0, 40.0]

    def test_too_long_a_wait(self, run, scripted):
        """A vendor that wants it to wait an hour is left alone."""
        scripted.on("GET /x", httpx2.Response(429, headers={"Retry-After": "3600"}))

        assert run(self.CASE)[0].result == "not-reachable"
        assert scripted.waited == []

    def test_a_429_that_is_expected(self, run, scripted):
        """Where the 429 is what is looked for, it is the answer."""
        scripted.on("GET /x", 429)

        assert results(run(self.CASE.replace("200", "429"))) == {"a.b": "agreed"}
        assert scripted.waited == []

    def test_pace(self, suite, scripted):
        """Between two requests there is the pause that was asked for."""
        from understudy.verify.running import Run

        read = suite("- {case: one, request: GET /x, times: 3, expect: {cubicl.a.b: {status: 404}}}")

        Run(suite=read, target=scripted.target(delay=30.0)).checks(read.cases[0])

        assert len(scripted.waited) == 3
        assert all(29 < seconds <= 30 for seconds in scripted.waited[1:])


class TestCredentials:
    def test_shown_to_the_target(self, run, scripted):
        """The role's credential is shown, and nobody shows none."""
        case = "- {case: one, request: GET /x, as: ROLE, expect: {cubicl.a.b: {status: 404}}}"

        run(case.replace("ROLE", "owner"))
        run(case.replace("ROLE", "nobody"))

        assert scripted.asked[0].headers["authorization"] == "Bearer s3cret-token"
        assert "authorization" not in scripted.asked[1].headers

    def test_shown_to_nobody_else(self, run, scripted):
        """An address of somebody else that an answer gives is asked without credentials, be it one that begins alike."""
        scripted.on("GET /groups", [{"id": "https://vendor.test.evil.test/file"}])
        scripted.on("GET /file", 200)

        checks = run('- {case: one, given: [found], request: "GET {found}", expect: {cubicl.a.b: {status: 200}}}')

        assert checks[0].result == "agreed"
        assert scripted.asked[1].url.host == "vendor.test.evil.test"
        assert "authorization" not in scripted.asked[1].headers

    def test_left_out_and_replaced(self, run, scripted):
        """A case can leave a header out or write another."""
        run("""
            - case: one
              request: GET /x
              headers: {Authorization: null, X-Twice: [a, b]}
              expect: {cubicl.a.b: {status: 404}}
        """)

        assert "authorization" not in scripted.asked[0].headers
        assert scripted.asked[0].headers.get_list("x-twice") == ["a", "b"]

    def test_masked(self, run, scripted):
        """A target that echoes a credential does not bring it into the report, however it writes it."""
        scripted.on("GET /x", {"echo": "s3cret-token", "list": ["Bearer s3cret-token"]})

        (check,) = run("- {case: one, request: 'GET /x?t={credential.token}', expect: {cubicl.a.b: {json: {echo: y, list: z}}}}")

        assert check.result == "differed"
        assert "s3cret" not in repr(check)
        assert check.request == "GET /x?t=***"


class TestKind:
    CASE = "- {case: one, request: GET /x, expect: {cubicl.a.b: {status: 200}}}"

    def report(self, suite, scripted):
        """Return the report of a run of one case."""
        from understudy.verify.session import Wishes, verify

        target = scripted.target()
        return verify(suite(self.CASE), CUBICL, Wishes(), lambda case: target)

    def test_account(self, suite, scripted):
        """What is no server of ours is an account, and proves something about the vendor."""
        scripted.on("GET /x", 200)

        assert self.report(suite, scripted).kind == "account"

    def test_server_of_ours(self, suite, scripted):
        """A server of ours is recognised by its answers wherever it stands, and proves nothing."""
        scripted.on("GET /x", httpx2.Response(200, headers={"X-Understudy-Request": "7"}))

        assert self.report(suite, scripted).kind == "understudy"
