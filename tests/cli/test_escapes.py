"""No command hands a terminal what names in files, specs, runs and studies make of it."""

from __future__ import annotations

import contextlib
import io
import json
import re
import sys
import zipfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from sweeps import SPEC, write_sweep

from dlrun.cli import app

EVIL = "\x1b]0;owned\x07\x1b[2J\x9b31m\u202e\u200b\u2028\r\nFAKE"
"""A terminal's title, a cleared screen, a colour, a direction, and a line of its own."""
SIGNS = re.compile("\x1b\\]|\x1b\\[2J|[\x07\x9b\u202e\u200b\u2028]|\\nFAKE")
SHOWN = r"\x1b]0;owned\x07\x1b[2J\x9b31m\u202e\u200b\u2028\r\nFAKE"


class Screen(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A folder of hostile names with a run and a study in it."""
    folder = tmp_path_factory.mktemp("hostile") / f"in{EVIL}"
    folder.mkdir()
    rows = [[f"{n % 7}", f"k{n % 2}{EVIL}", f"c{n % 2}{EVIL}"] for n in range(60)]
    table = [[f"x{EVIL}", f"k{EVIL}", f"y{EVIL}"], *rows]
    text = "".join(",".join(f'"{cell}"' for cell in row) + "\n" for row in table)
    (folder / f"t{EVIL}.csv").write_text(text, newline="")
    source = {"csv": {"path": f"t{EVIL}.csv", "target": f"y{EVIL}"}}
    data = {**SPEC["data"], "source": source, "preprocess": ["one_hot", "standardize"]}
    spec = {**SPEC, "data": data, "params": {f"u{EVIL}": 8, f"v{EVIL}": f"1{EVIL}"}, "epochs": 1}
    spec["model"] = [{"dense": f"${{u{EVIL}}}"}, {"dense": "${classes}"}]
    (folder / f"s{EVIL}.yaml").write_text(json.dumps(spec))
    space = {f"params.v{EVIL}": [f"1{EVIL}", f"2{EVIL}"], "optimizer.adam.lr": [0.1, 0.01]}
    keys: dict[str, Any] = {"spec": f"s{EVIL}.yaml", "space": space, "repeats": 2}
    write_sweep(folder, search="grid", **keys)
    before = Path.cwd()
    with contextlib.chdir(folder):
        for words in (
            ["train", f"s{EVIL}.yaml", "-q"],
            ["tune", "sweep.yaml", "-q", "--jobs", "1"],
        ):
            code, said = ran(words)
            assert code == 0, said
        yield folder
    assert Path.cwd() == before


def ran(words: Sequence[str], *, screen: bool = False) -> tuple[int, str]:
    """The exit code of a command and all that it printed."""
    out = Screen() if screen else io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(out):
        try:
            code = app.run(list(words))
        except SystemExit as end:
            code = int(str(end.code or 0))
    return code, out.getvalue()


def run(place: Path) -> str:
    (found,) = (place / "runs").glob("*/*")
    return str(found.relative_to(place))


COMMANDS: dict[str, list[str]] = {
    "train": ["SPEC", "--runs", "others"],
    "resume": ["RUN"],
    "evaluate": ["RUN"],
    "predict": ["RUN", f"t{EVIL}.csv"],
    "tune": ["sweep.yaml", "--jobs", "1", "--dry-run"],
    "plan": ["sweep.yaml", "--jobs", "1"],
    "study": ["studies/search"],
    "suggest": ["sweep.yaml", "--out", "asked"],
    "report-result": ["studies/search", f"r{EVIL}", "1"],
    "verify": ["RUN"],
    "diff": ["RUN", "studies/search/trials/TRIAL"],
    "runs": ["--all"],
    "tag": ["RUN", "--note", EVIL],
    "compare": ["RUN", "studies/search"],
    "watch": ["RUN"],
    "clean": ["--last", "--states"],
    "show": ["studies/search/trials/TRIAL"],
    "report": ["RUN"],
    "archive": ["RUN", "--out", f"a{EVIL}.zip"],
    "board": [f"no{EVIL}"],
    "check": ["SPEC", "--explain"],
    "data": ["SPEC"],
    "augment": ["SPEC"],
    "find-lr": ["SPEC", "--steps", "20"],
    "help": [f"layer{EVIL}"],
    "schema": [],
    "warmup": [f"--{EVIL}"],
}


def words_of(place: Path, command: str) -> list[str]:
    trial = sorted((place / "studies/search/trials").iterdir())[0].name
    texts = {"SPEC": f"s{EVIL}.yaml", "RUN": run(place)}
    return [command, *(texts.get(each, each).replace("TRIAL", trial) for each in COMMANDS[command])]


def test_every_command_is_walked() -> None:
    names = {each.name or each.callback.__name__ for each in app.app.registered_commands}  # type: ignore[union-attr]
    assert {name.replace("_", "-") for name in names} - {"describe"} == COMMANDS.keys()


@pytest.mark.parametrize("command", COMMANDS)
def test_no_command_prints_raw_names(place: Path, command: str) -> None:
    for screen in (False, True):
        code, said = ran(words_of(place, command), screen=screen)
        assert code != 1, said
        if command == "predict" and not screen:
            continue  # what another program reads is unchanged
        if command == "predict":  # fields of CSV may have line ends
            said = said.replace("\nFAKE", "")
        assert not SIGNS.search(said), said
        said.encode()


@pytest.mark.parametrize(
    ("words", "part"),
    [
        (["data", "SPEC"], f"x{SHOWN}"),
        (["data", "SPEC"], f"c0{SHOWN}"),
        (["check", "SPEC", "--explain"], f"s{SHOWN}.yaml:1:"),
        (["study", "studies/search"], f"1{SHOWN}"),
        (["study", "studies/search", "--md"], f"1{SHOWN}"),
        (["train", f"no{EVIL}.yaml"], f"no{SHOWN}.yaml: no such file"),
        (["check", "SPEC", f"loss={json.dumps(f'a{EVIL}')}"], f"unknown loss 'a{SHOWN}'"),
        (["check", "SPEC", "loss=\udc80"], r"\udc80"),
        (["check", "SPEC", f"--{EVIL}"], r"--\x1b]0;owned\x07"),
        (["--debug", "train", f"no{EVIL}.yaml"], f"no{SHOWN}.yaml"),
    ],
    ids=map(str, range(10)),
)
@pytest.mark.parametrize("screen", [False, True], ids=["pipe", "terminal"])
def test_names_are_shown_escaped(
    place: Path, words: list[str], part: str, screen: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "200")  # a narrow terminal leaves out columns of long values
    _, said = ran([each.replace("SPEC", f"s{EVIL}.yaml") for each in words], screen=screen)
    assert part in re.sub("\x1b\\[[0-9;?]*[a-zA-Z]", "", said)
    assert not SIGNS.search(said), said


@pytest.mark.parametrize(
    "words", [["data", "SPEC"], ["check", "SPEC", "--explain"], ["study", "studies/search"]]
)
def test_json_keeps_the_names_and_escapes_them(place: Path, words: list[str]) -> None:
    code, said = ran([*(each.replace("SPEC", f"s{EVIL}.yaml") for each in words), "--json"])
    assert code == 0 and not SIGNS.search(said), said
    assert EVIL in _strings(json.loads(said))


def _strings(value: Any) -> str:
    if isinstance(value, dict):
        return "".join(key + _strings(item) for key, item in value.items())
    if isinstance(value, list):
        return "".join(map(_strings, value))
    return str(value)


def test_a_model_card_has_no_raw_names(place: Path) -> None:
    """Neither on a terminal nor in the file."""
    code, said = ran(["archive", run(place), "-o", "card.zip", "--license", f"mine{EVIL}"])
    assert code == 0, said
    for screen in (False, True):
        code, said = ran(["archive", "--show", "card.zip"], screen=screen)
        assert code == 0 and f"mine{SHOWN}" in said and f"c0{SHOWN}" in said
        assert not SIGNS.search(said), said
    with zipfile.ZipFile(place / "card.zip") as archive:
        assert not SIGNS.search(archive.read("card.md").decode())


def test_predictions_for_a_program_are_unchanged(place: Path) -> None:
    code, said = ran(["predict", run(place), f"t{EVIL}.csv"])
    assert code == 0 and f"c0{EVIL}" in said
    code, said = ran(["predict", run(place), f"t{EVIL}.csv"], screen=True)
    assert code == 0 and f"c0{SHOWN}".replace(r"\n", "\n") in said


def test_logs_and_tables_of_people_have_no_raw_names(place: Path) -> None:
    found = 0
    for pattern in ("**/log.txt", "**/*.md", "**/*.json", "**/*.jsonl", "**/workers.log"):
        for file in place.glob(pattern):
            found += 1
            assert not SIGNS.search(file.read_text()), file
    assert found > 10


def test_warnings_are_lines(monkeypatch: pytest.MonkeyPatch) -> None:
    from dlrun.cli.display.terminal import warn

    err = io.StringIO()
    monkeypatch.setattr(sys, "stderr", err)
    warn(UserWarning(f"a{EVIL}"), UserWarning, "file", 3)
    assert err.getvalue() == f"UserWarning: a{SHOWN}\n"
