"""Members of expected modules are known by name, and imported when they are looked up."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, ClassVar

import pytest

from dlrun.spec.component import Component
from dlrun.spec.registry import Registry

MEMBER = '''
from test_registry import fruit, Fruit

@fruit("{name}"{aliases})
class Member(Fruit):
    """A member."""
'''


class Fruit(Component):
    """The root of the family."""

    family: ClassVar[Registry[Any]] = Registry["Fruit"]("fruit")


def fruit(name: str, *aliases: str) -> Any:
    return Fruit.family(name, *aliases)


@pytest.fixture
def family(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Registry[Any]]:
    """A family that expects a package of two modules, one of them with an alias."""
    package = tmp_path / "orchard"
    package.mkdir()
    (package / "__init__.py").write_text("")
    (package / "apple.py").write_text(MEMBER.format(name="apple", aliases=""))
    (package / "stones.py").write_text(MEMBER.format(name="plum", aliases=', "prune"'))
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setitem(sys.modules, "test_registry", sys.modules[__name__])
    monkeypatch.setattr(Fruit, "family", Registry["Fruit"]("fruit"))
    Fruit.family.expect("orchard", "apple", stones=("plum",))
    yield Fruit.family
    for name in [each for each in sys.modules if each.startswith("orchard")]:
        del sys.modules[name]


def imported() -> set[str]:
    return {name for name in ("apple", "stones") if f"orchard.{name}" in sys.modules}


def test_names_are_known_before_their_modules_are_imported(family: Registry[Any]) -> None:
    assert list(family) == ["apple", "plum"]
    assert "apple" in family
    assert not imported()


def test_looking_up_a_member_imports_its_module_alone(family: Registry[Any]) -> None:
    assert family["plum"].kind == "plum"
    assert imported() == {"stones"}
    assert family["prune"] is family["plum"]
    assert family.aliases("plum") == ["prune"]
    assert imported() == {"stones"}


def test_an_alias_is_found_though_its_module_is_not_imported(family: Registry[Any]) -> None:
    assert "prune" in family
    assert family["prune"].kind == "plum"


def test_an_unknown_name_is_unknown_after_all_imports(family: Registry[Any]) -> None:
    assert "pear" not in family
    assert imported() == {"apple", "stones"}
    with pytest.raises(KeyError):
        family["pear"]


@pytest.mark.parametrize("taken", ["apple", "plum", "prune"])
def test_another_module_cannot_take_a_name_or_alias(family: Registry[Any], taken: str) -> None:
    class Other(Fruit):
        """Registered by this file."""

    with pytest.raises(ValueError, match=f"fruit '{taken}' is registered twice"):
        fruit(taken)(Other)
    with pytest.raises(ValueError, match=f"fruit '{taken}' is registered twice"):
        fruit("quince", taken)(Other)
    assert "quince" not in family


def test_what_was_forgotten_may_be_registered_again(family: Registry[Any]) -> None:
    @fruit("quince", "cydonia")
    class Quince(Fruit):
        """Registered by this file."""

    family.forget(Quince.__module__)
    assert list(family) == ["apple", "plum"]
    assert "cydonia" not in family
    fruit("quince", "cydonia")(Quince)
    assert family["cydonia"] is Quince
