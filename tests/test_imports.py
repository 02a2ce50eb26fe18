"""Importing a part of dlrun does not load the libraries that only other parts need."""

from __future__ import annotations

import subprocess
import sys


def loaded_by(program: str) -> set[str]:
    """The top-level packages that a program leaves imported."""
    listing = "import sys; print(*{name.partition('.')[0] for name in sys.modules})"
    result = subprocess.run(
        [sys.executable, "-c", f"{program}\n{listing}"], capture_output=True, text=True, check=True
    )
    return set(result.stdout.splitlines()[-1].split())


def test_specs_are_read_without_the_packages_of_data_and_pictures() -> None:
    loaded = loaded_by("import dlrun.experiment.compile")
    assert loaded.isdisjoint({"matplotlib", "pyarrow", "scipy", "skopt", "sklearn"})
