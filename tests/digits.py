"""The small spec that tests train: scans of digits, 8 x 8, in ten classes."""

from __future__ import annotations

from typing import Any

DATA = {"source": "Digits", "inputs": {"image": "Image"}, "targets": {"label": "Category"}}
LABEL = {"Dense": {"units": "=label.classes", "name": "label"}}


def digits(*layers: Any, train: dict[str, Any] | list[Any], **data: Any) -> dict[str, Any]:
    """Returns a spec.

    Args:
        layers: Between the image and `LABEL`.
        train: Values of its `train`, or the stages.
        data: Further values of its `data`.
    """
    stages = train if isinstance(train, list) else {"objective": "Classification", **train}
    return {"name": "digits", "data": {**DATA, **data}, "model": {"layers": [*layers, LABEL]}, "train": stages}
