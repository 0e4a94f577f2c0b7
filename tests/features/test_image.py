"""Pictures to tensors and back."""

import io
import json

import numpy as np
import pytest
from PIL import Image as Pillow

from dlsuite.features import picture
from dlsuite.features.image import Image

RED = np.zeros((4, 6, 3), np.uint8) + np.array([255, 0, 0], np.uint8)


def as_bytes(image: Pillow.Image, kind: str = "PNG", **options) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


def fitted(values, **arguments) -> Image:
    feature = Image(**arguments)
    feature.fit(values)
    return feature


def test_range_and_channels_and_size():
    feature = fitted([RED], size=[2, 3], channels=1, range=[-1.0, 1.0])
    assert feature.facts_fitted() == {"shape": [2, 3, 1]}
    assert feature.encode(RED) == pytest.approx(np.full((2, 3, 1), 2 * 76 / 255 - 1))  # ITU-R 601: 0.299 of red


def test_a_file_its_bytes_its_array_and_its_path_are_one(tmp_path):
    rng = np.random.default_rng(0)
    pixels = rng.integers(0, 256, (8, 8), np.uint8)
    path = tmp_path / "digit.png"
    Pillow.fromarray(pixels).save(path)
    feature = fitted([pixels[..., None]])
    expected = pixels[..., None].astype(np.float32) / 255
    for raw in (path, str(path), path.read_bytes(), pixels, pixels[..., None], pixels.astype(np.int64)):
        np.testing.assert_allclose(feature.encode(raw), expected, rtol=1e-6)


def test_what_was_fitted_outlives_json():
    rng = np.random.default_rng(0)
    images = rng.integers(0, 256, (20, 5, 7, 3), np.uint8)
    feature = fitted(images, normalize="standard")
    again = Image(normalize="standard")
    again.restore(json.loads(json.dumps(feature.state())))
    np.testing.assert_array_equal(again.encode(images[3]), feature.encode(images[3]))
    assert again.facts_fitted() == {"shape": [5, 7, 3]}


def test_standard_gives_mean_0_and_deviation_1_by_channel():
    images = np.random.default_rng(0).integers(0, 256, (50, 6, 6, 3), np.uint8) // np.array([1, 2, 3], np.uint8)
    feature = fitted(images, normalize="standard")
    encoded = np.stack([feature.encode(image) for image in images])
    np.testing.assert_allclose(encoded.mean((0, 1, 2)), 0, atol=1e-5)
    np.testing.assert_allclose(encoded.std((0, 1, 2)), 1, atol=1e-5)


def test_imagenet_equals_its_definition():
    image = np.random.default_rng(0).integers(0, 256, (4, 4, 3), np.uint8)
    expected = (image / 255 - np.array([0.485, 0.456, 0.406])) / np.array([0.229, 0.224, 0.225])
    np.testing.assert_allclose(fitted([image], normalize="imagenet").encode(image), expected, atol=1e-5)


@pytest.mark.parametrize("arguments", [{}, {"range": [-1.0, 1.0]}, {"normalize": "imagenet"}])
def test_decode_undoes_encode(arguments):
    image = np.random.default_rng(0).integers(0, 256, (4, 4, 3), np.uint8)
    feature = fitted([image], **arguments)
    np.testing.assert_array_equal(feature.decode(feature.encode(image)), image)


def test_pictures_lie_as_their_exif_data_says():
    upright = np.zeros((4, 6, 3), np.uint8)
    upright[0] = 255
    lying = Pillow.fromarray(np.rot90(upright))
    exif = Pillow.Exif()
    exif[0x0112] = 6  # to be turned by 90 degrees clockwise
    raw = as_bytes(lying, "PNG", exif=exif)
    np.testing.assert_array_equal(picture.read_picture(raw), upright)


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "CMYK", "I;16", "YCbCr", "F"])
@pytest.mark.parametrize("channels", [1, 3, 4])
def test_every_mode_is_converted(mode, channels):
    image = Pillow.fromarray(np.full((4, 6), 40000, np.uint16)) if mode == "I;16" else Pillow.new(mode, (6, 4), 1)
    kind = "PNG" if mode in ("1", "L", "LA", "P", "RGB", "RGBA", "I;16") else "TIFF"
    assert picture.read_picture(as_bytes(image, kind), None, channels).shape == (4, 6, channels)


def test_16_bits_keep_their_brightness():
    raw = as_bytes(Pillow.fromarray(np.full((2, 2), 32896, np.uint16)))
    assert picture.read_picture(raw).tolist() == [[[128], [128]], [[128], [128]]]


@pytest.mark.parametrize("kind", ["PNG", "TIFF", "PPM"])
def test_the_brightness_of_16_bits_does_not_depend_on_the_rest_of_the_picture(kind):
    for brightest in (200, 1000, 65535):
        pixels = np.array([[0, 0, brightest]], np.uint16)
        if kind == "PPM":
            raw = b"P5 3 1 65535\n" + pixels.astype(">u2").tobytes()
        else:
            raw = as_bytes(Pillow.fromarray(pixels), kind)
        assert picture.read_picture(raw).ravel().tolist() == [0, 0, round(brightest / 257)]


