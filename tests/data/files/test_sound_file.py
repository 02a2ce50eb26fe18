"""Sound files that tell nothing or nonsense of their length, and files against second readers."""

from __future__ import annotations

import shutil
import struct
import subprocess
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
import soundfile
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from scipy.io import wavfile
from sound_cases import RATE, read, resized, sound

from dlrun.arrays import Array
from dlrun.data.files.form import FileError
from dlrun.data.files.mpeg_audio import counted

LAME_DELAY, DECODER_DELAY = 576, 529
"""Samples that LAME and decoders of MP3 put before a sound; LAME's own header has them removed."""


def uneven(rate: int = RATE, *, loud_first: bool, channels: int = 1) -> Array:
    """Noise and nearly nothing, of which an encoder makes large and small frames."""
    random = np.random.default_rng(0)
    loud = 0.2 * random.normal(size=rate)
    quiet = 0.1 * np.sin(np.arange(2 * rate) * 0.05)
    both = (loud, quiet) if loud_first else (quiet, loud)
    return np.tile(np.concatenate(both)[:, None], (1, channels)).astype(np.float32)


def mp3(values: Array, rate: int = RATE, mode: str = "VARIABLE") -> bytes:
    file = BytesIO()
    soundfile.write(file, values, rate, format="MP3", bitrate_mode=mode, compression_level=0.5)
    return file.getvalue()


def bare(content: bytes, rate: int = RATE) -> bytes:
    """Without the first frame, which holds the encoder's header and no sound."""
    places = [at for at in range(1, 3000) if content[at : at + 2] == content[:2]]
    assert b"Info" in content[: places[0]] or b"Xing" in content[: places[0]]
    return content[places[0] :]


ID3 = b"ID3\x03\0\0\0\0\x02\x01" + b"\xff\xfb\x90\x64" * 64 + b"\0"
TAG = b"TAG" + b"x" * 125


@pytest.mark.parametrize("rate", [44_100, 16_000, 8000])
@pytest.mark.parametrize("mode", ["VARIABLE", "CONSTANT"])
@pytest.mark.parametrize("loud_first", [True, False])
def test_an_mp3_without_a_header_is_decoded_to_its_end(
    tmp_path: Path, rate: int, mode: str, loud_first: bool
) -> None:
    content = mp3(uneven(rate, loud_first=loud_first), rate, mode)
    whole, path = tmp_path / "whole.mp3", tmp_path / "bare.mp3"
    whole.write_bytes(content)
    expected = read(whole, rate)
    assert len(expected) == 3 * rate
    delay = LAME_DELAY + DECODER_DELAY
    for begin, end in ((b"", b""), (ID3, b""), (b"", TAG), (ID3, TAG)):
        path.write_bytes(begin + bare(content) + end)
        found = read(path, rate)
        assert 0 <= len(found) - delay - len(expected) < 3 * 1152
        np.testing.assert_allclose(found[delay : delay + len(expected)], expected, atol=1e-5)


@pytest.mark.parametrize("tagged", [True, False])
def test_mp3s_one_after_the_other_are_decoded_to_the_end(tmp_path: Path, tagged: bool) -> None:
    first, second = (mp3(uneven(loud_first=each)) for each in (True, False))
    path = tmp_path / "both.mp3"
    parts = (first, second) if tagged else (bare(first), ID3, bare(second))
    path.write_bytes(b"".join(parts))
    found = read(path)
    assert abs(len(found) - 6 * RATE) < 6000
    # Noise is at the beginning of the first and at the end of the second.
    loud = np.sqrt([np.square(part).mean() for part in np.array_split(found, 6)])
    assert (loud[[0, 5]] > 0.15).all() and (loud[1:5] < 0.1).all()


