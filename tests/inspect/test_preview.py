from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from dlrun.experiment.compile import compile_spec
from dlrun.inspect.data_overview import parts_of, shown_samples
from dlrun.inspect.preview import preview

Spec = Callable[..., Path]


def keys(source: str) -> dict[str, Any]:
    return {
        "data": {"source": {"npz": source}, "split": {"validation": 0}},
        "model": ["flatten", {"dense": "${classes}"}],
        "loss": "cross_entropy",
    }


def test_classes_are_shown_in_turn(spec: Spec, tmp_path: Path) -> None:
    x = np.arange(40, dtype=np.uint8).reshape(40, 1, 1, 1) + np.zeros((1, 4, 3, 1), np.uint8)
    y = np.repeat(["ant", "bee", "cat"], [30, 8, 2])
    np.savez(tmp_path / "sorted.npz", x=x, y=y)
    compiled = compile_spec(spec(**keys("sorted.npz"), augment=["flip"]))
    made = preview(compiled, 8, 2)
    assert made.names == ("ant", "bee", "cat", "ant", "bee", "cat", "ant", "bee")
    shown = np.rint(made.originals[:, 0, 0, 0] * 255)
    np.testing.assert_array_equal(shown, [0, 30, 38, 1, 31, 39, 2, 32])
    np.testing.assert_allclose(made.augmented[:, 0], made.originals, atol=1e-6)
    assert preview(compiled, 50, 1).originals.shape[0] == 40


def test_a_regression_shows_its_numbers(spec: Spec, tmp_path: Path) -> None:
    x = np.random.default_rng(0).random((5, 4, 3, 1))
    np.savez(tmp_path / "numbers.npz", x=x, y=np.arange(5) / 3)
    model = {"model": ["flatten", {"dense": 1}], "loss": "mse", "metrics": []}
    made = preview(compile_spec(spec(**keys("numbers.npz") | model, augment=["flip"])), 2, 1)
    assert made.names == ("0", "0.3333")


def test_images_of_any_range_are_seen(spec: Spec, tmp_path: Path) -> None:
    """Pictures show what the data spans, where it is not 0 to 1."""
    x = np.random.default_rng(0).normal(1000, 50, (40, 6, 5, 1))
    np.savez(tmp_path / "far.npz", x=x, y=np.arange(40) % 2)
    for augment in ("noise", "mixup"):
        path = spec(**keys("far.npz"), augment=[augment])
        made = preview(compile_spec(path), 40, 2)
        assert abs(made.originals.min()) < 1e-6 and abs(made.originals.max() - 1.0) < 1e-6
        assert -1e-4 <= made.augmented.min() < 0.3 and 0.7 < made.augmented.max() <= 1 + 1e-4
        assert made.originals.std() > 0.1
    rows = shown_samples(parts_of(path), 20)
    values = np.concatenate(list(rows.values()))
    assert abs(values.min()) < 1e-6 and abs(values.max() - 1.0) < 1e-6 and values.std() > 0.1
