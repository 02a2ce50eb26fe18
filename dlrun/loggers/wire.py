"""Messages as plain data for JSON, to be sent to another process."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from dlrun.loggers.messages import End, Epoch, Message, Restart

_KINDS: Mapping[str, type[Message]] = {"epoch": Epoch, "restart": Restart, "end": End}


def as_json(message: Message) -> dict[str, Any]:
    """A message as plain data, with the name of its kind."""
    (kind,) = (name for name, cls in _KINDS.items() if cls is type(message))
    return {"kind": kind, **asdict(message)}


def from_json(data: Mapping[str, Any]) -> Message:
    """The message that ``as_json`` wrote."""
    return _KINDS[data["kind"]](**{key: value for key, value in data.items() if key != "kind"})
