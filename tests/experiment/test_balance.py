from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from dlrun.errors import SpecError
from dlrun.experiment.compile import compile_spec

Spec = Callable[..., Path]


@pytest.mark.parametrize(
    "loss, field",
    [
        ({"cross_entropy": {"weights": "balanced"}}, "weights"),
        ({"focal": {"alpha": "balanced"}}, "alpha"),
        ({"binary_cross_entropy": {"positive_weight": "balanced"}}, "positive_weight"),
    ],
)
def test_rare_classes_are_corrected_once(spec: Spec, loss: Any, field: str) -> None:
    outputs = 1 if "binary_cross_entropy" in loss else 2
    data = {"source": "moons", "sampling": "balanced"}
    keys = {"data": data, "model": [{"dense": outputs}], "loss": loss}
    with pytest.raises(SpecError) as caught:
        compile_spec(spec(**keys))
    (line,) = caught.value.faults
    assert "both compensate for rare classes" in line
    assert f"'{field}: balanced'" in line and "remove one of the two" in line
    compile_spec(spec(**keys | {"data": data | {"sampling": "once"}}))
    given = {kind: {field: [1.0, 2.0] if outputs == 2 else 2.0} for kind in loss}
    compile_spec(spec(**keys | {"loss": given}))
