"""The fields of a group."""

import re
from collections.abc import Mapping
from typing import Any

from understudy.core.provenance import following
from understudy.vendors.cotalker.errors import InvalidValue
from understudy.vendors.cotalker.schemas.bodies import flag, id_or_null, strings
from understudy.vendors.cotalker.schemas.shapes import array, fields_of, filled_text, number, object_ids, or_null, shape, text
from understudy.vendors.cotalker.schemas.values import Check, object_id, one_of

NAME_CODE = re.compile(r"[a-z][_a-z0-9]{2,59}")
DIRECTION = one_of("asc", "desc")


def name_code(name: str, value: object) -> str:
    """Read a group's code: 3 to 60 lower-case letters, digits and underscores, a letter first."""
    if not NAME_CODE.fullmatch(filled_text(name, value)):
        must = "be 3 to 60 lowercase letters, digits and underscores, a letter first"
        raise InvalidValue(name, must, value).by("cotalker.codes.of-workflow-groups")
    return text(name, value)


_action = shape({"_id": object_id, "display": text, "auth": text, "external": flag, "icon": text, "url": text, "weight": number})
_channels = shape({"active": flag, "requiredPermission": object_ids, "requiredPermissionsV2": strings})
_link = shape(
    {
        "auth": text,
        "cmd": text,
        "embedded": flag,
        "external": flag,
        "linkType": one_of("URL", "APK"),
        "requiredPermission": object_ids,
        "requiredPermissionsV2": or_null(strings),
        "tokenKey": text,
        "url": text,
    }
)
_help = shape({"animation": text, "faqUrl": text, "isActive": flag, "onboarding": text, "text": text})

GROUP_FIELDS: Mapping[str, Check] = {
    "nameDisplay": filled_text,
    "nameCode": following(name_code, "cotalker.codes.of-workflow-groups"),
    "isActive": flag,
    "isCategory": flag,
    "nestedGroups": object_ids,
    "parent": id_or_null,
    "weight": number,
    "color": text,
    "icon": text,
    "actions": array(_action, most=1000),
    "createChannels": _channels,
    "link": _link,
    "help": _help,
    "groupBy": id_or_null,
    "groupSort": one_of("weight", "modifiedAt", "createdAt", "a-z"),
    "groupSortDirection": DIRECTION,
    "innerSort": one_of("modifiedAt", "createdAt", "a-z", "lastMessage"),
    "innerSortDirection": DIRECTION,
    "channelsWithoutCategoryLocation": one_of("top", "hide"),
    "hideChannelsByProperties": object_ids,
    "viewSettings": shape({"initialView": one_of("task", "group")}),
}


def new_group(body: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fields of a new group; raise `MissingField` or `InvalidValue`."""
    required = ("nameDisplay", "nameCode")
    return fields_of(body, GROUP_FIELDS, "cotalker.groups.fields", required=required, by="cotalker.groups.required")


def changed_group(body: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fields of a group that are to change; raise `InvalidValue`."""
    return fields_of(body, GROUP_FIELDS, "cotalker.groups.fields")
