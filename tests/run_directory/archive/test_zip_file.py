"""Zip files from strangers: the members of an archive as dlrun writes them, or one line."""

from __future__ import annotations

import os
import stat
import struct
import zipfile
from pathlib import Path

import pytest
from archives import MEMBERS, SMALL, Member, rewritten, written

from dlrun.errors import DataError
from dlrun.run_directory.archive import layout
from dlrun.run_directory.archive.archive import Archive
from dlrun.run_directory.archive.write import packed
from dlrun.run_directory.archive.zip_file import opened


def refusal(path: Path) -> str:
    """The line with which a file is refused."""
    with pytest.raises(DataError) as raised:
        Archive.open(path).verify()
    (line,) = raised.value.lines()
    assert line.startswith(f"{path}: ") and "\n" not in line and len(line) < 500
    return line


def test_members_are_read(tmp_path: Path) -> None:
    with opened(written(tmp_path, SMALL)) as file:
        assert {*file.sizes} == {*MEMBERS, "manifest.json"}
        assert {name: file.read(name) for name in MEMBERS} == MEMBERS


def renamed(name: str) -> bytes:
    def change(found: list[Member]) -> list[Member]:
        return [*found, (zipfile.ZipInfo(name), b"x")]

    return rewritten(change)


@pytest.mark.parametrize(
    "name",
    [
        "../../evil",
        "/etc/passwd",
        "plugin.py",
        "weights.pkl",
        "a/card.md",
        "card.md/",
        "\u202ecard",
    ],
)
def test_no_other_member_is_accepted(tmp_path: Path, name: str) -> None:
    inner = tmp_path / "inner"
    inner.mkdir()
    assert "not an archive of dlrun: it has a member" in refusal(written(inner, renamed(name)))
    assert [each.name for each in inner.iterdir()] == ["a.zip"]
    assert [each.name for each in tmp_path.iterdir()] == ["inner"]


def test_a_name_with_a_null_byte_is_not_cut(tmp_path: Path) -> None:
    content = packed({**MEMBERS, "loss.json": b"{}"}).replace(b"loss.json", b"card.md\0x")
    assert "it has a member 'card.md\\x00x'" in refusal(written(tmp_path, content))


def test_no_member_is_there_twice(tmp_path: Path) -> None:
    content = packed({**MEMBERS, "loss.json": b"{}"}).replace(b"loss.json", b"spec.yaml")
    assert "has spec.yaml twice" in refusal(written(tmp_path, content))


@pytest.mark.parametrize("name", ["manifest.json", "card.md", "result.json", "weights.safetensors"])
def test_no_required_member_is_missing(tmp_path: Path, name: str) -> None:
    content = rewritten(lambda found: [each for each in found if each[0].filename != name])
    assert f"it has no {name}" in refusal(written(tmp_path, content))


def test_a_link_is_refused(tmp_path: Path) -> None:
    def change(found: list[Member]) -> list[Member]:
        for info, _ in found:
            if info.filename == "card.md":
                info.external_attr = (stat.S_IFLNK | 0o777) << 16
        return found

    assert "card.md is a link" in refusal(written(tmp_path, rewritten(change)))


