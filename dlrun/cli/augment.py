"""``dlrun augment``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from dlrun.cli.consent import AllowPlugins, consent
from dlrun.cli.terminal import Terminal


def augment(
    spec: Annotated[Path, typer.Argument(metavar="SPEC", help="The experiment, a YAML file.")],
    overrides: Annotated[
        list[str] | None,
        typer.Argument(metavar="KEY=VALUE", help="Keys of it with other values."),
    ] = None,
    preview: Annotated[
        Path | None,
        typer.Option(help="Where originals and what becomes of them go: a PNG, of texts a table."),
    ] = None,
    samples: Annotated[int, typer.Option(min=1, help="Originals to show.")] = 8,
    epochs: Annotated[int, typer.Option(min=1, help="What becomes of each, so many times.")] = 8,
    allow_plugins: AllowPlugins = False,
) -> None:
    """Show what a spec's augmentations do to training samples, and how fast.

    The first samples of each class are taken in turn.  Column by column the picture shows them in
    the first epochs, as training will see them before preprocessing; it is the same each time.  Of
    sounds it shows spectrograms, after preprocessing where the network reads them, and the sounds
    themselves are written as WAV files to a folder beside the picture, called as it is without its
    ending.  Texts are a table, which is printed where no file is named.

    Exit codes: 0 done; 2 a fault of the spec, the data or the file's path.
    """
    from dlrun.errors import DataError, InputError
    from dlrun.report.contact_sheet import contact_sheet
    from dlrun.report.sounds import spectrogram_images, write_waves
    from dlrun.report.text_table import text_table
    from dlrun.training.compile import compile_spec
    from dlrun.training.preview import preview as augmented

    terminal = Terminal()
    allowed = consent(terminal, allow_plugins)
    compiled = compile_spec(spec, overrides or [], allow_plugins=allowed)
    if not compiled.experiment.augment:
        raise InputError(f"{spec}: nothing to augment; add a list 'augment'")
    shape = compiled.data.source_shape
    texts = not shape
    drawable = texts or len(shape) == 3 or compiled.setting.rate is not None
    if preview is not None and not drawable:
        shown = " x ".join(map(str, shape))
        raise InputError(
            f"{spec}: --preview draws images and sounds, and samples are {shown}; leave it out"
        )
    made = augmented(compiled, samples, epochs)
    for number, each in enumerate(compiled.experiment.augment, start=1):
        terminal.line(f"{number}. {each.kind}, {each.probability:.0%} of samples")
    terminal.line(f"{made.rate:,.0f} samples a second on one thread")
    if texts and preview is None:
        for line in text_table(made.originals, made.augmented, made.names):
            terminal.line(line)
    if preview is not None:
        drawn, folder = (made.originals, made.augmented), preview.with_suffix("")
        if made.sounds is not None:
            drawn = spectrogram_images(made.sounds.originals, made.sounds.augmented)
        try:
            if texts:
                lines = text_table(made.originals, made.augmented, made.names)
                preview.write_text("\n".join(lines) + "\n", encoding="utf-8")
            else:
                contact_sheet(*drawn, made.names).save(preview, "PNG")
            if made.sounds is not None:
                write_waves(folder, made.originals, made.augmented, made.sounds.rate)
        except OSError as fault:
            raise DataError(f"{preview}: cannot be written: {fault.strerror}") from fault
        terminal.line(f"{preview}: {len(made.originals)} samples in {epochs} epochs")
        if made.sounds is not None:
            terminal.line(f"{folder}: the same as WAV files")
