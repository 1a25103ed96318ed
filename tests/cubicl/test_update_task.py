"""Changes to Cubicl's tasks."""

from typing import Any

import pytest
from starlette.testclient import TestClient

from cubicl.office import (
    ACTIVE,
    ANNA,
    BOSS,
    CLIENT,
    COMPLETED,
    CREATE,
    DELETE,
    EDIT,
    FIELD,
    FIELDS,
    FILE,
    HOUR_MS,
    JEAN,
    NOBODY,
    NOW_MS,
    PLAIN_TASK,
    ROOT,
    TAG,
    TASK,
    VIEW,
    WAITING,
    WEBSITE,
    WORKFLOW,
    Json,
    Office,
    assert_code,
    assert_empty,
    assert_text,
)

FULL = {
    "desc": "Long",
    "start": 1000,
    "deadline": 2000,
    "assignees": [JEAN],
    "followers": [ANNA],
    "customer": CLIENT,
    "files": [FILE],
    "private": True,
    "estimatedTime": 60,
    "customFields": {"Room": "B12", "Floor": "1"},
    "workFlowId": WORKFLOW,
    "stepType": "progress",
    "steps": {"completed": 1, "total": 4},
}


def update(client: TestClient, task: str, **changes: Any) -> Any:
    """Send an Update Task."""
    return client.put(f"/tasks/{task}", json=changes)


def updated(client: TestClient, task: str, **changes: Any) -> Json:
    """Send an Update Task that succeeds and return its answer."""
    response = update(client, task, **changes)
    assert response.status_code == 200, response.text
    answer: Json = response.json()
    assert list(answer) == ["activity", "task"]
    return answer


