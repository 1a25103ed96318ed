"""What GroupCamp accepts where a path names an object."""

from urllib.parse import unquote

from understudy.core.provenance import follow
from understudy.core.vendor import Call
from understudy.vendors.groupcamp.errors import UnusableId
from understudy.vendors.groupcamp.uuids import Kind, NotAUuid, UserName, kind_of, number_of, user_name


def path_id(call: Call, name: str, kind: Kind) -> int:
    """Return the number of the object that an id in the path names; raise `UnusableId`."""
    text = unquote(call.path_params[name])
    try:
        return number_of(kind, text)
    except NotAUuid:
        raise UnusableId(name).by(_why_unusable(text, kind)) from None


def path_user(call: Call, name: str = "User") -> UserName:
    """Return how the path names a user, by Uuid or by address; raise `UnusableId` for what is neither."""
    text = unquote(call.path_params[name])
    try:
        user = user_name(text)
    except NotAUuid:
        raise UnusableId(name).by("groupcamp.ids.neither-id-nor-email") from None
    if isinstance(user, str):
        follow("groupcamp.ids.user-by-email")
        if user != text:
            follow("groupcamp.ids.email-in-capitals")
    return user


def _why_unusable(text: str, kind: Kind) -> str:
    """Return the rule that an id is unusable by."""
    try:
        other = kind_of(text) is not kind
    except NotAUuid:
        other = False
    return "groupcamp.ids.of-another-kind" if other else "groupcamp.ids.malformed"
