"""Whole trajectories of every optimizer that torch has, too."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
import torch

from dlrun.nn.graph import build_graph
from dlrun.nn.initializers.normal import Normal
from dlrun.nn.kernels import numpy_kernels
from dlrun.nn.layers.dense import Dense
from dlrun.nn.losses.mse import MeanSquaredError
from dlrun.nn.network import Network
from dlrun.nn.optimizer import Optimizer
from dlrun.nn.optimizers.adam import Adam
from dlrun.nn.optimizers.adamw import AdamW
from dlrun.nn.optimizers.rmsprop import RMSProp
from dlrun.nn.optimizers.sgd import SGD
from dlrun.nn.updater import Updater

Groups = list[dict[str, object]]

PEERS: list[tuple[Optimizer, Callable[[Groups], torch.optim.Optimizer]]] = [
    (SGD(lr=0.03), lambda w: torch.optim.SGD(w, lr=0.03)),
    (SGD(lr=0.01, momentum=0.9), lambda w: torch.optim.SGD(w, lr=0.01, momentum=0.9)),
    (
        SGD(lr=0.01, momentum=0.8, nesterov=True),
        lambda w: torch.optim.SGD(w, lr=0.01, momentum=0.8, nesterov=True),
    ),
    (
        RMSProp(lr=0.01, rho=0.95, eps=1e-6),
        lambda w: torch.optim.RMSprop(w, lr=0.01, alpha=0.95, eps=1e-6),
    ),
    (Adam(lr=0.01), lambda w: torch.optim.Adam(w, lr=0.01)),
    (
        Adam(lr=0.02, beta1=0.8, beta2=0.99, eps=1e-4),
        lambda w: torch.optim.Adam(w, lr=0.02, betas=(0.8, 0.99), eps=1e-4),
    ),
    (AdamW(lr=0.01, weight_decay=0.1), lambda w: torch.optim.AdamW(w, lr=0.01)),
]


@pytest.mark.parametrize(
    ("rule", "peer"), PEERS, ids=[f"{rule.kind}-{n}" for n, (rule, _) in enumerate(PEERS)]
)
def test_two_hundred_steps_lead_where_torch_goes(
    rule: Optimizer, peer: Callable[[Groups], torch.optim.Optimizer]
) -> None:
    # 41 x 700 weights: more than one block, and not a multiple of one.
    graph = build_graph([Dense(units=700)], (41,))
    network = Network(graph, MeanSquaredError(), "float64", numpy_kernels())
    parameters = network.parameters
    parameters.initialize(3, Normal(std=1.0))
    kernel, bias = parameters.named().values()
    theirs = [torch.tensor(kernel, requires_grad=True), torch.tensor(bias, requires_grad=True)]
    decay = {"weight_decay": 0.1} if isinstance(rule, AdamW) else {}
    none = {"weight_decay": 0.0} if isinstance(rule, AdamW) else {}
    peer_rule = peer([{"params": theirs[:1], **decay}, {"params": theirs[1:], **none}])
    updater = Updater(rule, network)
    tensors = parameters.of(graph.nodes[0])

    for step in range(1, 201):
        # A bowl whose axes differ by a factor of 10, with a slope that changes each step.
        for name, their in zip(("kernel", "bias"), theirs, strict=True):
            ours = tensors[name]
            stiffness = np.linspace(0.2, 2.0, ours.value.size).reshape(ours.value.shape)
            np.copyto(ours.grad, stiffness * ours.value + np.sin(step))
            slope = torch.from_numpy(stiffness) * their.detach() + np.sin(step)
            their.grad = slope
        updater.pace.lr, updater.pace.step = rule.lr, step
        updater()
        peer_rule.step()

    for name, their in zip(("kernel", "bias"), theirs, strict=True):
        np.testing.assert_allclose(
            tensors[name].value, their.detach().numpy(), rtol=1e-10, atol=1e-12
        )