class TestUpdateTask:
    """PUT /api/v1/tasks/:id."""

    @pytest.mark.parametrize(
        ("changes", "result"),
        [
            ({"name": "New"}, {"name": "New"}),
            ({"desc": "New"}, {"desc": "New"}),
            ({"start": 1.5}, {"start": 1.5}),
            ({"deadline": 1735776000000}, {"deadline": 1735776000000}),
            ({"assignees": [ANNA, JEAN, ANNA]}, {"assignees": [ANNA, JEAN]}),
            ({"followers": [JEAN]}, {"followers": [JEAN]}),
            ({"customer": CLIENT}, {"customer": {"_id": CLIENT, "name": "ACME"}}),
            ({"files": [FILE]}, {"files": [{"_id": FILE}]}),
            ({"private": True}, {"private": True}),
            ({"estimatedTime": 90.5}, {"estimatedTime": 90.5}),
            ({"customFields": {"a": 1}}, {"customFields": {"a": "1"}}),
            ({"stepType": "progress", "steps": {"completed": 0, "total": 2}},) * 2,
            ({"stepType": "steps", "steps": []},) * 2,
            ({"state": "cb_active"}, {"state": "cb_active"}),
        ],
        ids=str,
    )
    def test_one_field(self, office: Office, owner: TestClient, stopped, changes: Json, result: Json) -> None:
        """Only what is given changes; the update activity tells old and new values of just that."""
        before = office.task(FIELD)

        answer = updated(owner, before["_id"], **changes)

        assert answer["task"] == before | result == office.read(before["_id"])
        activity = answer["activity"]
        assert list(activity) == ["_id", "user", "type", "data", "createdAt", "customerCanSee", "mentions"]
        assert activity == {
            "_id": activity["_id"],
            "user": BOSS,
            "type": "update",
            "data": {"oldValues": {name: before.get(name) for name in result}, "newValues": result},
            "createdAt": NOW_MS,
            "customerCanSee": False,
            "mentions": [],
        }
        assert office.activities(before["_id"])[0] == activity

    @pytest.mark.parametrize(
        ("field", "value", "result"),
        [
            ("desc", "", ""),
            ("desc", None, ""),
            ("start", None, None),
            ("start", 0, None),
            ("deadline", None, None),
            ("deadline", 0, None),
            ("assignees", [], []),
            ("assignees", None, []),
            ("followers", [], []),
            ("followers", None, []),
            ("files", [], []),
            ("files", None, []),
            ("customer", "", None),
            ("customer", None, None),
            ("private", None, False),
            ("private", False, False),
        ],
    )
    def test_unset(self, office: Office, owner: TestClient, field: str, value: Any, result: Any) -> None:
        """Null and whatever is falsy unset a field."""
        before = office.task(FIELD, **FULL)

        assert updated(owner, before["_id"], **{field: value})["task"] == before | {field: result}

    @pytest.mark.parametrize(
        ("changes", "gone"),
        [
            ({"workflowId": ""}, "workflow"),
            ({"workflowId": None}, "workflow"),
            ({"workFlowId": None}, "workflow"),
            ({"estimatedTime": 0}, "estimatedTime"),
            ({"estimatedTime": None}, "estimatedTime"),
            ({"customFields": None}, "customFields"),
            ({"customFields": {}}, "customFields"),
            ({"customFields": {"Room": ""}}, "customFields"),
            ({"stepType": "none"}, "steps"),
            ({"stepType": "none", "steps": [{"name": "ignored"}]}, "steps"),
            ({"stepType": None}, "steps"),
            ({"steps": None}, "steps"),
        ],
    )
    def test_removed(self, office: Office, owner: TestClient, changes: Json, gone: str) -> None:
        """What then says nothing is not there any more."""
        before = office.task(FIELD, **FULL)

        answer = updated(owner, before["_id"], **changes)

        expected = {name: value for name, value in before.items() if name != gone}
        assert answer["task"] == (expected | {"stepType": "none"} if gone == "steps" else expected)
        assert answer["activity"]["data"]["newValues"][gone] is None
        assert answer["activity"]["data"]["oldValues"][gone] == before[gone]

    def test_unset_what_was_not_set(self, office: Office, owner: TestClient) -> None:
        """Unsetting everything on a task that has nothing changes nothing."""
        before = office.task(FIELD, followers=[])
        nothing = dict.fromkeys(
            ("desc", "start", "deadline", "assignees", "followers", "files", "customer", "private", "workflowId")
        )

        more = {"estimatedTime": None, "customFields": None, "stepType": None, "recurrent": None, "subtasks": None}
        answer = updated(owner, before["_id"], **nothing, **more, recurrence=None, updateTemplate=None)

        assert answer["task"] == before
        assert answer["activity"]["data"] == {"oldValues": {}, "newValues": {}}

    def test_custom_fields_are_replaced(self, office: Office, owner: TestClient) -> None:
        """Custom fields are replaced as a whole; a null takes its name out."""
        task = office.task(FIELD, **FULL)["_id"]

        changed = updated(owner, task, customFields={"Room": "C3", "Floor": None})["task"]

        assert changed["customFields"] == {"Room": "C3"}

    def test_no_change(self, office: Office, owner: TestClient) -> None:
        """The same values again are one update activity that reports nothing."""
        task = office.task(FIELD, **FULL)
        same = {name: task[name] for name in ("name", "desc", "start", "assignees", "customFields", "state", "group", "private")}

        answer = updated(owner, task["_id"], **same, customer=CLIENT, files=[FILE], workflowId=WORKFLOW, subtasks=[])

        assert answer["task"] == task
        assert answer["activity"]["data"] == {"oldValues": {}, "newValues": {}}
        assert [activity["type"] for activity in office.activities(task["_id"])] == ["update"]

    def test_what_cannot_be_changed(self, office: Office, owner: TestClient) -> None:
        """Priority, tags, parent, owner and all that the server sets are ignored, whatever is sent."""
        before = office.task(FIELD)
        writable = {
            "name",
            "desc",
            "start",
            "deadline",
            "assignees",
            "followers",
            "group",
            "private",
            "stepType",
            "steps",
            "state",
        }
        writable |= {"customer", "files", "subtasks", "estimatedTime", "customFields"}

        for value in (5, "x", None, [TAG], PLAIN_TASK, {"a": 1}):
            ignored = {name: value for name in FIELDS if name not in writable}
            assert updated(owner, before["_id"], **ignored)["task"] == before

    @pytest.mark.parametrize(
        "spelled", [{"workflowId": WORKFLOW}, {"workFlowId": WORKFLOW}, {"workflowId": WORKFLOW, "workFlowId": NOBODY}]
    )
    def test_workflow(self, office: Office, owner: TestClient, spelled: Json) -> None:
        """The small f is not insisted on, but counts if both are there; joining again is no change."""
        task = office.task(FIELD)["_id"]

        joined = updated(owner, task, **spelled)["task"]["workflow"]

        assert joined["id"] == WORKFLOW
        assert updated(owner, task, **spelled)["task"]["workflow"] == joined

    def test_assignees_leave_followers_alone(self, office: Office, owner: TestClient) -> None:
        """New assignees do not follow by themselves."""
        task = office.task(FIELD)

        assert updated(owner, task["_id"], assignees=[JEAN])["task"]["followers"] == task["followers"]

    def test_lists_follow(self, office: Office, owner: TestClient) -> None:
        """What changed is found by its new values and no longer by the old ones."""
        person = office.person()
        task = office.task(FIELD, name="Old name", assignees=[JEAN], start=5)["_id"]

        updated(owner, task, name="Fresh name", assignees=[person.id], start=7, customer=CLIENT, private=True)

        def found(**query: Any) -> bool:
            return task in [one["_id"] for one in owner.get("/tasks", params={"group": FIELD, **query}).json()]

        assert found(search="fresh")
        assert found(assignee=person.id)
        assert found(startDate=7, endDate=7)
        assert found(customer=CLIENT)
        assert not found(search="old name")
        assert not found(assignee=JEAN)
        assert not found(startDate=5, endDate=5)


