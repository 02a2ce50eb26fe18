"""Sounds are changed as waveforms, and what the network reads is made of that."""

from __future__ import annotations

import wave
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import dlrun
from dlrun.errors import SpecError
from dlrun.experiment.compile import Compiled, compile_spec
from dlrun.training.augmented import Augmented, augmented, augmenting_kernels
from dlrun.training.session import Session
from dlrun.training.stop import Stop

pytest.importorskip("soundfile")

Spec = Callable[..., Path]
RATE = 8000
READ = (23, 20)  # frames and bands of a quarter of a second

DATA: dict[str, Any] = {
    "source": {"audio": {"path": "sounds", "rate": RATE}},
    "split": {"validation": 0.25, "stratify": True},
    "preprocess": [{"log_mel": {"mels": 20}}, "standardize"],
    "batch_size": 5,
}
SOUNDS: dict[str, Any] = {
    "data": DATA,
    "model": ["flatten", {"dense": "${classes}"}],
    "epochs": 2,
}
WAVES = ["gain", {"colored_noise": {"color": "pink"}}, {"speed": 0.1}, {"time_shift": 0.2}]


@pytest.fixture(autouse=True)
def sounds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Low and high tones."""
    monkeypatch.setenv("DLRUN_CACHE", str(tmp_path / "cache"))
    random = np.random.default_rng(0)
    for name, low in (("low", 200), ("high", 900)):
        for number in range(12):
            hertz = random.uniform(low, 2 * low)
            values = 9000 * np.sin(2 * np.pi * hertz * np.arange(2000) / RATE)
            path = tmp_path / "sounds" / name / f"{number}.wav"
            path.parent.mkdir(parents=True, exist_ok=True)
            with wave.open(str(path), "wb") as sound:
                sound.setparams((1, 2, RATE, 0, "NONE", ""))
                sound.writeframes(values.astype("<i2").tobytes())
    return tmp_path / "sounds"


def maker(compiled: Compiled) -> Augmented:
    make = augmented(compiled, Session(compiled).network)
    assert make is not None
    return make


def batch(compiled: Compiled, rows: np.ndarray, epoch: int = 1) -> np.ndarray:
    inputs = np.empty((len(rows), *compiled.data.sample_shape), np.float32)
    maker(compiled)(epoch, rows, inputs, np.empty(len(rows), np.int64))
    return inputs


def test_waveforms_are_changed_and_then_become_spectrograms(spec: Spec) -> None:
    compiled = compile_spec(spec(**SOUNDS, augment=WAVES))
    rows = np.array([4, 0, 7])
    waves = maker(compiled).samples(1, rows)
    assert waves.shape == (3, 2000, 1)
    assert compiled.data.source is not None
    assert np.abs(waves - compiled.data.source.inputs[rows]).max() > 0.01
    read = batch(compiled, rows)
    assert read.shape == (3, *READ)
    np.testing.assert_array_equal(read, compiled.data.pipeline.transform(waves))


def test_validation_and_what_is_learned_see_plain_waveforms(spec: Spec) -> None:
    changed, plain = (compile_spec(spec(**SOUNDS, augment=each)).data for each in (WAVES, []))
    assert changed.validation is not None and plain.validation is not None
    np.testing.assert_array_equal(changed.validation.inputs, plain.validation.inputs)
    for name, learned in plain.pipeline.state().items():
        np.testing.assert_array_equal(changed.pipeline.state()[name], learned)


def test_masks_come_behind_preprocessing(spec: Spec) -> None:
    masks = {"spec_augment": {"value": 7.5, "time_width": 0.5}}
    compiled = compile_spec(spec(**SOUNDS, augment=["gain", masks]))
    plain = compile_spec(spec(**SOUNDS, augment=["gain"]))
    rows = np.arange(10)
    masked, read = batch(compiled, rows), batch(plain, rows)
    hidden = masked == 7.5
    assert 0.05 < hidden.mean() < 0.9
    np.testing.assert_array_equal(masked[~hidden], read[~hidden])
    np.testing.assert_array_equal(maker(compiled).samples(1, rows), maker(plain).samples(1, rows))


def test_a_sample_is_the_same_in_any_batch(spec: Spec) -> None:
    compiled = compile_spec(spec(**SOUNDS, augment=[*WAVES, "reverb", "mixup", "spec_augment"]))
    make, rows = maker(compiled), np.arange(12)
    whole, some = (
        (np.empty((n, *READ), np.float32), np.empty((n, 2), np.float32)) for n in (12, 1)
    )
    make(3, rows, *whole)
    for row in rows:
        make(3, rows[row : row + 1], *some)
        np.testing.assert_array_equal(some[0][0], whole[0][row])
        np.testing.assert_array_equal(some[1][0], whole[1][row])


def test_threads_change_no_bit(spec: Spec, monkeypatch: pytest.MonkeyPatch) -> None:
    path, found = spec(**SOUNDS, augment=[*WAVES, "spec_augment"]), []
    for threads in ("1", "2"):
        monkeypatch.setenv("DLRUN_THREADS", threads)
        session = Session(compile_spec(path))
        for _ in session.run(Stop()):
            pass
        found.append(session.last)
    np.testing.assert_array_equal(*found)


STRETCHED = ["time_stretch", "pitch_shift", "gain"]


@pytest.mark.parametrize("which", ["numpy", "numba"])
def test_threads_and_batches_change_no_bit_of_stretched_sounds(
    spec: Spec, which: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DLRUN_KERNELS", which)
    path, found = spec(**SOUNDS, augment=STRETCHED), []
    for threads in ("1", "3"):
        monkeypatch.setenv("DLRUN_THREADS", threads)
        found.append(batch(compile_spec(path), np.arange(9)))
    np.testing.assert_array_equal(*found)
    one = batch(compile_spec(path), np.arange(7, 8))
    np.testing.assert_array_equal(one[0], found[0][7])


def test_stretching_is_compiled_for_small_networks_too(
    spec: Spec, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A dense layer is not worth loading Numba, stretching is; DLRUN_KERNELS decides over both."""

    def of(*augmentations: object) -> tuple[str, str]:
        compiled = compile_spec(spec(**SOUNDS, augment=list(augmentations)))
        network = Session(compiled).network
        return network.kernels.which, augmenting_kernels(compiled, network).which

    assert of("gain", "speed") == ("numpy", "numpy")
    assert of("gain", "time_stretch") == of("pitch_shift") == ("numpy", "numba")
    monkeypatch.setenv("DLRUN_KERNELS", "numpy")
    assert of("time_stretch") == ("numpy", "numpy")
    monkeypatch.setenv("DLRUN_KERNELS", "numba")
    assert of("gain") == ("numba", "numba")


