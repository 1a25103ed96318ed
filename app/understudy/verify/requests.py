"""Makes the HTTP request of a step: its names filled in, its body written, its credentials shown."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import httpx2
import orjson

from understudy.verify.filling import PLACE, Names, Unfilled, fill
from understudy.verify.form import NOBODY, Step
from understudy.verify.target import Credential, Target


class NoCredentials(LookupError):
    """The user gave none for a role."""


def credential_of(target: Target, role: str | Mapping[str, Any], names: Names) -> Credential | None:
    """Return the credential of a role, or one that a case made; None for nobody. Raises `NoCredentials`."""
    if isinstance(role, Mapping):
        made: Credential = fill(role, names)
        target.keep_secret(made)
        return made
    if role == NOBODY:
        return None
    if role not in target.credentials:
        raise NoCredentials(role)
    return target.credentials[role]


def request_for(
    step: Step, target: Target, names: Names, *, credential: Credential | None, headers: Mapping[str, Any]
) -> httpx2.Request:
    """Return the request of a step, signed; `headers` are those of the case. Raises `Unfilled`."""
    names = _with_credential(names, credential)
    address = target.address(path_of(step, names))
    sent = {**_standard(step), **fill({**headers, **step.headers}, names)}
    request = target.http.build_request(step.method, address, params=_query(step, names, address), **_body(step, names))
    if credential is not None and target.is_ours(address):
        sent = {**_signature(step, target, request, credential, names), **sent}
    _set_headers(request, sent)
    return request


def _set_headers(request: httpx2.Request, sent: Mapping[str, Any]) -> None:
    """Set headers: None leaves one out, a list sends one several times; the last of two spellings counts."""
    for name, value in sent.items():
        request.headers.pop(name, None)
        values = value if isinstance(value, list) else [] if value is None else [value]
        request.headers = httpx2.Headers([*request.headers.multi_items(), *((name, str(one)) for one in values)])


def path_of(step: Step, names: Names) -> str:
    """Return what stands behind the verb; a lone name is a URL that an answer gave, and goes in as it is."""
    text = (step.request or step.admin or "").partition(" ")[2]
    path: str = str(fill(text, names, escape=PLACE.fullmatch(text) is None))
    return path


def _with_credential(names: Names, credential: Credential | None) -> Names:
    """Return names that know the parts of the credential, as `credential.<kind>`."""
    return Names({**names, **{f"credential.{kind}": value for kind, value in (credential or {}).items()}}, now=names.now)


def _standard(step: Step) -> dict[str, str]:
    return {"Content-Type": "application/json"} if step.has_json or step.body is not None else {}


def _query(step: Step, names: Names, address: str) -> httpx2.QueryParams | None:
    """Return the query of path and step; None where the address holds all of it already."""
    if not step.query:
        return None
    pairs: list[tuple[str, str | int | float | bool | None]] = [*parse_qsl(urlsplit(address).query, keep_blank_values=True)]
    for name, value in fill(step.query, names).items():
        pairs += [(name, _as_text(one)) for one in (value if isinstance(value, list) else [value])]
    return httpx2.QueryParams(pairs)


def _as_text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return "" if value is None else str(value)


def _body(step: Step, names: Names) -> dict[str, Any]:
    if step.files is not None:
        files = {name: _file(one) for name, one in fill(step.files, names).items()}
        return {"files": files, "data": fill(step.form or {}, names)}
    if step.form is not None:
        return {"data": fill(step.form, names)}
    if step.body is not None:
        return {"content": str(fill(step.body, names)).encode()}
    return {"content": orjson.dumps(fill(step.json, names))} if step.has_json else {}


def _file(file: Mapping[str, Any]) -> tuple[str, bytes, str]:
    return file.get("name", "file.txt"), str(file.get("content", "")).encode(), file.get("type", "text/plain")


def _signature(step: Step, target: Target, request: httpx2.Request, credential: Credential, names: Names) -> Mapping[str, str]:
    """Return the headers that show a credential; `signed` says what else than the truth is signed."""
    below = request.url.raw_path.partition(b"?")[0].decode("ascii").removeprefix(urlsplit(target.url).path)
    told = fill(step.signed, names)
    body = told["body"].encode() if "body" in told else request.read()
    try:
        return target.vendor.sign(told.get("method", step.method), told.get("path", below), body, credential)
    except KeyError as error:
        raise Unfilled(f"credential.{error.args[0]}") from None
