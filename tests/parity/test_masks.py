"""Losses over valid steps, and layers that leave padding out: values and gradients."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
import torch
import torch.nn.functional as F  # noqa: N812

from dlrun.nn.engine.network import Network
from dlrun.nn.graph.builder import build_graph
from dlrun.nn.initializers.normal import Normal
from dlrun.nn.kernels import Kernels, numba_kernels, numpy_kernels
from dlrun.nn.layers.base import Clock, Layer, Tensor
from dlrun.nn.layers.conv import Conv
from dlrun.nn.layers.dense import Dense
from dlrun.nn.layers.embedding import Embedding
from dlrun.nn.layers.masking import Masking
from dlrun.nn.layers.over_time import MeanOverTime
from dlrun.nn.layers.pool import AveragePool, MaxPool
from dlrun.nn.losses.base import Loss, bind_masked
from dlrun.nn.losses.binary_cross_entropy import BinaryCrossEntropy
from dlrun.nn.losses.cross_entropy import CrossEntropy
from dlrun.nn.losses.huber import Huber
from dlrun.nn.losses.mae import MeanAbsoluteError
from dlrun.nn.losses.mse import MeanSquaredError

Peer = Callable[[torch.Tensor, torch.Tensor], torch.Tensor]

random = np.random.default_rng(5)
LENGTHS = (7, 3, 0, 1)
MASK = (np.arange(7) < np.array(LENGTHS)[:, None]).astype(float)
IGNORED = -100


def ignoring(smoothing: float) -> Peer:
    """The loss of a token, as PyTorch users leave padding out."""

    def loss(x: torch.Tensor, t: torch.Tensor) -> torch.Tensor:
        t = torch.where(torch.tensor(MASK) > 0, t, IGNORED)
        return F.cross_entropy(
            x.flatten(0, 1), t.flatten(), ignore_index=IGNORED, label_smoothing=smoothing
        )

    return loss


def masked_mean(rule: Callable[..., torch.Tensor]) -> Peer:
    def loss(x: torch.Tensor, t: torch.Tensor) -> torch.Tensor:
        each = rule(x, t.to(x.dtype).reshape(x.shape), reduction="none")
        mask = torch.tensor(MASK)[..., None].expand_as(each)
        return (each * mask).sum() / mask.sum()

    return loss


CASES: list[tuple[Loss, int, np.ndarray, Peer]] = [
    (CrossEntropy(), 4, random.integers(0, 4, (4, 7)), ignoring(0.0)),
    (CrossEntropy(label_smoothing=0.2), 4, random.integers(0, 4, (4, 7)), ignoring(0.2)),
    (
        BinaryCrossEntropy(),
        1,
        random.integers(0, 2, (4, 7)),
        masked_mean(F.binary_cross_entropy_with_logits),
    ),
    (MeanSquaredError(), 3, random.normal(size=(4, 7, 3)), masked_mean(F.mse_loss)),
    (MeanAbsoluteError(), 2, random.normal(size=(4, 7, 2)), masked_mean(F.l1_loss)),
    (Huber(), 2, random.normal(size=(4, 7, 2)), masked_mean(F.huber_loss)),
]


@pytest.mark.parametrize("kernels", [numpy_kernels(), numba_kernels()], ids=["numpy", "numba"])
@pytest.mark.parametrize("case", CASES, ids=lambda case: case[0].kind)
def test_a_masked_loss_is_the_mean_over_valid_steps(
    case: tuple[Loss, int, np.ndarray, Peer], kernels: Kernels
) -> None:
    loss, outputs, targets, peer = case
    x = random.normal(size=(4, 7, outputs))
    grad = np.full_like(x, np.nan)
    found = bind_masked(loss, Tensor(x, grad), targets, MASK, kernels)()
    theirs = torch.tensor(x, requires_grad=True)
    expected = peer(theirs, torch.tensor(targets))
    expected.backward()
    assert theirs.grad is not None
    assert found == pytest.approx(expected.item(), rel=1e-12)
    np.testing.assert_allclose(grad, theirs.grad.numpy(), atol=1e-14)


def tagger(p: dict[str, torch.Tensor], tokens: torch.Tensor) -> torch.Tensor:
    """Vectors of tokens, a convolution that sees zeros at padding, and a class at each step."""
    x = F.embedding(tokens, p["embedding_1.table"], padding_idx=0)
    x = x @ p["dense_1.kernel"] + p["dense_1.bias"]
    x = x * torch.tensor(MASK)[..., None]
    x = F.conv1d(
        x.transpose(1, 2), p["conv_1.kernel"].permute(2, 1, 0), p["conv_1.bias"], padding=1
    )
    return x.transpose(1, 2) @ p["dense_2.kernel"] + p["dense_2.bias"]


def test_a_network_with_a_class_at_each_step() -> None:
    layers: list[Layer] = [
        *(Embedding(units=3, tokens=9, padding=0), Dense(units=4), Conv(filters=5)),
        Dense(units=4),
    ]
    tokens = random.integers(1, 9, (4, 7)) * MASK.astype(int)
    codes = random.integers(0, 4, (4, 7))
    network = Network(build_graph(layers, (7,)), CrossEntropy(), "float64")
    network.parameters.initialize(1, Normal(std=0.7))
    plan = network.training_plan(4, codes, Clock())
    plan.input[...] = tokens
    plan.forward()
    found = plan.loss()
    plan.backward()
    p = {
        name: torch.tensor(value, requires_grad=True)
        for name, value in network.parameters.named().items()
    }
    expected = ignoring(0.0)(tagger(p, torch.tensor(tokens)), torch.tensor(codes))
    expected.backward()
    assert found == pytest.approx(expected.item(), rel=1e-12)
    for node in network.graph.nodes:
        for name, ours in network.parameters.of(node).items():
            theirs = p[f"{node.name}.{name}"].grad
            assert ours.grad is not None
            assert theirs is not None
            np.testing.assert_allclose(ours.grad, theirs.numpy(), atol=1e-12)


@pytest.mark.parametrize("pool", [MaxPool(size=2), AveragePool(size=2)], ids=["max", "average"])
def test_pooling_and_its_gradient_are_those_of_each_sequence_alone(pool: Layer) -> None:
    x = random.normal(size=(4, 7, 2)) * MASK[..., None]
    layers: list[Layer] = [Masking(), Dense(units=3), pool, MeanOverTime()]
    network = Network(build_graph(layers, (7, 2)), MeanSquaredError(), "float64")
    network.parameters.initialize(1, Normal(std=0.7))
    plan = network.training_plan(4, np.ones((4, 3)), Clock())
    plan.input[...] = x
    plan.forward()
    plan.loss()
    plan.backward()
    named = network.parameters.named()
    kernel = torch.tensor(named["dense_1.kernel"], requires_grad=True)
    bias = torch.tensor(named["dense_1.bias"], requires_grad=True)
    rule = F.max_pool1d if pool.kind == "max_pool" else F.avg_pool1d
    rows = []
    for sequence, length in zip(torch.tensor(x), LENGTHS, strict=True):
        steps = (sequence[:length] @ kernel + bias).T[None]
        if length == 0:
            rows.append(torch.zeros(3, dtype=torch.float64))
        elif length == 1:  # shorter than a window: a window of what there is
            rows.append(steps[0, :, 0])
        else:
            rows.append(rule(steps, 2)[0].mean(dim=1))
    F.mse_loss(torch.stack(rows), torch.ones(4, 3, dtype=torch.float64)).backward()
    ours = network.parameters.of(network.graph.nodes[1])
    for theirs, name in ((kernel, "kernel"), (bias, "bias")):
        grad = ours[name].grad
        assert grad is not None
        assert theirs.grad is not None
        np.testing.assert_allclose(grad, theirs.grad.numpy(), atol=1e-13)
