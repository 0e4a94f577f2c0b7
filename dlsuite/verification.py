"""Whether a spec keeps its promises: trained, evaluated and compared with its `expect`."""

from __future__ import annotations

import json
import os
import platform
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dlsuite.claims import Claim, judge_parameters
from dlsuite.spec.errors import Fault, SpecError
from dlsuite.spec.figures import split_of

if TYPE_CHECKING:
    from dlsuite.runs import Run
    from dlsuite.spec import Spec

FALLING = frozenset(
    {"loss", "error", "mae", "mse", "rmse", "mape", "wer", "cer", "perplexity", "ece", "brier", "hinge", "crossentropy"}
    | {"entropy", "distance", "divergence", "bits", "nats", "rmsd", "violations", "clashes"}
    | {"kl", "reconstruction", "copied", "empty", "largest"}
)


@dataclass(frozen=True)
class Verdict:
    """What a verified spec came to.

    Attributes:
        seconds: Training and evaluation together, those before it went on as well.
        results: What `keep` writes: claims, metrics by split, baselines, counts, time, machine.
    """

    name: str
    run: Run
    claims: list[Claim]
    seconds: float
    results: dict[str, Any]

    @property
    def holds(self) -> bool:
        """Whether every claim holds."""
        return all(claim.holds for claim in self.claims)


def verify(
    spec: Spec,
    runs: str | os.PathLike[str] = "runs",
    resume: str | os.PathLike[str] | None = None,
    progress: bool = False,
) -> Verdict:
    """Trains and evaluates a spec and holds it against what it claims.

    Args:
        spec: With `expect`.
        runs: The folder that the run's own folder goes to.
        resume: A run of it to go on with; one that is finished is evaluated, if it was not.
        progress: Whether to show progress on the terminal.

    Raises:
        SpecError: The spec claims nothing.
        DataError, TrainingError: As `train` raises them.

    Example:
        >>> verify(dlsuite.load("specs/tabular/breast_cancer_mlp.json")).holds
        True
    """
    from dlsuite.api import train
    from dlsuite.evaluation import evaluate
    from dlsuite.runs import open_run

    expect = spec.plan().expect
    if not expect:
        hint = 'Add what it should reach, such as "expect": {"metrics": {"accuracy": 0.9}}.'
        raise SpecError([Fault(f"{spec.name} claims nothing: it has no `expect`.", hint=hint)])
    before = 0.0 if resume is None else float(open_run(resume, runs).status.get("seconds") or 0.0)
    start = time.monotonic()
    run = train(spec, runs=runs, resume=resume, progress=progress)
    evaluations = {"test": run.evaluation}
    for split in {split_of(key)[0] for key in expect.get("metrics") or {}} - {"test"}:
        evaluations[split] = evaluate(run, split=split)
    seconds = before + time.monotonic() - start
    metrics = {split: one["metrics"] for split, one in evaluations.items()}
    claims = judge(expect, _parameters(spec, run), metrics)
    results = {
        "spec": spec.name,
        "claims": [asdict(claim) for claim in claims],
        "metrics": metrics,
        "baselines": run.evaluation["baselines"],
        "parameters": run.parameters,
        "examples": run.evaluation["examples"],
        "seconds": round(seconds, 1),
        "machine": machine(),
    }
    return Verdict(spec.name, run, claims, seconds, results)


def keep(verdict: Verdict, folder: str | os.PathLike[str]) -> Path:
    """Writes the results of a verdict to `<folder>/<spec name>.json` and returns that path."""
    path = Path(folder) / f"{verdict.name}.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(verdict.results, indent=2) + "\n", encoding="utf-8")
    return path


def machine() -> dict[str, Any]:
    """Returns what a figure has to be read with: processor, cores, memory, versions."""
    facts: dict[str, Any] = {"processor": _processor(), "cores": _cores(), "memory_gb": _memory()}
    facts |= {"system": platform.platform(terse=True), "python": platform.python_version()}
    for package in ("tensorflow", "keras", "numpy"):
        try:
            facts[package] = version(package)
        except PackageNotFoundError:
            facts[package] = None
    return facts


def falls(metric: str) -> bool:
    """Returns whether a lower value of a metric is the better one.

    Example:
        >>> falls("mean_absolute_error"), falls("accuracy")
        (True, False)
    """
    words = metric.lower().replace(".", "_").split("_")
    return any(word in FALLING for word in words)


def judge(
    expect: Mapping[str, Any],
    parameters: Mapping[str, Any],
    metrics: Mapping[str, Mapping[str, float]],
) -> list[Claim]:
    """Returns every claim of `expect` beside what was measured.

    Args:
        expect: The section of the spec: `parameters` and `metrics`.
        parameters: `total` and `trainable`, or such an object by network.
        metrics: By split, then by name.

    Example:
        >>> judge({"metrics": {"accuracy": 0.9}}, {}, {"test": {"accuracy": 0.93}})
        [Claim(name='test.accuracy', claimed=0.9, measured=0.93, holds=True)]
    """
    claims = judge_parameters(expect.get("parameters"), parameters)
    for key, claimed in (expect.get("metrics") or {}).items():
        split, name = split_of(key)
        measured = metrics.get(split, {}).get(name)
        holds = measured is not None and (measured <= claimed if falls(name) else measured >= claimed)
        claims.append(Claim(f"{split}.{name}", claimed, measured, holds))
    return claims


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    models = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return models[0] if models else platform.machine()


def _memory() -> float | None:
    try:
        return round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30, 1)
    except (ValueError, OSError):
        return None


def _parameters(spec: Spec, run: Run) -> Mapping[str, Any]:
    """Returns the counts of a run, and where the spec claims them, those that act on one token."""
    claimed = spec.plan().expect.get("parameters")
    if not isinstance(claimed, Mapping) or "active" not in claimed:
        return run.parameters
    from dlsuite.api import planned
    from dlsuite.summary import claimed_counts

    return claimed_counts(planned(spec), run.parameters)
