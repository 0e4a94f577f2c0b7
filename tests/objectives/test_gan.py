"""GAN: its losses against closed forms, what each player reads."""

import keras
import numpy as np
import pytest
from scipy.special import expit

from dlsuite.objectives.gan import GAN
from dlsuite.objectives.play import Play
from dlsuite.spec.plan import Component, Task


@pytest.fixture(scope="module")
def networks():
    keras.utils.set_random_seed(0)
    z, image = keras.Input((3,), name="z"), keras.Input((4, 4, 1), name="image")
    label = keras.Input((), dtype="int32", name="label")
    told = keras.layers.Embedding(2, 3)(label)
    made = keras.layers.Reshape((4, 4, 1))(keras.layers.Dense(16)(keras.layers.Add()([z, told])))
    seen = keras.layers.Concatenate()([keras.layers.Flatten()(image), told])
    return {
        "generator": keras.Model({"z": z, "label": label}, made),
        "discriminator": keras.Model({"image": image, "label": label}, keras.layers.Dense(1)(seen)),
    }


@pytest.fixture
def play(networks):
    random = np.random.default_rng(0)
    inputs = {"image": random.random((5, 4, 4, 1)).astype("float32"), "label": np.array([0, 1, 0, 1, 0], "int32")}
    inputs = {name: keras.ops.convert_to_tensor(value) for name, value in inputs.items()}
    noise = {
        name: keras.ops.convert_to_tensor(random.standard_normal((5, 3)), "float32") for name in ("latent", "start")
    }
    outputs = {"generator": ("made",), "discriminator": ("real",)}
    return Play(Task(Component("objective", "GAN"), None, ()), networks, outputs, {}, inputs, noise=noise)


def logits(play):
    label = play.inputs["label"]
    made = play.networks["generator"]({"z": play.noise["latent"], "label": label})
    seen = [play.networks["discriminator"]({"image": one, "label": label}) for one in (play.inputs["image"], made)]
    return [np.asarray(one)[:, 0].astype("float64") for one in seen]


def test_non_saturating_losses(play):
    real, fake = logits(play)
    found = GAN().measure(play, "discriminator")
    np.testing.assert_allclose(found["loss"], -np.log(expit(real)) - np.log(1 - expit(fake)), rtol=1e-4)
    np.testing.assert_array_equal(found["real"], real > 0)
    np.testing.assert_array_equal(found["fake"], fake > 0)
    np.testing.assert_allclose(GAN().measure(play, "generator")["loss"], -np.log(expit(fake)), rtol=1e-4)


def test_hinge_losses(play):
    real, fake = logits(play)
    objective = GAN(loss="hinge")
    expected = np.maximum(0, 1 - real) + np.maximum(0, 1 + fake)
    np.testing.assert_allclose(objective.measure(play, "discriminator")["loss"], expected, rtol=1e-4)
    np.testing.assert_allclose(objective.measure(play, "generator")["loss"], -fake, rtol=1e-4)


def test_each_player_trains_a_network_of_its_own():
    assert GAN().players() == {"discriminator": ("discriminator",), "generator": ("generator",)}


def test_the_latent_is_the_input_that_the_discriminator_has_not(networks):
    assert GAN().noise(networks) == {"latent": ("normal", (3,)), "start": ("normal", (3,))}


def test_pictures_are_made_of_the_class_that_is_asked_for(play):
    label = play.inputs["label"]
    expected = play.networks["generator"]({"z": play.noise["latent"], "label": label})
    kept = GAN().digest(play)
    np.testing.assert_allclose(np.stack([one["image"] for one in kept]), expected, rtol=1e-5)
    assert [one["label"] for one in kept] == np.asarray(label).tolist()
    assert GAN().scores(kept, play.inputs["image"], None) == {}
