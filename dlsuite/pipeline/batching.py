"""Batches by tf.data: any batch of any epoch is a function of the seed and its number."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

import numpy as np
import tensorflow as tf

from dlsuite.distribution.sharing import Part
from dlsuite.pipeline.encoding import Column
from dlsuite.spec.errors import DataError

ENDLESS = np.iinfo(np.int64).max
ROUNDS = 8
"""Rounds of the cipher that shuffles; fewer leave a pattern in small sets."""


def make_batches(
    columns: Mapping[str, Column],
    *,
    size: int,
    seed: int | None = None,
    epoch: int = 0,
    epochs: int | None = 1,
    step: int = 0,
    part: Part | None = None,
    augment: Mapping[str, Callable[[tf.Tensor, tf.Tensor], tf.Tensor]] | None = None,
) -> tf.data.Dataset:
    """Returns batches of the tensors of some columns, as dictionaries; the last of an epoch may be smaller.

    Args:
        columns: By name; those kept in memory are gathered there, others encoded in threads.
        size: Examples a batch.
        seed: Shuffles, anew in each epoch; `None` keeps the order.
        epoch: The first epoch.
        epochs: How many; `None` for an endless dataset.
        step: The first batch of the first epoch.
        part: The examples of each batch that this process takes of it; by default all.
        augment: By column, what changes a batch, by a seed.
    """
    total = len(next(iter(columns.values())).raws)
    steps = math.ceil(total / size)
    root = None if seed is None else seed % (1 << 31)
    last = ENDLESS if epochs is None else (epoch + epochs) * steps
    kept = {name: _tensor(column) for name, column in columns.items() if column.kept is not None}

    def indices(step: tf.Tensor, epoch: tf.Tensor) -> tf.Tensor:
        positions = tf.range(step * size, tf.minimum((step + 1) * size, total))
        if root is None or total < 2:
            return positions
        key = tf.cast(tf.stack([tf.constant(root, tf.int64), epoch, tf.zeros_like(epoch)]), tf.int32)
        highest = tf.constant(total - 1, tf.int64)
        return tf.raw_ops.RandomIndexShuffle(index=positions, seed=key, max_index=highest, rounds=ROUNDS)

    def read(name: str, column: Column, chosen: tf.Tensor) -> tf.Tensor:
        if name in kept:
            return tf.gather(kept[name], chosen)
        sample = column.load(np.zeros(1, np.int64))
        values = tf.numpy_function(_remembering(column.load), [chosen], sample.dtype)
        return tf.ensure_shape(values, [None, *sample.shape[1:]])

    @tf.autograph.experimental.do_not_convert
    def batch(number: tf.Tensor) -> dict[str, tf.Tensor]:
        step, turn = number % steps, number // steps
        chosen = indices(step, turn)
        first, last = (0, None) if part is None else part.bounds(tf.size(chosen, tf.int64))
        tensors = {}
        for i, (name, column) in enumerate(columns.items()):
            if augment and name in augment:  # whole batches, as their random numbers are drawn for whole batches
                key = tf.stack([tf.constant((root or 0) * 1009 + i, tf.int64), number])
                values = augment[name](tf.cast(read(name, column, chosen), tf.float32), key)[first:last]
            else:
                values = read(name, column, chosen[first:last])
            if column.affine is not None:
                scale, offset = column.affine
                values = tf.cast(values, tf.float32) * scale + offset
            tensors[name] = values
        return tensors

    if total == 0:
        raise ValueError("there are no examples to make batches of")
    batches = tf.data.Dataset.range(epoch * steps + step, last).map(batch, num_parallel_calls=tf.data.AUTOTUNE)
    options = tf.data.Options()
    options.deterministic = True
    options.experimental_distribute.auto_shard_policy = tf.data.experimental.AutoShardPolicy.DATA
    return batches.with_options(options)


@contextmanager
def naming_files() -> Iterator[None]:
    """Lets the `DataError` of a file that broke while batches were made go past TensorFlow, which would hide it."""
    _broken.clear()
    try:
        yield
    except tf.errors.OpError:
        if not _broken:
            raise
        error = _broken[0]
        _broken.clear()
        raise error from None


_broken: list[DataError] = []
"""What was found in the threads of tf.data, for the one that waits for their batches."""


def _remembering(load: Callable[[np.ndarray], np.ndarray]) -> Callable[[np.ndarray], np.ndarray]:
    def attempt(chosen: np.ndarray) -> np.ndarray:
        try:
            return load(chosen)
        except DataError as error:
            _broken.append(error)
            raise

    return attempt


def _tensor(column: Column) -> tf.Tensor:
    """Returns what is kept of a column as a tensor; made once, and then the column reads from it too."""
    if column.tensor is None:
        with tf.device("CPU"):
            column.tensor = tf.constant(column.kept)
        column.kept = np.asarray(memoryview(column.tensor))  # the same memory
    return column.tensor
