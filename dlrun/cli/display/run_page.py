"""Everything that is known of a run, on the terminal."""

from __future__ import annotations

from collections.abc import Mapping

from dlrun.cli.display import page
from dlrun.cli.display.confusion_lines import confusion_lines
from dlrun.cli.display.curve_plot import curve_plot
from dlrun.cli.display.terminal import Terminal, line_width
from dlrun.collection.times import shown_age, shown_time
from dlrun.quantities import count, duration
from dlrun.summaries.run_summary import RunSummary

_GIVEN = 30
"""Keys that are listed, at most."""
_HEIGHT = 6
"""Lines of a plot."""


def print_run(terminal: Terminal, summary: RunSummary) -> None:
    """Print a run."""
    braille = terminal.shows("\u28ff")
    page.print_sections(
        terminal,
        [
            _head(summary),
            _scores(summary),
            _folds(summary),
            *_curves(summary, braille=braille),
            confusion_lines(summary.confusion, summary.confusion_set),
            _given(summary),
            _place(summary),
            page.files(summary.files),
            page.steps(summary.steps),
        ],
    )


def _head(summary: RunSummary) -> list[str]:
    entry = summary.entry
    way = "lower" if entry.mode == "min" else "higher"
    best = ""
    if entry.best is not None:
        where = "" if entry.best_epoch is None else f" in epoch {entry.best_epoch}"
        where = ", mean of the folds" if entry.folds else where
        best = f"{entry.monitor} {entry.best:.5g}{where} ({way} is better)"
    time = shown_time(entry.created)
    if time and entry.age is not None:
        time += f", {shown_age(entry.age)} ago"
    environment = summary.environment
    parts = [
        f"{name} {environment[name]}" for name in ("threads", "kernels") if name in environment
    ]
    numerics = environment.get("numerics")
    if isinstance(numerics, Mapping):
        parts.append(f"portable numerics ({numerics.get('target')})")
    planned = "" if entry.planned is None else f" of {entry.planned}"
    return page.facts(
        {
            "run": f"{entry.name}  {entry.id}",
            "status": f"{entry.state}: {summary.reason}",
            "advice": summary.advice,
            "epochs": "" if entry.folds else f"{entry.trained}{planned}",
            "folds": str(entry.folds or ""),
            "fold": str(entry.fold or ""),
            "best": best,
            "baseline": _baseline(summary),
            "began": time,
            "duration": "" if entry.seconds is None else duration(entry.seconds),
            "command": summary.command,
            "started by": summary.started_by,
            "tags": " ".join(entry.tags),
            "note": entry.note,
            "directory": entry.directory,
            "machine": str(environment.get("platform", "")),
            "computed by": ", ".join(parts),
        }
    )


def _baseline(summary: RunSummary) -> str:
    entry, baseline = summary.entry, summary.baseline
    if baseline is None:
        return ""
    if entry.best is None:
        return f"{baseline:.5g} for {entry.monitor}"
    gain = baseline - entry.best if entry.mode == "min" else entry.best - baseline
    word = "better" if gain > 0 else "not better"
    return f"{baseline:.5g} for {entry.monitor}: the best epoch is {word} ({abs(gain):.5g} apart)"


def _scores(summary: RunSummary) -> list[str]:
    header = ["score", "epoch", "train", "validation", "test"]
    rows, before = [], ""
    for row in summary.scores:
        scores = [page.score(each) for each in (row.train, row.validation, row.test)]
        what = f"{row.epoch} ({', '.join(row.what)})"
        rows.append(["" if row.metric == before else row.metric, what, *scores])
        before = row.metric
    kept = [place for place in range(len(header)) if any(row[place] for row in rows)]
    lines = page.table(
        "scores",
        [header[place] for place in kept],
        [[row[place] for place in kept] for row in rows],
    )
    return [*lines, "saved: the weights for predictions"] if lines else []


def _folds(summary: RunSummary) -> list[str]:
    rows = []
    for each in summary.folds:
        ends = "" if each.low is None else f"{each.low:.5g} to {page.score(each.high)}"
        rows.append([each.name, page.score(each.mean), ends, *map(page.score, each.values)])
    number = len(summary.folds[0].values) if summary.folds else 0
    header = ["score", "mean", "95 % interval", *(f"fold {n + 1}" for n in range(number))]
    return page.table("scores over the folds", header, rows, optional=number)


def _curves(summary: RunSummary, *, braille: bool) -> list[list[str]]:
    width = min(line_width(), page.PLOT_WIDTH)
    return [
        [name, *curve_plot({"*": values}, width, _HEIGHT, braille=braille)]
        for name, values in summary.curves.items()
    ]


def _given(summary: RunSummary) -> list[str]:
    keys = summary.given
    if not keys:
        return []
    longest = max(len(each.key) for each in keys[:_GIVEN])
    lines = ["keys that are set; all others have their defaults"]
    for each in keys[:_GIVEN]:
        by = (
            ""
            if each.by == "spec"
            else f"  (by {'an ' if each.by == 'override' else 'the '}{each.by})"
        )
        lines.append(f"{each.key:<{longest}}  {page.value(each.value)}{by}")
    if len(keys) > _GIVEN:
        lines.append(f"... and {count(len(keys) - _GIVEN, 'more key')}: see spec.yaml or --json")
    return lines


def _place(summary: RunSummary) -> list[str]:
    place = summary.place
    if place is None:
        return []
    what = "" if place.trial is None else f", trial {place.trial}"
    if place.repeat is not None and place.repeats > 1:
        what += f", run {place.repeat + 1} of {place.repeats}"
    title = f"study {place.study}{what}"
    if place.rank is None:
        return [f"{title}: not among its {count(place.ranked, 'ranked trial')}"]
    keys = dict.fromkeys(key for each in place.neighbours for key in each.values)
    header = ["rank", "trial", str(place.objective), *keys]
    rows = [
        [
            str(each.rank),
            f"{each.trial} (this)" if each.trial == place.trial else str(each.trial),
            f"{each.score:.5g}",
            *(page.value(each.values[key]) if key in each.values else "" for key in keys),
        ]
        for each in place.neighbours
    ]
    title += f": rank {place.rank} of {place.ranked}"
    return page.table(title, header, rows, optional=len(keys))
