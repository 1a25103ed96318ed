"""Files and directories of projects and clients."""

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
    FILE,
    MANAGEMENT,
    NOBODY,
    NONE,
    NOW_MS,
    ROOT,
    VIEW,
    WEBSITE,
    Json,
    Office,
    assert_code,
    assert_empty,
    assert_text,
)

PATH = "/file-system-nodes"
PLACES = [{"group": FIELD}, {"customer": CLIENT}]


def listed(client: TestClient, **place: str) -> list[Json]:
    """Return what is in a place."""
    response = client.get(PATH, params=place)
    assert response.status_code == 200, response.text
    nodes: list[Json] = response.json()
    return nodes


def directory(client: TestClient, name: str = "New", **place: Any) -> Json:
    """Make a directory."""
    response = client.post(f"{PATH}/directories", json={"name": name, **place})
    assert response.status_code == 200, response.text
    node: Json = response.json()
    return node


def put(client: TestClient, *files: str, **place: Any) -> list[Json]:
    """Put files somewhere."""
    response = client.post(f"{PATH}/files", json={"files": list(files), **place})
    assert response.status_code == 200, response.text
    nodes: list[Json] = response.json()
    return nodes


def upload(client: TestClient, name: str = "a.txt") -> str:
    """Upload a file and return its id."""
    file: str = client.post("/files/upload", files={"file": (name, b"x")}).json()["_id"]
    return file


class TestGetFileSystemNodes:
    """GET /file-system-nodes."""

    def test_world(self, owner: TestClient) -> None:
        """The root project has a directory with a file and a file beside it, the known client has a file."""
        folder, file = listed(owner, group=ROOT)
        (inside,) = listed(owner, group=ROOT, parent=folder["_id"])
        (of_client,) = listed(owner, customer=CLIENT)

        assert (folder["type"], folder["name"], folder["file"], folder["parent"]) == ("d", "Contracts", None, None)
        assert (file["type"], file["file"]["name"], file["group"]) == ("f", "shopfront.jpg", ROOT)
        assert (inside["parent"], inside["file"]) == (folder["_id"], {"_id": FILE, "name": "draft.pdf"})
        assert of_client["customer"] == CLIENT
        assert "group" not in of_client

    @pytest.mark.parametrize("place", PLACES)
    def test_order(self, owner: TestClient, place: Json) -> None:
        """Directories come first, and each kind in the order of its making; what is deeper is not there."""
        before = len(listed(owner, **place))
        file = put(owner, FILE, **place)[0]["_id"]
        folders = [directory(owner, name=name, **place)["_id"] for name in ("Z", "A")]
        inside = put(owner, FILE, parent=folders[0], **place)[0]["_id"]
        last = put(owner, FILE, **place)[0]["_id"]

        ids = [node["_id"] for node in listed(owner, **place)]

        assert ids[:2] == folders
        assert ids[2 + before :] == [file, last]
        assert [node["_id"] for node in listed(owner, parent=folders[0].upper(), **place)] == [inside]
        assert listed(owner, parent=folders[1], **place) == []

    @pytest.mark.parametrize(
        ("query", "text"),
        [
            ("", "group or customer is required"),
            ("?group=&customer=", "group or customer is required"),
            (f"?parent={NOBODY}", "group or customer is required"),
            (f"?group={ROOT}&customer={CLIENT}", "group and customer cannot be used together"),
            (f"?group={ROOT}&group={ROOT}", "group must be given once"),
            (f"?group={ROOT}&parent=a&parent=b", "parent must be given once"),
        ],
    )
    def test_bad_query(self, owner: TestClient, query: str, text: str) -> None:
        """Without one place, or with two, it is a 400."""
        assert_text(owner.get(f"{PATH}{query}"), 400, text)


class TestPlaces:
    """Where files can be, for listing, adding and making directories alike."""

    @pytest.fixture(params=["list", "files", "directories"])
    def attempt(self, request: pytest.FixtureRequest, owner: TestClient) -> Any:
        """A way to do something in a place."""
        if request.param == "list":
            return lambda place: owner.get(PATH, params=place)
        fields: Json = {"files": [FILE]} if request.param == "files" else {"name": "x"}
        return lambda place: owner.post(f"{PATH}/{request.param}", json={**fields, **place})

    @pytest.mark.parametrize("place", [{"group": NOBODY}, {"group": "x"}, {"customer": NOBODY}, {"customer": "%"}])
    def test_unknown_place(self, attempt: Any, place: Json) -> None:
        """An unknown project or client is a 422 that says nothing."""
        assert_empty(attempt(place), 422)

    @pytest.mark.parametrize("place", PLACES)
    def test_unknown_directory(self, attempt: Any, owner: TestClient, place: Json) -> None:
        """So is a directory that is not there, is a file, or is elsewhere."""
        file = put(owner, FILE, **place)[0]["_id"]
        elsewhere = [directory(owner, **other)["_id"] for other in ({"group": WEBSITE}, *PLACES) if other != place]

        for parent in (NOBODY, "x", file, *elsewhere):
            assert_empty(attempt({**place, "parent": parent}), 422)

    @pytest.mark.parametrize("place", PLACES)
    def test_good_directory(self, attempt: Any, owner: TestClient, place: Json) -> None:
        """One of the same place will do."""
        assert attempt({**place, "parent": directory(owner, **place)["_id"]}).status_code == 200


