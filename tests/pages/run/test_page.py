"""The report of a run: what it has for each kind of data, and what a damaged run does to it."""

from __future__ import annotations

import base64
import io
import json
import re
import wave
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from html_page import Page, opened
from PIL import Image
from run_folders import write_folds

import dlrun
from dlrun.errors import DataError
from dlrun.experiment.compile import compile_spec
from dlrun.pages.run.page import run_page
from dlrun.run_directory.directory import RunDirectory

Trained = Callable[..., Path]


def report(path: Path, samples: int | None = None) -> Page:
    return opened(run_page(RunDirectory.open(path), samples))


def said(page: Page, section: str) -> str:
    """The text of a section."""
    return page.texts["section"][page.sections.index(section)]


def test_a_classification(trained: Trained) -> None:
    path = trained()
    page = report(path)
    assert page.sections == [
        "run",
        "scores",
        "curves",
        "confusion",
        "quality",
        "mistakes",
        "filters",
        "activations",
        "gradients",
        "spec",
        "environment",
        "commands",
    ]
    run = dlrun.Run(path)
    assert f"small · {path.name}" in page.texts["title"]
    assert "statedone" in said(page, "run")
    assert page.data["curve-loss"]["series"][1]["y"] == pytest.approx(
        run.metrics["validation.loss"], rel=1e-5
    )
    assert page.data["curve-accuracy"]["y"]["label"] == "accuracy"
    assert {"roc", "precision-recall", "calibration", "curve-lr"} <= page.data.keys()
    accuracy = f"{run.result['metrics']['validation.accuracy']:.4g}"
    assert accuracy in said(page, "scores")
    assert "test set" in said(page, "confusion")
    assert "All 22 validation samples" in said(page, "quality")
    assert "dense_1.kernel" in said(page, "gradients")
    assert "relu_1" in said(page, "activations")
    assert "optimizer.adam.lr" in said(page, "spec")
    assert f"dlrun verify {path}" in said(page, "commands")
    assert str(run._saved.environment()["packages"]["numpy"]) in said(page, "environment")


def test_the_worst_mistakes_are_those_of_the_predictions(trained: Trained) -> None:
    path = trained()
    wrong = round(22 * (1 - dlrun.Run(path).result["metrics"]["validation.accuracy"]))
    assert wrong > 0
    assert f"{wrong} of 22 samples are wrong" in said(report(path), "mistakes")


def test_few_samples(trained: Trained) -> None:
    page = report(trained(), samples=7)
    assert "7 of 22 validation samples, evenly spaced" in said(page, "quality")
    nothing = report(trained(), samples=0)
    assert "--samples 0" in said(nothing, "quality")
    assert "filters" in nothing.sections
    assert "mistakes" not in nothing.sections


def test_a_regression(trained: Trained) -> None:
    page = report(
        trained(
            data={"source": "diabetes", "preprocess": ["standardize"]},
            model=[{"dense": 8}, "relu", {"dense": 1}],
            loss="mse",
            metrics=["mae"],
        )
    )
    assert {"true", "residuals", "errors"} <= page.data.keys()
    points = page.data["true"]["series"][1]
    off = page.data["residuals"]["series"][1]
    assert np.subtract(points["y"], points["x"]) == pytest.approx(off["y"], rel=1e-3, abs=1e-2)
    assert sum(page.data["errors"]["series"][0]["y"]) == len(points["x"]) == 88
    assert "confusion" not in page.sections
    assert "bmi: " in said(page, "mistakes")


def test_padding_is_left_out(trained: Trained, tmp_path: Path) -> None:
    x = np.random.default_rng(0).normal(size=(60, 6, 1))
    y = x + 5
    lengths = np.resize([1, 6, 3], 60)
    padding = np.arange(6) >= lengths[:, None]
    x[padding], y[padding] = 0, -999
    np.savez(tmp_path / "steps.npz", x=x, y=y)
    path = trained(
        data={"source": {"npz": str(tmp_path / "steps.npz")}},
        model=["masking", {"gru": {"units": 4, "output": "sequence"}}, {"dense": 1}],
        loss="mse",
        metrics=["mae", "r2"],
    )
    page, scores = report(path), dlrun.Run(path).result["metrics"]
    points = page.data["true"]["series"][1]
    held = compile_spec(dlrun.Run(path).path / "resolved.yaml").data.rows["validation"]
    assert len(points["x"]) == lengths[held].sum()
    assert min(points["x"]) > 0
    assert f"{scores['validation.r2']:.4g}" in said(page, "quality")
    assert f"{scores['validation.mae']:.4g}" in said(page, "quality")
    assert "padding is left out" in said(page, "quality")
    assert all(float(each) < 100 for each in re.findall(r"error ([0-9.]+)", said(page, "mistakes")))


