"""The webhooks that a sandbox has sent, or is about to."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from understudy.client.connection import Connection


@dataclass(frozen=True, kw_only=True)
class Delivery:
    """One delivery of a webhook: `request` is what is sent, `attempts` what became of each try, oldest first."""

    id: int
    vendor: str
    webhook: str
    event: str
    state: str
    created_at: datetime
    next_attempt_at: datetime | None
    request: Mapping[str, Any]
    attempts: Sequence[Mapping[str, Any]]


class Webhooks:
    """The deliveries of one sandbox."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def deliveries(
        self,
        *,
        vendor: str | None = None,
        webhook: str | None = None,
        event: str | None = None,
        state: str | None = None,
        limit: int | None = None,
        offset: int | None = None,
    ) -> list[Delivery]:
        """List deliveries that fit, newest first; 100 of them without a `limit`."""
        found = self._connection.get(
            "/webhooks/deliveries", vendor=vendor, webhook=webhook, event=event, state=state, limit=limit, offset=offset
        )
        return [_delivery(row) for row in found["deliveries"]]

    def redeliver(self, number: int) -> Delivery:
        """Attempt a delivery once more, by its id; the answer does not wait for the attempt."""
        return _delivery(self._connection.post(f"/webhooks/deliveries/{number}/redeliver"))


def _delivery(row: Mapping[str, Any]) -> Delivery:
    due = row["nextAttemptAt"]
    return Delivery(
        id=row["id"],
        vendor=row["vendor"],
        webhook=row["webhook"],
        event=row["event"],
        state=row["state"],
        created_at=datetime.fromisoformat(row["createdAt"]),
        next_attempt_at=None if due is None else datetime.fromisoformat(due),
        request=row["request"],
        attempts=row["attempts"],
    )
