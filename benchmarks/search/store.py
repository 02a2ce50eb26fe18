"""Searches that were run before, one file per peer, so that a long measurement can be resumed.

A line is a search. Lines may be added by several processes and copied from one file to another.
"""

from __future__ import annotations

import ast
import hashlib
import json
import sys
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, fields, replace
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import numpy as np

import dlrun
from benchmarks.search.peers.base import Peer
from benchmarks.search.problem import Problem
from benchmarks.search.problems import drawn
from benchmarks.search.searching import Trace

_PROBED = 32
"""Points whose outcomes identify a problem."""


@dataclass(frozen=True, slots=True)
class Key:
    """What determines the result of a search, in addition to the number of trials.

    Attributes:
        problem: its name.
        content: checksum of the problem's outcomes.
        peer: name of the search.
        code: checksum of the peer's module here, or of our whole search.
        version: of the peer's library; empty for our own.
        seed: of the search and of the noise.
    """

    problem: str
    content: str
    peer: str
    code: str
    version: str
    seed: int


class Store:
    """The searches in a folder.

    Args:
        folder: created with the first search.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._known: dict[str, dict[Key, dict[tuple[str, int], Trace]]] = {}

    def get(self, problem: Problem, peer: Peer, seed: int, trials: int) -> Trace | None:
        """A search with at least so many trials, or exactly so many if that matters; or None."""
        traces = self._of(key_of(problem, peer, seed))
        if peer.budgeted:
            return traces.get(trials)
        longest = max(traces, default=0)
        return traces[longest] if longest >= trials else None

    def add(self, problem: Problem, peer: Peer, seed: int, trace: Trace) -> None:
        """Keep a search; it is on disk when this returns.

        Raises:
            ValueError: a search with the same seed had other results.
        """
        key = key_of(problem, peer, seed)
        for other in self._of(key).values():
            short, long = sorted((trace, other), key=lambda each: each.trials)
            same = short.trials == long.trials or not peer.budgeted
            if same and not long.extends(short):
                raise ValueError(f"{peer.name} does not repeat its search with seed {seed}")
        self._folder.mkdir(parents=True, exist_ok=True)
        path = self._path(peer.name)
        broken = path.exists() and not path.read_bytes().endswith(b"\n")
        line = json.dumps({**asdict(key), **asdict(trace)}, separators=(",", ":"))
        with path.open("a") as file:
            # A process that was killed may have left half a line.
            file.write("\n" * (broken and path.stat().st_size > 0) + line + "\n")
        self._remember(key, trace)

    def _of(self, key: Key) -> Mapping[int, Trace]:
        """By number of trials; those of any version if the library is not installed."""
        if key.peer not in self._known:
            self._known[key.peer] = {}
            for each, trace in self._read(key.peer):
                self._remember(each, trace)
        known = self._known[key.peer].get(replace(key, version=""), {})
        return {
            trials: trace
            for (version, trials), trace in known.items()
            if key.version in ("", version)
        }

    def _remember(self, key: Key, trace: Trace) -> None:
        known = self._known[key.peer].setdefault(replace(key, version=""), {})
        known[key.version, trace.trials] = trace

    def _read(self, peer: str) -> Iterator[tuple[Key, Trace]]:
        path = self._path(peer)
        for line in path.read_text().splitlines() if path.exists() else ():
            try:
                content = json.loads(line)
            except ValueError:
                continue  # half a line
            key = Key(**{each.name: content[each.name] for each in fields(Key)})
            chosen, best = ([(n, r) for n, r in content[name]] for name in ("chosen", "best"))
            yield key, Trace(content["trials"], chosen, best, content["seconds"])

    def _path(self, peer: str) -> Path:
        return self._folder / f"{peer}.jsonl"


def key_of(problem: Problem, peer: Peer, seed: int) -> Key:
    """The key of a search with what is installed here."""
    return Key(problem.name, content_of(problem), peer.name, code_of(peer), version_of(peer), seed)


@cache
def content_of(problem: Problem) -> str:
    """A checksum of a problem's space and of some of its outcomes."""
    random = np.random.default_rng(0)
    tried = [(at, problem.trial(at, random)) for at in drawn(problem.space, _PROBED)]
    text = [[at, each and [f"{each.seen:.9g}", f"{each.regret:.9g}"]] for at, each in tried]
    return _checksum(json.dumps(text))


@cache
def version_of(peer: Peer) -> str:
    """The installed version of its library; empty if there is none."""
    try:
        return version(peer.package) if peer.package else ""
    except PackageNotFoundError:
        return ""


@cache
def code_of(peer: Peer) -> str:
    """A checksum of the code of the search, without comments and docstrings."""
    if peer.package:
        file = sys.modules[peer.begin.__module__].__file__
        assert file is not None
        return _checksum(_code(Path(file)))
    package = Path(dlrun.__file__).parent
    files = [package / "rng.py", *sorted((package / "search").rglob("*.py"))]
    return _checksum("".join(map(_code, files)))


def _code(path: Path) -> str:
    tree = ast.parse(path.read_text())
    for node in ast.walk(tree):
        body = getattr(node, "body", None)
        if isinstance(body, list):
            node.body = [each for each in body if not _is_text(each)]  # type: ignore[attr-defined]
    return ast.dump(tree)


def _is_text(node: ast.AST) -> bool:
    return (
        isinstance(node, ast.Expr)
        and isinstance(node.value, ast.Constant)
        and isinstance(node.value.value, str)
    )


def _checksum(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:12]
