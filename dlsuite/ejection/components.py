"""Components of a spec as Python code: layers, initializers and the like, each as one writes it with Keras."""

from __future__ import annotations

import importlib
from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias

from dlsuite.ejection.formulas import Names, NotPlain, formula
from dlsuite.ejection.layout import Call, Code, Items, listed, literal, number, quoted
from dlsuite.spec.catalogue import Catalogue
from dlsuite.spec.expressions import is_expression
from dlsuite.spec.wiring import snake

PLACES = {
    "initializer": "initializers",
    "regularizer": "regularizers",
    "constraint": "constraints",
    "loss": "losses",
    "metric": "metrics",
}
"""The module of Keras that keeps each kind of component."""

LIBRARIES = ("keras_hub", "keras_cv")
LEADING = 2
"""So many required arguments at most are written without their names: `Conv2D(32, 3)`."""

Settings: TypeAlias = Sequence[tuple[str, Code]]
"""`trainable` and `dtype` as code, as far as they are set."""


class Components:
    """Prints components, and remembers what has to be imported or printed for them.

    Attributes:
        libraries: Names of the libraries beside Keras that the code needs.
        own: Names of layers of ours, in the order of their first use.
    """

    def __init__(self, catalogue: Catalogue):
        self.catalogue = catalogue
        self.libraries: set[str] = set()
        self.own: list[str] = []

    def layer(self, name: str) -> str:
        """Returns the class of a layer as code."""
        if self.catalogue.entry("layer", name) is None:
            raise NotPlain(f"There is no layer `{name}`.")
        if self.catalogue.own("layer", name):
            if name not in self.own:
                self.own.append(name)
            return name
        library, dot, inner = name.partition(".")
        if library == "applications":
            return f"keras.applications.{inner}"
        if not dot:
            return f"layers.{name}"
        self.libraries.add(library)
        for part in ("layers", "models"):
            if hasattr(importlib.import_module(f"{library}.{part}"), inner):
                return f"{library}.{part}.{inner}"
        raise NotPlain(f"The installed {library} has no `{inner}`.")

    def function(self, name: str) -> str:
        """Returns a tensor function as code."""
        if self.catalogue.entry("op", name) is None:
            raise NotPlain(f"There is no tensor function `{name}`.")
        return name

    def arguments(
        self, name: str, given: Mapping[str, Any], names: Names, settings: Settings = ()
    ) -> list[Code | tuple[str, Code]]:
        """Returns the arguments that a layer is made with; those that it is called with are left out.

        Args:
            name: The layer.
            given: Its arguments as the spec has them.
            names: Gives the code of names in expressions.
            settings: `trainable` and `dtype`, which hold for layers in it too.
        """
        schemas = (self.catalogue.entry("layer", name) or {}).get("args", {})
        leading = self._leading(name, schemas, given)
        made: list[Code | tuple[str, Code]] = []
        taken: dict[str, int] = {}
        for key in (*leading, *(key for key in given if key in schemas and key not in leading)):
            code = self.argument(given[key], schemas[key], names, taken, settings)
            made.append(code if key in leading else (key, code))
        return made

    def _leading(self, name: str, schemas: Mapping[str, Any], given: Mapping[str, Any]) -> list[str]:
        """Returns the arguments that are written without their names: the required ones of Keras' own layers."""
        keys = []
        for key, schema in schemas.items():
            if "default" in schema or key not in given or len(keys) == LEADING:
                break
            keys.append(key)
        return [] if self.catalogue.own("layer", name) or "." in name else keys

    def argument(
        self, raw: Any, schema: Mapping[str, Any], names: Names, taken: dict[str, int], settings: Settings = ()
    ) -> Code:
        """Returns one argument as code.

        Args:
            raw: As the spec has it.
            schema: Of the argument, from the catalogue.
            names: Gives the code of names in expressions.
            taken: How many layers of each name the component holds already.
            settings: Of the layer around it.
        """
        kind = schema.get("kind")
        if kind is None or raw is None or isinstance(raw, bool | int | float):
            return self.value(raw, names, schema)
        if isinstance(raw, list | tuple):
            return listed([self.argument(item, schema, names, taken, settings) for item in raw])
        if isinstance(raw, str) and (is_expression(raw) or kind not in ("layer", *PLACES)):
            return self.value(raw, names, schema)
        if isinstance(raw, Mapping) and len(raw) != 1:
            items = [(quoted(key), self.argument(item, schema, names, taken, settings)) for key, item in raw.items()]
            return Items("{", tuple(items))
        return self.component(raw, kind, names, taken, settings)

    def component(self, raw: Any, kind: str, names: Names, taken: dict[str, int], settings: Settings = ()) -> Code:
        """Returns a component in a slot of another as code."""
        name, given = (raw, {}) if isinstance(raw, str) else next(iter(raw.items()))
        entry = self.catalogue.entry(kind, name)
        if entry is None or not isinstance(given, Mapping):
            raise NotPlain(f"There is no {kind} `{name}`.")
        if kind == "layer":
            base = snake(name)
            number = taken[base] = taken.get(base, -1) + 1
            own = quoted(f"{base}_{number}" if number else base)
            arguments = (*self.arguments(name, given, names, settings), *settings)
            return Call(self.layer(name), (*arguments, ("name", own)))
        if not given:
            return quoted(name)
        if kind not in PLACES or self.catalogue.own(kind, name) or not is_word(name):
            raise NotPlain(f"The {kind} `{name}` with arguments.")
        schemas = entry["args"]
        inner: dict[str, int] = {}
        known = [
            (key, self.argument(value, schemas[key], names, inner)) for key, value in given.items() if key in schemas
        ]
        return Call(f"{PLACES[kind]}.{name}", tuple(known))

    def value(self, raw: Any, names: Names, schema: Mapping[str, Any] | None = None) -> Code:
        """Returns a plain value as code: expressions as Python's, numbers as floats where only those go."""
        schema = schema or {}
        if is_expression(raw):
            return formula(raw[1:], names)
        if isinstance(raw, str):
            return quoted(raw[1:] if raw.startswith("==") else raw)
        if isinstance(raw, list | tuple):
            items = schema.get("items") or {}
            return listed([self.value(item, names, items) for item in raw])
        if isinstance(raw, Mapping):
            return self.mapping(raw, names)
        types = schema.get("type", ())
        if isinstance(raw, int) and not isinstance(raw, bool) and "number" in types and "integer" not in types:
            return number(float(raw))
        return literal(raw)

    def mapping(self, raw: Mapping[str, Any], names: Names) -> Code:
        """Returns an object as code: an initializer or the like where it is one, else a dictionary."""
        if len(raw) == 1:
            ((name, given),) = raw.items()
            kinds = [kind for kind in PLACES if self.catalogue.entry(kind, name) is not None]
            if kinds and isinstance(given, Mapping):
                return self.component(raw, kinds[0], names, {})
        return Items("{", tuple((quoted(str(key)), self.value(item, names)) for key, item in raw.items()))


def is_word(text: str) -> bool:
    """Returns whether a text can stand in code as a name."""
    return text.isidentifier() and text.isascii()
