"""The committed catalogue: facts about the components of the installed libraries.

`python -m dlsuite.cataloguing` writes it again; with `--check` it says what differs and ends with 1.
"""

from __future__ import annotations

import contextlib
import inspect
import io
import json
import logging
import sys
import warnings
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import Any

import keras
import keras_cv
import keras_hub
from keras import layers, ops
from keras.src.backend.common import global_state
from keras.src.backend.common.stateless_scope import StatelessScope

from dlsuite.cataloguing import probing
from dlsuite.cataloguing.named_arguments import NAMED, Schema, words
from dlsuite.cataloguing.operations import operations

PATH = Path(__file__).parents[1] / "spec" / "catalogue.json"
LIBRARIES = ("keras", "keras-hub", "keras-cv")

DENIED = {
    "Lambda": "runs code",
    "TFSMLayer": "loads a file",
    "JaxLayer": "runs code",
    "FlaxLayer": "runs code",
    "TorchModuleWrapper": "runs code",
    "Layer": "abstract",
    "Wrapper": "abstract",
    "InputSpec": "no layer",
    "Input": "inputs stand under `inputs`",
    "InputLayer": "inputs stand under `inputs`",
    "Loss": "abstract",
    "Metric": "abstract",
    "MeanMetricWrapper": "takes a function",
    "Optimizer": "abstract",
    "MultiOptimizer": "the language has its own form",
    "OptimizerMap": "the language has its own form",
    "LearningRateSchedule": "abstract",
    "Initializer": "abstract",
    "Regularizer": "abstract",
    "Constraint": "abstract",
    "Callback": "abstract",
    "CallbackList": "no callback",
    "History": "always there",
    "ProgbarLogger": "training brings its own",
    "LambdaCallback": "runs code",
    "Masking": "masks are explicit",
    "LearningRateScheduler": "takes a function",
    "OrbaxCheckpoint": "training keeps its own checkpoints",
    "RemoteMonitor": "reaches the network",
    "keras_hub.AudioConverter": "abstract",
    "keras_hub.ImageConverter": "abstract",
    "keras_hub.Backbone": "abstract",
    "keras_hub.FeaturePyramidBackbone": "abstract",
    "keras_hub.Task": "abstract",
    "keras_cv.BaseAugmentationLayer3D": "abstract",
    "keras_cv.BaseImageAugmentationLayer": "abstract",
    "keras_cv.VectorizedBaseImageAugmentationLayer": "abstract",
    "keras_cv.Augmenter": "no layer of its own",
}
"""Why a public name is no component."""

LEFT_OUT = frozenset(
    words(
        "self name dtype trainable quantization_config gptq_unpacked_column_size input_tensor variables "
        "skip_fn skip_py_fn "
        "preprocessor token_embedding embeddings_metadata log_dir filepath filename backup_dir rng compile"
    )
)
"""Arguments that the language adds, that take paths, functions or objects, or that it refuses."""

LEFT_OUT_OF_LAYERS = frozenset({"weights"})

UNTRIED = frozenset(
    words(
        "AugMix keras_hub.SAMMaskDecoder keras_hub.Gemma4AudioConverter RandAugment RandomColorJitter "
        "RandomElasticTransform "
        "keras_cv.AugMix keras_cv.RandAugment "
        "keras_cv.RandomColorJitter keras_hub.SAM3DetrDecoder keras_hub.SAM3VisionEncoder "
        "keras_hub.Gemma3nAudioConverter "
        "keras_hub.SAM3DetrEncoder keras_hub.SAM3TextEncoder keras_hub.SAM3GeometryEncoder keras_hub.SAM3MaskDecoder"
    )
)
"""Constructors that are too slow to be tried hundreds of times."""

STAND_INS: dict[str, Any] = {
    "activation": "relu",
    "backup_dir": "backup",
    "bounding_box_format": "xyxy",
    "dims": [1, 2],
    "equation": "ab,bc->ac",
    "filename": "log.csv",
    "filepath": "model.keras",
    "log_dir": "logs",
    "output_shape": [2],
    "target_size": [2, 2],
    "value_range": [0, 255],
}
"""Values for required arguments while others are tried."""

