from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pydantic import Field

from dlrun.spec.component import Component
from dlrun.spec.nodes import Entry, Mapping, Scalar, plain
from dlrun.spec.origin import InFile
from dlrun.spec.overrides import apply, read
from dlrun.spec.problems import Problems

ORIGIN = InFile("spec.yaml", 1, 1)


class Tagged(Component):
    """A component with names that the user chooses."""

    tags: dict[str, str] = Field(default_factory=dict)


MODEL = "model: [relu, conv: {filters: 2, kernel: 5}]\n"


@pytest.mark.parametrize("rule", ["adam", "{adam: 1}", "{adam: {lr: 1}}", "{adam: {beta: 0.9}}"])
def test_a_path_fits_every_notation(load: Any, rule: str) -> None:
    made = load(f"{MODEL}rule: {rule}", ["rule.adam.lr=3e-3"])
    assert (made.rule.lr, made.rule.beta) == (3e-3, 0.9)


def test_other_fields_of_the_component_stay(load: Any) -> None:
    made = load(f"{MODEL}rule: {{adam: {{beta: 0.5}}}}", ["rule.adam.lr=2"])
    assert (made.rule.lr, made.rule.beta) == (2.0, 0.5)


def test_another_name_replaces_the_component(load: Any) -> None:
    made = load(f"{MODEL}rule: {{adam: {{beta: 0.5}}}}", ["rule.sgd.momentum=0.9"])
    assert (made.rule.kind, made.rule.momentum) == ("sgd", 0.9)
    assert load(MODEL, ["rule=sgd"]).rule.kind == "sgd"
    assert load(MODEL, ["rule.sgd=0.5"]).rule.lr == 0.5


def test_lists_are_counted_from_zero(load: Any) -> None:
    made = load(MODEL, ["model.1.conv.filters=32", "model.0=drop"])
    assert made.model[0].kind == "drop"
    assert (made.model[1].filters, made.model[1].kernel) == (32, 5)


def test_sections_are_made_and_unmade(load: Any) -> None:
    assert load(MODEL, ["stopping.patience=3"]).stopping.patience == 3
    assert load(f"{MODEL}stopping: {{patience: 2}}", ["stopping=null"]).stopping is None


def test_values_are_yaml_and_the_last_wins(load: Any) -> None:
    assert load(MODEL, ["notes=[no, '1']"]).notes == ("no", "1")
    assert load(MODEL, ["name=x", "name=a=b"]).name == "a=b"


def test_a_mapping_of_names_is_begun_by_its_first_name() -> None:
    for given in (None, Mapping({}, ORIGIN)):
        root = Mapping({} if given is None else {"tags": Entry(ORIGIN, given)}, ORIGIN)
        problems = Problems()
        changed = apply(root, Tagged, read(["tags.a.b=x", "tags.c=y"], problems), problems)
        assert not problems and plain(changed) == {"tags": {"a.b": "x", "c": "y"}}
    problems = Problems()
    text = Mapping({"tags": Entry(ORIGIN, Scalar("x", ORIGIN))}, ORIGIN)
    apply(text, Tagged, read(["tags.a=x"], problems), problems)
    assert problems.messages() == ["'tags.a' does not exist; 'tags' is not a mapping"]


def test_params_change_what_names_them(load: Any) -> None:
    made = load('params: {n: 3}\nmodel: [dense: "${n}"]', ["params.n=7"])
    assert made.model[0].units == 7


def test_python_values_are_taken_as_they_are(load: Any) -> None:
    overrides = {
        "name": "1e-3",
        "data.size": np.int64(3),
        "rule.adam.lr": np.float32(0.5),
        "data.path": Path("a/b"),
        "model": ["relu", {"dense": 2}],
    }
    made = load(MODEL, overrides)
    assert (made.name, made.data.size, made.rule.lr, made.data.path) == ("1e-3", 3, 0.5, "a/b")
    assert made.model[1].units == 2


