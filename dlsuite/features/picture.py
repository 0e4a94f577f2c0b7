"""Reading a picture: decoding, turning upright, converting channels, resizing."""

from __future__ import annotations

import io
import warnings
from typing import Any

import numpy as np

from dlsuite.features.content import read_content

PIXELS = 36_000_000
"""Larger pictures are refused before they are unpacked (decompression bombs)."""
PHOTO = 64_000_000
"""A JPEG may have so many, as cameras make them: it can be unpacked at half its width and height."""
FORMATS = ("PNG", "JPEG", "BMP", "GIF", "TIFF", "WEBP", "PPM")
warnings.filterwarnings("ignore", category=UserWarning, module=r"PIL\.")  # of damaged EXIF data and the like
warnings.filterwarnings("ignore", message=".*decompression bomb", module=r"PIL\.")  # refused here by `PIXELS`
BITS = 258
"""The tag of a TIFF that says how many bits a sample has."""
MODES = {1: "L", 3: "RGB", 4: "RGBA"}


def read_picture(raw: Any, size: tuple[int, int] | None = None, channels: int | None = None) -> np.ndarray:
    """Returns a picture as uint8 [height, width, channels].

    Args:
        raw: A path (or its string), a member of a zip archive, the bytes of a file, or an array [height, width] or
            [height, width, channels] of whole numbers from 0 to 255. Files of 16 bits a pixel are scaled by 65,535 (of
            12 by 4,095), those of floats from 0 to 1 by 1, whatever the brightest pixel is.
        size: Height and width to resize to.
        channels: 1, 3 or 4; by default 1 for grey pictures, else 3.

    Raises:
        ValueError: It cannot be read; says why.
    """
    from PIL import Image

    if isinstance(raw, np.ndarray):
        pixels = _check(raw)
        fits = channels in (None, pixels.shape[2]) and size in (None, pixels.shape[:2])
        if fits:
            return pixels
        image = Image.fromarray(pixels[..., 0] if pixels.shape[2] == 1 else pixels)
    else:
        image = _open(read_content(raw, "picture"))
    image = _convert(image, channels)
    if size is not None and image.size != (size[1], size[0]):
        image = image.resize((size[1], size[0]), Image.Resampling.BILINEAR)
    pixels = np.asarray(image)
    return pixels[..., None] if pixels.ndim == 2 else pixels


def _check(array: np.ndarray) -> np.ndarray:
    if array.ndim == 2:
        array = array[..., None]
    if array.ndim != 3 or array.shape[2] not in MODES or 0 in array.shape:
        raise ValueError(f"an array of shape {array.shape} is no picture [height, width, 1, 3 or 4 channels]")
    if array.dtype == np.uint8:
        return array
    if array.dtype == bool:
        return array.astype(np.uint8) * 255
    if array.dtype.kind not in "iu" or array.min() < 0 or array.max() > 255:
        raise ValueError(
            f"an array of {array.dtype} with other than whole numbers from 0 to 255 is no 8-bit picture; "
            "a Number feature takes any array"
        )
    return array.astype(np.uint8)


def _open(content: bytes) -> Any:
    """Returns the decoded picture, upright."""
    from PIL import Image, ImageOps

    try:
        image = Image.open(io.BytesIO(content), formats=FORMATS)
    except Image.DecompressionBombError:
        raise ValueError(f"has more than {PIXELS:,} pixels: make it smaller") from None
    except Image.UnidentifiedImageError:
        raise ValueError(f"is none of {', '.join(FORMATS)}") from None
    except Exception as error:
        raise ValueError(f"is corrupt: {error}") from None
    _limit(image)
    try:
        image.load()
        white, image = _white(image), ImageOps.exif_transpose(image)
    except Exception as error:  # Pillow's decoders raise ValueError, OSError, SyntaxError, struct.error, ...
        raise ValueError(f"is corrupt: {error}") from None
    return _to_8_bits(image, white)


def _limit(image: Any) -> None:
    """Checks that a picture can be unpacked in a moment; has a large JPEG unpacked at half its width and height.

    Raises:
        ValueError: It is too large.
    """
    from PIL.JpegImagePlugin import JpegImageFile

    count, photo = image.width * image.height, isinstance(image, JpegImageFile)
    limit = PHOTO if photo else PIXELS
    if count > limit:
        raise ValueError(f"{image.width} x {image.height} pixels are more than {limit:,}: make it smaller")
    if count > PIXELS:
        image.draft(None, (image.width // 2, image.height // 2))


def _white(image: Any) -> int | None:
    """Returns the number that is white in a grey picture of more than 8 bits, by its kind; `None` where none is."""
    if image.mode == "F":
        return 1
    if image.mode.startswith("I;16"):
        bits, *_ = getattr(image, "tag_v2", {}).get(BITS, (16,))
        return (1 << bits) - 1
    return 65535 if image.mode == "I" and image.format in ("PNG", "PPM") else None  # Pillow stretches PPM to 16 bits


def _to_8_bits(image: Any, white: int | None) -> Any:
    """Returns a picture of 8 bits a channel; numbers between 0 and white are mapped evenly, whatever the picture holds.

    Raises:
        ValueError: Nobody can tell which number is white.
    """
    from PIL import Image

    if not image.mode.startswith(("I", "F")):
        return image
    if white is None:
        raise ValueError(
            "holds whole numbers of 32 bits, of which none is known to be white: save it with 8 or 16 bits a pixel, or "
            "as floats from 0 to 1"
        )
    deep = np.asarray(image, np.float64)
    if not (deep.min() >= 0 and deep.max() <= white):  # nan is neither
        raise ValueError(
            f"holds floats from {deep.min():g} to {deep.max():g}, and floats are taken from 0, black, to 1, white: "
            "scale them, or read the numbers as they are by a Number feature from an array"
        )
    return Image.fromarray(np.rint(deep * (255 / white)).astype(np.uint8))


def _convert(image: Any, channels: int | None) -> Any:
    from PIL import Image

    if channels is None:
        channels = 1 if image.mode in ("1", "L", "LA", "La") else 3
    if channels != 4 and (image.mode in ("LA", "La", "PA", "RGBA", "RGBa") or "transparency" in image.info):
        image = image.convert("RGBA")
        white = Image.new("RGBA", image.size, "white")
        image = Image.alpha_composite(white, image)
    return image if image.mode == MODES[channels] else image.convert(MODES[channels])
