"""Augmentations from elsewhere: Python files that a spec names, and installed packages.

A spec, a run or a study may come from a stranger, and so may the Python files that it names.  So
they run only with the consent of the user, which is for the content of a file: what is run is what
was hashed, and no compiled copy beside it is looked at.  Packages are installed by the user, and
need none.
"""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Callable
from functools import cache
from importlib.metadata import entry_points
from pathlib import Path
from types import ModuleType

from dlrun.errors import DataError, InputError, SpecError
from dlrun.files import read_bytes
from dlrun.spec.document import Document
from dlrun.training import trust
from dlrun.training.experiment import Experiment

GROUP = "dlrun.augmentations"
"""The group of entry points whose modules register further augmentations."""

_MODULE = "dlrun_plugin_"
"""What the names of the modules of files begin with."""

Allow = bool | Callable[[Path, str], bool]
"""Whether files are run that a spec names: all of them; those that ``trust`` lists (False); or
those of which a function of path and SHA-256 says so."""

_loaded: dict[Path, str] = {}
"""Files that this process has loaded, and the digests of what was run."""


def load(document: Document[Experiment], allow: Allow = False) -> None:
    """Run the Python files that a spec names, and the installed packages where it augments.

    What has run in this process is not run again and needs no further consent.  Faults go to the
    document's problems.

    Raises:
        SpecError: a file may not be run; no other fault is in it.
        InputError: an installed package cannot be imported.
    """
    if "augment" in document:
        load_installed()
    refused = []
    for number, name in enumerate(document.field("plugins") or ()):
        place = document.place("plugins", number)
        path = (document.path.parent / name).absolute()
        try:
            content = read_bytes(path)
            digest = hashlib.sha256(content).hexdigest()
            if digest not in _loaded.values():
                refusal = _refusal(path, digest, allow)
                if refusal is not None:
                    refused.append(f"{place}: {name} {refusal}")
                    continue
                _run(path, content, digest)
            _loaded[path] = digest
        except OSError as fault:
            document.problems.add(place, f"{name}: {fault.strerror} ({path})")
        except DataError as fault:
            document.problems.add(place, str(fault))
        except Exception as fault:  # it is the user's own code, in which anything may happen
            document.problems.add(place, f"{name}{_line(fault, path)}: {_said(fault)}")
    if refused:
        raise SpecError(refused)


def loaded() -> tuple[str, ...]:
    """The digests of the files that this process has run."""
    return tuple(sorted(set(_loaded.values())))


def digests(experiment: Experiment, folder: Path) -> dict[str, str]:
    """SHA-256 of the Python files that a spec names, as they were run, by absolute path.

    Args:
        experiment: whose files have been loaded.
        folder: where relative paths start.
    """
    paths = [(folder / name).absolute() for name in experiment.plugins]
    return {str(path): _loaded[path] for path in paths}


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


def raised(fault: BaseException) -> bool:
    """Whether an error comes from the code of a plugin, or passed through it."""
    trace = fault.__traceback__
    while trace is not None:
        if str(trace.tb_frame.f_globals.get("__name__", "")).startswith(_MODULE):
            return True
        trace = trace.tb_next
    return False


def _refusal(path: Path, digest: str, allow: Allow) -> str | None:
    """Why a file may not run, and what to do; None where it may."""
    why = ""
    try:
        if isinstance(allow, bool):
            allowed = allow or trust.is_trusted(digest)
        else:
            allowed = allow(path, digest)
    except DataError as fault:  # nobody can say what is trusted
        allowed, why = False, f" ({fault})"
    if allowed:
        return None
    return (
        f"is Python code, which runs only if you allow it{why}; read it ({path}, SHA-256 {digest})"
        ", then give --allow-plugins, or allow_plugins=True in Python"
    )


def _run(path: Path, content: bytes, digest: str) -> None:
    """Run a file's content; ``digest`` is that of it."""
    name = f"{_MODULE}{digest[:16]}"
    module = ModuleType(name)
    module.__file__ = str(path)
    sys.modules[name] = module  # types of fields are looked up there
    try:
        exec(compile(content, path, "exec", dont_inherit=True), module.__dict__)
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
