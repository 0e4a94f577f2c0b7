"""A player of sounds with their picture: outline, spectrogram, a line where it plays, and words to jump to."""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from typing import Any

from apps.components.packaged import mount


def player(
    sound: bytes,
    *,
    key: str,
    seconds: float,
    outline: Sequence[Sequence[float]],
    spectrogram: bytes,
    label: str,
    words: Sequence[Mapping[str, Any]] = (),
) -> None:
    """Draws a player. A click on the picture, or on a word, plays from there.

    Args:
        sound: A WAV.
        key: Of the widget.
        seconds: How long it is.
        outline: Lowest and highest sample of each stretch, from -1 to 1.
        spectrogram: A PNG, low pitches at the bottom.
        label: Read out by screen readers.
        words: Each with `word`, `start`, `end` (seconds) and `confidence` (0 to 1); those without times are text alone.
    """
    data = {
        "sound": _address(sound, "audio/wav"),
        "seconds": round(seconds, 3),
        "outline": [[round(low, 3), round(high, 3)] for low, high in outline],
        "spectrogram": _address(spectrogram, "image/png"),
        "label": label,
        "words": [{name: _plain(one.get(name)) for name in ("word", "start", "end", "confidence")} for one in words],
    }
    mount("player", fetched=False, key=key, data=data)


def _address(data: bytes, kind: str) -> str:
    return f"data:{kind};base64,{base64.b64encode(data).decode()}"


def _plain(value: Any) -> str | float | None:
    return value if value is None or isinstance(value, str) else float(value)
