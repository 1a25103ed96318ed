"""Webhooks: what is to be sent is written down with the change that it tells of, and sent after the commit.

A room calls `send` in its transaction. The delivery becomes a row of the sandbox, an outbox: it is rolled back with the change,
survives a crash, and waits for nothing that the API call does. `delivery.py` carries it out.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import count
from typing import TYPE_CHECKING, Any, Final, Literal

import orjson
from sqlalchemy import Index, bindparam, delete, func, null, select, update
from sqlmodel import Field, SQLModel

from understudy.core.clock import LATEST
from understudy.core.store import Prepared, Row, Session, table_of

if TYPE_CHECKING:
    from understudy.core.sandbox import Sandbox

KEPT: Final = 10_000
AT_ONCE: Final = 0  # before every instant that a clock can show and a retry can fall on
BY_HAND: Final = 1 << 30  # more retries than any schedule has

_WORLDS = count(1)

State = Literal["pending", "delivered", "failed", "refused"]


@dataclass(frozen=True)
class Webhook:
    """Who wants to hear of what: `id` is the vendor's id of the webhook, `event` the vendor's name of what happened."""

    vendor: str
    id: str
    event: str
    url: str


class Delivery(SQLModel, table=True):
    """One message to one webhook: `body` as it is sent, `attempts` a JSON list of what came of each.

    `state` is `pending` until an attempt succeeded (`delivered`), the last one did not (`failed`), or the target is none that may
    be called (`refused`). `due_at` is the sandbox's instant of the next attempt.
    """

    __tablename__ = "core_delivery"
    __table_args__ = (Index("core_delivery_due", "state", "due_at"),)

    number: int = Field(primary_key=True)
    vendor: str
    webhook: str
    event: str
    url: str
    body: str
    created_at: int
    state: str
    due_at: int | None
    retries: int
    attempts: str


_deliveries = table_of(Delivery).c

_FIRST_OF_EACH = (
    select(func.min(_deliveries.number))
    .where(_deliveries.state == "pending", _deliveries.due_at <= bindparam("now"))
    .group_by(_deliveries.vendor, _deliveries.webhook)
)
_DUE = Prepared(select(table_of(Delivery)).where(_deliveries.number.in_(_FIRST_OF_EACH)).order_by(_deliveries.number))
_NEXT_DUE = Prepared(
    select(func.min(_deliveries.due_at)).where(_deliveries.state == "pending", _deliveries.due_at > bindparam("now"))
)
_WITHDRAW = Prepared(
    update(table_of(Delivery))
    .where(
        _deliveries.state == "pending",
        _deliveries.vendor == bindparam("of_vendor"),
        _deliveries.webhook == bindparam("of_webhook"),
        _deliveries.retries > 0,
    )
    .values(state="failed", due_at=null())
)
_FORGET_PENDING = Prepared(delete(table_of(Delivery)).where(_deliveries.state == "pending"))
_FORGET = Prepared(delete(table_of(Delivery)).where(_deliveries.number <= bindparam("oldest")))


def send(sandbox: "Sandbox", session: Session, webhook: Webhook, payload: Mapping[str, Any]) -> None:
    """Write down that `payload` is to be posted to a webhook once the transaction is committed.

    The newest `KEPT` deliveries of a sandbox are remembered.
    """
    number = session.number("delivery")
    session.add(
        Delivery(
            number=number,
            vendor=webhook.vendor,
            webhook=webhook.id,
            event=webhook.event,
            url=webhook.url,
            body=orjson.dumps(payload).decode(),
            created_at=sandbox.clock.now(),
            state="pending",
            due_at=AT_ONCE,
            retries=0,
            attempts="[]",
        )
    )
    if number % 100 == 0:
        session.run(_FORGET, oldest=number - KEPT)
    sandbox.outbox.filled = True


def withdraw(session: Session, vendor: str, webhook: str) -> None:
    """Try nothing again for a webhook that is gone; what has not been tried once still tells of a time when it was there."""
    session.run(_WITHDRAW, of_vendor=vendor, of_webhook=webhook)


class Outbox:
    """Tells whoever delivers that a sandbox has something to send, or that its time has moved."""

    def __init__(self) -> None:
        self.filled = False
        self.world = next(_WORLDS)
        """A number that changes with every reset and that no other outbox has, for deliveries are numbered anew after one."""
        self.listener: Callable[[], None] = lambda: None

    def committed(self) -> None:
        """Pass on that what was written down is there to stay."""
        if self.filled:
            self.filled = False
            self.listener()

    def emptied(self) -> None:
        """Note that what was written down is gone, with the world that it told of."""
        self.filled = False
        self.world = next(_WORLDS)

    def time_moved(self) -> None:
        """Pass on that what was not due may be due now."""
        self.listener()


def forget_pending(session: Session) -> None:
    """Forget what has yet to be sent: in a copy of a sandbox it is the other one's to send."""
    session.run(_FORGET_PENDING)


def due(session: Session, now: int) -> list[Delivery]:
    """Return what is to be attempted by `now`: of each webhook the oldest delivery that is due."""
    return session.records(Delivery, _DUE, now=now)


def next_due(session: Session, now: int) -> int | None:
    """Return when, after `now`, the next attempt falls due."""
    instant: int | None = session.scalar(_NEXT_DUE, now=now)
    return instant


def attempted(
    delivery: Delivery, attempt: Mapping[str, Any], *, started_with: int, state: State | None, schedule: Sequence[int]
) -> None:
    """Note an attempt on a delivery, and when the next one is due.

    `started_with` is the delivery's `retries` when the attempt began; if they are others by now, somebody asked for one more
    meanwhile, which is still to be made. `state` is what the attempt made of the delivery; None is a failure, which the next
    retry of `schedule` may mend. The schedule holds seconds between attempts and counts from the delivery's creation: a clock
    that leaps runs all that it leaps over.
    """
    delivery.attempts = orjson.dumps([*orjson.loads(delivery.attempts), attempt]).decode()
    if delivery.retries != started_with:
        return
    delivery.due_at = None
    if state is not None:
        delivery.state = state
    elif delivery.state == "pending" and delivery.retries < len(schedule):  # or it was withdrawn meanwhile
        delivery.retries += 1
        delivery.due_at = min(delivery.created_at + 1000 * sum(schedule[: delivery.retries]), LATEST)
    else:
        delivery.state = "failed"


def redeliver(sandbox: "Sandbox", session: Session, number: int) -> Delivery | None:
    """Have one more attempt made, at once and without retries; return the delivery, or None when there is no such one."""
    delivery = session.get(Delivery, number)
    if delivery is None:
        return None
    delivery.state, delivery.due_at, delivery.retries = "pending", AT_ONCE, max(delivery.retries, BY_HAND) + 1
    session.save(delivery)
    sandbox.outbox.filled = True
    return delivery


def log(session: Session, *, equal: Mapping[str, str | int], limit: int, offset: int) -> tuple[list[Row], int]:
    """Return deliveries whose columns equal those of `equal`, newest first, and how many there are in all."""
    table = table_of(Delivery)
    conditions = [table.c[name] == bindparam(name) for name in equal]
    rows = select(table).where(*conditions).order_by(table.c.number.desc())
    total = select(func.count()).select_from(table).where(*conditions)
    page = rows.limit(bindparam("page_limit")).offset(bindparam("page_offset"))
    return session.all(page, **equal, page_limit=limit, page_offset=offset), session.scalar(total, **equal)
