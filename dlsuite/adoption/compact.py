"""Specs as compact JSON texts: what fits a line stands on one."""

from __future__ import annotations

import json
from typing import Any

WIDTH = 118


def dump(spec: Any) -> str:
    """Returns a spec as JSON text, as one would write it by hand."""
    return "\n".join(_lines(spec, 0, "")) + "\n"


def _lines(value: Any, indent: int, before: str) -> list[str]:
    flat = f"{' ' * indent}{before}{json.dumps(value, ensure_ascii=False)}"
    if (len(flat) <= WIDTH and indent) or not isinstance(value, dict | list) or not value:
        return [flat]
    keyed = isinstance(value, dict)
    parts = [(f"{json.dumps(key, ensure_ascii=False)}: ", item) for key, item in value.items()] if keyed else [
        ("", item) for item in value
    ]  # fmt: skip
    only = keyed and len(parts) == 1 and isinstance(parts[0][1], dict) and parts[0][1]
    if only:  # a component: its brace, its name and the brace of its arguments share a line
        inner = _lines(parts[0][1], indent, f"{before}{{{parts[0][0]}")
        return [*inner[:-1], f"{inner[-1]}}}"]
    found = [f"{' ' * indent}{before}{'{' if keyed else '['}"]
    for i, (key, item) in enumerate(parts):
        inner = _lines(item, indent + 2, key)
        found += [*inner[:-1], inner[-1] + ("," if i < len(parts) - 1 else "")]
    return [*found, f"{' ' * indent}{'}' if keyed else ']'}"]
