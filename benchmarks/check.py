"""How long does `dlsuite check` take, by the size of the spec?

    .venv/bin/python benchmarks/check.py

Each size is checked as a flat chain, as one long chain of calls of one block, as a Repeat, and as blocks inside blocks.
A figure is the best of several rounds in one process, in milliseconds of processor time: reading the text, composing,
checking and planning. The last column is the time of the whole command (`python -m dlsuite check`), start of the
interpreter included. Results go to `benchmarks/results/check.json`. Takes under a minute on two cores.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from measuring import describe_machine, environment, keep

from dlsuite.spec import check

SIZES = (10, 100, 1_000, 3_000, 10_000)
ROUNDS = 5
LARGEST = Path(__file__).parents[1] / "specs" / "protein" / "alphafold2.json"

WIDE = {"params": {"units": None}, "layers": [{"Dense": {"units": "=units"}}, "LayerNormalization", "ReLU", "Softmax"]}


def flat(size: int) -> list[Any]:
    """Returns a chain in which each layer is written out."""
    return [({"Dense": {"units": i % 64 + 1, "activation": "relu"}}, "LayerNormalization")[i % 2] for i in range(size)]


def called(size: int) -> list[Any]:
    """Returns calls of one block of four layers, with 64 different arguments."""
    return [{"wide": {"units": i % 64 + 1}} for i in range(size // 4)]


def repeated(size: int) -> list[Any]:
    """Returns one Repeat with an expression and a residual in it."""
    inner = [{"Residual": {"layers": [{"Dense": {"units": "=8 + 0 * i", "name": "dense_{i}"}}, "ReLU"]}}]
    return [{"Repeat": {"times": size // 3, "index": "i", "layers": inner}}]


def nested(size: int) -> list[Any]:
    """Returns one call of blocks that call blocks, each four times."""
    return [{"deep": {"times": size // 16}}]


SHAPES = {"flat": flat, "blocks": called, "repeat": repeated, "nested": nested}
BLOCKS = {
    "wide": WIDE,
    "four": {"layers": [{"wide": {"units": 8}}] * 4},
    "deep": {"params": {"times": 1}, "layers": [{"Repeat": {"times": "=times", "layers": ["four"]}}]},
}


def spec(layers: list[Any]) -> str:
    """Returns a spec with these layers, as text."""
    model = {"inputs": {"x": {"Input": {"shape": [8]}}}, "layers": layers}
    return json.dumps({"blocks": BLOCKS, "model": model}, indent=1)


def milliseconds(path: Path) -> float:
    """Returns the best time of a check, after one that warms up the catalogue.

    Raises:
        RuntimeError: The spec has faults.
    """
    times = []
    for _ in range(ROUNDS + 1):
        start = time.process_time()
        faults = check(path)
        times.append(1000 * (time.process_time() - start))
        if faults:
            raise RuntimeError(str(faults[0]))
    return min(times[1:])


def command(path: Path) -> float:
    """Returns the best time of the whole command in milliseconds of wall time."""
    return best("-m", "dlsuite", "check", str(path))


def best(*arguments: str) -> float:
    """Returns the best time of Python with arguments in milliseconds of wall time."""
    times = []
    for _ in range(ROUNDS):
        start = time.perf_counter()
        subprocess.run([sys.executable, *arguments], check=True, capture_output=True, env=environment())
        times.append(1000 * (time.perf_counter() - start))
    return min(times)


def main() -> None:
    """Measures every size and shape, prints a table and keeps it."""
    rows = []
    bare = best("-c", "pass")
    print(f"{'layers':>8} {'shape':8} {'kB':>7} {'check ms':>9} {'us/layer':>9} {'command ms':>11}")
    with tempfile.TemporaryDirectory() as folder:
        for shape, make in SHAPES.items():
            for size in SIZES:
                path = Path(folder) / f"{shape}_{size}.json"
                path.write_text(spec(make(size)))
                rows.append(row(shape, size, path))
        rows.append(row("shipped", 30_343, LARGEST))
    ratio = {shape: per_layer(rows, shape, 1_000) / per_layer(rows, shape, 100) for shape in SHAPES}
    print("time a layer, 1,000 layers against 100:", {shape: round(value, 2) for shape, value in ratio.items()})
    machine = describe_machine()
    keep(
        "check", {"machine": machine, "interpreter_start_ms": round(bare, 1), "growth_100_to_1000": ratio, "rows": rows}
    )


def row(shape: str, size: int, path: Path) -> dict[str, Any]:
    """Returns and prints what was measured of one spec."""
    taken, whole = milliseconds(path), command(path)
    size_kb = path.stat().st_size / 1000
    print(f"{size:8,} {shape:8} {size_kb:7.1f} {taken:9.2f} {1000 * taken / size:9.1f} {whole:11.0f}", flush=True)
    return {"shape": shape, "layers": size, "kb": size_kb, "check_ms": round(taken, 3), "command_ms": round(whole, 1)}


def per_layer(rows: list[dict[str, Any]], shape: str, size: int) -> float:
    """Returns the time a layer."""
    (taken,) = [row["check_ms"] for row in rows if row["shape"] == shape and row["layers"] == size]
    return taken / size


if __name__ == "__main__":
    main()
