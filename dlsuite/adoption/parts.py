"""What Keras writes of a layer, as components of the language: arguments that say no more than their defaults go."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dlsuite.adoption.archives import AdoptionError
from dlsuite.spec.catalogue import Catalogue
from dlsuite.spec.errors import suggest
from dlsuite.spec.habits import REFUSED, instead_of
from dlsuite.spec.wiring import snake

LIBRARIES = ("keras_hub", "keras_cv")
OBJECTS = ("initializer", "regularizer", "constraint")
SILENT = {"name", "dtype", "trainable", "seed", "quantization_config", "build_config", "batch_input_shape"}
"""Entries of a layer's configuration that are no arguments, or are read elsewhere."""

UNKNOWN = {
    "mask_zero": "Masks are explicit in a spec. Build the model without, hand the mask to the layers that are to heed "
    "it, as in LSTM(8)(x, mask=ops.not_equal(ids, 0)), and adopt that.",
    "stateful": "It keeps its state from one batch of a fixed size to the next, and a spec's networks know each batch "
    "alone, of any size. Build the model with stateful=False and adopt that.",
}
"""Settings of layers that the language does not have, and what would work."""

_SLICED = (
    "A tensor is sliced with brackets, as in x[:, -1], which the language does not have. Build the model with a "
    "function, as in ops.take(x, -1, axis=1) or ops.split(x, 2, axis=1), and adopt that."
)
OPS = {"Absolute": "ops.abs", "TrueDivide": "ops.divide", "Negative": "ops.negative"}
"""Operations whose class has another name than their function."""


def component(config: Mapping[str, Any], catalogue: Catalogue) -> dict[str, Any]:
    """Returns a layer, as Keras writes it, as a component: `{"Dense": {"units": 10}}`.

    Raises:
        AdoptionError: The language does not have it.
    """
    name = _layer(config, catalogue)
    given = config.get("config") or {}
    for key, reason in UNKNOWN.items():
        if given.get(key) is True:
            raise AdoptionError(f"`{given.get('name')}` ({name}) has {key}=True. {reason}")
    entry = catalogue.entry("layer", name) or {}
    arguments = _arguments(name, given, entry["args"], catalogue)
    if given.get("trainable") is False:
        arguments["trainable"] = False
    policy = _policy(given.get("dtype"))
    if policy not in (None, "float32"):
        arguments["dtype"] = policy
    return {name: arguments}


def operation(config: Mapping[str, Any], catalogue: Catalogue) -> tuple[str, dict[str, Any]]:
    """Returns the name of an operation's function, and the arguments that it was made with.

    Raises:
        AdoptionError: The language does not have it.
    """
    known = str(config.get("class_name"))
    name = OPS.get(known, f"ops.{snake(known)}")
    entry = catalogue.entry("op", name)
    if entry is None:
        hint = suggest(name, catalogue.names("op"))
        raise AdoptionError(f"The operation `{known}` of `{config.get('name')}` is none of the language's. {hint}")
    made = {}
    for key, value in (config.get("config") or {}).items():
        if key in entry["args"]:
            value = plain(value)
            if value != entry["args"][key].get("default", _NOTHING):
                made[key] = value
        elif key not in ("name", "dtype") and value is not None:
            raise AdoptionError(f"`{key}` of the operation `{known}` is no argument of {name}.")
    return name, made


_NOTHING = object()


def is_operation(config: Mapping[str, Any]) -> bool:
    """Returns whether Keras wrote an operation, not a layer."""
    return ".ops" in str(config.get("module")) and "config" in config


def _layer(config: Mapping[str, Any], catalogue: Catalogue) -> str:
    known, module = str(config.get("class_name")), str(config.get("module") or "")
    if known in REFUSED:
        raise AdoptionError(f"`{known}` runs code of its own, which a spec does not. Build it of layers and ops.X.")
    if known in ("Functional", "Sequential", "Model"):
        title = (config.get("config") or {}).get("name")
        message = f"The model `{title}` is an argument of a layer, which a spec's networks cannot be."
        raise AdoptionError(f"{message} Call it as a layer of the model, or give the layer a layer.")
    library = module.partition(".")[0]
    name = f"{library}.{known}" if library in LIBRARIES else known
    if catalogue.entry("layer", name) is None:
        hint = instead_of(known) or suggest(name, catalogue.names("layer")) or "Build it of layers and ops.X."
        title = (config.get("config") or {}).get("name")
        raise AdoptionError(f"The layer class `{known}` of `{title}` is none of the language's. {hint}")
    own = catalogue.own("layer", name)
    registered = str(config.get("registered_name") or "")
    if not own and library not in ("keras", *LIBRARIES) and ">" in registered:
        raise AdoptionError(f"`{registered}` is a class of somebody's own, with the name of a layer of Keras.")
    return name


