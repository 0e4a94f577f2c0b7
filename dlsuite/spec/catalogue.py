"""The components that a spec may use: the libraries' from a committed file, our own and plug-ins' from their source.

Nothing is imported to know what exists: a folder is searched for names when its kind is first asked for, and the one
file that defines a name is read with `ast` for its signature, the first line of its docstring and its literal facts.
"""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from dlsuite import registry
from dlsuite.spec.errors import PluginError

PATH = Path(__file__).with_name("catalogue.json")

KINDS = {
    "layer": "layer",
    "op": "tensor function",
    "activation": "activation",
    "initializer": "initializer",
    "regularizer": "regularizer",
    "constraint": "constraint",
    "optimizer": "optimizer",
    "schedule": "learning-rate schedule",
    "loss": "loss",
    "metric": "metric",
    "callback": "callback",
    "strategy": "distribution strategy",
    "augmentation": "augmentation",
    "objective": "objective",
    "feature": "feature",
    "dataset": "dataset",
    "baseline": "baseline",
    "decoder": "decoder",
    "sampler": "sampler",
}
"""The kinds of components, and what to call them."""

TYPES = {
    "int": "integer",
    "float": "number",
    "bool": "boolean",
    "str": "string",
    "None": "null",
    "list": "array",
    "tuple": "array",
    "Sequence": "array",
    "dict": "object",
    "Mapping": "object",
}
BOUNDS = {"least": "min", "most": "max", "above": "exclusiveMin", "below": "exclusiveMax"}
"""Arguments of `dlsuite.registry.Range` in signatures, and what schemas call them."""
COMPONENTS = {
    name: name.lower()
    for name in (
        "Layer", "Loss", "Metric", "Optimizer", "Schedule", "Initializer", "Regularizer", "Constraint", "Feature",
        "Decoder", "Network", "Input", "Target", "Output",
    )
}  # fmt: skip
"""Names of `dlsuite.registry` in signatures, and the kind of what goes there."""

REGISTERED = re.compile(
    r"""^@(?:\w+\.)?register\(\s*["'](\w+)["']\s*\)(?=.*?^(?:class|def)\s+(\w+))""", re.MULTILINE | re.DOTALL
)
"""Where a file registers a class or function: kind and name."""

Entry = Mapping[str, Any]


class Catalogue:
    """Components by kind and name."""

    def __init__(self, committed: Mapping[str, Any]):
        self._committed = committed
        self._own: dict[str, dict[str, tuple[str, Path]]] = {}

    @property
    def versions(self) -> Mapping[str, str]:
        """Versions of the libraries that the committed facts describe."""
        return self._committed["versions"]

    def names(self, kind: str) -> tuple[str, ...]:
        """Returns the names of a kind, sorted."""
        return tuple(sorted({*self._committed.get(kind, ()), *self._blocks(kind)}))

    def entry(self, kind: str, name: str) -> Entry | None:
        """Returns what is known of a component, or `None` if there is none.

        Returns:
            `args`: schemas by name (see `arguments.faults_of`; `kind` for nested components, `default` unless
            required). `call`: the call's arguments of a layer. `tensors`, `variadic`, `whole`: see the ops. For our own
            also `doc`, the first line of its docstring, and `facts`, its literal class attributes.
        """
        own = self._blocks(kind).get(name)
        if own is None:
            return self._committed.get(kind, {}).get(name)
        return _read(kind, own[1], own[1].stat().st_mtime_ns).get(name)

    def module(self, kind: str, name: str) -> str:
        """Returns the module that defines one of our own blocks.

        Raises:
            KeyError: There is none.
        """
        return self._blocks(kind)[name][0]

    def own(self, kind: str, name: str) -> bool:
        """Returns whether a component is one of our own or of a plug-in."""
        return name in self._blocks(kind)

    def kinds_of(self, name: str) -> list[str]:
        """Returns the kinds that have a component of that name."""
        return [kind for kind in KINDS if self.entry(kind, name) is not None]

    def _blocks(self, kind: str) -> dict[str, tuple[str, Path]]:
        """Returns module and file of each of our own blocks of a kind, by name."""
        if kind not in self._own:
            found: dict[str, tuple[str, Path]] = {}
            for module, path in registry.files(kind) if kind in registry.FOLDERS else ():
                for name in _registered_names(kind, path):
                    if name in self._committed.get(kind, ()):
                        raise PluginError(f"{path}: `{name}` is the name of a {KINDS[kind]} of Keras; choose another.")
                    found.setdefault(name, (module, path))
            self._own[kind] = found
        return self._own[kind]


