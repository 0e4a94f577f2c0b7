"""Numbers and shapes as people read them."""

from __future__ import annotations

from typing import Any


def scaled(number: float) -> str:
    """Returns a number in thousands, millions ...; a unit may follow.

    Example:
        >>> scaled(4089184256) + "FLOP"
        '4.09 GFLOP'
    """
    for unit in ("", "k", "M", "G", "T", "P"):
        if abs(number) < 999.5:
            return f"{number:.3g} {unit}"
        number /= 1000
    return f"{number:,.3g} E"


def duration(seconds: float) -> str:
    """Returns a time in the unit that suits it.

    Example:
        >>> duration(0.0042), duration(5400)
        ('4.2 ms', '90 min')
    """
    for limit, length, unit in _UNITS:
        if seconds < limit:
            return f"{seconds / length:.3g} {unit}"
    return f"{seconds / 31557600:,.3g} years"


def shape_text(shape: Any) -> str:
    """Returns one shape, or several by name, a dot for the batch.

    Example:
        >>> shape_text([None, 28, 28])
        '(·, 28, 28)'
    """
    if isinstance(shape, dict):
        return ", ".join(f"{key} {shape_text(one)}" for key, one in shape.items())
    if shape and isinstance(shape[0], list | dict):
        return ", ".join(map(shape_text, shape))
    return "(" + ", ".join("·" if one is None else str(one) for one in shape) + ")"


_DAY = 86400
_UNITS = (
    (1e-3, 1e-6, "µs"),
    (1, 1e-3, "ms"),
    (120, 1, "s"),
    (7200, 60, "min"),
    (2 * _DAY, 3600, "h"),
    (1000 * _DAY, _DAY, "days"),
)
"""Below which limit, of which length, what a unit of time is called."""
