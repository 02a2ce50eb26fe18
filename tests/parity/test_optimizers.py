"""Whole trajectories of every optimizer that torch has, too."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pytest
import torch

from dlrun.nn.engine.network import Network
from dlrun.nn.graph.builder import build_graph
from dlrun.nn.initializers.normal import Normal
from dlrun.nn.kernels import numpy_kernels
from dlrun.nn.layers.base import Layer
from dlrun.nn.layers.dense import Dense
from dlrun.nn.losses.mse import MeanSquaredError
from dlrun.nn.optimization.penalty import Penalty
from dlrun.nn.optimization.updater import Updater
from dlrun.nn.optimizers.adadelta import AdaDelta
from dlrun.nn.optimizers.adagrad import AdaGrad
from dlrun.nn.optimizers.adam import Adam
from dlrun.nn.optimizers.adamax import AdaMax
from dlrun.nn.optimizers.adamw import AdamW
from dlrun.nn.optimizers.base import Optimizer
from dlrun.nn.optimizers.muon import Muon
from dlrun.nn.optimizers.nadam import NAdam
from dlrun.nn.optimizers.radam import RAdam
from dlrun.nn.optimizers.rmsprop import RMSProp
from dlrun.nn.optimizers.sgd import SGD

STEPS = 200
# Weights start with a deviation of 1.
SETTINGS = [("float64", 1e-10, 1e-12), ("float32", 1e-5, 1e-5)]


@dataclass(frozen=True)
class Case:
    """A rule of ours, torch's with its arguments, and the decay of all that is no bias."""

    rule: Optimizer
    peer: type[torch.optim.Optimizer]
    arguments: Mapping[str, Any]
    decoupled: float = 0.0
    coupled: float = 0.0


BETAS = {"beta1": 0.8, "beta2": 0.99}
CASES = [
    Case(SGD(lr=0.03), torch.optim.SGD, {"lr": 0.03}),
    Case(SGD(lr=0.03), torch.optim.SGD, {"lr": 0.03}, coupled=0.1),
    Case(SGD(lr=0.01, momentum=0.9), torch.optim.SGD, {"lr": 0.01, "momentum": 0.9}),
    Case(
        SGD(lr=0.01, momentum=0.9, dampening=0.3),
        torch.optim.SGD,
        {"lr": 0.01, "momentum": 0.9, "dampening": 0.3},
        coupled=0.05,
    ),
    Case(
        SGD(lr=0.01, momentum=0.8, nesterov=True),
        torch.optim.SGD,
        {"lr": 0.01, "momentum": 0.8, "nesterov": True},
        coupled=0.1,
    ),
    Case(
        RMSProp(lr=0.01, rho=0.95, eps=1e-6),
        torch.optim.RMSprop,
        {"lr": 0.01, "alpha": 0.95, "eps": 1e-6},
    ),
    Case(
        RMSProp(lr=0.01, rho=0.95, momentum=0.5),
        torch.optim.RMSprop,
        {"lr": 0.01, "alpha": 0.95, "momentum": 0.5},
        coupled=0.1,
    ),
    Case(
        RMSProp(lr=0.003, rho=0.95, centered=True, eps=1e-3),
        torch.optim.RMSprop,
        {"lr": 0.003, "alpha": 0.95, "centered": True, "eps": 1e-3},
    ),
    Case(
        RMSProp(lr=0.001, centered=True, momentum=0.9, eps=1e-2),
        torch.optim.RMSprop,
        {"lr": 0.001, "alpha": 0.9, "centered": True, "momentum": 0.9, "eps": 1e-2},
        coupled=0.1,
    ),
    Case(Adam(lr=0.01), torch.optim.Adam, {"lr": 0.01}),
    Case(
        Adam(lr=0.02, **BETAS, eps=1e-4),
        torch.optim.Adam,
        {"lr": 0.02, "betas": (0.8, 0.99), "eps": 1e-4},
        coupled=0.2,
    ),
    Case(Adam(lr=0.01, amsgrad=True), torch.optim.Adam, {"lr": 0.01, "amsgrad": True}),
    Case(AdamW(lr=0.01, weight_decay=0.1), torch.optim.AdamW, {"lr": 0.01}, decoupled=0.1),
    Case(
        AdamW(lr=0.01, weight_decay=0.1, amsgrad=True),
        torch.optim.AdamW,
        {"lr": 0.01, "amsgrad": True},
        decoupled=0.1,
    ),
    Case(NAdam(lr=0.01), torch.optim.NAdam, {"lr": 0.01}),
    Case(
        NAdam(lr=0.01, **BETAS, momentum_decay=0.02),
        torch.optim.NAdam,
        {
            "lr": 0.01,
            "betas": (0.8, 0.99),
            "momentum_decay": 0.02,
            "decoupled_weight_decay": True,
        },
        decoupled=0.1,
    ),
    Case(RAdam(lr=0.01), torch.optim.RAdam, {"lr": 0.01}, coupled=0.1),
    Case(
        RAdam(lr=0.01, **BETAS),
        torch.optim.RAdam,
        {"lr": 0.01, "betas": (0.8, 0.99), "decoupled_weight_decay": True},
        decoupled=0.1,
    ),
    Case(AdaMax(lr=0.01), torch.optim.Adamax, {"lr": 0.01}),
    Case(
        AdaMax(lr=0.01, **BETAS, eps=1e-3),
        torch.optim.Adamax,
        {"lr": 0.01, "betas": (0.8, 0.99), "eps": 1e-3},
        coupled=0.1,
    ),
    Case(AdaGrad(lr=0.1), torch.optim.Adagrad, {"lr": 0.1}),
    Case(
        AdaGrad(lr=0.1, initial=0.5, eps=1e-3),
        torch.optim.Adagrad,
        {"lr": 0.1, "initial_accumulator_value": 0.5, "eps": 1e-3},
        coupled=0.1,
    ),
    Case(AdaDelta(), torch.optim.Adadelta, {}),
    Case(
        AdaDelta(lr=2.0, rho=0.8, eps=1e-4),
        torch.optim.Adadelta,
        {"lr": 2.0, "rho": 0.8, "eps": 1e-4},
        coupled=0.1,
    ),
]


