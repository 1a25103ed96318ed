"""Clients: finding, creating, changing and deleting them."""

from typing import Any

import pytest
from starlette.testclient import TestClient

from cubicl.office import (
    ANNA,
    CLIENT,
    CREATE,
    DELETE,
    EDIT,
    FIELD,
    JEAN,
    NOBODY,
    NONE,
    NOW_MS,
    PORTAL_USER,
    TASK,
    VIEW,
    Json,
    Office,
    assert_code,
    assert_empty,
    assert_text,
)

FULL = {
    "name": "Blue Sky Ltd",
    "fullname": "Blue Sky Limited",
    "email": "office@bluesky.test",
    "phone": "+90 1",
    "contacts": [{"name": "Ann", "position": "Buyer", "phone": "2", "email": "ANN@bluesky.test"}],
    "customFields": {"64b7f0c2a1d3e4f5a6b7c999": "A", "b": None},
    "portalCustomerManagerIds": [JEAN, ANNA],
}


def create(client: TestClient, **fields: Any) -> Json:
    """Create a client."""
    response = client.post("/crm/customers", json={"name": "New", **fields})
    assert response.status_code == 200, response.text
    made: Json = response.json()
    return made


def listed(client: TestClient, **query: Any) -> list[Json]:
    """Return a list of clients."""
    response = client.get("/crm/customers", params=query)
    assert response.status_code == 200, response.text
    clients: list[Json] = response.json()
    return clients


def names(client: TestClient, **query: Any) -> list[str]:
    """Return the names in a list of all clients that match."""
    return [one["name"] for one in listed(client, limit=0, **query)]


class TestGetClients:
    """GET /crm/customers."""

    def test_names_only(self, owner: TestClient) -> None:
        """As long as nobody asks for more there are ids and names only, sorted by name."""
        clients = listed(owner)

        assert {"_id": CLIENT, "name": "ACME"} in clients
        assert len(clients) == 6
        assert all(list(client) == ["_id", "name"] for client in clients)
        assert [client["name"] for client in clients] == sorted(client["name"] for client in clients)
        assert listed(owner, includeAllFields="false") == clients

    def test_all_fields(self, owner: TestClient) -> None:
        """With `includeAllFields` each comes as it comes alone."""
        clients = listed(owner, includeAllFields="true")

        assert [{"_id": client["_id"], "name": client["name"]} for client in clients] == listed(owner)
        assert clients == [owner.get(f"/crm/customers/{client['_id']}").json() for client in clients]

    def test_limit_and_skip(self, owner: TestClient) -> None:
        """There are ten unless more or fewer are asked for; 0 asks for all."""
        for number in range(12):
            create(owner, name=f"Z{number:02}")
        everything = listed(owner, limit=0)

        assert len(everything) == 18
        assert listed(owner) == everything[:10]
        assert listed(owner, limit=5, skip=3) == everything[3:8]
        assert listed(owner, skip=17) == everything[17:]
        assert listed(owner, skip=18) == []
        assert listed(owner, limit=10**30) == everything

    @pytest.mark.parametrize(
        "text", ["b", "BLUE", "sky", "sk", "blue s", "ky", "lue", "%", "_", "\\", "öz", "ÖZ", "l", "-way", "  blue   s"]
    )
    def test_name(self, owner: TestClient, text: str) -> None:
        """A name is found by the beginning of any of its words, whatever the case."""
        for name in (
            "Blue Sky Ltd",
            "Skyblue",
            "blue\tsky",
            "100% Cotton",
            "a_b",
            "Özil Ltd",
            "back\\slash",
            "\\ x",
            "half -way",
        ):
            create(owner, name=name)
        words = " ".join(text.casefold().split())
        everything = names(owner)

        found = names(owner, name=text)

        assert found == [name for name in everything if f" {words}" in " " + " ".join(name.casefold().split())]

    @pytest.mark.parametrize("text", ["ann@", "BLUESKY", "office@b", "@", "x", "%", "_", "client.test"])
    def test_email(self, owner: TestClient, text: str) -> None:
        """An address is found by any part of it, the client's own or a contact's, whatever the case."""
        create(owner, **FULL)
        create(owner, name="Other", contacts=[{"email": "x_y%@other.test"}])
        everything = listed(owner, includeAllFields="true", limit=0)

        found = names(owner, email=text)

        addresses = {one["name"]: [one["email"], *(contact["email"] for contact in one["contacts"])] for one in everything}
        assert found == [name for name in addresses if any(text.lower() in address.lower() for address in addresses[name])]

    def test_both(self, owner: TestClient) -> None:
        """Both filters have to match; an empty one is none."""
        create(owner, **FULL)
        create(owner, **FULL | {"email": "", "contacts": []})

        assert len(listed(owner, name="blue")) == 2
        assert len(listed(owner, name="blue", email="ann@")) == 1
        assert len(listed(owner, name="", email="")) == 8

    def test_long_text(self, owner: TestClient) -> None:
        """A text may be longer than the database takes a pattern."""
        create(owner, name="word " + "q" * 60_000, email="x@long.test")

        assert len(names(owner, name="Q" * 60_000)) == 1
        assert names(owner, name="q" * 60_001) == []
        assert len(names(owner, name="q" * 20_000, email="LONG")) == 1
        assert names(owner, name="q" * 20_000, email="short") == []

    def test_a_changed_client_is_found_anew(self, owner: TestClient) -> None:
        """Lists know the new name and the new addresses, not the old ones."""
        client = create(owner, **FULL)["_id"]
        owner.put(f"/crm/customers/{client}", json={"name": "Red", "email": "red@x.test", "contacts": None})

        assert names(owner, name="blue") == names(owner, email="bluesky") == []
        assert names(owner, name="red") == names(owner, email="red@x") == ["Red"]

    @pytest.mark.parametrize(
        ("query", "text"),
        [
            ("limit=-1", "limit must be a whole number, 0 or more"),
            ("limit=x", "limit must be a whole number, 0 or more"),
            ("limit=1.5", "limit must be a whole number, 0 or more"),
            ("limit=", "limit must be a whole number, 0 or more"),
            ("skip=-1", "skip must be a whole number, 0 or more"),
            ("skip=NaN", "skip must be a whole number, 0 or more"),
            ("includeAllFields=1", "includeAllFields must be true or false"),
            ("includeAllFields=", "includeAllFields must be true or false"),
            ("name=a&name=b", "name must be given once"),
        ],
    )
    def test_bad_query(self, owner: TestClient, query: str, text: str) -> None:
        """What doesn't fit is a 400 that says so."""
        assert_text(owner.get(f"/crm/customers?{query}"), 400, text)


