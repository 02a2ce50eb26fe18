"""The manifest of an archive, and members that are compared with it."""

from __future__ import annotations

import io
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from dlrun.errors import DataError
from dlrun.run_directory.archive.layout import ADVICE, FORMAT, MANIFEST, VERSION
from dlrun.run_directory.archive.zip_file import ZipFile
from dlrun.run_directory.json_text import parsed
from dlrun.run_directory.manifest import checksum, described


def text_of(content: bytes, place: Path) -> str:
    """A member as text.

    Raises:
        DataError: it is not UTF-8.
    """
    try:
        return content.decode()
    except UnicodeDecodeError as error:
        raise DataError(f"{place}: byte {error.start} is not UTF-8") from error


def object_in(content: bytes, place: Path) -> dict[str, Any]:
    """A member that is a JSON object.

    Args:
        content: of the member.
        place: what messages call it.

    Raises:
        DataError: it is not one.
    """
    found = parsed(text_of(content, place), str(place))
    if not isinstance(found, dict):
        raise DataError(f"{place}: expected a JSON object, got {type(found).__name__}")
    return found


def read_entries(path: Path, file: ZipFile) -> dict[str, dict[str, Any]]:
    """The manifest's entry of each other member.

    Raises:
        DataError: the manifest is broken, of another version, or lists other members.
    """
    found = object_in(file.read(MANIFEST), path / MANIFEST)
    if found.get("format") != FORMAT:
        raise DataError(f"{path}: not an archive of dlrun: its manifest is of another format")
    version = found.get("version")
    if version != VERSION or isinstance(version, bool):
        raise DataError(
            f"{path}: an archive of format {str(version)[:20]}, this version of dlrun reads "
            f"{VERSION}; update dlrun"
        )
    entries = found.get("members")
    if not isinstance(entries, dict) or entries.keys() != file.sizes.keys() - {MANIFEST}:
        raise DataError(f"{path}: the manifest does not list the members of the file; {ADVICE}")
    for name, entry in entries.items():
        if not isinstance(entry, dict) or entry.keys() != {"sha256", "size"}:
            raise DataError(f"{path / MANIFEST}: has no size and SHA-256 of {name}; {ADVICE}")
        if entry["size"] != file.sizes[name]:
            raise DataError(
                f"{path}: {name} has {file.sizes[name]:,} bytes, the manifest "
                f"{str(entry['size'])[:20]}; {ADVICE}"
            )
    return entries


def read_content(
    path: Path, file: ZipFile, name: str, entries: Mapping[str, Mapping[str, Any]]
) -> bytes:
    """The content of a member, compared with its entry of the manifest."""
    if name not in entries:
        raise DataError(f"{path}: has no {name}")
    content = file.read(name)
    if (found := checksum(io.BytesIO(content))) != entries[name]:
        raise DataError(
            f"{path}: {name} is broken or was changed: it has {described(found)}, the manifest "
            f"{described(entries[name])}; {ADVICE}"
        )
    return content
