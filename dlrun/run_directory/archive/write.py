"""Writing an archive: the same content leads to the same bytes."""

from __future__ import annotations

import io
import stat
import zipfile
from collections.abc import Mapping
from pathlib import Path

from dlrun.errors import DataError
from dlrun.run_directory.access import present
from dlrun.run_directory.archive.layout import FORMAT, LIMITS, MANIFEST, VERSION
from dlrun.run_directory.atomic import staged
from dlrun.run_directory.json_text import to_json
from dlrun.run_directory.manifest import checksum
from dlrun.run_directory.output import replaceable

_MODE = stat.S_IFREG | 0o644
_TIME = (1980, 1, 1, 0, 0, 0)
"""The first moment that a zip file can contain, for all members."""


def packed(members: Mapping[str, bytes]) -> bytes:
    """The content of an archive: a zip file, uncompressed, with a manifest of checksums.

    Args:
        members: content by name, without the manifest; their order does not matter.

    Raises:
        DataError: a member is larger than an archive may contain.
    """
    entries = {name: checksum(io.BytesIO(members[name])) for name in LIMITS if name in members}
    manifest = {"format": FORMAT, "version": VERSION, "members": entries}
    content = {MANIFEST: (to_json(manifest, indent=2) + "\n").encode(), **members}
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as archive:
        for name, limit in LIMITS.items():
            if name not in content:
                continue
            if len(content[name]) > limit:
                raise DataError(
                    f"{name} has {len(content[name]):,} bytes, more than the limit of {limit:,} "
                    "in an archive"
                )
            info = zipfile.ZipInfo(name, _TIME)
            info.create_system, info.external_attr = 3, _MODE << 16  # 3 is Unix
            archive.writestr(info, content[name])
    return file.getvalue()


def write(path: Path, content: bytes, *, force: bool = False) -> None:
    """Write the file, all or nothing.

    Args:
        path: of the file.
        content: of the file.
        force: whether an existing file is replaced.

    Raises:
        DataError: it exists, or cannot be written; an existing file is unchanged.
    """
    need_free(path, force)
    with staged(replaceable(path), content):
        need_free(path, force)


def need_free(path: Path, force: bool) -> None:
    """Check that writing replaces no file without ``force``.

    Raises:
        DataError: it would, or it would replace a folder, a pipe or a device.
    """
    if path.is_dir():
        raise DataError(f"{path}: a folder; name the file to write in it")
    if not force and present(path):
        raise DataError(f"{path}: exists already; use --force (force=True) or another name")
    replaceable(path)
