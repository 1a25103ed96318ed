"""Cotalker: task groups, tasks and their workflows, the people around them, and the login; API versions 1 and 2.

Sources: the page "Tasks (v2)" of the vendor's API documentation first, then its other pages, then what real clients send
and parse (the partner SDK above all). What none of them says is inferred; openapi/cotalker.yaml tells which is which.

Quirks worth knowing before reading on:
- the documentation's samples leave out the envelope `data`; the one of POST /task-groups is honoured literally, with a switch;
- `Admin: true` is a header that asks for the administrative version of an operation, and needs a permission;
- version 1 answers under `/api/v1` and under `/api`, mostly with nothing around the documents;
- paths are matched as Express does it: either case, with or without a trailing slash.
"""

from understudy.core.vendor import Vendor
from understudy.vendors.cotalker.actions import ACTIONS
from understudy.vendors.cotalker.debug import CotalkerCall
from understudy.vendors.cotalker.errors import BodyTooLarge, Fault, UnknownMethod, UnknownRoute
from understudy.vendors.cotalker.faults import injected
from understudy.vendors.cotalker.routes import ROUTERS
from understudy.vendors.cotalker.seed import credentials, plant
from understudy.vendors.cotalker.tables import TABLES

VENDOR = Vendor(
    name="cotalker",
    title="Cotalker",
    hosts=(
        "www.cotalker.com",
        "demo.cotalker.com",
        "staging.cotalker.com",
        "dev.cotalker.com",
        "cotalker.com",
        "cotalker.localhost",
    ),
    call=CotalkerCall,
    routers=ROUTERS,
    admit=lambda call: None,  # credentials are looked at by the operations: an unknown route is a 404 without them, too
    not_found=UnknownRoute,
    method_not_allowed=UnknownMethod,
    body_too_large=BodyTooLarge,
    fault=Fault,
    tables=TABLES,
    plant=plant,
    credentials=credentials,
    actions=ACTIONS,
    browser_rules=("cotalker.protocol.browsers",),
    injected=injected,
    paging_faults=("insert", "delete", "duplicate"),
)