class TestCreateClient:
    """POST /crm/customers."""

    def test_defaults(self, owner: TestClient, stopped) -> None:
        """What is not sent is empty."""
        client = create(owner)

        assert client == {
            "_id": client["_id"],
            "name": "New",
            "phone": "",
            "email": "",
            "fullname": "",
            "contacts": [],
            "customFields": None,
            "portalCustomerManagerIds": [],
            "createdAt": NOW_MS,
        }
        assert owner.get(f"/crm/customers/{client['_id']}").json() == client

    def test_everything(self, owner: TestClient) -> None:
        """What is sent is kept."""
        client = create(owner, **FULL)

        assert {name: client[name] for name in FULL} == FULL
        assert owner.get(f"/crm/customers/{client['_id'].upper()}").json() == client

    def test_text_comes_back(self, owner: TestClient) -> None:
        """Text of any kind and length comes back as it was sent."""
        text = '😀 \u202eשלם\u0000\n"' + "x" * 100_000

        client = create(owner, name=text, fullname=text, contacts=[{"name": text}], customFields={text: text})

        read = owner.get(f"/crm/customers/{client['_id']}").json()
        assert (read["name"], read["fullname"], read["contacts"][0]["name"], read["customFields"]) == (
            text,
            text,
            text,
            {text: text},
        )

    def test_contacts(self, owner: TestClient) -> None:
        """What is not told of a contact is empty, what the vendor doesn't know is ignored."""
        client = create(owner, contacts=[{}, {"name": "A", "age": 5}], nonsense=1, _id=NOBODY, createdAt=1)

        assert client["contacts"] == [
            {"name": "", "position": "", "phone": "", "email": ""},
            {"name": "A", "position": "", "phone": "", "email": ""},
        ]
        assert client["_id"] != NOBODY
        assert client["createdAt"] > 1

    def test_usable(self, office: Office, owner: TestClient) -> None:
        """A new client can have tasks."""
        client = create(owner)["_id"]

        assert office.task(FIELD, customer=client)["customer"] == {"_id": client, "name": "New"}

    @pytest.mark.parametrize(
        ("fields", "text"),
        [
            ({"name": ""}, "name must not be empty"),
            ({"name": None}, "name must not be empty"),
            ({"name": 5}, "name must be a string"),
            ({"fullname": None}, "fullname must be a string"),
            ({"fullname": []}, "fullname must be a string"),
            ({"email": 1}, "email must be a string"),
            ({"phone": 1.5}, "phone must be a string"),
            ({"contacts": "x"}, "contacts must be a list of objects"),
            ({"contacts": {}}, "contacts must be a list of objects"),
            ({"contacts": ["x"]}, "contacts must be a list of objects"),
            ({"contacts": [{"phone": 5}]}, "contacts.phone must be a string"),
            ({"contacts": [{"name": None}]}, "contacts.name must be a string"),
            ({"customFields": []}, "customFields must be an object with strings or null"),
            ({"customFields": {"a": 5}}, "customFields must be an object with strings or null"),
            ({"customFields": {"a": {}}}, "customFields must be an object with strings or null"),
            ({"portalCustomerManagerIds": JEAN}, "portalCustomerManagerIds must be a list of strings"),
            ({"portalCustomerManagerIds": [5]}, "portalCustomerManagerIds must be a list of strings"),
        ],
    )
    def test_bad_field(self, owner: TestClient, fields: Json, text: str) -> None:
        """A field that doesn't fit is a 400 that says so, in a change too unless null unsets it; nothing is written."""
        before = listed(owner, includeAllFields="true")

        assert_text(owner.post("/crm/customers", json={"name": "x", **fields}), 400, text)
        if fields != {"fullname": None}:
            assert_text(owner.put(f"/crm/customers/{CLIENT}", json={"name": "x", **fields}), 400, text)

        assert listed(owner, includeAllFields="true") == before

    def test_name_missing(self, owner: TestClient) -> None:
        """The name is required, in a change as well."""
        assert_text(owner.post("/crm/customers", json={"email": "x"}), 400, "name is required")
        assert_text(owner.put(f"/crm/customers/{CLIENT}", json={"email": "x"}), 400, "name is required")

    @pytest.mark.parametrize("user", [NOBODY, "x", PORTAL_USER])
    def test_unknown_manager(self, owner: TestClient, user: str) -> None:
        """Somebody who is no member of the organisation can't be told of anything: 422, and nothing is written."""
        body = {"name": "x", "portalCustomerManagerIds": [JEAN, user]}
        before = listed(owner, includeAllFields="true")

        assert_empty(owner.post("/crm/customers", json=body), 422)
        assert_empty(owner.put(f"/crm/customers/{CLIENT}", json=body), 422)

        assert listed(owner, includeAllFields="true") == before


