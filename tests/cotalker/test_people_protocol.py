"""What the operations on users, groups, collections, roles and the company share: credentials, permissions, ids, bodies."""

from collections.abc import Callable
from typing import Any

import pytest
from starlette.testclient import TestClient

from cotalker.people import (
    ADMIN,
    AGENT,
    COMPANY,
    FORMER,
    OPERATIONS,
    OTHER_COMPANY,
    OTHER_GROUP,
    READER,
    STRANGER,
    UNKNOWN,
    VERSION_1,
    VERSION_2,
    Operation,
)

GUARDED = [operation for operation in OPERATIONS if operation.area]
OPEN = [operation for operation in OPERATIONS if not operation.area]
WITH_ID = [operation for operation in OPERATIONS if operation.id]
WITH_BODY = [operation for operation in OPERATIONS if operation.body is not None]


@pytest.fixture
def role(cotalker: TestClient) -> str:
    """The id of some access role."""
    found: str = cotalker.get("/api/v2/accessroles").json()["data"]["accessRoles"][0]["_id"]
    return found


@pytest.fixture
def send(role: str) -> Callable[..., Any]:
    """Return a function that sends an operation: `send(client, operation)`."""

    def run(client: TestClient, operation: Operation, path: str | None = None, **options: Any) -> Any:
        if operation.body is not None and "content" not in options:
            options.setdefault("json", operation.body)
        return client.request(operation.method, (path or operation.url).replace("{role}", role), **options)

    return run


class TestCredentials:
    """Who is calling."""

    @pytest.mark.parametrize("operation", OPERATIONS, ids=str)
    def test_without_token(self, anonymous: TestClient, send, assert_refused, operation: Operation) -> None:
        """Nothing is answered without a token."""
        assert_refused(send(anonymous, operation, headers={"Admin": "true"}), 401, "Unauthorized")

    @pytest.mark.parametrize("operation", OPERATIONS, ids=str)
    def test_inactive_user(self, become, send, assert_refused, operation: Operation) -> None:
        """The token of a deactivated user is worth nothing."""
        former = become(FORMER, "admin-*-write", Admin="true")

        assert_refused(send(former, operation), 401, "Unauthorized")

    @pytest.mark.parametrize("operation", OPERATIONS, ids=str)
    def test_company_header(self, cotalker: TestClient, send, assert_refused, operation: Operation) -> None:
        """The header `Company` may name the caller's company, and no other."""
        assert send(cotalker, operation, headers={"Company": COMPANY}).status_code == 200
        assert_refused(send(cotalker, operation, headers={"Company": OTHER_COMPANY}), 403, "Forbidden")


