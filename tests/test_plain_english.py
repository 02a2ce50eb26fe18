"""Messages, help, docstrings, guide and README use the field's words and everyday English."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]

_ONE_PER = r"epoch|step|run|trial|class|layer|fold|batch|sample|event|thread|row|key|channel|worker"

INSTEAD = {
    r"\bbehind\b": "after, beyond, following",
    r"\b(go|goes|going|went|gone) on\b": "resume, continue",
    r"\banew\b": "again",
    r"\bbeforehand\b": "in advance",
    r"\b(whoever|nobody|somebody)\b": "no one, someone; or name the person or program",
    r"\b(is|are|was|were|be) no (?!longer\b|more than\b|less than\b|fewer than\b)": "is not a",
    r", as [`'\"]": "such as, e.g.",
    r"(?<!standard )\bdeviations?\b": "standard deviation",
    r"(?<!segmentation )\bfaults?\b": "error",
    r"\bdigests?\b": "checksum, SHA-256",
    r"\bin (the|its|their) place( of)?\b": "instead of, replaces",
    r"\b(but for|all but|nothing but)\b": "except, only",
    r"\bof (its|their|his) own\b": "its own, separate",
    r"\bby (itself|themselves)\b": "alone, automatically",
    r"\bas long as\b": "if, while",
    r"\b(is|are|the|be) least\b": "smallest, minimum",
    r"\bgreatest\b": "largest, maximum",
    rf"\ban? [a-z]+ an? ({_ONE_PER})\b": "one X per Y",
    r"\bcircles?\b": "cycle",
    r"\b(same|the|other) bits\b": "bit-identical",
    r"\b(training|validation|test) parts?\b": "training set, validation set, test set",
    r"\b(a|the) share of\b": "fraction, proportion",
    r"\b(spec|file|data|journal|header|network|sweep|manifest|key|field)s? (says?|tells?)\b": (
        "contains, specifies, shows"
    ),
    r"\b(is|are|was|were|be|been) (said|told)\b": "is reported, is shown, is specified",
    r"\bstands? (in|at|on|there|beside|above|below)\b": "is, is stored",
    r"\blies (there|in a|in the|beside|on disk)\b": "is, is stored",
    r"\b(gives?|given|gave) back\b": "returns",
    r"\bmakes? of\b": "output, result; name the thing",
    r"\bbe had\b": "is not available, cannot be loaded",
    r"\bunder way\b": "in progress, running",
    r"\bno numbers?\b": "not a number",
    r"\bmend(s|ed|ing)?\b": "fix",
    r"\bbeside\b": "next to, in addition to",
    r"\bwants no more\b": "is complete, has no more",
    r"\bproducts? of (matrices|two matrices)\b": "matrix multiplication",
    r"\b(carry|carries|carried) on\b": "continue, resume",
}
"""A regular expression, and what to say instead."""

PAGES = sorted(
    [
        ROOT / "README.md",
        ROOT / "CONTRIBUTING.md",
        *(ROOT / "docs").glob("*.md"),
        *(ROOT / "docs" / "guide").glob("*.md"),
        *(ROOT / "docs" / "reference").glob("*.md"),
    ]
)
OLD_SENTENCES = ROOT / "dlrun" / "run_directory" / "legacy.py"
"""It reads what earlier versions wrote, and so has their words."""

MODULES = [each for each in sorted((ROOT / "dlrun").rglob("*.py")) if each != OLD_SENTENCES]


def found_in(text: str) -> Iterator[str]:
    for pattern, instead in INSTEAD.items():
        for match in re.finditer(pattern, text, re.IGNORECASE):
            start, stop = max(0, match.start() - 30), match.end() + 20
            yield f"'{match[0]}' (say {instead}): ...{text[start:stop]}..."


def prose(path: Path) -> Iterator[tuple[int, str]]:
    """The text constants of a module that are more than one word, docstrings and messages alike."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.JoinedStr):
            pieces = [
                str(each.value) if isinstance(each, ast.Constant) else "{}" for each in node.values
            ]
            yield node.lineno, " ".join("".join(pieces).split())
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and " " in node.value:
            yield node.lineno, " ".join(node.value.split())


def name(path: Path) -> str:
    return str(path.relative_to(ROOT))


@pytest.mark.parametrize("path", PAGES, ids=name)
def test_pages(path: Path) -> None:
    text = re.sub(r"```.*?```", " ", path.read_text(), flags=re.DOTALL)
    text = re.sub(r"`[^`]+`", "`key`", text)  # keys keep their names
    assert list(found_in(" ".join(text.split()))) == []


@pytest.mark.parametrize("path", MODULES, ids=name)
def test_modules(path: Path) -> None:
    found = {f"{line}: {what}" for line, text in prose(path) for what in found_in(text)}
    assert sorted(found) == []


def test_the_list_finds_what_it_names() -> None:
    """A pattern that matches nothing would hold nothing."""
    assert list(found_in("it goes on behind 3 epochs and prints a line an epoch"))
    assert not list(found_in("resuming after epoch 3, one line per epoch"))