class TestState:
    """The field `state` of an update."""

    def test_without_a_move(self, office: Office, owner: TestClient, clock, stopped) -> None:
        """It changes the state, stamps completion, and writes a state-change besides the update."""
        task = office.task(FIELD)["_id"]
        clock.advance("PT1H")

        answer = updated(owner, task, state="cb_completed", name="Done")

        assert (answer["task"]["state"], answer["task"]["completedAt"]) == ("cb_completed", NOW_MS + HOUR_MS)
        assert answer["activity"]["data"] == {
            "oldValues": {"name": "Work", "state": "cb_waiting"},
            "newValues": {"name": "Done", "state": "cb_completed"},
        }
        update_activity, change = office.activities(task)
        assert update_activity == answer["activity"]
        assert (change["type"], change["data"]) == ("state-change", {"oldState": WAITING, "newState": COMPLETED})

        answer = updated(owner, task, state="cb_active")

        assert answer["task"]["completedAt"] == 0
        assert office.activities(task)[-1]["data"] == {"oldState": COMPLETED, "newState": ACTIVE}

    def test_present_state(self, office: Office, owner: TestClient) -> None:
        """The present state is no change and no error."""
        task = office.task(FIELD, state="cb_completed")

        assert updated(owner, task["_id"], state="cb_completed")["task"] == task
        assert [activity["type"] for activity in office.activities(task["_id"])] == ["update"]

    @pytest.mark.parametrize("state", ["x", "Pending", "CB_ACTIVE", "Review"])
    def test_unknown(self, office: Office, owner: TestClient, state: str) -> None:
        """A state that the project doesn't have is code 503, and nothing changes."""
        task = office.task(FIELD)

        assert_code(update(owner, task["_id"], state=state, name="New"), 422, 503)
        assert office.read(task["_id"]) == task


