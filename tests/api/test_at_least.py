"""Numbers that no call can work with are refused before anything is read."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import pytest

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
