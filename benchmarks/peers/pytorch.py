"""PyTorch: eager in either memory format, or compiled; always with the fused Adam."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np
import torch
from torch import Tensor, nn

from benchmarks import layers as described
from benchmarks.layers import Shape
from benchmarks.peers.peer import Predict, Train, UnavailableError
from benchmarks.works import BATCHES, LEARNING_RATE, Array, Weights, Work


class PyTorch:
    """A way to run PyTorch; its threads are those of OMP_NUM_THREADS.

    Args:
        channels_last: keep images and kernels with channels running fastest.
        compiled: through torch.compile, with its default backend.
    """

    version = str(torch.__version__)

    def __init__(self, channels_last: bool, compiled: bool) -> None:
        self._format = torch.channels_last if channels_last else torch.contiguous_format
        self._compiled = compiled

    def trainer(self, work: Work, weights: Weights, inputs: Array, classes: Array) -> Train:
        """The usual loop."""
        model = self._model(work, weights).train()
        optimizer = torch.optim.Adam(model.parameters(), lr=LEARNING_RATE, fused=True)
        xs = [self._images(x) for x in inputs.reshape(BATCHES, work.batch, *work.shape)]
        ys = list(torch.from_numpy(classes).reshape(BATCHES, work.batch))
        number = 0

        def criterion(x: Tensor, y: Tensor) -> Tensor:
            return nn.functional.cross_entropy(model(x), y)

        loss_of = torch.compile(criterion) if self._compiled else criterion

        def train(steps: int) -> float:
            nonlocal number
            loss = torch.tensor(torch.nan)
            for _ in range(steps):
                optimizer.zero_grad()
                loss = loss_of(xs[number], ys[number])
                loss.backward()  # type: ignore[no-untyped-call]
                optimizer.step()
                number = (number + 1) % BATCHES
            return float(loss.detach())

        self._try(lambda: loss_of(xs[0], ys[0]).backward())  # type: ignore[no-untyped-call]
        model.load_state_dict(self._model(work, weights).state_dict())  # running statistics, too
        return train

    def predictor(self, work: Work, weights: Weights, inputs: Array) -> Predict:
        """Under inference_mode."""
        model = self._model(work, weights).eval()
        x = self._images(inputs[: work.batch])
        call = torch.compile(model) if self._compiled else model

        @torch.inference_mode()
        def predict(times: int) -> Array:
            outputs = x
            for _ in range(times):
                outputs = call(x)
            return np.asarray(outputs)

        self._try(lambda: predict(1))
        return predict

    def _try(self, call: object) -> None:
        """Make a first call; where torch.compile has no working compiler it shows here."""
        assert callable(call)
        try:
            call()
        except Exception as fault:
            if not self._compiled:
                raise
            raise UnavailableError(f"torch.compile failed: {str(fault).splitlines()[0]}") from fault

    def _model(self, work: Work, weights: Weights) -> nn.Module:
        model = _sequence(work.layers, work.shape, iter(weights))
        # Torch's hint for module.to has no memory format, though its documentation does.
        return model.to(memory_format=self._format)  # type: ignore[call-overload, no-any-return]

    def _images(self, x: Array) -> Tensor:
        tensor = torch.from_numpy(x)
        if x.ndim != 4:
            return tensor
        return tensor.permute(0, 3, 1, 2).contiguous(memory_format=self._format)


class _Residual(nn.Module):
    def __init__(self, branch: nn.Module, shortcut: nn.Module) -> None:
        super().__init__()
        self.branch, self.shortcut = branch, shortcut

    def forward(self, x: Tensor) -> Tensor:
        return self.branch(x) + self.shortcut(x)  # type: ignore[no-any-return]


class _LastState(nn.Module):
    """PyTorch has two biases per gate; the second stays 0, because Adam would change both."""

    def __init__(self, features: int, units: int, given: Mapping[str, Array]) -> None:
        super().__init__()
        self.lstm = nn.LSTM(features, units, batch_first=True)
        arrays = {
            "weight_ih_l0": given["kernel"].T,
            "weight_hh_l0": given["recurrent"].T,
            "bias_ih_l0": given["bias"],
            "bias_hh_l0": np.zeros_like(given["bias"]),
        }
        _filled(self.lstm, arrays)
        self.lstm.bias_hh_l0.requires_grad_(False)

    def forward(self, x: Tensor) -> Tensor:
        return self.lstm(x)[1][0][0]  # type: ignore[no-any-return]


class _SelfAttention(nn.Module):
    def __init__(self, features: int, heads: int, given: Mapping[str, Array]) -> None:
        super().__init__()
        self.attention = nn.MultiheadAttention(features, heads, batch_first=True)
        arrays = {
            "in_proj_weight": given["kernel"].T,
            "in_proj_bias": given["bias"],
            "out_proj.weight": given["output_kernel"].T,
            "out_proj.bias": given["output_bias"],
        }
        _filled(self.attention, arrays)

    def forward(self, x: Tensor) -> Tensor:
        return self.attention(x, x, x, need_weights=False)[0]  # type: ignore[no-any-return]


class _MeanOverTime(nn.Module):
    def forward(self, x: Tensor) -> Tensor:
        return x.mean(1)


def _sequence(
    layers: tuple[described.Layer, ...], x: Shape, weights: Iterator[Mapping[str, Array]]
) -> nn.Sequential:
    modules = []
    image: Shape = ()
    for layer in layers:
        if isinstance(layer, described.Flatten):
            image = x
        modules.append(_module(layer, x, image, weights))
        x = layer.output_shape(x)
        if isinstance(layer, described.Dense):
            image = ()
    return nn.Sequential(*modules)


def _module(
    layer: described.Layer, x: Shape, image: Shape, weights: Iterator[Mapping[str, Array]]
) -> nn.Module:
    """A layer's module with its weights; ``image`` is what a flattened input was, or ()."""
    match layer:
        case described.Dense(units):
            return _filled(nn.Linear(x[-1], units), _dense(next(weights), image))
        case described.Conv(filters, kernel, stride):
            conv = nn.Conv2d(x[2], filters, kernel, stride, kernel // 2, bias=False)
            return _filled(conv, {"weight": next(weights)["kernel"].transpose(3, 2, 0, 1)})
        case described.BatchNorm():
            norm = nn.BatchNorm2d(x[2]) if len(x) == 3 else nn.BatchNorm1d(x[0])
            given = next(weights)
            return _filled(
                norm,
                {
                    "weight": given["scale"],
                    "bias": given["shift"],
                    "running_mean": given["mean"],
                    "running_var": given["variance"],
                },
            )
        case described.ReLU():
            return nn.ReLU()
        case described.GELU():
            return nn.GELU()
        case described.LayerNorm():
            given = next(weights)
            filled = {"weight": given["scale"], "bias": given["shift"]}
            return _filled(nn.LayerNorm(x[-1]), filled)
        case described.LSTM(units):
            return _LastState(x[1], units, next(weights))
        case described.Attention(heads):
            return _SelfAttention(x[1], heads, next(weights))
        case described.MeanOverTime():
            return _MeanOverTime()
        case described.Dropout(rate):
            return nn.Dropout(rate)
        case described.MaxPool():
            return nn.MaxPool2d(2)
        case described.GlobalAveragePool():
            return nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Flatten())
        case described.Flatten():
            return nn.Flatten()
        case described.Residual(branch, shortcut):
            return _Residual(_sequence(branch, x, weights), _sequence(shortcut, x, weights))
    raise TypeError(f"no module of torch is known for {layer}")


def _dense(given: Mapping[str, Array], image: Shape) -> dict[str, Array]:
    """PyTorch flattens channels first, so the rows of the kernel after a Flatten are reordered."""
    kernel = given["kernel"]
    if image:
        rows = np.arange(len(kernel)).reshape(image).transpose(2, 0, 1).ravel()
        kernel = kernel[rows]
    return {"weight": kernel.T, "bias": given["bias"]}


def _filled(module: nn.Module, arrays: dict[str, Array]) -> nn.Module:
    tensors = {name: torch.from_numpy(array.copy()) for name, array in arrays.items()}
    module.load_state_dict(tensors, strict=False)
    return module
