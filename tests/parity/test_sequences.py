"""Layers for sequences: values and gradients, padding, and whole trainings."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
import torch
from layer_cases import Bench, Masked, bench
from torch import Tensor, nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence
from trainings import peer_train, tensor, train

from dlrun.nn.engine.network import Network
from dlrun.nn.graph.builder import build_graph
from dlrun.nn.initializers.xavier import XavierNormal
from dlrun.nn.kernels import numba_kernels
from dlrun.nn.layers.attention import MultiHeadAttention
from dlrun.nn.layers.base import Clock, Layer
from dlrun.nn.layers.dense import Dense
from dlrun.nn.layers.embedding import Embedding
from dlrun.nn.layers.gru import GRU
from dlrun.nn.layers.lstm import LSTM
from dlrun.nn.layers.masking import Masking
from dlrun.nn.layers.over_time import MeanOverTime
from dlrun.nn.layers.positions import PositionalEmbedding
from dlrun.nn.layers.recurrent import Recurrent
from dlrun.nn.layers.rnn import RNN
from dlrun.nn.layers.transformer_block import TransformerBlock
from dlrun.nn.losses.cross_entropy import CrossEntropy

Arrays = dict[str, np.ndarray]

# Valid steps of each of the five samples of a bench: for packed sequences at least one.
LENGTHS = [6, 3, 1, 4, 6]
UNITS = 3

precisions = pytest.mark.parametrize(
    ("dtype", "tolerance"), [("float64", 1e-10), ("float32", 1e-5)]
)


def close(ours: np.ndarray, theirs: Tensor, tolerance: float) -> None:
    expected = theirs.detach().numpy()
    scale = max(1.0, float(np.abs(expected).max()))
    np.testing.assert_allclose(ours, expected, rtol=tolerance, atol=tolerance * scale)


def recurrent_peer(layer: Recurrent, p: Arrays, n: int) -> nn.RNNBase:
    """Torch's layer with our weights: kernels the other way round, and two biases for each gate."""
    kinds = {RNN: nn.RNN, LSTM: nn.LSTM, GRU: nn.GRU}
    options = {"nonlinearity": layer.activation} if isinstance(layer, RNN) else {}
    peer = kinds[type(layer)](
        n, layer.units, batch_first=True, bidirectional=layer.bidirectional, **options
    )
    state = {}
    for ours, theirs in (("", ""), ("reverse_", "_reverse")):
        if f"{ours}kernel" not in p:
            continue
        state[f"weight_ih_l0{theirs}"] = p[f"{ours}kernel"].T
        state[f"weight_hh_l0{theirs}"] = p[f"{ours}recurrent"].T
        state[f"bias_ih_l0{theirs}"] = p[f"{ours}bias"]
        second = np.zeros_like(p[f"{ours}bias"])
        if isinstance(layer, GRU):
            second[2 * layer.units :] = p[f"{ours}inner_bias"]
        state[f"bias_hh_l0{theirs}"] = second
    peer.to(torch.float64 if p["bias"].dtype == np.float64 else torch.float32)
    peer.load_state_dict({name: tensor(array) for name, array in state.items()})
    return peer


def compare_recurrent_gradients(of: Bench, layer: Recurrent, peer: nn.RNNBase, tol: float) -> None:
    grads = dict(peer.named_parameters())
    for ours, theirs in (("", ""), ("reverse_", "_reverse")):
        if f"{ours}kernel" not in of.parameters:
            continue
        close(of.parameters[f"{ours}kernel"].grad, grads[f"weight_ih_l0{theirs}"].grad.T, tol)
        close(of.parameters[f"{ours}recurrent"].grad, grads[f"weight_hh_l0{theirs}"].grad.T, tol)
        close(of.parameters[f"{ours}bias"].grad, grads[f"bias_ih_l0{theirs}"].grad, tol)
        if isinstance(layer, GRU):
            inner = grads[f"bias_hh_l0{theirs}"].grad[2 * layer.units :]
            close(of.parameters[f"{ours}inner_bias"].grad, inner, tol)


RECURRENT: list[Recurrent] = [
    kind(units=UNITS, output=output, bidirectional=both)
    for kind in (RNN, LSTM, GRU)
    for output in ("last", "sequence")
    for both in (False, True)
]
RECURRENT.append(RNN(units=UNITS, activation="relu", output="sequence"))


