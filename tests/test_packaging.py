"""The version and the oldest dependencies are each written in one place."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any

import dlrun

ROOT = Path(__file__).parents[1]
PROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text())
CONSTRAINTS = ROOT / "constraints-oldest.txt"
TESTED = ("audio", "parquet", "dev")
"""The extras that ``make test-oldest`` installs."""


def oldest() -> list[str]:
    """The lower bound of every dependency, as ``name==version``."""
    extras = PROJECT["project"]["optional-dependencies"]
    requirements = {
        *PROJECT["project"]["dependencies"],
        *(requirement for extra in TESTED for requirement in extras[extra]),
    }
    pinned = []
    for requirement in requirements:
        bound = re.fullmatch(r"([A-Za-z0-9._-]+)>=([0-9][0-9.]*)", requirement)
        assert bound is not None, f"{requirement} in pyproject.toml: write it as NAME>=VERSION"
        pinned.append(f"{bound[1]}=={bound[2]}")
    return sorted(pinned, key=str.lower)


def test_the_oldest_versions_are_the_lower_bounds() -> None:
    lines = CONSTRAINTS.read_text().splitlines()
    written = [line for line in lines if line and not line.startswith("#")]
    assert written == oldest(), (
        f"{CONSTRAINTS.name} differs from the lower bounds in pyproject.toml; it should contain:\n"
        + "\n".join(oldest())
    )


def test_the_build_reads_the_version_from_the_package() -> None:
    assert "version" not in PROJECT["project"]
    assert PROJECT["project"]["dynamic"] == ["version"]
    assert PROJECT["tool"]["setuptools"]["dynamic"]["version"] == {"attr": "dlrun.__version__"}
    source = (ROOT / "dlrun" / "__init__.py").read_text()
    assert f'\n__version__ = "{dlrun.__version__}"\n' in source  # a literal, so nothing is imported
