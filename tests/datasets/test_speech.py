"""Data sets of speech: real, made of one's own files, and synthetic."""

import io
import json
import os
import zipfile

import numpy as np
import pytest
import soundfile

from dlsuite.datasets.an4 import AN4
from dlsuite.datasets.audio_folder import AudioFolder
from dlsuite.datasets.audio_manifest import AudioManifest
from dlsuite.datasets.fsdd import FSDD, read_recordings
from dlsuite.datasets.speech_synthesis import PHONES, RATE, Voice, synthesise
from dlsuite.datasets.spoken_digit_strings import WORDS, SpokenDigitStrings, join_sounds
from dlsuite.datasets.synthetic_digits import SyntheticDigits
from dlsuite.features.audio import Audio
from dlsuite.spec.errors import DataError

with_data = pytest.mark.skipif(
    "DLSUITE_DATA" not in os.environ, reason="DLSUITE_DATA is not set: it names the folder of the real data sets"
)
MAN = Voice(pitch=110.0, tract=1.0, tempo=0.4, breath=0.0, fall=0.1, tilt=150.0)


def wav(samples: np.ndarray, rate: int = 8000) -> bytes:
    buffer = io.BytesIO()
    soundfile.write(buffer, samples, rate, format="WAV", subtype="PCM_16")
    return buffer.getvalue()


@with_data
def test_fsdd_has_its_official_split():
    splits = FSDD().splits()
    assert {name: len(examples) for name, examples in splits.items()} == FSDD.counts
    assert np.bincount(splits["test"].column("digit")).tolist() == [25] * 10
    assert sorted(set(splits["test"].column("speaker"))) == ["george", "jackson", "lucas", "nicolas", "theo"]
    assert splits["test"].where(0) == "0_george_0.wav"
    assert len(Audio(seconds=3.0, rate=8000).load(splits["test"][0]["audio"])) == 2384


@with_data
def test_a_speaker_is_held_out():
    splits = FSDD(held_out="theo").splits()
    assert set(splits["test"].column("speaker")) == {"theo"} and len(splits["test"]) == 500
    assert "theo" not in splits["train"].column("speaker") and len(splits["train"]) == 2000


@with_data
def test_an4_keeps_speakers_apart():
    splits = AN4().splits()
    assert {name: len(examples) for name, examples in splits.items()} == AN4.counts
    speakers = {name: set(examples.column("speaker")) for name, examples in splits.items()}
    assert (len(speakers["train"]), len(speakers["test"])) == (30, 5) and not speakers["train"] & speakers["test"]
    assert splits["test"][0]["text"] == "RUBOUT G M E F THREE NINE" and splits["train"][0]["text"] == "YES"
    assert not {*"<>()"} & set("".join([*splits["train"].column("text"), *splits["test"].column("text")]))
    assert len(Audio(seconds=10.0, rate=16000).load(splits["test"][0]["audio"])) > 16000


@with_data
def test_strings_are_made_of_recordings_of_one_split_and_one_speaker():
    strings = SpokenDigitStrings(repeats=1)
    splits = strings.splits()
    recordings = read_recordings(strings.read[0])
    known = {}
    for one in recordings:
        with one.file.open("rb") as file:
            known[soundfile.read(file, dtype="int16")[0].tobytes()] = one
    heard = {}
    for split, examples in splits.items():
        for example in examples:
            bounds = np.rint(example["times"] * 8000).astype(int)
            parts = [known[example["audio"][start:end].tobytes()] for start, end in bounds]
            assert " ".join(WORDS[one.digit] for one in parts) == example["text"]
            assert {one.speaker for one in parts} == {example["speaker"]}
            heard.setdefault(split, []).extend(parts)
    assert {split: len(parts) for split, parts in heard.items()} == {"train": 2000, "validation": 250, "test": 250}
    assert all(len(set(parts)) == len(parts) for parts in heard.values())
    assert all(one.index < 5 for one in heard["test"]) and all(5 <= one.index < 10 for one in heard["validation"])
    assert all(one.index >= 10 for one in heard["train"])
    again = SpokenDigitStrings(repeats=1).splits()["test"]
    assert list(again.column("text")) == list(splits["test"].column("text"))
    assert list(SpokenDigitStrings(seed=1).splits()["test"].column("text")) != list(again.column("text"))


