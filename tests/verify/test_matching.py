"""What each matcher takes and what it doesn't."""

from dataclasses import replace

import jwt
import pytest

from understudy.verify.filling import Names, Unfilled, fill
from understudy.verify.matching import MATCHERS, WORDS, compare
from understudy.verify.paths import Missing, find
from understudy.verify.verdicts import agreed, differed, outcomes

NOW = 1_796_119_200_000
TOKEN = jwt.encode({"_id": "x"}, "a key that is long enough for this algorithm", algorithm="HS256")

# expected, what fits, what doesn't
MATCHES = [
    (1, 1, 2),
    (1, 1.0, True),
    (True, True, 1),
    ("1", "1", 1),
    (None, None, 0),
    ({"a": 1}, {"a": 1, "b": 2}, {"a": 2}),
    ({"a": {"b": 1}}, {"a": {"b": 1, "c": 2}}, {"a": 1}),
    ([1, {"a": 1}], [1, {"a": 1, "b": 2}], [1]),
    ([], [], [1]),
    ("$$5", "$5", "5"),
    ("$any", None, Missing("x")),
    ("$string", "", 1),
    ("$text", "x", ""),
    ("$number", 1.5, True),
    ("$integer", 1, 1.5),
    ("$boolean", False, 0),
    ("$object", {}, []),
    ("$list", [], {}),
    ("$id", "64b7f0c2a1d3e4f5a6b7c900", "64B7F0C2A1D3E4F5A6B7C900"),
    ("$uuid", "1cGVyc29uOmdyb3VwLzc3MzA5NDExMzQ5", "64b7f0c2"),
    ("$ms", NOW, NOW // 1000),
    ("$iso", "2026-06-01T08:00:00+02:00", "2026-06-01"),
    ("$iso-ms", "2026-06-01T08:00:00.123Z", "2026-06-01T08:00:00Z"),
    ("$iso-s", "2026-06-01T08:00:00Z", "2026-06-01T08:00:00.123Z"),
    ("$date", "2026-06-01", "2026-06-01T08:00:00Z"),
    ("$url", "https://x.test/a", "/a"),
    ("$now", NOW + 4_000, NOW + 6_000),
    ("$now", "2026-12-01T10:00:00Z", "2026-12-01T10:00:06Z"),
    ("$absent", Missing("x"), None),
    ("$/^a.c$/", "abc", "abcd"),
    ({"$one-of": [1, "$text"]}, "x", ""),
    ({"$not": 1}, 2, 1),
    ({"$equals": {"a": 1}}, {"a": 1}, {"a": 1, "b": 2}),
    ({"$equals": [{"a": 1}]}, [{"a": 1}], [{"a": 1, "b": 2}]),
    ({"$keys": ["a", "b?"]}, {"a": 1}, {"a": 1, "c": 1}),
    ({"$keys": ["a", "b?"]}, {"a": 1, "b": 2}, {"b": 1}),
    ({"$has": ["a"]}, {"a": 1, "b": 2}, {"b": 2}),
    ({"$key-order": ["a", "b", "c"]}, {"a": 1, "x": 1, "c": 1}, {"c": 1, "a": 1}),
    ({"$contains": {"a": 1}}, [{"a": 2}, {"a": 1, "b": 2}], [{"a": 2}]),
    ({"$contains": "b"}, "abc", "acd"),
    ({"$contains-all": [1, 2]}, [3, 2, 1], [1]),
    ({"$lacks": 1}, [2], [1]),
    ({"$lacks": "b"}, "acd", "abc"),
    ({"$set": [1, 2]}, [2, 1], [1, 2, 2]),
    ({"$set": [1, 2]}, [2, 1], [1]),
    ({"$each": {"a": 1}}, [{"a": 1}, {"a": 1}], [{"a": 1}, {"a": 2}]),
    ({"$length": 2}, [1, 2], [1]),
    ({"$length": {"$min": 2}}, "ab", "a"),
    ({"$min": 2, "$max": 3}, 3, 4),
    ({"$min": "b"}, "c", "a"),
    ({"$sorted": "a"}, [{"a": 1}, {"a": 1}, {"a": 2}], [{"a": 2}, {"a": 1}]),
    ({"$sorted": "-a"}, [{"a": 2}, {"a": 1}], [{"a": 1}, {"a": 2}]),
    ({"$sorted": ["-a.b", "c"]}, [{"a": {"b": 2}, "c": 1}, {"a": {"b": 2}, "c": 2}], [{"a": {"b": 1}}, {"a": {"b": 2}}]),
    ({"$sorted": "."}, ["a", "b"], ["b", "a"]),
    ({"$near": NOW}, NOW + 4_000, NOW + 6_000),
    ({"$near": [NOW, 10]}, "2026-12-01T10:00:00.010Z", NOW + 11),
    ({"$unique": True}, [1, 2], [1, 1]),
    ({"$jwt": {"_id": "x"}}, TOKEN, "no token"),
    ({"$jwt": {"$keys": ["_id"]}}, TOKEN, None),
    ({"a": 1, "$keys": ["a", "b"]}, {"a": 1, "b": 2}, {"a": 2, "b": 2}),
]  # fmt: skip


@pytest.mark.parametrize(("expected", "fits", "other"), MATCHES)
def test_matchers(expected, fits, other):
    """Each takes what it should and nothing else."""
    assert compare(expected, fits, now=NOW) == []
    assert compare(expected, other, now=NOW) != []


def test_every_matcher_is_tried():
    """No matcher is without a row above."""
    words = {expected for expected, _, _ in MATCHES if isinstance(expected, str)}
    names = {name for expected, _, _ in MATCHES if isinstance(expected, dict) for name in expected}

    assert WORDS.keys() <= words
    assert MATCHERS.keys() <= names


@pytest.mark.parametrize("other", [None, 1, "x", [], {}, [1], {"a": []}])
@pytest.mark.parametrize("expected", [row[0] for row in MATCHES if isinstance(row[0], dict | list)])
def test_values_of_another_kind(expected, other):
    """Whatever a target sends, it is compared and not stumbled over."""
    compare(expected, other, now=NOW)


@pytest.mark.parametrize(
    ("path", "found"),
    [
        ("a.0.b", 1),
        ("a.-1.b", 2),
        ("a.*.b", [1, 2]),
        ("a.*.c", [3]),
        ("a.[b=2].c", 3),
        ("a[b=1]", {"b": 1}),
        ("d.*", [5]),
        (".", {"a": [{"b": 1}, {"b": 2, "c": 3}], "d": {"e": 5}}),
    ],
)
def test_paths(path, found):
    """A path leads to what it says."""
    assert find({"a": [{"b": 1}, {"b": 2, "c": 3}], "d": {"e": 5}}, path) == found


@pytest.mark.parametrize(("path", "member"), [("x", "x"), ("a.5", "5"), ("a.0.c.d", "c"), ("[b=1]", "[b=1]"), ("n.*", "*")])
def test_paths_to_nothing(path, member):
    """A path that leads nowhere tells what is missing."""
    found = find({"a": [{"b": 1}], "n": 1}, path)

    assert isinstance(found, Missing)
    assert found.member == member


class TestNames:
    NAMES = Names({"task": "a/b", "n": 5, "list": [1]}, now=lambda: NOW)

    @pytest.mark.parametrize(
        ("text", "filled"),
        [
            ("{n}", 5),
            ("x{n}", "x5"),
            ("{list}", [1]),
            ("{n+2}", 7),
            ("{now-1}", NOW - 1),
            ("{today}", "2026-12-01"),
            ("{today-1}", "2026-11-30"),
            ("{instant+1000}", "2026-12-01T10:00:01Z"),
            ("{{n}}", "{n}"),
            ('{"a": {"b": 1}}', '{"a": {"b": 1}}'),
            (r"$/^\d{3}$/", r"$/^\d{3}$/"),
            ({"{n}": ["{task}"]}, {5: ["a/b"]}),
        ],
    )
    def test_filled(self, text, filled):
        """Names are replaced by their values."""
        assert fill(text, self.NAMES) == filled

    def test_escaped(self):
        """In a URL a value stays in its place."""
        assert fill("/x/{task}?n={n}", self.NAMES, escape=True) == "/x/a%2Fb?n=5"

    @pytest.mark.parametrize("text", ["{nothing}", "{task+1}"])
    def test_unknown(self, text):
        """A name without a value, and a text that is to be moved, are told."""
        with pytest.raises(Unfilled):
            fill(text, self.NAMES)


def results(*checks, general=()) -> dict[str, str]:
    """Return the last part of each rule's id, and its result."""
    return {rule.rpartition(".")[2]: outcome.result for rule, outcome in outcomes(checks, general=general).items()}


class TestOutcomes:
    def test_one_difference_counts(self):
        """A rule differs if one of its checks does."""
        found = outcomes([agreed("a.b.c"), differed("a.b.c", "x", 1, 2), agreed("a.b.d")])

        assert {rule: outcome.result for rule, outcome in found.items()} == {"a.b.c": "differed", "a.b.d": "agreed"}

    def test_missing_member(self):
        """A member that is missing is told by the rule that lists members; without such a rule, by the others."""
        value = differed("a.b.value", "name", "x", Missing("name"), lacks="name")
        members = differed("a.b.members", "name", "a member", Missing("name"))

        alone, together = outcomes([value]), outcomes([value, members])

        assert alone["a.b.value"].result == "differed"
        assert together["a.b.value"].result == "not-reachable"
        assert together["a.b.members"].result == "differed"

    def test_general_rule(self):
        """What differs just as a general rule does is told of that one alone; what differs otherwise is told."""
        general = differed("a.b.not-found", "status", 404, 400)
        same, other = differed("a.b.same", "status", 404, 400), differed("a.b.other", "status", 404, 500)

        assert results(general, same, other, general=["a.b.not-found"]) == {
            "not-found": "differed",
            "same": "not-reachable",
            "other": "differed",
        }
        assert results(agreed("a.b.not-found"), same, general=["a.b.not-found"]) == {"not-found": "agreed", "same": "differed"}

    def test_case_that_rests_on_a_rule(self):
        """What differs in a case that rests on a rule is told of it only where that rule is as it should be."""
        base, resting = differed("a.b.base", "x", 1, 2), replace(differed("a.b.resting", "y", 1, 2), rests=("a.b.base",))
        further = replace(differed("a.b.further", "z", 1, 2), rests=("a.b.resting",))

        assert results(agreed("a.b.base"), resting) == {"base": "agreed", "resting": "differed"}
        assert results(resting, base) == {"resting": "not-reachable", "base": "differed"}
        assert results(agreed("a.b.base"), resting, further) == {
            "base": "agreed",
            "resting": "differed",
            "further": "not-reachable",
        }

    def test_cases_that_rest_on_each_other(self):
        """Two rules that rest on each other are not both lost."""
        one = replace(differed("a.b.one", "x", 1, 2), rests=("a.b.two",))
        two = replace(differed("a.b.two", "x", 1, 2), rests=("a.b.one",))

        assert sorted(results(one, two).values()) == ["differed", "not-reachable"]
