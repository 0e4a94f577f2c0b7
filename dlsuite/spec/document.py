"""JSON texts as plain values that remember where each of them stands."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from dlsuite.spec.errors import Fault, Place, Source, SpecError, Steps, suggest
from dlsuite.spec.json_text import MAX_DEPTH, Parser
from dlsuite.spec.values import Array, Object, describe

__all__ = [
    "MAX_BYTES", "Array", "Object", "adopt", "describe", "parse", "parse_value", "plain", "read", "take",
]  # fmt: skip

MAX_BYTES = 1_000_000


def read(path: Path, name: str | None = None) -> Object:
    """Returns the JSON object in a file.

    Raises:
        SpecError: The file cannot be read, is too large, or is not one well-formed JSON object.
    """
    name = name or str(path)
    start = Place(Source(name, ""), 0, "")
    try:
        if path.is_dir():
            raise SpecError([Fault("This is a folder, not a spec.", start, "Give the path of a .json file.")])
        with path.open("rb") as file:
            raw = file.read(MAX_BYTES + 1)
    except OSError as error:
        raise SpecError([Fault(f"The file cannot be read: {error.strerror}.", start, _similar(path))]) from None
    except ValueError as error:  # a null in its name
        raise SpecError([Fault(f"The file cannot be read: {error}.", start)]) from None
    if len(raw) > MAX_BYTES:
        raise SpecError([_too_large(start)])
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = error.object[: error.start].decode()
        at = Place(Source(name, raw.decode("utf-8-sig", "replace")), len(before), "")
        message = f"The file is not UTF-8 text: byte {error.object[error.start]:#04x} is no character here."
        raise SpecError([Fault(message, at, "Save the file as UTF-8, or write the character as an escape.")]) from None
    return parse(text, name)


def take(text: str, name: str) -> Object:
    """Returns the JSON object in a text that somebody is writing; what a file may not hold, it may not either.

    Raises:
        SpecError: The text is too large, is no Unicode, or is not one well-formed JSON object.
    """
    try:
        size = len(text.encode("utf-8"))
    except UnicodeEncodeError as error:
        at = Place(Source(name, text), error.start, "")
        raise SpecError([Fault("Half a character stands here, which no file can hold.", at, "Take it out.")]) from None
    if size > MAX_BYTES:
        raise SpecError([_too_large(Place(Source(name, ""), 0, ""))])
    return parse(text, name)


def parse(text: str, name: str) -> Object:
    """Returns the JSON object in a text; `name` is what messages call it.

    Raises:
        SpecError: The text is not one well-formed JSON object.
    """
    parser = Parser(Source(name, text))
    value, place = parser.document()
    if parser.faults:
        raise SpecError(parser.faults)
    if not isinstance(value, Object):
        hint = 'It begins as in {"model": {"layers": [...]}}.'
        raise SpecError([Fault(f"A spec is a JSON object, not {describe(value)}.", place, hint)])
    return value


def parse_value(text: str, name: str, pointer: str) -> tuple[Any, Place]:
    """Returns a JSON value and its place; a text that is no JSON is the string itself."""
    source = Source(name, text)
    parser = Parser(source, pointer)
    try:
        value, place = parser.document()
    except SpecError:
        return text, Place(source, 0, pointer)
    if parser.faults:
        raise SpecError(parser.faults)
    return value, place


def adopt(value: Any, name: str) -> Object:
    """Returns a Python object as if it had been read from its own JSON text.

    Raises:
        SpecError: The value is not JSON.
    """
    return parse(write(value, name), name)


def write(value: Any, name: str, pointer: str = "") -> str:
    """Returns a Python object as JSON text.

    Args:
        value: The object.
        name: What messages call it.
        pointer: Where it stands in a spec.

    Raises:
        SpecError: It is not JSON; says what in it is not.
    """
    try:
        return json.dumps(value, indent=2, allow_nan=False)
    except (TypeError, ValueError, RecursionError) as error:
        place = Place(Source(name, ""), 0, _strange(value, pointer))
        hint = "JSON has objects, arrays, strings, finite numbers, true, false and null."
        raise SpecError([Fault(f"This is not JSON: {error}.", place, hint)]) from None


def _strange(value: Any, steps: Steps) -> Steps:
    """Returns the way to the first value that is not JSON, as deep as a spec may be; `steps` lead to `value`."""
    for _ in range(MAX_DEPTH):
        held = dict(enumerate(value)) if isinstance(value, list | tuple) else value if isinstance(value, dict) else {}
        strange = next(((key, item) for key, item in held.items() if not _is_json({key: item})), None)
        if strange is None:
            break
        steps, value = (steps, strange[0]), strange[1]
    return steps


def _is_json(value: Any) -> bool:
    try:
        json.dumps(value, allow_nan=False)
    except (TypeError, ValueError, RecursionError):
        return False
    return True


def plain(value: Any) -> Any:
    """Returns a value as ordinary dicts and lists."""
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    return value


def _too_large(start: Place) -> Fault:
    return Fault(f"The file is larger than {MAX_BYTES:,} bytes, the limit for a spec.", start)


def _similar(path: Path) -> str:
    if not path.parent.is_dir():
        return f"There is no folder {path.parent}."
    return suggest(path.name, [item.name for item in path.parent.glob("*.json")], what=f"JSON files in {path.parent}")
