"""From a sweep to all that a study needs, with every error that shows before the first trial."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from dlrun import catalog
from dlrun.data.prepared_cache import KeptData
from dlrun.errors import SpecError
from dlrun.experiment.compile import compile_document
from dlrun.experiment.plugins import Allow
from dlrun.search.suggestion import thawed
from dlrun.spec import nodes
from dlrun.spec import overrides as override
from dlrun.spec.document import Document
from dlrun.spec.given import Given
from dlrun.spec.nodes import plain
from dlrun.spec.overrides import Override, Overrides
from dlrun.spec.problems import Problems
from dlrun.spec.resolved import to_yaml
from dlrun.spec.yaml import read
from dlrun.study.sweep import shorthand
from dlrun.study.sweep.base_spec import Base
from dlrun.study.sweep.checks import (
    check_objectives,
    different_losses,
    never_pruned,
    pruned_claims,
    wrong_directions,
)
from dlrun.study.sweep.claim_pairs import check_pairs
from dlrun.study.sweep.contradictions import contradictions
from dlrun.study.sweep.design import build_design
from dlrun.study.sweep.fewest_epochs import fewest_epochs
from dlrun.study.sweep.fewest_samples import fewest_samples
from dlrun.study.sweep.fork_checks import check_forks
from dlrun.study.sweep.limit_checks import check_epochs
from dlrun.study.sweep.plan import SweepPlan
from dlrun.study.sweep.same_values import same_values
from dlrun.study.sweep.score_checks import requiring
from dlrun.study.sweep.single_values import Variants, errors_of_values
from dlrun.study.sweep.sweep import Sweep


def read_plan(
    sweep: Given,
    overrides: Overrides = (),
    folder: Path | None = None,
    *,
    allow_plugins: Allow = False,
) -> SweepPlan:
    """Read a sweep and its spec, and compile the spec with the ends of every dimension.

    Args:
        sweep: path of the YAML file, or its content as a mapping.
        overrides: keys of the sweep with other values.
        folder: where relative paths start; None for the folder of the file, and the working
            directory for a mapping.
        allow_plugins: whether the Python files that the spec names may run.

    Raises:
        SpecError: all errors that can be found at once.
    """
    document = Document.open(sweep, Sweep, word="sweep")
    problems = document.problems
    catalog.load()  # which overrides name
    inner, outer = _parted(override.read(overrides, problems))
    root = shorthand.apply(document.root, outer, problems)
    folder = folder or document.path.parent
    bare = _base(root.get("spec"), folder, problems)
    base = bare.having(inner, problems) if bare is not None and inner else bare
    design = build_design(root, problems)
    data, compiled, of_base = KeptData(), None, list[str]()
    try:
        if base is not None:
            compiled = compile_document(
                base.document((), Problems()), data, allow_plugins=allow_plugins
            )
    except SpecError as error:
        of_base = list(error.faults)
    if problems or compiled is None:
        raise SpecError([*problems.lines(), *of_base])
    space = root.get("space")
    assert design is not None and base is not None and bare is not None
    assert isinstance(space, nodes.Mapping)
    notes = contradictions(design.space, space, bare.root, inner, problems)
    check_objectives(design.sweep, compiled, problems)
    fewest = fewest_epochs(design.space, base.root, compiled.experiment.epochs)
    if fewest is not None:
        check_epochs(design.sweep, *fewest, problems)
    check_pairs(design, problems)
    variants = requiring(
        Variants(design.space, space, base, data, allow_plugins),
        design.sweep,
        design.limits,
        compiled,
        problems,
    )
    split = compiled.experiment.data.split
    if split.folds is not None and split.fold is None:
        advice = "set data.split.fold, or remove folds and use repeats"
        problems.add(split.place_of("folds"), "a trial trains a single fold", advice)
    fixed = {}
    if design.sweep.prune is not None:
        fixed["epochs"] = (compiled.experiment.epochs, "'prune' limits")
    if design.sweep.repeats > 1:
        fixed["seed"] = (compiled.experiment.seed, "'repeats' sets")
    known: dict[str, list[dict[str, int]]] = {}
    errors = [*problems.lines(), *errors_of_values(variants, fixed, known)]
    if errors:
        raise SpecError(list(dict.fromkeys(errors)))
    check_forks(design.sweep, compiled, variants, problems)
    problems.raise_if_any()
    notes += [*wrong_directions(design.sweep, compiled), *pruned_claims(design.sweep)]
    notes += same_values(variants)
    notes += different_losses(design.sweep, design.space)
    notes += never_pruned(design.sweep, compiled.experiment.epochs, design.trials)
    text = document.content
    return SweepPlan(
        design.sweep,
        design.space,
        design.claims,
        design.first,
        design.limits,
        text,
        folder,
        base,
        compiled,
        data,
        notes,
        fewest_samples(design.space, compiled.data.sizes, known),
    )


def _parted(overrides: Iterable[Override]) -> tuple[list[Override], list[Override]]:
    """The overrides of the spec, which may be a separate file, and those of the sweep."""
    inner, outer = list[Override](), list[Override]()
    for each in overrides:
        if each.path[0] == "spec" and len(each.path) > 1:
            inner.append(Override(each.path[1:], each.value, each.origin))
        else:
            outer.append(each)
    return inner, outer


def _base(node: nodes.Node | None, folder: Path, problems: Problems) -> Base | None:
    """The spec of a sweep, from its file or from within the sweep; None if it has errors."""
    if isinstance(node, nodes.Mapping):
        return Base(to_yaml(thawed(plain(node))), "spec.yaml", node, folder)
    if isinstance(node, nodes.Scalar) and isinstance(node.value, str):
        file = folder / node.value
        try:
            text, name = read(file)
            return Base.parse(text, name, file.parent)
        except SpecError as error:
            for line in error.faults:
                problems.add(node.origin, line)
    return None
