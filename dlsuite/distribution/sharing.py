"""Each global batch cut into the pieces of the replicas, in order, so that a step learns what one device would."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import tensorflow as tf

BATCH, SHARE, COUNTED = "batch", "share", "counted"
"""A piece is a dictionary: what the model takes, the share of the global batch that it is, and, where some batch has
fewer examples than there are replicas, whether its metrics count."""


@dataclass(frozen=True)
class Part:
    """The replicas that this process feeds: `first` up to before `last`, of `count`."""

    first: int
    last: int
    count: int

    @property
    def replicas(self) -> int:
        """How many replicas this process feeds."""
        return self.last - self.first

    def bounds(self, examples: Any) -> tuple[Any, Any]:
        """Returns the first example of a global batch that this process takes, and the one after its last.

        The pieces of all processes cover a batch without overlap. A batch that has fewer examples than there are
        replicas goes whole to every one of them: layers of TensorFlow fail on empty batches.
        """
        few = examples < self.count
        first = tf.where(few, tf.zeros_like(examples), examples * self.first // self.count)
        return first, tf.where(few, examples, examples * self.last // self.count)


def part_of(strategy: tf.distribute.Strategy) -> Part | None:
    """Returns what this process feeds; `None` where there is one replica, which takes batches as they are."""
    count = strategy.num_replicas_in_sync
    if count == 1:
        return None
    here = len(strategy.extended.worker_devices)
    resolver = strategy.cluster_resolver
    first = here * (resolver.task_id or 0) if resolver is not None and here < count else 0
    return Part(first, first + here, count)


def share_out(
    batches: tf.data.Dataset, strategy: tf.distribute.Strategy, *, size: int, total: int, step: int = 0
) -> tf.data.Dataset:
    """Returns batches as the replicas of a strategy take them; the same batches where there is one replica.

    Args:
        batches: This process's part of each global batch, without end or one epoch of them.
        strategy: That trains.
        size: Examples of a global batch.
        total: Examples of an epoch.
        step: Number of the first batch within its epoch.
    """
    part = part_of(strategy)
    if part is None:
        return batches
    steps = -(-total // size)
    tail = total - (steps - 1) * size
    few = tail < part.count

    def cut(number: tf.Tensor, batch: Any) -> tf.data.Dataset:
        examples = tf.where(number % steps == steps - 1, tf.constant(tail, tf.int64), size)
        start, _ = part.bounds(examples)

        def piece(replica: tf.Tensor) -> dict[str, Any]:
            first, last = Part(replica, replica + 1, part.count).bounds(examples)
            taken = tf.nest.map_structure(lambda values: values[first - start : last - start], batch)
            whole = examples < part.count
            share = tf.where(whole, tf.constant(1 / part.count, tf.float64), (last - first) / examples)
            found = {BATCH: taken, SHARE: share}
            return {**found, COUNTED: tf.logical_or(~whole, tf.equal(replica, 0))} if few else found

        return tf.data.Dataset.range(part.first, part.last).map(piece)

    pieces = batches.enumerate(step).flat_map(cut)
    if batches.cardinality() != tf.data.INFINITE_CARDINALITY:
        pieces = pieces.repeat()
    # Without a known end, the workers need not ask one another before each step whether there is a batch left.
    pieces = pieces.apply(tf.data.experimental.assert_cardinality(tf.data.INFINITE_CARDINALITY))
    pieces = pieces.prefetch(2 * part.replicas)
    return strategy.distribute_datasets_from_function(lambda context: pieces)
