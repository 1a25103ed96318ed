"""Cubicl's list of tasks."""

import itertools
import random
from collections.abc import Callable
from typing import Any

import pytest
from starlette.testclient import TestClient

from cubicl.office import (
    ANNA,
    ARCHIVE,
    BOSS,
    CLIENT,
    CONTENT,
    CREATE,
    DAY_MS,
    FIELD,
    FIELDS,
    JEAN,
    MANAGEMENT,
    NOBODY,
    NONE,
    ROOT,
    SHOP,
    TAG,
    TASK,
    TRAINING,
    VIEW,
    WEBSITE,
    Json,
    Office,
    assert_code,
    assert_empty,
    assert_text,
)

LEFT_OUT = {"desc", "steps", "files", "customFields"}
EPOCH = 1_780_300_800_000
BELOW = {
    ROOT: {ROOT, WEBSITE, FIELD, SHOP, TRAINING, ARCHIVE, MANAGEMENT, CONTENT},
    WEBSITE: {WEBSITE, CONTENT},
    FIELD: {FIELD, TRAINING},
    SHOP: {SHOP, TRAINING},
    TRAINING: {TRAINING},
}


def ids(tasks: list[Json]) -> list[str]:
    """Return the ids of tasks, in their order."""
    return [task["_id"] for task in tasks]


def in_order(tasks: list[Json]) -> list[Json]:
    """Sort tasks as the list does."""
    return sorted(tasks, key=lambda task: (-task["priority"], task["priorityScore"], task["_id"]))


def matches(task: Json, query: dict[str, Any]) -> bool:
    """Whether a task is what a query asks for: the contract in plain Python."""
    group, first, last = query.get("group"), query.get("startDate"), query.get("endDate")
    projects = BELOW[group] if group and query.get("recursive") == "true" else {group}
    checks: dict[str, Callable[[], bool]] = {
        "group": lambda: task["group"] in projects,
        "assignee": lambda: query["assignee"] in task["assignees"],
        "assignedBy": lambda: task["assignedBy"] == query["assignedBy"],
        "customer": lambda: task["customer"] is not None and task["customer"]["_id"] == query["customer"],
        "search": lambda: query["search"].casefold() in task["name"].casefold(),
        "startDate": lambda: any(date is not None and first <= date <= last for date in (task["start"], task["deadline"])),
    }
    archived = {"true": (True,), "false": (False,), "all": (True, False)}[query.get("archived", "false")]
    return (task.get("archivedAt") is not None) in archived and all(check() for name, check in checks.items() if name in query)


