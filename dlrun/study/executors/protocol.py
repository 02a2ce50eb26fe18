"""Messages between a study and its workers: one JSON object per line, over pipes.

The study sends a greeting, then tasks, one at a time, and can request that a task stops.  The
worker reports that it is ready, then the epochs of its task, and how it ended.  A task can ask
after every epoch whether to continue.  A worker whose input ends, because the study is gone, ends
at once.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, ClassVar


@dataclass(frozen=True, slots=True)
class Hello:
    """The first message: the spec, its name in messages, and where its relative paths start.

    Attributes:
        plugins: SHA-256 of the Python files that the study has run; the worker may run them too.
        portable: whether the spec asks for portable numerics, which a process has from its start.
        data: checksums of the data that the study has read, from ``seen_data``.
    """

    say: ClassVar = "hello"
    spec: str
    name: str
    folder: str
    plugins: Sequence[str] = ()
    portable: bool = False
    data: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Task:
    """A run to train.

    Attributes:
        settings: overrides of the spec.
        epochs: after which to stop; 0 for all epochs of the spec.
        score: to report after epochs.
        directory: of the run.
        asks: whether to report every epoch except the last, and to wait for the answer.
        forked: epochs of another run with which the directory begins; 0 for initial weights.
    """

    say: ClassVar = "task"
    settings: Mapping[str, Any]
    epochs: int
    score: str
    directory: str
    asks: bool = False
    forked: int = 0


@dataclass(frozen=True, slots=True)
class Cease:
    """Stop the task after its current step, if it is not done by then."""

    say: ClassVar = "cease"


@dataclass(frozen=True, slots=True)
class Answer:
    """Whether a task that asked trains another epoch."""

    say: ClassVar = "answer"
    continues: bool


@dataclass(frozen=True, slots=True)
class Ready:
    """The worker is ready for a task."""

    say: ClassVar = "ready"


@dataclass(frozen=True, slots=True)
class Epoch:
    """An epoch of the task is done; not every epoch is reported."""

    say: ClassVar = "epoch"
    epoch: int
    epochs: int
    score: float | None


@dataclass(frozen=True, slots=True)
class Ended:
    """The task's directory is complete; ``ceased`` if it was stopped by a request.

    ``notes`` are lines about the run, for the user.
    """

    say: ClassVar = "ended"
    costs: Mapping[str, float]
    ceased: bool
    notes: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Failed:
    """The task gave no result.

    Attributes:
        reason: as a sentence.
        of_machine: whether the machine is the reason, for example a full disk, and not the spec or
            its training.
        notes: lines about the run, for the user.
    """

    say: ClassVar = "failed"
    reason: str
    of_machine: bool = False
    notes: list[str] = field(default_factory=list)


Message = Hello | Task | Cease | Answer | Ready | Epoch | Ended | Failed

_KINDS: Mapping[str, type[Any]] = {
    each.say: each for each in (Hello, Task, Cease, Answer, Ready, Epoch, Ended, Failed)
}


def encoded(message: Message) -> bytes:
    """The message as a line."""
    return (json.dumps({"say": message.say, **asdict(message)}) + "\n").encode()


def decoded(line: bytes | str) -> Message:
    """The message in a line."""
    fields = json.loads(line)
    message: Message = _KINDS[fields.pop("say")](**fields)
    return message
