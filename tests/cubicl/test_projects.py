"""Projects: the whole tree, a part of it, and what is private."""

from typing import Any

import pytest
from starlette.testclient import TestClient

from cubicl.office import (
    ANNA,
    ARCHIVE,
    BOSS,
    CONTENT,
    DELETE,
    FIELD,
    JEAN,
    MANAGEMENT,
    NOBODY,
    ROOT,
    SHOP,
    TRAINING,
    WEBSITE,
    Json,
    Office,
    assert_text,
)

EVERY_PROJECT = [ROOT, WEBSITE, FIELD, SHOP, TRAINING, ARCHIVE, MANAGEMENT, CONTENT]


def listed(client: TestClient, **query: Any) -> list[str]:
    """Return the ids of the projects in a list."""
    response = client.get("/groups", params=query)
    assert response.status_code == 200, response.text
    return [project["_id"] for project in response.json()]


def below(projects: list[Json], parent: str) -> set[str]:
    """Return the ids of all descendants."""
    children = {project["_id"] for project in projects if parent in (project["parents"] or [])}
    return children.union(*(below(projects, child) for child in children))


class TestGetProjects:
    """GET /groups."""

    def test_all(self, owner: TestClient) -> None:
        """Without a parent all projects are there, by id."""
        assert listed(owner) == EVERY_PROJECT
        assert listed(owner, recursive="true") == listed(owner, parent="") == EVERY_PROJECT

    def test_plain(self, office: Office, owner: TestClient) -> None:
        """A project that customises nothing has neither states nor permissions; the root has no parents."""
        group = office.project("Plain", parents=[WEBSITE, FIELD], admins=[ANNA], members=[JEAN, BOSS])
        child = office.project(parents=[group])

        projects = {project["_id"]: project for project in owner.get("/groups").json()}

        assert projects[group] == {
            "_id": group,
            "name": "Plain",
            "parents": [WEBSITE, FIELD],
            "admins": [ANNA],
            "members": [JEAN, BOSS],
            "groups": [child],
        }
        assert projects[ROOT]["parents"] is None
        assert len(projects[ROOT]["members"]) == 16
        assert set(projects[ROOT]["groups"]) == set(EVERY_PROJECT) - {ROOT, TRAINING, CONTENT}
        assert group in projects[WEBSITE]["groups"]

    def test_customised(self, owner: TestClient, office: Office) -> None:
        """States and permissions come as they were set, and anew when they change."""
        projects = {project["_id"]: project for project in owner.get("/groups").json()}
        assert [state["name"] for state in projects[WEBSITE]["taskStates"]][:2] == ["Backlog", "In progress"]
        assert projects[CONTENT]["perms"] == {"members": {"tasks": 4}, "everybody": {"tasks": 2}}
        perms = {"members": {"tasks": 1}, "everybody": {}, "users": {ANNA: {"gantt": 2}}}

        office.do("set-permissions", group=CONTENT, perms=perms)

        assert owner.get("/groups").json()[-1]["perms"] == perms

    def test_new_member_of_the_root(self, office: Office, owner: TestClient) -> None:
        """Somebody new is a member of the root project."""
        person = office.person()

        assert owner.get("/groups").json()[0]["members"][-1] == person.id

    @pytest.mark.parametrize("parent", EVERY_PROJECT)
    def test_parent(self, owner: TestClient, parent: str) -> None:
        """With a parent its children are there, with `recursive` all its descendants, each once and without itself."""
        projects = owner.get("/groups").json()
        children = [project["_id"] for project in projects if parent in (project["parents"] or [])]

        assert listed(owner, parent=parent) == listed(owner, parent=parent.upper(), recursive="false") == children
        assert listed(owner, parent=parent, recursive="true") == sorted(below(projects, parent))

    @pytest.mark.parametrize("parent", [NOBODY, "x", "%00"])
    def test_unknown_parent(self, owner: TestClient, parent: str) -> None:
        """Below an unknown project there is nothing."""
        assert listed(owner, parent=parent) == listed(owner, parent=parent, recursive="true") == []

    def test_private(self, office: Office, owner: TestClient, member: TestClient, viewer: TestClient) -> None:
        """A private project is there for its members and for admins above it."""
        group = office.project(private=True, members=[ANNA])

        assert group in listed(viewer)
        assert group in listed(viewer, parent=ROOT)
        assert group in listed(owner, parent=ROOT, recursive="true")
        assert {group, MANAGEMENT}.isdisjoint(listed(member) + listed(member, parent=ROOT))
        assert {group, MANAGEMENT}.isdisjoint(listed(member, parent=ROOT, recursive="true"))

    def test_private_with_a_level(self, office: Office) -> None:
        """A level of one's own makes nobody a member."""
        person = office.person()
        group = office.project(private=True, perms={"users": {person.id: {"tasks": DELETE}}})

        assert group not in listed(person.client)

    def test_below_a_private_project(self, office: Office, member: TestClient, viewer: TestClient) -> None:
        """What is below it is listed by itself, but not as its children, for whoever can't see it."""
        private = office.project(private=True, members=[ANNA])
        group = office.project(parents=[private])

        assert group in listed(member)
        assert group in listed(member, parent=ROOT, recursive="true")
        assert listed(viewer, parent=private) == [group]
        assert listed(member, parent=private) == listed(member, parent=private, recursive="true") == []

    @pytest.mark.parametrize("value", ["", "1", "yes", "TRUE", "null"])
    def test_recursive_is_a_boolean(self, owner: TestClient, value: str) -> None:
        """Anything but true and false is a 400."""
        assert_text(owner.get("/groups", params={"recursive": value}), 400, "recursive must be true or false")

    @pytest.mark.parametrize("name", ["parent", "recursive"])
    def test_repeated(self, owner: TestClient, name: str) -> None:
        """A repeated parameter is a 400, an unknown one nothing."""
        assert_text(owner.get(f"/groups?{name}=true&{name}=true"), 400, f"{name} must be given once")
        assert listed(owner, nonsense="x") == EVERY_PROJECT