def _arguments(
    owner: str, given: Mapping[str, Any], schemas: Mapping[str, Any], catalogue: Catalogue
) -> dict[str, Any]:
    """Returns the arguments that say more than their defaults."""
    made: dict[str, Any] = {}
    for key, schema in schemas.items():
        if key not in given:
            continue
        value = argument(given[key], schema, f"`{key}` of {owner}", catalogue)
        default = schema.get("default", _NOTHING)
        if not _same(value, default, schema) and not (key == "data_format" and value == "channels_last"):
            made[key] = value
    for key, value in given.items():
        if key not in schemas and key not in SILENT and isinstance(value, Mapping) and "class_name" in value:
            raise AdoptionError(
                f"`{key}` of {owner} is a `{value['class_name']}`, and the language has no such argument."
            )
    return made


def argument(value: Any, schema: Mapping[str, Any], owner: str, catalogue: Catalogue) -> Any:
    """Returns an argument as a spec has it."""
    kind = schema.get("kind")
    if isinstance(value, Mapping) and "class_name" in value:
        if value["class_name"] == "DTypePolicy":
            return _policy(value)
        if kind == "layer":
            return _alone(component(value, catalogue))
        if kind not in OBJECTS:
            raise AdoptionError(f"{owner} is a `{value['class_name']}`, which the language cannot write there.")
        return _object(kind, value, owner, catalogue)
    if isinstance(value, list) and kind == "layer":
        return [argument(item, schema, owner, catalogue) for item in value]
    value = plain(value)
    pair = isinstance(value, list) and value and len(set(map(str, value))) == 1 and isinstance(value[0], int)
    if (
        pair
        and "integer" in schema.get("type", ())
        and schema.get("minItems", 0) == len(value)
        or (pair and len(value) == 1 and "integer" in schema.get("type", ()))
    ):
        return value[0]
    return value


def _object(kind: str, value: Mapping[str, Any], owner: str, catalogue: Catalogue) -> Any:
    name = str(value["class_name"])
    entry = catalogue.entry(kind, name)
    if entry is None:
        hint = suggest(name, catalogue.names(kind))
        raise AdoptionError(f"{owner} is a `{name}`, which is no {kind} of the language. {hint}")
    given = value.get("config") or {}
    inner = {
        key: plain(given[key])
        for key, schema in entry["args"].items()
        if key in given and plain(given[key]) != schema.get("default", _NOTHING)
    }
    return _alone({name: inner})


def _same(value: Any, default: Any, schema: Mapping[str, Any]) -> bool:
    """Returns whether a value is the default in other words."""
    if value == default and isinstance(value, bool) == isinstance(default, bool):
        return True
    if schema.get("kind") in OBJECTS and isinstance(value, str) and isinstance(default, str):
        return value.lower().replace("_", "") == default.lower().replace("_", "")
    if schema.get("kind") == "activation" and value == "linear":
        return default is None
    return isinstance(default, list) and bool(default) and all(item == value for item in default)


def plain(value: Any) -> Any:
    """Returns a value of a configuration as plain JSON: tensors as lists of numbers.

    Raises:
        AdoptionError: It is an object of some class.
    """
    if isinstance(value, Mapping):
        known = value.get("class_name")
        if known in ("__tensor__", "__numpy__"):
            return value["config"]["value"]
        if known == "__tuple__":
            return [plain(item) for item in value.get("items", ())]
        if known == "DTypePolicy":
            return _policy(value)
        if known == "__slice__":
            raise AdoptionError(_SLICED)
        if known is not None:
            raise AdoptionError(f"An object of class `{known}` stands where a plain value is needed.")
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    if isinstance(value, str) and value.startswith("="):
        return f"={value}"
    return value


def _policy(value: Any) -> str | None:
    """Returns the name of a dtype policy."""
    if isinstance(value, Mapping):
        return (value.get("config") or {}).get("name")
    return value


def _alone(made: dict[str, Any]) -> Any:
    """Returns a component without arguments as its name alone."""
    ((name, arguments),) = made.items()
    return made if arguments else name
