"""Cubicl: tasks, their subtasks, states and activities; users, projects, clients, files and webhooks.

Sources: the page "Tasks" of the vendor's API documentation first, then its other pages and the user guide. What none of them
says is inferred; openapi/cubicl.yaml tells which is which.

Quirks worth knowing before reading on:
- the API calls a project `group`, a client `customer` and an owner `assignedBy`; a comment is an activity of type `post`;
- every success is a 200; a refusal is a code, a plain text or nothing at all, and the codes 4 and 403 also come with a 422;
- tags are written by id and filtered by name; `workFlowId` becomes `workflowId` in updates; recurrence is written, never read;
- archiving, the Gantt chart, mails, sharing, tags and changes to users and projects have no operation: they are set-up actions of
  the control plane;
- webhooks get tasks with users as objects, where every operation answers ids; what fires which one is in `rules/events.py`;
- links to files and thumbnails need no token, and are under whatever address the client came by.
"""

from understudy.core.vendor import Vendor
from understudy.vendors.cubicl.actions import ACTIONS
from understudy.vendors.cubicl.auth import SECRET_PATHS, CubiclCall, admit
from understudy.vendors.cubicl.errors import BodyTooLarge, Fault, MethodNotAllowed, UnknownPath
from understudy.vendors.cubicl.faults import injected
from understudy.vendors.cubicl.routes import router
from understudy.vendors.cubicl.rules import next_due, run_due
from understudy.vendors.cubicl.seed import credentials, plant
from understudy.vendors.cubicl.tables import TABLES

VENDOR = Vendor(
    name="cubicl",
    title="Cubicl",
    hosts=("cubicl.io", "cubicl.localhost"),
    call=CubiclCall,
    routers=(router,),
    admit=admit,
    not_found=UnknownPath,
    method_not_allowed=MethodNotAllowed,
    body_too_large=BodyTooLarge,
    fault=Fault,
    tables=TABLES,
    plant=plant,
    credentials=credentials,
    actions=ACTIONS,
    browser_rules=("cubicl.protocol.other-origins",),
    injected=injected,
    paging_faults=("insert", "delete", "duplicate"),
    next_due=next_due,
    run_due=run_due,
    secret_paths=SECRET_PATHS,
)
"""What the rest of the house sees of this room."""
