"""Failed reads and writes as errors that name the path and say what to do."""

from __future__ import annotations

import errno
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from dlrun.errors import DataError

_ADVICE = {
    errno.ENOSPC: "free some space or use another folder",
    errno.EDQUOT: "free some of your quota or use another folder",
    errno.EFBIG: "raise the limit on file sizes (ulimit -f)",
    errno.EROFS: "use another folder",
    errno.EACCES: "change its permissions or use another folder",
    errno.EPERM: "change its permissions or use another folder",
    errno.ENOTDIR: "a part of this path is a file; use another folder",
    errno.ENAMETOOLONG: "use a shorter name",
}


@contextmanager
def writing(path: Path) -> Iterator[None]:
    """Turn an OSError of the block, which writes ``path``, into a DataError."""
    try:
        yield
    except OSError as error:
        raise DataError(_message("write", path, error)) from error


@contextmanager
def reading(path: Path) -> Iterator[None]:
    """Turn an error of the block, which reads ``path`` as bytes or as UTF-8, into a DataError."""
    try:
        yield
    except FileNotFoundError as error:
        raise DataError(f"{path}: there is no such file; is the run directory whole?") from error
    except OSError as error:
        raise DataError(_message("read", path, error)) from error
    except UnicodeDecodeError as error:
        raise DataError(f"{path}: byte {error.start} is no UTF-8; the file is broken") from error


def _message(verb: str, path: Path, error: OSError) -> str:
    what = (error.strerror or str(error)).lower()
    advice = _ADVICE.get(error.errno or 0)
    return f"{path}: cannot {verb} it: {what}" + (f"; {advice}" if advice else "")
