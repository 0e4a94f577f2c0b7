"""Every spec that is shipped, printed as plain Keras: the code builds the same model, is formatted, and is short."""

from __future__ import annotations

import ast
import gc
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest

from dlsuite import api, graph
from dlsuite.ejection import outlines
from dlsuite.spec import loading

ROOT = Path(__file__).parents[2]
FILES = sorted(path for path in (ROOT / "specs").rglob("*.json") if not path.name.startswith("schema"))
SPECS = [path for path in FILES if path.parent.name != "blocks"]

FEWER: dict[str, dict[str, Any]] = {"alphafold2": {"params.recycles": 0, "params.structure_steps": 2}}
"""Where shared layers are called so often that building takes long; as many layers and weights as without."""

SMALL: dict[str, dict[str, Any]] = {
    "bert_base": {"params.depth": 2, "params.context": 16, "params.width": 32, "params.heads": 2},
    "class_diffusion": {"params.width": 32, "params.size": 16, "params.scales": [1, 2]},
    "dcgan": {"params.width": 8},
    "efficientnet_b0": {"params.size": 32},
    "evoformer_block": {},
    "fashion_resnet": {"params.width": 8},
    "forecast": {},
    "gpt2": {"params.depth": 2, "params.width": 32, "params.heads": 2, "params.vocabulary": 50},
    "mixtral_small": {},
    "resnet50": {"params.size": 32},
    "t5_small": {"params.depth": 2, "params.width": 32, "params.heads": 2, "params.vocabulary": 50},
    "unet": {"params.width": 4, "params.depth": 2, "params.size": 92},
    "vae": {},
}
"""Specs whose outputs are compared, and what makes them small."""


def name(path: Path) -> str:
    """Returns a file's name as test reports show it."""
    return path.stem


@pytest.fixture(autouse=True)
def freed() -> Iterator[None]:
    """Frees the models of a test before the next builds its own."""
    yield
    keras.utils.clear_session()
    gc.collect()


def loaded(path: Path, overrides: Mapping[str, Any] | None = None) -> loading.Spec:
    """Returns a spec, or skips the test where its facts are in data that is not here."""
    spec = loading.load(path, overrides)
    if spec.plan().unknown and "DLSUITE_DATA" not in os.environ:
        pytest.skip("DLSUITE_DATA is not set, and this spec's shapes are known once its data is read")
    return spec


def built(code: str) -> dict[str, keras.Model]:
    """Returns the models that printed code builds, by name."""
    module: dict[str, Any] = {"__name__": "ejected"}
    exec(compile(code, "ejected.py", "exec"), module)
    models = module["build"]()
    return models if isinstance(models, dict) else {"model": models}


def described(model: keras.Model) -> dict[str, Any]:
    """Returns what has to be equal: layers, weights and outputs."""
    return {
        "layers": [layer.name for layer in model.layers],
        "weights": [(weight.path, tuple(weight.shape), weight.dtype, weight.trainable) for weight in model.weights],
        "outputs": keras.tree.map_structure(lambda one: (tuple(one.shape), one.dtype), model.output),
        "inputs": keras.tree.map_structure(lambda one: (one.name, tuple(one.shape), one.dtype), model.input),
        "name": model.name,
    }


@pytest.mark.parametrize("path", SPECS, ids=name)
def test_the_code_builds_the_model_of_the_spec(path: Path) -> None:
    spec = loaded(path, FEWER.get(path.stem))
    ours = graph.build(api.planned(spec), weights=False)
    with graph.recursion(20_000), keras.StatelessScope(initialize_variables=False):
        theirs = built(api.eject(spec))
        keras.src.backend.common.global_state.set_global_attribute("uninitialized_variables", [])
    assert list(theirs) == list(ours)
    for key in ours:
        assert described(theirs[key]) == described(ours[key])


@pytest.mark.parametrize("path", [path for path in SPECS if path.stem in SMALL], ids=name)
def test_the_code_computes_what_the_spec_does(path: Path) -> None:
    spec = loading.load(path, SMALL[path.stem])
    ours, theirs = graph.build(spec.plan()), built(api.eject(spec))
    for key, model in ours.items():
        random = np.random.default_rng(0)
        for weight in model.weights:  # zeros and ones would hide faults
            if "float" in weight.dtype:
                weight.assign(weight + random.uniform(0.0, 0.1, weight.shape))
        theirs[key].set_weights(model.get_weights())
        given = {one.name: example(one, random) for one in model.inputs}
        inputs = given if isinstance(model.input, dict) else next(iter(given.values()))
        for a, b in zip(*(keras.tree.flatten(one(inputs)) for one in (model, theirs[key])), strict=True):
            np.testing.assert_allclose(np.asarray(a), np.asarray(b), rtol=0, atol=1e-6)


