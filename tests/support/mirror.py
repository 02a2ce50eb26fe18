"""Which test holds which module: the mirrored path, or a line of ``tests/mirror.txt``.

    python tests/support/mirror.py

writes the table again: lines that are still right are kept, the others are dropped, and modules
without a test get the test that imports them and lies nearest.  Look at each new line before you
commit it.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
PACKAGE, TESTS, TABLE = ROOT / "dlrun", ROOT / "tests", ROOT / "tests" / "mirror.txt"
HEAD = """\
# Modules that have no test at the mirrored path, each with the test that holds it.
# `python tests/support/mirror.py` adds and removes lines.
"""


def modules() -> list[str]:
    """Every module with code in it, as a path from the repository's root."""
    paths = (path for path in PACKAGE.rglob("*.py") if path.name != "__init__.py")
    return sorted(str(path.relative_to(ROOT)) for path in paths)


def mirrored(module: str) -> str:
    """``dlrun/a/b.py`` is tested by ``tests/a/test_b.py``."""
    path = Path(module).relative_to("dlrun")
    return str(Path("tests") / path.parent / f"test_{path.name}")


def table() -> list[tuple[str, str]]:
    """The lines of ``tests/mirror.txt``: a module and its test."""
    if not TABLE.exists():
        return []
    lines = TABLE.read_text().splitlines()
    pairs = (line.split() for line in lines if line and not line.startswith("#"))
    return [(module, test) for module, test in pairs]


def faults(lines: list[tuple[str, str]]) -> Iterator[str]:
    """What is wrong with the table, and the lines to add or to remove."""
    paths = [module for module, _ in lines]
    if paths != sorted(set(paths)):
        yield "the table is not in alphabetical order, or names a module twice"
    for module, test in lines:
        line = f"{module} {test}"
        if not (ROOT / module).exists():
            yield f"remove: {line}  (the module does not exist)"
        elif (ROOT / mirrored(module)).exists():
            yield f"remove: {line}  ({mirrored(module)} exists)"
        elif not (ROOT / test).exists():
            yield f"remove: {line}  (the test does not exist)"
            yield f"add:    {module} {suggestion(module)}"
    for module in modules():
        if module not in paths and not (ROOT / mirrored(module)).exists():
            yield f"add:    {module} {suggestion(module)}"


def suggestion(module: str) -> str:
    """The test of the family, or the one that imports the module and lies nearest, or a ``?``."""
    own = Path(mirrored(module))
    above = own.parent.parent
    for test in (above / f"test_{own.parent.name}.py", above / own.name):
        if (ROOT / test).exists():
            return str(test)
    importers = _importers()
    reached, seen = {module}, {module}
    for _ in range(4):
        tests = [
            path
            for path in reached
            if Path(path).name.startswith("test_") and not path.startswith("tests/parity/")
        ]
        if tests:
            return min(
                tests, key=lambda test: (-_common(test, str(own)), len(_imports(test)), test)
            )
        reached = {user for path in reached for user in importers.get(path, ())} - seen
        seen |= reached
    return "?"


def _common(one: str, other: str) -> int:
    """How many folders two paths share."""
    first, second = Path(one).parent.parts, Path(other).parent.parts
    return sum(a == b for a, b in zip(first, second, strict=False))


@cache
def _importers() -> dict[str, set[str]]:
    """The files that import a file, for files of the package and of the tests."""
    users: dict[str, set[str]] = {}
    for path in [*PACKAGE.rglob("*.py"), *TESTS.rglob("*.py")]:
        user = str(path.relative_to(ROOT))
        for imported in _imports(user):
            users.setdefault(imported, set()).add(user)
    return users


@cache
def _imports(path: str) -> frozenset[str]:
    """The files of the package and of ``tests/support`` that a file imports."""
    files = set()
    for node in ast.walk(ast.parse((ROOT / path).read_text())):
        if isinstance(node, ast.ImportFrom) and node.module:
            names = [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
        elif isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        else:
            continue
        for name in names:
            file = f"{name.replace('.', '/')}.py"
            files.update(each for each in (file, f"tests/support/{file}") if (ROOT / each).exists())
    return frozenset(files)


def write() -> None:
    """Write the table again."""
    held = {
        module: test
        for module, test in table()
        if (ROOT / module).exists() and (ROOT / test).exists()
    }
    lines = [
        f"{module} {held.get(module) or suggestion(module)}"
        for module in modules()
        if not (ROOT / mirrored(module)).exists()
    ]
    TABLE.write_text(HEAD + "\n".join(lines) + "\n")


if __name__ == "__main__":
    write()