KINDS = {
    "activation": "activation",
    "recurrent_activation": "activation",
    "intermediate_activation": "activation",
    "hidden_activation": "activation",
    "classifier_activation": "activation",
    "squeeze_activation": "activation",
    "excite_activation": "activation",
    "stackwise_activation": None,
    "initializer": "initializer",
    "loss": "loss",
    "inner_optimizer": "optimizer",
    "layer": "layer",
    "backward_layer": "layer",
    "cell": "layer",
    "cells": "layer",
    "layers": "layer",
    "backbone": "layer",
    "image_encoder": "layer",
    "vision_encoder": "layer",
    "text_encoder": "layer",
    "audio_encoder": "layer",
    "prompt_encoder": "layer",
    "mask_decoder": "layer",
    "qformer": "layer",
    "language_model": "layer",
    "geometry_encoder": "layer",
    "detr_encoder": "layer",
    "detr_decoder": "layer",
    "vae": "layer",
    "clip_l": "layer",
    "clip_g": "layer",
    "t5": "layer",
    "augmenters": "layer",
}
"""Which components an argument of that name takes."""

SUFFIXES = {"_initializer": "initializer", "_regularizer": "regularizer", "_constraint": "constraint"}

MANY = frozenset({"cells", "layers", "augmenters"})
"""Arguments that take a list of components."""

SPECIAL: dict[tuple[str, str], Schema] = {
    ("RandomFlip", "mode"): {"type": ["string"], "values": ["horizontal", "horizontal_and_vertical", "vertical"]},
    ("Normalization", "mean"): {"type": ["null", "number", "array"], "items": {"type": ["number", "array"]}},
    ("Normalization", "variance"): {"type": ["null", "number", "array"], "items": {"type": ["number", "array"]}},
    ("Permute", "dims"): {"type": ["array"], "items": {"type": ["integer"], "min": 1}, "minItems": 1},
    ("Reshape", "target_shape"): {"type": ["array"], "items": {"type": ["integer"], "min": -1}},
    **{
        (f"{name}{rank}D", argument): {
            "type": ["integer", "array"],
            "items": {"type": ["integer", "array"], "min": 0},
            "min": 0,
            "minItems": rank,
            "maxItems": rank,
        }
        for name, argument in (("Cropping", "cropping"), ("ZeroPadding", "padding"))
        for rank in (2, 3)
    },
}
"""Arguments of single components that neither names nor constructors tell."""

STRATEGIES: dict[str, dict[str, Schema]] = {
    "Auto": {},
    "MirroredStrategy": {"devices": {"type": ["null", "array"], "items": {"type": ["string"]}, "default": None}},
    "MultiWorkerMirroredStrategy": {
        "communication": {"type": ["string"], "values": ["auto", "nccl", "ring"], "default": "auto"}
    },
    "OneDeviceStrategy": {"device": {"type": ["string"]}},
    "TPUStrategy": {"tpu": {"type": ["null", "string"], "default": None}},
}
"""Distribution: `Auto` is our own, the others are named as in `tf.distribute`."""


def catalogue() -> dict[str, Any]:
    """Returns the catalogue of the installed libraries."""
    with _quiet():
        return {
            "versions": {name: version(name) for name in LIBRARIES},
            **{kind: dict(sorted(found)) for kind, found in _kinds().items()},
        }


def dump(content: Mapping[str, Any]) -> str:
    """Returns a catalogue as text, one component a line."""
    blocks = []
    for kind, entries in content.items():
        lines = [f"{json.dumps(name)}:{json.dumps(entry, separators=(',', ':'))}" for name, entry in entries.items()]
        blocks.append(f"{json.dumps(kind)}:{{\n" + ",\n".join(lines) + "\n}")
    return "{" + ",\n".join(blocks) + "}\n"


def differences(committed: Mapping[str, Any], installed: Mapping[str, Any]) -> list[str]:
    """Returns what differs between two catalogues, a line each."""
    lines = []
    for kind in sorted({*committed, *installed}):
        old, new = committed.get(kind, {}), installed.get(kind, {})
        lines += [f"{kind} {name}: gone" for name in sorted({*old} - {*new})]
        lines += [f"{kind} {name}: new" for name in sorted({*new} - {*old})]
        for name in sorted({*old} & {*new}):
            if old[name] != new[name]:
                lines.append(f"{kind} {name}: {_changed(old[name], new[name])}")
    return lines


def main(arguments: list[str]) -> int:
    """Writes the catalogue, or checks that the committed one is that of the installed libraries."""
    installed = catalogue()
    if "--check" not in arguments:
        PATH.write_text(dump(installed))
        return 0
    lines = differences(json.loads(PATH.read_text()), json.loads(dump(installed)))
    if lines:
        print("\n".join([f"{PATH.name} is not that of the installed libraries:", *lines]))
        print("`python -m dlsuite.cataloguing` writes it again.")
    return 1 if lines else 0


