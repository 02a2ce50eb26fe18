"""What computes the operators of ONNX here: how a node's numbers are given to one of our layers.

ONNX has channels in front of the places, our layers have them behind.  An operator that treats all
axes alike is given the whole array as one sample.  What ONNX gives out beside the result of a layer
(the places of maxima, the statistics of a normalization, the cell of an LSTM) is not compared.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from typing import Any

import numpy as np
from layer_cases import Bench, bind
from onnx_nodes import Node

from dlrun.errors import ShapeError
from dlrun.nn.engine.network import Network
from dlrun.nn.graph.builder import build_graph
from dlrun.nn.kernels import numpy_kernels
from dlrun.nn.layers.activations import (
    ELU,
    GELU,
    SELU,
    HardSwish,
    LeakyReLU,
    Mish,
    ReLU,
    Sigmoid,
    SiLU,
    Softplus,
    Tanh,
)
from dlrun.nn.layers.base import Layer, Merge, Tensor
from dlrun.nn.layers.batch_norm import BatchNorm
from dlrun.nn.layers.conv import Conv
from dlrun.nn.layers.conv_transpose import ConvTranspose
from dlrun.nn.layers.dense import Dense
from dlrun.nn.layers.embedding import Embedding
from dlrun.nn.layers.flatten import Flatten
from dlrun.nn.layers.gru import GRU
from dlrun.nn.layers.lstm import LSTM
from dlrun.nn.layers.merge import Add, Concatenate, Multiply
from dlrun.nn.layers.permute import Permute
from dlrun.nn.layers.pool import AveragePool, GlobalAveragePool, GlobalMaxPool, MaxPool
from dlrun.nn.layers.prelu import PReLU
from dlrun.nn.layers.recurrent import Recurrent
from dlrun.nn.layers.reshape import Reshape
from dlrun.nn.layers.rnn import RNN
from dlrun.nn.layers.sample_norm import GroupNorm, InstanceNorm, LayerNorm, RMSNorm
from dlrun.nn.layers.softmax import Softmax
from dlrun.nn.layers.upsample import Upsample
from dlrun.nn.layers.windows import Padding
from dlrun.nn.losses.cross_entropy import CrossEntropy

Pairs = Iterator[tuple[np.ndarray, np.ndarray]]
"""What we compute, and what ONNX says."""

Translation = Callable[[Node], Pairs]


def computed(
    layer: Layer, x: np.ndarray, training: bool = False, **parameters: np.ndarray
) -> Bench:
    """A layer that has run forward, with these parameters."""

    def tensor(array: np.ndarray, slope: bool = True) -> Tensor:
        value = np.array(array, np.float32)
        return Tensor(value, np.full_like(value, np.nan) if training and slope else None)

    declared = layer.parameters(x.shape[1:])
    assert {n: p.shape for n, p in declared.items()} == {n: p.shape for n, p in parameters.items()}
    tensors = {name: tensor(parameters[name], each.trainable) for name, each in declared.items()}
    y = tensor(np.full((len(x), *layer.output_shape(x.shape[1:])), np.nan))
    bench = bind(layer, tensor(x), y, tensors, training=training)
    bench.bound.forward()
    return bench


def of(layer: Layer, x: np.ndarray, **parameters: np.ndarray) -> np.ndarray:
    """A layer's output in evaluation."""
    return computed(layer, x, **parameters).y.value


def first(x: np.ndarray) -> np.ndarray:
    """Channels behind the places, as in our layers, to channels in front of them."""
    return np.moveaxis(x, -1, 1)


def last(x: np.ndarray) -> np.ndarray:
    return np.moveaxis(x, 1, -1)


# Layers that work number by number, or along one axis


def elementwise(layer: Callable[[Node], Layer]) -> Translation:
    def translation(node: Node) -> Pairs:
        yield of(layer(node), node.x[None])[0], node.y

    return translation


def gelu(node: Node) -> Layer:
    return GELU(approximate="tanh" if node.fields.get("approximate") == b"tanh" else "none")


def prelu(node: Node) -> Pairs:
    x, slope = node.x, node.array(1)
    if node.opset < 7 and slope.size > 1:  # before there was broadcasting: one for each channel
        yield first(of(PReLU(), last(x), slope=slope)), node.y
        return
    yield of(PReLU(), x[None], slope=np.resize(slope, x.shape[-1]))[0], node.y


def softmax(node: Node) -> Pairs:
    axis = node.fields.get("axis", -1)
    x = np.moveaxis(node.x, axis, -1)
    yield np.moveaxis(of(Softmax(), x[None])[0], -1, axis), node.y


# Shapes


