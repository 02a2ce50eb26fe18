"""Studies whose runs somebody else trains."""

from __future__ import annotations

import math
import subprocess
from pathlib import Path

import pytest
from sweeps import SPEC, journal, write_sweep

from dlrun.cli.app import run
from dlrun.search.suggestion import thawed
from dlrun.spec.nodes import plain
from dlrun.spec.overrides import read
from dlrun.spec.problems import Problems
from dlrun.study import ask_tell


def test_overrides_are_words_of_a_shell(tmp_path: Path) -> None:
    words = ["a b", "no", "*", "$HOME", "it's", 'a "b"', "1e3", "true", "x", "tab\t"]
    spec = {**SPEC, "params": {**SPEC["params"], "word": "x", "list": [1]}}
    lists = [[1, math.inf], ["a b", None], {"a": 0.5, "b": -math.inf}, math.inf]
    space = {"params.word": words, "params.list": lists}
    sweep = write_sweep(tmp_path, spec=spec, search="grid", space=space)
    plan, directory = ask_tell.begin(sweep, [], tmp_path / "study")
    asked = 0
    while (found := ask_tell.ask(plan, directory)) is not None:
        asked += 1
        expanded = subprocess.run(
            ["sh", "-c", "printf '%s\\n' $1", "_", " ".join(found.overrides)],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=True,
        )
        settings = {}
        for each in read(expanded.stdout.splitlines(), Problems()):
            settings[".".join(each.path)] = thawed(plain(each.value))
        assert settings == found.settings
    assert asked == len(words) * 4


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["7", "0.5"], "no run 7; runs that were handed out: 0"),
        (["0", "good"], "'good' is no score; write 0.3 or validation.loss=0.3"),
        (["0", "nan"], "validation.loss of run 0 is no finite number"),
        (["0", "validation.accuracy=1"], "validation.loss of run 0 is missing"),
        (["0"], "give a value, or one of --from, --failed and --lost"),
        (["0", "1", "--lost"], "give a value, or one of --from, --failed and --lost"),
        (["0", "--from", "nowhere"], "nowhere"),
        (["--", "0", "--lots"], "'--lots' is no score"),
    ],
)
def test_a_report_that_makes_no_sense(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], words: list[str], said: str
) -> None:
    study = tmp_path / "study"
    plan, directory = ask_tell.begin(write_sweep(tmp_path), [], study)
    assert ask_tell.ask(plan, directory) is not None
    assert run(["report-result", str(study), *words]) == 2
    assert said in capsys.readouterr().err
    assert [each["event"] for each in journal(study)][-1] == "started"


def test_a_run_is_reported_once(tmp_path: Path) -> None:
    study = tmp_path / "study"
    plan, directory = ask_tell.begin(write_sweep(tmp_path), [], study)
    assert ask_tell.ask(plan, directory) is not None
    ask_tell.report(plan, directory, "0", ask_tell.scored(plan, ["0.5"]))
    with pytest.raises(ask_tell.DataError, match="run 0 has ended already"):
        ask_tell.report(plan, directory, "0", ask_tell.failed("no"))
