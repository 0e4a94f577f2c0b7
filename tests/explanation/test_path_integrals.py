"""Integrated gradients: completeness, closed forms, planted answers, padding."""

from __future__ import annotations

import io
import json

import numpy as np
import pytest
import soundfile

import dlsuite
from dlsuite import explanation
from dlsuite.explanation.path_integrals import _quadrature


def completes(found, share=0.01):
    """Returns whether attributions add up to the score above the baseline's, to a share of it."""
    return abs(found.total - (found.score - found.start)) <= share * abs(found.score - found.start) + 1e-4


def scan(seed=0):
    return np.random.default_rng(seed).integers(0, 255, (8, 8, 1)).astype(np.uint8)


@pytest.fixture
def planted(digits_run):
    """Sets what a network with one hidden layer of 32 has learned, for one test."""
    kept = digits_run.model.get_weights()
    yield digits_run.model.set_weights
    digits_run.model.set_weights(kept)


@pytest.mark.parametrize("seed", range(4))
def test_pictures_complete(deep_pictures, seed):
    found = explanation.integrated_gradients(deep_pictures, scan(seed))
    assert completes(found) and found.values["image"].shape == (8, 8, 1)
    np.testing.assert_array_equal(found.shown["image"], scan(seed))


def test_a_hidden_layer_by_hand(digits_run):
    first, bias, second, _ = digits_run.model.get_weights()
    picture, target = scan(), 4
    x = picture.ravel() / 255
    gradients = np.zeros(64)
    for share in (np.arange(2000) + 0.5) / 2000:  # the midpoint rule
        gradients += first @ ((first.T @ (share * x) + bias > 0) * second[:, target]) / 2000
    found = explanation.integrated_gradients(digits_run, picture, "4", steps=1000)
    np.testing.assert_allclose(found.values["image"].ravel(), x * gradients, atol=2e-3 * abs(x * gradients).max())


def test_a_network_that_sees_one_corner_is_explained_by_it(digits_run, planted):
    first = np.zeros((8, 8, 32))
    first[:2, :2] = 1
    planted([first.reshape(64, 32), np.zeros(32), np.ones((32, 10)), np.zeros(10)])
    values = explanation.integrated_gradients(digits_run, scan(), 0).values["image"][..., 0]
    np.testing.assert_allclose(values[:2, :2], scan()[:2, :2, 0] * (32 / 255), rtol=1e-4)
    assert np.abs(values).sum() == pytest.approx(values[:2, :2].sum())


def test_a_baseline_of_ones_own(digits_run):
    dark = explanation.integrated_gradients(digits_run, scan(), 1)
    found = explanation.integrated_gradients(digits_run, scan(), 1, baseline=scan(1))
    none = explanation.integrated_gradients(digits_run, scan(), 1, baseline=scan())
    assert completes(found) and found.start != dark.start and found.score == pytest.approx(dark.score, abs=1e-5)
    assert not none.values["image"].any()


def test_a_sound_completes_on_its_spectrogram(sounds):
    voice = (8000 * np.sin(np.arange(4000) / 3)).astype(np.int16)
    found = explanation.integrated_gradients(sounds, voice)
    assert completes(found) and found.values["audio"].shape == found.shown["audio"].shape == (101, 40)
    assert not found.values["audio"][52:].any() and found.values["audio"][:50].any()


def test_the_word_that_tells_is_found_and_padding_adds_nothing(opinions):
    found = explanation.integrated_gradients(opinions, "the film is good today", "1")
    assert found.shown["sentence"] == ["the", "film", "is", "good", "today"]
    assert found.values["sentence"].shape == (5,) and completes(found)
    assert found.shown["sentence"][found.values["sentence"].argmax()] == "good"
    against = explanation.integrated_gradients(opinions, "the film is poor today", "1")
    assert against.shown["sentence"][against.values["sentence"].argmin()] == "poor"
    assert explanation.integrated_gradients(opinions, "zzz good").shown["sentence"] == ["<unknown>", "good"]


def test_a_residue_is_explained_by_those_that_it_sees(peptides):
    sequence = "MKVLAAGIVGLSEE"
    found = explanation.integrated_gradients(peptides, sequence, "strand", place=6)
    assert found.shown["sequence"] == list(sequence) and found.place == 6 and found.target == "strand"
    assert set(np.flatnonzero(found.values["sequence"])) == {5, 6, 7} and completes(found)
    other = explanation.integrated_gradients(peptides, sequence, place=6, answer="second")
    assert completes(other) and other.score != found.score


def test_where_no_residue_is_chosen_the_surest_is_explained(peptides):
    (answer,) = peptides.predict("MKVLAAGIVGLSEE")
    found = explanation.integrated_gradients(peptides, "MKVLAAGIVGLSEE")
    assert found.place == int(np.argmax(answer["output"]["first"]["confidence"]))


def test_a_prompt_explains_the_next_token(writer):
    found = explanation.integrated_gradients(writer, "the cat")
    assert found.place == 6 and found.shown["text"][:7] == list("the cat")
    assert completes(found) and found.values["text"][:7].all() and not found.values["text"][7:].any()
    assert explanation.integrated_gradients(writer, "the cat", "m").target == "m"


