from __future__ import annotations

import csv
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dlrun import catalog
from dlrun.arrays import Array
from dlrun.augment.augmentation import augmentation
from dlrun.augment.augmenter import Augmenter
from dlrun.augment.text.generator import Generator
from dlrun.augment.text.paraphrase import Paraphrase
from dlrun.augment.text.random_swap import RandomSwap
from dlrun.augment.text.synonym_replacement import SynonymReplacement
from dlrun.augment.text.text import TextAugmentation
from dlrun.augment.text.typos import Typos
from dlrun.data.dataset import Dataset
from dlrun.data.preprocess.pipeline import Pipeline
from dlrun.data.preprocess.tokenize import Tokenize
from dlrun.experiment.compile import compile_spec
from dlrun.nn.kernels import numpy_kernels
from dlrun.nn.parallel.threads import accompanied
from dlrun.run_directory.directory import RunDirectory
from dlrun.training import text_helper
from dlrun.training.augmented import augmented
from dlrun.training.initial_network import initial_network
from dlrun.training.text_helper import TextHelper, _Worker
from dlrun.training.text_process import Job, Request
from tests.support.processes import until_ended

catalog.load()


Spec = Callable[..., Path]

TEXTS = [
    f"The {word} and good dog does not run to the big house." for word in ("old", "new", "sad")
]
"""Ends with a mark, so that nothing is empty; every augmentation has something to change."""

needs_proc = pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="needs /proc")


STEPS = (Tokenize(length=80, unit="character"),)
PIPELINE, _ = Pipeline.fit(STEPS, Dataset(np.array(TEXTS, object), np.arange(3), "classification"))
JOB = Job((SynonymReplacement(), RandomSwap(), Typos()), STEPS, PIPELINE.state(), 7, len(TEXTS))


def is_text(name: str) -> bool:
    return issubclass(augmentation[name], TextAugmentation)


def here(job: Job = JOB) -> Callable[[int, Array], Array]:
    texts = np.array(TEXTS, object)

    def read(rows: Array) -> tuple[Array, Array]:
        return texts[rows], rows

    kernels, transform = numpy_kernels().augment, PIPELINE.transform
    make = Augmenter(job.augmentations, job.seed, read, job.samples, kernels, transform)
    return lambda epoch, visits: make(epoch, visits)[0]


@contextmanager
def helping(job: Job = JOB) -> Iterator[TextHelper]:
    helper = TextHelper(job, here(job))
    try:
        yield helper
    finally:
        helper.end()


def until_ready(helper: TextHelper) -> _Worker:
    """The other process, when it can make inputs."""
    limit = time.monotonic() + 60
    while time.monotonic() < limit:
        helper(1, np.arange(2), np.array(TEXTS[:2], object))
        if helper._worker is not None and helper._worker.ready:
            return helper._worker
        time.sleep(0.01)
    raise TimeoutError


@pytest.fixture
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(text_helper, "_WORTH_A_PROCESS", 0.0)


@pytest.mark.usefixtures("at_once")
def test_the_process_makes_the_same_inputs() -> None:
    texts, make = np.array(TEXTS, object), here()
    with helping() as helper:
        worker = until_ready(helper)
        for epoch in (1, 2, 50):
            for visits in ([0, 1, 2], [2], [5, 3], [1, 1]):
                rows = np.array(visits)
                found = helper(epoch, rows, texts[rows % len(TEXTS)])
                np.testing.assert_array_equal(found, make(epoch, rows))
        assert worker.ready  # all of it came from there
    assert texts.tolist() == TEXTS


def check_that_inputs_are_made_here(helper: TextHelper) -> None:
    rows = np.array([2, 0])
    for epoch in (1, 2):
        found = helper(epoch, rows, np.array(TEXTS, object)[rows])
        np.testing.assert_array_equal(found, here()(epoch, rows))
        assert helper._worker is not None and not helper._worker.ready


@pytest.mark.usefixtures("at_once")
def test_inputs_are_made_here_after_the_process_has_died() -> None:
    with helping() as helper:
        process = until_ready(helper).process
        assert process is not None
        os.kill(process.pid, signal.SIGTERM)
        time.sleep(0.1)
        check_that_inputs_are_made_here(helper)
        assert process.returncode is not None  # the system has forgotten it
        assert accompanied.others == 0


