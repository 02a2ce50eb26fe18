from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import beta, kstest

from dlrun.augment.augmentation import Setting
from dlrun.augment.draws import Draws
from dlrun.augment.mixing.cutmix import Cutmix
from dlrun.augment.mixing.mixup import Mixup
from dlrun.errors import ShapeError

N = 400
BLACK, WHITE = (np.full((N, 12, 10, 2), value, np.float32) for value in (0.0, 1.0))
FIRST, SECOND = (np.tile(np.eye(2, dtype=np.float32)[k], (N, 1)) for k in (0, 1))


def draws() -> Draws:
    return Draws.of(3, 1, 0, np.arange(N))


@pytest.mark.parametrize("alpha", [0.1, 0.2, 1.0, 4.0])
def test_shares_are_drawn_from_the_beta_distribution(alpha: float) -> None:
    found = Draws.of(1, 1, 0, np.arange(4000)).beta(alpha)
    assert kstest(found, beta(alpha, alpha).cdf).pvalue > 1e-3
    of_one = [Draws.of(1, 1, 0, np.array([row])).beta(alpha)[0] for row in range(20)]
    np.testing.assert_array_equal(of_one, found[:20])


def test_draws_behind_a_beta_do_not_depend_on_others() -> None:
    several = draws()
    several.beta(0.2)
    alone = several.some(np.array([7]))
    single = Draws.of(3, 1, 0, np.array([7]))
    single.beta(0.2)
    assert single.uniform() == alone.uniform()


def test_mixup_mixes_samples_and_targets_alike() -> None:
    images, targets = Mixup(alpha=1.0).mix(BLACK, FIRST, WHITE, SECOND, draws())
    np.testing.assert_allclose(images, targets[:, 1, None, None, None] * np.ones_like(images))
    np.testing.assert_allclose(targets.sum(axis=1), 1.0, atol=1e-6)
    assert targets[:, 0].std() > 0.2


def test_cutmix_counts_what_is_seen() -> None:
    images, targets = Cutmix().mix(BLACK, FIRST, WHITE, SECOND, draws())
    assert set(np.unique(images)) == {0.0, 1.0}
    np.testing.assert_allclose(images.mean(axis=(1, 2, 3)), targets[:, 1], atol=1e-6)
    assert targets[:, 0].min() < 0.2 and targets[:, 0].max() > 0.9


def test_cutmix_needs_images_of_classes() -> None:
    with pytest.raises(ShapeError, match="use mixup"):
        Cutmix().bind(Setting(task="regression"))
    with pytest.raises(ShapeError, match="cutmix changes images"):
        Cutmix().check((8,), "classification")
