from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest
from profiled import trained

from dlrun.inspect.profile import Profile
from dlrun.inspect.profiler import Profiler
from dlrun.launch.training import Training
from dlrun.nn.engine.probe import Probe

Spec = Callable[..., Path]

STEPS = 2 * 9


def test_no_bit_of_a_result_changes(both: tuple[Training, Training]) -> None:
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


def test_a_probe_that_does_not_watch_gives_everything_back() -> None:
    def work() -> float:
        return 0.0

    works: list[Callable[[], None]] = [lambda: None]
    probe = Probe()
    assert probe.loss(work) is work
    assert probe.part("optimizer") is probe.part("metrics")  # nothing is made in a step
    assert probe.segment(works) is works
    assert probe.pieces(sorted) is sorted  # type: ignore[arg-type]


def test_a_training_that_fails_at_once_has_a_profile(spec: Spec, tmp_path: Path) -> None:
    found = trained(spec(optimizer={"sgd": {"lr": 1e38}}), tmp_path, Profiler()).profile
    assert found is not None
    assert found.steps == 0
    assert sum(row.share for row in found.rows) == pytest.approx(1)
