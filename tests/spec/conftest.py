"""A small spec of its own, with every form that a field can take."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, ClassVar, Literal

import pytest
from pydantic import Field, PositiveInt, model_validator

from dlrun.spec.component import Component
from dlrun.spec.document import Document
from dlrun.spec.fields import Duration, Fraction, Pair, Positive
from dlrun.spec.registry import Registry


class Block(Component):
    """The root of blocks."""

    family: ClassVar = Registry["Block"]("block")


block = Block.family


class Rule(Component):
    """The root of rules."""

    family: ClassVar = Registry["Rule"]("rule")

    lr: Positive
    """Learning rate."""


rule = Rule.family


@block("relu")
class ReLU(Block):
    """Nothing to set."""


@block("dense", "linear")
class Dense(Block):
    """An affine map."""

    units: PositiveInt
    """Outputs."""
    bias: bool = True
    """Add a number."""
    start: Rule | None = None


@block("conv")
class Conv(Block):
    """A convolution."""

    filters: PositiveInt
    kernel: Pair = 3
    padding: Literal["same", "valid"] = "same"


@block("drop")
class Drop(Block):
    """Leave out."""

    rate: Fraction = 0.5


@block("repeat")
class Repeat(Block):
    """Again and again."""

    times: PositiveInt
    layers: tuple[Block, ...] = Field(min_length=1)


@block("parallel")
class Parallel(Block):
    """Lists of lists."""

    branches: tuple[tuple[Block, ...], ...] = Field(min_length=2)
    merge: Literal["add", "concatenate"] = "concatenate"


@rule("adam")
class Adam(Rule):
    """Repeats the root's field, to give it a default."""

    lr: Positive = 1e-3
    beta: Fraction = 0.9


@rule("sgd")
class SGD(Rule):
    """Has a rule between two fields."""

    lr: Positive = 0.1
    momentum: Fraction = 0.0
    nesterov: bool = False

    @model_validator(mode="after")
    def _check(self) -> SGD:
        if self.nesterov and not self.momentum:
            raise ValueError("'nesterov' needs a 'momentum' above 0")
        return self


class Stopping(Component):
    """A section."""

    monitor: str = "loss"
    patience: PositiveInt = 10


class Source(Component):
    """Another one."""

    path: str
    size: PositiveInt = 8
    kinds: dict[str, str] = Field(default_factory=dict)


class Lab(Component):
    """The top."""

    name: str
    params: dict[str, Any] = Field(default_factory=dict)
    data: Source
    model: tuple[Block, ...] = Field(min_length=1)
    rule: Rule = Adam()
    stopping: Stopping | None = None
    max_time: Duration | None = None
    notes: tuple[str, ...] = ()


BASE = "name: a\ndata: {path: x}\n"

Load = Callable[..., Any]


@pytest.fixture(scope="session")
def lab() -> type[Lab]:
    return Lab


@pytest.fixture(scope="session")
def load(tmp_path_factory: pytest.TempPathFactory) -> Load:
    """Builds what a text says; ``name`` and ``data`` stand on the two lines above it."""
    folder = tmp_path_factory.mktemp("specs")

    def load(text: str, overrides: Any = (), facts: Any = None, base: str = BASE) -> Any:
        path = folder / "spec.yaml"
        path.write_text(base + text, encoding="utf-8")
        return Document.open(path, Lab, overrides).build(facts or {})

    return load


@pytest.fixture(scope="session")
def faults(load: Load) -> Callable[..., list[str]]:
    """The fault lines of a text, without the folder of the file."""
    from dlrun.errors import SpecError

    def faults(*args: Any, **more: Any) -> list[str]:
        with pytest.raises(SpecError) as caught:
            load(*args, **more)
        return [_short(line) for line in caught.value.faults]

    def _short(line: str) -> str:
        head, slash, tail = line.partition("/spec.yaml")
        return f"spec.yaml{tail}" if slash and Path(head).is_absolute() else line

    return faults
