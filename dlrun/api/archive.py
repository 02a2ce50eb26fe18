"""One file with the trained network of a run, to predict with elsewhere."""

from __future__ import annotations

from functools import partial
from os import PathLike
from pathlib import Path

from dlrun.api.run import warn_caller
from dlrun.collection.naming import resolve_run
from dlrun.inference.archive_members import members_of
from dlrun.inference.notes import Tell
from dlrun.run_directory.archive.archive import Archive
from dlrun.run_directory.archive.write import need_free, packed, write
from dlrun.run_directory.directory import RunDirectory


def archive(
    run: str | PathLike[str],
    out: str | Path | None = None,
    *,
    license: str | None = None,  # noqa: A002
    force: bool = False,
    tell: Tell = partial(warn_caller, further=1),  # noqa: B008
) -> Path:
    """Write a run's trained network, with all that predicting needs, to one file.

    ``Run``, ``predict`` and ``evaluate`` take it instead of the run directory.  The same run leads
    to the same bytes.

    Args:
        run: the run directory, or a word that names it, such as ``latest``.
        out: the file; None is ``NAME-ID.zip`` in the working directory, with the name of the
            experiment or of the study.
        license: the license line of the model card; None states none.
        force: whether an existing file is replaced.
        tell: called with a note if the archive cannot be scored, because its loss follows from data
            that is missing; by default it becomes a warning.

    Returns:
        The file.

    Raises:
        DataError: the run is unfinished or has no weights, or the file exists or cannot be written.
    """
    directory = RunDirectory.open(resolve_run(run))
    named = f"{directory.name}-{directory.id}.zip".replace("/", "-")
    file = Path(named if out is None else out)
    need_free(file, force)
    write(file, packed(members_of(directory, license, tell)), force=force)
    return file


def model_card(archive: str | Path) -> tuple[str, dict[str, str]]:
    """The model card of an archive, every member of which is compared with its checksum.

    Args:
        archive: the file.

    Returns:
        The card in Markdown, and the SHA-256 of each member by name.

    Raises:
        DataError: it is not an archive, or is broken.
    """
    opened = Archive.open(Path(archive))
    checksums = opened.verify()
    return opened.card(), checksums
