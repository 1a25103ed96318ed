"""New tasks of Cubicl's."""

from typing import Any

import pytest
from starlette.testclient import TestClient

from cubicl.office import (
    ANNA,
    BOSS,
    CLIENT,
    CREATE,
    FIELD,
    FILE,
    JEAN,
    NOBODY,
    NOW_MS,
    ROOT,
    TAG,
    TASK,
    VIEW,
    WEBSITE,
    WORKFLOW,
    Json,
    Office,
    assert_code,
    assert_empty,
    assert_text,
)

WEEKLY = {"type": "weekly", "period": 1, "createWhen": "completed", "active": True, "stopCondition": "none"}
WRONG: dict[str, list[Any]] = {
    "a string": [1, None, True, [], {}],
    "a list of strings": ["x", None, 1, {}, [1], [None], [["x"]]],
    "true or false": ["true", 1, 0, None, [], {}],
    "a number or null": ["1", True, [], {}],
    "a number": ["1", True, [], {}, None],
}
TYPES = {
    "desc": "a string",
    "state": "a string",
    "workFlowId": "a string",
    "files": "a list of strings",
    "tags": "a list of strings",
    "assignees": "a list of strings",
    "followers": "a list of strings",
    "private": "true or false",
    "recurrent": "true or false",
    "start": "a number or null",
    "deadline": "a number or null",
    "estimatedTime": "a number",
}


def create(client: TestClient, **fields: Any) -> Any:
    """Send a Create Task."""
    return client.post("/tasks", json={"group": FIELD, "name": "Work", **fields})


class TestDefaults:
    """What a task is when only project and name are sent."""

    def test_shortest(self, office: Office, owner: TestClient, stopped, project: str) -> None:
        """The answer is the whole task, and reading it gives the same."""
        response = owner.post("/tasks", json={"group": project, "name": "Write contract"})

        assert response.status_code == 200
        task = response.json()
        assert list(task) == [
            "_id", "name", "desc", "state", "start", "deadline", "assignees", "assignedBy", "followers", "priority",
            "priorityScore", "group", "completedAt", "stepType", "customer", "createdAt", "files", "tags", "subtasks", "parent",
            "private",
        ]  # fmt: skip
        score, number = task["priorityScore"], task["_id"]
        assert isinstance(score, int)
        assert len(number) == 24
        assert int(number[:8], 16) == NOW_MS // 1000
        assert task == {
            "_id": number,
            "name": "Write contract",
            "desc": "",
            "state": "cb_waiting",
            "start": None,
            "deadline": None,
            "assignees": [],
            "assignedBy": BOSS,
            "followers": [BOSS],
            "priority": 3,
            "priorityScore": score,
            "group": project,
            "completedAt": 0,
            "stepType": "none",
            "customer": None,
            "createdAt": NOW_MS,
            "files": [],
            "tags": [],
            "subtasks": [],
            "parent": None,
            "private": False,
        }
        assert office.read(number) == task
        assert office.activities(number) == []

    def test_default_state_of_the_project(self, office: Office) -> None:
        """The state flagged as default, else the first."""
        states = [{"name": "One", "type": "waiting"}, {"name": "Two", "type": "active"}]
        unflagged = office.project(taskStates=states)
        flagged = office.project(taskStates=[states[0], {**states[1], "isDefault": True}])

        assert office.task(unflagged)["state"] == "One"
        assert office.task(flagged)["state"] == "Two"

    def test_followers(self, office: Office) -> None:
        """Owner and assignees follow, each once, unless followers are given; an empty list is nobody."""
        assert office.task(FIELD, assignees=[JEAN, BOSS])["followers"] == [BOSS, JEAN]
        assert office.task(FIELD, assignees=[JEAN], followers=[ANNA])["followers"] == [ANNA]
        assert office.task(FIELD, assignees=[JEAN], followers=[])["followers"] == []

    def test_scores_rise(self, office: Office) -> None:
        """Every new task comes below those of its priority."""
        first, second = office.task(FIELD), office.task(WEBSITE)

        assert first["priorityScore"] < second["priorityScore"]


