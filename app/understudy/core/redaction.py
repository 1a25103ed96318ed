"""Takes secrets out of what is shown of an exchange: whoever reads a journal or the console sees that there was one, not which.

Decision: an exchange is kept as it was and masked each time it is shown. Why: noting stays cheap, and a test may still ask for a
token by `equalTo`, which tells nothing to who doesn't know it. What is secret is told by its name, not by its value, so that it
holds for credentials of any world; a room adds the parts of its paths that are as good as a token (`Vendor.secret_paths`).
Refused: masking what is noted; a list of known tokens, which the next token isn't on.
"""

import json
import re
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any, Final
from urllib.parse import unquote, unquote_plus

from understudy.core.asked import FORM

MASK: Final = "***"

_NAME: Final = re.compile(
    r".*(?:passw(?:or)?d|passphrase|pwd|secret|apikey|secretkey|privatekey|signingkey|accesskey)"
    r"(?:s|\d+|hash|confirm|confirmation|again|repeat|value)?"
    r"|.*(?:tokens?|tokenkey|cookies?|jwts?|credentials?|authorization)|signature|otp|session|sessionid"
)
_HINTS: Final = (
    "passw", "passphrase", "pwd", "secret", "apikey", "privatekey", "signingkey", "accesskey", "token", "cookie", "jwt",
    "credential", "authorization", "signature", "otp", "session",
)  # fmt: skip
_BRACKETS: Final = re.compile(r"[\[\]]+")
_HARMLESS: Final = frozenset({"nextpagetoken", "pagetoken", "continuationtoken"})

SCHEME: Final = re.compile(r"[A-Za-z]{1,12}")
_ESCAPED: Final = "\\u"
# For texts that can't be parsed: a name, a colon or equals sign, and what follows up to the next comma, ampersand or line break.
_LOOSE: Final = re.compile(r"(?<![\w.-])([\"']?)([\w.-]{2,64})\1(\s*[:=]\s*)(\"(?:[^\"\\]|\\.)*\"?|'[^']*'?|[^\s,&;}\]]+)")
_PART: Final = re.compile(
    r"(name=\"?([^\";\r\n]+)\"?[^\r\n]{0,500}(?:\r?\n[^\r\n]{1,500}){0,8}\r?\n\r?\n)(.*?)(?=\r?\n--|\Z)", re.DOTALL
)
_PARAMETER: Final = re.compile(r"(^|[?&;])([^=&;?#]*)=([^&;#]*)")
_URL_HEADERS: Final = frozenset({"referer", "location", "content-location", "link", "origin"})


@lru_cache(maxsize=4096)
def is_secret(name: str) -> bool:
    """Whether what goes by this name (a member, parameter, header, column or cookie) is a secret.

    In a name with brackets, as forms write what is nested (`user[password]`, `tokens[0]`), each part is looked at.
    """
    return any(bare not in _HARMLESS and _NAME.fullmatch(bare) is not None for bare in _BRACKETS.split(_bare(name)))


def _bare(text: str) -> str:
    return text.lower().replace("-", "").replace("_", "").replace(" ", "")


def _may_name_secrets(text: str) -> bool:
    """Whether it is worth a closer look; a search for each word is many times as fast as one expression for all."""
    bare = _bare(text)
    return _ESCAPED in text or any(hint in bare for hint in _HINTS)


