"""Floating-point operations of TensorFlow's operations, from shapes alone.

The rule: a multiplication and an addition are two operations; what is computed element by element is one for each
element that comes out (softmax 5, `rsqrt` and squared differences 2, as TensorFlow's profiler has it); a sum is one for
each element that goes in; moving, choosing, logic and drawing numbers are none. Where TensorFlow's profiler knows an
operation, the count is the profiler's, but for transposed convolutions without padding, of which it also counts what
lies outside the picture. It does not know `Einsum`, loops and most functions of one variable.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import tensorflow as tf

from dlsuite.summary.amounts import NOTHING, Amount

_MOVES = """
AddManySparseToTensorsMap All Any AsString Assert BatchToSpaceND Bitcast BroadcastArgs BroadcastGradientArgs
BroadcastTo Bucketize Cast CheckNumerics Concat ConcatOffset ConcatV2 Const DepthToSpace DynamicPartition
DynamicStitch Empty EmptyTensorList EnsureShape ExpandDims ExtractImagePatches Fill Gather GatherNd GatherV2
Identity IdentityN Imag InvertPermutation IsFinite IsInf IsNan LinSpace LogicalAnd LogicalNot LogicalOr
MatrixBandPart MatrixDiagPartV3 MatrixDiagV3 MirrorPad MirrorPadGrad NoOp OneHot OnesLike Pack Pad PadV2
ParallelDynamicStitch Placeholder PlaceholderWithDefault PreventGradient RandomStandardNormal RandomUniform
RandomUniformInt Range Rank Real Reshape ResourceGather Reverse ReverseSequence ReverseV2 Roll ScatterNd Select
SelectV2 Shape ShapeN Size Slice Snapshot SpaceToBatchND SpaceToDepth Split SplitV Squeeze StatelessRandomGetAlg
StatelessRandomGetKeyCounter StatelessRandomNormalV2 StatelessRandomUniformFullIntV2 StatelessRandomUniformIntV2
StatelessRandomUniformV2 StatelessTruncatedNormalV2 StopGradient StridedSlice StridedSliceGrad TensorListConcatV2
TensorListElementShape TensorListFromTensor TensorListGather TensorListGetItem TensorListLength TensorListPopBack
TensorListPushBack TensorListReserve TensorListResize TensorListScatterV2 TensorListSetItem TensorListStack
TensorScatterUpdate Tile Transpose Unpack UnravelIndex Where ZerosLike
"""
MOVES = frozenset(_MOVES.split())
ELEMENTWISE = {"Softmax": 5, "LogSoftmax": 5, "Rsqrt": 2, "RsqrtGrad": 4, "SquaredDifference": 2}
"""Operations for each element that comes out, where they are not one."""
SUMS = frozenset(["Sum", "Max", "Min", "Prod", "ArgMax", "ArgMin", "BiasAddGrad", "EuclideanNorm"])
SEGMENTS = frozenset(["UnsortedSegmentSum", "SegmentSum", "SegmentMean", "Cumsum", "Cumprod", "TensorScatterAdd"])
CONVOLUTIONS = frozenset(["Conv2D", "Conv3D", "DepthwiseConv2dNative"])
BACK = {
    "Conv2DBackpropInput": (2, 1),
    "Conv3DBackpropInputV2": (2, 1),
    "DepthwiseConv2dNativeBackpropInput": (2, 1),
    "Conv2DBackpropFilter": (2, None),
    "Conv3DBackpropFilterV2": (2, None),
    "DepthwiseConv2dNativeBackpropFilter": (2, None),
}
"""Where the gradient that comes in stands, and the filter (`None`: it is what comes out)."""
POOLS = {"AvgPool": 1, "MaxPool": 1, "AvgPool3D": 1, "MaxPool3D": 1, "AvgPoolGrad": 2, "AvgPool3DGrad": 2}


def count(operation: Any) -> Amount:
    """Returns the floating-point operations of one operation of a TensorFlow graph, loops and calls left out."""
    kind = operation.type
    if kind in MOVES or not operation.outputs:
        return NOTHING
    if (special := _SPECIAL.get(kind)) is not None:
        return special(operation)
    if kind in CONVOLUTIONS:
        return _convolution(operation, size(operation.outputs[0]), operation.inputs[1].shape)
    if kind in BACK:
        gradient, filter = BACK[kind]
        shape = operation.outputs[0].shape if filter is None else operation.inputs[filter].shape
        return _convolution(operation, size(operation.inputs[gradient]), shape)
    if kind in POOLS:
        large = size(operation.inputs[1] if kind.endswith("Grad") else operation.outputs[0])
        return large * (POOLS[kind] * _product(operation.get_attr("ksize")))
    if kind in ("MaxPoolGrad", "MaxPool3DGrad"):
        return size(operation.inputs[1]) * (_product(operation.get_attr("ksize")) + 1)
    if kind in SUMS:
        return size(operation.inputs[0]) - size(operation.outputs[0])
    if kind in SEGMENTS:
        return size(operation.inputs[-1 if kind == "TensorScatterAdd" else 0])
    return size(operation.outputs[0]) * ELEMENTWISE.get(kind, 1)


def size(tensor: Any) -> Amount:
    """Returns the number of a tensor's elements."""
    shape = tensor.shape
    return Amount.of(shape.as_list()) if shape.rank is not None else Amount(1)


