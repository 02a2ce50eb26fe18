"""The help of every command: short, with examples that parse, and quick to show."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import typer

import dlrun
from dlrun.cli.app import app
from dlrun.cli.exit_codes import ExitCode
from dlrun.cli.group import whole
from dlrun.cli.help_page import WIDTH
from dlrun.cli.options import current_words

HEAVY = {
    "matplotlib",
    "numba",
    "numpy",
    "pyarrow",
    "pydantic",
    "rich",
    "safetensors",
    "scipy",
    "sklearn",
    "skopt",
    "threadpoolctl",
    "yaml",
}

ROOT_FOLDER = Path(__file__).parents[2]
ROOT: Any = typer.main.get_command(app)
COMMANDS: dict[str, Any] = {name: whole(name) for name in ROOT.commands}


def page(name: str, columns: int = 80) -> str:
    """The help of a command; of dlrun itself for ''."""
    command = COMMANDS[name] if name else ROOT
    context = command.make_context("dlrun", [], resilient_parsing=True)
    context.terminal_width = min(columns, 80) - 2
    return str(command.get_help(context))


def examples(name: str) -> list[str]:
    section = re.search(r"Examples:\n((?: +dlrun .*\n| +DLRUN_.*\n)+)", page(name) + "\n")
    assert section is not None
    return [line.strip() for line in section[1].splitlines()]


def test_the_readme_lists_all_commands() -> None:
    text = (ROOT_FOLDER / "README.md").read_text()
    listed = re.search(r"has the commands (.*?), the Python functions", text, re.DOTALL)
    assert listed is not None
    assert set(re.findall(r"`([^`]+)`", listed[1])) == COMMANDS.keys()


def test_the_guide_lists_all_functions() -> None:
    text = (ROOT_FOLDER / "docs" / "guide" / "python.md").read_text()
    names = {name for name in dir(dlrun) if not name.startswith("_") and name != "errors"}
    assert names - set(re.findall(r"`?dlrun\.(\w+)\b", text)) == set()


@pytest.mark.parametrize("name", ["", *COMMANDS])
def test_a_page_has_a_short_first_line_and_examples(name: str) -> None:
    command = COMMANDS[name] if name else ROOT
    first = command.help.splitlines()[0]
    assert len(first) <= 72
    assert first.endswith(".")
    assert examples(name)
    assert "\n  Exit codes:\n    0 " in page(name)


@pytest.mark.parametrize("columns", [80, 100])
@pytest.mark.parametrize("name", ["", *COMMANDS])
def test_a_page_fits_the_terminal(name: str, columns: int) -> None:
    lines = page(name, columns).splitlines()
    assert max(map(len, lines)) <= WIDTH
    assert "..." not in "".join(line for line in lines if "[" not in line)  # nothing is cut


@pytest.mark.parametrize("name", ["", *COMMANDS])
def test_the_examples_parse(name: str) -> None:
    for example in examples(name):
        for line in [example, *re.findall(r"\$\((.*?)\)", example)]:
            words = shlex.split(line.partition(" > ")[0])
            while "=" in words[0]:
                words.pop(0)  # an environment variable
            assert words.pop(0) == "dlrun"
            if words[0].startswith("--"):
                assert words[0] in {option for each in ROOT.params for option in each.opts}
                continue
            assert not name or f"dlrun {name}" in example
            command = COMMANDS[words[0]]
            if "--help" not in words:
                command.make_context(words[0], current_words(words)[1:])


def test_exit_codes_that_a_page_lists_have_one_meaning_or_one_that_is_more_precise() -> None:
    known = {str(int(code)) for code in ExitCode}
    for name in COMMANDS:
        section = page(name).partition("Exit codes:\n")[2]
        codes = [line.split()[0] for line in section.splitlines() if line.strip()]
        assert codes[0] == "0"
        assert set(codes) <= known | {"128+n"}


def test_help_imports_nothing_heavy() -> None:
    """In one process for all commands, from the first line of dlrun on."""
    lines = [[], ["--help"], ["--version"], *([name, "--help"] for name in COMMANDS)]
    program = (
        "import sys\n"
        "from dlrun.__main__ import main\n"
        "import dlrun\n"
        f"for words in {lines!r}:\n"
        "    sys.argv = ['dlrun', *words]\n"
        "    try:\n"
        "        main()\n"
        "    except SystemExit as end:\n"
        "        assert not end.code, (words, end.code)\n"
        "    packages = {name.partition('.')[0] for name in sys.modules}\n"
        f"    assert not {HEAVY!r} & packages, (words, {HEAVY!r} & packages)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(
    ("old", "new"), [("--changed", "--allow-changes"), ("--detect", "--detect-anomaly")]
)
def test_old_names_of_options_work_and_are_not_listed(old: str, new: str) -> None:
    assert current_words(["train", "spec.yaml", old]) == ["train", "spec.yaml", new]
    assert new in page("train")
    assert not re.search(rf"{old}\b(?!-)", page("train"))


def test_completion_can_be_installed() -> None:
    assert "--install-completion" in page("")
