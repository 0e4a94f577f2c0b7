"""Expressions: strings that start with `=`, over params, data facts and loop indices.

Python's own parser reads them; what is evaluated is a short list of node types, so an expression can neither call nor
reach anything but what stands here. A fact that only the data knows is a `Symbol`; what is computed from it is one too.
"""

from __future__ import annotations

import ast
import keyword
import math
import operator
import re
import warnings
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any

from dlsuite.spec.errors import suggest

MAX_CHARACTERS = 1000
MAX_KEPT = 200
MAX_INTEGER = 2**63
MAX_LENGTH = 10_000

WORDS = {"null": None, "true": True, "false": False}
_PYTHON = {"True": "true", "False": "false", "None": "null"}


class Symbol:
    """A value that only the data knows, by the name of the fact: `label.classes`."""

    def __init__(self, name: str):
        self.name = name

    def __repr__(self) -> str:
        return f"<{self.name}>"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Symbol) and other.name == self.name

    def __hash__(self) -> int:
        return hash(self.name)


class ExpressionError(Exception):
    """What is wrong with an expression, what would work, and at which of its characters."""

    def __init__(self, message: str, hint: str = "", at: int = 0):
        super().__init__(message)
        self.hint = hint
        self.at = at


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
        return _value(_parse(text[1:]), names)
    except ExpressionError as error:
        error.at = min(error.at + len(text) - len(text[1:].lstrip()), len(text))
        raise
    except RecursionError:
        raise ExpressionError("The expression is nested too deeply.", "Split it over `params`.") from None


def interpolate(text: str, names: Mapping[str, Any]) -> Any:
    """Returns a name with each `{expression}` replaced by its value; a `Symbol` where one of them is unknown."""
    unknown = None
    if len(text) > MAX_CHARACTERS:
        raise ExpressionError(f"A name of more than {MAX_CHARACTERS} characters.", "Names are short.")

    def fill(match: re.Match[str]) -> str:
        nonlocal unknown
        value = _value(_parse(match[1]), names)
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


def kind_of(value: Any) -> str:
    """Returns a value's type as messages name it."""
    if value is None:
        return "null"
    for types, name in ((bool, "a boolean"), (int, "an integer"), (float, "a number"), (str, "a string")):
        if isinstance(value, types):
            return name
    if isinstance(value, list | tuple):
        return "a list"
    return "a group of facts" if isinstance(value, Mapping) else "unknown"


def _parse(text: str) -> ast.expr:
    return _read(text) if len(text) > MAX_KEPT else _read_once(text)


def _read(text: str) -> ast.expr:
    if len(text) > MAX_CHARACTERS:
        raise ExpressionError(f"An expression of more than {MAX_CHARACTERS} characters.", "Split it over `params`.")
    if "\0" in text:
        raise ExpressionError("The expression cannot be read.", _GRAMMAR)
    if not text.strip():
        raise ExpressionError("The expression is empty.", "To write a string that starts with `=`, begin with `==`.")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            body = ast.parse(text.strip().replace("\n", " "), mode="eval").body
        if b"#" in text.strip().encode()[body.end_col_offset :]:
            raise ExpressionError("An expression holds no remark.", "Put it in an `about`.", text.strip().rindex("#"))
        return body
    except SyntaxError as error:
        at = max((error.offset or 1) - 1, 0)
        raise ExpressionError(f"`{text.strip()[:60]}` is not an expression: {error.msg}.", _GRAMMAR, at) from None
    except (ValueError, MemoryError, RecursionError):
        raise ExpressionError("The expression cannot be read.", _GRAMMAR) from None


_read_once = lru_cache(maxsize=1024)(_read)

_GRAMMAR = "Expressions have literals, + - * / // % **, comparison, and or not, if else, [index], and " + (
    "min max round ceil floor sqrt log sum len int."
)


_ITEMS = "`list[0]` is the first item, `list[-1]` the last."
_NUMBERS = "Numbers stand without quotes."


def _value(node: ast.expr, names: Mapping[str, Any]) -> Any:
    rule = _RULES.get(type(node))
    if rule is None:
        raise ExpressionError(f"`{ast.unparse(node)[:60]}` cannot stand in an expression.", _GRAMMAR, node.col_offset)
    return rule(node, names)


