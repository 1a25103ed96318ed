"""How each behaviour is known: the rules of the ledgers, those that a sandbox has used, and whether it may."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from understudy.client.connection import Connection, segment

Unverified = Literal["off", "warn", "fail"]


@dataclass(frozen=True, kw_only=True)
class Rule:
    """One behaviour of a vendor.

    `grade` is `documented`, `client` or `inferred`, `source` where that is known from, `operations` are operationIds. `uses` is
    how many answers in the sandbox's journal followed it; `unproven` says that it is inferred, counts, and that the sandbox has
    not accepted it. `raw` is all that the control plane tells.
    """

    id: str
    vendor: str
    says: str
    grade: str
    source: str
    operations: Sequence[str]
    uses: int
    unproven: bool
    raw: Mapping[str, Any] = field(repr=False)

    def __str__(self) -> str:
        """Say it in one line."""
        return f"{self.id} ({self.grade}): {self.says}"


class Provenance:
    """The rules, as seen from one sandbox."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def rules(
        self,
        *,
        vendor: str | None = None,
        operation: str | None = None,
        grade: Literal["documented", "client", "inferred"] | None = None,
    ) -> list[Rule]:
        """List the rules, in the order of the ledgers."""
        return self._listed(vendor=vendor, operation=operation, grade=grade)

    def used(self) -> list[Rule]:
        """List the rules that answers of the sandbox followed, as far as its journal goes."""
        return self._listed(used="true")

    def unproven(self) -> list[Rule]:
        """List those of them that nobody has proven and the sandbox has not accepted."""
        return [rule for rule in self.used() if rule.unproven]

    def get(self, rule: str) -> Rule:
        """Return the rule of this id."""
        return _rule(self._connection.get(f"/provenance/{segment(rule)}"))

    def insist(self, unverified: Unverified, *, accept: Iterable[str] | None = None) -> None:
        """Say what becomes of an answer that relied on an inferred rule: nothing (`off`), a line in the log (`warn`), or a 501.

        `accept` are ids of rules, or patterns such as `cubicl.list.*`, that pass; without it, those that passed before.
        """
        body: dict[str, Any] = {"unverified": unverified}
        self._connection.put("/unverified", body if accept is None else {**body, "acceptedRules": list(accept)})

    def _listed(self, **wishes: Any) -> list[Rule]:
        return [_rule(row) for row in self._connection.get("/provenance", **wishes)["rules"]]


def _rule(row: Mapping[str, Any]) -> Rule:
    shown = {name: row[name] for name in ("id", "vendor", "says", "grade", "source", "operations", "uses", "unproven")}
    return Rule(**shown, raw=row)
