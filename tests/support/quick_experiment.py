"""A short run of an experiment, and what it must have in common with the committed findings."""

from __future__ import annotations

import html
import subprocess
import sys
from pathlib import Path

import dlrun
from dlrun.findings.markdown import as_markdown
from dlrun.findings.record import FILE, Record, read_record

ROOT = Path(__file__).parents[2]


def quick_run(name: str, work: Path, *, claims: int | None = None) -> tuple[Record, Record]:
    """Run an experiment as a process; the findings of this run, and the committed ones.

    Args:
        name: its folder.
        work: a folder for it.
        claims: how many of the committed claims it tests, if its data is not whole here.
    """
    words = [sys.executable, "-m", "experiments", name, "--quick", "--work", str(work)]
    done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    made, kept = work / f"{name}-quick", ROOT / "experiments" / name
    quick, committed = (read_record(folder / FILE) for folder in (made, kept))
    assert len(committed.claims) == 10
    texts = [each.claim for each in committed.claims][:claims]
    assert [each.claim for each in quick.claims] == texts
    page = dlrun.report(made)
    assert all(html.escape(text) in page for text in texts)
    for folder, record in ((made, quick), (kept, committed)):
        for picture in record.pictures:
            content = (folder / picture.file).read_bytes()
            assert content.startswith(b"\x89PNG") and len(content) > 10_000
        assert (folder / "README.md").read_text() == as_markdown(record)
    assert [each.file for each in quick.pictures] == [each.file for each in committed.pictures]
    return quick, committed
