"""What a study will do, on the terminal."""

from __future__ import annotations

from dataclasses import asdict

from dlrun.cli.lines import count, duration, size
from dlrun.cli.study_lines import described
from dlrun.cli.terminal import Terminal
from dlrun.runs.json_text import to_json
from dlrun.study.forecast import Forecast
from dlrun.study.sweep.compile import Plan


def print_forecast(terminal: Terminal, plan: Plan, found: Forecast, *, as_json: bool) -> None:
    """Print the plan of a study.

    Args:
        terminal: where.
        plan: of the study.
        found: what it will take.
        as_json: as a JSON object instead.
    """
    if as_json:
        terminal.lines(to_json(asdict(found), indent=2))
        return
    sweep = plan.sweep
    trials = "as many trials as the search finds"
    if found.trials is not None and found.runs is not None:
        trials = f"{count(found.trials, 'trial')}, {count(found.runs, 'run')}"
    wanted = ", ".join(f"{goal.way} {goal.score}" for goal in sweep.goals)
    terminal.line(f"{sweep.name}  {wanted}  {trials}")
    for line in found.earlier:
        terminal.line(line)
    for number, suggestion in found.suggestions.items():
        terminal.line(f"trial {number}  {described(suggestion)}")
    if found.trials != len(found.suggestions):
        terminal.line("... and so on")
    used = min(found.workers * found.threads, found.processors)
    threads = count(found.threads, "thread")
    terminal.line(
        f"{count(found.workers, 'worker')} of {threads}, {used} of {found.processors} processors"
    )
    terminal.line(f"memory of the steps  {size(found.memory)}")
    took = f"{1000 * found.step:.3g} ms a step"
    if found.seconds is not None:
        pruned = ", if none is pruned" if sweep.prune is not None else ""
        terminal.line(f"about {duration(found.seconds)} in all{pruned} ({took})")
    else:
        terminal.line(took)