class TestFields:
    """What is sent comes back."""

    def test_everything(self, office: Office, stopped, project: str) -> None:
        """Every writable property at once."""
        parent = office.task(ROOT)["_id"]

        task = office.task(
            project,
            name="Full",
            desc="Long",
            workFlowId=WORKFLOW,
            parent=parent,
            private=True,
            recurrent=True,
            recurrence=WEEKLY | {"active": False},
            stepType="progress",
            steps={"completed": 1, "total": 4, "nonsense": 1},
            files=[FILE],
            customer=CLIENT,
            tags=[TAG],
            priority=5,
            assignees=[JEAN],
            start=1735603200000,
            deadline=1735689600000,
            state="cb_completed",
            estimatedTime=5400,
            customFields={"Room": "B12"},
            followers=[ANNA],
        )

        workflow = task.pop("workflow")
        assert set(workflow) == {"id", "templateId", "isCompleted", "taskflowId"}
        assert (workflow["id"], workflow["isCompleted"]) == (WORKFLOW, False)
        assert {name: task[name] for name in task if name not in ("_id", "priorityScore", "createdAt")} == {
            "name": "Full",
            "desc": "Long",
            "state": "cb_completed",
            "start": 1735603200000,
            "deadline": 1735689600000,
            "assignees": [JEAN],
            "assignedBy": BOSS,
            "followers": [ANNA],
            "priority": 5,
            "group": project,
            "completedAt": NOW_MS,
            "stepType": "progress",
            "steps": {"completed": 1, "total": 4},
            "customer": {"_id": CLIENT, "name": "ACME"},
            "files": [{"_id": FILE}],
            "tags": [TAG],
            "subtasks": [],
            "parent": parent,
            "private": True,
            "estimatedTime": 5400,
            "customFields": {"Room": "B12"},
            "lastCopy": True,
        }
        assert office.read(parent)["subtasks"] == [task["_id"]]
        assert office.activities(parent) == []

    @pytest.mark.parametrize(
        "text",
        [
            " ",
            "Ünïcödé",
            "مرحبا بالعالم",
            "🎉👩‍👩‍👧",
            "a\0b",
            "line\nbreak\ttab",
            "<b>&amp;</b>",
            "x" * 100_000,
            "🎉" * 100_000,
            "\u2028\ufeff",
        ],
        ids=range(10),
    )
    def test_text_as_sent(self, office: Office, text: str) -> None:
        """Texts of every kind and size are kept as they are."""
        task = office.task(FIELD, name=text, desc=text, customFields={text: text})

        again = office.read(task["_id"])
        assert (again["name"], again["desc"], again["customFields"]) == (text, text, {text: text})

    @pytest.mark.parametrize(
        "text", ["1735689600000", "1735689600000.5", "-1", "1e+300", "9007199254740993", "18446744073709551615"]
    )
    def test_numbers_as_sent(self, office: Office, owner: TestClient, text: str) -> None:
        """Dates and durations come back as the very number that was sent."""
        body = f'{{"group":"{FIELD}","name":"x","start":{text},"deadline":{text},"estimatedTime":{text}}}'

        response = owner.post("/tasks", content=body)

        read = owner.get(f"/tasks/{response.json()['_id']}").text
        for shown in (response.text, read):
            assert f'"start":{text},"deadline":{text},' in shown
            assert f'"estimatedTime":{text}' in shown

    @pytest.mark.parametrize("priority", [1, 5, 2.5, 1.0])
    def test_priority(self, office: Office, priority: float) -> None:
        """From 1 to 5, fractions included."""
        assert office.task(FIELD, priority=priority)["priority"] == priority

    @pytest.mark.parametrize("nothing", [None, 0, 0.0])
    def test_no_dates(self, office: Office, nothing: Any) -> None:
        """Null and 0 are no date."""
        task = office.task(FIELD, start=nothing, deadline=nothing)

        assert (task["start"], task["deadline"]) == (None, None)

    @pytest.mark.parametrize("nothing", [None, ""])
    def test_no_records(self, office: Office, nothing: Any) -> None:
        """Null and an empty text are no client and no parent."""
        task = office.task(FIELD, customer=nothing, parent=nothing)

        assert (task["customer"], task["parent"]) == (None, None)

    def test_no_estimate(self, office: Office) -> None:
        """An estimate of 0 is none."""
        assert "estimatedTime" not in office.task(FIELD, estimatedTime=0)

    def test_custom_fields(self, office: Office) -> None:
        """Values come back as strings, whatever the project defines; empty ones don't count."""
        sent = {"a": "x", "b": 5, "c": 2.5, "d": True, "e": 3.0, "f": None, "g": "", "h": -1e21, "i": 1e300, "j": False}

        task = office.task(FIELD, customFields=sent)

        expected = {"a": "x", "b": "5", "c": "2.5", "d": "true", "e": "3", "h": "-1e+21", "i": "1e+300", "j": "false"}
        assert task["customFields"] == expected
        assert "customFields" not in office.task(FIELD, customFields={})
        assert "customFields" not in office.task(FIELD, customFields={"a": None})

    def test_repeated_ids_count_once(self, office: Office) -> None:
        """An id that comes twice in a list counts once, in either case."""
        task = office.task(
            FIELD, assignees=[JEAN, JEAN.upper(), ANNA], followers=[ANNA, ANNA], tags=[TAG, TAG], files=[FILE, FILE]
        )

        assert (task["assignees"], task["followers"]) == ([JEAN, ANNA], [ANNA])
        assert (task["tags"], task["files"]) == ([TAG], [{"_id": FILE}])

    @pytest.mark.parametrize(
        "spelled", [{"workFlowId": WORKFLOW}, {"workflowId": WORKFLOW}, {"workFlowId": WORKFLOW, "workflowId": NOBODY}]
    )
    def test_both_spellings_of_workflow(self, office: Office, spelled: Json) -> None:
        """The capital F of Create Task is not insisted on, but counts if both are there."""
        assert office.task(FIELD, **spelled)["workflow"]["id"] == WORKFLOW

    def test_assignees_need_not_be_members(self, office: Office, project: str) -> None:
        """Anybody of the organisation may be assigned, and is then found by the list."""
        person = office.person()

        task = office.task(project, assignees=[person.id])

        found = office.owner.get("/tasks", params={"assignee": person.id}).json()
        assert [one["_id"] for one in found] == [task["_id"]]

    def test_tag_of_another_project(self, office: Office, project: str) -> None:
        """A tag need not be of the task's project."""
        tag = office.do("create-tag", group=office.project(), name="elsewhere")["_id"]

        assert office.task(project, tags=[tag])["tags"] == [tag]

    @pytest.mark.parametrize(("state", "is_completed"), [("cb_completed", True), ("cb_suspended", False), ("cb_active", False)])
    def test_state(self, office: Office, stopped, state: str, is_completed: bool) -> None:
        """Created in a completed state, a task was completed when it was created."""
        task = office.task(FIELD, state=state)

        assert (task["state"], task["completedAt"]) == (state, NOW_MS if is_completed else 0)