class TestMove:
    """The field `group` of an update."""

    def test_keeps_its_state(self, office: Office, owner: TestClient, project: str) -> None:
        """Without `state` the task keeps its state if the target has that name; its subtasks stay where they are."""
        task = office.task(FIELD, state="cb_active")["_id"]
        child = office.task(FIELD, parent=task)["_id"]

        answer = updated(owner, task, group=project)

        assert (answer["task"]["group"], answer["task"]["state"]) == (project, "cb_active")
        assert answer["activity"]["data"] == {"oldValues": {"group": FIELD}, "newValues": {"group": project}}
        assert (office.read(child)["group"], office.read(child)["parent"]) == (FIELD, task)
        assert task in [one["_id"] for one in owner.get("/tasks", params={"group": project}).json()]
        assert task not in [one["_id"] for one in owner.get("/tasks", params={"group": FIELD}).json()]

    def test_into_a_state(self, office: Office, owner: TestClient) -> None:
        """With `state` it goes into that state of the target."""
        task = office.task(FIELD)["_id"]

        answer = updated(owner, task, group=WEBSITE.upper(), state="Published")

        assert (answer["task"]["group"], answer["task"]["state"]) == (WEBSITE, "Published")
        assert answer["task"]["completedAt"] > 0
        change = office.activities(task)[-1]["data"]
        assert (change["oldState"], change["newState"]["name"]) == (WAITING, "Published")

    def test_same_name_of_another_type(self, office: Office, owner: TestClient) -> None:
        """A state of the same name may mean completion in one project and not in the other."""
        group = office.project(taskStates=[{"name": "cb_active", "type": "completed"}])
        task = office.task(FIELD, state="cb_active")["_id"]

        assert updated(owner, task, group=group)["task"]["completedAt"] > 0
        assert updated(owner, task, group=FIELD)["task"]["completedAt"] == 0

    @pytest.mark.parametrize("changes", [{}, {"state": "cb_waiting"}, {"state": "x"}])
    def test_state_that_the_target_lacks(self, office: Office, owner: TestClient, changes: Json) -> None:
        """A state, kept or wished for, that the target doesn't have is code 503."""
        task = office.task(FIELD)

        assert_code(update(owner, task["_id"], group=WEBSITE, **changes), 422, 503)
        assert office.read(task["_id"]) == task

    @pytest.mark.parametrize("group", [NOBODY, "x"])
    def test_unknown_project(self, office: Office, owner: TestClient, group: str) -> None:
        """An unknown target is a 422 with nothing."""
        assert_empty(update(owner, TASK, group=group), 422)

    def test_present_project(self, office: Office) -> None:
        """The present project is no move: nobody asks whether the task may leave or come."""
        person = office.person()
        group = office.project()
        task = office.task(group)
        office.levels(group, person, EDIT)

        assert updated(person.client, task["_id"], group=group)["task"] == task

    @pytest.mark.parametrize(
        ("source", "target", "code"),
        [(EDIT, DELETE, 804), (EDIT, VIEW, 804), (DELETE, VIEW, 805), (DELETE, CREATE, None), (DELETE, EDIT, None)],
    )
    def test_levels(self, office: Office, source: int, target: int, code: int | None) -> None:
        """Out of a project with level Delete there (804), into one with level Create there (805)."""
        person = office.person()
        here, there = office.project(), office.project()
        office.levels(here, person, source)
        office.levels(there, person, target)
        task = office.task(here)["_id"]

        response = update(person.client, task, group=there)

        if code is None:
            assert response.json()["task"]["group"] == there
        else:
            assert_code(response, 403, code)
            assert office.read(task)["group"] == here

    def test_owner_may_take_it_out(self, office: Office) -> None:
        """The owner may take a task out whatever the level, but needs Create in the target."""
        person = office.person()
        here, there, other = office.project(members=[person.id]), office.project(), office.project()
        task = office.task(here, person.client)["_id"]
        office.levels(here, person, VIEW)
        office.levels(there, person, CREATE)

        assert_code(update(person.client, task, group=other), 403, 805)
        assert updated(person.client, task, group=there)["task"]["group"] == there

    def test_admins(self, office: Office) -> None:
        """Admins may take out of and bring into what they administer."""
        person = office.person()
        here, there = office.project(admins=[person.id]), office.project(admins=[person.id])
        office.levels(here, person, 0)
        office.levels(there, person, 0)
        task = office.task(here)["_id"]

        assert updated(person.client, task, group=there)["task"]["group"] == there


