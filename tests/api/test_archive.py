"""An archive predicts and scores as its run does, wherever the run and its data are."""

from __future__ import annotations

import json
import pickle
import shutil
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from archives import members_of
from PIL import Image
from safetensors.numpy import load

import dlrun
from dlrun.api.archive import archive, model_card
from dlrun.api.predict import csv_text
from dlrun.api.run import Run
from dlrun.errors import DataError, MachineError
from dlrun.run_directory.archive.write import packed

Spec = Callable[..., Path]


def table(folder: Path) -> Path:
    rows = [f"{n}.5,{['red', 'blue', ''][n % 3]},{n * n % 5},{(n % 7) / 3}\n" for n in range(60)]
    (folder / "t.csv").write_text("size,colour,kind,number\n" + "".join(rows))
    return folder / "t.csv"


def texts(folder: Path) -> Path:
    rows = [f'"It is {n % 5}, {["so", "not so"][n % 2]} big",{n % 2}\n' for n in range(40)]
    (folder / "texts.csv").write_text("text,label\n" + "".join(rows))
    return folder / "texts.csv"


def arrays(folder: Path) -> Path:
    x = (np.arange(40 * 6) % 251).astype(np.uint8).reshape(40, 2, 3)
    np.savez(folder / "a.npz", x=x, y=np.arange(40) % 3)
    return folder / "a.npz"


def photos(folder: Path) -> Path:
    for number in range(16):
        path = folder / "photos" / "ab"[number % 2] / f"{number}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(np.full((3, 4), 9 * number, np.uint8)).save(path)
    return folder / "photos"


_CSV = {"path": "t.csv", "target": "kind", "task": "classification"}
_STEPS = ["impute", {"one_hot": {"unknown": "ignore"}}, "standardize"]
CASES: dict[str, tuple[Callable[[Path], Path], dict[str, Any]]] = {
    "table, averaged": (
        table,
        {
            "data": {"source": {"csv": _CSV}, "preprocess": _STEPS},
            "model": [{"dense": 6}, "batch_norm", "tanh", {"dense": "${classes}"}],
            "average": {"ema": 0.9},
        },
    ),
    "balanced": (
        table,
        {
            "data": {"source": {"csv": _CSV}, "preprocess": _STEPS},
            "loss": {"cross_entropy": {"weights": "balanced", "label_smoothing": 0.1}},
        },
    ),
    "regression, scaled": (
        table,
        {
            "data": {
                "source": {"csv": {"path": "t.csv", "target": "number", "task": "regression"}},
                "preprocess": _STEPS,
                "target_scaling": "standardize",
            },
            "model": [{"dense": 4}, "relu", {"dense": 1}],
            "loss": "mse",
            "metrics": ["r2"],
        },
    ),
    "autoencoder": (
        table,
        {
            "data": {"source": {"csv": _CSV}, "preprocess": _STEPS, "target": "input"},
            "model": [{"dense": 2}, {"dense": "${features}"}],
            "loss": "mse",
            "metrics": [],
        },
    ),
    "autoencoder of arrays": (
        arrays,
        {
            "data": {"source": {"npz": "a.npz"}, "target": "input"},
            "model": ["flatten", {"dense": 2}, {"dense": 6}, {"reshape": [2, 3, 1]}],
            "loss": "mse",
            "metrics": [],
        },
    ),
    "arrays": (
        arrays,
        {"data": {"source": {"npz": "a.npz"}}, "model": ["flatten", {"dense": "${classes}"}]},
    ),
    "texts": (
        texts,
        {
            "data": {"source": {"text": "texts.csv"}, "preprocess": [{"tokenize": 6}]},
            "model": [
                {"embedding": {"units": 4, "tokens": "${vocabulary}", "padding": 0}},
                {"lstm": 4},
                {"dense": 1},
            ],
            "loss": {"binary_cross_entropy": {"positive_weight": "balanced"}},
        },
    ),
    "photos": (
        photos,
        {
            "data": {"source": {"images": {"path": "photos", "mode": "grayscale"}}},
            "model": ["flatten", {"dense": "${classes}"}],
            "loss": {"focal": {"alpha": "balanced"}},
        },
    ),
}


