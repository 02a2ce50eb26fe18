"""What a study and its workers say to each other: a JSON object a line, over pipes.

The study greets, then sends tasks, one at a time, and may ask for the task to stop.  The worker
says that it is ready, then the epochs of its task, and how it ended.  A task may ask behind every
epoch whether to go on.  A worker whose input ends,
because the study is gone, ends at once, whatever it does.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, ClassVar


@dataclass(frozen=True, slots=True)
class Hello:
    """The first line: the spec, what messages call it, and where its relative paths start.

    Attributes:
        plugins: SHA-256 of the Python files that the study has run, which the worker may run, too.
    """

    say: ClassVar = "hello"
    spec: str
    name: str
    folder: str
    plugins: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Task:
    """A run to train.

    Attributes:
        settings: overrides of the spec.
        epochs: after which to stop; 0 is all that the spec says.
        score: to report of each epoch.
        directory: to make and fill.
        asks: whether to report every epoch but the last, and to wait for the answer.
    """

    say: ClassVar = "task"
    settings: Mapping[str, Any]
    epochs: int
    score: str
    directory: str
    asks: bool = False


@dataclass(frozen=True, slots=True)
class Cease:
    """Stop the task behind its step, if it is not done by then."""

    say: ClassVar = "cease"


@dataclass(frozen=True, slots=True)
class Answer:
    """Whether a task that asked trains another epoch."""

    say: ClassVar = "answer"
    goes_on: bool


@dataclass(frozen=True, slots=True)
class Ready:
    """The worker waits for a task."""

    say: ClassVar = "ready"


@dataclass(frozen=True, slots=True)
class Epoch:
    """An epoch of the task is done; not every one is reported."""

    say: ClassVar = "epoch"
    epoch: int
    epochs: int
    score: float | None


@dataclass(frozen=True, slots=True)
class Ended:
    """The task's directory is complete; ``ceased`` where it was asked to stop before.

    ``notes`` is what the user should know of it, a line each.
    """

    say: ClassVar = "ended"
    costs: Mapping[str, float]
    ceased: bool
    notes: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Failed:
    """The task gave no result.

    Attributes:
        reason: in a sentence.
        of_machine: whether a full disk or the like is the reason, and not the spec or its training.
        notes: what the user should know of it, a line each.
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
