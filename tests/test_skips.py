"""A test that CI skips without a listed reason fails."""

from __future__ import annotations

import ast
import os
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
from skips import IN_CI

TESTS = Path(__file__).parent
ROOT = TESTS.parent

FILES = {
    "conftest.py": "from skips import pytest_make_collect_report, pytest_runtest_makereport",
    "test_unlisted.py": """
import pytest
def test_runs(): pass
@pytest.mark.skip(reason="the moon is full")
def test_is_skipped(): pass
def test_skips_itself(): pytest.skip("the moon is full")
@pytest.mark.xfail
def test_is_known_to_fail(): assert False
""",
    "test_listed.py": """
import pytest
@pytest.mark.skip(reason="only root can give files away")
def test_is_skipped(): pass
""",
    "test_package.py": "import pytest; pytest.importorskip('no_such_package')",
}


@pytest.mark.parametrize(
    ("ci", "expected"),
    [
        ("true", "1 failed, 1 passed, 1 skipped, 1 xfailed, 2 errors"),
        ("", "1 passed, 4 skipped, 1 xfailed"),
    ],
)
def test_ci_skips_nothing_that_is_not_listed(tmp_path: Path, ci: str, expected: str) -> None:
    for name, text in FILES.items():
        (tmp_path / name).write_text(text)
    words = ("-q", "-p", "no:cacheprovider", "--continue-on-collection-errors", str(tmp_path))
    done = subprocess.run(
        [sys.executable, "-m", "pytest", *words],
        cwd=tmp_path,
        env={
            **os.environ,
            "CI": ci,
            "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
            "PYTHONPATH": str(TESTS / "support"),
        },
        capture_output=True,
        text=True,
    )
    assert f"{expected} in " in done.stdout
    said = "tests/support/skips.py does not list it" in done.stdout
    assert said == (ci == "true")


PACKAGES = {
    "Chromium is not installed": ("chromium",),
    "Debian's fortunes are not installed": ("fortunes",),
    "Debian's asterisk sounds are not installed": ("asterisk-core-sounds-en-wav",),
    "asterisk-core-sounds-en-wav is not installed": ("asterisk-core-sounds-en-wav",),
    "Slurm cannot be run: {}": ("munge", "slurm-client", "slurmctld", "slurmd"),
    "WordNet is not installed": ("wordnet-base",),
    "mpg123 is not installed": ("mpg123",),
    "no emulator of other processors is installed": ("qemu-user-static",),
    "sox is not installed": ("sox",),
    "tmux is not installed": ("tmux",),
    "{} is not installed": ("zsh", "fish"),
}
"""By reason for a skipped test, the Debian packages without which it is skipped."""

BY_MAKE = {"aeon is not installed": "--no-deps aeon"}
"""By reason, what `make test-slow` installs."""

NOT_ON_LINUX = {"nothing forks here", "needs /dev/full", "needs /proc"}


def text_of(node: ast.expr) -> str:
    """A text; variable pieces of it are ``{}``."""
    pieces = node.values if isinstance(node, ast.JoinedStr) else [node]
    return "".join(str(each.value) if isinstance(each, ast.Constant) else "{}" for each in pieces)


def skips() -> Iterator[tuple[str, str]]:
    """Every reason for which a test may be skipped, or module without which it is."""
    for path in sorted(TESTS.rglob("*.py")):
        if path == Path(__file__):
            continue
        for node in ast.walk(ast.parse(path.read_text())):
            if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
                continue
            name, named = node.func.attr, {each.arg: each.value for each in node.keywords}
            if name == "importorskip":
                yield "module", text_of(node.args[0])
            elif name == "skipif" or (
                name == "skip" and ast.unparse(node.func).startswith("pytest")
            ):
                yield "reason", text_of(named.get("reason") or node.args[-1])


def test_ci_installs_what_tests_need() -> None:
    """Otherwise it would skip tests for reasons that are not listed."""
    script = (ROOT / ".ci" / "run").read_text()
    installed = set(re.sub(r"#.*", "", script.split("packages=(")[1].split("\n)")[0]).split())
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    extras = re.findall(r"^extras=(.*)$", script, re.MULTILINE)[0].split(",")
    needs = [project["dependencies"], *(project["optional-dependencies"][each] for each in extras)]
    modules = {re.split(r"[^\w-]", each)[0] for group in needs for each in group}
    found = set(skips())
    assert {what for what, _ in found} == {"module", "reason"}
    for what, text in found:
        if what == "module":
            assert text.partition(".")[0].replace("_", "-") in modules
        elif text == "needs Numba":
            assert "numba" in modules
        elif text in BY_MAKE:
            assert BY_MAKE[text] in (ROOT / "Makefile").read_text()
        elif text not in IN_CI and text not in NOT_ON_LINUX:
            assert set(PACKAGES[text]) <= installed, text


def test_the_list_is_short_and_every_reason_is_one_of_a_test() -> None:
    assert len(IN_CI) <= 5
    ours = {TESTS / "support" / "skips.py", Path(__file__)}
    sources = [each.read_text() for each in TESTS.rglob("*.py") if each not in ours]
    for reason in IN_CI:
        words = reason.removeprefix("Slurm cannot be run: ")
        assert any(words in text for text in sources), reason
