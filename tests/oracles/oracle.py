"""Other people's models in torch, asked the same as ours: equal weights and inputs must give equal outputs.

`make oracles` installs what this needs. What the oracles answered is kept in tests/golden/oracles, which
tests/contract/test_papers.py compares on machines without torch. To write those files anew:

    .venv/bin/python -m pytest tests/oracles --write-goldens
"""

from __future__ import annotations

import importlib.metadata
import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict
from typing import Any

import keras
import numpy as np
import pytest

from tests.oracles.recipe import TOLERANCE, Recipe, ask, difference, excerpt

torch = pytest.importorskip("torch", reason="torch is not here: `make oracles` installs it and runs this")
flop_counter = pytest.importorskip("torch.utils.flop_counter")

Names = Sequence[tuple[str, str] | tuple[str, str, Callable[[np.ndarray], np.ndarray]]]
"""Patterns of our layers' paths, the names of theirs, and how an array is turned where the rule does not do it.

`"blocks.1.attn.qkv[2/3]"` is the last third of theirs, along the axis that fits; `\\1` is what the pattern's first
group matched. A name that ends in `_` takes the variable's name without a dot; one that names a tensor of theirs in
full takes none. Layers of a network inside ours have its name before their own: `image_tower.conv2d`.
"""

_VARIABLES = {
    "kernel": "weight",
    "embeddings": "weight",
    "gamma": "weight",
    "scale": "weight",
    "beta": "bias",
    "moving_mean": "running_mean",
    "moving_variance": "running_var",
}


def check(
    recipe: Recipe,
    theirs: Any,
    names: Names,
    *,
    oracle: str,
    call: Callable[..., Any] | None = None,
    writing: bool = False,
) -> None:
    """Asserts that our model and a torch model with its weights answer alike, and as the golden file says.

    Args:
        recipe: What is asked.
        theirs: The torch model.
        names: Our layers' names and theirs.
        oracle: The library and the class, `torchvision.models.resnet18`.
        call: Called with their model and tensors by our inputs' names; gives a tensor, or tensors by our outputs'
            names. By default, images go in and out with their channels first.
        writing: Writes the golden file.
    """
    question = ask(recipe)
    copy(question.model, theirs, names)
    tensors = {name: torch.from_numpy(value.copy()) for name, value in question.inputs.items()}
    with torch.no_grad():
        output = (call or _call)(theirs.eval(), **tensors)
    expected = {name: value.numpy() for name, value in _named(output).items()}
    assert expected.keys() == question.answers.keys()
    largest = 0.0
    for name, answer in question.answers.items():
        assert answer.shape == expected[name].shape
        assert 0.05 < expected[name].std() < 50, "these outputs are too small or too large to compare"
        largest = max(largest, float(np.abs(answer - expected[name]).max()))
    library = oracle.partition(".")[0]
    content = {
        "oracle": oracle,
        "version": importlib.metadata.version(library).partition("+")[0],
        "recipe": asdict(recipe),
        "answers": {name: excerpt(value) for name, value in expected.items()},
        "difference": float(f"{largest:.2g}"),
    }
    assert largest <= TOLERANCE
    if writing:
        recipe.golden.write_text(_written(content))
    kept = json.loads(recipe.golden.read_text())
    assert kept["recipe"] == json.loads(json.dumps(asdict(recipe))), "write the golden file anew"
    assert all(difference(value, kept["answers"][name]) <= TOLERANCE for name, value in expected.items())


def copy(ours: keras.Model, theirs: Any, names: Names) -> None:
    """Puts each weight of our model into theirs, and asserts that none of theirs is left over."""
    state = {name: value for name, value in theirs.state_dict().items() if value.is_floating_point()}
    for value in state.values():
        value.fill_(torch.nan)
    for layer, prefix in _layers(ours):
        for weight in layer._trainable_variables + layer._non_trainable_variables:
            path, _, variable = f"{prefix}{weight.path}".rpartition("/")
            name, turn = _their_name(path, names)
            array = weight.numpy()
            array = turn(array) if turn else _turned(array, variable, layer)
            _fill(state, name, _VARIABLES.get(variable, variable), array)
    left = [name for name, value in state.items() if torch.isnan(value).any()]
    assert not left, f"no weight of ours reached {left[:8]}"


