"""How the benchmarks measure: times of steps, summaries of two sides, the machine they ran on, where results go."""

from __future__ import annotations

import argparse
import json
import math
import os
import platform
import statistics
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from time import perf_counter, process_time
from typing import Any, NamedTuple

RESULTS = Path(__file__).parent / "results"


class Moment(NamedTuple):
    """A time in seconds: of the wall's clock, and what this process has had of the processors."""

    wall: float
    cpu: float

    @classmethod
    def now(cls) -> Moment:
        """Returns the present moment."""
        return cls(perf_counter(), process_time())

    def since(self, start: Moment) -> Moment:
        """Returns the time that has passed from another moment to this one."""
        return Moment(self.wall - start.wall, self.cpu - start.cpu)

    def shared_by(self, count: int) -> Moment:
        """Returns the equal share of each of several."""
        return Moment(self.wall / count, self.cpu / count)


@contextmanager
def clock() -> Iterator[list[Moment]]:
    """Gives a list of the times at which steps of any `fit` begin while it is open."""
    import keras

    starts: list[Moment] = []
    make = keras.Model.make_train_function

    def make_timed(model: keras.Model, force: bool = False) -> None:
        make(model, force=force)
        step = getattr(model.train_function, "untimed", model.train_function)

        def timed(iterator: Any) -> Any:
            starts.append(Moment.now())
            return step(iterator)

        timed.untimed = step  # type: ignore[attr-defined]
        model.train_function = timed

    keras.Model.make_train_function = make_timed
    try:
        yield starts
    finally:
        keras.Model.make_train_function = make


def per_step(starts: Sequence[Moment], steps: int) -> list[Moment]:
    """Returns, for each epoch, the mean time from the start of one step to that of the next."""
    epochs = [starts[at : at + steps] for at in range(0, len(starts), steps)]
    assert all(len(epoch) == steps for epoch in epochs), "an epoch has another number of steps"
    return [epoch[-1].since(epoch[0]).shared_by(steps - 1) for epoch in epochs]


def between_epochs(starts: Sequence[Moment], steps: int) -> list[Moment]:
    """Returns the times from the start of an epoch's last step to that of the next one's first: what an epoch costs."""
    return [starts[at].since(starts[at - 1]) for at in range(steps, len(starts), steps)]


def compare(sides: Mapping[str, Sequence[Moment]], goal: float | None = None) -> dict[str, Any]:
    """Returns quartiles in milliseconds of two sides and ratios, the first's over the second's.

    Args:
        sides: Times by side; those at the same place followed each other.
        goal: The ratio of medians that the first side is to stay within.
    """
    first, second = sides
    summary: dict[str, Any] = {"rounds": len(sides[first])}
    for kind in Moment._fields:
        values = {side: [1000 * getattr(moment, kind) for moment in moments] for side, moments in sides.items()}
        quartiles = {side: [round(q, 3) for q in statistics.quantiles(found, n=4)] for side, found in values.items()}
        ratio = statistics.median(values[first]) / statistics.median(values[second])
        pairs = [one / other for one, other in zip(values[first], values[second], strict=True)]
        summary[kind] = {"ms": quartiles, "ratio_of_medians": round(ratio, 4), "ratio_of_pairs": median_within(pairs)}
    return summary if goal is None else {**summary, "holds": summary["wall"]["ratio_of_medians"] <= goal}


def median_within(values: Sequence[float]) -> list[float]:
    """Returns the median of values, between the bounds of its 95% interval by ranks, whatever their distribution."""
    ordered, reach = sorted(values), 0.98 * math.sqrt(len(values))
    low, high = math.floor(len(values) / 2 - reach), math.ceil(len(values) / 2 + reach)
    bounds = ordered[max(low, 0)], statistics.median(ordered), ordered[min(high, len(values) - 1)]
    return [round(bound, 4) for bound in bounds]


def alternate(sides: Mapping[str, Callable[[], Any]], rounds: int) -> Iterator[tuple[str, Any]]:
    """Calls the sides in turn, first one then the other ahead, and gives each one's name and answer."""
    for number in range(rounds):
        for side in sorted(sides, reverse=number % 2 == 1):
            yield side, sides[side]()


def describe_machine(*packages: str) -> dict[str, Any]:
    """Returns the machine and the versions of packages that were measured."""
    processors = Path("/proc/cpuinfo").read_text() if Path("/proc/cpuinfo").exists() else ""
    models = [line.partition(":")[2].strip() for line in processors.splitlines() if line.startswith("model name")]
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return {
        "cpu": models[0] if models else platform.processor(),
        "cores": len(os.sched_getaffinity(0)),
        "memory_gib": round(memory, 1),
        "load_before": [round(load, 2) for load in os.getloadavg()],
        "python": platform.python_version(),
        **{name: _version(name) for name in packages},
    }


def options(about: str) -> argparse.ArgumentParser:
    """Returns what reads the command line of a benchmark: `--quick` sees that it runs, and keeps nothing."""
    parser = argparse.ArgumentParser(description=about, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="little work and few rounds; nothing is kept")
    return parser


def environment() -> dict[str, str]:
    """Returns the environment for a measured command: Python keeps what it compiles, as it does unless told not to."""
    return {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}


def keep(name: str, result: Mapping[str, Any]) -> Path:
    """Writes a result to `benchmarks/results/NAME.json` and returns the path."""
    RESULTS.mkdir(exist_ok=True)
    path = RESULTS / f"{name}.json"
    path.write_text(json.dumps(result, indent=2) + "\n")
    return path


def _version(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None
