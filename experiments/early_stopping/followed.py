"""Trainings whose test set is scored after every epoch, which no run does by itself."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from dlrun.experiment.compile import compile_spec
from dlrun.inference.scores import evaluate, prefixed
from dlrun.training.events import EpochEnded
from dlrun.training.session import Session
from dlrun.training.stop import Stop
from experiments.lab import Lab

Curves = Mapping[str, Sequence[float]]
"""Values by epoch, such as of ``validation.loss`` and ``test.loss``."""
Case = tuple[Path, Mapping[str, Any]]
"""A spec and values that replace those of its keys."""


def follow(case: Case) -> dict[str, list[float]]:
    """Train without a run directory; scores are those of the weights after each epoch.

    The test scores do not take part in the training, which is bit-identical with that of a run.

    Raises:
        ValueError: the training ended early, such as by divergence, or there is no test set.
    """
    session = Session(compile_spec(*case))
    experiment, test = session.compiled.experiment, session.compiled.data.test
    if test is None:
        raise ValueError(f"{case[0]} has no test set")
    curves: dict[str, list[float]] = {}
    for event in session.run(Stop()):
        if isinstance(event, EpochEnded):
            scores = prefixed("test", evaluate(session.network, experiment.metrics, test))
            for name, value in {**event.row, **scores}.items():
                curves.setdefault(name, []).append(float(value))
    if len(curves.get("epoch", ())) != experiment.epochs:
        raise ValueError(f"the training of {case[0]} with {dict(case[1])} did not reach its end")
    return curves


def follow_all(lab: Lab, cases: Sequence[Case]) -> list[Curves]:
    """Follow every case, equal ones once; those followed before are read from the work folder."""
    files = [lab.work / "followed" / f"{_key(case)}.json" for case in cases]
    missing = {file: case for file, case in zip(files, cases, strict=True) if not file.exists()}
    (lab.work / "followed").mkdir(parents=True, exist_ok=True)
    with ProcessPoolExecutor(lab.jobs, get_context("spawn"), _one_thread) as pool:
        for file, curves in zip(missing, pool.map(follow, missing.values()), strict=True):
            part = file.with_suffix(".part")
            part.write_text(json.dumps(curves))
            part.replace(file)
    return [json.loads(file.read_text()) for file in files]


def _key(case: Case) -> str:
    spec, settings = case
    text = json.dumps([spec.read_text(), dict(settings)], sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:20]


def _one_thread() -> None:
    os.environ["DLRUN_THREADS"] = "1"