def _constant(node: ast.Constant, names: Mapping[str, Any]) -> Any:
    value = node.value
    if isinstance(value, bool) or value is None:
        raise ExpressionError(f"Unknown name `{value}`.", f"JSON's word is `{_PYTHON[str(value)]}`.", node.col_offset)
    if isinstance(value, int | float):
        return _bounded(value, node)
    if isinstance(value, str):
        return value
    raise ExpressionError(f"`{ast.unparse(node)}` cannot stand in an expression.", _GRAMMAR, node.col_offset)


def _name(node: ast.Name, names: Mapping[str, Any]) -> Any:
    if node.id in WORDS:
        return WORDS[node.id]
    if node.id in names:
        return names[node.id]
    if node.id in FUNCTIONS:
        raise ExpressionError(f"`{node.id}` is a function.", f"Call it: `{node.id}(...)`.", node.col_offset)
    hint = suggest(node.id, names) if names else "There are no params and no facts of data here."
    raise ExpressionError(f"Unknown name `{node.id}`.", hint, node.col_offset)


def _attribute(node: ast.Attribute, names: Mapping[str, Any]) -> Any:
    group = _value(node.value, names)
    if isinstance(group, Symbol):
        return Symbol(f"{group.name}.{node.attr}")
    if not isinstance(group, Mapping):
        message = f"`{ast.unparse(node.value)}` is {kind_of(group)}: it has no `.{node.attr}`."
        raise ExpressionError(message, "Only data facts have fields, as in `label.classes`.", node.col_offset)
    if node.attr not in group:
        message = f"`{ast.unparse(node.value)}` has no fact `{node.attr}`."
        raise ExpressionError(message, suggest(node.attr, group, what="facts"), node.value.end_col_offset or 0)
    return group[node.attr]


def _subscript(node: ast.Subscript, names: Mapping[str, Any]) -> Any:
    values, index = _value(node.value, names), _value(node.slice, names)
    if isinstance(values, Symbol) or isinstance(index, Symbol):
        return values if isinstance(values, Symbol) else index
    if not isinstance(values, list | tuple):
        message = f"`{ast.unparse(node.value)}` is {kind_of(values)}: it has no items."
        raise ExpressionError(message, _ITEMS, node.col_offset)
    if isinstance(index, bool) or not isinstance(index, int):
        message = f"An index is an integer, not {kind_of(index)}."
        raise ExpressionError(message, "Counting starts at 0; `//` divides whole numbers.", node.slice.col_offset)
    if not -len(values) <= index < len(values):
        message = f"Index {index} is outside `{ast.unparse(node.value)}`, a list of {len(values)}."
        raise ExpressionError(message, "Counting starts at 0; -1 is the last.", node.slice.col_offset)
    return values[index]


def _list(node: ast.List, names: Mapping[str, Any]) -> Any:
    values = [_value(item, names) for item in node.elts]
    if size(values, MAX_LENGTH) > MAX_LENGTH:
        raise ExpressionError(f"A list of more than {MAX_LENGTH:,} items.", "Split it.", node.col_offset)
    return values


def size(value: Any, limit: int) -> int:
    """Returns how many values a value holds, itself included; stops counting beyond a limit."""
    total = 1
    if isinstance(value, list | Mapping):
        for item in value if isinstance(value, list) else value.values():
            total += size(item, limit - total) if isinstance(item, list | Mapping) else 1
            if total > limit:
                break
    return total


def _binary(node: ast.BinOp, names: Mapping[str, Any]) -> Any:
    function = _ARITHMETIC.get(type(node.op))
    if function is None:
        raise ExpressionError(
            f"`{ast.unparse(node)[:60]}` uses an operator that is not there.", _GRAMMAR, node.col_offset
        )
    left, right = _number(node.left, names), _number(node.right, names)
    if isinstance(left, Symbol) or isinstance(right, Symbol):
        return left if isinstance(left, Symbol) else right
    if isinstance(node.op, ast.Pow) and abs(left) > 1 and abs(right) * math.log2(abs(left)) > 1000:
        hint = "Powers end at 2**1000, integers at 2**63."
        raise ExpressionError(f"`{ast.unparse(node)[:60]}` is too large.", hint, node.col_offset)
    return _compute(function, (left, right), node)


