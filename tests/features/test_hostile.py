"""Whatever comes in, a feature gives a tensor or a ValueError that says why."""

import io

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image as Pillow

from dlsuite.features.category import Category
from dlsuite.features.image import Image
from dlsuite.features.number import Number

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.binary(max_size=20) | st.just(10**400),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=2),
    max_leaves=12,
)


def picture(kind: str) -> bytes:
    buffer = io.BytesIO()
    pixels = np.random.default_rng(0).integers(0, 256, (16, 16, 3), np.uint8)
    Pillow.fromarray(pixels).save(buffer, kind)
    return buffer.getvalue()


FILES = {kind: picture(kind) for kind in ("PNG", "JPEG", "GIF", "BMP", "TIFF", "WEBP")}


def encoded_or_refused(feature, raw, shape: tuple[int, ...]) -> None:
    try:
        assert feature.encode(raw).shape == shape
    except ValueError as error:
        assert str(error)


@given(
    st.sampled_from(sorted(FILES)),
    st.lists(st.tuples(st.integers(0, 4000), st.integers(0, 255)), max_size=6),
    st.integers(0, 4000),
)
def test_damaged_pictures(kind, changes, cut):
    content = bytearray(FILES[kind])
    for place, value in changes:
        content[place % len(content)] = value
    encoded_or_refused(Image(size=[4, 4], channels=3), bytes(content[: len(content) - cut % 64]), (4, 4, 3))


@given(json_values)
def test_values_that_are_no_number(raw):
    feature = Number(missing="mean")
    feature.fit([1.0, 2.0, 3.0])
    encoded_or_refused(feature, raw, (1,))


@given(json_values)
def test_values_that_are_no_label(raw):
    feature = Category()
    feature.fit(["a", "b"])
    encoded_or_refused(feature, raw, ())


@given(st.lists(json_values, min_size=1, max_size=5))
def test_columns_of_anything_can_be_fitted_or_are_refused(raws):
    for feature in (Number(missing="median"), Category(missing="unknown"), Image(channels=1)):
        try:
            feature.fit(raws)
        except ValueError as error:
            assert str(error)
        else:
            encoded_or_refused(feature, raws[0], tuple(feature.facts_fitted()["shape"]))


def test_a_list_in_a_list_without_end_is_refused():
    raw = [1.0]
    for _ in range(900):
        raw = [raw]
    feature = Number()
    feature.fit([1.0])
    with pytest.raises(ValueError, match="nested deeper"):
        feature.encode(raw)
