"""Whether a plain JSON value fits the schema of an argument, and if not, what would."""

from __future__ import annotations

import difflib
import json
import math
from collections.abc import Mapping
from typing import Any

from dlsuite.spec.document import describe

NOUNS = {
    "null": "null",
    "boolean": "true or false",
    "integer": "an integer",
    "number": "a number",
    "string": "a string",
    "array": "an array",
    "object": "an object",
}
PLURALS = {
    "boolean": "booleans",
    "integer": "integers",
    "number": "numbers",
    "string": "strings",
    "array": "arrays",
    "object": "objects",
}
WRITTEN = {
    "array": "A list goes there, in square brackets.",
    "object": "An object goes there, in braces.",
    "string": "A string goes there, in double quotes.",
}
MAX_LISTED = 16


def faults_of(value: Any, schema: Mapping[str, Any]) -> tuple[str, str] | None:
    """Returns what is wrong with a value, or `None` if it fits.

    Args:
        value: Plain JSON, expressions evaluated. Components in nested slots are not checked here.
        schema: An argument's entry in the catalogue: `type`, a list of JSON types, with `values` (of its strings),
            `min`, `max`, `exclusiveMin`, `exclusiveMax` (of its numbers), `items`, `minItems`, `maxItems` (of its
            arrays). Without `type`, anything goes.

    Returns:
        A message without its subject, such as `takes an integer, not the string "x"`, and a hint, perhaps empty.
    """
    found = _find(value, schema)
    if found is None:
        return None
    path, culprit, inner = found
    if not path:
        return f"takes {phrase(schema)}, not {_described(value, schema)}", _hint(value, schema)
    where = " of ".join(f"item {i}" for i in reversed(path))
    message = f"takes {phrase(schema)}; {where} is {_described(culprit, inner)}"
    return message, _hint(culprit, inner)