class TestSteps:
    """`stepType` and `steps` of an update."""

    @pytest.fixture
    def task(self, office: Office) -> Json:
        """A task with a checklist of two levels."""
        below = [{"name": "Below"}]
        steps = [
            {"name": "First"},
            {"name": "Bar", "stepType": "progress", "total": 3},
            {"name": "More", "stepType": "steps", "steps": below},
        ]
        return office.task(FIELD, stepType="steps", steps=steps)

    def test_ids_are_kept(self, owner: TestClient, task: Json) -> None:
        """A step keeps an id that the task has, wherever it moves; others get new ones, and no two are equal."""
        first, bar, more = (step["id"] for step in task["steps"])
        below = task["steps"][2]["steps"][0]["id"]
        sent = [
            {"name": "Below", "id": below},
            {"name": "First", "id": first},
            {"name": "First again", "id": first},
            {"name": "Foreign", "id": NOBODY},
            {"name": "New"},
            {"name": "More", "id": more, "stepType": "steps", "steps": [{"name": "Bar", "id": bar}]},
        ]

        steps = updated(owner, task["_id"], steps=sent)["task"]["steps"]

        assert (steps[0]["id"], steps[1]["id"], steps[5]["id"], steps[5]["steps"][0]["id"]) == (below, first, more, bar)
        made = [steps[2]["id"], steps[3]["id"], steps[4]["id"]]
        assert len({*made, first, bar, more, below, NOBODY}) == 8

    def test_ticks_are_progress(self, office: Office, owner: TestClient, task: Json) -> None:
        """A change of `completed`, at any depth, writes a progress activity after the update."""
        steps = task["steps"]
        steps[2]["steps"][0]["completed"] = True

        answer = updated(owner, task["_id"], steps=steps)

        update_activity, progress = office.activities(task["_id"])
        assert answer["task"]["steps"] == steps
        assert update_activity == answer["activity"]
        assert progress["type"] == "progress"
        assert progress["data"] == {"oldSteps": office_steps(update_activity, "oldValues"), "newSteps": steps}
        assert progress["data"]["oldSteps"] != steps

    def test_progress_bar(self, office: Office, owner: TestClient) -> None:
        """So does a progress bar that goes on."""
        task = office.task(FIELD, stepType="progress", steps={"completed": 1, "total": 4})["_id"]

        updated(owner, task, steps={"completed": 2, "total": 4})

        assert [one["type"] for one in office.activities(task)] == ["update", "progress"]
        expected = {"oldSteps": {"completed": 1, "total": 4}, "newSteps": {"completed": 2, "total": 4}}
        assert office.activities(task)[1]["data"] == expected

    @pytest.mark.parametrize(
        "changes",
        [
            {"steps": [{"name": "All new", "completed": True}]},
            {"stepType": "none"},
            {"stepType": "progress", "steps": {"completed": 3, "total": 4}},
        ],
    )
    def test_other_changes_are_no_progress(self, office: Office, owner: TestClient, task: Json, changes: Json) -> None:
        """Steps that come or go are an update only."""
        updated(owner, task["_id"], **changes)

        assert [one["type"] for one in office.activities(task["_id"])] == ["update"]

    def test_renaming_is_no_progress(self, office: Office, owner: TestClient, task: Json) -> None:
        """Neither is a new name."""
        task["steps"][0]["name"] = "Renamed"

        assert updated(owner, task["_id"], steps=task["steps"])["task"]["steps"][0]["name"] == "Renamed"
        assert [one["type"] for one in office.activities(task["_id"])] == ["update"]

    @pytest.mark.parametrize(
        ("stored", "sent", "text"),
        [
            ("none", [], "steps needs a stepType"),
            ("none", {"completed": 0, "total": 1}, "steps needs a stepType"),
            ("steps", {"completed": 0, "total": 1}, "stepType steps needs a list of steps"),
            ("progress", [], "stepType progress needs completed and total"),
            ("progress", {"completed": 2, "total": 1}, "steps must have a total of 1 or more and completed from 0 to total"),
            ("steps", "x", "steps must be a list of steps or a progress bar"),
            ("steps", 1, "steps must be a list of steps or a progress bar"),
        ],
    )
    def test_steps_alone(self, office: Office, owner: TestClient, stored: str, sent: Any, text: str) -> None:
        """Steps without a stepType are read by that of the task."""
        has = {"none": None, "steps": [], "progress": {"completed": 0, "total": 1}}[stored]
        task = office.task(FIELD, stepType=stored, steps=has)["_id"]

        assert_text(update(owner, task, steps=sent), 400, text)

    @pytest.mark.parametrize(
        ("changes", "text"),
        [
            ({"stepType": "steps"}, "stepType steps needs a list of steps"),
            ({"stepType": "steps", "steps": None}, "stepType steps needs a list of steps"),
            ({"stepType": "progress"}, "stepType progress needs completed and total"),
            ({"stepType": "progress", "steps": [{"name": "x"}]}, "stepType progress needs completed and total"),
            ({"stepType": "x"}, "stepType must be none, steps or progress"),
            ({"stepType": ""}, "stepType must be none, steps or progress"),
        ],
    )
    def test_type_needs_steps(self, owner: TestClient, task: Json, changes: Json, text: str) -> None:
        """A stepType needs its steps, even where the task has them."""
        assert_text(update(owner, task["_id"], **changes), 400, text)

    def test_existence_and_permission(self, office: Office, owner: TestClient, task: Json) -> None:
        """What doesn't fit the task is a 400 after the 404 and before the 403."""
        bar = {"completed": 0, "total": 1}

        assert_empty(update(owner, NOBODY, steps=bar), 404)
        assert update(office.person().client, task["_id"], steps=bar).status_code == 400


def office_steps(activity: Json, side: str) -> Any:
    """Return the steps that an update activity reports."""
    return activity["data"][side]["steps"]


