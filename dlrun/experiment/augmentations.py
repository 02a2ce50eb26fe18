"""What the augmentations of an experiment need from its data, and whether they fit it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path

from dlrun.arrays import Array
from dlrun.augment.augmentation import Mixing, Setting, mixes_shares
from dlrun.augment.following import Following, following
from dlrun.augment.images.image import ImageAugmentation
from dlrun.data.precision import short_of_digits
from dlrun.data.prepared import Prepared
from dlrun.data.samples import value_range
from dlrun.errors import InputError, ShapeError
from dlrun.experiment.experiment import Experiment
from dlrun.nn.losses.base import Loss
from dlrun.spec.problems import Problems


def setting_of(experiment: Experiment, data: Prepared, folder: Path, problems: Problems) -> Setting:
    """The properties of the data that augmentations need."""

    @cache
    def read(path: str, rate: int) -> Sequence[Array]:
        from dlrun.data.files.recordings import recordings  # few augmentations need its decoders

        return recordings(path, rate, folder)

    train, source = data.train, data.source
    if source is None or not experiment.augment:
        return Setting(train.rate, read, train.task)
    follows: Following | None = None
    if experiment.data.target == "input":
        follows = Following("input", data.source_shape)
    else:
        try:
            follows = following(data.source_shape, source.targets.shape[1:], source.task)
        except ShapeError as error:
            for each in experiment.augment:
                if each.moves:
                    what = (
                        f"{each.kind} moves the content of samples, so targets must move: {error}"
                    )
                    problems.add(each.origin, what, "leave it out")
    low, high = value_range(source.inputs) if len(data.source_shape) == 3 else (0.0, 1.0)
    return Setting(train.rate, read, train.task, follows, low, high)


def check_augmentations(
    experiment: Experiment,
    data: Prepared,
    setting: Setting,
    problems: Problems,
    loss: Loss | None,
) -> None:
    """Check that augmentations fit the samples, and that the loss accepts their targets.

    Args:
        experiment: the content of the spec.
        data: read and split.
        setting: the properties of the data that augmentations need.
        problems: gets the errors.
        loss: of the experiment; None if it has errors.
    """
    after = None
    for each in experiment.augment:
        if isinstance(each, Mixing) and after is None and (named := _categories(data)):
            problems.add(
                each.origin,
                f"{each.kind} mixes numbers, but these columns contain categories: {named}",
                "leave it out",
            )
            continue
        if each.behind_preprocess:
            after = after or each
        elif after is not None and not isinstance(each, Mixing):
            what = f"{each.kind} runs before data.preprocess, but {after.kind} runs after it"
            problems.add(each.origin, what, f"put {each.kind} first")
            continue
        try:
            shape = data.source_shape if after is None else data.sample_shape
            each.check(shape, data.train.task)
            each.bind(setting)
        except InputError as error:
            problems.add(each.origin, str(error))
        if isinstance(each, Mixing) and data.train.task == "multi_label":
            problems.add(
                each.origin, f"{each.kind} mixes targets, but multi-label targets are 0 or 1"
            )
        shares = mixes_shares(each, setting.following) and data.train.task == "classification"
        if shares and loss is not None and not loss.takes_shares:
            problems.add(
                each.origin,
                f"{each.kind} mixes classes, but '{loss.kind}' needs one per sample",
                "use another loss",
            )


def augmentation_notes(experiment: Experiment, data: Prepared, setting: Setting) -> Iterator[str]:
    """Notes for the user on how samples are augmented, one line each."""
    images = any(isinstance(each, ImageAugmentation) for each in experiment.augment)
    if images and (setting.low, setting.high) != (0.0, 1.0):
        yield (
            f"augmentation of images: the values of samples range from {setting.low:g} to "
            f"{setting.high:g}, which are treated as 0 (black) and 1 (white)"
        )
    before = data.source if experiment.augment and len(data.source_shape) > 1 else None
    if before is not None and short_of_digits(before.inputs).any():
        yield (
            "augmentation: samples are changed as 32-bit numbers before data.preprocess, so that "
            "some different values become equal or nearly so; subtract an offset from the data"
        )
    follows, classes = setting.following, data.train.classes
    if follows is not None and follows.kind == "classes" and classes is not None:
        filling = [each.kind for each in experiment.augment if each.moves and each.fills]
        if filling:
            yield (
                f"augmentation: areas that {', '.join(dict.fromkeys(filling))} fill in from "
                f"outside a sample have class '{classes[0]}'"
            )


def _categories(data: Prepared) -> str:
    """Names of the columns of the source that contain codes of categories."""
    columns = () if data.source is None else data.source.columns or ()
    return ", ".join(column.name for column in columns if column.categorical)
