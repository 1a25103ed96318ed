"""JSON Patch (RFC 6902) on users and properties: what it does, and that a failure does nothing."""

import copy
from collections.abc import Callable
from time import monotonic
from typing import Any

import jsonpatch
import pytest
from starlette.testclient import TestClient

from cotalker.people import ADMIN, AGENT, CITY, HARBOUR, MARKET, NAME, STATION, UNKNOWN

Patch = list[dict[str, Any]]
WHERE = "point to something that is there"


@pytest.fixture
def patch(cotalker: TestClient) -> Callable[..., Any]:
    """Return a function that patches the ordinary user, or an element: `patch([...], element=True)`."""

    def run(operations: Any, *, element: bool = False) -> Any:
        path = f"/api/v2/properties/jsonpatch/{CITY}" if element else f"/api/v2/users/jsonpatch/{AGENT}"
        return cotalker.patch(path, json=operations)

    return run


@pytest.fixture
def user(cotalker: TestClient) -> Callable[[], dict[str, Any]]:
    """Return a function that reads the user."""

    def read() -> dict[str, Any]:
        found: dict[str, Any] = cotalker.get(f"/api/v2/users/{AGENT}").json()["data"]
        return found

    return read


class TestOperations:
    """The six operations."""

    @pytest.mark.parametrize(
        "operations",
        [
            [{"op": "add", "path": "/phone", "value": "1"}],
            [{"op": "add", "path": "/properties/-", "value": MARKET}],
            [{"op": "add", "path": "/properties/0", "value": MARKET}],
            [{"op": "replace", "path": "/name/displayName", "value": "Z"}],
            [{"op": "remove", "path": "/jobTitle"}],
            [{"op": "remove", "path": "/properties/0"}],
            [{"op": "move", "from": "/jobTitle", "path": "/phone"}],
            [{"op": "copy", "from": "/jobTitle", "path": "/phone"}],
            [{"op": "copy", "from": "/name", "path": "/extensions/name"}],
            [
                {"op": "test", "path": "/name/names", "value": "Jean"},
                {"op": "add", "path": "/extensions/a~1b", "value": {"c": [1]}},
            ],
            [{"op": "add", "path": "/extensions/x", "value": []}, {"op": "add", "path": "/extensions/x/-", "value": "😀"}],
            [{"op": "add", "path": "/companies/0/hierarchy/peers/-", "value": ADMIN}],
            [{"op": "test", "path": "/isActive", "value": True}],
            [],
        ],
    )
    def test_as_the_library(self, patch, user, operations: Patch) -> None:
        """The user becomes what the patch makes of it; words and stamp follow."""
        expected = jsonpatch.apply_patch(copy.deepcopy(user()), operations)

        answer = patch(operations)

        assert answer.status_code == 200
        after = answer.json()["data"]
        assert after == user()
        managed = {"modifiedAt": None, "search": None, "__v": None}
        assert {**after, **managed} == {**expected, **managed}

    def test_whole(self, patch, user) -> None:
        """The whole user can be replaced by what is read of it."""
        before = user()

        answer = patch([{"op": "replace", "path": "", "value": {**before, "name": NAME, "isOnline": True, "_id": UNKNOWN}}])

        after = answer.json()["data"]
        assert after["name"] == NAME
        assert (after["_id"], after["isOnline"]) == (AGENT, False)

    def test_follows(self, patch, cotalker: TestClient) -> None:
        """What follows from a field, follows: rights, words, lists."""
        roles = {role["name"]: role["_id"] for role in cotalker.get("/api/v2/accessroles").json()["data"]["accessRoles"]}

        user = patch(
            [
                {"op": "add", "path": "/accessRoles/-", "value": roles["Supervisors"]},
                {"op": "replace", "path": "/name/names", "value": "Zoé"},
                {"op": "replace", "path": "/properties", "value": [STATION]},
            ]
        ).json()["data"]

        assert user["permissionsV2"] == ["app-access", "app-tasks", "field-supervisor"]
        assert cotalker.get("/api/v2/users?search=zoé").json()["data"]["users"] == [user]
        assert cotalker.get(f"/api/v2/users?property={STATION}").json()["data"]["users"] == [user]
        assert user["__v"] == 1

    def test_managed(self, patch, user) -> None:
        """Changes of what the server manages have no effect."""
        before = user()
        paths = ("/permissionsV2", "/search", "/createdAt", "/__v", "/isOnline", "/unknown")

        after = patch([{"op": "add", "path": path, "value": "x"} for path in paths] + [{"op": "remove", "path": "/_id"}]).json()[
            "data"
        ]

        assert {**after, "modifiedAt": None} == {**before, "modifiedAt": None}

    def test_password(self, patch, anonymous: TestClient) -> None:
        """A password can be added, and is not shown."""
        answer = patch([{"op": "add", "path": "/password", "value": "hidden"}])

        assert "hidden" not in answer.text
        assert anonymous.post("/auth/local", json={"email": "agent@cotalker.test", "password": "hidden"}).status_code == 200

    def test_null(self, patch) -> None:
        """A null stands where a field was never set."""
        assert patch([{"op": "add", "path": "/job", "value": None}]).json()["data"]["job"] is None

    def test_element(self, patch, cotalker: TestClient) -> None:
        """Elements are patched in the same way."""
        operations = [
            {"op": "replace", "path": "/name/display", "value": "Town"},
            {"op": "add", "path": "/subproperty/-", "value": HARBOUR},
            {"op": "add", "path": "/owner", "value": {"$ref": "users", "$id": AGENT}},
        ]

        element = patch(operations, element=True).json()["data"]

        assert element["name"] == {"code": "region_city", "display": "Town"}
        assert element["subproperty"] == [MARKET, STATION, HARBOUR]
        assert cotalker.get(f"/api/v2/properties?owner[$id]={AGENT}&search=town").json()["data"]["properties"] == [element]
        assert "owner" not in patch([{"op": "remove", "path": "/owner"}], element=True).json()["data"]
        assert cotalker.get(f"/api/v2/properties?owner[$id]={AGENT}").json()["data"]["properties"] == []

    def test_debug(self, cotalker: TestClient) -> None:
        """`debug=true` shows the operations."""
        operations = [{"op": "test", "path": "/isActive", "value": True}]

        answer = cotalker.patch(f"/api/v2/users/jsonpatch/{AGENT}?debug=true", json=operations).json()

        assert answer["debug"] == {"data": {"body": operations}}


