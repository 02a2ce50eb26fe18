"""Sound files that tell nothing or nonsense of their length, and files against second readers."""

from __future__ import annotations

import struct
import warnings
from pathlib import Path

import numpy as np
import pytest
import soundfile
from sound_cases import read, resized, sound

from dlrun.data.files.form import FileError
from dlrun.data.files.waveform import read_waveform


def test_sounds_with_less_than_they_declare_are_cut_short(tmp_path: Path) -> None:
    path = tmp_path / "a.wav"
    for form in ("WAV", "RF64"):
        content, _ = sound(form)
        path.write_bytes(content[:4000])
        with pytest.raises(FileError, match="cut short: it declares 10,000 bytes of sound"):
            read(path, 8000)


def test_more_sound_than_a_header_declares_is_named(tmp_path: Path) -> None:
    content, values = sound("WAV")
    path = tmp_path / "a.wav"
    path.write_bytes(resized(content, b"data", 100))
    with pytest.raises(FileError, match="it declares 100 bytes of sound, but 9,900 bytes follow"):
        read(path, 8000)
    path.write_bytes(content + b"LIST" + struct.pack("<I", 4000) + b"INFO" + bytes(3996))
    np.testing.assert_allclose(read(path, 8000), values, atol=2**-15)
    path.write_bytes(resized(content, b"data", 0)[:44] + b"LIST\4\0\0\0INFO")
    with pytest.raises(FileError, match="it contains no sound"):
        read(path, 8000)


def test_what_is_no_number_is_read_without_a_warning(tmp_path: Path) -> None:
    """A signalling NaN, and a mean of two channels that float32 cannot hold."""
    values = np.zeros((8, 2), np.float32)
    values[3] = 3e38
    values.view(np.uint32)[5] = 0x7F800001
    soundfile.write(tmp_path / "a.wav", values, 8000, subtype="FLOAT")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        read, _ = read_waveform(tmp_path / "a.wav")
    assert np.flatnonzero(~np.isfinite(read)).tolist() == [3, 5]
