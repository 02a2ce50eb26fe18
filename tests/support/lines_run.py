"""How much work a call does, without a clock: the lines of dlrun's code that it runs."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import Any

import dlrun

_CODE = str(Path(dlrun.__file__).parent)


def lines_run(call: Callable[[], object]) -> int:
    """The number of lines of dlrun that a call runs on this thread, each as often as it is run."""
    count = 0

    def trace(frame: FrameType, event: str, argument: Any) -> Any:
        nonlocal count
        if not frame.f_code.co_filename.startswith(_CODE):
            return None
        count += event == "line"
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        call()
    finally:
        sys.settrace(before)
    return count
