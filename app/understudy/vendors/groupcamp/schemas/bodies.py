"""What GroupCamp accepts in the bodies of its POST requests.

A body is a JSON object. A field that is not known is ignored, as the vendor's own client still sends a withdrawn one. A field
that is sent has to be of its type; null is of none (inferred).
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from understudy.core.vendor import Call
from understudy.vendors.groupcamp.errors import BadField, BadJSON
from understudy.vendors.groupcamp.uuids import Kind, NotAUuid, UserName, number_of, user_name

FieldReader = Callable[[str, Any], Any]


@dataclass(frozen=True)
class Template:
    """The group that a new project is made like; with `members`, `track` and `topics`, these are copied too."""

    id: int
    members: bool = False
    track: bool = False
    topics: bool = False
    files: Mapping[str, bool] | None = None


@dataclass(frozen=True)
class ProjectBody:
    """A project as a client wants it; None for what was not sent. Users stand by number or address."""

    name: str
    external_ref: str | None = None
    project_code: str | None = None
    description: str | None = None
    category_name: str | None = None
    tags_names: Sequence[str] | None = None
    leader1: UserName | None = None
    leader2: UserName | None = None
    managers: Sequence[UserName] | None = None
    subtype: str | None = None
    orga: int | None = None
    access: str | None = None
    with_guests: bool | None = None
    template: Template | None = None


@dataclass(frozen=True)
class OrgaBody:
    """A company as a client wants it; None for what was not sent."""

    name: str
    description: str | None = None


def read_new_project(call: Call) -> ProjectBody:
    """Return the body of a new project; raise `BadJSON` or `BadField`."""
    return ProjectBody(**_fields(json_object(call), {**PROJECT, "template": _template}))


def read_project(call: Call) -> ProjectBody:
    """Return the body of a change of a project, where a template is no field; raise as `read_new_project`."""
    return ProjectBody(**_fields(json_object(call), PROJECT))


def read_orga(call: Call) -> OrgaBody:
    """Return the body of a company; raise as `read_new_project`."""
    return OrgaBody(**_fields(json_object(call), ORGA))


def json_object(call: Call) -> dict[str, Any]:
    """Return the body as a JSON object; raise `BadJSON`."""
    try:
        parsed = orjson.loads(call.content)
    except orjson.JSONDecodeError:
        raise BadJSON from None
    if not isinstance(parsed, dict):
        raise BadJSON
    return parsed


def _fields(
    sent: Mapping[str, Any], readers: Mapping[str, FieldReader], *, required: str = "name", of: str = ""
) -> dict[str, Any]:
    """Return the known fields, read in the order of `readers`; a field of the object `of` is called `<of>.<name>` (inferred)."""
    if required not in sent:
        raise BadField(of + required, "missing")
    return {name: reader(of + name, sent[name]) for name, reader in readers.items() if name in sent}


def _text(field: str, value: Any) -> str:
    if not isinstance(value, str):
        raise BadField(field, "invalid")
    return value


def _some_text(field: str, value: Any) -> str:
    if not _text(field, value):
        raise BadField(field, "invalid")
    return str(value)


def _flag(field: str, value: Any) -> bool:
    """Read a Boolean; the vendor's clients send 1 for true in some places."""
    if isinstance(value, bool):
        return value
    if isinstance(value, int) and value in (0, 1):
        return value == 1
    raise BadField(field, "invalid")


def _word(*allowed: str) -> FieldReader:
    def read(field: str, value: Any) -> str:
        if _text(field, value) not in allowed:
            raise BadField(field, "invalid")
        return str(value)

    return read


def _an_id(kind: Kind) -> FieldReader:
    def read(field: str, value: Any) -> int:
        try:
            return number_of(kind, _text(field, value))
        except NotAUuid:
            raise BadField(field, "invalid") from None

    return read


def _user(field: str, value: Any) -> UserName:
    try:
        return user_name(_text(field, value))
    except NotAUuid:
        raise BadField(field, "invalid") from None


def _each(reader: FieldReader) -> FieldReader:
    def read(field: str, value: Any) -> list[Any]:
        if not isinstance(value, list):
            raise BadField(field, "invalid")
        return [reader(field, one) for one in value]

    return read


def _files(field: str, value: Any) -> dict[str, bool]:
    """Read which files are copied: both kinds of them lie in folders, so they need these."""
    if not isinstance(value, dict):
        raise BadField(field, "invalid")
    flags = {name: _flag(f"{field}.{name}", value[name]) for name in ("folders", "owned", "others") if name in value}
    if (flags.get("owned") or flags.get("others")) and not flags.get("folders"):
        raise BadField(f"{field}.folders", "missing")
    return flags


def _template(field: str, value: Any) -> Template:
    if not isinstance(value, dict):
        raise BadField(field, "invalid")
    return Template(**_fields(value, TEMPLATE, required="id", of=f"{field}."))


PROJECT: Mapping[str, FieldReader] = {
    "name": _some_text,
    "external_ref": _text,
    "project_code": _text,
    "description": _text,
    "category_name": _text,
    "tags_names": _each(_some_text),
    "leader1": _user,
    "leader2": _user,
    "managers": _each(_user),
    "subtype": _word("internal", "customer"),
    "orga": _an_id(Kind.ORGA),
    "access": _word("invite", "open"),
    "with_guests": _flag,
}
TEMPLATE: Mapping[str, FieldReader] = {
    "id": _an_id(Kind.GROUP),
    "members": _flag,
    "track": _flag,
    "topics": _flag,
    "files": _files,
}
ORGA: Mapping[str, FieldReader] = {"name": _some_text, "description": _text}
