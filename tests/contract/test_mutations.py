"""What a constructor refuses, `check` refuses, at the argument's place."""

from __future__ import annotations

import contextlib
import copy
import inspect
import json
from collections.abc import Iterator
from typing import Any

import pytest

from dlsuite import cataloguing
from dlsuite.cataloguing import entries, probing
from dlsuite.spec.arguments import faults_of
from dlsuite.spec.catalogue import load
from dlsuite.spec.errors import SpecError

pytestmark = pytest.mark.slow

VALUES = (None, True, -1, 0, 0.5, -2.5, 7, "bogus", "", [], [1, 2, 3, 4, 5], ["a"], [[1]], {"a": 1}, {})
SHARE = 0.99


def components() -> Iterator[tuple[str, str, Any, dict[str, Any]]]:
    """Yields kind, name, constructor and working arguments of what can be tried quickly."""
    seen = set()
    for kind, name, function in cataloguing.libraries():
        key = (kind, function)
        if load().entry(kind, name) is None or key in seen or not inspect.isclass(function):
            continue
        seen.add(key)
        needed = [key for key, p in probing.parameters(function).items() if p.default is p.empty]
        base = entries.working_arguments(function, needed, name)
        if base is not None:
            yield kind, name, function, base


def alike(value: Any) -> list[Any]:
    """Returns how Python may write a JSON value: 7 and 7.0 are one number."""
    number = isinstance(value, int) and not isinstance(value, bool)
    return [copy.deepcopy(value), *([float(value)] if number else [])]


def refused() -> Iterator[tuple[str, str, str, Any]]:
    """Yields kind, name, argument and value of each mutation that a constructor refuses."""
    with cataloguing.quiet():
        for kind, name, function, base in components():
            entry = load().entry(kind, name)
            scope = cataloguing.without_values() if kind in ("layer", "metric") else contextlib.nullcontext()
            with scope:
                for key in entry["args"]:
                    for value in VALUES:
                        if not any(probing.works(function, {**base, key: same}) for same in alike(value)):
                            yield kind, name, key, value
                if not probing.works(function, {**base, "no_such_argument": 1}):
                    yield kind, name, "no_such_argument", 1
                for key in (key for key in base if key in entry["args"]):
                    if not probing.works(function, {other: value for other, value in base.items() if other != key}):
                        yield kind, name, key, ...


@pytest.fixture(scope="module")
def mutations() -> list[tuple[str, str, str, Any]]:
    return list(refused())


def fits(kind: str, name: str, key: str, value: Any) -> bool:
    """Returns whether the catalogue lets a value pass."""
    args = load().entry(kind, name)["args"]
    if value is ...:
        return "default" in args[key]
    if key not in args:
        return False
    nested = args[key].get("kind")
    if nested is None:
        return faults_of(value, args[key]) is None
    if isinstance(value, str):
        return value in load().names(nested)
    if isinstance(value, dict):
        return len(value) == 1 and next(iter(value)) in load().names(nested)
    return faults_of(value, {"type": args[key].get("type", ["object"])}) is None


def test_the_catalogue_refuses_what_constructors_refuse(mutations: list[tuple[str, str, str, Any]]) -> None:
    assert len(mutations) > 5000
    misses = [mutation for mutation in mutations if fits(*mutation)]
    share = 1 - len(misses) / len(mutations)
    print(f"{len(mutations)} mutations refused by constructors, {share:.2%} of them by the catalogue; missed:")
    for kind, name, key, value in misses:
        print(f"  {kind} {name}.{key} = {value!r}")
    assert share >= SHARE


SLOTS = {
    "layer": ("/model/layers/0", lambda component: {"model": {"inputs": INPUT, "layers": [component]}}),
    "optimizer": ("/train/optimizer", lambda component: {"train": {"optimizer": component}}),
    "schedule": (
        "/train/optimizer/SGD/learning_rate",
        lambda component: {"train": {"optimizer": {"SGD": {"learning_rate": component}}}},
    ),
    "callback": ("/train/callbacks/0", lambda component: {"train": {"callbacks": [component]}}),
    "metric": ("/train/metrics/0", lambda component: {"train": {"metrics": [component]}}),
}
INPUT = {"x": {"Input": {"shape": [8, 8, 3]}}}


def test_check_points_at_the_argument(mutations: list[tuple[str, str, str, Any]]) -> None:
    loading = pytest.importorskip("dlsuite.spec.loading")
    misses = []
    tried = [mutation for mutation in mutations if mutation[0] in SLOTS and not fits(*mutation)]
    bases = {(kind, name): base for kind, name, _, base in _bases()}
    for kind, name, key, value in tried:
        pointer, write = SLOTS[kind]
        given = {other: plain for other, plain in bases[kind, name].items() if _is_json(plain)}
        given = {other: plain for other, plain in given.items() if other in load().entry(kind, name)["args"]}
        given.pop(key, None) if value is ... else given.update({key: value})
        where = f"{pointer}/{name}" if value is ... else f"{pointer}/{name}/{key}"
        faults = loading.check({"name": "mutation", **write({name: given})})
        pointers = [fault.place.pointer for fault in faults if fault.place]
        if not any(found.startswith(where) or where.startswith(found) and value is ... for found in pointers):
            misses.append((kind, name, key, value, pointers))
    print(f"{len(tried)} mutations, {len(misses)} not reported at their place:", *misses[:40], sep="\n  ")
    assert len(misses) <= (1 - SHARE) * len(tried)


def _bases() -> list[tuple[str, str, Any, dict[str, Any]]]:
    with cataloguing.quiet():
        return list(components())


def _is_json(value: Any) -> bool:
    try:
        json.dumps(value)
    except TypeError:
        return False
    return True


def test_a_refusal_raises_a_spec_error() -> None:
    loading = pytest.importorskip("dlsuite.spec.loading")
    spec = {"name": "x", "model": {"inputs": INPUT, "layers": [{"Conv2D": {"filters": 0, "kernel_size": 3}}]}}
    with pytest.raises(SpecError, match="at least 1"):
        loading.load(spec)
