"""GroupCamp's Uuids: opaque to clients, here made as the one that is known seems to be.

`1cGVyc29uOmdyb3VwLzc3MzA5NDExMzQ5` is `1` and the base64 of `person:group/77309411349`, and that number is 18 x 2^32 + 21. Read
as a format version, an application, a type, an account (18) and an item (21), it gives the recipe. All of the reading is
inferred, and so are the words for every type but the group.
"""

import re
from base64 import b64decode, b64encode
from enum import StrEnum
from typing import Final

from understudy.core.store import Session

ITEM_BITS: Final = 32
# Items below are the recipe's, for records that everybody can rely on.
FIRST_FREE_ITEM: Final = 1000
NUMBER = re.compile("[0-9]{1,20}")
FORM: Final = ("groupcamp.ids.opaque", "groupcamp.ids.recipe", "groupcamp.ids.type-words")
"""What every answer that shows an id follows."""


class Kind(StrEnum):
    """What a Uuid can name, as application and type."""

    GROUP = "person:group"
    USER = "person:user"
    TASK = "task:task"
    TASK_LIST = "task:tasklist"
    MILESTONE = "milestone:milestone"
    TAG = "tag:tag"
    TIMELOG = "track:timelog"
    TIME_CATEGORY = "track:timelogcategory"
    TEAM = "person:team"
    ORGA = "person:orga"
    GROUP_CATEGORY = "person:gcat"


UserName = int | str
"""How a user is named: by the number in a Uuid, or by an e-mail address in small letters."""


class NotAUuid(ValueError):
    """A text is no Uuid, or one of another kind."""


def uuid(kind: Kind, number: int) -> str:
    """Return the Uuid of an object."""
    return "1" + b64encode(f"{kind.value}/{number}".encode()).rstrip(b"=").decode()


def number_of(kind: Kind, text: str) -> int:
    """Return the number in a Uuid of this kind, whether or not there is such an object; raise `NotAUuid`.

    A number is at most twenty digits long, so it may be too large for the database: look at its account first.
    """
    named, _, digits = _decode(text).partition("/")
    if named != kind.value or not NUMBER.fullmatch(digits) or uuid(kind, number := int(digits)) != text:
        raise NotAUuid(text)
    return number


def user_name(text: str) -> UserName:
    """Read a Uuid of a user, or an e-mail address, which an `@` tells; raise `NotAUuid` for what is neither."""
    return text.lower() if "@" in text else number_of(Kind.USER, text)


def kind_of(text: str) -> Kind:
    """Return the kind of object that a Uuid names; raise `NotAUuid`."""
    plain = _decode(text).partition("/")[0]
    if plain not in set(Kind):
        raise NotAUuid(text)
    return Kind(plain)


def account_of(number: int) -> int:
    """Return the account that an object belongs to."""
    return number >> ITEM_BITS


def number_in(account: int, item: int) -> int:
    """Return the number of an item of an account."""
    return (account << ITEM_BITS) + item


def new_number(session: Session, account: int) -> int:
    """Return the number for a new object."""
    return number_in(account, FIRST_FREE_ITEM - 1 + session.number("groupcamp_item"))


def _decode(text: str) -> str:
    """Return what is encoded after the format version."""
    if not text.startswith("1"):
        raise NotAUuid(text)
    encoded = text[1:]
    try:
        return b64decode(encoded + "=" * (-len(encoded) % 4), validate=True).decode("ascii")
    except ValueError:
        raise NotAUuid(text) from None
