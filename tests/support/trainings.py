"""The same training here and in PyTorch: the same first weights, the same batches, Adam."""

from __future__ import annotations

import numpy as np
import torch
from torch import nn

from dlrun.nn.engine.network import Network
from dlrun.nn.layers.base import Clock
from dlrun.nn.optimization.updater import Updater
from dlrun.nn.optimizers.adam import Adam

BATCH = 32
RATE = 3e-3


def batch(step: int, count: int) -> np.ndarray:
    """The samples of a step, by turns."""
    return np.arange(BATCH * step, BATCH * step + BATCH) % count


def train(of: Network, x: np.ndarray, targets: np.ndarray, steps: int) -> list[float]:
    """The loss of every step."""
    clock = Clock()
    plan = of.training_plan(BATCH, np.zeros(BATCH, np.int64), clock)
    updater = Updater(Adam(lr=RATE), of)
    updater.pace.lr = RATE
    losses = []
    for step in range(steps):
        rows = batch(step, len(x))
        clock.step = updater.pace.step = step + 1
        plan.input[...], plan.targets[...] = x[rows], targets[rows]
        plan.forward()
        losses.append(plan.loss())
        plan.backward()
        updater()
    return losses


def peer_train(model: nn.Module, x: np.ndarray, targets: np.ndarray, steps: int) -> list[float]:
    """The same in PyTorch."""
    optimizer = torch.optim.Adam(model.parameters(), lr=RATE)
    losses = []
    for step in range(steps):
        rows = batch(step, len(x))
        optimizer.zero_grad()
        output = model(torch.from_numpy(x[rows]))
        loss = nn.functional.cross_entropy(output, torch.from_numpy(targets[rows]))
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return losses


def tensor(array: np.ndarray) -> torch.Tensor:
    """A copy for PyTorch."""
    return torch.from_numpy(np.ascontiguousarray(array).copy())