class TestFilters:
    """Which tasks are listed."""

    @pytest.fixture
    def listed(self, office: Office) -> Callable[..., list[str]]:
        """Return a function that gives the ids that a query finds."""

        def find(**query: Any) -> list[str]:
            response = office.owner.get("/tasks", params=query)
            assert response.status_code == 200, response.text
            return ids(response.json())

        return find

    def test_all_of_the_world(self, office: Office, listed) -> None:
        """Any choice of filters finds what a plain filter over all tasks finds, in the same order."""
        everything = in_order(office.every_task())
        draw = random.Random(1)
        found = 0

        for _ in range(250):
            task = draw.choice(everything)
            day = draw.choice([date for date in (task["start"], task["deadline"]) if date] or [EPOCH])
            offered: dict[str, dict[str, Any]] = {
                "group": {"group": task["group"]},
                "above": {"group": draw.choice([project for project in BELOW if task["group"] in BELOW[project]] or [ROOT])},
                "recursive": {"recursive": draw.choice(["true", "", "false", "TRUE", "1"])},
                "assignee": {"assignee": draw.choice([*task["assignees"], NOBODY])},
                "assignedBy": {"assignedBy": task["assignedBy"]},
                "customer": {"customer": task["customer"]["_id"] if task["customer"] else CLIENT},
                "search": {"search": draw.choice(["a", "e ", task["name"].upper()[3:9], "café", "AÑO", "%", "_"])},
                "dates": {"startDate": day - draw.choice([0, DAY_MS]), "endDate": day + draw.choice([0, 30 * DAY_MS])},
                "archived": {"archived": draw.choice(["true", "false", "all"])},
            }
            chosen = draw.sample(sorted(offered), draw.randrange(0, 4))
            query = {name: value for key in chosen for name, value in offered[key].items()}
            expected = ids([task for task in everything if matches(task, query)])
            found += len(expected) > 0

            assert listed(**query) == expected, query
        assert found > 100

    @pytest.mark.parametrize("group", BELOW)
    @pytest.mark.parametrize("recursive", ["true", None, "", "false"])
    def test_group(self, office: Office, listed, group: str, recursive: str | None) -> None:
        """A project alone, or with all below it: each task once, also below two parents."""
        wanted = BELOW[group] if recursive == "true" else {group}
        query = {"group": group} if recursive is None else {"group": group, "recursive": recursive}

        found = listed(**query, archived="all")

        assert found == ids(in_order([task for task in office.every_task() if task["group"] in wanted]))
        assert len(found) == len(set(found))

    def test_recursive_alone(self, listed) -> None:
        """Without a project `recursive` changes nothing."""
        assert listed(recursive="true") == listed()

    def test_unknown_group(self, owner: TestClient) -> None:
        """An unknown project is refused as Create Task does: 422 with nothing."""
        assert_empty(owner.get("/tasks", params={"group": NOBODY}), 422)
        assert_empty(owner.get("/tasks", params={"group": "Website"}), 422)

    @pytest.mark.parametrize("name", ["assignee", "assignedBy", "customer", "tag"])
    def test_unknown_record(self, listed, name: str) -> None:
        """An id or a tag name that nothing has finds nothing."""
        assert listed(**{name: NOBODY}) == []

    def test_tag(self, office: Office, listed) -> None:
        """A tag is named, not given by id; the tags of that name of all projects count, and the whole name in its case."""
        other = office.project()
        tag = office.do("create-tag", group=other, name="urgent")["_id"]
        tagged = office.task(other, tags=[tag])["_id"]
        near = office.do("create-tag", group=other, name="urgently")["_id"]
        unlike = office.task(other, tags=[near])["_id"]
        known = office.task(ROOT, tags=[TAG])["_id"]

        found = listed(tag="urgent", archived="all")

        assert {tagged, known} <= set(found)
        assert unlike not in found
        assert all(office.read(task)["tags"] for task in found)
        assert listed(tag="Urgent") == listed(tag=TAG) == listed(tag="urgen") == []

    def test_tag_of_the_world(self, office: Office, listed) -> None:
        """Every task with a tag is found by the name of some tag."""
        tagged = {task["_id"] for task in office.every_task() if task["tags"]}

        found = [set(listed(tag=name, archived="all")) for name in ("urgent", "waiting for client", "Q3", "idea")]

        assert set().union(*found) == tagged
        assert all(found)

    @pytest.mark.parametrize(
        ("start", "deadline", "is_found"),
        [
            (1000, None, True),
            (2000, None, True),
            (999, None, False),
            (2001, None, False),
            (None, 1000, True),
            (None, 2000, True),
            (None, 2001, False),
            (500, 1500, True),
            (1500, 9000, True),
            (500, 9000, False),
            (None, None, False),
            (999.5, None, False),
            (1000.5, None, True),
            (-5000, 2000.0, True),
            (1, 1e300, False),
        ],
    )
    def test_interval(self, office: Office, listed, project: str, start, deadline, is_found: bool) -> None:
        """Start or deadline lies in the interval, ends included; a task that spans it does not match."""
        office.task(project, start=start, deadline=deadline)

        assert bool(listed(group=project, startDate="1000", endDate="2000")) is is_found

    @pytest.mark.parametrize(("first", "last"), [("2000", "1000"), ("1000.5", "1000.6"), ("-1e3", "1e2")])
    def test_empty_interval(self, office: Office, listed, project: str, first: str, last: str) -> None:
        """An interval that is turned round, or has nothing in it, finds nothing."""
        office.task(project, start=1000, deadline=2000)

        assert listed(group=project, startDate=first, endDate=last) == []

    def test_archived(self, office: Office, listed, project: str) -> None:
        """Unarchived tasks by default; restored ones count among them."""
        plain, archived, restored = (office.task(project)["_id"] for _ in range(3))
        office.do("archive", task=archived)
        office.do("archive", task=restored)
        office.do("restore", task=restored)

        assert listed(group=project) == listed(group=project, archived="false") == [plain, restored]
        assert listed(group=project, archived="true") == [archived]
        assert listed(group=project, archived="all") == [plain, archived, restored]

    def test_subtasks_stand_beside_their_parents(self, office: Office, listed, project: str) -> None:
        """Subtasks are listed like any task."""
        parent = office.task(project)["_id"]
        child = office.task(project, parent=parent)["_id"]

        assert listed(group=project) == [parent, child]

    @pytest.mark.parametrize("name", ["group", "assignee", "assignedBy", "customer", "tag", "search", "include", "exclude"])
    def test_empty_text_is_no_filter(self, owner: TestClient, name: str) -> None:
        """An empty text counts as not given."""
        assert owner.get("/tasks", params={name: ""}).json() == owner.get("/tasks").json()

    def test_unknown_parameters_are_ignored(self, owner: TestClient) -> None:
        """What the vendor doesn't know it doesn't mind, repeated or not."""
        assert owner.get("/tasks?nonsense=1&nonsense=2&sort=name").json() == owner.get("/tasks").json()

    def test_ids_of_either_case(self, listed) -> None:
        """Ids of either case are one."""
        assert listed(group=ROOT.upper(), assignee=JEAN.upper()) == listed(group=ROOT, assignee=JEAN)