class TestUpdateClient:
    """PUT /crm/customers/:id."""

    def test_only_what_is_sent(self, owner: TestClient) -> None:
        """What is not sent stays."""
        client = create(owner, **FULL)

        changed = owner.put(f"/crm/customers/{client['_id']}", json={"name": "Blue", "phone": "0"}).json()

        assert changed == client | {"name": "Blue", "phone": "0"}
        assert owner.get(f"/crm/customers/{client['_id']}").json() == changed

    def test_unset(self, owner: TestClient) -> None:
        """Null unsets everything but the name."""
        client = create(owner, **FULL)

        changed = owner.put(f"/crm/customers/{client['_id']}", json={**dict.fromkeys(FULL), "name": "Blue Sky Ltd"}).json()

        empty = {"fullname": "", "email": "", "phone": "", "contacts": [], "customFields": None, "portalCustomerManagerIds": []}
        assert changed == client | empty

    def test_new_name_on_tasks(self, office: Office, owner: TestClient) -> None:
        """Tasks of the client have its new name, in lists too, and so have the copies of recurrent ones."""
        client = create(owner)["_id"]
        recurrence = {"type": "daily", "period": 1, "createWhen": "completed", "active": True, "stopCondition": "none"}
        task = office.task(FIELD, customer=client, recurrent=True, recurrence=recurrence)["_id"]
        other = office.read(TASK)["customer"]

        owner.put(f"/crm/customers/{client}", json={"name": "Renamed"})

        assert office.read(task)["customer"] == {"_id": client, "name": "Renamed"}
        owner.put(f"/tasks/{task}/state", json={"value": "cb_completed"})
        tasks = owner.get("/tasks", params={"customer": client}).json()
        assert [one["customer"]["name"] for one in tasks] == ["Renamed"] * 2
        assert office.read(TASK)["customer"] == other


