import os
import struct
from pathlib import Path

import numpy as np
import pytest
import soundfile
from scipy.signal import resample_poly

from dlrun.data.files import array_file
from dlrun.data.files.sound_file import SoundForm
from dlrun.data.samples import Lazy
from dlrun.data.sources.audio import Audio
from dlrun.errors import DataError

RATE = 8000
SPEECH = Path("/usr/share/asterisk/sounds/en_US_f_Allison")


@pytest.fixture(autouse=True)
def cache(tmp_path, monkeypatch):
    monkeypatch.setenv("DLRUN_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache" / "recordings"


def tone(hertz=440.0, seconds=0.25, rate=RATE, level=0.5):
    return (level * np.sin(2 * np.pi * hertz * np.arange(round(seconds * rate)) / rate)).astype(
        "f4"
    )


def save(path, values=None, rate=RATE, subtype=None):
    path.parent.mkdir(parents=True, exist_ok=True)
    soundfile.write(path, tone() if values is None else values, rate, subtype=subtype)


@pytest.fixture
def sounds(tmp_path):
    """Two tones of a class and three of another, and what is no recording."""
    for name, hertz in (("low/a.wav", 200), ("low/b.flac", 300), ("high/x.WAV", 1000)):
        save(tmp_path / "sounds" / name, tone(hertz))
    for name, hertz in (("high/deep/y.ogg", 1500), ("high/z.aiff", 2000), (".hidden/q.wav", 99)):
        save(tmp_path / "sounds" / name, tone(hertz))
    (tmp_path / "sounds" / "low" / "notes.txt").write_text("no sound")
    return tmp_path / "sounds"


def load(folder, **options):
    return Audio(path="sounds", **{"rate": RATE, **options}).load(0, folder.parent)


def refusal(folder, **options):
    with pytest.raises(DataError) as raised:
        load(folder, **options)
    return str(raised.value)


def peak(values, rate):
    """Hz of the strongest part of a waveform."""
    spectrum = np.abs(np.fft.rfft(values * np.hanning(len(values)), 1 << 18))
    return np.argmax(spectrum) * rate / (1 << 18)


def test_a_folder_is_a_class(sounds):
    data = load(sounds)
    assert data.inputs.shape == (5, 2000, 1) and data.inputs.dtype == np.float32
    assert data.classes == ("high", "low") and data.targets.tolist() == [0, 0, 0, 1, 1]
    assert data.rate == RATE
    # Ogg is lossy, the others have 16 bits.
    heard = [peak(each[:, 0], RATE) for each in data.inputs]
    np.testing.assert_allclose(heard, [1500, 1000, 2000, 200, 300], rtol=0.01)
    np.testing.assert_allclose(data.inputs[3, :, 0], tone(200), atol=1 / 32768)


@pytest.mark.parametrize(
    ("name", "subtype", "exact"),
    [
        ("a.wav", "PCM_U8", 1 / 127),
        ("a.wav", "PCM_16", 1 / 32767),
        ("a.wav", "PCM_24", 2**-22),
        ("a.wav", "PCM_32", 2**-23),
        ("a.wav", "FLOAT", 0.0),
        ("a.wav", "DOUBLE", 0.0),
        ("a.wav", "ULAW", 0.03),
        ("a.flac", "PCM_24", 2**-22),
        ("a.mp3", "MPEG_LAYER_III", 1.0),
    ],
)
def test_every_kind_of_number(sounds, name, subtype, exact):
    (sounds / "low" / "a.wav").unlink()
    save(sounds / "low" / name, tone(350), subtype=subtype)
    data = load(sounds, length=0.25)
    np.testing.assert_allclose(data.inputs[3, :, 0], tone(350), atol=exact)


def test_channels_are_averaged(sounds):
    stereo = np.stack((tone(400), 0.2 * tone(900)), axis=1)
    save(sounds / "low" / "a.wav", stereo, subtype="FLOAT")
    np.testing.assert_allclose(load(sounds).inputs[3, :, 0], stereo.mean(axis=1), atol=1e-7)


@pytest.mark.parametrize("rate", [11_025, 16_000, 44_100, 4000])
def test_other_rates_are_resampled(sounds, rate):
    save(sounds / "low" / "a.wav", tone(350, rate=rate), rate, "DOUBLE")
    found = load(sounds, length=0.25).inputs[3, :, 0]
    np.testing.assert_allclose(found[100:-100], tone(350)[100:-100], atol=2e-3)
    common = np.gcd(rate, RATE)
    expected = resample_poly(tone(350, rate=rate).astype("f8"), RATE // common, rate // common)
    np.testing.assert_allclose(found[: len(expected)], expected[: len(found)], atol=1e-6)


def test_what_a_rate_cannot_hold_is_gone(sounds):
    save(sounds / "low" / "a.wav", tone(3000, rate=8000), 8000)
    found = load(sounds, rate=4000, length=0.25).inputs[3, :, 0]
    assert np.abs(found[50:-50]).max() < 0.01  # instead of a tone of 1000 Hz


@pytest.mark.parametrize(("align", "at"), [("start", 0), ("center", 50)])
def test_recordings_get_a_length(sounds, align, at):
    data = load(sounds, length=0.25 + 100 / RATE, align=align)
    assert data.inputs.shape == (5, 2100, 1)
    np.testing.assert_allclose(data.inputs[3, at : at + 2000, 0], tone(200), atol=1 / 32768)
    assert not data.inputs[3, at + 2000 :].any() and not data.inputs[3, :at].any()
    short = load(sounds, length=0.25 - 100 / RATE, align=align)
    np.testing.assert_array_equal(short.inputs[3], load(sounds).inputs[3, at : at + 1900])


def test_several_lengths_need_one(sounds):
    save(sounds / "low" / "c.wav", tone(200, 0.5))
    said = refusal(sounds)
    assert said == "sounds/low/c.wav: 0.5 s long, others are 0.25 s; set data.source.length"
    with pytest.raises(ValueError, match="length must be at least one sample, 1/8000 s"):
        load(sounds, length=1e-5)


def broken(sounds, how):
    path = sounds / "low" / "a.wav"
    content = path.read_bytes()
    match how:
        case "empty":
            path.write_bytes(b"")
        case "text":
            path.write_text("no sound at all")
        case "header":
            path.write_bytes(content[:30])
        case "silent":
            save(path, tone(seconds=0))
        case "truncated":
            path.write_bytes(content[:1000])
        case "rate":
            path.write_bytes(content[:24] + struct.pack("<I", 0x7FFF_FFFF) + content[28:])
        case "channels":
            path.write_bytes(content[:22] + struct.pack("<H", 0xFFFF) + content[24:])
        case "infinite":
            save(path, np.full(2000, np.inf, "f4"), subtype="FLOAT")
        case "flac":
            path.unlink()
            path = path.with_suffix(".flac")
            save(path, np.random.default_rng(0).normal(0, 0.1, 20_000))
            path.write_bytes(path.read_bytes()[:9000])
        case "flac absurd":
            path.unlink()
            path = path.with_suffix(".flac")
            save(path)
            changed = bytearray(path.read_bytes())
            changed[21:26] = bytes((changed[21] | 0x0F, 255, 255, 255, 255))  # of 36 bits
            path.write_bytes(changed)
        case "aiff":
            path = sounds / "low" / "a.aiff"
            save(path)
            (sounds / "low" / "a.wav").unlink()
            path.write_bytes(path.read_bytes()[:1000])
        case "gone":
            path.unlink()
            path.symlink_to(sounds / "nothing.wav")
        case "pipe":
            path.unlink()
            os.mkfifo(path)
    return f"sounds/low/{path.name}"


FAULTS = [
    ("empty", "not a sound file that can be read"),
    ("text", "not a sound file that can be read"),
    ("header", "not a sound file that can be read"),
    ("silent", "it contains no sound"),
    ("truncated", "cut short: it declares 4,000 bytes of sound and has 956"),
    ("rate", "its header declares a sampling rate of 2147483647 Hz"),
    ("channels", "not a sound file that can be read"),
    ("infinite", "values that are NaN or infinite"),
    ("flac", ""),
    ("flac absurd", "cut short: it declares 68719476735 frames and has 2000"),
    ("aiff", "cut short: it declares"),
    ("gone", "a link to a file that does not exist"),
    ("pipe", "a pipe or a device instead of a file"),
]


@pytest.mark.parametrize(("how", "says"), FAULTS)
def test_unusable_files_are_named(sounds, how, says):
    name = broken(sounds, how)
    said = refusal(sounds, length=0.25)
    assert said.startswith(f"{name}: ") and says in said and "\n" not in said


@pytest.mark.parametrize("how", [how for how, _ in FAULTS])
def test_unusable_files_may_be_left_out(sounds, how):
    name = broken(sounds, how)
    for _ in range(2):  # decoded, and from the cache
        data = load(sounds, on_error="skip", length=0.25)
        assert len(data) == 4 and data.targets.tolist() == [0, 0, 0, 1]
        _, note = data.notes
        assert note.startswith(f"sounds: 1 of 5 recordings left out: {name} (")


def test_a_folder_in_itself_is_refused(sounds):
    (sounds / "low" / "again").symlink_to(sounds / "low")
    assert refusal(sounds).startswith("sounds/low/again: a link to a folder that contains it")


def test_recordings_are_decoded_once(sounds, cache, monkeypatch):
    first = load(sounds)
    assert len(list(cache.glob("*.npy"))) == 1
    monkeypatch.setattr(SoundForm, "read", None)  # nothing can be decoded any more
    np.testing.assert_array_equal(load(sounds).inputs, first.inputs)
    monkeypatch.setattr(array_file, "_LARGE", 1)
    lazy = load(sounds)
    assert isinstance(lazy.inputs, Lazy)
    np.testing.assert_array_equal(lazy.inputs[:], first.inputs)
    monkeypatch.undo()


@pytest.mark.parametrize("options", [{"rate": 4000}, {"length": 0.2}, {"length": 0.3}])
def test_other_options_are_decoded_anew(sounds, cache, options):
    load(sounds)
    load(sounds, **options)
    assert len(list(cache.glob("*.npy"))) == 2


def test_a_missing_library_is_said(sounds, monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "soundfile", None)
    said = refusal(sounds)
    assert "needs soundfile" in said and "pip install 'dlrun[audio]'" in said


@pytest.mark.parametrize("length", [1e9, 1e18])
def test_a_length_without_room_is_named(sounds, tmp_path, length):
    with pytest.raises(DataError) as caught:
        Audio(path="sounds", rate=RATE, length=length).load(0, tmp_path)
    said = str(caught.value)
    assert "GiB of disk or memory; lower data.source.length" in said


def test_a_further_folder_keeps_to_classes_and_length(sounds, tmp_path):
    source = Audio(path="sounds", rate=RATE)
    data = source.load(0, tmp_path)
    save(tmp_path / "more" / "high" / "z.wav", tone(700))
    more = source.load_file("more", tmp_path, data)
    assert more.targets.tolist() == [0] and more.classes == data.classes and more.rate == RATE
    save(tmp_path / "long" / "high" / "z.wav", tone(700, 0.5))
    with pytest.raises(DataError, match=r"recordings of shape \(4000, 1\).*set data.source.len"):
        source.load_file("long", tmp_path, data)
    save(tmp_path / "more" / "hig" / "z.wav")
    with pytest.raises(DataError, match="no class 'hig'; did you mean 'high'"):
        source.load_file("more", tmp_path, data)


def test_recordings_to_predict(sounds, tmp_path):
    source = Audio(path="sounds", rate=RATE)
    data = source.load(0, tmp_path)
    found = source.load_inputs("sounds/high", tmp_path, data)
    assert found.names == ["sounds/high/deep/y.ogg", "sounds/high/x.WAV", "sounds/high/z.aiff"]
    np.testing.assert_array_equal(found.inputs, data.inputs[:3])
    one = source.load_inputs("sounds/low/b.flac", tmp_path, data)
    np.testing.assert_array_equal(one.inputs, data.inputs[4:])


def test_a_table_has_marks_to_divide_by(sounds, tmp_path):
    text = "file,label,voice\nlow/b.flac,x,ann\nhigh/x.WAV,w,bob\n"
    (tmp_path / "labels.csv").write_text(text)
    source = Audio(path="sounds", rate=RATE, labels="labels.csv")
    data = source.load_with_columns(["voice"], 0, tmp_path)
    assert data.rate == RATE and set(data.side_columns) == {"voice"}


def test_a_table_gives_the_labels(sounds, tmp_path):
    (tmp_path / "labels.csv").write_text("file,label\nlow/b.flac,x\nhigh/x.WAV,w\nlow/a.wav,x\n")
    data = load(sounds, labels="labels.csv")
    assert data.classes == ("w", "x") and data.targets.tolist() == [1, 0, 1]
    np.testing.assert_allclose(data.inputs[2, :, 0], tone(200), atol=1 / 32768)
    (tmp_path / "hertz.csv").write_text("name,hertz\nlow/b.flac,300\nhigh/x.WAV,1e3\n")
    numbers = load(sounds, labels="hertz.csv", file="name", target="hertz", task="regression")
    assert numbers.targets.tolist() == [[300.0], [1000.0]] and numbers.classes is None


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("files,label\na,b\n", "labels.csv:1: the header has no column 'file'; did you mean"),
        ("file,label\nlow/q.wav,a\n", "labels.csv:2: column 'file': No such file"),
        ("file,label\nlow/a.wav,\n", "labels.csv:2: column 'label': the label is missing"),
    ],
)
def test_faults_of_a_table_have_their_line(sounds, tmp_path, text, says):
    (tmp_path / "labels.csv").write_text(text)
    assert refusal(sounds, labels="labels.csv").startswith(says)


@pytest.mark.skipif(not SPEECH.is_dir(), reason="asterisk-core-sounds-en-wav is not installed")
def test_recorded_speech_is_read():
    data = Audio(path=str(SPEECH), rate=16_000, length=1.0).load(0, Path())
    assert len(data) > 100 and data.sample_shape == (16_000, 1)
    assert np.isfinite(data.inputs).all() and 0.01 < np.abs(data.inputs).max() <= 1.1
