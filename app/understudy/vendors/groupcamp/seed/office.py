"""Makes what surrounds the tasks of a new world: roles, companies, teams, categories; who is in a group; budgets and other time.

Nothing here is drawn, so a world has the same tasks whatever its recipe says of all this.
"""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import bindparam, select

from understudy.core.clock import DAY, instant_of
from understudy.core.store import Prepared, Session, table_of
from understudy.core.world import BadRecipe, Cast
from understudy.vendors.groupcamp import tables
from understudy.vendors.groupcamp.rules.costs import planned_cost
from understudy.vendors.groupcamp.rules.durations import WORKDAY, both_units
from understudy.vendors.groupcamp.rules.members import begin_membership
from understudy.vendors.groupcamp.schemas import day_of
from understudy.vendors.groupcamp.seed.recipe import BudgetRecipe, GroupCampRecipe, GroupRecipe, TimelogRecipe
from understudy.vendors.groupcamp.uuids import new_number, number_in

_logs, _tags = table_of(tables.Timelog), table_of(tables.Tag).c
LOG = Prepared(select(_logs).where(_logs.c.task == bindparam("task"), _logs.c.user == bindparam("user")))
TAG = Prepared(select(_tags.id).where(_tags.name == bindparam("name"), _tags.account == bindparam("account")))

# What an hour costs of those of whom the recipe says nothing.
RATE_STEP = 2500


