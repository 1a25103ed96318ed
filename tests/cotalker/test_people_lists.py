"""The lists of users, groups, properties, property types and access roles: filters, order, pages and counts.

Filters are held against the same filter written in Python over the whole list.
"""

from collections.abc import Callable
from typing import Any
from urllib.parse import quote

import pytest
from starlette.testclient import TestClient

from cotalker.people import (
    ADMIN,
    AGENT,
    ALL_REGIONS,
    BOT,
    CITY,
    COAST,
    COMPANY,
    FREE_GROUP,
    HARBOUR,
    MARKET,
    REGIONS,
    ROBOT,
    SHOPS,
    STATION,
    SUPERVISOR,
    UNKNOWN,
)

Document = dict[str, Any]
Test = Callable[[Document], bool]

LISTS = {
    "users": "/api/v2/users",
    "groups": "/api/v2/groups",
    "properties": "/api/v2/properties",
    "propertyTypes": "/api/v2/propertyTypes",
    "accessRoles": "/api/v2/accessroles",
}
DATED = [key for key in LISTS if key != "accessRoles"]
# Others that page, sort and count in the same way.
PAGED = {
    **{path: key for key, path in LISTS.items()},
    f"/api/v2/users/relations/boss/{ADMIN}": "users",
    f"/api/v2/properties/relations?property={CITY}": "properties",
    f"/api/v2/properties/superproperties/{MARKET}": "properties",
}


@pytest.fixture
def listed(cotalker: TestClient) -> Callable[..., list[Document]]:
    """Return a function that gives the whole of a list: `listed("users", search="jean")`."""

    def read(key: str, query: str = "", **params: Any) -> list[Document]:
        response = cotalker.get(f"{LISTS[key]}?{query}", params={"limit": 10_000, **params} if params or not query else None)
        assert response.status_code == 200, response.text
        found: list[Document] = response.json()["data"][key]
        return found

    return read


def ids(documents: list[Document]) -> list[str]:
    """Return the ids, in the order of the list."""
    return [document["_id"] for document in documents]


class TestScope:
    """Whose records are listed."""

    @pytest.mark.parametrize("key", LISTS)
    def test_company(self, cotalker: TestClient, become, listed, key: str) -> None:
        """Only those of the caller's company; a neighbour sees others."""
        mine = listed(key)
        neighbour = become("61b9b7ced258d731520fc85d", Admin="true")
        other = neighbour.get(LISTS[key], params={"limit": 1000}).json()["data"][key]

        assert len(mine) >= 3
        assert not set(ids(mine)) & set(ids(other))
        for document in mine:
            assert document.get("company", COMPANY) == COMPANY

    def test_groups_all(self, cotalker: TestClient, listed) -> None:
        """The list of version 1 has every group at once, by `_id`, inactive ones too."""
        cotalker.patch(f"/api/v2/groups/{FREE_GROUP}", json={"isActive": False})

        everything = cotalker.get("/api/v1/groups/all").json()

        assert ids(everything) == sorted(ids(listed("groups")))
        assert {group["isActive"] for group in everything} == {True, False}


