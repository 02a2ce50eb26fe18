"""Image files in folders."""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from dlrun.data.files.image_file import SUFFIXES, Fit, ImageForm
from dlrun.data.files.plain_image import Mode
from dlrun.data.sources.base import source
from dlrun.data.sources.forms.labelled_files import LabelledFiles
from dlrun.spec.fields import Pair, pair


@source("images")
class Images(LabelledFiles):
    """Image files: one folder per class, or a table with the label of each file.

    Reads PNG, JPEG, BMP, GIF, TIFF, WebP, PPM and PGM files.  Transparent pixels are shown on
    black; photos are rotated according to their EXIF data.  Subfolders of a class folder belong to
    the class; files and folders whose names begin with a dot are skipped.

    Decoded images are cached in ``images`` of the cache folder (``DLRUN_CACHE``), so that the next
    training does not decode the files again; added, removed and changed files are detected.
    """

    suffixes: ClassVar = SUFFIXES
    fixed_by: ClassVar = "size"
    full_scale: ClassVar = 255.0
    whole: ClassVar = {np.dtype(np.uint8): (0.0, 255.0), np.dtype(np.uint16): (0.0, 65535.0)}

    size: Pair | None = None
    """(height, width) of all images, or one number for both; null if all have the same size."""
    mode: Mode = "rgb"
    """``rgb`` (three channels) or ``grayscale`` (one)."""
    fit: Fit = "stretch"
    """Resizing of images with other proportions: ``stretch``, ``crop``, or ``pad`` with black."""

    def form_of_files(self) -> str:
        """How files get the shape of samples."""
        if self.size is None:
            return f", {self.mode} images; files must have this size"
        how = {"stretch": "stretched", "crop": "scaled and cropped", "pad": "scaled and padded"}
        return f", {self.mode} images; files of another size are {how[self.fit]}"

    def form(self) -> ImageForm:
        """Pixels of the requested size and mode."""
        size = None if self.size is None else pair(self.size)
        return ImageForm(size, self.mode, self.fit)