def test_floats_are_taken_from_black_at_0_to_white_at_1():
    raw = as_bytes(Pillow.fromarray(np.array([[0, 0.25, 0.5, 1]], np.float32)), "TIFF")
    assert picture.read_picture(raw).ravel().tolist() == [0, 64, 128, 255]


@pytest.mark.parametrize(
    ("pixels", "reason"),
    [
        (
            np.array([[0, 200]], np.float32),
            "holds floats from 0 to 200, and floats are taken from 0, black, to 1, white",
        ),
        (np.array([[-0.5, 1]], np.float32), "holds floats from -0.5 to 1"),
        (np.array([[np.nan, 1]], np.float32), "holds floats from nan to nan"),
        (np.array([[0, 7]], np.int32), "holds whole numbers of 32 bits, of which none is known to be white"),
    ],
)
def test_numbers_that_nobody_knows_white_of_are_refused(pixels, reason):
    with pytest.raises(ValueError, match=reason):
        picture.read_picture(as_bytes(Pillow.fromarray(pixels), "TIFF"))


def test_transparent_parts_become_white():
    raw = as_bytes(Pillow.new("RGBA", (1, 1), (0, 0, 0, 0)))
    assert picture.read_picture(raw, None, 3).tolist() == [[[255, 255, 255]]]


def test_resizing_is_antialiased():
    stripes = np.tile(np.array([[0], [255]], np.uint8), (8, 16))[..., None]
    small = fitted([stripes], size=[4, 4]).load(stripes)
    np.testing.assert_allclose(small[1:3].astype(int), 128, atol=1)  # nearest neighbour would give 0 or 255


def test_images_of_several_sizes_need_a_size():
    images = [np.zeros((4, 4, 1), np.uint8), np.zeros((5, 4, 1), np.uint8)]
    with pytest.raises(ValueError, match="differ in size.*give `size`"):
        fitted(images)
    assert fitted(images, size=[4, 4]).facts_fitted() == {"shape": [4, 4, 1]}


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        (b"", "is none of PNG"),
        (b"GIF89a", "."),
        (as_bytes(Pillow.new("RGB", (64, 64)))[:60], "is corrupt"),
        (as_bytes(Pillow.new("RGB", (64, 64)), "JPEG")[:200], "is corrupt"),
        (np.zeros((4, 4, 2), np.uint8), "no picture"),
        (np.zeros((0, 4, 1), np.uint8), "no picture"),
        (np.full((4, 4), 256), "whole numbers from 0 to 255"),
        (np.full((4, 4), 0.5), "a Number feature takes any array"),
        ("no/such/file.png", "cannot be read"),
        (None, "a NoneType is no picture"),
        (7, "a int is no picture"),
        ([[0, 1], [2, 3]], "a list is no picture: give the path of a file"),
    ],
    ids=lambda value: value if isinstance(value, str) else type(value).__name__,
)
def test_what_is_no_picture_says_why(raw, reason):
    with pytest.raises(ValueError, match=reason):
        Image(size=[4, 4], channels=1).encode(raw)


def test_bombs_are_refused_before_they_are_unpacked(monkeypatch):
    raw = as_bytes(Pillow.new("1", (9000, 9000)))
    assert len(raw) < 100_000
    with pytest.raises(ValueError, match="9000 x 9000 pixels are more than 36,000,000"):
        picture.read_picture(raw)


def test_a_photo_of_fifty_megapixels_is_read_at_half_its_size():
    corner = Pillow.new("RGB", (8192, 6144), "white")
    corner.paste("red", (0, 0, 4096, 3072))
    for exif, rotated in ((None, False), (6, True)):
        tags = Pillow.Exif()
        tags[0x0112] = exif or 1
        pixels = picture.read_picture(as_bytes(corner, "JPEG", exif=tags))
        assert pixels.shape == ((4096, 3072, 3) if rotated else (3072, 4096, 3))
        red = pixels[100, -100] if rotated else pixels[100, 100]
        np.testing.assert_allclose(red, [255, 0, 0], atol=2)
    with pytest.raises(ValueError, match="9000 x 9000 pixels are more than 64,000,000: make it smaller"):
        picture.read_picture(as_bytes(Pillow.new("L", (9000, 9000)), "JPEG"))


@pytest.mark.parametrize(
    "arguments",
    [{"channels": 2}, {"size": [4]}, {"size": [0, 4]}, {"normalize": "imagenet", "channels": 1}],
)
def test_arguments_that_make_no_sense_are_refused(arguments):
    with pytest.raises(ValueError):
        Image(**arguments)


def test_why_no_image_can_be_read_is_said():
    with pytest.raises(ValueError, match="the first .ndarray.: an array of float32"):
        Image().fit(np.full((2, 4, 4), 0.5, "float32"))


def test_a_size_beyond_any_memory_is_refused():
    with pytest.raises(ValueError, match="more than 36,000,000 pixels"):
        Image(size=[100_000, 100_000])
