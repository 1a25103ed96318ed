"""Errors in our own words, for what is no vendor's affair: one form, in the control plane and before a vendor is found."""

from starlette.responses import JSONResponse


def error(status: int, code: str, detail: str) -> JSONResponse:
    """Return an error: `{"errors": [{"code", "title", "detail"}]}`."""
    title = code.replace("_", " ").capitalize()
    return JSONResponse({"errors": [{"code": code, "title": title, "detail": detail}]}, status_code=status)


def unknown_sandbox(name: str) -> JSONResponse:
    """Return the answer to a request that selects a sandbox which is not there; a page of any origin may read it."""
    response = error(404, "unknown_sandbox", f"There is no sandbox {name!r}; POST /__admin/sandboxes makes one.")
    response.headers["Access-Control-Allow-Origin"] = "*"
    return response
