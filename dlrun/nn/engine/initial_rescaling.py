"""Initial weights that depend on data."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace

from dlrun.arrays import Array
from dlrun.nn.engine.network import Network
from dlrun.nn.engine.plan import Plan
from dlrun.nn.initializers.base import Initializer

_ROUNDS = 10
"""Largest number of scalings of a layer; an affine layer needs one."""


def settle(network: Network, default: Initializer, draw: Callable[[int], Array]) -> None:
    """Let initializers that use data rescale their initial weights, layer by layer from the input.

    Args:
        network: initialized; changed in place.
        default: for parameters without an initializer.
        draw: returns n samples of the training set, (n, *sample); fewer if it is smaller.
    """
    graph = network.graph
    for node in graph.nodes:
        rules = {
            name: parameter.initializer or default for name, parameter in node.parameters.items()
        }
        asking = {name: rule for name, rule in rules.items() if rule.samples_wanted()}
        bounds = node.operation.bounds()
        if not asking or (bounds is not None and math.isfinite(bounds[1] - bounds[0])):
            continue  # a bounded output cannot have any variance that an initializer needs
        samples = draw(max(rule.samples_wanted() for rule in asking.values()))
        plan = Plan(
            replace(graph, nodes=graph.nodes[: node.number + 1], output=node.output),
            network.parameters,
            len(samples),
            training=False,
            kernels=network.kernels,
            pool=network.pool,
        )
        weights = network.parameters.of(node)
        for _ in range(_ROUNDS):
            plan.input[...] = samples  # a forward pass may reuse the memory of the input
            plan.forward()
            output = plan.output if plan.mask is None else plan.output[plan.mask != 0]
            factors = {name: rule.rescale(output) for name, rule in asking.items()}
            for name, factor in factors.items():
                if factor is not None:
                    # The output scales with the product of all kernels of the layer.
                    weights[name].value[...] *= factor ** (1 / len(asking))
            if not any(factors.values()):
                break
