"""Shows a vendor's contract file: as JSON, and as a page that loads nothing from a network."""

import re
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import orjson
from fastapi.openapi.docs import get_swagger_ui_html
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from understudy.core.resources import resource

PAGES = frozenset({"openapi.json", "docs", "docs/rules", "docs/swagger-ui-bundle.js", "docs/swagger-ui.css", "docs/favicon.png"})
"""The paths under a vendor's prefix that are ours, for GET and HEAD; every other one is the vendor's."""


@cache
def contract(name: str) -> dict[str, Any]:
    """Return the contract file `openapi/<name>.yaml`, parsed."""
    import yaml

    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # the first is ten times as fast and in most builds of PyYAML
    parsed: dict[str, Any] = yaml.load(resource(f"openapi/{name}.yaml").read_bytes(), loader)
    return parsed


def is_known_gap(name: str, method: str, path: str) -> bool:
    """Whether the contract lists an operation as one that the vendor has and this server has not."""
    return any(method == verb and pattern.fullmatch(path) for verb, pattern in _not_emulated(name))


def is_word_of_known_gap(name: str, method: str, path: str) -> bool:
    """Whether a path is, to the letter, that of such an operation, though a served one takes a word of it for an id."""
    return (method, path.removesuffix("/").lower()) in _words_not_emulated(name)


@cache
def _words_not_emulated(name: str) -> frozenset[tuple[str, str]]:
    entries = contract(name).get("x-not-emulated", [])
    return frozenset((entry["method"], entry["path"].lower()) for entry in entries if "{" not in entry["path"])


@cache
def _not_emulated(name: str) -> list[tuple[str, re.Pattern[str]]]:
    return [
        (entry["method"], re.compile(re.sub(r"\\{[^}]*\\}", "[^/]+", re.escape(path)) + "/?", re.IGNORECASE))
        for entry in contract(name).get("x-not-emulated", [])
        for path in (entry["path"], entry.get("also"))
        if path is not None
    ]


def contract_app(name: str, title: str) -> Starlette:
    """Return the application that serves the `PAGES` of a vendor."""

    def openapi_json(request: Request) -> Response:
        prefix = request.scope["root_path"]
        info = contract(name)["info"]
        known = f"**[How each behaviour is known]({prefix}/docs/rules)**\n\n{info['description']}"
        served = contract(name) | {
            "info": info | {"description": known},
            "servers": [{"url": prefix, "description": f"{title} as emulated here"}],
        }
        return Response(orjson.dumps(served), media_type="application/json")

    def docs(request: Request) -> Response:
        return docs_page(request.scope["root_path"], f"{title} as emulated by Understudy")

    def rules(request: Request) -> Response:
        from understudy.core.rules_page import rules_page

        return HTMLResponse(rules_page(name, title, request.scope["root_path"]))

    return Starlette(
        routes=[
            Route("/openapi.json", openapi_json),
            Route("/docs", docs),
            Route("/docs/rules", rules),
            Mount("/docs", docs_assets()),
        ]
    )


def docs_page(prefix: str, title: str) -> Response:
    """Return a page that shows what is described at `<prefix>/openapi.json`; `docs_assets` are to be at `<prefix>/docs`."""
    return get_swagger_ui_html(
        openapi_url=f"{prefix}/openapi.json",
        title=title,
        swagger_js_url=f"{prefix}/docs/swagger-ui-bundle.js",
        swagger_css_url=f"{prefix}/docs/swagger-ui.css",
        swagger_favicon_url=f"{prefix}/docs/favicon.png",
        swagger_ui_parameters={"showExtensions": True},  # the contracts' x-evidence and x-source
    )


def docs_assets() -> StaticFiles:
    """Return what such a page needs, as the fastapi-offline package keeps it; the package itself is not imported."""
    spec = find_spec("fastapi_offline")
    if spec is None or spec.origin is None:
        raise FileNotFoundError("the package fastapi-offline is missing")
    return StaticFiles(directory=Path(spec.origin).parent / "static")