class TestSteps:
    """Checklists and progress bars."""

    def test_checklist(self, office: Office) -> None:
        """Ids are made at every depth, whatever was sent; what was omitted gets its default."""
        steps = [
            {"name": "Plain"},
            {"name": "Sent", "id": "mine", "desc": "d", "assignees": [JEAN, JEAN], "completed": True, "nonsense": 1},
            {"name": "Bar", "stepType": "progress", "total": 3},
            {"name": "Half", "stepType": "progress", "completed": 1.5, "total": 3},
            {"name": "More", "stepType": "steps", "steps": [{"name": "Below", "stepType": "steps", "steps": []}]},
        ]

        made = office.task(FIELD, stepType="steps", steps=steps)["steps"]

        numbers = [*(step["id"] for step in made), made[4]["steps"][0]["id"]]
        assert len(set(numbers)) == 6
        assert all(len(number) == 24 for number in numbers)
        assert made == [
            {"id": numbers[0], "name": "Plain", "assignees": [], "completed": False},
            {"id": numbers[1], "name": "Sent", "desc": "d", "assignees": [JEAN], "completed": True},
            {"id": numbers[2], "name": "Bar", "assignees": [], "stepType": "progress", "completed": 0, "total": 3},
            {"id": numbers[3], "name": "Half", "assignees": [], "stepType": "progress", "completed": 1.5, "total": 3},
            {
                "id": numbers[4],
                "name": "More",
                "assignees": [],
                "stepType": "steps",
                "steps": [
                    {"id": numbers[5], "name": "Below", "assignees": [], "stepType": "steps", "steps": [], "completed": False}
                ],
                "completed": False,
            },
        ]
        assert list(made[1]) == ["id", "name", "desc", "assignees", "completed"]

    @pytest.mark.parametrize("steps", [None, [], {}, "x", 5, [{"nonsense": 1}]])
    @pytest.mark.parametrize("step_type", [{}, {"stepType": "none"}])
    def test_none(self, office: Office, steps: Any, step_type: Json) -> None:
        """Without a stepType whatever stands in `steps` is ignored."""
        task = office.task(FIELD, steps=steps, **step_type)

        assert task["stepType"] == "none"
        assert "steps" not in task

    def test_empty_checklist(self, office: Office) -> None:
        """A checklist may be empty."""
        assert office.task(FIELD, stepType="steps", steps=[])["steps"] == []

    def test_deepest(self, office: Office, owner: TestClient) -> None:
        """A checklist may be a hundred levels deep; below that, and deeper than JSON goes, is refused."""

        def nested(levels: int) -> Json:
            step: Json = {"name": "x"}
            for _ in range(levels - 1):
                step = {"name": "x", "stepType": "steps", "steps": [step]}
            return step

        deep = office.task(FIELD, stepType="steps", steps=[nested(100)])
        again = owner.put(f"/tasks/{deep['_id']}", json={"steps": [nested(99)]})

        assert again.status_code == 200
        assert office.activities(deep["_id"])
        for levels in (101, 250, 400):
            response = create(owner, stepType="steps", steps=[nested(levels)])
            assert_text(response, 400, "steps must not be more than 100 levels deep")

    @pytest.mark.parametrize(
        ("step_type", "steps", "text"),
        [
            ("steps", None, "stepType steps needs a list of steps"),
            ("steps", {"completed": 1, "total": 2}, "stepType steps needs a list of steps"),
            ("steps", "x", "stepType steps needs a list of steps"),
            ("progress", None, "stepType progress needs completed and total"),
            ("progress", [], "stepType progress needs completed and total"),
            ("progress", {"total": 2}, "steps.completed is required"),
            ("progress", {"completed": 2}, "steps.total is required"),
            *(
                ("progress", bar, "steps must have a total of 1 or more and completed from 0 to total")
                for bar in (
                    {"completed": 3, "total": 2},
                    {"completed": -1, "total": 2},
                    {"completed": 0, "total": 0},
                    {"completed": 0, "total": 0.5},
                    {"completed": "1", "total": 2},
                    {"completed": 1, "total": "2"},
                    {"completed": True, "total": 2},
                    {"completed": None, "total": None},
                )
            ),
            ("steps", ["x"], "steps must be a list of steps or a progress bar"),
            ("steps", [None], "steps must be a list of steps or a progress bar"),
            ("steps", [{}], "steps.name is required"),
            ("steps", [{"name": ""}], "steps.name must not be empty"),
            ("steps", [{"name": None}], "steps.name must not be empty"),
            ("steps", [{"name": 1}], "steps.name must be a string"),
            ("steps", [{"name": "x", "id": 1}], "steps.id must be a string"),
            ("steps", [{"name": "x", "desc": None}], "steps.desc must be a string"),
            ("steps", [{"name": "x", "assignees": "y"}], "steps.assignees must be a list of strings"),
            ("steps", [{"name": "x", "completed": 1}], "steps.completed must be true or false"),
            ("steps", [{"name": "x", "completed": None}], "steps.completed must be true or false"),
            ("steps", [{"name": "x", "stepType": "none"}], "steps.stepType must be steps or progress"),
            ("steps", [{"name": "x", "stepType": None}], "steps.stepType must be steps or progress"),
            ("steps", [{"name": "x", "steps": []}], "steps.steps needs the stepType steps"),
            ("steps", [{"name": "x", "total": 1}], "steps.total needs the stepType progress"),
            ("steps", [{"name": "x", "stepType": "steps"}], "stepType steps needs a list of steps"),
            ("steps", [{"name": "x", "stepType": "steps", "steps": {}}], "stepType steps needs a list of steps"),
            ("steps", [{"name": "x", "stepType": "steps", "steps": [], "total": 1}], "steps.total needs the stepType progress"),
            ("steps", [{"name": "x", "stepType": "progress"}], "steps.total is required"),
            (
                "steps",
                [{"name": "x", "stepType": "progress", "total": 1, "completed": True}],
                "a step must have a total of 1 or more and completed from 0 to total",
            ),
            (
                "steps",
                [{"name": "x", "stepType": "progress", "total": 1, "completed": 2}],
                "a step must have a total of 1 or more and completed from 0 to total",
            ),
            ("steps", [{"name": "x", "stepType": "steps", "steps": [{"name": "y"}, {}]}], "steps.name is required"),
        ],
    )
    def test_malformed(self, owner: TestClient, step_type: str, steps: Any, text: str) -> None:
        """Steps that are not of the shape that stepType calls for are a 400."""
        assert_text(create(owner, stepType=step_type, steps=steps), 400, text)


