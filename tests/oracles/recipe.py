"""What an oracle is asked, in full: a spec, its params, the seed of its weights, its inputs. It needs no torch.

A golden file holds a recipe and what the oracle answered, so any machine can ask our model the same again.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import keras
import numpy as np

import dlsuite

ROOT = Path(__file__).parents[2]
GOLDENS = ROOT / "tests" / "golden" / "oracles"
MULTIPLY_ADDS = ROOT / "tests" / "golden" / "multiply_adds.json"
TOLERANCE = 1e-4
_SHOWN = 64


@dataclass(frozen=True)
class Recipe:
    """A question to a model whose weights and inputs are drawn from a seed.

    Args:
        spec: The spec's path in `specs/`, without its ending.
        params: Values of the spec's params, which make it small.
        inputs: What each input is, by name: `{"shape"}` draws normal numbers, `{"shape", "below"}` whole numbers
            from 0, `{"values", "dtype"}` gives them. Shapes count the batch.
        network: Which of a spec's networks, where it has several.
        seed: Of the weights and the inputs.
    """

    spec: str
    params: Mapping[str, Any]
    inputs: Mapping[str, Mapping[str, Any]]
    network: str | None = None
    seed: int = 0

    @property
    def name(self) -> str:
        """The name of the golden file."""
        return "_".join([Path(self.spec).name, *([self.network] if self.network else [])])

    @property
    def golden(self) -> Path:
        """The file that keeps the question and the answer."""
        return GOLDENS / f"{self.name}.json"


@dataclass
class Question:
    """A recipe carried out: our model with its weights drawn, and the inputs by name."""

    model: keras.Model
    inputs: dict[str, np.ndarray]
    answers: dict[str, np.ndarray] = field(default_factory=dict)


def ask(recipe: Recipe) -> Question:
    """Returns our model of a recipe, its inputs, and what the model answers by the names of its outputs."""
    spec = dlsuite.load(ROOT / "specs" / f"{recipe.spec}.json", **recipe.params)
    models = dlsuite.build(spec)
    model = models[recipe.network] if recipe.network else models
    rng = np.random.default_rng(recipe.seed)
    draw_weights(model, rng)
    inputs = {name: _input(given, rng) for name, given in recipe.inputs.items()}
    output = model(inputs if len(inputs) > 1 else next(iter(inputs.values())), training=False)
    return Question(model, inputs, arrays(output))


def draw_weights(model: keras.Model, rng: np.random.Generator) -> None:
    """Fills a model with weights none of which is neutral: no bias of zero, no scale of one."""
    for weight in model.weights:
        shape = tuple(weight.shape)
        noise = rng.standard_normal(shape, dtype="float32")
        if weight.name.endswith("variance"):
            value = 1 + 0.5 * np.tanh(noise)
        elif weight.name in ("gamma", "scale"):
            value = 1 + 0.2 * noise
        elif len(shape) < 2 or weight.name in ("bias", "beta"):
            value = 0.2 * noise
        else:
            depthwise = len(shape) == 4 and shape[-1] == 1
            value = noise / math.sqrt(math.prod(shape[:2] if depthwise else shape[:-1]))
        weight.assign(value)


def arrays(output: Any) -> dict[str, np.ndarray]:
    """Returns what a model gave as arrays by name; the only output of a model is named `output`."""
    named = output if isinstance(output, Mapping) else {"output": output}
    return {name: np.asarray(keras.ops.convert_to_numpy(value)) for name, value in named.items()}


def excerpt(answer: np.ndarray) -> dict[str, Any]:
    """Returns what a golden file keeps of an answer: its shape, its spread, and values at equal steps."""
    step = max(1, math.ceil(answer.size / _SHOWN))
    values = [float(f"{value:.6g}") for value in answer.ravel()[::step]]
    return {"shape": list(answer.shape), "deviation": float(f"{answer.std():.6g}"), "step": step, "values": values}


def difference(answer: np.ndarray, kept: Mapping[str, Any]) -> float:
    """Returns the largest difference between an answer and the excerpt of another."""
    assert list(answer.shape) == kept["shape"]
    values = answer.ravel()[:: kept["step"]]
    return float(np.abs(values - np.array(kept["values"])).max())


def read(path: Path) -> tuple[Recipe, dict[str, Any]]:
    """Returns a golden file's recipe and all that it holds."""
    content = json.loads(path.read_text())
    return Recipe(**content["recipe"]), content


def _input(given: Mapping[str, Any], rng: np.random.Generator) -> np.ndarray:
    if "values" in given:
        return np.array(given["values"], given["dtype"])
    if "below" in given:
        return rng.integers(0, given["below"], given["shape"]).astype("int32")
    return rng.standard_normal(given["shape"], dtype="float32")
