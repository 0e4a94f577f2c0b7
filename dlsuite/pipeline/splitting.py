"""Training, validation and test examples: a dataset's own splits, or made by seed."""

from __future__ import annotations

from collections.abc import Collection, Hashable, Mapping

import numpy as np

from dlsuite.datasets.examples import Examples, Values, concatenate
from dlsuite.spec.errors import DataError, Fault, SpecError, suggest
from dlsuite.spec.plan import SplitPlan

PARTS = ("train", "validation", "test")
SHARE = 0.1
"""Share of the examples of a split that nobody made: validation, or test."""


def split_examples(
    own: Mapping[str, Examples], plan: SplitPlan, *, seed: int, stratify: str | None = None
) -> tuple[dict[str, Examples], str]:
    """Returns the examples of `train`, `validation` and `test`, and the rule in words.

    The same examples, plan and seed give the same splits on every platform.

    Args:
        own: The dataset's own splits.
        plan: What the spec says.
        seed: Decides which examples go where.
        stratify: A field whose shares are kept where the spec names none and splits are random.

    Raises:
        SpecError: The plan does not suit the dataset.
        DataError: There are no examples.
    """
    _check(own, plan)
    if plan.by != "random" or any(stratify not in examples.fields for examples in own.values()):
        stratify = None  # a target that the data lacks is named where features are fitted
    stratify = plan.stratify or stratify
    named, fractions, pool = _assign(own, plan)
    cut = _cut(pool, fractions, plan.by, stratify, seed) if fractions else {}
    rest = cut.pop("", None)
    if "train" not in fractions and rest is not None:
        cut["train"] = rest
    parts = {part: cut.get(part, named.get(part)) for part in PARTS}
    empty = pool.take([]) if pool is not None else next(iter(named.values())).take([])
    splits = {part: examples if examples is not None else empty for part, examples in parts.items()}
    if len(splits["train"]) == 0:
        raise DataError("There are no training examples: the data set is empty, or the split leaves none.")
    return splits, _describe(own, plan, named, fractions, stratify, seed)


def _assign(
    own: Mapping[str, Examples], plan: SplitPlan
) -> tuple[dict[str, Examples], dict[str, float], Examples | None]:
    """Returns the parts that are whole splits of the dataset, the fractions to cut, and what to cut them from."""
    if plan.parts:
        named = {part: own[name] for part, name in plan.parts.items() if isinstance(name, str)}
        fractions = {part: float(share) for part, share in plan.parts.items() if not isinstance(share, str)}
        if "train" in named and fractions:
            return {part: named[part] for part in named if part != "train"}, fractions, named["train"]
        taken = {name for name in plan.parts.values() if isinstance(name, str)}
        left = [examples for name, examples in own.items() if name not in taken]
        return named, fractions, concatenate(left) if left and fractions else None
    if "train" not in own:
        fractions = {"train": 1 - 2 * SHARE, "validation": SHARE, "test": SHARE}
        return {}, fractions, concatenate(list(own.values()))
    missing = {part: SHARE for part in PARTS if part not in own}
    named = {part: own[part] for part in PARTS if part in own and (part != "train" or not missing)}
    return named, missing, own["train"] if missing else None


def training_splits(own: Collection[str], plan: SplitPlan) -> set[str]:
    """Returns those of a dataset's own splits that training examples are taken from."""
    if not plan.parts:
        return {"train"} if "train" in own else set(own)
    named = {part: name for part, name in plan.parts.items() if isinstance(name, str)}
    return {named["train"]} if "train" in named else set(own) - set(named.values())


