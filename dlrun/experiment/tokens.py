"""Whether what an embedding reads are its tokens: after preprocessing, and after augmentation."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from dlrun.arrays import Array
from dlrun.augment.augmentation import Augmentation, Mixing, Setting
from dlrun.augment.draws import Draws
from dlrun.augment.images.image import ImageAugmentation
from dlrun.data.prepared import Prepared
from dlrun.data.samples import Samples, chunks
from dlrun.experiment.experiment import Experiment
from dlrun.nn.graph.builder import Graph, Node
from dlrun.nn.kernels.reference import augment
from dlrun.nn.layers.dropout import Dropout, SpatialDropout
from dlrun.nn.layers.embedding import Embedding
from dlrun.nn.layers.flatten import Flatten
from dlrun.nn.layers.gaussian_noise import GaussianNoise
from dlrun.nn.layers.permute import Permute
from dlrun.nn.layers.reshape import Reshape
from dlrun.spec.problems import Problems

_LOOKED_AT = 1000
"""Samples that are checked at most if they are not in memory."""
_CHANGED = 4
"""Samples that each augmentation changes, to see whether tokens remain tokens."""


def check_tokens(
    experiment: Experiment, data: Prepared, graph: Graph, setting: Setting, problems: Problems
) -> None:
    """Find embeddings that would stop the training, because a value is not one of their tokens.

    Args:
        experiment: the content of the spec.
        data: after preprocessing.
        graph: the network, whose shapes fit.
        setting: the properties of the data that augmentations need.
        problems: gets the errors.
    """
    for node in graph.nodes:
        layer = node.operation
        if not isinstance(layer, Embedding):
            continue
        computed = _computed(graph, node)
        if computed is not None:
            if _is_never_token(computed):
                what = f"embedding reads the output of {computed.name}, which are not tokens"
                problems.add(layer.origin, what, f"move embedding before {computed.operation.kind}")
            continue
        wrong = next(_wrong(data, layer.tokens), None)
        if wrong is not None:
            name, value = wrong
            what = f"embedding would get {value:g} from the {name}; its {layer.tokens:,} tokens are"
            what = f"{what} the integers 0 to {layer.tokens - 1}"
            problems.add(layer.origin, what, _remedy(data, value))
            continue
        for each in experiment.augment:
            if not _keeps_tokens(each, data, layer.tokens, setting):
                what = f"{each.kind} changes the tokens that embedding reads to other numbers"
                problems.add(each.origin, what, "leave it out")


def _computed(graph: Graph, node: Node) -> Node | None:
    """The node that computes what a node reads; None if it reads samples, perhaps rearranged."""
    writers = {each.output.number: each for each in graph.nodes}
    writer = writers.get(node.inputs[0].number)
    while writer is not None and isinstance(writer.operation, Reshape | Permute | Flatten):
        writer = writers.get(writer.inputs[0].number)
    return writer


def _is_never_token(node: Node) -> bool:
    return node.trainable or isinstance(node.operation, Dropout | SpatialDropout | GaussianNoise)


def _wrong(data: Prepared, tokens: int) -> Iterator[tuple[str, float]]:
    """Values that are not tokens, each with the name of its set."""
    sets = {"training": data.train, "validation": data.validation, "test": data.test}
    for name, part in sets.items():
        if part is None:
            continue
        inputs: Samples = part.inputs
        if not isinstance(inputs, np.ndarray):
            inputs = inputs[: min(len(inputs), _LOOKED_AT)]
        for chunk in chunks(inputs):
            bad = _not_tokens(chunk, tokens)
            if bad.any():
                yield f"{name} set", float(chunk[bad][0])


def _not_tokens(values: Array, tokens: int) -> Array:
    return np.asarray((values != np.rint(values)) | (values < 0) | (values >= tokens))


def _remedy(data: Prepared, value: float) -> str:
    """What to change, for a value that is not a token."""
    if data.pipeline.vocabulary is None:
        return "raise tokens" if value == np.rint(value) and value >= 0 else "correct the data"
    if len(data.pipeline.steps) > 1:
        return "remove the steps after tokenize from data.preprocess"
    return f"set tokens to ${{vocabulary}}, which is {data.pipeline.vocabulary}"


def _keeps_tokens(each: Augmentation, data: Prepared, tokens: int, setting: Setting) -> bool:
    """Whether an augmentation only moves tokens or replaces them by others."""
    if isinstance(each, Mixing):
        return each.moves
    if isinstance(each, ImageAugmentation) and not each.moves:
        return False
    if data.pipeline.steps or data.source is None:  # it changes texts, or numbers before a step
        return True
    samples = np.array(data.train.inputs[np.arange(min(len(data.train), _CHANGED))])
    draws = Draws.of(0, 1, 0, np.arange(len(samples)))
    changed = each.bind(setting)(samples, draws, augment)
    return not _not_tokens(changed, tokens).any()
