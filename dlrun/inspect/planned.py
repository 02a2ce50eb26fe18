"""A training step as it will run: its order, pieces of work and arrays."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from dlrun.arrays import Shape
from dlrun.variables import KernelsName

What = Literal["value", "gradient", "scratch", "partial"]
"""A layer's output, the gradient of one, a work array, or a parameter's gradients by chunk."""


@dataclass(frozen=True, slots=True)
class PlannedArray:
    """An array of a step.

    Attributes:
        what: its content.
        of: the node that it belongs to; ``input`` for the batch itself.
        shape, dtype: of the array.
        offset, bytes: its position and size in the memory of the step.
        shares: number of other arrays that use the same bytes at other times.
    """

    what: What
    of: str
    shape: Shape
    dtype: str
    offset: int
    bytes: int
    shares: int


@dataclass(frozen=True, slots=True)
class PlannedNode:
    """A node of the plan.

    Attributes:
        name: name of the layer, such as ``conv_1``; names of fused layers are joined by ``+``.
        layers: the names of its layers.
        phase: of the segment, counted from 0; all chunks are synchronized between phases.
        keeps: arrays that the backward pass reads: ``input``, ``output``, names of work arrays.
        pieces: numbers of pieces of work, for layers that split their own work.
        forward, backward: multiply-adds of a step.
        bytes: of its arrays, some of which share memory with others.
    """

    name: str
    layers: tuple[str, ...]
    phase: int
    keeps: tuple[str, ...]
    pieces: tuple[int, ...]
    forward: int
    backward: int
    bytes: int


@dataclass(frozen=True, slots=True)
class PlannedSegment:
    """Nodes that each chunk of the batch passes separately, except between phases.

    Attributes:
        number: counted from 0.
        nodes: in the order of the forward pass.
        chunks: number of samples in each chunk; a chunk can run on any thread.
    """

    number: int
    nodes: tuple[PlannedNode, ...]
    chunks: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Planned:
    """A training step as it will run.

    Attributes:
        batch: number of samples.
        threads: maximum number of threads.
        kernels, reason: the implementation of kernels, and why it was chosen.
        segments: in the order of the forward pass; backward runs in reverse.
        arrays: all arrays of the step, by their position in memory.
        memory: bytes of all arrays.
        apart: bytes of all arrays if none shared memory.
    """

    batch: int
    threads: int
    kernels: KernelsName
    reason: str
    segments: tuple[PlannedSegment, ...]
    arrays: tuple[PlannedArray, ...]
    memory: int
    apart: int
