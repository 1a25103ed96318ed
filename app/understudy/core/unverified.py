"""Lets a run insist that it relies on nothing which nobody has proven.

An answer relied on a rule when the rule had a part in it: a default was taken, a filter sent, a refusal met. What is inferred of
the form of every answer (`Rule.everywhere`) does not count, for no request could do without it; whoever uses the vendor's room
takes it on as a whole, and `GET /__admin/provenance?everywhere=true` tells what it is.
"""

import logging
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Final, Literal

from starlette.responses import PlainTextResponse, Response

from understudy.core.ledger import Rule, matches, rule_named

if TYPE_CHECKING:
    from understudy.core.vendor import Call

Mode = Literal["off", "warn", "fail"]
MODES: Final[tuple[Mode, ...]] = ("off", "warn", "fail")

log = logging.getLogger("understudy")


class Unverified(Exception):
    """An answer relied on rules that nobody has proven, where that is to fail; nothing of the request is kept."""

    def __init__(self, rules: Sequence[Rule]) -> None:
        super().__init__(", ".join(rule.id for rule in rules))
        self.rules = rules

    def response(self) -> Response:
        """Return the answer, in our own words."""
        lines = [
            "Understudy answers 501: this request relied on what nobody has proven of the vendor, and is to fail then.",
            *(f"- {rule.id} ({rule.grade}; {rule.source}): {rule.says}" for rule in self.rules),
            "GET /__admin/provenance/<rule> tells more. UNDERSTUDY_ACCEPTED_RULES, or the sandbox's own, lets rules pass.",
        ]
        return PlainTextResponse("\n".join(lines) + "\n", status_code=501)


class Policy:
    """What a sandbox does with an answer that relied on an unproven rule: nothing, tell it in the log, or refuse.

    `accepted` are patterns of rules' ids, such as `vendor.list.*`, which pass.
    """

    def __init__(self, mode: Mode = "off", accepted: Iterable[str] = ()) -> None:
        self.mode = mode
        self.accepted = tuple(accepted)
        self._unproven: dict[tuple[str, ...], Sequence[Rule]] = {}
        self._told: set[str] = set()

    def check(self, call: "Call") -> None:
        """Look at the rules of an answer that is ready; raise `Unverified` where it is not to leave."""
        if self.mode == "off" or not (unproven := self.unproven(call.rules)):
            return
        if self.mode == "fail":
            raise Unverified(unproven)
        self._tell(call, unproven)

    def unproven(self, rules: tuple[str, ...]) -> Sequence[Rule]:
        """Return those of the rules that count as unproven and are not accepted."""
        found = self._unproven.get(rules)
        if found is None:
            known = map(rule_named, rules)
            found = [rule for rule in known if rule.counts and not matches(rule.id, self.accepted)]
            self._unproven[rules] = found
        return found

    def _tell(self, call: "Call", unproven: Sequence[Rule]) -> None:
        """Write a line for each rule, the first time that something in the sandbox relies on it."""
        for rule in unproven:
            if rule.id not in self._told:
                self._told.add(rule.id)
                log.warning("unverified: %s relied on %s (%s): %s", call.sandbox.name, rule.id, rule.grade, rule.says)
