"""Users: the caller, creation, change, and what follows from it."""

import json
import re
from collections.abc import Callable
from typing import Any

import pytest
from starlette.testclient import TestClient

from cotalker.people import (
    ADMIN,
    AGENT,
    CITY,
    COMPANY,
    HARBOUR,
    MARKET,
    NAME,
    NEW_USER,
    OTHER_COMPANY,
    STRANGER,
    SUPERVISOR,
    UNKNOWN,
)

USERS = "/api/v2/users"
STAMP = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")


@pytest.fixture
def roles(cotalker: TestClient) -> dict[str, str]:
    """The ids of the access roles by their names."""
    return {role["name"]: role["_id"] for role in cotalker.get("/api/v2/accessroles").json()["data"]["accessRoles"]}


@pytest.fixture
def create(cotalker: TestClient) -> Callable[..., dict[str, Any]]:
    """Return a function that makes a user with these fields beside the needed ones."""

    def run(**fields: Any) -> dict[str, Any]:
        response = cotalker.post(USERS, json={**NEW_USER, **fields})
        assert response.status_code == 200, response.text
        made: dict[str, Any] = response.json()["data"]
        return made

    return run


class TestMe:
    """The caller, under its five paths."""

    def test_version_2(self, agent: TestClient) -> None:
        """The user of the token, with the company as an object and the ids of the access roles."""
        me = agent.get(f"{USERS}/me").json()["data"]

        assert me["_id"] == AGENT
        assert me["company"] == agent.get("/api/v1/companies").json()
        assert me["company"]["_id"] == COMPANY
        assert me["allAccessRoles"] == me["accessRoles"]
        assert me["permissionsV2"] == ["app-access", "app-tasks"]
        assert me["isReadOnly"] is False
        assert [entry["companyId"] for entry in me["companies"]] == [COMPANY]
        assert isinstance(me["name"]["names"], str)

    @pytest.mark.parametrize("path", ["/api/v1/users/me", "/api/users/me", "/api/v3/auth"])
    def test_bare(self, agent: TestClient, path: str) -> None:
        """Elsewhere it is the user alone, without an envelope."""
        assert agent.get(path).json() == agent.get(f"{USERS}/{AGENT}").json()["data"]

    def test_company_changes(self, cotalker: TestClient, agent: TestClient) -> None:
        """The company in it is the company as it is now."""
        cotalker.patch(f"/api/v1/companies/{COMPANY}", json={"displayName": "Brasa Azul"})

        assert agent.get(f"{USERS}/me").json()["data"]["company"]["displayName"] == "Brasa Azul"


class TestGetUser:
    """GET /api/v2/users/{id}."""

    def test_found(self, agent: TestClient) -> None:
        """Anybody may read anybody of the company."""
        user = agent.get(f"{USERS}/{ADMIN}").json()["data"]

        assert user["_id"] == ADMIN
        assert user["email"] == "admin@cotalker.test"
        assert user["companies"][0]["hierarchy"] == {"boss": [], "peers": [], "subordinate": [AGENT, SUPERVISOR]}

    @pytest.mark.parametrize("path", [USERS, f"{USERS}/{AGENT}", f"{USERS}/me", "/api/v1/users/me", "/api/v3/auth"])
    def test_no_password(self, agent: TestClient, path: str) -> None:
        """No password is ever shown."""
        text = agent.get(path).text

        assert '"password"' not in text
        assert '"understudy"' not in text


