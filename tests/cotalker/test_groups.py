"""Groups: creation, change, and what follows from it. Their list is in test_people_lists.py."""

from typing import Any

import pytest
from starlette.testclient import TestClient

from cotalker.people import CITY, COMPANY, FREE_GROUP, HARBOUR, NEW_GROUP, OTHER_GROUP, SHOPS, UNKNOWN, WORKFLOW_GROUP

GROUPS = "/api/v2/groups"


class TestCreateGroup:
    """POST /api/v2/groups."""

    def test_minimum(self, cotalker: TestClient, clock) -> None:
        """The answer to the two names is that of the vendor's sample, its keys in that order."""
        clock.freeze("2026-06-02T08:00:00.250Z")
        heaviest = max(group["weight"] for group in cotalker.get("/api/v1/groups/all").json())

        group = cotalker.post(GROUPS, json=NEW_GROUP).json()["data"]

        expected = {
            "apperance": {"textColor": "#ffffff"},
            "image": {"icon": "https://placeholdit.imgix.net/~text?txtsize=50&bg=ffeeeetxtclr=bbcccc&txt=i%20CoTalker&w=20&h=20"},
            "createChannels": {"requiredPermission": [], "requiredPermissionsV2": []},
            "link": {"requiredPermission": [], "requiredPermissionsV2": []},
            "isActive": True,
            "color": "#000000",
            "search": ["the", "best", "group", "ever"],
            "hideChannelsByProperties": [],
            "channelsWithoutCategoryLocation": "top",
            "groupSort": "a-z",
            "groupSortDirection": "asc",
            "innerSort": "lastMessage",
            "innerSortDirection": "desc",
            "_id": group["_id"],
            "nameDisplay": "The Best Group Ever!",
            "nameCode": "best_group",
            "company": COMPANY,
            "createdAt": "2026-06-02T08:00:00.250Z",
            "actions": [],
            "modifiedAt": "2026-06-02T08:00:00.250Z",
            "weight": heaviest + 1,
            "__v": 0,
        }
        assert group == expected
        assert list(group) == list(expected)
        assert cotalker.get(f"{GROUPS}/{group['_id']}").json() == {"data": group}

    def test_everything(self, cotalker: TestClient) -> None:
        """Every field of the model that may be sent comes back as sent."""
        fields: dict[str, Any] = {
            **NEW_GROUP,
            "isActive": False,
            "isCategory": True,
            "nestedGroups": [FREE_GROUP],
            "parent": WORKFLOW_GROUP,
            "weight": 3,
            "color": "#123456",
            "icon": "M0 0",
            "actions": [{"_id": UNKNOWN, "display": "x", "auth": "y", "external": True, "icon": "i", "url": "u", "weight": 2}],
            "createChannels": {"active": True, "requiredPermission": [UNKNOWN], "requiredPermissionsV2": ["a"]},
            "link": {
                "auth": "a",
                "cmd": "c",
                "embedded": True,
                "external": False,
                "linkType": "APK",
                "requiredPermission": [],
                "requiredPermissionsV2": None,
                "tokenKey": "t",
                "url": "u",
            },
            "help": {"animation": "a", "faqUrl": "f", "isActive": True, "onboarding": "o", "text": "t"},
            "groupBy": SHOPS,
            "groupSort": "weight",
            "groupSortDirection": "desc",
            "innerSort": "createdAt",
            "innerSortDirection": "asc",
            "channelsWithoutCategoryLocation": "hide",
            "hideChannelsByProperties": [HARBOUR],
            "viewSettings": {"initialView": "group"},
        }

        group = cotalker.post(GROUPS, json=fields).json()["data"]

        assert {name: group[name] for name in fields} == fields

    def test_takes_a_task_group(self, cotalker: TestClient) -> None:
        """A new group can be given a task group, whose collection bears its code."""
        group = cotalker.post(GROUPS, json=NEW_GROUP).json()["data"]["_id"]

        assert cotalker.post("/api/v2/task-groups", json={"group": group}).json()["collectionName"] == "best_group"

    @pytest.mark.parametrize("field", ["nameDisplay", "nameCode"])
    def test_missing(self, cotalker: TestClient, assert_refused, field: str) -> None:
        """Both names are needed."""
        body = {name: value for name, value in NEW_GROUP.items() if name != field}

        assert_refused(cotalker.post(GROUPS, json=body), 400, f'"{field}" is required')

    @pytest.mark.parametrize("code", ["ab", "9ab", "_ab", "Abc", "a-b", "a b", "é_a", "abc\n", "x" * 61])
    def test_code(self, cotalker: TestClient, assert_refused, code: str) -> None:
        """A code begins with a letter and has 3 to 60 lower-case letters, digits and underscores."""
        must = "be 3 to 60 lowercase letters, digits and underscores, a letter first"

        assert_refused(cotalker.post(GROUPS, json={**NEW_GROUP, "nameCode": code}), 400, f'"nameCode" must {must}:\n("{code}")')

    @pytest.mark.parametrize("code", ["abc", "a__", "a12", "x" * 60])
    def test_good_code(self, cotalker: TestClient, code: str) -> None:
        """At both ends of the rule a code is taken."""
        assert cotalker.post(GROUPS, json={**NEW_GROUP, "nameCode": code}).json()["data"]["nameCode"] == code

    def test_taken(self, cotalker: TestClient, assert_refused, become) -> None:
        """A code belongs to one group of a company, active or not; another company may have it too."""
        cotalker.patch(f"{GROUPS}/{FREE_GROUP}", json={"isActive": False})

        response = cotalker.post(GROUPS, json={**NEW_GROUP, "nameCode": "task_manager"})

        assert_refused(response, 409, '"nameCode" already exists')
        neighbour = become("61b9b7ced258d731520fc85d", Admin="true")
        assert neighbour.post(GROUPS, json={**NEW_GROUP, "nameCode": "task_manager"}).status_code == 200

    @pytest.mark.parametrize(
        "fields",
        [
            {"parent": OTHER_GROUP},
            {"parent": UNKNOWN},
            {"nestedGroups": [FREE_GROUP, UNKNOWN]},
            {"groupBy": UNKNOWN},
            {"groupBy": HARBOUR},
            {"hideChannelsByProperties": [UNKNOWN]},
        ],
    )
    def test_unknown_references(self, cotalker: TestClient, assert_refused, fields: dict[str, Any]) -> None:
        """What it refers to must be of the company."""
        assert_refused(cotalker.post(GROUPS, json={**NEW_GROUP, **fields}), 404, "Not Found")
        assert_refused(cotalker.patch(f"{GROUPS}/{FREE_GROUP}", json=fields), 404, "Not Found")

    @pytest.mark.parametrize(
        ("fields", "error"),
        [
            ({"groupSort": "x"}, '"groupSort" must be one of [weight, modifiedAt, createdAt, a-z]:\n("x")'),
            ({"groupSortDirection": "up"}, '"groupSortDirection" must be one of [asc, desc]:\n("up")'),
            ({"innerSort": "weight"}, '"innerSort" must be one of [modifiedAt, createdAt, a-z, lastMessage]:\n("weight")'),
            ({"innerSortDirection": None}, '"innerSortDirection" must be one of [asc, desc]:\n("null")'),
            ({"channelsWithoutCategoryLocation": "x"}, '"channelsWithoutCategoryLocation" must be one of [top, hide]:\n("x")'),
            ({"link": {"linkType": "x"}}, '"link.linkType" must be one of [URL, APK]:\n("x")'),
            ({"viewSettings": {"initialView": "x"}}, '"viewSettings.initialView" must be one of [task, group]:\n("x")'),
            ({"actions": [{"weight": "x"}]}, '"actions[0].weight" must be a number:\n("x")'),
            ({"weight": 9007199254740992}, '"weight" must be a safe number:\n("9007199254740992")'),
            ({"parent": "x"}, '"parent" must be a valid ObjectId:\n("x")'),
            ({"nameDisplay": ""}, '"nameDisplay" must not be empty:\n("")'),
        ],
    )
    def test_malformed(self, cotalker: TestClient, assert_refused, fields: dict[str, Any], error: str) -> None:
        """What doesn't fit is named and shown."""
        assert_refused(cotalker.post(GROUPS, json={**NEW_GROUP, **fields}), 400, error)

    @pytest.mark.parametrize("weight", [0, -5, 1.5, 9007199254740991])
    def test_weight(self, cotalker: TestClient, weight: float) -> None:
        """A weight that is sent is kept; the next group still gets one, which is never larger than JavaScript counts."""
        heaviest = max(group["weight"] for group in cotalker.get("/api/v1/groups/all").json())

        assert cotalker.post(GROUPS, json={**NEW_GROUP, "weight": weight}).json()["data"]["weight"] == weight

        following = cotalker.post(GROUPS, json={**NEW_GROUP, "nameCode": "next"}).json()["data"]
        assert following["weight"] == min(max(heaviest, weight) + 1, 9007199254740991)


