"""The hooks that hold what CI skips are themselves held."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

FILES = {
    "conftest.py": "from skips import pytest_make_collect_report, pytest_runtest_makereport",
    "test_unlisted.py": """
import pytest
def test_runs(): pass
@pytest.mark.skip(reason="the moon is full")
def test_is_skipped(): pass
def test_skips_itself(): pytest.skip("the moon is full")
@pytest.mark.xfail
def test_is_known_to_fail(): assert False
""",
    "test_listed.py": """
import pytest
@pytest.mark.skip(reason="only root can give files away")
def test_is_skipped(): pass
""",
    "test_package.py": "import pytest; pytest.importorskip('no_such_package')",
}


@pytest.mark.parametrize(
    ("ci", "expected"),
    [
        ("true", "1 failed, 1 passed, 1 skipped, 1 xfailed, 2 errors"),
        ("", "1 passed, 4 skipped, 1 xfailed"),
    ],
)
def test_ci_skips_nothing_that_is_not_listed(tmp_path: Path, ci: str, expected: str) -> None:
    for name, text in FILES.items():
        (tmp_path / name).write_text(text)
    words = ("-q", "-p", "no:cacheprovider", "--continue-on-collection-errors", str(tmp_path))
    done = subprocess.run(
        [sys.executable, "-m", "pytest", *words],
        cwd=tmp_path,
        env={
            **os.environ,
            "CI": ci,
            "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
            "PYTHONPATH": str(Path(__file__).parent / "support"),
        },
        capture_output=True,
        text=True,
    )
    assert f"{expected} in " in done.stdout
    said = "tests/support/skips.py does not list it" in done.stdout
    assert said == (ci == "true")
