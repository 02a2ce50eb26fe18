from __future__ import annotations

import subprocess
from collections.abc import Callable

import pytest

from dlrun import catalog

Dlrun = Callable[..., subprocess.CompletedProcess[str]]


def test_every_family_and_component_is_listed(dlrun: Dlrun) -> None:
    lines = dlrun("help").stdout.splitlines()
    listed = {line.partition(": ")[0]: line.partition(": ")[2].split(", ") for line in lines}
    assert listed == {root.family.family: list(root.family) for root in catalog.FAMILIES}


def test_a_family_says_a_line_of_each(dlrun: Dlrun) -> None:
    lines = dlrun("help", "optimizer").stdout.splitlines()
    names = [line.split()[0] for line in lines]
    assert names == sorted(names)
    assert {"adam", "adamw", "lamb", "muon", "sgd"} <= set(names)
    assert all(line[22:].strip() for line in lines)


def test_a_component_says_its_fields(dlrun: Dlrun) -> None:
    text = dlrun("help", "layer", "dense").stdout
    assert text.startswith("dense\n\nAffine map y = x W + b")
    assert "\n  units: whole number > 0, required\n      Outputs.\n" in text
    assert "\n  bias: true or false, default true\n" in text


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (["layers"], "unknown family 'layers'; did you mean 'layer'?"),
        (["layer", "dens"], "unknown layer 'dens'; did you mean 'dense'?"),
    ],
)
def test_what_is_unknown_is_a_line(dlrun: Dlrun, arguments: list[str], line: str) -> None:
    result = dlrun("help", *arguments)
    assert (result.returncode, result.stdout, result.stderr) == (2, "", f"{line}\n")
