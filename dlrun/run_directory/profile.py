"""The folder ``profile`` of a run: the time of each layer as a table and as a trace."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from pathlib import Path

from dlrun.run_directory.access import make_folder
from dlrun.run_directory.atomic import replace
from dlrun.run_directory.json_text import to_json


def write_profile(
    folder: Path, table: Sequence[Mapping[str, object]], trace: Mapping[str, object]
) -> None:
    """Write a profile.

    Args:
        folder: made if it does not exist.
        table: rows with equal keys, at least one.
        trace: in the form of Chrome's viewer.

    Raises:
        DataError: the disk is full, or the folder is read-only.
    """
    make_folder(folder)
    text = io.StringIO()
    writer = csv.DictWriter(text, list(table[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(table)
    replace(folder / "layers.csv", text.getvalue(), inner=True)
    replace(folder / "trace.json", to_json(trace), inner=True)
