"""Pictures of pixels as PNG files."""

from __future__ import annotations

import io
from pathlib import Path

from PIL.Image import Image

from dlrun.run_directory.atomic import replace


def write_png(path: Path, image: Image) -> None:
    """Write a picture, atomically; see ``dlrun.run_directory.atomic.replace``.

    Raises:
        DataError, MachineError: it cannot be written.
    """
    content = io.BytesIO()
    image.save(content, "PNG")
    replace(path, content.getvalue())
