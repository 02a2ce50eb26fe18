"""How close searches of equal length come to the best value, compared with other libraries."""

from __future__ import annotations

import statistics
from collections.abc import Iterable, Sequence

import numpy as np

from benchmarks.measure import Settings
from benchmarks.report import Report, duration
from benchmarks.search.compared import Compared, compare
from benchmarks.search.intervals import Interval, Numbers, difference, interval, mean_ranks, ranks
from benchmarks.search.peers import BASELINE, OURS
from benchmarks.search.problems import PROBLEMS


def regret(settings: Settings) -> Report:
    """Regret of the trial that each search itself saw as best, one trial at a time.

    With noise, that is the one of the least noisy value, and its regret is that of the value
    without noise.  Searches run on the same seeds, and on noise drawn by seed and trial.
    """
    selection = settings.searches
    columns = ("problem", "search", *(f"{trials} trials" for trials in selection.trials))
    compared = compare(selection)
    report = _report("search/regret", columns, compared)
    for problem in selection.problems:
        for peer in compared.peers:
            cells = []
            for trials in selection.trials:
                found = compared.regrets(problem, peer, trials)
                if not found:
                    cells.append("")
                    continue
                mean = interval(list(found.values()))
                theirs = _less(compared, problem, peer, OURS, trials)
                cells.append(f"{mean.mean:.4f} ({mean.low:.4f} - {mean.high:.4f}){_sign(theirs)}")
                report.data.append(
                    {
                        "problem": problem,
                        "search": peer,
                        "trials": trials,
                        "seeds": list(found),
                        "regrets": _finite(found.values()),
                        "mean": _finite([mean.mean])[0],
                        "interval": _ends(mean),
                        "less_ours": _ends(theirs),
                        "less_random": _ends(_less(compared, problem, peer, BASELINE, trials)),
                    }
                )
            if any(cells):
                report.rows.append((problem, peer, *cells))
    report.notes.append(
        f"{selection.seeds} seeds; mean regret with its 95 % interval by bootstrap; seed by seed, "
        f"+ is worse than {OURS}, - is better, with 95 % confidence by Student's interval"
    )
    return report


def rank(settings: Settings) -> Report:
    """The mean rank of each search among all, over problems without and with noise."""
    selection = settings.searches
    columns = ("problems", "trials", "search", "mean rank", f"less {BASELINE}", "worse", "better")
    compared = compare(selection)
    report = _report("search/rank", columns, compared)
    for noisy, group in ((False, "without noise"), (True, "with noise")):
        problems = [p for p in selection.problems if (PROBLEMS[p]().noise != "none") == noisy]
        for trials in selection.trials if problems else ():
            _rank(report, compared, group, problems, trials)
    report.notes.append(
        "1 is the best rank; intervals by bootstrap over functions and seeds; worse and better: on "
        f"how many problems a search differs from {BASELINE} seed by seed with 95 % confidence, "
        "which one in 40 does by chance in each direction"
    )
    return report


def _rank(
    report: Report, compared: Compared, group: str, problems: Sequence[str], trials: int
) -> None:
    """Add the ranks among the peers that have searched all of the problems."""
    peers = [p for p in compared.peers if compared.complete(p, trials, problems)]
    for left_out in (p for p in compared.peers if p not in peers):
        report.notes.append(f"{group}, {trials} trials: {left_out} has not searched all problems")
    if BASELINE not in peers:
        report.notes.append(f"{group}, {trials} trials: no ranks without {BASELINE}")
        return
    levels: dict[str, list[Numbers]] = {}
    for problem in problems:
        values = [list(compared.regrets(problem, p, trials).values()) for p in peers]
        levels.setdefault(PROBLEMS[problem]().base, []).append(ranks(np.array(values)))
    found = mean_ranks(list(levels.values()), peers.index(BASELINE))
    for peer, (mean, less) in zip(peers, found, strict=True):
        differences = {p: _less(compared, p, peer, BASELINE, trials) for p in problems}
        worse = [p for p, each in differences.items() if each and each.low > 0]
        better = [p for p, each in differences.items() if each and each.high < 0]
        shown = "" if peer == BASELINE else _shown(less, "+")
        counts = (str(len(worse)), str(len(better)))
        report.rows.append((group, str(trials), peer, _shown(mean), shown, *counts))
        report.data.append(
            {
                "problems": group,
                "trials": trials,
                "search": peer,
                "of": len(peers),
                "rank": mean.mean,
                "interval": _ends(mean),
                "less_random": _ends(less),
                "worse_than_random_on": worse,
                "better_than_random_on": better,
            }
        )


def seconds(settings: Settings) -> Report:
    """Processor time per suggestion, in the ten trials before each number of trials."""
    selection = settings.searches
    columns = ("search", *(f"at {trials} trials" for trials in selection.trials))
    compared = compare(selection)
    report = _report("search/seconds", columns, compared)
    for peer in compared.peers:
        cells = []
        for trials in selection.trials:
            medians = _seconds(compared, peer, trials)
            cells.append("")
            if not medians:
                continue
            slowest, fastest = duration(max(medians.values())), duration(min(medians.values()))
            middle = duration(statistics.median(medians.values()))
            cells[-1] = f"{middle} ({fastest} - {slowest})"
            report.data.append({"search": peer, "trials": trials, "seconds": medians})
        report.rows.append((peer, *cells))
    report.notes.append(
        "processor time in one thread, to suggest and to be told; the median problem, and the "
        "fastest and the slowest one; each the median over seeds"
    )
    return report


def _report(name: str, columns: Sequence[str], compared: Compared) -> Report:
    notes, faults = list(compared.notes), list(compared.faults)
    return Report(name, columns, notes=notes, faults=faults)


def _less(compared: Compared, problem: str, peer: str, other: str, trials: int) -> Interval | None:
    """A peer's regret less that of another one, on the seeds of both; None if there are none."""
    mine, theirs = (compared.regrets(problem, each, trials) for each in (peer, other))
    both = [seed for seed in mine if seed in theirs]
    if peer == other or not both:
        return None
    return difference([mine[seed] for seed in both], [theirs[seed] for seed in both])


def _seconds(compared: Compared, peer: str, trials: int) -> dict[str, float]:
    """By problem, the median over seeds: the first search also imports its library."""
    medians = {}
    for problem in compared.selection.problems:
        found = [
            spent
            for seed in compared.selection.numbers
            if (trace := compared.trace(problem, peer, seed, trials)) is not None
            and (spent := trace.seconds_at(trials)) is not None
        ]
        if found:
            medians[problem] = statistics.median(found)
    return medians


def _sign(less: Interval | None) -> str:
    if less is None:
        return ""
    return " +" if less.low > 0 else " -" if less.high < 0 else ""


def _shown(value: Interval, sign: str = "") -> str:
    return f"{value.mean:{sign}.2f} ({value.low:{sign}.2f} to {value.high:{sign}.2f})"


def _ends(value: Interval | None) -> list[float | None] | None:
    return None if value is None else _finite([value.low, value.high])


def _finite(values: Iterable[float]) -> list[float | None]:
    """JSON has no infinity: None if all trials failed."""
    return [value if np.isfinite(value) else None for value in values]
