"""Property types (collections), version 2."""

from fastapi import APIRouter
from starlette.responses import Response

from understudy.core.express import ExpressRoute
from understudy.core.provenance import follow, follows
from understudy.vendors.cotalker.auth import authenticate, require_admin
from understudy.vendors.cotalker.debug import CotalkerCall
from understudy.vendors.cotalker.paging import Page, filtered, of_company
from understudy.vendors.cotalker.routes.answers import BOTH_COUNTERS, listed, wrapped
from understudy.vendors.cotalker.rules import property_types as rules
from understudy.vendors.cotalker.rules.records import document_of
from understudy.vendors.cotalker.schemas import queries as read
from understudy.vendors.cotalker.schemas.bodies import read_body
from understudy.vendors.cotalker.schemas.property_types import changed_property_type, new_property_type
from understudy.vendors.cotalker.schemas.queries import NO_QUERY, PAGING, old_dates
from understudy.vendors.cotalker.schemas.values import one_of, ruled
from understudy.vendors.cotalker.tables import PropertyType

router = APIRouter(route_class=ExpressRoute)

PROPERTY_TYPE_QUERY = {
    **PAGING,
    **old_dates(until_modified=True),
    "codes": read.texts,
    "ids": read.object_ids,
    "isActive": ruled(read.activity, "cotalker.lists.is-active"),
    "search": ruled(read.keywords, "cotalker.lists.search"),
    "sortBy": one_of("createdAt", "modifiedAt", "display", by="cotalker.property-types.sort-by"),
    "viewPermissions": read.texts,
}


@router.get("/api/v2/propertyTypes", operation_id="getPropertyTypes")
@follows("cotalker.property-types.list", "cotalker.envelope.older-lists")
def get_property_types(call: CotalkerCall) -> Response:
    """List the collections of the caller's company."""
    caller = authenticate(call)
    query = read.read_query(call, PROPERTY_TYPE_QUERY)
    if query.get("sortBy") == "display":
        follow("cotalker.property-types.sort-by-display")
    types = filtered(of_company(caller.company), query, rules.PROPERTY_TYPES)
    page = Page.of(query, default_sort="modifiedAt", by="cotalker.lists.order")
    return listed(call, rules.PROPERTY_TYPES, types, page, query, key="propertyTypes", counters=BOTH_COUNTERS)


@router.post("/api/v2/propertyTypes", operation_id="createPropertyType")
@follows("cotalker.property-types.defaults", "cotalker.envelope.version-2-writes", "cotalker.envelope.created-status")
def create_property_type(call: CotalkerCall) -> Response:
    """Create a collection."""
    caller = authenticate(call)
    require_admin(call, caller, "properties", write=True)
    read.read_query(call, NO_QUERY)
    wishes = new_property_type(read_body(call))
    return wrapped(call, f'"data":{rules.create_property_type(call, caller, wishes)}')


@router.get("/api/v2/propertyTypes/code/{code}", operation_id="getPropertyTypeByCode")
@follows("cotalker.property-types.by-code", "cotalker.envelope.version-2-single")
def get_property_type_by_code(call: CotalkerCall) -> Response:
    """Give one collection by its code."""
    caller = authenticate(call)
    read.read_query(call, NO_QUERY)
    return wrapped(call, f'"data":{document_of(call, caller, PropertyType, call.path_params["code"], by="code")}')


@router.get("/api/v2/propertyTypes/{propertyTypeId}", operation_id="getPropertyTypeById")
@follows("cotalker.property-types.by-id", "cotalker.envelope.version-2-single")
def get_property_type_by_id(call: CotalkerCall) -> Response:
    """Give one collection, active or not."""
    caller = authenticate(call)
    require_admin(call, caller, "properties")
    property_type, _ = read.read_id_and_query(call, NO_QUERY, name="propertyTypeId")
    return wrapped(call, f'"data":{document_of(call, caller, PropertyType, property_type)}')


@router.patch("/api/v2/propertyTypes/{propertyTypeId}", operation_id="updatePropertyType")
@follows("cotalker.records.replaced", "cotalker.envelope.version-2-writes")
def update_property_type(call: CotalkerCall) -> Response:
    """Change a collection."""
    caller = authenticate(call)
    require_admin(call, caller, "properties", write=True)
    property_type, _ = read.read_id_and_query(call, NO_QUERY, name="propertyTypeId")
    wishes = changed_property_type(read_body(call))
    return wrapped(call, f'"data":{rules.change_property_type(call, caller, property_type, wishes)}')
