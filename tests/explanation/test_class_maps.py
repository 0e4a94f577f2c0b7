"""Class maps: against SciPy and NumPy in closed form, on planted pictures, on sounds."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image
from scipy.signal import correlate2d

from dlsuite import explanation
from dlsuite.explanation.class_maps import _resize, _time_first, weigh_maps


def scan(seed=0):
    return np.random.default_rng(seed).integers(0, 255, (8, 8, 1)).astype(np.uint8)


def test_a_map_is_that_of_scipy(pictures):
    picture, target = scan(), 3
    kernel, bias = pictures.model.get_layer("filters").get_weights()
    weights, _ = pictures.model.get_layer("label").get_weights()
    maps = [correlate2d(picture[..., 0] / 255, kernel[..., 0, k], "same") + bias[k] for k in range(2)]
    wanted = np.maximum(sum(weights[k, target] / 64 * maps[k] for k in range(2)), 0)  # the mean is over 64 places
    found = explanation.grad_cam(pictures, picture, target)
    assert found.layer == "filters" and found.target == "3" and found.values.dtype == np.float32
    np.testing.assert_allclose(found.values, wanted / wanted.max(), atol=1e-5)
    np.testing.assert_array_equal(found.shown, picture)


def test_equations_1_and_2():
    rng = np.random.default_rng(0)
    maps, gradient = rng.normal(size=(2, 4, 5, 3))
    found = weigh_maps(maps, gradient)
    for i in range(4):
        for j in range(5):
            weighed = sum(gradient[..., k].mean() * maps[i, j, k] for k in range(3))
            assert found[i, j] == pytest.approx(max(weighed, 0), abs=1e-6)


def test_a_class_is_seen_where_its_lines_are(pictures):
    layers = {name: pictures.model.get_layer(name) for name in ("filters", "label")}
    kept = {name: layer.get_weights() for name, layer in layers.items()}
    upright = np.array([[-1, 2, -1]] * 3, np.float32)
    layers["filters"].set_weights([np.stack([upright, upright.T], -1)[:, :, None], np.zeros(2)])
    weights = np.zeros((2, 10))
    weights[0, 0] = weights[1, 1] = 1
    layers["label"].set_weights([weights, np.zeros(10)])
    picture = np.zeros((8, 8, 1), np.uint8)
    picture[1:7, 1] = picture[4, 4:] = 255  # an upright line on the left, a level one on the right
    try:
        one, other = (explanation.grad_cam(pictures, picture, target).values for target in ("0", "1"))
    finally:
        for name, layer in layers.items():
            layer.set_weights(kept[name])
    assert one[:, :3].sum() > 2 * one[:, 4:].sum() and other[:, 4:].sum() > 2 * other[:, :3].sum()


def test_the_class_that_is_answered_is_explained(pictures):
    (answer,) = pictures.predict(scan())
    assert explanation.grad_cam(pictures, scan()).target == answer["output"]["class"]


def test_layers_inside_networks_and_wrappers(deep_pictures):
    layers = explanation.explainable_layers(deep_pictures)
    assert layers == ["eye.conv2d", "eye.max_pooling2d", "eye.normalised"]
    assert explanation.last_convolution(deep_pictures) == "eye.normalised"
    found = [explanation.grad_cam(deep_pictures, scan(), 2, layer) for layer in layers]
    assert [one.values.shape for one in found] == [(8, 8)] * 3
    assert len({one.score for one in found}) == 1 and all(one.values.max() in (0, 1) for one in found)


def test_a_map_is_resized_as_pillow_does():
    small = np.random.default_rng(0).random((4, 5)).astype(np.float32)
    wanted = np.asarray(Image.fromarray(small).resize((15, 8), Image.Resampling.BILINEAR))
    np.testing.assert_allclose(_resize(small, (8, 15)), wanted, atol=1e-5)


def test_a_map_of_bands_over_time_is_turned():
    lying = np.arange(35).reshape(7, 5)
    assert _time_first(lying, 28, 20) is lying
    np.testing.assert_array_equal(_time_first(lying.T, 28, 20), lying)


def test_a_sound_is_seen_on_its_spectrogram_and_not_behind_its_end(sounds):
    voice = (8000 * np.sin(np.arange(4000) / 3)).astype(np.int16)  # half a second
    found = explanation.grad_cam(sounds, voice)
    assert found.layer == "last" and found.values.shape == found.shown.shape == (101, 40)
    assert found.values.max() == 1 and found.values.min() >= 0
    assert not found.values[53:].any()
    assert found.shown[:45].mean() > found.shown[55:].mean()


def test_what_has_no_maps_is_refused(opinions, pictures):
    assert explanation.explainable_layers(opinions) == []
    with pytest.raises(explanation.ExplanationError, match="There is no convolution over a picture or a sound"):
        explanation.grad_cam(opinions, "the film is good")
    with pytest.raises(explanation.ExplanationError, match="no maps of `filter`. Did you mean `filters`"):
        explanation.grad_cam(pictures, scan(), layer="filter")
    with pytest.raises(explanation.ExplanationError, match="There is no target 'ten'. Known targets: `0`, `1`"):
        explanation.grad_cam(pictures, scan(), "ten")
    with pytest.raises(explanation.ExplanationError, match="One input is explained at a time, and there are 2"):
        explanation.grad_cam(pictures, np.stack([scan(), scan()]))
    with pytest.raises(explanation.ExplanationError, match="no answer `labels`. Did you mean `label`"):
        explanation.grad_cam(pictures, scan(), answer="labels")
