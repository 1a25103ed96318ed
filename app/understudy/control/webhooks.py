"""The log of webhook deliveries, and delivering once more by hand."""

from collections.abc import Mapping
from typing import Annotated, Any

import orjson
from fastapi import APIRouter, HTTPException, Query

from understudy.control.selected import SelectedSandbox
from understudy.core.clock import iso
from understudy.core.delivery import request_headers
from understudy.core.webhooks import State, log, redeliver

router = APIRouter(prefix="/__admin/webhooks/deliveries", tags=["Webhooks"])

LARGEST_NUMBER = (1 << 63) - 1


@router.get("")
async def list_deliveries(
    sandbox: SelectedSandbox,
    vendor: str | None = None,
    webhook: str | None = None,
    event: str | None = None,
    state: State | None = None,
    limit: Annotated[int, Query(ge=0, le=10_000)] = 100,
    offset: Annotated[int, Query(ge=0, le=LARGEST_NUMBER)] = 0,
) -> dict[str, Any]:
    """List deliveries, newest first."""
    filters = {"vendor": vendor, "webhook": webhook, "event": event, "state": state}
    equal = {name: value for name, value in filters.items() if value is not None}
    with sandbox.session() as session:
        rows, total = log(session, equal=equal, limit=limit, offset=offset)
    return {"deliveries": [_shown(row) for row in rows], "meta": {"total": total}}


@router.get("/{number}")
async def get_delivery(number: int, sandbox: SelectedSandbox) -> dict[str, Any]:
    """Show one delivery."""
    with sandbox.session() as session:
        rows, _ = log(session, equal={"number": number}, limit=1, offset=0) if 0 < number <= LARGEST_NUMBER else ([], 0)
    if not rows:
        raise HTTPException(404, f"There is no delivery {number}.")
    return _shown(rows[0])


@router.post("/{number}/redeliver", status_code=202)
async def redeliver_delivery(number: int, sandbox: SelectedSandbox) -> dict[str, Any]:
    """Attempt a delivery once more, whatever became of it; the answer does not wait for the attempt."""
    with sandbox.session() as session:
        delivery = redeliver(sandbox, session, number) if 0 < number <= LARGEST_NUMBER else None
        if delivery is None:
            raise HTTPException(404, f"There is no delivery {number}.")
        return _shown(delivery.model_dump())


def _shown(row: Mapping[str, Any]) -> dict[str, Any]:
    # A first attempt is due at once, which has no instant of its own.
    due_at = None if row["due_at"] is None else max(row["due_at"], row["created_at"])
    return {
        "id": row["number"],
        "vendor": row["vendor"],
        "webhook": row["webhook"],
        "event": row["event"],
        "state": row["state"],
        "createdAt": iso(row["created_at"]),
        "nextAttemptAt": None if due_at is None else iso(due_at),
        "request": {"method": "POST", "url": row["url"], "headers": request_headers(), "body": orjson.loads(row["body"])},
        "attempts": orjson.loads(row["attempts"]),
    }
