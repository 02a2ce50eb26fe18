"""The learning-rate range test, and the files with its curve."""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dlrun.api.at_least import whole
from dlrun.errors import DataError, InputError
from dlrun.experiment import plugins
from dlrun.experiment.compile import compile_spec
from dlrun.files import open_regular
from dlrun.inspect.find_lr import RangeTest
from dlrun.inspect.find_lr import find_lr as range_test
from dlrun.pictures.lr_curve import draw_lr_curve
from dlrun.run_directory.access import present, reading, writing
from dlrun.run_directory.atomic import replace
from dlrun.spec.given import Given
from dlrun.spec.overrides import Overrides

_HEADER = "lr,loss,smoothed"
"""The first line of the table, by which an earlier one is recognized."""


@dataclass(frozen=True, slots=True)
class LearningRates:
    """A range test.

    Attributes:
        test: the curve and the suggestion.
        files: the curve as a table and as a picture.
        key: the key of the spec that holds the learning rate.
    """

    test: RangeTest
    files: tuple[Path, ...]
    key: str

    def as_json(self) -> dict[str, Any]:
        """The object that ``dlrun find-lr --json`` prints."""
        return {
            "suggestion": self.test.suggestion,
            "least": self.test.least,
            "diverged": self.test.diverged,
            "rates": self.test.rates,
            "losses": self.test.losses,
            "smoothed": self.test.smoothed,
            "files": self.files,
        }


def find_lr(
    spec: Given,
    overrides: Overrides = (),
    *,
    lowest: float = 1e-6,
    highest: float = 10.0,
    steps: int = 100,
    into: str | Path = "find-lr",
    allow_plugins: plugins.Allow = False,
) -> LearningRates:
    """Train a few steps while the learning rate grows, and write the curve.

    Args:
        spec: path of the YAML file, or its content as a mapping.
        overrides: values that replace those of keys.
        lowest: the first learning rate.
        highest: the last learning rate.
        steps: number of steps, at least 20.
        into: the folder for ``<name>.csv`` and ``<name>.png``, which are replaced.
        allow_plugins: whether the Python files that the spec names may run.

    Raises:
        InputError: the learning rates are not a range, or ``steps`` is not a whole number from 20.
        SpecError: the spec has errors; the message lists all of them.
        DivergedError: the loss became NaN or infinite too soon; nothing is written.
        DataError: the curve cannot be written, or would replace another file.
    """
    if not 0.0 < lowest < highest < math.inf:
        raise InputError(f"--from must be > 0 and < --to (got {lowest:g} and {highest:g})")
    whole(steps=steps)
    if steps < 20:
        raise InputError(f"--steps must be at least 20 (got {steps})")
    compiled = compile_spec(spec, overrides, allow_plugins=allow_plugins)
    name, folder = compiled.experiment.name, Path(into)
    table, picture = folder / f"{name}.csv", folder / f"{name}.png"
    _need_own(table, picture)
    test = range_test(compiled, lowest, highest, steps)
    rows = zip(test.rates, test.losses, test.smoothed, strict=True)
    lines = [_HEADER, *(",".join(map(repr, row)) for row in rows)]
    with writing(folder):
        folder.mkdir(parents=True, exist_ok=True)
    replace(table, "\n".join(lines) + "\n")

    draw_lr_curve(picture, test.rates, test.losses, test.smoothed, test.suggestion, name)
    return LearningRates(
        test, (table, picture), f"optimizer.{compiled.experiment.optimizer.kind}.lr"
    )


def _need_own(table: Path, picture: Path) -> None:
    """Check that an earlier curve is replaced and not, for example, the data of the spec.

    Raises:
        DataError: it is another file.
    """
    if present(table):
        with reading(table), open_regular(table) as file:
            own = file.readline(len(_HEADER) + 2).rstrip() == _HEADER.encode()
    else:
        own = not present(picture)
    if not own:
        which = table if present(table) else picture
        raise DataError(f"{which}: not a curve of find-lr; use another folder (--into)")