class TestUpdateGroup:
    """PATCH /api/v2/groups/{id}."""

    def test_replaces(self, cotalker: TestClient, clock) -> None:
        """What is sent replaces what was there, whole; words follow, the rest stays."""
        before = cotalker.get(f"{GROUPS}/{FREE_GROUP}").json()["data"]
        clock.freeze("2026-06-02T08:00:00.000Z")

        after = cotalker.patch(f"{GROUPS}/{FREE_GROUP}", json={"nameDisplay": "Été à deux", "link": {"url": "u"}}).json()["data"]

        changed = {"nameDisplay": "Été à deux", "link": {"url": "u"}, "search": ["été", "à", "deux"]}
        assert after == {**before, **changed, "modifiedAt": "2026-06-02T08:00:00.000Z"}
        assert [group["_id"] for group in cotalker.get(f"{GROUPS}?search=deux").json()["data"]["groups"]] == [FREE_GROUP]
        assert cotalker.get(f"{GROUPS}?search=manager").json()["data"]["groups"] == []

    def test_fixed_code(self, cotalker: TestClient, assert_refused) -> None:
        """The code stays; it may be sent as it is."""
        before = cotalker.get(f"{GROUPS}/{FREE_GROUP}").json()

        response = cotalker.patch(f"{GROUPS}/{FREE_GROUP}", json={"color": "#111111", "nameCode": "other"})

        assert_refused(response, 400, '"nameCode" cannot be changed')
        assert cotalker.get(f"{GROUPS}/{FREE_GROUP}").json() == before
        assert cotalker.patch(f"{GROUPS}/{FREE_GROUP}", json={"nameCode": "task_manager"}).status_code == 200

    @pytest.mark.parametrize(
        "field", ["_id", "company", "search", "createdAt", "modifiedAt", "__v", "apperance", "image", "unknown"]
    )
    def test_ignored(self, cotalker: TestClient, field: str) -> None:
        """What the server manages, and what the model does not have, is ignored."""
        assert cotalker.patch(f"{GROUPS}/{FREE_GROUP}", json={field: "x"}).json()["data"].get(field) != "x"

    def test_cleared(self, cotalker: TestClient) -> None:
        """`parent` and `groupBy` can be null."""
        cotalker.patch(f"{GROUPS}/{FREE_GROUP}", json={"parent": WORKFLOW_GROUP, "groupBy": SHOPS})

        group = cotalker.patch(f"{GROUPS}/{FREE_GROUP}", json={"parent": None, "groupBy": None}).json()["data"]

        assert group["parent"] is group["groupBy"] is None

    def test_version(self, cotalker: TestClient) -> None:
        """`__v` grows when an array is replaced."""
        assert cotalker.patch(f"{GROUPS}/{FREE_GROUP}", json={"color": "#111111"}).json()["data"]["__v"] == 0
        assert cotalker.patch(f"{GROUPS}/{FREE_GROUP}", json={"hideChannelsByProperties": [CITY]}).json()["data"]["__v"] == 1
