"""``dlrun.components`` and ``dlrun.schema``."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

import dlrun
from dlrun.errors import InputError


def test_the_components_are_those_of_help(command: Callable[..., str]) -> None:
    lines = command("help").splitlines()
    families: dict[str, list[str]] = {}
    for each in dlrun.components():
        families.setdefault(each.family, []).extend([each.name] * (each.name != each.family))
    assert lines == [f"{family}: {', '.join(names)}" for family, names in families.items()]
    layers = [f"{each.name:22} {words(each.summary)}" for each in dlrun.components("layer")]
    assert layers == command("help", "layer").splitlines()
    (dense,) = dlrun.components("layer", "dense")
    printed_page = command("help", "layer", "dense")
    assert words(dense.text) in words(printed_page)
    for field in dense.fields:
        assert f"  {field.name}: {field.type}" in printed_page


def words(text: str) -> str:
    return " ".join(text.replace("``", "`").split())


def test_sections_are_found_with_and_without_their_document() -> None:
    (section,) = dlrun.components("data.split")
    assert (section.family, section.name) == ("spec", "data.split")
    assert dlrun.components("spec", "data.split") == (section,)
    assert {field.name for field in section.fields} >= {"validation", "test", "folds"}
    whole, *sections = dlrun.components("sweep")
    assert (whole.family, whole.name, whole.cls.__name__) == ("sweep", "sweep", "Sweep")
    names = ["objective", "objectives", "budget", "until", "claims"]
    assert [each.name for each in sections] == names


@pytest.mark.parametrize(
    ("names", "message"),
    [
        (("layr",), "unknown family 'layr'; did you mean 'layer'"),
        (("layer", "dens"), "unknown layer 'dens'; did you mean 'dense'"),
        (("Linear",), "'Linear' is not a family; see dlrun help layer dense or dlrun help sched"),
        (("nn.Conv2d",), "'nn.Conv2d' is not a family; see dlrun help layer conv$"),
        (("AdamW",), "'AdamW' is not a family; see dlrun help optimizer adamw$"),
        (("StepLR",), "'StepLR' is not a family; see dlrun help schedule step$"),
        (("Sequential",), "'Sequential' is not a family; write its layers directly as the items"),
        (("n_epochs",), "'n_epochs' is not a family; see dlrun help spec or dlrun help ch"),
        (("batchsize",), "'batchsize' is not a family; see dlrun help data$"),
        (("learning_rate",), "'learning_rate' is not a family; see dlrun help optimizer adam$"),
        (("lr",), "'lr' is not a family; see dlrun help optimizer adam$"),
        (("xyzzy",), "unknown family 'xyzzy'; known: "),
        (("layer", "Linear"), "unknown layer 'Linear'; did you mean 'dense'"),
        (("spec", "dat"), "unknown spec 'dat'; did you mean 'data'"),
        ((None, "dense"), "'dense' needs its family"),
        (("spec", "data.splt"), "unknown spec 'data.splt'; did you mean 'data.split'"),
    ],
)
def test_what_there_is_not(names: tuple[str, ...], message: str) -> None:
    with pytest.raises(InputError, match=message):
        dlrun.components(*names)


@pytest.mark.slow
@pytest.mark.parametrize("sweep", [False, True])
def test_the_schema_is_what_the_command_prints(sweep: bool, command: Callable[..., str]) -> None:
    printed = json.loads(command("schema", *(["--sweep"] if sweep else [])))
    assert json.loads(json.dumps(dlrun.schema(sweep=sweep))) == printed
