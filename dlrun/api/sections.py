"""The sections of specs and sweeps: mappings whose keys are fixed, such as ``data``."""

from __future__ import annotations

from collections.abc import Iterator

from dlrun.experiment.experiment import Experiment
from dlrun.spec.component import Component
from dlrun.spec.field_types import field_type
from dlrun.study.sweep.claim import Claim
from dlrun.study.sweep.sweep import Sweep

DOCUMENTS: dict[str, type[Component]] = {"spec": Experiment, "sweep": Sweep}
"""The two kinds of files, by the word that names them."""


def sections(document: str) -> dict[str, type[Component]]:
    """The sections of ``spec`` or ``sweep``, by their dotted key, such as ``data.split``.

    The order is that of the keys; the document itself is not among them.
    """
    found = dict(_inside(DOCUMENTS[document], ""))
    return {**found, "claims": Claim} if document == "sweep" else found


def _inside(cls: type[Component], path: str) -> Iterator[tuple[str, type[Component]]]:
    for name, field in cls.model_fields.items():
        inner = field_type(field.annotation).component
        if inner is not None and inner.family is None:
            yield f"{path}{name}", inner
            yield from _inside(inner, f"{path}{name}.")
