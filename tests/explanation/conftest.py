"""Small runs to explain, a few steps each."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pytest

import dlsuite

BLOCKS = Path(__file__).parents[2] / "specs" / "blocks"


@pytest.fixture(scope="session")
def trained(tmp_path_factory):
    """Trains specs for a few steps, with files beside them."""

    def train(spec, files=None, **train):
        folder = tmp_path_factory.mktemp(spec["name"])
        shutil.copytree(BLOCKS, folder / "blocks")
        for name, text in (files or {}).items():
            (folder / name).write_bytes(text if isinstance(text, bytes) else text.encode())
        spec = {
            "train": {"objective": "Classification", "optimizer": {"Adam": {"learning_rate": 0.01}}, **train},
            **spec,
        }
        (folder / "spec.json").write_text(json.dumps(spec))
        return dlsuite.train(dlsuite.load(folder / "spec.json"), runs=folder / "runs")

    return train


@pytest.fixture(scope="session")
def pictures(trained):
    """Scans of digits: two filters, their means, logits."""
    layers = [
        {"Conv2D": {"filters": 2, "kernel_size": 3, "padding": "same", "name": "filters"}},
        "GlobalAveragePooling2D",
        {"Dense": {"units": "=label.classes", "name": "label"}},
    ]
    data = {"source": "Digits", "inputs": {"image": "Image"}, "targets": {"label": "Category"}}
    return trained({"name": "pictures", "data": data, "model": {"layers": layers}}, steps=20)


@pytest.fixture(scope="session")
def deep_pictures(trained):
    """Scans of digits: convolutions inside a network, one of them normalised by its spectrum, with kinks."""
    eye = [
        {"Conv2D": {"inputs": "image", "filters": 8, "kernel_size": 3, "padding": "same", "activation": "relu"}},
        "MaxPooling2D",
        {
            "SpectralNormalization": {
                "layer": {"Conv2D": {"filters": 8, "kernel_size": 3, "activation": "relu"}},
                "name": "normalised",
            }
        },
        {"Flatten": {"name": "seen"}},
    ]
    head = [{"eye": {"inputs": "image"}}, {"Dense": {"units": "=label.classes", "name": "label"}}]
    data = {"source": "Digits", "inputs": {"image": "Image"}, "targets": {"label": "Category"}}
    networks = {"eye": {"inputs": ["image"], "layers": eye}, "reader": {"inputs": ["image"], "layers": head}}
    return trained({"name": "deep_pictures", "data": data, "models": networks}, steps=60)


SOUND = {"Audio": {"rate": 8000, "seconds": 1.0}}


@pytest.fixture(scope="session")
def sounds(trained):
    """Spoken digits, computed: two convolutions over time and bands."""
    layers = [
        {"log_mel": {"inputs": "audio", "rate": 8000}},
        {"ops.expand_dims": {"axis": -1}},
        {"Conv2D": {"filters": 6, "kernel_size": 3, "strides": 2, "activation": "relu"}},
        {"Conv2D": {"filters": 6, "kernel_size": 3, "strides": [2, 1], "activation": "relu", "name": "last"}},
        "GlobalAveragePooling2D",
        {"Dense": {"units": "=digit.classes", "name": "digit"}},
    ]
    data = {
        "source": {"SyntheticDigits": {"speakers": 10, "takes": 1}},
        "inputs": {"audio": SOUND},
        "targets": {"digit": "Category"},
    }
    return trained(
        {"name": "sounds", "uses": ["blocks/speech.json"], "data": data, "model": {"layers": layers}}, steps=20
    )


@pytest.fixture(scope="session")
def opinions(trained):
    """Sentences with a word for or against, read by attention; padded to eight words."""
    rng = np.random.default_rng(0)
    words = (("bad", "poor"), ("good", "fine"))
    rows = [{"sentence": f"the film is {words[i % 2][rng.integers(2)]} today", "liked": i % 2} for i in range(200)]
    layers = [
        {"Embedding": {"inputs": "sentence", "input_dim": "=sentence.vocabulary", "output_dim": 8}},
        {
            "MultiHeadAttention": {
                "num_heads": 2,
                "key_dim": 4,
                "inputs": {"query": "@previous", "value": "@previous", "value_mask": "sentence.mask"},
                "name": "look",
            }
        },
        {"GlobalAveragePooling1D": {"inputs": {"mask": "sentence.mask"}}},
        {"Dense": {"units": "=liked.classes", "name": "liked"}},
    ]
    data = {
        "source": {"JSONL": {"path": "rows.jsonl"}},
        "inputs": {"sentence": {"Text": {"length": 8}}},
        "targets": {"liked": "Category"},
    }
    files = {"rows.jsonl": "\n".join(map(json.dumps, rows))}
    return trained({"name": "opinions", "data": data, "model": {"layers": layers}}, files, epochs=8)


@pytest.fixture(scope="session")
def peptides(trained):
    """Secondary structure of synthetic peptides, two answers from one network; a residue sees one on either side."""
    letters = {"Letters": {"letters": ["H", "E", "C"], "names": ["helix", "strand", "loop"], "field": "secondary"}}
    layers = [
        {"convolutions": {"inputs": ["sequence", "sequence.mask"], "kinds": "=sequence.vocabulary", "width": 8,
                          "size": 3, "dilations": [], "to": "x"}},
        {"Dense": {"inputs": "x", "units": "=first.classes", "name": "first"}},
        {"Dense": {"inputs": "x", "units": "=second.classes", "name": "second"}},
    ]  # fmt: skip
    data = {
        "source": {"SyntheticPeptides": {"count": 60}},
        "inputs": {"sequence": "Residues"},
        "targets": {"first": letters, "second": letters},
    }
    model = {"inputs": ["sequence", "sequence.mask"], "outputs": ["first", "second"], "layers": layers}
    return trained(
        {"name": "peptides", "uses": ["blocks/tagging.json"], "data": data, "model": model},
        objective={"first": "Tagging", "second": "Tagging"},
        steps=20,
    )


@pytest.fixture(scope="session")
def writer(trained):
    """Letters that follow others, by causal attention."""
    layers = [
        {"Embedding": {"input_dim": "=text.vocabulary", "output_dim": 8}},
        {"MultiHeadAttention": {"num_heads": 2, "key_dim": 4, "name": "look",
            "inputs": {"query": "@previous", "value": "@previous", "use_causal_mask": True}}},
        {"Dense": {"units": "=text.vocabulary", "name": "next"}},
    ]  # fmt: skip
    data = {
        "source": {"TextFile": {"path": "text.txt", "window": 17}},
        "inputs": {"text": {"Text": {"level": "character", "length": 16, "end": True}}},
        "targets": {"next": {"Text": {"field": "text", "like": "text", "shift": 1, "length": 16}}},
        "batch_size": 16,
    }
    spec = {"name": "writer", "data": data, "model": {"inputs": ["text"], "layers": layers}}
    return trained(spec, {"text.txt": "the cat sat on the mat. " * 80}, objective="CausalLM", steps=20)


@pytest.fixture(scope="session")
def biopsies(trained):
    """Thirty numbers of a vector, two logits, a hidden layer."""
    layers = [{"Dense": {"units": 8, "activation": "tanh"}}, {"Dense": {"units": 2, "name": "diagnosis"}}]
    data = {"source": "BreastCancer", "inputs": {"measurements": "Number"}, "targets": {"diagnosis": "Category"}}
    return trained({"name": "biopsies", "data": data, "model": {"layers": layers}}, epochs=2)


@pytest.fixture(scope="session")
def rents(trained):
    """Numbers and a class, from which a number follows by a linear network; its unit is thousands."""
    rng = np.random.default_rng(0)
    rows = ["size,floor,place,rent"]
    for _ in range(200):
        size, floor, place = rng.integers(20, 120), rng.integers(0, 9), rng.integers(2)
        rows.append(f"{size},{floor},{('town', 'land')[place]},{1000 * (10 * size + 5 * floor - 90 * place)}")
    layers = [
        {"Embedding": {"inputs": "place", "input_dim": "=place.classes", "output_dim": 2, "name": "place_vector"}},
        {"Concatenate": {"inputs": ["flat", "place_vector"]}},
        {"Dense": {"units": 1, "name": "rent"}},
    ]
    data = {
        "source": {"CSV": {"path": "rents.csv"}},
        "inputs": {"flat": {"Number": {"fields": ["size", "floor"]}}, "place": "Category"},
        "targets": {"rent": "Number"},
    }
    spec = {"name": "rents", "data": data, "model": {"layers": layers}}
    return trained(spec, {"rents.csv": "\n".join(rows) + "\n"}, objective="Regression", epochs=5)
