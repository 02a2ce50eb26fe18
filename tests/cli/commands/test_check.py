from __future__ import annotations

import json
import math
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

Dlrun = Callable[..., subprocess.CompletedProcess[str]]
Spec = Callable[..., Path]


def test_the_network_layer_by_layer(dlrun: Dlrun, spec: Spec, tmp_path: Path) -> None:
    result = dlrun("check", spec())
    cells = [line.split() for line in result.stdout.splitlines()]
    assert (result.returncode, result.stderr) == (0, "")
    assert cells[0] == ["small", "samples:", "train", "66,", "validation", "22,", "test", "22"]
    assert ["input", "2"] in cells
    assert ["dense_1", "8", "24", "16"] in cells
    assert ["dense_2", "3", "27", "24"] in cells
    assert ["total", "51", "40"] in cells
    assert result.stdout.splitlines()[-1].startswith("memory of training in batches of 16: ")
    assert [each.name for each in tmp_path.iterdir()] == ["spec.yaml"]


def test_a_network_that_does_not_fit_is_said(dlrun: Dlrun, spec: Spec) -> None:
    result = dlrun("check", spec(model=[{"dense": 10**12}, {"dense": "${classes}"}]))
    assert result.returncode == 0
    assert "GiB of memory, most of it for dense_1, but" in result.stdout.splitlines()[-1]


def test_overrides_count(dlrun: Dlrun, spec: Spec) -> None:
    result = dlrun("check", spec(), "model.0.dense.units=100", "data.batch_size=1000")
    assert ["dense_1", "100", "300", "200"] in [line.split() for line in result.stdout.splitlines()]
    assert "memory of training in batches of 66: " in result.stdout


def test_explain_says_where_each_value_is_from(dlrun: Dlrun, spec: Spec) -> None:
    result = dlrun("check", spec(), "--explain", "optimizer.adam.lr=0.5")
    lines = result.stdout.splitlines()
    assert "optimizer.adam.lr = 0.5   # override optimizer.adam.lr=0.5" in lines
    assert "optimizer.adam.beta1 = 0.9   # default" in lines
    (units,) = (line for line in lines if line.startswith("model.2.dense.units"))
    assert units.endswith("(${classes}: data)")
    (seed,) = (line for line in lines if line.startswith("seed"))
    assert seed.partition("   # ")[2].endswith("spec.yaml:3:11")


def test_json_says_the_same(dlrun: Dlrun, spec: Spec) -> None:
    found = json.loads(dlrun("check", spec(), "--json").stdout)
    assert found["spec"]["model"][2]["dense"]["units"] == 3
    assert found["input"] == [2]
    assert [(each["name"], each["parameters"]) for each in found["layers"]] == [
        ("dense_1", 24),
        ("relu_1", 0),
        ("dense_2", 27),
    ]
    assert found["monitor"] == "validation.loss"
    assert all(size > 0 for size in found["memory"].values())
    assert "origins" not in found


def test_json_explains(dlrun: Dlrun, spec: Spec) -> None:
    found = json.loads(dlrun("check", spec(), "--json", "--explain").stdout)
    origins = {each["key"]: each for each in found["origins"]}
    assert origins["epochs"]["value"] == 3
    assert origins["max_time"] == {"key": "max_time", "value": None, "origin": "default"}


def test_the_plan_of_a_step(dlrun: Dlrun, spec: Spec) -> None:
    model = [{"dense": 8}, "relu", {"dropout": 0.1}, "batch_norm", "relu", {"dense": "${classes}"}]
    arguments = ("check", "--plan", spec(model=model))
    result = dlrun(*arguments, DLRUN_THREADS="2", DLRUN_KERNELS="numpy")
    assert (result.returncode, result.stderr) == (0, "")
    lines = result.stdout.splitlines()
    assert "plan of a step of 16  threads 2" in lines
    assert "kernels of numpy: DLRUN_KERNELS selects them" in lines
    cells = [line.split() for line in lines]
    rows = {each[1]: each for each in cells if len(each) > 4 and each[0][0].isdecimal()}
    first = ["0", "dense_1", "1", "x", "16", "1", "input", "256", "256", "1", "KiB"]
    assert rows["dense_1"] == first
    assert rows["relu_1"][:2] == ["1", "relu_1"]
    assert rows["batch_norm_1+relu_2"][:2] == ["1.1", "batch_norm_1+relu_2"]
    (memory,) = (line for line in lines if line.startswith("memory: "))
    assert ", without sharing " in memory
    assert "value of dense_1  16 x 8  512 B" in result.stdout


def test_the_plan_as_json(dlrun: Dlrun, spec: Spec) -> None:
    found = json.loads(dlrun("check", "--plan", "--json", spec()).stdout)
    plan = found["plan"]
    assert plan["batch"] == 16
    assert [node["name"] for each in plan["segments"] for node in each["nodes"]] == [
        "dense_1",
        "relu_1",
        "dense_2",
    ]
    assert plan["memory"] == found["memory"]["activations"] < plan["apart"]
    assert {"what", "of", "shape", "dtype", "offset", "bytes", "shares"} == plan["arrays"][0].keys()
    assert "plan" not in json.loads(dlrun("check", "--json", spec()).stdout)


