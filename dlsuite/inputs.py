"""Raw input as people hand it over, as examples: files, bytes, arrays, rows of tables, dictionaries."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from dlsuite.datasets.csv import CSV
from dlsuite.datasets.jsonl import JSONL
from dlsuite.datasets.parquet import Parquet
from dlsuite.datasets.tables import TableSource
from dlsuite.spec.errors import DataError, nearest, suggest

BYTES = 20 << 20
"""Larger input files are refused."""
LABEL = 80
"""Messages call an input by so many letters at most."""
TABLES: dict[str, Callable[[Path], TableSource]] = {
    ".csv": lambda path: CSV(path=str(path)),
    ".tsv": lambda path: CSV(path=str(path), separator="\t"),
    ".jsonl": lambda path: JSONL(path=str(path)),
    ".parquet": lambda path: Parquet(path=str(path)),
}


Refuse = Callable[[DataError], None]
"""What is told of an input at fault, which is then left out; by default it raises."""


def raise_fault(error: DataError) -> None:
    """Raises what is wrong with an input."""
    raise error


class Raw(NamedTuple):
    """An example to answer: what to call it, and its raw values by field."""

    name: str
    fields: Mapping[str, Any]

    @property
    def label(self) -> str:
        """What messages call it: its name, not all of a long text."""
        return label(self.name)


def label(name: str) -> str:
    """Returns what messages call an input of that name."""
    if not name.strip():
        return json.dumps(name)
    return name if len(name) <= LABEL else f"{name[: LABEL - 3]}..."


def read_inputs(
    inputs: Any,
    fields: tuple[str, ...],
    shape: tuple[int, ...] | None = None,
    source: Any = None,
    *,
    known: tuple[str, ...] = (),
    text: bool = False,
    refuse: Refuse = raise_fault,
) -> Iterator[Raw]:
    """Yields the examples of some input, in order.

    Args:
        inputs: One or several of: the path of a table (CSV, TSV, JSONL, Parquet), an example a row; a dictionary of raw
            values by field; and for runs that read a single field a path of any other file, the bytes of one, or an
            array.
        fields: The fields that the run reads.
        shape: Of the tensor of a single field; arrays with one more axis in front are that many examples.
        source: The run's dataset: tables of its kind are read as it reads its own (separator, encoding, columns), and
            a field that it puts together of others (its `vectors`) may be given by those.
        known: Further fields that are read where an example has them.
        text: Whether the single field is text: a string that is no file is taken as it is.
        refuse: What is told of an input, or of a row, that cannot be read, and why.

    Raises:
        DataError: Something cannot be read; says which and why.
    """
    vectors = getattr(source, "vectors", {})
    several = isinstance(inputs, Iterable) and not isinstance(inputs, (str, bytes, Mapping, np.ndarray))
    for number, one in enumerate(inputs if several else [inputs]):
        try:
            if isinstance(one, str) and one.lstrip().startswith("{" if text else ("{", "[")) and not _exists(one):
                yield _example(one, _parse(one, (*fields, *known)), fields, known, vectors)
            elif isinstance(one, str) and text and not _exists(one):
                yield Raw(one, {fields[0]: one})
            elif isinstance(one, (str, os.PathLike)):
                yield from _file(Path(one), str(one), fields, source, known, refuse)
            elif isinstance(one, Mapping):
                yield _example(f"input {number + 1}", one, fields, known, vectors)
            elif isinstance(one, (bytes, bytearray)):
                yield Raw(f"input {number + 1}", {_single(fields, "the bytes of a file"): _small(bytes(one), number)})
            elif isinstance(one, np.ndarray):
                yield from _array(one, number, fields, shape)
            else:
                works = "a path, bytes, an array or a dictionary of fields"
                raise DataError(f"Input {number + 1} is a {type(one).__name__}. What would work: {works}.")
        except DataError as error:
            refuse(error)


def _exists(path: str) -> bool:
    try:
        return bool(path) and Path(path).exists()
    except (OSError, ValueError):  # too long for a name, or with a null in it
        return False


def _parse(text: str, known: tuple[str, ...]) -> Mapping[str, Any]:
    """Returns the raw values by field that a JSON object gives; `known` are those that a run reads."""
    if len(text) > BYTES:
        raise DataError(f"An input has {len(text):,} characters; inputs may have {BYTES:,}.")
    try:
        found = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise DataError(f"{text[:60]}: is neither a file nor a JSON object: {error}.") from None
    if not isinstance(found, dict):
        example = json.dumps(known[0] if known else "seed")
        raise DataError(f"{text[:60]}: is a list and no JSON object of fields, such as {{{example}: ...}}.")
    return found


def _file(
    path: Path, name: str, fields: tuple[str, ...], source: Any, known: tuple[str, ...], refuse: Refuse
) -> Iterator[Raw]:
    _check(path, name)
    make = TABLES.get(path.suffix.lower())
    if make is None:
        yield Raw(name, {_single(fields, f"the file `{name}`"): path})
        return
    reader = make(path)
    table = (source if isinstance(source, type(reader)) else reader).table(path)
    count = len(next(iter(table.columns.values()), ()))
    if count == 0:
        raise DataError(f"{name}: holds no rows.")
    for number in range(count):
        if number in table.faults:
            refuse(DataError(f"{name}:{number + 1}: {table.faults[number]}."))
            continue
        row = {key: column[number] for key, column in table.columns.items()}
        yield _example(f"{name}:{number + 1}", row, fields, known, getattr(source, "vectors", {}))


def _check(path: Path, name: str) -> None:
    if not name:
        raise DataError("An input is empty. What would work: the path of a file, or a JSON object of fields.")
    try:
        if path.is_dir():
            raise DataError(f"{name}: is a folder. What would work: the files in it, such as {name.rstrip('/')}/*.png")
        if path.exists() and not path.is_file():
            raise DataError(f"{name}: is a pipe or a device and no file.")
        size = path.stat().st_size
        with path.open("rb"):
            pass
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else str(error)
        near = nearest(path.name, _neighbours(path)) if isinstance(error, FileNotFoundError) else None
        raise DataError(f"{name}: {reason}." + (f" Did you mean `{near}`?" if near else "")) from None
    if size > BYTES:
        raise DataError(f"{name}: has {size:,} bytes; input files may have {BYTES:,}.")
    if size == 0:
        raise DataError(f"{name}: is empty.")


def _neighbours(path: Path) -> list[str]:
    try:
        return [one.name for one in path.parent.iterdir()][:1000]
    except OSError:
        return []


def _example(
    name: str,
    values: Mapping[str, Any],
    fields: tuple[str, ...],
    known: tuple[str, ...],
    vectors: Mapping[str, tuple[str, ...]],
) -> Raw:
    values = {**_put_together(values, vectors), **values}
    for field in fields:
        if field not in values:
            there = [str(key) for key in values]
            hint = suggest(field, there, what="fields")
            raise DataError(f"{label(name)}: lacks the field `{field}`. {hint} The run reads {', '.join(fields)}.")
    if values and not fields and not any(field in values for field in known):
        hint = suggest(str(next(iter(values))), known, what="fields")
        raise DataError(f"{label(name)}: has no field that the run reads. {hint}")
    read = {field: values[field] for field in (*fields, *known) if field in values}
    _check_spelling(name, [str(key) for key in values if key not in read], [key for key in known if key not in read])
    return Raw(name, read)


def _check_spelling(name: str, unread: Sequence[str], absent: Sequence[str]) -> None:
    """Checks that no value is meant for a field that may be left out: without it the answer would be another."""
    for key in unread:
        if near := nearest(key, absent):
            raise DataError(f"{label(name)}: has `{key}`, which the run does not read. Did you mean `{near}`?")


def _put_together(values: Mapping[str, Any], vectors: Mapping[str, tuple[str, ...]]) -> dict[str, list[Any]]:
    """Returns the vectors of which every number is given, under names with underscores or spaces."""
    plain = {str(key).replace(" ", "_"): value for key, value in values.items()} if vectors else {}
    return {
        key: [plain[part] for part in parts] for key, parts in vectors.items() if all(map(plain.__contains__, parts))
    }


def _array(array: np.ndarray, number: int, fields: tuple[str, ...], shape: tuple[int, ...] | None) -> Iterator[Raw]:
    field = _single(fields, "an array")
    if shape is not None and array.ndim == len(shape) + 1 and array.shape[1:] == shape:
        yield from (Raw(f"input {number + 1}:{row + 1}", {field: value}) for row, value in enumerate(array))
    else:
        yield Raw(f"input {number + 1}", {field: array})


def _small(content: bytes, number: int) -> bytes:
    if len(content) > BYTES:
        raise DataError(f"Input {number + 1} has {len(content):,} bytes; input files may have {BYTES:,}.")
    return content


def _shown(fields: tuple[str, ...]) -> str:
    """Returns an object of some fields, as an example."""
    return "{" + ", ".join(f"{json.dumps(one)}: ..." for one in fields[:3]) + (", ..." if fields[3:] else "") + "}"


def _single(fields: tuple[str, ...], what: str) -> str:
    if len(fields) != 1:
        names = ", ".join(fields[:8]) + (", ..." if len(fields) > 8 else "")
        works = f"a JSON object or a dictionary of them, {_shown(fields)}, or a CSV or JSONL file with these columns"
        if not fields:
            works = 'a JSON object or a dictionary, such as {"seed": 3}, with the class where the run knows classes'
        read = f"This run reads {len(fields)} fields ({names})" if fields else "This run makes things out of noise"
        raise DataError(f"{read}, and {what} is one value. What would work: {works}.")
    return fields[0]
