"""The page of a run."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from dlrun.collection.read_run import read_run
from dlrun.collection.run_entry import RunEntry
from dlrun.pages.document import document
from dlrun.pages.pieces.confusion import confusion_matrix, per_class
from dlrun.pages.run.commands import commands_section
from dlrun.pages.run.curves import curves
from dlrun.pages.run.environment import environment_section
from dlrun.pages.run.folds import folds_sections
from dlrun.pages.run.scores import scores
from dlrun.pages.run.spec import spec_section
from dlrun.pages.run.summary import summary
from dlrun.pages.section import Content, Section, grid, missing, note
from dlrun.run_directory.access import present
from dlrun.run_directory.directory import RunDirectory
from dlrun.run_directory.earlier import at_first
from dlrun.summaries.location import located
from dlrun.summaries.next_steps import reason

if TYPE_CHECKING:
    from dlrun.pages.run.samples import Predicted


def run_page(run: RunDirectory, samples: int | None = None) -> str:
    """The HTML file of a run; see ``run_content``."""
    return document(run_content(run, samples))


def run_content(run: RunDirectory, samples: int | None = None) -> Content:
    """What the page of a run shows, which has ended or not.

    Args:
        run: the run; only read.
        samples: maximum number of validation samples to predict, which permits to read data of
            any size; 0 reads no data; None limits both to what takes about a second.

    Raises:
        DataError: a file of the run is broken.
    """
    title = f"{run.name} · {run.id}"
    result = run.result() if run.has_ended else None
    environment = run.environment() if present(run.environment_file) else {}
    columns = run.metrics() if present(run.metrics_file) else {}
    place = located(run.path)
    entry = read_run(place.directory, place.study, place.fold)
    sections = [summary(run, entry, result, environment), scores(result, columns)]
    if entry.folds:
        sections += folds_sections(run, result or {}, title)
    else:
        sections += [
            curves(columns, result.get("best_epoch") if result else None, title),
            *_confusion(run, result),
            *_network(run, samples, title),
        ]
    sections += [
        spec_section(run, _changed(run)),
        environment_section(environment),
        commands_section(entry, result, environment),
    ]
    return Content(title, subtitle(entry, result, environment), sections)


def subtitle(
    entry: RunEntry, result: Mapping[str, Any] | None, environment: Mapping[str, Any]
) -> str:
    """The line below the title."""
    how = reason(entry, result or {})
    return f"Run of {at_first(environment, 'time') or 'unknown time'}, {entry.state}: {how}"


def _confusion(run: RunDirectory, result: Mapping[str, Any] | None) -> Iterator[Section]:
    if not present(run.confusion_file):
        return
    found = run.confusion()
    tested = any(name.startswith("test.") for name in (result or {}).get("metrics", ()))
    which = f"Counts on the {'test' if tested else 'validation'} set."
    pieces = grid(
        [
            confusion_matrix(found.classes, found.counts),
            per_class(found.classes, found.counts, "by-class"),
        ]
    )
    yield Section("confusion", "Confusion matrix and scores by class", [note(which), pieces])


def _changed(run: RunDirectory) -> Sequence[tuple[str, str, str]] | str:
    from dlrun.errors import SpecError
    from dlrun.experiment.read import read_trained
    from dlrun.pages.run.changes import changes

    try:
        return list(changes(read_trained(run)))
    except SpecError as error:
        return f"The spec cannot be compared with the defaults: {error}."


def _network(run: RunDirectory, samples: int | None, title: str) -> Iterator[Section]:
    """The sections that need the network or the data, each empty with its reason if necessary."""
    from dlrun.pages.run.activations import activations_section
    from dlrun.pages.run.filters import filters_section
    from dlrun.pages.run.gradients import TITLE, batch_size, gradients_section
    from dlrun.pages.run.samples import predict
    from dlrun.pages.run.trained import Unavailable, first_samples, load_model, read_data

    try:
        experiment, model = load_model(run)
    except Unavailable as reason:
        yield missing("quality", "Predictions", str(reason))
        return
    try:
        data = read_data(run, experiment, model, samples)
    except Unavailable as reason:
        yield missing("quality", "Predictions", str(reason))
        yield filters_section(model.network)
        return
    predicted: Predicted | None = None
    try:
        predicted = predict(data, samples)
    except Unavailable as reason:
        yield missing("quality", "Predictions", str(reason))
    if predicted is not None:
        yield from _predictions(predicted, model.classes, title)
    yield filters_section(model.network)
    try:
        size = batch_size(model.network, experiment.data.batch_size)
        rows, batch = first_samples(data, size)
    except Unavailable as reason:
        yield missing("gradients", TITLE, str(reason))
        return
    if predicted is not None and len(predicted.rows):
        what = f"validation sample {predicted.rows[0]}"
        yield activations_section(model.network, predicted.ready, 0, what)
    else:
        yield activations_section(model.network, batch, 0, f"training sample {rows[0]}")
    yield gradients_section(data, batch)


def _predictions(
    predicted: Predicted, classes: tuple[str, ...] | None, title: str
) -> Iterator[Section]:
    from dlrun.pages.run.classes import quality_section
    from dlrun.pages.run.mistakes import mistakes_section
    from dlrun.pages.run.regression import regression_section

    per_sample = predicted.predictions.ndim == 2
    if classes is not None and not per_sample:
        reason = "Not shown for networks that predict several classes per sample."
        yield missing("quality", "Predictions", reason)
        return
    if classes is None:
        yield regression_section(predicted, title)
    else:
        yield quality_section(predicted, classes, title)
    yield mistakes_section(predicted, classes)
