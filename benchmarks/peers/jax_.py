"""JAX: a whole step, optimizer included, as one compiled function."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array as Traced
from jax import lax

from benchmarks import layers as described
from benchmarks.peers.peer import Predict, Train
from benchmarks.works import BATCHES, LEARNING_RATE, Array, Weights, Work

_STATISTICS = ("mean", "variance")
_BETA_1, _BETA_2, _EPS = 0.9, 0.999, 1e-8

Tree = list[dict[str, Any]]
"""The weights of every layer that has some."""


class Jax:
    """JAX on the CPU; it uses one thread per processor that the process may use."""

    version = jax.__version__

    def trainer(self, work: Work, weights: Weights, inputs: Array, classes: Array) -> Train:
        """Adam (Kingma & Ba, 2015) in a few lines: JAX itself has no optimizers."""
        learned = _leaves(weights, statistics=False)
        state = (
            learned,
            _leaves(weights, statistics=True),
            jax.tree.map(jnp.zeros_like, learned),
            jax.tree.map(jnp.zeros_like, learned),
        )
        xs = [jnp.asarray(x) for x in inputs.reshape(BATCHES, work.batch, *work.shape)]
        ys = [jnp.asarray(y) for y in classes.reshape(BATCHES, work.batch)]
        done = 0

        def loss_of(
            learned: Tree, statistics: Tree, x: Traced, y: Traced, key: Traced
        ) -> tuple[Traced, Tree]:
            logits, moved = _run(work.layers, learned, statistics, x, key)
            chosen = jnp.take_along_axis(jax.nn.log_softmax(logits), y[:, None], axis=1)
            return -chosen.mean(), moved

        def step(state: Any, x: Traced, y: Traced, number: Traced) -> tuple[Any, Traced]:
            learned, statistics, mean, square = state
            key = jax.random.fold_in(jax.random.key(0), number)
            (loss, statistics), grads = jax.value_and_grad(loss_of, has_aux=True)(
                learned, statistics, x, y, key
            )
            mean = jax.tree.map(lambda m, g: _BETA_1 * m + (1 - _BETA_1) * g, mean, grads)
            square = jax.tree.map(lambda v, g: _BETA_2 * v + (1 - _BETA_2) * g * g, square, grads)
            rate = LEARNING_RATE / (1 - _BETA_1**number)
            unbias = 1 / (1 - _BETA_2**number)
            learned = jax.tree.map(
                lambda w, m, v: w - rate * m / (jnp.sqrt(v * unbias) + _EPS), learned, mean, square
            )
            return (learned, statistics, mean, square), loss

        compiled = jax.jit(step, donate_argnums=0)

        def train(steps: int) -> float:
            nonlocal state, done
            loss = jnp.nan
            for _ in range(steps):
                number = done % BATCHES
                done += 1
                state, loss = compiled(state, xs[number], ys[number], done)
            return float(loss)

        return train

    def predictor(self, work: Work, weights: Weights, inputs: Array) -> Predict:
        """A compiled forward pass."""
        learned = _leaves(weights, statistics=False)
        statistics = _leaves(weights, statistics=True)
        x = jnp.asarray(inputs[: work.batch])
        call = jax.jit(lambda x: _run(work.layers, learned, statistics, x, None)[0])

        def predict(times: int) -> Array:
            outputs = x
            for _ in range(times):
                outputs = call(x).block_until_ready()
            return np.asarray(outputs)

        return predict


def _leaves(weights: Weights, statistics: bool) -> Tree:
    return [
        {
            name: jnp.array(array)
            for name, array in each.items()
            if (name in _STATISTICS) == statistics
        }
        for each in weights
    ]


def _run(
    layers: tuple[described.Layer, ...],
    learned: Tree,
    statistics: Tree,
    x: Traced,
    key: Traced | None,
) -> tuple[Traced, Tree]:
    """Outputs, and the running statistics after the batch; with a key it trains."""
    moved: Tree = []
    pairs = zip(learned, statistics, strict=True)
    return _sequence(layers, pairs, x, key, moved), moved


def _sequence(
    layers: tuple[described.Layer, ...],
    weights: Iterator[tuple[dict[str, Any], dict[str, Any]]],
    x: Traced,
    key: Traced | None,
    moved: Tree,
) -> Traced:
    for layer in layers:
        match layer:
            case described.Dense():
                w, _ = next(weights)
                moved.append({})
                x = x @ w["kernel"] + w["bias"]
            case described.Conv(_, kernel, stride):
                w, _ = next(weights)
                moved.append({})
                pads = [(kernel // 2, kernel // 2)] * 2
                x = lax.conv_general_dilated(
                    x, w["kernel"], (stride,) * 2, pads, dimension_numbers=("NHWC", "HWIO", "NHWC")
                )
            case described.BatchNorm():
                x = _normalize(*next(weights), x, key is not None, moved)
            case described.ReLU():
                x = jax.nn.relu(x)
            case described.GELU():
                x = jax.nn.gelu(x, approximate=False)
            case described.LayerNorm():
                w, _ = next(weights)
                moved.append({})
                rest = x - x.mean(-1, keepdims=True)
                variance = jnp.square(rest).mean(-1, keepdims=True)
                x = rest * lax.rsqrt(variance + 1e-5) * w["scale"] + w["shift"]
            case described.LSTM():
                w, _ = next(weights)
                moved.append({})
                x = _last_state(w, x)
            case described.Attention(heads):
                w, _ = next(weights)
                moved.append({})
                x = _attention(w, x, heads)
            case described.MeanOverTime():
                x = x.mean(axis=1)
            case described.Dropout(rate):
                if key is not None:
                    kept = jax.random.bernoulli(key, 1 - rate, x.shape)
                    x = jnp.where(kept, x / (1 - rate), 0.0)
            case described.MaxPool():
                window = (1, 2, 2, 1)
                x = lax.reduce_window(x, -jnp.inf, lax.max, window, window, "VALID")
            case described.GlobalAveragePool():
                x = x.mean(axis=(1, 2))
            case described.Flatten():
                x = x.reshape(len(x), -1)
            case described.Residual(branch, shortcut):
                y = _sequence(branch, weights, x, key, moved)
                x = y + _sequence(shortcut, weights, x, key, moved)
            case _:
                raise TypeError(f"no function of jax is known for {layer}")
    return x


def _last_state(w: dict[str, Any], x: Traced) -> Traced:
    units = len(w["recurrent"])

    def step(before: tuple[Traced, Traced], given: Traced) -> tuple[tuple[Traced, Traced], None]:
        h, c = before
        i, f, g, o = jnp.split(given + h @ w["recurrent"], 4, axis=1)
        c = jax.nn.sigmoid(f) * c + jax.nn.sigmoid(i) * jnp.tanh(g)
        return (jax.nn.sigmoid(o) * jnp.tanh(c), c), None

    start = jnp.zeros((len(x), units), x.dtype)
    given = x.swapaxes(0, 1) @ w["kernel"] + w["bias"]
    (state, _), _ = lax.scan(step, (start, start), given)
    return state


def _attention(w: dict[str, Any], x: Traced, heads: int) -> Traced:
    batch, time, width = x.shape
    apart = (x @ w["kernel"] + w["bias"]).reshape(batch, time, 3, heads, width // heads)
    found = jax.nn.dot_product_attention(apart[:, :, 0], apart[:, :, 1], apart[:, :, 2])
    joined: Traced = found.reshape(x.shape) @ w["output_kernel"] + w["output_bias"]
    return joined


def _normalize(
    w: dict[str, Any], running: dict[str, Any], x: Traced, training: bool, moved: Tree
) -> Traced:
    mean, variance = running["mean"], running["variance"]
    if training:
        axes = tuple(range(x.ndim - 1))
        mean, variance = x.mean(axes), x.var(axes)
        rows = x.size // x.shape[-1]
        moved.append(
            {
                "mean": 0.9 * running["mean"] + 0.1 * mean,
                "variance": 0.9 * running["variance"] + 0.1 * variance * rows / (rows - 1),
            }
        )
    else:
        moved.append(running)
    scaled = (x - mean) * lax.rsqrt(variance + 1e-5) * w["scale"]
    shifted: Traced = scaled + w["shift"]
    return shifted