class TestCreateUser:
    """POST /api/v2/users."""

    def test_minimum(self, clock, create) -> None:
        """What is not sent has its default; words and permissions are generated."""
        clock.freeze("2026-06-02T08:00:00.250Z")

        user = create()

        assert user == {
            "_id": user["_id"],
            **NEW_USER,
            "permissionsV2": [],
            "properties": [],
            "companies": [
                {
                    "_id": user["companies"][0]["_id"],
                    "companyId": COMPANY,
                    "hierarchy": {"boss": [], "peers": [], "subordinate": []},
                }
            ],
            "isActive": True,
            "isOnline": False,
            "isReadOnly": False,
            "termsConditions": False,
            "extensions": {},
            "search": ["ma", "tianbo", "apple", "jingmen", "com", "applejingmencom"],
            "createdAt": "2026-06-02T08:00:00.250Z",
            "modifiedAt": "2026-06-02T08:00:00.250Z",
            "__v": 0,
        }
        assert int(user["_id"][:8], 16) == 1780387200

    def test_is_found(self, cotalker: TestClient, create) -> None:
        """It is there from then on: by id, in the list, by its words."""
        user = create()

        assert cotalker.get(f"{USERS}/{user['_id']}").json()["data"] == user
        for query in ("email=apple@jingmen.com", "search=tianbo", "search=apple@jingmen.com", f"id={user['_id']}"):
            assert cotalker.get(f"{USERS}?{query}").json()["data"]["users"] == [user]

    def test_everything(self, create, roles) -> None:
        """Every field of the model that may be sent comes back as sent."""
        fields = {
            "accessRoles": [roles["Supervisors"], roles["Everybody"]],
            "properties": [HARBOUR, MARKET],
            "companies": [{"companyId": COMPANY, "hierarchy": {"boss": [ADMIN], "peers": [AGENT], "subordinate": []}}],
            "isActive": False,
            "isReadOnly": True,
            "termsConditions": True,
            "avatar": {"small": "s", "square": "q", "original": "o"},
            "job": UNKNOWN,
            "jobTitle": "Cook",
            "phone": "+56 2 2123 4567",
            "settings": {"hideSummary": True, "hideContacts": False},
            "extensions": {"collection": {"key": [1, {"a": None}]}},
        }

        user = create(**fields)

        del user["companies"][0]["_id"]
        assert {name: user[name] for name in fields} == fields
        assert user["permissionsV2"] == ["field-supervisor", "app-access", "app-tasks"]

    @pytest.mark.parametrize("text", ["😀 x", "מַחְבֶּרֶת", "x" * 100_000, "a\u0000b", "'\"; --", "%_"])
    def test_text(self, create, text: str) -> None:
        """Texts come back as sent."""
        assert create(name={**NAME, "displayName": text}, jobTitle=text)["name"]["displayName"] == text

    @pytest.mark.parametrize(
        "field",
        [
            "_id",
            "company",
            "permissionsV2",
            "search",
            "isOnline",
            "createdAt",
            "modifiedAt",
            "__v",
            "bot",
            "passwordModifiedAt",
            "lastRequestDate",
            "unknown",
        ],
    )
    def test_ignored(self, create, field: str) -> None:
        """What the server manages, and what the model does not have, is ignored."""
        assert create(**{field: "x"}).get(field) != "x"

    def test_notify(self, cotalker: TestClient) -> None:
        """`notifyEmail` is accepted."""
        assert cotalker.post(f"{USERS}?notifyEmail=true", json=NEW_USER).status_code == 200

    def test_notify_malformed(self, cotalker: TestClient, assert_refused) -> None:
        """It is a boolean."""
        assert_refused(cotalker.post(f"{USERS}?notifyEmail=1", json=NEW_USER), 400, '"notifyEmail" must be a boolean:\n("1")')

    @pytest.mark.parametrize("field", ["accessRoles", "email", "name"])
    def test_missing(self, cotalker: TestClient, assert_refused, field: str) -> None:
        """Access roles, an address and the names are needed."""
        body = {name: value for name, value in NEW_USER.items() if name != field}

        assert_refused(cotalker.post(USERS, json=body), 400, f'"{field}" is required')

    @pytest.mark.parametrize("part", NAME)
    def test_missing_name(self, cotalker: TestClient, assert_refused, part: str) -> None:
        """Each of the four names is needed."""
        name = {key: value for key, value in NAME.items() if key != part}

        assert_refused(cotalker.post(USERS, json={**NEW_USER, "name": name}), 400, f'"name.{part}" is required')

    @pytest.mark.parametrize(
        "address",
        ["", "x", "x@", "@x.test", "a@b@c.test", "a b@c.test", "x@localhost", 5, None, "a@.test"],
    )
    def test_address(self, cotalker: TestClient, address: Any) -> None:
        """What is no address is refused."""
        response = cotalker.post(USERS, json={**NEW_USER, "email": address})

        assert response.status_code == 400
        assert response.json()["error"].startswith('"email" must ')

    @pytest.mark.parametrize("address", ["a\x01@b.test", "a\x7f@b.test", "a@b\x85.test", "a\ufeff@b.test", "a@b.te\x00st"])
    def test_characters_of_an_address(self, cotalker: TestClient, assert_refused, address: str) -> None:
        """Control characters and byte order marks are in no address."""
        response = cotalker.post(USERS, json={**NEW_USER, "email": address})

        assert_refused(response, 400, f'"email" must be a valid email:\n("{address}")')

    @pytest.mark.parametrize("address", ["agent@cotalker.test", "AGENT@cotalker.test", "admin@vecina.test"])
    def test_taken(self, cotalker: TestClient, assert_refused, address: str) -> None:
        """An address belongs to one user, letter case aside, of whatever company."""
        before = cotalker.get(f"{USERS}?count=true").json()["data"]["count"]

        assert_refused(cotalker.post(USERS, json={**NEW_USER, "email": address}), 409, '"email" already exists')
        assert cotalker.get(f"{USERS}?count=true").json()["data"]["count"] == before

    @pytest.mark.parametrize(
        "fields",
        [
            {"accessRoles": [UNKNOWN]},
            {"accessRoles": [ADMIN]},
            {"properties": [HARBOUR, UNKNOWN]},
            {"companies": [{"companyId": OTHER_COMPANY}]},
            {"companies": [{"companyId": COMPANY, "hierarchy": {"boss": [STRANGER]}}]},
            {"companies": [{"companyId": COMPANY, "hierarchy": {"peers": [UNKNOWN]}}]},
            {"companies": [{"companyId": COMPANY, "hierarchy": {"subordinate": [HARBOUR]}}]},
        ],
    )
    def test_unknown_references(self, cotalker: TestClient, assert_refused, fields: dict[str, Any]) -> None:
        """What it refers to must be of the company."""
        assert_refused(cotalker.post(USERS, json={**NEW_USER, **fields}), 404, "Not Found")

    @pytest.mark.parametrize(
        ("fields", "error"),
        [
            ({"accessRoles": "x"}, '"accessRoles" must be an array:\n("x")'),
            ({"accessRoles": ["x"]}, '"accessRoles[0]" must be a valid ObjectId:\n("x")'),
            ({"accessRoles": [UNKNOWN] * 10_001}, '"accessRoles" must contain at most 10000 items:\n("10001")'),
            ({"name": "x"}, '"name" must be of type object:\n("x")'),
            ({"name": {**NAME, "names": 5}}, '"name.names" must be a string:\n("5")'),
            ({"isActive": "true"}, '"isActive" must be a boolean:\n("true")'),
            ({"companies": [{}]}, '"companies[0].companyId" is required'),
            (
                {"companies": [{"companyId": COMPANY, "hierarchy": {"boss": "x"}}]},
                '"companies[0].hierarchy.boss" must be an array:\n("x")',
            ),
            ({"password": ""}, '"password" must not be empty:\n("")'),
            ({"password": 5}, '"password" must be a string:\n("5")'),
            ({"settings": {"hideSummary": 1}}, '"settings.hideSummary" must be a boolean:\n("1")'),
            ({"extensions": []}, '"extensions" must be of type object:\n("[]")'),
        ],
    )
    def test_malformed(self, cotalker: TestClient, assert_refused, fields: dict[str, Any], error: str) -> None:
        """What doesn't fit is named and shown."""
        assert_refused(cotalker.post(USERS, json={**NEW_USER, **fields}), 400, error)


