"""Numbers that no call can work with are refused before anything is read."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from run_folders import write_run

import dlrun
from dlrun.errors import InputError


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda: dlrun.tune("sweep.yaml", jobs=-1), "--jobs -1: must be at least 1"),
        (lambda: dlrun.tune("sweep.yaml", jobs=0), "--jobs 0: must be at least 1"),
        (lambda: dlrun.tune("sweep.yaml", jobs=0, dry_run=True), "--jobs 0: must be at least 1"),
        (lambda: dlrun.plan("sweep.yaml", jobs=-1), "--jobs -1: must be at least 1"),
        (lambda: dlrun.data_overview("spec.yaml", columns=0), "--columns 0: must be at least 1"),
        (
            lambda: dlrun.preview_augmentations("spec.yaml", samples=0),
            "--samples 0: must be at least 1",
        ),
        (
            lambda: dlrun.preview_augmentations("spec.yaml", epochs=-1),
            "--epochs -1: must be at least 1",
        ),
        (lambda: dlrun.clean(keep_best=-1), "--keep-best -1: must be at least 0"),
        (lambda: dlrun.watch("run", interval=math.nan), "--interval nan: must be at least 0.1 s"),
        (lambda: dlrun.board(port=-1), "--port -1: must be from 0 to 65535"),
        (lambda: dlrun.board(port=65536), "--port 65536: must be from 0 to 65535"),
    ],
)
def test_a_number_that_is_too_small(call: Callable[[], Any], said: str) -> None:
    with pytest.raises(InputError) as error:
        call()
    assert str(error.value) == said


@pytest.mark.parametrize("value", [1.5, 2.0, math.nan, math.inf, True, "3"])
@pytest.mark.parametrize(
    ("call", "option"),
    [
        (lambda value: dlrun.tune("sweep.yaml", jobs=value), "--jobs"),
        (lambda value: dlrun.plan("sweep.yaml", jobs=value), "--jobs"),
        (lambda value: dlrun.runs(top=value), "--top"),
        (lambda value: dlrun.clean(keep_best=value), "--keep-best"),
        (lambda value: dlrun.report("latest", samples=value), "--samples"),
        (lambda value: dlrun.find_lr("spec.yaml", steps=value), "--steps"),
        (lambda value: dlrun.data_overview("spec.yaml", columns=value), "--columns"),
        (lambda value: dlrun.preview_augmentations("spec.yaml", samples=value), "--samples"),
        (lambda value: dlrun.preview_augmentations("spec.yaml", epochs=value), "--epochs"),
        (lambda value: dlrun.board(port=value), "--port"),
    ],
)
def test_a_count_that_is_not_whole(call: Callable[[Any], Any], option: str, value: Any) -> None:
    with pytest.raises(InputError) as error:
        call(value)
    assert str(error.value) == f"{option} {value}: must be a whole number"


def test_whole_numbers_of_numpy_are_counts(tmp_path: Path) -> None:
    for name in "abc":
        write_run(tmp_path / "moons" / name)
    assert len(dlrun.runs(tmp_path, top=np.int64(2))) == 2


@pytest.mark.parametrize("value", [True, "1"])
def test_an_interval_is_a_number(value: Any) -> None:
    with pytest.raises(InputError, match=f"^--interval {value}: must be a number$"):
        dlrun.watch("run", interval=value)
