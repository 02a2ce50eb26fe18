"""``dlrun augment``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from dlrun.cli.terminal import Terminal


def augment(
    spec: Annotated[Path, typer.Argument(metavar="SPEC", help="The experiment, a YAML file.")],
    overrides: Annotated[
        list[str] | None,
        typer.Argument(metavar="KEY=VALUE", help="Keys of it with other values."),
    ] = None,
    preview: Annotated[
        Path | None, typer.Option(help="Draw originals beside what becomes of them, a PNG file.")
    ] = None,
    samples: Annotated[int, typer.Option(min=1, help="Rows of the picture.")] = 8,
    epochs: Annotated[int, typer.Option(min=1, help="Columns beside the originals.")] = 8,
) -> None:
    """Show what a spec's augmentations do to the first training samples, and how fast.

    Column by column the picture shows the samples of the first epochs, as training will see them
    before preprocessing; it is the same each time.  Of sounds it shows spectrograms, behind
    preprocessing where the network reads them, and the sounds themselves are written as WAV files
    to a folder beside the picture, called as it is without its ending.  Exit codes: 0 done; 2 a
    fault of the spec, the data or the picture's path.
    """
    from dlrun.errors import DataError, InputError
    from dlrun.report.contact_sheet import contact_sheet
    from dlrun.report.sounds import spectrogram_images, write_waves
    from dlrun.training.compile import compile_spec
    from dlrun.training.preview import preview as augmented

    terminal = Terminal()
    compiled = compile_spec(spec, overrides or [])
    if not compiled.experiment.augment:
        raise InputError(f"{spec}: nothing to augment; add a list 'augment'")
    shape = compiled.data.source_shape
    if preview is not None and len(shape) != 3 and compiled.setting.rate is None:
        shown = " x ".join(map(str, shape))
        raise InputError(
            f"{spec}: --preview draws images and sounds, and samples are {shown}; leave it out"
        )
    made = augmented(compiled, samples, epochs)
    for number, each in enumerate(compiled.experiment.augment, start=1):
        terminal.line(f"{number}. {each.kind}, {each.probability:.0%} of samples")
    terminal.line(f"{made.rate:,.0f} samples a second on one thread")
    if preview is not None:
        drawn, folder = (made.originals, made.augmented), preview.with_suffix("")
        if made.sounds is not None:
            drawn = spectrogram_images(made.sounds.originals, made.sounds.augmented)
        try:
            contact_sheet(*drawn).save(preview, "PNG")
            if made.sounds is not None:
                write_waves(folder, made.originals, made.augmented, made.sounds.rate)
        except OSError as fault:
            raise DataError(f"{preview}: cannot be written: {fault.strerror}") from fault
        terminal.line(f"{preview}: {len(made.originals)} samples in {epochs} epochs")
        if made.sounds is not None:
            terminal.line(f"{folder}: the same as WAV files")