def trained(
    rule: Optimizer,
    dtype: str,
    layers: list[Layer],
    peers: Callable[[dict[str, torch.Tensor]], list[torch.optim.Optimizer]],
    weight_decay: float | None = None,
    penalty: float = 0.0,
) -> tuple[dict[str, np.ndarray], dict[str, np.ndarray]]:
    """All parameters behind STEPS steps, ours and torch's, by name."""
    graph = build_graph(layers, (41,))
    network = Network(graph, MeanSquaredError(), dtype, numpy_kernels())
    parameters = network.parameters
    parameters.initialize(3, Normal(std=1.0))
    ours = {
        f"{node.name}.{name}": tensor
        for node in graph.nodes
        for name, tensor in parameters.of(node).items()
    }
    theirs = {name: torch.tensor(tensor.value, requires_grad=True) for name, tensor in ours.items()}
    updater = Updater(rule, network, weight_decay)
    penalize = Penalty(l2=penalty).bind(network) if penalty else None
    optimizers = peers(theirs)
    for step in range(1, STEPS + 1):
        # A bowl whose axes differ by a factor of 10, with a slope that changes each step.
        for name, tensor in ours.items():
            stiffness = np.linspace(0.2, 2.0, tensor.value.size).reshape(tensor.value.shape)
            stiffness = stiffness.astype(dtype)
            np.copyto(tensor.grad, stiffness * tensor.value + np.sin(step).astype(dtype))
            their = theirs[name]
            their.grad = torch.from_numpy(stiffness) * their.detach() + float(np.sin(step))
        if penalize is not None:
            penalize()
        updater.pace.lr, updater.pace.step = rule.lr, step
        updater()
        for each in optimizers:
            each.step()
    return (
        {name: tensor.value for name, tensor in ours.items()},
        {name: their.detach().numpy() for name, their in theirs.items()},
    )


