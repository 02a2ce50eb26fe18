"""The page on trust names the tests that hold its promises, and they exist."""

from __future__ import annotations

import ast
import re
from pathlib import Path

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "guide" / "trust.md"
TEST = re.compile(r"`(tests/[\w/]+\.py)::(\w+)`")


def promises() -> list[str]:
    """The rows of the table of promises."""
    section = PAGE.read_text(encoding="utf-8").partition("## Promises")[2].partition("\n## ")[0]
    return [line for line in section.splitlines() if line.startswith("| ")][1:]


def test_every_promise_names_a_test_that_exists() -> None:
    assert len(promises()) >= 15
    for row in promises():
        named = TEST.findall(row)
        assert named, row
        for file, name in named:
            tree = ast.parse((ROOT / file).read_text(encoding="utf-8"))
            functions = [each.name for each in tree.body if isinstance(each, ast.FunctionDef)]
            assert functions.count(name) == 1, f"{file}::{name}"


def test_the_page_says_how_to_report() -> None:
    assert "SECURITY.md" in PAGE.read_text(encoding="utf-8")
    assert "docs/guide/trust.md" in (ROOT / "SECURITY.md").read_text(encoding="utf-8")
