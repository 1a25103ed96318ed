"""The README tells the truth: its lists are those of the code, and its command lines work as they stand."""

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Literal, get_args, get_origin

import pytest
import yaml

from contract_check import is_alias
from control_routes import control_app
from real_server import Running, running
from understudy.config import Settings
from understudy.control.description import summaries
from understudy.core.contract import contract
from understudy.core.ledger import GRADES, Rule, ledger
from understudy.vendors import VENDORS

README = (Path(__file__).parents[1] / "README.md").read_text()
VERBS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")


def settings_table() -> str:
    """Return the table that the README should have."""
    lines = ["| Setting | Default | Meaning |", "|---|---|---|"]
    for name, field in Settings.model_fields.items():
        default = "" if field.default is None else field.default
        if isinstance(default, dict):
            default = ",".join(f"{key}={value}" for key, value in default.items())
        if isinstance(default, list):
            default = ",".join(map(str, default))
        if isinstance(default, bool):
            default = str(default).lower()
        choices = get_args(field.annotation) if get_origin(field.annotation) is Literal else ()
        meaning = f"{field.description} {' or '.join(f'`{choice}`' for choice in choices)}".strip()
        lines.append(f"| `UNDERSTUDY_{name.upper()}` | {f'`{default}`' if default != '' else ''} | {meaning} |")
    return "\n".join(lines)


def test_settings_table() -> None:
    """Every setting stands there with its default and meaning, and nothing else does."""
    shown = README.split("<!-- settings -->")[1].split("<!-- /settings -->")[0].strip()

    assert shown == settings_table()


def operations() -> str:
    """Return the list of operations that the README should have; that `/api/...` stands for `/api/v1/...` it says in words."""
    blocks = []
    for vendor in VENDORS:
        lines = [
            f"| `{operation['operationId']}` | `{verb.upper()} {path}` |"
            for path, item in contract(vendor.name)["paths"].items()
            if not is_alias(path, contract(vendor.name)["paths"])
            for verb, operation in item.items()
            if verb in VERBS
        ]
        summary = f"<details><summary>{vendor.title}: {len(lines)} operations</summary>\n"
        blocks.append("\n".join([summary, "| Operation | Method and path |", "|---|---|", *lines, "\n</details>"]))
    return "\n\n".join(blocks)


def test_operations() -> None:
    """The list of operations is that of the contract files."""
    shown = README.split("<!-- operations -->")[1].split("<!-- /operations -->")[0].strip()

    assert shown == operations()


def coverage() -> str:
    """Return the tables of rules that the README should have: a line for each topic, which is the middle of a rule's id."""
    blocks = []
    for vendor in VENDORS:
        rules = list(ledger(vendor.name).values())
        topics = dict.fromkeys(rule.id.split(".")[1] for rule in rules)
        of_topic = {topic: [rule for rule in rules if rule.id.split(".")[1] == topic] for topic in topics}
        lines = [counted(f"`{topic}`", some) for topic, some in of_topic.items()]
        summary = f"<details><summary>{vendor.title}: {len(rules)} rules</summary>\n"
        head = ["| Topic | Rules | Documented | From clients | Inferred | Tests |", "|---|---|---|---|---|---|"]
        blocks.append("\n".join([summary, *head, *lines, counted("**all**", rules), "\n</details>"]))
    return "\n\n".join(blocks)


def counted(name: str, rules: list[Rule]) -> str:
    """Return a line: how many rules, of which grade, and how many tests hold them."""
    grades = [rule.grade for rule in rules]
    tests = {test for rule in rules for test in rule.tests}
    return f"| {name} | {len(rules)} | {' | '.join(str(grades.count(grade)) for grade in GRADES)} | {len(tests)} |"


def test_coverage() -> None:
    """The tables of rules are those of the ledgers."""
    shown = README.split("<!-- rules -->")[1].split("<!-- /rules -->")[0].strip()

    assert shown == coverage()


def control_table() -> str:
    """Return the table of the control plane that the README should have: routes with one meaning in one line."""
    meanings: dict[str, list[str]] = {}
    for method, path, summary, _ in summaries(control_app()):
        meanings.setdefault(summary, []).append(f"`{method} {path}`")
    return "\n".join(["| | |", "|---|---|", *(f"| {', '.join(paths)} | {summary} |" for summary, paths in meanings.items())])


def test_control_table() -> None:
    """Every route of the control plane stands there with what it does, and nothing else does."""
    shown = README.split("<!-- control -->")[1].split("<!-- /control -->")[0].strip()

    assert shown == control_table()


def test_compose() -> None:
    """The example gives the server every name of a vendor that is on the internet, and settings that there are."""
    (example,) = blocks("yaml")
    understudy = yaml.safe_load(example)["services"]["understudy"]

    public = {host for vendor in VENDORS for host in vendor.hosts if not host.endswith(".localhost")}
    assert set(understudy["networks"]["default"]["aliases"]) == public
    assert {name.removeprefix("UNDERSTUDY_").lower() for name in understudy["environment"]} <= set(Settings.model_fields)


def test_credentials(running_server: Running) -> None:
    """Every credential of the README is one of the server's, and the other way round."""
    section = README.split("## Credentials")[1].split("\n## ")[0]
    shown = set(re.findall(r"`([^`]+)`", section)) - {"admin-*"}

    environment = running_server.get("/__admin/env").json()
    hidden = {"name", "who", "acting"}
    real = {
        value
        for vendor in environment["vendors"]
        for credential in vendor["credentials"]
        for kind, value in credential.items()
        if kind not in hidden
    }

    assert shown == real


def blocks(language: str) -> list[str]:
    """Return the README's code blocks of a language."""
    return re.findall(rf"```{language}\n(.*?)```", README, re.DOTALL)


@pytest.fixture(scope="module")
def running_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """A real server on a free port."""
    with running(tmp_path_factory.mktemp("server")) as server:
        yield server


@pytest.mark.parametrize("block", blocks("bash"))
def test_command_lines(block: str, running_server: Running) -> None:
    """Every line with curl is answered with success."""
    script = block.replace("http://127.0.0.1:8080", running_server.url).replace(
        "curl ", "curl -sS -o /dev/null -w '%{http_code}\\n' "
    )

    done = subprocess.run(["bash", "-euc", script], capture_output=True, text=True, timeout=60, check=False)

    assert done.returncode == 0, done.stderr
    assert [status[0] for status in done.stdout.split()] == ["2"] * block.count("curl ")


def test_signing_snippet() -> None:
    """The Python function signs as the documented example does."""
    snippet = blocks("python")[0]
    script = f"{snippet}\nprint(authorization('GET', '/track/v1/timelogs', key='k', secret='5up3r-s3cret-reporting'))"

    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=60, check=True)

    assert done.stdout.strip() == "GCMP k:ILD0ibWJieauQ8pnuli86J3ibMA="


def test_links() -> None:
    """Every file that is linked is there."""
    for target in re.findall(r"\]\(([^)#]+)\)", README):
        assert (Path(__file__).parents[1] / target).exists(), target
