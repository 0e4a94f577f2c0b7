"""Specs that train in seconds, for tests of what shows runs."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import soundfile

PROTEIN = Path(__file__).parents[1] / "specs" / "protein"
FEW_PEPTIDES = {"params.width": 8, "data.source": {"SyntheticPeptides": {"count": 30}}, "train.epochs": 1}
SGD = {"SGD": {"learning_rate": 0.05}}
DIGITS: dict[str, Any] = {
    "name": "tiny_digits",
    "about": "Scans of digits.",
    "data": {
        "source": "Digits",
        "split": {"train": 0.1, "validation": 0.05, "test": 0.1},
        "inputs": {"image": {"Image": {"size": [8, 8], "channels": 1}}},
        "targets": {"label": "Category"},
    },
    "model": {
        "layers": [
            {"Conv2D": {"filters": 4, "kernel_size": 3, "padding": "same", "activation": "relu", "name": "edges"}},
            "Flatten",
            {"Dense": {"units": "=label.classes", "name": "label"}},
        ]
    },
    "train": {"objective": "Classification", "optimizer": SGD, "epochs": 1},
}
LOG_MEL: list[Any] = [
    {
        "MelSpectrogram": {
            "inputs": "audio",
            "fft_length": 256,
            "sequence_stride": 80,
            "sequence_length": 200,
            "sampling_rate": 8000,
            "num_mel_bins": 16,
            "name": "mel",
        }
    },
    {"Permute": {"dims": [2, 1]}},
    {"Rescaling": {"scale": 0.02}},
]
AUDIO = {"Audio": {"rate": 8000, "seconds": 0.5}}
KEYWORDS: dict[str, Any] = {
    "name": "tiny_keywords",
    "about": "Computed digits.",
    "data": {
        "source": {"SyntheticDigits": {"speakers": 10, "takes": 1}},
        "inputs": {"audio": AUDIO},
        "targets": {"digit": "Category"},
    },
    "model": {
        "layers": [
            *LOG_MEL,
            {"ops.expand_dims": {"axis": -1}},
            {"Conv2D": {"filters": 4, "kernel_size": 3, "strides": 2, "activation": "relu", "name": "edges"}},
            "GlobalAveragePooling2D",
            {"Dense": {"units": "=digit.classes", "name": "digit"}},
        ]
    },
    "train": {"objective": "Classification", "optimizer": SGD, "epochs": 1},
}


def transcripts(folder: Path) -> dict[str, Any]:
    """Returns a spec that writes down sounds, which it puts into a folder: a tone a word."""
    time = np.arange(3200) / 8000
    rows = ["audio,text"]
    for number in range(12):
        word, pitch = ("low", 300) if number % 2 else ("high", 1500)
        soundfile.write(folder / f"{number}.wav", 0.5 * np.sin(2 * np.pi * pitch * time), 8000)
        rows.append(f"{number}.wav,{word} {word}")
    (folder / "sounds.csv").write_text("\n".join(rows))
    return {
        "name": "tiny_transcripts",
        "about": "Tones.",
        "data": {
            "source": {"AudioManifest": {"path": "sounds.csv"}},
            "split": {"train": 0.5, "validation": 0.25, "test": 0.25},
            "inputs": {"audio": AUDIO},
            "targets": {"text": "Transcript"},
        },
        "model": {
            "inputs": ["audio"],
            "layers": [
                *LOG_MEL,
                {"Conv1D": {"filters": 8, "kernel_size": 3, "padding": "same", "name": "edges"}},
                {"Dense": {"units": "=text.vocabulary", "name": "text"}},
            ],
        },
        "train": {"objective": "CTC", "optimizer": SGD, "epochs": 1},
    }


def opinions(folder: Path, **reading: Any) -> dict[str, Any]:
    """Returns a spec of sentences with an opinion, read by words or otherwise, and writes them into the folder."""
    praise, blame = ("fine", "great", "warm"), ("dull", "bad", "cold")
    rows = [
        f"a {word} film of {number},{'good' if word in praise else 'poor'}"
        for number in range(20)
        for word in (*praise, *blame)
    ]
    (folder / "opinions.csv").write_text("\n".join(["sentence,label", *rows]) + "\n")
    return {
        "name": "opinions",
        "data": {
            "source": {"CSV": {"path": "opinions.csv"}},
            "inputs": {"sentence": {"Text": {"level": "word", "length": 16, **reading}}},
            "targets": {"label": "Category"},
        },
        "model": {
            "inputs": ["sentence"],
            "layers": [
                {"Embedding": {"input_dim": "=sentence.vocabulary", "output_dim": 8}},
                {"GlobalAveragePooling1D": {}},
                {"Dense": {"units": "=label.classes", "name": "label"}},
            ],
        },
        "train": {"objective": "Classification", "optimizer": {"Adam": {"learning_rate": 0.05}}, "epochs": 3},
    }


def writer(folder: Path) -> dict[str, Any]:
    """Returns a spec that writes letters one by one, and writes the text that it learns from into the folder."""
    (folder / "letters.txt").write_text("abcdefgh abdf cegh\n" * 200)
    return {
        "name": "letters",
        "data": {
            "source": {"TextFile": {"path": "letters.txt", "window": 17}},
            "inputs": {"text": {"Text": {"level": "character", "length": 16}}},
            "targets": {"next": {"Text": {"field": "text", "like": "text", "shift": 1, "length": 16}}},
        },
        "model": {
            "inputs": ["text"],
            "layers": [
                {"Embedding": {"input_dim": "=text.vocabulary", "output_dim": 8}},
                {"Dense": {"units": "=text.vocabulary", "name": "next"}},
            ],
        },
        "train": {"objective": "CausalLM", "optimizer": {"Adam": {"learning_rate": 0.05}}, "epochs": 1},
    }


def translator(folder: Path) -> dict[str, Any]:
    """Returns a spec that translates short sentences, and writes them into the folder."""
    words = {"a": "ein", "the": "der", "dog": "Hund", "man": "Mann", "bird": "Vogel", "sees": "sieht", "eats": "isst"}
    pairs = [f"{a} {b} {c}" for a in ("a", "the") for b in ("dog", "man", "bird") for c in ("sees", "eats")] * 4
    (folder / "en.txt").write_text("\n".join(pairs))
    (folder / "de.txt").write_text("\n".join(" ".join(words[word] for word in pair.split()) for pair in pairs))
    vectors = {"output_dim": 8}
    attend = {"num_heads": 2, "key_dim": 4, "inputs": {"query": "before", "value": "memory"}, "name": "look"}
    return {
        "name": "translator",
        "data": {
            "source": {"ParallelText": {"source": "en.txt", "target": "de.txt"}},
            "inputs": {
                "source": {"Text": {"field": "source"}},
                "so_far": {"Text": {"field": "target", "start": True, "end": True}},
            },
            "targets": {"translation": {"Text": {"field": "target", "like": "so_far", "shift": 1}}},
            "batch_size": 4,
        },
        "model": {
            "inputs": ["source", "so_far"],
            "layers": [
                {"Embedding": {"inputs": "source", "input_dim": "=source.vocabulary", **vectors, "name": "memory"}},
                {"Embedding": {"inputs": "so_far", "input_dim": "=so_far.vocabulary", **vectors, "name": "before"}},
                {"MultiHeadAttention": attend},
                {"Add": {"inputs": ["look", "before"]}},
                {"Dense": {"units": "=so_far.vocabulary", "name": "translation"}},
            ],
        },
        "train": {"objective": "Seq2Seq", "optimizer": {"Adam": {"learning_rate": 0.05}}, "epochs": 3},
        "predict": {"decoder": {"Beam": {"width": 2, "length": 6}}},
    }


def tags() -> tuple[Path, dict[str, Any]]:
    """Returns a spec, and what is changed of it, of tags of residues, by two layers of which one is attention."""
    layers = json.loads((PROTEIN / "peptides.json").read_text())["model"]["layers"]
    itself = {"query": "@previous", "value": "@previous"}
    attention = {"MultiHeadAttention": {"num_heads": 2, "key_dim": 4, "inputs": itself}}
    changes = {**FEW_PEPTIDES, "model.layers": [layers[0], attention, *layers[1:]], "baselines": []}
    return PROTEIN / "peptides.json", changes


def folds() -> tuple[Path, dict[str, Any]]:
    """Returns the same of structures from sequences."""
    return PROTEIN / "folded_peptides.json", {**FEW_PEPTIDES, "params.pair_width": 4}
