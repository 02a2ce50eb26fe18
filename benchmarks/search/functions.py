"""Test functions: their spaces, and their values less the smallest one, which is 0."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Values = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Function:
    """A function whose smallest value is 0.

    Attributes:
        space: of its arguments, in YAML.
        regret: its value; None where it fails.
        best: arguments of a smallest value.
    """

    space: str
    regret: Callable[[Values], float | None]
    best: Values


def _box(number: int, low: float, high: float) -> str:
    return "\n".join(f"x{i}: {{uniform: [{low}, {high}]}}" for i in range(number))


def _point(x: Sequence[float]) -> Values:
    return {f"x{i}": value for i, value in enumerate(x)}


def _vector(at: Values) -> NDArray[np.float64]:
    return np.array([at[f"x{i}"] for i in range(len(at))])


def _shift(number: int, width: float) -> NDArray[np.float64]:
    """A point away from the middle of a box from -width to width.

    Functions have their smallest value there instead of in the middle, where some searches start.
    """
    golden = (math.sqrt(5) - 1) / 2
    return np.array([width * (1.4 * ((i + 1) * golden % 1) - 0.7) for i in range(number)])


def _branin(x: float, y: float) -> float:
    """Dixon & Szego, "The global optimization problem", 1978; three minima of one value."""
    valley = y - 5.1 / (4 * math.pi**2) * x * x + 5 / math.pi * x - 6
    value = valley**2 + 10 * (1 - 1 / (8 * math.pi)) * math.cos(x) + 10
    return value - 10 / (8 * math.pi)


_STEEP = np.array(
    [
        [10, 3, 17, 3.5, 1.7, 8],
        [0.05, 10, 17, 0.1, 8, 14],
        [3, 3.5, 1.7, 10, 17, 8],
        [17, 8, 0.05, 10, 0.1, 14],
    ]
)
_DEEP = np.array([1.0, 1.2, 3.0, 3.2])
_CENTRES = 1e-4 * np.array(
    [
        [1312, 1696, 5569, 124, 8283, 5886],
        [2329, 4135, 8307, 3736, 1004, 9991],
        [2348, 1451, 3522, 2883, 3047, 6650],
        [4047, 8828, 8732, 5743, 1091, 381],
    ]
)
_HARTMANN_BEST = (0.20168951, 0.15001069, 0.47687398, 0.27533243, 0.31165162, 0.65730053)


def _hartmann(x: NDArray[np.float64]) -> float:
    """Hartman, "Some experiments in global optimization", 1973: four wells in six dimensions."""
    return float(3.3223680114 - _DEEP @ np.exp(-(_STEEP * (x - _CENTRES) ** 2).sum(axis=1)))


def _rastrigin(at: Values) -> float:
    """Rastrigin, 1974: a bowl with a lattice of local minima."""
    z = _vector(at) - _shift(len(at), 5.12)
    return float(10 * len(z) + (z**2 - 10 * np.cos(2 * math.pi * z)).sum())


def _ackley(at: Values) -> float:
    """Ackley, "A connectionist machine for genetic hillclimbing", 1987: a plain with a funnel."""
    z = _vector(at) - _shift(len(at), 32.768)
    far = 20 * math.exp(-0.2 * math.sqrt((z**2).mean()))
    return 20 - far + math.e - math.exp(np.cos(2 * math.pi * z).mean())


def _levy(at: Values) -> float:
    """Levy & Montalvo, "The tunneling algorithm for the global minimization of functions", 1985."""
    w = 1 + (_vector(at) - _shift(len(at), 10.0)) / 4
    middle = (w[:-1] - 1) ** 2 * (1 + 10 * np.sin(math.pi * w[:-1] + 1) ** 2)
    last = (w[-1] - 1) ** 2 * (1 + math.sin(2 * math.pi * w[-1]) ** 2)
    return float(math.sin(math.pi * w[0]) ** 2 + middle.sum() + last)


def _rosenbrock(at: Values) -> float:
    """Rosenbrock, "An automatic method for finding the greatest or least value", 1960.

    A curved valley, whose floor is hundreds of times flatter than its walls.
    """
    x = _vector(at)
    return float((100 * (x[1:] - x[:-1] ** 2) ** 2 + (1 - x[:-1]) ** 2).sum())


_MIXED = """
kind: [a, b, c]
depth: {integer: [1, 8]}
width: {integer: [4, 256], log: true}
lr: {log_uniform: [1e-5, 1]}
momentum: {uniform: [0, 1], when: {kind: a}}
beta: {uniform: [0, 1], when: {kind: [b, c]}}
"""


def _mixed(at: Values) -> float:
    """A bowl in each kind, with another rate that suits it; that of kind a is the deepest."""
    floor, rate = {"a": (0.0, -1.5), "b": (0.15, -2.8), "c": (0.6, -2.5)}[at["kind"]]
    own = at["momentum"] - 0.85 if at["kind"] == "a" else at["beta"] - 0.3
    depth, width = at["depth"] - 4, math.log2(at["width"] / 90)
    bowl = 0.08 * (math.log10(at["lr"]) - rate) ** 2 + 0.8 * own**2
    return float(floor + bowl + 0.0125 * depth**2 + 0.0375 * width**2)


_CONDITIONAL = """
optimizer: [sgd, adam, rmsprop]
optimizer.sgd.lr: {log_uniform: [1e-4, 10], when: {optimizer: sgd}}
optimizer.sgd.momentum: {uniform: [0, 0.99], when: {optimizer: sgd}}
optimizer.adam.lr: {log_uniform: [1e-5, 1], when: {optimizer: adam}}
optimizer.adam.beta1: {uniform: [0, 0.99], when: {optimizer: adam}}
optimizer.rmsprop.lr: {log_uniform: [1e-5, 1], when: {optimizer: rmsprop}}
layers: {integer: [1, 6]}
width: {integer: [8, 512], log: true}
regularize: [false, true]
dropout: {uniform: [0, 0.8], when: {regularize: true}}
"""


def _conditional(at: Values) -> float | None:
    """Like the loss of a training: the best rates are next to those that diverge, which fail.

    The largest possible rate decreases with the number of layers and with momentum; the best one
    is a third of it.
    """
    kind = at["optimizer"]
    rate = at[f"optimizer.{kind}.lr"]
    if kind == "sgd":
        rate /= 1 - at["optimizer.sgd.momentum"]
        floor, limit, own = 0.0, 3.0, 0.4 * (at["optimizer.sgd.momentum"] - 0.9) ** 2
    elif kind == "adam":
        floor, limit, own = 0.05, 0.1, 0.2 * (at["optimizer.adam.beta1"] - 0.8) ** 2
    else:
        floor, limit, own = 0.2, 0.05, 0.0
    limit /= at["layers"]
    if rate > limit:
        return None
    far = math.log10(rate / (limit / 3))
    size = 0.03 * (at["layers"] - 3) ** 2 + 0.05 * math.log2(at["width"] / 128) ** 2
    memorized = 0.8 * (at["dropout"] - 0.25) ** 2 if at["regularize"] else 0.1
    return floor + own + 0.15 * far**2 + size + memorized


def _few(function: Callable[[NDArray[np.float64]], float], keys: Sequence[int]) -> Any:
    """A function of some of the keys x0, x1, ...; the others make no difference."""

    def regret(at: Values) -> float:
        return function(np.array([at[f"x{i}"] for i in keys]))

    return regret


def _unit_branin(x: NDArray[np.float64]) -> float:
    return _branin(15 * x[0] - 5, 15 * x[1])


def _among(number: int, keys: Sequence[int], best: Sequence[float]) -> Values:
    return _point([0.5] * number) | {f"x{i}": value for i, value in zip(keys, best, strict=True)}


_BRANIN_KEYS = (4, 13)
_HARTMANN_KEYS = (3, 7, 11, 15, 19, 23)

FUNCTIONS: Mapping[str, Function] = {
    "branin": Function(
        "x: {uniform: [-5, 10]}\ny: {uniform: [0, 15]}",
        lambda at: _branin(at["x"], at["y"]),
        {"x": math.pi, "y": 2.275},
    ),
    "hartmann6": Function(_box(6, 0, 1), lambda at: _hartmann(_vector(at)), _point(_HARTMANN_BEST)),
    "rastrigin4": Function(_box(4, -5.12, 5.12), _rastrigin, _point(_shift(4, 5.12).tolist())),
    "levy6": Function(_box(6, -10, 10), _levy, _point(_shift(6, 10.0).tolist())),
    "ackley5": Function(_box(5, -32.768, 32.768), _ackley, _point(_shift(5, 32.768).tolist())),
    "rosenbrock4": Function(_box(4, -2.048, 2.048), _rosenbrock, _point([1.0] * 4)),
    "mixed": Function(
        _MIXED,
        _mixed,
        {"kind": "a", "depth": 4, "width": 90, "lr": 10**-1.5, "momentum": 0.85},
    ),
    "conditional": Function(
        _CONDITIONAL,
        _conditional,
        {
            "optimizer": "sgd",
            "optimizer.sgd.lr": 0.1 / 3,
            "optimizer.sgd.momentum": 0.9,
            "layers": 3,
            "width": 128,
            "regularize": True,
            "dropout": 0.25,
        },
    ),
    "branin20": Function(
        _box(20, 0, 1),
        _few(_unit_branin, _BRANIN_KEYS),
        _among(20, _BRANIN_KEYS, ((math.pi + 5) / 15, 2.275 / 15)),
    ),
    "hartmann25": Function(
        _box(25, 0, 1),
        _few(_hartmann, _HARTMANN_KEYS),
        _among(25, _HARTMANN_KEYS, _HARTMANN_BEST),
    ),
}
"""Names end with the number of keys where another number is possible. Of the 20 and 25 keys of the
last two only 2 and 6 matter."""