class TestPassword:
    """Passwords."""

    def test_login(self, server, create) -> None:
        """Who was created with a password can log in with it, and do what the access roles permit."""
        user = create(password="päss wörd")

        login = server.client("/cotalker").post("/auth/local", json={"email": "Apple@jingmen.com", "password": "päss wörd"})

        client = server.client("/cotalker", Authorization=f"Bearer {login.json()['token']}")
        assert client.get(f"{USERS}/me").json()["data"]["_id"] == user["_id"]
        assert user["passwordModifiedAt"] == user["createdAt"]
        assert "päss" not in json.dumps(user, ensure_ascii=False)

    def test_none(self, anonymous: TestClient, create, assert_refused) -> None:
        """Who has no password can't log in."""
        create()

        for password in ("None", "null", " "):
            response = anonymous.post("/auth/local", json={"email": "apple@jingmen.com", "password": password})
            assert_refused(response, 401, "Invalid email or password")

    def test_change(self, cotalker: TestClient, anonymous: TestClient, clock) -> None:
        """A new password replaces the old one."""
        clock.freeze("2026-06-02T08:00:00.000Z")
        user = cotalker.patch(f"{USERS}/{AGENT}", json={"password": "new"}).json()["data"]

        assert user["passwordModifiedAt"] == "2026-06-02T08:00:00.000Z"
        assert anonymous.post("/auth/local", json={"email": "agent@cotalker.test", "password": "new"}).status_code == 200
        assert anonymous.post("/auth/local", json={"email": "agent@cotalker.test", "password": "understudy"}).status_code == 401

    @pytest.mark.parametrize(
        ("method", "path", "body"),
        [
            ("POST", USERS, {**NEW_USER, "password": "hidden"}),
            ("PATCH", f"{USERS}/{AGENT}", {"password": "hidden"}),
            ("PATCH", f"{USERS}/{AGENT}", {"password": "hidden", "phone": 5}),
            ("PATCH", f"{USERS}/{AGENT}", {"extensions": {"password": "hidden"}, "password": "hidden", "isActive": 5}),
        ],
    )
    def test_debug(self, cotalker: TestClient, method: str, path: str, body: dict[str, Any]) -> None:
        """`debug=true` shows the body without it."""
        answer = cotalker.request(method, f"{path}?debug=true", json=body)

        assert answer.json()["debug"]["data"]["body"].keys() == body.keys() - {"password"}
        assert "hidden" not in answer.text

    def test_debug_of_a_patch(self, cotalker: TestClient) -> None:
        """`debug=true` shows the operations of a JSON Patch without it."""
        operations = [
            {"op": "add", "path": "/password", "value": "hidden"},
            {"op": "add", "path": "/phone", "value": "1"},
        ]

        answer = cotalker.patch(f"{USERS}/jsonpatch/{AGENT}?debug=true", json=operations)

        assert answer.json()["debug"] == {"data": {"body": [{"op": "add", "path": "/password"}, operations[1]]}}
        assert "hidden" not in answer.text


