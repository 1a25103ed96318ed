"""Comments, and who sees them."""

from typing import Any

import orjson

from understudy.core.provenance import follow
from understudy.vendors.cubicl.auth import CubiclCall
from understudy.vendors.cubicl.errors import (
    CommentOfClient,
    Impossible,
    KindOfTask,
    MailAlreadySent,
    NotAComment,
    NotFound,
)
from understudy.vendors.cubicl.rules.activities import write_activity
from understudy.vendors.cubicl.rules.events import task_post_created
from understudy.vendors.cubicl.rules.files import addressed
from understudy.vendors.cubicl.rules.projects import Level
from understudy.vendors.cubicl.rules.references import require_files, require_users
from understudy.vendors.cubicl.rules.sheets import Document, open_sheet
from understudy.vendors.cubicl.rules.standing import Standing, standing_of
from understudy.vendors.cubicl.schemas import Comment
from understudy.vendors.cubicl.tables import Activity


def create_comment(call: CubiclCall, task: str, comment: Comment) -> dict[str, Any]:
    """Comment on a task, archived or not, and return the activity.

    Raises `NotFound`, `NoPermission`, and `Impossible` for an unknown file, user or comment to reply to.
    """
    sheet = open_sheet(call.db, task)
    standing = standing_of(call.db, call.caller, sheet)
    if not standing.may_comment:
        raise standing.refusal("cubicl.comment.level")
    if sheet.row.is_archived:
        follow("cubicl.archive.still-usable")
    files = require_files(call.db, comment.files)
    if files:
        follow("cubicl.comment.files")
    if comment.mentions:
        follow("cubicl.comment.mentions")
    require_users(call.db, (mention["id"] for mention in comment.mentions))
    fields: dict[str, Any] = {"content": comment.content, "files": files, "mentions": comment.mentions}
    if comment.reply_to is not None:
        fields["replyToId"] = _comment_of(call, task, comment.reply_to)
    if "email" in sheet.document:
        follow("cubicl.comment.not-sent")
        fields["mailStatus"] = "not-sent"
    activity = addressed(call, write_activity(call, task, "post", call.caller, **fields))
    task_post_created(call, sheet, activity)
    return activity


def change_visibility(call: CubiclCall, task: str, activity: str, *, visible: bool) -> None:
    """Show a comment to the client or hide it; in an email task showing it sends it as a mail, at once.

    Raises `NotFound`, `NoPermission`, and then, in the order of the Tasks page, `NotAComment`, `KindOfTask`,
    `CommentOfClient` and `MailAlreadySent`.
    """
    sheet = open_sheet(call.db, task)
    row = call.db.get(Activity, activity)
    if row is None or row.task != task:
        raise NotFound().by("cubicl.visibility.unknown-activity")
    _require_right(standing_of(call.db, call.caller, sheet), is_author=row.user == call.caller)
    comment = orjson.loads(row.document)
    _require_changeable(sheet.document, comment, visible=visible)
    if comment["customerCanSee"] == visible:
        follow("cubicl.visibility.same-value")
        return
    if sheet.row.is_archived:
        follow("cubicl.archive.still-usable")
    comment["customerCanSee"] = visible
    if "email" in sheet.document and visible:
        follow("cubicl.visibility.sends-mail", "cubicl.visibility.sent-at-once")
        comment["mailStatus"] = "sent"
    elif "email" not in sheet.document:
        follow("cubicl.visibility.both-ways")
    row.document = orjson.dumps(comment).decode()
    call.db.save(row)


def _comment_of(call: CubiclCall, task: str, activity: str) -> str:
    row = call.db.get(Activity, activity)
    if row is None or row.task != task or row.type != "post":
        raise Impossible().by("cubicl.comment.reply-to-comment")
    follow("cubicl.comment.reply", "cubicl.comment.reply-to-comment")
    return row.id


def _require_right(standing: Standing, *, is_author: bool) -> None:
    """Let the author change the visibility, who still has to see the task, and whoever may edit tasks of the project."""
    if is_author and standing.may_see:
        follow("cubicl.visibility.author")
    elif not standing.has_level(Level.EDIT, "cubicl.visibility.level"):
        raise standing.refusal("cubicl.visibility.level").by(*(("cubicl.visibility.author-sees-task",) if is_author else ()))


def _require_changeable(task: Document, comment: dict[str, Any], *, visible: bool) -> None:
    if comment["type"] != "post":
        raise NotAComment
    if "support" not in task and task.get("sharedWithCustomer") is not True and "email" not in task:
        raise KindOfTask().by("cubicl.visibility.kind-by-fields")
    if "portalUser" in comment or "emailUser" in comment:
        raise CommentOfClient
    if "email" in task and comment["customerCanSee"] and not visible:
        raise MailAlreadySent
    follow("cubicl.visibility.kind-by-fields")
