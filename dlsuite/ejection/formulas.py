"""Expressions of the language as Python code.

What is printed is built node by node from the short list that the language knows; no text of a spec reaches the code
but as a name that was looked up, a number, or a quoted string.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable

from dlsuite.ejection.layout import number, quoted
from dlsuite.spec.expressions import FUNCTIONS, WORDS

OPERATORS: dict[type, tuple[str, int]] = {
    ast.Or: ("or", 2),
    ast.And: ("and", 3),
    ast.Eq: ("==", 5),
    ast.NotEq: ("!=", 5),
    ast.Lt: ("<", 5),
    ast.LtE: ("<=", 5),
    ast.Gt: (">", 5),
    ast.GtE: (">=", 5),
    ast.Add: ("+", 6),
    ast.Sub: ("-", 6),
    ast.Mult: ("*", 7),
    ast.Div: ("/", 7),
    ast.FloorDiv: ("//", 7),
    ast.Mod: ("%", 7),
    ast.Pow: ("**", 9),
}
"""Each operator with how tightly it binds; `if` binds at 1, `not` at 4, a sign at 8, a name at 10."""

MATH = ("ceil", "floor", "sqrt", "log")
PYTHON = {"null": "None", "true": "True", "false": "False"}

Names = Callable[[str, str | None], str]
"""Gives the Python code of a name, or of a fact's field."""


class NotPlain(Exception):
    """An expression that Python code cannot say."""


def formula(text: str, names: Names) -> str:
    """Returns an expression, without its leading `=`, as Python code.

    Args:
        text: As the spec has it.
        names: Gives the code of a name, or of a name and field (`label.classes`).

    Raises:
        NotPlain: It holds something that is no expression of the language.

    Example:
        >>> formula("2*width if label.classes>2 else null", lambda name, field: name)
        '2 * width if label > 2 else None'
    """
    try:
        return _code(ast.parse(text.strip().replace("\n", " "), mode="eval").body, names)[0]
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        raise NotPlain(f"`{text[:60]}` is no expression.") from None


def names_in(text: str) -> set[str]:
    """Returns the names that an expression reads."""
    try:
        tree = ast.parse(text.strip().replace("\n", " "), mode="eval")
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return set()
    return {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)} - set(WORDS) - set(FUNCTIONS)


def needs_math(code: str) -> bool:
    """Returns whether printed code reads Python's `math`."""
    return bool(re.search(r"\bmath\.", code))


def _code(node: ast.expr, names: Names) -> tuple[str, int]:
    """Returns the code of a node, and how tightly its outermost operator binds."""
    if isinstance(node, ast.Constant):
        return _constant(node)
    if isinstance(node, ast.Name):
        return (PYTHON[node.id] if node.id in PYTHON else names(node.id, None)), 10
    if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
        return names(node.value.id, node.attr), 10
    if isinstance(node, ast.Subscript):
        return f"{_inside(node.value, names, 10)}[{_code(node.slice, names)[0]}]", 10
    if isinstance(node, ast.List):
        return f"[{', '.join(_code(item, names)[0] for item in node.elts)}]", 10
    if isinstance(node, ast.BinOp) and type(node.op) in OPERATORS:
        return _binary(node, names)
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
        return f"not {_inside(node.operand, names, 4)}", 4
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub | ast.UAdd):
        sign = "-" if isinstance(node.op, ast.USub) else "+"
        return f"{sign}{_inside(node.operand, names, 10)}", 8
    if isinstance(node, ast.BoolOp):
        word, level = OPERATORS[type(node.op)]
        return f" {word} ".join(_inside(value, names, level + 1) for value in node.values), level
    if isinstance(node, ast.Compare):
        return _comparison(node, names), 5
    if isinstance(node, ast.IfExp):
        test, other = _inside(node.test, names, 2), _inside(node.orelse, names, 1)
        return f"{_inside(node.body, names, 2)} if {test} else {other}", 1
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in FUNCTIONS:
        return _function(node.func.id, node, names), 10
    raise NotPlain(f"`{ast.unparse(node)[:60]}` cannot stand in an expression.")


def _constant(node: ast.Constant) -> tuple[str, int]:
    if isinstance(node.value, str):
        return quoted(node.value), 10
    if isinstance(node.value, int | float) and not isinstance(node.value, bool):
        return (number(node.value) if isinstance(node.value, float) else repr(node.value)), 10
    raise NotPlain("A literal that the language does not have.")


def _inside(node: ast.expr, names: Names, level: int) -> str:
    """Returns the code of an operand, in parentheses where it binds less tightly than it must."""
    code, own = _code(node, names)
    return code if own >= level else f"({code})"


def _binary(node: ast.BinOp, names: Names) -> tuple[str, int]:
    sign, level = OPERATORS[type(node.op)]
    for side in (node.left, node.right):
        if isinstance(side, ast.List) or (isinstance(side, ast.Constant) and isinstance(side.value, str)):
            raise NotPlain(f"`{ast.unparse(node)[:60]}`: arithmetic takes numbers.")
    if isinstance(node.op, ast.Pow):
        left, right = _inside(node.left, names, 10), _inside(node.right, names, 8)
        space = "" if _simple(node.left) and _simple(node.right) else " "
        return f"{left}{space}**{space}{right}", level
    return f"{_inside(node.left, names, level)} {sign} {_inside(node.right, names, level + 1)}", level


def _simple(node: ast.expr) -> bool:
    """Returns whether formatters hug a power's operand."""
    if isinstance(node, ast.UnaryOp):
        return isinstance(node.operand, ast.Constant)
    return isinstance(node, ast.Name | ast.Attribute) or (
        isinstance(node, ast.Constant) and isinstance(node.value, int | float)
    )


def _comparison(node: ast.Compare, names: Names) -> str:
    parts = [_inside(node.left, names, 6)]
    for operator, right in zip(node.ops, node.comparators, strict=True):
        if type(operator) not in OPERATORS:
            raise NotPlain(f"`{ast.unparse(node)[:60]}` uses an operator that is not there.")
        word = OPERATORS[type(operator)][0]
        if isinstance(right, ast.Name) and right.id in PYTHON:
            word = {"==": "is", "!=": "is not"}.get(word, word)
        parts += [word, _inside(right, names, 6)]
    return " ".join(parts)


def _function(name: str, node: ast.Call, names: Names) -> str:
    values = ", ".join(_code(item, names)[0] for item in node.args)
    if node.keywords or any(isinstance(item, ast.Starred) for item in node.args):
        raise NotPlain(f"`{name}` takes plain arguments.")
    if name == "sum" and len(node.args) > 1:
        return f"sum([{values}])"
    return f"math.{name}({values})" if name in MATH else f"{name}({values})"