class TestUpdateUser:
    """PATCH /api/v2/users/{id}."""

    def test_replaces(self, cotalker: TestClient, clock) -> None:
        """What is sent replaces what was there, whole; the rest stays."""
        before = cotalker.get(f"{USERS}/{AGENT}").json()["data"]
        clock.freeze("2026-06-02T08:00:00.000Z")
        name = {"displayName": "Johnny", "names": "John", "lastName": "Martín", "secondLastName": "O'Brien"}

        after = cotalker.patch(f"{USERS}/{AGENT}", json={"name": name, "phone": "1"}).json()["data"]

        words = ["johnny", "john", "martín", "o", "brien", "agent", "cotalker", "test", "agentcotalkertest"]
        changed = {"name": name, "phone": "1", "search": words, "modifiedAt": "2026-06-02T08:00:00.000Z"}
        assert after == {**before, **changed}
        assert cotalker.get(f"{USERS}/{AGENT}").json()["data"] == after

    def test_words_follow(self, cotalker: TestClient) -> None:
        """The old words find nobody any more."""
        cotalker.patch(f"{USERS}/{AGENT}", json={"name": NAME})

        assert cotalker.get(f"{USERS}?search=jean").json()["data"]["users"] == []
        assert [user["_id"] for user in cotalker.get(f"{USERS}?search=tianbo").json()["data"]["users"]] == [AGENT]

    def test_lists_follow(self, cotalker: TestClient) -> None:
        """The filters know the new lists and not the old ones."""
        companies = [{"companyId": COMPANY, "hierarchy": {"boss": [SUPERVISOR]}}]
        cotalker.patch(f"{USERS}/{AGENT}", json={"properties": [CITY], "companies": companies})

        def found(query: str) -> list[str]:
            return [user["_id"] for user in cotalker.get(f"{USERS}?{query}").json()["data"]["users"]]

        assert found(f"property={CITY}") == [AGENT]
        assert AGENT not in found(f"property={HARBOUR}")
        assert AGENT in found(f"relatedUser={SUPERVISOR}")
        assert AGENT not in found(f"relatedUser={ADMIN}")

    def test_version(self, cotalker: TestClient) -> None:
        """`__v` grows when an array is replaced, as in the vendor's sample of a task group."""
        assert cotalker.patch(f"{USERS}/{AGENT}", json={"phone": "1"}).json()["data"]["__v"] == 0
        assert cotalker.patch(f"{USERS}/{AGENT}", json={"properties": []}).json()["data"]["__v"] == 1

    def test_same_address(self, cotalker: TestClient) -> None:
        """The address may be sent as it is, in letters of either case."""
        assert (
            cotalker.patch(f"{USERS}/{AGENT}", json={"email": "Agent@cotalker.test"}).json()["data"]["email"]
            == "agent@cotalker.test"
        )

    @pytest.mark.parametrize("address", ["other@cotalker.test", "admin@cotalker.test"])
    def test_other_address(self, cotalker: TestClient, assert_refused, address: str) -> None:
        """Another one is refused, and nothing else of the body is done."""
        before = cotalker.get(f"{USERS}/{AGENT}").json()

        response = cotalker.patch(f"{USERS}/{AGENT}", json={"phone": "1", "email": address, "password": "x"})

        assert_refused(response, 400, '"email" cannot be changed')
        assert cotalker.get(f"{USERS}/{AGENT}").json() == before

    def test_partial_name(self, cotalker: TestClient, assert_refused) -> None:
        """The names are replaced whole, so all four are needed."""
        response = cotalker.patch(f"{USERS}/{AGENT}", json={"name": {"displayName": "J"}})

        assert_refused(response, 400, '"name.names" is required')

    def test_unknown_reference(self, cotalker: TestClient, assert_refused) -> None:
        """What it refers to must be of the company."""
        assert_refused(cotalker.patch(f"{USERS}/{AGENT}", json={"accessRoles": [UNKNOWN]}), 404, "Not Found")
        assert_refused(
            cotalker.patch(f"{USERS}/{AGENT}", json={"companies": [{"companyId": COMPANY, "hierarchy": {"boss": [STRANGER]}}]}),
            404,
            "Not Found",
        )


