"""Ids of the default world, and every operation on people, groups and collections, for the tests that ask the same of all."""

from dataclasses import dataclass
from typing import Any

COMPANY = "613eafd572343ecb53cc8ccc"
OTHER_COMPANY = "613eafd572343ecb53cc8cd1"
ADMIN = "61b9b7a9d258d731520fc846"
AGENT = "61b9b7b1d258d731520fc84a"
SUPERVISOR = "61b9b7b8d258d731520fc84f"
READER = "61b9b7c0d258d731520fc853"
FORMER = "61b9b7c6d258d731520fc858"
ROBOT = "61b9b7ccd258d731520fc85a"
BOT = "61b9b7ccd258d731520fc85b"
STRANGER = "61b9b7ced258d731520fc85d"
FREE_GROUP = "61ae5eb11f130a35a73e2e06"
WORKFLOW_GROUP = "62bf5dd8654e96017e00e421"
OTHER_GROUP = "61ae5f3c1f130a35a73e2e2f"
SHOPS, REGIONS = "61b9b690d258d731520fc7c1", "61b9b694d258d731520fc7c5"
HARBOUR, MARKET, STATION = "61b9b6a0d258d731520fc7d3", "61b9b6a1d258d731520fc7d4", "61b9b6a2d258d731520fc7d5"
COAST, CITY, ALL_REGIONS = "61b9b6b0d258d731520fc7e1", "61b9b6b1d258d731520fc7e2", "61b9b6b2d258d731520fc7e3"
UNKNOWN = "61a8b233685ed3562e7cfdec"

NAME = {"displayName": "Ma Tianbo", "names": "Tianbo", "lastName": "Ma", "secondLastName": ""}
NEW_USER: dict[str, Any] = {"accessRoles": [], "email": "apple@jingmen.com", "name": NAME}
NEW_GROUP = {"nameDisplay": "The Best Group Ever!", "nameCode": "best_group"}
NEW_PROPERTY: dict[str, Any] = {"name": {"code": "shop_airport", "display": "Airport shop"}, "propertyType": "shops"}
NEW_PROPERTY_TYPE: dict[str, Any] = {"display": "Company vehicles", "code": "vehicles"}
NEW_ROLE: dict[str, Any] = {"name": "Planners", "permissions": ["field-planner"]}


@dataclass(frozen=True)
class Operation:
    """An operation: `area` is that of the admin permission it needs, if any; `id` ends the path, if an id does."""

    method: str
    path: str
    area: str | None = None
    body: Any = None
    id: str | None = None

    @property
    def writes(self) -> bool:
        """Whether it needs a permission to write."""
        return self.area is not None and self.method != "GET"

    @property
    def url(self) -> str:
        """The whole path."""
        return f"{self.path}/{self.id}" if self.id else self.path

    def __str__(self) -> str:
        return f"{self.method} {self.path}"


def read(path: str, area: str | None = None, *, id: str | None = None) -> Operation:
    """Return a GET."""
    return Operation("GET", path, area, id=id)


VERSION_2 = [
    read("/api/v2/groups"),
    Operation("POST", "/api/v2/groups", "groups", NEW_GROUP),
    read("/api/v2/groups", "groups", id=FREE_GROUP),
    Operation("PATCH", "/api/v2/groups", "groups", {"color": "#ffffff"}, FREE_GROUP),
    read("/api/v2/users"),
    Operation("POST", "/api/v2/users", "users", NEW_USER),
    read("/api/v2/users/me"),
    read("/api/v2/users", id=AGENT),
    Operation("PATCH", "/api/v2/users", "users", {"phone": "1"}, AGENT),
    Operation("PATCH", "/api/v2/users/jsonpatch", "users", [], AGENT),
    read("/api/v2/users/relations/boss", id=ADMIN),
    read("/api/v2/properties"),
    Operation("POST", "/api/v2/properties", "properties", NEW_PROPERTY),
    read(f"/api/v2/properties/relations?property={CITY}"),
    read("/api/v2/properties/superproperties", id=MARKET),
    read("/api/v2/properties/code/shop_harbour"),
    read("/api/v2/properties", "properties", id=HARBOUR),
    Operation("PATCH", "/api/v2/properties", "properties", {"isActive": False}, HARBOUR),
    Operation("PATCH", "/api/v2/properties/jsonpatch", "properties", [], HARBOUR),
    read("/api/v2/propertyTypes"),
    Operation("POST", "/api/v2/propertyTypes", "properties", NEW_PROPERTY_TYPE),
    read("/api/v2/propertyTypes/code/shops"),
    read("/api/v2/propertyTypes", "properties", id=SHOPS),
    Operation("PATCH", "/api/v2/propertyTypes", "properties", {"isActive": False}, SHOPS),
    read("/api/v2/accessroles", "accesscontrol"),
    Operation("POST", "/api/v2/accessroles", "accesscontrol", NEW_ROLE),
    read("/api/v2/accessroles", "accesscontrol", id="{role}"),
    Operation("PATCH", "/api/v2/accessroles", "accesscontrol", {"description": "x"}, "{role}"),
]
VERSION_1 = [
    read("/api/v1/groups/all"),
    read("/api/v1/users/me"),
    Operation("POST", "/api/v1/users/find", None, {}),
    Operation("POST", "/api/v1/properties/find", None, {}),
    read("/api/v1/properties", id=HARBOUR),
    read("/api/v1/properties/findByCode/shop_harbour"),
    read("/api/v1/companies"),
    read("/api/v1/companies", id=COMPANY),
    Operation("PATCH", "/api/v1/companies", "company", {"appContacts": False}, COMPANY),
]
VERSION_3 = [read("/api/v3/auth")]
OPERATIONS = [*VERSION_2, *VERSION_1, *VERSION_3]
