"""Importing a part of dlrun does not load the libraries that only other parts need."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path


def modules_of(program: str) -> set[str]:
    """The modules that a program leaves imported."""
    listing = "import sys; print('\\n', *sys.modules)"
    result = subprocess.run(
        [sys.executable, "-c", f"{program}\n{listing}"], capture_output=True, text=True, check=True
    )
    return set(result.stdout.splitlines()[-1].split())


def loaded_by(program: str) -> set[str]:
    """The top-level packages that a program leaves imported."""
    return {name.partition(".")[0] for name in modules_of(program)}


def test_specs_are_read_without_the_packages_of_data_and_pictures() -> None:
    loaded = loaded_by("import dlrun.experiment.compile")
    assert loaded.isdisjoint({"matplotlib", "pyarrow", "scipy", "skopt", "sklearn"})


SPEC = """
name: small
data: {source: breast_cancer}
model: [{dense: 4}, relu, dense: "${classes}"]
loss: cross_entropy
epochs: 1
"""

CHECK = "from dlrun.cli.app import run; assert run(['check', {!r}]) == 0"


def test_a_check_imports_no_component_that_the_spec_does_not_name(tmp_path: Path) -> None:
    path = tmp_path / "spec.yaml"
    path.write_text(SPEC)
    loaded = modules_of(CHECK.format(str(path)))
    for family, named in {
        "dlrun.augment.audio": set(),
        "dlrun.augment.text": set(),
        "dlrun.data.sources": {"breast_cancer"},
        "dlrun.nn.losses": {"cross_entropy"},
        "dlrun.nn.optimizers": {"adam"},
    }.items():
        registered = {each for each in _members(family) if f"{family}.{each}" in loaded}
        assert registered == named, family


def test_a_check_imports_nothing_that_only_training_needs(tmp_path: Path) -> None:
    path = tmp_path / "spec.yaml"
    path.write_text(SPEC)
    loaded = modules_of(CHECK.format(str(path)))
    packages = {name.partition(".")[0] for name in loaded}
    assert packages.isdisjoint({"matplotlib", "numba", "pandas", "scipy", "sklearn"})
    assert {"dlrun.training.session", "dlrun.run_directory.directory"}.isdisjoint(loaded)


def _members(package: str) -> set[str]:
    """The modules of a package that the catalog lists."""
    from dlrun import catalog

    catalog.load()
    listed = [module for root in catalog.FAMILIES for module in root.family._modules.values()]
    return {each.rpartition(".")[2] for each in listed if each.rpartition(".")[0] == package}
