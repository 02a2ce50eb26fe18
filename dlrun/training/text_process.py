"""A process that makes batches of texts for a training in another one; see ``text_helper``.

It reads messages, first a job and then requests, and answers each with an array.  It ends with its
input, also if the other process was killed.
"""

from __future__ import annotations

import io
import json
import os
import signal
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from typing import IO, Self, TypeVar

import numpy as np

from dlrun import catalog
from dlrun.arrays import Array
from dlrun.augment.augmentation import Augmentation
from dlrun.augment.augmenter import Augmenter
from dlrun.augment.text.text import TextAugmentation
from dlrun.data.preprocess.base import Preprocess
from dlrun.data.preprocess.pipeline import Pipeline
from dlrun.nn.kernels import numpy_kernels
from dlrun.spec.build import build
from dlrun.spec.component import Component
from dlrun.spec.from_python import from_plain
from dlrun.spec.origin import Default
from dlrun.spec.problems import Problems
from dlrun.spec.resolved import dump

C = TypeVar("C", bound=Component)

_SIZE = 8
"""Bytes of the number that is in front of a message: its size."""
_PLAIN = "job"
"""The entry with everything that is not an array."""
_STATE = "state."
"""Begins the names of the entries with the state of preprocessing."""


@dataclass(frozen=True, slots=True)
class Job:
    """What makes inputs of the network from texts.

    Attributes:
        augmentations: in order.
        preprocess: the steps after them, in order.
        state: the fitted state of the steps, as in ``Pipeline``.
        seed: the run's.
        samples: number of samples in the training set.
    """

    augmentations: tuple[TextAugmentation, ...]
    preprocess: tuple[Preprocess, ...]
    state: Mapping[str, Array]
    seed: int
    samples: int

    def to_bytes(self) -> bytes:
        """A message."""
        plain = {
            "augmentations": dump(self.augmentations),
            "preprocess": dump(self.preprocess),
            "seed": self.seed,
            "samples": self.samples,
        }
        arrays = {_STATE + name: array for name, array in self.state.items()}
        arrays[_PLAIN] = np.frombuffer(json.dumps(plain).encode(), np.uint8)
        file = io.BytesIO()
        np.savez(file, **arrays)  # type: ignore[arg-type]
        return file.getvalue()

    @classmethod
    def from_bytes(cls, content: bytes) -> Self:
        """The job of a message.

        Raises:
            ValueError: it cannot be done here, for example because a plugin is not installed.
        """
        with np.load(io.BytesIO(content), allow_pickle=False) as arrays:
            plain = json.loads(arrays[_PLAIN].tobytes())
            state = {
                name.removeprefix(_STATE): arrays[name]
                for name in arrays
                if name.startswith(_STATE)
            }
        augmentations = tuple(_built(Augmentation, each) for each in plain["augmentations"])
        texts = tuple(each for each in augmentations if isinstance(each, TextAugmentation))
        steps = tuple(_built(Preprocess, each) for each in plain["preprocess"])
        return cls(texts, steps, state, plain["seed"], plain["samples"])


@dataclass(frozen=True, slots=True)
class Request:
    """A batch to be made.

    Attributes:
        epoch: counts from 1.
        visits: (n,) int64, as in ``Augmenter``.
        texts: n original ones.
    """

    epoch: int
    visits: list[int]
    texts: list[str]

    def to_bytes(self) -> bytes:
        """A message."""
        return json.dumps([self.epoch, self.visits, self.texts]).encode()

    @classmethod
    def from_bytes(cls, content: bytes) -> Self:
        """The request of a message."""
        return cls(*json.loads(content))


def main() -> None:
    """Answer the requests on standard input with the inputs of the network."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the other process decides
    replies = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what a library prints is not a reply
    catalog.load()
    job = Job.from_bytes(receive(sys.stdin.buffer))
    texts = list[str]()

    def read(rows: Array) -> tuple[Array, Array]:
        given = np.empty(len(rows), object)
        given[:] = texts
        return given, rows  # instead of targets, which stay with the other process

    augment = Augmenter(
        job.augmentations,
        job.seed,
        read,
        job.samples,
        numpy_kernels().augment,
        Pipeline.restore(job.preprocess, None, job.state).transform,
    )
    send(replies, b"")  # ready
    while True:
        try:
            request = Request.from_bytes(receive(sys.stdin.buffer))
        except EOFError:
            return
        texts = request.texts
        inputs, _ = augment(request.epoch, np.array(request.visits, np.int64))
        file = io.BytesIO()
        np.save(file, inputs)
        send(replies, file.getvalue())


def send(file: IO[bytes], content: bytes) -> None:
    """Write a message to a pipe.

    Raises:
        OSError: the other process has ended.
    """
    file.write(len(content).to_bytes(_SIZE))
    file.write(content)
    file.flush()


def receive(file: IO[bytes]) -> bytes:
    """Read a message from a pipe.

    Raises:
        EOFError: the other process has ended.
    """
    size = int.from_bytes(_read(file, _SIZE))
    return _read(file, size)


def _read(file: IO[bytes], size: int) -> bytes:
    content = file.read(size)
    if len(content) < size:
        raise EOFError
    return content


def _built(cls: type[C], plain: object) -> C:
    problems = Problems()
    component = build(cls, from_plain(plain, Default()), problems)
    if component is None or problems:
        raise ValueError("; ".join(problems.messages()))
    return component