def _unary(node: ast.UnaryOp, names: Mapping[str, Any]) -> Any:
    if isinstance(node.op, ast.Not):
        value = _boolean(node.operand, names)
        return value if isinstance(value, Symbol) else not value
    if isinstance(node.op, ast.Invert):
        raise ExpressionError("`~` is no operator here.", _GRAMMAR, node.col_offset)
    value = _number(node.operand, names)
    return value if isinstance(value, Symbol) or isinstance(node.op, ast.UAdd) else -value


def _logic(node: ast.BoolOp, names: Mapping[str, Any]) -> Any:
    decisive = isinstance(node.op, ast.Or)
    unknown = None
    for part in node.values:
        value = _boolean(part, names)
        if isinstance(value, Symbol):
            unknown = value
        elif value is decisive:
            return decisive
    return unknown or not decisive


def _compare(node: ast.Compare, names: Mapping[str, Any]) -> Any:
    values = [_value(item, names) for item in (node.left, *node.comparators)]
    unknown = next((value for value in values if isinstance(value, Symbol)), None)
    if unknown:
        return unknown
    for function, left, right in zip(node.ops, values, values[1:], strict=False):
        if isinstance(function, ast.Eq | ast.NotEq):
            holds = (left == right) is isinstance(function, ast.Eq)
        elif type(function) in _ORDER:
            if not (_is_number(left) and _is_number(right)):
                message = f"`{ast.unparse(node)[:60]}` compares {kind_of(left)} with {kind_of(right)}."
                raise ExpressionError(message, "Only numbers have an order; `==` takes anything.", node.col_offset)
            holds = _ORDER[type(function)](left, right)
        else:
            message = f"`{ast.unparse(node)[:60]}` uses an operator that is not there."
            raise ExpressionError(message, _GRAMMAR, node.col_offset)
        if not holds:
            return False
    return True


def _choice(node: ast.IfExp, names: Mapping[str, Any]) -> Any:
    test = _boolean(node.test, names)
    if isinstance(test, Symbol):
        _value(node.body, names), _value(node.orelse, names)
        return test
    return _value(node.body if test else node.orelse, names)


def _call(node: ast.Call, names: Mapping[str, Any]) -> Any:
    name = node.func.id if isinstance(node.func, ast.Name) else ast.unparse(node.func)[:60]
    if not isinstance(node.func, ast.Name):
        raise ExpressionError(f"`{name}` cannot be called.", _GRAMMAR, node.col_offset)
    if name not in FUNCTIONS:
        hint = suggest(name, FUNCTIONS, what="functions")
        raise ExpressionError(f"Unknown function `{name}`.", hint, node.col_offset)
    if node.keywords or any(isinstance(item, ast.Starred) for item in node.args):
        hint = f"It is written {_USAGE[name][2]}."
        raise ExpressionError(f"`{name}` takes plain arguments.", hint, node.col_offset)
    values = [_value(item, names) for item in node.args]
    flat = [item for value in values for item in (value if isinstance(value, list | tuple) else [value])]
    unknown = next((value for value in flat if isinstance(value, Symbol)), None)
    if unknown:
        return unknown
    if wrong := _misuse(name, values, flat):
        raise ExpressionError(wrong, f"It is written {_USAGE[name][2]}.", node.col_offset)
    return _compute(FUNCTIONS[name], [flat] if name in _OF_LISTS else values, node)


def _misuse(name: str, values: list[Any], flat: list[Any]) -> str:
    """Returns what is wrong with what a function is given; nothing if it fits."""
    least, most, _ = _USAGE[name]
    if not least <= len(values) <= most:
        return f"`{name}` is given {len(values) or 'no'} value{'s' * (len(values) != 1)}."
    if name == "len":
        return "" if isinstance(values[0], list | tuple) else f"`len` takes a list, not {kind_of(values[0])}."
    if len(flat) > MAX_LENGTH:
        return f"`{name}` is given more than {MAX_LENGTH:,} numbers."
    if wrong := [value for value in flat if not _is_number(value)]:
        return f"`{name}` takes numbers, not {kind_of(wrong[0])}."
    if name in _OF_LISTS:
        return "" if flat or name == "sum" else f"`{name}` is given an empty list."
    if any(isinstance(value, list | tuple) for value in values):
        return f"`{name}` takes a number, not a list."
    if name == "round" and len(values) == 2 and not (isinstance(values[1], int) and abs(values[1]) <= 20):
        return f"`round` keeps a whole number of places between -20 and 20, not {values[1]!r}."
    return ""


