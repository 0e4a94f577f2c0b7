"""One program run on several backends, each in a process of its own, and their answers compared."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
TOLERANCE = 1e-5


@cache
def learn_on(backend: str) -> dict[str, Any]:
    """Returns what `learning.py` answers on a backend of Keras."""
    environment = {**os.environ, "KERAS_BACKEND": backend}
    command = [sys.executable, "-m", "tests.backends.learning"]
    done = subprocess.run(command, capture_output=True, text=True, env=environment, cwd=ROOT, check=False)
    assert done.returncode == 0, done.stderr[-3000:]
    found = json.loads(done.stdout.splitlines()[-1])
    assert found.pop("backend") == backend
    return found


def check_backend(backend: str) -> None:
    """Fails where a backend answers, or learns in a step, other than TensorFlow does."""
    found, expected = learn_on(backend), learn_on("tensorflow")
    assert found.keys() == expected.keys()
    for name, one in expected.items():
        assert found[name]["answer"] == one["answer"]
        for figure in ("before", "loss", "after"):
            flat, known = (flatten(answers[figure]) for answers in (found[name], one))
            assert flat == pytest.approx(known, rel=TOLERANCE, abs=TOLERANCE), (name, figure)
        assert flatten(one["before"]) != pytest.approx(flatten(one["after"]), abs=10 * TOLERANCE)


def flatten(values: Any) -> list[float]:
    """Returns the numbers of nested lists."""
    return [one for value in values for one in flatten(value)] if isinstance(values, list) else [values]
