"""Which runs, studies and caches are cleaned by which rules, and what is left alone and why."""

from __future__ import annotations

import math
import os
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from dlrun.cleaning import cached, leftovers, weights
from dlrun.cleaning.deletion import Deletion
from dlrun.cleaning.linked import freed
from dlrun.cleaning.placed import around, placed
from dlrun.collection.collect import ROOTS, collect
from dlrun.collection.conditions import matching
from dlrun.collection.entry import Entry
from dlrun.collection.run_entry import RunEntry
from dlrun.collection.study_entry import StudyEntry
from dlrun.errors import DlrunError, InputError
from dlrun.run_directory.lock import held
from dlrun.run_directory.tags import read_tags


@dataclass(frozen=True, slots=True)
class Rules:
    """What is deleted.

    Attributes:
        broken: starts of runs that failed before anything was trained.
        temporary: temporary files that killed processes have left.
        last: checkpoints of ended runs that are only needed to resume them.
        states: optimizer states of ended runs.
        keep_best: number of trials of a study that keep their weights; None for all.
        cache_over: bytes that the caches may have; None for any number.
        older_than: only what ended, or for caches was last used, at least so many seconds ago.
        where: conditions on runs, as of ``dlrun runs``.
        tagged: whether tagged runs are cleaned, too.
    """

    broken: bool = False
    temporary: bool = False
    last: bool = False
    states: bool = False
    keep_best: int | None = None
    cache_over: int | None = None
    older_than: float = 0.0
    where: Sequence[str] = ()
    tagged: bool = False


@dataclass(slots=True)
class Plan:
    """What will be deleted, and remarks on what is left alone, one line each."""

    deletions: list[Deletion] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def plan(roots: Sequence[str | Path], rules: Rules) -> Plan:
    """What the rules delete below some folders; nothing is deleted yet.

    Args:
        roots: the folders; none for ``runs`` and ``studies`` in the working directory.
        rules: what is deleted.

    Raises:
        InputError: a condition cannot be used.
        DataError: a folder does not exist.
    """
    found = Plan()
    if any((rules.broken, rules.temporary, rules.last, rules.states, rules.keep_best is not None)):
        here = [root for root in ROOTS if os.path.isdir(root)]  # noqa: PTH112
        roots = roots or here
        if roots:
            _Planner(rules, found).add(roots)
    if rules.cache_over is not None:
        if rules.where or rules.tagged:
            raise InputError("--cache-over: --where and --tagged are for runs; use it without them")
        before = time.time() - rules.older_than if rules.older_than else math.inf
        found.deletions += cached.over(rules.cache_over, before)
    found.deletions = freed(found.deletions)
    return found


