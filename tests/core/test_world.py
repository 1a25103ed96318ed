"""The world is the same for the same seed, and kept once made."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from understudy.core.resources import resource
from understudy.core.world import BadRecipe, make_world, world_image
from understudy.vendors import VENDORS

DEFAULT = resource("fixtures/worlds/default.yaml").read_text()


def test_same_seed_same_bytes() -> None:
    """Two worlds of one seed are equal to the byte; another seed gives another."""
    first, second, other = (make_world(vendors=VENDORS, path=None, seed=seed) for seed in (1, 1, 2))

    assert first == second
    assert first != other


def test_made_once(tmp_path: Path) -> None:
    """A world is taken from the cache the second time; another seed or recipe has its own."""
    recipe = tmp_path / "mine.yaml"
    recipe.write_text(DEFAULT + "\n# mine\n")
    worlds = tmp_path / "worlds"

    world_image(vendors=VENDORS, path=None, seed=1, cache=tmp_path)
    (kept,) = worlds.iterdir()
    other = world_image(vendors=VENDORS, path=None, seed=2, cache=tmp_path)
    (kept_other,) = set(worlds.iterdir()) - {kept}
    kept.write_bytes(kept_other.read_bytes())

    assert world_image(vendors=VENDORS, path=None, seed=1, cache=tmp_path) == other
    assert world_image(vendors=VENDORS, path=recipe, seed=1, cache=tmp_path) != other


def test_made_anew_when_the_code_changes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A world that other code made is not used."""
    code = tmp_path / "code"
    code.mkdir()
    (code / "seed.py").write_text("one")
    monkeypatch.setattr("understudy.core.world.PACKAGE", code)

    world_image(vendors=VENDORS, path=None, seed=1, cache=tmp_path)
    (code / "seed.py").write_text("other")
    world_image(vendors=VENDORS, path=None, seed=1, cache=tmp_path)

    assert len(list((tmp_path / "worlds").iterdir())) == 2


@pytest.mark.parametrize("damage", [lambda content: b"", lambda content: content[:5000], lambda content: content[:-1] + b"x"])
def test_a_damaged_cache_is_made_anew(tmp_path: Path, damage: Callable[[bytes], bytes]) -> None:
    """A kept world that is cut short or changed is not used; the next one is whole again."""
    image = world_image(vendors=VENDORS, path=None, seed=1, cache=tmp_path)
    (kept,) = (tmp_path / "worlds").iterdir()
    whole = kept.read_bytes()
    kept.write_bytes(damage(whole))

    again = world_image(vendors=VENDORS, path=None, seed=1, cache=tmp_path)

    assert again == image
    assert kept.read_bytes() == whole


def test_without_a_home_nothing_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    """A user who has no home directory, as in some containers, gets a world all the same."""

    def no_home(*args: object, **options: object) -> Path:
        raise RuntimeError("could not determine the home directory")

    monkeypatch.setattr("understudy.core.world.user_cache_path", no_home)

    assert world_image(vendors=VENDORS, path=None, seed=1, cache=None)


def test_a_cache_that_cannot_be_written_only_costs_time(tmp_path: Path) -> None:
    """Without a cache a world is made all the same."""
    (tmp_path / "file").write_text("")

    assert world_image(vendors=VENDORS, path=None, seed=1, cache=tmp_path / "file")


@pytest.mark.parametrize("content", ["people: [", "people: many", "", "epoch: 0\nlocales: [en_US]\ncompany: X\npeople: 4"])
def test_bad_recipes(tmp_path: Path, content: str) -> None:
    """A recipe that can't be used is one line that names the file."""
    recipe = tmp_path / "bad.yaml"
    recipe.write_text(content)

    with pytest.raises(BadRecipe) as caught:
        make_world(vendors=VENDORS, path=recipe, seed=1)

    assert str(caught.value).startswith(str(recipe))
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("found", "put", "says"),
    [
        ("[en_US, es_ES, fr_FR]", "[xx_YY]", "locales: "),
        ("epoch: 1780300800000", "epoch: -1", "epoch: "),
        ("epoch: 1780300800000", "epoch: 99999999999999", "epoch: "),
        ("\ncompany:", "\nfirm: x\ncompany:", "changed.yaml: firm: there is no such key"),
        ("\n  cubicl:", "\n  jira: {}\n  cubicl:", "vendors.jira: there is no such vendor, but cotalker, cubicl, groupcamp"),
        ("\n  cubicl:", "\n  cubicl:\n    nowhere: 1", "vendors.cubicl.nowhere: there is no such key"),
        ("64b7f0c2a1d3e4f5a6b7c907", "64b7f0c2a1d3e4f5a6b7c906", "vendors.cubicl: the same value twice: "),
        ("62bf5e0d654e96017e00e474", "62bf5e17654e96017e00e47e", "vendors.cotalker: the same value twice: "),
        ("item: 24", "item: 23", "vendors.groupcamp: the same value twice: "),
    ],
)
def test_a_changed_recipe_that_does_not_fit(tmp_path: Path, found: str, put: str, says: str) -> None:
    """What only shows when the world is made is also one line that names the place."""
    recipe = tmp_path / "changed.yaml"
    recipe.write_text(DEFAULT.replace(found, put))

    with pytest.raises(BadRecipe, match=re.escape(says)) as caught:
        world_image(vendors=VENDORS, path=recipe, seed=1, cache=tmp_path)

    assert "\n" not in str(caught.value)


def test_the_cache_keeps_the_newest(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Worlds of many seeds do not fill the disk."""
    monkeypatch.setattr("understudy.core.world.KEPT_WORLDS", 2)

    for seed in (1, 2, 3):
        world_image(vendors=VENDORS, path=None, seed=seed, cache=tmp_path)

    assert len(list((tmp_path / "worlds").iterdir())) == 2