class Office:
    """Makes the rows that the recipe names; each has an item number of its own there."""

    def __init__(self, session: Session, cast: Cast, recipe: GroupCampRecipe) -> None:
        self.session = session
        self.epoch = cast.epoch
        self.projects = cast.projects
        self.recipe = recipe
        self.account = recipe.account.number
        self.role_rates = {self._number(role.item): role.rate for role in recipe.roles}
        self.administrative = [self._number(one.item) for one in recipe.time_categories if one.administrative]
        self.billed = [self._number(one.item) for one in recipe.time_categories if not one.administrative]
        self.groups: list[tuple[tables.Group, GroupRecipe]] = []

    def plant_directory(self) -> None:
        """Make roles, categories and companies, which refer to nothing."""
        recipe, account = self.recipe, self.account
        for role in recipe.roles:
            self.session.add(tables.Role(id=self._number(role.item), account=account, name=role.name, rate=role.rate))
        for category in recipe.group_categories:
            self.session.add(tables.GroupCategory(id=self._number(category.item), account=account, name=category.name))
        for kind in recipe.time_categories:
            self.session.add(
                tables.TimeCategory(
                    id=self._number(kind.item), account=account, name=kind.name, is_administrative=kind.administrative
                )
            )
        for orga in recipe.orgas:
            created = instant_of(orga.created)
            self.session.add(
                tables.Orga(
                    id=self._number(orga.item),
                    account=account,
                    name=orga.name,
                    otype=orga.otype,
                    state="ok",
                    description=orga.description,
                    website="",
                    created=created,
                    modified=created,
                )
            )

    def plant_relations(self, users: Mapping[str, tables.User]) -> None:
        """Make teams, members, tags and budgets of groups, and time beside that on tasks."""
        for team in self.recipe.teams:
            number = self._number(team.item)
            self.session.add(
                tables.Team(id=number, account=self.account, name=team.name, description=team.description, is_tech=team.is_tech)
            )
            for person in team.people:
                self.session.add(tables.TeamMember(team=number, user=_user(users, person).id))
        for group, wanted in self.groups:
            self._members(group, wanted, users)
            self._tags(group, wanted)
            if wanted.budget is not None:
                self._budget(group, wanted.budget)
        for log in self.recipe.known.timelogs:
            self._known_timelog(log, users)
        self._meetings_and_absences(users)

    def work_of(self, person: str, number: int) -> dict[str, Any]:
        """Return what somebody works as and what an hour of theirs costs; every fourth of the others has no role."""
        for wanted in self.recipe.users:
            if wanted.person == person:
                return {"role": self._named(self.recipe.roles, wanted.role), "rate": wanted.rate}
        roles = [None, *self.role_rates]
        return {"role": roles[number % len(roles)], "rate": 30_000 + RATE_STEP * number}

    def settings_of(self, wanted: GroupRecipe, users: Mapping[str, tables.User]) -> dict[str, Any]:
        """Return the fields of a group that its tasks don't depend on."""
        name = self.projects.get(wanted.project, wanted.project)
        leaders = [_user(users, person).id for person in wanted.leaders] + [None, None]
        return {
            "folded": (f"{wanted.code} {name}" if wanted.code else name).casefold(),
            "code": wanted.code,
            "description": wanted.description,
            "description_color": wanted.color,
            "category": self._named(self.recipe.group_categories, wanted.category),
            "subtype": "customer" if wanted.customer else "internal",
            "orga": self._named(self.recipe.orgas, wanted.customer),
            "leader1": leaders[0],
            "leader2": leaders[1],
            "access": wanted.access,
            "can_accept_guest": wanted.with_guests,
            "has_timelogs": wanted.has_timelogs,
            "start_day": None if wanted.start is None else wanted.start.toordinal(),
            "end_day": None if wanted.end is None else wanted.end.toordinal(),
        }

    def record(
        self, number: int, user: tables.User | None, seconds: int, recorded: int, *, name: str, editor: int
    ) -> tables.Timelog:
        """Return a record of time, at the rates of whoever spent it, that belongs to nothing yet."""
        d, s = both_units(s=seconds, workday=WORKDAY if user is None else user.workday)
        return tables.Timelog(
            id=number,
            account=self.account,
            user=None if user is None else user.id,
            name=name,
            day=day_of(recorded),
            d=d,
            s=s,
            created=recorded,
            modified=recorded,
            modification_user=editor,
            role=None if user is None else user.role,
            user_rate=0 if user is None else user.rate,
            role_rate=0 if user is None or user.role is None else self.role_rates[user.role],
        )

    def kind_of_time(self, number: int, group: int) -> tuple[int | None, bool | None]:
        """Return category and billability of a record: three in four have the one, two in three the other, in projects."""
        (gtype,) = [one.gtype for one, _ in self.groups if one.id == group] or ["intranet"]
        if gtype != "project" or not self.billed:
            return None, None
        return self.billed[number // 4 % len(self.billed)] if number % 4 else None, number % 3 != 0

    def _members(self, group: tables.Group, wanted: GroupRecipe, users: Mapping[str, tables.User]) -> None:
        people = dict.fromkeys((*wanted.leaders, *wanted.managers, *wanted.members))
        for person in people:
            begin_membership(self.session, group.id, _user(users, person).id, delegated=person in wanted.managers)

    def _tags(self, group: tables.Group, wanted: GroupRecipe) -> None:
        for name in wanted.tags:
            tag = self.session.scalar(TAG, name=name, account=self.account)
            if tag is None:
                raise BadRecipe(f"vendors.groupcamp.groups: there is no tag {name!r}")
            self.session.add(tables.GroupTag(group=group.id, tag=tag))

    def _budget(self, group: tables.Group, wanted: BudgetRecipe) -> None:
        """Make a budget whose amount is the sum of its lines."""
        self.session.add(
            tables.Budget(
                group=group.id,
                type=wanted.type,
                time_unit="s",
                currency="EUR",
                amount=sum(planned_cost(line.work, line.unit_cost, "s") for line in wanted.lines),
                start_day=group.start_day,
                end_day=day_of(self.epoch) if wanted.stale else group.end_day,
                description=wanted.description,
                unit_cost=wanted.unit_cost,
            )
        )
        for position, line in enumerate(wanted.lines):
            self.session.add(
                tables.BudgetLine(
                    group=group.id,
                    position=position,
                    role=self._named(self.recipe.roles, line.name) if wanted.type == "role" else None,
                    category=self._named(self.recipe.time_categories, line.name) if wanted.type == "category" else None,
                    work=line.work,
                    unit_cost=line.unit_cost,
                )
            )

    def _known_timelog(self, wanted: TimelogRecipe, users: Mapping[str, tables.User]) -> None:
        user, created = _user(users, wanted.person), instant_of(wanted.created)
        if wanted.task is None:
            log = self.record(self._number(wanted.item or 1), user, wanted.seconds, created, name=wanted.name, editor=user.id)
        else:
            (log,) = self.session.records(tables.Timelog, LOG, task=self._number(wanted.task), user=user.id)
            log.name, log.created, log.modified = wanted.name, created, created
        log.day, log.billable = wanted.date.toordinal(), wanted.billable
        log.category = self._named(self.recipe.time_categories, wanted.category)
        if wanted.task is None:
            self.session.add(log)
        else:
            self.session.save(log)

    def _meetings_and_absences(self, users: Mapping[str, tables.User]) -> None:
        """Let employees be at meetings of projects, on no task, and away, for no group."""
        active = [group for group, _ in self.groups if group.gtype == "project" and group.state == "ok" and group.has_timelogs]
        for place, user in enumerate(users.values()):
            if user.utype != "employee" or user.state != "ok":
                continue
            for days in (3 + place, 33 + place):
                at = self.epoch - days * DAY
                log = self.record(new_number(self.session, self.account), user, 3600, at, name="Meeting", editor=user.id)
                log.group = active[place % len(active)].id
                log.category, log.billable = self.kind_of_time(log.id, log.group)
                self.session.add(log)
            if self.administrative:
                at = self.epoch - (5 + 2 * place) * DAY
                log = self.record(new_number(self.session, self.account), user, user.workday, at, name="Away", editor=user.id)
                log.category = self.administrative[place % len(self.administrative)]
                self.session.add(log)

    def _named(self, among: Any, name: str | None) -> int | None:
        """Return the number of what the recipe calls by a name; raise `BadRecipe`."""
        if name is None:
            return None
        for one in among:
            if one.name == name:
                return self._number(one.item)
        raise BadRecipe(f"vendors.groupcamp: there is no {name!r}")

    def _number(self, item: int) -> int:
        return number_in(self.account, item)


def _user(users: Mapping[str, tables.User], person: str) -> tables.User:
    try:
        return users[person]
    except KeyError:
        raise BadRecipe(f"vendors.groupcamp: the cast has no {person!r}") from None
