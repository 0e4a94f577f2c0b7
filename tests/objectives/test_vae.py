"""VAE: its loss against closed forms, what it answers, films."""

import keras
import numpy as np
import pytest
from scipy import stats

from dlsuite.features.image import Image
from dlsuite.objectives.play import Play
from dlsuite.objectives.vae import VAE
from dlsuite.spec.plan import Component, Task

SIZE = 3


@pytest.fixture(scope="module")
def networks():
    keras.utils.set_random_seed(0)
    image, latent = keras.Input((4, 4, 1), name="image"), keras.Input((SIZE,), name="z")
    flat = keras.layers.Flatten()(image)
    outputs = {"mean": keras.layers.Dense(SIZE)(flat), "log_variance": keras.layers.Dense(SIZE)(flat)}
    decoded = keras.layers.Reshape((4, 4, 1))(keras.layers.Dense(16, activation="sigmoid")(latent))
    return {"encoder": keras.Model(image, outputs), "decoder": keras.Model(latent, decoded)}


def play(networks, images, **given):
    random = np.random.default_rng(1)
    noise = {name: random.standard_normal((5, SIZE)).astype("float32") for name in ("latent", "start")}
    task = Task(Component("objective", "VAE"), None, ())
    outputs = {"encoder": ("mean", "log_variance"), "decoder": ("made",)}
    inputs = {} if images is None else {"image": images}
    return Play(task, networks, outputs, {}, inputs, noise=noise, **given)


@pytest.fixture
def images():
    return np.random.default_rng(0).random((5, 4, 4, 1)).astype("float32")


def measure(objective, one):
    return {name: np.asarray(value) for name, value in objective.measure(one, "").items()}


def test_the_divergence_is_that_of_two_normal_distributions(networks, images):
    mean, log_variance = (np.asarray(networks["encoder"](images)[name]) for name in ("mean", "log_variance"))
    found = measure(VAE(), play(networks, images))
    points = np.random.default_rng(0).standard_normal((200_000, SIZE))
    drawn = mean[0] + np.exp(log_variance[0] / 2) * points
    ratio = stats.norm(mean[0], np.exp(log_variance[0] / 2)).logpdf(drawn) - stats.norm.logpdf(drawn)
    assert found["kl"][0] == pytest.approx(ratio.sum(1).mean(), rel=0.02)


@pytest.mark.parametrize("kind", ["binary_crossentropy", "squared_error"])
def test_the_reconstruction_is_added_up_over_pixels(networks, images, kind):
    one = play(networks, images)
    mean, log_variance = (np.asarray(networks["encoder"](images)[name]) for name in ("mean", "log_variance"))
    decoded = np.asarray(networks["decoder"](mean + np.exp(log_variance / 2) * one.noise["latent"]))
    if kind == "squared_error":
        expected = ((images - decoded) ** 2).sum((1, 2, 3))
    else:
        expected = -(images * np.log(decoded) + (1 - images) * np.log(1 - decoded)).sum((1, 2, 3))
    found = measure(VAE(reconstruction=kind, beta=0.5), one)
    np.testing.assert_allclose(found["reconstruction"], expected, rtol=1e-4)
    np.testing.assert_allclose(found["loss"], expected + 0.5 * found["kl"], rtol=1e-4)


def test_the_divergence_warms_up_in_training_alone(networks, images):
    objective = VAE(warm_up=10)
    for step, share in [(0.0, 0.0), (5.0, 0.5), (20.0, 1.0)]:
        found = measure(objective, play(networks, images, step=np.float32(step), training=True))
        np.testing.assert_allclose(found["loss"] - found["reconstruction"], share * found["kl"], rtol=1e-3, atol=1e-4)
    found = measure(objective, play(networks, images))
    np.testing.assert_allclose(found["loss"], found["reconstruction"] + found["kl"], rtol=1e-5)


def test_a_latent_is_decoded_and_a_picture_reconstructed(networks, images):
    objective = VAE()
    one = play(networks, None)
    made = np.stack([answer["image"] for answer in objective.respond(one)])
    np.testing.assert_allclose(made, networks["decoder"](one.noise["latent"]), rtol=1e-6)
    again = np.stack([answer["image"] for answer in objective.respond(play(networks, images))])
    np.testing.assert_allclose(again, networks["decoder"](networks["encoder"](images)["mean"]), rtol=1e-6)


def test_a_film_walks_between_latents(networks):
    one = play(networks, None, settings={"film": 5})
    (answer, *_) = VAE().respond(one)
    assert answer["film"].shape == (5, 4, 4, 1)
    np.testing.assert_allclose(answer["film"][0], networks["decoder"](one.noise["start"])[0], rtol=1e-4)
    np.testing.assert_allclose(answer["film"][-1], networks["decoder"](one.noise["latent"])[0], rtol=1e-4)
    files = VAE().answer(answer, Image(size=[4, 4], channels=1))
    pixels = [Image(channels=1).load(files[name].data).shape for name in ("image", "film")]
    assert pixels == [(4, 4, 1), (4, 20, 1)]


def test_what_is_kept_of_a_split_is_made_of_noise(networks, images):
    one = play(networks, images)
    kept = VAE().digest(one)
    np.testing.assert_allclose(kept[2]["image"], networks["decoder"](one.noise["latent"])[2], rtol=1e-5)
    scores = VAE().scores(kept, images, None)
    assert scores["loss"] == pytest.approx(scores["reconstruction"] + scores["kl"], rel=1e-5)


def test_the_latent_is_the_input_that_the_encoder_has_not(networks):
    assert VAE().noise(networks)["latent"] == ("normal", (SIZE,))
    with pytest.raises(ValueError, match="the one input of"):
        VAE().noise({"encoder": networks["encoder"], "decoder": networks["encoder"]})
