"""Makes Cubicl's tasks: every kind that the API can show, spread over the projects by counting."""

from collections.abc import Callable, Sequence
from typing import Any, Final

from understudy.core.clock import DAY
from understudy.core.ids import object_id
from understudy.core.store import Session
from understudy.core.world import Cast
from understudy.vendors.cubicl.actions.clients import sender_of, write_email_post, write_portal_post
from understudy.vendors.cubicl.rules.activities import write_activity
from understudy.vendors.cubicl.rules.projects import State, first_state
from understudy.vendors.cubicl.rules.recurring import recur
from understudy.vendors.cubicl.rules.references import in_workflow
from understudy.vendors.cubicl.rules.sheets import NOT_COMPLETED, Document, Sheet, keep_sheet, new_sheet, open_sheet
from understudy.vendors.cubicl.rules.steps import number_steps
from understudy.vendors.cubicl.schemas import Recurrence, Steps
from understudy.vendors.cubicl.seed.organisation import Organisation, PlantedProject
from understudy.vendors.cubicl.seed.recipe import CubiclRecipe

# Copies must not appear by themselves in the years in which a world is used, nor without end when its clock is sent far ahead.
YEAR_2040: Final = 2_208_988_800_000

DAILY: Final[Recurrence] = {
    "type": "daily",
    "period": 1,
    "createWhen": "completed",
    "active": True,
    "stopCondition": "none",
}
WEEKLY: Final[Recurrence] = {
    "type": "weekly",
    "period": 2,
    "createWhen": "completed",
    "active": True,
    "stopCondition": "count",
    "maxCount": 10,
    "days": [True, False, False, True, False, False, False],
}
MONTHLY: Final[Recurrence] = {
    "type": "monthly",
    "period": 1,
    "createWhen": "after-deadline",
    "active": True,
    "stopCondition": "count",
    "maxCount": 12,
}
PAUSED: Final[Recurrence] = {
    "type": "weekly",
    "period": 1,
    "createWhen": "after-deadline",
    "active": False,
    "stopCondition": "none",
}
RECURRENCES: Final = (DAILY, MONTHLY, WEEKLY, PAUSED)


