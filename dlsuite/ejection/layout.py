"""Python code as trees, and their lines: flat where they fit a line, else opened as formatters open them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

WIDTH = 120
STEP = 4


@dataclass(frozen=True)
class Call:
    """A call; each argument is its code, or a keyword and its code."""

    function: Code
    arguments: tuple[Code | tuple[str, Code], ...]


@dataclass(frozen=True)
class Items:
    """A list, tuple, set or dictionary; `items` of a dictionary are pairs of key and value."""

    opening: str
    items: tuple[Code | tuple[Code, Code], ...]


Code: TypeAlias = "str | Call | Items"

CLOSING = {"[": "]", "(": ")", "{": "}"}


def call(function: Code, *arguments: Code, **keywords: Code) -> Call:
    """Returns a call."""
    return Call(function, (*arguments, *keywords.items()))


def listed(items: Sequence[Code]) -> Items:
    """Returns a list."""
    return Items("[", tuple(items))


def flat(code: Code) -> str:
    """Returns code on one line."""
    if isinstance(code, str):
        return code
    if isinstance(code, Call):
        return f"{flat(code.function)}({', '.join(map(_argument, code.arguments))})"
    inner = ", ".join(map(_item, code.items))
    comma = "," if code.opening == "(" and len(code.items) == 1 else ""
    return f"{code.opening}{inner}{comma}{CLOSING[code.opening]}"


def lines(code: Code, indent: int = 0, before: str = "", after: str = "") -> list[str]:
    """Returns code as lines of at most `WIDTH` characters, where that can be.

    Args:
        code: What to print.
        indent: Of the first line, in characters.
        before: What stands before it on its first line, such as `x = `.
        after: What stands after it on its last line, such as `,`.

    Example:
        >>> lines(call("f", "x", y="1"), 4, "x = ")
        ['    x = f(x, y=1)']
    """
    line = f"{' ' * indent}{before}{flat(code)}{after}"
    if len(line) <= WIDTH or isinstance(code, str):
        return [line]
    if isinstance(code, Call):
        return _opened_call(code, indent, before, after)
    return _opened_items(code, indent, before, after)


def _opened_call(code: Call, indent: int, before: str, after: str) -> list[str]:
    if not code.arguments:
        return lines(code.function, indent, before, f"(){after}")
    head = f"{before}{flat(code.function)}("
    if isinstance(code.function, Call) and indent + len(head) > WIDTH:
        return lines(code.function, indent, before, f"({', '.join(map(_argument, code.arguments))}){after}")
    start, end = f"{' ' * indent}{head}", f"{' ' * indent}){after}"
    inner = f"{' ' * (indent + STEP)}{', '.join(map(_argument, code.arguments))}"
    if len(inner) <= WIDTH:
        return [start, inner, end]
    body: list[str] = []
    for argument in code.arguments:
        key, value = (f"{argument[0]}=", argument[1]) if isinstance(argument, tuple) else ("", argument)
        body += lines(value, indent + STEP, key, ",")
    return [start, *body, end]


def _opened_items(code: Items, indent: int, before: str, after: str) -> list[str]:
    body: list[str] = []
    for item in code.items:
        key, value = (f"{flat(item[0])}: ", item[1]) if isinstance(item, tuple) else ("", item)
        body += lines(value, indent + STEP, key, ",")
    start, end = f"{' ' * indent}{before}{code.opening}", f"{' ' * indent}{CLOSING[code.opening]}{after}"
    return [start, *body, end] if code.items else [f"{start}{CLOSING[code.opening]}{after}"]


def _argument(argument: Code | tuple[str, Code]) -> str:
    return f"{argument[0]}={flat(argument[1])}" if isinstance(argument, tuple) else flat(argument)


def _item(item: Code | tuple[Code, Code]) -> str:
    return f"{flat(item[0])}: {flat(item[1])}" if isinstance(item, tuple) else flat(item)


def quoted(text: str) -> str:
    """Returns a string as Python writes it, in double quotes where that takes no more escapes.

    Whatever the text holds, it stays one literal: every character that is not printable is escaped.
    """
    single = repr(text) if text.isprintable() else ascii(text)
    inner = single[1:-1]
    if single[0] == '"':
        return single
    double = inner.replace("\\'", "'").replace('"', '\\"')
    return f'"{double}"' if double.count('\\"') <= inner.count("\\'") else single


def literal(value: object) -> Code:
    """Returns a plain JSON value as Python code."""
    if isinstance(value, str):
        return quoted(value)
    if isinstance(value, list | tuple):
        return listed([literal(item) for item in value])
    if isinstance(value, dict):
        return Items("{", tuple((quoted(str(key)), literal(item)) for key, item in value.items()))
    if isinstance(value, float) and math.isfinite(value):
        return number(value)
    if value is None or isinstance(value, bool | int):
        return repr(value)
    raise TypeError(f"{type(value).__name__} is no plain value")


def number(value: float) -> str:
    """Returns a number in the shorter of its two forms: `0.001`, `1e-5`, `1e9`."""
    mantissa, _, exponent = f"{value:.17g}".partition("e") if "e" in repr(value) else (repr(value), "", "")
    if not exponent and abs(value) >= 1e6:
        mantissa, _, exponent = f"{value:e}".partition("e")
    short = f"{mantissa.rstrip('0').rstrip('.') if '.' in mantissa else mantissa}e{int(exponent)}" if exponent else ""
    return short if short and float(short) == value and len(short) < len(repr(value)) else repr(value)


def prose(text: str) -> str:
    """Returns a remark as words on one line: nothing in it ends a line, hides, or turns its direction."""
    return "".join(letter for letter in " ".join(text.split()) if letter.isprintable())


def wrapped(text: str, width: int) -> list[str]:
    """Returns words as lines of at most so many characters, where words allow."""
    rows: list[str] = []
    for word in text.split(" "):
        if rows and len(rows[-1]) + 1 + len(word) <= width:
            rows[-1] += f" {word}"
        else:
            rows.append(word)
    return rows


def docstring(text: str, indent: int) -> list[str]:
    """Returns a remark as a docstring."""
    words = prose(text).replace("\\", "\\\\").replace('"""', '\\"\\"\\"')
    words = words[:-1] + '\\"' if words.endswith('"') and not words.endswith('\\"') else words
    rows = wrapped(words, WIDTH - indent - 6)
    pad = " " * indent
    if len(rows) == 1:
        return [f'{pad}"""{rows[0]}"""']
    return [f'{pad}"""{rows[0]}', *(f"{pad}{row}" for row in rows[1:]), f'{pad}"""']


def remark(text: str, indent: int) -> list[str]:
    """Returns a remark as comment lines."""
    pad = " " * indent
    return [f"{pad}# {row}" for row in wrapped(prose(text), WIDTH - indent - 2)]
