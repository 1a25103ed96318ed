"""Properties (elements of collections): version 2, and what clients use of version 1."""

from fastapi import APIRouter
from starlette.responses import Response

from understudy.core.express import ExpressRoute
from understudy.core.provenance import follow, follows
from understudy.vendors.cotalker.auth import authenticate, require_admin
from understudy.vendors.cotalker.debug import CotalkerCall
from understudy.vendors.cotalker.errors import MissingField
from understudy.vendors.cotalker.paging import Page, filtered, of_company
from understudy.vendors.cotalker.routes.answers import BOTH_COUNTERS, bare, found, listed, wrapped
from understudy.vendors.cotalker.routes.versions import Version1Router
from understudy.vendors.cotalker.rules import properties as rules
from understudy.vendors.cotalker.rules.records import document_of
from understudy.vendors.cotalker.schemas import queries as read
from understudy.vendors.cotalker.schemas.bodies import read_body, read_patch
from understudy.vendors.cotalker.schemas.properties import changed_property, new_property, patched_property
from understudy.vendors.cotalker.schemas.queries import NO_QUERY, PAGING, old_dates
from understudy.vendors.cotalker.schemas.values import object_id, one_of, ruled
from understudy.vendors.cotalker.tables import Property

router = APIRouter(route_class=ExpressRoute)
router_v1 = Version1Router()

PROPERTY_QUERY = {
    **PAGING,
    **old_dates(until_modified=True),
    "codes": read.texts,
    "ids": read.object_ids,
    "isActive": ruled(read.activity, "cotalker.lists.is-active"),
    "owner[$id]": ruled(object_id, "cotalker.properties.filters"),
    "owner[$ref]": ruled(read.filled, "cotalker.properties.filters"),
    "parent": read.object_ids,
    "propertyTypes": read.texts,
    "search": ruled(read.keywords, "cotalker.lists.search"),
    "sortBy": one_of("modifiedAt", by="cotalker.lists.sort-by"),
}
# Parameters of statements have plainer names than those of the query.
OWNER = {"owner[$id]": "owner_id", "owner[$ref]": "owner_ref"}
RELATION_QUERY = {
    **PAGING,
    "isActive": ruled(read.activity, "cotalker.lists.is-active"),
    "property": object_id,
    "relation": one_of("child", "parent"),
}
ABOVE_QUERY = {**PAGING, "isActive": ruled(read.activity, "cotalker.lists.is-active")}


@router.get("/api/v2/properties", operation_id="getProperties")
@follows("cotalker.properties.list", "cotalker.envelope.older-lists")
def get_properties(call: CotalkerCall) -> Response:
    """List the elements of the caller's company."""
    caller = authenticate(call)
    query = read.read_query(call, PROPERTY_QUERY)
    properties = filtered(of_company(caller.company), query, rules.PROPERTIES)
    for name, condition in OWNER.items():
        if name in query:
            properties = properties.also(condition, **{condition: query[name]})
    page = Page.of(query, default_sort="modifiedAt", by="cotalker.lists.order")
    return listed(call, rules.PROPERTIES, properties, page, query, key="properties", counters=BOTH_COUNTERS)


@router.post("/api/v2/properties", operation_id="createProperty")
@follows("cotalker.properties.defaults", "cotalker.envelope.version-2-writes", "cotalker.envelope.created-status")
def create_property(call: CotalkerCall) -> Response:
    """Create an element of a collection."""
    caller = authenticate(call)
    require_admin(call, caller, "properties", write=True)
    read.read_query(call, NO_QUERY)
    wishes = new_property(read_body(call))
    return wrapped(call, f'"data":{rules.create_property(call, caller, wishes)}')


@router.get("/api/v2/properties/relations", operation_id="getPropertiesByRelation")
@follows("cotalker.properties.relations", "cotalker.envelope.older-lists")
def get_properties_by_relation(call: CotalkerCall) -> Response:
    """List the elements directly below an element, or above it."""
    caller = authenticate(call)
    query = read.read_query(call, RELATION_QUERY)
    if "property" not in query:
        raise MissingField("property").by("cotalker.properties.relation-needs-element")
    if query.get("relation") != "child":
        follow("cotalker.properties.relation-parent")
    related = rules.related(caller, query["property"], query.get("relation", "child"))
    properties = filtered(related, {name: query[name] for name in query if name == "isActive"}, rules.PROPERTIES)
    page = Page.of(query, default_sort="modifiedAt", by="cotalker.lists.order")
    return listed(call, rules.PROPERTIES, properties, page, query, key="properties", counters=BOTH_COUNTERS)


