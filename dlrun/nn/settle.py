"""First weights that depend on data."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace

from dlrun.arrays import Array
from dlrun.nn.initializer import Initializer
from dlrun.nn.network import Network
from dlrun.nn.plan import Plan

_ROUNDS = 10
"""Scalings of a layer, at most; an affine one needs one."""


def settle(network: Network, default: Initializer, draw: Callable[[int], Array]) -> None:
    """Let initializers that look at data rescale what they have drawn, from the input on.

    Args:
        network: initialized; changed in place.
        default: for parameters that name no initializer of their own.
        draw: so many samples of the training part, (n, *sample); fewer where it has no more.
    """
    graph = network.graph
    for node in graph.nodes:
        rules = {
            name: parameter.initializer or default for name, parameter in node.parameters.items()
        }
        asking = {name: rule for name, rule in rules.items() if rule.samples_wanted()}
        bounds = node.layer.bounds()
        if not asking or (bounds is not None and math.isfinite(bounds[1] - bounds[0])):
            continue  # no weights give a bounded output any variance that is asked for
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
            plan.input[...] = samples  # a forward pass may use its memory for something else
            plan.forward()
            found = plan.output if plan.mask is None else plan.output[plan.mask != 0]
            factors = {name: rule.rescale(found) for name, rule in asking.items()}
            for name, factor in factors.items():
                if factor is not None:
                    # The outputs grow with the product of all kernels of the layer.
                    weights[name].value[...] *= factor ** (1 / len(asking))
            if not any(factors.values()):
                break
