"""Whether a spec asks for a cross-validation."""

from __future__ import annotations

from dlrun import catalog
from dlrun.data.section import DataSection
from dlrun.experiment.experiment import Experiment
from dlrun.spec.document import Document
from dlrun.spec.given import Given
from dlrun.spec.overrides import Overrides


def folds_of(spec: Given, overrides: Overrides = ()) -> int:
    """How many folds a spec asks to train; 0 if it asks for a single training.

    It is 0 for a spec with errors too: compiling it then lists all of them.

    Raises:
        SpecError: the file cannot be read, or is not a mapping.
    """
    catalog.load()
    section = Document.open(spec, Experiment, overrides).field("data")
    if not isinstance(section, DataSection) or section.split.fold is not None:
        return 0
    return section.split.folds or 0