def libraries() -> Iterator[tuple[str, str, Any]]:
    """Yields kind, name and object of each component that is made by calling a class or function."""
    for kind, module in (
        ("optimizer", keras.optimizers),
        ("schedule", keras.optimizers.schedules),
        ("loss", keras.losses),
        ("metric", keras.metrics),
        ("callback", keras.callbacks),
    ):
        yield from ((kind, name, cls) for name, cls in _classes(module))
    for kind, module in (
        ("initializer", keras.src.initializers),
        ("regularizer", keras.src.regularizers),
        ("constraint", keras.src.constraints),
    ):
        known = {**module.ALL_OBJECTS_DICT, **dict(_classes(getattr(keras, kind + "s")))}
        yield from ((kind, name, cls) for name, cls in known.items() if name and inspect.isclass(cls))
    yield from (("layer", name, cls) for name, cls in _classes(layers))
    yield from (("layer", f"keras_hub.{name}", cls) for name, cls in _hub())
    yield from (("layer", f"keras_cv.{name}", cls) for name, cls in _classes(keras_cv.layers) if _is_layer(cls))
    for name, function in vars(keras.applications).items():
        if inspect.isfunction(function):
            yield "layer", f"applications.{name}", function


def _kinds() -> dict[str, list[tuple[str, Schema]]]:
    found: dict[str, list[tuple[str, Schema]]] = {}
    made: dict[Any, Schema | None] = {}
    for kind, name, function in libraries():
        if name in DENIED:
            continue
        maker = function.__init__ if inspect.isclass(function) and not name.startswith("app") else function
        family = name.split(".")[0] if "." in name else ""
        if (kind, family, maker) not in made:
            with _without_values() if kind in ("layer", "metric") else contextlib.nullcontext():
                made[kind, family, maker] = _entry(kind, name, function)
        entry = made[kind, family, maker]
        if entry is not None:
            found.setdefault(kind, []).append((name, entry))
            if _augments(function):
                found.setdefault("augmentation", []).append((name, {"args": entry["args"]}))
    found["op"] = list(operations(ops))
    found["activation"] = [(name, {"args": {}}) for name in _activations()]
    found["strategy"] = [(name, {"args": args}) for name, args in STRATEGIES.items()]
    return dict(sorted(found.items()))


def _classes(module: Any) -> list[tuple[str, Any]]:
    return [(name, value) for name, value in vars(module).items() if inspect.isclass(value) and name[0] != "_"]


def _is_layer(cls: Any) -> bool:
    return issubclass(cls, keras.layers.Layer)


def _hub() -> Iterator[tuple[str, Any]]:
    """Yields layers, and models that are built from arguments alone."""
    yield from ((name, cls) for name, cls in _classes(keras_hub.layers) if _is_layer(cls))
    for name, cls in _classes(keras_hub.models):
        if issubclass(cls, keras.Model) and not any(
            p.kind is p.VAR_POSITIONAL for p in inspect.signature(cls.__init__).parameters.values()
        ):
            yield name, cls


def _augments(function: Any) -> bool:
    bases = (
        layers.RandomFlip.__mro__[1],
        keras_cv.layers.BaseImageAugmentationLayer,
        keras_cv.layers.VectorizedBaseImageAugmentationLayer,
    )
    return inspect.isclass(function) and issubclass(function, bases)


def _activations() -> Iterator[str]:
    for name, function in keras.src.activations.ALL_OBJECTS_DICT.items():
        needed = [p for p in inspect.signature(function).parameters.values() if p.default is p.empty]
        if len(needed) == 1:
            yield name


def _entry(kind: str, name: str, function: Any) -> Schema | None:
    args = _arguments(kind, name, function)
    if args is None:
        return None
    entry: Schema = {"args": args}
    if kind == "layer":
        entry["call"] = _call(name, function)
        if isinstance(function, type) and issubclass(function, layers.Add.__mro__[1]):
            entry["whole"] = True
    return entry


def _call(name: str, function: Any) -> Schema:
    """Returns the arguments of a layer's call, in order."""
    if not inspect.isclass(function) or issubclass(function, keras.Model):
        return {"inputs": {}}
    found = {}
    for argument, parameter in probing.parameters(function.call).items():
        if argument == "training":
            continue
        try:
            found[argument] = (
                {} if parameter.default is parameter.empty else {"default": probing.plain(parameter.default)}
            )
        except TypeError:
            found[argument] = {"default": None}
    return found or {"inputs": {}}