def test_numbers_of_one_logit(cancer_run):
    row = cancer_run.data().examples("test")[0]
    weights, bias = cancer_run.model.get_weights()
    x = cancer_run.features["size"].encode([row[name] for name in cancer_run.plan.data.inputs["size"].fields])
    names = cancer_run.features["diagnosis"].facts_fitted()["names"]
    for name, sign in zip(names, (-1, 1), strict=True):
        found = explanation.integrated_gradients(cancer_run, row, name, steps=4)
        np.testing.assert_allclose(found.values["size"], sign * weights[:, 0] * x, rtol=1e-4, atol=1e-5)
        assert found.start == pytest.approx(sign * bias[0], abs=1e-5)


def test_numbers_and_classes_on_the_scale_of_the_data(rents):
    row = {"size": 70, "floor": 3, "place": "land"}
    found = explanation.integrated_gradients(rents, row)
    (answer,) = rents.predict(row)
    assert found.score == pytest.approx(answer["output"], rel=1e-4) and found.target == "rent"
    assert found.values["flat"].shape == (2,) and found.values["place"].shape == (1,) and completes(found)
    assert found.shown["flat"] == pytest.approx([70, 3], rel=1e-5) and found.shown["place"] == ["land"]


def test_the_quadrature_is_exact_for_polynomials():
    for steps in (1, 7, 40, 128):
        points, weights = (np.concatenate(one) for one in zip(*_quadrature(steps), strict=True))
        assert weights.sum() == pytest.approx(1) and len(points) == steps
        assert weights @ points ** (2 * min(steps, 8) - 1) == pytest.approx(1 / (2 * min(steps, 8)))


def test_what_cannot_be_explained_is_refused(peptides, pictures):
    with pytest.raises(explanation.ExplanationError, match=r"is \(14, 21\), and that of the baseline \(3, 21\)"):
        explanation.integrated_gradients(peptides, "MKVLAAGIVGLSEE", baseline="MKV")
    with pytest.raises(explanation.ExplanationError, match="There is no place 14; the answer has 14, from 0"):
        explanation.integrated_gradients(peptides, "MKVLAAGIVGLSEE", place=14)
    with pytest.raises(explanation.ExplanationError, match="no places to choose from"):
        explanation.integrated_gradients(pictures, scan(), place=1)
    with pytest.raises(explanation.ExplanationError, match="steps is 0"):
        explanation.integrated_gradients(pictures, scan(), steps=0)
    assert issubclass(explanation.ExplanationError, dlsuite.DLSuiteError)


def test_a_run_that_learns_no_target_is_refused(tmp_path):
    small = {"params.width": 8, "params.latent": 2, "train.epochs": 1, "baselines": []}
    run = dlsuite.train(dlsuite.load("specs/generation/digits_vae.json", small), runs=tmp_path)
    with pytest.raises(explanation.ExplanationError, match="made by VAE, which learns no target"):
        explanation.integrated_gradients(run, scan())
    with pytest.raises(explanation.ExplanationError, match="made by VAE, which learns no target"):
        explanation.explainable_layers(run)


def tone(letter):
    """Returns a WAV of half a second."""
    file = io.BytesIO()
    soundfile.write(file, 0.4 * np.sin(np.arange(4000) * {"a": 0.4, "b": 0.9}[letter]), 8000, format="WAV")
    return file.getvalue()


def test_a_frame_of_a_transcript_is_explained(trained):
    layers = [
        {"log_mel": {"inputs": "audio", "rate": 8000, "bands": 20}},
        {"Conv1D": {"filters": 8, "kernel_size": 3, "strides": 2, "padding": "same", "activation": "relu"}},
        {"Dense": {"units": "=text.vocabulary", "name": "text"}},
    ]
    data = {
        "source": {"AudioManifest": {"path": "tones.jsonl", "column": "file"}},
        "inputs": {"audio": {"Audio": {"rate": 8000, "seconds": 1.0}}},
        "targets": {"text": "Transcript"},
    }
    files = {f"{i}.wav": tone("ab"[i % 2]) for i in range(40)}
    rows = [json.dumps({"file": name, "text": "ab"[i % 2]}) for i, name in enumerate(files)]
    spec = {"name": "heard", "uses": ["blocks/speech.json"], "data": data, "model": {"layers": layers}}
    run = trained(spec, {**files, "tones.jsonl": "\n".join(rows)}, objective="CTC", steps=5)
    voice = files["0.wav"]
    found = explanation.integrated_gradients(run, voice, place=10)
    frames = np.flatnonzero(found.values["audio"].any(1))
    assert completes(found) and set(frames) <= {19, 20, 21, 22} and found.values["audio"].shape == (101, 20)
    sure = explanation.grad_cam(run, voice, "b")
    assert sure.target == "b" and sure.layer == "conv1d" and sure.values.shape == (101, 20)
    assert 0 <= sure.place < 50 and (sure.values == sure.values[:, :1]).all()
