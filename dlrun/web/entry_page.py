"""The page of a run or a study."""

from __future__ import annotations

from urllib.parse import urlencode

from dlrun.collection.entry import Entry
from dlrun.collection.study_entry import StudyEntry
from dlrun.pages.markup import Html, tag
from dlrun.pages.run.page import run_content
from dlrun.pages.section import Content, Section, note
from dlrun.pages.study.page import study_content
from dlrun.run_directory.directory import RunDirectory
from dlrun.study.store.directory import StudyDirectory
from dlrun.web.links import address, live_address
from dlrun.web.shell import shell


def entry_page(entry: Entry, *, predict: bool) -> str:
    """The page of a run or a study.

    Args:
        entry: the run or study.
        predict: whether to read the data of a run again and predict samples, as a report does.

    Raises:
        DataError: a file of it is broken.
        SpecError: the sweep of a study has errors.
    """
    if isinstance(entry, StudyEntry):
        content = study_content(StudyDirectory.open(entry.path))
        query = urlencode({"inner": "1", "where": f"study={entry.directory}"})
        more = tag("a", "Runs of this study", href=f"/?{query}")
    else:
        content = run_content(RunDirectory.open(entry.path), None if predict else 0)
        more = Html("")
        if not predict and not entry.folds and entry.state != "running":
            place = f"{address(entry)}?predict=1"
            more = tag("a", "Predict samples", href=place)
    return shell(content, live_address([entry]), more)


def message_page(title: str, text: str) -> str:
    """A page with a line, such as an error."""
    return shell(Content(title, "", [Section("message", "", [note(text)])]))
