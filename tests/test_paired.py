from __future__ import annotations

import pytest

from dlrun.intervals import UNKNOWN, Scale, estimate
from dlrun.paired import Differences, holm


def of(*values: float, confidence: float = 0.95, step: float = 0.0) -> Differences:
    return Differences(values, confidence, Scale(step=step) if step else UNKNOWN)


def test_one_test_has_its_own_confidence() -> None:
    (found,) = holm({"a": of(1.0, 1.1, 0.9)}).values()
    assert found.holds
    assert found.confidence == pytest.approx(0.95)
    assert found.effect == estimate((1.0, 1.1, 0.9), found.confidence)
    assert not holm({"a": of(1.0, -1.1, 0.9)})["a"].holds
    assert not holm({"a": of(-1.0, -1.1, -0.9)})["a"].holds


def test_the_certain_ones_come_first_and_the_first_failure_ends_it() -> None:
    found = holm({"none": of(1.0, -1.0, 0.1), "sure": of(1.0, 1.1, 0.9), "weak": of(1.0, 2, 0.4)})
    assert list(found) == ["none", "sure", "weak"]
    assert found["sure"].holds
    assert found["sure"].confidence == pytest.approx(1 - 0.05 / 3)
    assert found["weak"].confidence == found["none"].confidence == pytest.approx(1 - 0.05 / 2)
    assert not found["weak"].holds  # alone it would not fail by so much


def test_without_variation_nothing_holds() -> None:
    for each in (of(1.0), of(1.0, 1.0), of(0.25, 0.25, step=1.0)):
        assert not holm({"a": each})["a"].holds
    assert holm({}) == {}
