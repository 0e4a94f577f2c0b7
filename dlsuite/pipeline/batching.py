"""Batches by tf.data: any batch of any epoch is a function of the seed and its number."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import numpy as np
import tensorflow as tf

from dlsuite.distribution.sharing import Part
from dlsuite.pipeline.encoding import Column
from dlsuite.spec.errors import DataError

ENDLESS = np.iinfo(np.int64).max
DRAWN, STEP = "@noise.", "@step"
NOISE = 500
"""Where the seeds of noise begin, behind those of augmentations."""
Noise = Mapping[str, tuple[str, tuple[int, ...]]]
"""By name: `normal` or `uniform`, and the shape for one example."""
_DRAWS: Mapping[str, Callable[..., tf.Tensor]] = {
    "normal": tf.random.stateless_normal,
    "uniform": tf.random.stateless_uniform,
}
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
    noise: Noise | None = None,
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
        noise: Random numbers that come beside each example, under their names behind `DRAWN`; with them comes `STEP`,
            the number of the batch. They depend on the seed, that number and the example's place in it alone.

    Columns of varying length come with a mask, `<name>.mask`.
    """
    total = len(next(iter(columns.values())).raws)
    steps = math.ceil(total / size)
    root = None if seed is None else seed % (1 << 31)
    last = ENDLESS if epochs is None else (epoch + epochs) * steps
    kept = {name: _tensor(column) for name, column in columns.items() if column.kept is not None}
    whole = {name for name, column in columns.items() if column.places == 0 or (augment and name in augment)}

    def indices(step: tf.Tensor, epoch: tf.Tensor) -> tf.Tensor:
        positions = tf.range(step * size, tf.minimum((step + 1) * size, total))
        if root is None or total < 2:
            return positions
        key = tf.cast(tf.stack([tf.constant(root, tf.int64), epoch, tf.zeros_like(epoch)]), tf.int32)
        highest = tf.constant(total - 1, tf.int64)
        return tf.raw_ops.RandomIndexShuffle(index=positions, seed=key, max_index=highest, rounds=ROUNDS)

    def read(name: str, column: Column, chosen: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        """Returns values and sizes as `Column.load` does."""
        if name in kept and column.sizes is None:
            return tf.gather(kept[name], chosen), tf.zeros_like(chosen, tf.int32)
        if name in kept:
            sizes = tf.gather(column.sizes, chosen)
            return tf.gather(kept[name], chosen)[:, : tf.reduce_max(sizes)], sizes
        sample, _ = column.load(np.zeros(1, np.int64))
        values, sizes = tf.numpy_function(_remembering(column.load), [chosen], [sample.dtype, tf.int32])
        shape = [None, *sample.shape[1:]] if column.places is None else [None, None, *sample.shape[2:]]
        return tf.ensure_shape(values, shape), tf.ensure_shape(sizes, [None])

    @tf.autograph.experimental.do_not_convert
    def batch(number: tf.Tensor) -> dict[str, tf.Tensor]:
        step, turn = number % steps, number // steps
        chosen = indices(step, turn)
        first, last = (0, None) if part is None else part.bounds(tf.size(chosen, tf.int64))
        tensors = {}
        for i, (name, column) in enumerate(columns.items()):
            # Whole batches: random numbers are drawn for them, and the longest example of one decides its length.
            values, sizes = read(name, column, chosen if name in whole else chosen[first:last])
            if augment and name in augment:
                key = tf.stack([tf.constant((root or 0) * 1009 + i, tf.int64), number])
                values = augment[name](tf.cast(values, tf.float32), key)
            if name in whole:
                values, sizes = values[first:last], sizes[first:last]
            if column.affine is not None:
                scale, offset = column.affine
                values = tf.cast(values, tf.float32) * scale + offset
            if column.places is not None:
                values = _pad(values, column.places)
                tensors[f"{name}.mask"] = tf.sequence_mask(sizes, tf.shape(values)[1])
            tensors[name] = values
        for i, (name, (kind, shape)) in enumerate((noise or {}).items()):
            key = tf.stack([tf.constant((root or 0) * 1009 + NOISE + i, tf.int64), number])
            drawn = _DRAWS[kind]([tf.size(chosen), *shape], key)
            tensors[f"{DRAWN}{name}"] = drawn[first:last]
        if noise is not None:
            tensors[STEP] = tf.fill(tf.shape(chosen[first:last]), tf.cast(number, tf.float32))
        return tensors

    if total == 0:
        raise ValueError("there are no examples to make batches of")
    batches = tf.data.Dataset.range(epoch * steps + step, last).map(batch, num_parallel_calls=tf.data.AUTOTUNE)
    options = tf.data.Options()
    options.deterministic = True
    options.autotune.enabled = False  # its thread sleeps up to a minute at a time, and an iterator waits for it to end
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


def noise_of(drawn: Mapping[str, Any]) -> dict[str, Any]:
    """Returns what was drawn beside a batch, under the names that the objective gave it."""
    return {name.removeprefix(DRAWN): one for name, one in drawn.items() if name.startswith(DRAWN)}


def _remembering(load: Callable[[np.ndarray], np.ndarray]) -> Callable[[np.ndarray], np.ndarray]:
    def attempt(chosen: np.ndarray) -> np.ndarray:
        try:
            return load(chosen)
        except DataError as error:
            _broken.append(error)
            raise

    return attempt


def _pad(values: tf.Tensor, places: int) -> tf.Tensor:
    """Returns values of varying length, (batch, longest, ...), with so many places; as they are for 0."""
    if not places:
        return values
    rank = values.shape.rank
    padded = tf.pad(values, [[0, 0], [0, places - tf.shape(values)[1]], *[[0, 0]] * (rank - 2)])
    return tf.ensure_shape(padded, [None, places, *values.shape[2:]])


def _tensor(column: Column) -> tf.Tensor:
    """Returns what is kept of a column as a tensor; made once, and then the column reads from it too."""
    if column.tensor is None:
        with tf.device("CPU"):
            column.tensor = tf.constant(column.kept)
        column.kept = np.asarray(memoryview(column.tensor))  # the same memory
    return column.tensor