class TestFormat:
    """What Create Task refuses with a 400."""

    @pytest.mark.parametrize(
        ("body", "text"),
        [
            ({}, "group is required"),
            ({"name": "x"}, "group is required"),
            ({"group": ROOT}, "name is required"),
            ({"group": ROOT, "name": ""}, "name must not be empty"),
            ({"group": ROOT, "name": None}, "name must not be empty"),
            ({"group": ROOT, "name": 5}, "name must be a string"),
            ({"group": "", "name": "x"}, "group must not be empty"),
            ({"group": None, "name": "x"}, "group must not be empty"),
            ({"group": 5, "name": "x"}, "group must be a string"),
        ],
    )
    def test_required(self, owner: TestClient, body: Json, text: str) -> None:
        """Project and name must be there."""
        assert_text(owner.post("/tasks", json=body), 400, text)

    @pytest.mark.parametrize(
        ("field", "value", "must"), [(field, value, must) for field, must in TYPES.items() for value in WRONG[must]]
    )
    def test_types(self, owner: TestClient, field: str, value: Any, must: str) -> None:
        """A field of a wrong type is a 400 that says what it must be."""
        assert_text(create(owner, **{field: value}), 400, f"{field} must be {must}")

    @pytest.mark.parametrize("field", ["parent", "customer"])
    @pytest.mark.parametrize("value", [1, True, [], {"_id": CLIENT}])
    def test_references(self, owner: TestClient, field: str, value: Any) -> None:
        """A record is named by its id alone."""
        assert_text(create(owner, **{field: value}), 400, f"{field} must be a string")

    @pytest.mark.parametrize("priority", [0, 6, 0.99, 5.01, -1, 1e300, "3", None, True, []])
    def test_priority(self, owner: TestClient, priority: Any) -> None:
        """A priority is from 1 to 5."""
        assert_text(create(owner, priority=priority), 400, "priority must be from 1 to 5")

    @pytest.mark.parametrize("step_type", ["", "Steps", "checklist", None, 1, [], {}])
    def test_step_type(self, owner: TestClient, step_type: Any) -> None:
        """There are three types of steps."""
        assert_text(create(owner, stepType=step_type, steps=[]), 400, "stepType must be none, steps or progress")

    @pytest.mark.parametrize(("value", "must"), [("x", "be an object"), ([], "be an object"), (None, "be an object")])
    def test_custom_fields(self, owner: TestClient, value: Any, must: str) -> None:
        """Custom fields are an object."""
        assert_text(create(owner, customFields=value), 400, f"customFields must {must}")

    @pytest.mark.parametrize("value", [[], {}, ["x"], {"a": 1}])
    def test_custom_values(self, owner: TestClient, value: Any) -> None:
        """Their values are plain."""
        assert_text(create(owner, customFields={"a": value}), 400, "customFields must hold strings")

    def test_comes_before_everything(self, office: Office) -> None:
        """The format is refused before project and permission are looked at."""
        person = office.person()

        assert_text(create(person.client, group=NOBODY, name=5), 400, "name must be a string")
        assert_text(create(person.client, group=ROOT, name=5), 400, "name must be a string")


