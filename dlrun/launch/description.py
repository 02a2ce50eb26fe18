"""What a run directory says of its run: what it runs on, and its spec with all defaults."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from dlrun import portable
from dlrun.experiment import plugins
from dlrun.experiment.compile import Compiled
from dlrun.experiment.experiment import Experiment
from dlrun.spec.resolved import dump, to_yaml
from dlrun.training.session import Session

Describe = Callable[[str, int], Mapping[str, Any]]
"""What a run runs on, given the fingerprint of the data and the number of threads."""


def environment_of(session: Session, folder: Path, describe: Describe) -> dict[str, Any]:
    """What environment.json holds.

    Args:
        session: the training.
        folder: where relative paths in its spec start.
        describe: what the run runs on, given the fingerprint of the data and the threads.
    """
    compiled, network = session.compiled, session.network
    return {
        **describe(compiled.data.fingerprint, network.pool.threads),
        "kernels": network.kernels.which,
        **numerics_of(compiled.experiment),
        "plugins": plugins.digests(compiled.experiment, folder),
    }


def numerics_of(experiment: Experiment) -> dict[str, Any]:
    """What environment.json holds of portable numerics; nothing of native ones."""
    return {"numerics": portable.record()} if experiment.numerics == "portable" else {}


def resolved_text(compiled: Compiled, folder: Path) -> str:
    """The spec with all defaults filled in and all paths absolute, as YAML."""
    return to_yaml(dump(compiled.experiment.anchored(folder)))
