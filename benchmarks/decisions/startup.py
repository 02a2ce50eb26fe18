"""Imports, a short training with each set of kernels, and the model of a search."""

from __future__ import annotations

import resource
import subprocess
import sys
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import numpy as np
from skopt.learning import GaussianProcessRegressor
from skopt.learning.gaussian_process.kernels import Matern, WhiteKernel

from benchmarks import child
from benchmarks.decisions.case import Case
from benchmarks.measure import ROOT
from dlrun.arrays import Array
from dlrun.search.evidence import Evidence, drawn_kernels
from dlrun.search.kernel import Kernels
from dlrun.search.surrogate import Surrogate

_IMPORTS = {
    "numba": ("numpy", "numba"),
    "scikit-learn's digits": ("numpy", "sklearn.datasets"),
    "matplotlib with a figure": ("numpy", "matplotlib.figure, matplotlib.backends.backend_agg"),
    "regex": ("re", "regex"),
}
"""What is imported first and is not part of the time, and what is then imported."""


def imports() -> Iterator[Case]:
    """Imports in a new process; the processor time is measured there."""
    for name, (before, what) in _IMPORTS.items():
        yield Case(f"import {name}", _import(before, what), program=True)


def _import(before: str, what: str) -> Callable[[], float]:
    code = (
        f"import time, {before}\n"
        f"start = time.process_time()\nimport {what}\nprint(time.process_time() - start)"
    )

    def seconds() -> float:
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True)
        return float(done.stdout)

    return seconds


def trainings(folder: Path) -> Iterator[Case]:
    """30 epochs of an MLP 64-128-64-10 on the digits, as a process with all that it writes."""
    spec = ROOT / "benchmarks" / "process" / "digits-mlp.yaml"
    dlrun = [sys.executable, "-m", "dlrun"]
    yield Case("dlrun warmup, all compiled", _process([*dlrun, "warmup"], "numba"), program=True)
    for kernels in ("numpy", "numba"):
        command = [*dlrun, "train", spec, "--runs", folder, "--plain"]
        yield Case(f"dlrun train, {kernels}", _process(command, kernels), program=True)


def _process(command: list[str | Path], kernels: str) -> Callable[[], float]:
    """Processor time of a program on one thread."""

    def seconds() -> float:
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        end = child.run(command, ROOT, {"DLRUN_KERNELS": kernels, "DLRUN_THREADS": "1"})
        if end.code:
            raise RuntimeError(end.complaint)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime

    return seconds


def fits() -> Iterator[Case]:
    """The model of ``bayes`` in six dimensions, and scikit-optimize's: fits, and predictions."""
    points = np.random.default_rng(1).random((2000, 6))
    for trials in (40, 150):
        x = np.random.default_rng(0).random((trials, 6))
        y = np.sin(6 * x[:, 0]) + x[:, 1:3].sum(axis=1)
        y = (y - y.mean()) / y.std()
        yield Case(f"8 kernels drawn for {trials} trials", partial(_kernels, x, y))
        surrogate = Surrogate(_kernels(x, y), x, y)
        yield Case(
            f"2,000 predictions of 8 processes, {trials} trials", partial(surrogate.predict, points)
        )
        kernel = Matern([1.0] * 6, nu=2.5) + WhiteKernel(0.01)
        regressor = GaussianProcessRegressor(kernel)
        yield Case(
            f"fit of scikit-optimize's regressor, {trials} trials", partial(regressor.fit, x, y)
        )
        fitted = GaussianProcessRegressor(kernel).fit(x, y)
        theirs = partial(fitted.predict, points, return_std=True)
        yield Case(f"2,000 predictions of its process, {trials} trials", theirs)


def _kernels(x: Array, y: Array) -> Kernels:
    return drawn_kernels(Evidence(x, y), 8, np.random.default_rng(0))
