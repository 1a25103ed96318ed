"""Readers of query parameters: each returns what one holds or raises `BadRequest`."""

import math
import re
from collections.abc import Collection, Mapping
from typing import TypeVar
from urllib.parse import parse_qsl

from understudy.core.provenance import follow
from understudy.core.vendor import Call
from understudy.vendors.cubicl.errors import BadRequest

NUMBER = re.compile(r"-?\d+(\.\d+)?([eE][+-]?\d+)?", re.ASCII)
LARGEST = (1 << 63) - 1

FLAG: Mapping[str, bool] = {"true": True, "false": False}

Given = Mapping[str, str]
T = TypeVar("T")


def parameters(call: Call, known: Collection[str]) -> Given:
    """Return the known parameters."""
    raw = call.scope["query_string"]
    given: dict[str, str] = {}
    sent = parse_qsl(raw.decode("utf-8", "replace"), keep_blank_values=True) if raw else ()
    for name, value in sent:
        if name in given:
            raise BadRequest(f"{name} must be given once").by("cubicl.protocol.repeated-parameter")
        if name in known:
            given[name] = value
    if len(given) < len(sent):
        follow("cubicl.protocol.unknown-parameters")
    return given


def text(given: Given, name: str) -> str | None:
    """Read a text; an empty one is none."""
    if given.get(name) == "":
        follow("cubicl.protocol.empty-parameter")
    return given.get(name) or None


def identifier(given: Given, name: str) -> str | None:
    """Read the id of some record; what names nothing is no matter of format."""
    found = text(given, name)
    return None if found is None else found.lower()


def names(given: Given, name: str) -> frozenset[str] | None:
    """Read a list with commas; None for one with nothing in it."""
    return frozenset(_parts(given, name)) or None


def identifiers(given: Given, name: str) -> list[str]:
    """Read ids with commas between them, each once; there must be one."""
    ids = list(dict.fromkeys(part.lower() for part in _parts(given, name)))
    if not ids:
        raise BadRequest(f"{name} is required").by("cubicl.users.ids-required")
    return ids


def choice(given: Given, name: str, allowed: Mapping[str, T], rule: str, *, default: str) -> T:
    """Read one of some words, as what it stands for; any other is refused by `rule`."""
    value = given.get(name, default)
    if value not in allowed:
        *first, last = allowed
        raise BadRequest(f"{name} must be {', '.join(first)} or {last}").by(rule)
    return allowed[value]


def whole(given: Given, name: str, default: int = 0) -> int:
    """Read a whole number from 0 up."""
    if name not in given:
        return default
    must = "must be a whole number, 0 or more"
    value = number(given, name, must, "cubicl.list.whole-numbers")
    if value < 0 or value != int(value):
        raise BadRequest(f"{name} {must}").by("cubicl.list.whole-numbers")
    return min(int(value), LARGEST)


def number(given: Given, name: str, must: str, rule: str) -> float:
    """Read a number; `must` is the text for what is none, which is refused by `rule`."""
    value = float(given[name]) if NUMBER.fullmatch(given[name]) else math.nan
    if not math.isfinite(value):
        raise BadRequest(f"{name} {must}").by(rule)
    return value


def _parts(given: Given, name: str) -> list[str]:
    return [part.strip() for part in given.get(name, "").split(",") if part.strip()]
