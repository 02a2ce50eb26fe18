"""The commit that is checked out where a run is started, without running a repository's programs.

The configuration of a repository can name programs (``core.fsmonitor``, filters in its
``.gitattributes``, hooks), and ``git status`` runs them.  A downloaded folder may be such a
repository.  So the commit is read from its files, and ``git`` compares the files with it under an
empty configuration: it uses the objects and the index of the repository, and a temporary folder for
everything else.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from dlrun.errors import DataError
from dlrun.files import open_regular, read_bytes

_ID = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")
_REF = re.compile(r"ref: (refs/[^\0\n]+)")
_DEEPEST = 8
"""Maximum number of symbolic refs in a row."""
_SECONDS = 2.0
_STATUS = (
    "status",
    "--porcelain=v2",
    "--untracked-files=no",
    "--ignore-submodules=all",  # which have separate configurations
    "--no-renames",
)


def git_state(folder: Path) -> dict[str, Any] | None:
    """The commit that is checked out at ``folder`` and whether tracked files differ from it.

    ``dirty`` is None if git is not installed or does not answer within two seconds.  The result is
    None without a repository or a commit, or if its refs are not files.  Filters (such as those of
    git LFS) are not applied: a file that they change counts as different once it is rewritten.
    """
    try:
        for top in (folder.absolute(), *folder.absolute().parents):
            mark = top / ".git"
            if mark.exists():
                own = _own_folder(mark)
                shared = _shared_folder(own)
                commit = _commit(own, shared)
                if commit is None:
                    return None
                return {"commit": commit, "dirty": _differs(top, own, shared, commit)}
    except (OSError, ValueError, DataError):
        pass
    return None


def _own_folder(mark: Path) -> Path:
    """The folder ``.git``, or the one that it names if it is a file, as in a linked worktree."""
    if mark.is_dir():
        return mark
    word, _, name = _line(mark).partition(" ")
    if word != "gitdir:":
        raise ValueError(f"{mark} does not name a folder")
    return mark.parent / name


def _shared_folder(own: Path) -> Path:
    """The folder of objects and refs that worktrees share."""
    pointer = own / "commondir"
    return own / _line(pointer) if pointer.exists() else own


def _commit(own: Path, shared: Path) -> str | None:
    """The commit of HEAD."""
    text = _line(own / "HEAD")
    for _ in range(_DEEPEST):
        if _ID.fullmatch(text):
            return text
        ref = _REF.fullmatch(text)
        if ref is None or ".." in ref[1]:
            return None
        found = next((each / ref[1] for each in (own, shared) if (each / ref[1]).exists()), None)
        if found is None:
            return _packed(shared / "packed-refs", ref[1])
        text = _line(found)
    return None


def _packed(file: Path, ref: str) -> str | None:
    if not file.exists():
        return None
    for line in read_bytes(file).decode(errors="replace").splitlines():
        commit, _, name = line.partition(" ")
        if name == ref and _ID.fullmatch(commit):
            return commit
    return None


def _differs(top: Path, own: Path, shared: Path, commit: str) -> bool | None:
    """Whether tracked files or the index differ from a commit; None if unknown."""
    # A git program in the working directory may be a stranger's too.
    path = os.pathsep.join(each for each in os.get_exec_path() if Path(each).is_absolute())
    program = shutil.which("git", path=path)
    if program is None:
        return None
    with TemporaryDirectory(prefix="dlrun-git-") as name:
        ours = Path(name)
        for each in ("refs", "objects"):
            (ours / each).mkdir()
        (ours / "HEAD").write_text(f"{commit}\n")
        if len(commit) == 64:
            version = "[core]\nrepositoryformatversion = 1\n[extensions]\nobjectFormat = sha256\n"
            (ours / "config").write_text(version)
        variables = {
            "PATH": path,
            "GIT_DIR": name,
            "GIT_WORK_TREE": str(top),
            "GIT_INDEX_FILE": str(own / "index"),
            "GIT_OBJECT_DIRECTORY": str(shared / "objects"),
            "GIT_CONFIG_NOSYSTEM": "1",
            "GIT_CONFIG_GLOBAL": os.devnull,
            "GIT_ATTR_NOSYSTEM": "1",
            "GIT_OPTIONAL_LOCKS": "0",  # read only, without blocking other git processes
        }
        try:
            open_regular(own / "index").close()
            status = subprocess.run(
                (program, *_STATUS),
                cwd=top,
                env=variables,
                stdin=subprocess.DEVNULL,
                capture_output=True,
                timeout=_SECONDS,
                check=True,
            )
        except (OSError, subprocess.SubprocessError, DataError):
            return None
    return bool(status.stdout)


def _line(file: Path) -> str:
    return read_bytes(file).decode(errors="replace").strip()
