"""What a spec may cost: small files that would fill the memory, or take for ever, are refused."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import dlrun
from dlrun.errors import SpecError
from dlrun.experiment.compile import compile_spec
from dlrun.spec.core_schema import resolve
from dlrun.spec.problems import did_you_mean

Spec = Callable[..., Path]


def refused(path: Path, overrides: Any = ()) -> str:
    with pytest.raises(SpecError) as caught:
        compile_spec(path, overrides)
    return caught.value.faults[0]


def layers(*times: int) -> list[Any]:
    found: list[Any] = [{"dense": 2}]
    for each in times:
        found = [{"repeat": {"times": each, "layers": found}}]
    return [*found, {"dense": "${classes}"}]


def doubling(count: int) -> dict[str, str]:
    return {"p0": "x" * 8, **{f"p{n + 1}": f"${{p{n}}}${{p{n}}}" for n in range(count)}}


@pytest.mark.parametrize(
    ("keys", "words"),
    [
        ({"params": doubling(60)}, "after replacing ${...}: more than 100,000 values, or 6.4"),
        ({"params": {"t": "z" * 500_000, "l": ["${t}"] * 50}}, "after replacing ${...}"),
        ({"params": {"l": [1] * 900, "m": ["${l}"] * 900}}, "after replacing ${...}"),
        ({"model": layers(1000, 1000, 1000)}, "the network has more than 10,000 layers; lower"),
        ({"model": layers(10**15)}, "'times' must be at most 10000"),
        ({"model": layers(101, 100)}, "the network has more than 10,000 layers; lower the 'times'"),
        ({"seed": 10**30}, "does not fit into 64 bits"),
        ({"epochs": 10**300}, "does not fit into 64 bits"),
        ({"data": {"source": {"blobs": {"samples": 10**15}}}}, "'samples' must be at most"),
    ],
    ids=lambda value: "",
)
def test_a_small_spec_that_means_too_much(spec: Spec, keys: dict[str, Any], words: str) -> None:
    path = spec(**keys)
    line = refused(path)
    place, _, what = line.removeprefix(f"{path}:").partition(": ")
    assert words in what
    assert all(each.isdecimal() for each in place.split(":")), line


def test_aliases_count_with_their_letters(tmp_path: Path) -> None:
    path = tmp_path / "a.yaml"
    path.write_text(f"name: a\nparams:\n  t: &t {'z' * 500_000}\n  l: [{'*t, ' * 50}]\n")
    assert "a.yaml:4:6: more than 100,000 values, or 6.4 million characters" in refused(path)


@pytest.mark.parametrize(
    "text", ["name: " + "[" * 100_000, "name: " + "{a: " * 100_000, "- " * 100_000]
)
def test_deep_nesting(tmp_path: Path, text: str) -> None:
    path = tmp_path / "a.yaml"
    path.write_text(text)
    assert "nested deeper than 64 levels" in refused(path)


def test_what_is_repeated_without_end_and_adds_nothing(spec: Spec) -> None:
    compiled = compile_spec(spec(model=layers(0, 10**4, 10**4, 10**4, 10**4)))
    assert len(compiled.graph.nodes) == 1
    assert len(compile_spec(spec(model=layers(20, 20))).graph.nodes) == 401


def test_long_texts_within_the_limit(spec: Spec) -> None:
    compiled = compile_spec(spec(params=doubling(12)))
    assert compiled.experiment.params["p12"] == "x" * 8 * 2**12


@pytest.mark.parametrize(
    "text", ["9" * 5000, "0x" + "f" * 5000, "1e5000", "9" * 20, "-" + "9" * 20]
)
def test_numbers_without_end(text: str) -> None:
    with pytest.raises(ValueError):
        resolve(text)


def test_numbers_of_64_bits() -> None:
    assert resolve(str(2**63 - 1)) == 2**63 - 1
    assert resolve(str(2**64 - 1)) == 2**64 - 1
    assert resolve(str(-(2**63))) == -(2**63)


def test_only_seeds_have_64_bits_without_a_sign(spec: Spec) -> None:
    seeds = {"seed": 2**64 - 1, "data.split.seed": 2**63}
    compiled = compile_spec(spec(), [f"{key}={value}" for key, value in seeds.items()])
    assert compiled.experiment.seed == 2**64 - 1
    assert compiled.experiment.data.split.seed == 2**63
    assert "at most 2^63 - 1" in refused(spec(), {"epochs": 2**63})
    assert "does not fit into 64 bits" in refused(spec(), {"seed": 2**64})


def test_python_gives_no_longer_numbers(spec: Spec) -> None:
    assert "does not fit into 64 bits" in refused(spec(), {"epochs": 10**5000})
    assert "does not fit into 64 bits" in refused(spec(), [f"epochs={10**20}"])


def test_many_faults_are_not_all_told(spec: Spec) -> None:
    with pytest.raises(SpecError) as caught:
        compile_spec(spec(params={f"p{n}": f"${{q{n}}}" for n in range(5000)}))
    *first, last = caught.value.faults
    assert len(first) == 100
    assert last == "... and 4,900 more errors; correct these first"


@pytest.mark.parametrize(("known", "advice"), [(61, "and 1 more"), (2000, "more than 1,000")])
def test_advice_is_short(known: int, advice: str) -> None:
    said = did_you_mean("k" * 10**6, (f"word{n}" for n in range(known)))
    assert advice in said and len(said) < 1000


EPS_OF = ("adam", "adamax", "lamb", "rmsprop", "nadam", "radam", "adadelta", "adagrad", "muon")
NORMS: dict[str, dict[str, int]] = {
    "batch_norm": {},
    "layer_norm": {},
    "rms_norm": {},
    "group_norm": {"groups": 1},
    "instance_norm": {},
}


@pytest.mark.parametrize(
    ("keys", "words"),
    [
        *(
            ({"optimizer": {each: {"eps": 1e-60}}}, "'eps' must be at least 1e-45")
            for each in EPS_OF
        ),
        *(
            ({"model": [{"dense": 3}, {each: {**keys, "eps": 7e-46}}]}, "'eps' must be at least")
            for each, keys in NORMS.items()
        ),
        ({"optimizer": {"adam": {"eps": 1e39}}}, "'eps' must be at most 3.4e38"),
        ({"initializer": {"normal": {"std": 1e-50}}}, "'std' must be at least 1e-45"),
        ({"initializer": {"he_normal": {"gain": 1e-50}}}, "must be at least 1e-45"),
        ({"model": [{"leaky_relu": 1e-50}, {"dense": 3}]}, "must be at least 1e-45"),
    ],
)
def test_numbers_above_0_must_not_be_0_in_32_bits(
    spec: Spec, keys: dict[str, Any], words: str
) -> None:
    path = spec(**keys)
    line = refused(path)
    place, _, what = line.removeprefix(f"{path}:").partition(": ")
    assert words in what
    assert all(each.isdecimal() for each in place.split(":")), line


def test_the_smallest_number_above_0_in_32_bits_trains(spec: Spec, tmp_path: Path) -> None:
    file = spec(optimizer={"adam": {"eps": 1e-45}}, epochs=2)
    run = dlrun.train(file, runs=tmp_path / "runs")
    assert run.result["status"] == "completed"
