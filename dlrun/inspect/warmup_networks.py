"""Networks in which every layer makes a step, alone, after others, and fused."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress

from dlrun.arrays import Shape
from dlrun.errors import ShapeError, SpecError
from dlrun.inspect.warmup_shapes import BATCHES, SHAPES
from dlrun.nn.engine.network import Network
from dlrun.nn.engine.plan import Plan
from dlrun.nn.graph.builder import Graph, build_graph
from dlrun.nn.graph.operation import Operation
from dlrun.nn.initializers.base import Initializer
from dlrun.nn.initializers.ones import Ones
from dlrun.nn.kernels import numba_kernels
from dlrun.nn.layers.activations import ReLU
from dlrun.nn.layers.base import AnyLayer, Layer
from dlrun.nn.layers.conv import Conv
from dlrun.nn.layers.dense import Dense
from dlrun.nn.layers.masking import Masking
from dlrun.nn.losses.mse import MeanSquaredError
from dlrun.nn.parallel.blas import quiet
from dlrun.spec.examples import Parts, examples

_MOST_FUSED = 4
"""Maximum number of layers that are fused."""


def layers() -> list[AnyLayer]:
    """Examples of every layer that a spec can name."""
    parts: Parts = {AnyLayer: ReLU(), Initializer: Ones()}
    family = AnyLayer.family
    return [each for name in family for each in examples(family[name], parts)]


def train(layer: AnyLayer, followers: Sequence[Layer]) -> None:
    """Networks that contain a layer make steps, for all sample shapes that it accepts.

    Args:
        layer: alone, after other layers, and fused.
        followers: layers that it may be fused with.
    """
    for shape in (*SHAPES, *layer.example_shapes):
        # After a trainable layer it must compute the gradient of its input; alone it need not.
        learns = Dense(units=shape[-1])
        rows: list[tuple[AnyLayer, ...]] = [(), (learns,)]
        if len(shape) == 2:
            rows += [(Masking(),), (Masking(), learns)]
        for before in rows:
            with suppress(SpecError):  # the layer does not accept such samples
                for graph in _fused((*before, layer), (layer,), followers, shape):
                    _train_step(graph)


def train_wide() -> None:
    """Convolutions with so many channels that they are computed in another way make a step."""
    layer = Conv(filters=16)
    _train_step(build_graph([layer, layer], (6, 6, 16)))


def _fused(
    row: tuple[AnyLayer, ...],
    last: Sequence[AnyLayer | Operation],
    followers: Sequence[Layer],
    shape: Shape,
) -> Iterator[Graph]:
    """The network of a row, and all longer ones in which its end is fused with the next layer.

    Args:
        row: layers.
        last: what the end of the row can be fused into; it may differ in training and evaluation.
        followers: layers that may be next.
        shape: of a sample.
    """
    graph = build_graph(row, shape)
    yield graph
    if len(row) == _MOST_FUSED:
        return
    for each in followers:
        with suppress(ShapeError):  # the layer is not possible there
            each.output_shape(graph.output.shape)
            fused = [
                both
                for operation in last
                if isinstance(operation, Operation)
                for training in (True, False)
                if (both := operation.absorb(each, graph.output.shape, training)) is not None
            ]
            if fused:
                yield from _fused((*row, each), fused, followers, shape)


@quiet()
def _train_step(graph: Graph) -> None:
    """A step of training, and one in evaluation, for batches of each size."""
    network = Network(graph, MeanSquaredError(), kernels=numba_kernels(), threads=1)
    for batch in BATCHES:
        for training in (True, False):
            plan = Plan(
                graph,
                network.parameters,
                batch,
                training=training,
                kernels=network.kernels,
                pool=network.pool,
            )
            plan.forward()
            plan.backward()
