"""What the chief tells the other workers through the collectives that training uses anyway."""

from __future__ import annotations

import numpy as np
import tensorflow as tf

LONGEST = 4096
"""Bytes of a message."""


def tell(strategy: tf.distribute.Strategy, text: str) -> str:
    """Returns the chief's text on every worker, once all of them have come here.

    Args:
        strategy: Of all workers.
        text: At most 4,096 bytes of UTF-8; those of other workers do not matter.
    """
    letters = np.zeros(LONGEST, np.float32)
    content = text.encode()[:LONGEST]
    letters[: len(content)] = list(content)

    def add() -> tf.Tensor:
        context = tf.distribute.get_replica_context()
        mine = tf.cast(tf.equal(context.replica_id_in_sync_group, 0), tf.float32)
        return context.all_reduce("SUM", tf.constant(letters) * mine)

    found = strategy.experimental_local_results(strategy.run(tf.function(add)))[0].numpy()
    return bytes(found.astype(np.uint8)).rstrip(b"\0").decode()