class TestAssignee:
    """What an assignee without further rights may update."""

    @pytest.fixture
    def person(self, office: Office, project: str) -> Any:
        """Somebody with level View."""
        person = office.person()
        office.levels(project, person, VIEW)
        return person

    @pytest.fixture
    def task(self, office: Office, project: str, person: Any) -> Json:
        """A task that is assigned to that person."""
        steps = [{"name": "a"}, {"name": "b", "stepType": "progress", "total": 3}]
        return office.task(project, assignees=[person.id], stepType="steps", steps=steps)

    def test_may_tick(self, office: Office, person: Any, task: Json) -> None:
        """An assignee may send steps of which only `completed` differs, with the same stepType if any."""
        task["steps"][0]["completed"] = True
        task["steps"][1]["completed"] = 2

        assert updated(person.client, task["_id"], steps=task["steps"])["activity"]["user"] == person.id
        assert updated(person.client, task["_id"], steps=task["steps"], stepType="steps")["task"]["steps"] == task["steps"]

    def test_may_move_the_bar(self, office: Office, project: str, person: Any) -> None:
        """So may the assignee of a task with a progress bar, but not make it longer."""
        bar = office.task(project, assignees=[person.id], stepType="progress", steps={"completed": 1, "total": 4})["_id"]

        assert updated(person.client, bar, steps={"completed": 4, "total": 4})["task"]["steps"]["completed"] == 4
        assert_code(update(person.client, bar, steps={"completed": 4, "total": 5}), 403, 4)

    @pytest.mark.parametrize(
        "changes",
        [
            {},
            {"name": "x"},
            {"stepType": "none"},
            {"stepType": "progress", "steps": {"completed": 1, "total": 2}},
            {"steps": None},
            {"steps": []},
            {"steps": [{"name": "a", "completed": True}]},
            {"assignees": []},
            {"state": "cb_active"},
        ],
    )
    def test_nothing_else(self, person: Any, task: Json, changes: Json) -> None:
        """Everything else is code 4."""
        assert_code(update(person.client, task["_id"], **changes), 403, 4)

    @pytest.mark.parametrize("extra", [{"name": "Work"}, {"updateTemplate": False}, {"private": False}])
    def test_nothing_besides(self, person: Any, task: Json, extra: Json) -> None:
        """So is anything besides, changed or not."""
        assert_code(update(person.client, task["_id"], steps=task["steps"], **extra), 403, 4)

    @pytest.mark.parametrize("change", [{"name": "x"}, {"desc": "x"}, {"assignees": [JEAN]}, {"id": NOBODY}])
    def test_only_completed(self, person: Any, task: Json, change: Json) -> None:
        """So is any other change of a step."""
        task["steps"][0] |= change

        assert_code(update(person.client, task["_id"], steps=task["steps"]), 403, 4)

    def test_not_a_follower(self, office: Office, project: str, person: Any) -> None:
        """A follower may not even tick."""
        task = office.task(project, followers=[person.id], stepType="progress", steps={"completed": 1, "total": 4})["_id"]

        assert_code(update(person.client, task, steps={"completed": 2, "total": 4}), 403, 4)


