"""Makes GroupCamp's rows of a new world."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

from sqlalchemy import select

from understudy.core.clock import DAY, instant_of
from understudy.core.store import Prepared, Session, table_of
from understudy.core.world import Cast
from understudy.vendors.groupcamp import tables
from understudy.vendors.groupcamp.documents import follow_list, write
from understudy.vendors.groupcamp.rules.durations import WORKDAY, both_units, tally
from understudy.vendors.groupcamp.schemas import day_of
from understudy.vendors.groupcamp.seed.office import Office
from understudy.vendors.groupcamp.seed.recipe import AccountRecipe, GroupCampRecipe, GroupRecipe, KeyRecipe, TaskRecipe
from understudy.vendors.groupcamp.uuids import new_number, number_in

T = TypeVar("T")

SHORT_WORKDAY = 25_200


LISTS = Prepared(select(table_of(tables.TaskList).c.id))


@dataclass(frozen=True)
class Shelf:
    """A list that is to be filled with tasks."""

    id: int
    group: int
    due_day: int | None
    """Of its milestone, if it has one."""
    closed: bool


# Six lists of every group that has tasks, as (name, milestone, private, closed); a seventh stays empty.
SHELVES = (
    ("Preparation", "first", False, False),
    ("Ideas", None, False, False),
    ("Budget", None, True, False),
    ("Contracts", "private", True, False),
    ("First steps", None, False, True),
    ("Launch", "first", False, False),
)
EMPTY_LIST = "Some day"
TAGS = (("web", 3, True), ("print", 1, True), ("waiting", 9, True), ("customer", 5, True), ("strategic", 7, False))


class Planting:
    """Makes the rows, in the order in which they refer to each other."""

    def __init__(self, session: Session, cast: Cast, recipe: GroupCampRecipe) -> None:
        self.session = session
        self.cast = cast
        self.recipe = recipe
        self.random = cast.random
        self.account = recipe.account.number
        self.today = day_of(cast.epoch)
        self.office = Office(session, cast, recipe)
        self.users: dict[str, tables.User] = {}
        self.tags: list[int] = []

    def run(self) -> None:
        """Make the account with all it has, and another one."""
        self._account(self.recipe.account, self.recipe.keys)
        self.office.plant_directory()
        self._people()
        self._tags()
        shelves = [self._group(number, wanted) for number, wanted in enumerate(self.recipe.groups)]
        self._known()
        # Numbers rise with time, as the product would have given them out.
        drafts = [
            draft for group, filled in zip(self.recipe.groups, shelves, strict=True) for draft in self._drafts(group, filled)
        ]
        for created, shelf in sorted(drafts, key=lambda draft: draft[0]):
            self._task(shelf, created)
        self.office.plant_relations(self.users)
        self._neighbour()
        for task_list in self.session.all(LISTS):
            follow_list(self.session, task_list["id"])
        write(self.session, "all")

    def _number(self, item: int | None = None) -> int:
        return new_number(self.session, self.account) if item is None else number_in(self.account, item)

    def _account(self, account: AccountRecipe, keys: Sequence[KeyRecipe]) -> None:
        self.session.add(
            tables.Account(number=account.number, name=account.name, api_enabled=True, workday=WORKDAY, time_unit="s")
        )
        for key in keys:
            self.session.add(tables.ApiKey(account=account.number, **key.model_dump()))

    def _people(self) -> None:
        items = {user.person: user.item for user in self.recipe.users}
        for number, person in enumerate(self.cast.people):
            user = tables.User(
                id=self._number(items.get(person.key)),
                account=self.account,
                email=person.email,
                name=person.name,
                shortname=f"{person.first} {person.last[:1]}.",
                utype="guest" if number in (11, 12) else "employee",
                state={13: "del", 14: "trash"}.get(number, "ok"),
                workday=SHORT_WORKDAY if number % 4 == 3 else WORKDAY,
                **self.office.work_of(person.key, number),
            )
            self.users[person.key] = user
            self.session.add(user)

    def _tags(self) -> None:
        for name, color, for_task in TAGS:
            tag = tables.Tag(
                id=self._number(),
                account=self.account,
                name=name,
                color=color,
                for_group=True,
                for_task=for_task,
                for_file=color > 4,
            )
            self.session.add(tag)
            if for_task:
                self.tags.append(tag.id)

    def _group(self, number: int, wanted: GroupRecipe) -> list[Shelf]:
        group = tables.Group(
            id=self._number(wanted.item),
            account=self.account,
            name=self.cast.projects.get(wanted.project, wanted.project),
            gtype=wanted.gtype,
            state=wanted.state,
            has_tasks=wanted.has_tasks,
            **self.office.settings_of(wanted, self.users),
        )
        self.session.add(group)
        self.office.groups.append((group, wanted))
        if not wanted.tasks:
            return []
        milestones = {
            "first": self._milestone(group.id, "First delivery", 30 + 5 * number, private=False),
            "private": self._milestone(group.id, "Signature", 20 * number - 30, private=True),
        }
        self._list(group.id, EMPTY_LIST)
        return [
            Shelf(
                id=self._list(group.id, name, milestones[milestone].id if milestone else None, private=private),
                group=group.id,
                due_day=milestones[milestone].day if milestone else None,
                closed=closed,
            )
            for name, milestone, private, closed in SHELVES
        ]

    def _milestone(self, group: int, name: str, days_ahead: int, *, private: bool) -> tables.Milestone:
        milestone = tables.Milestone(
            id=self._number(),
            group=group,
            name=name,
            description=self.cast.sentence(),
            is_private=private,
            is_open=days_ahead > 0,
            day=self.today + days_ahead,
            user=self._somebody().id if private else None,
        )
        self.session.add(milestone)
        return milestone

    def _list(
        self, group: int, name: str, milestone: int | None = None, *, private: bool = False, number: int | None = None
    ) -> int:
        made = tables.TaskList(
            id=number or self._number(), group=group, milestone=milestone, name=name, description="", is_private=private
        )
        self.session.add(made)
        return made.id

    def _known(self) -> None:
        group, known = self._number(self.recipe.groups[0].item), self.recipe.known
        days = {}
        for milestone in known.milestones:
            days[milestone.item] = milestone.date.toordinal()
            self.session.add(
                tables.Milestone(
                    id=self._number(milestone.item),
                    group=group,
                    name=milestone.name,
                    description=milestone.description,
                    is_private=False,
                    is_open=True,
                    day=days[milestone.item],
                )
            )
        for wanted in known.lists:
            milestone_id = None if wanted.milestone is None else self._number(wanted.milestone)
            self._list(group, wanted.name, milestone_id, number=self._number(wanted.item))
        due_days = {wanted.item: days[wanted.milestone] for wanted in known.lists if wanted.milestone is not None}
        for task in known.tasks:
            self._known_task(group, task, due_days.get(task.list) if task.due_with_milestone else None)

    def _known_task(self, group: int, wanted: TaskRecipe, due_day: int | None) -> None:
        creator = self.users[wanted.creator]
        task = tables.Task(
            id=self._number(wanted.item),
            group=group,
            list=self._number(wanted.list),
            name=wanted.name,
            description=wanted.description,
            created=instant_of(wanted.created),
            creator=creator.id,
            modified=instant_of(wanted.modified),
            completed=None if wanted.completed is None else instant_of(wanted.completed),
            completed_by=None if wanted.completed is None else creator.id,
            begin_day=None if wanted.begin is None else wanted.begin.toordinal(),
            due_day=due_day,
            due_with_milestone=due_day is not None,
        )
        self.session.add(task)
        for position, one in enumerate(wanted.affects):
            self._affect(task, position, self.users[one.person], one.progress, one.estimate)
            self._timelog(task, self.users[one.person], one.spent)
        if not wanted.affects:
            self._affect(task, 0, None, 0, 0)
        for person, seconds in wanted.others.items():
            self._timelog(task, self.users[person], seconds)
        tally(self.session, task.id)

    def _drafts(self, wanted: GroupRecipe, shelves: Sequence[Shelf]) -> list[tuple[int, Shelf]]:
        """Say when each task of a group was created and where it lies; one in ten was created together with the one before."""
        drafts: list[tuple[int, Shelf]] = []
        for number in range(wanted.tasks):
            created = drafts[-1][0] if number % 10 == 9 else self.cast.instant(-300, -1)
            drafts.append((created, shelves[number % len(shelves)]))
        return drafts

    def _task(self, shelf: Shelf, created: int) -> None:
        completed = self._later(created) if shelf.closed or self.random.random() < 0.3 else None
        modified = completed or created
        begin_day, due_day, with_milestone = self._dates(shelf, created)
        task = tables.Task(
            id=self._number(),
            group=shelf.group,
            list=shelf.id,
            name=self.cast.task_name(),
            description=self.cast.sentence() if self.random.random() < 0.6 else "",
            created=created,
            creator=self._somebody().id,
            modified=self._later(modified) if self.random.random() < 0.7 else modified,
            completed=completed,
            completed_by=None if completed is None else self._somebody().id,
            begin_day=begin_day,
            due_day=due_day,
            due_with_milestone=with_milestone,
        )
        self.session.add(task)
        people = self._some(list(self.users.values()), self.random.choice((0, 1, 1, 2, 2, 3)))
        done_by_all = self.random.random() < 0.1
        for position, user in enumerate(people):
            progress = 100 if done_by_all else self.random.choice((0, 0, 10, 30, 50, 80, 90, 100))
            self._affect(task, position, user, progress, self._estimate())
        if not people:
            self._affect(task, 0, None, 0, self._estimate())
        self._time_spent(task, people)
        for tag in self._some(self.tags, self.random.choice((0, 0, 1, 2))):
            self.session.add(tables.TaskTag(task=task.id, tag=tag))

    def _dates(self, shelf: Shelf, created: int) -> tuple[int | None, int | None, bool]:
        """Draw a start date, a due date, and whether that is the milestone's."""
        first = day_of(created)
        if shelf.due_day is not None and self.random.random() < 0.6:
            begin = shelf.due_day - self.random.randrange(60)
            return self.random.choice((None, begin)), shelf.due_day, True
        begin = first + self.random.randrange(20)
        due = begin + self.random.randrange(60)
        return self.random.choice((None, begin)), self.random.choice((None, due, due)), False

    def _affect(self, task: tables.Task, position: int, user: tables.User | None, progress: int, estimate: int) -> None:
        d, s = both_units(s=estimate, workday=WORKDAY if user is None else user.workday)
        self.session.add(
            tables.Affect(
                task=task.id,
                position=position,
                user=None if user is None else user.id,
                progress=100 if task.completed is not None else progress,
                estimate_d=d,
                estimate_s=s,
            )
        )

    def _time_spent(self, task: tables.Task, people: Sequence[tables.User]) -> None:
        """Let assignees, somebody else and Nobody record time, on some tasks."""
        if self.random.random() < 0.5:
            return
        for user in (*people, self._somebody(), None):
            if self.random.random() < 0.6:
                self._timelog(task, user, self.random.choice((10, 900, 3600, 5400, 14_400, 28_800)))
        tally(self.session, task.id)

    def _timelog(self, task: tables.Task, user: tables.User | None, seconds: int) -> None:
        recorded, number = self._later(task.created), self._number()
        editor = task.creator if user is None else user.id
        record = self.office.record(number, user, seconds, recorded, name=task.name, editor=editor)
        record.account, record.group, record.task = self.account, task.group, task.id
        record.category, record.billable = self.office.kind_of_time(number, task.group)
        self.session.add(record)

    def _estimate(self) -> int:
        return self.random.choice((0, 0, 10, 1800, 7200, 28_800, 100_000))

    def _some(self, of: Sequence[T], number: int) -> list[T]:
        """Draw some of a sequence, all different."""
        return self.random.sample(of, min(number, len(of)))

    def _somebody(self) -> tables.User:
        return self.random.choice(list(self.users.values()))

    def _later(self, instant: int) -> int:
        """Draw an instant between another one and the world's present."""
        return (instant + int(self.random.random() * (self.cast.epoch - instant))) // 1000 * 1000

    def _neighbour(self) -> None:
        """Another account, with a group and two tasks, for what must not be found."""
        wanted, created = self.recipe.neighbour, self.cast.epoch - 50 * DAY
        self.account, self.tags = wanted.account.number, []
        self._account(wanted.account, [wanted.key])
        user = tables.User(
            id=self._number(),
            account=self.account,
            email="owner@neighbour.test",
            name="Nel Owner",
            shortname="Nel O.",
            utype="employee",
            state="ok",
            workday=WORKDAY,
        )
        self.session.add(user)
        self.users = {"owner": user}
        group = tables.Group(
            id=self._number(wanted.group_item),
            account=self.account,
            name="Next door",
            gtype="project",
            state="ok",
            has_tasks=True,
            folded="next door",
        )
        self.session.add(group)
        shelf = Shelf(self._list(group.id, "Tasks"), group.id, None, closed=False)
        for number in range(2):
            self._task(shelf, created + number * DAY)
