"""Recognizing files of other formats that are read as text."""

from __future__ import annotations

_BINARY = (
    (b"PK\x03\x04", "a ZIP archive or an Excel workbook; unpack it, or save the sheet as CSV"),
    (b"\xd0\xcf\x11\xe0", "an Excel workbook; save the sheet as CSV"),
    (b"\x1f\x8b", "compressed with gzip; end its name in .gz, so that it is unpacked"),
    (b"BZh", "compressed with bzip2; unpack it, or compress it with gzip"),
    (b"\xfd7zXZ", "compressed with xz; unpack it, or compress it with gzip"),
    (b"\x28\xb5\x2f\xfd", "compressed with zstd; unpack it, or compress it with gzip"),
    (b"7z\xbc\xaf", "a 7z archive; unpack it"),
    (b"PAR1", "a Parquet file; use the source parquet"),
    (b"ARROW1", "an Arrow file; save it as Parquet or CSV"),
    (b"SQLite format 3", "an SQLite database; save the table as CSV"),
    (b"\x89HDF", "an HDF5 file; save its arrays with numpy.savez and use the source npz"),
    (b"\x93NUMPY", "a NumPy array; use the source npy"),
    (b"\xff\xfe", "UTF-16 text; save the file as UTF-8"),
    (b"\xfe\xff", "UTF-16 text; save the file as UTF-8"),
)
"""The first bytes of a file, and what it is."""
_TEXT = (
    ("@relation", "an ARFF file; save it as CSV"),
    ("<!doctype html", "an HTML page; download the table itself"),
    ("<html", "an HTML page; download the table itself"),
    ("<?xml", "an XML file; save it as CSV"),
    ("[{", "a JSON file; save it as CSV"),
    ('{"', "a JSON file; save it as CSV"),
)
"""The beginning of a text in lower case, and what it is."""


def binary_format(start: bytes) -> str:
    """The format of a file that is not UTF-8 text, and what to do; "" if it is unknown.

    Args:
        start: the first bytes of the file.
    """
    return next((what for signature, what in _BINARY if start.startswith(signature)), "")


def text_format(line: str) -> str:
    """The format of a text that is not a delimited table, and what to do; "" if it may be one.

    Args:
        line: the first line of the text.
    """
    line = line.lstrip().lower()
    return next((what for start, what in _TEXT if line.startswith(start)), "")
