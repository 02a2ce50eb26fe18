"""Image files in folders."""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from dlrun.data.image_file import SUFFIXES, Fit, ImageForm, Mode
from dlrun.data.labelled_files import LabelledFiles
from dlrun.data.source import source
from dlrun.spec.fields import Pair, pair


@source("images")
class Images(LabelledFiles):
    """Image files: a folder for each class, or a table that gives each file its label.

    PNG, JPEG, BMP, GIF, TIFF, WebP, PPM and PGM are read.  Transparent pixels lie on black, photos
    are turned upright as their EXIF data says.  Folders in a class's folder belong to the class;
    files and folders whose names begin with a dot are left out.

    Decoded images are kept in ``images`` of DLRUN_CACHE or ~/.cache/dlrun, so that the next
    training need not decode them; a file that was added, removed or changed is noticed.
    """

    suffixes: ClassVar = SUFFIXES
    fixed_by: ClassVar = "size"
    full_scale: ClassVar = 255.0
    whole: ClassVar = {np.dtype(np.uint8): (0.0, 255.0), np.dtype(np.uint16): (0.0, 65535.0)}

    size: Pair | None = None
    """(height, width) of all images, or one number for both; null where all are of one size."""
    mode: Mode = "rgb"
    """``rgb`` has three channels, ``grayscale`` one."""
    fit: Fit = "stretch"
    """How an image of other proportions gets the size: ``stretch``, ``crop`` what is too much, or
    ``pad`` with black."""

    def form(self) -> ImageForm:
        """Pixels."""
        size = None if self.size is None else pair(self.size)
        return ImageForm(size, self.mode, self.fit)
