"""Readers of query parameters: each returns what one holds or raises `BadRequest`."""

import math
import re
from collections.abc import Collection, Mapping
from typing import TypeVar
from urllib.parse import parse_qsl

from understudy.core.vendor import Call
from understudy.vendors.cubicl.errors import BadRequest

NUMBER = re.compile(r"-?\d+(\.\d+)?([eE][+-]?\d+)?", re.ASCII)
LARGEST = (1 << 63) - 1

FLAG: Mapping[str, bool] = {"true": True, "false": False}

Given = Mapping[str, str]
T = TypeVar("T")


def parameters(call: Call, known: Collection[str]) -> Given:
    """Return the known parameters. A repeated one would reach the vendor as a list, which none of them is (inferred)."""
    raw = call.scope["query_string"]
    given: dict[str, str] = {}
    for name, value in parse_qsl(raw.decode("utf-8", "replace"), keep_blank_values=True) if raw else ():
        if name in given:
            raise BadRequest(f"{name} must be given once")
        if name in known:
            given[name] = value
    return given


def identifier(given: Given, name: str) -> str | None:
    """Read the id of some record; what names nothing is no matter of format."""
    return given.get(name, "").lower() or None


def names(given: Given, name: str) -> frozenset[str] | None:
    """Read a list with commas; None for one with nothing in it."""
    return frozenset(_parts(given, name)) or None


def identifiers(given: Given, name: str) -> list[str]:
    """Read ids with commas between them, each once; there must be one."""
    ids = list(dict.fromkeys(part.lower() for part in _parts(given, name)))
    if not ids:
        raise BadRequest(f"{name} is required")
    return ids


def choice(given: Given, name: str, allowed: Mapping[str, T], *, default: str) -> T:
    """Read one of some words, as what it stands for."""
    value = given.get(name, default)
    if value not in allowed:
        *first, last = allowed
        raise BadRequest(f"{name} must be {', '.join(first)} or {last}")
    return allowed[value]


def whole(given: Given, name: str, default: int = 0) -> int:
    """Read a whole number from 0 up."""
    if name not in given:
        return default
    must = "must be a whole number, 0 or more"
    value = number(given, name, must)
    if value < 0 or value != int(value):
        raise BadRequest(f"{name} {must}")
    return min(int(value), LARGEST)


def number(given: Given, name: str, must: str) -> float:
    """Read a number; `must` is the text for what is none."""
    value = float(given[name]) if NUMBER.fullmatch(given[name]) else math.nan
    if not math.isfinite(value):
        raise BadRequest(f"{name} {must}")
    return value


def _parts(given: Given, name: str) -> list[str]:
    return [part.strip() for part in given.get(name, "").split(",") if part.strip()]
