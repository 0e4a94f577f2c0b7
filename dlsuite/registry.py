"""Blocks by kind and name: a block is one file in the folder of its kind.

A file registers what it defines with `@register("layer")`. Nothing is imported to know what exists: the catalogue reads
signatures from source, and `find` imports the one file that defines a name when it is first used. Outside packages add
blocks through the entry-point group `dlsuite.blocks`: the package named there has the same folders.
"""

from __future__ import annotations

import importlib
import importlib.util
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any, TypeVar

FOLDERS = {
    "layer": "layers",
    "objective": "objectives",
    "metric": "metrics",
    "feature": "features",
    "dataset": "datasets",
    "callback": "callbacks",
    "augmentation": "augmentations",
    "baseline": "baselines",
    "decoder": "decoders",
    "sampler": "samplers",
}
"""The folder of each kind of block, in this package and in every plug-in."""

# In signatures of blocks these names say which components an argument takes; the catalogue reads them.
Layer = Loss = Metric = Optimizer = Schedule = Initializer = Regularizer = Constraint = Feature = Decoder = Any
# These name a network of the spec, one of the data's inputs or targets, or one of a network's outputs.
Network = Input = Target = Output = str
# A path inside the folder of the spec or of the data.
DataPath = str


@dataclass(frozen=True)
class Range:
    """Bounds of a number in the signature of a block, literal ones: `check` holds the specs to them.

    Attributes:
        least: It is at least that.
        most: It is at most that.
        above: It is more than that.
        below: It is less than that.

    Example:
        def __init__(self, *, width: Annotated[int, Range(least=1)] = 4): ...
    """

    least: float | None = None
    most: float | None = None
    above: float | None = None
    below: float | None = None


Block = TypeVar("Block", bound=Callable[..., Any])
_blocks: dict[tuple[str, str], Any] = {}


def register(kind: str) -> Callable[[Block], Block]:
    """Returns a decorator that registers a class or function under its own name.

    Args:
        kind: One of `FOLDERS`.
    """
    if kind not in FOLDERS:
        raise ValueError(f"There is no kind of block {kind!r}; there are {', '.join(FOLDERS)}.")

    def add(block: Block) -> Block:
        _blocks[kind, block.__name__] = block
        return block

    return add


def find(kind: str, name: str) -> Any:
    """Returns the block of that kind and name, importing its file if need be.

    Raises:
        KeyError: There is none.
    """
    if (kind, name) not in _blocks:
        from dlsuite.spec.catalogue import load

        importlib.import_module(load().module(kind, name))
    return _blocks[kind, name]


@cache
def packages() -> tuple[tuple[str, Path], ...]:
    """Returns name and folder of each package that brings blocks, this one first; imports none of them.

    Raises:
        PluginError: A plug-in names something else than a package.
    """
    from dlsuite.spec.errors import PluginError

    found = [("dlsuite", Path(__file__).parent)]
    for entry in sorted(entry_points(group="dlsuite.blocks"), key=lambda entry: entry.name):
        if not entry.value.isidentifier():  # to find a package inside another would import the other
            raise PluginError(f"The plug-in `{entry.name}` names `{entry.value}`; it is to name a package at the top.")
        spec = importlib.util.find_spec(entry.value)
        for folder in (spec.submodule_search_locations or []) if spec else []:
            found.append((entry.value, Path(folder)))
    return tuple(found)


def files(kind: str) -> Iterator[tuple[str, Path]]:
    """Yields module name and path of each file that may define blocks of a kind."""
    for package, folder in packages():
        for path in sorted((folder / FOLDERS[kind]).glob("*.py")):
            if path.stem != "__init__":
                yield f"{package}.{FOLDERS[kind]}.{path.stem}", path
