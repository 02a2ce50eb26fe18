"""Parameter groups: weights that are trained differently, such as slower or not at all."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from fnmatch import fnmatchcase

from pydantic import model_validator

from dlrun.nn.graph.builder import Graph, Node
from dlrun.nn.graph.declarations import Parameter
from dlrun.spec.component import Component
from dlrun.spec.fields import NonNegative, Positive
from dlrun.spec.problems import Problems


class Group(Component):
    """Settings for parameters with matching names.

    If several groups match a parameter, the last one applies.
    """

    match: str
    """Names of layers or parameters, e.g. ``dense_1``, ``conv_1.kernel``, ``conv_*``, ``*.bias``;
    ``*`` matches any text, ``?`` one character and ``[12]`` one of these."""
    lr_factor: Positive = 1.0
    """Factor on the learning rate."""
    weight_decay: NonNegative | None = None
    """Weight decay of all matching parameters, including biases; null keeps the optimizer's."""
    freeze: bool = False
    """Keep the initial values.  A batch_norm whose mean or variance matches uses these values."""

    @model_validator(mode="after")
    def _frozen_is_all(self) -> Group:
        if self.freeze and (self.lr_factor != 1.0 or self.weight_decay is not None):
            raise ValueError("a frozen group cannot have 'lr_factor' or 'weight_decay'")
        return self

    def matches(self, node: Node, name: str) -> bool:
        """Whether a parameter of a node matches."""
        names = (node.name, f"{node.name}.{name}")
        return any(fnmatchcase(each, self.match) for each in names)

    def applied(self, parameter: Parameter) -> Parameter:
        """The parameter with the settings of the group."""
        if self.freeze:
            return replace(parameter, trainable=False, frozen=parameter.trainable)
        return replace(parameter, lr_factor=self.lr_factor, weight_decay=self.weight_decay)


def grouped(graph: Graph, groups: Sequence[Group], problems: Problems) -> Graph:
    """The graph with the settings of the groups.

    Args:
        graph: the network, with parameters as the layers declare them.
        groups: of the spec.
        problems: receives groups that match nothing, and a network that is completely frozen.
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
            known = f"known: {', '.join(names)}" if names else "the model has none"
            problems.add(group.place_of("match"), f"no parameter matches '{group.match}'", known)
        elif not group.freeze and not any(parameter.trainable for parameter in matched):
            what = f"the parameters that match '{group.match}' are not trained"
            problems.add(group.place_of("match"), what, "only 'freeze' applies to them")
    nodes = tuple(_grouped(node, groups) for node in graph.nodes)
    changed = replace(graph, nodes=nodes)
    if graph.parameter_count() and not changed.parameter_count():
        problems.add(groups[-1].origin, "every parameter is frozen", "leave at least one trainable")
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
    return replace(
        node, parameters=parameters, operation=node.operation.held() if held else node.operation
    )
