"""The world is the same for the same seed, and kept once made."""

from pathlib import Path

import pytest

from understudy.core.world import BadRecipe, make_world, read_recipe, world_image
from understudy.vendors import VENDORS


def test_same_seed_same_bytes() -> None:
    """Two worlds of one seed are equal to the byte; another seed gives another."""
    first, second, other = (make_world(vendors=VENDORS, path=None, seed=seed) for seed in (1, 1, 2))

    assert first == second
    assert first != other


def test_made_once(tmp_path: Path) -> None:
    """A world is taken from the cache the second time; another seed or recipe has its own."""
    recipe = tmp_path / "mine.yaml"
    recipe.write_text(Path(read_recipe.__globals__["resource"]("fixtures/worlds/default.yaml")).read_text() + "\n# mine\n")
    worlds = tmp_path / "worlds"

    world_image(vendors=VENDORS, path=None, seed=1, cache=tmp_path)
    (kept,) = worlds.iterdir()
    kept.write_bytes(b"kept")

    assert world_image(vendors=VENDORS, path=None, seed=1, cache=tmp_path) == b"kept"
    assert world_image(vendors=VENDORS, path=None, seed=2, cache=tmp_path) != b"kept"
    assert world_image(vendors=VENDORS, path=recipe, seed=1, cache=tmp_path) != b"kept"


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