@router.get("/api/v2/properties/superproperties/{propertyId}", operation_id="getSuperproperties")
@follows("cotalker.properties.superproperties", "cotalker.properties.superproperties-form", "cotalker.envelope.older-lists")
def get_superproperties(call: CotalkerCall) -> Response:
    """List the elements directly above an element."""
    caller = authenticate(call)
    element, query = read.read_id_and_query(call, ABOVE_QUERY, name="propertyId")
    document_of(call, caller, Property, element)
    properties = filtered(rules.related(caller, element, "parent"), query, rules.PROPERTIES)
    page = Page.of(query, default_sort="modifiedAt", by="cotalker.lists.order")
    return listed(call, rules.PROPERTIES, properties, page, query, key="properties", counters=BOTH_COUNTERS)


@router.get("/api/v2/properties/code/{code}", operation_id="getPropertyByCode")
@follows("cotalker.properties.by-code", "cotalker.envelope.version-2-single")
def get_property_by_code(call: CotalkerCall) -> Response:
    """Give one element by its code."""
    caller = authenticate(call)
    read.read_query(call, NO_QUERY)
    return wrapped(call, f'"data":{document_of(call, caller, Property, call.path_params["code"], by="code")}')


@router.get("/api/v2/properties/{propertyId}", operation_id="getPropertyById")
@follows("cotalker.properties.by-id", "cotalker.envelope.version-2-single")
def get_property_by_id(call: CotalkerCall) -> Response:
    """Give one element, active or not."""
    caller = authenticate(call)
    require_admin(call, caller, "properties")
    element, _ = read.read_id_and_query(call, NO_QUERY, name="propertyId")
    return wrapped(call, f'"data":{document_of(call, caller, Property, element)}')


@router.patch("/api/v2/properties/{propertyId}", operation_id="updateProperty")
@follows("cotalker.records.replaced", "cotalker.envelope.version-2-writes")
def update_property(call: CotalkerCall) -> Response:
    """Change an element."""
    caller = authenticate(call)
    require_admin(call, caller, "properties", write=True)
    element, _ = read.read_id_and_query(call, NO_QUERY, name="propertyId")
    wishes = changed_property(read_body(call))
    return wrapped(call, f'"data":{rules.change_property(call, caller, element, wishes)}')


@router.patch("/api/v2/properties/jsonpatch/{propertyId}", operation_id="patchProperty")
@follows("cotalker.json-patch.properties", "cotalker.envelope.version-2-writes")
def patch_property(call: CotalkerCall) -> Response:
    """Change an element by JSON Patch."""
    caller = authenticate(call)
    require_admin(call, caller, "properties", write=True)
    element, _ = read.read_id_and_query(call, NO_QUERY, name="propertyId")
    patch = read_patch(call)
    wishes, gone = patched_property(document_of(call, caller, Property, element), patch)
    return wrapped(call, f'"data":{rules.change_property(call, caller, element, wishes, gone=gone)}')


@router_v1.post("/properties/find", operation_id="findProperties")
@follows("cotalker.properties.find", "cotalker.properties.find-bare")
def find_properties(call: CotalkerCall) -> Response:
    """List the elements that match a query."""
    caller = authenticate(call)
    return found(call, rules.FINDABLE_PROPERTIES, of_company(caller.company), read_body(call))


@router_v1.get("/properties/findByCode/{code}", operation_id="findPropertyByCode")
@follows("cotalker.properties.bare-v1")
def find_property_by_code(call: CotalkerCall) -> Response:
    """Give one element by its code, bare."""
    caller = authenticate(call)
    return bare(document_of(call, caller, Property, call.path_params["code"], by="code"))


@router_v1.get("/properties/{propertyId}", operation_id="getPropertyV1")
@follows("cotalker.properties.bare-v1")
def get_property_v1(call: CotalkerCall) -> Response:
    """Give one element, bare."""
    caller = authenticate(call)
    element, _ = read.read_id_and_query(call, {}, name="propertyId")
    return bare(document_of(call, caller, Property, element))
