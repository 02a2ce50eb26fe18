"""What is known of a run and of a study alike, as plain data."""

from __future__ import annotations

from typing import Any

from dlrun.collection.entry import Entry
from dlrun.collection.times import shown_time


def entry_data(entry: Entry) -> dict[str, Any]:
    """The first keys of the JSON of a run or study: what it is, when it was, and its tags."""
    return {
        "kind": entry.kind,
        "name": entry.name,
        "id": entry.id,
        "path": entry.directory,
        "status": entry.state,
        "created": shown_time(entry.created) or None,
        "ended": shown_time(entry.ended) or None,
        "tags": entry.tags,
        "note": entry.note,
    }