class TaskPlanting:
    """Makes the tasks with their activities; as a rule's context it stands at the instant of whatever it makes."""

    def __init__(self, session: Session, cast: Cast, recipe: CubiclRecipe, made: Organisation) -> None:
        self.db = session
        self.cast = cast
        self.random = cast.random
        self.recipe = recipe
        self.made = made
        self.people = list(made.users.values())
        self.instant = cast.epoch
        self.tasks: list[str] = []

    def now(self) -> int:
        """Return the instant of what is being made."""
        return self.instant

    def new_id(self) -> str:
        """Return a new id."""
        return object_id(self.db, seed=self.cast.seed, instant=self.instant)

    def run(self) -> None:
        """Make the known tasks and then those of each project."""
        self._known_tasks()
        for project in self.made.projects:
            siblings: list[str] = []
            for number in range(project.tasks):
                siblings.append(self._task(project, number, siblings))
            self.tasks += siblings

    def _known_tasks(self) -> None:
        client, name, portal_user = self.made.clients[0]
        _, member = self.people[:2]
        shared = self._plain_document(self.made.projects[0], self.recipe.tasks.shared, "Write contract") | {
            "assignees": [member],
            "customer": {"_id": client, "name": name},
            "stepType": "progress",
            "steps": {"completed": 1, "total": 4},
            "files": [{"_id": self.recipe.file.id}],
            "sharedWithCustomer": True,
            "portalFollowers": [portal_user],
        }
        sheet = new_sheet(self.db, shared)
        comment = {"_id": self.recipe.tasks.comment, "content": "The draft is attached", "files": self.made.files[:1]}
        write_activity(self, sheet.row.id, "post", member, **comment)
        new_sheet(self.db, self._plain_document(self.made.projects[0], self.recipe.tasks.plain, "Collect signatures"))

    def _task(self, project: PlantedProject, number: int, siblings: Sequence[str]) -> str:
        self.instant = self.cast.instant(-300 + number * 4, -298 + number * 4)
        serial = len(self.tasks) + number
        document = self._plain_document(project, self.new_id(), self.cast.task_name())
        for property_of in (self._people_of, self._dates, self._details, self._steps, self._clients, self._workflow):
            document |= property_of(project, serial)
        sheet = new_sheet(self.db, document)
        self._place(sheet, number, siblings)
        sheet = open_sheet(self.db, sheet.row.id)
        self._recurrence(sheet, serial)
        self._state(sheet, project.states)
        sheet.row.in_gantt = document["start"] is not None and document["deadline"] is not None and serial % 4 == 0
        self._talk(sheet, project, serial)
        self._archive(sheet, serial)
        keep_sheet(self.db, sheet)
        return sheet.row.id

    def _plain_document(self, project: PlantedProject, task: str, name: str) -> Document:
        owner = self.people[0]
        return {
            "_id": task,
            "name": name,
            "desc": "",
            "state": first_state(project.states)["name"],
            "start": None,
            "deadline": None,
            "assignees": [],
            "assignedBy": owner,
            "followers": [owner],
            "priority": 3,
            "priorityScore": self.db.number("cubicl_priority_score"),
            "group": project.id,
            "completedAt": NOT_COMPLETED,
            "stepType": "none",
            "customer": None,
            "createdAt": self.instant,
            "files": [],
            "tags": [],
            "subtasks": [],
            "parent": None,
            "private": False,
        }

    def _people_of(self, project: PlantedProject, serial: int) -> Document:
        owner = self.random.choice(project.members or self.people)
        assignees = self.random.sample(self.people, self.random.randrange(0, 4))
        followers = list(dict.fromkeys([owner, *assignees]))
        if serial % 7 == 0:
            followers = self.random.sample(self.people, self.random.randrange(0, 3))
        return {"assignedBy": owner, "assignees": assignees, "followers": followers, "private": serial % 13 == 5}

    def _dates(self, project: PlantedProject, serial: int) -> Document:
        start = self.instant + self.random.randrange(1, 20) * DAY
        deadline = start + self.random.randrange(1, 60) * DAY
        match serial % 5:
            case 0 | 1:
                return {"start": start, "deadline": deadline}
            case 2:
                return {"deadline": deadline}
            case 3:
                return {"start": start}
            case _:
                return {}

    def _details(self, project: PlantedProject, serial: int) -> Document:
        details: Document = {
            "priority": self.random.choice((1, 2, 3, 3, 3, 4, 5)),
            "tags": self.random.sample(project.tags, self.random.randrange(0, 3)),
        }
        if serial % 2:
            details["desc"] = self.cast.sentence()
        if serial % 6 == 0:
            details["files"] = [{"_id": file["_id"]} for file in self.random.sample(self.made.files, 2)]
        if serial % 5 == 2:
            details["estimatedTime"] = self.random.randrange(1, 40) * 900
        if serial % 8 == 1:
            details["customFields"] = {"Room": self.random.choice(("B12", "C3")), "Budget": str(self.random.randrange(100, 900))}
        return details

    def _steps(self, project: PlantedProject, serial: int) -> Document:
        if serial % 4 == 1:
            return {"stepType": "progress", "steps": {"completed": self.random.randrange(0, 5), "total": 4}}
        if serial % 4 == 2:
            return {"stepType": "steps", "steps": number_steps(self, self._checklist())}
        return {}

    def _checklist(self) -> Steps:
        return [
            {"name": "Prepare", "assignees": self.random.sample(self.people, 1), "completed": True},
            {"name": "Try out", "assignees": [], "stepType": "progress", "completed": 1, "total": 3},
            {
                "name": "Finish",
                "desc": self.cast.sentence(),
                "assignees": [],
                "stepType": "steps",
                "completed": False,
                "steps": [
                    {"name": "Clean up", "assignees": [], "completed": False},
                    {
                        "name": "Report",
                        "assignees": [],
                        "stepType": "steps",
                        "completed": False,
                        "steps": [{"name": "Send it", "assignees": [], "completed": False}],
                    },
                ],
            },
        ]

    def _clients(self, project: PlantedProject, serial: int) -> Document:
        """Every third task has a client; some of those came by mail, by a support request, or are shared."""
        if serial % 3:
            return {}
        client, name, portal_user = self.random.choice(self.made.clients)
        found: Document = {"customer": {"_id": client, "name": name}}
        match serial % 12:
            case 0:
                sender = sender_of(self, self.cast.faker.name(), f"sender{serial}@client.test")
                found["email"] = {"emailUserId": sender.id}
            case 3:
                found["support"] = {"portalUser": portal_user}
            case 6:
                found |= {"sharedWithCustomer": True, "portalFollowers": [portal_user]}
            case 9 if serial % 24 == 9:
                found["sharedWithCustomer"] = False
        return found

    def _workflow(self, project: PlantedProject, serial: int) -> Document:
        if serial % 10 != 7:
            return {}
        joined = in_workflow(self, self.random.choice(self.made.workflows))
        return {"workflow": joined | {"isCompleted": serial % 20 == 17}}

    def _place(self, sheet: Sheet, number: int, siblings: Sequence[str]) -> None:
        """Of ten tasks in a row the second is below the first, the third below the second and the fourth below the third.

        The sixth is below a task of another project.
        """
        parent = None
        if number % 10 in (1, 2, 3) and siblings:
            parent = siblings[-1]
        elif number % 10 == 5 and self.tasks:
            parent = self.random.choice(self.tasks)
        if parent is not None:
            above = open_sheet(self.db, parent)
            above.document["subtasks"].append(sheet.row.id)
            keep_sheet(self.db, above)
            sheet.document["parent"] = parent
            keep_sheet(self.db, sheet)

    def _recurrence(self, sheet: Sheet, serial: int) -> None:
        """Every eleventh task recurs; some of those have been copied already."""
        if serial % 11 != 6:
            return
        recurrence = RECURRENCES[serial // 11 % len(RECURRENCES)]
        if recurrence["createWhen"] == "after-deadline":
            # A world may be about later years; its copies then come later too.
            sheet.document["deadline"] = max(YEAR_2040, self.cast.epoch + 13 * 365 * DAY)
        recur(self, sheet, recurrence)
        sheet.row.copy_number = 1 + serial % 3
        sheet.document["lastCopy"] = recurrence["createWhen"] == "after-deadline" or serial // 11 % 3 > 0

    def _state(self, sheet: Sheet, states: Sequence[State]) -> None:
        """Let a task go through at most one change of state, now and then."""
        old, new = first_state(states), self.random.choice(states)
        if new["name"] == old["name"]:
            return
        self._wait(sheet)
        sheet.document["state"] = new["name"]
        if new["type"] == "completed":
            sheet.document["completedAt"] = self.instant
        user = self.random.choice([sheet.row.owner, *sheet.document["assignees"]])
        write_activity(self, sheet.row.id, "state-change", user, data={"oldState": old, "newState": new})

    def _talk(self, sheet: Sheet, project: PlantedProject, serial: int) -> None:
        """Let people comment, the client among them where there is one."""
        if serial % 2 == 0:
            first = self._comment(sheet)
            if serial % 4 == 0:
                self._comment(sheet, replyToId=first["_id"])
        if serial % 5 == 0:
            self._wait(sheet)
            data = {"oldValues": {"name": "Untitled"}, "newValues": {"name": sheet.document["name"]}}
            write_activity(self, sheet.row.id, "update", sheet.row.owner, data=data)
        client: dict[str, Callable[[], Any]] = {
            "email": lambda: write_email_post(self, sheet, self.cast.sentence()),
            "support": lambda: write_portal_post(self, sheet, sheet.document["support"]["portalUser"], self.cast.sentence()),
            "portalFollowers": lambda: write_portal_post(self, sheet, sheet.document["portalFollowers"][0], self.cast.sentence()),
        }
        for name, write in client.items():
            if name in sheet.document:
                self._wait(sheet)
                write()
                self._comment(sheet)

    def _comment(self, sheet: Sheet, **fields: Any) -> dict[str, Any]:
        self._wait(sheet)
        author = self.random.choice([sheet.row.owner, *sheet.document["assignees"]])
        text, mentions = self.cast.sentence(), []
        if self.random.random() < 0.3:
            person = self.random.choice(self.cast.people)
            mentions = [{"id": self.made.users[person.key], "name": person.first}]
            text = f"@{person.first} {text}"
        if "email" in sheet.document:
            sent = self.random.random() < 0.5
            fields |= {"mailStatus": "sent" if sent else "not-sent", "customerCanSee": sent}
        files = self.random.sample(self.made.files, 1) if self.random.random() < 0.2 else []
        return write_activity(self, sheet.row.id, "post", author, content=text, files=files, mentions=mentions, **fields)

    def _archive(self, sheet: Sheet, serial: int) -> None:
        if serial % 8 != 3:
            return
        self._wait(sheet)
        write_activity(self, sheet.row.id, "archive", sheet.row.owner)
        sheet.document["archivedAt"] = self.instant
        if serial % 24 == 11:
            self._wait(sheet)
            write_activity(self, sheet.row.id, "restore", sheet.row.owner)
            sheet.document["archivedAt"] = None

    def _wait(self, sheet: Sheet) -> None:
        """Let some hours pass, but never beyond a month after the epoch."""
        self.instant = min(
            self.instant + self.random.randrange(600, 200_000) * 1000, max(self.instant, self.cast.epoch + 30 * DAY)
        )
