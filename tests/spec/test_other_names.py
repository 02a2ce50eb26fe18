from __future__ import annotations

import pytest

from dlrun import catalog
from dlrun.nn.layers.base import Layer
from dlrun.nn.optimizers.base import Optimizer
from dlrun.spec import names_elsewhere, other_names

FAMILIES = {root.family.family: root.family for root in catalog.FAMILIES}


@pytest.fixture(autouse=True)
def loaded() -> None:
    catalog.load()


@pytest.mark.parametrize("family", names_elsewhere.SAME)
def test_names_of_other_libraries_lead_to_components_that_exist(family: str) -> None:
    for name, ours in names_elsewhere.SAME[family].items():
        assert name == other_names.simplified(name)
        assert name not in FAMILIES[family]
        assert ours in FAMILIES[family]


def test_advice_is_for_families_that_exist_and_names_that_do_not() -> None:
    for family, names in names_elsewhere.ADVICE.items():
        assert not names.keys() & set(FAMILIES[family])
        assert not names.keys() & names_elsewhere.SAME.get(family, {}).keys()


@pytest.mark.parametrize(
    ("name", "simple"),
    [
        ("nn.ReLU()", "relu"),
        ("torch.optim.Adam", "adam"),
        ("BatchNorm2d", "batchnorm"),
        ("global_average_pooling1d", "globalaveragepooling"),
        ("dense(4)", "dense"),
        ("dense: 4", "dense"),
    ],
)
def test_simplified(name: str, simple: str) -> None:
    assert other_names.simplified(name) == simple


def test_the_component_of_an_example_has_the_key() -> None:
    assert other_names.usual("lr", Optimizer) == "adam"
    assert other_names.usual("momentum", Optimizer) == "sgd"
    assert other_names.usual("rho", Optimizer) == "adadelta"
    assert other_names.usual("kernel", Layer) == "conv"
    assert other_names.usual("nothing", Layer) is None
