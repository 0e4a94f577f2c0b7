"""Where the apps read and write: the folder of the runs, and that of the user's own specs."""

from __future__ import annotations

import os
from pathlib import Path

RUNS, SPECS = "DLSUITE_RUNS", "DLSUITE_SPECS"
"""The environment variables by which `dlsuite apps` tells the folders."""


def runs_folder() -> Path:
    """Returns the folder of the runs."""
    return Path(os.environ.get(RUNS, "runs"))


def specs_folder() -> Path:
    """Returns the folder that specs of the user's own are saved in."""
    return Path(os.environ.get(SPECS, "my_specs"))