def example(tensor: Any, random: np.random.Generator) -> np.ndarray:
    """Returns an array that an input takes."""
    shape = (2, *(7 if length is None else length for length in tensor.shape[1:]))
    if "int" in tensor.dtype:
        return random.integers(0, 2, shape).astype(tensor.dtype)
    return (random.random(shape) > 0.3) if tensor.dtype == "bool" else random.random(shape).astype(tensor.dtype)


@pytest.fixture(scope="module")
def printed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Gives a folder with every spec as code."""
    folder = tmp_path_factory.mktemp("ejected")
    for path in SPECS:
        spec = loading.load(path)
        if not spec.plan().unknown or "DLSUITE_DATA" in os.environ:
            (folder / f"{path.stem}.py").write_text(api.eject(spec), encoding="utf-8")
    return folder


@pytest.mark.parametrize("words", [["format", "--check"], ["check"]], ids=" ".join)
def test_the_code_is_formatted_and_clean(printed: Path, words: list[str]) -> None:
    command = [
        Path(sys.executable).with_name("ruff"),
        *words,
        "--no-cache",
        "--config",
        ROOT / "pyproject.toml",
        printed,
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_code_imports_keras_alone(printed: Path) -> None:
    for path in printed.glob("*.py"):
        modules = set()
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Import):
                modules |= {alias.name for alias in node.names}
            elif isinstance(node, ast.ImportFrom):
                modules.add(node.module)
        named = {"keras_hub", "keras_cv"} if "keras_" in (loading.load(file_of(path.stem)).source + uses()) else set()
        assert modules <= {"keras", "math", "typing", "collections.abc", "__future__", *named}, path.stem
        assert "from_config" not in path.read_text()


def file_of(stem: str) -> Path:
    """Returns a spec's path."""
    return next(path for path in SPECS if path.stem == stem)


def uses() -> str:
    """Returns the text of all libraries of blocks."""
    return "".join(path.read_text() for path in FILES if path.parent.name == "blocks")


def test_it_takes_two_lines_a_component_at_most(printed: Path) -> None:
    found = {
        path.stem: lines_of(path.read_text()) / components_of(loading.load(file_of(path.stem)))
        for path in printed.glob("*.py")
    }
    assert len(found) > 20
    longer = {stem: round(ratio, 2) for stem, ratio in found.items() if ratio > 2.0}
    assert not longer


def lines_of(code: str) -> int:
    """Returns how many lines the functions of blocks and networks take, remarks and blank lines left out."""
    tree = ast.parse(code)
    kept: set[int] = set()
    for node in tree.body:
        if isinstance(node, ast.FunctionDef) and node.name not in ("numbered", "once", "named"):
            kept |= {*range(node.lineno, (node.end_lineno or 0) + 1)}
            if ast.get_docstring(node):
                kept -= {*range(node.body[0].lineno, (node.body[0].end_lineno or 0) + 1)}
    rows = enumerate(code.split("\n"), 1)
    return sum(bool(row.strip()) and not row.lstrip().startswith("#") and i in kept for i, row in rows)


def components_of(spec: loading.Spec) -> int:
    """Returns how many components the model of a spec names: calls, inputs, and components among arguments."""
    document = spec.document
    blocks, seen = document.get("blocks", {}), set()

    def nested(value: Any) -> int:
        if isinstance(value, dict):
            own = len(value) == 1 and isinstance(next(iter(value.values())), dict) and next(iter(value))[:1].isupper()
            return own + sum(map(nested, value.values()))
        return sum(map(nested, value)) if isinstance(value, list) else 0

    def count(layers: Any) -> int:
        total = 0
        for called, given in outlines.structures(layers):
            chains = ("layers", "shortcut", "branches", "inputs", "merge")
            total += 1 + sum(nested(value) for key, value in given.items() if key not in chains)
            if called in blocks and called not in seen:
                seen.add(called)
                total += count(blocks[called]["layers"])
        return total

    sections = [document["model"]] if "model" in document else document["models"].values()
    inputs = sum(len(network.inputs) for network in spec.plan().networks.values())
    return inputs + sum(count(section["layers"]) for section in sections)
