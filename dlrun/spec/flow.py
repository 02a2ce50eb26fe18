"""Plain data as one line of YAML."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping
from typing import Any

from dlrun.spec.core_schema import resolve
from dlrun.spec.resolved import quoted

_BARE = re.compile(r"[A-Za-z_][\w.-]*")


def flow(value: Any) -> str:
    """The value in YAML's flow style: ``{sgd: {momentum: 0.9}}``, ``[16, relu, "${width}"]``."""
    if isinstance(value, Mapping):
        return f"{{{', '.join(f'{flow(key)}: {flow(each)}' for key, each in value.items())}}}"
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(flow, value))}]"
    if isinstance(value, str):
        bare = _BARE.fullmatch(value) and resolve(value) == value
        return value if bare else quoted(value)
    if isinstance(value, float):
        return real(value)
    return json.dumps(value)


def real(value: float) -> str:
    """A float with all its digits, and YAML's words for infinities and NaN."""
    if math.isfinite(value):
        return repr(value)
    return ".nan" if math.isnan(value) else ".inf" if value > 0 else "-.inf"
