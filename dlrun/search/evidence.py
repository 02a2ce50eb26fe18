"""The parameters of a Gaussian process that explain measurements: their posterior, and draws."""

from __future__ import annotations

import math

import numpy as np

from dlrun.arrays import Array
from dlrun.search.kernel import JITTER, LEVEL, Kernels, matern

_JOINT, _ALONE, _VARIANCE_WIDTH = 0.5, 0.5, 1.0
"""Priors of the variances, if the objective's variance is 1: the median, and the standard deviation
of the logarithm."""
_NOISE, _NOISE_WIDTH = 1e-3, 3.0
"""Prior of the noise variance: a millionth, as good as none, and one half, of seeds that matter as
much as the keys, are both within 2.5 standard deviations."""
_SCALE, _SCALE_WIDTH = 0.3, 0.8
"""Prior of the length scale of a single column."""
_FARTHEST = 6.0
"""Standard deviations of the priors that parameters stay within."""
_NOISY = 2.0
"""Noise of the second start, in standard deviations of its prior: a variance of 0.4."""
_STEPS = 60
"""Maximum number of steps to the mode."""
_DIFFERENCE = 1e-3
"""Step of a parameter that shows the curvature at the mode."""
_LEAPS, _STRIDE = 4, 0.6
"""Steps of a trajectory, and their mean length in standard deviations of the posterior."""
_SHORTER, _LONGER = 0.5, 1.25
"""Factors on this length after a rejected and an accepted trajectory: where the posterior is
narrower than at its mode, three of four are accepted."""


class Evidence:
    """The posterior of a kernel's parameters, given measurements.

    Parameters are logarithms in standard deviations of their priors, which are normal: two
    variances, the noise, and a length scale per column. The prior length scales grow with the
    root of the number of columns, like distances (Hvarfner, Hellsten & Nardi, "Vanilla Bayesian
    optimization performs great in high dimensions", ICML 2024).

    Args:
        x: (n, columns), the measured points.
        y: (n,), the measured values, with mean 0 and variance 1.
    """

    def __init__(self, x: Array, y: Array) -> None:
        n, columns = x.shape
        self._y = y
        self._pairs = np.tril_indices(n, -1)
        self._far = np.ascontiguousarray(
            math.sqrt(5) * np.abs(x[self._pairs[0]] - x[self._pairs[1]]).T
        )
        scale = _SCALE * math.sqrt(columns)
        self._centre = np.log([_JOINT, _ALONE, _NOISE, *[scale] * columns])
        self._width = np.array(
            [_VARIANCE_WIDTH, _VARIANCE_WIDTH, _NOISE_WIDTH, *[_SCALE_WIDTH] * columns]
        )

    @property
    def parameters(self) -> int:
        """Their number."""
        return len(self._centre)

    def kernels(self, at: Array) -> Kernels:
        """The kernels of several parameters (settings, parameters)."""
        natural = np.exp(self._centre + self._width * at)
        return Kernels(natural[:, 0], natural[:, 1], natural[:, 3:], natural[:, 2])

    def __call__(self, at: Array) -> tuple[float, Array]:
        """Minus the logarithm of the posterior density, up to a constant, and its gradient.

        Rasmussen & Williams, 2006, equations 5.8 and 5.9. A covariance without a root has an
        infinite value.
        """
        from scipy.linalg.lapack import dpotrf, dpotri, dpotrs

        n, columns = len(self._y), len(at) - 3
        if np.abs(at).max() > _FARTHEST + _DIFFERENCE:
            return math.inf, at
        joint, alone, noise, *scales = np.exp(self._centre + self._width * at)
        inverse = 1 / np.array(scales)
        r = np.sqrt((inverse * inverse) @ (self._far * self._far))
        together = matern(r)
        apart = (math.sqrt(columns) * inverse)[:, None] * self._far
        decay = np.exp(-apart)
        summed = ((1 + apart * (1 + apart / 3)) * decay).sum(axis=0) / columns
        covariance = np.zeros((n, n), order="F")
        covariance[self._pairs] = LEVEL + joint * together + alone * summed
        covariance.flat[:: n + 1] = (joint + alone + LEVEL) * (1 + JITTER) + noise
        root, failed = dpotrf(covariance, lower=1)
        if failed:
            return math.inf, at
        weights, _ = dpotrs(root, self._y, lower=1)
        precision, _ = dpotri(root, lower=1)
        fit = 0.5 * self._y @ weights + np.log(root.diagonal()).sum()
        # The derivative by each covariance: those of a pair are two.
        left, right = self._pairs
        pairs = precision[self._pairs] - weights[left] * weights[right]
        own = 0.5 * (precision.diagonal() - weights * weights).sum()
        slope = np.empty(len(at))
        slope[0] = joint * (pairs @ together + own * (1 + JITTER))
        slope[1] = alone * (pairs @ summed + own * (1 + JITTER))
        slope[2] = noise * own
        near = pairs * (1 + r) * np.exp(-r)
        slope[3:] = joint / 3 * inverse * inverse * ((self._far * self._far) @ near)
        slope[3:] += alone / columns / 3 * ((apart * apart * (1 + apart) * decay) @ pairs)
        return float(fit + 0.5 * at @ at), slope * self._width + at


def mode(evidence: Evidence) -> Array:
    """The most probable parameters, (parameters,), by L-BFGS.

    It starts in the middle of the priors, and once more with as much noise as signal: a function
    that changes at once between all trials can be a local maximum that explains noise as well.
    """
    from scipy.optimize import minimize

    middle = np.zeros(evidence.parameters)
    noisy = middle.copy()
    noisy[2] = _NOISY
    bounds = [(-_FARTHEST, _FARTHEST)] * len(middle)
    options = {"maxiter": _STEPS}
    found = [
        minimize(evidence, start, jac=True, bounds=bounds, method="L-BFGS-B", options=options)
        for start in (middle, noisy)
    ]
    return np.asarray(min(found, key=lambda each: float(each.fun)).x)


def drawn_kernels(evidence: Evidence, count: int, random: np.random.Generator) -> Kernels:
    """Kernels from the posterior, each of the same weight.

    A Markov chain by Hamiltonian dynamics (Neal, "MCMC using Hamiltonian dynamics", 2011) that
    starts at the mode. Its steps are measured by the posterior's standard deviations at the mode,
    in every direction, so consecutive draws are almost independent.
    """
    at = mode(evidence)
    value, slope = evidence(at)
    moved = [evidence(at + _DIFFERENCE * axis)[1] for axis in np.eye(len(at))]
    curvature = (np.array(moved) - slope) / _DIFFERENCE
    curvatures, axes = np.linalg.eigh((curvature + curvature.T) / 2)
    spread = axes / np.sqrt(np.maximum(curvatures, 1.0))  # the prior's is 1
    found, stride = [], _STRIDE
    for _ in range(count):
        speed = random.normal(size=len(at))
        length = stride * (0.5 + random.random())
        accepted = math.log(1 - random.random())
        energy = value + 0.5 * speed @ speed
        there, height, down = at, value, slope
        for _ in range(_LEAPS):
            speed = speed - 0.5 * length * (down @ spread)
            there = there + length * (spread @ speed)
            height, down = evidence(there)
            if math.isinf(height):
                break
            speed = speed - 0.5 * length * (down @ spread)
        if accepted < energy - height - 0.5 * speed @ speed:
            at, value, slope = there, height, down
            stride = min(_STRIDE, stride * _LONGER)
        else:
            stride *= _SHORTER
        found.append(at)
    return evidence.kernels(np.array(found))
