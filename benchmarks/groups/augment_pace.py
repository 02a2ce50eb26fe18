"""Every augmentation beside the training step of a small network that its batches are for.

All times are processor time of one thread, so that other programs disturb them less: what counts is
whether batches are ready when a step needs them.
"""

from __future__ import annotations

import os
import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any
from unittest.mock import patch

import numpy as np

from benchmarks.groups.text_samples import texts as sample_texts
from benchmarks.layers import LSTM, Conv, Dense, GlobalAveragePool, MaxPool, ReLU
from benchmarks.measure import Settings
from benchmarks.peers.ours import Ours
from benchmarks.report import Report, duration, spread
from benchmarks.works import CLASSES, Array, Work, first_weights, samples
from dlrun import catalog
from dlrun.augment.audio.signal import SignalAugmentation
from dlrun.augment.audio.spec_augment import SpecAugment
from dlrun.augment.augmentation import Augmentation, Mixing, Setting, augmentation
from dlrun.augment.augmenter import Augmenter
from dlrun.augment.images.image import ImageAugmentation
from dlrun.augment.text.paraphrase import Paraphrase
from dlrun.augment.text.synonym_replacement import SynonymReplacement
from dlrun.augment.text.text import TextAugmentation
from dlrun.augment.text.typos import Typos
from dlrun.data.dataset import Dataset
from dlrun.data.preprocess.log_mel import LogMel
from dlrun.data.vocabulary import Cutting
from dlrun.nn.kernels import numba_kernels

Call = Callable[[], object]

_BATCH = 64
_RATE = 16_000
"""Hz; a sound has one second."""
_FRAMES, _BANDS = 98, 40
"""Of a second after ``log_mel``."""
_TOKENS, _UNITS = 40, 64

_STEPS = {
    "pace": Work(
        "cnn",
        (32, 32, 3),
        (*(Conv(16), ReLU(), MaxPool()), *(Conv(32), ReLU(), GlobalAveragePool()), Dense(CLASSES)),
        _BATCH,
    ),
    "sounds": Work("lstm", (_FRAMES, _BANDS), (LSTM(_UNITS), Dense(CLASSES)), _BATCH),
    "texts": Work("lstm", (_TOKENS, _UNITS), (LSTM(_UNITS), Dense(CLASSES)), _BATCH),
}
"""Networks whose steps are short; those of texts read vectors of words."""


def images(settings: Settings) -> Report:
    """Images of 32 x 32 x 3."""
    given = np.random.default_rng(0).random((_BATCH, 32, 32, 3), dtype=np.float32)
    return _measured("pace", _each(ImageAugmentation, given), settings)