def test_joined_sounds_stand_where_their_times_say():
    joined, times = join_sounds([np.array([1, 2], np.int16), np.array([3], np.int16)], np.array([3]))
    assert joined.tolist() == [1, 2, 0, 0, 0, 3] and times.tolist() == [[0, 2], [5, 6]]


@pytest.mark.parametrize("arguments", [{"shortest": 3, "longest": 2}, {"pause": [1.0, 0.5]}, {"repeats": 0}])
def test_impossible_strings_are_refused(arguments):
    with pytest.raises(ValueError, match=next(iter(arguments))):
        SpokenDigitStrings(**arguments)


@pytest.mark.parametrize("dataset", [FSDD, AN4, SpokenDigitStrings])
def test_missing_data_says_what_would_work(dataset, tmp_path, monkeypatch):
    monkeypatch.setenv("DLSUITE_DATA", str(tmp_path))
    with pytest.raises(DataError, match=rf"{dataset.__name__} is not here.*speech/.*DLSUITE_DATA.*github"):
        dataset().splits()


def test_synthetic_digits_say_that_they_are_synthetic_and_keep_speakers_apart():
    assert "SYNTHETIC" in SyntheticDigits.note and "synthetic" in SyntheticDigits.licence
    splits = SyntheticDigits(speakers=12, takes=1).splits()
    assert {name: len(examples) for name, examples in splits.items()} == {"train": 80, "validation": 20, "test": 20}
    speakers = [set(examples.column("speaker")) for examples in splits.values()]
    assert not speakers[0] & speakers[1] and not speakers[0] & speakers[2] and not speakers[1] & speakers[2]
    assert all("synthetic" in name for names in speakers for name in names)
    sounds = splits["train"].column("audio")
    assert all(sound.dtype == np.int16 and 0.2 < len(sound) / RATE < 1.0 for sound in sounds)
    again = SyntheticDigits(speakers=12, takes=1).splits()["train"].column("audio")
    assert all(np.array_equal(one, other) for one, other in zip(sounds, again, strict=True))


def test_synthetic_digits_by_default_are_as_many_as_declared():
    splits = SyntheticDigits().splits()
    assert {name: len(examples) for name, examples in splits.items()} == SyntheticDigits.counts


