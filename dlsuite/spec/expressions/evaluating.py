"""What expressions are worth: a rule for each type of node that Python's parser makes of them."""

from __future__ import annotations

import ast
import math
import operator
from collections.abc import Callable, Mapping
from typing import Any

from dlsuite.spec.errors import suggest
from dlsuite.spec.expressions.functions import FUNCTIONS, MAX_LENGTH, OF_LISTS, USAGE, misuse
from dlsuite.spec.expressions.parsing import GRAMMAR
from dlsuite.spec.expressions.values import ExpressionError, Symbol, is_number, kind_of, size

MAX_INTEGER = 2**63

WORDS = {"null": None, "true": True, "false": False}
_PYTHON = {"True": "true", "False": "false", "None": "null"}
_ITEMS = "`list[0]` is the first item, `list[-1]` the last."
_NUMBERS = "Numbers stand without quotes."


def value_of(node: ast.expr, names: Mapping[str, Any]) -> Any:
    """Returns the value of an expression, or of a part of one."""
    rule = _RULES.get(type(node))
    if rule is None:
        raise ExpressionError(f"`{ast.unparse(node)[:60]}` cannot stand in an expression.", GRAMMAR, node.col_offset)
    return rule(node, names)


def _constant(node: ast.Constant, names: Mapping[str, Any]) -> Any:
    value = node.value
    if isinstance(value, bool) or value is None:
        raise ExpressionError(f"Unknown name `{value}`.", f"JSON's word is `{_PYTHON[str(value)]}`.", node.col_offset)
    if isinstance(value, int | float):
        return _bounded(value, node)
    if isinstance(value, str):
        return value
    raise ExpressionError(f"`{ast.unparse(node)}` cannot stand in an expression.", GRAMMAR, node.col_offset)


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
    group = value_of(node.value, names)
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
    values, index = value_of(node.value, names), value_of(node.slice, names)
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
    values = [value_of(item, names) for item in node.elts]
    if size(values, MAX_LENGTH) > MAX_LENGTH:
        raise ExpressionError(f"A list of more than {MAX_LENGTH:,} items.", "Split it.", node.col_offset)
    return values


def _binary(node: ast.BinOp, names: Mapping[str, Any]) -> Any:
    function = _ARITHMETIC.get(type(node.op))
    if function is None:
        raise ExpressionError(
            f"`{ast.unparse(node)[:60]}` uses an operator that is not there.", GRAMMAR, node.col_offset
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
        raise ExpressionError("`~` is no operator here.", GRAMMAR, node.col_offset)
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
    values = [value_of(item, names) for item in (node.left, *node.comparators)]
    unknown = next((value for value in values if isinstance(value, Symbol)), None)
    if unknown:
        return unknown
    for function, left, right in zip(node.ops, values, values[1:], strict=False):
        if isinstance(function, ast.Eq | ast.NotEq):
            holds = (left == right) is isinstance(function, ast.Eq)
        elif type(function) in _ORDER:
            if not (is_number(left) and is_number(right)):
                message = f"`{ast.unparse(node)[:60]}` compares {kind_of(left)} with {kind_of(right)}."
                raise ExpressionError(message, "Only numbers have an order; `==` takes anything.", node.col_offset)
            holds = _ORDER[type(function)](left, right)
        else:
            message = f"`{ast.unparse(node)[:60]}` uses an operator that is not there."
            raise ExpressionError(message, GRAMMAR, node.col_offset)
        if not holds:
            return False
    return True


def _choice(node: ast.IfExp, names: Mapping[str, Any]) -> Any:
    test = _boolean(node.test, names)
    if isinstance(test, Symbol):
        value_of(node.body, names), value_of(node.orelse, names)
        return test
    return value_of(node.body if test else node.orelse, names)


def _call(node: ast.Call, names: Mapping[str, Any]) -> Any:
    name = node.func.id if isinstance(node.func, ast.Name) else ast.unparse(node.func)[:60]
    if not isinstance(node.func, ast.Name):
        raise ExpressionError(f"`{name}` cannot be called.", GRAMMAR, node.col_offset)
    if name not in FUNCTIONS:
        hint = suggest(name, FUNCTIONS, what="functions")
        raise ExpressionError(f"Unknown function `{name}`.", hint, node.col_offset)
    if node.keywords or any(isinstance(item, ast.Starred) for item in node.args):
        hint = f"It is written {USAGE[name][2]}."
        raise ExpressionError(f"`{name}` takes plain arguments.", hint, node.col_offset)
    values = [value_of(item, names) for item in node.args]
    flat = [item for value in values for item in (value if isinstance(value, list | tuple) else [value])]
    unknown = next((value for value in flat if isinstance(value, Symbol)), None)
    if unknown:
        return unknown
    if wrong := misuse(name, values, flat):
        raise ExpressionError(wrong, f"It is written {USAGE[name][2]}.", node.col_offset)
    return _compute(FUNCTIONS[name], [flat] if name in OF_LISTS else values, node)


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
    value = value_of(node, names)
    if is_number(value) or isinstance(value, Symbol):
        return value
    message = f"`{ast.unparse(node)[:60]}` is {kind_of(value)}, and arithmetic takes numbers."
    hint = (
        _ITEMS if isinstance(value, list | tuple) else _NUMBERS if isinstance(value, str) else "Use `x if test else y`."
    )
    raise ExpressionError(message, hint, node.col_offset)


def _boolean(node: ast.expr, names: Mapping[str, Any]) -> Any:
    value = value_of(node, names)
    if isinstance(value, bool | Symbol):
        return value
    message = f"`{ast.unparse(node)[:60]}` is {kind_of(value)} where true or false is needed."
    raise ExpressionError(message, "Compare it: `x != 0`, `x != null`.", node.col_offset)


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
