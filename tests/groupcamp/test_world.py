"""The world that GroupCamp starts with: what it has, and that it is consistent."""

from typing import Any

import pytest

from groupcamp.clients import GROUP, signing, uuid, walk
from groupcamp.invariants import NOBODY, WORKDAYS, check_office, check_rows, check_tasks, fits_workday, rows
from understudy.core.world import make_world
from understudy.vendors import VENDORS
from understudy.vendors.groupcamp import tables


@pytest.fixture
def everything(server: Any) -> list[dict[str, Any]]:
    """The tasks of every group that answers, through the API."""
    client, found = signing(server), []
    for group in rows(server, tables.Group):
        if group["account"] == 18 and group["state"] in ("ok", "archi") and group["has_tasks"]:
            found += walk(client, f"/task/v1/group/{uuid('person:group', group['id'] - (18 << 32))}/tasks")
    return found


class TestWorld:
    """The default world."""

    def test_invariants_of_what_is_shown(self, everything: list[dict[str, Any]]) -> None:
        """Every task of every group is consistent in itself and with its list."""
        check_tasks(everything)

    def test_invariants_of_the_rows(self, server: Any) -> None:
        """Sums are those of the time records, and documents are what their rows say, in both generations."""
        check_rows(server)
        check_office(server)

    def test_durations_follow_workdays(self, everything: list[dict[str, Any]]) -> None:
        """Each user has one length of day that explains all of their estimates; some days are shorter."""
        fitting: dict[str, set[int]] = {}
        for task in everything:
            for affect in task["affects"]:
                possible = {day for day in WORKDAYS if fits_workday(affect["estimate"], day)}
                fitting[affect["user"]["id"]] = fitting.get(affect["user"]["id"], set(WORKDAYS)) & possible

        assert all(fitting.values())
        assert {28_800} in fitting.values()
        assert {25_200} in fitting.values()
        assert 28_800 in fitting["empty"]

    def test_is_large_and_varied(self, everything: list[dict[str, Any]]) -> None:
        """It has what clients have to cope with."""
        users = [user for task in everything for user in (task["creator"], *(affect["user"] for affect in task["affects"]))]

        assert len(everything) > 250
        assert len([task for task in everything if task["list"]["group"]["id"] == GROUP]) > 100
        assert {task["list"]["group"]["gtype"] for task in everything} == {"project", "intranet", "extranet"}
        assert {task["list"]["group"]["state"] for task in everything} == {"ok", "archi"}
        assert {task["end"]["type"] for task in everything} == {"empty", "date", "milestone"}
        assert {task["begin"]["type"] for task in everything} == {"empty", "date"}
        assert {user.get("utype") for user in users} == {None, "employee", "guest"}
        assert {user.get("state") for user in users} == {None, "ok", "del", "trash"}
        assert {(one["is_private"], one["is_closed"]) for one in (task["list"] for task in everything)} >= {
            (False, False), (True, False), (False, True),
        }  # fmt: skip
        assert any(task["modification_date"] == task["creation_date"] for task in everything)
        assert any(task["description"] == "" for task in everything)

    def test_assignments_are_varied(self, everything: list[dict[str, Any]]) -> None:
        """Tasks are partly done, done by all but open, unassigned with an estimate, shared by several."""
        opened = [task for task in everything if task["is_open"]]
        progress = [[affect["progress"] for affect in task["affects"]] for task in opened]
        unassigned = [task["affects"][0] for task in everything if task["affects"][0]["user"] == NOBODY]

        assert any(100 in some and min(some) < 100 for some in progress)
        assert any(set(some) == {100} for some in progress)
        assert any(affect["estimate"]["s"] for affect in unassigned)
        assert any(affect["track_time"]["s"] for affect in unassigned)
        assert {len(some) for some in progress} == {1, 2, 3}

    def test_time_is_recorded_by_all_kinds_of_users(self, server: Any) -> None:
        """Assignees, others and Nobody have recorded time."""
        assigned = {(one["task"], one["user"]) for one in rows(server, tables.Affect)}
        logs = [(log["task"], log["user"]) for log in rows(server, tables.Timelog)]

        assert any(user is None for _, user in logs)
        assert any(log in assigned for log in logs if log[1] is not None)
        assert any(log not in assigned for log in logs if log[1] is not None)

    def test_lists(self, server: Any, everything: list[dict[str, Any]]) -> None:
        """Some lists are empty, with milestones or without; milestones are open or not, with somebody in charge or nobody."""
        milestones = [task["list"]["milestone"] for task in everything if task["list"]["milestone"] != NOBODY]
        filled = {task["list"]["id"] for task in everything}
        all_lists = [uuid("task:tasklist", one["id"] - (18 << 32)) for one in rows(server, tables.TaskList)]

        assert set(all_lists) - filled
        assert {one["is_private"] for one in milestones} == {True, False}
        assert {one["is_open"] for one in milestones} == {True, False}
        assert {one["user"] == NOBODY for one in milestones} == {True, False}

    def test_numbers_rise_with_time(self, server: Any) -> None:
        """A task that was made later has a larger number, within an account."""
        tasks = [(task["id"], task["created"]) for task in rows(server, tables.Task) if task["id"] >> 32 == 18]

        assert sorted(tasks) == sorted(tasks, key=lambda task: (task[1], task[0]))

    def test_same_seed_same_world(self) -> None:
        """A seed makes the same world again, another seed another one, consistent as well."""
        worlds = [make_world(vendors=VENDORS, path=None, seed=seed) for seed in (7, 7, 8)]

        assert worlds[0] == worlds[1] != worlds[2]

    @pytest.mark.parametrize("seed", [1, 2, 3])
    def test_other_seeds_are_consistent(self, serve: Any, seed: int) -> None:
        """The invariants are no luck of one seed."""
        server = serve(seed=seed)

        check_rows(server)
        check_office(server)
        check_tasks(walk(signing(server), f"/task/v1/group/{GROUP}/tasks"))

    def test_credentials(self, admin: Any) -> None:
        """The two known keys are shown with their application and somebody to act for."""
        (vendor,) = (one for one in admin.get("/env").json()["vendors"] if one["name"] == "groupcamp")

        assert [{name: one[name] for name in one if name != "who"} for one in vendor["credentials"]] == [
            {
                "name": "reporting",
                "key": "rk-demo-1",
                "secret": "5up3r-s3cret-reporting",
                "application": "reporting-1",
                "acting": "big.boss@localhost",
            },
            {
                "name": "provisioning",
                "key": "pk-demo-1",
                "secret": "5up3r-s3cret-provisioning",
                "application": "provisioning-1",
                "acting": "big.boss@localhost",
            },
        ]

    @pytest.mark.parametrize(
        ("address", "item", "name"),
        [("big.boss@localhost", 5, "Beatriz Arroyo"), ("jean@localhost", 7, "Jean Martin"), ("anna@localhost", 9, "Anna Berg")],
    )
    def test_known_people(self, server: Any, address: str, item: int, name: str) -> None:
        """The people of the cast have the addresses that URLs and headers name."""
        (user,) = (one for one in rows(server, tables.User) if one["email"] == address)

        assert (user["id"], user["name"]) == ((18 << 32) + item, name)

    def test_bad_recipe(self, tmp_path: Any) -> None:
        """A key that a recipe should not have is a mistake, told in one line."""
        from understudy.core.resources import resource
        from understudy.core.world import BadRecipe

        text = resource("fixtures/worlds/default.yaml").read_text()
        path = tmp_path / "world.yaml"
        path.write_text(text.replace("group_item: 21", "group_item: 21\n      colour: red"))

        with pytest.raises(BadRecipe, match=r"vendors\.groupcamp\.neighbour\.colour"):
            make_world(vendors=VENDORS, path=path, seed=42)
