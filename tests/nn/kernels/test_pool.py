from __future__ import annotations

import numpy as np
import pytest

from dlrun.nn.kernels import numba_kernels, numpy_kernels

PLAIN, FAST = numpy_kernels().pool, numba_kernels().pool

# Size, stride, and pixels above and left of the image, which may be whole windows.
WINDOWS = (
    ((2, 2), (2, 2), (0, 0)),
    ((3, 3), (2, 2), (1, 1)),
    ((1, 4), (1, 2), (0, 3)),
    ((3, 2), (1, 3), (2, 0)),
)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("index", ["uint8", "int32"])
@pytest.mark.parametrize("channels", [1, 8, 15, 16, 19, 40])
def test_max_pool_of_any_number_of_channels(channels: int, index: str, dtype: str) -> None:
    random = np.random.default_rng(channels)
    x = random.normal(size=(2, 7, 8, channels)).astype(dtype)
    x[0, 3, 4] = np.nan
    x[1, 0] = -np.inf
    for size, stride, before in WINDOWS:
        out = tuple(
            (pixels + 2 * above - each) // step + 1
            for pixels, above, each, step in zip((7, 8), before, size, stride, strict=True)
        )
        dy = random.normal(size=(2, *out, channels)).astype(dtype)
        results = []
        for kernels in (PLAIN, FAST):
            y, where, dx = np.empty_like(dy), np.full(dy.shape, 77, index), np.empty_like(x)
            kernels.max_pool(x, y, where, size, stride, before)
            kernels.max_pool_backward(dy, where, dx, size, stride, before)
            results.append((y, where, dx))
        for found, expected in zip(results[1], results[0], strict=True):
            np.testing.assert_allclose(found, expected, atol=1e-6)
