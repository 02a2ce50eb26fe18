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
from dlrun.nn.kernels.reference.conv import Window

FAMILIES = [field.name for field in fields(Kernels) if field.name != "which"]
random = np.random.default_rng(12)


def functions(module: ModuleType) -> dict[str, Callable[..., object]]:
    """What a module defines, or, where it hands functions of another on, what it lists."""
    listed = getattr(module, "__all__", None)
    return {
        name: function
        for name, function in vars(module).items()
        if callable(function) and not name.startswith("_") and not inspect.isclass(function)
        if (name in listed if listed else function.__module__ == module.__name__)
        if name != "threshold"
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


def maps(n: int) -> np.ndarray:
    """Projective maps about the middle of an image of 9 x 7, one of them with a horizon in it."""
    found = np.tile(np.eye(3), (n, 1, 1)) + 0.2 * random.normal(size=(n, 3, 3))
    found[:, :2, 2] += 2.0
    found[:, 2, :2] *= 0.05
    found[0, 2] = 0.0, 0.0, 1.0
    found[1, 2] = 0.5, 0.0, -2.0
    found[2] = np.eye(3)
    return found


MATRIX = image(300, 5)
GATHERED = np.stack([image(3, 5), 9 * image(3, 5), 200 + np.abs(image(3, 5))], axis=1)
AFFINE = [image(7), image(7)]
STATISTICS = [blank(60), blank(60)]
SLOPES = [blank(7), blank(7)]
VECTORS = [np.abs(image(5)) + 0.1 for _ in range(4)]
# Kernels over images of (9, 8): taps, how they move, and the places that they have.
WINDOWS = [
    ((3, 2), Window((1, 1), (1, 1), (1, 1)), (9, 9)),
    ((3, 2), Window((2, 1), (1, 2), (0, 2)), (4, 9)),
    ((3, 2), Window((3, 2), (2, 1), (0, 0)), (2, 4)),
    ((3, 3), Window((1, 1), (1, 1), (1, 1)), (9, 8)),
    ((2, 3), Window((1, 1), (1, 1), (0, 2)), (8, 10)),
    ((1, 3), Window((1, 1), (1, 1), (0, 0)), (9, 6)),
]

VALID = np.array([True, False, True, True, False])
TOKENS = np.array([3, 0, 2, 3, 3, 6, 2, 0], np.int32)
SEEN = np.array([[1.0, 1.0, 0.0, 1.0, 0.0], [0.0] * 5, [0.0, 0.0, 0.0, 0.0, 1.0]])


def gates(blocks: int) -> np.ndarray:
    """Five samples, 19 units: no multiple of what a vector register holds."""
    return image(5, 19 * blocks)


def recurrent_cases() -> list[tuple[str, str, list[object]]]:
    cases: list[tuple[str, str, list[object]]] = []
    for valid in (None, VALID):
        for dy in (None, gates(1)):
            back = [valid, gates(1), dy, gates(1)]
            for rectify in (False, True):
                step = [gates(1), gates(1), image(19), gates(1), valid, blank(5, 19), rectify]
                cases.append(("recurrent", "rnn", step))
                cases.append(("recurrent", "rnn_backward", [gates(1), gates(1), *back, rectify]))
            cases += [
                (
                    "recurrent",
                    "lstm",
                    [
                        *(gates(4), gates(4), image(76), gates(1), gates(1), valid),
                        *(blank(5, 19), blank(5, 19)),
                    ],
                ),
                (
                    "recurrent",
                    "lstm_backward",
                    [np.abs(gates(4)), gates(1), gates(1), *back, gates(1)],
                ),
                (
                    "recurrent",
                    "gru",
                    [gates(4), gates(3), image(57), image(19), gates(1), valid, blank(5, 19)],
                ),
                ("recurrent", "gru_backward", [np.abs(gates(4)), gates(1), *back]),
            ]
    return cases


# Family, function, and the arguments; those that are written are compared.
CASES: list[tuple[str, str, list[object]]] = [
    *(("activation", name, [flat(), blank(1000)]) for name in ("relu", "tanh", "sigmoid")),
    *(
        ("activation", name, [spread * flat(), blank(1000)])
        for name in ("softplus", "silu", "gelu", "gelu_tanh", "mish", "hard_swish")
        for spread in (1, 30)
    ),
    *(
        ("activation", f"{name}_backward", [flat(), flat(), blank(1000)])
        for name in ("relu", "tanh", "sigmoid")
    ),
    *(
        ("activation", f"{name}_backward", [spread * flat(), flat(), blank(1000)])
        for name in ("softplus", "silu", "gelu", "gelu_tanh", "mish", "hard_swish")
        for spread in (1, 30)
    ),
    ("activation", "prelu", [image(60, 7), image(7), blank(60, 7)]),
    (
        "activation",
        "prelu_backward",
        [image(60, 7), image(7), image(60, 7), blank(60, 7), blank(7)],
    ),
    ("activation", "leaky_relu", [flat(), blank(1000), 0.2]),
    ("activation", "leaky_relu_backward", [flat(), flat(), blank(1000), 0.2]),
    ("activation", "elu", [flat(), blank(1000), 1.3, 1.1]),
    ("activation", "elu_backward", [flat(), flat(), blank(1000), 1.3, 1.1]),
    *(
        case
        for taps, window, out in WINDOWS
        for channels, filters, groups in ((1, 5, 1), (4, 40, 2), (6, 6, 6), (13, 20, 1))
        for x, dy in ((image(2, 9, 8, channels), image(2, *out, filters)),)
        for kernel in (image(*taps, channels // groups, filters),)
        for case in (
            (
                "conv",
                "correlate",
                [x, kernel, image(filters), blank(*dy.shape), window, groups, True],
            ),
            (
                "conv",
                "correlate",
                [x, kernel, image(filters), blank(*dy.shape), window, groups, False],
            ),
            ("conv", "input_gradient", [dy, kernel, blank(*x.shape), window, groups]),
            ("conv", "kernel_gradient", [x, dy, blank(*kernel.shape), window, groups]),
        )
    ),
    *(
        case
        for size, stride, before, out in (
            ((2, 2), (2, 2), (0, 0), (3, 4)),
            ((3, 2), (1, 2), (0, 0), (5, 4)),
            ((3, 3), (2, 3), (1, 2), (4, 3)),
        )
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
                    before,
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
                    before,
                ],
            ),
            ("pool", "average_pool", [image(2, 7, 8, 3), blank(2, *out, 3), size, stride, before]),
            (
                "pool",
                "average_pool_backward",
                [image(2, *out, 3), blank(2, 7, 8, 3), size, stride, before],
            ),
        )
    ),
    ("wait", "until", [np.array([3]), 3]),
    ("norm", "sums", [MATRIX, blank(3, 5)]),
    (
        "norm",
        "merge",
        [GATHERED, np.array([100.0, 100.0, 60.0]), 1e-5, 0.1, *(np.ones(5) for _ in range(4))],
    ),
    *(
        case
        for rectify in (False, True)
        for case in (
            ("norm", "normalize", [MATRIX, *VECTORS, blank(300, 5), rectify]),
            (
                "norm",
                "slope_sums",
                [MATRIX, *VECTORS, image(300, 5), rectify, blank(3, 5)],
            ),
            (
                "norm",
                "normalize_backward",
                [
                    MATRIX,
                    *VECTORS,
                    image(300, 5),
                    rectify,
                    image(5),
                    image(5),
                    1 / 700,
                    blank(300, 5),
                ],
            ),
        )
    ),
    *(
        case
        for windows, out in (((2, 2), (3, 4)), ((3, 2), (2, 4)))
        for where in (random.integers(0, windows[0] * windows[1] + 1, (2, *out, 5)),)
        for shared in ([image(2, 6, 8, 5), *VECTORS[:2]],)
        for case in (
            (
                "norm",
                "normalize_pool",
                [
                    *shared,
                    *VECTORS[2:],
                    blank(2, *out, 5),
                    blank(2, *out, 5, dtype="uint8"),
                    windows,
                ],
            ),
            (
                "norm",
                "pooled_slope_sums",
                [*shared, image(2, *out, 5), where.astype("uint8"), windows, blank(3, 5)],
            ),
            (
                "norm",
                "pooled_normalize_backward",
                [
                    *(*shared, VECTORS[2], image(2, *out, 5), where.astype("uint8"), windows),
                    *(image(5), image(5), 1 / 700, blank(2, 6, 8, 5)),
                ],
            ),
        )
    ),
    *(
        ("dropout", "drop", [flat(), blank(1000), 2**63 + 12345, first, share])
        for first in (0, 2**32 - 500)
        for share in (0.3, 1.0)
    ),
    *(
        ("dropout", "add_noise", [flat(), blank(1000), 2**63 + 12345, first, 0.7])
        for first in (0, 2**31 - 500)
    ),
    *(
        ("softmax", "softmax", [spread * image(6, n), blank(6, n)])
        for n in (1, 4, 40)
        for spread in (1, 100)
    ),
    ("softmax", "softmax_backward", [np.abs(image(6, 40)), image(6, 40), blank(6, 40)]),
    ("sample_norm", "layer_norm", [image(60, 7), *AFFINE, 1e-3, *STATISTICS, blank(60, 7)]),
    (
        "sample_norm",
        "layer_norm_backward",
        [image(60, 7), image(7), image(60), image(60), image(60, 7), blank(60, 7), *SLOPES],
    ),
    ("sample_norm", "rms_norm", [image(60, 7), image(7), 1e-3, blank(60), blank(60, 7)]),
    (
        "sample_norm",
        "rms_norm_backward",
        [image(60, 7), image(7), image(60), image(60, 7), blank(60, 7), blank(7)],
    ),
    *(
        case
        for groups in (1, 2, 6)
        for case in (
            (
                "sample_norm",
                "group_norm",
                [
                    *(image(4, 9, 6), image(6), image(6), 1e-3),
                    *(blank(4, groups), blank(4, groups), blank(4, 9, 6)),
                ],
            ),
            (
                "sample_norm",
                "group_norm_backward",
                [
                    *(image(4, 9, 6), image(6), image(4, groups), image(4, groups)),
                    *(image(4, 9, 6), blank(4, 9, 6), blank(6), blank(6)),
                ],
            ),
        )
    ),
    *recurrent_cases(),
    *(
        ("attention", "attend", [5 * image(3, 2, 5, 5), 0.7, mask, causal])
        for mask in (None, SEEN)
        for causal in (False, True)
    ),
    ("attention", "attend_backward", [np.abs(image(3, 2, 5, 5)), 0.7, image(3, 2, 5, 5)]),
    *(("embedding", "embed", [TOKENS, image(7, 4), padding, blank(8, 4)]) for padding in (-1, 2)),
    *(
        ("embedding", "embed_backward", [TOKENS, image(8, 4), padding, first, blank(3, 4)])
        for padding in (-1, 2)
        for first in (0, 2, 4)
    ),
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
    *(
        (
            "augment",
            "resample",
            [image(6, 9, 7, channels), maps(6), border, 0.25, blank(6, 9, 7, channels)],
        )
        for channels in (1, 3)
        for border in (0, 1, 2)
    ),
    ("update", "sgd", [flat(), flat(), 0.1, 0.2]),
    *(
        ("update", "momentum", [flat(), flat(), flat(), 0.1, 0.9, 0.7, nesterov, 0.2])
        for nesterov in (False, True)
    ),
    *(
        (
            "update",
            "rmsprop",
            [flat(), flat(), np.abs(flat()), mean, velocity, 0.1, 0.9, 1e-2, 0.8, 0.2],
        )
        for mean in (None, 0.1 * flat())
        for velocity in (None, flat())
    ),
    ("update", "adagrad", [flat(), flat(), np.abs(flat()), 0.1, 0.5, 1e-8, 0.2]),
    ("update", "adadelta", [flat(), flat(), *(np.abs(flat()) for _ in "sd"), 1.0, 0.9, 1e-6, 0.2]),
    ("update", "lion", [flat(), flat(), flat(), 0.1, 0.9, 0.99, 0.2]),
    *(
        (
            "adam",
            "adam",
            [*(flat() for _ in "wgm"), np.abs(flat()), top, 0.1, 0.9, 0.99, 1e-8, 0.2, 3],
        )
        for top in (None, np.abs(flat()))
    ),
    (
        "adam",
        "nadam",
        [*(flat() for _ in "wgm"), np.abs(flat()), 0.1, 0.8, 0.81, 0.5, 0.9, 0.99, 1e-8, 0.2, 3],
    ),
    *(
        (
            "adam",
            "radam",
            [*(flat() for _ in "wgm"), np.abs(flat()), 0.1, 0.9, 0.99, 1e-4, 0.2, step],
        )
        for step in (3, 300)
    ),
    *(
        (
            "adam",
            name,
            [*(flat() for _ in "wgm"), np.abs(flat()), 0.1, 0.9, 0.99, 1e-6, 0.2, 3],
        )
        for name in ("adamax", "lamb")
    ),
    (
        "adam",
        "lamb",
        [np.zeros(9), *(flat(9) for _ in "gm"), np.ones(9), 0.1, 0.9, 0.99, 1e-6, 0, 3],
    ),
    ("adam", "rectification", [0.999, 7]),
    ("gradient", "penalize", [flat(), flat(), 0.1, 0.2]),
    ("gradient", "clip", [flat(), 0.3]),
    ("gradient", "sum_of_squares", [flat()]),
    ("gradient", "scale", [flat(), 0.3]),
    ("gradient", "accumulate", [flat(), flat(), 3]),
    ("gradient", "approach", [flat(), flat(), 0.1]),
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
            size = max(1.0, float(np.abs(a).max()))  # a sum's error goes by its largest terms
            np.testing.assert_allclose(b, a, rtol=tolerance, atol=tolerance * size)


def _is_sum(name: str, number: int) -> bool:
    """Sums over a batch are float64 whatever the network's type."""
    return (name, number) in {
        ("sums", 1),
        ("merge", 0),
        ("merge", 1),
        ("slope_sums", 7),
        ("pooled_slope_sums", 6),
    }


def test_every_kernel_has_a_case() -> None:
    covered = {(family, name) for family, name, _ in CASES}
    covered.add(("augment", "stretch"))  # float32 only: test_vocoder.py
    covered.add(("matmul", "product"))  # makes work: test_matmul.py
    every = {(f, name) for f in FAMILIES for name in functions(pair(f)[0])}
    assert every <= covered


@pytest.mark.parametrize(
    "name",
    ["relu", "tanh", "sigmoid", "softplus", "silu", "gelu", "gelu_tanh", "mish", "hard_swish"],
)
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_nan_passes_through_activations(name: str, dtype: str) -> None:
    for module in pair("activation"):
        y = np.zeros(40, dtype)
        getattr(module, name)(np.full(40, np.nan, dtype), y)
        assert np.isnan(y).all()


def test_nan_passes_through_recurrent_steps_and_attention() -> None:
    for dtype in ("float64", "float32"):
        for module in pair("recurrent"):
            x, h = np.full((1, 76), np.nan, dtype), np.zeros((1, 19), dtype)
            state, cell = np.zeros_like(h), np.zeros_like(h)
            module.lstm(x, np.zeros_like(x), np.zeros(76, dtype), h, h, None, state, cell)
            assert np.isnan(state).all() and np.isnan(cell).all()
        for module in pair("attention"):
            for mask in (None, np.ones((1, 4), dtype)):
                scores = np.zeros((1, 1, 1, 4), dtype)
                scores[0, 0, 0, 2] = np.nan
                module.attend(scores, 1.0, mask, False)
                assert np.isnan(scores).any()


def test_nan_passes_through_max_pool_and_shows_in_the_loss() -> None:
    for module in pair("pool"):
        x = np.zeros((1, 2, 2, 3))
        x[0, 1, 0] = np.nan
        y = np.zeros((1, 1, 1, 3))
        module.max_pool(x, y, np.zeros(y.shape, np.uint8), (2, 2), (2, 2), (0, 0))
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


@pytest.mark.parametrize(
    ("family", "name", "arguments"),
    [
        ("softmax", "softmax", [image(8, 12), blank(8, 12)]),
        ("sample_norm", "layer_norm", [image(8, 12), image(12), image(12), 1e-3, *[blank(8)] * 2]),
    ],
)
def test_rows_may_lie_apart(family: str, name: str, arguments: list[object]) -> None:
    """Every second row and column of a larger array, as an attention's heads may hand over."""
    outputs = []
    for module in pair(family):
        for spread in (1, 2):
            x = np.zeros((8 * spread, 12 * spread))[::spread, ::spread]
            y = np.zeros((8 * spread, 12 * spread))[::spread, ::spread]
            np.copyto(x, arguments[0])
            rest = [each.copy() if isinstance(each, np.ndarray) else each for each in arguments[1:]]
            rest = rest[:-1] if family == "softmax" else rest
            getattr(module, name)(x, *rest, y)
            outputs.append(y)
    for each in outputs[1:]:
        np.testing.assert_allclose(each, outputs[0], rtol=1e-12, atol=1e-14)


def test_winograd_is_nearly_as_exact_as_direct_sums() -> None:
    """In float32, against float64; with a dilation of 2 the sums are direct."""
    x, weights, bias = image(2, 16, 16, 16), image(3, 3, 16, 16), np.zeros(16)
    single = [each.astype(np.float32) for each in (x, weights, bias)]
    errors = []
    for dilation in (1, 2):
        window = Window((1, 1), (dilation, dilation), (dilation, dilation))
        found, exact = np.empty_like(x, np.float32), np.empty_like(x)
        numba_kernels().conv.correlate(*single, found, window, 1, False)
        double = [each.astype(np.float64) for each in single]
        numpy_kernels().conv.correlate(*double, exact, window, 1, False)
        errors.append(np.sqrt(np.mean((found - exact) ** 2) / np.mean(exact**2)))
    winograd, direct = errors
    assert direct < 3e-7
    assert direct < winograd < 3 * direct
