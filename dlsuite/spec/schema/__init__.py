"""The JSON Schema of specs, by which editors complete names and arguments: the catalogue in draft 7.

Slots choose by type with `if` and `then`, never with `anyOf`: its messages name no culprit. An argument that takes no
text takes an expression all the same: its strings start with `=`.
"""

from __future__ import annotations

import json
from pathlib import Path

from dlsuite.spec import words
from dlsuite.spec.catalogue import KINDS, Catalogue, load
from dlsuite.spec.schema.arguments import Arguments
from dlsuite.spec.schema.components import Components, Docs
from dlsuite.spec.schema.forms import Schema, closed, told
from dlsuite.spec.schema.sections import of_one_network, sections

__all__ = ["dump", "schema", "write"]


def schema(catalogue: Catalogue | None = None, docs: Docs | None = None) -> Schema:
    """Returns the schema of specs.

    Args:
        catalogue: The components; by default those that are there.
        docs: Descriptions by kind and name: `{"layer": {"Dense": {"doc": ..., "args": {"units": ...}}}}`.
    """
    arguments = Arguments()
    components = Components(catalogue or load(), docs or {}, arguments)
    definitions = arguments.definitions
    definitions |= components.wiring()
    definitions["call"] = components.call()
    for kind in KINDS:
        if kind not in ("layer", "op"):
            definitions[kind] = components.slot(kind)
    top = {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": "DLSuite spec",
        "allowComments": False,
        **told(closed(sections(arguments)), words.TOP),
        "dependencies": {"model": of_one_network()},
    }
    return {**top, "$defs": dict(sorted(definitions.items()))}


def dump(content: Schema) -> str:
    """Returns a schema as text, one definition a line."""
    content = dict(content)
    definitions = content.pop("$defs")
    head = json.dumps(content, separators=(",", ":"))[:-1]
    lines = [f"{json.dumps(name)}:{json.dumps(value, separators=(',', ':'))}" for name, value in definitions.items()]
    return f'{head},\n"$defs":{{\n' + ",\n".join(lines) + "\n}}\n"


def write(path: Path, docs: Docs | None = None) -> None:
    """Writes the schema of specs."""
    path.write_text(dump(schema(docs=docs)), encoding="utf-8")