class TestRights:
    """What a user may do follows the access roles, at once."""

    def test_roles_of_a_user(self, cotalker: TestClient, agent: TestClient, roles) -> None:
        """Another access role, other rights."""
        path, admin = "/api/v2/accessroles", {"Admin": "true"}
        assert agent.get(path, headers=admin).status_code == 403

        changed = cotalker.patch(f"{USERS}/{AGENT}", json={"accessRoles": [roles["Everybody"], roles["Administrators"]]}).json()[
            "data"
        ]

        assert changed["permissionsV2"] == ["app-access", "app-tasks", "admin-access", "admin-*-read", "admin-*-write"]
        assert agent.get(path, headers=admin).status_code == 200
        cotalker.patch(f"{USERS}/{AGENT}", json={"accessRoles": []})
        assert agent.get(path, headers=admin).status_code == 403
        assert agent.get(f"{USERS}/me").json()["data"]["permissionsV2"] == []

    def test_permissions_of_a_role(self, cotalker: TestClient, agent: TestClient, roles) -> None:
        """Other permissions of an access role, other rights of all its users, tokens of logins included."""
        role = f"/api/v2/accessroles/{roles['Everybody']}"

        cotalker.patch(role, json={"permissions": ["admin-users-read", "app-tasks", "admin-groups-read"]})

        assert agent.get("/api/v2/groups/61ae5eb11f130a35a73e2e06", headers={"Admin": "true"}).status_code == 200
        for user in cotalker.get(f"{USERS}?limit=100").json()["data"]["users"]:
            held = set(user["permissionsV2"])
            assert ("admin-groups-read" in held) == (roles["Everybody"] in user["accessRoles"])
            assert "app-access" not in held

    def test_inactive_role(self, cotalker: TestClient, agent: TestClient, roles) -> None:
        """An inactive access role permits nothing, until it is active again."""
        role = f"/api/v2/accessroles/{roles['Everybody']}"

        cotalker.patch(role, json={"active": False})
        without = agent.get("/api/v1/users/me").json()["permissionsV2"]
        cotalker.patch(role, json={"active": True})

        assert without == []
        assert agent.get("/api/v1/users/me").json()["permissionsV2"] == ["app-access", "app-tasks"]

    def test_tasks(self, cotalker: TestClient, agent: TestClient, rows, roles) -> None:
        """The tasks that a user sees follow too."""
        tasks = "/api/v2/task-groups/62bf5e03654e96017e00e46a/tasks"
        before = len(rows(agent, tasks))

        cotalker.patch(f"{USERS}/{AGENT}", json={"accessRoles": [roles["Everybody"], roles["Supervisors"]]})

        assert len(rows(agent, tasks)) == 40 > before

    def test_deactivated(self, cotalker: TestClient, agent: TestClient, anonymous: TestClient, assert_refused) -> None:
        """The tokens of a deactivated user are worth a 401, and there is no login; activating brings both back."""
        login = {"email": "agent@cotalker.test", "password": "understudy"}
        token = anonymous.post("/auth/local", json=login).json()["token"]
        logged_in = {"Authorization": f"Bearer {token}"}

        cotalker.patch(f"{USERS}/{AGENT}", json={"isActive": False})

        assert_refused(agent.get(f"{USERS}/me"), 401, "Unauthorized")
        assert_refused(anonymous.get(f"{USERS}/me", headers=logged_in), 401, "Unauthorized")
        assert_refused(anonymous.post("/auth/local", json=login), 401, "Invalid email or password")
        cotalker.patch(f"{USERS}/{AGENT}", json={"isActive": True})
        assert agent.get(f"{USERS}/me").status_code == anonymous.get(f"{USERS}/me", headers=logged_in).status_code == 200

    def test_read_only(self, cotalker: TestClient, become) -> None:
        """Who is made read-only writes no more."""
        writer = become(AGENT, "admin-*-write", Admin="true")
        assert writer.patch(f"{USERS}/{SUPERVISOR}", json={"phone": "1"}).status_code == 200

        cotalker.patch(f"{USERS}/{AGENT}", json={"isReadOnly": True})

        assert writer.patch(f"{USERS}/{SUPERVISOR}", json={"phone": "2"}).status_code == 403
        assert writer.get(f"{USERS}/{SUPERVISOR}").json()["data"]["phone"] == "1"

    def test_set_permissions(self, cotalker: TestClient, agent: TestClient, act) -> None:
        """The action gives a user one access role with the permissions, so that both agree."""
        act("cotalker", "set-permissions", user=AGENT, permissions=["b", "a", "b"])

        me = agent.get(f"{USERS}/me").json()["data"]
        (role,) = me["accessRoles"]
        assert me["permissionsV2"] == ["b", "a"]
        assert cotalker.get(f"/api/v2/accessroles/{role}").json()["data"]["permissions"] == ["b", "a", "b"]