class _Planner:
    """Adds deletions to a plan."""

    def __init__(self, rules: Rules, found: Plan) -> None:
        self._rules, self._found = rules, found
        self._seen: set[tuple[str, str]] = set()
        self._linked: Mapping[str, str] = {}
        self._before = time.time() - rules.older_than

    def add(self, roots: Sequence[str | Path]) -> None:
        """Add what is below folders."""
        rules = self._rules
        given = {os.fspath(root).rstrip("/") for root in roots}
        collection = collect(roots, inner=True)
        self._linked = collection.linked
        entries = [placed(each) if each.directory in given else each for each in collection.entries]
        named = {os.path.realpath(root) for root in roots}
        studies = {each.directory: each for each in entries if isinstance(each, StudyEntry)}
        for directory in {each.study for each in entries if isinstance(each, RunEntry)}:
            if directory is not None and directory not in studies:
                outer = dict(_outer(directory))
                studies |= outer
                if os.path.realpath(directory) in named:  # of a study, only its runs are collected
                    entries += outer.values()
        chosen = [each for each in matching(entries, rules.where) if self._is_free(each, studies)]
        chosen.sort(key=lambda each: isinstance(each, RunEntry))  # whole files before parts of them
        for entry in chosen:
            if rules.temporary:
                is_study = isinstance(entry, StudyEntry)
                self._take(leftovers.temporary_files(entry.path, is_study=is_study))
            if isinstance(entry, RunEntry):
                self._clean(entry)
            elif rules.keep_best is not None:
                self._clean_study(entry, rules.keep_best)
        if rules.broken:
            self._add_broken(roots, entries, {each.directory for each in chosen})

    def _is_free(self, entry: Entry, studies: dict[str, StudyEntry]) -> bool:
        """Whether an entry may be cleaned; otherwise adds a note if that is not obvious."""
        if link := self._linked.get(entry.directory):
            return self._note(f"{link}: is a link; name it to clean what it leads to")
        study = studies.get(entry.study or "") if isinstance(entry, RunEntry) else None
        if not self._rules.tagged:
            try:
                place, tags = _tagged(entry, study)
            except DlrunError as error:
                return self._note(str(error))
            if tags:
                return self._note(f"{place}: is tagged {' '.join(tags)}; --tagged includes it")
        if entry.state == "running" or held(entry.path) or (entry.path / "lock").is_symlink():
            return self._leave(entry, "is running")
        if isinstance(entry, RunEntry) and entry.study is not None:
            if study is None:
                return self._leave(entry, "its study cannot be read")
            if study.state not in ("done", "failed"):
                return self._leave(entry, "its study has not ended and may resume it")
        return (entry.ended or time.time()) <= self._before

    def _leave(self, entry: Entry, reason: str) -> bool:
        return self._note(f"{entry.directory}: {reason}")

    def _note(self, note: str) -> bool:
        if note not in self._found.notes:
            self._found.notes.append(note)
        return False

    def _clean(self, run: RunEntry) -> None:
        if not (self._rules.last or self._rules.states):
            return
        result = weights.result_of(run.path)
        if result is None or result["status"] not in ("completed", "diverged"):
            return
        if self._rules.last:
            self._take(weights.to_resume(run.path, result))
        taken = (os.path.realpath(run.directory), weights.LAST) in self._seen
        if self._rules.states and not taken:
            self._try(lambda: weights.training_state(run.path))

    def _clean_study(self, study: StudyEntry, keep: int) -> None:
        if study.state not in ("done", "failed"):
            self._leave(study, "has not ended and may resume its runs")
            return
        try:
            runs = weights.beyond_best(study.path, keep)
        except DlrunError as error:
            self._found.notes.append(str(error))
            return
        for run in runs:
            entry = _run(run)
            if entry is None or (entry.tags and not self._rules.tagged) or held(run):
                continue
            self._take(weights.all_weights(run))

    def _add_broken(
        self, roots: Sequence[str | Path], entries: Sequence[Entry], chosen: set[str]
    ) -> None:
        known = {each.directory for each in entries}
        for root in roots:
            for found in leftovers.broken_starts(Path(os.fspath(root))):
                directory = str(found.directory)
                alone = found.directory.parent.name != "trials"  # a study may start it again
                is_chosen = directory in chosen or (
                    alone and directory not in known and not self._rules.where
                )
                old = found.directory.lstat().st_mtime <= self._before
                if is_chosen and old and not held(found.directory):
                    self._take(found)

    def _try(self, make: Callable[[], Deletion | None]) -> None:
        try:
            self._take(make())
        except DlrunError as error:
            self._found.notes.append(str(error))

    def _take(self, deletion: Deletion | None) -> None:
        """Add a deletion, each file once."""
        if deletion is None:
            return
        directory = os.path.realpath(deletion.directory)
        files = [
            (name, size)
            for name, size in zip(deletion.files, deletion.sizes, strict=True)
            if (directory, name) not in self._seen
        ]
        self._seen |= {(directory, name) for name, _ in files}
        is_new = deletion.whole and (directory, "") not in self._seen
        if is_new:
            self._seen.add((directory, ""))
        if files or is_new:
            names, sizes = zip(*files, strict=True) if files else ((), ())
            self._found.deletions.append(replace(deletion, files=names, sizes=sizes))


def _tagged(entry: Entry, study: StudyEntry | None) -> tuple[str, tuple[str, ...]]:
    """The outermost directory with tags that protect an entry, so that it is one note; and they.

    Raises:
        DataError: the tags of a cross-validation are broken.
    """
    if study is not None and study.tags:
        return study.directory, study.tags
    if isinstance(entry, RunEntry) and entry.fold is not None:
        whole = around(entry.directory)
        if tags := read_tags(Path(whole)).tags:
            return whole, tags
    return entry.directory, entry.tags


def _outer(directory: str) -> Iterator[tuple[str, StudyEntry]]:
    """The study around runs that were found without it."""
    from dlrun.collection.read_study import read_study

    try:
        yield directory, read_study(directory)
    except (DlrunError, OSError):
        return


def _run(directory: Path) -> RunEntry | None:
    from dlrun.collection.read_run import read_run

    try:
        return read_run(str(directory))
    except (DlrunError, OSError):
        return None
