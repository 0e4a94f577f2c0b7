"""Attention: keys and values of earlier positions are kept, those of a fixed memory are computed once."""

from __future__ import annotations

from typing import Any

from keras import ops

from dlsuite.stepping.rules import Cache, Refusal, rule


@rule("MultiHeadAttention", "GroupedQueryAttention")
def attend(
    layer: Any,
    cache: Cache,
    query: Any,
    value: Any,
    key: Any = None,
    *,
    attention_mask: Any = None,
    use_causal_mask: bool = False,
    **others: Any,
) -> Any:
    """Returns the attention of new positions to themselves and to all before them, or to a fixed memory."""
    key = value if key is None else key
    if given := sorted(name for name, other in others.items() if other is not None and other is not False):
        raise Refusal(f"is given `{given[0]}`, which is of whole windows")
    itself = _attends_to_itself(cache, query, key, value, attention_mask, use_causal_mask)
    if itself:
        keys = cache.extend("key", layer._key_dense(key))  # (rows, length, heads, size)
        values = cache.extend("value", layer._value_dense(value))
        window = getattr(layer, "_sliding_window", None) or getattr(layer, "sliding_window", None)
        attention_mask = _both(so_far(cache, query.shape[1], keys.shape[1], window), attention_mask)  # (1, n, length)
    else:
        keys = cache.keep("key", lambda: layer._key_dense(key))  # (rows, places, heads, size)
        values = cache.keep("value", lambda: layer._value_dense(value))
    if (groups := getattr(layer, "num_repeats", 1)) > 1:
        keys, values = ops.repeat(keys, groups, axis=2), ops.repeat(values, groups, axis=2)
    attended, _ = layer._compute_attention(layer._query_dense(query), keys, values, attention_mask=attention_mask)
    gated = getattr(layer, "_use_gate", False) or getattr(layer, "use_gate", False)
    return layer._output_dense(ops.multiply(attended, layer._gate_dense(query)) if gated else attended)


@rule("DotProductAttention")
def attend_by_op(
    operation: Any,
    cache: Cache,
    query: Any,
    key: Any,
    value: Any,
    bias: Any = None,
    mask: Any = None,
    scale: float | None = None,
) -> Any:
    """Returns what `ops.dot_product_attention` gives for (rows, n, heads, size)."""
    if bias is not None and (cache.moves(bias) or bias.shape[-2] != 1):
        raise Refusal("has a bias of whole windows")
    if _attends_to_itself(cache, query, key, value, mask, operation.is_causal):
        key, value = cache.extend("key", key), cache.extend("value", value)  # (rows, length, heads, size)
        mask = _both(so_far(cache, query.shape[1], key.shape[1])[:, None], mask)  # (1, 1, n, length)
    cap = operation.attn_logits_soft_cap
    return ops.dot_product_attention(query, key, value, bias, mask, scale, attn_logits_soft_cap=cap)


def _attends_to_itself(cache: Cache, query: Any, key: Any, value: Any, mask: Any, causal: bool) -> bool:
    """Returns whether keys are of the positions that ask, not of a fixed memory; refuses what cannot be cached."""
    if mask is not None and (cache.moves(mask) or len(mask.shape) < 3 or mask.shape[-2] != 1):
        raise Refusal("has a mask that differs between positions")
    moving = {cache.moves(key), cache.moves(value)}
    if not cache.moves(query) or len(moving) == 2:
        raise Refusal("mixes positions that move with some that do not")
    itself = moving == {True}
    if itself and not causal:
        raise Refusal("looks at later positions, without a causal mask")
    if causal and not itself:
        raise Refusal("has a causal mask over a memory")
    return itself


def so_far(cache: Cache, new: int, length: int, window: int | None = None) -> Any:
    """Returns (1, n, length): which positions each new one sees, itself the last and `window` of them at most."""
    here = cache.start + ops.arange(new, dtype="int32")[:, None]  # (n, 1)
    there = ops.arange(length, dtype="int32")[None]  # (1, length)
    seen = there <= here
    return (seen if window is None else ops.logical_and(seen, there > here - window))[None]


def _both(mask: Any, other: Any) -> Any:
    return mask if other is None else ops.logical_and(mask, ops.cast(other, "bool"))
