"""Both makes of every kernel: the same functions, the same results."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import fields
from types import ModuleType

import numpy as np
import pytest

from dlrun.nn.kernels import Kernels, numpy_kernels

pytest.importorskip("numba")

from dlrun.nn.kernels import numba_kernels

FAMILIES = [field.name for field in fields(Kernels) if field.name != "which"]
random = np.random.default_rng(12)


def functions(module: ModuleType) -> dict[str, Callable[..., object]]:
    return {
        name: function
        for name, function in vars(module).items()
        if callable(function)
        and not name.startswith("_")
        and not inspect.isclass(function)
        and getattr(function, "__module__", "").startswith("dlrun.nn.kernels.")
        and name not in ("kernel", "threshold")
    }


def pair(family: str) -> tuple[ModuleType, ModuleType]:
    return getattr(numpy_kernels(), family), getattr(numba_kernels(), family)


@pytest.mark.parametrize("family", FAMILIES)
def test_both_makes_have_the_same_functions_with_the_same_arguments(family: str) -> None:
    ours, fast = (functions(module) for module in pair(family))
    assert set(ours) == set(fast)
    for name, function in ours.items():
        plain = getattr(fast[name], "py_func", fast[name])
        assert list(inspect.signature(plain).parameters) == list(
            inspect.signature(function).parameters
        ), name


def flat(n: int = 1000) -> np.ndarray:
    values = random.normal(size=n)
    values[::17] = 0.0
    return values


def image(*shape: int) -> np.ndarray:
    return random.normal(size=shape)


def blank(*shape: int, dtype: str = "float64") -> np.ndarray:
    return np.full(shape, 77, dtype)


MATRIX = image(300, 5)
VECTORS = [np.abs(image(5)) + 0.1 for _ in range(4)]
# Stride, zeros around the image, and places across, for windows of (3, 2) in images of (9, 8).
STRIDES = [
    ((1, 1), ((1, 1), (1, 1)), 9),
    ((2, 1), ((0, 1), (2, 0)), 9),
    ((3, 2), ((0, 0), (0, 0)), 4),
]

# Family, function, and the arguments; those that are written are compared.
CASES: list[tuple[str, str, list[object]]] = [
    *(("activation", name, [flat(), blank(1000)]) for name in ("relu", "tanh", "sigmoid")),
    *(("activation", name, [flat(), blank(1000)]) for name in ("softplus", "silu", "gelu")),
    *(
        ("activation", f"{name}_backward", [flat(), flat(), blank(1000)])
        for name in ("relu", "tanh", "sigmoid", "softplus", "silu", "gelu")
    ),
    ("activation", "leaky_relu", [flat(), blank(1000), 0.2]),
    ("activation", "leaky_relu_backward", [flat(), flat(), blank(1000), 0.2]),
    ("activation", "elu", [flat(), blank(1000), 1.3, 1.1]),
    ("activation", "elu_backward", [flat(), flat(), blank(1000), 1.3, 1.1]),
    *(
        ("conv", "unroll", [image(2, 9, 8, c), stride, pads, 1, blank(2, 2, across, 3, 2, c)])
        for c in (1, 4)
        for stride, pads, across in STRIDES
    ),
    *(
        ("conv", "unroll_plane", [image(2, 9, 8, 1), stride, pads, 1, blank(3, 2, 2, 2, across)])
        for stride, pads, across in STRIDES
    ),
    *(
        ("conv", "roll_up", [image(2, 2, across, 3, 2, c), stride, pads, 1, image(2, 9, 8, c)])
        for c in (1, 4)
        for stride, pads, across in STRIDES
    ),
    *(
        case
        for size, stride, out in (((2, 2), (2, 2), (3, 4)), ((3, 2), (1, 2), (5, 4)))
        for case in (
            (
                "pool",
                "max_pool",
                [
                    image(2, 7, 8, 3),
                    blank(2, *out, 3),
                    blank(2, *out, 3, dtype="uint8"),
                    size,
                    stride,
                ],
            ),
            (
                "pool",
                "max_pool_backward",
                [
                    image(2, *out, 3),
                    random.integers(0, 4, (2, *out, 3)).astype("uint8"),
                    blank(2, 7, 8, 3),
                    size,
                    stride,
                ],
            ),
            ("pool", "average_pool", [image(2, 7, 8, 3), blank(2, *out, 3), size, stride]),
            ("pool", "average_pool_backward", [image(2, *out, 3), blank(2, 7, 8, 3), size, stride]),
        )
    ),
    ("norm", "sums", [MATRIX, MATRIX[0], blank(5), blank(5)]),
    *(
        case
        for rectify in (False, True)
        for case in (
            ("norm", "normalize", [MATRIX, *VECTORS, blank(300, 5), rectify]),
            (
                "norm",
                "slope_sums",
                [MATRIX, *VECTORS, image(300, 5), rectify, blank(5), blank(5)],
            ),
            (
                "norm",
                "normalize_backward",
                [MATRIX, *VECTORS, image(300, 5), rectify, image(5), image(5), 700, blank(300, 5)],
            ),
        )
    ),
    *(
        ("dropout", "drop", [flat(), blank(1000), 2**63 + 12345, first, share])
        for first in (0, 2**32 - 500)
        for share in (0.3, 1.0)
    ),
    ("loss", "softmax", [image(6, 4), blank(6, 4)]),
    ("loss", "softmax_cross_entropy", [image(6, 4), random.integers(0, 4, 6), blank(6, 4)]),
    ("loss", "softmax_cross_entropy", [image(6, 4), random.integers(0, 4, 6), None]),
    ("loss", "sigmoid_cross_entropy", [image(6, 1), image(6, 1) > 0, blank(6, 1)]),
    ("loss", "squared_error", [image(6, 3), image(6, 3), blank(6, 3)]),
    ("loss", "absolute_error", [image(6, 3), image(6, 3), blank(6, 3)]),
    ("loss", "huber", [image(6, 3), image(6, 3), 0.7, blank(6, 3)]),
    ("loss", "soft_cross_entropy", [image(6, 4), np.abs(image(6, 4)), blank(6, 4)]),
    ("loss", "soft_cross_entropy", [image(6, 4), np.abs(image(6, 4)), None]),
    ("loss", "focal", [image(6, 4), np.abs(image(6, 4)), 2.0, blank(6, 4)]),
    ("loss", "hinge", [image(6, 4), np.abs(image(6, 4)), 1.0, False, blank(6, 4)]),
    ("loss", "binary_hinge", [image(6, 4), image(6, 4) > 0, 1.0, True, blank(6, 4)]),
    ("loss", "binary_focal", [image(6, 4), image(6, 4) > 0, 0.3, 0.7, 2.0, blank(6, 4)]),
    ("loss", "kl_divergence", [image(6, 4), np.abs(image(6, 4)), blank(6, 4)]),
    (
        "loss",
        "weighted_sigmoid_cross_entropy",
        [image(6, 3), np.abs(image(6, 3)), np.abs(image(3)), blank(6, 3)],
    ),
    ("update", "sgd", [flat(), flat(), 0.1]),
    ("update", "momentum", [flat(), flat(), flat(), 0.1, 0.9, False]),
    ("update", "momentum", [flat(), flat(), flat(), 0.1, 0.9, True]),
    ("update", "rmsprop", [flat(), flat(), np.abs(flat()), 0.1, 0.9, 1e-8]),
    *(
        (
            "update",
            "adam",
            [flat(), flat(), flat(), np.abs(flat()), 0.1, 0.9, 0.99, 1e-8, decay, 3],
        )
        for decay in (0.0, 0.1)
    ),
]


@pytest.mark.parametrize(("dtype", "tolerance"), [("float64", 1e-12), ("float32", 2e-5)])
@pytest.mark.parametrize(
    ("family", "name", "arguments"), CASES, ids=[f"{c[1]}-{n}" for n, c in enumerate(CASES)]
)
def test_both_makes_give_the_same_numbers(
    family: str, name: str, arguments: list[object], dtype: str, tolerance: float
) -> None:
    def own() -> list[object]:
        return [
            each.astype(dtype)
            if isinstance(each, np.ndarray) and each.dtype == np.float64 and not _is_sum(name, n)
            else each.copy()
            if isinstance(each, np.ndarray)
            else each
            for n, each in enumerate(arguments)
        ]

    plain, fast = own(), own()
    results = [
        getattr(module, name)(*given)
        for module, given in zip(pair(family), (plain, fast), strict=True)
    ]
    for a, b in zip([*plain, results[0]], [*fast, results[1]], strict=True):
        if isinstance(a, np.ndarray | float):
            np.testing.assert_allclose(b, a, rtol=tolerance, atol=tolerance)


def _is_sum(name: str, number: int) -> bool:
    """Sums over a batch are float64 whatever the network's type."""
    return (name == "sums" and number >= 2) or (name == "slope_sums" and number >= 7)


