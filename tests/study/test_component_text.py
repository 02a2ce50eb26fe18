"""Components in a journal are shown as in a sweep."""

from __future__ import annotations

import pytest

from dlrun import catalog
from dlrun.search.pruners.base import Pruner
from dlrun.study.component_text import as_written
from dlrun.study.identity import another_sampler


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("None", "none"),
        ("Asha(min_epochs=3, factor=3)", "asha: {min_epochs: 3, factor: 3}"),
        ("FreezeThaw(share=0.5)", "freeze_thaw: {share: 0.5}"),
        ("Grid()", "grid"),
        ("Bayes(trials=None, batch=4)", "bayes: {trials: null, batch: 4}"),
        ("A(b=B(c=(1, True)), d='x', e='y z')", 'a: {b: {b: {c: [1, true]}}, d: x, e: "y z"}'),
        ("Own(value=<object>)", "Own(value=<object>)"),
        ("Own(value=x)", "Own(value=x)"),
        ("os.system('x')", "os.system('x')"),
        ("validation.loss", "validation.loss"),
    ],
)
def test_python_text_is_written_as_yaml(text: str, shown: str) -> None:
    assert as_written(text) == shown


def test_the_names_are_those_of_the_sweep() -> None:
    catalog.load()
    for name in Pruner.family:
        cls = Pruner.family[name]
        assert as_written(f"{cls.__name__}()") == name


def test_another_sampler_of_the_same_kind_is_shown_with_its_settings() -> None:
    said = another_sampler("Bayes(batch=4)", "Bayes(batch=8)", 3)
    assert said == "from trial 3 on, bayes: {batch: 8} instead of bayes: {batch: 4}"
    assert another_sampler("Random()", "Sobol()", 2) == "from trial 2 on, sobol instead of random"