class TestPermissions:
    """What the header `Admin` is asked for, and which permissions it needs."""

    @pytest.mark.parametrize("operation", OPEN, ids=str)
    def test_open_to_everybody(self, agent: TestClient, send, operation: Operation) -> None:
        """What the pages don't ask `Admin` for is open to every user, with or without that header."""
        assert send(agent, operation).status_code == 200
        assert send(agent, operation, headers={"Admin": "true"}).status_code == 200

    @pytest.mark.parametrize("operation", GUARDED, ids=str)
    def test_admin_header(self, server, send, assert_refused, operation: Operation) -> None:
        """An administrator without the header, or with another value of it, is refused."""
        administrator = server.client("/cotalker", Authorization="Bearer cotalker-admin")

        assert_refused(send(administrator, operation), 403, "Forbidden")
        assert_refused(send(administrator, operation, headers={"Admin": "false"}), 403, "Forbidden")
        assert send(administrator, operation, headers={"admin": "true"}).status_code == 200

    @pytest.mark.parametrize("operation", GUARDED, ids=str)
    def test_specific_permission(self, become, send, assert_refused, operation: Operation) -> None:
        """The permission of the area suffices, that to read for reading, that to write for writing; that of another doesn't."""
        enough, other = ("write", "read") if operation.writes else ("read", "write")
        assert send(become(AGENT, f"admin-{operation.area}-{enough}", Admin="true"), operation).status_code == 200
        assert_refused(send(become(AGENT, f"admin-{operation.area}-{other}", Admin="true"), operation), 403, "Forbidden")
        stranger = become(AGENT, "admin-tasks-write", "admin-access", Admin="true")
        assert_refused(send(stranger, operation), 403, "Forbidden")

    @pytest.mark.parametrize("permission", ["admin-*-write", "web-admin-write", "admin-*-read", "web-admin-read"])
    @pytest.mark.parametrize("operation", GUARDED, ids=str)
    def test_general_permission(self, become, send, operation: Operation, permission: str) -> None:
        """So do those for every area, under the older names too."""
        response = send(become(AGENT, permission, Admin="true"), operation)

        assert response.status_code == (403 if operation.writes and permission.endswith("-read") else 200)

    @pytest.mark.parametrize("operation", [operation for operation in GUARDED if operation.writes], ids=str)
    def test_read_only_user(self, become, send, assert_refused, operation: Operation) -> None:
        """A user who may only read writes nothing, whatever the permissions."""
        assert_refused(send(become(READER, "admin-*-write", Admin="true"), operation), 403, "Forbidden")

    @pytest.mark.parametrize("operation", GUARDED, ids=str)
    def test_checks_off(self, serve, operation: Operation) -> None:
        """With the checks off by a setting, only the header is asked for."""
        server = serve(cotalker_permission_checks=False)
        client = server.client("/cotalker", Authorization="Bearer cotalker-agent")
        role = client.get("/api/v2/accessroles", headers={"Admin": "true"}).json()["data"]["accessRoles"][0]["_id"]
        path = operation.url.replace("{role}", role)
        body = {} if operation.body is None else {"json": operation.body}

        assert client.request(operation.method, path, headers={"Admin": "true"}, **body).status_code == 200
        assert client.request(operation.method, path, **body).status_code == 403


class TestIds:
    """The id at the end of a path."""

    @pytest.mark.parametrize("operation", WITH_ID, ids=str)
    def test_malformed(self, cotalker: TestClient, send, operation: Operation) -> None:
        """What is no ObjectId is named and shown."""
        for id_ in ("x", f"{UNKNOWN}0", "a%2Fb"):
            response = send(cotalker, operation, f"{operation.path}/{id_}")

            assert response.status_code == 400
            assert response.json()["error"].endswith(f'Id" must be a valid ObjectId:\n("{id_.replace("%2F", "/")}")') or (
                response.json()["error"] == f'"id" must be a valid ObjectId:\n("{id_.replace("%2F", "/")}")'
            )

    @pytest.mark.parametrize("operation", WITH_ID, ids=str)
    def test_unknown(self, cotalker: TestClient, send, assert_refused, operation: Operation) -> None:
        """No record, a record of another kind and one of another company are all unknown."""
        for id_ in (UNKNOWN, OTHER_GROUP, STRANGER, OTHER_COMPANY):
            assert_refused(send(cotalker, operation, f"{operation.path}/{id_}"), 404, "Not Found")

    @pytest.mark.parametrize("operation", WITH_ID, ids=str)
    def test_letter_case(self, cotalker: TestClient, send, operation: Operation) -> None:
        """The letters of an id may be of either case, as those of the path may."""
        operation_path = operation.path.upper().replace("/BOSS", "/boss")

        assert send(cotalker, operation, f"{operation_path}/{(operation.id or '').upper()}").status_code in (200, 400)
        if operation.id != "{role}":
            assert send(cotalker, operation, f"{operation_path}/{(operation.id or '').upper()}/").status_code == 200

    @pytest.mark.parametrize(
        "path",
        ["/api/v2/properties/code", "/api/v2/propertyTypes/code", "/api/v1/properties/findByCode", "/api/properties/findByCode"],
    )
    def test_unknown_code(self, cotalker: TestClient, assert_refused, path: str) -> None:
        """A code that no record of the company has is unknown; codes are compared letter by letter."""
        for code in ("nothing", "SHOPS", "SHOP_HARBOUR", "%00", "a%2Fb", "é"):
            assert_refused(cotalker.get(f"{path}/{code}"), 404, "Not Found")


