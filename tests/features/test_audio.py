"""Sounds to tensors and back, whole and broken."""

import io
import struct
import tracemalloc
import zipfile

import numpy as np
import pytest
import soundfile
from hypothesis import given
from hypothesis import strategies as st

from dlsuite.features import content
from dlsuite.features.audio import Audio
from dlsuite.features.sound import read_sound


def tone(rate: int, seconds: float = 0.5, hertz: float = 440.0) -> np.ndarray:
    return (0.5 * np.sin(2 * np.pi * hertz * np.arange(int(rate * seconds)) / rate)).astype(np.float32)


def as_bytes(samples: np.ndarray, rate: int, subtype: str = "PCM_16", kind: str = "WAV") -> bytes:
    buffer = io.BytesIO()
    soundfile.write(buffer, samples, rate, subtype=subtype, format=kind)
    return buffer.getvalue()


def pitch(samples: np.ndarray, rate: int) -> float:
    spectrum = np.abs(np.fft.rfft(samples * np.hanning(len(samples)), 8 * len(samples)))
    return float(spectrum.argmax() * rate / (8 * len(samples)))


@pytest.mark.parametrize("rate", [4000, 8000, 11025, 16000, 22050, 44100, 48000, 96000, 192000])
def test_every_rate_becomes_the_same_tone(rate):
    samples = Audio(seconds=1.0, rate=16000).encode(as_bytes(tone(rate), rate))
    assert len(samples) == pytest.approx(8000, abs=2)
    assert pitch(samples, 16000) == pytest.approx(440, abs=1)
    assert np.abs(samples[500:-500]).max() == pytest.approx(0.5, abs=0.01)


@pytest.mark.parametrize("channels", range(1, 9))
def test_channels_are_averaged(channels):
    each = np.linspace(0.1, 0.8, channels)
    samples = np.tile(each, (100, 1)).astype(np.float32)
    mixed = Audio(seconds=1.0, rate=8000).encode(as_bytes(samples, 8000))
    np.testing.assert_allclose(mixed, each.mean(), atol=1e-4)


@pytest.mark.parametrize(
    ("kind", "subtype", "tolerance"),
    [
        ("WAV", "PCM_U8", 8e-3), ("WAV", "PCM_16", 1e-4), ("WAV", "PCM_24", 1e-4), ("WAV", "PCM_32", 1e-4),
        ("WAV", "FLOAT", 1e-4), ("WAV", "DOUBLE", 1e-4), ("WAV", "ULAW", 2e-2), ("WAVEX", "PCM_16", 1e-4),
        ("FLAC", "PCM_16", 1e-4), ("FLAC", "PCM_24", 1e-4), ("OGG", "VORBIS", 5e-2),
    ],
)  # fmt: skip
def test_formats(kind, subtype, tolerance):
    expected = tone(8000)
    samples = Audio(seconds=1.0, rate=8000).encode(as_bytes(expected, 8000, subtype, kind))
    np.testing.assert_allclose(samples, expected, atol=tolerance)


def test_a_file_its_bytes_its_path_and_its_member_of_an_archive_are_one(tmp_path):
    path = tmp_path / "a.wav"
    path.write_bytes(as_bytes(tone(8000), 8000))
    with zipfile.ZipFile(tmp_path / "all.zip", "w") as archive:
        archive.write(path, "in/a.wav")
    member = zipfile.Path(zipfile.ZipFile(tmp_path / "all.zip")) / "in" / "a.wav"
    feature = Audio(seconds=1.0, rate=8000)
    whole = soundfile.read(path, dtype="int16")[0]
    for raw in (path, str(path), path.read_bytes(), member, whole, whole[:, None], whole.astype(np.float64) / 32768):
        np.testing.assert_array_equal(feature.load(raw), whole)


def test_the_tensor_is_what_is_kept_scaled_and_decode_undoes_it():
    feature, raw = Audio(seconds=1.0, rate=8000), tone(8000)
    scale, offset = feature.affine()
    np.testing.assert_array_equal(feature.load(raw) * scale + offset, feature.encode(raw))
    np.testing.assert_array_equal(feature.decode(feature.encode(raw)), feature.load(raw))
    assert feature.load(raw).dtype == np.int16 and feature.encode(raw).dtype == np.float32
    assert feature.facts_fitted() == {"shape": [8000], "rate": 8000, "seconds": 1.0}


def test_a_sound_is_shown_as_a_file_that_reads_back():
    feature = Audio(seconds=1.0, rate=8000)
    raw = as_bytes(tone(16000), 16000, kind="FLAC")
    media = feature.show(raw)
    assert media.suffix == ".wav"
    np.testing.assert_array_equal(feature.load(media.data), feature.load(raw))


def test_arrays_are_of_the_rate_that_the_data_set_declares():
    feature = Audio(seconds=1.0, rate=16000)
    feature.expect({"rate": 8000})
    assert pitch(feature.encode(tone(8000)), 16000) == pytest.approx(440, abs=1)


def test_longer_sounds_are_cut_or_refused():
    raw = as_bytes(tone(8000, 2.0), 8000)
    cut = Audio(seconds=0.5, rate=8000).encode(raw)
    np.testing.assert_allclose(cut, tone(8000, 0.5), atol=1e-4)
    strict = Audio(seconds=0.5, rate=8000, longer="refuse")
    assert len(strict.encode(as_bytes(tone(8000, 0.5), 8000))) == 4000
    with pytest.raises(ValueError, match=r"longer than 0\.5 s"):
        strict.encode(raw)


