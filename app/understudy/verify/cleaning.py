"""Removes at a real vendor what a case made there, the latest first, and remembers what could not be removed."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import unquote

from understudy.verify.filling import Names, fill, names_in
from understudy.verify.form import Ground, Step, Undo
from understudy.verify.loading import fits
from understudy.verify.paths import Missing, find

GONE: Final = frozenset({404, 410})
STAR: Final = re.compile(r"\{(\d)\}")


@dataclass(frozen=True, kw_only=True)
class Made:
    """Something that a case made: by which request, how it is removed, and where it could not be, why."""

    made_by: str
    undo: Step | None
    role: Any = None
    reason: str = ""

    def because(self, reason: str) -> "Made":
        """Return it with the reason why it is still there."""
        return Made(made_by=self.made_by, undo=self.undo, role=self.role, reason=reason)


class Traces:
    """What one case made. `send` carries out a removal and returns its status; it raises whatever goes wrong."""

    def __init__(self, ground: Ground, *, send: Callable[[Step, Any], int]) -> None:
        self.ground = ground
        self.send = send
        self.made: list[Made] = []
        self.left: list[Made] = []
        self.ids: set[str] = set()
        """Ids of what the case made, which it may change."""

    def undo_for(self, method: str, path: str) -> Undo | None:
        """Return how what such a request makes is removed; None for one that makes nothing."""
        parts = _segments(path)
        return next((undo for undo in self.ground.undo if undo.method == method and fits(parts, undo.path)), None)

    def note(self, undo: Undo, path: str, document: Any, *, role: Any, shown: str) -> None:
        """Remember what a request has made."""
        if undo.request is None:
            self.left.append(Made(made_by=shown, undo=None, reason=undo.remark or "the API can't remove it"))
            return
        stars = [segment for segment, wanted in zip(_segments(path), undo.path, strict=True) if wanted == "*"]
        request = STAR.sub(lambda found: stars[int(found[1]) - 1], undo.request)
        values = {
            name: document if isinstance(document, Missing) else find(document, name) for name in names_in([request, undo.json])
        }
        if lacking := next((value for value in values.values() if isinstance(value, Missing)), None):
            self.left.append(Made(made_by=shown, undo=None, reason=f"its answer has {lacking!r}"))
            return
        self.ids.update(str(value) for value in values.values())
        names = Names(values, now=lambda: 0)
        removal = Step(request=fill(request, names), json=fill(undo.json, names), has_json=undo.json is not None)
        self.made.append(Made(made_by=shown, undo=removal, role=role))

    def doubt(self, shown: str, reason: str) -> None:
        """Remember a request of which nobody knows whether it has made something."""
        self.left.append(Made(made_by=shown, undo=None, reason=f"perhaps made: {reason}"))

    def owns(self, path: str) -> bool:
        """Whether a path names something that the case made."""
        return any(unquote(segment) in self.ids for segment in _segments(path))

    def remove(self) -> None:
        """Remove everything; what can't be is in `left` afterwards.

        Interrupted, it goes on to the end before it says so; interrupted once more, it leaves what is still there.
        """
        interrupt: KeyboardInterrupt | None = None
        while self.made:
            made = self.made.pop()
            try:
                self.remove_one(made)
            except BaseException as error:
                if interrupt is not None or not isinstance(error, KeyboardInterrupt):
                    self.left += [one.because("interrupted") for one in (made, *self.made)]
                    raise
                interrupt = error
                self.made.append(made)  # perhaps removed already, and then it is gone
        if interrupt is not None:
            raise interrupt

    def remove_one(self, made: Made) -> None:
        """Remove one thing, or remember why not."""
        if made.undo is None:
            return
        try:
            status = self.send(made.undo, made.role)
        except Exception as error:
            self.left.append(made.because(str(error)))
            return
        if not 200 <= status < 300 and status not in GONE:
            self.left.append(made.because(f"{made.undo.request} was answered {status}"))


def _segments(path: str) -> list[str]:
    return path.partition("?")[0].strip("/").split("/")
