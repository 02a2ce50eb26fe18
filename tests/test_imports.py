from __future__ import annotations

import subprocess
import sys

import pytest

HEAVY = (
    "matplotlib",
    "numba",
    "numpy",
    "pyarrow",
    "pydantic",
    "rich",
    "safetensors",
    "scipy",
    "sklearn",
    "skopt",
    "threadpoolctl",
    "yaml",
)


def loaded_by(program: str) -> set[str]:
    """The top-level packages that a program leaves imported."""
    listing = "import sys; print(*{name.partition('.')[0] for name in sys.modules})"
    result = subprocess.run(
        [sys.executable, "-c", f"{program}\n{listing}"], capture_output=True, text=True, check=True
    )
    return set(result.stdout.splitlines()[-1].split())


@pytest.mark.parametrize("program", ["import dlrun", "import dlrun.cli.app"])
def test_the_command_line_starts_without_anything_heavy(program: str) -> None:
    assert loaded_by(program).isdisjoint(HEAVY)


@pytest.mark.parametrize("arguments", [["--help"], ["--version"]])
def test_help_needs_nothing_heavy(arguments: list[str]) -> None:
    program = f"from dlrun.cli.app import run; assert run({arguments!r}) == 0"
    assert loaded_by(program).isdisjoint(HEAVY)


def test_specs_are_read_without_the_packages_of_data_and_pictures() -> None:
    loaded = loaded_by("import dlrun.training.compile")
    assert loaded.isdisjoint({"matplotlib", "pyarrow", "scipy", "skopt", "sklearn"})


def test_the_names_of_the_package_are_there() -> None:
    import dlrun

    for name in dlrun.__all__:
        assert getattr(dlrun, name) is not None
    with pytest.raises(AttributeError, match="no attribute 'tran'"):
        _ = dlrun.tran
