"""What Keras 3.15 gets wrong under a strategy of several replicas, mended while a model is trained.

- `_maybe_symbolic_build` takes the mean of a batch over the workers, which the collective strategy cannot do.
- `reduce_per_replica` takes means along the first axis of scalars.
- A loss is divided by the number of replicas and gradients are added up: wrong where the pieces of a batch differ in
  size, and `train_step`s that compute a loss of their own have to know of it. Here losses stay as on one device, and an
  optimizer takes the mean of the gradients, each piece weighted by its share of the global batch.
- Gradients are clipped before they are added up, and float16 ones tested for infinities on each replica alone. Here
  they are put together first, so that both see the gradient that one device would.
- Synchronized batch normalization takes a variance as the mean square less the square of the mean, where most digits
  can cancel, and its gradients know of no shares. Here the moments are those of one device, in fewer messages.
- Every replica draws the same random numbers, so that dropout repeats itself. Here each has numbers of its own.
- `gradient_accumulation_steps` and `ema_overwrite_frequency` meet "merge_call called while defining a new graph".
  TensorFlow can update each replica's variables in place instead, which its own tests use.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from typing import Any

import keras
import tensorflow as tf
from keras.src import tree
from keras.src.backend.tensorflow import nn, trainer
from keras.src.backend.tensorflow.optimizer import TFOptimizer
from keras.src.losses import loss as losses
from keras.src.optimizers.base_optimizer import BaseOptimizer
from keras.src.optimizers.loss_scale_optimizer import LossScaleOptimizer
from keras.src.random.seed_generator import SeedGenerator

from dlsuite.distribution.sharing import BATCH, COUNTED, SHARE
from dlsuite.spec.errors import Fault, SpecError

KERAS = "3.15."
"""The versions that the mends were written for; they touch what Keras keeps private."""
STRIDE = 7919
"""Between the seeds of neighbouring replicas."""

_here = threading.local()
"""`share`: of the global batch, inside the step of a replica, each of which has a thread of its own."""
_functions: dict[tuple[int, str, int], Any] = {}
"""What is compiled while Keras is mended, by model, name and number of metrics' variables."""


@contextmanager
def mended(strategy: tf.distribute.Strategy, *, in_place: bool = False) -> Iterator[None]:
    """Makes Keras train rightly under a strategy for a while; does nothing where there is one replica.

    Args:
        strategy: That trains, and whose scope is entered.
        in_place: Whether replicas update their variables themselves, which conditions inside a step need.

    Raises:
        SpecError: This is another version of Keras.
    """
    if strategy.num_replicas_in_sync == 1:
        yield
        return
    if not keras.__version__.startswith(KERAS):
        message = f"Training over several replicas is right with Keras {KERAS}*, and this is {keras.__version__}."
        raise SpecError([Fault(message, hint='Write "strategy": "Auto" and train on one device.')])
    with ExitStack() as stack:
        if in_place:
            stack.enter_context(_replaced(strategy.extended, "_use_merge_call", lambda: False))
        for owner, name, value in (
            (trainer.TensorFlowTrainer, "_maybe_symbolic_build", _build),
            (trainer.TensorFlowTrainer, "reset_metrics", _everywhere(trainer.TensorFlowTrainer.reset_metrics)),
            (
                trainer.TensorFlowTrainer,
                "get_metrics_result",
                _put_together(trainer.TensorFlowTrainer.get_metrics_result),
            ),
            (trainer.TFEpochIterator, "_get_iterator", _keep_iterator),
            (trainer.TensorFlowTrainer, "_make_function", _weighing(trainer.TensorFlowTrainer._make_function)),
            (trainer, "reduce_per_replica", _reduce_logs),
            (losses, "scale_loss_for_distribution", _same),
            (losses, "unscale_loss_for_distribution", _same),
            (BaseOptimizer, "apply", _reducing(BaseOptimizer.apply)),
            (LossScaleOptimizer, "apply", _reducing(LossScaleOptimizer.apply)),
            (TFOptimizer, "_all_reduce_sum_gradients", lambda self, pairs: pairs),
            (nn, "_compute_moments_sync", _take_moments),
            (SeedGenerator, "next", _apart(SeedGenerator.next)),
        ):
            stack.enter_context(_replaced(owner, name, value))
        stack.callback(_functions.clear)
        stack.enter_context(strategy.scope())
        yield


