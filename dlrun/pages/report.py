"""The report of a directory, whatever it is."""

from __future__ import annotations

from pathlib import Path

from dlrun.errors import DataError
from dlrun.pages.run.page import run_page
from dlrun.run_directory.access import present
from dlrun.run_directory.directory import RunDirectory
from dlrun.run_directory.not_a_run import need_no_archive
from dlrun.study.store.directory import StudyDirectory


def report_of(path: Path, samples: int | None = None) -> str:
    """The HTML file of a run, of a study, or of a folder of them.

    Args:
        path: the directory; only read.
        samples: as in ``run_page``; a study and a folder do not use it.

    Raises:
        DataError: it does not exist, or a file in it is broken.
        SpecError: the sweep of a study has errors.
    """
    need_no_archive(path)
    if not path.is_dir():
        what = "a file, not a directory" if path.exists() else "no such directory"
        raise DataError(f"{path}: {what}; name a run, a study, or a folder of them")
    if present(StudyDirectory(path).journal_file):
        from dlrun.pages.study.page import study_page

        return study_page(StudyDirectory.open(path))
    if present(RunDirectory(path).resolved_file):
        return run_page(RunDirectory.open(path), samples)
    from dlrun.pages.folder.page import folder_page

    return folder_page(path)
