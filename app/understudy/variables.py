"""What is wrong with the settings that flags and environment variables give, in plain words."""

import re
from collections.abc import Mapping
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from pydantic import ValidationError

PREFIX: Final = "UNDERSTUDY_"
# What clients read and the server doesn't: where it is.
OF_CLIENTS: Final = frozenset({"UNDERSTUDY_URL"})
OF_VERIFY: Final = "UNDERSTUDY_VERIFY_"  # credentials for `understudy verify`, whose names depend on vendor and role
# Kubernetes tells every container of a namespace where a service called `understudy` is.
OF_KUBERNETES: Final = re.compile(r"UNDERSTUDY_(SERVICE_(HOST|PORT)(_.+)?|PORT_\d+_.+)")

PLAIN: Final = {
    "int_parsing": "{input!r} is not a whole number",
    "int_type": "{input!r} is not a whole number",
    "int_from_float": "{input!r} is not a whole number",
    "float_parsing": "{input!r} is not a number",
    "finite_number": "{input!r} is not a number",
    "bool_parsing": "{input!r} is neither true nor false",
    "less_than_equal": "{input} is more than {le}",
    "less_than": "{input} is not less than {lt}",
    "greater_than_equal": "{input} is less than {ge}",
    "greater_than": "{input} is not more than {gt}",
    "literal_error": "{input!r} is not {expected}",
    "string_too_short": "it is empty",
    "value_error": "{error}",
}


def unknown(environment: Mapping[str, str]) -> list[str]:
    """Return a line for each variable that looks like one of ours and isn't, with the name that was probably meant."""
    from understudy.config import Settings

    known = {f"{PREFIX}{name.upper()}" for name in Settings.model_fields} | OF_CLIENTS
    lines = []
    for name in sorted(environment):
        upper = name.upper()  # as the settings are read, whatever the case
        if not upper.startswith(PREFIX) or upper.startswith(OF_VERIFY) or upper in known or OF_KUBERNETES.fullmatch(upper):
            continue
        near = get_close_matches(upper.removeprefix(PREFIX), (one.removeprefix(PREFIX) for one in sorted(known)), n=1)
        lines.append(f"{name} is no setting of Understudy{f'; is {PREFIX}{near[0]} meant?' if near else ''}")
    return lines


def problems(error: "ValidationError") -> list[str]:
    """Return a line for each setting that does not fit: its name, and what is wrong with it."""
    lines = (f"{'.'.join(map(str, one['loc'])) or 'settings'}: {_plain(one)}" for one in error.errors(include_url=False))
    return list(dict.fromkeys(lines))


def _plain(error: Any) -> str:
    if error["loc"][:1] == ("port",) and str(error["input"]).startswith("tcp://"):
        return f"{error['input']} is Kubernetes' address of a service called understudy; set enableServiceLinks: false"
    template = PLAIN.get(error["type"])
    bounds = {name: f"{bound:.12g}" if isinstance(bound, float) else bound for name, bound in error.get("ctx", {}).items()}
    return template.format(input=error["input"], **bounds) if template else error["msg"]