def test_every_kernel_has_a_case() -> None:
    covered = {(family, name) for family, name, _ in CASES}
    every = {(f, name) for f in FAMILIES for name in functions(pair(f)[0])}
    assert every <= covered


@pytest.mark.parametrize("name", ["relu", "tanh"])
def test_nan_passes_through_activations(name: str) -> None:
    for module in pair("activation"):
        y = np.zeros(40)
        getattr(module, name)(np.full(40, np.nan), y)
        assert np.isnan(y).all()


def test_nan_passes_through_max_pool_and_shows_in_the_loss() -> None:
    for module in pair("pool"):
        x = np.zeros((1, 2, 2, 3))
        x[0, 1, 0] = np.nan
        y = np.zeros((1, 1, 1, 3))
        module.max_pool(x, y, np.zeros(y.shape, np.uint8), (2, 2), (2, 2))
        assert np.isnan(y).all()
    for module in pair("loss"):
        x = np.zeros((2, 3))
        x[1, 2] = np.nan
        assert np.isnan(module.softmax_cross_entropy(x, np.array([0, 0]), None))
        assert np.isnan(module.soft_cross_entropy(x, np.eye(2, 3), None))


def test_dropout_keeps_the_share_that_it_says() -> None:
    for module in pair("dropout"):
        y = np.zeros(100_000)
        module.drop(np.ones(100_000), y, 99, 0, 0.3)
        # Five standard deviations of 10^5 coins of 0.3 are 0.0072.
        assert np.mean(y > 0) == pytest.approx(0.3, abs=0.0072)
        np.testing.assert_allclose(y[y > 0], 1 / 0.3)