@pytest.mark.parametrize(
    ("override", "words"),
    [
        ("nmae=x", "unknown key 'nmae'; did you mean 'name'?"),
        ("rule.adma.lr=1", "unknown rule 'adma'; did you mean 'adam'?"),
        ("rule.adam.bta=1", "unknown key 'bta'; did you mean 'beta'?"),
        ("model.2.relu=1", "there are 2"),
        ("model.-1=relu", "there are 2"),
        (f"model.{'9' * 5000}=relu", "there are 2"),
        ("params.dept=3", "unknown key 'dept'; did you mean 'depth'?"),
        ("name.x=1", "not a mapping"),
        ("name", "write key=value"),
        ("=3", "write key=value"),
        ("notes=[1", "not YAML"),
        ("data.size=many", "'size' must be a whole number, got 'many'"),
        ("name=\udcff", "not valid Unicode"),
        ("data.size=1e999", "largest number"),
    ],
)
def test_faults_name_the_override(faults: Any, override: str, words: str) -> None:
    (fault,) = faults(f"{MODEL}params: {{depth: 1}}", [override])
    shown = override.encode(errors="backslashreplace").decode()
    assert fault.startswith(f"override {shown}: ")
    assert words in fault
    assert fault.isprintable()


def nested() -> list[Any]:
    inner: list[Any] = []
    inner.append(inner)
    return inner


@pytest.mark.parametrize("value", [object(), nested(), "\udcff", {1, 2}, b"x"])
def test_a_value_that_no_spec_can_hold(faults: Any, value: Any) -> None:
    (fault,) = faults(MODEL, {"params": {"x": value}})
    assert fault.startswith("override params=")


def test_no_way_into_what_a_param_puts_there(faults: Any) -> None:
    text = f"{MODEL}params: {{r: {{adam: {{beta: 0.5}}}}}}\nrule: ${{r}}\n"
    (fault,) = faults(text, ["rule.adam.lr=1"])
    assert "'rule' is ${r}; override the params" in fault


@pytest.mark.parametrize(
    ("overrides", "words"),
    [
        (["rule=sgd", "rule.adam.lr=1"], "rule.adam.lr=1: it would undo rule=sgd; remove one"),
        (["rule.adam.lr=1", "rule=sgd"], "rule=sgd: it would undo rule.adam.lr=1; remove one"),
        (["rule.adam.lr=1", "rule=adam"], "rule=adam: it would undo rule.adam.lr=1; write it befo"),
        (["rule.sgd.lr=1", "rule.adam.lr=1"], "it would undo rule.sgd.lr=1"),
        (["model=[drop]", "model.0.dense.units=3"], "it would undo model=[drop]"),
        (["model.1.conv.filters=3", "model=[relu, drop]"], "it would undo model.1.conv.filters=3"),
        (["rule={adam: {lr: 1}}", "rule.adam.lr=2"], "it would undo rule={adam: {lr: 1}}"),
        (["stopping=null", "stopping.patience=3"], "it would undo stopping=null"),
        (["data.kinds={a: b}", "data.kinds.a=c"], "it would undo data.kinds={a: b}"),
    ],
)
def test_overrides_that_undo_one_another(faults: Any, overrides: list[str], words: str) -> None:
    (line,) = faults(MODEL, overrides)
    assert line.startswith("override ")
    assert words in line


@pytest.mark.parametrize("order", [1, -1])
@pytest.mark.parametrize("other", ["model=[dense: 3]", "model.0.dense.units=3"])
def test_a_param_that_nothing_reads_any_more(faults: Any, order: int, other: str) -> None:
    text = 'params: {n: 3, m: "${n}"}\nmodel: [dense: "${m}"]'
    if other.endswith("=3"):
        text = 'params: {n: 3}\nmodel: [dense: {units: "${n}"}]'
    (line,) = faults(text, ["params.n=7", other][::order])
    assert line.startswith(f"override {other}: it would replace everything that uses params.n=7")


@pytest.mark.parametrize(
    "overrides",
    [
        ["rule=adam", "rule.adam.lr=1", "rule.adam.beta=0.5"],
        ["rule={adam: {beta: 0.5}}", "rule.adam.lr=1"],
        ["rule.adam.lr=3", "rule.adam.beta=0.5", "rule.adam.lr=1"],
        ["rule.adam=1", "rule.adam.lr=1", "rule.adam.beta=0.5"],
        ["rule=sgd", "rule=adam", "rule.adam={lr: 1, beta: 0.5}"],
    ],
)
def test_overrides_that_complete_one_another(load: Any, overrides: list[str]) -> None:
    made = load(MODEL, overrides)
    assert (made.rule.kind, made.rule.lr, made.rule.beta) == ("adam", 1.0, 0.5)
