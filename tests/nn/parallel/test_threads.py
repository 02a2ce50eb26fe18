"""The pool of threads, and the bits of a training at any number of them."""

from __future__ import annotations

import multiprocessing
import os
import threading
import time
from contextlib import ExitStack
from functools import partial

import numpy as np
import pytest

from dlrun.nn.engine.network import Network
from dlrun.nn.graph.builder import build_graph
from dlrun.nn.initializers.he import HeNormal
from dlrun.nn.kernels import Kernels, numba_kernels, numpy_kernels
from dlrun.nn.layers.activations import GELU, Mish, ReLU
from dlrun.nn.layers.base import Clock, Layer
from dlrun.nn.layers.batch_norm import BatchNorm
from dlrun.nn.layers.conv import Conv
from dlrun.nn.layers.dense import Dense
from dlrun.nn.layers.dropout import Dropout, SpatialDropout
from dlrun.nn.layers.flatten import Flatten
from dlrun.nn.layers.gaussian_noise import GaussianNoise
from dlrun.nn.layers.gru import GRU
from dlrun.nn.layers.lstm import LSTM
from dlrun.nn.layers.masking import Masking
from dlrun.nn.layers.merge import Concatenate, Multiply
from dlrun.nn.layers.node import From, Label
from dlrun.nn.layers.over_time import MeanOverTime
from dlrun.nn.layers.pool import MaxPool
from dlrun.nn.layers.positions import PositionalEmbedding
from dlrun.nn.layers.prelu import PReLU
from dlrun.nn.layers.rnn import RNN
from dlrun.nn.layers.sample_norm import GroupNorm, InstanceNorm, LayerNorm, RMSNorm
from dlrun.nn.layers.softmax import Softmax
from dlrun.nn.layers.transformer_block import TransformerBlock
from dlrun.nn.losses.cross_entropy import CrossEntropy
from dlrun.nn.optimization.updater import Updater
from dlrun.nn.optimizers.adam import Adam
from dlrun.nn.parallel.locks import Exclusive
from dlrun.nn.parallel.threads import Pool, accompanied

# Large enough that every part of a step is cut into several pieces.
NETWORKS: dict[str, tuple[list[Layer], tuple[int, ...]]] = {
    "mlp": ([Dense(units=600), BatchNorm(), ReLU(), Dropout(), Dense(units=10)], (500,)),
    "cnn": (
        [
            *(Conv(filters=8), BatchNorm(), ReLU(), MaxPool(), Conv(filters=16), BatchNorm()),
            *(ReLU(), Flatten(), Dropout(), Dense(units=300), ReLU(), Dense(units=10)),
        ],
        (20, 20, 3),
    ),
    "recurrent": (
        [
            LSTM(units=64, output="sequence", bidirectional=True),
            *(GRU(units=48, output="sequence"), RNN(units=48), Dense(units=10)),
        ],
        (12, 16),
    ),
    "transformer": (
        [
            *(Dense(units=32), ReLU(), Masking(), Dense(units=64), PositionalEmbedding()),
            *(TransformerBlock(heads=4, dropout=0.1), MeanOverTime(), Dense(units=10)),
        ],
        (32, 16),
    ),
    "graph": (
        [
            *(Conv(filters=8), GroupNorm(groups=2), GELU(), Label(name="a"), SpatialDropout()),
            *(Conv(filters=8), LayerNorm(), PReLU(), GaussianNoise(), Label(name="b")),
            *(From(node="a"), InstanceNorm(), Multiply(inputs=("previous", "b"))),
            *(Concatenate(inputs=("a", "previous", "b")), RMSNorm(), Mish(), Softmax()),
            *(Flatten(), Dense(units=10)),
        ],
        (20, 20, 3),
    ),
}
BATCH, STEPS = 96, 4


def trained(name: str, threads: int, kernels: Kernels) -> np.ndarray:
    layers, shape = NETWORKS[name]
    network = Network(build_graph(layers, shape), CrossEntropy(), "float32", kernels, threads)
    network.parameters.initialize(3, HeNormal())
    random = np.random.default_rng(5)
    targets = random.integers(0, 10, BATCH)
    clock = Clock(seed=3)
    plan = network.training_plan(BATCH, targets, clock)
    updater = Updater(Adam(), network)
    for step in range(1, STEPS + 1):
        plan.input[...] = random.normal(size=plan.input.shape)
        clock.step = updater.pace.step = step
        updater.pace.lr = 1e-3
        plan.forward()
        plan.loss()
        plan.backward()
        updater()
    return network.parameters.values


@pytest.mark.parametrize("kernels", [numpy_kernels, numba_kernels])
@pytest.mark.parametrize(
    "name",
    [
        pytest.param(name, marks=[pytest.mark.slow] if name == "transformer" else [])
        for name in NETWORKS
    ],
)
def test_the_number_of_threads_changes_no_bit(name: str, kernels: object) -> None:
    make = kernels()  # type: ignore[operator]
    one = trained(name, 1, make)
    assert np.isfinite(one).all()
    for threads in (2, 3, 4):
        np.testing.assert_array_equal(one, trained(name, threads, make))