class TestDebug:
    """`debug=true`."""

    @pytest.mark.parametrize("operation", VERSION_2, ids=str)
    def test_shape(self, cotalker: TestClient, send, operation: Operation) -> None:
        """Version 2 adds how it understood the request: the query of a read, the body of a write."""
        path = f"{operation.url}{'&' if '?' in operation.url else '?'}debug=true"

        debug = send(cotalker, operation, path).json()["debug"]

        if operation.body is None:
            assert debug["data"]["query"].pop("debug") is True
            assert set(debug["data"]["query"]) == ({"property"} if "property=" in path else set())
            assert set(debug) == {"data"}
        else:
            assert debug == {"data": {"body": operation.body}}

    @pytest.mark.parametrize("operation", [operation for operation in OPERATIONS if operation not in VERSION_2], ids=str)
    def test_elsewhere(self, cotalker: TestClient, send, operation: Operation) -> None:
        """Other versions don't know it."""
        answer = send(cotalker, operation, f"{operation.url}?debug=true").json()

        assert isinstance(answer, list) or "debug" not in answer

    @pytest.mark.parametrize("operation", VERSION_2, ids=str)
    def test_malformed(self, cotalker: TestClient, send, assert_refused, operation: Operation) -> None:
        """Anything but true and false is refused."""
        path = f"{operation.url}{'&' if '?' in operation.url else '?'}debug=x"

        assert_refused(send(cotalker, operation, path), 400, '"debug" must be a boolean:\n("x")')


class TestBodies:
    """Bodies that nobody should send."""

    @pytest.mark.parametrize("operation", WITH_BODY, ids=str)
    @pytest.mark.parametrize(
        "content",
        [
            b"{",
            b"x",
            b'"x"',
            b"5",
            b"{'a': 1}",
            b"[1,]",
            b'{"a": "\xff"}',
            b'{"a": NaN}',
            b'{"a": "\\ud800"}',
            b"[" * 5000,
            b"\xef\xbb\xbf{}",
        ],
    )
    def test_no_json(self, cotalker: TestClient, send, assert_refused, operation: Operation, content: bytes) -> None:
        """What is no JSON object or array is refused before anything else of it."""
        assert_refused(send(cotalker, operation, content=content), 400, "Invalid JSON")

    @pytest.mark.parametrize("depth", range(245, 258))
    @pytest.mark.parametrize("kind", ["fields", "patch"])
    def test_deep(self, cotalker: TestClient, kind: str, depth: int) -> None:
        """However deep a body is, it is refused or can be shown: by `debug`, and within another record."""
        path, body = {
            "fields": (f"/api/v2/users/{ADMIN}", '{"extensions":%s}'),
            "patch": (f"/api/v2/users/jsonpatch/{ADMIN}", '[{"op":"add","path":"/extensions","value":%s}]'),
        }[kind]
        deep = '{"a":' * depth + "1" + "}" * depth

        answer = cotalker.patch(f"{path}?debug=true", content=body % deep)

        assert answer.status_code in (200, 400)
        assert (deep in answer.text) == (answer.status_code == 200)
        company = cotalker.get("/api/v1/companies?populate=admin")
        assert company.status_code == 200
        assert (deep in company.text) == (answer.status_code == 200)

    @pytest.mark.parametrize("operation", WITH_BODY, ids=str)
    def test_wrong_kind(self, cotalker: TestClient, send, assert_refused, operation: Operation) -> None:
        """An array where an object is wanted, and an object where an array is, are refused."""
        if isinstance(operation.body, list):
            assert_refused(send(cotalker, operation, json={}), 400, '"value" must be of type array:\n("{}")')
        else:
            assert_refused(send(cotalker, operation, json=[]), 400, '"value" must be of type object:\n("[]")')

    @pytest.mark.parametrize("operation", [o for o in WITH_BODY if isinstance(o.body, dict) and o.area], ids=str)
    @pytest.mark.parametrize(
        "value",
        [
            None,
            True,
            5,
            -1,
            1.5,
            1e300,
            12345678901234567890123,
            "",
            "x",
            "\u0000",
            [],
            [5],
            [None],
            {},
            {"a": {}},
            [[]],
            {"$ref": 5},
        ],
        ids=repr,
    )
    def test_every_field(self, cotalker: TestClient, send, operation: Operation, value: Any) -> None:
        """Whatever stands in whatever field, the answer is one of the vendor's; a refused write leaves nothing behind."""
        before = [send(cotalker, other).text for other in OPEN if other.method == "GET"]

        for field in FIELDS:
            body = {**operation.body, field: value}
            response = send(cotalker, operation, json=body)

            assert response.status_code in (200, 400, 404, 409), (field, response.text)
            if response.status_code == 200 and operation.method == "POST":
                return
        if operation.method == "POST":
            assert [send(cotalker, other).text for other in OPEN if other.method == "GET"] == before

    @pytest.mark.parametrize("operation", [o for o in WITH_BODY if o.method == "PATCH"], ids=str)
    def test_empty_patch(self, cotalker: TestClient, send, operation: Operation) -> None:
        """No change is a change of nothing but `modifiedAt`."""
        read = operation.url.replace("/jsonpatch", "").replace(
            "{role}", send(cotalker, operation).json().get("data", {}).get("_id", "")
        )
        before = cotalker.get(read).json()

        after = send(cotalker, operation, json=type(operation.body)()).json()

        before, after = before.get("data", before), after.get("data", after)
        assert {**after, "modifiedAt": None} == {**before, "modifiedAt": None}


