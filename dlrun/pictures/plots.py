"""Draws the pictures of a run directory."""

from __future__ import annotations

import io
import warnings
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from dlrun.pictures.drawing import drawing
from dlrun.run_directory.access import make_folder, present
from dlrun.run_directory.atomic import remove, replace
from dlrun.run_directory.directory import RunDirectory

if TYPE_CHECKING:
    from collections.abc import Callable

    from matplotlib.figure import Figure

    from dlrun.pictures.study_points import StudyPoints


_COMPRESSION = 1
"""Level of zlib: compared with the usual 6, two thirds of the time for files that are a tenth
larger."""

_OF_RUN = (
    "learning-curve",
    "confusion",
    "roc",
    "precision-recall",
    "calibration",
    "predicted",
)
"""All possible pictures of a run."""


def draw(run: RunDirectory, best_epoch: int | None = None) -> list[Path]:
    """Draw the pictures of a run into its folder ``plots``, and remove those it no longer has.

    They are learning-curve.png; for classes confusion.png; and from curves.json, which old runs do
    not have, roc.png, precision-recall.png and calibration.png, or predicted.png.

    Args:
        run: a run with at least one epoch; it need not be finished.
        best_epoch: the epoch to mark; None: the one in result.json, if that exists.

    Returns:
        The files.

    Raises:
        DataError: a file of the run is missing or broken, or a picture cannot be written.
    """
    if best_epoch is None and run.has_ended:
        best_epoch = run.result().get("best_epoch")
    make_folder(run.plots)
    with drawing():
        files = [
            save(figure, run.plots / f"{name}.png", inner=True)
            for name, figure in _pictures(run, best_epoch)
        ]
    _remove(run.plots, {f"{name}.png" for name in _OF_RUN} - {file.name for file in files})
    return files


def _pictures(run: RunDirectory, best_epoch: int | None) -> Iterator[tuple[str, Figure]]:
    # Importing Matplotlib takes a third of a second, which nothing else should wait for.
    from dlrun.pictures.calibration import calibration
    from dlrun.pictures.confusion_matrix import confusion_matrix
    from dlrun.pictures.learning_curve import learning_curve
    from dlrun.pictures.predicted_values import predicted_values
    from dlrun.pictures.ranking_curves import precision_recall, roc

    which = f"{run.name} · {run.id}"
    yield "learning-curve", learning_curve(run.metrics(), which, best_epoch)
    if present(run.confusion_file):
        yield "confusion", confusion_matrix(run.confusion(), which)
    if not present(run.curves_file):
        return
    curves = run.curves()
    if curves.ranked:
        yield "roc", roc(curves, which)
        yield "precision-recall", precision_recall(curves, which)
    if curves.calibration is not None:
        yield "calibration", calibration(curves, curves.calibration, which)
    if curves.predicted:
        yield "predicted", predicted_values(curves, which)


_OF_STUDY = (
    "learning-curves",
    "front",
    "hypervolume",
    "convergence",
    "cost",
    "slices",
    "parallel-coordinates",
)
"""All possible pictures of a study."""


def draw_study(study: StudyPoints, folder: Path) -> list[Path]:
    """Draw the pictures of a study.

    Args:
        study: with at least one trial that has a score.
        folder: for the files; created if it is missing.

    Raises:
        DataError: a picture cannot be written.
    """
    from dlrun.pictures.convergence import convergence
    from dlrun.pictures.cost_quality import cost_quality
    from dlrun.pictures.hypervolume import hypervolume
    from dlrun.pictures.parallel_coordinates import parallel_coordinates
    from dlrun.pictures.pareto_front import pareto_front
    from dlrun.pictures.slices import slices
    from dlrun.pictures.trial_curves import trial_curves

    remove_pictures(folder)
    pictures: dict[str, Callable[[StudyPoints], Figure]] = {}
    if any(
        any(point.curves) for point in study.points
    ):  # the runs of ``dlrun suggest`` are elsewhere
        pictures["learning-curves"] = trial_curves
    if len(study.scores) > 1:
        pictures["front"] = pareto_front
        if study.volumes:
            pictures["hypervolume"] = hypervolume
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
    """Remove the pictures of a run or a study, which are out of date.

    Raises:
        DataError: one cannot be removed.
    """
    if present(folder):
        _remove(folder, (f"{name}.png" for name in (*_OF_RUN, *_OF_STUDY)))


def _remove(folder: Path, names: Iterable[str]) -> None:
    for name in names:
        remove(folder / name, inner=True)


def save(figure: Figure, path: Path, *, inner: bool = False) -> Path:
    """Write a figure as PNG, atomically; see ``dlrun.run_directory.atomic.replace``.

    Raises:
        DataError: it cannot be written.
    """
    from matplotlib.backends.backend_agg import FigureCanvasAgg

    picture = io.BytesIO()
    with warnings.catch_warnings():
        # A class name in a script that the font lacks is drawn as boxes, without a warning.
        warnings.filterwarnings("ignore", r"Glyph .* missing", UserWarning)
        FigureCanvasAgg(figure)  # the figure's canvas, so that no display is needed
        figure.savefig(picture, format="png", pil_kwargs={"compress_level": _COMPRESSION})
    replace(path, picture.getvalue(), inner=inner)
    return path
