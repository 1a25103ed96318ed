"""Properties and property types: creation, change, and other ways to read them. Their lists are in test_people_lists.py."""

from typing import Any

import pytest
from starlette.testclient import TestClient

from cotalker.people import (
    AGENT,
    CITY,
    COAST,
    COMPANY,
    HARBOUR,
    MARKET,
    NEW_PROPERTY,
    NEW_PROPERTY_TYPE,
    SHOPS,
    STATION,
    UNKNOWN,
)

PROPERTIES = "/api/v2/properties"
TYPES = "/api/v2/propertyTypes"
CODE = "be at most 60 lowercase letters, digits and underscores"


class TestReadProperty:
    """One element, by id and by code, wrapped and bare."""

    def test_all_ways(self, cotalker: TestClient) -> None:
        """They all give the same document."""
        element = cotalker.get(f"{PROPERTIES}/{HARBOUR}").json()["data"]

        assert element["name"] == {"code": "shop_harbour", "display": "Harbour shop"}
        assert element["propertyType"] == "shops"
        assert "__v" not in element
        assert cotalker.get(f"{PROPERTIES}/code/shop_harbour").json() == {"data": element}
        for path in (HARBOUR, "findByCode/shop_harbour"):
            assert cotalker.get(f"/api/v1/properties/{path}").json() == element
            assert cotalker.get(f"/api/properties/{path}").json() == element

    def test_element_of_a_workflow(self, cotalker: TestClient, rows) -> None:
        """A task's status and asset are elements, and its machine's collection is there."""
        (task, *_) = rows(cotalker, "/api/v2/task-groups/61a8b233685ed3562e7cfdeb/tasks")

        for field in ("status", "asset"):
            element = cotalker.get(f"{PROPERTIES}/{task[field]}").json()["data"]
            assert cotalker.get(f"{TYPES}/code/{element['propertyType']}").json()["data"]["code"] == element["propertyType"]


class TestCreateProperty:
    """POST /api/v2/properties."""

    def test_minimum(self, cotalker: TestClient, clock) -> None:
        """The answer to what is needed."""
        clock.freeze("2026-06-02T08:00:00.250Z")

        element = cotalker.post(PROPERTIES, json=NEW_PROPERTY).json()["data"]

        stamp = "2026-06-02T08:00:00.250Z"
        rest = {"company": COMPANY, "createdAt": stamp, "modifiedAt": stamp}
        assert element == {"isActive": True, "subproperty": [], "_id": element["_id"], **NEW_PROPERTY, **rest}
        assert cotalker.get(f"{PROPERTIES}/code/shop_airport").json()["data"] == element

    def test_everything(self, cotalker: TestClient) -> None:
        """Every field of the model that may be sent comes back as sent."""
        fields = {
            **NEW_PROPERTY,
            "isActive": False,
            "subproperty": [HARBOUR, CITY],
            "schemaInstance": {"address": "é", "seats": [1, 2.5, None]},
            "owner": {"$ref": "users", "$id": AGENT, "$db": "main"},
        }

        element = cotalker.post(PROPERTIES, json=fields).json()["data"]

        assert {name: element[name] for name in fields} == fields
        found = cotalker.get(f"{PROPERTIES}?parent={element['_id']}").json()["data"]["properties"]
        assert {one["_id"] for one in found} == {HARBOUR, CITY}

    @pytest.mark.parametrize(
        ("body", "error"),
        [
            ({}, '"name" is required'),
            ({"name": {"display": "x"}}, '"name.code" is required'),
            ({"name": {"code": "x"}}, '"name.display" is required'),
            ({"name": {"code": "x", "display": "x"}}, '"propertyType" is required'),
            ({**NEW_PROPERTY, "name": {"code": "A b", "display": "x"}}, f'"name.code" must {CODE}:\n("A b")'),
            ({**NEW_PROPERTY, "name": {"code": "x" * 61, "display": "x"}}, f'"name.code" must {CODE}:\n("{"x" * 61}")'),
            ({**NEW_PROPERTY, "name": {"code": "", "display": "x"}}, '"name.code" must not be empty:\n("")'),
            ({**NEW_PROPERTY, "propertyType": 5}, '"propertyType" must be a string:\n("5")'),
            ({**NEW_PROPERTY, "subproperty": ["x"]}, '"subproperty[0]" must be a valid ObjectId:\n("x")'),
            ({**NEW_PROPERTY, "owner": {"$ref": "users"}}, '"owner.$id" is required'),
            ({**NEW_PROPERTY, "owner": {"$id": AGENT}}, '"owner.$ref" is required'),
            ({**NEW_PROPERTY, "schemaInstance": []}, '"schemaInstance" must be of type object:\n("[]")'),
        ],
    )
    def test_malformed(self, cotalker: TestClient, assert_refused, body: dict[str, Any], error: str) -> None:
        """What is missing or doesn't fit is named."""
        assert_refused(cotalker.post(PROPERTIES, json=body), 400, error)

    @pytest.mark.parametrize("fields", [{"propertyType": "nothing"}, {"propertyType": SHOPS}, {"subproperty": [UNKNOWN]}])
    def test_unknown_references(self, cotalker: TestClient, assert_refused, fields: dict[str, Any]) -> None:
        """Its collection, named by the code and not the id, and those below it must be of the company."""
        assert_refused(cotalker.post(PROPERTIES, json={**NEW_PROPERTY, **fields}), 404, "Not Found")

    def test_taken(self, cotalker: TestClient, assert_refused) -> None:
        """A code belongs to one element of a company, of whatever collection."""
        body = {"name": {"code": "region_city", "display": "x"}, "propertyType": "shops"}

        assert_refused(cotalker.post(PROPERTIES, json=body), 409, '"name.code" already exists')

    @pytest.mark.parametrize("path", ["/api/v2/properties/multi", "/api/v2/properties/superproperties/multi"])
    def test_one_by_one(self, cotalker: TestClient, assert_refused, path: str) -> None:
        """There is no route to make several at once."""
        assert_refused(cotalker.post(path, json={"cmd": []}), 404, "Not Found")