def type_of(value: Any) -> str:
    """Returns the JSON type of a value; whole numbers written without a point are integers."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, int):
        return "integer"
    if isinstance(value, float):
        return "number"
    if isinstance(value, str):
        return "string"
    return "object" if isinstance(value, Mapping) else "array"


def phrase(schema: Mapping[str, Any]) -> str:
    """Returns what a schema takes, in words: `an integer of at least 1 or an array of integers`."""
    types = schema.get("type") or list(NOUNS)
    words = []
    for name in NOUNS:
        if name not in types or (name == "integer" and "number" in types):
            continue
        word = NOUNS[name]
        if name in ("integer", "number"):
            word += _bounds(schema)
        elif name == "string" and (values := schema.get("values")):
            word = " or ".join(f"`{text}`" for text in values) if len(values) <= 4 else f"one of {len(values)} strings"
        elif name == "array":
            word += _contents(schema)
        words.append(word)
    words.append(words.pop(0)) if words[0] == "null" else None
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} or {words[-1]}"


def _find(value: Any, schema: Mapping[str, Any]) -> tuple[tuple[int, ...], Any, Mapping[str, Any]] | None:
    """Returns the path, from 1, of the first value that does not fit, that value, and its schema."""
    types = schema.get("type")
    kind = type_of(value)
    if types is not None and kind not in types and not (kind == "integer" and "number" in types):
        return (), value, schema
    if kind in ("integer", "number"):
        return None if _within(value, schema) else ((), value, schema)
    if kind == "string":
        values = schema.get("values")
        return None if values is None or value in values else ((), value, schema)
    if kind == "array":
        if not schema.get("minItems", 0) <= len(value) <= schema.get("maxItems", math.inf):
            return (), value, schema
        items = schema.get("items") or {}
        for i, item in enumerate(value if items else (), 1):
            if found := _find(item, items):
                return (i, *found[0]), found[1], found[2]
    return None


def _within(value: float, schema: Mapping[str, Any]) -> bool:
    return (
        math.isfinite(value)
        and schema.get("min", -math.inf) <= value <= schema.get("max", math.inf)
        and ("exclusiveMin" not in schema or value > schema["exclusiveMin"])
        and ("exclusiveMax" not in schema or value < schema["exclusiveMax"])
    )


def _bounds(schema: Mapping[str, Any]) -> str:
    low = f"at least {schema['min']}" if "min" in schema else ""
    low = f"more than {schema['exclusiveMin']}" if "exclusiveMin" in schema else low
    high = f"at most {schema['max']}" if "max" in schema else ""
    high = f"less than {schema['exclusiveMax']}" if "exclusiveMax" in schema else high
    if not low and not high:
        return ""
    return f" of {' and '.join(filter(None, (low, high)))}"


def _contents(schema: Mapping[str, Any]) -> str:
    low, high = schema.get("minItems", 0), schema.get("maxItems")
    items = schema.get("items") or {}
    names = [name for name in items.get("type", ()) if not (name == "integer" and "number" in items["type"])]
    plural = PLURALS.get(names[0], "items") if len(names) == 1 else "items"
    count = str(low) if low == high else f"{low} to {high}" if high is not None else f"at least {low}" if low else ""
    if not count:
        return "" if plural == "items" else f" of {plural}{_bounds(items)}"
    plural = plural[:-1] if count == "1" else plural
    return f" of {count} {plural}{_bounds(items)}"


def _described(value: Any, schema: Mapping[str, Any]) -> str:
    if isinstance(value, list | tuple) and "array" in schema.get("type", ("array",)):
        return f"an array of {len(value)}"
    return describe(value)


def _hint(value: Any, schema: Mapping[str, Any]) -> str:
    types = schema.get("type") or list(NOUNS)
    if isinstance(value, str) and (bare := unquoted(value, types)):
        return bare
    if "string" in types and (values := schema.get("values")):
        return _nearest(value if isinstance(value, str) else "", values)
    if isinstance(value, float) and value.is_integer() and "integer" in types and "number" not in types:
        return f"Write {int(value)}; in expressions `//` divides whole numbers."
    if "string" in types and "number" not in types and type_of(value) in {"boolean", "integer", "number"} - {*types}:
        return f'Write "{json.dumps(value)}", in quotes.'
    if not {"boolean", "null"}.issuperset(types):
        return _example(value, schema)
    return f"Write true or false{', without quotes' if isinstance(value, str) else ''}." if "boolean" in types else ""


def _example(value: Any, schema: Mapping[str, Any]) -> str:
    """Returns a hint with a value that fits: the default, or one that is like what was found."""
    default = schema.get("default")
    if default is not None and _find(default, schema) is None:
        return f"What would work: {json.dumps(default)}, as it is where it is left out."
    fitting = _fitting(value, schema)
    if fitting is not None:
        return f"What would work: {json.dumps(fitting)}."
    return next((WRITTEN[name] for name in WRITTEN if name in schema.get("type", ())), "")


def _fitting(value: Any, schema: Mapping[str, Any]) -> Any:
    """Returns a number, or an array of what was found or of numbers, that fits a schema; `None` if none is at hand."""
    near = round(value) if type_of(value) == "number" and math.isfinite(value) else None
    for number in (near, 0.5, 1, schema.get("min"), schema.get("max")):
        if number is not None and _find(number, schema) is None:
            return number
    if "array" in schema.get("type", ()) and "minItems" in schema:
        items = schema.get("items") or {}
        found = value[0] if isinstance(value, list | tuple) and value else value
        item = found if found is not None and _find(found, items) is None else _fitting(None, items)
        array = [item] * max(schema["minItems"], 1)
        return array if item is not None and _find(array, schema) is None else None
    return None


def _nearest(value: str, values: list[str]) -> str:
    listed = f"One of {', '.join(f'`{name}`' for name in values[:MAX_LISTED])}{', ...' * (len(values) > MAX_LISTED)}."
    lowered = {name.lower(): name for name in values}
    near = difflib.get_close_matches(value.lower(), lowered, n=1, cutoff=0.5)
    return f"{listed} Did you mean `{lowered[near[0]]}`?" if near else listed


def unquoted(value: str, types: list[str]) -> str:
    """Returns a hint for a number, `true` or `null` that was written as a string."""
    plain = {"none": "null", "true": "true", "false": "false", "null": "null"}.get(value.lower())
    if plain and ("null" if plain == "null" else "boolean") in types:
        return f"Write {plain}, without quotes."
    if "integer" in types or "number" in types:
        try:
            number = float(value)
        except ValueError:
            return "An expression starts with `=`." if any(sign in value for sign in "+-*/{") else ""
        return f"Write {value.strip()}, without quotes." if math.isfinite(number) else "JSON has finite numbers alone."
    return ""