class TestSearch:
    """The parameter `search`."""

    @pytest.mark.parametrize(
        ("name", "search", "is_found"),
        [
            ("Write contract", "contract", True),
            ("Write contract", "CONTRACT", True),
            ("Write contract", "ite con", True),
            ("Write contract", "writecontract", False),
            ("Write contract", "contracts", False),
            ("Straße", "STRASSE", True),
            ("ÉCOLE", "école", True),
            ("مهمة جديدة", "جديدة", True),
            ("Party 🎉 now", "🎉", True),
            ("100% sure", "0%", True),
            ("100 sure", "0%", False),
            ("a_b", "A_B", True),
            ("axb", "a_b", False),
            ("back\\slash", "k\\s", True),
            ("backslash", "k\\s", False),
            ("nul\0inside", "l\0i", True),
            ("nul\0inside", "inside", True),
            ("plus+sign", "plus+sign", True),
        ],
    )
    def test_substring(self, office: Office, project: str, name: str, search: str, is_found: bool) -> None:
        """A text is found anywhere in the name, in any case, and its signs stand for themselves."""
        task = office.task(project, name=name)["_id"]

        found = office.owner.get("/tasks", params={"group": project, "search": search}).json()

        assert ids(found) == [task] * is_found

    def test_only_the_name(self, office: Office, project: str) -> None:
        """Nothing but the name is looked into."""
        office.task(project, name="Plain", desc="needle")

        assert office.owner.get("/tasks", params={"group": project, "search": "needle"}).json() == []

    @pytest.mark.parametrize(
        ("sign", "size"),
        [*(("a", size) for size in (9_999, 10_000, 10_001, 60_000)), ("%", 10_000), ("%", 20_000), ("é", 10_001), ("🎉", 5_000)],
    )
    def test_very_long(self, office: Office, project: str, size: int, sign: str) -> None:
        """A text of any length is found in a name that is longer still, and not in one that differs at its end."""
        long = sign * size
        task = office.task(project, name=f"x{long}y")["_id"]
        query = {"group": project, "search": long}

        assert ids(office.owner.get("/tasks", params=query).json()) == [task]
        assert office.owner.get("/tasks", params=query | {"search": f"{long}z"}).json() == []
        assert ids(office.owner.get("/tasks", params=query | {"limit": 1, "skip": 0}).json()) == [task]

    def test_longer_than_any_name(self, owner: TestClient) -> None:
        """What is longer than every name finds nothing."""
        assert owner.get("/tasks", params={"search": "z" * 60_000}).json() == []


class TestPages:
    """`limit` and `skip`."""

    def test_no_limit(self, office: Office, owner: TestClient) -> None:
        """Without a limit, or with 0, every match is answered."""
        everything = ids(in_order(office.every_task()))

        assert len(everything) > 120
        for limit in ({}, {"limit": 0}, {"limit": 10**30}, {"limit": "1e3"}, {"limit": "1000.0"}):
            assert ids(owner.get("/tasks", params={"archived": "all", **limit}).json()) == everything

    def test_no_total(self, owner: TestClient) -> None:
        """A page is a bare array, and nothing beside it tells how many tasks there are."""
        response = owner.get("/tasks", params={"limit": 2})

        assert [type(task) for task in response.json()] == [dict, dict]
        assert set(response.headers) == {"content-type", "content-length", "x-understudy-request"}

    @pytest.mark.parametrize(("limit", "skip"), [(1, 0), (7, 0), (7, 7), (50, 100), (500, 3), (0, 5), (5, 10**25), (3, 141)])
    def test_limit_and_skip(self, owner: TestClient, limit: int, skip: int) -> None:
        """A page is a slice of the whole."""
        everything = ids(owner.get("/tasks", params={"archived": "all"}).json())

        page = ids(owner.get("/tasks", params={"archived": "all", "limit": limit, "skip": skip}).json())

        assert page == everything[skip : skip + limit if limit else None]

    def test_walk_while_tasks_come_and_go(self, office: Office, owner: TestClient) -> None:
        """Rows that come behind the pages already read disturb nothing; what is gone is missing once, nothing comes twice."""
        everything = ids(owner.get("/tasks").json())
        seen: list[str] = []
        for skip in itertools.count(0, 10):
            page = ids(owner.get("/tasks", params={"limit": 10, "skip": skip}).json())
            seen += page
            if skip == 20:
                late = office.task(WEBSITE, priority=1)["_id"]
            if len(page) < 10:
                break

        assert sorted(seen) == sorted([*everything, late])
        assert len(seen) == len(set(seen))

    def test_order(self, office: Office, project: str) -> None:
        """Highest priority first; among equals the lowest score; new tasks come below the others."""
        made = [office.task(project, priority=priority) for priority in (1, 5, 3, 2.5, 5, 4.75)]

        found = office.owner.get("/tasks", params={"group": project}).json()

        assert ids(found) == ids(in_order(made))
        assert [task["priority"] for task in found] == [5, 5, 4.75, 3, 2.5, 1]
        assert found[0]["priorityScore"] < found[1]["priorityScore"]