class TestDeleteClient:
    """DELETE /crm/customers/:id."""

    def test_gone(self, owner: TestClient) -> None:
        """It can't be found, changed, used or deleted any more."""
        client = create(owner)["_id"]

        assert_empty(owner.delete(f"/crm/customers/{client}"))

        assert client not in [one["_id"] for one in listed(owner, limit=0)]
        assert_empty(owner.get(f"/crm/customers/{client}"), 404)
        assert_empty(owner.put(f"/crm/customers/{client}", json={"name": "x"}), 404)
        assert_empty(owner.delete(f"/crm/customers/{client}"), 404)
        assert_empty(owner.post("/tasks", json={"group": FIELD, "name": "x", "customer": client}), 422)

    def test_tasks_stay(self, office: Office, owner: TestClient) -> None:
        """Its tasks stay without a client; those of others keep theirs."""
        mine = [task["_id"] for task in office.every_task(customer=CLIENT)]
        others = [task for task in office.every_task() if task["customer"] and task["_id"] not in mine]
        assert mine
        assert others

        owner.delete(f"/crm/customers/{CLIENT}")

        assert all(office.read(task)["customer"] is None for task in mine)
        assert all(office.read(task["_id"]) == task for task in others)
        assert office.every_task(customer=CLIENT) == []

    def test_copies_have_no_client(self, office: Office, owner: TestClient) -> None:
        """The next copy of a recurrent task has none either, even when the task had taken another one."""
        client, other = create(owner)["_id"], create(owner)["_id"]
        recurrence = {"type": "daily", "period": 1, "createWhen": "completed", "active": True, "stopCondition": "none"}
        task = office.task(FIELD, customer=client, recurrent=True, recurrence=recurrence)["_id"]
        owner.put(f"/tasks/{task}", json={"customer": other})

        owner.delete(f"/crm/customers/{client}")
        owner.put(f"/tasks/{task}/state", json={"value": "cb_completed"})

        assert office.read(task)["customer"]["_id"] == other
        (copy,) = (one for one in office.every_task(group=FIELD) if one["name"] == "Work" and one["_id"] != task)
        assert copy["customer"] is None

    def test_portal_users_stay(self, office: Office, owner: TestClient) -> None:
        """Its portal users can still be looked up."""
        owner.delete(f"/crm/customers/{CLIENT}")

        assert [user["_id"] for user in owner.get(f"/users?ids={PORTAL_USER}").json()] == [PORTAL_USER]


class TestPermissions:
    """Who may do what with clients."""

    @pytest.mark.parametrize("level", [NONE, VIEW, CREATE, EDIT, DELETE])
    def test_levels(self, office: Office, level: int) -> None:
        """Looking takes View, creating Create, changing Edit and deleting Delete; less is a 403 with code 4."""
        person = office.person()
        office.do("set-client-permission", user=person.id, level=level)
        path = f"/crm/customers/{CLIENT}"
        tries = [
            (VIEW, ("GET", "/crm/customers", None)),
            (VIEW, ("GET", path, None)),
            (CREATE, ("POST", "/crm/customers", {"name": "x"})),
            (EDIT, ("PUT", path, {"name": "ACME"})),
            (DELETE, ("DELETE", path, None)),
        ]

        for needed, (method, where, body) in tries:
            response = person.client.request(method, where, json=body)
            if level >= needed:
                assert response.status_code == 200
            else:
                assert_code(response, 403, 4)

    def test_default_world(self, owner: TestClient, member: TestClient, viewer: TestClient) -> None:
        """The account manager may do everything, the member look, the viewer nothing."""
        assert owner.post("/crm/customers", json={"name": "x"}).status_code == 200
        assert member.get(f"/crm/customers/{CLIENT}").status_code == 200
        assert_code(member.post("/crm/customers", json={"name": "x"}), 403, 4)
        assert_code(viewer.get("/crm/customers"), 403, 4)

    def test_format_comes_first(self, viewer: TestClient) -> None:
        """Before the permission comes the format, and whether the client is there."""
        assert_text(viewer.post("/crm/customers", json={}), 400, "name is required")
        assert_text(viewer.get("/crm/customers?limit=x"), 400, "limit must be a whole number, 0 or more")
        assert_empty(viewer.get(f"/crm/customers/{NOBODY}"), 404)
        assert_code(viewer.put(f"/crm/customers/{CLIENT}", json={"name": "x", "portalCustomerManagerIds": [NOBODY]}), 403, 4)
