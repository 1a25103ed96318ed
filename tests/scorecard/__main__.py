"""Run schemathesis over the contract files: `PYTHONPATH=tests python -m scorecard`.

It ends with 1 at a failure that `exceptions.yaml` does not list, and when a run stops before its end.
"""

import argparse
import sys

from scorecard.fuzzing import fuzz
from understudy.vendors import VENDORS

NAMES = [vendor.name for vendor in VENDORS]


def main() -> int:
    """Run what is asked for; return 1 when something is red."""
    parser = argparse.ArgumentParser(prog="scorecard", description="Run schemathesis over the contract files.")
    parser.add_argument("--vendor", action="append", choices=NAMES, help="may come several times; without it all are run")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--examples", type=int, default=20, help="how many requests fuzzing makes of an operation at most")
    parser.add_argument("options", nargs="*", help="further words for schemathesis, after --")
    asked = parser.parse_args()
    red = [name for name in asked.vendor or NAMES if fuzz(name, seed=asked.seed, examples=asked.examples, options=asked.options)]
    for name in red:
        print(f"{name}: something failed that exceptions.yaml does not list")  # noqa: T201 - this is a command
    return 1 if red else 0


if __name__ == "__main__":
    sys.exit(main())
