"""How long does a token take, by the length of the text before it, with and without what is kept of earlier positions?

    .venv/bin/python benchmarks/decoding.py

A GPT of 4 layers and width 128 with random weights and one text, for windows of several lengths. With: `Steps`, at the
start, in the middle and at the end of the window. Without: the whole window for each token, to which generation falls
back where a component has no rule. Medians in milliseconds, of the wall's clock and of processor time. Results go to
`benchmarks/results/decoding.json`.
"""

from __future__ import annotations

import statistics
from collections.abc import Callable
from typing import Any

import numpy as np
from measuring import Moment, describe_machine, keep

import dlsuite
from dlsuite.stepping import Steps

SIZES = {"depth": 4, "width": 128, "heads": 4, "vocabulary": 100}
WINDOWS = (64, 256, 1024)
TOKENS = 20


def measure(step: Callable[[int], Any], first: int) -> dict[str, float]:
    """Returns the median time of a token over those from a position on."""
    step(first)  # what is compiled is compiled now
    taken = []
    for position in range(first, first + TOKENS):
        start = Moment.now()
        step(position)
        taken.append(Moment.now().since(start))
    return {kind: round(1000 * statistics.median(getattr(one, kind) for one in taken), 2) for kind in Moment._fields}


def main() -> None:
    """Measures, prints and keeps the figures."""
    result: dict[str, Any] = {"machine": describe_machine("tensorflow", "keras"), "tokens": TOKENS, "ms": {}}
    for window in WINDOWS:
        network = dlsuite.build(dlsuite.load("specs/papers/gpt2.json", context=window, **SIZES))
        ids = np.random.default_rng(0).integers(1, SIZES["vocabulary"], (1, window))
        steps = Steps(network, "text", rows=1, length=window)
        assert not steps.reason, steps.reason
        steps.begin({}, 1)
        steps.start(ids[:, :1])
        network.compile(jit_compile=False)
        found = {
            f"with, from position {first}": measure(lambda i, ids=ids, steps=steps: steps.step(ids[:, i], i), first)
            for first in (1, window // 2, window - TOKENS)
        }
        found["without"] = measure(lambda i, ids=ids, network=network: network.predict_on_batch(ids), 0)
        result["ms"][f"window of {window}"] = found
        for name, taken in found.items():
            print(f"window {window:5}  {name:25} {taken['wall']:8.2f} ms  cpu {taken['cpu']:8.2f} ms", flush=True)
    keep("decoding", result)


if __name__ == "__main__":
    main()