class TestAddFilesToFileSystem:
    """POST /file-system-nodes/files."""

    @pytest.mark.parametrize("place", PLACES)
    def test_nodes(self, owner: TestClient, stopped, place: Json) -> None:
        """Each file gets a node, in the order sent; one that is sent twice gets one."""
        other = upload(owner)

        nodes = put(owner, other, FILE, other, **place, parent=None)

        expected = [{"_id": other, "name": "a.txt"}, {"_id": FILE, "name": "draft.pdf"}]
        assert [node["file"] for node in nodes] == expected
        assert nodes[0] == {
            "_id": nodes[0]["_id"],
            "parent": None,
            **place,
            "type": "f",
            "file": expected[0],
            "createdAt": NOW_MS,
        }
        assert listed(owner, **place)[-2:] == nodes

    def test_again(self, owner: TestClient) -> None:
        """A file may be in many places, and twice in one."""
        nodes = [put(owner, FILE, group=FIELD)[0]["_id"] for _ in range(2)] + [put(owner, FILE, customer=CLIENT)[0]["_id"]]

        assert len(set(nodes)) == 3

    @pytest.mark.parametrize("file", [NOBODY, "x", ""])
    def test_unknown_file(self, owner: TestClient, file: str) -> None:
        """An unknown file is a 422, and none of the others is put there."""
        assert_empty(owner.post(f"{PATH}/files", json={"group": FIELD, "files": [FILE, file]}), 422)
        assert listed(owner, group=FIELD) == []

    @pytest.mark.parametrize(
        ("body", "text"),
        [
            ({"files": [FILE]}, "group or customer is required"),
            ({"files": [FILE], "group": None, "customer": ""}, "group or customer is required"),
            ({"files": [FILE], "group": FIELD, "customer": CLIENT}, "group and customer cannot be used together"),
            ({"group": FIELD}, "files is required"),
            ({"group": FIELD, "files": []}, "files must not be empty"),
            ({"group": FIELD, "files": None}, "files must be a list of strings"),
            ({"group": FIELD, "files": FILE}, "files must be a list of strings"),
            ({"group": FIELD, "files": [{}]}, "files must be a list of strings"),
            ({"group": 5, "files": [FILE]}, "group must be a string"),
            ({"customer": [], "files": [FILE]}, "customer must be a string"),
            ({"group": FIELD, "parent": True, "files": [FILE]}, "parent must be a string"),
        ],
    )
    def test_bad_body(self, owner: TestClient, body: Json, text: str) -> None:
        """What doesn't fit is a 400 that says so."""
        assert_text(owner.post(f"{PATH}/files", json=body), 400, text)


class TestCreateDirectory:
    """POST /file-system-nodes/directories."""

    @pytest.mark.parametrize("place", PLACES)
    def test_node(self, owner: TestClient, stopped, place: Json) -> None:
        """A directory has a name and no file."""
        node = directory(owner, name="😀 \u202e/..", **place)
        inner = directory(owner, name="😀 \u202e/..", parent=node["_id"], **place)

        expected = {"parent": None, **place, "type": "d", "file": None, "name": "😀 \u202e/..", "createdAt": NOW_MS}
        assert node == {"_id": node["_id"], **expected}
        assert inner == {"_id": inner["_id"], **expected, "parent": node["_id"]}
        assert node in listed(owner, **place)

    def test_same_name(self, owner: TestClient) -> None:
        """Two of the same name may stand side by side."""
        assert directory(owner, group=FIELD)["_id"] != directory(owner, group=FIELD)["_id"]

    @pytest.mark.parametrize(
        ("body", "text"),
        [
            ({"name": "x"}, "group or customer is required"),
            ({"name": "x", "group": FIELD, "customer": CLIENT}, "group and customer cannot be used together"),
            ({"group": FIELD}, "name is required"),
            ({"group": FIELD, "name": ""}, "name must not be empty"),
            ({"group": FIELD, "name": None}, "name must not be empty"),
            ({"group": FIELD, "name": 5}, "name must be a string"),
            ({"group": {}, "name": "x"}, "group must be a string"),
        ],
    )
    def test_bad_body(self, owner: TestClient, body: Json, text: str) -> None:
        """What doesn't fit is a 400 that says so."""
        assert_text(owner.post(f"{PATH}/directories", json=body), 400, text)


