from __future__ import annotations

import numpy as np
import pytest

from dlrun.pictures.contact_sheet import contact_sheet


@pytest.mark.parametrize("channels", [1, 2, 3, 5])
def test_every_image_has_its_place(channels: int) -> None:
    values = np.linspace(0, 1, 12, dtype=np.float32).reshape(3, 4)
    images = np.broadcast_to(values[..., None, None, None], (3, 4, 20, 16, channels))
    sheet = np.asarray(contact_sheet(images[:, 0], images[:, 1:]))
    for row in range(3):
        for column in range(4):
            left = 4 + column * 68 + (4 if column else 0)
            top = 18 + row * 84
            cell = sheet[top : top + 80, left : left + 64]
            assert (cell == np.rint(255 * values[row, column])).all()
    assert sheet.shape == (18 + 3 * 84 + 4, 4 * 68 + 8, 3)


def test_large_images_keep_their_size() -> None:
    images = np.zeros((1, 1, 100, 90, 3), np.float32)
    assert contact_sheet(images[:, 0], images[:, 1:]).size == (90 + 12, 100 + 26)


def test_names_stand_beside_their_rows() -> None:
    images = np.zeros((2, 1, 70, 64, 1), np.float32)
    plain = np.asarray(contact_sheet(images[:, 0], images[:, 1:]))
    named = np.asarray(contact_sheet(images[:, 0], images[:, 1:], ["cat", "a\ndog" * 9]))
    margin = named.shape[1] - plain.shape[1]
    assert margin == 4 + 7 * 24
    np.testing.assert_array_equal(named[18:, margin:], plain[18:])
    inked = (named[18:, :margin] < 255).any(axis=(1, 2)).nonzero()[0]
    assert {int(row) // 74 for row in inked} == {0, 1}
