"""What GroupCamp accepts in the bodies of its POST requests.

A body is a JSON object. A field that is not known is ignored, as the vendor's own client still sends a withdrawn one. A field
that is sent has to be of its type; null is of none.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from understudy.core.provenance import follow, following
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
    readers = {**PROJECT, "template": _template}
    return ProjectBody(**_fields(json_object(call), readers, by="groupcamp.projects.name-needed"))


def read_project(call: Call) -> ProjectBody:
    """Return the body of a change of a project, where a template is no field; raise as `read_new_project`."""
    sent = json_object(call)
    if "template" in sent:
        follow("groupcamp.templates.none-in-a-change")
    return ProjectBody(**_fields(sent, PROJECT, by="groupcamp.projects.name-needed"))


def read_orga(call: Call) -> OrgaBody:
    """Return the body of a company; raise as `read_new_project`."""
    return OrgaBody(**_fields(json_object(call), ORGA, by="groupcamp.orgas.name-needed"))


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
    sent: Mapping[str, Any], readers: Mapping[str, FieldReader], *, required: str = "name", of: str = "", by: str
) -> dict[str, Any]:
    """Return the known fields, read in the order of `readers`; a field of the object `of` is called `<of>.<name>` (inferred).

    `by` is the rule that makes `required` so.
    """
    if required not in sent:
        raise BadField(of + required, "missing").by(by)
    if sent.keys() - readers.keys():
        follow("groupcamp.bodies.unknown-fields")
    return {name: reader(of + name, sent[name]) for name, reader in readers.items() if name in sent}


def _invalid(field: str, value: Any) -> BadField:
    """Return the refusal of a value that is not of its field's type."""
    refusal = BadField(field, "invalid")
    return refusal.by("groupcamp.bodies.null") if value is None else refusal


def _text(field: str, value: Any) -> str:
    if not isinstance(value, str):
        raise _invalid(field, value)
    return value


def _some_text(field: str, value: Any) -> str:
    if not _text(field, value):
        raise BadField(field, "invalid").by("groupcamp.bodies.empty-name")
    return str(value)


def _flag(field: str, value: Any) -> bool:
    """Read a Boolean; the vendor's clients send 1 for true in some places."""
    if isinstance(value, bool):
        return value
    if isinstance(value, int) and value in (0, 1):
        follow("groupcamp.types.boolean-in-bodies")
        return value == 1
    raise _invalid(field, value)


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
    if "@" in _text(field, value):
        follow("groupcamp.projects.people-by-address")
    try:
        return user_name(value)
    except NotAUuid:
        raise BadField(field, "invalid") from None


def _each(reader: FieldReader) -> FieldReader:
    def read(field: str, value: Any) -> list[Any]:
        if not isinstance(value, list):
            raise _invalid(field, value)
        return [reader(field, one) for one in value]

    return read


def _files(field: str, value: Any) -> dict[str, bool]:
    """Read which files are copied: both kinds of them lie in folders, so they need these."""
    if not isinstance(value, dict):
        raise _invalid(field, value)
    flags = {name: _flag(f"{field}.{name}", value[name]) for name in ("folders", "owned", "others") if name in value}
    if (flags.get("owned") or flags.get("others")) and not flags.get("folders"):
        raise BadField(f"{field}.folders", "missing").by(
            "groupcamp.templates.files-need-folders", "groupcamp.templates.files-without-folders"
        )
    return flags


def _template(field: str, value: Any) -> Template:
    if not isinstance(value, dict):
        raise _invalid(field, value)
    return Template(**_fields(value, TEMPLATE, required="id", of=f"{field}.", by="groupcamp.templates.template"))


PROJECT: Mapping[str, FieldReader] = {
    "name": _some_text,
    "external_ref": following(_text, "groupcamp.projects.external-ref"),
    "project_code": following(_text, "groupcamp.projects.project-code"),
    "description": following(_text, "groupcamp.projects.description"),
    "category_name": following(_text, "groupcamp.projects.category"),
    "tags_names": following(_each(_some_text), "groupcamp.projects.tags"),
    "leader1": following(_user, "groupcamp.projects.leaders"),
    "leader2": following(_user, "groupcamp.projects.leaders"),
    "managers": following(_each(_user), "groupcamp.projects.managers"),
    "subtype": following(_word("internal", "customer"), "groupcamp.projects.subtype"),
    "orga": _an_id(Kind.ORGA),
    "access": following(_word("invite", "open"), "groupcamp.projects.access"),
    "with_guests": following(_flag, "groupcamp.projects.with-guests"),
}
TEMPLATE: Mapping[str, FieldReader] = {
    "id": following(_an_id(Kind.GROUP), "groupcamp.templates.template"),
    "members": _flag,
    "track": _flag,
    "topics": following(_flag, "groupcamp.templates.topics-and-files"),
    "files": following(_files, "groupcamp.templates.topics-and-files"),
}
ORGA: Mapping[str, FieldReader] = {"name": _some_text, "description": _text}