class TestUpdateProperty:
    """PATCH /api/v2/properties/{id}."""

    def test_replaces(self, cotalker: TestClient, clock) -> None:
        """What is sent replaces what was there, whole; the rest stays."""
        before = cotalker.get(f"{PROPERTIES}/{HARBOUR}").json()["data"]
        clock.freeze("2026-06-02T08:00:00.000Z")
        changes = {"name": {"code": "new_code", "display": "New"}, "schemaInstance": {"a": 1}, "propertyType": "regions"}

        after = cotalker.patch(f"{PROPERTIES}/{HARBOUR}", json=changes).json()["data"]

        assert after == {**before, **changes, "modifiedAt": "2026-06-02T08:00:00.000Z"}
        assert cotalker.get(f"{PROPERTIES}/code/shop_harbour").status_code == 404
        assert cotalker.get(f"{PROPERTIES}/code/new_code").json()["data"] == after
        found = cotalker.get(f"{PROPERTIES}?propertyTypes=regions&search=new").json()["data"]["properties"]
        assert found == [after]

    def test_hierarchy_follows(self, cotalker: TestClient) -> None:
        """Those below an element are the new ones."""
        cotalker.patch(f"{PROPERTIES}/{CITY}", json={"subproperty": [HARBOUR]})

        below = cotalker.get(f"{PROPERTIES}/relations?property={CITY}&relation=child").json()["data"]["properties"]
        assert [one["_id"] for one in below] == [HARBOUR]
        above = cotalker.get(f"{PROPERTIES}/superproperties/{HARBOUR}").json()["data"]["properties"]
        assert {one["_id"] for one in above} == {COAST, CITY}
        assert cotalker.get(f"{PROPERTIES}/superproperties/{STATION}").json()["data"]["properties"] == []

    def test_taken(self, cotalker: TestClient, assert_refused) -> None:
        """A code that another element has is refused, its own is not."""
        taken = {"name": {"code": "shop_market", "display": "x"}, "isActive": False}
        own = {"name": {"code": "shop_harbour", "display": "x"}}

        assert_refused(cotalker.patch(f"{PROPERTIES}/{HARBOUR}", json=taken), 409, '"name.code" already exists')
        assert cotalker.get(f"{PROPERTIES}/{HARBOUR}").json()["data"]["isActive"] is True
        assert cotalker.patch(f"{PROPERTIES}/{HARBOUR}", json=own).status_code == 200

    @pytest.mark.parametrize("fields", [{"propertyType": "nothing"}, {"subproperty": [UNKNOWN]}])
    def test_unknown_references(self, cotalker: TestClient, assert_refused, fields: dict[str, Any]) -> None:
        """What it refers to must be of the company."""
        assert_refused(cotalker.patch(f"{PROPERTIES}/{HARBOUR}", json=fields), 404, "Not Found")

    @pytest.mark.parametrize("field", ["_id", "company", "createdAt", "modifiedAt", "search", "extra", "geo", "users", "__v"])
    def test_ignored(self, cotalker: TestClient, field: str) -> None:
        """What the server manages, and what is deprecated, is ignored."""
        assert cotalker.patch(f"{PROPERTIES}/{HARBOUR}", json={field: "x"}).json()["data"].get(field) != "x"

    def test_no_removal(self, cotalker: TestClient) -> None:
        """That elements can be removed is not emulated; a client has it, no page of the vendor."""
        assert cotalker.delete(f"{PROPERTIES}/{HARBOUR}").status_code == 501


