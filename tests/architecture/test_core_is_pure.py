"""Core decides with values: outside `core/engine` no module reaches out of itself.

A linter forbids clocks and randomness by name; it sees neither what a module imports
to reach the machine nor the built-in functions that do.
"""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.installed import ROOT

OUTSIDE = {
    *("asyncio", "concurrent", "multiprocessing", "threading", "subprocess", "signal"),
    *("os", "pathlib", "shutil", "tempfile", "glob", "io", "sys", "logging"),
    *(
        "http.client",
        "http.server",
        "httpx",
        "httpcore",
        "socket",
        "ssl",
        "select",
        "urllib.request",
    ),
    *("sqlite3", "sqlmodel", "sqlalchemy", "alembic", "textual", "rich", "click"),
    *("time", "random", "secrets", "uuid", "uuid_utils"),
}
BUILT_IN = {"breakpoint", "eval", "exec", "input", "open", "print", "__import__"}

MODULES = [
    path
    for path in sorted((ROOT / "core").rglob("*.py"))
    if "engine" not in path.relative_to(ROOT).parts
]


def imported(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        if isinstance(node, ast.ImportFrom):
            assert node.level == 0, "core imports by full names"
            assert node.module is not None
            yield node.module


def called(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            yield node.func.id


def parsed(path: Path) -> ast.AST:
    return ast.parse(path.read_text())


def is_outside(module: str) -> bool:
    parts = module.split(".")
    return any(".".join(parts[: n + 1]) in OUTSIDE for n in range(len(parts)))


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.stem)
def test_a_module_of_core_imports_nothing_that_reaches_out(path: Path) -> None:
    assert [name for name in imported(parsed(path)) if is_outside(name)] == []


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.stem)
def test_a_module_of_core_calls_nothing_that_reaches_out(path: Path) -> None:
    assert [name for name in called(parsed(path)) if name in BUILT_IN] == []
