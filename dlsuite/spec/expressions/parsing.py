"""Texts of expressions as Python's own parser reads them; those that are read again and again are read once."""

from __future__ import annotations

import ast
import keyword
import re
import warnings
from functools import lru_cache

from dlsuite.spec.expressions.values import ExpressionError

MAX_CHARACTERS = 1000
MAX_KEPT = 200

GRAMMAR = "Expressions have literals, + - * / // % **, comparison, and or not, if else, [index], and " + (
    "min max round ceil floor sqrt log sum len int."
)

KEPT = ("and", "or", "not", "if", "else")
_WORDS = re.compile(rf"(?<![\w\"'])(?:{'|'.join(keyword.kwlist)})(?![\w\"'])")
"""Python's own words, which its parser takes for nothing else."""


def parse(text: str) -> ast.expr:
    """Returns what an expression, without its `=`, is made of."""
    return _read(text) if len(text) > MAX_KEPT else _read_once(text)


def _read(text: str) -> ast.expr:
    if len(text) > MAX_CHARACTERS:
        raise ExpressionError(f"An expression of more than {MAX_CHARACTERS} characters.", "Split it over `params`.")
    if "\0" in text:
        raise ExpressionError("The expression cannot be read.", GRAMMAR)
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
        if word := next((word for word in _WORDS.findall(text) if word not in KEPT), None):
            message = f"`{word}` is a word that no expression has as a name."
            raise ExpressionError(message, GRAMMAR, text.strip().index(word)) from None
        raise ExpressionError(f"`{text.strip()[:60]}` is not an expression: {error.msg}.", GRAMMAR, at) from None
    except (ValueError, MemoryError, RecursionError):
        raise ExpressionError("The expression cannot be read.", GRAMMAR) from None


_read_once = lru_cache(maxsize=1024)(_read)
