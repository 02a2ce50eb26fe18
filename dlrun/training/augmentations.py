"""What the augmentations of an experiment may know of its data, and whether they suit it."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache, partial
from pathlib import Path

from dlrun.augment.augmentation import Mixing, Setting, mixes_shares
from dlrun.augment.following import Following, following
from dlrun.augment.images.image import ImageAugmentation
from dlrun.data.digits import short_of_digits
from dlrun.data.prepared import Prepared
from dlrun.data.recordings import recordings
from dlrun.data.samples import value_range
from dlrun.errors import InputError, ShapeError
from dlrun.spec.problems import Problems
from dlrun.training.experiment import Experiment


def setting_of(experiment: Experiment, data: Prepared, folder: Path, problems: Problems) -> Setting:
    """What augmentations may know of the data."""
    read = cache(partial(recordings, folder=folder))
    train, source = data.train, data.source
    if source is None or not experiment.augment:
        return Setting(train.rate, read, train.task)
    follows: Following | None = None
    if experiment.data.target == "input":
        follows = Following("input", data.source_shape)
    else:
        try:
            follows = following(data.source_shape, source.targets.shape[1:], source.task)
        except ShapeError as fault:
            for each in experiment.augment:
                if each.moves:
                    what = f"{each.kind} moves what samples show, and targets must follow: {fault}"
                    problems.add(each.origin, what, "leave it out")
    low, high = value_range(source.inputs) if len(data.source_shape) == 3 else (0.0, 1.0)
    return Setting(train.rate, read, train.task, follows, low, high)


def check_augmentations(
    experiment: Experiment, data: Prepared, setting: Setting, problems: Problems
) -> None:
    """Whether they are for such samples, and the loss for what they make of targets."""
    behind = None
    for each in experiment.augment:
        if isinstance(each, Mixing) and behind is None and (named := _categories(data)):
            problems.add(
                each.origin,
                f"{each.kind} mixes numbers, and these columns hold categories: {named}",
                "leave it out",
            )
            continue
        if each.behind_preprocess:
            behind = behind or each
        elif behind is not None and not isinstance(each, Mixing):
            what = f"{each.kind} changes samples before data.preprocess, {behind.kind} behind it"
            problems.add(each.origin, what, f"put {each.kind} first")
            continue
        try:
            shape = data.source_shape if behind is None else data.sample_shape
            each.check(shape, data.train.task)
            each.bind(setting)
        except InputError as fault:
            problems.add(each.origin, str(fault))
        if isinstance(each, Mixing) and data.train.task == "multi_label":
            problems.add(each.origin, f"{each.kind} mixes targets, and labels are 0 or 1")
        shares = mixes_shares(each, setting.following) and data.train.task == "classification"
        if shares and not experiment.loss.takes_shares:
            problems.add(
                each.origin,
                f"{each.kind} mixes classes, and '{experiment.loss.kind}' takes one a sample",
                "use another loss",
            )


def augmentation_notes(experiment: Experiment, data: Prepared, setting: Setting) -> Iterator[str]:
    """What the user should know of how samples are augmented, a line each."""
    images = any(isinstance(each, ImageAugmentation) for each in experiment.augment)
    if images and (setting.low, setting.high) != (0.0, 1.0):
        yield (
            f"augmentation of images: samples have values of {setting.low:g} to {setting.high:g}, "
            "which count as 0 and 1, black and white"
        )
    before = data.source if experiment.augment and len(data.source_shape) > 1 else None
    if before is not None and short_of_digits(before.inputs).any():
        yield (
            "augmentation: samples are changed as 32-bit numbers, before data.preprocess, and "
            "values that differ become equal, or nearly; subtract what all of them share"
        )
    follows, classes = setting.following, data.train.classes
    if follows is not None and follows.kind == "classes" and classes is not None:
        filling = [each.kind for each in experiment.augment if each.moves and each.fills]
        if filling:
            yield (
                f"augmentation: what {', '.join(dict.fromkeys(filling))} bring in from beyond a "
                f"sample is of class '{classes[0]}'"
            )


def _categories(data: Prepared) -> str:
    """The columns of the source whose numbers are codes of categories."""
    columns = () if data.source is None else data.source.columns or ()
    return ", ".join(column.name for column in columns if column.categorical)