@cache
def load() -> Catalogue:
    """Returns the catalogue."""
    return Catalogue(json.loads(PATH.read_bytes()))


def _registered_names(kind: str, path: Path) -> list[str]:
    """Returns the names that a file registers for a kind: searched as text, which is a tenth of the time of `ast`."""
    return [found[2] for found in REGISTERED.finditer(_source(path)) if found[1] == kind]


@cache
def _read(kind: str, path: Path, changed: int) -> dict[str, Entry]:
    """Returns the blocks that a file registers, by name.

    Raises:
        PluginError: It is not Python, or a default is no plain value.
    """
    found: dict[str, Entry] = {}
    line = 0
    try:
        for node in ast.parse(_source(path)).body:
            if isinstance(node, ast.ClassDef | ast.FunctionDef) and kind in map(_registered, node.decorator_list):
                line = node.lineno
                found[node.name] = _entry(kind, node)
    except SyntaxError as error:
        raise PluginError(f"{path}:{error.lineno}: This is not Python: {error.msg}.") from None
    except ValueError:
        raise PluginError(f"{path}:{line}: A default of a block is a plain value, which is read and not run.") from None
    return found


def _source(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise PluginError(f"{path} cannot be read: {error}.") from None


def _registered(decorator: ast.expr) -> str | None:
    """Returns the kind in `@register("kind")`."""
    if not isinstance(decorator, ast.Call) or len(decorator.args) != 1:
        return None
    function, argument = decorator.func, decorator.args[0]
    name = function.id if isinstance(function, ast.Name) else getattr(function, "attr", "")
    return str(argument.value) if name == "register" and isinstance(argument, ast.Constant) else None


def _entry(kind: str, node: ast.ClassDef | ast.FunctionDef) -> Entry:
    doc = (ast.get_docstring(node) or "").split("\n\n")[0]
    if isinstance(node, ast.FunctionDef):
        return {"args": _signature(node, kind), "doc": " ".join(doc.split())}
    methods = {item.name: item for item in node.body if isinstance(item, ast.FunctionDef)}
    entry: dict[str, Any] = {
        "args": _signature(methods["__init__"], kind) if "__init__" in methods else {},
        "doc": " ".join(doc.split()),
        "facts": dict(filter(None, map(_fact, node.body))),
    }
    if "call" in methods:
        entry["call"] = _call(methods["call"])
    return entry


def _fact(node: ast.stmt) -> tuple[str, Any] | None:
    """Returns name and value of a literal class attribute."""
    if isinstance(node, ast.Assign) and len(node.targets) == 1:
        target, value = node.targets[0], node.value
    elif isinstance(node, ast.AnnAssign) and node.value is not None:
        target, value = node.target, node.value
    else:
        return None
    if not isinstance(target, ast.Name):
        return None
    try:
        return target.id, ast.literal_eval(value)
    except ValueError:
        return None


def _signature(node: ast.FunctionDef, kind: str) -> dict[str, Any]:
    """Returns the schemas of a function's named arguments."""
    return {
        argument.arg: {**_schema(argument.annotation), **({"default": _json(default)} if default is not None else {})}
        for argument, default in _parameters(node)
        if argument.arg != "self" and not (kind == "layer" and argument.arg in ("name", "dtype", "trainable"))
    }


def _call(node: ast.FunctionDef) -> dict[str, Any]:
    return {
        argument.arg: {} if default is None else {"default": _json(default)}
        for argument, default in _parameters(node)
        if argument.arg not in ("self", "training")
    }


def _parameters(node: ast.FunctionDef) -> list[tuple[ast.arg, ast.expr | None]]:
    spec = node.args
    positional = [*spec.posonlyargs, *spec.args]
    blanks: list[ast.expr | None] = [None] * (len(positional) - len(spec.defaults))
    return [
        *zip(positional, [*blanks, *spec.defaults], strict=True),
        *zip(spec.kwonlyargs, spec.kw_defaults, strict=True),
    ]


def _json(node: ast.expr) -> Any:
    value = ast.literal_eval(node)
    return list(value) if isinstance(value, tuple) else value


def _schema(annotation: ast.expr | None) -> dict[str, Any]:
    """Returns the schema that an annotation means."""
    if annotation is None:
        return {}
    if isinstance(annotation, ast.Constant) and isinstance(annotation.value, str):
        return _schema(ast.parse(annotation.value, mode="eval").body)
    parts = [_part(part) for part in _alternatives(annotation)]
    if any(part is None for part in parts):
        return {}
    merged: dict[str, Any] = {"type": []}
    for part in parts:
        assert part is not None
        merged["type"] += [name for name in part.get("type", ()) if name not in merged["type"]]
        merged |= {key: value for key, value in part.items() if key not in ("type", "values")}
        if "values" in part:
            merged["values"] = [*merged.get("values", ()), *part["values"]]
    if not merged["type"] and "kind" in merged:
        del merged["type"]
    return merged


def _alternatives(node: ast.expr) -> list[ast.expr]:
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.BitOr):
        return [*_alternatives(node.left), *_alternatives(node.right)]
    return [node]


