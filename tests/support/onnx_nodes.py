"""The node tests that the package ``onnx`` brings along: an operator, and numbers in and out."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from onnx import numpy_helper
from onnx.backend.test.case import node as catalogue
from onnx.backend.test.loader import load_model_tests

# Modules of the operators whose name in lower case is not that of their module.
MODULES = {
    "BatchNormalization": "batch_normalization",
    "InstanceNormalization": "instance_normalization",
    "NegativeLogLikelihoodLoss": "negativeloglikelihoodloss",
    "SoftmaxCrossEntropyLoss": "softmax_cross_entropy_loss",
}


@dataclass(frozen=True)
class Node:
    """A test of one operator.

    Attributes:
        name: of the test.
        opset: version of the operators.
        fields: the node's attributes.
        inputs: in the operator's order; None where an optional one is left out.
        outputs: by the operator's names for them.
    """

    name: str
    opset: int
    fields: dict[str, Any]
    inputs: list[np.ndarray | None]
    outputs: list[np.ndarray | None]

    @property
    def x(self) -> np.ndarray:
        assert self.inputs[0] is not None
        return self.inputs[0]

    @property
    def y(self) -> np.ndarray:
        assert self.outputs[0] is not None
        return self.outputs[0]

    def given(self, number: int) -> np.ndarray | None:
        """An input, None where it is left out."""
        return self.inputs[number] if number < len(self.inputs) else None

    def array(self, number: int) -> np.ndarray:
        """An input that must be there."""
        found = self.given(number)
        assert found is not None, f"{self.name} has no input {number}"
        return found


def nodes(operator: str) -> list[Node]:
    """All tests of an operator: those made in memory, and those that PyTorch's exporter made.

    Tests in which the operator is written out as a function of others hold the same numbers again.
    """
    found = [case for case in in_memory(operator) if "_expanded" not in case.name]
    return [*found, *(node for op, node in exported() if op == operator)]


def in_memory(operator: str) -> Iterator[Node]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of numbers that the tests are about, in onnx itself
        import_module(f"{catalogue.__name__}.{MODULES.get(operator, operator.lower())}")
    for case in catalogue._NodeTestCases:
        node, *more = case.model.graph.node
        if node.op_type == operator and not more:
            ((inputs, outputs),) = case.data_sets
            yield read(case.name, case.model, list(inputs), list(outputs))


@cache
def exported() -> list[tuple[str, Node]]:
    found = []
    for case in load_model_tests(kind="pytorch-converted"):
        folder = Path(case.model_dir)
        model = onnx.load(folder / "model.onnx")
        if len(model.graph.node) > 1:
            continue
        constants = {each.name: numpy_helper.to_array(each) for each in model.graph.initializer}
        data = folder / "test_data_set_0"
        names = [each.name for each in model.graph.input if each.name not in constants]
        files = [data / f"input_{number}.pb" for number in range(len(names))]
        values = {**constants, **dict(zip(names, map(tensor, files), strict=True))}
        node = model.graph.node[0]
        inputs = [values[name] for name in node.input]
        outputs = [tensor(data / "output_0.pb")]
        found.append((node.op_type, read(case.name, model, inputs, outputs)))
    return found


def tensor(path: Path) -> np.ndarray:
    return numpy_helper.to_array(onnx.load_tensor(path))


def read(name: str, model: onnx.ModelProto, inputs: list[Any], outputs: list[Any]) -> Node:
    node = model.graph.node[0]
    given, made = iter(inputs), iter(outputs)
    (opset,) = (each.version for each in model.opset_import if each.domain == "")
    return Node(
        name,
        opset,
        {each.name: onnx.helper.get_attribute_value(each) for each in node.attribute},
        [np.asarray(next(given)) if each else None for each in node.input],
        [np.asarray(next(made)) if each else None for each in node.output],
    )
