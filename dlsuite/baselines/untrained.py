"""The model itself, before its training."""

from __future__ import annotations

from dlsuite.registry import register


@register("baseline")
class Untrained:
    """The networks of the spec as they are before training: what their structure alone is worth."""

    untrained = True

    def __init__(self) -> None:
        self.note = ""
