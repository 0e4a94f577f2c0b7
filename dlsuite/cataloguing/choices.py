"""What is chosen by hand: names that are no components, arguments that are left out, and what probing cannot tell."""

from __future__ import annotations

from typing import Any

from dlsuite.cataloguing.named_arguments import Schema, words

DENIED = {
    "Lambda": "runs code",
    "TFSMLayer": "loads a file",
    "JaxLayer": "runs code",
    "FlaxLayer": "runs code",
    "TorchModuleWrapper": "runs code",
    "Layer": "abstract",
    "Wrapper": "abstract",
    "InputSpec": "no layer",
    "Input": "inputs stand under `inputs`",
    "InputLayer": "inputs stand under `inputs`",
    "Loss": "abstract",
    "Metric": "abstract",
    "MeanMetricWrapper": "takes a function",
    "Optimizer": "abstract",
    "MultiOptimizer": "the language has its own form",
    "OptimizerMap": "the language has its own form",
    "LearningRateSchedule": "abstract",
    "Initializer": "abstract",
    "Regularizer": "abstract",
    "Constraint": "abstract",
    "Callback": "abstract",
    "CallbackList": "no callback",
    "History": "always there",
    "ProgbarLogger": "training brings its own",
    "LambdaCallback": "runs code",
    "Masking": "masks are explicit",
    "LearningRateScheduler": "takes a function",
    "OrbaxCheckpoint": "training keeps its own checkpoints",
    "RemoteMonitor": "reaches the network",
    "keras_hub.AudioConverter": "abstract",
    "keras_hub.ImageConverter": "abstract",
    "keras_hub.Backbone": "abstract",
    "keras_hub.FeaturePyramidBackbone": "abstract",
    "keras_hub.Task": "abstract",
    "keras_cv.BaseAugmentationLayer3D": "abstract",
    "keras_cv.BaseImageAugmentationLayer": "abstract",
    "keras_cv.VectorizedBaseImageAugmentationLayer": "abstract",
    "keras_cv.Augmenter": "no layer of its own",
}
"""Why a public name is no component."""

LEFT_OUT = frozenset(
    words(
        "self name dtype trainable quantization_config gptq_unpacked_column_size input_tensor variables "
        "skip_fn skip_py_fn "
        "preprocessor token_embedding embeddings_metadata log_dir filepath filename backup_dir rng compile"
    )
)
"""Arguments that the language adds, that take paths, functions or objects, or that it refuses."""

LEFT_OUT_OF_LAYERS = frozenset({"weights"})

UNTRIED = frozenset(
    words(
        "AugMix keras_hub.SAMMaskDecoder keras_hub.Gemma4AudioConverter RandAugment RandomColorJitter "
        "RandomElasticTransform "
        "keras_cv.AugMix keras_cv.RandAugment "
        "keras_cv.RandomColorJitter keras_hub.SAM3DetrDecoder keras_hub.SAM3VisionEncoder "
        "keras_hub.Gemma3nAudioConverter "
        "keras_hub.SAM3DetrEncoder keras_hub.SAM3TextEncoder keras_hub.SAM3GeometryEncoder keras_hub.SAM3MaskDecoder"
    )
)
"""Constructors that are too slow to be tried hundreds of times."""

STAND_INS: dict[str, Any] = {
    "activation": "relu",
    "backup_dir": "backup",
    "bounding_box_format": "xyxy",
    "dims": [1, 2],
    "equation": "ab,bc->ac",
    "filename": "log.csv",
    "filepath": "model.keras",
    "log_dir": "logs",
    "output_shape": [2],
    "target_size": [2, 2],
    "value_range": [0, 255],
}
"""Values for required arguments while others are tried."""

