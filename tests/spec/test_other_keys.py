from __future__ import annotations

import pytest

from dlrun import catalog
from dlrun.data.split.section import Split
from dlrun.experiment.experiment import Experiment
from dlrun.nn.layers.dense import Dense
from dlrun.spec import keys_elsewhere
from dlrun.spec.nodes import Mapping
from dlrun.spec.origin import Default
from dlrun.spec.other_keys import advice, meant
from dlrun.spec.overrides import apply, read
from dlrun.spec.problems import Problems
from dlrun.study.sweep.sweep import Sweep


def test_keys_of_other_libraries_lead_to_keys_that_exist() -> None:
    catalog.load()
    members = [root.family[name] for root in catalog.FAMILIES for name in root.family]
    fields = {key for cls in members for key in cls.model_fields}
    fields |= {*Experiment.model_fields, *Sweep.model_fields, *Split.model_fields}
    fields |= {"source", "preprocess", "norm", "monitor", "batch_size"}
    assert {key for keys in keys_elsewhere.SAME.values() for key in keys} <= fields
    assert set(keys_elsewhere.TOP) <= Experiment.model_fields.keys()


@pytest.mark.parametrize(
    ("key", "cls", "stands_for"),
    [
        ("out_features", Dense, "units"),
        ("units_", Dense, "units"),
        ("layers", Experiment, "model"),
        ("lr", Experiment, None),
        ("device", Experiment, None),
        ("splits", Experiment, None),
        ("zzz", Experiment, None),
    ],
)
def test_meant(key: str, cls: type[Experiment], stands_for: str | None) -> None:
    assert meant(key, cls) == stands_for


@pytest.mark.parametrize(
    ("key", "cls", "text"),
    [
        ("lr", Experiment, "it belongs under 'optimizer': optimizer.adam.lr"),
        ("monitor", Experiment, "it belongs under 'early_stopping': early_stopping.monitor"),
        ("folds", Experiment, "it belongs under 'data': data.split.folds"),
        ("trials", Sweep, "it belongs under 'search': search.random.trials"),
        ("weight_decay", Split, "'weight_decay' belongs at the top level of the spec"),
        ("batchsize", Experiment, "it belongs under 'data': data.batch_size"),
        ("splits", Experiment, "it belongs under 'data': data.split"),
        ("epoch", Experiment, "did you mean 'epochs'?"),
        ("zzz", Dense, "known: bias, initializer, units"),
    ],
)
def test_advice(key: str, cls: type[Experiment], text: str) -> None:
    catalog.load()
    assert advice(key, cls) == text


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["search=grid", "trials=5"], "'search' is 'grid', which has no 'trials'; remove it, or"),
        (["optimizer=sgd", "lr=0.1"], "it belongs under 'optimizer': optimizer.sgd.lr"),
        (["optimizer=sgd", "beta1=0.1"], "'optimizer' is 'sgd', which has no 'beta1'; remove it"),
        (["beta1=0.1"], "it belongs under 'optimizer': optimizer.adam.beta1"),
    ],
)
def test_advice_knows_the_component_that_is_written(words: list[str], says: str) -> None:
    catalog.load()
    cls = Sweep if "trials=5" in words else Experiment
    problems = Problems()
    apply(Mapping({}, Default()), cls, read(words, problems), problems)
    (message,) = problems.messages()
    assert says in message
