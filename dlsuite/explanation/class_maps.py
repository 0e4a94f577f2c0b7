"""Where in a picture or a spectrogram a convolution saw what was answered."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

import keras
import numpy as np
from keras import ops

from dlsuite.explanation.aims import take_aim
from dlsuite.explanation.asking import ExplanationError, find_network, find_task, put, watch
from dlsuite.explanation.entries import Entry, find_entries
from dlsuite.explanation.gradients import differentiate
from dlsuite.explanation.showing import show
from dlsuite.explanation.walking import Call, all_nodes, replacing
from dlsuite.objectives.play import Play
from dlsuite.runs import Run
from dlsuite.spec.errors import suggest


class ClassMap(NamedTuple):
    """Where a layer saw something.

    Attributes:
        values: From 0 to 1, float32, (height, width) of a picture, (frames, bands) of a spectrogram, (samples,) of a
            sound that no spectrogram is made of.
        shown: What to show them on: the picture as uint8 (height, width, channels), or the spectrogram or the samples.
        layer: Whose maps were weighed.
        target: The class or number.
        place: Of a sequence of answers, which one, from 0.
        score: Of the target.
    """

    values: np.ndarray
    shown: np.ndarray
    layer: str
    target: str
    place: int | None
    score: float


def explainable_layers(run: Run, answer: str | None = None) -> list[str]:
    """Returns the layers whose maps `grad_cam` can weigh, from the input on: those with values at several places.

    Args:
        run: One that reads pictures or sounds; others have none.
        answer: The target that is answered, by default the first.

    Raises:
        ExplanationError: The run gives no such answer.

    Example:
        >>> explainable_layers(open_run("runs/digits_cnn/20250101-120000-ab12cd"))
        ['conv.conv2d', 'conv.batch_normalization', 'conv.re_lu', ...]
    """
    return [name for name, _ in _layers(_play(run, answer))]


def last_convolution(run: Run, answer: str | None = None) -> str:
    """Returns the layer that `grad_cam` weighs the maps of where none is named; arguments as of `explainable_layers`.

    Raises:
        ExplanationError: There is no convolution.
    """
    return _default(_layers(_play(run, answer)))


def grad_cam(
    run: Run,
    inputs: Any,
    target: str | int | None = None,
    layer: str | None = None,
    *,
    place: int | None = None,
    answer: str | None = None,
) -> ClassMap:
    """Returns where a layer saw a class, by Grad-CAM: its maps, each weighed by how much the score grows with it.

    The weight of a map is the mean of the score's gradient over its places, a_k = 1/Z sum_ij dy/dA^k_ij (equation 1);
    the answer is ReLU(sum_k a_k A^k) (equation 2), made as large as the picture (bilinear) and divided by its greatest
    value. Selvaraju et al. 2017, https://arxiv.org/abs/1610.02391. Maps that have an axis of time alone are shown alike
    in all bands of a spectrogram; where a sound is over, there is nothing.

    Args:
        run: A trained run.
        inputs: One picture or sound, as `predict` takes it.
        target: A class by name or number; by default the one that is answered.
        layer: One of `explainable_layers`; by default the last convolution.
        place: Of a sequence of answers, which one, from 0, such as a frame of a transcript; by default where the target
            is most probable.
        answer: The target that is answered, where there are several; by default the first.

    Raises:
        DataError: The input cannot be read.
        ExplanationError: There is no such layer, class or place, or the run reads neither pictures nor sounds.

    Example:
        >>> grad_cam(open_run("runs/digits_cnn/20250101-120000-ab12cd"), "seven.png").values.shape
        (8, 8)
    """
    play = put(run, inputs, answer, "grad_cam")
    seen, layers = _seen(play), _layers(play)
    layer = _default(layers) if layer is None else _known(layer, layers)
    kept: dict[str, Any] = {}

    def keep(call: Call) -> Any:
        made = call.run()
        if call.path == layer:
            kept[layer] = made
        return made

    aim = take_aim(play, watch(play, keep), target, place)
    scores, found = differentiate(lambda tensors: aim.score(watch(play, replacing(tensors))), kept)
    gradient = found[layer]
    if gradient is None:
        raise ExplanationError(f"`{layer}` has no part in the answer `{play.task.target}`.")
    weighed = weigh_maps(ops.convert_to_numpy(ops.cast(kept[layer], "float32"))[0], gradient[0])
    entry = next(one for one in find_entries(play)[0] if one.name == seen)
    values = _spread(weighed, entry)
    return ClassMap(values, show(play, entry), layer, aim.name, aim.place, float(scores[0]))


def weigh_maps(maps: np.ndarray, gradient: np.ndarray) -> np.ndarray:
    """Returns the class map (places, ...) of maps (places, ..., channels) and the score's gradient there."""
    weights = gradient.reshape(-1, gradient.shape[-1]).mean(0)  # (channels,), equation 1
    return np.maximum((maps * weights).sum(-1), 0).astype(np.float32)  # equation 2


