"""Any value at any key of a spec or a sweep: it is taken, or refused as a fault of the spec."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from dlrun import catalog
from dlrun.api.train import train
from dlrun.cross_validation.requested import folds_of
from dlrun.errors import InputError, SpecError
from dlrun.experiment.compile import compile_spec
from dlrun.spec.component import Component
from dlrun.study.sweep.compile import read_plan

Spec = Callable[..., Path]

SPEC: dict[str, Any] = {
    "name": "any",
    "seed": 3,
    "params": {"width": 8, "list": [1, {"a": 2}]},
    "plugins": [],
    "data": {
        "source": {"blobs": {"samples": 60, "noise": 2.0}},
        "split": {"validation": 0.2, "test": 0.2},
        "preprocess": ["standardize"],
        "batch_size": 16,
        "sampling": "balanced",
    },
    "augment": [{"mixup": {"alpha": 0.2}}],
    "initializer": {"normal": {"std": 0.1}},
    "model": [
        {"dense": {"units": "${width}", "bias": True}},
        {"dropout": {"rate": 0.2}},
        {"residual": {"layers": [{"dense": 8}, {"leaky_relu": {"negative_slope": 0.1}}]}},
        {"reshape": {"shape": [4, 2]}},
        {"masking": {"value": 0.0}},
        {"conv": {"filters": 2, "kernel": 3, "stride": 2, "padding": "same", "dilation": 1}},
        {"max_pool": {"size": 2, "stride": 1, "padding": 0}},
        {"parallel": {"branches": [[], [{"upsample": {"size": 1}}]], "merge": "add", "axis": -1}},
        {"permute": {"axes": [0, 1]}},
        {"repeat": {"times": 2, "layers": [{"gru": {"units": 2, "output": "sequence"}}]}},
        "mean_over_time",
        {"dense": "${classes}"},
    ],
    "loss": {"cross_entropy": {"label_smoothing": 0.1, "weights": [1.0, 2.0, 1.0]}},
    "metrics": ["accuracy", {"top_k": {"k": 2}}],
    "optimizer": {"adam": {"lr": 0.01, "beta1": 0.9}},
    "schedule": {"cosine": {"warmup": 1.0, "final": 0.1, "period": 2.0}},
    "accumulate": 2,
    "penalty": {"l2": 0.1},
    "clip": {"norm": 1.0},
    "average": {"ema": {"decay": 0.9}},
    "groups": [{"match": "dense_*", "lr_factor": 0.5}],
    "early_stopping": {"patience": 3, "monitor": "validation.loss", "min_delta": 0.1},
    "on_divergence": {"lr_factor": 0.5},
    "checkpoint": {"every": {"epochs": 1}},
    "epochs": 3,
    "max_time": "1h",
}

SWEEP: dict[str, Any] = {
    "name": "swept",
    "spec": {key: SPEC[key] for key in ("name", "data", "loss")}
    | {"model": [{"dense": "${classes}"}]},
    "space": {"optimizer.adam.lr": [0.1, 0.01]},
    "objective": {"minimize": "validation.loss"},
    "search": {"random": {"trials": 3}},
    "repeats": 2,
    "seed": 1,
    "retries": 1,
    "trial_timeout": "1h",
}

VALUES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-3, 3),
    st.sampled_from([2**31, 2**53 + 1, 2**63 - 1, 2**63, 2**64, -(2**63) - 1, 10**30, 10**400]),
    st.floats(),
    st.sampled_from(
        ["", "one", "${classes}", "${nothing}", "${", "\0", "1h", "1d" * 400, "9" * 400 + "d"]
    ),
    st.sampled_from([[], {}, [1], [[]], [None], {"a": 1}, [{"dense": 1}], {"dense": {"units": 1}}]),
    st.text(max_size=4),
)


def paths(tree: Any, above: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The way to every value of a tree."""
    if above:
        yield above
    steps = enumerate(tree) if isinstance(tree, list) else ()
    for step, inner in tree.items() if isinstance(tree, dict) else steps:
        yield from paths(inner, (*above, step))


def changed(tree: Any, path: tuple[Any, ...], value: Any) -> Any:
    """The tree with another value somewhere."""
    found = copy.deepcopy(tree)
    place = found
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = value
    return found


