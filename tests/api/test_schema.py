"""Whatever a spec or a sweep may contain is valid for an editor with the schema, too."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

import dlrun
from dlrun import catalog
from dlrun.errors import SpecError
from dlrun.spec.component import Component
from dlrun.spec.examples import examples
from dlrun.spec.nodes import plain
from dlrun.spec.problems import Problems
from dlrun.spec.resolved import dump
from dlrun.spec.yaml import parse

ROOT = Path(dlrun.__file__).parents[1]
WRITTEN = (
    *ROOT.joinpath("experiments").rglob("*.yaml"),
    *ROOT.joinpath("tests/compatibility").rglob("*spec.yaml"),
    *ROOT.joinpath("docs").rglob("*.md"),
    ROOT / "README.md",
)


@cache
def validator(*, sweep: bool) -> Draft202012Validator:
    schema = dlrun.schema(sweep=sweep)
    Draft202012Validator.check_schema(schema)
    return Draft202012Validator(schema)


def faults(content: Any) -> list[str]:
    """What an editor would say about a spec or a sweep."""
    checked = validator(sweep="space" in content or "search" in content)
    return [error.message for error in checked.iter_errors(content)]


def texts(path: Path) -> Iterator[str]:
    """A YAML file, or those on a page."""
    text = path.read_text()
    yield from (
        [text] if path.suffix == ".yaml" else re.findall(r"```yaml \S+\n(.*?)```", text, re.S)
    )


def content(text: str) -> Any:
    """The plain data of a text; None if it is not meant to be valid."""
    problems = Problems()
    node = parse(text, "spec.yaml", problems)
    return None if problems or node is None else json.loads(json.dumps(plain(node)))


@pytest.mark.parametrize("path", WRITTEN, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_file_of_the_project_is_valid(path: Path) -> None:
    for text in texts(path):
        found = content(text)
        if isinstance(found, dict) and "plugins" not in found:  # whose components it cannot know
            assert faults(found) == []


SPEC = """
name: small
data: {source: iris, preprocess: [standardize]}
model: [dense: 8, relu, dense: "${classes}"]
loss: cross_entropy
epochs: 2
"""
SWEEP = """
name: few
spec: spec.yaml
search: {random: 4}
objective: {minimize: validation.loss}
space: {optimizer.adam.lr: [1e-3, 1e-2]}
"""


@pytest.mark.parametrize(
    "lines",
    [
        "max_time: 3h50m",
        "max_time: 90",
        "max_time: 1m30s",
        'params: {some: [gaussian_noise: 0.1]}\naugment: "${some}"',
        'params: {stop: {patience: 3}}\nearly_stopping: "${stop}"',
        'params: {k: 3}\nmodel: [{reshape: ["${k}", 3]}]',
        "optimizer: {adam: 1e-3}",
        "optimizer: {adam: {lr: 1e-3}}",
        "optimizer: {adam: 1e-3, beta1: 0.8}",
        "data: {source: {text: {path: reviews.csv, text: review, target: label}}}",
        "data: {source: {text: reviews.csv, target: label}}",
        "data: {source: {csv: {path: t.csv, target: y, delimiter: tab}}, split: {test: t.csv}}",
    ],
)
def test_each_notation_of_a_spec_is_valid(lines: str) -> None:
    assert faults(content(SPEC) | content(lines)) == []


@pytest.mark.parametrize("budget", ["4h", "1h30m", "{time: 4h, epochs: 40}", "{time: 90}", "null"])
def test_each_notation_of_a_budget_is_valid(budget: str) -> None:
    assert faults(content(SWEEP) | content(f"budget: {budget}")) == []


@pytest.mark.parametrize(
    "lines",
    [
        "max_time: soon",
        "max_time: 0",
        "epochs: 1.5",
        "epochs: -1",
        "optimizer: [adam]",
        "mode: [1]",
    ],
)
def test_what_is_refused_is_marked(lines: str) -> None:
    spec = content(SPEC) | content(lines)
    with pytest.raises(SpecError):
        dlrun.check(spec)
    assert faults(spec) != []


@pytest.mark.parametrize("budget", ["40", "soon", "[4h]", "{time: soon}"])
def test_a_budget_that_is_refused_is_marked(budget: str) -> None:
    assert faults(content(SWEEP) | content(f"budget: {budget}")) != []


def families() -> list[str]:
    return sorted(set(dlrun.schema(sweep=True)["$defs"]) - {"experiment", "claim"})


def root_of(family: str) -> type[Component]:
    """The root of a family."""
    catalog.load()
    for cls in Component.__subclasses__():
        if "family" in vars(cls) and cls.family is not None and cls.family.family == family:
            return cls
    raise LookupError(family)


@pytest.mark.parametrize("family", sorted({*families()} - {"dimension"}))
def test_every_component_is_valid_as_it_is_resolved(family: str) -> None:
    schema = dlrun.schema(sweep=True)
    checked = Draft202012Validator({"$ref": f"#/$defs/{family}", "$defs": schema["$defs"]})
    root = root_of(family)
    registry = root.family
    assert registry is not None
    count = 0
    for name in registry:
        needed = any(field.is_required() for field in registry[name].model_fields.values())
        for bare in (name, {name: None})[: 0 if needed else 2]:
            assert list(checked.iter_errors(bare)) == []
        for each in examples(registry[name], {}):
            written = json.loads(json.dumps(dump(each)))
            assert [error.message for error in checked.iter_errors(written)] == [], written
            count += 1
    assert count >= len(list(registry)) / 2


@pytest.mark.parametrize(
    "dimension",
    [
        "[1, relu, {dense: 8}, null]",
        "{choice: [1, 2], when: {optimizer: adam}}",
        "{fixed: 3}",
        "{fixed: {value: {adam: 1e-3}}}",
        "{integer: [1, 5]}",
        "{integer: {ends: [1, 5], log: true}}",
        "{integer: [1, 5], when: {a: [1, 2]}}",
        "{uniform: [0.1, 1]}",
        "{log_uniform: [1e-3, 1]}",
    ],
)
def test_each_notation_of_a_dimension_is_valid(dimension: str) -> None:
    assert faults(content(SWEEP) | content(f"space: {{model.0: {dimension}}}")) == []
