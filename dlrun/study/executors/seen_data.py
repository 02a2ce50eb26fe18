"""The data of a study's runs, which must not change while it is trained."""

from __future__ import annotations

from collections.abc import Mapping

from dlrun.data.fingerprint import same_data
from dlrun.errors import MachineError
from dlrun.experiment.compile import Compiled
from dlrun.experiment.experiment import Experiment
from dlrun.run_directory.json_text import to_json
from dlrun.spec.resolved import dump


def seen_data(compiled: Compiled) -> dict[str, str]:
    """The checksum of the data of an experiment, by what determines which data is read."""
    return {_key(compiled.experiment): compiled.data.fingerprint}


class SeenData:
    """The data that the runs of a study have read so far.

    Args:
        known: the data of its spec, from ``seen_data``.
    """

    def __init__(self, known: Mapping[str, str]) -> None:
        self._known = dict(known)

    def need_same(self, compiled: Compiled) -> None:
        """Check that a run trains on the data of the runs before, as far as they read the same.

        Raises:
            MachineError: its values have changed since, so that scores could not be compared.
        """
        ((key, now),) = seen_data(compiled).items()
        if not same_data(self._known.setdefault(key, now), now):
            raise MachineError(
                "the values of the data have changed since the study began; restore them, and run "
                "the same command again"
            )


def _key(experiment: Experiment) -> str:
    section = experiment.data
    found = dump(section)
    # Files are the same for all seeds; samples that are generated are not.
    seed = None if section.source.paths() else experiment.seed
    return to_json([found["source"], found["split"], section.new_categories, seed])