@pytest.mark.parametrize("method", [zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_nothing_is_unpacked(tmp_path: Path, method: int) -> None:
    """A compressed member could be a bomb."""

    def change(found: list[Member]) -> list[Member]:
        for info, _ in found:
            if info.filename == "weights.safetensors":
                info.compress_type = method
        return [(i, bytes(2**22) if i.compress_type == method else data) for i, data in found]

    content = rewritten(change)
    assert len(content) < 2**16
    assert "weights.safetensors is compressed" in refusal(written(tmp_path, content))


def headers(content: bytes) -> tuple[int, int]:
    """Where the local header and the entry in the list of members of card.md are."""
    local = content.index(b"card.md# small") - 30
    return local, content.index(b"card.md", content.index(b"PK\x01\x02")) - 46


def forged(where: str, offset: int, form: str, value: int) -> bytes:
    """The small archive with a field of a header of card.md changed."""
    content = bytearray(SMALL)
    local, entry = headers(SMALL)
    struct.pack_into(form, content, (local if where == "local" else entry) + offset, value)
    return bytes(content)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (("entry", 8, "<H", 1), "is encrypted"),
        (("entry", 8, "<H", 8), "has unknown flags"),
        (("entry", 20, "<L", 2**31), "has two sizes"),
        (("entry", 24, "<L", 2**31), "has two sizes"),
        (("entry", 10, "<H", 99), "is compressed"),
        (("entry", 42, "<L", 2**31), "card.md cannot be read"),
        (("entry", 42, "<L", 0), "card.md cannot be read"),
        (("entry", 0, "<L", 0), "cut off or broken"),
        (("entry", 6, "<H", 999), "zip file version"),
        (("entry", 16, "<L", 1), "card.md cannot be read: Bad CRC-32"),
        (("local", 0, "<L", 0), "card.md cannot be read"),
        (("local", 26, "<H", 3), "card.md cannot be read"),
    ],
)
def test_forged_headers(tmp_path: Path, change: tuple[str, int, str, int], said: str) -> None:
    assert said in refusal(written(tmp_path, forged(*change)))


@pytest.mark.parametrize("size", [2**31, 2**21])
def test_a_size_beyond_the_file_or_the_limit(tmp_path: Path, size: int) -> None:
    content = bytearray(SMALL)
    _, entry = headers(SMALL)
    struct.pack_into("<LL", content, entry + 20, size, size)
    said = refusal(written(tmp_path, bytes(content)))
    assert f"card.md has {size:,} bytes, more than the limit" in said


def test_a_size_beyond_the_file(tmp_path: Path) -> None:
    content = bytearray(SMALL)
    _, entry = headers(SMALL)
    struct.pack_into("<LL", content, entry + 20, 2**19, 2**19)
    said = f"card.md has 524,288 bytes, more than the limit of {len(SMALL):,}"
    assert said in refusal(written(tmp_path, bytes(content)))


def test_a_long_list_of_members_is_not_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(zipfile, "ZipFile", lambda *_: pytest.fail("it was read"))
    end = struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, 0xFFFF, 0xFFFF, 46 * 0xFFFF, 0, 0)
    assert "more members" in refusal(written(tmp_path, b"PK\x03\x04" + bytes(200) + end))
    large = struct.pack("<4sQ2H2L4Q", b"PK\x06\x06", 44, 45, 45, 0, 0, 2**40, 2**40, 2**45, 0)
    locator = struct.pack("<4sLQL", b"PK\x06\x07", 0, 204, 1)
    end = struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, 9, 9, 500, 0, 0)
    content = b"PK\x03\x04" + bytes(200) + large + locator + end
    assert "more members" in refusal(written(tmp_path, content))
    elsewhere = struct.pack("<4sLQL", b"PK\x06\x07", 0, 100, 1)
    content = b"PK\x03\x04" + bytes(200) + large + elsewhere + end
    assert "end record is not where it says" in refusal(written(tmp_path, content))


def test_a_file_of_more_than_4_gib_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In small: its numbers are in the records of large files."""
    monkeypatch.setattr(zipfile, "ZIP64_LIMIT", 500)
    content = packed(MEMBERS)
    assert b"PK\x06\x06" in content and b"PK\x06\x06" not in SMALL
    assert {*Archive.open(written(tmp_path, content)).verify()} == {*MEMBERS}


@pytest.mark.parametrize("content", [b"", b"PK", SMALL + b"x", SMALL[:-1], b"x" * 500])
def test_what_is_not_a_zip_file_of_ours(tmp_path: Path, content: bytes) -> None:
    said = "not an archive of dlrun, or cut off or broken"
    assert said in refusal(written(tmp_path, content))


def test_no_pipe_is_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(DataError, match="not a regular file but a pipe"):
        Archive.open(tmp_path / "pipe")


def test_every_member_has_a_limit() -> None:
    assert {*MEMBERS, "manifest.json", "loss.json"} == {*layout.LIMITS}
