"""What can be seen of the server while it runs: its numbers, what happens in it, and its settings."""

from collections.abc import AsyncIterator, Collection
from typing import Annotated, Any, Final

import orjson
from fastapi import APIRouter, HTTPException, Query, Request
from fastapi.sse import EventSourceResponse, format_sse_event
from starlette.responses import Response

from understudy.config import Settings
from understudy.control.selected import AllSandboxes, AllSettings, SelectedSandbox
from understudy.core.events import KINDS, Event, Events, Kind
from understudy.core.metrics import Metrics

router = APIRouter(prefix="/__admin", tags=["Observe"])

SECONDS_BETWEEN_SIGNS: Final = 15.0
ALL: Final = "*"
MASK: Final = "********"


@router.get("/metrics", response_class=Response)
async def metrics(request: Request) -> Response:
    """Give the server's numbers as Prometheus reads them.

    Requests, their durations, faults, webhooks, sandboxes, journals, database sizes and the process: of the whole server, all
    sandboxes together, since its start.
    """
    numbers: Metrics = request.app.state.metrics
    content, content_type = numbers.text(request.headers.get("accept", ""))
    return Response(content, headers={"Content-Type": content_type})


@router.get("/events", response_class=Response, responses={200: {"content": {"text/event-stream": {}}}})
async def events(
    request: Request,
    selected: SelectedSandbox,
    sandboxes: AllSandboxes,
    sandbox: Annotated[str | None, Query(description="Another sandbox than the selected one; `*` for all.")] = None,
    kinds: Annotated[str, Query(description="Which events, with commas between.")] = ",".join(KINDS),
) -> Response:
    """Tell what happens from now on, as server-sent events.

    `event` is the kind, `data` a JSON object with the `sandbox` and what happened; `id` counts the server's events. What happened
    before is in the journal and not here. `event: lost` tells a listener that was too slow how many of the oldest it missed.
    """
    wanted = _kinds(kinds)
    of = None if sandbox == ALL else selected.name if sandbox is None else sandboxes[sandbox].name
    if "understudy.head" in request.scope:
        return Response(media_type="text/event-stream")
    stream = _stream(sandboxes.events, wanted, of)
    return EventSourceResponse(stream, headers={"Cache-Control": "no-cache", "X-Accel-Buffering": "no"})


@router.get("/settings")
async def settings(settings: AllSettings) -> dict[str, Any]:
    """Tell the settings that are in force, by name, and what is secret only by whether it is set."""
    return {"settings": shown(settings)}


def shown(settings: Settings) -> dict[str, Any]:
    """Return the settings as they may be shown: those marked `writeOnly` masked."""
    values = settings.model_dump(mode="json")
    for name, field in Settings.model_fields.items():
        extra = field.json_schema_extra
        if isinstance(extra, dict) and extra.get("writeOnly") and values[name] is not None:
            values[name] = MASK
    return values


def _kinds(names: str) -> Collection[Kind]:
    wanted = [name.strip() for name in names.split(",") if name.strip()]
    if unknown := [name for name in wanted if name not in KINDS]:
        raise HTTPException(422, f"kinds: there is no {unknown[0]!r}, only {', '.join(KINDS)}")
    return [kind for kind in KINDS if kind in wanted]


async def _stream(events: Events, kinds: Collection[Kind], sandbox: str | None) -> AsyncIterator[bytes]:
    with events.listen(kinds, sandbox) as listener:
        yield format_sse_event(comment="listening")
        while not listener.ended:
            lost, heard = await listener.take(SECONDS_BETWEEN_SIGNS)
            pieces = [format_sse_event(event="lost", data_str=f'{{"events": {lost}}}')] if lost else []
            pieces += [_written(event) for event in heard]
            if pieces or not listener.ended:
                yield b"".join(pieces) or format_sse_event(comment="still here")


def _written(event: Event) -> bytes:
    data = orjson.dumps({"sandbox": event.sandbox, **event.data}, default=str).decode()
    return format_sse_event(event=event.kind, data_str=data, id=str(event.number))
