"""Augmentations from plugins: Python files that a spec names, and installed packages.

A spec, a run or a study may come from a stranger, and so may the Python files that it names.  They
run only with the user's consent, which is for the content of a file: the content that was hashed is
run, and compiled copies next to the file are not used.  Packages are installed by the user and need
no consent.
"""

from __future__ import annotations

import hashlib
import linecache
import sys
from collections.abc import Callable
from functools import cache
from importlib.metadata import entry_points
from pathlib import Path
from types import ModuleType

from dlrun import catalog
from dlrun.errors import DataError, InputError, SpecError
from dlrun.experiment import trust
from dlrun.experiment.experiment import Experiment
from dlrun.files import read_bytes
from dlrun.spec.document import Document

GROUP = "dlrun.augmentations"
"""The group of entry points whose modules register further augmentations."""

_MODULE = "dlrun_plugin_"
"""Prefix of the module names of files."""

Allow = bool | Callable[[Path, str], bool]
"""Which files that a spec names may run: all of them (True); those that ``trust`` lists (False); or
those for which a function of path and SHA-256 returns True."""

_loaded: dict[Path, str] = {}
"""Files that this process has run, and the SHA-256 of their content."""


def load(document: Document[Experiment], allow: Allow = False) -> None:
    """Run the Python files that a spec names and, if it augments, load the installed packages.

    A file that has run in this process is not run again and needs no further consent.  Errors are
    added to the document's problems.

    Raises:
        SpecError: a file may not be run; the message lists no other error.
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
            checksum = hashlib.sha256(content).hexdigest()
            if checksum not in _loaded.values():
                refusal = _refusal(path, checksum, allow)
                if refusal is not None:
                    refused.append(f"{place}: {name} {refusal}")
                    continue
                _run(path, content, checksum)
            _loaded[path] = checksum
        except OSError as error:
            document.problems.add(place, f"{name}: {error.strerror} ({path})")
        except DataError as error:
            document.problems.add(place, str(error))
        except Exception as error:  # the user's own code can raise anything
            document.problems.add(place, f"{name}{_line(error, path)}: {_text(error)}")
    if refused:
        raise SpecError(refused)


def loaded() -> tuple[str, ...]:
    """SHA-256 of the files that this process has run."""
    return tuple(sorted(set(_loaded.values())))


def digests(experiment: Experiment, folder: Path) -> dict[str, str]:
    """SHA-256 of the Python files that a spec names, as they were run, by absolute path.

    Args:
        experiment: whose files have been run.
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
        except Exception as error:
            of = f" of {entry.dist.name}" if entry.dist is not None else ""
            raise InputError(
                f"the augmentations '{entry.value}'{of} cannot be loaded: {_text(error)}; "
                "correct or uninstall the package"
            ) from error


def raised(error: BaseException) -> bool:
    """Whether an exception was raised in, or passed through, the code of a plugin."""
    trace = error.__traceback__
    while trace is not None:
        if str(trace.tb_frame.f_globals.get("__name__", "")).startswith(_MODULE):
            return True
        trace = trace.tb_next
    return False


def _refusal(path: Path, checksum: str, allow: Allow) -> str | None:
    """Why a file may not run, and what to do; None if it may."""
    why = ""
    try:
        if isinstance(allow, bool):
            allowed = allow or trust.is_trusted(checksum)
        else:
            allowed = allow(path, checksum)
    except DataError as error:  # the list of trusted files cannot be read
        allowed, why = False, f" ({error})"
    if allowed:
        return None
    return (
        f"is Python code, which runs only if you allow it{why}; read it ({path}, SHA-256 "
        f"{checksum}), then use --allow-plugins, or allow_plugins=True in Python"
    )


def _run(path: Path, content: bytes, checksum: str) -> None:
    """Run the content of a file; ``checksum`` is its SHA-256."""
    name = f"{_MODULE}{checksum[:16]}"
    module = ModuleType(name)
    module.__file__ = str(path)
    sys.modules[name] = module  # pydantic looks up types of fields there
    try:
        exec(compile(content, path, "exec", dont_inherit=True), module.__dict__)
    except BaseException:
        for root in catalog.FAMILIES:
            root.family.forget(name)
        del sys.modules[name]
        raise
    # The source of the help is the content that ran, whatever the file contains later.
    lines = content.decode(errors="replace").splitlines(keepends=True)
    linecache.cache[str(path)] = (len(content), None, lines, str(path))


def _line(error: Exception, path: Path) -> str:
    """The line of the file that an error comes from, after a colon."""
    if isinstance(error, SyntaxError):
        return f":{error.lineno}"
    lines = []
    trace = error.__traceback__
    while trace is not None:
        if trace.tb_frame.f_code.co_filename == str(path):
            lines.append(trace.tb_lineno)
        trace = trace.tb_next
    return f":{lines[-1]}" if lines else ""


def _text(error: Exception) -> str:
    return " ".join(f"{type(error).__name__}: {error}".split())
