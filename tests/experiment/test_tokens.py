"""An embedding gets its tokens: what would stop the training is found by the checks before."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from dlrun.errors import SpecError
from dlrun.experiment.compile import compile_spec

Spec = Callable[..., Path]
NPZ = {"source": {"npz": "tokens.npz"}, "split": {"validation": 0.25}}
TEXT = {"source": {"text": {"path": "texts.csv"}}, "split": {"validation": 0.25}}


@pytest.fixture
def files(tmp_path: Path) -> Path:
    random, y = np.random.default_rng(0), np.arange(60) % 2
    np.savez(tmp_path / "tokens.npz", x=random.integers(0, 50, (60, 8)), y=y)
    series = random.integers(0, 50, (60, 8, 1)).astype(np.float32)
    np.savez(tmp_path / "series.npz", x=series, y=y)
    rows = "".join(f"word{number} common,{number % 2}\n" for number in range(60))
    (tmp_path / "texts.csv").write_text(f"text,label\n{rows}")
    return tmp_path


def behind(tokens: int, *layers: Any) -> dict[str, Any]:
    content = keys(NPZ, tokens)
    return {**content, "model": [*layers, *content["model"]]}


def keys(data: dict[str, Any], tokens: Any, *augment: Any, **layer: Any) -> dict[str, Any]:
    embedding = {"embedding": {"tokens": tokens, "units": 4, **layer}}
    model = [embedding, "flatten", {"dense": "${classes}"}]
    return {"data": data, "model": model, "augment": list(augment)}


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (keys(NPZ, 50, "mixup"), "mixup changes the tokens that embedding reads to other numbers"),
        (keys(NPZ, 40), "its 40 tokens are the integers 0 to 39; raise tokens"),
        (keys(NPZ, 40, padding=0), "its 40 tokens are the integers 0 to 39; raise tokens"),
        (keys({**NPZ, "preprocess": ["standardize"]}, 50), "from the training set; its 50 tokens"),
        (
            keys({**NPZ, "source": {"npz": "series.npz"}}, 50, {"gain": {}}),
            "gain changes the tokens that embedding reads",
        ),
        (
            keys({**TEXT, "preprocess": ["tokenize", "standardize"]}, "${vocabulary}"),
            "remove the steps after tokenize from data.preprocess",
        ),
        (
            behind(40, {"reshape": [2, 4]}, "flatten"),
            "its 40 tokens are the integers 0 to 39; raise",
        ),
        (behind(50, {"dense": 8}), "reads the output of dense_1, which are not tokens; move"),
        (behind(50, {"dropout": 0.5}, {"reshape": [8]}), "reads the output of dropout_1, which"),
        (keys({**TEXT, "preprocess": ["tokenize"]}, 5), "set tokens to ${vocabulary}, which is "),
    ],
    ids=lambda value: "",
)
def test_what_is_not_a_token_is_refused(
    spec: Spec, files: Path, content: dict[str, Any], words: str
) -> None:
    with pytest.raises(SpecError) as caught:
        compile_spec(spec(**content))
    (line,) = caught.value.faults
    assert words in line


@pytest.mark.parametrize(
    "content",
    [
        keys(NPZ, 50),
        keys(NPZ, 50, padding=0),
        keys({**NPZ, "source": {"npz": "series.npz"}}, 50, "time_shift"),
        keys({**TEXT, "preprocess": ["tokenize"]}, "${vocabulary}", "random_swap"),
    ],
    ids=lambda value: "",
)
def test_tokens_that_are_moved_are_tokens(spec: Spec, files: Path, content: dict[str, Any]) -> None:
    compile_spec(spec(**content))
