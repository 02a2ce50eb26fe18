from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import dlrun
from dlrun.errors import SpecError
from tests.support.lines_run import lines_run

Spec = Callable[..., Path]


@pytest.mark.slow
def test_it_is_what_the_command_prints(
    spec: Spec, command: Callable[..., str], in_json: Callable[[Any], Any]
) -> None:
    path = spec()
    checked = dlrun.check(path, {"epochs": 2}, plan=True)
    printed = json.loads(command("check", path, "epochs=2", "--plan", "--explain", "--json"))
    found = in_json(checked.as_json(explain=True))
    for content in (found, printed):  # an override has the form in which it was given
        content["origins"] = [each for each in content["origins"] if each["key"] != "epochs"]
    assert found == printed
    assert checked.samples == {"train": 66, "validation": 22, "test": 22}
    assert [layer.name for layer in checked.cost.layers] == ["dense_1", "relu_1", "dense_2"]


def test_a_spec_may_be_a_mapping(spec: Spec) -> None:
    path = spec()
    content = json.loads(path.read_text())
    given, read = dlrun.check(content), dlrun.check(path)
    assert (given.cost.memory, given.spec) == (read.cost.memory, read.spec)
    with pytest.raises(SpecError, match="model"):
        dlrun.check({**content, "model": ["dens"]})


@pytest.mark.slow
def test_the_work_grows_with_the_layers_and_not_with_their_square(spec: Spec) -> None:
    def work(copies: int) -> int:
        residual = {"residual": {"layers": [{"dense": 2}, "relu"]}}
        named = [
            layer
            for number in range(copies)
            for layer in ({"node": f"n{number}"}, {"add": ["previous", f"n{number}"]})
        ]
        repeat = {"repeat": {"times": copies, "layers": [residual]}}
        path = spec(model=[{"dense": 2}, repeat, *named, {"dense": "${classes}"}])
        return lines_run(lambda: dlrun.check(path, plan=True))

    work(1)  # what only the first call does
    start, few, many = work(1), work(30), work(240)
    assert many - start < 1.5 * 8 * (few - start)
