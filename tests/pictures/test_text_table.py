from __future__ import annotations

import numpy as np

from dlrun.pictures.text_table import text_table


def test_a_text_stands_above_what_becomes_of_it() -> None:
    originals = np.array(["one\n\x1b two", "three"], object)
    augmented = np.array([["one", "two"], ["3", "III"]], object)
    assert text_table(originals, augmented) == [
        "original  one two",
        "epoch 1   one",
        "epoch 2   two",
        "",
        "original  three",
        "epoch 1   3",
        "epoch 2   III",
    ]


def test_labels_stand_above_their_texts() -> None:
    originals = np.array(["one"], object)
    augmented = np.array([["two"]], object)
    assert text_table(originals, augmented, ["go\x1bod"]) == [
        "label     go od",
        "original  one",
        "epoch 1   two",
    ]