class TestFindUsers:
    """POST /api/v1/users/find."""

    @pytest.mark.parametrize("query", ["", "?allFields=true", "?allFields=false"])
    def test_bare(self, agent: TestClient, cotalker: TestClient, query: str) -> None:
        """A bare array of whole users, by id, without the neighbour's."""
        found = agent.post(f"/api/v1/users/find{query}", json={"isActive": True}).json()

        users = cotalker.get(f"{USERS}?limit=100&isActive=true").json()["data"]["users"]
        assert found == sorted(users, key=lambda user: user["_id"])

    @pytest.mark.parametrize(
        ("query", "expected"),
        [
            ({"_id": AGENT}, [AGENT]),
            ({"_id": {"$in": [AGENT.upper(), ADMIN, STRANGER]}}, [ADMIN, AGENT]),
            ({"email": "agent@cotalker.test"}, [AGENT]),
            ({"email": {"$regex": "^SUPER", "$options": "i"}}, [SUPERVISOR]),
            ({"properties": HARBOUR}, [AGENT, SUPERVISOR]),
            ({"properties": {"$all": [HARBOUR, MARKET]}}, [SUPERVISOR]),
            ({"companies.hierarchy.boss": ADMIN, "name.names": "Jean"}, [AGENT]),
            ({"isActive": False, "email": "former@cotalker.test"}, ["61b9b7c6d258d731520fc858"]),
            ({"permissionsV2": "admin-*-write"}, [ADMIN]),
            ({"password": "understudy"}, []),
            ({"password": {"$exists": True}}, []),
            ({"properties": HARBOUR, "limit": 1}, [AGENT]),
            ({"properties": HARBOUR, "skip": 1}, [SUPERVISOR]),
        ],
    )
    def test_query(self, agent: TestClient, query: dict[str, Any], expected: list[str]) -> None:
        """A query in the manner of MongoDB."""
        assert [user["_id"] for user in agent.post("/api/users/find?allFields=true", json=query).json()] == expected

    @pytest.mark.parametrize(
        ("path", "body", "error"),
        [
            ("", {"_id": "x"}, '"_id" must be a valid ObjectId:\n("x")'),
            ("", {"isActive": "yes"}, '"isActive" must be a boolean:\n("yes")'),
            ("", {"limit": -1}, '"limit" must be greater than or equal to 0:\n("-1")'),
            ("?allFields=x", {}, '"allFields" must be a boolean:\n("x")'),
        ],
    )
    def test_refused(self, agent: TestClient, assert_refused, path: str, body: dict[str, Any], error: str) -> None:
        """What can't be understood is refused."""
        assert_refused(agent.post(f"/api/v1/users/find{path}", json=body), 400, error)
