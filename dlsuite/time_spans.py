"""Time spans in words."""

from __future__ import annotations


def describe_seconds(seconds: float) -> str:
    """Returns a time span as people say it.

    Example:
        >>> describe_seconds(3700)
        '1 h 02 min'
    """
    seconds = round(seconds)
    if seconds < 60:
        return f"{seconds} s"
    if seconds < 3600:
        return f"{seconds // 60} min {seconds % 60:02d} s"
    return f"{seconds // 3600} h {seconds % 3600 // 60:02d} min"