def _compute(function: Callable[..., Any], values: Any, node: ast.expr) -> Any:
    try:
        return _bounded(function(*values), node)
    except ZeroDivisionError:
        hint = "`x if y != 0 else z` leaves the case out."
        raise ExpressionError(f"`{ast.unparse(node)[:60]}` divides by zero.", hint, node.col_offset) from None
    except (TypeError, ValueError, OverflowError) as error:
        hint = f"It was computed from {', '.join(map(repr, values))[:60]}."
        reason = "it has no real value" if "math domain" in str(error) else error
        raise ExpressionError(f"`{ast.unparse(node)[:60]}`: {reason}.", hint, node.col_offset) from None


def _bounded(value: Any, node: ast.expr) -> Any:
    if isinstance(value, int) and abs(value) >= MAX_INTEGER:
        raise ExpressionError(f"`{ast.unparse(node)[:60]}` is too large.", "Integers end at 2**63.", node.col_offset)
    if isinstance(value, complex) or (isinstance(value, float) and not math.isfinite(value)):
        hint = "Numbers are real, and end near 1.8e308."
        raise ExpressionError(f"`{ast.unparse(node)[:60]}` is no finite real number.", hint, node.col_offset)
    return value


def _number(node: ast.expr, names: Mapping[str, Any]) -> Any:
    value = _value(node, names)
    if _is_number(value) or isinstance(value, Symbol):
        return value
    message = f"`{ast.unparse(node)[:60]}` is {kind_of(value)}, and arithmetic takes numbers."
    hint = (
        _ITEMS if isinstance(value, list | tuple) else _NUMBERS if isinstance(value, str) else "Use `x if test else y`."
    )
    raise ExpressionError(message, hint, node.col_offset)


def _boolean(node: ast.expr, names: Mapping[str, Any]) -> Any:
    value = _value(node, names)
    if isinstance(value, bool | Symbol):
        return value
    message = f"`{ast.unparse(node)[:60]}` is {kind_of(value)} where true or false is needed."
    raise ExpressionError(message, "Compare it: `x != 0`, `x != null`.", node.col_offset)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


_RULES: dict[type, Callable[[Any, Mapping[str, Any]], Any]] = {
    ast.Constant: _constant,
    ast.Name: _name,
    ast.Attribute: _attribute,
    ast.Subscript: _subscript,
    ast.List: _list,
    ast.BinOp: _binary,
    ast.UnaryOp: _unary,
    ast.BoolOp: _logic,
    ast.Compare: _compare,
    ast.IfExp: _choice,
    ast.Call: _call,
}
_ARITHMETIC: dict[type, Callable[..., Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv,
    ast.Mod: operator.mod,
    ast.Pow: operator.pow,
}
_ORDER: dict[type, Callable[..., bool]] = {
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
}
FUNCTIONS: dict[str, Callable[..., Any]] = {
    "min": min,
    "max": max,
    "round": round,
    "ceil": math.ceil,
    "floor": math.floor,
    "sqrt": math.sqrt,
    "log": math.log,
    "sum": sum,
    "len": len,
    "int": int,
}
_OF_LISTS = ("min", "max", "sum")
_USAGE: dict[str, tuple[float, float, str]] = {
    "min": (1, math.inf, "`min(a, b)` or `min(list)`"),
    "max": (1, math.inf, "`max(a, b)` or `max(list)`"),
    "round": (1, 2, "`round(x)` or `round(x, places)`"),
    "ceil": (1, 1, "`ceil(x)`"),
    "floor": (1, 1, "`floor(x)`"),
    "sqrt": (1, 1, "`sqrt(x)`"),
    "log": (1, 2, "`log(x)` or `log(x, base)`"),
    "sum": (1, math.inf, "`sum(list)` or `sum(a, b)`"),
    "len": (1, 1, "`len(list)`"),
    "int": (1, 1, "`int(x)`"),
}
"""How many values each function takes, and how it is written."""
