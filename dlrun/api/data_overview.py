"""The data of a spec: counts, classes, ranges, missing values, duplicates and leaks."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from dlrun.api.at_least import counts
from dlrun.api.naming import name_of
from dlrun.data.overview import Overview, overview
from dlrun.data.parts import Parts, read_parts
from dlrun.data.read_files import read_files, read_folders
from dlrun.data.section import DataSection
from dlrun.errors import InputError
from dlrun.inspect.data_overview import parts_of, shown_samples
from dlrun.pictures.png import write_png
from dlrun.pictures.sample_sheet import sample_sheet
from dlrun.run_directory.output import need_other, need_outside, png_file
from dlrun.spec.given import Given
from dlrun.spec.overrides import Overrides


def data_overview(
    spec: Given,
    overrides: Overrides = (),
    *,
    sheet: str | Path | None = None,
    columns: int = 10,
) -> Overview:
    """Read and split the data of a spec, and count what is in it.

    The rest of the spec need not be valid.  Preprocessing is not applied.

    Args:
        spec: path of the YAML file, or its content as a mapping.
        overrides: values that replace those of keys.
        sheet: a PNG file for the first training images of each class; None draws none.
        columns: images per row of the sheet.

    Raises:
        SpecError: the section on data, or the data itself, has errors.
        InputError: a sheet is asked for and the samples are not images or its name does not end in
            ``.png``, or ``columns`` is not a whole number from 1.
        DataError: the sheet cannot be written, or is a file that is read.
    """
    counts(1, columns=columns)
    files: list[str | Path] = [] if isinstance(spec, Mapping) else [spec]
    folders: list[Path] = []

    def read(section: DataSection, seed: int, folder: Path) -> Parts:
        found = read_parts(section, seed, folder)
        if sheet is not None:
            files.extend(read_files(section, folder))
            folders.extend(read_folders(section, folder))
        return found

    file = None if sheet is None else png_file(Path(sheet), "--sheet")
    parts = parts_of(spec, overrides, read)
    result = overview(parts)
    if file is None:
        return result
    if len(result.sample_shape) != 3:
        shape = " x ".join(map(str, result.sample_shape)) or "text"
        raise InputError(
            f"{name_of(spec)}: --sheet draws images, but samples are {shape}; leave it out"
        )
    need_other(file, *files)
    need_outside(file, *folders)
    write_png(file, sample_sheet(shown_samples(parts, columns)))
    return result