def _part(node: ast.expr) -> dict[str, Any] | None:
    """Returns the schema of one alternative of an annotation; `None` where anything goes."""
    if isinstance(node, ast.Constant) and node.value is None:
        return {"type": ["null"]}
    name = re.sub(r".*\.", "", ast.unparse(node.value if isinstance(node, ast.Subscript) else node))
    if isinstance(node, ast.Subscript) and name == "Literal":
        return _literal(node.slice)
    if isinstance(node, ast.Subscript) and name == "Annotated" and isinstance(node.slice, ast.Tuple):
        return {**_schema(node.slice.elts[0]), **_bounds(node.slice.elts[1:])}
    if name in COMPONENTS:
        return {"kind": COMPONENTS[name]}
    if name == "DataPath":
        return {"type": ["string"], "path": True}
    if name not in TYPES:
        return None
    schema: dict[str, Any] = {"type": [TYPES[name]]}
    if isinstance(node, ast.Subscript) and schema["type"] != ["object"]:
        inner = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
        items = _schema(inner[0])
        if "kind" in items:
            return {**items, "type": ["array"]}
        schema |= {"items": items} if items else {}
        exact = name == "tuple" and not (len(inner) == 2 and isinstance(inner[1], ast.Constant))
        schema |= {"minItems": len(inner), "maxItems": len(inner)} if exact else {}
    elif isinstance(node, ast.Subscript):
        inner = node.slice.elts if isinstance(node.slice, ast.Tuple) else []
        value = _schema(inner[1]) if len(inner) == 2 else {}
        if "kind" in value:
            return {"kind": value["kind"], "type": ["object"]}
    return schema


def _bounds(notes: list[ast.expr]) -> dict[str, Any]:
    """Returns the bounds that a `Range` beside an annotation sets."""
    ranges = [note for note in notes if isinstance(note, ast.Call) and ast.unparse(note.func).endswith("Range")]
    return {BOUNDS[str(one.arg)]: ast.literal_eval(one.value) for note in ranges for one in note.keywords}


def _literal(node: ast.expr) -> dict[str, Any]:
    values = [ast.literal_eval(item) for item in (node.elts if isinstance(node, ast.Tuple) else [node])]
    types = {"str": "string", "int": "integer", "NoneType": "null", "bool": "boolean", "float": "number"}
    schema: dict[str, Any] = {"type": sorted({types[type(value).__name__] for value in values})}
    strings = [value for value in values if isinstance(value, str)]
    return {**schema, "values": strings} if strings else schema
