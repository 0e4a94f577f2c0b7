"""A model's configuration as a graph of calls."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from dlsuite.adoption import parts
from dlsuite.adoption.archives import AdoptionError
from dlsuite.spec.catalogue import Catalogue
from dlsuite.spec.network_inputs import DTYPES

MAX_CALLS = 20_000
MODELS = ("Functional", "Sequential", "Model")
"""Classes of models whose calls can be read."""


@dataclass(frozen=True)
class Tensor:
    """One of the tensors that a call made."""

    call: str
    item: int = 0


@dataclass
class Call:
    """One call of a layer, operation or network.

    Attributes:
        key: Its own; the layer's name, and the number of the call where there are several.
        name: Of the layer.
        made: The component, as `{"Dense": {"units": 10}}`.
        inputs: The arguments of the call by name: tensors, lists of them, plain values.
        again: Whether the layer was called before.
        operation: Whether it is a tensor function.
        several: Whether it makes several tensors.
        network: The model that it calls.
        outlets: Names of the network's outputs.
    """

    key: str
    name: str
    made: dict[str, Any]
    inputs: dict[str, Any]
    again: bool = False
    operation: bool = False
    several: bool = False
    network: Graph | None = None
    outlets: tuple[str, ...] = ()


@dataclass
class Graph:
    """A network as calls in an order in which each comes after what it reads."""

    name: str
    inputs: dict[str, dict[str, Any]] = field(default_factory=dict)
    calls: dict[str, Call] = field(default_factory=dict)
    outputs: Any = None


def tensors(value: Any) -> Iterator[Tensor]:
    """Yields the tensors in a value, in order."""
    if isinstance(value, Tensor):
        yield value
    elif isinstance(value, Mapping):
        for item in value.values():
            yield from tensors(item)
    elif isinstance(value, list | tuple):
        for item in value:
            yield from tensors(item)


def graph(config: Mapping[str, Any], catalogue: Catalogue) -> Graph:
    """Returns the graph of a functional or sequential model.

    Raises:
        AdoptionError: It is another kind of model, or holds what the language does not have.
    """
    known = config.get("class_name")
    inner = config.get("config")
    if known not in MODELS or not isinstance(inner, Mapping) or "layers" not in inner:
        message = f"The model is of the class `{known}`; functional and sequential models can be adopted."
        raise AdoptionError(f"{message} A model with a call of its own keeps its code where nothing can read it.")
    try:
        made = _sequential(inner, catalogue) if known == "Sequential" else _functional(inner, catalogue)
    except (KeyError, TypeError, IndexError, ValueError, AttributeError) as error:
        raise AdoptionError(f"The model's configuration is not as Keras writes it: {error!r}.") from None
    if len(made.calls) > MAX_CALLS:
        raise AdoptionError(f"The model has more than {MAX_CALLS:,} calls.")
    return made


def _sequential(config: Mapping[str, Any], catalogue: Catalogue) -> Graph:
    made = Graph(str(config.get("name") or "sequential"))
    last: Tensor | None = None
    for layer in config["layers"]:
        if layer["class_name"] == "InputLayer":
            last = _input(made, layer["config"])
            continue
        if last is None:
            shape = config.get("build_input_shape")
            if not shape:
                raise AdoptionError("The model was not built: its first layer does not know what it reads.")
            last = _input(made, {"name": "input", "batch_shape": shape, "dtype": "float32"})
        name = str(layer["config"]["name"])
        if layer["class_name"] in MODELS:
            _network_call(made, layer, name, 0, last, catalogue)
        else:
            component = parts.component(layer, catalogue)
            made.calls[name] = Call(name, name, component, {_first(component, catalogue): last})
        last = Tensor(name)
    made.outputs = last
    _part_outputs(made, catalogue)
    return made


def _functional(config: Mapping[str, Any], catalogue: Catalogue) -> Graph:
    made = Graph(str(config.get("name") or "model"))
    for layer in config["layers"]:
        if layer["class_name"] == "InputLayer":
            _input(made, layer["config"])
            continue
        name = str(layer.get("name") or layer["config"]["name"])
        for number, node in enumerate(layer["inbound_nodes"]):
            if layer["class_name"] in MODELS:
                given = _value([*node["args"], *(node["kwargs"].get("inputs") or ())][0])
                _network_call(made, layer, name, number, given, catalogue)
            else:
                _call(made, layer, name, number, node, catalogue)
    multiple = {key for key, call in made.calls.items() if _makes_several(call)}
    multiple |= {tensor.call for call in made.calls.values() for tensor in tensors(call.inputs) if tensor.item}
    models = {layer["name"] for layer in config["layers"] if layer["class_name"] in ("Functional", "Model")}
    made.outputs = _outputs(config["output_layers"], models)
    _part_outputs(made, catalogue)
    multiple |= {tensor.call for tensor in tensors(made.outputs) if tensor.item}
    for key in multiple:
        made.calls[key].several = True
    _sort(made)
    return made


SEVERAL = ("ops.top_k", "ops.split", "ops.array_split", "ops.unstack", "ops.moments", "ops.meshgrid", "ops.divmod")
"""Functions that make several tensors, even where one of them alone is read."""


def _makes_several(call: Call) -> bool:
    if call.network is not None:
        return len(set(tensors(call.network.outputs))) > 1
    ((name, arguments),) = call.made.items()
    return name in SEVERAL or arguments.get("return_state") is True or "return_attention_scores" in call.inputs


def _network_call(
    made: Graph, layer: Mapping[str, Any], name: str, number: int, given: Any, catalogue: Catalogue
) -> None:
    """Adds the call of a model; all calls of it have one graph."""
    key = f"{name}#{number}" if number else name
    inner = made.calls[name].network if number else graph(layer, catalogue)
    assert inner is not None
    wanted = _outputs(layer["config"]["input_layers"]) if "input_layers" in layer["config"] else None
    if isinstance(wanted, dict) and isinstance(given, dict):
        filled = {wanted[one].call: tensor for one, tensor in given.items()}
    else:
        names = [one.call for one in tensors(wanted)] or list(inner.inputs)
        filled = dict(zip(names, tensors(given), strict=True))
    frozen = made.calls[name].made[""] if number else {"trainable": False} if _freed(inner) else {}
    made.calls[key] = Call(key, name, {"": frozen}, {one: filled[one] for one in inner.inputs}, network=inner)


def _freed(inner: Graph) -> bool:
    """Returns whether all layers of a model were frozen; they no longer are, as each call of it says so."""
    given = [arguments for call in inner.calls.values() if not call.operation for arguments in call.made.values()]
    if not given or any(one.get("trainable") is not False for one in given):
        return False
    if any(call.network is not None for call in inner.calls.values()):
        return False
    for one in given:
        del one["trainable"]
    return True


def _part_outputs(made: Graph, catalogue: Catalogue) -> None:
    """Gives every output a call of its own: what comes in, or goes out before, passes an `Identity`."""
    out: set[Tensor] = set()

    def part(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: part(one) for key, one in value.items()}
        if isinstance(value, list):
            return [part(one) for one in value]
        if value.call in made.inputs or value in out:
            names = ("identity", *(f"identity_{number}" for number in range(1, len(made.calls) + 2)))
            key = next(name for name in names if name not in made.calls and name not in made.inputs)
            component: dict[str, Any] = {"Identity": {}}
            made.calls[key] = Call(key, key, component, {_first(component, catalogue): value})
            value = Tensor(key)
        out.add(value)
        return value

    made.outputs = part(made.outputs)


def _input(made: Graph, config: Mapping[str, Any]) -> Tensor:
    shape = config.get("batch_shape") or config.get("batch_input_shape")
    dtype = parts.plain(config.get("dtype") or "float32")
    if dtype not in DTYPES:
        message = f"The input `{config['name']}` holds values of dtype `{dtype}`, which no network of a spec reads:"
        hint = "features of `data`, such as Text and Category, turn them into numbers."
        raise AdoptionError(f"{message} {hint} Adopt a model that begins behind the layers that do so here.")
    made.inputs[str(config["name"])] = {"shape": list(shape[1:]), **({"dtype": dtype} if dtype != "float32" else {})}
    return Tensor(str(config["name"]))


def _call(made: Graph, layer: Mapping[str, Any], name: str, number: int, node: Any, catalogue: Catalogue) -> None:
    key = f"{name}#{number}" if number else name
    args, kwargs = _value(node["args"]), _value(node["kwargs"])
    kwargs = {key: value for key, value in kwargs.items() if key != "training" and value is not None}
    if parts.is_operation(layer):
        op, given = parts.operation(layer, catalogue)
        entry = catalogue.entry("op", op) or {}
        free = [one for one in entry["args"] if one not in given]
        if variadic := entry.get("variadic"):
            args = [args[0] if len(args) == 1 and isinstance(args[0], list) else list(args)]
            free = [variadic]
        filled = {**dict(zip(free, args, strict=False)), **kwargs}
        plain = {one: value for one, value in filled.items() if one not in entry.get("tensors", ()) and one != variadic}
        inputs = {one: value for one, value in filled.items() if one not in plain}
        made.calls[key] = Call(key, name, {op: {**given, **plain}}, inputs, operation=True)
        return
    component = parts.component(layer, catalogue)
    ((layer_name, _),) = component.items()
    parameters = (catalogue.entry("layer", layer_name) or {}).get("call", {"inputs": {}})
    filled = {**dict(zip(parameters, args, strict=False)), **kwargs}
    unknown = [one for one in filled if one not in parameters]
    if unknown or len(args) > len(parameters):
        raise AdoptionError(f"`{name}` is called with `{'`, `'.join(unknown)}`, which the language does not know.")
    filled = {
        one: value
        for one, value in filled.items()
        if not ("default" in parameters[one] and value == parameters[one]["default"])
    }
    made.calls[key] = Call(key, name, component, filled, again=number > 0)


def _first(component: Mapping[str, Any], catalogue: Catalogue) -> str:
    (name,) = component
    return next(iter((catalogue.entry("layer", name) or {}).get("call", {"inputs": {}})))


def _value(value: Any) -> Any:
    """Returns a call's argument, its tensors told by who made them."""
    if isinstance(value, Mapping):
        if value.get("class_name") == "__keras_tensor__":
            name, number, item = value["config"]["keras_history"]
            return Tensor(f"{name}#{number}" if number else str(name), int(item))
        if "class_name" in value:
            return parts.plain(value)
        return {str(key): _value(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_value(item) for item in value]
    return parts.plain(value)


def _outputs(value: Any, models: Collection[str] = ()) -> Any:
    """Returns tensors that go out, or come in; Keras counts the calls of functional `models` from one here."""
    if isinstance(value, Mapping):
        return {
            str(key): _outputs(value[key], models) for key in sorted(value)
        }  # the order in which Keras numbers them
    if len(value) == 3 and isinstance(value[0], str) and isinstance(value[1], int):
        name, number, item = value
        number -= name in models
        return Tensor(f"{name}#{number}" if number else name, int(item))
    found = [_outputs(item, models) for item in value]
    return found[0] if len(found) == 1 else found


def _sort(made: Graph) -> None:
    """Puts the calls in an order in which each comes after what it reads; drops those that nothing needs."""
    done: dict[str, Call] = {}
    waiting = [tensor.call for tensor in tensors(made.outputs)][::-1]
    opened: set[str] = set()
    while waiting:
        key = waiting[-1]
        if key in done or key in made.inputs:
            waiting.pop()
            continue
        if key not in made.calls:
            raise AdoptionError(f"The model reads `{key}`, which is not in it.")
        missing = [
            one.call for one in tensors(made.calls[key].inputs) if one.call not in done and one.call not in made.inputs
        ]
        if missing and key in opened:
            raise AdoptionError("The model's calls read one another in a circle.")
        opened.add(key)
        if missing:
            waiting += missing[::-1]
        else:
            done[key] = made.calls[key]
            waiting.pop()
    made.calls = done