class TestSubtasks:
    """The field `subtasks` of an update."""

    def test_whole_list(self, office: Office, owner: TestClient) -> None:
        """Those dropped lose their parent, those added get this one and leave the former."""
        task, former = office.task(FIELD)["_id"], office.task(FIELD)["_id"]
        kept, dropped = (office.task(FIELD, parent=task)["_id"] for _ in range(2))
        stolen = office.task(WEBSITE, parent=former)["_id"]

        answer = updated(owner, task, subtasks=[stolen, kept, stolen.upper()])

        assert answer["task"]["subtasks"] == [stolen, kept] == office.read(task)["subtasks"]
        assert answer["activity"]["data"]["oldValues"] == {"subtasks": [kept, dropped]}
        assert [office.read(one)["parent"] for one in (kept, dropped, stolen)] == [task, None, task]
        assert office.read(former)["subtasks"] == []

    def test_unset(self, office: Office, owner: TestClient) -> None:
        """Null empties the list."""
        task = office.task(FIELD)["_id"]
        child = office.task(FIELD, parent=task)["_id"]

        assert updated(owner, task, subtasks=None)["task"]["subtasks"] == []
        assert office.read(child)["parent"] is None

    def test_chain_within_the_list(self, office: Office, owner: TestClient) -> None:
        """A task and its own subtask may both be taken in."""
        task = office.task(FIELD)["_id"]
        parent = office.task(FIELD)["_id"]
        child = office.task(FIELD, parent=parent)["_id"]

        updated(owner, task, subtasks=[parent, child])

        assert [office.read(one)["parent"] for one in (parent, child)] == [task, task]
        assert office.read(parent)["subtasks"] == []

    @pytest.mark.parametrize("distance", [0, 1, 2, 3])
    def test_hierarchy(self, office: Office, owner: TestClient, distance: int) -> None:
        """The task itself or one above it, at whatever distance, is code 802, and nothing changes."""
        chain = [office.task(FIELD)["_id"]]
        for _ in range(3):
            chain.append(office.task(FIELD, parent=chain[-1])["_id"])
        before = office.read(chain[-1])

        assert_code(update(owner, chain[-1], subtasks=[chain[-1 - distance]], name="New"), 422, 802)
        assert office.read(chain[-1]) == before

    def test_unknown(self, office: Office, owner: TestClient) -> None:
        """An unknown task is a 422 with nothing."""
        assert_empty(update(owner, TASK, subtasks=[PLAIN_TASK, NOBODY]), 422)
        assert office.read(PLAIN_TASK)["parent"] is None

    def test_invisible(self, office: Office) -> None:
        """A task that the caller may not see can't be taken in, but one that is there already may stay."""
        person = office.person()
        group = office.project()
        office.levels(group, person, EDIT)
        task = office.task(group)["_id"]
        hidden = office.task(ROOT, private=True)["_id"]

        assert_code(update(person.client, task, subtasks=[hidden]), 403, 4)

        updated(office.owner, task, subtasks=[hidden])
        assert updated(person.client, task, subtasks=[hidden])["task"]["subtasks"] == [hidden]


class TestGantt:
    """Tasks in the Gantt chart: codes 406 and 403."""

    @pytest.fixture
    def person(self, office: Office, project: str) -> Any:
        """Somebody who may edit tasks and see the chart."""
        person = office.person()
        office.levels(project, person, DELETE, gantt=VIEW)
        return person

    @pytest.fixture
    def task(self, office: Office, project: str, person: Any) -> str:
        """A task of that person's in the chart."""
        task: str = office.task(project, person.client, start=1000, deadline=2000)["_id"]
        assert office.do("set-gantt", task=task, inGantt=True)["inGantt"] is True
        return task

    @pytest.mark.parametrize("changes", [{"start": None}, {"deadline": None}, {"start": 0}, {"start": None, "deadline": 5}])
    def test_needs_dates(self, owner: TestClient, task: str, changes: Json) -> None:
        """A task in the chart may not lose a date, whoever takes it: code 406."""
        assert_code(update(owner, task, **changes), 422, 406)

    @pytest.mark.parametrize("changes", [{"start": 1500}, {"deadline": 1500}, {"start": 1, "name": "x"}])
    def test_needs_permission(self, office: Office, person: Any, task: str, changes: Json) -> None:
        """Other dates need level Edit for the chart; owning the task does not help: code 403."""
        assert_code(update(person.client, task, **changes), 422, 403)
        assert office.read(task)["start"] == 1000

    def test_move_needs_permission(self, office: Office, person: Any, task: str) -> None:
        """So does another project."""
        there = office.project(members=[person.id])

        assert_code(update(person.client, task, group=there), 422, 403)

    @pytest.mark.parametrize("changes", [{"name": "x"}, {"start": 1000}, {"deadline": 2000.0}, {"state": "cb_active"}, {}])
    def test_other_changes(self, person: Any, task: str, changes: Json) -> None:
        """What leaves dates and project as they are doesn't touch the chart."""
        updated(person.client, task, **changes)

    def test_edit_is_enough(self, office: Office, project: str, person: Any, task: str) -> None:
        """Level Edit for the chart is enough."""
        office.levels(project, person, DELETE, gantt=EDIT)

        assert updated(person.client, task, start=1500)["task"]["start"] == 1500

    def test_admin_needs_no_level(self, owner: TestClient, task: str) -> None:
        """An admin of the project needs none."""
        assert updated(owner, task, start=1500)["task"]["start"] == 1500

    def test_outside_the_chart(self, office: Office, person: Any, task: str) -> None:
        """A task that is not in the chart has no such bounds."""
        office.do("set-gantt", task=task, inGantt=False)

        assert updated(person.client, task, start=None)["task"]["start"] is None