def test_an_mp3_whose_header_tells_of_more_is_cut_short(tmp_path: Path) -> None:
    content = mp3(uneven(loud_first=True))
    path = tmp_path / "cut.mp3"
    path.write_bytes(content[: len(content) // 2])
    with pytest.raises(FileError, match="cut short: it declares 132300 frames"):
        read(path)
    assert counted(content) is None


@pytest.mark.skipif(shutil.which("mpg123") is None, reason="mpg123 is not installed")
@pytest.mark.parametrize("channels", [1, 2])
def test_a_second_decoder_finds_the_same(tmp_path: Path, channels: int) -> None:
    path = tmp_path / "bare.mp3"
    path.write_bytes(bare(mp3(uneven(loud_first=False, channels=channels))))
    raw = subprocess.run(["mpg123", "-q", "-s", path], capture_output=True, check=True).stdout
    expected = np.frombuffer(raw, "<i2").reshape(-1, channels).mean(axis=1) / 32768
    np.testing.assert_allclose(read(path), expected, atol=1e-4)


@pytest.mark.parametrize("size", [0xFFFFFFFF, 0x7FFFFFDB, 0x7FFFF000, 0x80000000, 0x7FFFFFFF, 0])
@pytest.mark.parametrize("subtype", ["PCM_16", "PCM_24", "FLOAT"])
def test_wav_that_was_written_to_a_pipe(tmp_path: Path, size: int, subtype: str) -> None:
    content, values = sound("WAV", subtype)
    path = tmp_path / "a.wav"
    path.write_bytes(resized(resized(content, b"data", size), b"RIFF", size))
    np.testing.assert_allclose(read(path, 8000), values, atol=2**-15)


@pytest.mark.parametrize("size", [0xFFFFFFFF, 0x7F000000, 0])
def test_aiff_that_was_written_to_a_pipe(tmp_path: Path, size: int) -> None:
    content, values = sound("AIFF")
    path = tmp_path / "a.aiff"
    path.write_bytes(resized(content, b"SSND", size, ">"))
    np.testing.assert_allclose(read(path, 8000), values, atol=2**-15)


def with_total(content: bytes, total: int) -> bytes:
    changed = bytearray(content)
    changed[21] &= 0xF0
    changed[22:26] = struct.pack(">I", total)
    return bytes(changed)


@pytest.mark.parametrize("total", [0, 100, 5000])
def test_flac_of_unknown_or_wrong_length(tmp_path: Path, total: int) -> None:
    content, values = sound("FLAC")
    path = tmp_path / "a.flac"
    path.write_bytes(with_total(content, total))
    np.testing.assert_allclose(read(path, 8000), values, atol=2**-15)
    path.write_bytes(with_total(content, total)[: len(content) // 2])
    with pytest.raises(FileError):
        read(path, 8000)


@pytest.mark.parametrize("subtype", ["VORBIS", "OPUS"])
def test_streams_of_ogg_in_a_chain_are_all_decoded(tmp_path: Path, subtype: str) -> None:
    content, _ = sound("OGG", subtype)
    path = tmp_path / "a.ogg"
    path.write_bytes(content)
    single = read(path, 8000)
    path.write_bytes(3 * content)
    np.testing.assert_array_equal(read(path, 8000), np.tile(single, 3))


def wav(values: Array, rate: int, subtype: str, extensible: bool, extra: bytes | None) -> bytes:
    """A WAV file byte by byte; values are those of its numbers."""
    bits = int(subtype[1:])
    flat = values.reshape(-1)
    if subtype == "i24":
        raw = np.ascontiguousarray(flat.astype("<i4").view("u1").reshape(-1, 4)[:, :3]).tobytes()
    else:
        raw = flat.astype({"u8": "u1"}.get(subtype, f"<{subtype[0]}{bits // 8}")).tobytes()
    kind, channels = (3 if subtype[0] == "f" else 1), values.shape[1]
    block = channels * bits // 8
    form = struct.pack("<HIIHH", channels, rate, rate * block, block, bits)
    if extensible:
        guid = struct.pack("<H", kind) + bytes.fromhex("000000001000800000aa00389b71")
        form = struct.pack("<H", 0xFFFE) + form + struct.pack("<HHI", 22, bits, 0) + guid
    else:
        form = struct.pack("<H", kind) + form
    chunks = [(b"fmt ", form), (b"data", raw)]
    if extra is not None:
        chunks.insert(1, (b"LIST", extra))
    body = b"".join(
        name + struct.pack("<I", len(each)) + each + b"\0" * (len(each) % 2)
        for name, each in chunks
    )
    return b"RIFF" + struct.pack("<I", 4 + len(body)) + b"WAVE" + body


SCALES = {"u8": 128.0, "i16": 2.0**15, "i24": 2.0**31, "i32": 2.0**31, "f32": 1.0, "f64": 1.0}
"""What SciPy's numbers are divided by; of 24 bits it gives the upper ones of 32."""

files = st.fixed_dictionaries(
    {
        "subtype": st.sampled_from(sorted(SCALES)),
        "length": st.integers(1, 3000),
        "channels": st.integers(1, 7),
        "rate": st.sampled_from([100, 8000, 11_025, 37_800, 44_100, 96_000, 192_000, 1_000_000]),
        "extensible": st.booleans(),
        "extra": st.none() | st.binary(max_size=9),
        "seed": st.integers(0, 99),
    }
)


def compare(folder: Path, file: dict[str, object]) -> None:
    random = np.random.default_rng(int(str(file["seed"])))
    subtype, size = str(file["subtype"]), (file["length"], file["channels"])
    bits = int(subtype[1:])
    if subtype[0] == "f":
        values = random.uniform(-1.5, 1.5, size)
    elif subtype == "u8":
        values = random.integers(0, 256, size)
    else:
        values = random.integers(-(2 ** (bits - 1)), 2 ** (bits - 1), size)
    path, rate = folder / "a.wav", int(str(file["rate"]))
    extra = file["extra"]
    assert extra is None or isinstance(extra, bytes)
    path.write_bytes(wav(values, rate, subtype, bool(file["extensible"]), extra))
    found = read(path, rate)
    known, theirs = wavfile.read(path)
    assert known == rate
    second = theirs.reshape(values.shape).astype(np.float64)
    second = (second - 128 if subtype == "u8" else second) / SCALES[subtype]
    np.testing.assert_allclose(found, second.mean(axis=1), atol=1e-6)
    third, _ = soundfile.read(path, dtype="float64", always_2d=True)
    np.testing.assert_allclose(found, third.mean(axis=1), atol=1e-6)


same_folder = settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@same_folder
@example(
    file={
        "subtype": "i24",
        "length": 1,
        "channels": 5,
        "rate": 8000,
        "extensible": True,
        "extra": b"odd",
        "seed": 0,
    }
)
@given(file=files)
def test_wav_is_what_scipy_and_libsndfile_read(tmp_path: Path, file: dict[str, object]) -> None:
    compare(tmp_path, file)


@pytest.mark.slow
@settings(parent=same_folder, max_examples=1500)
@given(file=files)
def test_much_wav_is_what_scipy_and_libsndfile_read(
    tmp_path: Path, file: dict[str, object]
) -> None:
    compare(tmp_path, file)


@pytest.mark.skipif(shutil.which("sox") is None, reason="sox is not installed")
@pytest.mark.parametrize("form", ["wav", "flac", "aiff"])
def test_what_sox_writes_to_a_pipe(tmp_path: Path, form: str) -> None:
    command = ["sox", "-n", "-r", "8000", "-b", "16", "-t"]
    tone = ["synth", "1", "sine", "440", "gain", "-6"]
    piped = subprocess.run([*command, form, "-", *tone], capture_output=True, check=True).stdout
    path = tmp_path / f"a.{form}"
    path.write_bytes(piped)
    expected = 10 ** (-6 / 20) * np.sin(2 * np.pi * 440 * np.arange(8000) / 8000)
    found = read(path, 8000)
    assert found.shape == expected.shape  # at both ends sox's filter is heard
    np.testing.assert_allclose(found[100:-100], expected[100:-100], atol=1e-3)