def test_a_run_predicts_from_waveforms(spec: Spec, tmp_path: Path) -> None:
    run = dlrun.train(spec(**SOUNDS, augment=WAVES), runs=tmp_path / "runs")
    data = compile_spec(spec(**SOUNDS)).data
    assert data.validation is not None
    high = np.sin(2 * np.pi * 1500 * np.arange(2000) / RATE)[None, :, None]
    assert run.predict(0.3 * high).shape == (1, 2)
    assert run.classes == ("high", "low")


def test_faults_of_sounds_have_their_place(spec: Spec, sounds: Path) -> None:
    def faults(**keys: Any) -> list[str]:
        with pytest.raises(SpecError) as caught:
            compile_spec(spec(**{**SOUNDS, **keys}))
        return [line.partition(": ")[2] for line in caught.value.faults]

    assert faults(augment=["spec_augment", "gain"]) == [
        "gain runs before data.preprocess, but spec_augment runs after it; put gain first"
    ]
    (said,) = faults(augment=["spec_augment"], data={**DATA, "preprocess": []})
    assert said.startswith("spec_augment masks spectrograms, (frames, bands), but samples are 2000")
    (said,) = faults(augment=[{"background_noise": "noises"}])
    assert "noises: No such file" in said
    (said,) = faults(
        augment=["reverb"],
        data={"source": "adding"},
        loss="mse",
        metrics=[],
        model=["flatten", {"dense": 1}],
    )
    assert said == "reverb needs the sample rate of waveforms; use the source audio"
    (sounds / "low" / "0.wav").write_bytes(b"RIFF")
    (said,) = faults()
    assert said.startswith("sounds/low/0.wav: not a sound file that can be read")


def test_paths_of_augmentations_start_at_the_spec(spec: Spec, tmp_path: Path, sounds: Path) -> None:
    path = spec(**SOUNDS, augment=[{"background_noise": "sounds/low"}, {"gain": 3}])
    run = dlrun.train(path, runs=tmp_path / "elsewhere")
    resolved = (run.path / "resolved.yaml").read_text()
    assert str(tmp_path / "sounds" / "low") in resolved
    assert len(run.metrics["train.loss"]) == 2
