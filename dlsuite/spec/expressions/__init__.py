"""Expressions: strings that start with `=`, over params, data facts and loop indices.

Python's own parser reads them; what is evaluated is a short list of node types, so an expression can neither call nor
reach anything but what stands here. A fact that only the data knows is a `Symbol`; what is computed from it is one too.
"""

from __future__ import annotations

import ast
import keyword
import re
from collections.abc import Mapping
from typing import Any

from dlsuite.spec.expressions.evaluating import WORDS, value_of
from dlsuite.spec.expressions.functions import FUNCTIONS
from dlsuite.spec.expressions.parsing import MAX_CHARACTERS, parse
from dlsuite.spec.expressions.values import ExpressionError, Symbol, is_number, kind_of, size

__all__ = [
    "FUNCTIONS", "WORDS", "ExpressionError", "Symbol", "evaluate", "interpolate", "is_expression", "is_identifier",
    "kind_of", "naming", "read_numbers", "size",
]  # fmt: skip


def is_expression(value: Any) -> bool:
    """Returns whether a value is an expression (`==` escapes a string that starts with `=`)."""
    return isinstance(value, str) and value[:1] == "=" and value[:2] != "=="


def evaluate(text: str, names: Mapping[str, Any]) -> Any:
    """Returns the value of an expression.

    Args:
        text: With its leading `=`.
        names: What its names stand for: numbers, strings, booleans, null, lists, `Symbol`s, and mappings of facts.

    Raises:
        ExpressionError: It is malformed, names something unknown, mixes types, or grows too large.
    """
    try:
        return value_of(parse(text[1:]), names)
    except ExpressionError as error:
        error.at = min(error.at + len(text) - len(text[1:].lstrip()), len(text))
        raise
    except RecursionError:
        raise ExpressionError("The expression is nested too deeply.", "Split it over `params`.") from None


def read_numbers(text: str, names: Mapping[str, Any]) -> dict[str, int | float]:
    """Returns the numbers that an expression, which has been evaluated, reads by name."""
    read = (node.id for node in ast.walk(parse(text[1:])) if isinstance(node, ast.Name))
    return {name: names[name] for name in read if is_number(names.get(name))}


def interpolate(text: str, names: Mapping[str, Any]) -> Any:
    """Returns a name with each `{expression}` replaced by its value; a `Symbol` where one of them is unknown."""
    unknown = None
    if len(text) > MAX_CHARACTERS:
        raise ExpressionError(f"A name of more than {MAX_CHARACTERS} characters.", "Names are short.")

    def fill(match: re.Match[str]) -> str:
        nonlocal unknown
        value = value_of(parse(match[1]), names)
        if isinstance(value, Symbol):
            unknown = value
        elif isinstance(value, bool) or not isinstance(value, int | str):
            raise ExpressionError(
                f"`{{{match[1]}}}` in a name is {kind_of(value)}.", "An integer or a string goes there."
            )
        if isinstance(value, str) and len(value) > MAX_CHARACTERS:
            raise ExpressionError(f"`{{{match[1]}}}` has more than {MAX_CHARACTERS} characters.", "Names are short.")
        return str(value)

    try:
        filled = re.sub(r"\{([^{}]*)\}", fill, text)
    except RecursionError:
        raise ExpressionError("The expression is nested too deeply.", "Split it over `params`.") from None
    if "{" in filled or "}" in filled:
        raise ExpressionError(f"Unpaired brace in `{text}`.", "Braces hold an expression: `down_{i}`.")
    return unknown or filled


def is_identifier(name: str) -> bool:
    """Returns whether a name can stand in expressions: lower_snake_case and not reserved."""
    return bool(re.fullmatch(r"[a-z_][a-z0-9_]*", name)) and not (
        keyword.iskeyword(name) or name in WORDS or name in FUNCTIONS
    )


def naming(name: str) -> str:
    """Returns why a name cannot stand in expressions, and what would."""
    if re.fullmatch(r"[a-z_][a-z0-9_]*", name):
        return f"`{name}` is a word of the language; choose another, such as `{name}_`."
    snake = re.sub(r"\W+", "_", re.sub(r"([a-z0-9])([A-Z])", r"\1_\2", name)).strip("_").lower()
    hint = f", as in `{snake}`" if is_identifier(snake) else ""
    return f"Names are lower_snake_case{hint}."