class TestPages:
    """`limit`, `page`, `orderBy` and `count`."""

    @pytest.mark.parametrize("path", PAGED)
    def test_pages(self, cotalker: TestClient, path: str) -> None:
        """Pages follow each other without gap or overlap; past the end there is an empty list."""
        key, join = PAGED[path], "&" if "?" in path else "?"
        whole = cotalker.get(f"{path}{join}limit=10000").json()["data"][key]
        size = max(len(whole) // 3, 1)

        pages = [cotalker.get(f"{path}{join}limit={size}&page={number}").json()["data"][key] for number in range(1, 7)]

        assert [row for page in pages for row in page] == whole
        assert all(len(page) == size for page in pages[: len(whole) // size])
        assert cotalker.get(f"{path}{join}limit={size}&page=0").json()["data"][key] == pages[0]
        assert cotalker.get(f"{path}{join}page=99999").json()["data"] == {key: []}

    def test_default_limit(self, cotalker: TestClient) -> None:
        """Ten rows, as on every list."""
        for key in ("users", "groups", "properties"):
            assert len(cotalker.get(LISTS[key]).json()["data"][key]) == 10

    @pytest.mark.parametrize("path", PAGED)
    def test_count(self, cotalker: TestClient, path: str) -> None:
        """`count=true` adds `count` and `counter`, the number of all matches; otherwise neither is there."""
        key, join = PAGED[path], "&" if "?" in path else "?"
        number = len(cotalker.get(f"{path}{join}limit=10000").json()["data"][key])

        data = cotalker.get(f"{path}{join}count=true&limit=1&page=1").json()["data"]

        assert list(data) == [key, "count", "counter"]
        assert data["count"] == data["counter"] == number
        assert list(cotalker.get(f"{path}{join}count=false").json()["data"]) == [key]
        assert list(cotalker.get(path).json()["data"]) == [key]

    @pytest.mark.parametrize("key", LISTS)
    def test_count_is_of_the_matches(self, cotalker: TestClient, key: str) -> None:
        """The count is that of the filtered list."""
        data = cotalker.get(f"{LISTS[key]}?count=true&isActive=false").json()["data"]

        assert data["count"] == len(data[key]) < 5

    @pytest.mark.parametrize("path", [path for path in PAGED if "accessroles" not in path])
    def test_order(self, cotalker: TestClient, path: str) -> None:
        """By `modifiedAt`, then `_id`; `orderBy` alone turns it round."""
        key, join = PAGED[path], "&" if "?" in path else "?"

        rows = cotalker.get(f"{path}{join}limit=10000").json()["data"][key]
        backwards = cotalker.get(f"{path}{join}limit=10000&orderBy=desc").json()["data"][key]

        assert rows == sorted(rows, key=lambda row: (row["modifiedAt"], row["_id"]))
        assert backwards == rows[::-1]
        assert cotalker.get(f"{path}{join}limit=10000&orderBy=asc").json()["data"][key] == rows

    @pytest.mark.parametrize("key", ["users", "groups", "properties", "propertyTypes"])
    def test_changed_comes_last(self, cotalker: TestClient, listed, key: str) -> None:
        """A change moves a record to the end."""
        first = listed(key)[0]["_id"]

        cotalker.patch(f"{LISTS[key]}/{first}", json={"isActive": True})

        assert listed(key)[-1]["_id"] == first
        assert listed(key, sortBy="modifiedAt", orderBy="desc")[0]["_id"] == first

    @pytest.mark.parametrize("field", ["createdAt", "modifiedAt", "display"])
    def test_property_types_by(self, listed, field: str) -> None:
        """Collections can be sorted by two stamps and, as a client does, by their display name."""
        rows = listed("propertyTypes", sortBy=field)

        assert rows == sorted(rows, key=lambda row: (row[field], row["_id"]))
        assert listed("propertyTypes", sortBy=field, orderBy="desc") == rows[::-1]

    def test_access_roles_by_id(self, cotalker: TestClient, listed) -> None:
        """Access roles come in order of creation; `sortBy` and `orderBy` are unknown there, and ignored."""
        rows = listed("accessRoles")

        assert ids(rows) == sorted(ids(rows))
        assert listed("accessRoles", sortBy="x", orderBy="x") == rows

    @pytest.mark.parametrize("key", LISTS)
    def test_as_the_partner_sdk_asks(self, cotalker: TestClient, key: str) -> None:
        """Hundred at a time with a count on the first page, and other parameters that nobody knows."""
        path = LISTS[key]

        first = cotalker.get(path, params={"limit": 100, "page": 1, "count": "true", "isActive": "true", "admin": "true"}).json()[
            "data"
        ]
        second = cotalker.get(path, params={"limit": 100, "page": 2, "count": "false", "isActive": "true"}).json()["data"]

        assert first["count"] == len(first[key])
        assert second == {key: []}


def user_filters() -> list[Any]:
    """Return filters on users, each with its meaning."""
    hierarchy = lambda user: [one for item in user["companies"] for some in item["hierarchy"].values() for one in some]  # noqa: E731
    return [
        ("email=agent@cotalker.test", lambda user: user["email"] == "agent@cotalker.test"),
        ("email=AGENT@Cotalker.test", lambda user: user["email"] == "agent@cotalker.test"),
        ("email=agent@cotalker.test&email=admin@cotalker.test", lambda user: user["_id"] in (ADMIN, AGENT)),
        ("email=agent@cotalker.test,admin@cotalker.test", lambda user: user["_id"] in (ADMIN, AGENT)),
        ("email[0]=agent@cotalker.test&email[1]=admin@cotalker.test", lambda user: user["_id"] in (ADMIN, AGENT)),
        ("email=nobody@cotalker.test", lambda user: False),
        (f"id={AGENT}", lambda user: user["_id"] == AGENT),
        (f"id={AGENT}&id={ADMIN.upper()}", lambda user: user["_id"] in (ADMIN, AGENT)),
        (f"id[0]={AGENT}&id[1]={ADMIN}", lambda user: user["_id"] in (ADMIN, AGENT)),
        (f"id={AGENT},{UNKNOWN}", lambda user: user["_id"] == AGENT),
        (f"bot={BOT}", lambda user: user.get("bot") == BOT),
        (f"bot={UNKNOWN}", lambda user: False),
        (f"job={UNKNOWN}", lambda user: False),
        (f"property={HARBOUR}", lambda user: HARBOUR in user["properties"]),
        (f"relatedUser={ADMIN}", lambda user: ADMIN in hierarchy(user)),
        (f"relatedUser={SUPERVISOR}", lambda user: SUPERVISOR in hierarchy(user)),
        (f"property={HARBOUR}&relatedUser={ADMIN}&isActive=true", lambda user: HARBOUR in user["properties"]),
        ("isActive=false", lambda user: not user["isActive"]),
        ("isActive=true", lambda user: user["isActive"]),
        ("isActive=all", lambda user: True),
        ("search=jean", lambda user: "jean" in user["search"]),
        ("search=JEAN%20martin", lambda user: {"jean", "martin"} <= set(user["search"])),
        ("search=agent@cotalker.test", lambda user: user["_id"] == AGENT),
        ("search=agentcotalkertest", lambda user: user["_id"] == AGENT),
        ("search=cotalker", lambda user: "cotalker" in user["search"]),
        ("search=jea", lambda user: False),
        ("search=jean%20nobody", lambda user: False),
        ("search=!", lambda user: False),
        ("search=%25", lambda user: False),
    ]


PROPERTY_FILTERS: list[tuple[str, Test]] = [
    ("propertyTypes=shops", lambda one: one["propertyType"] == "shops"),
    ("propertyTypes=shops&propertyTypes=regions", lambda one: one["propertyType"] in ("shops", "regions")),
    ("propertyTypes=shops,regions", lambda one: one["propertyType"] in ("shops", "regions")),
    ("propertyTypes[0]=shops&propertyTypes[1]=regions", lambda one: one["propertyType"] in ("shops", "regions")),
    ("propertyTypes=SHOPS", lambda one: False),
    ("codes=shop_harbour&codes=region_city", lambda one: one["name"]["code"] in ("shop_harbour", "region_city")),
    ("codes=shop_harbour,region_city", lambda one: one["name"]["code"] in ("shop_harbour", "region_city")),
    (f"ids={HARBOUR}&ids={COAST}", lambda one: one["_id"] in (HARBOUR, COAST)),
    (f"ids={HARBOUR},{COAST}", lambda one: one["_id"] in (HARBOUR, COAST)),
    (f"ids[0]={HARBOUR}", lambda one: one["_id"] == HARBOUR),
    (f"parent={CITY}", lambda one: one["_id"] in (MARKET, STATION)),
    (f"parent={CITY}&parent={COAST}", lambda one: one["_id"] in (MARKET, STATION, HARBOUR)),
    (f"parent={CITY}&codes=shop_market", lambda one: one["_id"] == MARKET),
    (f"parent={HARBOUR}", lambda one: False),
    ("search=harbour", lambda one: one["_id"] == HARBOUR),
    ("search=SHOP", lambda one: "shop" in [*one["name"]["display"].lower().split(), *one["name"]["code"].split("_")]),
    ("search=shop%20market", lambda one: one["_id"] == MARKET),
    ("isActive=true&propertyTypes=shops", lambda one: one["propertyType"] == "shops"),
    ("isActive=false", lambda one: False),
]
GROUP_FILTERS: list[tuple[str, Test]] = [
    ("search=task", lambda group: "task" in group["search"]),
    ("search=manager%20task", lambda group: group["_id"] == FREE_GROUP),
    ("isLink=true", lambda group: "linkType" in group["link"] or "url" in group["link"]),
    ("isLink=false", lambda group: not ("linkType" in group["link"] or "url" in group["link"])),
    ("hasCatergories=true", lambda group: bool(group.get("nestedGroups"))),
    ("hasCatergories=false", lambda group: not group.get("nestedGroups")),
    ("isActive=true", lambda group: group["isActive"]),
]
PROPERTY_TYPE_FILTERS: list[tuple[str, Test]] = [
    ("codes=shops", lambda one: one["code"] == "shops"),
    ("codes=shops,regions", lambda one: one["code"] in ("shops", "regions")),
    (f"ids={SHOPS}&ids={REGIONS}", lambda one: one["_id"] in (SHOPS, REGIONS)),
    ("viewPermissions=field-supervisor", lambda one: "field-supervisor" in one["viewPermissions"]),
    ("viewPermissions=x&viewPermissions=app-access", lambda one: "app-access" in one["viewPermissions"]),
    ("viewPermissions=x,app-access", lambda one: "app-access" in one["viewPermissions"]),
    ("viewPermissions=x", lambda one: False),
    ("search=regions", lambda one: one["_id"] == REGIONS),
    ("isActive=true", lambda one: True),
]


@pytest.fixture
def varied(cotalker: TestClient) -> None:
    """A world with a link group, nested groups and an inactive record of each kind."""
    link = {"linkType": "URL", "url": "https://intranet.test"}
    link_group = cotalker.post("/api/v2/groups", json={"nameDisplay": "Intranet", "nameCode": "intranet", "link": link}).json()[
        "data"
    ]
    nested = {"nameDisplay": "Above", "nameCode": "above", "isCategory": True, "nestedGroups": [link_group["_id"]]}
    assert cotalker.post("/api/v2/groups", json={**nested, "isActive": False}).status_code == 200


class TestFilters:
    """The filters of each list."""

    @pytest.mark.parametrize(("query", "fits"), user_filters(), ids=lambda value: value if isinstance(value, str) else "")
    def test_users(self, listed, query: str, fits: Test) -> None:
        """Users: by address, id, bot, job, element, relative, activity and words."""
        assert ids(listed("users", f"{query}&limit=1000")) == ids([user for user in listed("users") if fits(user)])

    def test_users_by_access_role(self, cotalker: TestClient, listed) -> None:
        """Users: by access role, active or not."""
        for role in listed("accessRoles"):
            cotalker.patch(f"/api/v2/accessroles/{role['_id']}", json={"active": role["name"] != "Supervisors"})

            assert ids(listed("users", accessRole=role["_id"])) == ids(
                [user for user in listed("users") if role["_id"] in user["accessRoles"]]
            )

    def test_users_by_job(self, cotalker: TestClient, listed) -> None:
        """Users: by job title."""
        cotalker.patch(f"/api/v2/users/{AGENT}", json={"job": UNKNOWN})

        assert ids(listed("users", job=UNKNOWN)) == [AGENT]

    @pytest.mark.parametrize(("query", "fits"), PROPERTY_FILTERS, ids=[query for query, _ in PROPERTY_FILTERS])
    def test_properties(self, listed, query: str, fits: Test) -> None:
        """Elements: by collection, code, id, parent, activity and words."""
        assert ids(listed("properties", f"{query}&limit=1000")) == ids([one for one in listed("properties") if fits(one)])

    def test_properties_by_owner(self, cotalker: TestClient, listed) -> None:
        """Elements: by collection and id of their owner, alone and together."""
        owner = {"$ref": "users", "$id": AGENT, "$db": "main"}
        cotalker.patch(f"/api/v2/properties/{HARBOUR}", json={"owner": owner})
        cotalker.patch(f"/api/v2/properties/{MARKET}", json={"owner": {"$ref": "users", "$id": ADMIN}})

        assert set(ids(listed("properties", f"{quote('owner[$ref]')}=users"))) == {HARBOUR, MARKET}
        assert ids(listed("properties", f"owner[$id]={AGENT}")) == [HARBOUR]
        assert ids(listed("properties", f"owner[$ref]=users&owner[$id]={ADMIN}")) == [MARKET]
        assert listed("properties", f"owner[$ref]=tasks&owner[$id]={ADMIN}") == []

    @pytest.mark.parametrize(("query", "fits"), GROUP_FILTERS, ids=[query for query, _ in GROUP_FILTERS])
    def test_groups(self, varied, listed, query: str, fits: Test) -> None:
        """Groups: by words, link, nested groups and activity."""
        assert ids(listed("groups", f"{query}&limit=1000")) == ids([group for group in listed("groups") if fits(group)])

    def test_groups_by_kind(self, varied, cotalker: TestClient, listed, rows) -> None:
        """Groups: those that a task group points to are task groups, the others are links or channels."""
        taken = {one["group"] for one in rows(cotalker, "/api/v2/task-groups")}
        everything, links = set(ids(listed("groups"))), set(ids(listed("groups", isLink="true")))

        assert set(ids(listed("groups", groupType="task"))) == set(ids(listed("groups", isTaskGroup="true"))) == taken
        assert set(ids(listed("groups", isTaskGroup="false"))) == everything - taken
        assert set(ids(listed("groups", groupType="link"))) == links - taken
        assert set(ids(listed("groups", groupType="channel"))) == everything - links - taken
        assert links
        assert taken
        assert everything - links - taken
        assert listed("groups", groupType="task", isTaskGroup="false") == []

    @pytest.mark.parametrize(("link", "is_link"), [({"url": "u"}, True), ({"linkType": "APK"}, True), ({"cmd": "c"}, False)])
    def test_half_a_link(self, cotalker: TestClient, listed, link: dict[str, str], is_link: bool) -> None:
        """A type or an address makes a link, anything else of it does not."""
        cotalker.patch(f"/api/v2/groups/{FREE_GROUP}", json={"link": link})

        assert (FREE_GROUP in ids(listed("groups", isLink="true"))) is is_link
        assert (FREE_GROUP in ids(listed("groups", isLink="false"))) is not is_link

    def test_group_becomes_task_group(self, cotalker: TestClient, listed) -> None:
        """Creating its task group makes a group one of that type."""
        cotalker.post("/api/v2/task-groups", json={"group": FREE_GROUP})

        assert FREE_GROUP in ids(listed("groups", groupType="task"))

    def test_link_with_task_group(self, cotalker: TestClient, listed) -> None:
        """A link that has a task group is a group of that type, and no longer one of links."""
        cotalker.patch(f"/api/v2/groups/{FREE_GROUP}", json={"link": {"linkType": "URL", "url": "u"}})
        before = ids(listed("groups", groupType="link"))

        cotalker.post("/api/v2/task-groups", json={"group": FREE_GROUP})

        assert before == ids(listed("groups", isLink="true")) == [FREE_GROUP]
        assert listed("groups", groupType="link") == []
        assert FREE_GROUP in ids(listed("groups", groupType="task"))

    @pytest.mark.parametrize(("query", "fits"), PROPERTY_TYPE_FILTERS, ids=[query for query, _ in PROPERTY_TYPE_FILTERS])
    def test_property_types(self, listed, query: str, fits: Test) -> None:
        """Collections: by code, id, permission to view, activity and words."""
        assert ids(listed("propertyTypes", f"{query}&limit=1000")) == ids([one for one in listed("propertyTypes") if fits(one)])

    def test_access_roles(self, cotalker: TestClient, listed) -> None:
        """Access roles: by id, the field `active`, and the words of name and description."""
        roles = {role["name"]: role["_id"] for role in listed("accessRoles")}
        spare = roles.pop("Supervisors")
        cotalker.patch(f"/api/v2/accessroles/{spare}", json={"active": False, "description": "For the night shift"})

        assert ids(listed("accessRoles", isActive="false")) == [spare]
        assert ids(listed("accessRoles", isActive="true")) == sorted(roles.values())
        assert len(listed("accessRoles", isActive="all")) == 3
        assert ids(listed("accessRoles", f"ids={spare}&ids={roles['Everybody']}")) == sorted([spare, roles["Everybody"]])
        assert ids(listed("accessRoles", search="everybody")) == [roles["Everybody"]]
        assert ids(listed("accessRoles", search="NIGHT shift")) == [spare]

    @pytest.mark.parametrize("key", DATED)
    @pytest.mark.parametrize("field", ["created", "modified"])
    @pytest.mark.parametrize("operator", ["", "_gt", "_gte", "_lt", "_lte"])
    def test_dates(self, cotalker: TestClient, listed, key: str, field: str, operator: str) -> None:
        """By either date under its older name; users and groups have no upper end for the date of the last change."""
        everything = listed(key)
        instant = everything[len(everything) // 2][f"{field}At"]
        holds: dict[str, Callable[[str], bool]] = {
            "": lambda stamp: stamp == instant,
            "_gt": lambda stamp: stamp > instant,
            "_gte": lambda stamp: stamp >= instant,
            "_lt": lambda stamp: stamp < instant,
            "_lte": lambda stamp: stamp <= instant,
        }
        unknown = key in ("users", "groups") and field == "modified" and operator in ("_lt", "_lte")

        found = listed(key, **{f"{field}{operator}": instant})

        assert ids(found) == ids([one for one in everything if unknown or holds[operator](one[f"{field}At"])])

    @pytest.mark.parametrize("key", DATED)
    def test_day(self, listed, key: str) -> None:
        """A date without a time stands for its whole day."""
        everything = listed(key)
        day = everything[0]["createdAt"][:10]

        assert ids(listed(key, created=day)) == ids([one for one in everything if one["createdAt"].startswith(day)])

    def test_long_lists_of_values(self, cotalker: TestClient, listed) -> None:
        """Ten thousand values are read; more are refused."""
        many = ",".join(f"{number}" for number in range(9_999))

        assert ids(listed("properties", f"codes={many},shop_harbour")) == [HARBOUR]
        assert cotalker.get(f"/api/v2/properties?codes={many},a,b").status_code == 400

    def test_robot(self, listed) -> None:
        """The world has the user of a bot, without permissions."""
        (robot,) = listed("users", bot=BOT)

        assert robot["_id"] == ROBOT
        assert robot["permissionsV2"] == []


class TestRelations:
    """The lists of relatives."""

    @pytest.mark.parametrize(
        ("type", "id", "expected"),
        [
            ("boss", ADMIN, {AGENT, SUPERVISOR}),
            ("boss", AGENT, set()),
            ("subordinate", AGENT, {ADMIN}),
            ("peers", AGENT, {SUPERVISOR}),
            ("relateduser", AGENT, {ADMIN, SUPERVISOR}),
            ("property", HARBOUR, {AGENT, SUPERVISOR}),
            ("property", STATION, set()),
        ],
    )
    def test_users(self, cotalker: TestClient, type: str, id: str, expected: set[str]) -> None:
        """The users who have the record in the list that the type names."""
        users = cotalker.get(f"/api/v2/users/relations/{type}/{id}").json()["data"]["users"]

        assert set(ids(users)) == expected

    def test_users_by_access_role(self, cotalker: TestClient, listed) -> None:
        """Those who hold an access role."""
        (role,) = listed("accessRoles", search="supervisors")

        users = cotalker.get(f"/api/v2/users/relations/accessrole/{role['_id']}?isActive=true").json()["data"]["users"]

        assert ids(users) == [SUPERVISOR]

    def test_users_active(self, cotalker: TestClient) -> None:
        """`isActive` filters them."""
        path = f"/api/v2/users/relations/boss/{ADMIN}"
        cotalker.patch(f"/api/v2/users/{AGENT}", json={"isActive": False})

        assert ids(cotalker.get(f"{path}?isActive=true").json()["data"]["users"]) == [SUPERVISOR]
        assert ids(cotalker.get(f"{path}?isActive=false").json()["data"]["users"]) == [AGENT]
        assert len(cotalker.get(f"{path}?isActive=all").json()["data"]["users"]) == 2

    @pytest.mark.parametrize("type", ["friend", "Boss", "accessRole", "%00"])
    def test_unknown_type(self, cotalker: TestClient, assert_refused, type: str) -> None:
        """Another type, or one in other letters, is refused."""
        must = "be one of [boss, peers, subordinate, property, accessrole, relateduser]"
        shown = "\u0000" if type == "%00" else type

        assert_refused(cotalker.get(f"/api/v2/users/relations/{type}/{ADMIN}"), 400, f'"type" must {must}:\n("{shown}")')

    @pytest.mark.parametrize(
        ("query", "expected"),
        [
            (f"property={CITY}&relation=child&isActive=all", {MARKET, STATION}),
            (f"property={CITY}", {MARKET, STATION}),
            (f"property={CITY}&relation=parent", {ALL_REGIONS}),
            (f"property={ALL_REGIONS}&relation=child", {COAST, CITY}),
            (f"property={HARBOUR}&relation=child", set()),
            (f"property={UNKNOWN}&relation=child", set()),
        ],
    )
    def test_properties(self, cotalker: TestClient, query: str, expected: set[str]) -> None:
        """The elements directly below, or directly above."""
        found = cotalker.get(f"/api/v2/properties/relations?{query}").json()["data"]["properties"]

        assert set(ids(found)) == expected

    def test_properties_active(self, cotalker: TestClient) -> None:
        """`isActive` filters them, on both lists."""
        cotalker.patch(f"/api/v2/properties/{MARKET}", json={"isActive": False})
        path = f"/api/v2/properties/relations?property={CITY}"

        assert ids(cotalker.get(f"{path}&isActive=true").json()["data"]["properties"]) == [STATION]
        assert ids(cotalker.get(f"{path}&isActive=false").json()["data"]["properties"]) == [MARKET]
        above = cotalker.get(f"/api/v2/properties/superproperties/{MARKET}?isActive=false").json()["data"]["properties"]
        assert above == []

    def test_superproperties(self, cotalker: TestClient) -> None:
        """The elements directly above one."""
        assert ids(cotalker.get(f"/api/v2/properties/superproperties/{MARKET}").json()["data"]["properties"]) == [CITY]
        assert ids(cotalker.get(f"/api/v2/properties/superproperties/{ALL_REGIONS}").json()["data"]["properties"]) == []

    @pytest.mark.parametrize(
        ("query", "error"),
        [
            ("relation=child", '"property" is required'),
            ("property=x", '"property" must be a valid ObjectId:\n("x")'),
            (f"property={CITY}&relation=x", '"relation" must be one of [child, parent]:\n("x")'),
        ],
    )
    def test_refused(self, cotalker: TestClient, assert_refused, query: str, error: str) -> None:
        """The element must be named, and the relation be known."""
        assert_refused(cotalker.get(f"/api/v2/properties/relations?{query}"), 400, error)


MODIFIED = "be [modifiedAt]"
NUMBERS = [
    ("limit", "0", "be greater than or equal to 1"),
    ("limit", "x", "be a number"),
    ("limit", "", "be a number"),
    ("limit", "1.5", "be an integer"),
    ("page", "-1", "be greater than or equal to 0"),
    ("page", "x", "be a number"),
    ("count", "1", "be a boolean"),
    ("isActive", "yes", "be one of [all, true, false]"),
    ("isActive", "", "be one of [all, true, false]"),
    ("search", "", "not be empty"),
]
ORDERED = [
    ("orderBy", "up", "be one of [asc, desc]"),
    ("created_gt", "x", "be a valid date"),
    ("modified", "", "be a valid date"),
]
REFUSED = [
    *((key, *row) for key in LISTS for row in NUMBERS),
    *((key, *row) for key in DATED for row in ORDERED),
    *((key, "sortBy", value, MODIFIED) for key in ("users", "groups", "properties") for value in ("createdAt", "", "name")),
    ("propertyTypes", "sortBy", "code", "be one of [createdAt, modifiedAt, display]"),
    ("users", "email", "", "not be empty"),
    *(("users", name, "x", "be a valid ObjectId") for name in ("id", "bot", "job", "property", "accessRole", "relatedUser")),
    ("users", "bot", "true", "be a valid ObjectId"),
    ("groups", "groupType", "x", "be one of [link, task, channel]"),
    *(("groups", name, "x", "be a boolean") for name in ("isLink", "isTaskGroup", "hasCatergories")),
    *(("properties", name, "x", "be a valid ObjectId") for name in ("ids", "parent", "owner[$id]")),
    *(("properties", name, "", "not be empty") for name in ("codes", "propertyTypes", "owner[$ref]")),
    ("propertyTypes", "ids", "x", "be a valid ObjectId"),
    ("propertyTypes", "codes", "", "not be empty"),
    ("propertyTypes", "viewPermissions", "", "not be empty"),
    ("accessRoles", "ids", "x", "be a valid ObjectId"),
]


class TestRefused:
    """Values that a parameter can't have."""

    @pytest.mark.parametrize(("key", "name", "value", "must"), REFUSED)
    def test_value(self, cotalker: TestClient, assert_refused, key: str, name: str, value: str, must: str) -> None:
        """The parameter is named, with what it must be and the value."""
        assert_refused(cotalker.get(LISTS[key], params={name: value}), 400, f'"{name}" must {must}:\n("{value}")')

    @pytest.mark.parametrize("key", LISTS)
    def test_twice(self, cotalker: TestClient, key: str) -> None:
        """A parameter with one value that comes twice fits nowhere."""
        assert cotalker.get(f"{LISTS[key]}?limit=1&limit=1").status_code == 400

    @pytest.mark.parametrize(("key", "name"), [*((key, "search") for key in LISTS), ("properties", "owner[$ref]")])
    def test_text_twice(self, cotalker: TestClient, assert_refused, key: str, name: str) -> None:
        """A text that comes twice is no text; one with a comma is."""
        assert_refused(cotalker.get(f"{LISTS[key]}?{name}=a&{name}=b"), 400, f'"{name}" must be a string:\n("a,b")')
        assert cotalker.get(f"{LISTS[key]}?{name}=a,b").status_code == 200

    @pytest.mark.parametrize("key", LISTS)
    def test_unknown_parameters(self, cotalker: TestClient, key: str) -> None:
        """Unknown parameters are ignored."""
        assert cotalker.get(f"{LISTS[key]}?x=1&createdAt=x&admin=true").content == cotalker.get(LISTS[key]).content

    def test_debug_of_a_refusal(self, cotalker: TestClient) -> None:
        """`debug=true` shows what was read until then, dates and words as they were sent."""
        query = "search=Jean!&created_gt=2021-12-06&isActive=x&debug=true"

        answer = cotalker.get(f"/api/v2/users?{query}").json()

        assert answer["error"] == '"isActive" must be one of [all, true, false]:\n("x")'
        assert answer["debug"]["data"]["query"]["created_gt"] == "2021-12-06T00:00:00.000Z"
        assert answer["debug"]["message"] == answer["error"]
        shown = cotalker.get("/api/v2/users?search=Jean!&debug=true").json()["debug"]["data"]["query"]
        assert shown == {"search": "Jean!", "debug": True}
