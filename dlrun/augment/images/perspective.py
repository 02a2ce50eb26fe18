"""Images in perspective."""

from __future__ import annotations

from typing import Annotated

import numpy as np
from pydantic import Field

from dlrun.arrays import Array
from dlrun.augment.augmentation import augmentation
from dlrun.augment.draws import Draws
from dlrun.augment.images.geometric import Geometric


@augmentation("perspective")
class Perspective(Geometric):
    """Random perspective: each corner moves inwards by its own distance.

    The map is projective, so straight lines stay straight; see Hartley & Zisserman, "Multiple view
    geometry", 2004, section 2.3.
    """

    distortion: Annotated[float, Field(ge=0.0, lt=1.0)] = 0.2
    """Maximum distance that corners move, as a fraction of half the height and width."""

    def inverse(self, draws: Draws, height: int, width: int) -> Array:
        """From the new corners to the old ones."""
        right, bottom = max(width - 1, 1), max(height - 1, 1)
        corners = np.array([(0, 0), (right, 0), (right, bottom), (0, bottom)], np.float64)
        inwards = np.where(corners > 0, -1.0, 1.0) * (right / 2, bottom / 2)
        moves = [draws.uniform(0.0, self.distortion) for _ in range(8)]
        moved = corners + inwards * np.stack(moves, axis=-1).reshape(-1, 4, 2)
        return homography(moved, np.broadcast_to(corners, moved.shape))


def homography(given: Array, wanted: Array) -> Array:
    """Projective maps that take four points to four others, no three of them on a line.

    Args:
        given: (n, 4, 2).
        wanted: (n, 4, 2).

    Returns:
        (n, 3, 3), with the last element of each 1.
    """
    x, y = given[..., 0], given[..., 1]
    one, zero = np.ones_like(x), np.zeros_like(x)
    rows = []
    for axis, target in enumerate((wanted[..., 0], wanted[..., 1])):
        own, other = (x, y, one), (zero, zero, zero)
        both = (own, other) if axis == 0 else (other, own)
        rows.append(np.stack((*both[0], *both[1], -x * target, -y * target), axis=-1))
    right = np.concatenate((wanted[..., 0], wanted[..., 1]), axis=1)
    solved = np.linalg.solve(np.concatenate(rows, axis=1), right[..., None])[..., 0]
    return np.concatenate((solved, np.ones((len(given), 1))), axis=1).reshape(-1, 3, 3)