def test_images_and_a_convolution(trained: Trained) -> None:
    page = report(
        trained(
            data={"source": "digits", "preprocess": ["standardize"], "batch_size": 128},
            model=[
                {"conv": {"filters": 4, "kernel": 3}},
                {"batch_norm": {}},
                "relu",
                "flatten",
                {"dense": "${classes}"},
            ],
            epochs=1,
        )
    )
    alts = [each["alt"] for each in page.of("img")]
    assert "filters of conv_1.kernel" in alts
    assert any(each.startswith("sample ") for each in alts)
    assert "activations of conv_1+batch_norm_1+relu_1" in alts
    assert "batch_norm_1.scale" in said(page, "gradients")


def test_sounds(trained: Trained, tmp_path: Path) -> None:
    random = np.random.default_rng(0)
    for kind in "ab":
        (tmp_path / "sounds" / kind).mkdir(parents=True)
        for number in range(8):
            with wave.open(str(tmp_path / "sounds" / kind / f"{number}.wav"), "wb") as file:
                file.setparams((1, 2, 8000, 0, "NONE", ""))
                file.writeframes(random.integers(-9000, 9000, 2000).astype("<i2").tobytes())
    data = {
        "source": {"audio": str(tmp_path / "sounds")},
        "split": {"validation": 0.5},
        "preprocess": ["log_mel"],
    }
    page = report(trained(data=data, model=["flatten", {"dense": "${classes}"}], epochs=1))
    players = page.of("audio")
    assert players
    content = base64.b64decode(players[0]["src"].partition(",")[2])
    with wave.open(io.BytesIO(content)) as sound:
        assert (sound.getframerate(), sound.getnframes()) == (16_000, 4_000)
    assert str(tmp_path) not in said(page, "mistakes")


def test_texts_labels_and_outputs_with_several_values(trained: Trained, tmp_path: Path) -> None:
    rows = [
        f"{'good' if n % 3 else 'bad'} film <i>{n}</i>,{'yes' if n % 3 else 'no'}"
        for n in range(40)
    ]
    (tmp_path / "texts.csv").write_text("\n".join(["text,label", *rows]) + "\n")
    source = {"text": {"path": str(tmp_path / "texts.csv"), "target": "label"}}
    embedding = {"embedding": {"tokens": "${vocabulary}", "units": 4}}
    page = report(
        trained(
            data={"source": source, "preprocess": [{"tokenize": {"length": 6}}]},
            model=[embedding, "flatten", {"dense": "${classes}"}],
            epochs=1,
        )
    )
    assert "quality" in page.sections
    assert not page.of("i")
    random = np.random.default_rng(1)
    values = random.normal(size=(60, 4)).astype(np.float32)
    np.savez(tmp_path / "tags.npz", x=values, y=(values[:, :3] > 0).astype(np.int64))
    tags = {"npz": {"path": str(tmp_path / "tags.npz"), "task": "multi_label"}}
    page = report(
        trained(
            data={"source": tags},
            model=[{"dense": "${classes}"}],
            loss="binary_cross_entropy",
            epochs=1,
        )
    )
    assert len(page.data["roc"]["series"]) == 1 + 3
    assert page.data["calibration"]["x"]["label"] == "probability of a label"
    assert "samples have a wrong label" in said(page, "mistakes")
    page = report(
        trained(
            data={"source": "digits", "target": "input", "preprocess": ["standardize"]},
            model=["flatten", {"dense": 64}, {"reshape": [8, 8, 1]}],
            loss="mse",
            metrics=[],
            epochs=1,
        )
    )
    assert "Each sample has 64 values" in said(page, "quality")
    assert page.of("img")


def test_an_unfinished_run(own: Path) -> None:
    (own / "result.json").unlink()
    page = report(own)
    epochs = dlrun.Run(own).metrics["epoch"][-1]
    killed = f"killed: no result and no process: it was killed after epoch {epochs:.0f}"
    assert killed in page.texts["body"][0]
    assert "statekilled" in said(page, "run")
    assert {"curves", "quality"} <= set(page.sections)
    (own / "metrics.csv").unlink()
    (own / "confusion.csv").unlink()
    for file in (own / "checkpoints").iterdir():
        file.unlink()
    page = report(own)
    assert "statefailed" in said(page, "run")
    assert "no weights" in said(page, "quality")
    assert "No epoch has ended yet" in said(page, "curves")