class TestDeleteFileSystemNodes:
    """DELETE /file-system-nodes."""

    def test_with_all_that_is_in_it(self, owner: TestClient, office: Office) -> None:
        """A directory goes with everything in it at any depth; its neighbours and the files themselves stay."""
        file = upload(owner)
        top = directory(owner, group=FIELD)["_id"]
        middle = directory(owner, group=FIELD, parent=top)["_id"]
        bottom = directory(owner, group=FIELD, parent=middle)["_id"]
        (deep,) = put(owner, file, group=FIELD, parent=bottom)
        (beside,) = put(owner, file, group=FIELD)

        assert_empty(owner.delete(PATH, params={"ids": top}))

        assert listed(owner, group=FIELD) == [beside]
        for gone in (top, middle, bottom, deep["_id"]):
            assert_empty(owner.delete(PATH, params={"ids": gone}), 404)
        assert office.task(FIELD, files=[file])["files"] == [{"_id": file}]
        assert owner.get(f"/files/{file}/url").status_code == 200

    def test_several(self, owner: TestClient) -> None:
        """Several go at once, whatever the places, and also one with its own directory."""
        folder = directory(owner, group=FIELD)["_id"]
        inside = directory(owner, group=FIELD, parent=folder)["_id"]
        (of_client,) = listed(owner, customer=CLIENT)

        assert_empty(owner.delete(PATH, params={"ids": f"{folder}, {inside.upper()},{of_client['_id']},{folder}"}))

        assert listed(owner, group=FIELD) == listed(owner, customer=CLIENT) == []

    def test_all_or_nothing(self, owner: TestClient, office: Office, project: str) -> None:
        """If one is unknown or may not be deleted, nothing is."""
        person = office.person()
        mine, others = directory(owner, group=project)["_id"], directory(owner, group=FIELD)["_id"]
        office.levels(project, person, NONE, files=DELETE)

        assert_empty(owner.delete(PATH, params={"ids": f"{mine},{NOBODY}"}), 404)
        assert_code(person.client.delete(PATH, params={"ids": f"{mine},{others}"}), 403, 4)

        assert [len(listed(owner, group=group)) for group in (project, FIELD)] == [1, 1]

    @pytest.mark.parametrize(
        ("query", "text"), [("", "ids is required"), ("?ids=,", "ids is required"), ("?ids=a&ids=b", "ids must be given once")]
    )
    def test_bad_query(self, owner: TestClient, query: str, text: str) -> None:
        """Without ids it is a 400."""
        assert_text(owner.delete(f"{PATH}{query}"), 400, text)

    def test_with_its_client(self, owner: TestClient) -> None:
        """Everything of a client goes with it."""
        (node,) = listed(owner, customer=CLIENT)
        owner.delete(f"/crm/customers/{CLIENT}")

        assert_empty(owner.get(PATH, params={"customer": CLIENT}), 422)
        assert_empty(owner.delete(PATH, params={"ids": node["_id"]}), 404)


class TestPermissions:
    """Who may do what with files."""

    def tries(self, client: TestClient, place: Json, node: str) -> list[int]:
        """Try everything and return the statuses."""
        responses = [
            client.get(PATH, params=place),
            client.post(f"{PATH}/files", json={**place, "files": [FILE]}),
            client.post(f"{PATH}/directories", json={**place, "name": "x"}),
            client.delete(PATH, params={"ids": node}),
        ]
        for response in responses:
            if response.status_code != 200:
                assert_code(response, 403, 4)
        return [response.status_code for response in responses]

    @pytest.mark.parametrize("level", [NONE, VIEW, CREATE, EDIT, DELETE])
    def test_of_a_project(self, office: Office, owner: TestClient, project: str, level: int) -> None:
        """Looking takes level View for files, adding Create, deleting Delete; the level for tasks is of no account."""
        person = office.person()
        node = directory(owner, group=project)["_id"]
        office.levels(project, person, DELETE - level, files=level)

        statuses = self.tries(person.client, {"group": project}, node)

        assert statuses == [200 if level >= needed else 403 for needed in (VIEW, CREATE, CREATE, DELETE)]

    def test_defaults(self, office: Office, owner: TestClient) -> None:
        """Members may add, strangers look, admins do everything."""
        person = office.person()
        for fields, expected in (
            ({}, [200, 403, 403, 403]),
            ({"members": [person.id]}, [200, 200, 200, 403]),
            ({"admins": [person.id]}, [200, 200, 200, 200]),
        ):
            group = office.project(**fields)
            assert self.tries(person.client, {"group": group}, directory(owner, group=group)["_id"]) == expected

    def test_private_project(self, owner: TestClient, member: TestClient) -> None:
        """Files of a private project are for its members and for admins above it."""
        node = directory(owner, group=MANAGEMENT)["_id"]

        assert self.tries(member, {"group": MANAGEMENT}, node) == [403] * 4

    @pytest.mark.parametrize("level", [NONE, VIEW, CREATE, EDIT, DELETE])
    def test_of_a_client(self, office: Office, owner: TestClient, viewer: TestClient, level: int) -> None:
        """Looking at a client's files takes level View for clients, changing them Edit."""
        (node,) = listed(owner, customer=CLIENT)
        office.do("set-client-permission", user=ANNA, level=level)

        statuses = self.tries(viewer, {"customer": CLIENT}, node["_id"])

        assert statuses == [200 if level >= needed else 403 for needed in (VIEW, EDIT, EDIT, EDIT)]