@pytest.fixture(autouse=True)
def _types() -> Iterator[None]:
    """torch keeps scalars of its own, as the product of NAdam's momenta, in the default type."""
    before = torch.get_default_dtype()
    torch.set_default_dtype(torch.float64)
    yield
    torch.set_default_dtype(before)


@pytest.mark.parametrize(("dtype", "rtol", "atol"), SETTINGS)
@pytest.mark.parametrize(
    "case", CASES, ids=[f"{case.rule.kind}-{n}" for n, case in enumerate(CASES)]
)
def test_two_hundred_steps_lead_where_torch_goes(
    case: Case, dtype: str, rtol: float, atol: float
) -> None:
    def peers(theirs: dict[str, torch.Tensor]) -> list[torch.optim.Optimizer]:
        kernel, bias = theirs.values()
        groups = [
            {"params": [kernel], "weight_decay": case.decoupled or case.coupled},
            {"params": [bias], "weight_decay": 0.0},
        ]
        return [case.peer(groups, **case.arguments)]

    own = isinstance(case.rule, AdamW)
    # 41 x 700 weights: more than one block, and not a multiple of one.
    ours, theirs = trained(
        case.rule, dtype, [Dense(units=700)], peers, None if own else case.decoupled, case.coupled
    )
    for name, their in theirs.items():
        np.testing.assert_allclose(ours[name], their, rtol=rtol, atol=atol)


@pytest.mark.parametrize(("dtype", "rtol", "atol"), SETTINGS)
@pytest.mark.parametrize("scale", ["match_rms", "original"])
@pytest.mark.parametrize("nesterov", [True, False])
def test_muon_goes_where_torch_goes(
    monkeypatch: pytest.MonkeyPatch,
    dtype: str,
    rtol: float,
    atol: float,
    scale: Literal["match_rms", "original"],
    nesterov: bool,
) -> None:
    # torch orthogonalizes in bfloat16 whatever the type of the weights.
    monkeypatch.setattr(torch.Tensor, "bfloat16", torch.Tensor.clone)
    adjust = "original" if scale == "original" else "match_rms_adamw"

    def peers(theirs: dict[str, torch.Tensor]) -> list[torch.optim.Optimizer]:
        hidden = ["dense_1.kernel", "dense_2.kernel"]
        # torch's matrices are ours, transposed.
        for name in hidden:
            theirs[name] = theirs[name].detach().T.contiguous().T.requires_grad_()
        matrices = [_Transposed(theirs[name]) for name in hidden]
        rest = [each for name, each in theirs.items() if name not in hidden]
        adam = torch.optim.AdamW(
            [
                {"params": [each for each in rest if each.ndim == 2], "weight_decay": 0.1},
                {"params": [each for each in rest if each.ndim == 1], "weight_decay": 0.0},
            ],
            lr=0.005,
        )
        muon = torch.optim.Muon(
            [each.matrix for each in matrices],
            lr=0.01,
            weight_decay=0.1,
            momentum=0.9,
            nesterov=nesterov,
            adjust_lr_fn=adjust,
        )
        return [*matrices, muon, adam]  # type: ignore[list-item]

    rule = Muon(lr=0.01, momentum=0.9, nesterov=nesterov, scale=scale, rest=0.5)
    layers: list[Layer] = [Dense(units=20), Dense(units=30), Dense(units=5)]
    ours, theirs = trained(rule, dtype, layers, peers, weight_decay=0.1)
    for name, their in theirs.items():
        np.testing.assert_allclose(ours[name], their, rtol=rtol, atol=atol)


class _Transposed:
    """Hands a matrix's gradient to its transposed view before the optimizer's step."""

    def __init__(self, of: torch.Tensor) -> None:
        self._of = of
        self.matrix = of.detach().T.requires_grad_()

    def step(self) -> None:
        assert self._of.grad is not None
        self.matrix.grad = self._of.grad.T
