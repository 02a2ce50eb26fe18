from __future__ import annotations

import subprocess
from collections.abc import Callable

import pytest

from dlrun import catalog
from dlrun.api.sections import DOCUMENTS
from dlrun.api.sections import sections as sections_of

Dlrun = Callable[..., subprocess.CompletedProcess[str]]


def test_every_family_and_component_is_listed(dlrun: Dlrun) -> None:
    lines = dlrun("help").stdout.splitlines()
    catalog.load()
    listed = {line.partition(": ")[0]: line.partition(": ")[2].split(", ") for line in lines}
    sections = {word: list(sections_of(word)) for word in ("spec", "sweep")}
    families = {root.family.family: list(root.family) for root in catalog.FAMILIES}
    assert listed == {**families, **sections}
    assert (lines[0].split(":")[0], lines[-1].split(":")[0]) == ("spec", "sweep")


def test_a_family_says_a_line_of_each(dlrun: Dlrun) -> None:
    lines = dlrun("help", "optimizer").stdout.splitlines()
    names = [line.split()[0] for line in lines]
    assert names == sorted(names)
    assert {"adam", "adamw", "lamb", "muon", "sgd"} <= set(names)
    assert all(line[22:].strip() for line in lines)


def test_a_component_says_its_fields(dlrun: Dlrun) -> None:
    text = dlrun("help", "layer", "dense").stdout
    assert text.startswith("dense\n\nFully connected layer: y = x W + b")
    assert "\n  units: whole number > 0, required\n      Number of outputs.\n" in text
    assert "\n  bias: true or false, default true\n" in text


@pytest.mark.parametrize("document", DOCUMENTS)
def test_every_section_has_a_page_with_its_keys(dlrun: Dlrun, document: str) -> None:
    """What the reference has on paper, the terminal has too."""
    pages = {document: DOCUMENTS[document], **sections_of(document)}
    assert len(pages) > 3
    for name, section in pages.items():
        printed = dlrun("help", name).stdout
        assert printed.startswith(f"{name}\n\n")
        assert all(f"\n  {key}: " in printed for key in section.model_fields)
        assert max(map(len, printed.splitlines())) <= 100
    whole = dlrun("help", document).stdout
    assert all(f"\n  {name} " in whole for name in sections_of(document))


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (["train"], "'train' is a command; see dlrun train --help"),
        (["dense"], "'dense' is not a family; see dlrun help layer dense"),
        (["mse"], "'mse' is not a family; see dlrun help loss mse or dlrun help metric mse"),
        (["data.batch_size"], "'data.batch_size' is not a family; see dlrun help data"),
        (
            ["patience"],
            "'patience' is not a family; see dlrun help early_stopping or dlrun help until",
        ),
        (["data.patience"], "unknown family 'data.patience'; did you mean 'data.split'?"),
        (["layers"], "unknown family 'layers'; did you mean 'layer'?"),
        (["layer", "dens"], "unknown layer 'dens'; did you mean 'dense'?"),
    ],
)
def test_what_is_unknown_is_a_line(dlrun: Dlrun, arguments: list[str], line: str) -> None:
    result = dlrun("help", *arguments)
    assert (result.returncode, result.stdout, result.stderr) == (2, "", f"{line}\n")
