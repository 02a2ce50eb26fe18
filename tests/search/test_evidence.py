from __future__ import annotations

import numpy as np
import pytest
from scipy.special import logsumexp
from scipy.stats import multivariate_normal

from dlrun.search.evidence import Evidence, drawn_kernels, mode
from dlrun.search.kernel import JITTER


def measurements(rows: int, columns: int, noise: float, seed: int) -> tuple[np.ndarray, np.ndarray]:
    random = np.random.default_rng(seed)
    x = random.random((rows, columns))
    y = np.sin(6 * x[:, 0]) + noise * random.normal(size=rows)
    return x, (y - y.mean()) / y.std()


def test_it_is_the_density_of_the_measurements_times_the_priors() -> None:
    x, y = measurements(9, 2, 0.1, 0)
    evidence = Evidence(x, y)
    found, wanted = [], []
    for at in np.random.default_rng(1).normal(size=(5, evidence.parameters)):
        kernels = evidence.kernels(at[None])
        covariance = kernels(x, x)[0]
        covariance += (kernels.noise[0] + JITTER * kernels.variance[0]) * np.eye(9)
        density = multivariate_normal(np.zeros(9), covariance).logpdf(y)
        wanted.append(0.5 * at @ at - density)
        found.append(evidence(at)[0])
    np.testing.assert_allclose(np.diff(found), np.diff(wanted), rtol=1e-9)


@pytest.mark.parametrize("shape", [(1, 1), (12, 3), (40, 6)])
def test_its_gradient_is_that_of_finite_differences(shape: tuple[int, int]) -> None:
    x, y = measurements(*shape, 0.3, 2) if shape[0] > 1 else (np.full((1, 1), 0.2), np.zeros(1))
    evidence, step = Evidence(x, y), 1e-5
    for at in np.random.default_rng(3).normal(size=(3, evidence.parameters)):
        ends = [
            [evidence(at + sign * step * axis)[0] for axis in np.eye(len(at))] for sign in (1, -1)
        ]
        wanted = (np.array(ends[0]) - ends[1]) / (2 * step)
        np.testing.assert_allclose(evidence(at)[1], wanted, rtol=1e-6, atol=1e-6)


def test_the_gradient_of_the_mode_is_zero() -> None:
    evidence = Evidence(*measurements(30, 2, 0.3, 4))
    assert np.abs(evidence(mode(evidence))[1]).max() < 0.05


@pytest.mark.slow
def test_draws_have_the_moments_of_the_posterior() -> None:
    evidence = Evidence(*measurements(6, 1, 0.3, 5))
    drawn = drawn_kernels(evidence, 1200, np.random.default_rng(6))
    chain = np.log([drawn.joint, drawn.alone, drawn.noise, drawn.scales[:, 0]])
    prior = np.random.default_rng(7).normal(size=(5000, 4))
    heights = np.array([-evidence(at)[0] + 0.5 * at @ at for at in prior])
    shares = np.exp(heights - logsumexp(heights))
    kernels = evidence.kernels(prior)
    whole = np.log([kernels.joint, kernels.alone, kernels.noise, kernels.scales[:, 0]])
    mean = whole @ shares
    spread = np.sqrt(((whole - mean[:, None]) ** 2) @ shares)
    np.testing.assert_allclose((chain.mean(axis=1) - mean) / spread, 0.0, atol=0.2)
    np.testing.assert_allclose(chain.std(axis=1) / spread, 1.0, atol=0.2)


def test_draws_depend_on_their_generator_alone() -> None:
    evidence = Evidence(*measurements(20, 2, 0.3, 8))
    once, again, other = (
        drawn_kernels(evidence, 4, np.random.default_rng(seed)) for seed in (1, 1, 2)
    )
    np.testing.assert_array_equal(once.scales, again.scales)
    assert not np.array_equal(once.scales, other.scales)


@pytest.mark.parametrize("noise", [0.1, 0.5, 2.0])
def test_noise_is_recovered(noise: float) -> None:
    """Its variance, as a fraction of that of the measurements."""
    random = np.random.default_rng(9)
    x = random.random((80, 2))
    y = np.sin(6 * x[:, 0]) + noise * random.normal(size=80)
    kernels = drawn_kernels(Evidence(x, (y - y.mean()) / y.std()), 40, random)
    share = float(np.exp(np.log(kernels.noise).mean()))
    assert share == pytest.approx(noise**2 / y.var(), rel=0.4)


def test_without_noise_there_is_almost_none() -> None:
    kernels = drawn_kernels(Evidence(*measurements(40, 2, 0.0, 10)), 40, np.random.default_rng(10))
    assert np.median(kernels.noise) < 1e-3


def test_it_is_seen_which_column_matters() -> None:
    kernels = drawn_kernels(Evidence(*measurements(60, 3, 0.1, 11)), 40, np.random.default_rng(11))
    scales = np.exp(np.log(kernels.scales).mean(axis=0))
    assert scales[0] < 0.6 * scales[1:].min()