def _build(self: Any, iterator: Any = None, data_batch: Any = None) -> None:
    """Makes metrics and slots ahead of the first step, from the shapes of a piece; reads no batch for it."""
    if self._distribute_strategy is None:
        return
    if iterator is not None:
        data_batch = iterator._get_iterator().element_spec
    first = tree.map_structure(lambda spec: getattr(spec, "_value_specs", (spec,))[0], data_batch)
    with self.distribute_strategy.scope():
        self._symbolic_build(data_batch=first[BATCH] if _is_piece(first) else first)


def _keep_iterator(self: Any) -> Any:
    """Returns the one iterator of a dataset without end; a new one takes as long as several steps."""
    if not hasattr(self, "_kept"):
        self._kept = iter(self._distributed_dataset)
    return self._kept


def _everywhere(reset: Callable[[Any], None]) -> Callable[[Any], None]:
    """Returns `reset_metrics` that every replica does for itself, without a message for each variable."""

    def reset_metrics(self: Any) -> None:
        if tf.distribute.in_cross_replica_context() and self.metrics_variables:
            _compiled(self, "reset", lambda: reset(self))
        else:
            reset(self)

    return reset_metrics


def _put_together(read: Callable[[Any], dict[str, Any]]) -> Callable[[Any], dict[str, Any]]:
    """Returns `get_metrics_result` that puts together what all replicas have counted in one message."""

    def count_all(self: Any) -> dict[str, Any]:
        variables = self.metrics_variables
        before = [tf.identity(variable.value) for variable in variables]
        context, totals = tf.distribute.get_replica_context(), {}
        for dtype in dict.fromkeys(value.dtype for value in before):
            numbers = [i for i, value in enumerate(before) if value.dtype == dtype]
            totals |= dict(zip(numbers, context.all_reduce("SUM", [before[i] for i in numbers]), strict=True))
        for i, variable in enumerate(variables):
            variable.assign(totals[i])
        found = tree.map_structure(tf.identity, read(self))
        for variable, value in zip(variables, before, strict=True):
            variable.assign(value)
        return found

    def get_metrics_result(self: Any) -> dict[str, Any]:
        if not tf.distribute.in_cross_replica_context() or not self.metrics_variables:
            return read(self)
        found = _compiled(self, "results", lambda: count_all(self))
        return tree.map_structure(lambda value: self.distribute_strategy.experimental_local_results(value)[0], found)

    return get_metrics_result


def _compiled(model: Any, name: str, step: Callable[[], Any]) -> Any:
    """Returns what every replica of a model does, compiled once a `fit` for the metrics that it has."""
    key = id(model), name, len(model.metrics_variables)
    if key not in _functions:
        _functions[key] = tf.function(lambda: model.distribute_strategy.run(step))
    return _functions[key]()


def _weighing(make: Callable[..., Any]) -> Callable[..., Any]:
    """Returns `_make_function` that unpacks the pieces of batches and notes the share of each."""

    def make_function(self: Any, step: Callable[[Any], Any]) -> Any:
        def on_piece(data: Any) -> Any:
            if not _is_piece(data):
                data = {BATCH: data, SHARE: 1 / self.distribute_strategy.num_replicas_in_sync}
            variables = self.metrics_variables if COUNTED in data else []
            before = [tf.identity(variable.value) for variable in variables]
            _here.share = data[SHARE]
            try:
                logs = step(data[BATCH])
            finally:
                _here.share = None
            for variable, value in zip(variables, before, strict=True):
                variable.assign(tf.where(data[COUNTED], variable.value, value))
            return logs

        return make(self, on_piece)

    return make_function


def _reducing(apply: Callable[..., Any]) -> Callable[..., Any]:
    """Returns `apply` of an optimizer that takes gradients of the global batch; an optimizer inside gets them so."""

    def apply_reduced(self: Any, grads: Sequence[Any], trainable_variables: Any = None) -> Any:
        share = getattr(_here, "share", None)
        if share is None:
            return apply(self, grads, trainable_variables)
        found = [tf.convert_to_tensor(one) for one in grads if one is not None]
        context = tf.distribute.get_replica_context()
        sums = iter(context.all_reduce("SUM", [one * tf.cast(share, one.dtype) for one in found]) if found else ())
        _here.share = None
        try:
            return apply(self, [None if one is None else next(sums) for one in grads], trainable_variables)
        finally:
            _here.share = share

    return apply_reduced


