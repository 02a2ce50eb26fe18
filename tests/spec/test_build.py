from __future__ import annotations

from typing import Any

import pytest

from dlrun.spec.unknown import UNKNOWN


@pytest.mark.parametrize(
    "text",
    [
        "model: [dense: 3]",
        "model: [linear: 3]",
        "model: [dense: {units: 3}]",
        "model:\n  - dense:\n      units: 3\n",
        "model:\n  - dense: 3\n    bias: true\n",
        "model:\n  - dense:\n    units: 3\n",
    ],
)
def test_every_notation_gives_the_same(load: Any, text: str) -> None:
    assert load(text).model == load("model: [dense: {units: 3, bias: true}]").model


def test_a_bare_name(load: Any) -> None:
    made = load("model: [relu, drop]\nrule: sgd")
    assert [each.kind for each in made.model] == ["relu", "drop"]
    assert made.rule.lr == 0.1


def test_the_main_field_is_the_first_even_where_the_root_has_it(load: Any) -> None:
    rule = load("model: [relu]\nrule: {adam: 5e-3}").rule
    assert (rule.lr, rule.beta) == (5e-3, 0.9)


def test_a_list_beside_the_main_field(load: Any) -> None:
    (repeat,) = load("model:\n  - repeat: 2\n    layers: [relu, dense: 4]\n").model
    assert repeat.times == 2
    assert [each.kind for each in repeat.layers] == ["relu", "dense"]


def test_whole_numbers_serve_as_numbers_and_lists_as_pairs(load: Any) -> None:
    made = load("model: [conv: {filters: 2, kernel: [3, 5]}]\nrule: {sgd: 1}\nmax_time: 1h30m")
    assert made.model[0].kernel == (3, 5)
    assert made.rule.lr == 1.0
    assert made.max_time == 5400


def test_instances_know_their_places(load: Any) -> None:
    made = load("model:\n  - relu\n  - dense: 3\n")
    assert [str(each.origin).split(".yaml")[1] for each in made.model] == [":4:5", ":5:5"]
    assert str(made.rule.origin) == "default"


def test_places_do_not_make_components_differ(load: Any) -> None:
    one, two = load("model: [relu, dense: 3]").model, load("model:\n- relu\n- dense: 3").model
    assert one == two
    assert hash(one[1]) == hash(two[1])
    assert one[1] != load("model: [dense: 4]").model[0]


@pytest.mark.parametrize(
    ("text", "place", "words"),
    [
        ("model: [relu]\nruel: adam", "4:1", "no key 'ruel'; did you mean 'rule'?"),
        ("model: [relu]\nrule: adma", "4:7", "unknown rule 'adma'; did you mean 'adam'?"),
        ("model: [lineer: 3]", "3:9", "unknown block 'lineer'; did you mean 'linear'?"),
        ("model: [dense: {units: 3, bais: true}]", "3:27", "key 'bais'; did you mean 'bias'?"),
        ("model: [dense]", "3:9", "dense needs 'units'"),
        ("model: [dense: ten]", "3:16", "'units' must be a whole number, got 'ten'"),
        ("model: [dense: 1.5]", "3:16", "whole number, got 1.5"),
        ("model: [dense: 0]", "3:16", "'units' must be greater than 0, got 0"),
        ("model: [drop: 1.5]", "3:15", "'rate' must be less than 1.0, got 1.5"),
        ("model:\n- drop: 0,5", "4:9", "must be a number, got '0,5'; write 0.5"),
        ("model: [drop: true]", "3:15", "must be a number, got true"),
        ("model: [drop: '0.5']", "3:15", "must be a number, got '0.5'"),
        ("model: [dense: {units: 3, bias: 1}]", "3:33", "true or false, got 1"),
        ("model: [dense: {units: null}]", "3:24", "got null"),
        ("model: [conv: {filters: 1, kernel: x}]", "3:36", "'kernel' must be whole number > 0 or"),
        ("model: [conv: {filters: 1, padding: smae}]", "3:37", "did you mean 'same'?"),
        ("model: [relu: 3]", "3:15", "'relu' has no fields; write just 'relu'"),
        ("model: []", "3:8", "at least 1 item"),
        ("model: relu", "3:8", "must be a list"),
        ("model: [3]", "3:9", "name of a block"),
        ("model: [{}]", "3:9", "one block"),
        ("model: [{relu: null, drop: 1}]", "3:22", "two blocks"),
        ("model: [{relu: null, drop: 1}]", "3:22", "in one item, 'relu' and 'drop'; begin each"),
        (
            "model: [relu]\nrule: {sgd: 1, adam: {}}",
            "4:16",
            "'sgd' and 'adam', but only one rule is possible; remove one",
        ),
        ("model: [{units: 3, dense: 4}]", "3:10", "write 'dense' first"),
        ("model: [{dense: 3, units: 4}]", "3:20", "given twice"),
        ("model: [relu]\nstopping: 3", "4:11", "mapping"),
        ("model: [relu]\nmax_time: soon", "4:11", "must be a duration"),
        ("model: [relu]\nrule: {sgd: {nesterov: true}}", "4:8", "needs a 'momentum' above 0"),
        ("model: [relu]\nnotes: [a, 3]", "4:12", "must be text, got 3; put it in quotes"),
        ("model: [relu]\nnotes: a", "4:8", "must be a list, got 'a'; put it in brackets: [...]"),
    ],
)
def test_faults_point_and_advise(faults: Any, text: str, place: str, words: str) -> None:
    (fault,) = faults(text)
    assert fault.startswith(f"spec.yaml:{place}: ")
    assert words in fault


def test_all_faults_come_at_once_in_the_order_of_the_file(faults: Any) -> None:
    found = faults("rule: adma\nmodel:\n  - dense: x\n  - drop: 2\n  - foo\nextra: 1\n")
    assert [line.split(":")[1] for line in found] == ["3", "5", "6", "7", "8"]


def test_what_is_missing_at_the_top(faults: Any) -> None:
    found = faults("", base="name: a\n")
    assert [line.split("; ")[0] for line in found] == [
        "spec.yaml:1:1: the spec needs 'data'",
        "spec.yaml:1:1: the spec needs 'model'",
    ]


def test_an_unknown_fact_makes_no_noise(faults: Any) -> None:
    text = 'model: [dense: "${classes}", dense: {units: "${classes}", bias: 3}]'
    (fault,) = faults(text, facts={"classes": UNKNOWN})
    assert "'bias' must be true or false" in fault
