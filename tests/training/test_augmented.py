from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from dlrun.data.batches.feed import Feed
from dlrun.data.batches.order import Batches
from dlrun.data.prepared import Prepared
from dlrun.errors import SpecError
from dlrun.experiment.compile import compile_spec
from dlrun.nn.losses.cross_entropy import CrossEntropy
from dlrun.training.augmented import augmented
from dlrun.training.session import Session
from dlrun.training.stop import Stop

Spec = Callable[..., Path]

IMAGES: dict[str, Any] = {
    "data": {
        "source": "digits",
        "split": {"validation": 0.9},
        "preprocess": ["standardize"],
        "batch_size": 50,
    },
    "model": ["flatten", {"dense": "${classes}"}],
    "loss": "cross_entropy",
    "metrics": ["accuracy"],
    "epochs": 2,
}


def weights(path: Path) -> np.ndarray:
    session = Session(compile_spec(path))
    for _ in session.run(Stop()):
        pass
    return session.last


def test_training_samples_are_changed_and_no_others(spec: Spec) -> None:
    compiled = compile_spec(spec(**IMAGES, augment=[{"rotate": 30}]))
    data: Prepared = compiled.data
    plain = compile_spec(spec(**IMAGES)).data
    assert data.validation is not None and plain.validation is not None
    np.testing.assert_array_equal(data.validation.inputs, plain.validation.inputs)
    # What preprocessing learns, it learns from samples as they are.
    for name, learned in plain.pipeline.state().items():
        np.testing.assert_array_equal(data.pipeline.state()[name], learned)
    assert plain.source is None
    make = augmented(compiled, Session(compiled).network)
    assert make is not None
    inputs, targets = np.empty((3, 8, 8, 1), np.float32), np.empty(3, np.int64)
    rows = np.array([5, 0, 9])
    make(1, rows, inputs, targets)
    np.testing.assert_array_equal(targets, data.train.targets[rows])
    assert np.abs(inputs - data.train.inputs[rows]).max() > 0.1


def test_augmentation_comes_before_preprocessing(spec: Spec) -> None:
    compiled = compile_spec(spec(**IMAGES, augment=[{"flip": {"probability": 1.0}}]))
    assert compiled.data.source is not None
    make = augmented(compiled, Session(compiled).network)
    assert make is not None
    inputs, targets = np.empty((4, 8, 8, 1), np.float32), np.empty(4, np.int64)
    make(1, np.arange(4), inputs, targets)
    flipped = compiled.data.source.inputs[:4][:, :, ::-1]
    np.testing.assert_array_equal(inputs, compiled.data.pipeline.transform(flipped))


def test_threads_change_no_bit(spec: Spec, monkeypatch: pytest.MonkeyPatch) -> None:
    path = spec(**IMAGES, augment=[{"rotate": 10}, {"crop": 1}])
    found = []
    for threads in ("1", "2"):
        monkeypatch.setenv("DLRUN_THREADS", threads)
        found.append(weights(path))
    np.testing.assert_array_equal(*found)
    assert np.any(found[0] != weights(spec(**IMAGES)))


TEXTS: dict[str, Any] = {
    "data": {
        "source": {"text": "texts.csv"},
        "split": {"validation": 0.25, "stratify": True},
        "preprocess": [{"tokenize": {"length": 8, "synonyms": "common"}}],
        "batch_size": 7,
    },
    "model": [
        {"embedding": {"units": 4, "tokens": "${vocabulary}", "padding": 0}},
        {"gru": 4},
        {"dense": "${classes}"},
    ],
    "augment": [{"synonym_replacement": 0.5}, "random_swap", {"typos": {"probability": 0.5}}],
    "epochs": 2,
}


def write_texts(folder: Path) -> None:
    good, bad = (["great", "lovely", "excellent"], ["terrible", "boring", "awful"])
    rows = [
        f'"The {(bad, good)[n % 2][n % 3]} film, number {n}",{("bad", "good")[n % 2]}\n'
        for n in range(40)
    ]
    (folder / "texts.csv").write_text("text,label\n" + "".join(rows))


def test_texts_are_changed_before_they_are_tokens(spec: Spec, tmp_path: Path) -> None:
    write_texts(tmp_path)
    compiled = compile_spec(spec(**TEXTS))
    plain = compile_spec(spec(**TEXTS | {"augment": []})).data
    data = compiled.data
    assert data.validation is not None and plain.validation is not None
    np.testing.assert_array_equal(data.validation.inputs, plain.validation.inputs)
    np.testing.assert_array_equal(data.train.inputs, plain.train.inputs)
    make = augmented(compiled, Session(compiled).network)
    assert make is not None and data.source is not None
    rows = np.arange(len(data.train))
    inputs, targets = np.empty(data.train.inputs.shape, np.float32), np.empty(len(rows), np.int64)
    make(1, rows, inputs, targets)
    np.testing.assert_array_equal(targets, data.train.targets)
    assert (inputs != data.train.inputs).any(axis=1).mean() > 0.5
    changed = make.samples(1, rows)
    np.testing.assert_array_equal(inputs, data.pipeline.transform(changed))
    some, few = np.empty((3, 8), np.float32), np.array([9, 2, 17])
    make(1, few, some, targets[:3])
    np.testing.assert_array_equal(some, inputs[few])