REFUSED: list[tuple[Any, str]] = [
    ([5], '"[0]" must be of type object:\n("5")'),
    ([{"path": "/phone"}], '"[0].op" is required'),
    ([{"op": "add", "value": 1}], '"[0].path" is required'),
    ([{"op": "add", "path": "/phone"}], '"[0].value" is required'),
    ([{"op": "test", "path": "/phone"}], '"[0].value" is required'),
    ([{"op": "move", "path": "/phone"}], '"[0].from" is required'),
    ([{"op": "put", "path": "/phone"}], '"[0].op" must be one of [add, remove, replace, move, copy, test]:\n("put")'),
    (
        [{"op": "ADD", "path": "/phone", "value": ""}],
        '"[0].op" must be one of [add, remove, replace, move, copy, test]:\n("ADD")',
    ),
    ([{"op": None, "path": "/phone"}], '"[0].op" must be one of [add, remove, replace, move, copy, test]:\n("null")'),
    ([{"op": "add", "path": "phone", "value": ""}], '"[0].path" must be a JSON pointer:\n("phone")'),
    ([{"op": "add", "path": "/~2", "value": ""}], '"[0].path" must be a JSON pointer:\n("/~2")'),
    ([{"op": "add", "path": 5, "value": ""}], '"[0].path" must be a string:\n("5")'),
    ([{"op": "copy", "from": ["x"], "path": "/a"}], '"[0].from" must be a string:\n("["x"]")'),
    ([{"op": "remove", "path": "/nothing"}], f'"[0].path" must {WHERE}:\n("/nothing")'),
    ([{"op": "replace", "path": "/nothing", "value": 1}], f'"[0].path" must {WHERE}:\n("/nothing")'),
    ([{"op": "add", "path": "/a/b", "value": 1}], f'"[0].path" must {WHERE}:\n("/a/b")'),
    ([{"op": "add", "path": "/properties/9", "value": HARBOUR}], f'"[0].path" must {WHERE}:\n("/properties/9")'),
    ([{"op": "add", "path": "/properties/01", "value": HARBOUR}], f'"[0].path" must {WHERE}:\n("/properties/01")'),
    ([{"op": "add", "path": "/properties/-1", "value": HARBOUR}], f'"[0].path" must {WHERE}:\n("/properties/-1")'),
    ([{"op": "add", "path": "/properties/x", "value": HARBOUR}], f'"[0].path" must {WHERE}:\n("/properties/x")'),
    ([{"op": "remove", "path": "/properties/-"}], f'"[0].path" must {WHERE}:\n("/properties/-")'),
    ([{"op": "replace", "path": "/properties/-", "value": HARBOUR}], f'"[0].path" must {WHERE}:\n("/properties/-")'),
    ([{"op": "copy", "from": "/properties/-", "path": "/phone"}], f'"[0].from" must {WHERE}:\n("/properties/-")'),
    ([{"op": "move", "from": "/properties/-", "path": "/phone"}], f'"[0].from" must {WHERE}:\n("/properties/-")'),
    ([{"op": "move", "from": "/name", "path": "/name/x"}], f'"[0].path" must {WHERE}:\n("/name/x")'),
    ([{"op": "remove", "path": "/jobTitle/0"}], f'"[0].path" must {WHERE}:\n("/jobTitle/0")'),
    ([{"op": "add", "path": "/jobTitle/0", "value": "x"}], f'"[0].path" must {WHERE}:\n("/jobTitle/0")'),
    ([{"op": "add", "path": "/isActive/0", "value": "x"}], f'"[0].path" must {WHERE}:\n("/isActive/0")'),
    ([{"op": "copy", "from": "/jobTitle/0", "path": "/phone"}], f'"[0].from" must {WHERE}:\n("/jobTitle/0")'),
    ([{"op": "move", "from": "/nothing", "path": "/phone"}], f'"[0].from" must {WHERE}:\n("/nothing")'),
    ([{"op": "add", "path": "/avatar", "value": None}], '"avatar" must be of type object:\n("null")'),
    ([{"op": "copy", "from": "/nothing", "path": "/phone"}], f'"[0].from" must {WHERE}:\n("/nothing")'),
    ([{"op": "test", "path": "/isActive", "value": 1}], '"[0].value" must equal what is there:\n("1")'),
    ([{"op": "test", "path": "/isActive", "value": "true"}], '"[0].value" must equal what is there:\n("true")'),
    ([{"op": "test", "path": "/password", "value": "understudy"}], '"[0].value" must equal what is there:\n("understudy")'),
    ([{"op": "remove", "path": "/accessRoles"}], '"accessRoles" is required'),
    ([{"op": "remove", "path": "/name/names"}], '"name.names" is required'),
    ([{"op": "remove", "path": "/email"}], '"email" is required'),
    ([{"op": "replace", "path": "/email", "value": "x@y.test"}], '"email" cannot be changed'),
    ([{"op": "replace", "path": "/email", "value": 5}], '"email" must be a string:\n("5")'),
    ([{"op": "replace", "path": "/isActive", "value": "no"}], '"isActive" must be a boolean:\n("no")'),
    ([{"op": "add", "path": "/properties/-", "value": "x"}], '"properties[1]" must be a valid ObjectId:\n("x")'),
    ([{"op": "replace", "path": "", "value": 5}], '"value" must be of type object:\n("5")'),
    ([{"op": "replace", "path": "", "value": {}}], '"name" is required'),
]


