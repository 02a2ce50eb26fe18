"""The values that environment.json had in earlier processes of a run, before it was resumed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def with_earlier(runs_on: Mapping[str, Any], ran: Mapping[str, Any]) -> dict[str, Any]:
    """What environment.json holds after a resume.

    Args:
        runs_on: what this process runs on.
        ran: the environment of the run until now, whose other values are kept as the latest of
            ``earlier``.
    """
    other = {key: value for key, value in ran.items() if runs_on.get(key) != value}
    before_that = other.pop("earlier", [])
    history = [*(before_that if isinstance(before_that, list) else []), other]
    return {**runs_on, "earlier": history}


def at_first(content: Mapping[str, Any], key: str) -> Any:
    """A value of an environment when its run began, before it was resumed; None if unknown.

    Args:
        content: of environment.json, which may be from an untrusted source.
        key: such as ``time``.
    """
    earlier = content.get("earlier")
    for each in earlier if isinstance(earlier, list) else []:
        if isinstance(each, dict) and key in each:
            return each[key]
    return content.get(key)
