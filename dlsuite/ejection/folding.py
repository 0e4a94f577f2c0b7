"""Expressions with values in the places of names: choices that these decide are made."""

from __future__ import annotations

import ast
import operator
import re
from collections.abc import Mapping
from typing import Any

from dlsuite.ejection.formulas import NotPlain, names_in
from dlsuite.ejection.outlines import strings

COMPARISONS = {
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
}
WORDS = {"true": True, "false": False, "null": None}


def fold(text: str, values: Mapping[str, Any], *, truth: bool = False) -> Any:
    """Returns an expression with values in the places of names: a value where one is left, else an expression.

    Args:
        text: The expression, `=` included.
        values: Numbers, texts and truth values by name.
        truth: Whether it only matters if the result holds, as in `when`.

    Example:
        >>> fold("=stride if first else 1", {"first": True})
        '=stride'
        >>> fold("=rate > 0 and wide", {"rate": 0.0}, truth=True)
        False
    """
    try:
        tree = ast.parse(text[1:].strip().replace("\n", " "), mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        raise NotPlain(f"`{text[:60]}` is no expression.") from None
    made = _Folding(values).visit(tree)
    if _is_value(made):
        value = _value(made)
        return bool(value) if truth else value
    return f"={ast.unparse(made)}"


def holes_read(raw: Any) -> set[str]:
    """Returns the names that braces read anywhere in a value."""
    return {name for text in strings(raw) for hole in re.findall(r"\{([^{}]*)\}", text) for name in names_in(hole)}


class _Folding(ast.NodeTransformer):
    """Puts values in, and decides what they decide; arithmetic stays as it is written."""

    def __init__(self, values: Mapping[str, Any]):
        self.values = values

    def visit_Name(self, node: ast.Name) -> ast.expr:
        return _node(self.values[node.id]) if node.id in self.values else node

    def visit_Call(self, node: ast.Call) -> ast.expr:
        node.args = [self.visit(one) for one in node.args]  # the function's name is none of ours
        return node

    def visit_Compare(self, node: ast.Compare) -> ast.expr:
        self.generic_visit(node)
        if len(node.ops) == 1 and _is_value(node.left) and _is_value(node.comparators[0]):
            left, right = _value(node.left), _value(node.comparators[0])
            if type(node.ops[0]) in COMPARISONS and (type(left) is type(right) or _numbers(left, right)):
                return _node(COMPARISONS[type(node.ops[0])](left, right))
        return node

    def visit_UnaryOp(self, node: ast.UnaryOp) -> ast.expr:
        self.generic_visit(node)
        if isinstance(node.op, ast.Not) and _is_value(node.operand):
            return _node(not _value(node.operand))
        return node

    def visit_IfExp(self, node: ast.IfExp) -> ast.expr:
        self.generic_visit(node)
        return (node.body if _value(node.test) else node.orelse) if _is_value(node.test) else node

    def visit_BoolOp(self, node: ast.BoolOp) -> ast.expr:
        self.generic_visit(node)
        ending = isinstance(node.op, ast.Or)  # one true value decides an `or`, one false value an `and`
        if any(_is_value(one) and _value(one) is ending for one in node.values):
            return _node(ending)
        node.values = [one for one in node.values if not _is_value(one)] or node.values[-1:]
        return node.values[0] if len(node.values) == 1 else node


def _numbers(*values: Any) -> bool:
    return all(isinstance(one, int | float) and not isinstance(one, bool) for one in values)


def _node(value: Any) -> ast.expr:
    """Returns the node of a value."""
    if value is None or isinstance(value, bool):
        return ast.Name({True: "true", False: "false", None: "null"}[value])
    if not isinstance(value, str) and value < 0:
        return ast.UnaryOp(ast.USub(), ast.Constant(-value))
    return ast.Constant(value)


def _is_value(node: ast.expr) -> bool:
    """Returns whether a node is a value."""
    if isinstance(node, ast.UnaryOp):
        return isinstance(node.op, ast.USub) and isinstance(node.operand, ast.Constant)
    return isinstance(node, ast.Constant) or (isinstance(node, ast.Name) and node.id in WORDS)


def _value(node: ast.expr) -> Any:
    """Returns the value that a node is."""
    if isinstance(node, ast.UnaryOp):
        return -_value(node.operand)
    return WORDS[node.id] if isinstance(node, ast.Name) else node.value  # type: ignore[attr-defined]
