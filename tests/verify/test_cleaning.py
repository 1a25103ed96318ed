"""What cases make at a real vendor is removed, whatever happens, and nothing else is touched."""

import httpx2
import pytest

from understudy.verify.running import Run

CASE = """
- case: one
  given: [task, task as other]
  request: GET /tasks/{task}
  expect: {cubicl.a.b: {status: 200}}
"""


@pytest.fixture
def ready(suite, scripted):
    """Return a function that makes a run which may write."""
    scripted.on("POST /tasks", (200, {"id": "t1"}), (200, {"id": "t2"}))
    scripted.on("DELETE /tasks/t1", 200)
    scripted.on("DELETE /tasks/t2", 200)
    scripted.on("GET /tasks/t1", 200)

    def make(cases: str = CASE, **wishes) -> Run:
        return Run(suite=suite(cases), target=scripted.target(), writes=True, **wishes)

    return make


def test_removes_the_latest_first(ready, scripted):
    """All that was made is removed, in the reverse order."""
    run = ready()

    (check,) = run.checks(run.suite.cases[0])

    assert check.result == "agreed"
    assert scripted.lines[-2:] == ["DELETE /tasks/t2", "DELETE /tasks/t1"]
    assert run.left == []


def test_removes_after_a_failed_preparation(ready, scripted):
    """What a preparation made before another one failed is removed."""
    scripted.on("POST /tasks", (200, {"id": "t1"}), 500)
    run = ready()

    (check,) = run.checks(run.suite.cases[0])

    assert check.result == "not-reachable"
    assert scripted.lines[-1] == "DELETE /tasks/t1"


@pytest.mark.parametrize("error", [KeyboardInterrupt(), RuntimeError("a bug of ours")])
def test_removes_when_it_is_broken_off(ready, scripted, error):
    """Ctrl-C and bugs end a case with everything removed."""
    scripted.on("GET /tasks/t1", error)
    run = ready()

    with pytest.raises(type(error)):
        run.checks(run.suite.cases[0])

    assert scripted.lines[-2:] == ["DELETE /tasks/t2", "DELETE /tasks/t1"]


def test_interrupted_while_it_removes(ready, scripted):
    """Ctrl-C during the removal ends the run when everything is removed."""
    scripted.on("DELETE /tasks/t2", KeyboardInterrupt(), 200)
    run = ready()

    with pytest.raises(KeyboardInterrupt):
        run.checks(run.suite.cases[0])

    assert scripted.lines[-3:] == ["DELETE /tasks/t2", "DELETE /tasks/t2", "DELETE /tasks/t1"]
    assert run.left == []


def test_interrupted_once_more(ready, scripted):
    """A second Ctrl-C during the removal ends it, and what is left is told."""
    scripted.on("DELETE /tasks/t2", KeyboardInterrupt())
    run = ready()

    with pytest.raises(KeyboardInterrupt):
        run.checks(run.suite.cases[0])

    assert [(made.made_by, made.reason) for made in run.left] == [("POST /tasks", "interrupted")] * 2


@pytest.mark.parametrize("status", [404, 410])
def test_gone_already(ready, scripted, status):
    """What the case has removed itself is not left behind."""
    scripted.on("DELETE /tasks/t2", status)
    run = ready()

    run.checks(run.suite.cases[0])

    assert run.left == []


def test_what_can_not_be_removed_is_told(ready, scripted):
    """A removal that is refused, or not answered, is told of; the others are carried out."""
    scripted.on("DELETE /tasks/t2", 403)
    scripted.on("DELETE /tasks/t1", httpx2.ReadTimeout("too slow"))
    run = ready()

    run.checks(run.suite.cases[0])

    assert [made.reason for made in run.left] == ["DELETE /tasks/t2 was answered 403", "ReadTimeout: too slow"]


def test_perhaps_made(ready, scripted):
    """Of a creation that was never answered nobody knows; that is told, too."""
    scripted.on("POST /tasks", httpx2.ReadTimeout("too slow"))
    run = ready()

    run.checks(run.suite.cases[0])

    assert [(made.made_by, made.reason) for made in run.left] == [("POST /tasks", "perhaps made: ReadTimeout: too slow")]


def test_never_sent(ready, scripted):
    """What never came to the vendor has made nothing."""
    scripted.on("POST /tasks", httpx2.ConnectError("no route to host"))
    run = ready()

    run.checks(run.suite.cases[0])

    assert run.left == []


def test_made_by_a_case_that_expects_a_refusal(ready, scripted):
    """Where the vendor makes what we expect it to refuse, that is removed as well."""
    run = ready("- {case: one, request: POST /tasks, json: {}, expect: {cubicl.a.b: {status: 400}}}")

    (check,) = run.checks(run.suite.cases[0])

    assert check.result == "differed"
    assert scripted.lines[-1] == "DELETE /tasks/t1"


def test_changes_only_what_it_made(ready, scripted):
    """A record that was only found is not changed."""
    scripted.on("GET /groups", [{"id": "g1"}])
    run = ready("- {case: one, given: [found], request: 'PUT /groups/{found}', json: {}, expect: {cubicl.a.b: {status: 200}}}")

    (check,) = run.checks(run.suite.cases[0])

    assert check.reason == "it would change what it has not made itself"
    assert scripted.lines == ["GET /groups"]


def test_changes_what_it_made(ready, scripted):
    """A record that the case made may be changed."""
    scripted.on("PUT /tasks/t1", 200)
    run = ready("- {case: one, given: [task], request: 'PUT /tasks/{task}', json: {}, expect: {cubicl.a.b: {status: 200}}}")

    assert run.checks(run.suite.cases[0])[0].result == "agreed"


def test_lasting(ready, scripted):
    """What can't be removed is made only with leave, and told then."""
    case = "- {case: one, request: POST /projects, json: {}, expect: {cubicl.a.b: {status: 200}}}"
    scripted.on("POST /projects", {})
    careful, careless = ready(case), ready(case, lasting=True)

    assert careful.checks(careful.suite.cases[0])[0].reason == "it makes what the API can't remove, which --lasting allows"
    assert scripted.lines == []
    assert careless.checks(careless.suite.cases[0])[0].result == "agreed"
    assert [(made.made_by, made.reason) for made in careless.left] == [("POST /projects", "a project")]


def test_limit(ready, scripted):
    """No more records are made than may be."""
    run = ready(limit=1)

    (check,) = run.checks(run.suite.cases[0])

    assert check.reason == "1 records have been made, the most that may be"
    assert scripted.lines == ["POST /tasks", "DELETE /tasks/t1"]