@precisions
@pytest.mark.parametrize("padded", [False, True], ids=["whole", "packed"])
@pytest.mark.parametrize("layer", RECURRENT, ids=[f"{r.kind}-{n}" for n, r in enumerate(RECURRENT)])
def test_recurrent_layers_are_those_of_torch(
    layer: Recurrent, padded: bool, dtype: str, tolerance: float
) -> None:
    mask = np.arange(6) < np.array(LENGTHS)[:, None]
    of = bench(Masked(inner=layer, mask=mask) if padded else layer, (6, 2), dtype=dtype)
    of.bound.forward()
    x = tensor(of.x.value).requires_grad_()
    peer = recurrent_peer(layer, {name: p.value for name, p in of.parameters.items()}, 2)
    if padded:
        packed = pack_padded_sequence(x, torch.tensor(LENGTHS), True, enforce_sorted=False)
        given, last = peer(packed)
        sequence, _ = pad_packed_sequence(given, batch_first=True)
    else:
        sequence, last = peer(x)
    last = last[0] if isinstance(layer, LSTM) else last
    theirs = sequence if layer.output == "sequence" else torch.cat(list(last), dim=1)
    counts = np.broadcast_to(mask[..., None], theirs.shape) if theirs.ndim == 3 and padded else 1

    direction = np.cos(np.arange(of.y.value.size)).reshape(of.y.value.shape) * counts
    theirs.backward(tensor(direction.astype(dtype)))
    np.copyto(of.y.grad, direction)
    of.bound.backward()
    close(of.y.value * counts, theirs, tolerance)
    close(of.x.grad, x.grad, tolerance)
    compare_recurrent_gradients(of, layer, peer, tolerance)


def test_the_state_of_padding_is_that_of_the_last_valid_step() -> None:
    mask = np.arange(6) < np.array(LENGTHS)[:, None]
    for kind in (RNN, LSTM, GRU):
        of = bench(Masked(inner=kind(units=2, output="sequence"), mask=mask), (6, 2))
        of.bound.forward()
        for row, length in zip(of.y.value, LENGTHS, strict=True):
            np.testing.assert_array_equal(row[length:], np.tile(row[length - 1], (6 - length, 1)))


@pytest.mark.parametrize("kind", [RNN, LSTM, GRU])
def test_clipping_bounds_what_comes_back_through_the_recurrent_kernel(
    kind: type[Recurrent],
) -> None:
    clip = 0.05
    of = bench(kind(units=UNITS, clip=clip), (6, 2))
    of.bound.forward()
    x = tensor(of.x.value).requires_grad_()
    p = {name: tensor(each.value).requires_grad_() for name, each in of.parameters.items()}
    h = torch.zeros(len(x), UNITS, dtype=torch.float64)
    c = h
    for t in range(6):
        # What a hook on this copy of h sees is what comes back through the recurrent kernel.
        into = h.clone()
        if into.requires_grad:
            into.register_hook(lambda grad: grad.clamp(-clip, clip))
        given, back = x[:, t] @ p["kernel"] + p["bias"], into @ p["recurrent"]
        if kind is RNN:
            h = torch.tanh(given + back)
        elif kind is LSTM:
            i, f, g, o = (given + back).chunk(4, 1)
            c = torch.sigmoid(f) * c + torch.sigmoid(i) * torch.tanh(g)
            h = torch.sigmoid(o) * torch.tanh(c)
        else:
            (r, z, n), (of_r, of_z, of_n) = given.chunk(3, 1), back.chunk(3, 1)
            r, z = torch.sigmoid(r + of_r), torch.sigmoid(z + of_z)
            h = (1 - z) * torch.tanh(n + r * (of_n + p["inner_bias"])) + z * h
    close(of.y.value, h, 1e-10)
    h.backward(torch.ones_like(h))
    of.y.grad.fill(1.0)
    of.bound.backward()
    close(of.x.grad, x.grad, 1e-10)
    for name, each in of.learned.items():
        close(each.grad, p[name].grad, 1e-10)
    free = bench(kind(units=UNITS), (6, 2))
    free.bound.forward()
    free.y.grad.fill(1.0)
    free.bound.backward()
    assert np.abs(free.x.grad - of.x.grad).max() > 1e-6  # or nothing was clipped


def attention_peer(layer: MultiHeadAttention, p: Arrays, n: int) -> nn.MultiheadAttention:
    peer = nn.MultiheadAttention(n, layer.heads, bias=layer.bias, batch_first=True)
    peer.to(torch.float64 if p["kernel"].dtype == np.float64 else torch.float32)
    names = {
        "kernel": "in_proj_weight",
        "bias": "in_proj_bias",
        "output_kernel": "out_proj.weight",
        "output_bias": "out_proj.bias",
    }
    peer.load_state_dict({names[name]: tensor(array.T) for name, array in p.items()})
    return peer