class TestProperties:
    """`include` and `exclude`."""

    def test_normal_form(self, office: Office, owner: TestClient) -> None:
        """A list leaves out four details; everything else is as in the task itself."""
        full = {task["_id"]: task for task in office.every_task()}

        for task in owner.get("/tasks", params={"archived": "all"}).json():
            assert list(task.items()) == [(k, v) for k, v in full[task["_id"]].items() if k not in LEFT_OUT]

    def test_include_everything(self, office: Office) -> None:
        """All properties may be asked for; the result is the task as Get Task By Id has it."""
        for task in office.every_task()[::7]:
            assert task == office.read(task["_id"])

    @pytest.mark.parametrize(
        ("include", "expected"),
        [
            ("name", ["_id", "name"]),
            ("_id", ["_id"]),
            ("steps,desc", ["_id", "desc", "steps"]),
            (" name , files,", ["_id", "name", "files"]),
            ("name,name,nonsense", ["_id", "name"]),
            ("nonsense", ["_id"]),
            ("Name", ["_id"]),
            ("customer._id", ["_id"]),
        ],
    )
    def test_include(self, owner: TestClient, include: str, expected: list[str]) -> None:
        """Only what is named comes, and `_id` always; unknown names and blanks don't matter."""
        known = next(task for task in owner.get("/tasks", params={"include": include}).json() if task["_id"] == TASK)

        assert list(known) == expected

    @pytest.mark.parametrize("name", FIELDS)
    def test_exclude(self, owner: TestClient, name: str) -> None:
        """What is named goes from the normal form, `_id` too."""
        normal = owner.get("/tasks", params={"archived": "all"}).json()

        without = owner.get("/tasks", params={"archived": "all", "exclude": f" {name} ,nonsense"}).json()

        assert without == [{key: value for key, value in task.items() if key != name} for task in normal]

    @pytest.mark.parametrize("nothing", ["", " ", ",", " , "])
    def test_nothing_named(self, owner: TestClient, nothing: str) -> None:
        """Names that are none count as not given, so the other may stand beside them."""
        assert owner.get("/tasks", params={"include": nothing}).json() == owner.get("/tasks").json()
        assert list(owner.get("/tasks", params={"exclude": nothing, "include": "name"}).json()[0]) == ["_id", "name"]


