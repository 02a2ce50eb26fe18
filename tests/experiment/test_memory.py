from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from dlrun.errors import SpecError
from dlrun.experiment.compile import compile_spec
from dlrun.inspect.cost import price
from dlrun.training.session import Session

Spec = Callable[..., Path]


@pytest.mark.parametrize(
    ("layer", "name"),
    [
        ({"dense": 10**12}, "dense_1"),
        ({"repeat": {"times": 9, "layers": [{"dense": 10**6}]}}, "dense_2"),
    ],
)
def test_a_network_that_cannot_fit_is_priced_and_refused(
    spec: Spec, layer: dict[str, Any], name: str
) -> None:
    path = spec(model=[layer, {"dense": "${classes}"}])
    compiled = compile_spec(path)
    assert price(compiled).memory > 10**12
    with pytest.raises(SpecError, match=rf"yaml:\d+:\d+: .* GiB .*, most of it for {name}, but"):
        Session(compiled)


def test_a_batch_that_cannot_fit_is_refused(spec: Spec, monkeypatch: pytest.MonkeyPatch) -> None:
    compiled = compile_spec(spec())
    monkeypatch.setattr("dlrun.experiment.memory.memory", lambda: 100)
    with pytest.raises(SpecError, match="make it smaller, or lower data"):
        Session(compiled)