@precisions
@pytest.mark.parametrize("padded", [False, True], ids=["whole", "padded"])
@pytest.mark.parametrize(
    "layer",
    [
        MultiHeadAttention(heads=1),
        MultiHeadAttention(heads=2, causal=True),
        MultiHeadAttention(heads=4, bias=False),
    ],
    ids=lambda layer: f"{layer.heads}-heads",
)
def test_attention_is_that_of_torch(
    layer: MultiHeadAttention, padded: bool, dtype: str, tolerance: float
) -> None:
    mask = np.arange(6) < np.array(LENGTHS)[:, None]
    of = bench(Masked(inner=layer, mask=mask) if padded else layer, (6, 8), dtype=dtype)
    of.bound.forward()
    x = tensor(of.x.value).requires_grad_()
    peer = attention_peer(layer, {name: p.value for name, p in of.parameters.items()}, 8)
    theirs, _ = peer(
        x,
        x,
        x,
        key_padding_mask=torch.from_numpy(~mask) if padded else None,
        attn_mask=torch.ones(6, 6, dtype=torch.bool).triu(1) if layer.causal else None,
        need_weights=False,
    )
    direction = np.cos(np.arange(of.y.value.size)).reshape(of.y.value.shape).astype(dtype)
    theirs.backward(tensor(direction))
    np.copyto(of.y.grad, direction)
    of.bound.backward()
    close(of.y.value, theirs, tolerance)
    close(of.x.grad, x.grad, tolerance)
    close(of.parameters["kernel"].grad, peer.in_proj_weight.grad.T, tolerance)
    close(of.parameters["output_kernel"].grad, peer.out_proj.weight.grad.T, tolerance)
    if layer.bias:
        close(of.parameters["bias"].grad, peer.in_proj_bias.grad, tolerance)
        close(of.parameters["output_bias"].grad, peer.out_proj.bias.grad, tolerance)


@precisions
def test_an_embedding_is_that_of_torch(dtype: str, tolerance: float) -> None:
    of = bench(Embedding(units=3, tokens=5, padding=2), (7,), dtype=dtype)
    of.bound.forward()
    table = of.parameters["table"].value.copy()
    table[2] = 0  # torch reads the padding's row; ours stands for 0 whatever it holds
    peer = nn.Embedding(5, 3, padding_idx=2, _weight=tensor(table))
    theirs = peer(torch.from_numpy(of.x.value.astype(np.int64)))
    direction = np.cos(np.arange(of.y.value.size)).reshape(of.y.value.shape).astype(dtype)
    theirs.backward(tensor(direction))
    np.copyto(of.y.grad, direction)
    of.bound.backward()
    close(of.y.value, theirs, tolerance)
    close(of.parameters["table"].grad, peer.weight.grad, tolerance)


class Model(nn.Module):
    """A transformer of torch's layers, with the weights of a network of ours."""

    def __init__(self, of: Network, blocks: int, heads: int, pre_norm: bool) -> None:
        super().__init__()
        names = of.parameters.named()
        table = tensor(names["embedding_1.table"])
        table[0] = 0
        self.embedding = nn.Embedding(*table.shape, padding_idx=0, _weight=table)
        self.positions = nn.Parameter(tensor(names["positional_embedding_1.table"]))
        width = table.shape[1]
        self.blocks = nn.ModuleList(
            nn.TransformerEncoderLayer(
                width,
                heads,
                names["dense_1.kernel"].shape[1],
                dropout=0.0,
                activation="gelu",
                batch_first=True,
                norm_first=pre_norm,
            )
            for _ in range(blocks)
        )
        self.head = nn.Linear(*names[f"dense_{2 * blocks + 1}.kernel"].shape)
        self.to(table.dtype)
        for ours, theirs in self.pairs(blocks):
            theirs.data = tensor(names[ours].T)

    def pairs(self, blocks: int) -> Sequence[tuple[str, nn.Parameter]]:
        found = []
        for n, block in enumerate(self.blocks):
            attention = f"multi_head_attention_{n + 1}"
            found += [
                (f"{attention}.kernel", block.self_attn.in_proj_weight),
                (f"{attention}.bias", block.self_attn.in_proj_bias),
                (f"{attention}.output_kernel", block.self_attn.out_proj.weight),
                (f"{attention}.output_bias", block.self_attn.out_proj.bias),
            ]
            for k, linear in ((1, block.linear1), (2, block.linear2)):
                found.append((f"dense_{2 * n + k}.kernel", linear.weight))
                found.append((f"dense_{2 * n + k}.bias", linear.bias))
            for k, norm in ((1, block.norm1), (2, block.norm2)):
                found.append((f"layer_norm_{2 * n + k}.scale", norm.weight))
                found.append((f"layer_norm_{2 * n + k}.shift", norm.bias))
        found.append((f"dense_{2 * blocks + 1}.kernel", self.head.weight))
        found.append((f"dense_{2 * blocks + 1}.bias", self.head.bias))
        return found

    def forward(self, tokens: Tensor) -> Tensor:
        padding = tokens == 0
        x = self.embedding(tokens) + self.positions
        for block in self.blocks:
            x = block(x, src_key_padding_mask=padding)
        valid = (~padding)[..., None].to(x.dtype)
        return self.head((x * valid).sum(1) / valid.sum(1))