class TestRefusals:
    """What a list refuses."""

    @pytest.mark.parametrize(
        ("query", "text"),
        [
            ("include=name&exclude=desc", "include and exclude cannot be used together"),
            ("startDate=1", "startDate and endDate must be given together"),
            ("endDate=1", "startDate and endDate must be given together"),
            ("startDate=x&endDate=1", "startDate must be a number"),
            ("startDate=&endDate=1", "startDate must be a number"),
            ("startDate=1&endDate=2026-01-01", "endDate must be a number"),
            ("startDate=1&endDate=1e400", "endDate must be a number"),
            ("startDate=NaN&endDate=Infinity", "startDate must be a number"),
            ("archived=yes", "archived must be true, false or all"),
            ("archived=True", "archived must be true, false or all"),
            ("archived=", "archived must be true, false or all"),
            ("limit=1&limit=2", "limit must be given once"),
            ("group=a&group=b", "group must be given once"),
            *(
                (f"{name}={value}", f"{name} must be a whole number, 0 or more")
                for name in ("limit", "skip")
                for value in ("-1", "x", "", "1.5", "NaN", "Infinity", "1e400", "1_0", "%D9%A1", "+5", "0x10", "9" * 400)
            ),
        ],
    )
    def test_format(self, owner: TestClient, query: str, text: str) -> None:
        """What is badly formatted, or doesn't go together, is a 400 that says why."""
        assert_text(owner.get(f"/tasks?{query}"), 400, text)

    def test_format_comes_before_permission(self, office: Office) -> None:
        """The query is read before the project is looked at."""
        person = office.person()

        assert_text(
            person.client.get("/tasks", params={"group": NOBODY, "limit": "x"}), 400, "limit must be a whole number, 0 or more"
        )

    def test_no_permission(self, office: Office, project: str) -> None:
        """Less than View in the project is a 403 with code 4, even for somebody with tasks there."""
        person = office.person()
        office.task(project, assignees=[person.id])
        office.levels(project, person, NONE)

        assert_code(person.client.get("/tasks", params={"group": project}), 403, 4)
        assert_code(person.client.get("/tasks", params={"group": project, "recursive": "true"}), 403, 4)


class TestVisibility:
    """Which tasks a list shows to whom."""

    def test_same_as_one_by_one(self, office: Office, owner: TestClient) -> None:
        """A list shows a user exactly the tasks that the user could get one by one."""
        everything = ids(office.every_task())
        people = [office.client_of(user) for user in (JEAN, ANNA)] + [office.person().client]

        for client in people:
            readable = {task for task in everything if client.get(f"/tasks/{task}").status_code == 200}
            listed = ids(client.get("/tasks", params={"archived": "all"}).json())
            recursive = ids(client.get("/tasks", params={"archived": "all", "group": ROOT, "recursive": "true"}).json())

            assert set(listed) == set(recursive) == readable
            assert len(listed) == len(readable) < len(everything)

    def test_same_within_a_project(self, office: Office) -> None:
        """So does the list of one project."""
        person = office.person()
        group = office.project()
        seen = office.task(group)["_id"]
        office.task(group, private=True)
        assigned = office.task(group, private=True, assignees=[person.id], followers=[])["_id"]
        followed = office.task(group, private=True, followers=[person.id])["_id"]
        office.levels(group, person, CREATE)
        owned = office.task(group, person.client, private=True, followers=[])["_id"]
        office.levels(group, person, VIEW)

        found = person.client.get("/tasks", params={"group": group}).json()

        assert ids(found) == [seen, assigned, followed, owned]

    def test_descendants_without_view(self, office: Office) -> None:
        """Projects below, of which the user sees nothing, are passed over, own tasks excepted."""
        person = office.person()
        above = office.project(members=[person.id])
        below = office.project(parents=[above], members=[person.id])
        own = office.task(below, person.client)["_id"]
        office.task(below)
        office.levels(below, person, NONE)
        seen = office.task(above)["_id"]

        found = person.client.get("/tasks", params={"group": above, "recursive": "true"}).json()

        assert sorted(ids(found)) == sorted([seen, own])

    def test_without_group(self, office: Office) -> None:
        """Without a project: what the user sees anywhere, and own tasks."""
        person = office.person()
        hidden = office.project(members=[person.id])
        own = office.task(hidden, person.client)["_id"]
        foreign = office.task(hidden)["_id"]
        office.levels(hidden, person, NONE)

        found = ids(person.client.get("/tasks").json())

        assert own in found
        assert foreign not in found
        assert TASK in found

    def test_admin_of_a_project_above(self, office: Office) -> None:
        """An admin sees the private tasks of all projects below."""
        person = office.person()
        above = office.project(admins=[person.id])
        below = office.project(parents=[above], private=True)
        private = office.task(below, private=True)["_id"]

        assert ids(person.client.get("/tasks", params={"group": below}).json()) == [private]
        assert ids(person.client.get("/tasks", params={"group": above, "recursive": "true"}).json()) == [private]
        assert private in ids(person.client.get("/tasks").json())

    def test_boss_sees_all(self, office: Office, owner: TestClient) -> None:
        """The admin of the root sees every task of the organisation."""
        everything = owner.get("/tasks", params={"group": ROOT, "recursive": "true", "archived": "all"}).json()

        assert ids(everything) == ids(owner.get("/tasks", params={"archived": "all"}).json())
        assert len(everything) == len(office.every_task())
        assert any(task["private"] and BOSS not in (task["assignedBy"], *task["assignees"]) for task in everything)