def _arguments(kind: str, name: str, function: Any) -> Schema | None:
    """Returns the schemas of a component's arguments; `None` if it cannot be made from JSON."""
    parameters = probing.parameters(function)
    docs = probing.documentation(function)
    left_out = LEFT_OUT | (LEFT_OUT_OF_LAYERS if kind == "layer" else frozenset())
    needed = [key for key, p in parameters.items() if p.default is p.empty]
    base = _base(function, needed, name)
    if base is None and not _is_large(function) and needed:
        print(f"not tried: {name} {needed}", file=sys.stderr)
    result: Schema = {}
    for key, parameter in parameters.items():
        if (key in left_out and (kind, key) != ("metric", "name")) or (
            parameter.default is not parameter.empty and not _is_plain(parameter.default)
        ):
            continue
        accepts = None if base is None else partial(_takes, function, base, key)
        schema = (
            _override(kind, name, key)
            or _component(key, parameter)
            or probing.schema_of(key, parameter, accepts, docs.get(key, ""))
        )
        if parameter.default is not parameter.empty:
            schema = {**schema, "default": probing.plain(parameter.default)}
        schema.pop("free", None)
        result[key] = schema
    if kind == "layer" and base is not None and name[0].isupper() and "activity_regularizer" not in result:  # noqa: SIM102
        if _takes(function, base, "activity_regularizer", "l2"):
            result["activity_regularizer"] = {"type": ["null"], "kind": "regularizer", "default": None}
    return result


def _takes(function: Callable[..., Any], base: Mapping[str, Any], key: str, value: Any) -> bool:
    return probing.works(function, {**base, key: value})


def _base(function: Any, needed: list[str], name: str) -> dict[str, Any] | None:
    """Returns required arguments that work, or `None` where trying is too slow or fails."""
    if _is_large(function):
        return None
    if name in UNTRIED:
        return None
    known = {key: value for key in needed if (value := _known(name, key)) is not None}
    return probing.required(function, needed, known)


def _is_large(function: Any) -> bool:
    return not inspect.isclass(function) or issubclass(function, keras.Model)


def _known(name: str, key: str) -> Any:
    """Returns a value that a required argument of this name takes."""
    cells = name in ("RNN", "StackedRNNCells")
    values: dict[str, Callable[[], Any]] = {
        "layer": lambda: layers.LSTM(2) if name == "Bidirectional" else layers.Dense(2),
        "cell": lambda: layers.LSTMCell(2),
        "cells": lambda: [layers.LSTMCell(2)],
        "layers": lambda: [layers.LSTMCell(2)] if cells else [layers.RandomFlip()],
        "inner_optimizer": keras.optimizers.SGD,
        **{key: partial(_same, value) for key, value in STAND_INS.items()},
    }
    return values[key]() if key in values else None


def _same(value: Any) -> Any:
    return value


def _is_plain(value: Any) -> bool:
    try:
        probing.plain(value)
    except TypeError:
        return False
    return True


def _component(key: str, parameter: inspect.Parameter) -> Schema | None:
    """Returns the schema of an argument that takes components, or `None` for others."""
    kind = KINDS.get(key) or next((kind for end, kind in SUFFIXES.items() if key.endswith(end)), None)
    if kind is None:
        return None
    if kind == "activation" and isinstance(parameter.default, str) and parameter.default not in _activations():
        return {"type": ["null", "string"]}
    schema: Schema = {"kind": kind}
    if key in MANY:
        schema["type"] = ["array"]
    elif parameter.default is None or kind == "activation":
        schema["type"] = ["null"]
    return schema


def _override(kind: str, name: str, key: str) -> Schema | None:
    """Returns what holds for an argument whatever its constructor takes."""
    if kind == "optimizer" and key == "learning_rate":
        return {"type": ["number"], "min": 0, "kind": "schedule"}
    if key in ("seed", "vocabulary", "use_cudnn"):
        return NAMED[key]
    if kind == "metric" and key == "name":
        return {"type": ["null", "string"]}
    return SPECIAL.get((name, key))


def _changed(old: Any, new: Any) -> str:
    before, after = (
        old.get("args", {}) if isinstance(old, dict) else {},
        new.get("args", {}) if isinstance(new, dict) else {},
    )
    keys = [key for key in sorted({*before, *after}) if before.get(key) != after.get(key)]
    if not keys:
        return f"{old} -> {new}" if not isinstance(old, dict) else "its call differs"
    return "; ".join(f"`{key}` {before.get(key, 'absent')} -> {after.get(key, 'absent')}" for key in keys)


@contextlib.contextmanager
def _without_values() -> Iterator[None]:
    """Lets constructors make variables without values, which takes a tenth of the time."""
    with StatelessScope():
        yield
        global_state.set_global_attribute("uninitialized_variables", [])


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """Silences what libraries say while their constructors are tried."""
    logging.disable(logging.CRITICAL)
    with warnings.catch_warnings(), contextlib.redirect_stdout(io.StringIO()):
        warnings.simplefilter("ignore")
        yield
    logging.disable(logging.NOTSET)