def _layers(model: keras.Model, prefix: str = "") -> Iterator[tuple[keras.layers.Layer, str]]:
    """Yields every layer of a model, and what its networks put before the layer's path."""
    for layer in model.layers:
        if isinstance(layer, keras.Model):
            yield from _layers(layer, f"{prefix}{layer.name}.")
        else:
            yield layer, prefix
            yield from ((inner, prefix) for inner in layer._flatten_layers(include_self=False))


def _their_name(path: str, names: Names) -> tuple[str, Callable[[np.ndarray], np.ndarray] | None]:
    for pattern, name, *turn in names:
        match = re.fullmatch(pattern, path)
        if match:
            return match.expand(name), turn[0] if turn else None
    raise AssertionError(f"no name of theirs is given for {path}")


def _turned(array: np.ndarray, variable: str, layer: keras.layers.Layer) -> np.ndarray:
    """Returns an array with its axes as torch has them: outputs first, and positions in an image last."""
    if isinstance(layer, keras.layers.EinsumDense) and layer.name.rpartition(".")[2] != "attention_output":
        array = array.reshape(array.shape[0], -1) if variable == "kernel" else array.ravel()  # heads side by side
    elif isinstance(layer, keras.layers.EinsumDense) and variable == "kernel":
        array = array.reshape(-1, array.shape[-1])
    if variable != "kernel":
        return array
    if isinstance(layer, keras.layers.DepthwiseConv2D):
        return array.transpose(2, 3, 0, 1)
    # (height, width, in, out) -> (out, in, height, width); of a transposed convolution, in and out change places
    return array.transpose(*reversed(range(array.ndim - 2, array.ndim)), *range(array.ndim - 2))


def _fill(state: Mapping[str, Any], name: str, variable: str, array: np.ndarray) -> None:
    name, _, part = name.removesuffix("]").partition("[")
    if name not in state:
        name = f"{name}{variable}" if name.endswith("_") else f"{name}.{variable}"
    target = state[name]
    if part:
        index, parts = map(int, part.split("/"))
        pieces = (target.chunk(parts, axis)[index] for axis in range(target.ndim))
        target = next((piece for piece in pieces if tuple(piece.shape) == array.shape), target)
    assert tuple(target.shape) == array.shape, f"{name} is {tuple(target.shape)}, ours {array.shape}"
    target.copy_(torch.from_numpy(np.array(array, order="C")))


def _call(theirs: Any, **tensors: Any) -> Any:
    output = theirs(*(value.permute(0, 3, 1, 2) if value.ndim == 4 else value for value in tensors.values()))
    return output.permute(0, 2, 3, 1) if output.ndim == 4 else output


def _named(output: Any) -> dict[str, Any]:
    return dict(output) if isinstance(output, Mapping) else {"output": output}


def _written(content: Mapping[str, Any]) -> str:
    """Returns the text of a golden file: a list of numbers on one line."""
    lists = r"\[\s+([^][{}]*?)\s+\]"
    text = json.dumps(content, indent=1)
    return re.sub(lists, lambda found: f"[{' '.join(found[1].split())}]", text) + "\n"


def _vision_without_extension() -> None:
    """Lets torchvision be imported beside a torch of another build, which cannot load its compiled detection ops."""
    try:
        import torchvision  # noqa: F401
    except RuntimeError:
        library = torch.library.Library("torchvision", "DEF")
        for name in ("nms", "qnms"):
            library.define(f"{name}(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")
        globals()["_library"] = library  # the names live as long as it does


_vision_without_extension()
