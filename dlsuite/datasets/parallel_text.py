"""Two text files whose lines belong together."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from dlsuite.datasets.examples import Examples
from dlsuite.datasets.tables import check_encoding, read_text
from dlsuite.registry import DataPath, register
from dlsuite.spec.errors import DataError


@register("dataset")
class ParallelText:
    """Two text files whose lines belong together (`.gz` too), as fields `source` and `target`; or two each for
    training, validation and test.

    Pairs with an empty line are left out.

    Args:
        source: All examples, or those for training where there are other files.
        target: What belongs to each of its lines.
        validation_source: Examples for validation.
        validation_target: What belongs to them.
        test_source: Examples for the test.
        test_target: What belongs to them.
        encoding: How letters are written, by Python's names: `utf-8`, `cp1252`, `utf-16`, ...
    """

    fields: dict[str, dict[str, object]] = {"source": {}, "target": {}}
    licence = "that of the files"
    origin = "files"

    def __init__(
        self,
        *,
        source: DataPath,
        target: DataPath,
        validation_source: DataPath | None = None,
        validation_target: DataPath | None = None,
        test_source: DataPath | None = None,
        test_target: DataPath | None = None,
        encoding: str = "utf-8",
    ):
        others = {"validation": (validation_source, validation_target), "test": (test_source, test_target)}
        for split, pair in others.items():
            if (pair[0] is None) != (pair[1] is None):
                raise ValueError(f"{split}_source and {split}_target go together: give both or neither")
        given = {split: pair for split, pair in others.items() if pair[0] is not None}
        pairs = {"train" if given else "all": (source, target), **given}
        self._paths = {split: {"source": Path(one), "target": Path(other)} for split, (one, other) in pairs.items()}
        self._encoding = check_encoding(encoding)
        self.read = [path for pair in self._paths.values() for path in pair.values()]

    def splits(self) -> dict[str, Examples]:
        """Returns the pairs of two files as `all`, or those of several as `train`, `validation` and `test`.

        Raises:
            DataError: A file cannot be read, or files that go together differ in lines.
        """
        return {split: pair_lines(paths, self._encoding) for split, paths in self._paths.items()}


def pair_lines(paths: Mapping[str, Path], encoding: str = "utf-8-sig") -> Examples:
    """Returns the lines of files that belong together, each file a field; those with an empty one are left out.

    Raises:
        DataError: A file cannot be read, or they differ in lines.
    """
    columns = {name: read_text(path, encoding).rstrip("\n").split("\n") for name, path in paths.items()}
    counts = {paths[name].name: len(lines) for name, lines in columns.items()}
    if len(set(counts.values())) > 1:
        found = " and ".join(f"{name} has {count:,}" for name, count in counts.items())
        raise DataError(f"Files that belong together differ in lines: {found}.")
    kept = [i for i, lines in enumerate(zip(*columns.values(), strict=True)) if all(line.strip() for line in lines)]
    if not kept:
        raise DataError(f"{' and '.join(counts)} hold no examples.")
    names = " and ".join(counts)
    return Examples(
        {name: [lines[i].strip("\r") for i in kept] for name, lines in columns.items()},
        lambda i: f"{names}, line {kept[i] + 1}",
    )