KINDS = {
    "activation": "activation",
    "recurrent_activation": "activation",
    "intermediate_activation": "activation",
    "hidden_activation": "activation",
    "classifier_activation": "activation",
    "squeeze_activation": "activation",
    "excite_activation": "activation",
    "stackwise_activation": None,
    "initializer": "initializer",
    "loss": "loss",
    "inner_optimizer": "optimizer",
    "layer": "layer",
    "backward_layer": "layer",
    "cell": "layer",
    "cells": "layer",
    "layers": "layer",
    "backbone": "layer",
    "image_encoder": "layer",
    "vision_encoder": "layer",
    "text_encoder": "layer",
    "audio_encoder": "layer",
    "prompt_encoder": "layer",
    "mask_decoder": "layer",
    "qformer": "layer",
    "language_model": "layer",
    "geometry_encoder": "layer",
    "detr_encoder": "layer",
    "detr_decoder": "layer",
    "vae": "layer",
    "clip_l": "layer",
    "clip_g": "layer",
    "t5": "layer",
    "augmenters": "layer",
}
"""Which components an argument of that name takes."""

SUFFIXES = {"_initializer": "initializer", "_regularizer": "regularizer", "_constraint": "constraint"}

MANY = frozenset({"cells", "layers", "augmenters"})
"""Arguments that take a list of components."""

SPECIAL: dict[tuple[str, str], Schema] = {
    ("RandomFlip", "mode"): {"type": ["string"], "values": ["horizontal", "horizontal_and_vertical", "vertical"]},
    ("Normalization", "mean"): {"type": ["null", "number", "array"], "items": {"type": ["number", "array"]}},
    ("Normalization", "variance"): {"type": ["null", "number", "array"], "items": {"type": ["number", "array"]}},
    ("Permute", "dims"): {"type": ["array"], "items": {"type": ["integer"], "min": 1}, "minItems": 1},
    ("Reshape", "target_shape"): {"type": ["array"], "items": {"type": ["integer"], "min": -1}},
    **{
        (f"{name}{rank}D", argument): {
            "type": ["integer", "array"],
            "items": {"type": ["integer", "array"], "min": 0},
            "min": 0,
            "minItems": rank,
            "maxItems": rank,
        }
        for name, argument in (("Cropping", "cropping"), ("ZeroPadding", "padding"))
        for rank in (2, 3)
    },
}
"""Arguments of single components that neither names nor constructors tell."""

SCALE: dict[str, Schema] = {"scale_learning_rate": {"type": ["boolean"], "default": False}}
"""Whether the learning rate of the spec is multiplied by the number of replicas."""
STRATEGIES: dict[str, dict[str, Schema]] = {
    "Auto": SCALE,
    "MirroredStrategy": {
        "devices": {"type": ["null", "array"], "items": {"type": ["string"]}, "default": None},
        **SCALE,
    },
    "MultiWorkerMirroredStrategy": {
        "communication": {"type": ["string"], "values": ["auto", "nccl", "ring"], "default": "auto"},
        **SCALE,
    },
    "OneDeviceStrategy": {"device": {"type": ["string"]}},
    "TPUStrategy": {"tpu": {"type": ["null", "string"], "default": None}, **SCALE},
}
"""Distribution: `Auto` is our own, the others are named as in `tf.distribute`."""

OUTPUTS: dict[str, int | str | None] = {
    **dict.fromkeys(words("ConvLSTM1D ConvLSTM2D ConvLSTM3D LSTM"), "=3 if return_state else 1"),
    **dict.fromkeys(words("GRU SimpleRNN"), "=2 if return_state else 1"),
    **dict.fromkeys(
        words("AdditiveAttention Attention GroupQueryAttention MultiHeadAttention"),
        "=2 if return_attention_scores else 1",
    ),
    **dict.fromkeys(
        words("Bidirectional GRUCell LSTMCell RNN SimpleRNNCell SpectralNormalization StackedRNNCells TimeDistributed")
    ),
}
"""How many tensors a layer of Keras makes, where it is not one: a number, an expression over its arguments and those of
its call; `None` where a layer inside decides."""
