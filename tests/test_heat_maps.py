"""Explanations as pictures."""

from __future__ import annotations

import numpy as np

from dlsuite.heat_maps import AGAINST, FOR, enlarge, lay_over, lay_signed, paint, see

GREY = np.full((2, 2, 3), 100, np.uint8)


def test_heat_grows_lighter_all_the_way() -> None:
    colours = paint(np.linspace(0, 1, 50)[None])[0].astype(float)
    lightness = colours @ [0.2126, 0.7152, 0.0722]
    assert (np.diff(lightness) > 0).all()


def test_nothing_is_laid_where_there_is_nothing() -> None:
    values = np.array([[0, 1], [0, 0.5]])
    over = lay_over(GREY, values, 1.0)
    assert (over[:, 0] == 100).all() and over[0, 1].tolist() == [252, 255, 164]
    assert np.array_equal(lay_over(GREY, values, 0.0), GREY)


def test_signs_have_colours_of_their_own() -> None:
    over = lay_signed(GREY, np.array([[2.0, -2.0], [0.0, 0.0]]), 1.0)
    assert over[0, 0].tolist() == list(FOR) and over[0, 1].tolist() == list(AGAINST)
    assert (over[1] == 100).all()
    assert np.array_equal(lay_signed(GREY, np.zeros((2, 2)), 1.0), GREY)


def test_low_bands_come_to_the_bottom() -> None:
    spectrogram = np.array([[5.0, 0.0], [0.0, 0.0], [0.0, 0.0]])  # three frames, two bands
    seen = see(spectrogram)
    assert seen.shape == (2, 3, 3) and seen[1, 0].tolist() == [255] * 3 and seen.sum() == 3 * 255


def test_pixels_become_squares() -> None:
    pixels = np.arange(12, dtype=np.uint8).reshape(2, 2, 3)
    large = enlarge(pixels, 6)
    assert large.shape == (6, 6, 3) and (large[:3, 3:] == pixels[0, 1]).all()
    assert enlarge(large, 6) is large
    assert see(pixels[..., :1]).shape == (2, 2, 3)
