"""What the installed libraries say of their components, and our own docstrings of ours.

Read when it is asked for: descriptions in other people's words are never committed.
"""

from __future__ import annotations

import importlib
import inspect
import json
import textwrap
from collections.abc import Mapping
from typing import Any

from dlsuite.spec.arguments import phrase
from dlsuite.spec.catalogue import KINDS, Catalogue, load
from dlsuite.spec.errors import Fault, SpecError, plural, suggest

Docs = dict[str, dict[str, dict[str, Any]]]
WIDTH = 100


def overview(kind: str | None = None, name: str | None = None) -> str:
    """Returns what `dlsuite components` prints: kinds, the names of a kind, or one component with its arguments.

    Raises:
        SpecError: There is no such kind or name.
    """
    catalogue = load()
    if kind is None:
        return "\n".join(f"{kind:14}{len(catalogue.names(kind)):5}  {plural(words)}" for kind, words in KINDS.items())
    if kind not in KINDS:
        of = catalogue.kinds_of(kind)
        hint = f"`dlsuite components {of[0]} {kind}` describes that {KINDS[of[0]]}." if of else ""
        hint = hint or suggest(kind, KINDS, what="kinds")
        raise SpecError([Fault(f"There is no kind of component `{kind}`.", hint=hint)])
    if name is None:
        return "\n".join(f"{name:44}{_summary(catalogue, kind, name)}".rstrip() for name in catalogue.names(kind))
    if catalogue.entry(kind, name) is None:
        hint = suggest(name, catalogue.names(kind), what=plural(kind))
        hint = hint or f"`dlsuite components {kind}` lists them."
        other = [other for other in catalogue.kinds_of(name) if other != kind]
        hint = f"`{name}` is of the kind `{other[0]}`." if other else hint
        raise SpecError([Fault(f"There is no {KINDS[kind]} `{name}`.", hint=hint)])
    return component(catalogue, kind, name)


def component(catalogue: Catalogue, kind: str, name: str) -> str:
    """Returns one component in full: what it is, and its arguments with types, defaults and descriptions."""
    entry = catalogue.entry(kind, name)
    assert entry is not None
    words = describe(catalogue, kind, name)
    lines = [f"{name}: {KINDS[kind]}", ""]
    lines += [*textwrap.wrap(words["doc"], WIDTH), ""] if words["doc"] else []
    for key, schema in entry["args"].items():
        takes = f"{schema['kind']} " if "kind" in schema else ""
        takes += phrase(schema) if "type" in schema else "" if takes else "anything"
        default = f", default {json.dumps(schema['default'])}" if "default" in schema else ", required"
        lines.append(f"  {key}: {takes.strip()}{default}")
        text = words["args"].get(key, "")
        lines += textwrap.wrap(text, WIDTH, initial_indent="      ", subsequent_indent="      ") if text else []
        if values := schema.get("values"):
            listed = "one of " + ", ".join(values)
            lines += textwrap.wrap(listed, WIDTH, initial_indent="      ", subsequent_indent="      ")
    facts = entry.get("facts", {})
    for key in ("licence", "origin"):
        if facts.get(key):
            lines += textwrap.wrap(f"{key}: {facts[key]}", WIDTH, initial_indent="  ", subsequent_indent="      ")
    if facts.get("files"):
        lines += ["  files, with their SHA-256:", *(f"      {hash}  {file}" for file, hash in facts["files"].items())]
    if inputs := entry.get("call") or dict.fromkeys(entry.get("tensors", ())):
        lines += ["", f"  called with: {', '.join(inputs)}"]
    return "\n".join(lines)


def docs(catalogue: Catalogue) -> Docs:
    """Returns descriptions of every component, by kind and name: `doc`, and `args` by name."""
    return {kind: {name: describe(catalogue, kind, name) for name in catalogue.names(kind)} for kind in KINDS}


def describe(catalogue: Catalogue, kind: str, name: str) -> dict[str, Any]:
    """Returns the first paragraph of a component's docstring, and what it says of each argument."""
    from dlsuite.cataloguing.probing import documentation

    found = _find(catalogue, kind, name)
    text = inspect.getdoc(found) or "" if found is not None else ""
    known: Mapping[str, str] = documentation(found) if found is not None else {}
    entry = catalogue.entry(kind, name) or {}
    return {
        "doc": " ".join(text.split("\n\n")[0].split()),
        "args": {key: known[key] for key in entry.get("args", {}) if known.get(key)},
    }


def _find(catalogue: Catalogue, kind: str, name: str) -> Any:
    if catalogue.own(kind, name):
        module = importlib.import_module(catalogue.module(kind, name))
        return getattr(module, name, None)
    if kind == "strategy":
        return None
    if kind == "activation":
        return getattr(importlib.import_module("keras").activations, name, None)
    from dlsuite.making import find

    try:
        return find(kind, name)
    except (KeyError, AttributeError):
        return None


def _summary(catalogue: Catalogue, kind: str, name: str) -> str:
    """Returns a component's arguments in brief: the required ones, and how many others there are."""
    args = catalogue.entry(kind, name)["args"]  # type: ignore[index]
    required = [key for key, schema in args.items() if "default" not in schema]
    others = len(args) - len(required)
    return ", ".join([*required, *([f"[{others} optional]"] if others else [])])
