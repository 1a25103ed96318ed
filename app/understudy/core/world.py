"""The world: one cast of people and projects, seen through every vendor.

A world is made from a recipe (a YAML file) and a seed; the same two give the same bytes with the same version. Making one takes
Faker and a moment, so the finished database is kept as an image and reused as long as recipe, seed and code stay the same.
"""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from importlib.metadata import version
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, Any

import orjson
from platformdirs import user_cache_path
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from understudy.core.clock import DAY
from understudy.core.resources import PACKAGE, resource

if TYPE_CHECKING:
    from understudy.core.vendor import Vendor

log = logging.getLogger("understudy")

DEFAULT_WORLD = "fixtures/worlds/default.yaml"
YEAR_2100 = 4_102_444_800_000  # the seconds in an id end in 2106

DIGEST_SIZE = 16
KEPT_WORLDS = 32  # a few megabytes each


class BadRecipe(ValueError):
    """A world file that can't be read or doesn't fit; the message is one line."""


class PersonRecipe(BaseModel):
    """A person whom every world of this recipe has."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    key: str
    first: str
    last: str
    email: str


class ProjectRecipe(BaseModel):
    """A project that every world of this recipe has."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    key: str
    name: str


class Recipe(BaseModel):
    """What a world file says; each vendor reads its own part."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    epoch: int = Field(ge=0, le=YEAR_2100, description="The instant in ms around which the world's dates lie.")
    locales: list[str] = Field(min_length=1)
    company: str
    people: int = Field(ge=4, le=1000)
    known_people: list[PersonRecipe] = []
    known_projects: list[ProjectRecipe] = []
    vendors: dict[str, dict[str, Any]]


@dataclass(frozen=True)
class Person:
    """Somebody of the cast; `key` names those that the recipe knows, such as `admin`."""

    key: str
    first: str
    last: str
    second_last: str
    email: str
    job: str

    @property
    def name(self) -> str:
        """First and last name."""
        return f"{self.first} {self.last}"


class Cast:
    """Who and what a world is about, and the draws that fill it: `random` and `faker` repeat for the same seed."""

    def __init__(self, recipe: Recipe, seed: int) -> None:
        from faker import Faker

        self.seed = seed
        self.epoch = recipe.epoch
        self.company = recipe.company
        self.random = Random(seed)
        try:
            self.faker: Faker = Faker(recipe.locales)
        except AttributeError as error:
            raise BadRecipe(f"locales: {error}") from error
        self.faker.seed_instance(seed)
        self.people: Sequence[Person] = self._people(recipe)
        self.projects: Mapping[str, str] = {project.key: project.name for project in recipe.known_projects}

    def person(self, key: str) -> Person:
        """Return the known person of this key; raise `BadRecipe`."""
        for person in self.people:
            if person.key == key:
                return person
        raise BadRecipe(f"the recipe has no person with the key {key!r}")

    def task_name(self) -> str:
        """Return the name of some piece of work."""
        verb = self.random.choice(VERBS)
        return f"{verb} {self.random.choice(QUALITIES)} {self.random.choice(THINGS)}"

    def sentence(self) -> str:
        """Return a line or two of prose."""
        text: str = self.faker.paragraph(nb_sentences=self.random.randint(1, 3))
        return text

    def instant(self, first_day: float, last_day: float) -> int:
        """Return an instant between two days counted from the epoch, on a whole second."""
        offset = self.random.uniform(first_day * DAY, last_day * DAY)
        return int(self.epoch + offset) // 1000 * 1000

    def _people(self, recipe: Recipe) -> list[Person]:
        known = [self._person(p.key, p.first, p.last, p.email) for p in recipe.known_people]
        return known + [self._stranger(number) for number in range(len(known), recipe.people)]

    def _stranger(self, number: int) -> Person:
        first, last = self.faker.first_name(), self.faker.last_name()
        return self._person(f"person{number}", first, last, f"user{number}@{mail_domain(self.company)}")

    def _person(self, key: str, first: str, last: str, email: str) -> Person:
        return Person(key, first, last, self.faker.last_name(), email, self.faker.job())


VERBS = (
    "Draft",
    "Review",
    "Translate",
    "Publish",
    "Measure",
    "Repair",
    "Plan",
    "Order",
    "Test",
    "Archive",
    "Compare",
    "Announce",
)
QUALITIES = (
    "quarterly",
    "new",
    "broken",
    "bilingual",
    "final",
    "northern",
    "missing",
    "shared",
    "urgent",
    "seasonal",
    "old",
)
THINGS = (
    "price list", "landing page", "contract", "inventory", "delivery route", "newsletter", "training", "safety report",
    "shop window", "payment form", "photo series", "customer survey", "warehouse shelf", "app release", "café menu", "año plan",
)  # fmt: skip


def mail_domain(company: str) -> str:
    """Return a mail domain under the reserved `.test`."""
    return "".join(c for c in company.lower() if c.isascii() and c.isalnum()) + ".test"


def world_image(
    *, vendors: Sequence["Vendor"], path: Path | None, seed: int, cache: Path | None, recipe: Any | None = None
) -> bytes:
    """Return the database of a fresh world, made now or taken from the cache; raise `BadRecipe`.

    The recipe is in the file at `path`, or it is `recipe`, a document of the same form, or else the default one.
    """
    source, content = _read(path) if recipe is None else _written(recipe)
    try:
        kept = (cache or user_cache_path("understudy")) / "worlds" / f"{_fingerprint(content, seed)}.world"
    except RuntimeError:  # a user without a home has no cache
        return _make(source, content, vendors=vendors, seed=seed, of_these_alone=True)
    image = _kept(kept)
    if image is None:
        image = _make(source, content, vendors=vendors, seed=seed, of_these_alone=True)
        _keep(kept, image)
    return image


def make_world(*, vendors: Sequence["Vendor"], path: Path | None, seed: int) -> bytes:
    """Make a world and return its database; raise `BadRecipe`."""
    return _make(*_read(path), vendors=vendors, seed=seed)


def _read(path: Path | None) -> tuple[Path, bytes]:
    try:
        source = path or resource(DEFAULT_WORLD)
        return source, source.read_bytes()
    except OSError as error:
        raise BadRecipe(f"{path}: {error.strerror}" if path else str(error)) from error


def _written(recipe: Any) -> tuple[Path, bytes]:
    try:
        return Path("world"), orjson.dumps(recipe)
    except orjson.JSONEncodeError as error:  # a number of more than 64 bits
        raise BadRecipe(f"world: {error}") from error


def _recipe(source: Path, content: bytes) -> Recipe:
    import yaml

    try:
        return Recipe.model_validate(yaml.safe_load(content))
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise BadRecipe(f"{source} is not YAML: {' '.join(str(error).split())}") from error
    except ValidationError as error:
        raise BadRecipe(f"{source}: {_mistake(error)}") from error


def _mistake(error: ValidationError) -> str:
    first = error.errors()[0]
    reason = "there is no such key" if first["type"] == "extra_forbidden" else first["msg"]
    return f"{'.'.join(map(str, first['loc']))}: {reason}"


def _make(source: Path, content: bytes, *, vendors: Sequence["Vendor"], seed: int, of_these_alone: bool = False) -> bytes:
    """Make a world of these vendors' parts of a recipe, which may have others' unless it is to be `of_these_alone`."""
    # Whoever takes a world from the cache needs none of these, and a vendor's module needs this one.
    from understudy.core.sandbox import SandboxState
    from understudy.core.store import RecordExists, SQLiteStore
    from understudy.core.tables import all_tables

    recipe = _recipe(source, content)
    names = [vendor.name for vendor in vendors]
    if of_these_alone and (unknown := recipe.vendors.keys() - names):
        raise BadRecipe(f"{source}: vendors.{min(unknown)}: there is no such vendor, but {', '.join(names)}")
    store = SQLiteStore.in_memory()
    store.create(all_tables(vendors))
    session = store.session()
    session.add(SandboxState(id=1, seed=seed))
    cast = Cast(recipe, seed)
    for vendor in vendors:
        try:
            vendor.plant(session, cast, recipe.vendors.get(vendor.name, {}))
        except ValidationError as error:
            raise BadRecipe(f"vendors.{vendor.name}.{_mistake(error)}") from error
        except RecordExists as error:
            raise BadRecipe(f"vendors.{vendor.name}: the same value twice: {error}") from error
        except (LookupError, ValueError, OverflowError) as error:  # a name that nothing has, a number that no column holds
            raise BadRecipe(f"vendors.{vendor.name}: its parts don't fit together: {error!r}") from error
    session.commit()
    image = store.image()
    store.close()
    return image


def _fingerprint(recipe: bytes, seed: int) -> str:
    """Name a world by all that shapes it: recipe, seed, Faker's version and the code that makes it."""
    digest = blake2b(f"{seed} {version('faker')}\0".encode() + recipe, digest_size=DIGEST_SIZE)
    for source in sorted(PACKAGE.rglob("*.py")):
        digest.update(source.read_bytes())
    return digest.hexdigest()


def _kept(path: Path) -> bytes | None:
    """Return an image of the cache, or None when it is not there or not as it was put there."""
    try:
        content = path.read_bytes()
    except OSError:
        return None
    digest, image = content[:DIGEST_SIZE], content[DIGEST_SIZE:]
    return image if digest == _digest(image) else None


def _digest(image: bytes) -> bytes:
    return blake2b(image, digest_size=DIGEST_SIZE).digest()


def _keep(path: Path, image: bytes) -> None:
    """Put an image into the cache, after its digest; a cache that can't be written only costs time."""
    from understudy.core.store.sqlite import write_whole

    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_whole(path, _digest(image) + image)
        newest_first = sorted(path.parent.glob("*.world"), key=lambda kept: kept.stat().st_mtime, reverse=True)
        for old in newest_first[KEPT_WORLDS:]:
            old.unlink(missing_ok=True)
    except OSError as error:
        log.info("the world is not kept for the next start: %s", error)