class TestRefusals:
    """What Create Task refuses on account of the data."""

    @pytest.mark.parametrize("group", [NOBODY, "x", "🎉"])
    def test_unknown_project(self, owner: TestClient, member: TestClient, group: str) -> None:
        """An unknown project is a 422 with nothing, for whomever."""
        for client in (owner, member):
            assert_empty(create(client, group=group), 422)

    def test_no_permission(self, office: Office, project: str) -> None:
        """Less than Create is a 403 with code 4."""
        person = office.person()
        office.levels(project, person, VIEW)
        assert_code(create(person.client, group=project), 403, 4)

        office.levels(project, person, CREATE)

        assert create(person.client, group=project).status_code == 200

    def test_permission_comes_before_the_rest(self, office: Office, viewer: TestClient) -> None:
        """Who may not create learns nothing about parents and states."""
        assert_code(create(viewer, group=ROOT, parent=NOBODY, state="x", assignees=[NOBODY]), 403, 4)

    @pytest.mark.parametrize("state", ["x", "Pending", "CB_WAITING", "cb_waiting ", ""])
    def test_unknown_state(self, owner: TestClient, state: str) -> None:
        """A state that the project doesn't have, exactly so, is code 503."""
        assert_code(create(owner, state=state), 422, 503)

    def test_default_state_where_there_are_others(self, office: Office, owner: TestClient) -> None:
        """Where states are customised a default name counts only if it is among them."""
        group = office.project(taskStates=[{"name": "cb_active", "type": "completed"}])

        assert_code(create(owner, group=group, state="cb_waiting"), 422, 503)
        assert create(owner, group=group, state="cb_active").json()["completedAt"] > 0

    @pytest.mark.parametrize("parent", [NOBODY, "x"])
    def test_unknown_parent(self, owner: TestClient, parent: str) -> None:
        """An unknown parent is a 422 with nothing."""
        assert_empty(create(owner, parent=parent), 422)

    def test_archived_parent(self, office: Office, owner: TestClient) -> None:
        """So is an archived one."""
        office.do("archive", task=TASK)

        assert_empty(create(owner, parent=TASK), 422)

    def test_invisible_parent(self, office: Office, member: TestClient) -> None:
        """So is one that the caller may not see."""
        hidden = office.task(ROOT, private=True)["_id"]

        assert_empty(create(member, parent=hidden), 422)
        assert office.read(hidden)["subtasks"] == []

    @pytest.mark.parametrize(
        "fields",
        [
            {"assignees": [JEAN, NOBODY]},
            {"assignees": [""]},
            {"followers": [NOBODY]},
            {"followers": [CLIENT]},
            {"customer": NOBODY},
            {"customer": "ACME"},
            {"tags": [NOBODY]},
            {"tags": ["urgent"]},
            {"files": [FILE, NOBODY]},
            {"workFlowId": NOBODY},
            {"workflowId": NOBODY},
            {"stepType": "steps", "steps": [{"name": "x", "stepType": "steps", "steps": [{"name": "y", "assignees": [NOBODY]}]}]},
        ],
    )
    def test_unknown_records(self, office: Office, owner: TestClient, project: str, fields: Json) -> None:
        """An id that nothing has is a 422 with nothing, and nothing is made."""
        assert_empty(create(owner, group=project, **fields), 422)

        assert owner.get("/tasks", params={"group": project}).json() == []