def test_a_network_larger_than_any_memory_is_priced(dlrun: Dlrun, spec: Spec) -> None:
    result = dlrun(
        "check", spec(model=[{"dense": 10**7}, {"dense": 10**7}, {"dense": 3}]), "--json"
    )
    weights = json.loads(result.stdout)["memory"]["weights"]
    assert math.isclose(weights, 2 * 4 * (10**14 + 7 * 10**7), rel_tol=1e-6)


def test_a_narrow_terminal_cuts_no_number(dlrun: Dlrun, spec: Spec) -> None:
    narrow = dlrun("check", spec(), COLUMNS="30").stdout
    wide = dlrun("check", spec(), COLUMNS="200").stdout
    assert [line.split() for line in narrow.splitlines() if "─" not in line] == [
        line.split() for line in wide.splitlines() if "─" not in line
    ]


FAULTS = {
    "a misspelt key": (
        {"optimiser": "adam"},
        "the spec has no key 'optimiser'; did you mean 'optimizer'?",
    ),
    "a misspelt layer": ({"model": ["densee"]}, "did you mean 'dense'?"),
    "a file that is not there": (
        {"data": {"source": {"csv": {"path": "gone.csv", "target": "y"}}}},
        "gone.csv: ",
    ),
    "too few outputs": (
        {"model": [{"dense": 2}]},
        "cross_entropy needs (3,), one output per class, got (2,)",
    ),
    "a loss for other data": ({"loss": "mse"}, "mse"),
    "a metric for other data": (
        {"metrics": ["accuracy", "r2"]},
        "'r2' scores regression; the data is classification",
    ),
    "a metric twice": (
        {"metrics": ["accuracy", "accuracy"]},
        "'accuracy' is listed twice; remove one",
    ),
    "a monitor that is not": (
        {"early_stopping": {"monitor": "validation.acuracy"}},
        "cannot monitor 'validation.acuracy'; did you mean 'validation.accuracy'?",
    ),
    "a monitor without its part": (
        {
            "data": {"source": "iris", "split": {"validation": 0}},
            "early_stopping": {"monitor": "validation.loss"},
        },
        "cannot monitor 'validation.loss'; ",
    ),
    "a layer for images": (
        {"model": [{"conv": {"filters": 4, "kernel": 3}}, "flatten", {"dense": "${classes}"}]},
        "conv needs (height, width, channels) or (length, channels), got (2,)",
    ),
    "a wrong type": ({"epochs": "many"}, "'epochs' "),
    "a parameter that is not": (
        {"params": {"width": 4}, "model": [{"dense": "${widht}"}, {"dense": 3}]},
        "did you mean 'width'?",
    ),
    "too much validation": (
        {"data": {"source": "iris", "split": {"validation": 0.6, "test": 0.5}}},
        "leave no samples for training",
    ),
    "no layer": ({"model": []}, "'model' "),
    "a name that is no folder": ({"name": "a/b"}, "'name' "),
    "a duration in words": ({"max_time": "two hours"}, "must be a duration such as 90s"),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_is_one_line_with_its_place(dlrun: Dlrun, spec: Spec, fault: str) -> None:
    keys, words = FAULTS[fault]
    path = spec(**keys)
    result = dlrun("check", path)
    (line,) = result.stderr.splitlines()
    assert (result.returncode, result.stdout) == (2, "")
    assert line.startswith(f"{path}:")
    assert words in line


def test_all_faults_at_once_in_the_order_of_the_file(dlrun: Dlrun, spec: Spec) -> None:
    path = spec(
        model=[{"dense": 2}],
        metrics=["accuracy", "mae"],
        early_stopping={"monitor": "validation.mse", "patience": 3},
    )
    lines = dlrun("check", path).stderr.splitlines()
    numbers = [int(line.removeprefix(f"{path}:").split(":")[0]) for line in lines]
    assert len(lines) == 3
    assert numbers == sorted(numbers)


def test_notes_on_the_data_are_printed_with_the_errors(
    dlrun: Dlrun, spec: Spec, tmp_path: Path
) -> None:
    for number in range(9):
        file = tmp_path / "photos" / "ab"[number % 2] / f"{number}.pgm"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(b"P5 1 1 255\n" + bytes((number,)))
    (tmp_path / "photos" / "a" / "link.png").symlink_to(tmp_path / "nothing.png")
    source = {"images": {"path": "photos", "on_error": "skip"}}
    data = {"source": source, "split": {"validation": 0.25}}
    result = dlrun("check", spec(data=data, model=["flatten", {"dense": 2}], metrics=["mae"]))
    note, error = result.stderr.splitlines()
    assert result.returncode == 2 and "'mae'" in error
    assert "1 of 10 images left out: photos/a/link.png (a link to a file that does not" in note
