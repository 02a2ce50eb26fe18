"""Randomness as a function of (seed, stream, counters)."""

from __future__ import annotations

import itertools

import numpy as np

from dlrun.rng import Stream, generator, key, keys


def test_the_same_arguments_give_the_same_numbers() -> None:
    one, other = (generator(7, Stream.ORDER, 3, 4, 5).random(100) for _ in range(2))
    np.testing.assert_array_equal(one, other)


def test_every_argument_matters() -> None:
    base = (7, Stream.INIT, 1, 2, 3)
    others = [
        (8, Stream.INIT, 1, 2, 3),
        (7, Stream.ORDER, 1, 2, 3),
        (7, Stream.INIT, 2, 2, 3),
        (7, Stream.INIT, 1, 3, 3),
        (7, Stream.INIT, 1, 2, 4),
    ]
    draws = [generator(*each).integers(0, 2**63, 8).tolist() for each in (base, *others)]
    assert len({tuple(draw) for draw in draws}) == len(draws)
    assert len({key(*each) for each in (base, *others)}) == len(draws)


def test_the_numbers_are_what_they_always_were() -> None:
    # Runs of earlier versions must stay repeatable: these values may never change.
    assert generator(1, Stream.INIT, 2).integers(0, 2**32, 3).tolist() == [
        693987448,
        3164137180,
        2931616763,
    ]
    assert key(1, Stream.DROPOUT, 2, 3, 4) == 3175092390462020491


def test_keys_of_many_are_those_of_each() -> None:
    rows = np.array([0, 1, 77, 2**40])
    each = [key(2**63 - 1, Stream.AUGMENT, 3, 4, row) for row in rows.tolist()]
    assert keys(2**63 - 1, Stream.AUGMENT, 3, 4, rows).tolist() == each


def test_keys_are_well_mixed() -> None:
    found = [key(s, Stream.DROPOUT, e, t) for s, e, t in itertools.product(range(8), repeat=3)]
    bits = np.array([[k >> b & 1 for b in range(64)] for k in found])
    # 512 fair coins for each bit: 5 standard deviations are 56 around 256.
    assert np.abs(bits.sum(axis=0) - 256).max() < 57
