"""Studies whose runs somebody else trains."""

from __future__ import annotations

import math
import subprocess
from pathlib import Path

from sweeps import SPEC, write_sweep

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
