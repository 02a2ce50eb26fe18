"""What augmentations do to sounds, against what theory says of it."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from dlrun.arrays import Array
from dlrun.augment.audio.background_noise import BackgroundNoise
from dlrun.augment.audio.band_pass import BandPass
from dlrun.augment.audio.clipping import Clipping
from dlrun.augment.audio.colored_noise import ColoredNoise
from dlrun.augment.audio.gain import Gain
from dlrun.augment.audio.high_pass import HighPass
from dlrun.augment.audio.impulse_response import ImpulseResponse
from dlrun.augment.audio.low_pass import LowPass
from dlrun.augment.audio.pitch_shift import PitchShift
from dlrun.augment.audio.reverb import Reverb
from dlrun.augment.audio.spec_augment import SpecAugment
from dlrun.augment.audio.speed import Speed
from dlrun.augment.audio.stretching import paced_from
from dlrun.augment.audio.time_shift import TimeShift
from dlrun.augment.audio.time_stretch import TimeStretch
from dlrun.augment.augmentation import Augmentation, Setting
from dlrun.augment.draws import Draws
from dlrun.data.files.recordings import recordings
from dlrun.data.sources.audio import Audio
from dlrun.errors import DataError, SpecError
from dlrun.experiment.compile import compile_spec
from dlrun.nn.kernels import numba_kernels, numpy_kernels

RATE = 8000
SPEECH = Path("/usr/share/asterisk/sounds/en_US_f_Allison")


def speech() -> Array:
    """Recorded words, (n, 8000, 1), where there are any, else tones in the rhythm of words."""
    if SPEECH.is_dir():
        data = Audio(path=str(SPEECH), rate=RATE, length=1.0).load(0, Path())
        return np.asarray(data.inputs)[:12]
    random, time = np.random.default_rng(5), np.arange(RATE)[:, None] / RATE
    base = random.uniform(90, 300, (12, 1, 1))
    voice = sum(np.sin(2 * np.pi * k * base * time) / k for k in range(1, 8))
    rhythm = np.maximum(0, np.sin(2 * np.pi * random.uniform(1, 4, (12, 1, 1)) * time))
    return (0.2 * voice * rhythm).astype(np.float32)


def sine(hertz: float, n: int = 3, length: int = RATE, level: float = 0.5) -> Array:
    wave = level * np.sin(2 * np.pi * hertz * np.arange(length) / RATE + 0.3)
    return np.tile(wave.astype(np.float32)[:, None], (n, 1, 1))


NUMPY, NUMBA = numpy_kernels().augment, numba_kernels().augment
MAKES = pytest.mark.parametrize("kernels", [NUMPY, NUMBA], ids=["numpy", "numba"])


def apply(
    augmentation: Augmentation,
    waves: Array,
    setting: Setting | None = None,
    kernels: ModuleType = NUMPY,
) -> Array:
    change = augmentation.bind(setting or Setting(RATE))
    draws = Draws.of(1, 1, 0, np.arange(len(waves)))
    return change(waves.copy(), draws, kernels)


def peak(wave: Array) -> float:
    """Hz of the strongest part of (length, 1)."""
    size = 1 << 18
    spectrum = np.abs(np.fft.rfft(wave[:, 0] * np.hanning(len(wave)), size))
    return float(np.argmax(spectrum)) * RATE / size


def level(waves: Array) -> Array:
    return 10 * np.log10(np.square(waves, dtype=np.float64).mean(axis=(1, 2)))


@pytest.mark.parametrize("color", ["white", "pink"])
@pytest.mark.parametrize("snr", [-5.0, 0.0, 10.0, 30.0])
def test_noise_has_the_ratio(color: str, snr: float) -> None:
    waves = speech()
    noise = apply(ColoredNoise(snr=snr, color=color), waves) - waves  # type: ignore[arg-type]
    np.testing.assert_allclose(level(waves) - level(noise), snr, atol=0.5)


@given(snr=st.floats(-20, 40), low=st.floats(0, 20))
def test_any_ratio_is_met(snr: float, low: float) -> None:
    waves = sine(440.0)
    noise = apply(ColoredNoise(snr=(snr - low, snr)), waves) - waves
    found = level(waves) - level(noise)
    assert (found >= snr - low - 0.5).all() and (found <= snr + 0.5).all()


@pytest.mark.parametrize(("color", "fall"), [("white", 0.0), ("pink", 3.01)])
def test_the_colour_of_noise(color: str, fall: float) -> None:
    waves = sine(440.0, 40)
    noise = apply(ColoredNoise(snr=0.0, color=color), waves) - waves  # type: ignore[arg-type]
    spectrum = np.square(np.abs(np.fft.rfft(noise[:, :, 0], axis=1))).mean(axis=0)
    octaves = [10 * math.log10(spectrum[2**k : 2 ** (k + 1)].mean()) for k in range(7, 12)]
    np.testing.assert_allclose(-np.diff(octaves), fall, atol=0.4)


def folder_of(recorded: Sequence[Array]) -> Setting:
    return Setting(RATE, lambda path, rate: recorded)


def test_background_has_the_ratio_and_is_the_recording() -> None:
    random, waves = np.random.default_rng(2), speech()
    recorded = [random.normal(0, 1, 20_000).astype(np.float32), np.ones(50, np.float32)]
    found = apply(BackgroundNoise(path="x", snr=10.0), waves, folder_of(recorded)) - waves
    np.testing.assert_allclose(level(waves) - level(found), 10.0, atol=0.5)
    constant = np.ptp(found, axis=(1, 2)) < 1e-4  # the short one goes round
    assert 0 < constant.sum() < len(waves)
    for piece in found[~constant]:
        unit = piece[:, 0] / np.linalg.norm(piece)
        match = np.correlate(recorded[0], unit, "valid")
        place = int(match.argmax())
        part = recorded[0][place : place + RATE]
        assert match[place] == pytest.approx(np.linalg.norm(part), rel=1e-3)


def test_recordings_of_a_folder(tmp_path: Path) -> None:
    soundfile = pytest.importorskip("soundfile")
    (tmp_path / "noises" / "deep").mkdir(parents=True)
    soundfile.write(tmp_path / "noises" / "a.wav", np.full(100, 0.5), RATE, "FLOAT")
    soundfile.write(tmp_path / "noises" / "deep" / "b.flac", np.zeros(1600), 2 * RATE)
    found = recordings("noises", RATE, tmp_path)
    assert [len(each) for each in found] == [100, 800] and found[0][7] == 0.5
    (tmp_path / "noises" / "c.wav").write_bytes(b"RIFF")
    with pytest.raises(DataError, match=r"noises/c.wav: not a sound file that can be read"):
        recordings("noises", RATE, tmp_path)
    (tmp_path / "bare").mkdir()
    with pytest.raises(DataError, match="bare: no recordings in it"):
        recordings("bare", RATE, tmp_path)


@pytest.mark.parametrize("factor", [0.5, 0.8, 0.97, 1.03, 1.25, 2.0])
@pytest.mark.parametrize("hertz", [220.0, 1000.0])
def test_speed_moves_a_sine_by_the_factor(factor: float, hertz: float) -> None:
    waves = sine(hertz)
    found = apply(Speed(factor=(factor, factor)), waves)
    assert found.shape == waves.shape
    for wave in found:
        assert peak(wave) == pytest.approx(factor * hertz, rel=1e-3)
    # Its level stays where it sounds, and it sounds for length / factor.
    heard = np.abs(found[0, :, 0]) > 1e-3
    assert heard.mean() == pytest.approx(min(1.0, 1 / factor), abs=0.02)
    middle = found[0, 3000:5000, 0]
    assert np.sqrt(2 * np.square(middle).mean()) == pytest.approx(0.5, rel=1e-2)


@given(factor=st.floats(0.5, 2.0))
def test_speed_is_what_resampling_theory_says(factor: float) -> None:
    """A band-limited waveform is known between its values; the centre stays where it is."""
    time = np.arange(RATE)
    pulse = np.exp(-0.5 * np.square((time - 4100) / 40)) * np.cos(0.3 * (time - 4100))
    found = apply(Speed(factor=(factor, factor)), pulse.astype(np.float32)[None, :, None])[0, :, 0]
    # The factor is met to half of a value and the centre to half of one, so both are fitted.
    centre = (RATE - 1) / 2
    best = min(
        float(np.abs(found - _pulse(centre + (time - centre + shift) * factor)).max())
        for shift in np.linspace(-0.6, 0.6, 61)
    )
    assert best < 0.02


def _pulse(time: Array) -> Array:
    return np.asarray(np.exp(-0.5 * np.square((time - 4100) / 40)) * np.cos(0.3 * (time - 4100)))


@given(length=st.integers(1, 100_000), factor=st.floats(0.4, 2.5))
def test_speed_meets_any_factor(length: int, factor: float) -> None:
    places = paced_from(length, factor, length)
    assert len(places) == length
    if length > 1:
        assert abs((places[-1] - places[0]) / factor - (length - 1)) < 3.0
    assert abs(places.mean() - (length - 1) / 2) <= 0.51 * max(1.0, factor)


@pytest.mark.parametrize(
    ("kind", "key", "value"),
    [
        *((kind, "factor", value) for kind in (Speed, TimeStretch) for value in (0.99, (1e-30, 1))),
        (Speed, "factor", (1, 65)),
        *((PitchShift, "semitones", value) for value in (72.5, (-500, 0))),
        *((ColoredNoise, "snr", value) for value in (-400.0, 1e300, (-400.0, 0.0))),
        (BackgroundNoise, "snr", -201.0),
        (Gain, "decibels", 1000.0),
        (TimeShift, "distance", 1e300),
        *((each, "cutoff", 1e300) for each in (HighPass, LowPass)),
        (BandPass, "center", (1e-300, 1.0)),
        (BandPass, "octaves", 1000.0),
        (Reverb, "decay", 1e-300),
    ],
)
def test_what_would_take_forever_is_refused(
    kind: type[Augmentation], key: str, value: float | tuple[float, float]
) -> None:
    with pytest.raises(ValidationError, match="must be between"):
        kind.model_validate({"path": "p", key: value} if kind is BackgroundNoise else {key: value})


@pytest.mark.parametrize("kind", [HighPass, LowPass, BandPass])
def test_slopes_have_a_limit(kind: type[Augmentation]) -> None:
    with pytest.raises(ValidationError, match="less than or equal to 10000"):
        kind.model_validate({"slope": 1e300})


@pytest.mark.parametrize(
    "augmentation",
    [
        *(ColoredNoise(snr=snr) for snr in (-200.0, 200.0)),
        *(Gain(decibels=(each, each)) for each in (-200.0, 200.0)),
        *(HighPass(cutoff=each, slope=1e4, probability=1.0) for each in (1e-30, 1000.0, 1e30)),
        *(LowPass(cutoff=each, slope=1e4, probability=1.0) for each in (1e-30, 1000.0, 1e30)),
        *(BandPass(octaves=each, slope=1e4, probability=1.0) for each in (1e-9, 100.0)),
        *(Reverb(decay=each, wet=0.5, probability=1.0) for each in (1e-30, 1e30)),
        TimeShift(distance=1e6),
        TimeShift(distance=1e6, wrap=True),
    ],
    ids=str,
)
def test_values_stay_finite_at_the_limits(augmentation: Augmentation) -> None:
    with np.errstate(over="raise", invalid="raise", divide="raise"):
        assert np.isfinite(apply(augmentation, sine(440.0))).all()


def test_a_ratio_beyond_the_limits_is_refused_with_its_place(tmp_path: Path) -> None:
    path = tmp_path / "spec.yaml"
    path.write_text(
        "name: noisy\ndata: {source: moons}\nmodel: [{dense: 2}]\nloss: cross_entropy\nepochs: 1\n"
        "augment:\n  - colored_noise: -400\n"
    )
    with pytest.raises(SpecError) as raised:
        compile_spec(path)
    assert f"{path}:7:20: 'snr' must be between -200 and 200, got -400" in raised.value.faults


def test_speed_does_not_alias() -> None:
    found = apply(Speed(factor=(1.5, 1.5)), sine(3500.0))
    assert np.abs(found[:, 1500:-1500]).max() < 1e-3  # 5250 Hz cannot be, and is not 2750


@pytest.mark.parametrize("semitones", [-12.0, -5.0, -1.0, 1.0, 4.0, 12.0])
@pytest.mark.parametrize("hertz", [330.0, 900.0])
@MAKES
def test_pitch_shift_moves_the_peak_and_keeps_the_length(
    semitones: float, hertz: float, kernels: ModuleType
) -> None:
    waves = sine(hertz)
    found = apply(PitchShift(semitones=(semitones, semitones)), waves, kernels=kernels)
    assert found.shape == waves.shape
    for wave in found:
        assert peak(wave) == pytest.approx(hertz * 2 ** (semitones / 12), rel=2e-3)
    for start in (400, 3000, 7000):  # it sounds from the beginning to the end
        part = found[0, start : start + 600, 0]
        assert np.sqrt(2 * np.square(part).mean()) == pytest.approx(0.5, rel=0.15)


@pytest.mark.parametrize("factor", [0.5, 0.8, 1.1, 1.6])
@MAKES
def test_time_stretch_keeps_the_peak(factor: float, kernels: ModuleType) -> None:
    waves = sine(600.0)
    found = apply(TimeStretch(factor=(factor, factor)), waves, kernels=kernels)
    for wave in found:
        assert peak(wave) == pytest.approx(600.0, rel=2e-3)
    middle = found[0, 3000:5000, 0]
    assert np.sqrt(2 * np.square(middle).mean()) == pytest.approx(0.5, rel=0.05)


@pytest.mark.parametrize("factor", [0.6, 0.8, 1.25, 2.0])
@pytest.mark.parametrize("kind", [TimeStretch, Speed])
@MAKES
def test_what_happens_moves_in_time(
    kind: Callable[..., Augmentation], factor: float, kernels: ModuleType
) -> None:
    wave = np.zeros((1, RATE, 1), np.float32)
    places = np.array([2500, 3700, 5500])
    for place in places:
        wave[0, place - 150 : place + 150] = sine(800.0)[0, :300]
    found = apply(kind(factor=(factor, factor)), wave, kernels=kernels)[0, :, 0]
    loud = np.convolve(np.square(found), np.ones(300) / 300, "same")
    centre = (RATE - 1) / 2
    for place in np.rint(centre + (places - centre) / factor).astype(int):
        near = slice(max(0, place - 400), place + 400)
        assert abs(int(loud[near].argmax()) + near.start - place) < 160
    assert loud[:100].max() < 1e-3 and loud[-100:].max() < 1e-3


@pytest.mark.parametrize("semitones", [-3.0, 3.0])
@MAKES
def test_speech_keeps_its_level(semitones: float, kernels: ModuleType) -> None:
    waves = speech()
    loud = waves[level(waves) > -45]
    for each in (PitchShift(semitones=(semitones, semitones)), TimeStretch(factor=(0.9, 1.0))):
        assert np.median(np.abs(level(apply(each, loud, kernels=kernels)) - level(loud))) < 3.0


def gain_at(augmentation: Augmentation, hertz: float) -> float:
    waves = sine(hertz)
    return float((level(apply(augmentation, waves)[:, 2000:6000]) - level(waves[:, 2000:6000]))[0])


@pytest.mark.parametrize("slope", [6.0, 12.0, 24.0])
def test_filters_have_their_slope(slope: float) -> None:
    always = {"probability": 1.0, "slope": slope}
    low, high = LowPass(cutoff=500.0, **always), HighPass(cutoff=1000.0, **always)
    assert gain_at(low, 500.0) == pytest.approx(-3.01, abs=0.1)
    assert gain_at(high, 1000.0) == pytest.approx(-3.01, abs=0.1)
    assert gain_at(low, 20.0) == pytest.approx(0.0, abs=0.1)
    assert gain_at(high, 3900.0) == pytest.approx(0.0, abs=0.4)
    assert gain_at(low, 3000.0) - gain_at(low, 1500.0) == pytest.approx(-slope, abs=0.6)
    assert gain_at(high, 125.0) - gain_at(high, 250.0) == pytest.approx(-slope, abs=0.8)


def test_a_band_is_left() -> None:
    band = BandPass(center=1000.0, octaves=2.0, slope=24.0, probability=1.0)
    assert gain_at(band, 1000.0) == pytest.approx(0.0, abs=0.3)
    assert gain_at(band, 500.0) == pytest.approx(gain_at(band, 2000.0), abs=0.3)
    assert gain_at(band, 500.0) == pytest.approx(-3.0, abs=0.3)
    assert gain_at(band, 100.0) < -40 and gain_at(band, 3950.0) < -20


@pytest.mark.parametrize("decay", [0.1, 0.3])
def test_echoes_decay(decay: float) -> None:
    click = np.zeros((60, RATE, 1), np.float32)
    click[:, 0] = 1.0
    found = apply(Reverb(decay=decay, wet=1.0, probability=1.0), click)
    np.testing.assert_allclose(np.square(found).sum(axis=1), 1.0, rtol=1e-3)
    loud = np.square(found[:, :, 0], dtype=np.float64).mean(axis=0)
    early, late = (loud[round(at * RATE) :][:100].mean() for at in (0.0, decay / 2))
    assert 10 * math.log10(late / early) == pytest.approx(-30.0, abs=1.0)
    half = apply(Reverb(decay=decay, wet=0.5, probability=1.0), click)
    np.testing.assert_allclose(
        half[:, 0, 0] - np.sqrt(0.5) * found[:, 0, 0], np.sqrt(0.5), rtol=1e-5
    )


def test_a_response_is_convolved_from_its_peak_on() -> None:
    response = np.array([0.0, 0.1, -2.0, 1.0, 0.5], np.float32)
    waves = speech()
    found = apply(ImpulseResponse(path="x", probability=1.0), waves, folder_of([response]))
    taps = response[2:] / np.linalg.norm(response[2:])
    expected = [np.convolve(wave[:, 0], taps)[: waves.shape[1]] for wave in waves]
    np.testing.assert_allclose(found[:, :, 0], expected, atol=1e-5)


def test_gain_in_decibels() -> None:
    waves = sine(500.0, 200)
    found = level(apply(Gain(decibels=(-10.0, 4.0)), waves)) - level(waves)
    assert found.min() >= -10.001 and found.max() <= 4.001 and np.ptp(found) > 12


def test_clipping_cuts_at_a_part_of_the_peak() -> None:
    waves = sine(500.0, 100)
    found = np.abs(apply(Clipping(level=(0.3, 0.6)), waves)).max(axis=(1, 2))
    assert found.min() >= 0.3 * 0.5 - 1e-6 and found.max() <= 0.6 * 0.5 + 1e-6
    assert np.ptp(found) > 0.1


@pytest.mark.parametrize("wrap", [False, True])
def test_shifted_waveforms(wrap: bool) -> None:
    waves = np.arange(1, 101, dtype=np.float32)[None, :, None]
    later = apply(TimeShift(distance=(0.2, 0.2), wrap=wrap), waves)[0, :, 0]
    sooner = apply(TimeShift(distance=(-0.2, -0.2), wrap=wrap), waves)[0, :, 0]
    np.testing.assert_array_equal(later[20:], np.arange(1, 81))
    np.testing.assert_array_equal(sooner[:80], np.arange(21, 101))
    np.testing.assert_array_equal(later[:20], np.arange(81, 101) if wrap else 0)
    np.testing.assert_array_equal(sooner[80:], np.arange(1, 21) if wrap else 0)


def test_masks_are_stripes_of_at_most_their_width() -> None:
    waves = np.random.default_rng(4).random((300, 50, 40), dtype=np.float32) + 1
    only = partial(SpecAugment, value=0.0)
    times = apply(only(time_masks=1, time_width=0.2, frequency_masks=0), waves) == 0
    frequencies = apply(only(time_masks=0, frequency_masks=1, frequency_width=0.5), waves) == 0
    for masked, axis, most in ((times, 2, 10), (frequencies, 1, 20)):
        assert (masked.all(axis=axis) == masked.any(axis=axis)).all()  # from edge to edge
        stripe = masked.any(axis=axis)
        assert stripe.sum(axis=1).max() == most and stripe.sum(axis=1).min() == 0
        assert (np.abs(np.diff(stripe.astype(int), axis=1)).sum(axis=1) <= 2).all()  # in one piece
        assert stripe[:, 0].any() and stripe[:, -1].any()
    both = apply(SpecAugment(), waves)
    hidden = both != waves
    np.testing.assert_allclose(
        both[hidden], np.broadcast_to(waves.mean(axis=(1, 2), keepdims=True), both.shape)[hidden]
    )
    assert 0.1 < hidden.mean() < 0.5
