"""What the augmentations of a spec do to training samples."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from dlrun.api.at_least import counts
from dlrun.api.naming import name_of
from dlrun.data.read_files import read_files, read_folders
from dlrun.errors import DataError, InputError
from dlrun.experiment.compile import Compiled, compile_spec
from dlrun.experiment.plugins import Allow
from dlrun.inspect.preview import Preview
from dlrun.inspect.preview import preview as augmented_samples
from dlrun.pictures.contact_sheet import contact_sheet
from dlrun.pictures.png import write_png
from dlrun.pictures.sounds import spectrogram_images, write_waves
from dlrun.pictures.text_table import text_table
from dlrun.run_directory.output import need_other, need_outside, png_file, replaceable, write_output
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
        InputError: the spec has no augmentations, its samples cannot be drawn, a number is
            not a whole one from 1, or the name of a picture does not end in ``.png``.
        DataError: samples cannot be read, or a file cannot be written, or is one that is read.
    """
    counts(1, samples=samples, epochs=epochs)
    compiled = compile_spec(spec, overrides, allow_plugins=allow_plugins, to_look_at=True)
    if not compiled.experiment.augment:
        raise InputError(f"{name_of(spec)}: nothing to augment; add a list 'augment'")
    path = None if preview is None else Path(preview)
    if path is not None:
        _check_drawable(compiled, name_of(spec))
        _check_free(compiled, spec, path)
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


def _check_free(compiled: Compiled, spec: Given, path: Path) -> None:
    """Check that the preview replaces nothing that the spec reads, and adds no samples to it."""
    data, given = compiled.experiment.data, not isinstance(spec, Mapping)
    folder = Path(spec).parent if not isinstance(spec, Mapping) else Path()
    if compiled.data.source_shape:
        png_file(path, "--preview")
    need_other(path, *([str(spec)] if given else ()), *read_files(data, folder))
    need_outside(path, *read_folders(data, folder))
    if compiled.setting.rate is None:
        return
    waves = path.with_suffix("").resolve()
    for each in data.paths().values():
        if (folder / each).resolve() in (waves, *waves.parents):
            raise DataError(
                f"{path}: its WAV files would be among the samples in {folder / each}; name "
                "another folder"
            )


def _write(path: Path, augmented: Preview, table: Sequence[str] | None) -> Path | None:
    """Write the picture or the table.

    Returns:
        The folder of WAV files, for audio.
    """
    if table is not None:
        write_output(path, "\n".join(table) + "\n")
        return None
    file, names = replaceable(path), augmented.names
    if augmented.sounds is None:
        write_png(file, contact_sheet(augmented.originals, augmented.augmented, names))
        return None
    images = spectrogram_images(augmented.sounds.originals, augmented.sounds.augmented)
    write_png(file, contact_sheet(*images, names))
    folder = path.with_suffix("")
    write_waves(folder, augmented.originals, augmented.augmented, augmented.sounds.rate)
    return folder