@needs_proc
@pytest.mark.usefixtures("at_once")
def test_a_process_that_does_not_answer_is_killed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(text_helper, "_PATIENCE", 0.3)
    monkeypatch.setattr(text_helper, "_PAUSE", 0.05)
    with helping() as helper:
        process = until_ready(helper).process
        assert process is not None
        os.kill(process.pid, signal.SIGSTOP)
        check_that_inputs_are_made_here(helper)
        assert process.returncode == -signal.SIGKILL


class Plugin(TextAugmentation):
    """An augmentation that another process does not know."""

    kind = "plugin"

    def change(self, text: str, random: Generator) -> str:
        return text.upper()


@pytest.mark.usefixtures("at_once")
def test_what_another_process_does_not_know_is_made_here() -> None:
    job = replace(JOB, augmentations=(Plugin(),))
    assert Plugin().foreign
    rows = np.array([1, 2])
    with helping(job) as helper:
        for _ in range(3):
            found = helper(1, rows, np.array(TEXTS, object)[rows])
            np.testing.assert_array_equal(found, here(job)(1, rows))
            assert helper._worker is not None
            helper._worker.thread.join()
        assert not helper._worker.ready
        assert helper._worker.process is not None
        assert helper._worker.process.returncode is not None


CASES = {
    "random_deletion": {"share": 0.3},
    "synonym_replacement": {"share": (0.1, 0.5)},
    "paraphrase": {"rules": ("contractions", "voice")},
}


@pytest.mark.parametrize("name", [each for each in augmentation if is_text(each)])
def test_a_job_arrives_as_it_was_sent(name: str) -> None:
    job = replace(JOB, augmentations=(augmentation[name](**CASES.get(name, {})),))
    found = Job.from_bytes(job.to_bytes())
    assert (found.augmentations, found.preprocess) == (job.augmentations, job.preprocess)
    assert (found.seed, found.samples) == (job.seed, job.samples)
    assert found.state.keys() == job.state.keys()
    for key, array in job.state.items():
        np.testing.assert_array_equal(found.state[key], array)
        assert found.state[key].dtype == array.dtype


@given(st.lists(st.text(st.characters()), min_size=1, max_size=5), st.integers(1, 1000))
def test_a_request_arrives_as_it_was_sent(texts: list[str], epoch: int) -> None:
    request = Request(epoch, [*range(len(texts))], texts)
    assert Request.from_bytes(request.to_bytes()) == request


@pytest.mark.usefixtures("at_once")
@pytest.mark.parametrize("pause", [0.0, 0.05, 0.3])
def test_a_process_that_is_being_started_ends_with_the_training(pause: float) -> None:
    with helping() as helper:
        helper(1, np.array([0]), np.array(TEXTS[:1], object))
        time.sleep(pause)
    worker = helper._worker
    assert worker is not None and not worker.thread.is_alive()
    assert worker.process is None or worker.process.returncode is not None
    assert accompanied.others == 0


def test_short_work_starts_no_process() -> None:
    with helping() as helper:
        helper(1, np.array([0]), np.array(TEXTS[:1], object))
        assert helper._worker is None


