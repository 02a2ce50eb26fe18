"""Augmentations from elsewhere: Python files that a spec names, and installed packages."""

from __future__ import annotations

import hashlib
import importlib.util
import sys
from functools import cache
from importlib.metadata import entry_points
from pathlib import Path

from dlrun.errors import InputError
from dlrun.spec.document import Document
from dlrun.training.experiment import Experiment

GROUP = "dlrun.augmentations"
"""The group of entry points whose modules register further augmentations."""


def load(document: Document[Experiment]) -> None:
    """Run the Python files that a spec names, and the installed packages where it augments.

    Files run once a process as long as they do not change.  Faults go to the document's problems.

    Raises:
        InputError: an installed package cannot be imported.
    """
    if "augment" in document:
        load_installed()
    for number, name in enumerate(document.field("plugins") or ()):
        place = document.place("plugins", number)
        path = document.path.parent / name
        try:
            _run(path.absolute(), hashlib.sha256(path.read_bytes()).hexdigest())
        except OSError as fault:
            document.problems.add(place, f"{name}: {fault.strerror} ({path})")
        except Exception as fault:  # it is the user's own code, in which anything may happen
            document.problems.add(place, f"{name}{_line(fault, path)}: {_said(fault)}")


def digests(experiment: Experiment, folder: Path) -> dict[str, str]:
    """SHA-256 of the Python files that a spec names, whose relative paths start at a folder."""
    found = {}
    for name in experiment.plugins:
        path = (folder / name).absolute()
        try:
            found[str(path)] = hashlib.sha256(path.read_bytes()).hexdigest()
        except OSError as fault:
            raise InputError(f"{path}: {fault.strerror}") from fault
    return found


@cache
def load_installed() -> None:
    """Import all modules of the group ``dlrun.augmentations``.

    Raises:
        InputError: one cannot be imported.
    """
    for entry in entry_points(group=GROUP):
        try:
            entry.load()
        except Exception as fault:
            of = f" of {entry.dist.name}" if entry.dist is not None else ""
            raise InputError(
                f"the augmentations '{entry.value}'{of} cannot be loaded: {_said(fault)}; "
                "correct or uninstall the package"
            ) from fault


@cache
def _run(path: Path, digest: str) -> None:
    """Run a file; ``digest`` is that of its text."""
    name = f"dlrun_plugin_{digest[:16]}"
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module  # types of fields are looked up there
    try:
        spec.loader.exec_module(module)
    except BaseException:
        del sys.modules[name]
        raise


def _line(fault: Exception, path: Path) -> str:
    """The line of the file that a fault comes from, with a colon before it."""
    if isinstance(fault, SyntaxError):
        return f":{fault.lineno}"
    lines = []
    trace = fault.__traceback__
    while trace is not None:
        if trace.tb_frame.f_code.co_filename == str(path):
            lines.append(trace.tb_lineno)
        trace = trace.tb_next
    return f":{lines[-1]}" if lines else ""


def _said(fault: Exception) -> str:
    return " ".join(f"{type(fault).__name__}: {fault}".split())
