"""Validating a spec, and what its network costs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from dlrun.arrays import Shape
from dlrun.experiment.compile import Compiled, compile_spec
from dlrun.experiment.memory import shortage
from dlrun.experiment.plugins import Allow
from dlrun.inspect.cost import Price, price
from dlrun.inspect.plan_report import planned
from dlrun.inspect.planned import Planned
from dlrun.spec.explain import explain
from dlrun.spec.given import Given
from dlrun.spec.overrides import Overrides
from dlrun.spec.resolved import dump


@dataclass(frozen=True, slots=True)
class Checked:
    """A valid spec, its network and the memory of its training.

    Attributes:
        name: of the experiment.
        spec: every key with its value, defaults included.
        origins: key, value and the place where the value comes from, for every key.
        samples: how many, by set (``train``, ``validation``, ``test``).
        input: shape of a sample after preprocessing.
        cost: each layer with its output shape, parameters and multiply-adds, and the memory.
        batch: samples per step.
        lengths: to which batches of texts are padded, in tokens; None without length bucketing.
        monitor: the score that the best epoch is chosen by.
        notes: what the user should know of the spec and the data, one line each.
        shortage: a sentence if the step needs more memory than the machine has, else None.
        plan: how a step will run; None if it was not asked for.
    """

    name: str
    spec: Mapping[str, Any]
    origins: Sequence[tuple[str, Any, str]]
    samples: Mapping[str, int]
    input: Shape
    cost: Price
    batch: int
    lengths: Sequence[int] | None
    monitor: str
    notes: Sequence[str]
    shortage: str | None
    plan: Planned | None

    def as_json(self, *, explain: bool = False) -> dict[str, Any]:
        """The object that ``dlrun check --json`` prints.

        Args:
            explain: whether to include the origins.
        """
        content: dict[str, Any] = {
            "spec": self.spec,
            "input": self.input,
            "layers": [
                {
                    "name": layer.name,
                    "place": str(layer.place),
                    "inputs": layer.inputs,
                    "output": layer.output,
                    "parameters": layer.parameters,
                    "multiply_adds": layer.multiply_adds,
                }
                for layer in self.cost.layers
            ],
            "memory": {
                "activations": self.cost.activations,
                "weights": self.cost.weights,
                "optimizer": self.cost.optimizer,
                "copies": self.cost.copies,
                "scoring": self.cost.scoring,
                "data": self.cost.data,
            },
            "monitor": self.monitor,
            "notes": self.notes,
        }
        if explain:
            content["origins"] = [
                {"key": key, "value": value, "origin": place} for key, value, place in self.origins
            ]
        if self.plan is not None:
            content["plan"] = asdict(self.plan)
        return content


def check(
    spec: Given,
    overrides: Overrides = (),
    *,
    plan: bool = False,
    allow_plugins: Allow = False,
) -> Checked:
    """Validate a spec without training anything, and work out what its network costs.

    Args:
        spec: path of the YAML file, or its content as a mapping.
        overrides: values that replace those of keys.
        plan: whether to work out how a step will run: in which chunks, in which memory.
        allow_plugins: whether the Python files that the spec names may run.

    Raises:
        SpecError: the spec or its data has errors; the message lists all of them.
    """
    compiled = compile_spec(spec, overrides, allow_plugins=allow_plugins, to_look_at=True)
    data = compiled.data
    buckets, batch = data.train.buckets, _batch(compiled)
    return Checked(
        name=compiled.experiment.name,
        spec=dump(compiled.experiment),
        origins=tuple(explain(compiled.experiment)),
        samples=data.sizes,
        input=compiled.graph.input.shape,
        cost=price(compiled),
        batch=batch,
        lengths=None if buckets is None else tuple(buckets.ends),
        monitor=compiled.monitor,
        notes=tuple(compiled.notes),
        shortage=shortage(compiled.graph, batch),
        plan=planned(compiled) if plan else None,
    )


def _batch(compiled: Compiled) -> int:
    return min(compiled.experiment.data.batch_size, len(compiled.data.train))
