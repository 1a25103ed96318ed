"""Actions that bring a client into a task: by mail, by a support request, or by sharing."""

from collections.abc import Mapping
from typing import Any, Final

import orjson
from pydantic import Field
from sqlalchemy import bindparam, select

from understudy.core.sandbox import Sandbox
from understudy.core.store import Prepared, Session, table_of
from understudy.core.vendor import ActionRefused, UnknownRecord
from understudy.vendors.cubicl.actions.tasks import OneTask, task_named
from understudy.vendors.cubicl.rules.activities import write_activity
from understudy.vendors.cubicl.rules.context import Context, Errand
from understudy.vendors.cubicl.rules.events import task_post_created, task_updated
from understudy.vendors.cubicl.rules.sheets import Sheet, keep_sheet
from understudy.vendors.cubicl.schemas.projects import Strict
from understudy.vendors.cubicl.tables import Client, EmailUser, PortalUser

MAILBOX: Final = {"name": "Support", "emailAddress": "support@cubicl.test"}

_senders, _portal_users = table_of(EmailUser).c, table_of(PortalUser).c
SENDER = Prepared(select(table_of(EmailUser)).where(_senders.address == bindparam("address")))
PORTAL_USERS = Prepared(select(_portal_users.id, _portal_users.client).order_by(_portal_users.id))


class EmailPerson(Strict):
    """Somebody with a mail address."""

    name: str
    emailAddress: str


class MakeEmailTask(OneTask):
    """A task's id, and the sender of the mail if it is to be a certain one."""

    sender: EmailPerson = Field(EmailPerson(name="Ada Client", emailAddress="ada@client.test"), alias="from")


class MakeSupportTask(OneTask):
    """A task's id, and the portal user's if it is to be a certain one."""

    portalUser: str | None = None


class Share(OneTask):
    """A task's id, and whether the task is to be shared."""

    shared: bool = True


class Post(OneTask):
    """A task's id and the text of a comment."""

    content: str = Field(min_length=1)


class CreatePortalUser(Strict):
    """A client's id, and the name of somebody there."""

    customer: str
    firstname: str = Field(min_length=1)
    lastname: str = Field(min_length=1)


def create_portal_user(sandbox: Sandbox, session: Session, wish: CreatePortalUser) -> Mapping[str, Any]:
    """Let somebody of a client use the client portal; answers the portal user."""
    if session.get(Client, wish.customer) is None:
        raise UnknownRecord(f"there is no client {wish.customer!r}")
    return add_portal_user(session, sandbox.object_id(session), wish.customer, wish.firstname, wish.lastname)


def make_email_task(sandbox: Sandbox, session: Session, wish: MakeEmailTask) -> Mapping[str, Any]:
    """Let a task be one that an incoming mail made; answers the task."""
    sheet = task_named(session, wish.task)
    sender = sender_of(Errand(sandbox, session), wish.sender.name, wish.sender.emailAddress)
    return _keep(session, sheet, email={"emailUserId": sender.id})


def make_support_task(sandbox: Sandbox, session: Session, wish: MakeSupportTask) -> Mapping[str, Any]:
    """Let a task be a support request; without `portalUser` one of the task's client, else anybody. Answers the task."""
    sheet = task_named(session, wish.task)
    user = wish.portalUser or _portal_user(session, sheet)
    if session.get(PortalUser, user) is None:
        raise UnknownRecord(f"there is no portal user {user!r}")
    return _keep(session, sheet, support={"portalUser": user})


def share_with_customer(sandbox: Sandbox, session: Session, wish: Share) -> Mapping[str, Any]:
    """Share a task with the portal users of its client, who then follow it, or stop it; answers the task."""
    sheet = task_named(session, wish.task)
    before = dict(sheet.document)
    sheet.document["sharedWithCustomer"] = wish.shared
    sheet.document.pop("portalFollowers", None)
    if wish.shared:
        sheet.document["portalFollowers"] = _portal_users_of(session, sheet)
    keep_sheet(session, sheet)
    task_updated(Errand(sandbox, session), sheet, before)
    return sheet.document


def portal_post(sandbox: Sandbox, session: Session, wish: Post) -> Mapping[str, Any]:
    """Comment as the one who asked for support, or a portal user of a shared task; answers the activity."""
    sheet = task_named(session, wish.task)
    if "support" not in sheet.document and not sheet.document.get("sharedWithCustomer"):
        raise ActionRefused(f"task: {wish.task!r} is no support request and not shared with a client")
    author = sheet.document.get("support", {}).get("portalUser") or _portal_user(session, sheet)
    context = Errand(sandbox, session)
    comment = write_portal_post(context, sheet, author, wish.content)
    task_post_created(context, sheet, comment)
    return comment


def email_post(sandbox: Sandbox, session: Session, wish: Post) -> Mapping[str, Any]:
    """Comment as the sender of the mail that made the task, by another mail; answers the activity."""
    sheet = task_named(session, wish.task)
    if "email" not in sheet.document:
        raise ActionRefused(f"task: {wish.task!r} was not made by a mail")
    context = Errand(sandbox, session)
    comment = write_email_post(context, sheet, wish.content)
    task_post_created(context, sheet, comment)
    return comment


def write_portal_post(context: Context, sheet: Sheet, author: str, content: str) -> dict[str, Any]:
    """Write a portal user's comment. Its `user`, which every activity has, is the portal user too (inferred)."""
    return write_activity(
        context, sheet.row.id, "post", author, portalUser=author, content=content, files=[], customerCanSee=True
    )


def write_email_post(context: Context, sheet: Sheet, content: str) -> dict[str, Any]:
    """Write a comment that came by mail; its `user` is the sender (inferred)."""
    sender = context.db.get(EmailUser, sheet.document["email"]["emailUserId"])
    if sender is None:
        raise RuntimeError(f"the sender of task {sheet.row.id} is missing")
    details = {"to": [MAILBOX], "cc": [], "from": {"name": sender.name, "emailAddress": sender.address}}
    return write_activity(
        context,
        sheet.row.id,
        "post",
        sender.id,
        emailUser=sender.id,
        content=content,
        files=[],
        customerCanSee=True,
        emailDetails=details,
    )


def sender_of(context: Context, name: str, address: str) -> EmailUser:
    """Return the sender with this address; an id is made for a new one (Tasks page)."""
    known = context.db.records(EmailUser, SENDER, address=address)
    if known:
        return known[0]
    sender = EmailUser(id=context.new_id(), name=name, address=address)
    context.db.add(sender)
    return sender


def add_portal_user(session: Session, user: str, client: str | None, first: str, last: str) -> Mapping[str, Any]:
    """Add somebody to the client portal and return the portal user."""
    document = {"_id": user, "firstname": first, "lastname": last, "profile": f"https://cubicl.test/portal/{user}.png"}
    session.add(PortalUser(id=user, client=client, document=orjson.dumps(document).decode()))
    return document


def _keep(session: Session, sheet: Sheet, **properties: Any) -> Mapping[str, Any]:
    sheet.document |= properties
    keep_sheet(session, sheet)
    return sheet.document


def _portal_users_of(session: Session, sheet: Sheet) -> list[str]:
    return [row["id"] for row in session.all(PORTAL_USERS) if row["client"] == sheet.row.customer and sheet.row.customer]


def _portal_user(session: Session, sheet: Sheet) -> str:
    candidates = _portal_users_of(session, sheet) or [row["id"] for row in session.all(PORTAL_USERS)]
    if not candidates:
        raise ActionRefused("portalUser: nobody uses the client portal")
    return candidates[0]
