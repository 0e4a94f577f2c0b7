"""Trained classifiers that judge what other models make."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from hashlib import sha256
from typing import TYPE_CHECKING, Any

import keras
import numpy as np

from dlsuite.pipeline.data_roots import resolve_path
from dlsuite.reading import DamagedError
from dlsuite.runs import list_runs
from dlsuite.spec import Spec, load
from dlsuite.spec.plan import Component
from dlsuite.training import train

if TYPE_CHECKING:
    from dlsuite.runs import Run

BATCH = 256
"""So many pictures go through a judge at a time."""


class Judges:
    """The judges of a run, by the paths of their specs.

    Args:
        run: Whose pictures they judge: paths stay in the folder of its spec, and their runs are in its folder of runs.

    Attributes:
        taken: Which run judged, by path.
    """

    def __init__(self, run: Run):
        self._run = run
        self._judges: dict[str, Judge] = {}
        self.taken: dict[str, str] = {}

    def find(self, path: str, metric: Component) -> Judge:
        """Returns the judge of a spec: its last finished run; where it has none, it is trained first, and says so.

        Raises:
            DataError: There is no such spec, or its data is missing.
            SpecError: It is outside the folder of the run's spec, or at fault.
        """
        if path not in self._judges:
            spec = load(resolve_path(path, self._run.spec.folder, metric))
            runs = self._run.path.resolve().parents[1]
            known = [one for one in list_runs(runs) if _has_trained(one, spec)]
            if not known:
                print(f"{metric.name} looks through {spec.name}, which is trained first", file=sys.stderr)
                known = [train(spec, runs=runs, progress=False)]
            self.taken[path] = f"{known[-1].name}/{known[-1].id}"
            self._judges[path] = Judge(known[-1])
        return self._judges[path]


def _has_trained(run: Run, spec: Spec) -> bool:
    """Returns whether a run is a finished one of a spec; one that is damaged is none."""
    try:
        return run.name == spec.name and run.status["state"] == "done" and run.resolved == spec.resolved
    except DamagedError:
        return False


class Judge:
    """What the networks of a trained run put out of pictures.

    Args:
        run: With one input, a picture.

    Example:
        >>> Judge(open_run("runs/mnist_classifier/...")) (pictures)["features"].shape
        (2000, 64)
    """

    def __init__(self, run: Run):
        self._run = run
        self._seen: dict[str, dict[str, np.ndarray]] = {}

    def __call__(self, pictures: np.ndarray) -> Mapping[str, np.ndarray]:
        """Returns outputs by name, (n, ...), of pictures, uint8 (n, height, width, channels)."""
        key = sha256(pictures.tobytes()).hexdigest()
        if key not in self._seen:
            self._seen[key] = self._look(pictures)
        return self._seen[key]

    def _look(self, pictures: np.ndarray) -> dict[str, np.ndarray]:
        (feature,) = (self._run.features[name] for name in self._run.plan.data.inputs)
        tensors = np.stack([feature.encode(one) for one in pictures])
        found: dict[str, np.ndarray] = {}
        for name, model in self._run.models.items():
            made: Any = model.predict(tensors, batch_size=BATCH, verbose=0)
            outputs = made if isinstance(made, dict) else {next(iter(self._run.plan.networks[name].body.outputs)): made}
            found |= {key: keras.ops.convert_to_numpy(value) for key, value in outputs.items()}
        return found
