"""What ``dlrun check`` says of the memory of a training is what the training uses."""

from __future__ import annotations

from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


@pytest.mark.slow
@pytest.mark.parametrize("name", ["mlp-3000-average", "embedding", "transformer"])
def test_check_says_what_a_training_uses(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(str(ROOT))
    from benchmarks.groups.memory import said_by_check, used
    from benchmarks.memory_cases import CASES, SMALL

    (case,) = (case for case in CASES if case.name == name)
    spec = case.write(tmp_path)
    said, kernels = said_by_check(spec)
    measured = used(SMALL.write(tmp_path), spec, tmp_path, kernels)
    assert said == pytest.approx(measured, rel=0.1)
