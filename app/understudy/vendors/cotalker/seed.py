"""Cotalker's part of a new world."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson
from pydantic import BaseModel, ConfigDict, Field

from understudy.core.clock import iso
from understudy.core.ids import object_id
from understudy.core.store import Session
from understudy.core.vendor import Credential
from understudy.core.world import DAY, Cast, Person
from understudy.vendors.cotalker import tables
from understudy.vendors.cotalker.rules import DEFAULTS, STATUS_FIELDS

ADMIN_PERMISSIONS = ["admin-access", "admin-*-read", "admin-*-write"]
PLAIN_PERMISSIONS = ["app-access", "app-tasks"]
STATES = (("Pending", "new"), ("In progress", "in-progress"), ("In review", "in-progress"), ("Done", "closed"))


class Strict(BaseModel):
    """A part of the recipe; a key it doesn't know is a mistake."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Login(Strict):
    """Somebody with known credentials; `label` is the credential's name in `understudy env`."""

    person: str
    email: str
    password: str
    token: str
    label: str


class GroupRecipe(Strict):
    """The group without a task group."""

    id: str
    name: str
    code: str


class TaskGroupRecipe(Strict):
    """A task group about a project of the cast."""

    project: str
    id: str | None = None
    code: str
    flow: str
    tasks: int = Field(ge=0)
    active: bool = True


class CotalkerRecipe(Strict):
    """`vendors.cotalker` of a world file."""

    company: str
    free_group: GroupRecipe
    logins: list[Login]
    task_groups: list[TaskGroupRecipe]
    known_task: str | None = None


@dataclass(frozen=True)
class Workflow:
    """What a task of a task group is made of."""

    id: str
    code: str
    machine: str
    asset: str
    states: Sequence[tuple[str, str, str]]
    """Id, property and type of each state, in order."""
    extras: Sequence[str]
    """Properties for `status1`."""


def plant(session: Session, cast: Cast, recipe: Mapping[str, Any]) -> None:
    """Put Cotalker's rows into a new world."""
    Planting(session, cast, CotalkerRecipe.model_validate(recipe)).run()


def credentials(session: Session) -> list[Credential]:
    """Return the credentials of the default world that still work."""
    who = {"admin": "administrator, every admin-* permission", "agent": "ordinary user, member of some tasks"}
    found = []
    for token in session.records(tables.ApiToken, tables.LABELLED_TOKENS):
        user = session.get(tables.User, token.user)
        if user is not None and token.label is not None:
            values = {"token": token.token, "email": user.email, "password": user.password}
            found.append(Credential(token.label, who.get(token.label, "user"), values))
    return found