@pytest.mark.parametrize("vowel", ["IY", "AA", "UW", "EH", "AO"])
def test_a_vowel_resounds_at_its_formants(vowel):
    (sound,) = synthesise([[vowel]], [MAN], np.random.default_rng(0))
    middle = sound[len(sound) // 4 : 3 * len(sound) // 4]
    power = np.abs(np.fft.rfft(middle * np.hanning(len(middle)))) ** 2
    hertz = np.fft.rfftfreq(len(middle), 1 / RATE)

    def level(centre: float) -> float:
        return 10 * np.log10(power[(hertz > centre - 80) & (hertz < centre + 80)].mean())

    first, second, _ = PHONES[vowel].formants
    for formant in (first, second):
        assert level(formant) > level(formant + 450) or level(formant) > level(formant - 450)
    assert level(first) > level(1700 if second < 1300 else (first + second) / 2)


def test_voice_has_its_pitch_and_noise_has_none():
    voice, hiss = synthesise([["AA"], ["S"]], [MAN, MAN], np.random.default_rng(0))
    assert period(voice) == pytest.approx(RATE / 110, abs=6)
    spectrum = np.abs(np.fft.rfft(hiss)) ** 2
    hertz = np.fft.rfftfreq(len(hiss), 1 / RATE)
    assert spectrum[hertz > 3000].sum() > 5 * spectrum[hertz < 2000].sum()


def period(sound: np.ndarray) -> int:
    middle = sound[len(sound) // 3 : 2 * len(sound) // 3]
    correlation = np.correlate(middle, middle, "full")[len(middle) - 1 :]
    return 40 + int(correlation[40:160].argmax())


# -- one's own files ---------------------------------------------------------------------------------------------------


@pytest.fixture
def calls(tmp_path):
    """A folder of two sounds with tables that name them."""
    root = tmp_path / "calls"
    (root / "one").mkdir(parents=True)
    (root / "one/a.wav").write_bytes(wav(np.zeros(80, np.int16)))
    (root / "b.wav").write_bytes(wav(np.ones(160, np.int16)))
    (tmp_path / "secret.wav").write_bytes(wav(np.ones(10, np.int16)))
    return root


def test_a_manifest_names_sounds_and_what_is_said(calls):
    (calls / "all.csv").write_text("audio,text\none/a.wav,hello\nb.wav,good bye\n")
    examples = AudioManifest(path=calls / "all.csv").splits()["all"]
    assert examples.fields == ("audio", "text") and list(examples.column("text")) == ["hello", "good bye"]
    assert [len(Audio(seconds=1.0, rate=8000).load(raw)) for raw in examples.column("audio")] == [80, 160]
    assert not examples.faults


def test_manifests_of_json_and_tabs_and_other_splits(calls):
    rows = [{"file": "b.wav", "label": "bye"}, {"file": "one/a.wav", "label": "hello"}]
    (calls / "train.jsonl").write_text("\n".join(map(json.dumps, rows)))
    (calls / "test.jsonl").write_text(json.dumps(rows[0]))
    splits = AudioManifest(path=calls / "train.jsonl", test=calls / "test.jsonl", column="file").splits()
    assert {name: list(examples.column("label")) for name, examples in splits.items()} == {
        "train": ["bye", "hello"],
        "test": ["bye"],
    }
    (calls / "all.tsv").write_text("audio\tlabel\nb.wav\tbye, bye\n")
    assert AudioManifest(path=calls / "all.tsv").splits()["all"][0]["label"] == "bye, bye"


@pytest.mark.parametrize("name", ["../secret.wav", "/etc/passwd", "one/../../secret.wav", "link.wav", "", "a\\0b"])
def test_a_manifest_leads_nowhere_else(calls, name):
    (calls / "link.wav").symlink_to(calls.parent / "secret.wav")
    content = [{"audio": name.replace("\\0", "\0")}, {"audio": "b.wav"}]
    (calls / "all.jsonl").write_text("\n".join(map(json.dumps, content)))
    examples = AudioManifest(path=calls / "all.jsonl").splits()["all"]
    assert list(examples.faults) == [0] and examples[0]["audio"] is None


def test_a_manifest_without_the_column_is_refused(calls):
    (calls / "all.csv").write_text("sound,text\nb.wav,bye\n")
    with pytest.raises(DataError, match="lacks the column 'audio'"):
        AudioManifest(path=calls / "all.csv").splits()


@pytest.mark.parametrize("packed", [False, True], ids=["folder", "zip"])
def test_a_folder_of_sounds_by_class(tmp_path, packed):
    root = tmp_path / "words"
    for name in ("yes/1.wav", "no/2.WAV", "no/3.flac"):
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(wav(np.zeros(80, np.int16)))
    (root / "no/notes.txt").write_text("no sound")
    path = root
    if packed:
        path = tmp_path / "words.zip"
        with zipfile.ZipFile(path, "w") as archive:
            for file in sorted(root.rglob("*.*")):
                archive.write(file, file.relative_to(root))
    examples = AudioFolder(path=path).splits()["all"]
    assert list(examples.column("label")) == ["no", "no", "yes"]
    assert all(len(Audio(seconds=1.0, rate=8000).load(raw)) == 80 for raw in examples.column("audio"))


def test_a_folder_without_sounds_is_refused(tmp_path):
    with pytest.raises(DataError, match=r"holds no sounds \(flac, ogg, wav\)"):
        AudioFolder(path=tmp_path).splits()
