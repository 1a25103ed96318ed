"""Files of evidence are read as people write them, and what is wrong with one is told in a line."""

import pytest

from understudy.verify.loading import BadEvidence, load
from verify.conftest import GROUND

GOOD = "- {case: one, request: GET /x, expect: {cubicl.a.b: {status: 200}}}"


@pytest.mark.parametrize(
    ("cases", "told"),
    [
        (GOOD.replace("request", "requst"), "some.yaml: one: 'requst' means nothing here; there are admin, as, body,"),
        (GOOD.replace("GET /x", "/x"), "some.yaml: one: request is a method and a path, such as GET /tasks, and not '/x'"),
        (GOOD.replace("GET /x", "'GET /{y}'"), "some.yaml: one: it sends {y}, which nothing before it keeps"),
        (GOOD.replace("status: 200", "text: '{y}'"), "some.yaml: one: it expects {y}, which nothing before it keeps"),
        (GOOD.replace("cubicl.a.b", "groupcamp.a.b"), "some.yaml: one: groupcamp.a.b is no rule of cubicl"),
        (GOOD.replace("cubicl.a.b", "a.b"), "some.yaml: one: 'a.b' is no id of a rule, such as cubicl.state.same-state"),
        (GOOD.replace("status: 200", "json: $idd"), "some.yaml: one: cubicl.a.b: there is no matcher $idd"),
        (GOOD.replace("status: 200", "json: '$/[/'"), "some.yaml: one: cubicl.a.b: there is no matcher $/[/: unterminated"),
        (GOOD.replace("status: 200", "json: {$lengthy: 1}"), "some.yaml: one: cubicl.a.b: there is no matcher $lengthy"),
        (GOOD.replace("{status: 200}", "{}"), "some.yaml: one: cubicl.a.b expects nothing; one of at, empty, header,"),
        (GOOD.replace("request", "given: [nothing], request"), "some.yaml: one: there is no given 'nothing' in _given.yaml, but"),
        (GOOD.replace("request", "as: king, request"), "some.yaml: one: there is no role 'king', but owner, member and nobody"),
        (GOOD.replace("request", "setup: archive, request"), "some.yaml: one: a step has one of request, setup, clock"),
        (f"{GOOD}\n{GOOD}", "some.yaml: one: each case has a name of its own"),
        ("- {case: one, request: GET /x}", "some.yaml: one: it expects nothing of any rule"),
        ("- {case: one, request: GET /{x}}", "some.yaml: while parsing a flow mapping"),
    ],
)  # fmt: skip
def test_mistakes(suite, cases, told):
    """A mistake is named, with file and case."""
    with pytest.raises(BadEvidence) as error:
        suite(cases)

    assert str(error.value).startswith(told)


@pytest.mark.parametrize(
    "claims",
    [
        ("{status: 200}", "{status: 201}"),
        ("{text: a}", "{text: b}"),
        ("{header: {Content-Type: a}}", "{header: {Content-Type: b}}"),
        ("{json: {name: a}}", "{json: {name: b}}"),
        ("{at: {a.b: 1}}", "{at: {a.b: 2}}"),
        ("{json: {$keys: [a]}}", "{json: {$keys: [b]}}"),
    ],
)
def test_two_rules_for_one_thing(suite, claims):
    """Two rules of a step may not expect something of the same thing, for a change would be told of both."""
    first, second = claims

    with pytest.raises(BadEvidence, match="both expect something of"):
        suite(f"- {{case: one, request: GET /x, expect: {{cubicl.a.b: {first}, cubicl.a.c: {second}}}}}")


def test_two_rules_for_two_things(suite):
    """Members, their values and their order may be told by different rules."""
    suite("""
        - case: one
          request: GET /x
          expect:
            cubicl.a.b: {at: {"*.name": {$sorted: .}}}
            cubicl.a.c: {at: {"*.name": {$contains: x}}}
            cubicl.a.d: {json: {$length: 3}}
    """)


def test_plain_texts(suite):
    """Only true and false are truth values; days, dates and times of day are texts."""
    read = suite(
        "- {case: one, request: GET /x, json: [yes, on, true, 2026-06-01, 12:30, 07], expect: {cubicl.a.b: {status: 200}}}"
    )

    assert read.cases[0].steps[0].json == ["yes", "on", True, "2026-06-01", "12:30", 7]


def test_no_source(tmp_path):
    """A case says where it is from."""
    (tmp_path / "_given.yaml").write_text(GROUND)
    (tmp_path / "some.yaml").write_text(f"cases:\n  {GOOD}\n")

    with pytest.raises(BadEvidence, match="it has no source, nor has the file"):
        load("cubicl", tmp_path)


def test_preparations(suite):
    """A shared preparation is done once, again under another name, and with other fields where they are wished for."""
    from understudy.verify.loading import expanded

    read = suite("""
        - case: one
          given: [task, task, task as other: {name: x, size: 3}]
          request: GET /tasks/{other}
          expect: {cubicl.a.b: {status: 200}}
    """)

    first, second = expanded(read.cases[0].given, read.ground, False, "")

    assert (first.keep, first.json) == ({"task": "id"}, {"name": "{unique}"})
    assert (second.keep, second.json) == ({"other": "id"}, {"name": "x", "size": 3})
