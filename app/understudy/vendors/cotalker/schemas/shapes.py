"""The kinds of value that stand in bodies: texts, numbers, lists and objects of known keys."""

import re
from collections.abc import Mapping
from typing import Any

from understudy.core.provenance import follow
from understudy.vendors.cotalker.errors import InvalidValue, MissingField
from understudy.vendors.cotalker.schemas.values import Check, object_id

LARGEST_NUMBER = (1 << 53) - 1  # JavaScript counts no further
CODE = re.compile(r"[a-z0-9_]{1,60}")


def text(name: str, value: object) -> str:
    """Read a string, which may be empty."""
    if not isinstance(value, str):
        raise InvalidValue(name, "be a string", value)
    return value


def filled_text(name: str, value: object) -> str:
    """Read a string that is not empty."""
    if not text(name, value):
        raise InvalidValue(name, "not be empty", value)
    return text(name, value)


def number(name: str, value: object) -> int | float:
    """Read a number, as far as JavaScript counts."""
    if not isinstance(value, int | float) or isinstance(value, bool):
        raise InvalidValue(name, "be a number", value)
    if abs(value) > LARGEST_NUMBER:
        raise InvalidValue(name, "be a safe number", value)
    return value


def code(name: str, value: object) -> str:
    """Read a code: at most 60 lower-case letters, digits and underscores."""
    follow("cotalker.codes.form")
    if not CODE.fullmatch(filled_text(name, value)):
        must = "be at most 60 lowercase letters, digits and underscores"
        raise InvalidValue(name, must, value).by("cotalker.codes.form")
    return text(name, value)


def mapping(name: str, value: object) -> dict[str, Any]:
    """Read an object of any keys."""
    if not isinstance(value, dict):
        raise InvalidValue(name, "be of type object", value)
    return value


def array(check: Check, *, most: int | None = None) -> Check:
    """Return a reader of an array whose items `check` reads."""

    def read(name: str, value: object) -> list[Any]:
        if not isinstance(value, list):
            raise InvalidValue(name, "be an array", value)
        if most is not None and len(value) > most:
            raise InvalidValue(name, f"contain at most {most} items", len(value))
        return [check(f"{name}[{position}]", item) for position, item in enumerate(value)]

    return read


def shape(fields: Mapping[str, Check], *, required: tuple[str, ...] = (), by: str | None = None) -> Check:
    """Return a reader of an object of known keys; unknown ones are left out, as Mongoose does. `by` is as for `known`."""

    def read(name: str, value: object) -> dict[str, Any]:
        found = mapping(name, value)
        return known(found, fields, required=required, within=f"{name}.", by=by)

    return read


def known(
    body: Mapping[str, Any],
    fields: Mapping[str, Check],
    *,
    required: tuple[str, ...] = (),
    within: str = "",
    by: str | None = None,
) -> dict[str, Any]:
    """Return the known fields of an object, read, in the order of `fields`; raise `MissingField` or `InvalidValue`.

    Field by field, so that the first one that is missing or doesn't fit is the one that is named. `by` is the rule that says
    which are required.
    """
    found = {}
    for name, check in fields.items():
        if name in body:
            found[name] = check(f"{within}{name}", body[name])
        elif name in required:
            refusal = MissingField(f"{within}{name}")
            raise refusal.by(by) if by else refusal
    return found


def fields_of(
    body: Mapping[str, Any], fields: Mapping[str, Check], rule: str, *, required: tuple[str, ...] = (), by: str | None = None
) -> dict[str, Any]:
    """Return the known fields of a record, as `known` does; `rule` is the one that says which there are."""
    found = known(body, fields, required=required, by=by)
    if len(found) > len(required):
        follow(rule)
    if len(found) < len(body):
        follow("cotalker.records.managed-fields")
    return found


def or_null(check: Check) -> Check:
    """Return a reader that also takes null."""
    return lambda name, value: None if value is None else check(name, value)


object_ids = array(object_id, most=10_000)
"""Reads an array of ObjectIds; the bound is inferred."""
