"""Facts about the tensor functions of `keras.ops` that specs may call."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from typing import Any

from dlsuite.cataloguing import probing
from dlsuite.cataloguing.named_arguments import Schema, words

DENIED = frozenset(
    words(
        "cond while_loop map scan custom_gradient vectorized_map vectorize associative_scan switch fori_loop jvp "
        "convert_to_numpy is_tensor dtype shape ndim size get_item select empty empty_like "
        "image.elastic_transform"
    )
)
"""They take functions, answer with something other than a tensor, or are not pure."""

TENSORS = frozenset(
    words(
        "x x1 x2 xs y a b inputs operands query key value bias mask target output targets predictions kernel "
        "depthwise_kernel pointwise_kernel condition indices values updates data segment_ids sorted_sequence "
        "tensor array "
        "images variable mean variance offset scale gamma beta weights sequence_lengths target_length output_length "
        "coordinates transforms transform abs_ angle bins x_min x_max start_points end_points image"
    )
)
"""Names of parameters that take tensors."""

NOT_TENSORS = {
    ("dot_product_attention", "scale"): {"type": ["null", "number"]},
    ("diagonal", "offset"): {"type": ["integer"]},
    ("trace", "offset"): {"type": ["integer"]},
    ("histogram", "bins"): {"type": ["integer"], "min": 1},
    ("kaiser", "beta"): {"type": ["number"]},
    ("image.scale_and_translate", "scale"): {"type": ["number", "array"]},
}
REQUIRED = frozenset({("where", "x1"), ("where", "x2")})
"""Tensors without which the answer has no fixed shape."""

WHOLE = frozenset(words("concatenate stack hstack vstack dstack"))
OUTPUTS: dict[str, int | str | None] = {
    **dict.fromkeys(("array_split", "dsplit", "hsplit", "split", "vsplit"), "indices_or_sections"),
    **dict.fromkeys(
        words("ctc_decode eig eigh fft fft2 histogram ifft2 lu_factor moments qr rfft slogdet stft top_k"), 2
    ),
    "linspace": "=2 if retstep else 1",
    "lstsq": None,
    "meshgrid": "=len(x)",
    "nonzero": None,
    "svd": "=3 if compute_uv else 1",
    "unique": "=1 + (1 if return_index else 0) + (1 if return_inverse else 0) + (1 if return_counts else 0)",
    "unravel_index": None,
    "unstack": "num",
}
"""How many tensors a function makes, where it is not one: a number, an expression over its arguments, or the argument
that says it (a number of parts, or the places between them); `None` where only shapes tell."""

VARIADIC = {"einsum": "operands", "meshgrid": "x"}
DTYPES = words(
    "bool uint8 uint16 uint32 uint64 int8 int16 int32 int64 bfloat16 float16 float32 float64 complex64 complex128"
)
SHAPE: Schema = {"type": ["array"], "items": {"type": ["integer"]}}
INTEGERS: Schema = {"type": ["integer", "array"], "items": {"type": ["integer"]}}
OPTIONAL: Schema = {"type": ["null", "integer", "array"], "items": {"type": ["integer"]}}
FORMAT: Schema = {"type": ["null", "string"], "values": ["channels_first", "channels_last"]}
SIZES: Schema = {"type": ["integer", "array"], "min": 1, "items": {"type": ["integer"], "min": 1}}
PARAMETERS: dict[str, Schema] = {
    "axis": OPTIONAL,
    "axes": OPTIONAL,
    "axis1": {"type": ["integer"]},
    "axis2": {"type": ["integer"]},
    "axisa": {"type": ["integer"]},
    "axisb": {"type": ["integer"]},
    "axisc": {"type": ["integer"]},
    "source": INTEGERS,
    "destination": INTEGERS,
    "shape": {"type": ["array"], "items": {"type": ["null", "integer"]}},
    "newshape": {"type": ["integer", "array"], "items": {"type": ["null", "integer"]}},
    "start_indices": SHAPE,
    "subscripts": {"type": ["string"]},
    "pattern": {"type": ["string"]},
    "pad_width": {"type": ["integer", "array"], "min": 0, "items": {"type": ["integer", "array"], "min": 0}},
    "constant_values": {"type": ["null", "number"]},
    "repeats": SIZES,
    "shift": INTEGERS,
    "data_format": FORMAT,
    "padding": {"type": ["string"], "values": ["same", "valid"]},
    "pool_size": SIZES,
    "kernel_size": SIZES,
    "strides": {**SIZES, "type": ["null", "integer", "array"]},
    "dilation_rate": SIZES,
    "dilation": SIZES,
    "stride": SIZES,
    "output_size": SIZES,
    "output_padding": OPTIONAL,
    "block_size": {"type": ["integer"], "min": 1},
    "indices_or_sections": INTEGERS,
    "num_classes": {"type": ["integer"], "min": 1},
    "num_segments": {"type": ["null", "integer"], "min": 1},
    "k": {"type": ["integer"]},
    "n": {"type": ["integer"], "min": 0},
    "N": {"type": ["null", "integer"], "min": 0},
    "M": {"type": ["null", "integer"], "min": 0},
    "num": {"type": ["null", "integer"], "min": 0},
    "start": {"type": ["number", "array"]},
    "stop": {"type": ["null", "number", "array"]},
    "step": {"type": ["null", "number"]},
    "fill_value": {"type": ["null", "number", "boolean"]},
    "q": {"type": ["number", "array"], "items": {"type": ["number"]}},
    "order": {"type": ["integer"]},
    "ord": {"type": ["null", "number", "string"]},
    "epsilon": {"type": ["null", "number"], "min": 0},
    "rtol": {"type": ["number"], "min": 0},
    "atol": {"type": ["number"], "min": 0},
    "threshold": {"type": ["number"]},
    "default_value": {"type": ["number"]},
    "max_val": {"type": ["number"]},
    "initial": {"type": ["null", "number"]},
    "nan": {"type": ["number"]},
    "posinf": {"type": ["null", "number"]},
    "neginf": {"type": ["null", "number"]},
    "rcond": {"type": ["null", "number"]},
    "tol": {"type": ["null", "number"]},
    "decimals": {"type": ["integer"]},
    "minlength": {"type": ["integer"], "min": 0},
    "range": {"type": ["null", "array"], "items": {"type": ["number"]}, "minItems": 2, "maxItems": 2},
    "sequence_length": {"type": ["integer"], "min": 1},
    "sequence_stride": {"type": ["integer"], "min": 1},
    "fft_length": {"type": ["null", "integer"], "min": 1},
    "length": {"type": ["null", "integer"], "min": 1},
    "window": {"type": ["null", "string"], "values": ["hamming", "hann"]},
    "side": {"type": ["string"], "values": ["left", "right"]},
    "strategy": {"type": ["string"], "values": ["beam_search", "greedy"]},
    "indexing": {"type": ["string"], "values": ["ij", "xy"]},
    "reduction": {"type": ["null", "string"], "values": ["add", "max", "min", "mul"]},
    "retstep": {"type": ["boolean"]},
    "flash_attention": {"type": ["null", "boolean"]},
    "attn_logits_soft_cap": {"type": ["null", "number"]},
    "kth": {"type": ["integer"]},
    "size": {"type": ["null", "integer", "array"], "items": {"type": ["integer"], "min": 1}},
    "scale": {"type": ["null", "number"]},
    "method": {"type": ["string"]},
}
"""What parameters take, by name; others are known by their defaults."""

SPECIAL: dict[tuple[str, str], Schema] = {
    ("correlate", "mode"): {"type": ["string"], "values": ["full", "same", "valid"]},
    ("pad", "mode"): {"type": ["string"], "values": ["constant", "reflect", "symmetric"]},
    ("qr", "mode"): {"type": ["string"], "values": ["complete", "reduced"]},
    ("fold", "padding"): {**SIZES, "min": 0, "items": {"type": ["integer"], "min": 0}},
    ("unfold", "padding"): {**SIZES, "min": 0, "items": {"type": ["integer"], "min": 0}},
    ("expand_dims", "axis"): INTEGERS,
    ("concatenate", "axis"): {"type": ["integer"]},
    ("stack", "axis"): {"type": ["integer"]},
    ("transpose", "axes"): {"type": ["null", "array"], "items": {"type": ["integer"]}},
    ("top_k", "k"): {"type": ["integer"], "min": 1},
    ("in_top_k", "k"): {"type": ["integer"], "min": 1},
    ("tensordot", "axes"): {"type": ["integer", "array"], "items": {"type": ["integer", "array"]}},
    ("one_hot", "axis"): {"type": ["integer"]},
    ("nanpercentile", "method"): {"type": ["string"], "values": ["higher", "linear", "lower", "midpoint", "nearest"]},
    ("nanquantile", "method"): {"type": ["string"], "values": ["higher", "linear", "lower", "midpoint", "nearest"]},
    ("percentile", "method"): {"type": ["string"], "values": ["higher", "linear", "lower", "midpoint", "nearest"]},
    ("quantile", "method"): {"type": ["string"], "values": ["higher", "linear", "lower", "midpoint", "nearest"]},
    ("meshgrid", "x"): {"type": ["array"]},
}


def operations(ops: Any) -> Iterator[tuple[str, Schema]]:
    """Yields name and facts of each tensor function."""
    public = {name: value for name, value in vars(ops).items() if inspect.isfunction(value)}
    public |= {f"image.{name}": value for name, value in vars(ops.image).items() if inspect.isfunction(value)}
    for name, function in public.items():
        if name not in DENIED:
            yield f"ops.{name}", _entry(name, function)


def _entry(name: str, function: Any) -> Schema:
    args: Schema = {}
    tensors = []
    variadic = VARIADIC.get(name)
    for key, parameter in probing.parameters(function).items():
        has_default = parameter.default is not parameter.empty
        if key in TENSORS and (name, key) not in NOT_TENSORS:
            tensors.append(key)
            schema: Schema = {"type": [*(["null"] if parameter.default is None else []), "boolean", "number", "array"]}
        else:
            schema = _schema(name, key, parameter)
        has_default = has_default and (name, key) not in REQUIRED
        args[key] = {**schema, "default": probing.plain(parameter.default)} if has_default else schema
    entry: Schema = {"args": args, "tensors": [*tensors, *([variadic] if variadic else [])]}
    if variadic:
        entry["variadic"] = variadic
        args[variadic] = {"type": ["array"]}
    if name in WHOLE:
        entry["whole"] = True
    if name in OUTPUTS:
        entry["outputs"] = OUTPUTS[name]
    return entry


def _schema(name: str, key: str, parameter: inspect.Parameter) -> Schema:
    default = parameter.default
    known = SPECIAL.get((name, key)) or NOT_TENSORS.get((name, key))
    if known is None and isinstance(default, bool):
        known = {"type": ["boolean"]}
    if known is None and key == "dtype":
        known = {"type": [*(["null"] if default is None else []), "string"], "values": DTYPES}
    if known is None:
        known = PARAMETERS.get(key)
    if known is None:
        return probing.schema_of(key, parameter, None, "")
    types = known["type"]
    if default is None and "null" not in types:
        types = ["null", *types]
    if default is not None and "null" in types:
        types = [kind for kind in types if kind != "null"] if not (key == "axis" and "squeeze" in name) else types
    return {**known, "type": types}