@pytest.mark.usefixtures("at_once")
def test_a_system_without_more_threads_or_processes_is_no_error(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def refusing(error: Exception) -> Callable[..., None]:
        def refuse(*_: object, **__: object) -> None:
            raise error

        return refuse

    for place, error in (
        ("threading.Thread.start", RuntimeError("can't start new thread")),
        ("subprocess.Popen.__init__", OSError("Resource temporarily unavailable")),
    ):
        with monkeypatch.context() as patch, helping() as helper:
            patch.setattr(place, refusing(error))
            helper(1, np.array([0]), np.array(TEXTS[:1], object))
            time.sleep(0.1)
            check_that_inputs_are_made_here(helper)


@pytest.mark.parametrize(
    ("augment", "threads", "expected"),
    [
        (["typos", "synonym_replacement"], "2", True),
        (["typos"], "1", False),
        ([{"paraphrase": {"by": "upper"}}], "2", False),
    ],
)
def test_which_trainings_have_a_helper(
    spec: Spec,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    augment: list[Any],
    threads: str,
    expected: bool,
) -> None:
    monkeypatch.setattr(text_helper, "processors", lambda: 2)
    monkeypatch.setattr(Paraphrase, "check", lambda *_: None)
    monkeypatch.setenv("DLRUN_THREADS", threads)
    compiled = compile_spec(spec(**{**texts_spec(tmp_path, 8), "augment": augment}))
    make = augmented(compiled, initial_network(compiled))
    assert make is not None and make._helper is None
    with make:
        assert (make._helper is not None) == expected
    assert make._helper is None


def texts_spec(folder: Path, samples: int) -> dict[str, Any]:
    path = folder / "texts.csv"
    with path.open("w", newline="") as file:
        write = csv.writer(file)
        write.writerow(["text", "label"])
        for number in range(samples):
            extra = "happy dogs" if number % 2 else "sad cats"
            write.writerow([f"{TEXTS[number % 3]} {extra} {number}!", number % 2])
    return {
        "data": {
            "source": {"text": str(path)},
            "split": {"validation": 0.25},
            "preprocess": [{"tokenize": {"length": 20}}],
            "batch_size": 32,
        },
        "model": [
            {"embedding": {"units": 4, "tokens": "${vocabulary}", "padding": 0}},
            "mean_over_time",
            {"dense": "${classes}"},
        ],
        "loss": "cross_entropy",
        "metrics": ["accuracy"],
        "augment": ["paraphrase", "synonym_replacement", "typos"],
    }


TWO_PROCESSORS = """
import sys
from dlrun.training import text_helper
from dlrun.__main__ import main
text_helper.processors = lambda: 2
sys.exit(main())
"""
"""dlrun, with a helper even on a machine with one processor."""


def started(folder: Path, path: Path, threads: int) -> subprocess.Popen[str]:
    folder.mkdir()
    return subprocess.Popen(
        [sys.executable, "-c", TWO_PROCESSORS, "train", str(path), "--quiet"],
        cwd=folder,
        env={**os.environ, "DLRUN_THREADS": str(threads), "DLRUN_PICTURES": "no"},
        stderr=subprocess.PIPE,
        text=True,
    )


def helper_of(process: subprocess.Popen[str]) -> int | None:
    """The number of the process that makes texts, as soon as there is one."""
    while process.poll() is None:
        for each in Path(f"/proc/{process.pid}/task").glob("*/children"):
            with suppress(OSError):  # a thread or a child that has ended
                for child in each.read_text().split():
                    if b"text_process" in Path(f"/proc/{child}/cmdline").read_bytes():
                        return int(child)
        time.sleep(0.01)
    return None


def losses(folder: Path) -> dict[str, Any]:
    (run,) = folder.glob("runs/*/*")
    columns = RunDirectory(run).metrics()
    return {name: list(values) for name, values in columns.items() if name != "seconds"}


@needs_proc
@pytest.mark.slow
def test_a_training_is_the_same_with_and_without_a_process_and_if_that_is_killed(
    spec: Spec, tmp_path: Path
) -> None:
    path = spec(**texts_spec(tmp_path, 1500), epochs=100)
    found = {}
    for name, threads in (("alone", 1), ("helped", 2), ("killed", 2)):
        process = started(tmp_path / name, path, threads)
        child = helper_of(process)
        assert (child is not None) == (threads > 1)
        if name == "killed" and child is not None:
            time.sleep(0.2)
            os.kill(child, signal.SIGKILL)
        assert process.communicate()[1] == ""
        assert process.returncode == 0
        found[name] = losses(tmp_path / name)
    assert found["helped"] == found["alone"] == found["killed"]


@needs_proc
@pytest.mark.slow
def test_the_process_ends_with_a_killed_training(spec: Spec, tmp_path: Path) -> None:
    process = started(tmp_path / "run", spec(**texts_spec(tmp_path, 1500), epochs=100), 2)
    child = helper_of(process)
    assert child is not None
    process.kill()
    process.communicate()
    until_ended(child)
