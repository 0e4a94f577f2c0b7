"""Layers of ours as source text: what their files say, without what ties them to this package."""

from __future__ import annotations

import ast
import importlib.util
import re
from collections.abc import Iterable
from pathlib import Path

from dlsuite.ejection.formulas import NotPlain
from dlsuite.ejection.layout import quoted
from dlsuite.spec.catalogue import Catalogue

PACKAGE = __name__.partition(".")[0]


class Sources:
    """The classes that printed code brings along, and what they import.

    Args:
        catalogue: Knows which file defines a layer.
        names: The layers.
        title: The name under which Keras saves them.

    Attributes:
        classes: The lines of each file's statements.
        standard: Import lines of the standard library.
        third: Import lines of other packages.
        keras: Names that are imported from `keras`.
    """

    def __init__(self, catalogue: Catalogue, names: Iterable[str], title: str):
        self.title = title
        self.classes: list[list[str]] = []
        self.standard: set[str] = set()
        self.third: set[str] = set()
        self.keras: set[str] = set()
        self.done: set[str] = set()
        for name in names:
            module = catalogue.module("layer", name)
            if module.startswith(f"{PACKAGE}."):
                self.bring(module)
            else:
                self.third.add(f"from {module} import {name}")

    def bring(self, module: str) -> None:
        """Takes in a module, and those of ours that it imports first."""
        if module in self.done:
            return
        self.done.add(module)
        found = importlib.util.find_spec(module)
        if found is None or found.origin is None:
            raise NotPlain(f"The source of `{module}` is not here.")
        source = Path(found.origin).read_text(encoding="utf-8")
        tree = ast.parse(source)
        stand_ins: set[str] = set()
        kept: list[ast.stmt] = []
        for node in tree.body:
            if isinstance(node, ast.Import | ast.ImportFrom):
                stand_ins |= self.imported(node)
            elif not (isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)):
                kept.append(node)
        rows = _without(source, tree, stand_ins, quoted(self.title)).split("\n")
        pieces: list[str] = []
        for i, node in enumerate(kept):
            start = min([node.lineno, *(item.lineno for item in getattr(node, "decorator_list", ()))]) - 1
            pieces += ([] if i == 0 else _between(rows, kept[i - 1], start)) + rows[start : node.end_lineno]
        self.classes.append([row for row in pieces if row != _DROPPED])

    def imported(self, node: ast.Import | ast.ImportFrom) -> set[str]:
        """Takes in an import; returns names that only say what an argument is, and so can be anything."""
        if isinstance(node, ast.Import):
            for alias in node.names:
                group = self.third if alias.name.partition(".")[0] in ("keras", "numpy") else self.standard
                group.add(ast.unparse(ast.Import([alias])))
            return set()
        origin = node.module or ""
        if origin == "__future__":
            return set()
        if origin.startswith(PACKAGE):
            if origin == f"{PACKAGE}.registry":
                self.standard.add("from typing import Any")
                return {alias.name for alias in node.names}
            self.bring(origin)
        elif origin == "keras":
            self.keras |= {alias.name for alias in node.names}
        else:
            named = [alias for alias in node.names if alias.name != "Annotated"]  # bounds are not brought along
            group = self.third if origin.partition(".")[0] in ("keras", "numpy") else self.standard
            group.update([ast.unparse(ast.ImportFrom(node.module, named, 0))] if named else [])
        return set()


_DROPPED = "#-"


def _between(rows: list[str], before: ast.stmt, start: int) -> list[str]:
    """Returns the lines between two statements: blank ones, and remarks."""
    return rows[(before.end_lineno or 0) : start]


def _is_bounded(node: ast.Subscript) -> bool:
    """Returns whether an annotation is a type with bounds."""
    return isinstance(node.value, ast.Name) and node.value.id == "Annotated" and isinstance(node.slice, ast.Tuple)


def _without(source: str, tree: ast.Module, names: set[str], title: str) -> str:
    """Returns a source, line by line, with registrations renamed or dropped, and stand-ins in annotations as `Any`."""
    rows = source.split("\n")
    for node in ast.walk(tree):
        for decorator in getattr(node, "decorator_list", ()):
            text = ast.unparse(decorator)
            if text.startswith(("register(", "registry.register(")):
                rows[decorator.lineno - 1] = _DROPPED
            elif "register_keras_serializable" in text:
                rows[decorator.lineno - 1] = re.sub(r"\(.*\)", f"({title})", rows[decorator.lineno - 1])
    spots = [(node, "Any") for node in ast.walk(tree) if isinstance(node, ast.Name) and node.id in names]
    bounded = [node for node in ast.walk(tree) if isinstance(node, ast.Subscript) and _is_bounded(node)]
    inside = {id(inner) for node in bounded for inner in ast.walk(node)}
    spots = [spot for spot in spots if id(spot[0]) not in inside]
    spots += [(node, ast.unparse(node.slice.elts[0])) for node in bounded]  # type: ignore[attr-defined]
    for node, text in sorted(spots, key=lambda spot: -spot[0].col_offset):
        row = rows[node.lineno - 1]
        if row != _DROPPED:
            rows[node.lineno - 1] = row[: node.col_offset] + text + row[node.end_col_offset :]
    return "\n".join(rows)