class TestFindProperties:
    """POST /api/v1/properties/find."""

    @pytest.mark.parametrize(
        ("query", "expected"),
        [
            ({"propertyType": "shops"}, [HARBOUR, MARKET, STATION]),
            ({"name.code": "shop_market"}, [MARKET]),
            ({"name.code": {"$in": ["shop_market", "shop_harbour", "x"]}}, [HARBOUR, MARKET]),
            ({"name.display": {"$regex": "^Har"}}, [HARBOUR]),
            ({"subproperty": {"$in": [STATION]}}, [CITY]),
            ({"schemaInstance.seats": {"$gte": 40}}, [HARBOUR]),
            ({"propertyType": "shops", "_id": {"$ne": MARKET}, "isActive": True}, [HARBOUR, STATION]),
            ({"propertyType": "shops", "skip": 1, "limit": 1}, [MARKET]),
            ({"name.code": "next_door"}, []),
        ],
    )
    def test_query(self, agent: TestClient, query: dict[str, Any], expected: list[str]) -> None:
        """A query in the manner of MongoDB, answered by a bare array."""
        assert [one["_id"] for one in agent.post("/api/v1/properties/find", json=query).json()] == expected

    def test_fields(self, agent: TestClient) -> None:
        """`fields` leaves the others out."""
        query = {"propertyType": "regions", "limit": 0, "fields": ["name", "nothing"]}

        found = agent.post("/api/properties/find", json=query).json()

        assert [set(one) for one in found] == [{"_id", "name"}] * 3

    @pytest.mark.parametrize(
        ("query", "error"),
        [
            ({"_id": "x"}, '"_id" must be a valid ObjectId:\n("x")'),
            ({"skip": "x"}, '"skip" must be a number:\n("x")'),
        ],
    )
    def test_refused(self, agent: TestClient, assert_refused, query: dict[str, Any], error: str) -> None:
        """What can't be understood is refused."""
        assert_refused(agent.post("/api/v1/properties/find", json=query), 400, error)