def test_data_that_is_gone_or_changed(tmp_path: Path) -> None:
    table = tmp_path / "table.csv"
    random = np.random.default_rng(0)
    rows = [f"{x:.3f},{y:.3f},{'ab'[int(x > 0)]}" for x, y in random.normal(size=(40, 2))]
    table.write_text("\n".join(["x,y,kind", *rows]) + "\n")
    spec = {
        "name": "table",
        "data": {"source": {"csv": {"path": str(table), "target": "kind"}}},
        "model": [{"dense": "${classes}"}],
        "loss": "cross_entropy",
        "epochs": 1,
    }
    run = dlrun.train(spec, runs=tmp_path / "runs").path
    assert "roc" in report(run).data
    table.write_text("\n".join(["x,y,kind", *rows[1:]]) + "\n")
    changed = report(run)
    assert "no longer what the run was trained on" in said(changed, "quality")
    assert "filters" in changed.sections
    table.unlink()
    assert "cannot be read any more" in said(report(run), "quality")


def test_damaged_weights_are_a_reason_and_damaged_scores_an_error(own: Path) -> None:
    file = own / "checkpoints" / f"{dlrun.Run(own).result['weights']}.safetensors"
    file.write_bytes(file.read_bytes()[:-1])
    assert "the file is broken or was changed" in said(report(own), "quality")
    (own / "result.json").write_text("{")
    with pytest.raises(DataError, match=r"result\.json:1:2: not JSON"):
        report(own)


HOSTILE = "</script><script>alert(1)</script><img src=x onerror=alert(2)>"


def test_everything_of_a_stranger_is_escaped(own: Path) -> None:
    def change(name: str, **keys: Any) -> None:
        file = own / name
        file.write_text(json.dumps({**json.loads(file.read_text()), **keys}))

    command = ["dlrun", "train", HOSTILE]
    change("result.json", reason=HOSTILE, metrics={f"validation.{HOSTILE}": 0.5})
    packages = {HOSTILE: HOSTILE}
    change("environment.json", time=HOSTILE, command=command, packages=packages, git=[HOSTILE])
    (own / "confusion.csv").write_text(f'"{HOSTILE}",b\n3,1\n0,2\n')
    (own / "spec.yaml").write_text(f"# {HOSTILE}\n")
    text = (own / "metrics.csv").read_text()
    (own / "metrics.csv").write_text(text.replace("validation.accuracy", f"validation.{HOSTILE}"))
    page = report(own)
    assert [each.get("alt") for each in page.of("img") if "onerror" in each] == []
    assert HOSTILE in said(page, "run")
    assert HOSTILE in said(page, "commands")
    assert page.data[f"curve-{HOSTILE}"]["y"]["label"].startswith("</script>")


def test_names_of_classes_and_files_of_a_stranger(tmp_path: Path) -> None:
    folder = tmp_path / "images"
    for name in ("<b>a", "z&z"):
        (folder / name).mkdir(parents=True)
        for number in range(8):
            pixels = np.full((6, 6), 30 * number, np.uint8)
            Image.fromarray(pixels).save(folder / name / f"<i>{number}.png")
    spec = {
        "name": "pictures",
        "data": {"source": {"images": str(folder)}, "split": {"validation": 0.5}},
        "model": ["flatten", {"dense": "${classes}"}],
        "loss": "cross_entropy",
        "epochs": 1,
    }
    page = report(dlrun.train(spec, runs=tmp_path / "runs").path)
    assert "<b>a" in said(page, "confusion")
    assert ".png" in said(page, "mistakes")
    assert not page.of("i")
    assert next(each["src"][:22] for each in page.of("img")) == "data:image/png;base64,"


def test_the_directory_is_only_read(own: Path) -> None:
    def content() -> dict[str, tuple[bytes, int]]:
        return {
            str(path): (path.read_bytes(), path.stat().st_mtime_ns)
            for path in own.rglob("*")
            if path.is_file()
        }

    before = content()
    report(own)
    assert content() == before


@pytest.mark.parametrize("ended", [True, False])
def test_a_cross_validation_recommends_what_it_can_do(tmp_path: Path, ended: bool) -> None:
    path = write_folds(tmp_path / "runs/folds/a", [(0.5, 0.25), (1.0, 0.75)], ended=ended)
    page = report(path)
    text = said(page, "commands")
    assert "dlrun verify" not in text
    assert "dlrun evaluate" not in text
    assert all(step["command"] in text for step in dlrun.show(path).as_json()["commands"])
    assert "kernels" not in said(page, "environment")
    assert [each["y"] for each in page.data["fold-validation.loss"]["series"]] == [
        [0.5, 0.25],
        [1.0, 0.75],
    ]
    assert ("intervals" in page.sections) == ended


@pytest.mark.slow
def test_folds(tmp_path: Path) -> None:
    from sweeps import SPEC

    data = {**SPEC["data"], "split": {"folds": 3}}
    spec = {**SPEC, "data": data, "epochs": 2}
    found = dlrun.cross_validate(spec, runs=tmp_path / "runs")
    page = report(Path(found.path))
    assert [each["name"] for each in page.data["fold-validation.loss"]["series"]] == [
        "fold-1",
        "fold-2",
        "fold-3",
    ]
    assert "95 % intervals" in said(page, "intervals")
