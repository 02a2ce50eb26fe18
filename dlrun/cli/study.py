"""``dlrun study``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from dlrun.cli.terminal import Terminal


def study(
    path: Annotated[Path, typer.Argument(metavar="STUDY", help="The directory of a study.")],
    csv: Annotated[bool, typer.Option("--csv", help="Print the leaderboard as CSV.")] = False,
    md: Annotated[bool, typer.Option("--md", help="Print it in Markdown.")] = False,
    json: Annotated[bool, typer.Option("--json", help="Print everything as JSON.")] = False,
) -> None:
    """Show a study, finished or not: leaderboard, importance of the keys, pictures.

    The pictures are drawn into its folder plots, unless the leaderboard is printed for a program.
    Exit codes: 0 done; 2 there is no study, or its files are broken.
    """
    from dlrun.cli.board import print_board
    from dlrun.report.plots import draw_study, remove_pictures
    from dlrun.search.importance import importance
    from dlrun.study.results.formats import as_csv, as_json, as_markdown
    from dlrun.study.results.pictures import study_points
    from dlrun.study.results.ranking import leaderboard
    from dlrun.study.store.directory import StudyDirectory
    from dlrun.study.store.recorded import recorded
    from dlrun.study.store.trials import history, points

    terminal = Terminal()
    directory = StudyDirectory.open(path)
    design, state = recorded(directory)
    board = leaderboard(design, state)
    for asked, form in ((csv, as_csv), (md, as_markdown), (json, as_json)):
        if asked:
            terminal.data(form(board).rstrip("\n"))
            return
    print_board(terminal, board)
    ended = [row.trial for row in board.rows if row.trial.status != "unfinished"]
    for number, goal in enumerate(board.goals):
        values = [None if each is None else each[number] for each in points(ended, board.goals)]
        shares = importance(design.space, history(ended, values), design.sweep.seed)
        if not shares:
            continue
        terminal.line("")
        title = f"importance for {goal.score}" if len(board.goals) > 1 else "importance"
        width = max(len(title), *map(len, shares))
        terminal.line(f"{title:{width}}  share  95 % interval")
        for key, share in shares.items():
            ends = f"{share.low:.2f} to {share.high:.2f}"
            terminal.line(f"{key:{width}}  {share.share:5.2f}  {ends}")
    drawn = study_points(design, board, directory)
    if not drawn.scored:
        remove_pictures(directory.plots)
    if drawn.scored:
        terminal.line("")
        for picture in draw_study(drawn, directory.plots):
            terminal.line(f"picture  {picture}")
