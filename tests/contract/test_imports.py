"""Imports run downward: Language < Blocks < Engine < Uses < Surfaces < apps, late imports included."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

LAYERS = {
    "Language": ("dlsuite.spec", "dlsuite.registry"),
    "Blocks": (
        "dlsuite.augmentations",
        "dlsuite.baselines",
        "dlsuite.callbacks",
        "dlsuite.datasets",
        "dlsuite.decoders",
        "dlsuite.features",
        "dlsuite.layers",
        "dlsuite.metrics",
        "dlsuite.objectives",
        "dlsuite.samplers",
        "dlsuite.stepping",
    ),
    "Engine": (
        "dlsuite.building",
        "dlsuite.claims",
        "dlsuite.devices",
        "dlsuite.distribution",
        "dlsuite.extents",
        "dlsuite.freezing",
        "dlsuite.graph",
        "dlsuite.layer_settings",
        "dlsuite.locking",
        "dlsuite.making",
        "dlsuite.pipeline",
        "dlsuite.playing",
        "dlsuite.reading",
        "dlsuite.run_files",
        "dlsuite.runs",
        "dlsuite.storage",
        "dlsuite.summary",
        "dlsuite.time_spans",
        "dlsuite.training",
        "dlsuite.weight_trials",
        "dlsuite.weights",
    ),
    "Uses": (
        "dlsuite.adoption",
        "dlsuite.baseline_scores",
        "dlsuite.diagnosis",
        "dlsuite.domains",
        "dlsuite.drawing",
        "dlsuite.ejection",
        "dlsuite.evaluation",
        "dlsuite.explanation",
        "dlsuite.filming",
        "dlsuite.hearing",
        "dlsuite.heat_maps",
        "dlsuite.folds",
        "dlsuite.forms",
        "dlsuite.inputs",
        "dlsuite.judging",
        "dlsuite.nearest",
        "dlsuite.other_data",
        "dlsuite.prediction",
        "dlsuite.remaking",
        "dlsuite.report",
        "dlsuite.whole_split",
    ),
    "Surfaces": (
        "dlsuite",
        "dlsuite.__main__",
        "dlsuite.apart",
        "dlsuite.api",
        "dlsuite.buildable",
        "dlsuite.cataloguing",
        "dlsuite.cli",
        "dlsuite.commands",
        "dlsuite.comparison",
        "dlsuite.demo",
        "dlsuite.describing",
        "dlsuite.drafting",
        "dlsuite.offers",
        "dlsuite.previewing",
        "dlsuite.templates",
        "dlsuite.jobs",
        "dlsuite.supervising",
        "dlsuite.tickets",
        "dlsuite.trained",
        "dlsuite.verification",
    ),
    "apps": ("apps",),
}
"""Modules and packages by layer, the lowest layer first; the longest name that fits a module tells its layer."""

ORDER = list(LAYERS)
LAYER_OF = {prefix: layer for layer, prefixes in LAYERS.items() for prefix in prefixes}

HEAVY = {"keras", "keras_cv", "keras_hub", "keras_nlp", "tensorflow"}
BARRED = {
    "Language": HEAVY | {"numpy", "pandas", "sklearn", "PIL", "streamlit", "rich"},
    "dlsuite.datasets": HEAVY,
    "dlsuite.features": HEAVY,
}
"""What a layer or package never imports."""

EXCEPTIONS = {
    ("dlsuite.datasets.keras_datasets", "keras"): "reads the data sets that Keras itself brings",
    ("dlsuite.commands.apps", "apps.serving"): "the command that starts the apps",
}
"""Late imports that are let through, and why."""

LATE = {
    ("dlsuite.registry", "dlsuite.spec.catalogue"): "a block is looked up when it is first used, long after start-up",
}
"""Late imports that close a loop, and why they may."""


def test_there_is_something_to_check() -> None:
    assert {"dlsuite", "dlsuite.registry", "dlsuite.spec.plan"} <= set(modules())


@pytest.mark.parametrize("name", LAYER_OF)
def test_no_import_runs_upward(name: str) -> None:
    upward = [
        f"{module} ({layer(module)}), line {line}: {target} ({layer(target)})"
        for module in modules()
        if prefix(module) == name
        for target, line in imports(module)
        if target.partition(".")[0] in ("dlsuite", "apps")
        and ORDER.index(layer(target)) > ORDER.index(layer(module))
        and (module, target) not in EXCEPTIONS
    ]
    assert not upward, "\n".join(upward)


@pytest.mark.parametrize("name", BARRED)
def test_no_barred_import(name: str) -> None:
    barred = [
        f"{module}, line {line}: {target}"
        for module in modules()
        if name in (layer(module), prefix(module))
        for target, line in imports(module)
        if target.partition(".")[0] in BARRED[name] and (module, target) not in EXCEPTIONS
    ]
    assert not barred, "\n".join(barred)


def test_no_import_loop() -> None:
    waiting = {
        module: {target for target in own_imports(module) if (module, target) not in LATE} for module in modules()
    }
    while free := [module for module, targets in waiting.items() if not targets & set(waiting)]:
        for module in free:
            del waiting[module]
    in_loops = {module: sorted(targets & set(waiting)) for module, targets in waiting.items()}
    assert not in_loops, f"these import one another: {in_loops}"


@pytest.mark.parametrize("module", sorted(path.stem for path in ROOT.glob("dlsuite/*.py")))
def test_every_module_has_its_layer(module: str) -> None:
    assert module == "__init__" or f"dlsuite.{module}" in LAYER_OF, f"name `dlsuite.{module}` in LAYERS"


def test_exceptions_are_needed() -> None:
    assert all(target in [one for one, _ in imports(module)] for module, target in EXCEPTIONS)
    assert all(target in own_imports(module) for module, target in LATE)


@pytest.mark.parametrize(
    "statement",
    [
        "import dlsuite",
        "import dlsuite; dlsuite.load('specs/vision/fashion_resnet.json')",
        "import dlsuite; dlsuite.load('specs/vision/fashion_resnet.json').plan()",
    ],
)
def test_loading_a_spec_imports_no_library_of_layers(statement: str) -> None:
    command = [sys.executable, "-X", "importtime", "-c", statement]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    imported = {line.rpartition("|")[2].strip().partition(".")[0] for line in done.stderr.splitlines()}
    assert "dlsuite" in imported
    assert not imported & BARRED["Language"]


@cache
def modules() -> dict[str, Path]:
    """Returns the file of each module of the product by the module's name."""
    found = {}
    for path in sorted([*ROOT.glob("dlsuite/**/*.py"), *ROOT.glob("apps/**/*.py")]):
        parts = path.relative_to(ROOT).with_suffix("").parts
        found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return found


