"""The comparison of two runs."""

from __future__ import annotations

from os import PathLike

from dlrun.collection.naming import resolve_run
from dlrun.run_directory.compare import compare
from dlrun.run_directory.comparison import Comparison
from dlrun.run_directory.directory import RunDirectory


def diff(first: str | PathLike[str], second: str | PathLike[str]) -> Comparison:
    """Find where two runs first differ.

    Times are not compared.  Differences of spec and environment are listed, but two runs with
    bit-identical numbers are the same.

    Args:
        first: a run directory, or a word that names a run.
        second: another one.

    Returns:
        ``same`` is whether every number is bit-identical.

    Raises:
        DataError: a directory or a file in it is missing or broken, or is a cross-validation.
        SpecError: a resolved spec is broken.
    """
    one, other = (RunDirectory.open(resolve_run(word)) for word in (first, second))
    one.check_single()
    other.check_single()
    return compare(one, other)
