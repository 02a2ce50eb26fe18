"""Spaces as a sweep writes them."""

from __future__ import annotations

import math

from dlrun import catalog
from dlrun.search.space import Space
from dlrun.spec.nodes import Mapping
from dlrun.spec.problems import Problems
from dlrun.spec.yaml import parse


def read(text: str) -> tuple[Space | None, list[str]]:
    """The space of a text in YAML, and the faults in it."""
    catalog.load()
    problems = Problems()
    root = parse(text, "sweep.yaml", problems)
    assert isinstance(root, Mapping)
    space = Space.read(root.entries["space"].value, root.get("constraints"), problems)
    return space, problems.lines()


def space_of(text: str) -> Space:
    """The space of a text without faults."""
    space, faults = read(text)
    assert space is not None, faults
    return space


MIXED = """
space:
  optimizer.adam.lr: {log_uniform: [1e-4, 1e-1], when: {optimizer: adam}}
  optimizer: [adam, sgd, rmsprop]
  optimizer.sgd.momentum: {uniform: [0.0, 0.99], when: {optimizer: sgd}}
  params.depth: {integer: [1, 4]}
  params.width: {integer: [8, 64], log: true, when: {params.depth: [1, 2]}}
  params.sizes: [[8, 8], {first: 4}, null]
  data.batch_size: [64, 32, 128]
  seed: {fixed: 3}
constraints:
  - params.width * params.depth <= 64
"""

SMALL = """
space:
  a: [x, y]
  b: {integer: [1, 3], when: {a: x}}
  c: {fixed: 7}
"""
"""Four suggestions: x with 1, 2, 3, and y."""

BRANIN = "space: {x: {uniform: [-5, 10]}, y: {uniform: [0, 15]}}"


def branin(x: float, y: float) -> float:
    """Dixon & Szego 1978; its least value is 0.397887."""
    valley = y - 5.1 / (4 * math.pi**2) * x * x + 5 / math.pi * x - 6
    return valley**2 + 10 * (1 - 1 / (8 * math.pi)) * math.cos(x) + 10
