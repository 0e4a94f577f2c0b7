"""Dataset, features and augmentations of a plan, as tf.data and as arrays."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import tensorflow as tf

from dlsuite.datasets.examples import Examples, concatenate
from dlsuite.distribution.sharing import Part
from dlsuite.pipeline.augmenting import check_augmentations, make_augment
from dlsuite.pipeline.batching import Noise, make_batches, naming_files
from dlsuite.pipeline.data_roots import make_source
from dlsuite.pipeline.encoding import Column, check_tolerance, drop_corrupt, encode_columns
from dlsuite.pipeline.fitting import check_splits, make_features
from dlsuite.pipeline.provenance import describe_source, is_same
from dlsuite.pipeline.splitting import split_examples, training_splits
from dlsuite.spec import Spec
from dlsuite.spec.errors import DataError, suggest, visible
from dlsuite.spec.plan import DataPlan

__all__ = ["Data", "naming_files", "prepare", "prepare_other", "read"]

CACHE_SHARE = 0.25
"""Encoded examples are kept in memory up to this share of what is available."""
MASK = ".mask"
"""Behind the name of a feature of varying length, the name of what says which of its places are filled."""
TOLERATE = 0.01
SHOWN = 20


@dataclass(frozen=True, eq=False)
class Data:
    """The data of a plan, ready to train on.

    Attributes:
        plan: The data section.
        features: The fitted features, inputs first.
        facts: What the data knows, by feature: `{"label": {"classes": 10, ...}, "image": {"shape": [28, 28, 1]}}`.
        counts: Examples by split, without the corrupt ones.
        record: What a run keeps: dataset, licence, origin, files with SHA-256, split rule, counts, what was skipped.
        warnings: Sentences for the user.
        seed: Of the splits, and by default of the shuffle.
    """

    plan: DataPlan
    features: Mapping[str, Any]
    facts: Mapping[str, dict[str, Any]]
    counts: Mapping[str, int]
    record: Mapping[str, Any]
    warnings: list[str]
    seed: int
    _examples: Mapping[str, Examples] = field(repr=False)
    _columns: Mapping[str, dict[str, Column]] = field(repr=False)

    def state(self) -> dict[str, Any]:
        """Returns the fitted state of each feature as JSON, for `prepare(..., fitted=...)`."""
        return {name: feature.state() for name, feature in self.features.items()}

    def examples(self, split: str) -> Examples:
        """Returns the raw examples of a split, in the order of `arrays` and of unshuffled batches."""
        return self._examples[split]

    def steps(self, split: str, batch_size: int | None = None) -> int:
        """Returns the number of batches of a split."""
        return math.ceil(self.counts[split] / (batch_size or self.plan.batch_size))

    def column(self, split: str, name: str) -> np.ndarray:
        """Returns the tensor of one feature for a whole split; of `<name>.mask`, which of its places are filled."""
        if not self.counts[split]:
            return np.empty(0)
        column = self._columns[split][name.removesuffix(MASK)]
        values, sizes = column.load(np.arange(self.counts[split]))
        values = column.pad(values)
        return np.arange(values.shape[1]) < sizes[:, None] if name.endswith(MASK) else column.finish(values)

    def arrays(self, split: str) -> tuple[dict[str, np.ndarray], dict[str, np.ndarray]]:
        """Returns inputs and targets of a whole split, in memory, with the masks of those of varying length."""
        inputs, targets = (
            {name: self.column(split, name) for name in self.with_masks(features)}
            for features in (self.plan.inputs, self.plan.targets)
        )
        return inputs, targets

    def with_masks(self, names: Iterable[str]) -> list[str]:
        """Returns the names of features, each of varying length with that of its mask behind it."""
        masked = {name for name, feature in self.features.items() if hasattr(feature, "mask")}
        return [one for name in names for one in ([name, name + MASK] if name in masked else [name])]

    def batches(
        self,
        split: str,
        *,
        training: bool = False,
        seed: int | None = None,
        batch_size: int | None = None,
        targets: bool = True,
        epoch: int = 0,
        epochs: int | None = 1,
        step: int = 0,
        part: Part | None = None,
        noise: Noise | None = None,
    ) -> tf.data.Dataset:
        """Returns batches of `(inputs, targets)`, dictionaries by name; the last of an epoch may be smaller.

        Features of varying length come with their masks, as `<name>.mask`.

        Args:
            split: `train`, `validation` or `test`.
            training: Shuffles, by seed and epoch, and augments. The batches of an epoch depend on `seed` and its
                number alone, so that a resumed training goes on as the uninterrupted one would have.
            seed: Of shuffle and augmentation; by default that of the data.
            batch_size: By default the plan's.
            targets: Whether to give targets; if not, batches are the inputs alone.
            epoch: The first epoch.
            epochs: How many, one after the other; `None` for endless, with `steps(split)` batches an epoch.
            step: The first batch of the first epoch.
            part: The examples of each batch that this process takes of it; by default all.
            noise: Random numbers that are drawn for each example: batches are `(inputs, targets, drawn)`.

        Raises:
            DataError: The split is empty.
        """
        if self.counts[split] == 0:
            raise DataError(f"There are no {split} examples. What would work: a share for {split} in `split`.")
        names = [*self.plan.inputs, *(self.plan.targets if targets else ())]
        batches = make_batches(
            {name: self._columns[split][name] for name in names},
            size=batch_size or self.plan.batch_size,
            seed=(self.seed if seed is None else seed) if training else None,
            epoch=epoch,
            epochs=epochs,
            step=step,
            part=part,
            augment=self._augment(self.seed if seed is None else seed) if training else None,
            noise=noise,
        )
        if targets:
            batches = batches.map(self._part)
        return batches.prefetch(2)

    def known(self) -> dict[str, Any]:
        """Returns what only the data knows, for `Spec.plan`: the facts of its features, and `steps_per_epoch`."""
        return {**self.facts, "steps_per_epoch": self.steps("train")}

    @tf.autograph.experimental.do_not_convert
    def _part(self, tensors: dict[str, Any]) -> tuple[dict[str, Any], ...]:
        inputs, targets = (
            {name: tensors[name] for name in self.with_masks(features)}
            for features in (self.plan.inputs, self.plan.targets)
        )
        drawn = {name: value for name, value in tensors.items() if name.startswith("@")}
        return (inputs, targets, drawn) if drawn else (inputs, targets)

    def _augment(self, seed: int) -> dict[str, Any]:
        if not self.plan.augment:
            return {}
        from dlsuite.graph import make

        images = [name for name in self.plan.inputs if getattr(self.features[name], "augmented", False)]
        return {name: make_augment([make(component) for component in self.plan.augment], seed) for name in images}


def read(spec: Spec, fitted: Mapping[str, Any] | None = None) -> Data:
    """Returns the data of a spec, ready to train on.

    Args:
        spec: As it was loaded.
        fitted: The `state()` of an earlier run, instead of fitting.

    Raises:
        DataError: Data is missing, or more of it is corrupt than the source tolerates.
        SpecError: The spec does not suit the data.
    """
    plan = spec.plan()
    deterministic = any(stage.deterministic for stage in plan.train)
    return prepare(plan.data, root=spec.folder, seed=plan.seed, fitted=fitted, deterministic=deterministic)


def prepare(
    plan: DataPlan,
    *,
    root: Path,
    seed: int,
    fitted: Mapping[str, Any] | None = None,
    deterministic: bool = False,
) -> Data:
    """Returns the data of a plan: read, split, features fitted on the training split alone, corrupt examples left out.

    Args:
        plan: The data section.
        root: The folder of the spec, to which its paths are relative.
        seed: Of the splits.
        fitted: The `state()` of an earlier run, instead of fitting.
        deterministic: Whether to refuse augmentations that no seed reaches.

    Raises:
        DataError: Data is missing, or more of it is corrupt than the source tolerates.
        SpecError: The plan does not suit the data.
    """
    if plan.source is None:
        raise DataError("The spec has no `source` in `data`, so there is nothing to train on or to measure with.")
    warnings = check_augmentations(plan.augment, deterministic=deterministic)
    source = make_source(plan.source, root)
    declared = getattr(source, "fields", {})
    own = source.splits()
    splits, rule = split_examples(own, plan.split, seed=seed, stratify=_category_field(plan))
    features = make_features(plan, splits["train"], declared, fitted)
    check_splits(plan, splits)
    return _ready(plan, source, features, splits, rule, warnings, seed)


def prepare_other(
    plan: DataPlan, *, root: Path, fitted: Mapping[str, Any], trained: Mapping[str, Any], split: str | None = None
) -> Data:
    """Returns the examples of a source that is only measured on, as the split `test`; nothing is fitted on them.

    It warns where the run was trained on some of them.

    Args:
        plan: The data section of a run, with the other source.
        root: The folder to which its paths are relative.
        fitted: The `state()` of the run.
        trained: The record of the data that the run was trained on.
        split: One of the source's own splits; by default all its examples.

    Raises:
        DataError: Data is missing, or lacks a field or a split, or more of it is corrupt than the source tolerates.
    """
    assert plan.source is not None
    source = make_source(plan.source, root)
    own = source.splits()
    if split is not None and split not in own:
        hint = suggest(split, own, what="splits")
        raise DataError(f"{plan.source.name} has no split `{split}` of its own. {hint}".rstrip())
    measured = own if split is None else {split: own[split]}
    splits = {"test": concatenate(list(measured.values()))}
    check_splits(plan, splits)
    features = make_features(plan, None, {}, fitted)
    counts = ", ".join(f"{name} {len(examples):,}" for name, examples in own.items())
    rule = f"all examples{f': {counts}' * (len(own) > 1)}" if split is None else f"the data set's own {split}"
    data = _ready(plan, source, features, splits, rule, [], seed=0)
    if is_same(data.record, trained) and training_splits(own, plan.split) & measured.keys():
        data.warnings.append(
            f"{plan.source.name} is what the run was trained on, and its training examples are among those measured. "
            "What would work: the run's own test split, without other data."
        )
    return data


def _ready(
    plan: DataPlan,
    source: Any,
    features: Mapping[str, Any],
    splits: dict[str, Examples],
    rule: str,
    warnings: list[str],
    seed: int,
) -> Data:
    """Returns splits as data: corrupt examples left out, encoded where that fits in memory, recorded."""
    assert plan.source is not None
    splits, columns, skipped = _encode_splits(plan, features, splits, getattr(source, "tolerate", TOLERATE))
    counts = {split: len(examples) for split, examples in splits.items()}
    record = {
        **describe_source(plan.source, source),
        "counts": counts,
        "split": rule,
        "seed": seed,
        "skipped": {"count": len(skipped), "examples": skipped[:SHOWN]},
    }
    facts = {name: feature.facts_fitted() for name, feature in features.items()}
    return Data(plan, features, facts, counts, record, warnings + _warn(skipped), seed, splits, columns)


def _encode_splits(
    plan: DataPlan, features: Mapping[str, Any], splits: dict[str, Examples], tolerate: float
) -> tuple[dict[str, Examples], dict[str, dict[str, Column]], list[str]]:
    """Returns the splits without corrupt examples, their columns, and what was left out."""
    plans = {**plan.inputs, **plan.targets}
    columns = {
        split: {name: Column.of(features[name], examples, plans[name].fields) for name in plans}
        for split, examples in splits.items()
    }
    keep = _choose_kept(columns)
    skipped: list[str] = []
    total = sum(map(len, splits.values()))
    for split, examples in splits.items():
        faults = encode_columns(columns[split], keep, examples.faults)
        if faults:
            skipped += [visible(f"{examples.where(i)}: {reason}") for i, reason in sorted(faults.items())]
            splits[split], columns[split] = drop_corrupt(examples, columns[split], faults)
    check_tolerance(skipped, total, tolerate)
    return splits, columns, skipped


def _choose_kept(columns: Mapping[str, Mapping[str, Column]]) -> dict[str, bool]:
    """Returns which features are kept in memory: the small ones first, while they fit."""
    counts = {split: len(next(iter(by_name.values())).raws) for split, by_name in columns.items() if by_name}
    sizes = {name: column.bytes_each() * sum(counts.values()) for name, column in next(iter(columns.values())).items()}
    left = available_memory() * CACHE_SHARE
    keep = {}
    for name in sorted(sizes, key=sizes.__getitem__):
        keep[name] = sizes[name] <= left
        left -= sizes[name] if keep[name] else 0
    return keep


def available_memory() -> int:
    """Returns the bytes of memory that are free for use: the machine's, or what its control group leaves."""
    try:
        meminfo = Path("/proc/meminfo").read_text()
        available = next(int(line.split()[1]) << 10 for line in meminfo.splitlines() if line.startswith("MemAvailable"))
    except (OSError, StopIteration):
        return 4 << 30
    try:
        limit = int(Path("/sys/fs/cgroup/memory.max").read_text())
        used = int(Path("/sys/fs/cgroup/memory.current").read_text())
    except (OSError, ValueError):
        return available
    return min(available, max(limit - used, 0))


def _category_field(plan: DataPlan) -> str | None:
    """Returns the field of the one target that is a Category, by which splits are stratified."""
    fields = [target.fields[0] for target in plan.targets.values() if target.component.name == "Category"]
    return fields[0] if len(fields) == 1 else None


def _warn(skipped: list[str]) -> list[str]:
    if not skipped:
        return []
    listed = "; ".join(skipped[:5]) + (f"; and {len(skipped) - 5} more" if len(skipped) > 5 else "")
    return [f"{len(skipped)} corrupt {'example was' if len(skipped) == 1 else 'examples were'} skipped: {listed}"]
