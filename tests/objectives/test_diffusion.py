"""Diffusion: its loss against closed forms, guidance, and pictures that do not depend on the batch."""

from dataclasses import replace

import keras
import numpy as np
import pytest

from dlsuite.objectives.diffusion import Diffusion
from dlsuite.objectives.play import Play
from dlsuite.samplers.ddim import DDIM
from dlsuite.samplers.ddpm import DDPM
from dlsuite.samplers.dpm_solver import DPMSolver
from dlsuite.spec.plan import Component, Task

SHAPE = (4, 4, 1)


@pytest.fixture(scope="module")
def networks():
    keras.utils.set_random_seed(0)
    inputs = {
        "image": keras.Input(SHAPE, name="image"),
        "time": keras.Input((), name="time"),
        "label": keras.Input((), dtype="int32", name="label"),
    }
    flat = keras.layers.Flatten()(inputs["image"])
    told = keras.layers.Embedding(4, 16, embeddings_initializer="random_normal")(inputs["label"])
    when = keras.layers.Dense(16)(keras.layers.Reshape((1,))(inputs["time"] / 10))
    hidden = keras.layers.Dense(16, activation="tanh")(keras.layers.Add()([flat, told, when]))
    return {"model": keras.Model(inputs, keras.layers.Reshape(SHAPE)(keras.layers.Dense(16)(hidden)))}


def play(networks, label=(0, 1, 2, 0, 1, 2), **given):
    random, count = np.random.default_rng(1), len(label)
    inputs = {"image": random.random((count, *SHAPE)).astype("float32"), "label": np.array(label, "int32")}
    noise = {
        "noise": random.standard_normal((count, *SHAPE)),
        "level": random.random(count),
        "drop": np.linspace(0, 0.99, count),
        "key": random.random((count, 4)),
    }
    noise = {name: value.astype("float32") for name, value in noise.items()}
    task = Task(Component("objective", "Diffusion"), None, ())
    return Play(task, networks, {"model": ("noise",)}, {}, inputs, noise=noise, **given)


def pictures(objective, one):
    return np.stack([answer["image"] for answer in objective.respond(one)])


@pytest.mark.parametrize("predicts", ["noise", "velocity"])
def test_the_loss_is_the_error_of_what_the_network_says(networks, predicts):
    objective = Diffusion(label="label", predicts=predicts, steps=10, drop=0.5)
    one = play(networks)
    found = np.asarray(objective.measure(one, "")["loss"])
    for i in range(len(found)):
        t = int(one.noise["level"][i] * 10)
        signal, share = objective.schedule.signal(t), objective.schedule.noise(t)
        image, noise = one.inputs["image"][i], one.noise["noise"][i]
        given = {
            "image": (signal * image + share * noise)[None].astype("float32"),
            "time": np.array([t], "float32"),
            "label": np.array([0 if one.noise["drop"][i] < 0.5 else one.inputs["label"][i] + 1], "int32"),
        }
        wanted = noise if predicts == "noise" else signal * noise - share * image
        assert found[i] == pytest.approx(np.mean((np.asarray(networks["model"](given))[0] - wanted) ** 2), rel=1e-4)


def test_every_level_of_noise_occurs(networks):
    objective, seen = Diffusion(label="label", steps=6), []
    one = play(networks)
    one.noise["level"][:] = [0.0, 0.17, 0.34, 0.51, 0.67, 1 - 2**-24]
    given = replace(one, call=lambda model, inputs, training: seen.append(inputs["time"]) or model(inputs))
    objective.measure(given, "")
    np.testing.assert_array_equal(seen[0], [0, 1, 2, 3, 4, 5])


@pytest.mark.parametrize("predicts", ["noise", "velocity"])
def test_a_network_that_is_right_gives_the_clean_picture(networks, predicts):
    objective = Diffusion(predicts=predicts, steps=10)
    one = play(networks)
    clean, noise = one.inputs["image"], one.noise["noise"]
    signal, share = objective.schedule.signal(4), objective.schedule.noise(4)
    right = noise if predicts == "noise" else signal * noise - share * clean
    knowing = replace(one, call=lambda model, inputs, training: right)
    found = objective.clean(knowing, signal * clean + share * noise, 4, 1.0)
    np.testing.assert_allclose(found, clean, atol=1e-4)


def test_guidance_leads_away_from_the_model_without_labels(networks):
    objective, one = Diffusion(label="label", steps=10), play(networks)
    x = 0.1 * one.noise["noise"]
    untold = replace(one, inputs={"image": one.inputs["image"]})
    told, none = objective.clean(one, x, 2, 1.0), objective.clean(untold, x, 2, 1.0)
    inner = (np.abs(told) < 0.3) & (np.abs(none) < 0.3)  # further out, estimates are clipped
    assert inner.sum() > 10
    assert np.abs(told - none)[inner].max() > 1e-4
    np.testing.assert_allclose(objective.clean(one, x, 2, 0.0)[inner], none[inner], atol=1e-5)
    np.testing.assert_allclose(objective.clean(one, x, 2, 1.5)[inner], (none + 1.5 * (told - none))[inner], atol=1e-4)


def test_guidance_1_is_the_plain_model(networks):
    objective, one, calls = Diffusion(label="label", steps=10), play(networks), []
    counted = replace(one, call=lambda model, inputs, training: calls.append(len(inputs["image"])) or model(inputs))
    np.testing.assert_array_equal(
        objective.clean(counted, one.noise["noise"], 3, 1.0), objective.clean(one, one.noise["noise"], 3, 1.0)
    )
    assert calls == [6]  # the model without labels is not asked
    close = objective.clean(one, one.noise["noise"], 3, 1.0 + 1e-6)
    np.testing.assert_allclose(close, objective.clean(one, one.noise["noise"], 3, 1.0), atol=1e-4)


@pytest.mark.parametrize("sampler", [DDPM(guidance=2.0), DDIM(steps=5, eta=0.5), DPMSolver(steps=5)])
def test_a_picture_does_not_depend_on_its_batch(networks, sampler):
    objective, one = Diffusion(label="label", steps=10), play(networks, settings={"sampler": sampler})
    whole = pictures(objective, one)
    parts = [
        replace(
            one,
            inputs={name: value[i : i + 2] for name, value in one.inputs.items()},
            noise={name: value[i : i + 2] for name, value in one.noise.items()},
        )
        for i in (0, 2, 4)
    ]
    np.testing.assert_allclose(whole, np.concatenate([pictures(objective, part) for part in parts]), atol=1e-4)
    assert np.ptp(whole, axis=0).max() > 0.1


def test_a_film_ends_in_the_picture(networks):
    objective = Diffusion(label="label", steps=10)
    one = play(networks, settings={"sampler": DDIM(steps=8), "film": 3})
    for answer in objective.respond(one):
        assert answer["film"].shape == (3, *SHAPE)
        np.testing.assert_array_equal(answer["film"][-1], answer["image"])


def test_what_is_kept_of_a_split_has_its_class_and_its_loss(networks):
    objective, one = Diffusion(label="label", steps=10), play(networks)
    kept = objective.digest(one)
    assert [int(digest["label"]) for digest in kept] == one.inputs["label"].tolist()
    mean = float(np.mean(objective.measure(one, "")["loss"]))
    assert objective.scores(kept, one.inputs["image"], None)["loss"] == pytest.approx(mean)