class Redaction:
    """Masks the secrets of one vendor's exchanges."""

    def __init__(self, secret_paths: re.Pattern[str] | None = None, keys: Mapping[str, Iterable[str]] | None = None) -> None:
        """`secret_paths` finds, as its first group, what of a path is a secret; `keys` are the columns of each table's key."""
        self._paths = secret_paths
        self._secret_keys = {
            table: {index for index, column in enumerate(columns) if is_secret(column)} for table, columns in (keys or {}).items()
        }

    def url(self, url: str) -> str:
        """Return a URL, or a path and query, with its secrets masked."""
        start, question, query = url.partition("?")
        return self.path(start) + question + parameters(query)

    def path(self, path: str) -> str:
        """Return a path with those parts masked that are secrets; one that hides them behind percent signs is decoded."""
        if self._paths is not None and "%" in path and self._paths.search(plain := unquote(path)) is not None:
            path = plain
        return self.links(path)

    def links(self, text: str) -> str:
        """Return a text with those parts of the paths in it masked that are secrets."""
        return text if self._paths is None else self._paths.sub(_without_group, text)

    def header(self, name: str, value: str) -> str:
        """Return a header's value; of credentials only the scheme is left, of cookies only the names and attributes."""
        lower = name.lower()
        if lower in ("authorization", "proxy-authorization"):
            scheme, blank, _ = value.partition(" ")
            return f"{scheme} {MASK}" if blank and SCHEME.fullmatch(scheme) else MASK
        if lower in ("cookie", "set-cookie"):
            return _cookies(value, only_first=lower == "set-cookie")
        if is_secret(lower):
            return MASK
        return self.url(value) if lower in _URL_HEADERS else self.links(value)

    def values(self, name: str, values: list[str]) -> list[str]:
        """Return the values of a parameter or field."""
        return [MASK] * len(values) if is_secret(name) else values

    def body(self, text: str, content_type: str) -> str:
        """Return a body with its secrets masked; one that holds none is returned as it is."""
        text = self.links(text)
        if content_type.startswith(FORM):
            return parameters(text)
        if not _may_name_secrets(text):
            return text
        if content_type.startswith("multipart/"):
            return _PART.sub(lambda found: found[1] + MASK if is_secret(found[2]) else found[0], text)
        return _masked_json(text)

    def key(self, table: str, key: tuple[Any, ...]) -> list[Any]:
        """Return the key of a row."""
        secret = self._secret_keys.get(table, ())
        return [MASK if index in secret else value for index, value in enumerate(key)]


def parameters(text: str) -> str:
    """Return a query or a form with the values of secret parameters masked."""
    return _PARAMETER.sub(lambda found: f"{found[1]}{found[2]}={MASK}" if is_secret(unquote_plus(found[2])) else found[0], text)


def _without_group(found: re.Match[str]) -> str:
    start, end = found.span(1)
    return found[0][: start - found.start()] + MASK + found[0][end - found.start() :]


def _cookies(value: str, *, only_first: bool) -> str:
    pairs = value.split(";")
    masked = len(pairs) if not only_first else 1
    return ";".join(pair.partition("=")[0] + f"={MASK}" if index < masked else pair for index, pair in enumerate(pairs))


def _masked_json(text: str) -> str:
    try:
        document = json.loads(text)
        masked = _masked(document)
        if masked is document:
            return text
        return json.dumps(masked, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace").decode()
    except (ValueError, RecursionError):  # no JSON, or none that can be walked through
        return _LOOSE.sub(_without_loose_value, text)


def _masked(value: Any) -> Any:
    """Return a document with its secrets masked; the same object if it holds none."""
    if isinstance(value, dict):
        members = {name: MASK if _tells_secret(name, item) else _masked(item) for name, item in value.items()}
        return members if any(members[name] is not item for name, item in value.items()) else value
    if isinstance(value, list):
        items = [_masked(item) for item in value]
        return items if any(new is not old for new, old in zip(items, value, strict=True)) else value
    return value


def _tells_secret(name: str, value: Any) -> bool:
    return value is not None and value != "" and not isinstance(value, bool) and is_secret(name)


def _without_loose_value(found: re.Match[str]) -> str:
    if not is_secret(found[2]):
        return found[0]
    quote = found[4][:1] if found[4][:1] in "\"'" else ""
    return f"{found[1]}{found[2]}{found[1]}{found[3]}{quote}{MASK}{quote}"