@pytest.mark.parametrize("name", NETWORKS)
def test_both_makes_of_kernels_train_alike(name: str) -> None:
    plain, fast = trained(name, 2, numpy_kernels()), trained(name, 2, numba_kernels())
    # Adam's first steps are signs: where a gradient is zero but for rounding, they may differ.
    assert np.mean(np.abs(plain - fast) > 1e-4) < 1e-3


@pytest.mark.parametrize("kernels", [numpy_kernels(), numba_kernels()], ids=["numpy", "numba"])
@pytest.mark.parametrize("threads", [1, 2, 5])
@pytest.mark.parametrize("count", [1, 2, 7, 40])
def test_every_piece_runs_once_before_the_work_is_done(
    threads: int, count: int, kernels: Kernels
) -> None:
    runs = [0] * count

    def piece(number: int) -> None:
        time.sleep(0.0005 * (number % 3))
        runs[number] += 1

    work = Pool(threads, kernels).each([lambda n=n: piece(n) for n in range(count)])
    for times in (1, 2, 3):
        work()
        assert runs == [times] * count


def test_pieces_really_run_at_the_same_time() -> None:
    meeting = threading.Barrier(3, timeout=20)
    Pool(3, numpy_kernels()).each([meeting.wait] * 3)()  # each waits until all three are there


def test_an_error_in_a_piece_reaches_the_caller_and_the_pool_lives_on() -> None:
    pool = Pool(3, numpy_kernels())

    def fail() -> None:
        raise ValueError("piece")

    with pytest.raises(ValueError, match="piece"):
        pool.each([fail, time.perf_counter, fail, time.perf_counter])()
    done: list[int] = []
    pool.each([lambda n=n: done.append(n) for n in range(6)])()
    assert sorted(done) == list(range(6))


def test_a_second_caller_does_its_pieces_itself() -> None:
    pool = Pool(2, numpy_kernels())
    begun, go_on = threading.Event(), threading.Event()

    def wait() -> None:
        begun.set()
        assert go_on.wait(20)

    first = threading.Thread(target=pool.each([wait, wait]))
    first.start()
    assert begun.wait(20)
    done: list[int] = []
    pool.each([lambda n=n: done.append(n) for n in range(5)])()
    assert done == list(range(5))  # in order: nobody helped
    go_on.set()
    first.join(20)
    assert not first.is_alive()


@pytest.mark.skipif(not hasattr(os, "fork"), reason="nothing forks here")
def test_a_forked_child_has_threads_of_its_own() -> None:
    pool, context = Pool(3, numba_kernels()), multiprocessing.get_context("fork")
    done = context.Array("i", 8)

    def piece(number: int) -> None:
        done[number] += 1

    work = pool.each([lambda n=n: piece(n) for n in range(8)])
    work()
    child = context.Process(target=work)
    child.start()
    child.join(60)
    assert child.exitcode == 0
    work()
    assert list(done) == [3] * 8


@pytest.mark.skipif(not hasattr(os, "fork"), reason="nothing forks here")
def test_a_fork_waits_until_nobody_is_in_the_middle_of_something() -> None:
    lock, context = Exclusive(), multiprocessing.get_context("fork")
    inside, leave = threading.Event(), threading.Event()
    left = context.Value("i", 0)

    def hold() -> None:
        with lock:
            inside.set()
            assert leave.wait(20)
            left.value = 1

    def child() -> None:
        with lock:
            os._exit(5 if left.value else 6)

    holder = threading.Thread(target=hold)
    holder.start()
    assert inside.wait(20)
    threading.Timer(0.05, leave.set).start()
    process = context.Process(target=child)
    process.start()
    process.join(60)
    assert process.exitcode == 5
    holder.join(20)
    with lock:  # free here, too
        pass


class Watched:
    """Kernels that count how often a thread waits awake."""

    def __init__(self) -> None:
        self.wait = self
        self.count = 0

    def until(self, flag: np.ndarray, value: int) -> None:
        self.count += 1


@pytest.mark.parametrize(("processors", "others", "awake"), [(2, 0, True), (2, 1, False)])
def test_threads_wait_asleep_if_there_are_not_enough_processors(
    monkeypatch: pytest.MonkeyPatch, processors: int, others: int, awake: bool
) -> None:
    monkeypatch.setattr("dlrun.nn.parallel.threads.processors", lambda: processors)
    watched = Watched()
    done: list[int] = []
    work = Pool(2, watched).each([partial(done.append, number) for number in range(8)])  # type: ignore[arg-type]
    with ExitStack() as company:
        for _ in range(others):
            company.enter_context(accompanied)
        for _ in range(3):
            work()
    assert sorted(done) == sorted([*range(8)] * 3)
    assert (watched.count > 0) == awake
    assert accompanied.others == 0
