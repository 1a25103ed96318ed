"""GroupCamp: tasks, time, budgets, groups, users and companies, through its signed REST API.

Sources: the page "GET on task/v1/group/[Group]/tasks" as it stood from 2017 to 2019 first, then the rest of the vendor's
documentation of 2019-07-19, then what its example clients send and parse. What none of them says is inferred;
openapi/groupcamp.yaml tells which is which.

Quirks worth knowing before reading on:
- requests are signed, and whatever is wrong with signature, key, application, path or verb gives one 401; so a path that does not
  exist is no 404, and a wrong verb no 405;
- the signature covers the path but not the query, and is the same every time;
- contradictory filters give an empty list, a repeated filter gives 400;
- "no due date" is `{"type": "empty"}`, "no user" is `{"id": "empty"}`, "not completed" is null;
- a method without a 404 in its table answers 400 `error_id` for an object that is not there;
- there are two ways of paging: tasks are read anew for each page, time records are stored at the first call and gone after a day;
- an invited company whose name is taken is no error, neither when it is made nor when it is renamed;
- a Duration gives a length of time twice, and 1000 `d` are a working day, not 24 hours.
"""

from understudy.core.vendor import Vendor
from understudy.vendors.groupcamp.actions import ACTIONS
from understudy.vendors.groupcamp.auth import SignedCall, admit
from understudy.vendors.groupcamp.cors import allow_any_origin
from understudy.vendors.groupcamp.errors import BodyTooLarge, Fault, Unauthorized
from understudy.vendors.groupcamp.faults import injected
from understudy.vendors.groupcamp.routes import ROUTERS
from understudy.vendors.groupcamp.seed import credentials, plant
from understudy.vendors.groupcamp.signing import signed_headers
from understudy.vendors.groupcamp.tables import TABLES

VENDOR = Vendor(
    name="groupcamp",
    title="GroupCamp",
    hosts=("api.groupcamp.com", "groupcamp.localhost"),
    call=SignedCall,
    routers=ROUTERS,
    admit=admit,
    not_found=Unauthorized,  # what no application offers is "not available", which fails authentication
    method_not_allowed=Unauthorized,
    body_too_large=BodyTooLarge,
    fault=Fault,
    tables=TABLES,
    plant=plant,
    credentials=credentials,
    actions=ACTIONS,
    injected=injected,
    paging_faults=("insert", "delete", "duplicate", "expire"),
    answers_browsers=True,
    finish=allow_any_origin,
    sign=signed_headers,
)
