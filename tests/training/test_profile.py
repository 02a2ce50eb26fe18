from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from dlrun import api
from dlrun.nn import layout, products
from dlrun.nn.layers import dense
from dlrun.nn.probe import UNWATCHED, Probe
from dlrun.training import profile as module
from dlrun.training.profile import Profile, Profiler

Spec = Callable[..., Path]

CNN: dict[str, Any] = {
    "data": {"source": "digits", "split": {"validation": 0.5}, "batch_size": 100},
    "model": [
        {"conv": {"filters": 6, "kernel": 3}},
        "batch_norm",
        "relu",
        {"residual": {"layers": [{"conv": {"filters": 6, "kernel": 3}}, "tanh"]}},
        "max_pool",
        "flatten",
        {"dropout": 0.2},
        {"dense": "${classes}"},
    ],
    "epochs": 2,
}
STEPS = 2 * 9


def trained(path: Path, folder: Path, probe: Probe) -> api.Training:
    with api.start(path, runs=folder, probe=probe) as training:
        for _ in training.events():
            pass
        training.finish()
    return training


@pytest.fixture(scope="module", params=["one piece", "many pieces"])
def both(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> tuple[api.Training, api.Training]:
    """The same training, unwatched and watched."""
    folder = tmp_path_factory.mktemp("profile")
    path = folder / "spec.yaml"
    path.write_text(json.dumps({"name": "small", "loss": "cross_entropy", **CNN}))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DLRUN_THREADS", "3")
        patch.setenv("DLRUN_KERNELS", "numpy")
        if request.param == "many pieces":
            patch.setattr(layout, "_CHUNK_BYTES", 20_000)
            patch.setattr(products, "PIECE", 1e3)
            patch.setattr(dense, "PIECE", 1e3)
        return trained(path, folder, UNWATCHED), trained(path, folder, Profiler())


@pytest.fixture
def profile(both: tuple[api.Training, api.Training]) -> Profile:
    found = both[1].profile
    assert found is not None
    return found


def test_no_bit_of_a_result_changes(both: tuple[api.Training, api.Training]) -> None:
    plain, watched = (training.directory for training in both)
    for name in ("last", "best"):
        file = Path("checkpoints") / f"{name}.safetensors"
        assert (plain.path / file).read_bytes() == (watched.path / file).read_bytes()
    columns = plain.metrics(), watched.metrics()
    for name in columns[0].keys() - {"seconds"}:
        assert columns[0][name] == columns[1][name]
    assert both[0].profile is None
    assert not plain.profile.exists()


def test_every_layer_has_its_rows_in_order(profile: Profile) -> None:
    layers = [(row.part, row.direction) for row in profile.rows if row.direction]
    names = [
        *("conv_1", "batch_norm_1+relu_1", "conv_2", "tanh_1", "add_1"),
        *("max_pool_1", "dropout_1", "dense_1"),
    ]
    assert layers == [(name, way) for name in names for way in ("forward", "backward")]
    assert profile.steps == STEPS - 1
    assert {row.calls for row in profile.rows if row.direction} == {STEPS - 1}
    assert profile.threads == 3


def test_the_rows_are_all_of_the_time(profile: Profile) -> None:
    others = Counter({row.part: row.calls for row in profile.rows if not row.direction})
    expected = {"first step": 1, "setup": 4, "plots": 1, "final scores": 1, "rest": 1}
    each_step = dict.fromkeys(("gather", "loss", "optimizer", "metrics"), STEPS - 1)
    assert others == {**expected, **each_step, "validation": 2, "files": others["files"]}
    assert sum(row.seconds for row in profile.rows) == pytest.approx(profile.seconds)
    assert sum(row.share for row in profile.rows) == pytest.approx(1)
    assert all(row.seconds >= 0 for row in profile.rows)


def test_products_have_a_speed_and_a_layer_its_threads(profile: Profile) -> None:
    for row in profile.rows:
        counted = row.part.startswith(("conv", "dense")) and row.direction != ""
        assert (row.gflops is not None) == counted
        if row.threads is not None:
            assert 0 < row.threads <= 3.001
        assert (row.threads is None) == (row.direction == "")


def test_operations_are_those_of_the_shapes(profile: Profile) -> None:
    """The last batch of an epoch is smaller; the first step does not count."""
    samples = 2 * 899 - 100
    rows = {(row.part, row.direction): row for row in profile.rows}

    def operations(part: str, way: str) -> float:
        row = rows[part, way]
        assert row.gflops is not None
        return row.gflops * row.seconds * 1e9

    first, dense_ = 8 * 8 * 9 * 6, 4 * 4 * 6 * 10
    assert operations("conv_1", "forward") == pytest.approx(2 * samples * first)
    assert operations("conv_1", "backward") == pytest.approx(2 * samples * first)
    assert operations("dense_1", "forward") == pytest.approx(2 * samples * dense_)
    assert operations("dense_1", "backward") == pytest.approx(4 * samples * dense_)


def test_the_trace_has_a_row_a_thread_on_which_nothing_crosses(profile: Profile) -> None:
    events = profile.trace["traceEvents"]
    names = {each["tid"]: each["args"]["name"] for each in events if each["ph"] == "M"}
    spans = [each for each in events if each["ph"] == "X"]
    assert {each["tid"] for each in spans} <= set(names)
    assert names[0] == "main thread"
    assert {"conv_1 forward", "dense_1 backward", "loss", "gather"} <= {s["name"] for s in spans}
    rows = defaultdict(list)
    for span in spans:
        rows[span["tid"]].append((span["ts"], -span["dur"]))
    for row in rows.values():
        open_until: list[float] = []
        for start, negative in sorted(row):
            while open_until and open_until[-1] <= start + 2e-3:
                open_until.pop()
            stop = start - negative
            assert not open_until or stop <= open_until[-1] + 2e-3
            open_until.append(stop)


def test_the_trace_is_bounded(spec: Spec, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_TRACED_STEPS", 3)
    found = trained(spec(**{**CNN, "epochs": 4}), tmp_path / "few", Profiler()).profile
    assert found is not None
    named = Counter(each["name"] for each in found.trace["traceEvents"])
    assert named["loss"] == 3
    monkeypatch.setattr(module, "_MOST_SPANS", 10)
    found = trained(spec(**CNN), tmp_path / "fewer", Profiler()).profile
    assert found is not None
    assert sum(each["ph"] == "X" for each in found.trace["traceEvents"]) == 10


def test_a_probe_that_does_not_watch_gives_everything_back() -> None:
    def work() -> None:
        return None

    works = [work]
    probe = Probe()
    assert probe.part("loss", work) is work
    assert probe.segment(works) is works
    assert probe.pieces(sorted) is sorted  # type: ignore[arg-type]


def test_a_training_that_fails_at_once_has_a_profile(spec: Spec, tmp_path: Path) -> None:
    found = trained(spec(optimizer={"sgd": {"lr": 1e38}}), tmp_path, Profiler()).profile
    assert found is not None
    assert found.steps == 0
    assert sum(row.share for row in found.rows) == pytest.approx(1)