def _product(lengths: Any) -> int:
    result = 1
    for one in lengths:
        result *= int(one)
    return result


def _convolution(operation: Any, places: Amount, filter: Any) -> Amount:
    """Two for each place of the smaller picture and weight that acts there."""
    lengths = filter.as_list()
    depth = 1 if operation.type.startswith("Depthwise") else lengths[-2]
    return places * (2 * _product(lengths[:-2]) * depth)


def _matmul(operation: Any) -> Amount:
    left, out = operation.inputs[0], operation.outputs[0].shape.as_list()
    transposed = operation.get_attr("transpose_a" if operation.type == "MatMul" else "adj_x")
    inner = left.shape[-2 if transposed else -1]
    return 2 * Amount.of([*out, inner])


def _einsum(operation: Any) -> Amount:
    equation = operation.get_attr("equation").decode()
    terms, _, result = equation.partition("->")
    lengths: dict[str, int | None] = {}
    for term, tensor in zip(terms.split(","), operation.inputs, strict=True):
        shape = tensor.shape.as_list()
        head, dots, tail = term.partition("...")
        hidden = len(shape) - len(head) - len(tail) if dots else 0
        labels = [*head, *(f".{hidden - i}" for i in range(hidden)), *tail]
        for label, length in zip(labels, shape, strict=True):
            lengths[label] = max(lengths.get(label) or 1, length or 1)
    summed = any(label not in result and not label.startswith(".") for label in lengths)
    several = "," in terms
    if not several and not summed:
        return NOTHING
    return Amount.of(list(lengths.values())) * (1 + (several and summed))


def _mean(operation: Any) -> Amount:
    return size(operation.inputs[0])


def _add_n(operation: Any) -> Amount:
    return size(operation.inputs[0]) * (len(operation.inputs) - 1)


def _fft(operation: Any) -> Amount:
    """5 N log2 N for each transform of N complex numbers, half of that for real ones (radix 2; Cooley, Tukey 1965)."""
    whole = operation.outputs[0] if operation.type == "IRFFT" else operation.inputs[0]
    length = tf.get_static_value(operation.inputs[1])[0] if operation.type != "FFT" else whole.shape[-1]
    each = 5.0 if operation.type == "FFT" else 2.5
    return Amount.of(whole.shape.as_list()[:-1]) * round(each * length * math.log2(max(length, 2)))


def _top_k(operation: Any) -> Amount:
    return size(operation.inputs[0])


_SPECIAL: dict[str, Callable[[Any], Amount]] = {
    "MatMul": _matmul,
    "BatchMatMul": _matmul,
    "BatchMatMulV2": _matmul,
    "BatchMatMulV3": _matmul,
    "Einsum": _einsum,
    "Mean": _mean,
    "AddN": _add_n,
    "FFT": _fft,
    "RFFT": _fft,
    "IRFFT": _fft,
    "TopKV2": _top_k,
}
