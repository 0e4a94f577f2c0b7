"""Who looks at whom in layers of attention."""

from __future__ import annotations

from typing import Any, NamedTuple

import keras
import numpy as np
from keras import ops

from dlsuite.explanation.asking import find_filled, put, watch
from dlsuite.explanation.showing import spell
from dlsuite.explanation.walking import Call
from dlsuite.objectives.play import Play
from dlsuite.runs import Run


class Weights(NamedTuple):
    """The weights of a layer of attention.

    Attributes:
        values: (heads, queries, keys) float32; those of a query add up to 1.
        queries: The texts of the tokens or residues that look; `None` where they are something else, such as patches.
        keys: Of those that are looked at.
    """

    values: np.ndarray
    queries: list[str] | None
    keys: list[str] | None


def attention(run: Run, inputs: Any, *, answer: str | None = None) -> dict[str, Weights]:
    """Returns the weights of each MultiHeadAttention or GroupQueryAttention on one input, in the order of the network.

    softmax(Q K^T / sqrt(d)), Vaswani et al. 2017, https://arxiv.org/abs/1706.03762, equation 1. Places of padding are
    left out. Layers inside a layer of another library are not looked into.

    Args:
        run: A trained run.
        inputs: One input, as `predict` takes it.
        answer: The target that is answered, where there are several; by default the first.

    Raises:
        DataError: The input cannot be read.
        ExplanationError: The run's answers have no target.

    Example:
        >>> found = attention(open_run("runs/sst2_transformer/20250101-120000-ab12cd"), "a fine film")
        >>> found["encoder_0.multi_head_attention"].values.shape
        (4, 3, 3)
    """
    play = put(run, inputs, answer, "attention")
    found: dict[str, Weights] = {}

    def visit(call: Call) -> Any:
        if not isinstance(call.operation, keras.layers.MultiHeadAttention | keras.layers.GroupQueryAttention):
            return call.run()
        made, weights = call.run(return_attention_scores=True)
        found[call.path] = _trim(play, ops.convert_to_numpy(ops.cast(weights, "float32"))[0])
        return made

    watch(play, visit)
    return found


def _trim(play: Play, values: np.ndarray) -> Weights:
    """Returns weights (heads, queries, keys) without padding, with the texts of their places."""
    texts = []
    for axis in (1, 2):
        name = _sequence(play, values.shape[axis])
        if name is None:
            texts.append(None)
            continue
        filled = find_filled(play, name, values.shape[axis])
        values = np.compress(filled, values, axis=axis)
        texts.append(spell(play.features[name], ops.convert_to_numpy(play.inputs[name])[0][filled]))
    return Weights(values, *texts)


def _sequence(play: Play, places: int) -> str | None:
    """Returns the input of so many tokens or residues, if there is exactly one."""
    text = [name for name in play.inputs if getattr(play.features.get(name), "text", False)]
    fitting = [name for name in text if play.inputs[name].shape[1] == places]
    return fitting[0] if len(fitting) == 1 else None