def _spread(weighed: np.ndarray, entry: Entry) -> np.ndarray:
    """Returns a class map at the size of the input that it is shown on, its greatest value 1."""
    shape = tuple(entry.value.shape[1:])
    if entry.spectrogram:
        bands, frames = shape
        along = weighed[:, None] if weighed.ndim == 1 else _time_first(weighed, frames, bands)
        values = _resize(along, (frames, bands)) * entry.filled[:, None]
    elif entry.axis:  # samples
        values = _resize(weighed.reshape(len(weighed), -1).mean(-1, keepdims=True), (shape[0], 1))[:, 0] * entry.filled
    else:
        values = _resize(weighed, shape[:2])
    return values / max(values.max(), np.finfo(np.float32).tiny)


def _time_first(weighed: np.ndarray, frames: int, bands: int) -> np.ndarray:
    """Returns a map of a spectrogram as (frames, bands): the way round that shrinks both axes more alike."""
    unlike = [abs(np.log((a / frames) / (b / bands))) for a, b in (weighed.shape, weighed.shape[::-1])]
    return weighed if unlike[0] <= unlike[1] else weighed.T


def _resize(values: np.ndarray, shape: Iterable[int]) -> np.ndarray:
    resized = ops.image.resize(values[None, :, :, None], tuple(shape), interpolation="bilinear")
    return ops.convert_to_numpy(resized)[0, :, :, 0]


def _play(run: Run, answer: str | None) -> Play:
    """Returns a play of a run without tensors."""
    outputs = {name: tuple(network.body.outputs) for name, network in run.plan.networks.items()}
    task = run.plan.train[-1].objectives[find_task(run, answer)]
    return Play(task, run.models, outputs, run.features, {})


def _seen(play: Play) -> str | None:
    """Returns the input that is a picture or a sound, if there is one."""
    names = [tensor.name for tensor in find_network(play).inputs if tensor.name in play.features]
    return next((name for name in names if hasattr(play.features[name], "affine")), None)


def _layers(play: Play) -> list[tuple[str, Any]]:
    """Returns the layers with values at several places of a picture or a sound, by name, from the first convolution."""
    if not _seen(play):
        return []
    every = [(name, node) for name, node in all_nodes(find_network(play))]
    first = next((i for i, (_, node) in enumerate(every) if _is_convolution(node.operation)), len(every))
    spatial = [(name, node) for name, node in every[first:] if _is_spatial(node)]
    rank = max((len(node.outputs[0].shape) for _, node in spatial), default=0)  # 3 where maps have one axis
    return [(name, node.operation) for name, node in spatial if len(node.outputs[0].shape) == rank]


def _is_spatial(node: Any) -> bool:
    """Returns whether a call is of a layer that makes (batch, places, channels), or one more axis of places."""
    output = node.outputs[0]
    if not isinstance(node.operation, keras.layers.Layer) or len(node.outputs) > 1 or len(output.shape) not in (3, 4):
        return False
    return "float" in output.dtype and any(size != 1 for size in output.shape[1:-1])


def _default(layers: list[tuple[str, Any]]) -> str:
    convolutions = [name for name, layer in layers if _is_convolution(layer)]
    if not convolutions:
        raise ExplanationError("There is no convolution over a picture or a sound, whose maps Grad-CAM could weigh.")
    return convolutions[-1]


def _is_convolution(layer: Any) -> bool:
    """Returns whether a layer is a convolution, be it wrapped as by SpectralNormalization."""
    from keras.src.layers.convolutional.base_conv import BaseConv
    from keras.src.layers.convolutional.base_depthwise_conv import BaseDepthwiseConv
    from keras.src.layers.convolutional.base_separable_conv import BaseSeparableConv

    kinds = (BaseConv, BaseDepthwiseConv, BaseSeparableConv)
    return isinstance(getattr(layer, "layer", layer), kinds)


def _known(layer: str, layers: list[tuple[str, Any]]) -> str:
    names = [name for name, _ in layers]
    if layer not in names:
        raise ExplanationError(f"There are no maps of `{layer}`. {suggest(layer, names, what='layers')}")
    return layer
