"""Where sandboxes come from: worlds that are made once, kept as images, and copied."""

import asyncio
from collections import OrderedDict
from collections.abc import Callable, Iterable, Sequence
from hashlib import blake2b
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from understudy.core.sandbox import Sandbox
from understudy.core.store import SQLiteStore
from understudy.core.store.sqlite import layout_of, write_whole
from understudy.core.world import world_image

if TYPE_CHECKING:
    from understudy.core.vendor import Vendor

IN_MEMORY: Final = 4
OWN: Final = ""


class Origin:
    """A world as it was made, and what a sandbox of it begins with.

    `digest` names it, `OWN` is the server's. Its image is in memory, or else in its file.
    """

    def __init__(self, image: bytes, *, digest: str, vendors: Sequence["Vendor"], path: Path | None = None) -> None:
        first = Sandbox.as_stored("origin", store=SQLiteStore.in_memory(image), vendors=vendors)
        self.credentials = first.credentials()
        first.store.close()
        self.seed, self.next_due = first.seed, first.next_due
        self.digest = digest
        self._image: bytes | None = image
        self._path = path

    def image(self) -> bytes:
        """Return the database."""
        if self._image is not None:
            return self._image
        if self._path is None:
            raise RuntimeError("an image without a file stays in memory")
        return self._path.read_bytes()

    def leave_memory(self) -> None:
        """Keep the image in its file alone."""
        if self._path is not None:
            self._image = None


class Origins:
    """The server's own world, and the others that somebody asked for, kept in `directory`; the last few are in memory too."""

    def __init__(
        self, image: bytes, *, vendors: Sequence["Vendor"], path: Path | None, cache: Path | None, directory: Path
    ) -> None:
        """`path` is the recipe of the server's own world, which `image` is; `cache` is where worlds are kept between runs."""
        self._vendors = vendors
        self._path = path
        self._cache = cache
        self._directory = directory
        self._others: dict[str, Origin] = {}
        self._in_memory: OrderedDict[str, Origin] = OrderedDict()
        self.own = Origin(image, digest=OWN, vendors=vendors)

    async def make(self, *, seed: int | None, recipe: Any | None) -> Origin:
        """Return the world of a seed and a recipe (a document as in a world file), each the server's own when None.

        It is made in a thread, which takes a second the first time. Raises `BadRecipe`.
        """
        seed = self.own.seed if seed is None else seed
        if recipe is None and seed == self.own.seed:
            return self.own
        image, digest = await asyncio.to_thread(self._made, seed, recipe)
        if digest not in self._others:
            self._keep(Origin(image, digest=digest, vendors=self._vendors, path=self._file(digest)))
        return self._others[digest]

    def of(self, digest: str) -> Origin:
        """Return a world that was made before; the server's own one when it is no longer there or was of other tables."""
        if digest == OWN or digest in self._others:
            return self._others.get(digest, self.own)
        path = self._file(digest)
        image = path.read_bytes() if path.exists() else b""
        if layout_of(image) != layout_of(self.own.image()):
            return self.own
        self._keep(Origin(image, digest=digest, vendors=self._vendors, path=path))
        return self._others[digest]

    def release(self, origin: Origin, *, used: Callable[[], Iterable[Origin]]) -> None:
        """Remove a world that none of those `used` is; the server's own one stays."""
        if origin.digest == OWN or any(other.digest == origin.digest for other in used()):
            return
        self._others.pop(origin.digest, None)
        self._in_memory.pop(origin.digest, None)
        self._file(origin.digest).unlink(missing_ok=True)

    def _made(self, seed: int, recipe: Any | None) -> tuple[bytes, str]:
        """Return a world and its digest, and see that it is in its file."""
        image = world_image(vendors=self._vendors, path=self._path, recipe=recipe, seed=seed, cache=self._cache)
        digest = blake2b(image, digest_size=16).hexdigest()
        path = self._file(digest)
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            write_whole(path, image, durable=False)
        return image, digest

    def _keep(self, origin: Origin) -> None:
        self._others[origin.digest] = self._in_memory[origin.digest] = origin
        if len(self._in_memory) > IN_MEMORY:
            _, oldest = self._in_memory.popitem(last=False)
            oldest.leave_memory()

    def _file(self, digest: str) -> Path:
        return self._directory / f"{digest}.world"