class TestRecurrenceFormat:
    """The format of `recurrence`, which is the same for updates."""

    @pytest.mark.parametrize(
        ("change", "text"),
        [
            ({"type": "yearly"}, "recurrence.type must be daily, weekly or monthly"),
            ({"type": None}, "recurrence.type must be daily, weekly or monthly"),
            ({"period": 0}, "recurrence.period must be a whole number, 1 or more"),
            ({"period": 1.5}, "recurrence.period must be a whole number, 1 or more"),
            ({"period": "1"}, "recurrence.period must be a whole number, 1 or more"),
            ({"period": True}, "recurrence.period must be a whole number, 1 or more"),
            ({"createWhen": "never"}, "recurrence.createWhen must be after-deadline or completed"),
            ({"active": 1}, "recurrence.active must be true or false"),
            ({"stopCondition": "end"}, "recurrence.stopCondition must be none, date or count"),
            ({"stopCondition": "date"}, "stopCondition date needs end"),
            ({"stopCondition": "date", "end": None}, "stopCondition date needs end"),
            ({"stopCondition": "date", "end": "x"}, "recurrence.end must be a number"),
            ({"end": "x"}, "recurrence.end must be a number"),
            ({"stopCondition": "count"}, "stopCondition count needs maxCount"),
            ({"stopCondition": "count", "maxCount": 0}, "recurrence.maxCount must be a whole number, 1 or more"),
            ({"stopCondition": "count", "maxCount": 1.5}, "recurrence.maxCount must be a whole number, 1 or more"),
            ({"days": [True] * 6}, "recurrence.days must be a list of seven times true or false"),
            ({"days": [True] * 8}, "recurrence.days must be a list of seven times true or false"),
            ({"days": [1] * 7}, "recurrence.days must be a list of seven times true or false"),
            ({"days": "x"}, "recurrence.days must be a list of seven times true or false"),
            ({"createWhen": "after-deadline"}, "createWhen after-deadline needs a deadline"),
            ({"createWhen": "after-deadline", "active": False}, "createWhen after-deadline needs a deadline"),
        ],
    )
    def test_malformed(self, owner: TestClient, change: Json, text: str) -> None:
        """What is malformed is a 400 that says why, in updates too."""
        body = {"recurrent": True, "recurrence": {**WEEKLY, **change}}

        assert_text(create(owner, **body), 400, text)
        assert_text(owner.put(f"/tasks/{TASK}", json=body), 400, text)

    @pytest.mark.parametrize("field", ["type", "period", "createWhen", "active", "stopCondition"])
    def test_required(self, owner: TestClient, field: str) -> None:
        """Five fields must be there."""
        recurrence = {name: value for name, value in WEEKLY.items() if name != field}

        assert_text(create(owner, recurrent=True, recurrence=recurrence), 400, f"recurrence.{field} is required")

    @pytest.mark.parametrize("fields", [{}, {"recurrence": None}])
    def test_missing(self, owner: TestClient, fields: Json) -> None:
        """`recurrent` needs a recurrence, in updates even if the task has one."""
        recurrent = create(owner, recurrent=True, recurrence=WEEKLY).json()["_id"]

        text = "recurrence is required when recurrent is true"
        assert_text(create(owner, recurrent=True, **fields), 400, text)
        assert_text(owner.put(f"/tasks/{recurrent}", json={"recurrent": True, **fields}), 400, text)

    @pytest.mark.parametrize("value", ["x", [], 1])
    def test_no_object(self, owner: TestClient, value: Any) -> None:
        """A recurrence is an object."""
        assert_text(create(owner, recurrent=True, recurrence=value), 400, "recurrence must be an object")

    @pytest.mark.parametrize("fields", [{}, {"recurrent": False}])
    def test_without_recurrent(self, office: Office, owner: TestClient, fields: Json) -> None:
        """A recurrence alone makes nothing recur, but it must be well formed."""
        assert "lastCopy" not in office.task(FIELD, recurrence=WEEKLY, **fields)
        assert "lastCopy" not in office.task(FIELD, recurrence=None, **fields)
        assert_text(create(owner, recurrence={}, **fields), 400, "recurrence.type is required")

    @pytest.mark.parametrize(
        "change",
        [
            {"period": 3.0},
            {"period": 1e300},
            {"period": 18446744073709551615},
            {"stopCondition": "count", "maxCount": 1e300},
            {"stopCondition": "date", "end": 0},
            {"stopCondition": "date", "end": -1e300},
            {"end": None, "maxCount": None, "days": None},
            {"days": [False] * 7},
            {"nonsense": 1},
        ],
    )
    def test_unusual(self, office: Office, change: Json) -> None:
        """What is unusual but well formed is taken, and does no harm when the task is completed."""
        task = office.task(FIELD, recurrent=True, recurrence={**WEEKLY, **change}, deadline=1735689600000)["_id"]

        response = office.owner.put(f"/tasks/{task}/state", json={"value": "cb_completed"})

        assert response.status_code == 200