def transformer(pre_norm: bool, dtype: str) -> Network:
    layers: list[Layer] = [
        Embedding(units=8, tokens=11, padding=0),
        PositionalEmbedding(),
        *[TransformerBlock(heads=2, hidden=12, pre_norm=pre_norm)] * 2,
        MeanOverTime(),
        Dense(units=3),
    ]
    of = Network(build_graph(layers, (9,)), CrossEntropy(), dtype, numba_kernels())
    of.parameters.initialize(4, XavierNormal())
    return of


def tokens_and_targets(count: int) -> tuple[np.ndarray, np.ndarray]:
    """Sentences of 3 to 9 tokens, padded with 0; the class is how many are above 5, modulo 3."""
    random = np.random.default_rng(6)
    tokens = random.integers(1, 11, (count, 9))
    tokens[np.arange(9) >= random.integers(3, 10, count)[:, None]] = 0
    return tokens, (tokens > 5).sum(axis=1) % 3


@precisions
@pytest.mark.parametrize("pre_norm", [True, False], ids=["pre-norm", "post-norm"])
def test_a_transformer_is_that_of_torch(pre_norm: bool, dtype: str, tolerance: float) -> None:
    of = transformer(pre_norm, dtype)
    theirs = Model(of, 2, 2, pre_norm)
    tokens, targets = tokens_and_targets(16)
    plan = of.training_plan(16, targets, Clock())
    plan.input[...] = tokens
    plan.forward()
    loss = plan.loss()
    plan.backward()
    output = theirs(torch.from_numpy(tokens))
    peer_loss = nn.functional.cross_entropy(output, torch.from_numpy(targets))
    peer_loss.backward()
    close(plan.output, output, tolerance)
    assert loss == pytest.approx(peer_loss.item(), rel=tolerance)
    grads = {
        f"{node.name}.{name}": each.grad
        for node in of.graph.nodes
        for name, each in of.parameters.of(node).items()
    }
    close(grads["embedding_1.table"], theirs.embedding.weight.grad, tolerance)
    close(grads["positional_embedding_1.table"], theirs.positions.grad, tolerance)
    for name, parameter in theirs.pairs(2):
        close(grads[name].T, parameter.grad, tolerance)


def test_a_training_of_a_transformer_goes_where_torch_goes() -> None:
    of = transformer(True, "float64")
    model = Model(of, 2, 2, True)
    tokens, targets = tokens_and_targets(256)
    ours = train(of, tokens, targets, 100)
    np.testing.assert_allclose(ours, peer_train(model, tokens, targets, 100), atol=1e-4)
    assert np.mean(ours[-5:]) < 0.9 * np.mean(ours[:5])


class LastState(nn.Module):
    """Torch's LSTM with a dense layer on the state behind the last valid step."""

    def __init__(self, of: Network) -> None:
        super().__init__()
        node = of.graph.nodes[1]
        assert isinstance(node.operation, LSTM)
        own = {name: each.value for name, each in of.parameters.of(node).items()}
        peer = recurrent_peer(node.operation, own, 3)
        peer.bias_hh_l0.requires_grad_(False)  # Adam would move both and so twice as far
        self.lstm = peer
        dense = of.parameters.of(of.graph.nodes[2])
        self.head = nn.Linear(*dense["kernel"].value.shape, dtype=torch.float64)
        self.head.weight.data = tensor(dense["kernel"].value.T)
        self.head.bias.data = tensor(dense["bias"].value)

    def forward(self, x: Tensor) -> Tensor:
        lengths = (x != 0).any(dim=2).sum(dim=1)
        packed = pack_padded_sequence(x, lengths, True, enforce_sorted=False)
        return self.head(self.lstm(packed)[1][0][0])


def test_a_training_of_an_lstm_goes_where_torch_goes() -> None:
    layers: list[Layer] = [Masking(), LSTM(units=16), Dense(units=3)]
    of = Network(build_graph(layers, (12, 3)), CrossEntropy(), "float64", numba_kernels())
    of.parameters.initialize(2, XavierNormal())
    random = np.random.default_rng(7)
    x = random.normal(size=(256, 12, 3))
    x[np.arange(12) >= random.integers(4, 13, 256)[:, None]] = 0
    targets = x[:, :4].sum(axis=1).argmax(axis=1)
    model = LastState(of)
    ours = train(of, x, targets, 100)
    np.testing.assert_allclose(ours, peer_train(model, x, targets, 100), atol=1e-4)
    assert np.mean(ours[-5:]) < 0.7 * np.mean(ours[:5])
