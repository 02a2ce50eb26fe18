"""Starting a training of a compiled spec: a new run directory."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from dlrun.experiment.compile import Compiled
from dlrun.launch.description import Describe, environment_of, resolved_text
from dlrun.launch.logging import Log
from dlrun.launch.training import Training
from dlrun.nn.engine.probe import UNWATCHED, Probe
from dlrun.run_directory import environment
from dlrun.run_directory.directory import RunDirectory
from dlrun.run_directory.lock import Lock
from dlrun.training.session import Session
from dlrun.training.stop import Stop


def start_compiled(
    compiled: Compiled,
    spec: bytes,
    folder: Path,
    make: Callable[[], RunDirectory],
    *,
    describe: Describe = environment.collect,
    command: Mapping[str, Any] | None = None,
    probe: Probe = UNWATCHED,
    stop: Stop | None = None,
    notes: Sequence[str] = (),
    group: Path | None = None,
) -> Training:
    """Build the network of a compiled spec, and create the run directory.

    Args:
        compiled: the experiment.
        spec: as written, to be kept.
        folder: where relative paths in it start.
        make: creates the directory, once the memory of the network is allocated.
        describe: what the run runs on, given the fingerprint of the data and the threads.
        command: how the run is found when the same command is given again; None if it is not.
        probe: watches the training.
        stop: asks training to end; None if nothing will.
        notes: what the user should know of it, one line each.
        group: the directory of the study or cross-validation that it belongs to, for loggers.

    Raises:
        DataError: the run directory cannot be written.
    """
    with probe.part("setup"):
        session = Session(compiled, probe)
    directory = make()
    with ExitStack() as unless_returned:
        lock = Lock.acquire(directory.path)
        unless_returned.callback(lock.release)
        runs_on = environment_of(session, folder, describe)
        directory.write_spec(spec)
        # "call" is the key's name in the files of all versions.
        directory.write_environment({**runs_on, "call": command})
        directory.write_resolved(resolved_text(compiled, folder))
        directory.write_split(compiled.data.members)
        if compiled.data.left_out:
            directory.write_left_out(compiled.data.left_out)
        unless_returned.pop_all()
        log = Log(compiled, folder, directory, group=group)
        return Training(session, directory, lock, stop, log, notes=notes)
