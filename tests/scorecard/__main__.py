"""Run schemathesis over the contract files, against a server of its own: `PYTHONPATH=tests python -m scorecard`.

Every check and every phase, with good credentials, and in a fresh world for each operation. A failure that `exceptions.yaml` does not
list makes it end with 1; so does a run that stops before its end.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from scorecard.listed import entries
from understudy.core.resources import resource
from understudy.testing import serve
from understudy.vendors import VENDORS

TESTS = Path(__file__).parents[1]
CREDENTIALS = {
    "cotalker": ("-H", "Authorization: Bearer cotalker-admin"),
    "cubicl": ("-H", "Authorization: Bearer cubicl-owner"),
    "groupcamp": (),  # signed in the hooks
}
INSTANT = "2026-06-01T08:00:00Z"


def main() -> int:
    """Run what is asked for; return 1 when something is red."""
    parser = argparse.ArgumentParser(prog="scorecard", description=__doc__)
    parser.add_argument("--vendor", action="append", choices=[vendor.name for vendor in VENDORS])
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--examples", type=int, default=25, help="how many requests fuzzing makes of an operation at most")
    parser.add_argument("options", nargs="*", help="further words for schemathesis, after --")
    asked = parser.parse_args()
    names = asked.vendor or [vendor.name for vendor in VENDORS]
    red = [name for name in names if run(name, seed=asked.seed, examples=asked.examples, options=asked.options)]
    for name in red:
        print(f"{name}: there are failures that exceptions.yaml does not list")  # noqa: T201
    return 1 if red else 0


def run(vendor: str, *, seed: int, examples: int, options: list[str]) -> int:
    """Run schemathesis over one contract file; return its exit code, and print what became of the entries."""
    with serve() as server, server.create_sandbox() as sandbox, tempfile.TemporaryDirectory() as directory:
        counts = Path(directory, "counts")
        words = [
            "run",
            str(resource(f"openapi/{vendor}.yaml")),
            *("--url", sandbox.vendors[vendor].url),
            *CREDENTIALS[vendor],
            *("--checks", "all", "--seed", str(seed), "--max-examples", str(examples)),
            *("--continue-on-failure", "--generation-database", "none", "--request-timeout", "10", "--no-color"),
            *options,
        ]
        variables = {
            "PYTHONPATH": str(TESTS),
            "SCHEMATHESIS_HOOKS": "scorecard.hooks",
            "SCORECARD_VENDOR": vendor,
            "SCORECARD_ADMIN": f"{server.url}/s/{sandbox.name}/__admin",
            "SCORECARD_COUNTS": str(counts),
        }
        ended = subprocess.run(
            [sys.executable, "-m", "schemathesis.cli", *words], cwd=directory, env=os.environ | variables, check=False
        )
        for line in report(vendor, json.loads(counts.read_text()) if counts.exists() else {}):
            print(line)  # noqa: T201
    return ended.returncode


def report(vendor: str, counts: dict[str, int]) -> Iterator[str]:
    """Tell how often each entry was met, and which were not."""
    yield f"{vendor}: failures that are listed"
    for entry in entries():
        if entry.vendor == vendor:
            count = counts.get(str(entry.number), 0)
            yield f"  {count or 'NEVER':>6} {entry.check} {' '.join(entry.operations) or 'all'}: {entry.condition()}"


sys.exit(main())
