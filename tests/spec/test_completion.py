from __future__ import annotations

import pytest

from dlrun import catalog
from dlrun.experiment.experiment import Experiment
from dlrun.spec import yaml
from dlrun.spec.completion import completions
from dlrun.spec.nodes import Mapping
from dlrun.spec.problems import Problems
from dlrun.study.sweep.sweep import Sweep

TEXT = """
params: {width: 32}
model: [{dense: 8}, relu]
optimizer: {adam: {lr: 0.25}}
loss: mse
epochs: 7
"""

catalog.load()


def offered(text: str, cls: type = Experiment, spec: str = TEXT) -> list[str]:
    root = yaml.parse(spec, "spec.yaml", Problems())
    return completions(cls, root if isinstance(root, Mapping) else None, text)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("opti", ["optimizer=", "optimizer."]),
        ("optimizer=adag", ["optimizer=adagrad"]),
        ("optimizer.adam.am", [f"optimizer.adam.amsgrad={v}" for v in ("", "true", "false")]),
        ("optimizer.adam.l", [f"optimizer.adam.lr={value}" for value in ("", "0.25", "0.001")]),
        ("epo", ["epochs=", "epochs=7", "epochs=10"]),
        ("params.", ["params.width=", "params.width=32"]),
        ("model.", ["model.0=", "model.0.", "model.1=", "model.1."]),
        ("model.0.dense.un", ["model.0.dense.units=", "model.0.dense.units=8"]),
        ("clip.", ["clip.norm=", "clip.value="]),
        ("max_t", ["max_time=", "max_time=null"]),
        ("data.split.strat", [f"data.split.stratify={value}" for value in ("", "true", "false")]),
        ("nope.", []),
        ("nope=", []),
        ("epochs.", []),
    ],
)  # fmt: skip
def test_keys_and_values(text: str, words: list[str]) -> None:
    found = offered(text)
    assert found[: len(words)] == words
    assert bool(found) == bool(words)


@pytest.mark.parametrize("spec", [TEXT, "[1, 2", "3"])
def test_names_of_components_and_their_keys_without_a_spec(spec: str) -> None:
    losses = offered("loss=", spec=spec)
    assert {"loss=cross_entropy", "loss=mse"} <= set(losses)
    assert "optimizer.adam." in offered("optimizer.", spec=spec)


def test_the_only_word_is_continued() -> None:
    """A shell puts a space after the only word."""
    words = offered("optimizer.rms")
    assert len(words) > 1 and all(word.startswith("optimizer.rmsprop.") for word in words)


def test_keys_of_a_sweep() -> None:
    sweep = "{search: {random: {trials: 12}}, space: {a.b: [1], c: [2]}}"
    assert "search.random.trials=12" in offered("search.random.tri", Sweep, sweep)
    assert "prune=median" in offered("prune=", Sweep, sweep)
    assert offered("space.", Sweep, sweep)[0] == "space.c="
