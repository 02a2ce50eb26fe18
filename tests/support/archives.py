"""A small archive, and zip files that no archive is."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Iterable
from pathlib import Path

import numpy as np

from dlrun.run_directory.archive.write import packed
from dlrun.run_directory.tensor_file import serialized

Member = tuple[zipfile.ZipInfo, bytes]

MEMBERS = {
    "card.md": b"# small\n",
    "spec.yaml": b"name: small\n",
    "resolved.yaml": b"name: small\n",
    "environment.json": b"{}\n",
    "result.json": b'{"status": "completed", "reason": "all epochs are done", "seconds": 1, '
    b'"epochs": 2, "best_epoch": 1, "weights": "best", "metrics": {"test.loss": null}}\n',
    "metrics.csv": b"epoch,train.loss\n1,0.5\n2,0.25\n",
    "weights.safetensors": serialized({"dense_1.bias": np.ones(2, np.float32)}, {"epoch": 1}),
}
SMALL = packed(MEMBERS)


def members_of(content: bytes) -> dict[str, bytes]:
    """The members of an archive, without its manifest."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {name: archive.read(name) for name in archive.namelist() if name != "manifest.json"}


def rewritten(change: Callable[[list[Member]], Iterable[Member]], content: bytes = SMALL) -> bytes:
    """An archive with its members changed, and the manifest as it was."""
    file = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as before, zipfile.ZipFile(file, "w") as after:
        found = []
        for info in before.infolist():
            new = zipfile.ZipInfo(info.filename, info.date_time)
            new.create_system, new.external_attr = info.create_system, info.external_attr
            found.append((new, before.read(info)))
        for info, data in change(found):
            after.writestr(info, data)
    return file.getvalue()


def written(folder: Path, content: bytes) -> Path:
    """A file with this content."""
    path = folder / "a.zip"
    path.write_bytes(content)
    return path
