from __future__ import annotations

from collections.abc import Callable, Iterator
from importlib.metadata import EntryPoint
from pathlib import Path

import pytest

from dlrun.augment.augmentation import Augmentation
from dlrun.errors import InputError, SpecError
from dlrun.training import plugins
from dlrun.training.compile import compile_spec

Spec = Callable[..., Path]

PLUGIN = '''
"""Augmentations of our own."""

from __future__ import annotations

from dlrun.arrays import Array
from dlrun.augment.augmentation import Augmentation, augmentation
from dlrun.augment.draws import Draws
from dlrun.augment.kernels import Kernels


@augmentation("{name}")
class Shift(Augmentation):
    """Adds a number to all inputs."""

    most: float = 0.1
    """The largest number."""

    def apply(self, samples: Array, draws: Draws, kernels: Kernels) -> Array:
        samples += draws.uniform(-self.most, self.most).astype("float32")[:, None]
        return samples
'''


@pytest.fixture(autouse=True)
def as_before() -> Iterator[None]:
    """What a test registers is gone behind it."""
    classes = dict(Augmentation.family._classes)
    yield
    Augmentation.family._classes.clear()
    Augmentation.family._classes.update(classes)
    plugins._run.cache_clear()
    plugins.load_installed.cache_clear()


def test_a_file_of_the_spec_brings_augmentations(spec: Spec, tmp_path: Path) -> None:
    (tmp_path / "own.py").write_text(PLUGIN.format(name="shift_all"))
    path = spec(plugins=["own.py"], augment=[{"shift_all": 0.2}])
    for _ in range(2):  # the second time it is there already
        (found,) = compile_spec(path).experiment.augment
        assert found.kind == "shift_all"
    assert compile_spec(path).experiment.anchored(tmp_path).plugins == (str(tmp_path / "own.py"),)


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("x = 1\n\ny = 1 / 0\n", "own.py:3: ZeroDivisionError: division by zero"),
        ("def f(:\n", "own.py:1: SyntaxError"),
        (PLUGIN.format(name="rotate"), "augmentation 'rotate' is registered twice"),
    ],
)
def test_faults_of_a_file_have_their_place(
    spec: Spec, tmp_path: Path, text: str, fault: str
) -> None:
    (tmp_path / "own.py").write_text(text)
    path = spec(plugins=["own.py"])
    with pytest.raises(SpecError) as caught:
        compile_spec(path)
    (line,) = caught.value.faults
    assert line.startswith(f"{path}:") and fault in line


def test_a_missing_file_has_its_place(spec: Spec) -> None:
    with pytest.raises(SpecError, match=r"yaml:\d+:\d+: no.py: No such file"):
        compile_spec(spec(plugins=["no.py"]))


def test_installed_packages_bring_augmentations(
    spec: Spec, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "shifts.py").write_text(PLUGIN.format(name="shift_more"))
    monkeypatch.syspath_prepend(tmp_path)
    entry = EntryPoint("shifts", "shifts", plugins.GROUP)
    monkeypatch.setattr(plugins, "entry_points", lambda group: [entry])
    (found,) = compile_spec(spec(augment=["shift_more"])).experiment.augment
    assert found.kind == "shift_more"


def test_a_broken_package_is_named(spec: Spec, monkeypatch: pytest.MonkeyPatch) -> None:
    entry = EntryPoint("gone", "no_such_module", plugins.GROUP)
    monkeypatch.setattr(plugins, "entry_points", lambda group: [entry])
    with pytest.raises(InputError, match="the augmentations 'no_such_module' cannot be loaded"):
        compile_spec(spec(augment=["flip"]))