def _cut(
    pool: Examples | None, fractions: Mapping[str, float], by: str, stratify: str | None, seed: int
) -> dict[str, Examples]:
    """Returns the parts of a pool, and under "" what is left of it."""
    if pool is None or len(pool) == 0:
        raise DataError("There are no examples to split: the data set is empty, or all its own splits are named.")
    order = sorted(fractions, key=PARTS.index)
    if "train" not in fractions:  # what is left is for training and comes first
        order = ["", *order]
        fractions = {"": 1 - sum(fractions.values()), **fractions}
    ends = np.rint(np.cumsum([fractions[part] for part in order]) * len(pool)).astype(int)  # exclusive
    rng = np.random.Generator(np.random.PCG64(seed))
    if by == "order":
        rank = np.arange(len(pool))
    elif by == "random":
        rank = _ranks(_spread(pool.column(stratify), rng) if stratify else rng.random(len(pool)))
    else:
        rank = _group_ranks(pool.column(by), rng)
    part = np.searchsorted(ends, rank, side="right")
    return {name: pool.take(np.flatnonzero(part == i)) for i, name in enumerate(order)}


def _spread(values: Values, rng: np.random.Generator) -> np.ndarray:
    """Returns keys in [0, 1) along which every interval holds each value in its share."""
    keys = np.empty(len(values))
    for _, members in _members(values):
        shuffled = members[np.argsort(rng.random(len(members)), kind="stable")]
        keys[shuffled] = (np.arange(len(members)) + rng.random()) / len(members)
    return keys


def _ranks(keys: np.ndarray) -> np.ndarray:
    ranks = np.empty(len(keys), np.int64)
    ranks[np.argsort(keys, kind="stable")] = np.arange(len(keys))
    return ranks


def _group_ranks(values: Values, rng: np.random.Generator) -> np.ndarray:
    """Returns one rank for each group, the middle of its members' when groups stand in random order."""
    groups = _members(values)
    rank = np.empty(len(values), np.int64)
    start = 0
    for i in np.argsort(rng.random(len(groups)), kind="stable"):
        members = groups[i][1]
        rank[members] = start + (len(members) - 1) // 2
        start += len(members)
    return rank


def _members(values: Values) -> list[tuple[str, np.ndarray]]:
    """Returns each distinct value, as text, with the numbers of its examples; sorted by the text."""
    found: dict[Hashable, list[int]] = {}
    for i, value in enumerate(values):
        found.setdefault(str(value), []).append(i)
    return [(str(value), np.array(found[value])) for value in sorted(found, key=str)]


def _check(own: Mapping[str, Examples], plan: SplitPlan) -> None:
    faults = []
    fields = set.intersection(*(set(examples.fields) for examples in own.values())) if own else set()
    for share in plan.parts.values():
        if isinstance(share, str) and share not in own:
            faults.append(
                Fault(f"the data set has no split {share!r}.", hint=suggest(share, own, what="splits of the data set"))
            )
    by_group = plan.by not in ("random", "order")
    for field in [plan.by] * by_group + [plan.stratify] * (plan.stratify is not None):
        if field not in fields:
            hint = suggest(str(field), fields, what="fields")
            faults.append(Fault(f"`split`: the data set has no field {field!r}.", hint=hint))
    if plan.stratify is not None and plan.by != "random":
        faults.append(Fault(f"`split`: `stratify` needs `by` random, and it is {plan.by!r}."))
    if faults:
        raise SpecError(faults)


def _describe(
    own: Mapping[str, Examples],
    plan: SplitPlan,
    named: Mapping[str, Examples],
    fractions: Mapping[str, float],
    stratify: str | None,
    seed: int,
) -> str:
    how = {"random": f"at random by seed {seed}", "order": "in order"}.get(plan.by, f"by groups of {plan.by}")
    if plan.by not in ("random", "order"):
        how += f", by seed {seed}"
    if stratify:
        how += f", shares of {stratify} kept"
    cut = ", ".join(f"{part} {share:.0%}" for part, share in fractions.items())
    words = []
    if named:
        words.append(f"the data set's own {' and '.join(sorted(named, key=PARTS.index))}")
    if fractions:
        source = " of its training split" if "train" in own and "train" not in fractions else ""
        words.append(f"{cut}{source}, {how}")
    return "; ".join(words)
