"""What the augmentations of a spec do to training samples."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from dlrun.api.at_least import at_least
from dlrun.api.naming import name_of
from dlrun.errors import DataError, InputError
from dlrun.experiment.compile import Compiled, compile_spec
from dlrun.experiment.plugins import Allow
from dlrun.inspect.preview import Preview
from dlrun.inspect.preview import preview as augmented_samples
from dlrun.pictures.contact_sheet import contact_sheet
from dlrun.pictures.sounds import spectrogram_images, write_waves
from dlrun.pictures.text_table import text_table
from dlrun.spec.given import Given
from dlrun.spec.overrides import Overrides


@dataclass(frozen=True, slots=True)
class AugmentationPreview:
    """Augmented samples.

    Attributes:
        augmentations: name and probability of each, in order.
        samples: originals and augmented versions as arrays, and samples per second.
        table: the lines of a table, for texts; None for other samples.
        picture: the file that was written; None if there is none.
        waves: the folder of WAV files that was written; None if there is none.
    """

    augmentations: Sequence[tuple[str, float]]
    samples: Preview
    table: Sequence[str] | None
    picture: Path | None
    waves: Path | None


def preview_augmentations(
    spec: Given,
    overrides: Overrides = (),
    *,
    preview: str | Path | None = None,
    samples: int = 8,
    epochs: int = 8,
    allow_plugins: Allow = False,
) -> AugmentationPreview:
    """Augment the first training samples of each class as training will, and measure the speed.

    Args:
        spec: path of the YAML file, or its content as a mapping.
        overrides: values that replace those of keys.
        preview: the file to write, a PNG image, or for texts a table; None writes nothing.  For
            audio a folder of the same name without extension gets WAV files.
        samples: how many.
        epochs: augmented versions per sample.
        allow_plugins: whether the Python files that the spec names may run.

    Raises:
        SpecError: the spec or its data has errors; the message lists all of them.
        InputError: the spec has no augmentations, its samples cannot be drawn, or a number is less
            than 1.
        DataError: samples cannot be read, or a file cannot be written.
    """
    at_least(1, samples=samples, epochs=epochs)
    compiled = compile_spec(spec, overrides, allow_plugins=allow_plugins, to_look_at=True)
    if not compiled.experiment.augment:
        raise InputError(f"{name_of(spec)}: nothing to augment; add a list 'augment'")
    path = None if preview is None else Path(preview)
    if path is not None:
        _check_drawable(compiled, name_of(spec))
    augmented = augmented_samples(compiled, samples, epochs)
    table = None
    if not compiled.data.source_shape:
        table = text_table(augmented.originals, augmented.augmented, augmented.names)
    return AugmentationPreview(
        tuple((each.kind, each.probability) for each in compiled.experiment.augment),
        augmented,
        table,
        path,
        None if path is None else _write(path, augmented, table),
    )


def _check_drawable(compiled: Compiled, name: str) -> None:
    shape = compiled.data.source_shape
    if shape and len(shape) != 3 and compiled.setting.rate is None:
        shown = " x ".join(map(str, shape))
        raise InputError(
            f"{name}: --preview draws images and audio, but samples are {shown}; leave it out"
        )


def _write(path: Path, augmented: Preview, table: Sequence[str] | None) -> Path | None:
    """Write the picture or the table.

    Returns:
        The folder of WAV files, for audio.
    """
    folder = path.with_suffix("")
    try:
        if table is not None:
            path.write_text("\n".join(table) + "\n", encoding="utf-8")
            return None
        if augmented.sounds is None:
            contact_sheet(augmented.originals, augmented.augmented, augmented.names).save(
                path, "PNG"
            )
            return None
        images = spectrogram_images(augmented.sounds.originals, augmented.sounds.augmented)
        contact_sheet(*images, augmented.names).save(path, "PNG")
        write_waves(folder, augmented.originals, augmented.augmented, augmented.sounds.rate)
    except OSError as error:
        raise DataError(f"{path}: cannot be written: {error.strerror}") from error
    return folder
