"""What an archive is, in a few words; as a single file it cannot be an entry of a collection."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from dlrun.collection.read_run import ended_state


def archive_facts(path: str | os.PathLike[str]) -> Mapping[str, str]:
    """Names and values for people: how the training ended, and the scores of the weights.

    Raises:
        DataError: the file is broken.
    """
    from dlrun.run_directory.archive.archive import Archive  # lists of runs need no YAML

    result = Archive.open(Path(path)).training_result()
    scores = {
        name: f"{value:.5g}" for name, value in result["metrics"].items() if value is not None
    }
    return {
        "kind": "archive",
        "status": ended_state(result) or "unknown",
        "epochs": str(result["epochs"]),
        **scores,
    }