def trained(spec: Spec, folder: Path, case: str) -> tuple[Run, Path]:
    """A run, and its file of data."""
    write, keys = CASES[case]
    file = write(folder)
    data = {"split": {"validation": 0.25}, **keys["data"]}
    run = dlrun.train(spec(**{"epochs": 2, **keys, "data": data}), runs=folder / "runs")
    return run, file


@pytest.mark.parametrize("case", CASES)
def test_it_predicts_and_scores_as_its_run_does(
    spec: Spec, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, case: str
) -> None:
    """Bit-identical, without the run and the data."""
    monkeypatch.setenv("DLRUN_CACHE", str(tmp_path / "cache"))
    run, file = trained(spec, tmp_path, case)
    monkeypatch.chdir(tmp_path)
    name = file.name

    def known(path: Path) -> tuple[object, ...]:
        run = Run(path)
        tables = [*csv_text(path, name, print)], run.predict_file(name)
        return (*tables, run.evaluate(name), run.metrics, run.result, run.classes)

    expected = known(run.path)
    made = archive(run.path, tmp_path / "a.zip")
    shutil.rmtree(tmp_path / "runs")
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    file.rename(elsewhere / name)
    monkeypatch.chdir(elsewhere)
    assert known(made) == expected
    copy = pickle.loads(pickle.dumps(Run(made)))
    assert copy.predict_file(name) == expected[1]


def test_arrays_are_predicted_alike(spec: Spec, tmp_path: Path) -> None:
    run = dlrun.train(spec(), runs=tmp_path / "runs")
    x = np.random.default_rng(0).normal(size=(50, 2))
    made = dlrun.archive(run.path, tmp_path / "a.zip")
    assert dlrun.Run(made).predict(x).tobytes() == run.predict(x).tobytes()
    with pytest.raises(DataError, match="an archive contains no data; name a file to score"):
        dlrun.evaluate(made)
    for refused in (dlrun.resume, dlrun.verify, dlrun.archive):
        with pytest.raises(DataError, match=r"a\.zip: an archive, with which you can predict and"):
            refused(made)
    for other in (dlrun.show, dlrun.tag, dlrun.watch, dlrun.report):
        with pytest.raises(DataError, match=r"a\.zip: an archive, with which you can predict and"):
            other(made)
    for several in (dlrun.diff, dlrun.compare):
        with pytest.raises(DataError, match="name the run directory that it was made from"):
            several(run.path, made)


