"""``dlrun augment``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from dlrun.cli.completion import files
from dlrun.cli.consent import consent
from dlrun.cli.display.terminal import Terminal
from dlrun.cli.exit_codes import ExitCode
from dlrun.cli.help_page import epilog
from dlrun.cli.options import AllowPlugins, Overrides, Spec, not_standard_output

EPILOG = epilog(
    [
        "dlrun augment spec.yaml",
        "dlrun augment spec.yaml --preview augmented.png --samples 4",
    ],
    {
        ExitCode.DONE: None,
        ExitCode.INPUT_ERROR: "error in the spec, the data or the file's path",
    },
)


def augment(
    spec: Spec,
    overrides: Overrides = None,
    preview: Annotated[
        Path | None,
        typer.Option(
            help="File to write: a PNG image, or for texts a table.",
            autocompletion=files,
            callback=not_standard_output,
        ),
    ] = None,
    samples: Annotated[int, typer.Option(min=1, help="Number of samples.")] = 8,
    epochs: Annotated[int, typer.Option(min=1, help="Augmented versions per sample.")] = 8,
    plugins: AllowPlugins = False,
) -> None:
    """Preview augmentations.

    Lists the augmentations and measures how many samples they process per second.  The preview
    shows the first samples of each class, and in further columns their versions in the first
    epochs, as training will use them (before preprocessing); it is the same each time.

    For audio it shows spectrograms (after preprocessing if the network uses them) and writes WAV
    files to a folder named like the image, without its extension.  Without
    --preview, texts are printed as a table.
    """
    from dlrun.api.preview_augmentations import preview_augmentations

    terminal = Terminal()
    shown = preview_augmentations(
        spec,
        overrides or [],
        preview=preview,
        samples=samples,
        epochs=epochs,
        allow_plugins=consent(terminal, plugins),
    )
    for number, (name, probability) in enumerate(shown.augmentations, start=1):
        terminal.line(f"{number}. {name}, {probability:.0%} of samples")
    terminal.line(f"{shown.samples.rate:,.0f} samples per second on one thread")
    if shown.picture is not None:
        count = len(shown.samples.originals)
        terminal.line(f"{shown.picture}: {count} samples in {epochs} epochs")
    elif shown.table is not None:
        for line in shown.table:
            terminal.line(line)
    if shown.waves is not None:
        terminal.line(f"{shown.waves}: the same as WAV files")