def test_louder_than_loud_is_clipped():
    samples = Audio(seconds=1.0, rate=8000).encode(as_bytes(np.array([3.0, -3.0] * 50, np.float32), 8000, "FLOAT"))
    np.testing.assert_allclose(samples, np.array([1.0, -1.0] * 50), atol=1e-4)


def header(rate: int = 8000, channels: int = 1, bits: int = 16, declared: int = 4, kind: int = 1) -> bytes:
    block = channels * bits // 8
    chunk = struct.pack("<HHIIHH", kind, channels, rate, rate * block & 0xFFFFFFFF, block & 0xFFFF, bits)
    data = b"data" + struct.pack("<I", declared & 0xFFFFFFFF)
    return b"RIFF" + struct.pack("<I", 0xFFFFFFFF) + b"WAVEfmt " + struct.pack("<I", 16) + chunk + data


BROKEN = {
    "nothing": b"",
    "no sound": b"\x89PNG\r\n\x1a\n" + bytes(100),
    "text": b"hello" * 100,
    "only a name": b"RIFF",
    "cut header": header()[:30],
    "no samples": as_bytes(np.zeros(0, np.float32), 8000),
    "rate 0": header(rate=0) + bytes(4),
    "rate 1": header(rate=1) + bytes(4),
    "rate of gigahertz": header(rate=2_000_000_000) + bytes(4),
    "no channels": header(channels=0) + bytes(4),
    "40 channels": header(channels=40, declared=800) + bytes(800),
    "65535 channels": header(channels=65535) + bytes(4),
    "0 bits": header(bits=0) + bytes(4),
    "unknown coding": header(kind=0x1234) + bytes(4),
    "cut flac": as_bytes(tone(8000), 8000, kind="FLAC")[:60],
    "not numbers": as_bytes(np.array([np.nan, np.inf], np.float32), 8000, "FLOAT"),
    "a number": 7,
    "none": None,
    "a list": [0.1, 0.2],
    "a matrix of many columns": np.zeros((4, 400), np.float32),
    "a cube": np.zeros((2, 2, 2), np.float32),
    "an empty array": np.zeros(0, np.float32),
    "long integers": np.zeros(10, np.int64),
    "words": np.array(["a", "b"]),
    "no file": "/nowhere/at/all.wav",
}


@pytest.mark.parametrize("raw", BROKEN.values(), ids=BROKEN)
def test_what_is_no_sound_is_refused_in_words(raw):
    with pytest.raises(ValueError) as refused:
        Audio(seconds=1.0, rate=8000).encode(raw)
    assert str(refused.value)


def test_one_sample_is_a_sound():
    feature = Audio(seconds=1.0, rate=8000)
    assert feature.encode(as_bytes(np.array([0.25], np.float32), 8000)) == pytest.approx([0.25], abs=1e-4)
    with pytest.raises(ValueError, match="shorter than one sample"):
        feature.encode(as_bytes(np.array([0.25], np.float32), 192000))


@pytest.mark.parametrize("declared", [0x7FFFFFFF, 0xFFFFFFF0, 0xFFFFFFFF])
def test_a_huge_declared_size_takes_no_memory(declared):
    raw = header(declared=declared) + np.arange(100, dtype=np.int16).tobytes()
    tracemalloc.start()
    samples = Audio(seconds=600, rate=8000).load(raw)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    np.testing.assert_array_equal(samples, np.arange(100))
    assert peak < 8 << 20


def test_no_more_is_decoded_than_wanted():
    silence = as_bytes(np.zeros(8000 * 600, np.float32), 8000, kind="FLAC")  # ten minutes in a few kilobytes
    assert len(silence) < 1 << 18
    assert len(read_sound(silence, 8000, 1.0)) == 8001


def test_large_files_are_refused_before_they_are_read(tmp_path, monkeypatch):
    monkeypatch.setattr(content, "BYTES", 1000)
    path = tmp_path / "long.wav"
    path.write_bytes(as_bytes(tone(8000), 8000))
    for raw in (path, path.read_bytes()):
        with pytest.raises(ValueError, match="more than 1,000"):
            Audio(seconds=1.0).encode(raw)


@given(
    st.sampled_from(["WAV", "FLAC", "OGG"]),
    st.lists(st.tuples(st.integers(0, 200), st.integers(0, 255)), min_size=1, max_size=6),
    st.integers(0, 4000),
)
def test_damaged_files(kind, changes, cut):
    damaged = bytearray(FILES[kind])
    for place, value in changes:
        damaged[place % len(damaged)] = value
    try:
        samples = Audio(seconds=0.5, rate=8000).encode(bytes(damaged[: len(damaged) - cut % 64]))
        assert samples.ndim == 1 and 0 < len(samples) <= 4000 and np.abs(samples).max() <= 1
    except ValueError as error:
        assert str(error)


FILES = {
    kind: as_bytes(tone(8000), 8000, "VORBIS" if kind == "OGG" else "PCM_16", kind) for kind in ("WAV", "FLAC", "OGG")
}


@pytest.mark.parametrize("arguments", [{"seconds": 0.0}, {"seconds": 1e9}, {"seconds": 1.0, "rate": 10}])
def test_impossible_settings_are_refused(arguments):
    with pytest.raises(ValueError, match=r"seconds is|rate is"):
        Audio(**arguments)