class Planting:
    """Makes the rows, in the order in which they refer to each other."""

    def __init__(self, session: Session, cast: Cast, recipe: CotalkerRecipe) -> None:
        self.session = session
        self.cast = cast
        self.recipe = recipe
        self.random = cast.random
        self.users: dict[str, str] = {}

    def run(self) -> None:
        """Make the company with all it has, and a second one that nobody of the first may see."""
        self._company(self.recipe.company, self.cast.company)
        self._people()
        self._group(self.recipe.free_group.id, self.recipe.free_group.name, self.recipe.free_group.code)
        for number, wanted in enumerate(self.recipe.task_groups):
            workflow = self._task_group(number, wanted)
            for serial in range(1, wanted.tasks + 1):
                known = self.recipe.known_task if number == 0 and serial == 1 else None
                self._task(workflow, serial, known)
        self._neighbour()

    def _id(self, day: float = -400) -> str:
        return object_id(self.session, seed=self.cast.seed, instant=self.cast.epoch + int(day * DAY))

    def _company(self, company: str, name: str) -> None:
        document = {
            "_id": company,
            "displayName": name,
            "legalName": f"{name} S.A.",
            "isActive": True,
            "defaultLanguage": "en",
        }
        self.session.add(tables.Company(id=company, document=_text(document)))

    def _people(self) -> None:
        admin = self._role("Administrators", ADMIN_PERMISSIONS)
        plain = self._role("Everybody", PLAIN_PERMISSIONS)
        supervisor = self._role("Supervisors", ["app-access", "field-supervisor"])
        logins = {login.person: login for login in self.recipe.logins}
        for number, person in enumerate(self.cast.people):
            login = logins.get(person.key)
            is_admin = login is not None and login.label == "admin"
            roles = [admin, plain] if is_admin else [plain, supervisor] if number == 3 else [plain]
            self._user(person, roles, login, active=number != 5, read_only=number == 6)

    def _role(self, name: str, permissions: list[str]) -> tuple[str, list[str]]:
        role = self._id()
        document = {
            "_id": role,
            "active": True,
            "permissions": permissions,
            "name": name,
            "company": self.recipe.company,
            "__v": 0,
        }
        self.session.add(tables.AccessRole(id=role, company=self.recipe.company, document=_text(document)))
        return role, permissions

    def _user(
        self,
        person: Person,
        roles: Sequence[tuple[str, list[str]]],
        login: Login | None,
        *,
        active: bool,
        read_only: bool,
    ) -> None:
        user = self.users[person.key] = self._id(-390)
        permissions = list(dict.fromkeys(code for _, codes in roles for code in codes))
        email = login.email if login else person.email
        created = iso(self.cast.instant(-390, -300))
        document = {
            "_id": user,
            "name": {
                "displayName": person.name,
                "names": person.first,
                "lastName": person.last,
                "secondLastName": person.second_last,
            },
            "email": email,
            "accessRoles": [role for role, _ in roles],
            "permissionsV2": permissions,
            "properties": [],
            "companies": [
                {
                    "_id": self._id(-390),
                    "companyId": self.recipe.company,
                    "hierarchy": {"boss": [], "peers": [], "subordinate": []},
                }
            ],
            "isActive": active,
            "isOnline": False,
            "isReadOnly": read_only,
            "termsConditions": False,
            "jobTitle": person.job,
            "extensions": {},
            "createdAt": created,
            "modifiedAt": created,
            "__v": 0,
        }
        self.session.add(
            tables.User(
                id=user,
                company=self.recipe.company,
                email=email,
                password=login.password if login else "understudy",
                is_active=active,
                is_read_only=read_only,
                permissions=_text(permissions),
                document=_text(document),
            )
        )
        if login:
            self.session.add(tables.ApiToken(token=login.token, user=user, label=login.label))

    def _group(self, group: str, name: str, code: str, company: str | None = None) -> None:
        company = company or self.recipe.company
        stamp = iso(self.cast.instant(-380, -370))
        document = {
            "isActive": True,
            "search": name.lower().split(),
            "_id": group,
            "nameDisplay": name,
            "nameCode": code,
            "company": company,
            "createdAt": stamp,
            "modifiedAt": stamp,
            "__v": 0,
        }
        self.session.add(tables.Group(id=group, company=company, name_code=code, document=_text(document)))

    def _task_group(self, number: int, wanted: TaskGroupRecipe) -> Workflow:
        name = self.cast.projects.get(wanted.project, wanted.project)
        task_group, group, machine = wanted.id or self._id(-365), self._id(-370), self._id(-364)
        self._group(group, name, wanted.code)
        states = [self._state(task_group, machine, title, kind) for title, kind in STATES]
        extras = [self._property(f"{wanted.code}_{word}", word.title()) for word in ("north", "south", "east")]
        asset = self._property(f"{wanted.code}_asset", name)
        self._machine(task_group, machine, wanted.code, asset, states)
        created = self.cast.instant(-365 + number, -364 + number)
        document = {
            **DEFAULTS,
            "isActive": wanted.active,
            "flowType": wanted.flow,
            "_id": task_group,
            "group": group,
            "company": self.recipe.company,
            "createdAt": iso(created),
            "taskPropertyPermissions": [],
            "collectionName": wanted.code,
            "initialStateMachine": machine,
            "modifiedAt": iso(created + (30 - 7 * number) * DAY),
            "__v": 1,
        }
        if wanted.flow == "state-machine":
            document |= {
                "taskEditorPermissions": ["field-supervisor"],
                "taskFollowerPermissions": ["field-observer"],
                "readPermissions": ["app-tasks"],
                "taskPropertyPermissions": [{"property": states[3][1], "editor": [], "follower": ["app-access"]}],
            }
        self._add_task_group(document, created, created + (30 - 7 * number) * DAY)
        return Workflow(task_group, wanted.code, machine, asset, states, extras)

    def _add_task_group(self, document: dict[str, Any], created: int, modified: int) -> None:
        self.session.add(
            tables.TaskGroup(
                id=document["_id"],
                company=document["company"],
                group=document["group"],
                collection_name=document["collectionName"],
                is_active=document["isActive"],
                created_at=created,
                modified_at=modified,
                document=_text(document),
            )
        )

    def _property(self, code: str, display: str) -> str:
        prop = self._id(-368)
        document = {
            "_id": prop,
            "name": {"code": code, "display": display},
            "propertyType": "workflow_elements",
            "company": self.recipe.company,
            "isActive": True,
            "subproperty": [],
        }
        self.session.add(tables.Property(id=prop, company=self.recipe.company, document=_text(document)))
        return prop

    def _state(self, task_group: str, machine: str, title: str, kind: str) -> tuple[str, str, str]:
        state, prop = self._id(-363), self._property(f"{machine[-6:]}_{title.lower().replace(' ', '_')}", title)
        return state, prop, kind

    def _machine(self, task_group: str, machine: str, code: str, asset: str, states: Sequence[tuple[str, str, str]]) -> None:
        document = {
            "hooks": {"onCreate": []},
            "dynamicPropertyTypes": {"isActive": ["status1"]},
            "isActive": True,
            "_id": machine,
            "code": f"{code}_flow",
            "name": f"{code.replace('_', ' ').capitalize()} flow",
            "asset": {"property": asset, "type": "generic"},
            "company": self.recipe.company,
            "taskGroup": task_group,
            "initialState": states[0][0],
            "__v": 0,
        }
        self.session.add(tables.StateMachine(id=machine, task_group=task_group, document=_text(document)))
        for position, (state, prop, kind) in enumerate(states):
            following = [states[position + 1]] if position + 1 < len(states) else []
            steps = [{"_id": self._id(-363), "target": target, "canChange": ["manual"]} for target, _, _ in following]
            self.session.add(
                tables.State(
                    id=state,
                    task_group=task_group,
                    state_machine=machine,
                    property=prop,
                    document=_text(
                        {
                            "subtask": {"triggers": []},
                            "isActive": True,
                            "type": kind,
                            "next": steps,
                            "surveyTriggers": [],
                            "_id": state,
                            "property": prop,
                            "stateMachine": machine,
                            "company": self.recipe.company,
                            "taskGroup": task_group,
                            "__v": 0,
                        }
                    ),
                )
            )

    def _task(self, workflow: Workflow, serial: int, known: str | None) -> None:
        created = self.cast.instant(-300 + serial * 3, -298 + serial * 3)
        modified = created + self.random.randrange(0, 60) * DAY // 4
        state, prop, kind = self.random.choice(workflow.states)
        people = list(self.users.values())
        creator, assignee = self.random.choice(people), self.random.choice(people)
        editors = list(dict.fromkeys([creator, *self.random.sample(people, self.random.randrange(0, 3))]))
        followers = self.random.sample(people, self.random.randrange(0, 3))
        visibility = self.random.sample(people, 1) if serial % 9 == 0 else []
        task = known or object_id(self.session, seed=self.cast.seed, instant=created)
        document: dict[str, Any] = {
            "answers": [],
            "indentation": 0,
            "isActive": serial % 8 != 0,
            "activeSlas": [],
            "editors": editors,
            "followers": followers,
            "visibility": visibility,
            "subscribers": [],
            "userList": list(dict.fromkeys([*editors, *followers, *visibility, assignee])),
            "language": "english",
            "_id": task,
            "name": self.cast.task_name(),
            "createdBy": creator,
            "company": self.recipe.company,
            "taskGroup": workflow.id,
            "owner": "manual",
            "weight": 0,
            "relativeWeight": 0,
            "createdAt": iso(created),
            "status": prop,
            "smState": state,
            "smStateMachine": workflow.machine,
            "modifiedStateAt": iso(modified),
            "closedAt": iso(modified) if kind == "closed" else None,
            "asset": workflow.asset,
            "assignee": assignee,
            "channel": object_id(self.session, seed=self.cast.seed, instant=created),
            "serial": serial,
            "modifiedAt": iso(modified),
            "__v": 0,
            "extensions": {},
        }
        if kind == "closed":
            document["resolutionDate"] = iso(modified)
        if serial % 4 == 1:
            document["status1"] = self.random.choice(workflow.extras)
        elif serial % 4 == 2:
            document["status1"] = None
        if serial % 5 == 0:
            document |= {"startDate": iso(created), "endDate": iso(created + 20 * DAY), "info": self.cast.sentence()}
        self._add_task(document, created, modified)

    def _add_task(self, document: dict[str, Any], created: int, modified: int) -> None:
        task = document["_id"]
        self.session.add(
            tables.Task(
                id=task,
                company=document["company"],
                task_group=document["taskGroup"],
                serial=document["serial"],
                name=document["name"],
                assignee=document["assignee"],
                asset=document["asset"],
                is_active=document["isActive"],
                created_at=created,
                modified_at=modified,
                document=_text(document),
            )
        )
        for user in document["userList"]:
            self.session.add(tables.TaskUser(task=task, user=user))
        for field in (*STATUS_FIELDS, "smState"):
            if document.get(field) is not None:
                self.session.add(tables.TaskProperty(task=task, property=document[field], field=field))

    def _neighbour(self) -> None:
        """Another company with a task group, for what must not be found."""
        company, group, created = self._id(-500), self._id(-500), self.cast.instant(-500, -499)
        self._company(company, "Neighbour")
        self._group(group, "Next door", "next_door", company)
        document = {
            **DEFAULTS,
            "_id": self._id(-500),
            "group": group,
            "company": company,
            "createdAt": iso(created),
            "taskPropertyPermissions": [],
            "collectionName": "next_door",
            "modifiedAt": iso(created),
            "__v": 0,
        }
        self._add_task_group(document, created, created)


def _text(document: Any) -> str:
    return orjson.dumps(document).decode()
