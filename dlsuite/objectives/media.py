"""Files in answers: a picture, a sound, a structure."""

from __future__ import annotations

import io
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

RECIPE = "dlsuite"
"""The key of a PNG's text chunk that says how the picture was made."""
PIXELS = 64_000_000
"""Recipes of larger pictures are not looked for."""


@dataclass(frozen=True)
class Media:
    """A file in an answer.

    Attributes:
        data: What the file holds.
        suffix: Of its name, such as `.png`.

    Example:
        >>> Media.picture(np.zeros((28, 28, 1), np.uint8)).suffix
        '.png'
    """

    data: bytes
    suffix: str

    @classmethod
    def picture(cls, pixels: Any) -> Media:
        """Returns a PNG.

        Args:
            pixels: uint8 [height, width, channels], 1 or 3 of them.
        """
        from PIL import Image

        file = io.BytesIO()
        Image.fromarray(pixels[..., 0] if pixels.shape[-1] == 1 else pixels).save(file, "PNG")
        return cls(file.getvalue(), ".png")

    @classmethod
    def sound(cls, samples: Any, rate: int) -> Media:
        """Returns a WAV.

        Args:
            samples: int16 [n].
            rate: Samples a second.
        """
        import soundfile

        file = io.BytesIO()
        soundfile.write(file, samples, rate, format="WAV", subtype="PCM_16")
        return cls(file.getvalue(), ".wav")

    def sign(self, recipe: Mapping[str, Any]) -> Media:
        """Returns the same file with a recipe in it, from which it can be made again; files that hold none as they are.

        Args:
            recipe: Plain values: spec, run, seed and whatever else was asked for.
        """
        if self.suffix != ".png":
            return self
        from PIL import Image
        from PIL.PngImagePlugin import PngInfo

        info, file = PngInfo(), io.BytesIO()
        info.add_text(RECIPE, json.dumps(recipe, sort_keys=True))
        with Image.open(io.BytesIO(self.data)) as image:
            image.save(file, "PNG", pnginfo=info)
        return Media(file.getvalue(), self.suffix)


def read_recipe(data: bytes) -> dict[str, Any] | None:
    """Returns the recipe in a PNG, or `None` where it has none.

    Raises:
        ValueError: This is no PNG, it is damaged or too large, or what stands there is no recipe.
    """
    from PIL import Image, UnidentifiedImageError

    try:
        with Image.open(io.BytesIO(data), formats=["PNG"]) as image:
            size = image.size
            text = image.text.get(RECIPE) if size[0] * size[1] <= PIXELS else None
    except Image.DecompressionBombError:
        raise ValueError(f"has more than {PIXELS:,} pixels") from None
    except UnidentifiedImageError:  # its own words name the object in memory
        raise ValueError("is no PNG") from None
    except Exception as error:  # Pillow raises OSError, SyntaxError, struct.error, zlib.error, ...
        raise ValueError(f"is no PNG that can be read: {error}") from None
    if size[0] * size[1] > PIXELS:
        raise ValueError(f"has {size[0]} x {size[1]} pixels, more than {PIXELS:,}")
    try:
        recipe = None if text is None else json.loads(text)
    except RecursionError:
        raise ValueError("holds no recipe that can be read: it is nested too deeply") from None
    except ValueError as error:
        raise ValueError(f"holds no recipe that can be read: {error}") from None
    if not isinstance(recipe, dict | None):
        raise ValueError(f"holds a {type(recipe).__name__} and no recipe")
    return recipe
