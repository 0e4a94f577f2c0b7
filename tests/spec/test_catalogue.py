"""The catalogue: facts of the libraries, and blocks read from their source."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import pytest

from dlsuite import registry
from dlsuite.describing import overview
from dlsuite.spec import catalogue
from dlsuite.spec.arguments import faults_of
from dlsuite.spec.catalogue import Catalogue, load
from dlsuite.spec.errors import SpecError

ROOT = Path(__file__).parents[2]


@pytest.mark.slow
def test_the_committed_catalogue_is_that_of_the_installed_libraries() -> None:
    command = [sys.executable, "-m", "dlsuite.cataloguing", "--check"]
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, timeout=600)
    assert done.returncode == 0, done.stdout


def test_it_is_small_and_loads_fast_without_keras() -> None:
    assert catalogue.PATH.stat().st_size < 500_000
    code = "import sys, dlsuite.spec.catalogue as c; c.load(); print('keras' in sys.modules or 'numpy' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, check=True)
    assert done.stdout.strip() == "False"
    fastest = min(_seconds(lambda: Catalogue(json.loads(catalogue.PATH.read_bytes()))) for _ in range(5))
    assert fastest < 0.1


def _seconds(function: object) -> float:
    start = time.perf_counter()
    function()  # type: ignore[operator]
    return time.perf_counter() - start


def test_what_runs_code_or_reads_files_is_not_there() -> None:
    known = load()
    refused = "Lambda TFSMLayer JaxLayer FlaxLayer TorchModuleWrapper LambdaCallback RemoteMonitor"
    assert [name for name in refused.split() if known.kinds_of(name)] == []
    assert faults_of("/etc/passwd", known.entry("layer", "StringLookup")["args"]["vocabulary"])
    assert "weights" not in known.entry("layer", "applications.ResNet50")["args"]
    for callback in ("ModelCheckpoint", "TensorBoard", "CSVLogger", "BackupAndRestore"):
        assert not {"filepath", "filename", "log_dir", "backup_dir"} & {*known.entry("callback", callback)["args"]}
    assert "ops.custom_gradient" not in known.names("op")


@pytest.mark.parametrize(
    ("kind", "name", "argument", "value"),
    [
        ("layer", "Conv2D", "kernel_size", 3),
        ("layer", "Conv2D", "kernel_size", [3, 3]),
        ("layer", "Conv1D", "padding", "causal"),
        ("layer", "Reshape", "target_shape", [-1, 8]),
        ("layer", "EinsumDense", "output_shape", [None, 64]),
        ("layer", "Dropout", "noise_shape", [None, 1, None]),
        ("layer", "LayerNormalization", "axis", [1, 2]),
        ("layer", "MultiHeadAttention", "attention_axes", [1, 2]),
        ("layer", "ZeroPadding2D", "padding", [[1, 1], [2, 2]]),
        ("layer", "Resizing", "interpolation", "bicubic"),
        ("layer", "Permute", "dims", [2, 1]),
        ("layer", "RandomTranslation", "height_factor", [-0.2, 0.3]),
        ("loss", "SparseCategoricalCrossentropy", "ignore_class", -1),
        ("optimizer", "SGD", "momentum", 0.9),
        ("schedule", "PiecewiseConstantDecay", "boundaries", [10, 20, 30]),
        ("op", "ops.sum", "axis", [-2, -1]),
        ("op", "ops.transpose", "axes", [0, 2, 1]),
        ("op", "ops.cast", "dtype", "int32"),
        ("op", "ops.add", "x2", [[1, 0], [0, 1]]),
        ("op", "ops.pad", "pad_width", [[0, 0], [1, 2]]),
    ],
)
def test_idiomatic_values_are_accepted(kind: str, name: str, argument: str, value: object) -> None:
    assert faults_of(value, load().entry(kind, name)["args"][argument]) is None


def test_messages_say_what_would_work() -> None:
    args = load().entry("layer", "Conv2D")["args"]
    message, hint = faults_of("smae", args["padding"])
    assert message == 'takes `same` or `valid`, not the string "smae"'
    assert hint == "One of `same`, `valid`. Did you mean `same`?"
    assert faults_of("8", args["filters"]) == (
        'takes an integer of at least 1, not the string "8"',
        "Write 8, without quotes.",
    )
    assert faults_of("NaN", args["filters"])[1] == "JSON has finite numbers alone."
    assert faults_of([3, 0], args["strides"])[0].endswith("item 2 is the number 0")


@pytest.mark.parametrize(
    ("kind", "name", "argument", "good", "bad"),
    [
        ("decoder", "Beam", "width", [1, 1000], [0, -1, 100_000]),
        ("decoder", "Beam", "length_penalty", [0, 2.5], [-0.1]),
        ("decoder", "Beam", "length", [1, None], [0, -5]),
        ("decoder", "Greedy", "length", [7, None], [0]),
        ("decoder", "Sample", "temperature", [0, 0.8], [-1]),
        ("decoder", "Sample", "top_k", [1, None], [0]),
        ("decoder", "Sample", "top_p", [0.1, 1], [0, 1.01, -1]),
        ("sampler", "DDIM", "steps", [1], [0]),
        ("sampler", "DDIM", "eta", [0, 1], [-0.1, 2]),
        ("sampler", "DDPM", "steps", [1, None], [0]),
        ("sampler", "DPMSolver", "guidance", [0, 3], [-1]),
        ("objective", "Diffusion", "drop", [0, 0.5], [1, -0.1]),
        ("objective", "CTC", "beam_width", [1, None], [0, 1001]),
        ("objective", "FoldStructure", "missing", [[0, 0.9]], [[0], [0, 0.5, 1], [0, 1.5]]),
        ("layer", "SpecAugment", "time_width", [0], [-1]),
        ("layer", "Weight", "shape", [[1, 64]], [[0], [4, -1]]),
        ("augmentation", "RandomGain", "decibels", [[-3, 3]], [[1], 4]),
        ("metric", "PrecisionRecall", "k", [1], [0]),
        ("feature", "Image", "size", [[8, 8], None], [[8], [0, 8]]),
        ("feature", "Text", "length", [1, None], [0]),
        ("feature", "Audio", "seconds", [0.5, 600], [0, 601]),
        ("dataset", "CSV", "tolerate", [0, 1], [-0.1, 2]),
        ("baseline", "NearestNeighbour", "k", [1], [0]),
    ],
)
def test_numbers_of_our_own_blocks_are_held_to_their_bounds(kind, name, argument, good, bad) -> None:
    schema = load().entry(kind, name)["args"][argument]
    assert [value for value in good if faults_of(value, schema)] == []
    assert [value for value in bad if not faults_of(value, schema)] == []


def test_every_count_of_our_own_blocks_has_a_bound() -> None:
    known = load()
    args = {
        f"{kind} {name}.{argument}": schema.get("items", schema)
        for kind in registry.FOLDERS
        for name in known.names(kind)
        if known.own(kind, name)
        for argument, schema in known.entry(kind, name)["args"].items()
    }
    counts = {argument for argument, schema in args.items() if "integer" in schema.get("type", ())}
    free = {argument for argument in counts if not {"min", "exclusiveMin"} & {*args[argument]}}
    assert len(counts) > 40 and {argument for argument in free if not argument.endswith(".seed")} == set()


def test_the_kinds_of_a_name() -> None:
    assert load().kinds_of("Adam") == ["optimizer"]
    assert load().kinds_of("RandomFlip") == ["layer", "augmentation"]
    assert load().kinds_of("Nothing") == []


SOURCE = '''
from __future__ import annotations
from typing import Literal
from dlsuite.registry import DataPath, Layer, Loss, Network, register
import a_library_that_is_not_there

@register("layer")
class Twice(Base):
    """Doubles.

    More of it.
    """

    facts = {"classes": "=n"}
    computed = len("abc")

    def __init__(self, *, n: int, mode: Literal["a", "b"] = "a", sizes: list[int] | None = None, inner: Layer = None,
                 parts: list[Layer] = (), loss: Loss | None = None, path: DataPath = "x", rate: float = 0.5, **options):
        pass

    def call(self, inputs, context, mask=None, training=False):
        pass
'''


def test_blocks_are_read_from_source(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "plugin"
    (folder / "layers").mkdir(parents=True)
    (folder / "layers" / "twice.py").write_text(textwrap.dedent(SOURCE))
    monkeypatch.setattr(registry, "packages", lambda: (("plugin", folder),))
    known = Catalogue({"versions": {}})
    entry = known.entry("layer", "Twice")
    assert known.names("layer") == ("Twice",)
    assert known.own("layer", "Twice")
    assert known.module("layer", "Twice") == "plugin.layers.twice"
    assert entry["doc"] == "Doubles."
    assert entry["facts"] == {"facts": {"classes": "=n"}}
    assert entry["call"] == {"inputs": {}, "context": {}, "mask": {"default": None}}
    assert entry["args"] == {
        "n": {"type": ["integer"]},
        "mode": {"type": ["string"], "values": ["a", "b"], "default": "a"},
        "sizes": {"type": ["array", "null"], "items": {"type": ["integer"]}, "default": None},
        "inner": {"kind": "layer", "default": None},
        "parts": {"kind": "layer", "type": ["array"], "default": []},
        "loss": {"kind": "loss", "type": ["null"], "default": None},
        "path": {"type": ["string"], "path": True, "default": "x"},
        "rate": {"type": ["number"], "default": 0.5},
    }
    with pytest.raises(KeyError):
        known.module("layer", "Dense")


def test_our_own_blocks_are_parsed_quickly() -> None:
    def parse() -> None:
        catalogue._read.cache_clear()
        known = Catalogue(load()._committed)
        for kind in registry.FOLDERS:
            known.names(kind)

    assert min(_seconds(parse) for _ in range(3)) < 0.5


def test_components_are_described(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", os.environ.get("CUDA_VISIBLE_DEVICES", "-1"))
    assert "optimizer" in overview()
    assert "Conv2D" in overview("layer")
    text = overview("layer", "Dense")
    assert "units: an integer of at least 1, required" in text
    assert "called with: inputs" in text
    with pytest.raises(SpecError, match="Did you mean `optimizer`"):
        overview("optimiser")
    with pytest.raises(SpecError, match="Did you mean `Conv2D`"):
        overview("layer", "Conv2d")
    with pytest.raises(SpecError, match="of the kind `optimizer`"):
        overview("layer", "Adam")
