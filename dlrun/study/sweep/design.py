"""A sweep that has been read and checked without its spec."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from dlrun import catalog
from dlrun.search.pruners.base import ReplacingPruner
from dlrun.search.samplers.base import Sampler
from dlrun.search.space import Space
from dlrun.search.suggestion import Suggestion
from dlrun.spec import nodes
from dlrun.spec.build import build
from dlrun.spec.document import Document
from dlrun.spec.origin import InFile, Origin
from dlrun.spec.problems import Problems
from dlrun.spec.unknown import UNKNOWN
from dlrun.study.sweep.checks import check_search
from dlrun.study.sweep.claim import Claim, read_claims
from dlrun.study.sweep.first_points import read_points
from dlrun.study.sweep.outcome_limits import OutcomeLimit, read_outcome_limits
from dlrun.study.sweep.sweep import Sweep

_BATCH = 8
"""Trials that a sampler that does not learn suggests at once, in a study without a known end."""


@dataclass(frozen=True, slots=True)
class Design:
    """The content of a sweep, without its spec.

    Attributes:
        sweep: the typed sweep.
        space: the search space.
        claims: by name.
        first: points that are tried first; the sampler draws the values of their other keys.
        limits: of costs and scores that trials must meet.
    """

    sweep: Sweep
    space: Space
    claims: Mapping[str, Claim]
    first: Sequence[Suggestion]
    limits: Sequence[OutcomeLimit]

    @property
    def trials(self) -> int | None:
        """Number of trials of the study; None for as many as the space or the budget has."""
        return self.sweep.trials

    @property
    def places(self) -> dict[str, str]:
        """Where every dimension is written: file and line, or the override that sets it."""
        return {key: _place(origin) for key, origin in self.space.origins.items()}

    @property
    def sampler(self) -> Sampler:
        """The sampler without its number of trials, which the study counts."""
        search = self.sweep.search
        limited = "trials" in type(search).model_fields
        return search.model_copy(update={"trials": None}) if limited else search

    @property
    def batch(self) -> int | None:
        """Trials that are suggested at once; None for all, by a sampler that does not learn.

        If only a budget or a rule ends the study, there is a batch after which to ask.  Trials that
        replace each other begin together.
        """
        if isinstance(self.sweep.prune, ReplacingPruner):
            return None
        batch: int | None = getattr(self.sweep.search, "batch", None)
        open_ended = self.sweep.budget is not None and self.trials is None
        if batch is None and (self.sweep.until is not None or open_ended):
            return _BATCH
        return batch


def _place(origin: Origin) -> str:
    return f"{Path(origin.file).name}:{origin.line}" if isinstance(origin, InFile) else str(origin)


def read_design(path: Path) -> Design:
    """Read a sweep without its spec.

    Raises:
        SpecError: the sweep has errors.
    """
    document = Document.open(path, Sweep)
    design = build_design(document.root, document.problems)
    document.problems.raise_if_any()
    assert design is not None
    return design


def build_design(root: nodes.Mapping, problems: Problems) -> Design | None:
    """The design in the tree of a sweep; None if it has errors.

    Args:
        root: the sweep, with all overrides.
        problems: gets the errors.
    """
    catalog.load()
    node, space = root.get("space"), None
    if node is not None:
        space = Space.read(node, root.get("constraints"), problems)
        if not isinstance(node, nodes.Mapping) or not node.entries:  # which is reported now
            root = root.having("space", nodes.Scalar(UNKNOWN, node.origin), node.origin)
    sweep = build(Sweep, root, problems, "a sweep")
    repeats = sweep.repeats if sweep is not None else 2
    search = sweep.search.kind if sweep is not None else "grid"
    goals = sweep.goals if sweep is not None else ()
    claims = read_claims(root.get("claims"), space, repeats, search, goals, problems)
    trials = None if sweep is None else sweep.trials
    first = read_points(root.get("first"), space, trials, problems)
    limits = read_outcome_limits(root.get("limits"), space, problems)
    if sweep is None or space is None:
        return None
    check_search(sweep, space, root, problems)
    return Design(sweep, space, claims, first, limits)