def sounds(settings: Settings) -> Report:
    """Waveforms of one second at 16 kHz; the network reads spectrograms."""
    random = np.random.default_rng(0)
    given = random.normal(0, 0.1, (_BATCH, _RATE, 1)).astype(np.float32)
    recordings = [random.normal(0, 0.1, n).astype(np.float32) for n in (5 * _RATE, _RATE // 2)]
    setting = Setting(_RATE, lambda path, rate: recordings)
    calls = _each(SignalAugmentation, given, setting)
    spectrograms = random.random((_BATCH, _FRAMES, _BANDS), dtype=np.float32)
    calls["spec_augment"] = _call([SpecAugment()], spectrograms)
    step = LogMel()
    plain = Dataset(given, np.arange(_BATCH) % 2, "classification", ("a", "b"), rate=_RATE)
    fitted = step.restore(None, step.measure(plain))
    calls["(log_mel, in data.preprocess)"] = lambda: fitted.apply(given)
    if (peer := _torch_vocoder(given)) is not None:
        calls["(time_stretch, PyTorch)"] = peer
    report = _measured("sounds", calls, settings)
    if peer is None:
        report.notes.append("PyTorch is not installed")
    return report


def texts(settings: Settings) -> Report:
    """Texts of 18 words on average; the network reads tokens."""
    given = sample_texts(_BATCH)
    calls = _each(TextAugmentation, given)
    three = [Paraphrase(), SynonymReplacement(), Typos()]
    calls["paraphrase, synonym_replacement, typos"] = _call(three, given)
    cutting = Cutting("word", True)
    calls["(tokenize, in data.preprocess)"] = lambda: [cutting.tokens(text) for text in given]
    return _measured("texts", calls, settings)


def _each(
    base: type[Augmentation], given: Array, setting: Setting | None = None
) -> dict[str, Call]:
    """A batch by each augmentation with its default values, for all samples."""
    catalog.load()
    found: dict[str, Call] = {}
    for name in augmentation:
        member = augmentation[name]
        if issubclass(member, base) or (base is ImageAugmentation and issubclass(member, Mixing)):
            fields: dict[str, Any] = {"path": "."} if name in _RECORDED else {}
            found[name] = _call([member(**fields, probability=1.0)], given, setting)
    return found


_RECORDED = ("background_noise", "impulse_response")
"""Augmentations with a folder of recordings."""


def _call(
    augmentations: Sequence[Augmentation], given: Array, setting: Setting | None = None
) -> Call:
    """Batches of one epoch after the other, as training makes them."""
    rows, targets = np.arange(_BATCH), np.eye(2, dtype=np.float32)[np.arange(_BATCH) % 2]
    make = Augmenter(
        augmentations,
        0,
        lambda at: (given[at], targets[at]),
        _BATCH,
        numba_kernels().augment,
        setting=setting,
    )
    epochs = iter(range(1, 1 << 40))
    return lambda: make(next(epochs), rows)


def _torch_vocoder(given: Array) -> Call | None:
    """The phase vocoder of torchaudio without its resampling; None without PyTorch.

    One factor for the whole batch, and no locking of phases to those of peaks: advantages for it.
    """
    try:
        import torch
    except ImportError:
        return None
    torch.set_num_threads(1)
    window, hop, factor = torch.hann_window(1024), 256, 1.1
    waves = torch.from_numpy(given[:, :, 0])
    advance = torch.linspace(0, torch.pi * hop, 513)[None, :, None]

    def stretch() -> object:
        spectra = torch.stft(waves, 1024, hop, window=window, return_complex=True)
        times = torch.arange(0, spectra.shape[2] - 1, factor)
        before = spectra[:, :, times.long()]
        after = spectra[:, :, times.long() + 1]
        turn = after.angle() - before.angle() - advance
        turn = turn - 2 * torch.pi * torch.round(turn / (2 * torch.pi)) + advance
        phases = torch.cumsum(torch.cat((before[:, :, :1].angle(), turn[:, :, :-1]), 2), 2)
        share = times % 1
        sizes = share * after.abs() + (1 - share) * before.abs()
        return torch.istft(torch.polar(sizes, phases), 1024, hop, window=window)

    return stretch


def _measured(kind: str, calls: Mapping[str, Call], settings: Settings) -> Report:
    """In every round each augmentation has one turn, and so has the training step."""
    columns = ("augmentation", "a batch", "min - max", "samples a second", "of the step's pace")
    report = Report(f"augment/{kind}", columns)
    work = _STEPS[kind]
    with patch.dict(os.environ, {"DLRUN_THREADS": "1"}):
        train = Ours(compiled=True).trainer(work, first_weights(work), *samples(work))
        everything: dict[str, Call] = {"(training step)": lambda: train(1), **calls}
        for call in everything.values():
            call()
        seconds: dict[str, list[float]] = {name: [] for name in everything}
        for _ in range(settings.rounds):
            for name, call in everything.items():
                seconds[name].append(_processor_time(call, settings.seconds / 2))
    step = statistics.median(seconds["(training step)"])
    for name, times in seconds.items():
        middle = statistics.median(times)
        pace = f"{_BATCH / middle:,.0f}"
        report.rows.append((name, duration(middle), spread(times), pace, f"{step / middle:.2g}"))
        report.data.append({kind: name, "batch": _BATCH, "seconds": times})
    slower = [name for name, times in seconds.items() if statistics.median(times) > step]
    if slower:
        report.notes.append(f"slower than a training step: {', '.join(slower)}")
    return report


def _processor_time(call: Call, turn: float) -> float:
    """Seconds of a call in user and system mode, the mean over a turn."""
    start, calls = time.process_time(), 0
    while (passed := time.process_time() - start) < turn:
        call()
        calls += 1
    return passed / calls