def _reduce_logs(values: Any, strategy: tf.distribute.Strategy, reduction: str) -> Any:
    """Returns the means of the replicas' logs, all put together in one message between workers."""
    if reduction == "concat":
        return _concat(values, strategy, reduction)
    flat = tree.flatten(values)
    if all(one.shape.rank == 0 for value in flat for one in strategy.experimental_local_results(value)):
        local = [
            tf.stack([tf.cast(strategy.experimental_local_results(value)[i], tf.float32) for value in flat])
            for i in range(len(strategy.extended.worker_devices))
        ]
        mean = tf.reduce_mean(tf.stack(local), axis=0)
        if len(local) < strategy.num_replicas_in_sync:
            mean = strategy.reduce("MEAN", mean, axis=None)
        return tree.pack_sequence_as(values, tf.unstack(mean, num=len(flat)))
    return tree.pack_sequence_as(values, [strategy.reduce("MEAN", value, axis=None) for value in flat])


_concat = trainer.reduce_per_replica


def _take_moments(x: Any, axes: Sequence[int], keepdims: bool) -> tuple[Any, Any]:
    """Returns mean and variance of x over all replicas, with one message forth and one back.

    Moments of pieces are put together as in Chan, Golub and LeVeque, 1983, "Algorithms for computing the sample
    variance", equation 1.5. Their gradients are those of the losses of all replicas, each by its share; the optimizer
    weighs what a replica's own variables get by its share, which is taken out here beforehand.
    """
    context = tf.distribute.get_replica_context()
    if context is None:
        return tf.nn.moments(x, axes, keepdims=keepdims)
    share = getattr(_here, "share", None)
    share = tf.cast(1.0 if share is None else share, x.dtype)
    replicas = context.num_replicas_in_sync
    mine = tf.one_hot(context.replica_id_in_sync_group, replicas, dtype=x.dtype)  # (replicas,)

    @tf.custom_gradient
    def take(x: Any) -> Any:
        mean, variance = tf.nn.moments(x, axes, keepdims=True)
        count = tf.cast(tf.size(x) // tf.size(mean), x.dtype)
        pieces = tf.stack([tf.fill(tf.shape(mean), count), mean, variance * count])  # (3, ...)
        pieces = context.all_reduce("SUM", tf.tensordot(mine, pieces, axes=0))  # (replicas, 3, ...)
        counts, means, squares = tf.unstack(pieces, axis=1)
        total = tf.reduce_sum(counts, axis=0)
        mean = tf.reduce_sum(counts * means, axis=0) / total
        variance = tf.reduce_sum(squares + counts * tf.math.squared_difference(means, mean), axis=0) / total

        def backward(*upstream: Any) -> Any:
            of_mean, of_variance = (one / share for one in context.all_reduce("SUM", [one * share for one in upstream]))
            return (of_mean + 2.0 * (x - mean) * of_variance) / total

        return (mean, variance), backward

    mean, variance = take(x)
    return (mean, variance) if keepdims else (tf.squeeze(mean, axes), tf.squeeze(variance, axes))


def _apart(draw: Callable[..., Any]) -> Callable[..., Any]:
    """Returns `SeedGenerator.next` whose seeds differ between replicas."""

    def draw_apart(self: Any, ordered: bool = True) -> Any:
        seed = draw(self, ordered)  # (2,)
        context = tf.distribute.get_replica_context()
        if context is None or context.num_replicas_in_sync == 1:
            return seed
        replica = tf.cast(context.replica_id_in_sync_group, seed.dtype)
        return seed + tf.stack([replica * STRIDE, tf.zeros_like(replica)])

    return draw_apart


def _same(value: Any) -> Any:
    return value


def _is_piece(data: Any) -> bool:
    return isinstance(data, dict) and SHARE in data and BATCH in data


@contextmanager
def _replaced(owner: Any, name: str, value: Any) -> Iterator[None]:
    """Puts a value in the place of an attribute for a while."""
    own = name in vars(owner)
    before = getattr(owner, name)
    setattr(owner, name, value)
    try:
        yield
    finally:
        if own:
            setattr(owner, name, before)
        else:
            delattr(owner, name)