def written(tree: Any) -> str:
    """JSON, which is YAML but for how it writes what is not finite."""
    text = json.dumps(tree)
    for theirs, ours in (("NaN", ".nan"), ("-Infinity", "-.inf"), ("Infinity", ".inf")):
        text = text.replace(f" {theirs}", f" {ours}").replace(f"[{theirs}", f"[{ours}")
    return text


def refused_or_taken(work: Callable[[], object], place: str) -> None:
    """Do it; a fault must be one of the spec and name a place."""
    try:
        work()
    except SpecError as fault:
        lines = str(fault).splitlines()
        assert lines
        assert all(line.startswith(place) for line in lines), lines


@settings(max_examples=300, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.sampled_from(list(paths(SPEC))), VALUES)
@example(("seed",), -1)
@example(("seed",), [1])
@example(("seed",), 2**64)
@example(("params",), 3)
@example(("plugins",), [1])
@example(("data", "split", "validation"), float("nan"))
@example(("data", "batch_size"), 10**30)
@example(("epochs",), 10**30)
@example(("max_time",), float("inf"))
@example(("max_time",), "9" * 400 + "d")
@example(("schedule", "cosine", "warmup"), float("inf"))
@example(("model", 9, "repeat", "times"), 2**40)
@example(("optimizer", "adam", "lr"), 10**400)
def test_a_spec(tmp_path: Path, path: tuple[Any, ...], value: Any) -> None:
    spec = tmp_path / "spec.yaml"
    spec.write_text(written(changed(SPEC, path, value)))
    refused_or_taken(lambda: compile_spec(spec), str(spec))
    refused_or_taken(lambda: folds_of(spec), str(spec))


@settings(max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.sampled_from([path for path in paths(SPEC) if len(path) < 4]), VALUES)
def test_an_override(tmp_path: Path, path: tuple[Any, ...], value: Any) -> None:
    spec = tmp_path / "spec.yaml"
    spec.write_text(written(SPEC))
    key = ".".join(map(str, path))
    refused_or_taken(lambda: compile_spec(spec, {key: value}), "")
    refused_or_taken(lambda: compile_spec(spec, [f"{key}={written(value)}"]), "")


@settings(max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.sampled_from([(key,) for key in SWEEP]), VALUES)
def test_a_sweep(tmp_path: Path, path: tuple[Any, ...], value: Any) -> None:
    sweep = tmp_path / "sweep.yaml"
    sweep.write_text(written(changed(SWEEP, path, value)))
    try:
        read_plan(sweep)
    except InputError as fault:
        assert str(fault)


def test_the_specs_are_without_fault(tmp_path: Path) -> None:
    for name, tree, read in (("spec", SPEC, compile_spec), ("sweep", SWEEP, read_plan)):
        path = tmp_path / f"{name}.yaml"
        path.write_text(written(tree))
        read(path)


@pytest.mark.parametrize("overrides", [5, "epochs=1", b"epochs=1", [5], [None], {1: 2}, True])
def test_overrides_of_a_wrong_type(spec: Spec, overrides: Any) -> None:
    for work in (train, compile_spec):
        with pytest.raises(SpecError, match=r"must be (text|a list of texts or a mapping), got"):
            work(spec(), overrides)


def numbers() -> Iterator[tuple[type[Component], str]]:
    """Every real-valued field of every component."""
    catalog.load()

    def below(cls: type[Component]) -> Iterator[type[Component]]:
        for each in cls.__subclasses__():
            yield each
            yield from below(each)

    for cls in dict.fromkeys(below(Component)):
        if cls.__module__.startswith("dlrun."):
            for name, field in cls.model_fields.items():
                if "float" in str(field.annotation):
                    yield cls, name


def test_no_number_of_a_spec_may_be_infinite() -> None:
    fields = list(numbers())
    assert len(fields) > 100
    for cls, name in fields:
        for value in (float("inf"), float("-inf"), float("nan")):
            for given_value in (value, (value,), (value, value), {"a": value}):
                try:
                    cls.model_validate({name: given_value})
                except ValidationError as fault:
                    assert any(error["loc"][:1] == (name,) for error in fault.errors())
                else:
                    pytest.fail(f"{cls.__name__}.{name} takes {given_value}")