def test_threads_change_no_bit_of_texts(
    spec: Spec, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_texts(tmp_path)
    found = []
    for threads in ("1", "2"):
        monkeypatch.setenv("DLRUN_THREADS", threads)
        found.append(weights(spec(**TEXTS)))
    np.testing.assert_array_equal(*found)
    assert np.any(found[0] != weights(spec(**TEXTS | {"augment": []})))


def test_tables_of_synonyms_lie_beside_the_spec(spec: Spec, tmp_path: Path) -> None:
    path = spec(
        "specs/s.yaml", **TEXTS | {"augment": [{"synonym_replacement": {"synonyms": "own.txt"}}]}
    )
    write_texts(tmp_path / "specs")
    with pytest.raises(SpecError, match=r"spec.*own\.txt: No such file"):
        compile_spec(path)
    (tmp_path / "specs" / "own.txt").write_text("film, talkie\n")
    compiled = compile_spec(path)
    experiment = compiled.experiment.anchored(Path("elsewhere"))
    assert experiment.augment == compiled.experiment.augment
    step: dict[str, Any] = {"tokenize": {"length": 8, "synonyms": "own.txt"}}
    data = {**TEXTS["data"], "preprocess": [step]}
    known = compile_spec(spec("specs/s.yaml", **TEXTS | {"data": data}))
    (film,) = known.data.pipeline.transform(np.array(["talkie nothing"], object))
    assert film[0] > 1 and film[1] == 1
    (kept,) = known.experiment.anchored(tmp_path / "specs").data.preprocess
    assert kept.synonyms == str(tmp_path / "specs" / "own.txt")
    (tmp_path / "specs" / "own.txt").write_text("film\n")
    with pytest.raises(SpecError, match=r"flip changes images.*samples are texts"):
        compile_spec(spec("specs/s.yaml", **TEXTS | {"augment": ["flip"]}))


def test_mixtures_have_shares_of_classes(spec: Spec, monkeypatch: pytest.MonkeyPatch) -> None:
    path = spec(**IMAGES, augment=["mixup"])
    with pytest.raises(SpecError, match="mixup mixes classes, but 'cross_entropy' needs one"):
        monkeypatch.setattr(CrossEntropy, "takes_shares", False)
        compile_spec(path)
    monkeypatch.setattr(CrossEntropy, "takes_shares", True)
    compiled = compile_spec(path)
    make = augmented(compiled, Session(compiled).network)
    assert make is not None
    assert make.targets.shape == (0, 10) and make.targets.dtype == np.float32
    inputs, targets = np.empty((60, 8, 8, 1), np.float32), np.empty((60, 10), np.float32)
    make(1, np.arange(60), inputs, targets)
    np.testing.assert_allclose(targets.sum(axis=1), 1.0, atol=1e-6)
    right = compiled.data.train.codes[:60]
    kept = targets[np.arange(60), right] > 0.5
    np.testing.assert_array_equal(make.codes(targets)[kept], right[kept])
    assert 10 < kept.sum() < 60


def test_faults_have_their_place(spec: Spec) -> None:
    table = spec(augment=["flip", {"rotate": {"degrees": [5, -5]}}])
    with pytest.raises(SpecError) as caught:
        compile_spec(table)
    first, second = caught.value.faults
    assert "flip changes images" in first
    assert "must be [low, high], the lower first" in second


def test_a_misspelt_name_gets_advice(spec: Spec) -> None:
    with pytest.raises(SpecError, match="unknown augmentation 'rotat'; did you mean 'rotate'"):
        compile_spec(spec(**IMAGES, augment=["rotat"]))


def test_a_sample_that_is_repeated_for_balance_is_changed_each_time(
    spec: Spec, tmp_path: Path
) -> None:
    images = np.random.default_rng(0).random((40, 8, 8, 1), dtype=np.float32)
    np.savez(tmp_path / "rare.npz", x=images, y=np.repeat([0, 1], [36, 4]))
    data = {"source": {"npz": "rare.npz"}, "sampling": "balanced", "batch_size": 40}
    compiled = compile_spec(spec(**IMAGES | {"data": data}, augment=[{"rotate": 30}]))
    make = augmented(compiled, Session(compiled).network)
    assert make is not None
    samples = len(compiled.data.train)
    inputs, targets = np.empty((samples, 8, 8, 1), np.float32), np.empty(samples, np.int64)
    with Feed(Batches(compiled.data.train, 40), 0, epochs=1, make=make) as feed:
        feed.fill(1, 0, inputs, targets)
    rare = inputs[targets == 1]
    assert len(rare) == samples // 2 > 4
    assert len({image.tobytes() for image in rare}) == len(rare)
