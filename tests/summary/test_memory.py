"""Memory that is told against the peak of a real training step, in a process of its own."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="the kernel tells the peak of memory on Linux alone")
def test_it_is_within_half_of_the_measured_peak() -> None:
    case = json.dumps(["vision/fashion_cnn", 2048, {}, "float32"])
    command = [sys.executable, "benchmarks/memory.py", "--case", case]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    found = json.loads(done.stdout)
    assert found["measured_mb"] > 300
    assert 1 / 1.5 < found["ratio"] < 1.5