def test_short_names_lead_to_the_run(
    spec: Spec, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An archive is found by its path, next to runs that have other names."""
    monkeypatch.chdir(tmp_path)
    run = dlrun.train(spec(), runs="runs")
    x = np.random.default_rng(0).normal(size=(5, 2))
    made = dlrun.archive("latest")
    assert dlrun.archive(run, "b.zip").read_bytes() == made.read_bytes()
    predictions = [Run(name).predict(x).tobytes() for name in ("latest", "small@best", "b.zip")]
    assert len({*predictions}) == 1
    assert repr(Run("b.zip")) == "Run('b.zip': archive, done, 3 epochs)"
    assert "archive" in Run("b.zip")._repr_html_()
    opened = Run("b.zip")
    Path("b.zip").unlink()
    assert repr(opened) == "Run('b.zip')"


def test_the_same_run_leads_to_the_same_bytes(
    spec: Spec, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    run = dlrun.train(spec(), runs="runs")
    made = dlrun.archive(run.path)
    assert made == Path(f"small-{run.path.name}.zip")
    first = made.read_bytes()
    with pytest.raises(DataError, match="exists already; use --force"):
        dlrun.archive(run.path)
    assert dlrun.archive(run.path, force=True).read_bytes() == first
    copy = shutil.copytree(run.path, tmp_path / "copy" / "small" / run.path.name)
    assert dlrun.archive(copy, "b.zip").read_bytes() == first
    assert dlrun.archive(run.path, "c.zip", license="MIT").read_bytes() != first


def test_the_default_name_is_that_of_the_experiment_or_study(
    spec: Spec, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    data = {"source": "moons", "split": {"folds": 2}}
    folds = dlrun.cross_validate(spec(data=data, epochs=1), runs="runs")
    made = dlrun.archive(folds.path / "fold-1")
    assert made == Path(f"small-{folds.path.name}-fold-1.zip")
    card = members_of(made.read_bytes())["card.md"].decode()
    assert f"- run: {folds.path.name}/fold-1" in card.splitlines()
    (tmp_path / "sweep.yaml").write_text(
        "name: widths\nspec: spec.yaml\nsearch: grid\n"
        "objective: {minimize: validation.loss}\nspace: {epochs: [1, 2]}\n"
    )
    spec(epochs=1)
    dlrun.tune("sweep.yaml", jobs=1)
    name, _, run_id = dlrun.archive("widths@best").stem.partition("-")
    assert (name, Path("studies/widths/trials", run_id).is_dir()) == ("widths", True)


def test_the_default_name_of_a_moved_run_is_that_of_its_experiment(
    spec: Spec, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    run = dlrun.train(spec(name="tiny")).path
    run.rename(tmp_path / "trained")
    assert dlrun.archive("trained").name == "tiny-trained.zip"
    assert "<title>tiny · trained" in dlrun.report("trained")


def test_it_contains_what_a_colleague_needs_and_no_training_state(
    spec: Spec, tmp_path: Path
) -> None:
    run = dlrun.train(spec(early_stopping=None), runs=tmp_path / "runs")
    assert run.result["weights"] == "last"
    found = members_of(dlrun.archive(run.path, tmp_path / "a.zip").read_bytes())
    for name in ("spec.yaml", "resolved.yaml", "environment.json", "result.json", "metrics.csv"):
        assert found[name] == (run.path / name).read_bytes()
    assert {*load(found["weights.safetensors"])} == {
        "dense_1.kernel",
        "dense_1.bias",
        "dense_2.kernel",
        "dense_2.bias",
        "preprocess.0.shift",
        "preprocess.0.scale",
    }


def test_the_card_is_shown_and_every_checksum_compared(spec: Spec, tmp_path: Path) -> None:
    run = dlrun.train(spec(), runs=tmp_path / "runs")
    made = dlrun.archive(run.path, tmp_path / "a.zip", license="CC BY 4.0")
    card, checksums = model_card(made)
    assert card.startswith("# small\n") and "- license: CC BY 4.0\n" in card
    assert len(checksums) == 7
    with pytest.raises(DataError, match="no such file"):
        model_card(tmp_path / "b.zip")


def test_what_cannot_be_archived(spec: Spec, tmp_path: Path) -> None:
    run = dlrun.train(spec(), runs=tmp_path / "runs")
    out = tmp_path / "a.zip"
    folds = dlrun.cross_validate(
        spec(data={"source": "moons", "split": {"folds": 2}}, epochs=1), runs=tmp_path / "folds"
    )
    with pytest.raises(DataError, match="a cross-validation, not one training"):
        archive(folds.path, out)
    assert Run(archive(folds.path / "fold-1", tmp_path / "fold.zip")).classes == ("0", "1")
    (run.path / "checkpoints" / "last.safetensors").unlink()
    with pytest.raises(DataError, match=r"has no last weights \(trained epochs: 3\)"):
        archive(run.path, out)
    (run.path / "result.json").unlink()
    with pytest.raises(DataError, match="the run is unfinished"):
        archive(run.path, out)
    assert not out.exists()


def test_a_balanced_loss_without_its_data(
    spec: Spec, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The archive predicts, and evaluate explains why it does not score."""
    run, file = trained(spec, tmp_path, "balanced")
    answers = run.predict_file(str(file))
    content = file.read_text()
    changed = content.replace("0.5,red,0,", "0.5,red,1,")
    for text in (None, changed):
        file.unlink() if text is None else file.write_text(text)
        notes: list[str] = []
        made = archive(run.path, tmp_path / "a.zip", force=True, tell=notes.append)
        (note,) = notes
        assert "can predict but not be scored: cross_entropy has weights: balanced" in note
        file.write_text(content)
        assert Run(made).predict_file(str(file)) == answers
        with pytest.raises(DataError, match="cannot be scored: cross_entropy has weights"):
            Run(made).evaluate(str(file))

    def failing(*_: object) -> None:
        raise MachineError("the disk failed")

    monkeypatch.setattr("dlrun.inference.archive_members.own_parts", failing)
    with pytest.raises(MachineError):
        archive(run.path, tmp_path / "b.zip")
    assert not (tmp_path / "b.zip").exists()


FORGED = {
    "loss.json": [
        b"{}",
        b'{"gamma": [1]}',
        b'{"weights": 1}',
        b'{"weights": "balanced"}',
        b'{"weights": [1]}',
        b'{"weights": [1, 1, 1, 1, -1]}',
        b'{"weights": ["a", 1, 1, 1, 1]}',
        b'{"weights": [[1], 1, 1, 1, 1]}',
    ],
    "result.json": [b"{}", b"[]"],
    "resolved.yaml": [b"", b"[]", b"name: [", b"name: x\nmodel: [dense: 1]\n", b"\xff"],
    "weights.safetensors": [b"", b"\xff" * 20],
}


@pytest.mark.parametrize("name", FORGED)
def test_forged_members_are_one_line_each(spec: Spec, tmp_path: Path, name: str) -> None:
    """With the right checksums."""
    run, file = trained(spec, tmp_path, "balanced")
    members = members_of(archive(run.path, tmp_path / "a.zip").read_bytes())
    for content in FORGED[name]:
        (tmp_path / "b.zip").write_bytes(packed({**members, name: content}))
        with pytest.raises(dlrun.errors.InputError) as raised:  # type: ignore[attr-defined]
            Run(tmp_path / "b.zip").evaluate(str(file))
        for line in raised.value.lines():
            assert "b.zip" in line and "\n" not in line


@pytest.mark.parametrize(
    "change",
    [
        {"classes": ["0", "1"]},
        {"classes": None},
        {"classes": 3},
        {"task": "regression"},
        {"source_shape": "x"},
        {"source_shape": [-1]},
        {"columns": [{"name": 1}]},
        {"sample_shape": [10**9]},
        {"sample_shape": []},
    ],
    ids=str,
)
def test_forged_metadata_is_one_line(spec: Spec, tmp_path: Path, change: dict[str, Any]) -> None:
    """Classes that the network does not have would be read beyond an array."""
    from dlrun.run_directory.tensor_file import parsed, serialized
    from dlrun.run_directory.weights import everything

    run, file = trained(spec, tmp_path, "table, averaged")
    members = members_of(archive(run.path, tmp_path / "a.zip").read_bytes())
    arrays, metadata = parsed(members["weights.safetensors"], "", everything)
    members["weights.safetensors"] = serialized(arrays, {**metadata, **change})
    (tmp_path / "a.zip").write_bytes(packed(members))
    for use in (Run(tmp_path / "a.zip").evaluate, Run(tmp_path / "a.zip").predict_file):
        with pytest.raises(dlrun.errors.InputError) as raised:  # type: ignore[attr-defined]
            use(str(file))
        assert len(raised.value.lines()) == 1


def test_the_spec_in_it_runs_no_code(spec: Spec, tmp_path: Path) -> None:
    run = dlrun.train(spec(), runs=tmp_path / "runs")
    members = members_of(archive(run.path, tmp_path / "a.zip").read_bytes())
    evil = tmp_path / "evil.py"
    evil.write_text(f"open({str(tmp_path / 'ran')!r}, 'w')")
    named = json.dumps([str(evil)]).encode()
    members["resolved.yaml"] = members["resolved.yaml"].replace(
        b"plugins: []", b"plugins: " + named
    )
    (tmp_path / "a.zip").write_bytes(packed(members))
    there = Run(tmp_path / "a.zip")
    assert there.plugins == (str(evil),)
    with warnings.catch_warnings(action="ignore"):
        there.predict([[0.0, 1.0]])
    model_card(tmp_path / "a.zip")
    assert not (tmp_path / "ran").exists()
