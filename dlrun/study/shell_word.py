"""Values as words for a shell: in YAML, and unchanged by its expansions."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from dlrun.search.suggestion import legible
from dlrun.spec.core_schema import resolve

_BARE = re.compile(r"[A-Za-z_][\w.-]*")


_SPECIAL = {letter: f"\\u{ord(letter):04x}" for letter in " *?"}
"""Letters at which a shell splits expanded text or looks for files; in JSON only text has them."""


def shell_word(value: Any) -> str:
    """A value in YAML, as one word."""
    if isinstance(value, str) and _BARE.fullmatch(value) and resolve(value) == value:
        return value
    text = _flow(value)
    return "".join(_SPECIAL.get(letter, letter) for letter in text)


def _flow(value: Any) -> str:
    """A value as JSON, with YAML's notation for infinities and NaN."""
    if isinstance(value, Mapping):
        return f"{{{','.join(f'{json.dumps(key)}:{_flow(each)}' for key, each in value.items())}}}"
    if isinstance(value, list):
        return f"[{','.join(map(_flow, value))}]"
    return str(legible(value)) if isinstance(value, float) else json.dumps(value)
