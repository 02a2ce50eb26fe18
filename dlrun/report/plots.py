"""Draws the pictures of a run directory."""

from __future__ import annotations

import io
import warnings
from pathlib import Path
from typing import TYPE_CHECKING

from dlrun.report.drawing import drawing
from dlrun.runs.access import make_folder, present
from dlrun.runs.atomic import remove, replace
from dlrun.runs.directory import RunDirectory

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from dlrun.report.study_points import StudyPoints


def draw(run: RunDirectory, best_epoch: int | None = None) -> list[Path]:
    """Draw plots/learning-curve.png and, where classes were counted, plots/confusion.png.

    Args:
        run: a run with at least one epoch; it need not be finished.
        best_epoch: the epoch to mark; where None, the one that result.json names, if it is there.

    Returns:
        The files.

    Raises:
        DataError: a file of the run is missing or broken, or a picture cannot be written.
    """
    # Matplotlib takes a third of a second to import; nothing else of dlrun waits for it.
    from dlrun.report.confusion_matrix import confusion_matrix
    from dlrun.report.learning_curve import learning_curve

    if best_epoch is None and run.has_ended:
        best_epoch = run.result().get("best_epoch")
    make_folder(run.plots)
    title = f"{run.name} · {run.id}"
    with drawing():
        figure = learning_curve(run.metrics(), title, best_epoch)
        files = [save(figure, run.plots / "learning-curve.png", inner=True)]
        if present(run.confusion_file):
            figure = confusion_matrix(run.confusion(), title)
            files.append(save(figure, run.plots / "confusion.png", inner=True))
    return files


_OF_STUDY = (
    "learning-curves",
    "front",
    "convergence",
    "cost",
    "slices",
    "parallel-coordinates",
)
"""All pictures that a study can have."""


def draw_study(study: StudyPoints, folder: Path) -> list[Path]:
    """Draw the pictures of a study.

    Args:
        study: at least one trial of it has a score.
        folder: where the files go; made if it is missing.

    Raises:
        DataError: a picture cannot be written.
    """
    from dlrun.report.convergence import convergence
    from dlrun.report.cost_quality import cost_quality
    from dlrun.report.parallel_coordinates import parallel_coordinates
    from dlrun.report.pareto_front import pareto_front
    from dlrun.report.slices import slices
    from dlrun.report.trial_curves import trial_curves

    remove_pictures(folder)
    pictures = {"learning-curves": trial_curves}
    if len(study.scores) > 1:
        pictures["front"] = pareto_front
    else:
        pictures |= {"convergence": convergence, "cost": cost_quality}
    if study.axes:
        pictures |= {"slices": slices, "parallel-coordinates": parallel_coordinates}
    make_folder(folder)
    with drawing():
        return [
            save(picture(study), folder / f"{name}.png", inner=True)
            for name, picture in pictures.items()
        ]


def remove_pictures(folder: Path) -> None:
    """Remove the pictures of a study, which show no longer what it is.

    Raises:
        DataError: one cannot be removed.
    """
    if present(folder):
        for name in _OF_STUDY:
            remove(folder / f"{name}.png", inner=True)


def save(figure: Figure, path: Path, *, inner: bool = False) -> Path:
    """Write a figure as PNG, all at once; see ``dlrun.runs.atomic.replace``.

    Raises:
        DataError: it cannot be written.
    """
    from matplotlib.backends.backend_agg import FigureCanvasAgg

    picture = io.BytesIO()
    with warnings.catch_warnings():
        # A class name in a script that the font lacks is drawn as boxes, which is fault enough.
        warnings.filterwarnings("ignore", r"Glyph .* missing", UserWarning)
        FigureCanvasAgg(figure)  # takes the figure over, so that nothing looks for a screen
        figure.savefig(picture, format="png")
    replace(path, picture.getvalue(), inner=inner)
    return path