class TestBothPrefixes:
    """Version 1 stands below `/api/v1` and `/api`."""

    @pytest.mark.parametrize("operation", VERSION_1, ids=str)
    def test_same_answer(self, cotalker: TestClient, clock, send, operation: Operation) -> None:
        """Both answer alike."""
        clock.freeze("2026-07-01T00:00:00Z")
        first = send(cotalker, operation)

        second = send(cotalker, operation, operation.url.replace("/api/v1/", "/api/"))

        assert second.status_code == first.status_code == 200
        assert second.content == first.content


FIELDS = [
    "nameDisplay",
    "nameCode",
    "isActive",
    "isCategory",
    "nestedGroups",
    "parent",
    "weight",
    "color",
    "icon",
    "actions",
    "createChannels",
    "link",
    "help",
    "groupBy",
    "groupSort",
    "groupSortDirection",
    "innerSort",
    "innerSortDirection",
    "channelsWithoutCategoryLocation",
    "hideChannelsByProperties",
    "viewSettings",
    "accessRoles",
    "email",
    "name",
    "password",
    "properties",
    "companies",
    "isReadOnly",
    "termsConditions",
    "avatar",
    "job",
    "jobTitle",
    "phone",
    "settings",
    "extensions",
    "propertyType",
    "subproperty",
    "schemaInstance",
    "owner",
    "display",
    "code",
    "viewPermissions",
    "schemaNodes",
    "permissions",
    "active",
    "description",
    "displayName",
    "legalName",
    "defaultCountry",
    "defaultLanguage",
    "emailDomains",
    "admin",
    "contactMode",
    "offline",
    "conversationGroup",
    "startGroup",
    "hideSummary",
    "appContacts",
    "legalIdentifier",
    "passwordRules",
    "_id",
    "company",
    "createdAt",
    "modifiedAt",
    "search",
    "permissionsV2",
    "__v",
    "bot",
    "unknown",
]


def test_no_operation_is_forgotten(server) -> None:
    """The operations asked here are all that the rooms' routes for these resources have."""
    from understudy.vendors.cotalker.routes import access_roles, companies, groups, properties, property_types, users

    modules = (access_roles, companies, groups, properties, property_types, users)
    routers = [router for module in modules for name in ("router", "router_v1") if (router := getattr(module, name, None))]
    served = {(method, route.path_regex.pattern) for router in routers for route in router.routes for method in route.methods}
    asked = {
        (operation.method, route.path_regex.pattern)
        for operation in [*OPERATIONS, *(Operation(o.method, o.path.replace("/v1", ""), o.area, o.body, o.id) for o in VERSION_1)]
        for router in routers
        for route in router.routes
        if operation.method in route.methods and route.path_regex.match(operation.url.partition("?")[0].replace("{role}", ADMIN))
    }

    assert {pair for pair in served if pair[0] != "HEAD"} <= asked
