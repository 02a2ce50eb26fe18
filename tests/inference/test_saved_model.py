from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from dlrun.errors import DataError
from dlrun.experiment.compile import compile_spec
from dlrun.inference import save_model, saved_model
from dlrun.run_directory.directory import RunDirectory
from dlrun.spec.resolved import dump, to_yaml
from dlrun.training.session import Session
from dlrun.training.stop import Stop

Spec = Callable[..., Path]


def trained(path: Path, folder: Path) -> tuple[Session, RunDirectory]:
    session = Session(compile_spec(path))
    for _ in session.run(Stop()):
        pass
    directory = RunDirectory.create(folder, "run")
    directory.write_resolved(to_yaml(dump(session.compiled.experiment)))
    return session, directory


def table(path: Path) -> None:
    """Numbers, words and gaps."""
    rows = [
        f"{n},{['red', 'blue', 'green'][n % 3] if n % 7 else ''},{n * n % 5}" for n in range(60)
    ]
    path.write_text("size,colour,kind\n" + "\n".join(rows) + "\n")


def texts(path: Path) -> None:
    """Sentences, each with its class."""
    rows = [f'"It is {n % 5}, {["so", "not so"][n % 2]} big",{n % 2}' for n in range(40)]
    path.write_text("text,label\n" + "\n".join(rows) + "\n")


CASES: dict[str, dict[str, Any]] = {
    "table": {
        "data": {
            "source": {"csv": {"path": "t.csv", "target": "kind"}},
            "preprocess": ["impute", "one_hot", "min_max"],
        },
        "model": [{"dense": 6}, "batch_norm", "tanh", {"dropout": 0.3}, {"dense": "${classes}"}],
    },
    "images": {
        "data": {"source": "digits", "batch_size": 300},
        "model": [
            {"conv": {"filters": 4, "kernel": 3}},
            "batch_norm",
            "relu",
            {"max_pool": 2},
            "flatten",
            {"dense": 10},
        ],
        "epochs": 1,
    },
    "averaged, and partly frozen": {
        "model": [{"dense": 8}, "batch_norm", "tanh", {"dense": 8}, "tanh", {"dense": 3}],
        "groups": [
            {"match": "batch_norm_1.mean", "freeze": True},
            {"match": "dense_2.kernel", "freeze": True},
            {"match": "dense_1", "lr_factor": 0.1},
        ],
        "average": {"swa": 2},
    },
    "texts": {
        "data": {"source": {"text": "texts.csv"}, "preprocess": [{"tokenize": 6}]},
        "model": [
            {"embedding": {"units": 4, "tokens": "${vocabulary}", "padding": 0}},
            {"lstm": 4},
            {"dense": "${classes}"},
        ],
    },
    "two classes": {
        "data": {"source": "moons"},
        "model": [{"dense": 1}],
        "loss": "binary_cross_entropy",
    },
    "numbers": {
        "data": {"source": "diabetes", "preprocess": ["standardize"]},
        "model": [{"dense": 4}, "relu", {"dense": 1}],
        "loss": "mse",
        "metrics": ["r2"],
    },
}


def save(session: Session, directory: RunDirectory, which: saved_model.Which) -> None:
    values = session.best if which == "best" else session.last
    save_model.save(directory, which, 3, session.named(values), session.compiled.data)


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("which", ["best", "last"])
def test_what_is_read_back_predicts_the_same(
    spec: Spec, tmp_path: Path, case: str, which: saved_model.Which
) -> None:
    table(tmp_path / "t.csv")
    texts(tmp_path / "texts.csv")
    path = spec(**CASES[case])
    session, directory = trained(path, tmp_path)
    save(session, directory, which)
    back = saved_model.load(directory, which)

    compiled = session.compiled
    section = compiled.experiment.data
    source = section.source.load(compiled.experiment.seed, tmp_path)
    rows = section.split.rows(source, compiled.experiment.seed)
    raw = source.take(rows.validation).inputs
    np.copyto(session.network.parameters.values, session.best if which == "best" else session.last)
    assert compiled.data.validation is not None
    expected = session.network.predict(compiled.data.validation.inputs)
    assert back.predict(raw).tobytes() == expected.tobytes()
    assert back.classes == compiled.data.train.classes
    assert back.sample_shape == raw.shape[1:]


def test_samples_of_another_shape_are_refused(spec: Spec, tmp_path: Path) -> None:
    session, directory = trained(spec(), tmp_path)
    save(session, directory, "last")
    back = saved_model.load(directory, "last")
    for wrong in (np.zeros(2), np.zeros((5, 3)), np.zeros((5, 2, 1))):
        with pytest.raises(DataError, match=r"predict takes samples of \(2,\) in an array"):
            back.predict(wrong)


def test_texts_are_predicted_as_they_are(spec: Spec, tmp_path: Path) -> None:
    texts(tmp_path / "texts.csv")
    session, directory = trained(spec(**CASES["texts"]), tmp_path)
    save(session, directory, "last")
    back = saved_model.load(directory, "last")
    found = back.predict(["It is 3, so big", "unheard of"])
    assert found.shape == (2, 2)
    # Training's case and blanks make no difference, another word that is unknown neither.
    again = back.predict(["it  is 3 , SO BIG", "nobody knows"])
    np.testing.assert_array_equal(again, found)
    for wrong, says in (
        ("one text", "a list of texts, got a single one"),
        (["a", 3], "item 1 is of type int"),
        (["a", " "], "item 1 is empty"),
        (np.zeros((2, 6)), "item 0 is of type ndarray"),
    ):
        with pytest.raises(DataError, match=says):
            back.predict(wrong)


@pytest.mark.parametrize(
    ("old", "new"),
    [("units: 8", "units: 9"), ("units: 8", "units: 1"), ("- relu", "- batch_norm")],
)
def test_weights_of_another_network_are_refused(
    spec: Spec, tmp_path: Path, old: str, new: str
) -> None:
    session, directory = trained(spec(), tmp_path)
    save(session, directory, "last")
    text = directory.resolved_file.read_text()
    assert old in text
    directory.write_resolved(text.replace(old, new))
    with pytest.raises(DataError, match=r"the last weights do not fit resolved\.yaml"):
        saved_model.load(directory, "last")


def test_a_missing_checkpoint_is_named(spec: Spec, tmp_path: Path) -> None:
    _, directory = trained(spec(), tmp_path)
    with pytest.raises(DataError, match=r"best\.safetensors: no such file"):
        saved_model.load(directory, "best")
