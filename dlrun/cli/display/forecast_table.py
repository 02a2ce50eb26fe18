"""The trials that a study plans, with estimates of time and memory, on the terminal."""

from __future__ import annotations

from dataclasses import asdict

from dlrun.cli.display.study_lines import described
from dlrun.cli.display.terminal import Terminal
from dlrun.quantities import count, count_each, duration, size
from dlrun.run_directory.json_text import to_json
from dlrun.search.pruners.base import ChoosingPruner, StoppingPruner
from dlrun.study.forecast import Forecast
from dlrun.study.sweep.plan import SweepPlan

_INFEASIBLE = 20
"""Maximum number of trials to list that are not trained."""


def print_forecast(
    terminal: Terminal,
    plan: SweepPlan,
    forecast: Forecast,
    *,
    as_json: bool,
    listed: bool = True,
) -> None:
    """Print the forecast of a study.

    Args:
        terminal: where.
        plan: of the study.
        forecast: its trials, time and memory.
        as_json: whether to print a JSON object.
        listed: whether to list the trials.
    """
    if as_json:
        terminal.lines(to_json(asdict(forecast), indent=2))
        return
    sweep = plan.sweep
    trials = "number of trials decided by the search"
    if forecast.trials is not None and forecast.runs is not None:
        most = "" if sweep.looks is None else " at most"
        trials = f"{count(forecast.trials, 'trial')}, {count(forecast.runs, 'run')}{most}"
    goals = ", ".join(f"{goal.way} {goal.score}" for goal in sweep.goals)
    terminal.sentence(f"{sweep.name}  {goals}  {trials}")
    for line in forecast.earlier:
        terminal.sentence(line)
    if listed:
        left_out = set(list(forecast.skipped)[_INFEASIBLE:])
        for number, suggestion in forecast.suggestions.items():
            if number not in left_out:
                terminal.sentence(
                    f"trial {number}{_why(forecast, number)}  {described(suggestion)}"
                )
        if forecast.trials != len(forecast.suggestions) - len(forecast.skipped):
            terminal.line("...")
    if forecast.skipped:
        terminal.sentence(_infeasible(forecast, listed=listed))
    used = min(forecast.workers * forecast.threads, forecast.processors)
    threads = count_each(forecast.threads, "thread", forecast.workers)
    terminal.sentence(
        f"{count(forecast.workers, 'worker')} with {threads}, {used} of "
        f"{forecast.processors} processors"
    )
    terminal.sentence(f"memory of the trainings  {size(forecast.memory)}")
    for line in forecast.limits:
        terminal.sentence(line)
    if forecast.rungs:
        rungs = ", ".join(map(str, forecast.rungs))
        terminal.sentence(f"rungs  {rungs} of {count(plan.epochs, 'epoch')}")
    pace = f"{1000 * forecast.step:.3g} ms per step"
    if forecast.seconds is None or forecast.low is None or forecast.high is None:
        terminal.sentence(pace)
    else:
        ends = f"{duration(forecast.low)} to {duration(forecast.high)}"
        epochs = count(forecast.epochs or 0, "epoch")
        fewer = sweep.looks is not None or isinstance(sweep.prune, ChoosingPruner | StoppingPruner)
        about = "at most about" if fewer else "about"
        terminal.sentence(
            f"{about} {duration(forecast.seconds)} in all ({ends}), {epochs} ({pace})"
        )
    if forecast.fits is not None:
        enough = forecast.trials is not None and forecast.fits >= forecast.trials
        fits = "all trials" if enough else f"about {count(forecast.fits, 'trial')}"
        verb = "fits" if forecast.fits == 1 and not enough else "fit"
        terminal.sentence(f"{fits} {verb} into the budget")


def _why(forecast: Forecast, number: int) -> str:
    """Why a trial is not trained; nothing if it is."""
    reason = forecast.skipped.get(number)
    return "" if reason is None else f" infeasible: {reason}"


def _infeasible(forecast: Forecast, *, listed: bool) -> str:
    """How many suggestions the limits take away, and an example unless all are listed."""
    skipped, shown = len(forecast.skipped), len(forecast.suggestions)
    all_of_them = forecast.trials == shown - skipped
    which = f"{skipped} of {'' if all_of_them else 'the first '}{count(shown, 'suggestion')}"
    instead = "" if all_of_them else "; the search suggests others instead"
    reason = "" if listed else f", such as {next(iter(forecast.skipped.values()))}"
    return f"infeasible, so not trained  {which}{reason}{instead}"
