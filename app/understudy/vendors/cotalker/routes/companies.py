"""The caller's company, version 1."""

from starlette.responses import Response

from understudy.core.provenance import follows
from understudy.vendors.cotalker.auth import authenticate, require_admin
from understudy.vendors.cotalker.debug import CotalkerCall
from understudy.vendors.cotalker.routes.answers import bare
from understudy.vendors.cotalker.routes.versions import Version1Router
from understudy.vendors.cotalker.rules import companies as rules
from understudy.vendors.cotalker.schemas import queries as read
from understudy.vendors.cotalker.schemas.bodies import read_body
from understudy.vendors.cotalker.schemas.companies import changed_company

router_v1 = Version1Router()


@router_v1.get("/companies", operation_id="getCompany")
@follows("cotalker.companies.own", "cotalker.companies.one-object", "cotalker.envelope.version-1-people")
def get_company(call: CotalkerCall) -> Response:
    """Give the company of the caller."""
    caller = authenticate(call)
    query = read.read_query(call, {"populate": read.texts})
    return bare(rules.own_company(call, caller, query.get("populate", ())))


@router_v1.get("/companies/{companyId}", operation_id="getCompanyById")
@follows("cotalker.companies.by-id", "cotalker.envelope.version-1-people")
def get_company_by_id(call: CotalkerCall) -> Response:
    """Give a company, which has to be the caller's."""
    caller = authenticate(call)
    company, _ = read.read_id_and_query(call, {}, name="companyId")
    return bare(rules.company_by_id(call, caller, company))


@router_v1.patch("/companies/{companyId}", operation_id="updateCompany")
@follows("cotalker.companies.by-id", "cotalker.records.replaced", "cotalker.envelope.version-1-people")
def update_company(call: CotalkerCall) -> Response:
    """Change the company of the caller."""
    caller = authenticate(call)
    require_admin(call, caller, "company", write=True)
    company, _ = read.read_id_and_query(call, {}, name="companyId")
    return bare(rules.change_company(call, caller, company, changed_company(read_body(call))))