class TestRefused:
    """A patch that fails, fails whole."""

    @pytest.mark.parametrize(("operations", "error"), REFUSED)
    def test_nothing_is_changed(self, patch, user, assert_refused, operations: Any, error: str) -> None:
        """The operation is named by its position; what came before it is not done either."""
        before = user()

        assert_refused(patch(operations), 400, error)
        later = [{"op": "add", "path": "/phone", "value": "1"}, *operations]
        assert_refused(patch(later), 400, error.replace('"[0]', '"[1]') if error.startswith('"[0]') else error)
        assert user() == before

    def test_move_into_itself(self, patch, user) -> None:
        """Nothing can be moved into itself."""
        before = user()

        assert patch([{"op": "move", "from": "/name", "path": "/name/x"}]).status_code == 400
        assert patch([{"op": "remove", "path": ""}]).status_code == 400
        assert user() == before

    def test_unknown_reference(self, patch, user, assert_refused) -> None:
        """What it refers to must be of the company."""
        before = user()

        assert_refused(patch([{"op": "add", "path": "/properties/-", "value": UNKNOWN}]), 404, "Not Found")
        assert user() == before

    def test_taken_code(self, patch, assert_refused) -> None:
        """An element can't get the code of another one."""
        operations = [{"op": "replace", "path": "/name/code", "value": "shop_market"}]

        assert_refused(patch(operations, element=True), 409, '"name.code" already exists')

    @pytest.mark.parametrize("field", ["name", "propertyType", "isActive", "subproperty"])
    def test_needed_of_an_element(self, patch, assert_refused, field: str) -> None:
        """What an element always has can't be removed."""
        assert_refused(patch([{"op": "remove", "path": f"/{field}"}], element=True), 400, f'"{field}" is required')


