from __future__ import annotations

from typing import Any

import pytest

from dlrun.spec.unknown import Missing


@pytest.mark.parametrize(
    ("value", "text", "expected"),
    [
        ("3", "${x}", 3),
        ("1e-3", "${ x }", 1e-3),
        ("no", "${x}", "no"),
        ("[1, a]", "${x}", (1, "a")),
        ("{k: v}", "${x.k}", "v"),
        ("16", "w-${x}-${x}", "w-16-16"),
        ("true", "is ${x}", "is true"),
        ("1", "$${x}", "${x}"),
        ("1", "$${", "${"),
        ("1", "$$${{", "$${{"),
        ("1", "a $${ b ${x}", "a ${ b 1"),
        ("1", "$5 {x}", "$5 {x}"),
    ],
)
def test_what_stands_for_a_reference(load: Any, value: str, text: str, expected: Any) -> None:
    made = load(f"model: [relu]\nparams:\n  x: {value}\n  y: '{text}'\n")
    assert made.params["y"] == expected
    assert type(made.params["y"]) is type(expected)


def test_a_component_or_a_list_of_them(load: Any) -> None:
    made = load("params: {a: relu, m: [relu, dense: 3]}\nmodel: [relu]", {"model": "${m}"})
    assert [each.kind for each in made.model] == ["relu", "dense"]


def test_params_name_params_in_any_order(load: Any) -> None:
    made = load('params: {a: "${b}", b: "${c.d}", c: {d: 4}}\nmodel: [dense: "${a}"]')
    assert made.model[0].units == 4


def test_facts_of_the_data(load: Any) -> None:
    text = 'params: {out: "${classes}"}\nmodel: [dense: "${out}", dense: "${features}"]'
    made = load(text, facts={"classes": 3, "features": 8})
    assert [each.units for each in made.model] == [3, 8]


@pytest.mark.parametrize(
    ("params", "use", "words"),
    [
        ("{width: 3}", "${widht}", "did you mean 'width'?"),
        ("{}", "${clases}", "did you mean 'classes'?"),
        ("{a: {b: 1}}", "${a.c}", "unknown ${a.c}"),
        ("{}", "${classes}", "the target is a number"),
        ("{}", "${x", "without '}'"),
        ("{a: [1]}", "n${a}", "part of text"),
        ('{a: "${b}", b: "${a}"}', "x", "cycle: b -> a -> b"),
        ('{a: "${a}"}', "x", "cycle: a -> a"),
        ('{a: {x: "${a.x}"}}', "x", "cycle"),
    ],
)
def test_faults(faults: Any, params: str, use: str, words: str) -> None:
    absent = {"classes": Missing("the target is a number")}
    found = faults(f"model: [relu]\nparams: {params}\nnotes: ['{use}']\n", facts=absent)
    assert len(found) == 1
    assert words in found[0]


def test_a_wrong_type_is_shown_where_it_is_used(faults: Any) -> None:
    (fault,) = faults('params: {n: x}\nmodel: [dense: "${n}"]')
    assert fault.startswith("spec.yaml:4:16: 'units' must be a whole number, got 'x'")


def test_a_wrong_type_from_an_override_names_it(faults: Any) -> None:
    (fault,) = faults('params: {n: 1}\nmodel: [dense: "${n}"]', ["params.n=x"])
    assert fault.startswith("override params.n=x: 'units' must be")


@pytest.mark.slow
@pytest.mark.parametrize("fan", [1, 10])
def test_params_cannot_grow_without_end(faults: Any, fan: int) -> None:
    levels = 1000 if fan == 1 else 12
    names = [f'"${{a{n + 1}}}"' for n in range(levels)]
    lines = [f"  a{n}: [{', '.join([name] * fan)}]\n" for n, name in enumerate(names)]
    found = faults(f"model: [relu]\nparams:\n{''.join(lines)}  a{levels}: 1\n")
    assert any("after replacing" in line for line in found)
