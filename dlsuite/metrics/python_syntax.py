"""Whether texts are Python."""

from __future__ import annotations

import ast
import warnings
from collections.abc import Mapping, Sequence
from typing import Any

from dlsuite.registry import register


@register("metric")
class PythonSyntax:
    """The share of the texts written by a language model that Python can parse, but for their last line.

    The last line was broken off where the text ended. Give the objective `writes`, how many texts there are to be, and
    a `prompt` that stands at the margin, such as a line break and `def `.

    Example:
        >>> PythonSyntax().score([{"text": text.encode("def f(x):\\n    return x\\n\\nde")}], None, text)
        {'python_syntax': 1.0}
    """

    def score(self, outputs: Sequence[Mapping[str, Any]], truths: Any, feature: Any) -> dict[str, float]:
        """Returns `python_syntax`, from 0 to 1; nothing where no text was written, as by baselines."""
        texts = [feature.decode(one["text"]) for one in outputs if isinstance(one, Mapping) and "text" in one]
        return {"python_syntax": sum(map(is_python, texts)) / len(texts)} if texts else {}


def is_python(text: str) -> bool:
    """Returns whether Python can parse a text without its last line, and there is something to parse."""
    whole, _, _ = text.rpartition("\n")
    try:
        with warnings.catch_warnings(action="ignore"):  # of escapes that mean nothing
            return bool(ast.parse(whole).body)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