def doubling(times: int) -> Patch:
    """Return a patch that doubles a text again and again."""
    first: Patch = [{"op": "add", "path": "/extensions/a", "value": ["x" * 100]}]
    return first + [{"op": "copy", "from": "/extensions/a", "path": "/extensions/a/0"}] * times


def deepening(times: int) -> Patch:
    """Return a patch that puts a deep value below a deep value again and again, by moving what was there into the next one."""
    value: Any = "x"
    for _ in range(40):
        value = {"a": value}
    grow = [
        {"op": "add", "path": "/extensions/b", "value": value},
        {"op": "move", "from": "/extensions/a", "path": "/extensions/b" + "/a" * 40},
        {"op": "move", "from": "/extensions/b", "path": "/extensions/a"},
    ]
    return [{"op": "add", "path": "/extensions/a", "value": 1}, *(grow * times)]


class TestBounds:
    """Patches that are made to hurt."""

    @pytest.mark.parametrize(
        "operations",
        [
            doubling(30),
            doubling(900),
            deepening(20),
            deepening(300),
            [{"op": "add", "path": "/phone", "value": "1"}] * 1001,
            [{"op": "add", "path": "/extensions" + "/a" * 50, "value": "1"}],
            [{"op": "add", "path": "/extensions/x", "value": "x" * 600_000}],
            [{"op": "add", "path": "/extensions/x", "value": [[]] * 200_000}],
            [{"op": "add", "path": f"/properties/{'9' * 5000}", "value": "1"}],
            [
                {"op": "add", "path": "/extensions/x", "value": "x" * 100_000},
                *[{"op": "copy", "from": "/extensions/x", "path": f"/extensions/y{number}"} for number in range(900)],
            ],
            [{"op": "copy", "from": "", "path": "/extensions/x"}] * 999,
        ],
        ids=[
            "doubled",
            "doubled often",
            "deep",
            "very deep",
            "many",
            "deep path",
            "large",
            "large lists",
            "long index",
            "copies",
            "copies of all",
        ],
    )
    def test_refused(self, patch, user, operations: Patch) -> None:
        """They are refused, soon, and nothing is changed."""
        before, begun = user(), monotonic()

        response = patch(operations)

        assert monotonic() - begun < 5
        assert response.status_code == 400
        assert set(response.json()) == {"error"}
        assert user() == before

    def test_large_text(self, patch, user) -> None:
        """A text of 100 KB is no trouble, and may be copied."""
        text = "é" * 50_000

        patch(
            [
                {"op": "add", "path": "/extensions/x", "value": text},
                {"op": "copy", "from": "/extensions/x", "path": "/extensions/y"},
            ]
        )

        assert user()["extensions"] == {"x": text, "y": text}
