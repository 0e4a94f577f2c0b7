"""The shipped specs that can be trained here and now, by domain."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import dlsuite
from dlsuite import registry
from dlsuite.demo import PARTS
from dlsuite.spec.catalogue import load
from dlsuite.spec.plan import Component
from dlsuite.spec.roots import data_root
from dlsuite.templates import shipped


@dataclass(frozen=True)
class Offer:
    """A shipped spec whose data is here.

    Attributes:
        name: Such as `vision/digits_cnn`.
        path: Of its file.
        about: Purpose, data, time and score, in its own words.
        data: The name of its data set.
        seconds: How long it takes on two CPU cores; `None` where its `about` tells.
    """

    name: str
    path: Path
    about: str
    data: str
    seconds: int | None


def offers(domain: str) -> list[Offer]:
    """Returns the specs in the folder of a domain that train without a download; that of the demo first.

    Example:
        >>> offers("speech")[0].name
        'speech/synthetic_digits'
    """
    seconds = {part.spec.removesuffix(".json"): part.seconds for part in PARTS}
    found = []
    for name, path in shipped().items():
        if name.partition("/")[0] != domain:
            continue
        plan = dlsuite.load(path).plan()
        if plan.train and plan.data.source is not None and is_here(plan.data.source):
            found.append(Offer(name, path, plan.about, plan.data.source.name, seconds.get(name)))
    return sorted(found, key=lambda one: one.seconds is None)


def is_here(source: Component) -> bool:
    """Returns whether a named data set is on this machine: shipped, computed, or with files under DLSUITE_DATA.

    What a source would read of a path in the spec is known once it is read: such a one counts as not here.
    """
    arguments = (load().entry("dataset", source.name) or {"args": {}})["args"]
    if any(schema.get("path") for schema in arguments.values()):
        return False
    root, files = data_root(), getattr(registry.find("dataset", source.name), "files", {})
    return not files or root is not None and (root / next(iter(files))).is_file()
