"""The control plane described by itself: an OpenAPI document made from its routes, and a page that shows it."""

from collections.abc import Iterable
from typing import Any, Final

from fastapi import APIRouter, FastAPI, Request
from fastapi.openapi.utils import get_openapi
from fastapi.routing import iter_route_contexts
from starlette.responses import Response

from understudy import __version__
from understudy.control.pattern_schema import BODIES, SCHEMAS
from understudy.control.selected import Vendors
from understudy.core.contract import docs_page
from understudy.core.vendor import Vendor

HERE: Final = "/__admin"
ACTION: Final = f"{HERE}/actions/{{vendor}}/{{action}}"
REF: Final = "#/components/schemas/{model}"

ERROR: Final[dict[str, Any]] = {
    "type": "object",
    "required": ["errors"],
    "properties": {
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["code", "title", "detail"],
                "properties": {name: {"type": "string"} for name in ("code", "title", "detail")},
            },
        }
    },
}
REFUSED: Final = {
    "description": "Refused: a body that does not fit (422, names the field), something unknown (404), not possible now (409).",
    "content": {"application/json": {"schema": {"$ref": REF.format(model="Error")}}},
}

router = APIRouter(prefix=HERE, tags=["Observe"])


@router.get("/openapi.json")
async def openapi(request: Request, vendors: Vendors) -> dict[str, Any]:
    """Describe the control plane, as OpenAPI."""
    return {**described(request.app, vendors.values()), "servers": [{"url": request.scope.get("root_path") or "/"}]}


@router.get("/docs", response_class=Response)
async def docs(request: Request) -> Response:
    """Show the description as a page."""
    return docs_page(f"{request.scope.get('root_path', '')}{HERE}", "Understudy's control plane")


def described(app: FastAPI, vendors: Iterable[Vendor]) -> dict[str, Any]:
    """Return the OpenAPI document of the control plane, with every action of the vendors and its body."""
    document = get_openapi(title=app.title, version=__version__, openapi_version="3.1.0", routes=app.routes)
    schemas = document.setdefault("components", {}).setdefault("schemas", {})
    schemas |= {"Error": ERROR, **SCHEMAS}
    for unused in ("HTTPValidationError", "ValidationError"):
        schemas.pop(unused, None)
    for method, path, summary, more in summaries(app):
        operation = document["paths"][path][method.lower()]
        operation["summary"] = summary
        operation["description"] = more
        if not more:
            del operation["description"]
        operation["responses"].pop("422", None)
        operation["responses"]["default"] = REFUSED
    for path, model in BODIES.items():
        content = {"application/json": {"schema": {"$ref": REF.format(model=model)}}}
        document["paths"][f"{HERE}{path}"]["post"]["requestBody"] = {"required": True, "content": content}
    general = document["paths"].pop(ACTION)["post"]
    for vendor in vendors:
        _describe_actions(document, vendor, general)
    return document


def summaries(app: FastAPI) -> Iterable[tuple[str, str, str, str]]:
    """Yield method, path, summary and description of every route: the first line of its docstring, and the others."""
    for route in iter_route_contexts(app.routes):
        if route.endpoint is None or not getattr(route, "include_in_schema", False):
            continue
        first, _, more = (route.endpoint.__doc__ or "").strip().partition("\n")
        text = "\n".join(line.strip() for line in more.strip().splitlines())
        for method in sorted(route.methods or ()):
            yield method, route.path_format or "", first.strip().removesuffix("."), text


def _describe_actions(document: dict[str, Any], vendor: Vendor, general: dict[str, Any]) -> None:
    schemas = document["components"]["schemas"]
    for name, action in vendor.actions.items():
        model = f"{vendor.name}.{name}"
        schema = action.body.model_json_schema(ref_template=REF.format(model=f"{model}.{{model}}"))
        for inner, definition in schema.pop("$defs", {}).items():
            schemas[f"{model}.{inner}"] = definition
        schemas[model] = schema
        required = bool(schema.get("required"))
        body = {"required": required, "content": {"application/json": {"schema": {"$ref": REF.format(model=model)}}}}
        document["paths"][f"{HERE}/actions/{vendor.name}/{name}"] = {
            "post": {
                **{key: value for key, value in general.items() if key not in ("parameters", "description")},
                "tags": [f"Actions of {vendor.title}"],
                "summary": action.summary.removesuffix("."),
                "operationId": f"{vendor.name}_{name}".replace("-", "_"),
                "requestBody": body,
            }
        }
