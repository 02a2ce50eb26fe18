"""Parameters that are trained in a way of their own: slower, with other decay, or not at all."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from fnmatch import fnmatchcase

from pydantic import model_validator

from dlrun.nn.graph import Graph, Node
from dlrun.nn.layer import Parameter
from dlrun.spec.component import Component
from dlrun.spec.fields import NonNegative, Positive
from dlrun.spec.problems import Problems


class Group(Component):
    """Parameters by name, and what is special about them.

    Where several groups match a parameter, the last of them counts.
    """

    match: str
    """Names, as ``dense_1``, ``conv_1.kernel``, ``conv_*``, ``*.bias``: of layers or parameters, in
    which ``*`` is any text, ``?`` a letter and ``[12]`` one of these."""
    lr_factor: Positive = 1.0
    """What multiplies the learning rate."""
    weight_decay: NonNegative | None = None
    """Of all that is matched, biases too; null leaves it as it is."""
    freeze: bool = False
    """Keep the first values.  A batch_norm whose mean or variance is matched uses these."""

    @model_validator(mode="after")
    def _frozen_is_all(self) -> Group:
        if self.freeze and (self.lr_factor != 1.0 or self.weight_decay is not None):
            raise ValueError("what is frozen has no 'lr_factor' and no 'weight_decay'")
        return self

    def matches(self, node: Node, name: str) -> bool:
        """Whether it speaks of a parameter of a node."""
        names = (node.name, f"{node.name}.{name}")
        return any(fnmatchcase(each, self.match) for each in names)

    def applied(self, parameter: Parameter) -> Parameter:
        """The parameter as the group has it."""
        if self.freeze:
            return replace(parameter, trainable=False, frozen=parameter.trainable)
        return replace(parameter, lr_factor=self.lr_factor, weight_decay=self.weight_decay)


def grouped(graph: Graph, groups: Sequence[Group], problems: Problems) -> Graph:
    """The graph with every parameter as the groups have it.

    Args:
        graph: as the layers declare it.
        groups: of the spec.
        problems: gets groups that match nothing, and an end of all learning.
    """
    names = [f"{node.name}.{name}" for node in graph.nodes for name in node.parameters]
    for group in groups:
        matched = [
            parameter
            for node in graph.nodes
            for name, parameter in node.parameters.items()
            if group.matches(node, name)
        ]
        if not matched:
            there = f"there are {', '.join(names)}" if names else "the model has none"
            problems.add(group.place_of("match"), f"no parameter is called '{group.match}'", there)
        elif not group.freeze and not any(parameter.trainable for parameter in matched):
            what = f"what '{group.match}' matches is not trained"
            problems.add(group.place_of("match"), what, "it can be frozen, and no more")
    nodes = tuple(_grouped(node, groups) for node in graph.nodes)
    changed = replace(graph, nodes=nodes)
    if graph.parameter_count() and not changed.parameter_count():
        problems.add(groups[-1].origin, "every parameter is frozen", "leave one to be trained")
    return changed


def _grouped(node: Node, groups: Sequence[Group]) -> Node:
    chosen = {
        name: group for name in node.parameters for group in groups if group.matches(node, name)
    }
    if not chosen:
        return node
    parameters = {
        name: chosen[name].applied(parameter) if name in chosen else parameter
        for name, parameter in node.parameters.items()
    }
    statistics = [name for name, each in node.parameters.items() if not each.trainable]
    held = any(name in chosen and chosen[name].freeze for name in statistics)
    return replace(node, parameters=parameters, layer=node.layer.held() if held else node.layer)
