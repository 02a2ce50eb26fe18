"""What a study is and how it is, on the terminal."""

from __future__ import annotations

from dlrun.cli.display import page
from dlrun.cli.display.terminal import Terminal
from dlrun.collection.times import shown_age, shown_time
from dlrun.quantities import count
from dlrun.summaries.study_summary import StudySummary


def print_study(terminal: Terminal, summary: StudySummary) -> None:
    """Print a study."""
    page.print_sections(
        terminal,
        [_head(summary), _top(summary), page.files(summary.files), page.steps(summary.steps)],
    )


def _head(summary: StudySummary) -> list[str]:
    entry = summary.entry
    goals = (
        f"{'minimize' if mode == 'min' else 'maximize'} {score}" for score, mode in entry.objectives
    )
    trials = str(entry.trials)
    if entry.planned is not None:
        trials = f"{entry.done + entry.failed + entry.running} of {entry.planned}"
    states = f"{entry.done} done, {entry.failed} failed, {entry.running} running"
    time = shown_time(entry.created)
    if time and entry.age is not None:
        time += f", {shown_age(entry.age)} ago"
    command = "dlrun suggest" if summary.asked else "its dlrun tune command again"
    advice = f"to continue it, run {command}" if entry.state == "stopped" else ""
    return page.facts(
        {
            "study": entry.name,
            "status": entry.state,
            "advice": advice,
            "objective": ", ".join(goals),
            "trials": f"{trials}: {states}",
            "repeats": f"{count(summary.repeats, 'run')} of each trial",
            "began": time,
            "tags": " ".join(entry.tags),
            "note": entry.note,
            "directory": entry.directory,
        }
    )


def _top(summary: StudySummary) -> list[str]:
    keys = dict.fromkeys(key for each in summary.top for key in each.values)
    rows = [
        [
            str(each.rank),
            str(each.trial),
            f"{each.score:.5g}",
            *(page.value(each.values[key]) if key in each.values else "" for key in keys),
        ]
        for each in summary.top
    ]
    title = f"the best {len(rows)} of {count(summary.ranked, 'completed trial')}"
    header = ["rank", "trial", summary.entry.monitor or "score", *keys]
    return page.table(title, header, rows, optional=len(keys))
