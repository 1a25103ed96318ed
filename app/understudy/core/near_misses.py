"""Near misses: which documented operations a request comes nearest to, and in what it differs.

Nearest is what shares most of the path, then the method; headers and parameters come last. A distance is from 0 (nothing of what
the contract asks for is missing) to 1, as in WireMock, whose numbers are others.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher, get_close_matches
from functools import lru_cache
from heapq import nsmallest
from typing import Final

from understudy.core.asked import Asked
from understudy.core.documented import Documented, documented

AT_MOST: Final = 3
LONGEST_SEGMENT: Final = 64
MOST_SEGMENTS: Final = 16
OF_PATH, OF_METHOD, OF_EACH_DIFFERENCE, OF_DIFFERENCES = 0.7, 0.2, 0.02, 0.1


@dataclass(frozen=True)
class NearMiss:
    """An operation that a request comes near, with a `distance` from 0 to 1 and what differs, each a plain sentence."""

    documented: Documented
    distance: float
    differences: Sequence[str]


def near_misses(asked: Asked, vendors: Iterable[str]) -> list[NearMiss]:
    """Return the operations of these vendors that a request comes nearest to, nearest first, at most `AT_MOST`."""
    method = "GET" if asked.method == "HEAD" else asked.method
    segments = tuple(part[:LONGEST_SEGMENT].lower() for part in asked.path.strip("/").split("/", MOST_SEGMENTS)[:MOST_SEGMENTS])
    nearest = [one for vendor in vendors for one in _nearest(vendor, method, segments)]
    misses = [_near_miss(asked, one, distance) for distance, one in nearest]
    return sorted(misses, key=lambda miss: miss.distance)[:AT_MOST]


def _near_miss(asked: Asked, one: Documented, distance: float) -> NearMiss:
    differences = list(_differences(asked, one, _is_there(asked, one)))
    small = min(OF_DIFFERENCES, OF_EACH_DIFFERENCE * len(differences)) if differences else 0.0
    return NearMiss(one, round(min(1.0, distance + small), 4), differences)


@lru_cache(maxsize=2048)
def _nearest(vendor: str, method: str, segments: tuple[str, ...]) -> list[tuple[float, Documented]]:
    """Return a few more operations than are told, by path and method alone."""
    ranked = (
        (OF_PATH * _path_distance(one.segments, segments) + OF_METHOD * (one.method != method), one) for one in documented(vendor)
    )
    return nsmallest(2 * AT_MOST, ranked, key=lambda pair: pair[0])


def _path_distance(wanted: tuple[str, ...], segments: tuple[str, ...]) -> float:
    """Return the edit distance of two paths, segment by segment, as a part of the longer one."""
    row = [float(index) for index in range(len(segments) + 1)]
    for number, want in enumerate(wanted, start=1):
        before, row = row, [float(number)]
        for index, segment in enumerate(segments):
            row.append(min(before[index] + _unlike(want, segment), before[index + 1] + 1, row[index] + 1))
    return row[-1] / max(len(wanted), len(segments))


@lru_cache(maxsize=65_536)
def _unlike(wanted: str, segment: str) -> float:
    if wanted == "{}":
        return 0.01 if segment else 1.0  # a word that an operation has to the letter is nearer than an id
    return 0.0 if wanted == segment else 1.0 - 0.9 * SequenceMatcher(None, wanted, segment).ratio()


def _is_there(asked: Asked, one: Documented) -> bool:
    """Whether a request has the path of an operation."""
    segments = asked.path.strip("/").lower().split("/")
    return len(segments) == len(one.segments) and all(
        want == segment or (want == "{}" and segment != "") for want, segment in zip(one.segments, segments, strict=True)
    )


def _differences(asked: Asked, one: Documented, is_there: bool) -> Iterator[str]:
    if one.operation is None:
        yield "Understudy does not emulate this operation."
    if one.method != asked.method:
        yield f"The method is {asked.method}; the operation takes {one.method}."
    if not is_there:
        yield f"The operation's path is {one.path}."  # not the request's: it may hold a secret
    if one.operation is not None:
        yield from _header_differences(asked, one)
        yield from _parameter_differences(asked, one)
        yield from _body_differences(asked, one)


def _header_differences(asked: Asked, one: Documented) -> Iterator[str]:
    for name in one.required_headers:
        if name.lower() not in asked.headers:
            yield f"The header {name} is missing."
    scheme, blank, _ = asked.headers.get("authorization", [""])[0].partition(" ")
    if one.scheme and scheme and (not blank or scheme.lower() != one.scheme.lower()):
        yield f"The header Authorization does not begin with {one.scheme.capitalize()} and a blank."


def _parameter_differences(asked: Asked, one: Documented) -> Iterator[str]:
    for name in one.required_query:
        if name not in asked.query:
            yield f"The query parameter {name} is missing."
    for name in asked.query:
        if name.partition("[")[0] not in one.query:
            alike = get_close_matches(name, one.query, n=1)
            hint = f"; there is {alike[0]}" if alike else ""
            yield f"The query parameter {name[:LONGEST_SEGMENT]} is not documented{hint}."


def _body_differences(asked: Asked, one: Documented) -> Iterator[str]:
    if one.needs_body and asked.exchange.request_body == b"":
        yield "The body is missing."
    given = asked.content_type.partition(";")[0].strip()
    if asked.exchange.request_body and given and one.media_types and given not in one.media_types:
        yield f"The Content-Type is {given[:LONGEST_SEGMENT]}; the operation takes {' or '.join(one.media_types)}."


def likeness(wanted: str) -> Callable[[str], float]:
    """Return what tells how unlike a text is to `wanted`, from 0 (the same) to 1."""

    @lru_cache(maxsize=4096)
    def unlike(text: str) -> float:
        return 1.0 - SequenceMatcher(None, wanted[:200], text[:200]).ratio()

    return unlike
