"""Makes Cubicl's organisation: people, projects, clients, and what tasks refer to."""

from typing import Any

import orjson
from sqlalchemy import select

from understudy.core.clock import DAY
from understudy.core.ids import object_id
from understudy.core.store import Prepared, Session, table_of
from understudy.core.world import BadRecipe, Cast, Person
from understudy.vendors.cubicl import tables
from understudy.vendors.cubicl.actions.clients import add_portal_user
from understudy.vendors.cubicl.actions.users import profile_of
from understudy.vendors.cubicl.rules.clients import client_row
from understudy.vendors.cubicl.rules.files import new_file
from understudy.vendors.cubicl.rules.nodes import add_node
from understudy.vendors.cubicl.rules.projects import add_project, states_of
from understudy.vendors.cubicl.schemas import Place
from understudy.vendors.cubicl.schemas.projects import plain
from understudy.vendors.cubicl.seed.contents import content_of
from understudy.vendors.cubicl.seed.organisation import Organisation, PlantedProject
from understudy.vendors.cubicl.seed.recipe import CubiclRecipe, ProjectRecipe, UserRecipe
from understudy.vendors.cubicl.seed.tasks import TaskPlanting

TAGS = ("urgent", "waiting for client", "Q3", "idea")
FILES = ("offer.pdf", "plan.xlsx", "shopfront.jpg", "minutes.docx", "logo.svg", "contract.pdf")
EVERY_FILE = Prepared(select(table_of(tables.File)))


