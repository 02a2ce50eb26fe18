"""The one-line message of a source that refuses to load."""

from __future__ import annotations

from pathlib import Path

import pytest

from dlrun.data.sources.base import Source
from dlrun.errors import DataError


def refusal(source: Source, folder: Path) -> str:
    with pytest.raises(DataError) as raised:
        source.load(0, folder)
    assert "\n" not in str(raised.value)
    return str(raised.value)