def in_network(layer: Layer, x: np.ndarray) -> np.ndarray:
    """Layers that move nothing are not called: the planner gives their values another shape."""
    graph = build_graph([layer], x.shape[1:])
    return Network(graph, CrossEntropy(), "float32", numpy_kernels()).outputs(x.astype(np.float32))


def flatten(node: Node) -> Pairs:
    """What is before the axis becomes the batch."""
    axis = node.fields.get("axis", 1) % node.x.ndim
    x = node.x.reshape(math.prod(node.x.shape[:axis]), *node.x.shape[axis:])
    yield in_network(Flatten(), x), node.y


def reshape(node: Node) -> Pairs:
    asked = node.array(1).tolist()
    shape = tuple(node.x.shape[i] if length == 0 else length for i, length in enumerate(asked))
    yield in_network(Reshape(shape=shape), node.x[None])[0], node.y


def transpose(node: Node) -> Pairs:
    axes = node.fields.get("perm", range(node.x.ndim)[::-1])
    yield of(Permute(axes=tuple(axes)), node.x[None])[0], node.y


def upsample(node: Node) -> Pairs:
    """Larger by the whole number of times that the result is larger."""
    lengths = zip(node.y.shape[2:], node.x.shape[2:], strict=True)
    down, across = (large // small for large, small in lengths)
    layer = Upsample(size=(down, across), mode=node.fields["mode"].decode())
    yield first(of(layer, last(node.x))), node.y


# Merges


def merge(layer: Callable[[Node], Merge]) -> Translation:
    def translation(node: Node) -> Pairs:
        xs = tuple(Tensor(np.array(x, np.float32)[None]) for x in node.inputs)
        ours = layer(node)
        shape = ours.merged_shape(tuple(x.value.shape[1:] for x in xs))
        y = np.full((1, *shape), np.nan, np.float32)
        ours.bind_merge(xs, Tensor(y)).forward()
        yield y[0], node.y

    return translation


BOTH = ("previous", "input")


# Products


def dense(x: np.ndarray, kernel: np.ndarray, bias: np.ndarray | None = None) -> np.ndarray:
    units = kernel.shape[1]
    if bias is None:
        return of(Dense(units=units, bias=False), x, kernel=kernel)
    return of(Dense(units=units), x, kernel=kernel, bias=np.broadcast_to(bias, (units,)))


def gemm(node: Node) -> Pairs:
    a = node.x.T if node.fields.get("transA") else node.x
    b = node.array(1).T if node.fields.get("transB") else node.array(1)
    c = node.given(2)
    bias = None if c is None else node.fields.get("beta", 1.0) * c.reshape(-1)
    yield dense(a, node.fields.get("alpha", 1.0) * b, bias), node.y


def matmul(node: Node) -> Pairs:
    a, b = node.x, node.array(1)
    y = dense(a[None], b.reshape(len(b), -1))[0]
    yield y.reshape(node.y.shape), node.y


def gather(node: Node) -> Pairs:
    table, tokens = node.x, node.array(1)
    rows = table.reshape(len(table), -1)
    y = of(Embedding(units=rows.shape[1], tokens=len(rows)), tokens[None], table=rows)[0]
    yield y.reshape(node.y.shape), node.y


# Windows


def spread(node: Node, name: str, window: Sequence[int]) -> int | tuple[int, int]:
    """A field's lengths, 1 where it is left out; a sequence takes one number."""
    found = tuple(node.fields.get(name, [1] * len(window)))
    return found[0] if len(found) == 1 else (found[0], found[1])


def before(node: Node, window: Sequence[int]) -> tuple[int, ...]:
    """Zeros in front of each axis of the larger of input and output."""
    auto, axes = node.fields.get("auto_pad", b"NOTSET"), range(len(window))
    if auto == b"NOTSET":
        return tuple(node.fields.get("pads", [0] * len(window))[: len(window)])
    strides, found = node.fields.get("strides", [1] * len(window)), []
    for i in axes:
        small, large = sorted((node.x.shape[2 + i], node.y.shape[2 + i]))
        total = max((small - 1) * strides[i] + window[i] - large, 0)
        found.append(total - total // 2 if auto == b"SAME_LOWER" else total // 2)
    return tuple(found)


def fitting(
    node: Node,
    window: Sequence[int],
    make: Callable[[Padding], Any],
    start: Callable[[Any], tuple[int, int]],
) -> Layer:
    """Our layer, with the padding that has the node's first place and its number of places."""
    wanted, shape = before(node, window), last(node.x).shape[1:]
    options: list[Padding] = ["valid", "same", wanted[0]]
    for layer in map(make, options):
        with suppress(ShapeError):
            same_places = layer.output_shape(shape) == last(node.y).shape[1:]
            # A sequence is an image of one row.
            if same_places and start(layer)[-len(wanted) :] == wanted:
                found: Layer = layer
                return found
    raise AssertionError(f"{node.name}: no padding of ours is that of the node")


def conv(kind: type[Conv | ConvTranspose]) -> Translation:
    def translation(node: Node) -> Pairs:
        x, w, b = last(node.x), node.array(1), node.given(2)
        window = w.shape[2:]
        fields = {
            "kernel": window[0] if len(window) == 1 else window,
            "stride": spread(node, "strides", window),
            "dilation": spread(node, "dilations", window),
            "bias": b is not None,
        }
        if kind is Conv:
            fields |= {"filters": len(w), "groups": node.fields.get("group", 1)}
        else:
            fields |= {"filters": w.shape[1]}
        layer = fitting(
            node,
            window,
            lambda padding: kind(padding=padding, **fields),
            lambda each: each.geometry(x.shape[1:]).window.before,
        )
        p = {"kernel": np.moveaxis(w, (0, 1), (-1, -2))} | ({} if b is None else {"bias": b})
        yield first(of(layer, x, **p)), node.y

    return translation


def pool(kind: type[MaxPool | AveragePool]) -> Translation:
    def translation(node: Node) -> Pairs:
        x, window = last(node.x), node.fields["kernel_shape"]
        size, stride = (spread(node, name, window) for name in ("kernel_shape", "strides"))
        layer = fitting(
            node,
            window,
            lambda padding: kind(size=size, stride=stride, padding=padding),
            lambda each: each.windows(x.shape[1:]).before,
        )
        yield first(of(layer, x)), node.y

    return translation


def global_pool(layer: Layer) -> Translation:
    def translation(node: Node) -> Pairs:
        yield of(layer, last(node.x)).reshape(node.y.shape), node.y

    return translation


# Normalizations


def batch_norm(node: Node) -> Pairs:
    keep, eps = node.fields.get("momentum", 0.9), node.fields.get("epsilon", 1e-5)
    names = ("scale", "shift", "mean", "variance")
    p = {name: node.array(number + 1) for number, name in enumerate(names)}
    training = bool(node.fields.get("training_mode", 0))
    layer = BatchNorm(momentum=1 - keep, eps=eps)
    ours = computed(layer, last(node.x), training, **p)
    yield first(ours.y.value), node.y
    if not training:
        return
    mean, variance = node.outputs[1:]
    assert mean is not None
    assert variance is not None
    yield ours.parameters["mean"].value, mean
    # ONNX averages the variance of the batch, we what it tells about the population.
    batch, old = node.x.size // len(mean), keep * p["variance"]
    yield old + (ours.parameters["variance"].value - old) * (batch - 1) / batch, variance


def last_axes_norm(kind: type[LayerNorm | RMSNorm]) -> Translation:
    """Over all axes from one on, which are our last axis."""

    def translation(node: Node) -> Pairs:
        axis = node.fields.get("axis", -1) % node.x.ndim
        rows = node.x.reshape(*node.x.shape[:axis], -1)[None]
        p = {"scale": node.array(1).reshape(-1)}
        if kind is LayerNorm:
            p["shift"] = node.array(2).reshape(-1)
        y = of(kind(eps=node.fields.get("epsilon", 1e-5)), rows, **p)
        yield y.reshape(node.y.shape), node.y

    return translation


def places_norm(layer: Callable[[Node, float], Layer]) -> Translation:
    def translation(node: Node) -> Pairs:
        ours = layer(node, node.fields.get("epsilon", 1e-5))
        yield first(of(ours, last(node.x), scale=node.array(1), shift=node.array(2))), node.y

    return translation


# Recurrent layers


def recurrent(kind: type[Recurrent], order: list[int]) -> Translation:
    """``order`` lists ONNX's gates as ours stand.

    A node that only goes back through time is half of a layer that goes both ways.
    """

    def translation(node: Node) -> Pairs:
        units, batch_first = node.fields["hidden_size"], bool(node.fields.get("layout", 0))
        direction = node.fields.get("direction", b"forward").decode()
        x = node.x if batch_first else node.x.swapaxes(0, 1)
        ways = {"forward": ("",), "reverse": ("reverse_",), "bidirectional": ("", "reverse_")}
        p: dict[str, np.ndarray] = {}
        for number, way in enumerate(ways[direction]):
            p |= {way + name: array for name, array in one_way(node, number).items()}
        if direction == "reverse":
            p |= {name.removeprefix("reverse_"): np.zeros_like(each) for name, each in p.items()}
        wanted = zip(("sequence", "last"), node.outputs[:2], strict=True)
        for output, theirs in wanted:
            if theirs is None:
                continue
            layer = kind(units=units, bidirectional=direction != "forward", output=output)
            y = of(layer, x, **p)
            ours = y.reshape(*y.shape[:-1], -1, units)[..., -len(ways[direction]) :, :]
            if not batch_first:
                ours = np.moveaxis(ours, 0, -2)
            yield ours, theirs

    def one_way(node: Node, number: int) -> dict[str, np.ndarray]:
        w, r, b = node.array(1)[number], node.array(2)[number], node.given(3)

        def blocks(array: np.ndarray) -> np.ndarray:
            parts = np.split(array, len(order))
            return np.concatenate([parts[gate] for gate in order])

        of_x, of_h = np.zeros((2, len(w))) if b is None else np.split(b[number], 2)
        found = {"kernel": blocks(w).T, "recurrent": blocks(r).T, "bias": blocks(of_x + of_h)}
        if kind is GRU:
            units = r.shape[1]
            inner = blocks(of_h)[-units:]
            found["bias"] = np.concatenate([found["bias"][:-units], blocks(of_x)[-units:]])
            found["inner_bias"] = inner
        return found

    return translation


# Losses


def cross_entropy(node: Node) -> Pairs:
    """A network gives one row of numbers; where ONNX has places as well, each is a row."""
    classes, loss, kernels = node.x.shape[1], CrossEntropy(), numpy_kernels()
    x = np.ascontiguousarray(last(node.x)).reshape(-1, classes)
    targets = node.array(1).reshape(-1)
    reduction = node.fields.get("reduction", b"mean")
    if reduction == b"none":
        losses = [
            loss.bind(Tensor(x[i : i + 1]), targets[i : i + 1], kernels)() for i in range(len(x))
        ]
        yield np.array(losses, np.float32).reshape(node.y.shape), node.y
    else:
        mean = loss.bind(Tensor(x), targets, kernels)()
        yield np.array(mean * (len(x) if reduction == b"sum" else 1), np.float32), node.y
    if len(node.outputs) > 1:
        logs = node.outputs[1]
        assert logs is not None
        ours = np.log(loss.predictions(x)).reshape(last(logs).shape)
        yield first(ours), logs


TRANSLATIONS: dict[str, Translation] = {
    "Add": merge(lambda node: Add(inputs=BOTH)),
    "AveragePool": pool(AveragePool),
    "BatchNormalization": batch_norm,
    "Concat": merge(lambda node: Concatenate(inputs=BOTH, axis=node.fields["axis"])),
    "Conv": conv(Conv),
    "ConvTranspose": conv(ConvTranspose),
    "Elu": elementwise(lambda node: ELU(alpha=node.fields.get("alpha", 1.0))),
    "Flatten": flatten,
    "GRU": recurrent(GRU, [1, 0, 2]),
    "Gather": gather,
    "Gelu": elementwise(gelu),
    "Gemm": gemm,
    "GlobalAveragePool": global_pool(GlobalAveragePool()),
    "GlobalMaxPool": global_pool(GlobalMaxPool()),
    "GroupNormalization": places_norm(
        lambda node, eps: GroupNorm(groups=node.fields["num_groups"], eps=eps)
    ),
    "HardSwish": elementwise(lambda node: HardSwish()),
    "InstanceNormalization": places_norm(lambda node, eps: InstanceNorm(eps=eps)),
    "LSTM": recurrent(LSTM, [0, 2, 3, 1]),
    "LayerNormalization": last_axes_norm(LayerNorm),
    "LeakyRelu": elementwise(lambda node: LeakyReLU(negative_slope=node.fields.get("alpha", 0.01))),
    "MatMul": matmul,
    "MaxPool": pool(MaxPool),
    "Mish": elementwise(lambda node: Mish()),
    "Mul": merge(lambda node: Multiply(inputs=BOTH)),
    "PRelu": prelu,
    "RMSNormalization": last_axes_norm(RMSNorm),
    "RNN": recurrent(RNN, [0]),
    "Relu": elementwise(lambda node: ReLU()),
    "Reshape": reshape,
    "Resize": upsample,
    "Selu": elementwise(lambda node: SELU()),
    "Sigmoid": elementwise(lambda node: Sigmoid()),
    "Softmax": softmax,
    "SoftmaxCrossEntropyLoss": cross_entropy,
    "Softplus": elementwise(lambda node: Softplus()),
    "Swish": elementwise(lambda node: SiLU()),
    "Tanh": elementwise(lambda node: Tanh()),
    "Transpose": transpose,
}
