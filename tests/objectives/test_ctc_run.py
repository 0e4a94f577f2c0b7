"""A recogniser from a table of sounds to answers: trained, measured, asked."""

import json
from pathlib import Path

import numpy as np
import pytest
import soundfile

import dlsuite

PITCHES = {"a": 500, "b": 1100, "c": 1900}
SPEC = {
    "name": "tones",
    "about": "Three tones as letters, words of one to three.",
    "uses": ["blocks/speech.json"],
    "data": {
        "source": {"AudioManifest": {"path": "tones.jsonl", "column": "file"}},
        "inputs": {"audio": {"Audio": {"rate": 8000, "seconds": 0.6}}},
        "targets": {"text": "Transcript"},
        "augment": [{"RandomGain": {"decibels": [-3, 3]}}, {"RandomNoise": {"below": [30, 40]}}],
        "batch_size": 16,
    },
    "model": {
        "outputs": ["text", "frames"],
        "layers": [
            {"sound_frames": {"inputs": "audio.mask", "frames": 30, "name": "frames"}},
            {"log_mel": {"inputs": "audio", "rate": 8000, "bands": 20}},
            {"SpecAugment": {"time_width": 2, "frequency_width": 2}},
            {"Conv1D": {"filters": 24, "kernel_size": 3, "strides": 2, "padding": "same", "activation": "relu"}},
            {"Dense": {"units": "=text.vocabulary", "name": "text"}},
        ],
    },
    "train": {
        "objective": {"CTC": {"frames": "frames"}},
        "optimizer": {"Adam": {"learning_rate": 0.02}},
        "epochs": 25,
    },
    "baselines": ["Blank", "MajorityTranscript"],
}


def tones(word: str, rng: np.random.Generator) -> np.ndarray:
    time = np.arange(960) / 8000  # 120 ms a letter, 60 ms between
    parts = [np.concatenate([0.4 * np.sin(2 * np.pi * PITCHES[letter] * time), np.zeros(480)]) for letter in word]
    sound = np.concatenate(parts)
    return (sound + 0.001 * rng.standard_normal(len(sound))).astype(np.float32)


def write_tones(folder: Path, count: int) -> None:
    """Writes so many sounds, and the table of what they say."""
    rng, rows = np.random.default_rng(0), []
    for i in range(count):
        word = "".join(rng.choice(list(PITCHES), rng.integers(1, 4)))
        soundfile.write(folder / f"{i}.wav", tones(word, rng), 8000)
        rows.append({"file": f"{i}.wav", "text": word})
    (folder / "tones.jsonl").write_text("\n".join(map(json.dumps, rows)))


@pytest.fixture(scope="module")
def run(tmp_path_factory, request):
    folder = tmp_path_factory.mktemp("tones")
    write_tones(folder, 96)
    (folder / "blocks").mkdir()
    library = request.config.rootpath / "specs/blocks/speech.json"
    (folder / "blocks/speech.json").write_text(library.read_text())
    (folder / "tones.json").write_text(json.dumps(SPEC))
    return dlsuite.train(dlsuite.load(folder / "tones.json"), runs=folder / "runs")


def test_it_learns_and_beats_its_baselines(run):
    found = run.evaluation
    assert found["headline"] == "wer" and found["metrics"]["wer"] <= 0.2
    assert found["metrics"]["cer"] <= 0.1 and found["metrics"]["empty"] == 0
    assert found["baselines"]["Blank"]["wer"] == 1.0 and found["baselines"]["MajorityTranscript"]["wer"] > 0.5
    assert "Samples" in (run.path / "report.html").read_text()
    assert {"loss", "unalignable", "val_loss"} <= set(run.history[0])


def test_it_answers_sounds_of_any_length_with_times(run, tmp_path):
    soundfile.write(tmp_path / "cab.flac", np.repeat(tones("cab", np.random.default_rng(1)), 2), 16000)
    short, whole = (
        answer["output"] for answer in run.predict([tones("a", np.random.default_rng(2)), tmp_path / "cab.flac"])
    )
    assert short["text"] == "a" and whole["text"] == "cab"
    (word,) = whole["words"]
    assert word["word"] == "cab" and 0 <= word["start"] < 0.15 and 0.3 < word["end"] <= 0.54
    assert 0 < whole["confidence"] <= 1 and "warning" not in whole


def test_company_changes_no_answer(run):
    sounds = [tones(word, np.random.default_rng(3)) for word in ("a", "cba", "bb")]
    together = [answer["output"] for answer in run.predict(sounds)]
    alone = [run.predict(sound)[0]["output"] for sound in sounds]
    assert [one["text"] for one in together] == [one["text"] for one in alone]
    assert [one["confidence"] for one in together] == pytest.approx([one["confidence"] for one in alone], rel=1e-4)
