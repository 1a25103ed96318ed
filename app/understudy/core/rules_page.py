"""Shows a vendor's ledger beside its operations, as a page that loads nothing from a network."""

from collections.abc import Iterable, Mapping
from html import escape
from typing import Any, Final

from understudy.core.contract import contract
from understudy.core.documented import Documented, by_operation
from understudy.core.ledger import GRADES, Rule, ledger

STYLE: Final = """
:root { color-scheme: light dark; font: 16px/1.45 system-ui, sans-serif; }
body { margin: 0 auto; max-width: 75rem; padding: 1rem 1.5rem 4rem; }
h2 { margin: 2.5rem 0 .25rem; font-size: 1.1rem; }
p { margin: .25rem 0 .75rem; }
table { border-collapse: collapse; width: 100%; font-size: .9rem; }
th, td { text-align: left; vertical-align: top; padding: .35rem .75rem .35rem 0; border-top: 1px solid #8886; }
th:first-child, td:first-child { width: 22rem; overflow-wrap: anywhere; }
td:nth-child(4) { width: 18rem; }
code { font-size: .9em; }
.grade { border-radius: .25rem; padding: .05rem .4rem; white-space: nowrap; }
.documented { background: #2a72; }
.client { background: #37c3; }
.inferred { background: #c603; }
"""


def rules_page(vendor: str, title: str, prefix: str) -> str:
    """Return the page as HTML; `prefix` leads to the vendor."""
    rules = ledger(vendor).values()
    parts = [
        f"<h1>{escape(title)}: how each behaviour is known</h1>",
        f"<p>{_counted(rules)} <a href='{escape(prefix)}/docs'>The operations with their parameters and answers</a>.</p>",
        _section("Every answer", "The form that nearly every answer has.", [rule for rule in rules if rule.everywhere]),
        *(_operation(vendor, one, rules) for one in by_operation(vendor).values()),
    ]
    head = f"<meta charset=utf-8><title>{escape(title)}: rules</title><style>{STYLE}</style>"
    return f"<!doctype html><html lang=en><head>{head}</head><body>{''.join(parts)}</body></html>"


def _counted(rules: Iterable[Rule]) -> str:
    grades = [rule.grade for rule in rules]
    counts = ", ".join(f"{grades.count(grade)} {grade}" for grade in GRADES)
    return f"{len(grades)} rules: {counts}."


def _operation(vendor: str, operation: Documented, rules: Iterable[Rule]) -> str:
    told: Mapping[str, Any] = contract(vendor)["paths"][operation.path][operation.method.lower()]
    known = f"{_grade(told['x-evidence'])} {escape(told['x-source'])}"
    name = f"{operation.operation}: {operation.method} {operation.path}"
    own = [rule for rule in rules if operation.operation in rule.operations and not rule.everywhere]
    return _section(name, known, own, anchor=operation.operation or "")


def _section(name: str, known: str, rules: Iterable[Rule], *, anchor: str = "form") -> str:
    head = "<tr><th>Rule</th><th>Grade</th><th>Behaviour</th><th>Source</th></tr>"
    rows = "".join(map(_row, rules))
    return f"<h2 id='{escape(anchor)}'>{escape(name)}</h2><p>{known}</p><table>{head}{rows}</table>"


def _row(rule: Rule) -> str:
    switch = f" Switch: <code>{escape(rule.switch)}</code>." if rule.switch else ""
    cells = (f"<code>{escape(rule.id)}</code>", _grade(rule.grade), f"{escape(rule.says)}{switch}", escape(rule.source))
    return f"<tr>{''.join(f'<td>{cell}</td>' for cell in cells)}</tr>"


def _grade(grade: str) -> str:
    return f"<span class='grade {escape(grade)}'>{escape(grade)}</span>"
