"""Runs schemathesis over a contract file, against a server of its own."""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from scorecard.listed import report
from understudy.core.resources import resource
from understudy.testing import serve

TESTS = Path(__file__).parents[1]
CREDENTIALS = {
    "cotalker": ("--header", "Authorization: Bearer cotalker-admin"),
    "cubicl": ("--header", "Authorization: Bearer cubicl-owner"),
    "groupcamp": (),  # signed in the hooks
}


def fuzz(vendor: str, *, seed: int, examples: int, options: Sequence[str] = ()) -> int:
    """Run every check in every phase, print what became of the entries of the vendor, and return schemathesis's exit code.

    Operations that write see the sandbox as the ones before in the same phase of the same operation have left it.
    """
    with serve() as server, server.create_sandbox() as sandbox, tempfile.TemporaryDirectory() as directory:
        counts = Path(directory, "counts")
        words = [
            *("run", str(resource(f"openapi/{vendor}.yaml"))),
            *("--url", sandbox.vendors[vendor].url, *CREDENTIALS[vendor]),
            *("--checks", "all", "--seed", str(seed), "--max-examples", str(examples)),
            *("--continue-on-failure", "--generation-database", "none", "--request-timeout", "10", "--no-color"),
            *options,
        ]
        variables = {
            "PYTHONPATH": os.pathsep.join([str(TESTS), *filter(None, [os.environ.get("PYTHONPATH")])]),
            "SCHEMATHESIS_HOOKS": "scorecard.hooks",
            "SCORECARD_VENDOR": vendor,
            "SCORECARD_ADMIN": f"{server.url}/s/{sandbox.name}/__admin",
            "SCORECARD_COUNTS": str(counts),
        }
        command = [sys.executable, "-m", "schemathesis.cli", *words]
        ended = subprocess.run(command, cwd=directory, env=os.environ | variables, check=False)
        for line in report(vendor, json.loads(counts.read_text()) if counts.exists() else {}):
            print(line)  # noqa: T201 - this is a command
    return ended.returncode
