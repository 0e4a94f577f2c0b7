"""What a run was made with: versions, devices, machine, commit, command."""

from __future__ import annotations

import platform
import shlex
import subprocess
import sys
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from dlsuite.distribution.strategies import describe_devices

PACKAGES = ("dlsuite", "tensorflow", "keras", "keras-hub", "keras-cv", "numpy", "scikit-learn")


def describe_environment(folder: Path) -> dict[str, Any]:
    """Returns versions, devices, machine, the commit of a folder where it has one, and the command."""
    return {
        "versions": {"python": platform.python_version(), **{name: _version(name) for name in PACKAGES}},
        "devices": describe_devices(),
        "machine": {"system": platform.platform(), "processor": platform.processor() or platform.machine()},
        "commit": _commit(folder),
        "command": shlex.join(sys.argv),
    }


def _version(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None


def _commit(folder: Path) -> str | None:
    """Returns the commit that a folder stands at, with a mark where files differ from it."""
    try:
        command = ["git", "-C", str(folder), "describe", "--always", "--dirty", "--abbrev=40", "--exclude=*"]
        done = subprocess.run(command, capture_output=True, text=True, timeout=5, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout.strip() or None if done.returncode == 0 else None
