"""The house keeps its rules: who may import whom, what a room looks like, how large a file may be."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import understudy
from understudy.vendors import VENDORS

PACKAGE = Path(understudy.__file__).parent
MODULES = sorted(PACKAGE.rglob("*.py"))
NAMES = [vendor.name for vendor in VENDORS]

# What a part of the house may import of it, beside itself; whatever is not listed may import all.
MAY_IMPORT = {
    "core": ("understudy.config",),
    "control": ("understudy.core", "understudy.config"),
    **{f"vendors/{name}": ("understudy.core", "understudy.config") for name in NAMES},
}


def imports(module: Path) -> Iterator[str]:
    """Yield what of the house a module imports, imports inside functions included."""
    for node in ast.walk(ast.parse(module.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if alias.name.startswith("understudy."))
        elif isinstance(node, ast.ImportFrom) and (node.module or "").startswith("understudy."):
            yield node.module or ""


@pytest.mark.parametrize("part", MAY_IMPORT)
def test_imports(part: str) -> None:
    """Rooms know the core, the control plane knows the core, the core knows neither; no room knows another."""
    own = f"understudy.{part.replace('/', '.')}"
    allowed = (own, *MAY_IMPORT[part])

    strangers = {
        f"{module.relative_to(PACKAGE)}: {name}"
        for module in (PACKAGE / part).rglob("*.py")
        for name in imports(module)
        if not any(name == one or name.startswith(f"{one}.") for one in allowed)
    }

    assert not strangers


@pytest.mark.parametrize("part", ["core", "control"])
def test_no_vendor_is_named(part: str) -> None:
    """Core and control plane know no vendor by name."""
    named = {
        f"{module.relative_to(PACKAGE)}: {name}"
        for module in (PACKAGE / part).rglob("*.py")
        for name in NAMES
        if name in module.read_text().lower()
    }

    assert not named


@pytest.mark.parametrize("name", NAMES)
def test_rooms_have_one_plan(name: str) -> None:
    """Who has read one room finds everything in the others."""
    room = PACKAGE / "vendors" / name
    plan = {"routes", "schemas", "tables", "rules", "errors", "auth", "paging", "seed", "actions"}

    assert plan <= {path.stem for path in room.iterdir()}


@pytest.mark.parametrize("name", NAMES)
def test_operations_are_named_as_in_the_contract(name: str) -> None:
    """A route's function is its operationId in snake case; that of an alias may be the same."""
    (vendor,) = (vendor for vendor in VENDORS if vendor.name == name)

    for router in vendor.routers:
        for route in router.routes:
            operation = route.operation_id.removesuffix("Alias")
            spelled = "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in operation)
            assert route.endpoint.__name__ in (spelled, f"{spelled}_alias")


@pytest.mark.parametrize("module", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_modules_are_short_and_explained(module: Path) -> None:
    """A file has at most 400 lines and says why it exists; public classes and functions say what they promise."""
    text = module.read_text()
    tree = ast.parse(text)

    assert text.count("\n") <= 400
    assert ast.get_docstring(tree), "no docstring"
    for node in ast.walk(tree):
        if isinstance(node, ast.ClassDef):
            public = [m for m in node.body if isinstance(m, ast.FunctionDef | ast.AsyncFunctionDef) and m.name[0] != "_"]
            for documented in [node, *public]:
                assert node.name.startswith("_") or ast.get_docstring(documented), f"{node.name}.{documented.name}"
    for node in tree.body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and not node.name.startswith("_"):
            assert ast.get_docstring(node), node.name
