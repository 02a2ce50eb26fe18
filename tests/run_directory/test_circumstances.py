"""Where a run was trained."""

from __future__ import annotations

from typing import Any

import pytest

from dlrun.run_directory.circumstances import circumstances, differing, differing_line

HERE: dict[str, Any] = {
    "python": "CPython 3.11.7",
    "packages": {"numpy": "2.4.6", "numba": None},
    "kernels": "numba",
    "cpu": {"model": "A", "count": 2},
    "blas": [{"name": "openblas", "architecture": "Haswell"}],
}
PORTABLE = {"numerics": {"target": "x86-64-v3", "llvmlite": "0.48.0", "libc": "glibc 2.36"}}


def test_equal_environments_differ_in_nothing() -> None:
    other = {**HERE, "time": "2026-01-01T00:00:00Z", "threads": 7, "kernels": "numpy"}
    found = [circumstances(HERE), circumstances(other)]
    assert found[0] == found[1]
    assert differing(found) == {} and differing_line("trained", {}) == ""


def test_what_differs_is_named_with_all_values_in_one_order() -> None:
    elsewhere = {**HERE, "cpu": {"model": "B"}, "packages": {"numpy": "2.3.0", "numba": "0.68.1"}}
    for several in ([HERE, elsewhere, HERE], [elsewhere, HERE]):
        found = differing([circumstances(each) for each in several])
        assert found["processor"] == ["A", "B"]
        assert found["numpy"] == ["2.3.0", "2.4.6"]
        assert found["numba"] == ["0.68.1", "none"]
        assert found.keys() == {"processor", "numpy", "numba"}
    line = differing_line("trained", found)
    assert "numpy 2.3.0 and 2.4.6; " in line and "processor A and B" in line
    assert line.endswith("with 'numerics: portable', results do not depend on the processor")


def test_portable_numerics_are_not_a_cure_for_other_versions() -> None:
    found = differing([{"numpy": "2.3.0"}, {"numpy": "2.4.6"}])
    assert "portable" not in differing_line("trained", found)


def test_with_portable_numerics_only_their_target_counts() -> None:
    other = {**HERE, "cpu": {"model": "B"}, "blas": [{"architecture": "Zen"}]}
    here, there = ({**each, **PORTABLE} for each in (HERE, other))
    assert circumstances(here) == circumstances(there)
    arm = {**there, "numerics": {**PORTABLE["numerics"], "target": "armv8-a"}}
    assert differing([circumstances(here), circumstances(arm)]) == {
        "target": ["armv8-a", "x86-64-v3"]
    }


@pytest.mark.parametrize("broken", [{}, {"cpu": 3, "blas": [], "packages": [1]}, {"blas": "no"}])
def test_what_is_missing_or_broken_is_left_out(broken: dict[str, Any]) -> None:
    assert circumstances({"python": "CPython 3.11.7", **broken}) == {"Python": "CPython 3.11.7"}
