"""Pictures."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import islice
from typing import Annotated, Any, Literal

import numpy as np

from dlsuite.features.picture import PIXELS, read_picture
from dlsuite.objectives.media import Media
from dlsuite.registry import Range, register

IMAGENET = ([0.485, 0.456, 0.406], [0.229, 0.224, 0.225])
LOOKED_AT = 64
"""So many training images tell the size and the channels where the spec leaves them out."""


@register("feature")
class Image:
    """A picture: PNG, JPEG and other files (turned upright by their EXIF data), their bytes, or 8-bit arrays.

    Pictures of another size are resized (bilinear, antialiased); those with other channels are converted (transparent
    parts become white). In files of 16 bits a pixel 65,535 is white, in those of floats 1; other floats, and whole
    numbers of 32 bits, are refused. In training, augmentations see float pixels from 0 to 255, as Keras' own expect by
    default; `range` or `normalize` comes after.

    Args:
        size: Height and width in pixels; by default that of the training images, which then must agree.
        channels: 1 grey, 3 RGB, 4 RGBA; by default that of the training images.
        range: What pixel values 0 and 255 become.
        normalize: Takes the place of `range`: `imagenet` subtracts the means of ImageNet and divides by its
            deviations, `standard` does so with the mean and deviation of each channel in the training images.

    Example:
        >>> image = Image(size=[28, 28], channels=1)
        >>> image.encode("shirt.png").shape
        (28, 28, 1)
    """

    domain = "vision"
    opens = True
    facts: dict[str, str] = {}
    tensor = {
        "shape": (
            "=[size[0] if size != null else field.shape[0], size[1] if size != null else field.shape[1], "
            "channels if channels != null else field.shape[2]]"
        ),
        "dtype": "float32",
    }
    augmented = True

    def __init__(
        self,
        *,
        size: tuple[Annotated[int, Range(least=1)], int] | None = None,
        channels: Annotated[int, Range(least=1, most=4)] | None = None,
        range: tuple[float, float] = (0.0, 1.0),  # type: ignore[assignment]
        normalize: Literal["imagenet", "standard"] | None = None,
    ):
        if channels not in (None, 1, 3, 4):
            raise ValueError(f"channels must be 1, 3 or 4, not {channels}")
        if size is not None and (len(size) != 2 or min(size) < 1):
            raise ValueError(f"size must be [height, width], not {size}")
        if size is not None and size[0] * size[1] > PIXELS:
            raise ValueError(f"size {size} is of more than {PIXELS:,} pixels")
        if normalize == "imagenet" and channels not in (None, 3):
            raise ValueError(f"imagenet's means are those of 3 channels, not {channels}")
        self._size: tuple[int, int] | None = (size[0], size[1]) if size is not None else None
        self._channels = channels
        self._range = (float(range[0]), float(range[1]))
        self._normalize = normalize
        self._statistics: tuple[list[float], list[float]] | None = IMAGENET if normalize == "imagenet" else None

    def fit(self, values: Iterable[Any]) -> None:
        """Finds the size, channels and statistics that the spec leaves to the training images.

        Raises:
            ValueError: The images differ in size, or none can be read.
        """
        values = values if isinstance(values, Sequence | np.ndarray) else list(values)
        if self._size is None or self._channels is None:
            shapes = [picture.shape for picture in islice(_readable(values, None, None), LOOKED_AT)]
            if not shapes:
                raise ValueError(f"none of the training images can be read; the first {_reason(values)}")
            sizes = sorted({shape[:2] for shape in shapes})
            if self._size is None and len(sizes) > 1:
                raise ValueError(f"the images differ in size ({sizes[0]}, {sizes[-1]}, ...): give `size`")
            self._size = self._size or sizes[0]
            self._channels = self._channels or max(shape[2] for shape in shapes)
        if self._normalize == "standard":
            whole = _fits(values, tuple(self.facts_fitted()["shape"]))
            pictures: Iterable[Any] = [values] if whole else _readable(values, self._size, self._channels)
            self._statistics = _channel_statistics(pictures, self._channels)

    def state(self) -> dict[str, Any]:
        """Returns what was fitted, as JSON."""
        return {"size": self._size and list(self._size), "channels": self._channels, "statistics": self._statistics}

    def restore(self, state: dict[str, Any]) -> None:
        """Takes over what `state` returned."""
        self._size = (state["size"][0], state["size"][1]) if state["size"] else None
        self._channels = state["channels"]
        self._statistics = (state["statistics"][0], state["statistics"][1]) if state["statistics"] else None

    def facts_fitted(self) -> dict[str, Any]:
        """Returns the shape of the tensor."""
        height, width = self._size  # type: ignore[misc]
        return {"shape": [height, width, self._channels]}

    def load(self, raw: Any) -> np.ndarray:
        """Returns the picture as uint8 [height, width, channels], before `range` or `normalize`.

        Raises:
            ValueError: It cannot be read.
        """
        return read_picture(raw, self._size, self._channels)

    def show(self, raw: Any) -> Media:
        """Returns the picture as a PNG."""
        return Media.picture(self.load(raw))

    def load_many(self, raws: Sequence[Any]) -> np.ndarray:
        """Returns pictures as uint8 [n, height, width, channels]; arrays that fit already are taken as they are."""
        shape = tuple(self.facts_fitted()["shape"])
        if _fits(raws, shape):
            return raws  # type: ignore[return-value]
        pictures = np.empty((len(raws), *shape), np.uint8)
        for i, raw in enumerate(raws):
            pictures[i] = self.load(raw)
        return pictures

    def affine(self) -> tuple[np.ndarray, np.ndarray]:
        """Returns scale and offset, float32 [channels]: the tensor is `load(raw) * scale + offset`."""
        if self._statistics is not None:
            mean, deviation = (np.asarray(values, np.float64) for values in self._statistics)
            scale, offset = 1 / (255 * deviation), -mean / deviation
        else:
            low, high = self._range
            scale, offset = np.full(self._channels, (high - low) / 255), np.full(self._channels, low)  # type: ignore
        return scale.astype(np.float32), offset.astype(np.float32)

    def encode(self, raw: Any) -> np.ndarray:
        """Returns the tensor, float32 [height, width, channels]."""
        scale, offset = self.affine()
        return self.load(raw).astype(np.float32) * scale + offset

    def decode(self, array: Any) -> np.ndarray:
        """Returns the picture, uint8 [height, width, channels], of a tensor."""
        scale, offset = self.affine()
        return np.rint(np.clip((np.asarray(array) - offset) / scale, 0, 255)).astype(np.uint8)


def _fits(values: Any, shape: tuple[int, ...]) -> bool:
    return isinstance(values, np.ndarray) and values.dtype == np.uint8 and values.shape[1:] == shape


def _readable(values: Iterable[Any], size: Any, channels: Any) -> Iterable[np.ndarray]:
    for value in values:
        try:
            yield read_picture(value, size, channels)
        except ValueError:
            continue


def _reason(values: Sequence[Any] | np.ndarray) -> str:
    try:
        read_picture(values[0])
    except ValueError as error:
        return f"({getattr(values[0], 'name', type(values[0]).__name__)}): {error}"
    return "can"


def _channel_statistics(pictures: Iterable[np.ndarray], channels: Any) -> tuple[list[float], list[float]]:
    """Returns mean and deviation of each channel on the scale from 0 to 1, from how often each value occurs."""
    counts = np.zeros((channels, 256), np.int64)
    for picture in pictures:
        for channel in range(channels):
            counts[channel] += np.bincount(picture[..., channel].ravel(), minlength=256)
    if not counts.any():
        raise ValueError("none of the training images can be read")
    shares = counts / counts.sum(1, keepdims=True)  # [channels, 256]
    values = np.arange(256) / 255
    mean = shares @ values
    deviation = np.sqrt((shares * (values - mean[:, None]) ** 2).sum(1))
    return mean.tolist(), np.where(deviation > 1e-6, deviation, 1.0).tolist()