class Planting:
    """Makes the rows, in the order in which they refer to each other."""

    def __init__(self, session: Session, cast: Cast, recipe: CubiclRecipe) -> None:
        self.session = session
        self.cast = cast
        self.recipe = recipe
        self.made = Organisation()

    def run(self) -> None:
        """Make the organisation and its tasks."""
        self._users()
        for number, project in enumerate(self.recipe.projects):
            self._project(project, is_root=number == 0)
        self._clients()
        self._files()
        self._workflows()
        tasks = TaskPlanting(self.session, self.cast, self.recipe, self.made)
        tasks.run()
        self._nodes(tasks)

    def _id(self) -> str:
        return object_id(self.session, seed=self.cast.seed, instant=self.cast.epoch - 400 * DAY)

    def _users(self) -> None:
        known = {user.person: user for user in self.recipe.users}
        for key in known:
            self.cast.person(key)
        for person in self.cast.people:
            self._user(person, known.get(person.key))

    def _user(self, person: Person, known: UserRecipe | None) -> None:
        user = self.made.users[person.key] = known.id if known else self._id()
        self.session.add(
            tables.User(
                id=user,
                firstname=person.first,
                lastname=person.last,
                email=person.email,
                profile=profile_of(user),
                job_title=person.job,
                is_account_manager=known is not None and known.account_manager,
                client_level=known.clients if known else 0,
            )
        )
        if known:
            self.session.add(tables.Token(token=known.token, user=user, label=known.label))

    def _project(self, wanted: ProjectRecipe, *, is_root: bool) -> None:
        ids = {project.project: project.id for project in self.recipe.projects}
        name = self.cast.company if is_root else self.cast.projects.get(wanted.project, wanted.project)
        members = list(self.made.users.values()) if is_root else self._people(wanted.members)
        self._people(list(wanted.levels.people) if wanted.levels else [])
        perms = plain(wanted.levels.perms(self.made.users)) if wanted.levels else None
        project = tables.Project(
            id=wanted.id,
            name=name,
            is_private=wanted.private,
            task_states=_text(plain(wanted.states)) if wanted.states else None,
            perms=_text(perms) if perms else None,
        )
        parents = [ids[parent] for parent in wanted.parents]
        add_project(self.session, project, parents=parents, admins=self._people(wanted.admins), members=members)
        tags = [self._tag(wanted.id, tag) for tag in TAGS if not (is_root and tag == self.recipe.tag.name)]
        if is_root:
            tags.append(self._tag(wanted.id, self.recipe.tag.name, self.recipe.tag.id))
        states = list(states_of(self.session, wanted.id))
        self.made.projects.append(PlantedProject(wanted.id, members, states, tags, wanted.tasks))

    def _people(self, keys: list[str]) -> list[str]:
        unknown = [key for key in keys if key not in self.made.users]
        if unknown:
            raise BadRecipe(f"vendors.cubicl.projects: nobody has the key {unknown[0]!r}")
        return [self.made.users[key] for key in keys]

    def _tag(self, project: str, name: str, known: str | None = None) -> str:
        tag = known or self._id()
        self.session.add(tables.Tag(id=tag, project=project, name=name))
        return tag

    def _clients(self) -> None:
        known = self.recipe.client
        self._client(known.id, known.name, known.portal_user)
        for _ in range(5):
            self._client(self._id(), self.cast.faker.company(), self._id())

    def _client(self, client: str, name: str, portal_user: str) -> None:
        first, last = self.cast.faker.first_name(), self.cast.faker.last_name()
        address = f"{first}.{last}@client.test".lower().replace(" ", "")
        job = self.cast.faker.job()
        contact = {"name": f"{first} {last}", "position": job, "phone": "+1 555 0101", "email": address}
        document = {
            "_id": client,
            "name": name,
            "phone": "+1 555 0100",
            "email": "office@client.test",
            "fullname": f"{name} Incorporated",
            "contacts": [contact],
            "customFields": None,
            "portalCustomerManagerIds": [],
            "createdAt": self.cast.instant(-390, -310),
        }
        self.session.add(client_row(document))
        add_portal_user(self.session, portal_user, client, first, last)
        self.made.clients.append((client, name, portal_user))

    def _files(self) -> None:
        self._file({"_id": self.recipe.file.id, "name": self.recipe.file.name})
        for name in FILES:
            file: dict[str, Any] = {"_id": self._id(), "name": name}
            if name.endswith(".docx"):
                link = f"https://drive.cubicl.test/{file['_id']}"
                kind = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
                file["google"] = {"id": "g1", "extension": "docx", "webViewLink": link, "mimeType": kind}
            if name.endswith(".svg"):
                file["dropbox"] = {"id": "d1", "webViewLink": f"https://box.cubicl.test/{file['_id']}"}
            self._file(file)

        size = sum(kept.size for kept in self.session.records(tables.File, EVERY_FILE))
        self.session.add(tables.Storage(id=1, total_capacity=None, total_size=size))

    def _file(self, file: dict[str, Any]) -> None:
        media_type, content = content_of(file["name"])
        created = self.cast.epoch - 400 * DAY
        row = new_file(file["_id"], file["name"], media_type, size=len(content), now=created, seed=self.cast.seed)
        whole = orjson.loads(row.document) | file
        row.document, row.content = _text(whole), content
        self.session.add(row)
        self.made.files.append(whole)

    def _nodes(self, context: TaskPlanting) -> None:
        """Give the root project a directory, and put the known file into it, another beside it, and one to the known client."""
        root, client, files = self.made.projects[0].id, self.recipe.client.id, self.made.files
        context.instant = self.cast.epoch - DAY
        directory = add_node(context, Place(root, None, None), name="Contracts")
        add_node(context, Place(root, None, directory["_id"]), file=files[0])
        add_node(context, Place(root, None, None), file=files[3])
        add_node(context, Place(None, client, None), file=files[1])

    def _workflows(self) -> None:
        root = self.made.projects[0].id
        self._workflow(
            tables.Workflow(id=self.recipe.workflow.id, project=root, name=self.recipe.workflow.name, template=self._id())
        )
        for project in self.made.projects[1:3]:
            self._workflow(tables.Workflow(id=self._id(), project=project.id, name="Handover", template=self._id()))

    def _workflow(self, workflow: tables.Workflow) -> None:
        self.session.add(workflow)
        self.made.workflows.append(workflow)


def _text(value: Any) -> str:
    return orjson.dumps(value).decode()
