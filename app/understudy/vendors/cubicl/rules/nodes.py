"""Files and directories of projects and clients.

A file that is taken out of here goes on existing for the tasks and comments that have it, and takes room.
"""

from collections.abc import Iterable, Mapping
from typing import Any

import orjson
from sqlalchemy import bindparam, delete, select

from understudy.core.provenance import follow
from understudy.core.store import Prepared, Session, table_of
from understudy.vendors.cubicl.auth import CubiclCall
from understudy.vendors.cubicl.errors import Impossible, NoPermission, NotFound
from understudy.vendors.cubicl.rules.context import Context
from understudy.vendors.cubicl.rules.projects import Level
from understudy.vendors.cubicl.rules.references import customer_named, require_files
from understudy.vendors.cubicl.rules.standing import require_clients, require_level_for_files
from understudy.vendors.cubicl.schemas import Place
from understudy.vendors.cubicl.tables import FileNode

_nodes = table_of(FileNode).c
_listed = select(_nodes.document).order_by(_nodes.is_directory.desc(), _nodes.number)
_at_top = _nodes.parent.is_(None)
_in_parent = _nodes.parent == bindparam("parent")
_of_project = _nodes.project == bindparam("group")
_of_client = _nodes.client == bindparam("customer")
LISTS = {
    (True, True): Prepared(_listed.where(_of_project, _at_top)),
    (True, False): Prepared(_listed.where(_of_project, _in_parent)),
    (False, True): Prepared(_listed.where(_of_client, _at_top)),
    (False, False): Prepared(_listed.where(_of_client, _in_parent)),
}
CHILDREN = Prepared(select(_nodes.id).where(_in_parent))
FORGET_CLIENT = Prepared(delete(table_of(FileNode)).where(_of_client))

# What may be done with the files of a client is as much as may be done with the client.
LEVELS_FOR_CLIENTS: Mapping[Level, Level] = {Level.VIEW: Level.VIEW, Level.CREATE: Level.EDIT, Level.DELETE: Level.EDIT}


def list_nodes(call: CubiclCall, place: Place) -> str:
    """Return the JSON array of what is right in a place, directories first, then in the order of their making.

    Raises `Impossible` for an unknown project, client or directory, and `NoPermission`.
    """
    _require_place(call, place, Level.VIEW)
    statement = LISTS[place.group is not None, place.parent is None]
    given = {"group": place.group, "customer": place.customer, "parent": place.parent}
    rows = call.db.all(statement, **{name: value for name, value in given.items() if value is not None})
    if len(rows) > 1:
        follow("cubicl.nodes.order")
    return f"[{','.join(row['document'] for row in rows)}]"


def add_files(call: CubiclCall, place: Place, files: list[str]) -> list[dict[str, Any]]:
    """Put uploaded files into a place and return their nodes.

    Raises `Impossible` for an unknown project, client, directory or file, and `NoPermission`.
    """
    _require_place(call, place, Level.CREATE)
    return [add_node(call, place, file=file) for file in require_files(call.db, files)]


def add_directory(call: CubiclCall, place: Place, name: str) -> dict[str, Any]:
    """Make a directory and return its node.

    Raises `Impossible` for an unknown project, client or directory, and `NoPermission`.
    """
    _require_place(call, place, Level.CREATE)
    return add_node(call, place, name=name)


def add_node(context: Context, place: Place, *, file: Mapping[str, Any] | None = None, name: str = "") -> dict[str, Any]:
    """Add a file, or else a directory of this name, and return the node."""
    given: dict[str, Any] = {
        "_id": context.new_id(),
        "parent": place.parent,
        "group": place.group,
        "customer": place.customer,
        "type": "d" if file is None else "f",
        "file": file,
        "name": name if file is None else None,
        "createdAt": context.now(),
    }
    node = {key: value for key, value in given.items() if value is not None or key in ("parent", "file")}
    context.db.add(
        FileNode(
            id=node["_id"],
            project=place.group,
            client=place.customer,
            parent=place.parent,
            is_directory=file is None,
            created_at=node["createdAt"],
            number=context.db.number("cubicl_file_node"),
            document=orjson.dumps(node).decode(),
        )
    )
    return node


def delete_nodes(call: CubiclCall, ids: list[str]) -> None:
    """Delete files and directories with all that is in them, or nothing; raise `NotFound` and `NoPermission`."""
    nodes = [call.db.get(FileNode, node) for node in ids]
    found = [node for node in nodes if node is not None]
    if len(found) < len(nodes):
        raise NotFound().by("cubicl.nodes.delete-all-or-nothing")
    if len(nodes) > 1:
        follow("cubicl.nodes.delete-all-or-nothing")
    for group, customer in dict.fromkeys((node.project, node.client) for node in found):
        _require_place(call, Place(group, customer, None), Level.DELETE)
    _delete(call.db, ids)


def forget_client(db: Session, client: str) -> None:
    """Delete everything of a client."""
    db.run(FORGET_CLIENT, customer=client)


def _delete(db: Session, ids: Iterable[str]) -> None:
    doomed = list(ids)
    for node in doomed:
        doomed += [row["id"] for row in db.all(CHILDREN, parent=node)]
    for node in dict.fromkeys(doomed):
        row = db.get(FileNode, node)
        if row is not None:
            db.remove(row)


def _require_place(call: CubiclCall, place: Place, level: Level) -> None:
    if place.group is not None:
        require_level_for_files(call, place.group, level)
    else:
        customer_named(call.db, place.customer, unknown="cubicl.nodes.unknown-place")
        _require_client(call, LEVELS_FOR_CLIENTS[level])
    if place.parent is None:
        return
    follow("cubicl.nodes.parent")
    parent = call.db.get(FileNode, place.parent)
    if parent is None or not parent.is_directory or (parent.project, parent.client) != (place.group, place.customer):
        raise Impossible().by("cubicl.nodes.unknown-place")


def _require_client(call: CubiclCall, level: Level) -> None:
    try:
        require_clients(call, level)
    except NoPermission as refusal:
        raise refusal.by("cubicl.nodes.levels-of-clients") from None
    follow("cubicl.nodes.levels-of-clients")
