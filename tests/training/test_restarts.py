from __future__ import annotations

import numpy as np
import pytest

from dlrun.training.restarts import Restart, as_state, from_state

RESTARTS = (Restart("the loss became nan in epoch 1, step 3", 0, 0.5), Restart("\u221e", 4, 0.25))


def test_restarts_survive_a_checkpoint() -> None:
    assert from_state(as_state(RESTARTS)) == RESTARTS
    assert from_state({}) == ()


@pytest.mark.parametrize(
    "harm",
    [
        {"reasons": np.frombuffer(b"one", np.uint8)},
        {"reasons": np.frombuffer(b"\xff\n\xff", np.uint8)},
        {"epochs": np.array([[1], [2]])},
        {"factors": np.array(["a", "b"])},
    ],
)
def test_a_forged_state_is_an_error(harm: dict[str, np.ndarray]) -> None:
    with pytest.raises((TypeError, ValueError)):
        from_state({**as_state(RESTARTS), **harm})
    with pytest.raises(KeyError):
        from_state({name: array for name, array in as_state(RESTARTS).items() if name not in harm})