class TestFormat:
    """What Update Task refuses with a 400."""

    @pytest.mark.parametrize("field", ["name", "group", "state"])
    @pytest.mark.parametrize("value", ["", None])
    def test_not_empty(self, owner: TestClient, field: str, value: Any) -> None:
        """Name, project and state can't be unset."""
        assert_text(update(owner, TASK, **{field: value}), 400, f"{field} must not be empty")

    @pytest.mark.parametrize(
        ("field", "value", "must"),
        [
            *((field, value, "be a string") for field in ("name", "group", "state", "desc") for value in (1, True, [], {})),
            *((field, value, "be a string") for field in ("customer", "workflowId", "workFlowId") for value in (1, False, {})),
            *(
                (field, value, "be a list of strings")
                for field in ("assignees", "followers", "files", "subtasks")
                for value in ("x", 1, {}, [1], [None], "")
            ),
            *(
                (field, value, "be a number or null")
                for field in ("start", "deadline", "estimatedTime")
                for value in ("1", True, [], "")
            ),
            *(
                (field, value, "be true or false")
                for field in ("private", "recurrent", "updateTemplate")
                for value in (1, "true", [])
            ),
            *(("customFields", value, "be an object") for value in ("", [], 1)),
            ("customFields", {"a": []}, "hold strings"),
            *(("recurrence", value, "be an object") for value in ("", [], 1)),
        ],
    )
    def test_types(self, owner: TestClient, field: str, value: Any, must: str) -> None:
        """A field of a wrong type is a 400 that says what it must be."""
        assert_text(update(owner, TASK, **{field: value}), 400, f"{field} must {must}")


class TestUnknownRecords:
    """Ids that nothing has."""

    @pytest.mark.parametrize(
        "changes",
        [
            {"assignees": [NOBODY]},
            {"followers": [JEAN, NOBODY]},
            {"customer": NOBODY},
            {"files": [FILE, NOBODY]},
            {"workflowId": NOBODY},
            {"subtasks": [NOBODY]},
            {"stepType": "steps", "steps": [{"name": "x", "assignees": [NOBODY]}]},
        ],
    )
    def test_unknown(self, office: Office, owner: TestClient, changes: Json) -> None:
        """An unknown id is a 422 with nothing, and nothing changes."""
        before = office.read(TASK)
        known = len(office.activities(TASK))

        assert_empty(update(owner, TASK, name="New", **changes), 422)

        assert office.read(TASK) == before
        assert len(office.activities(TASK)) == known


class TestOrder:
    """Which refusal comes first when there are several reasons."""

    def test_each_before_the_next(self, office: Office) -> None:
        """4, 604, the unknown project, 804, 805, 503, 406, 403, then the rest; each shows once the one before is cured."""
        person = office.person()
        here, there = office.project(), office.project()
        task = office.task(here, start=1, deadline=2)["_id"]
        office.do("set-gantt", task=task, inGantt=True)
        office.do("archive", task=task)
        wrong: Json = {"group": NOBODY, "state": "x", "start": None, "assignees": [NOBODY]}

        assert_text(update(person.client, task, **wrong | {"name": 5}), 400, "name must be a string")
        assert_empty(update(person.client, NOBODY, **wrong), 404)
        assert_code(update(person.client, task, **wrong), 403, 4)
        office.levels(here, person, EDIT, gantt=VIEW)
        assert_code(update(person.client, task, **wrong), 422, 604)
        office.do("restore", task=task)
        assert_empty(update(person.client, task, **wrong), 422)
        wrong["group"] = there
        assert_code(update(person.client, task, **wrong), 403, 804)
        office.levels(here, person, DELETE, gantt=VIEW)
        assert_code(update(person.client, task, **wrong), 403, 805)
        office.levels(there, person, CREATE)
        assert_code(update(person.client, task, **wrong), 422, 503)
        wrong["state"] = "cb_active"
        assert_code(update(person.client, task, **wrong), 422, 406)
        wrong["start"] = 1
        assert_code(update(person.client, task, **wrong), 422, 403)
        office.levels(here, person, DELETE, gantt=EDIT)
        assert_empty(update(person.client, task, **wrong, subtasks=[task]), 422)
        wrong["assignees"] = []
        assert_code(update(person.client, task, **wrong, subtasks=[task]), 422, 802)
        assert updated(person.client, task, **wrong)["task"]["group"] == there

    def test_archived(self, office: Office, owner: TestClient) -> None:
        """An archived task can't be updated, with whatever: code 604."""
        office.do("archive", task=TASK)

        for changes in ({}, {"name": "x"}, {"nonsense": 1}):
            assert_code(update(owner, TASK, **changes), 422, 604)
