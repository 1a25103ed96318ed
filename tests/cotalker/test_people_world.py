"""The users, groups, collections and access roles of the world: what is generated agrees with what it is generated from."""

import re
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from cotalker.people import ADMIN, AGENT, ROBOT, SUPERVISOR
from understudy.core.resources import resource
from understudy.core.world import BadRecipe, make_world
from understudy.vendors.cotalker import VENDOR

Documents = list[dict[str, Any]]


@pytest.fixture(params=[42, 7])
def client(request: pytest.FixtureRequest, serve) -> TestClient:
    """An administrator of two worlds; what holds in one holds in the other."""
    made: TestClient = serve(seed=request.param).client("/cotalker", Authorization="Bearer cotalker-admin", Admin="true")
    return made


def read(client: TestClient, path: str, key: str) -> Documents:
    """Return the whole of a list."""
    found: Documents = client.get(path, params={"limit": 10_000}).json()["data"][key]
    return found


class TestWorld:
    """What a new user's first calls find."""

    def test_there_are_enough(self, client: TestClient) -> None:
        """There is more than one page of users, groups and elements, and some of everything else."""
        assert len(read(client, "/api/v2/users", "users")) > 15
        assert len(read(client, "/api/v2/groups", "groups")) > 10
        assert len(read(client, "/api/v2/properties", "properties")) > 50
        assert len(read(client, "/api/v2/propertyTypes", "propertyTypes")) > 5
        assert len(read(client, "/api/v2/accessroles", "accessRoles")) == 3

    def test_permissions(self, client: TestClient) -> None:
        """A user's permissions are those of the access roles together."""
        roles = {role["_id"]: role["permissions"] for role in read(client, "/api/v2/accessroles", "accessRoles")}

        for user in read(client, "/api/v2/users", "users"):
            assert user["permissionsV2"] == [permission for role in user["accessRoles"] for permission in roles[role]]

    def test_words(self, client: TestClient) -> None:
        """`search` has the words of the names and of the address."""
        for user in read(client, "/api/v2/users", "users"):
            name = " ".join(user["name"][part] for part in ("displayName", "names", "lastName", "secondLastName")).lower()
            words = re.findall(r"[^\W_]+", f"{name} {user['email']}")
            assert user["search"] == list(dict.fromkeys([*words, re.sub(r"[\W_]", "", user["email"])]))

    def test_ids_and_stamps(self, client: TestClient) -> None:
        """Ids tell the second of creation; codes, addresses and weights come once."""
        users, groups = read(client, "/api/v2/users", "users"), read(client, "/api/v2/groups", "groups")
        elements, types = read(client, "/api/v2/properties", "properties"), read(client, "/api/v2/propertyTypes", "propertyTypes")

        for record in [*users, *groups, *elements, *types]:
            assert int(record["_id"][:8], 16) == int(datetime.fromisoformat(record["createdAt"]).timestamp())
        for values in (
            [user["email"] for user in users],
            [group["nameCode"] for group in groups],
            [group["weight"] for group in groups],
            [element["name"]["code"] for element in elements],
            [one["code"] for one in types],
        ):
            assert len(set(values)) == len(values)

    def test_references(self, client: TestClient) -> None:
        """What elements, users and state machines refer to is there."""
        elements = {one["_id"]: one for one in read(client, "/api/v2/properties", "properties")}
        types = {one["code"] for one in read(client, "/api/v2/propertyTypes", "propertyTypes")}

        assert {one["propertyType"] for one in elements.values()} == types
        for one in elements.values():
            assert set(one["subproperty"]) <= elements.keys()
        for user in read(client, "/api/v2/users", "users"):
            assert set(user["properties"]) <= elements.keys()

    def test_hierarchy(self, client: TestClient) -> None:
        """Who is above somebody has that one below, and peers are each other's."""
        users = {user["_id"]: user["companies"][0]["hierarchy"] for user in read(client, "/api/v2/users", "users")}

        for user, hierarchy in users.items():
            assert all(user in users[boss]["subordinate"] for boss in hierarchy["boss"])
            assert all(user in users[below]["boss"] for below in hierarchy["subordinate"])
            assert all(user in users[peer]["peers"] for peer in hierarchy["peers"])
        assert users[ADMIN]["subordinate"] == [AGENT, SUPERVISOR]
        assert users[ROBOT] == {"boss": [], "peers": [], "subordinate": []}


@pytest.mark.parametrize(
    ("old", "new", "what"),
    [
        ("parts: [shop_harbour]", "parts: [shop_nowhere]", "no element before 'region_coast' has the code 'shop_nowhere'"),
        ("boss: boss", "boss: person5", "'person5', the boss of 'jean', is none of them"),
        ("name: Ticket robot", "nam: Ticket robot", "vendors.cotalker.bots.0.name"),
        ("code: shop_market,", "code: shop_harbour,", "the same value twice"),
    ],
)
def test_mistakes(tmp_path: Path, old: str, new: str, what: str) -> None:
    """A mistake in a world file is named."""
    recipe = resource("fixtures/worlds/default.yaml").read_text()
    mistaken = tmp_path / "world.yaml"
    mistaken.write_text(recipe.replace(old, new, 1))

    with pytest.raises(BadRecipe, match=re.escape(what)):
        make_world(vendors=[VENDOR], path=mistaken, seed=1)
