"""What GroupCamp accepts where a path names an object."""

from urllib.parse import unquote

from understudy.core.vendor import Call
from understudy.vendors.groupcamp.errors import UnusableId
from understudy.vendors.groupcamp.uuids import Kind, NotAUuid, UserName, number_of, user_name


def path_id(call: Call, name: str, kind: Kind) -> int:
    """Return the number of the object that an id in the path names; raise `UnusableId`."""
    try:
        return number_of(kind, unquote(call.path_params[name]))
    except NotAUuid:
        raise UnusableId(name) from None


def path_user(call: Call, name: str = "User") -> UserName:
    """Return how the path names a user, by Uuid or by address; raise `UnusableId` for what is neither."""
    try:
        return user_name(unquote(call.path_params[name]))
    except NotAUuid:
        raise UnusableId(name) from None