def prefix(module: str) -> str:
    """Returns the entry of `LAYERS` that a module belongs to."""
    fitting = [one for one in LAYER_OF if module == one or module.startswith(f"{one}.")]
    return max(fitting, key=len)


def layer(module: str) -> str:
    """Returns the layer of a module."""
    return LAYER_OF[prefix(module)]


def own_imports(module: str) -> Iterator[str]:
    """Yields each other module of the product that a module imports."""
    for target, _ in imports(module):
        while target and target not in modules():
            target = target.rpartition(".")[0]
        if target and target != module:
            yield target


@cache
def imports(module: str) -> tuple[tuple[str, int], ...]:
    """Returns everything that a module imports anywhere in its text, with the line.

    Imports under `if TYPE_CHECKING` never run and are left out.
    """
    tree = ast.parse(modules()[module].read_text(encoding="utf-8"))
    found = []
    for node in _running(tree):
        if isinstance(node, ast.Import):
            found += [(alias.name, node.lineno) for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            start = _package(module, node.level) if node.level else ""
            base = ".".join(part for part in (start, node.module or "") if part)
            found += [(f"{base}.{alias.name}", node.lineno) for alias in node.names]
    return tuple(found)


def _running(node: ast.AST) -> Iterator[ast.AST]:
    if isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING":
        return
    yield node
    for child in ast.iter_child_nodes(node):
        yield from _running(child)


def _package(module: str, level: int) -> str:
    up = level - 1 if modules()[module].stem == "__init__" else level
    return module.rsplit(".", up)[0] if up else module
