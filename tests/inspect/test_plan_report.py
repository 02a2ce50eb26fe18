from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from dlrun.errors import InputError, MachineError
from dlrun.experiment.compile import compile_spec
from dlrun.inspect.cost import price
from dlrun.inspect.plan_report import planned
from dlrun.inspect.planned import Planned
from dlrun.nn import kernels
from dlrun.nn.engine import segments
from dlrun.nn.graph import bound
from dlrun.nn.parallel import matmul

Spec = Callable[..., Path]

CNN: dict[str, Any] = {
    "data": {"source": "digits", "batch_size": 60},
    "model": [
        {"conv": {"filters": 6, "kernel": 3}},
        "tanh",
        "batch_norm",
        "relu",
        "max_pool",
        "flatten",
        {"dense": 40},
        {"dense": "${classes}"},
    ],
}


@pytest.fixture
def plan(spec: Spec, monkeypatch: pytest.MonkeyPatch) -> Planned:
    monkeypatch.setenv("DLRUN_THREADS", "3")
    monkeypatch.setenv("DLRUN_KERNELS", "numpy")
    monkeypatch.setattr(segments, "_CHUNK_BYTES", 100_000)
    for module in (matmul, bound):
        monkeypatch.setattr(module, "PIECE", 60 * 96 * 40 / 2.5)
    return planned(compile_spec(spec(**CNN)))


def test_segments_and_what_became_one(plan: Planned) -> None:
    assert [[node.name for node in each.nodes] for each in plan.segments] == [
        ["conv_1", "tanh_1", "batch_norm_1+relu_1+max_pool_1"],
        ["dense_1"],
        ["dense_2"],
    ]
    first = plan.segments[0].nodes
    assert [node.layers for node in first] == [
        ("conv_1",),
        ("tanh_1",),
        ("batch_norm_1", "relu_1", "max_pool_1"),
    ]
    assert [node.phase for node in first] == [0, 0, 1]
    assert [each.number for each in plan.segments] == [0, 1, 2]


def test_chunks_are_all_of_the_batch_and_pieces_cut_what_is_not_chunked(plan: Planned) -> None:
    assert (plan.batch, plan.threads) == (60, 3)
    assert all(sum(each.chunks) == 60 for each in plan.segments)
    assert len(plan.segments[0].chunks) > 1
    assert plan.segments[1].chunks == (60,)
    assert plan.segments[0].nodes[0].pieces == ()
    # Forward in two pieces; backward, its three products in pieces at once: 2 + 2 + 1.
    assert plan.segments[1].nodes[0].pieces == (2, 5)
    assert plan.segments[2].nodes[0].pieces == (1,)


def test_work_is_that_of_the_batch(plan: Planned) -> None:
    nodes = {node.name: node for each in plan.segments for node in each.nodes}
    first = 60 * 8 * 8 * 9 * 6
    assert (nodes["conv_1"].forward, nodes["conv_1"].backward) == (first, first)
    second = 60 * 96 * 40
    assert (nodes["dense_1"].forward, nodes["dense_1"].backward) == (second, 2 * second)
    assert (nodes["tanh_1"].forward, nodes["tanh_1"].backward) == (0, 0)


def test_what_backward_reads_again(plan: Planned) -> None:
    keeps = {node.name: node.keeps for each in plan.segments for node in each.nodes}
    assert keeps["conv_1"] == ("input",)
    assert keeps["tanh_1"] == ("output",)
    pooled = keeps["batch_norm_1+relu_1+max_pool_1"]
    assert set(pooled) == {"input", "mean", "inverse", "total", "where"}


def test_memory_is_that_of_the_plan_and_arrays_share_it(plan: Planned, spec: Spec) -> None:
    assert plan.memory == price(compile_spec(spec(**CNN))).activations
    assert plan.apart == sum(array.bytes for array in plan.arrays) > plan.memory
    assert all(array.offset + array.bytes <= plan.memory for array in plan.arrays)
    names = {node.name for each in plan.segments for node in each.nodes}
    assert {array.of for array in plan.arrays} == names | {"input"}
    assert {array.what for array in plan.arrays} == {"value", "gradient", "scratch", "partial"}
    for one in plan.arrays:
        meeting = [
            other
            for other in plan.arrays
            if other is not one
            and other.offset < one.offset + one.bytes
            and one.offset < other.offset + other.bytes
        ]
        assert one.shares == len(meeting)
    assert any(array.shares for array in plan.arrays)


def test_kernels_and_why(spec: Spec, monkeypatch: pytest.MonkeyPatch) -> None:
    def reason() -> tuple[str, str]:
        found = planned(compile_spec(spec(**CNN)))
        return found.kernels, found.reason

    work = 8 * 8 * 9 * 6 + 96 * 40 + 400
    monkeypatch.delenv("DLRUN_KERNELS", raising=False)
    assert reason() == ("numpy", f"{work:,} multiply-adds per sample are under 50,000")
    monkeypatch.setenv("DLRUN_KERNELS", "numpy")
    assert reason() == ("numpy", "DLRUN_KERNELS selects them")

    def missing() -> kernels.Kernels:
        raise ModuleNotFoundError("No module named 'numba'", name="numba")

    monkeypatch.setattr(kernels, "numba_kernels", missing)
    monkeypatch.setattr(kernels, "_WORTH_LOADING", 1)
    monkeypatch.delenv("DLRUN_KERNELS")
    assert reason() == ("numpy", "Numba is not installed")
    monkeypatch.setenv("DLRUN_KERNELS", "numba")
    with pytest.raises(InputError, match="DLRUN_KERNELS=numba: No module"):
        reason()


@pytest.mark.parametrize("asked", [None, "numba"])
def test_kernels_that_cannot_be_loaded_are_not_replaced(
    spec: Spec, monkeypatch: pytest.MonkeyPatch, asked: str | None
) -> None:
    def short_of_memory() -> kernels.Kernels:
        raise ImportError("libllvmlite.so: failed to map segment from shared object")

    compiled = compile_spec(spec(**CNN))
    monkeypatch.delenv("DLRUN_KERNELS", raising=False)
    if asked is not None:
        monkeypatch.setenv("DLRUN_KERNELS", asked)
    monkeypatch.setattr(kernels, "numba_kernels", short_of_memory)
    monkeypatch.setattr(kernels, "_WORTH_LOADING", 1)
    with pytest.raises(MachineError, match="Numba is installed but cannot be loaded: libllvmlite"):
        planned(compiled)


def test_kernels_of_numba_and_why(spec: Spec, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("numba")
    compiled = compile_spec(spec(**CNN))
    monkeypatch.setenv("DLRUN_KERNELS", "numba")
    found = planned(compiled)
    assert (found.kernels, found.reason) == ("numba", "DLRUN_KERNELS selects them")
    monkeypatch.delenv("DLRUN_KERNELS")
    monkeypatch.setattr(kernels, "_WORTH_LOADING", 1_000)
    assert planned(compiled).reason.endswith(" multiply-adds per sample are at least 1,000")