class TestPropertyTypes:
    """Collections."""

    def test_read(self, cotalker: TestClient) -> None:
        """One by id and by code."""
        collection = cotalker.get(f"{TYPES}/{SHOPS}").json()["data"]

        assert collection["code"] == "shops"
        assert [node["key"] for node in collection["schemaNodes"]] == ["address", "opened", "seats"]
        assert cotalker.get(f"{TYPES}/code/shops").json() == {"data": collection}
        assert cotalker.get("/api/v2/propertytypes/code/shops").json() == {"data": collection}

    def test_create(self, cotalker: TestClient, clock) -> None:
        """The answer to what is needed; elements can be put into it."""
        clock.freeze("2026-06-02T08:00:00.250Z")

        collection = cotalker.post(TYPES, json=NEW_PROPERTY_TYPE).json()["data"]

        stamp = "2026-06-02T08:00:00.250Z"
        assert collection == {
            "isActive": True,
            "viewPermissions": [],
            "schemaNodes": [],
            "_id": collection["_id"],
            **NEW_PROPERTY_TYPE,
            "company": COMPANY,
            "createdAt": stamp,
            "modifiedAt": stamp,
            "__v": 0,
        }
        body = {"name": {"code": "van", "display": "Van"}, "propertyType": "vehicles"}
        assert cotalker.post(PROPERTIES, json=body).status_code == 200

    def test_everything(self, cotalker: TestClient) -> None:
        """Every field of the model that may be sent comes back as sent."""
        node = {
            "key": "k",
            "display": "K",
            "description": "",
            "basicType": "COTUser",
            "subType": "x",
            "isArray": True,
            "isActive": False,
            "weight": 1.5,
            "validators": {"required": True, "min": 0, "max": 5, "arrayMin": 1, "arrayMax": 2, "validator": "v"},
            "visualization": {"displayAs": "list"},
        }
        fields = {**NEW_PROPERTY_TYPE, "isActive": False, "viewPermissions": ["a", "b"], "schemaNodes": [node]}

        collection = cotalker.post(TYPES, json=fields).json()["data"]

        assert {name: collection[name] for name in fields} == fields

    @pytest.mark.parametrize(
        ("body", "error"),
        [
            ({"code": "x"}, '"display" is required'),
            ({"display": "x"}, '"code" is required'),
            ({"display": "x", "code": "X"}, f'"code" must {CODE}:\n("X")'),
            ({**NEW_PROPERTY_TYPE, "schemaNodes": [{"key": "k", "display": "x"}]}, '"schemaNodes[0].basicType" is required'),
            (
                {**NEW_PROPERTY_TYPE, "schemaNodes": [{"key": "k", "display": "x", "basicType": "x"}]},
                '"schemaNodes[0].basicType" must be one of '
                '[string, number, date, boolean, link, file, COTProperty, COTUser]:\n("x")',
            ),
            ({**NEW_PROPERTY_TYPE, "viewPermissions": [5]}, '"viewPermissions" must be an array of strings:\n("[5]")'),
        ],
    )
    def test_malformed(self, cotalker: TestClient, assert_refused, body: dict[str, Any], error: str) -> None:
        """What is missing or doesn't fit is named."""
        assert_refused(cotalker.post(TYPES, json=body), 400, error)

    def test_taken(self, cotalker: TestClient, assert_refused) -> None:
        """A code belongs to one collection of a company."""
        assert_refused(cotalker.post(TYPES, json={**NEW_PROPERTY_TYPE, "code": "shops"}), 409, '"code" already exists')

    def test_update(self, cotalker: TestClient, clock) -> None:
        """What is sent replaces what was there; `__v` grows with an array."""
        before = cotalker.get(f"{TYPES}/{SHOPS}").json()["data"]
        clock.freeze("2026-06-02T08:00:00.000Z")
        changes = {"display": "Branches", "viewPermissions": ["x"], "code": "shops"}

        after = cotalker.patch(f"{TYPES}/{SHOPS}", json=changes).json()["data"]

        assert after == {**before, **changes, "modifiedAt": "2026-06-02T08:00:00.000Z", "__v": 1}
        assert cotalker.get(f"{TYPES}?search=branches&viewPermissions=x").json()["data"]["propertyTypes"] == [after]

    def test_fixed_code(self, cotalker: TestClient, assert_refused) -> None:
        """Elements name their collection by its code, so it stays."""
        assert_refused(cotalker.patch(f"{TYPES}/{SHOPS}", json={"code": "branches"}), 400, '"code" cannot be changed')
        assert cotalker.get(f"{TYPES}/{SHOPS}").json()["data"]["code"] == "shops"
