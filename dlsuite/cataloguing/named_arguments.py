"""What arguments of a name take wherever the libraries have them: what neither defaults nor constructors tell."""

from __future__ import annotations

from typing import Any

Schema = dict[str, Any]


def words(text: str) -> list[str]:
    """Returns the words of a text."""
    return text.split()


def one(*types: str, **more: Any) -> Schema:
    """Returns a schema of these types."""
    return {"type": list(types), **more}


def several(*types: str, of: Schema, **more: Any) -> Schema:
    """Returns a schema of an array, or of one of these types."""
    return {"type": [*types, "array"], "items": of, **more}


INTEGER = one("integer")
NUMBER = one("number")
COUNT = one("integer", min=1)
LENGTH = one("null", "integer", min=1)
FRACTION = one("number", min=0, max=1)
LENGTHS = several(of=LENGTH)
SIZES = several("integer", of=COUNT, min=1)
FACTOR = several("number", of=NUMBER)
RANGE = several(of=NUMBER, minItems=2, maxItems=2)
FORMAT = one("null", "string", values=["channels_first", "channels_last"])
BOXES = (
    words("center_xyWH center_xywh center_yxHW rel_xywh rel_xyxy rel_yxhw rel_yxyx xywh xyxy yxhw yxyx")
)  # fmt: skip
COUNTS = words(
    "filters units kernel_size pool_size num_heads key_dim value_dim input_dim output_dim num_tokens num_bins n "
    "depth_multiplier groups head_dim num_query_heads num_key_value_heads height width intermediate_dim hidden_dim "
    "vocabulary_size sequence_length embedding_dim num_layers fft_length frame_length frame_step sequence_stride "
    "sampling_rate num_mel_bins decay_steps first_decay_steps num_classes k max_tokens gradient_accumulation_steps "
    "ema_overwrite_frequency classes num_thresholds ns_steps lora_rank output_sequence_length max_sequence_length "
    "hidden_size mlp_dim project_dim embed_dim num_attention_heads num_experts num_query_tokens sliding_window "
    "head_size intermediate_size num_channels input_filters output_filters bottleneck_filters power_iterations "
    "num_outputs num_labels max_detections block_size num_chains chain_depth top_paths vocab_size num_queries "
    "max_wavelength num_positional_features min_level max_level num_groups steps decoder_num_layers "
    "encoder_num_layers encoder_num_heads decoder_num_heads num_regressors_ num_ops num_oov_tokens max_number"
)

NAMED: dict[str, Schema] = {
    **dict.fromkeys(COUNTS, COUNT),
    **dict.fromkeys(("strides", "dilation_rate", "output_size", "size", "kernel_size", "pool_size"), SIZES),
    **dict.fromkeys(("rate", "dropout", "recurrent_dropout", "dropout_rate", "attention_dropout"), FRACTION),
    **dict.fromkeys(("noise_shape", "target_shape", "image_shape", "input_shape", "text_shape"), LENGTHS),
    "target_shape": several(of=one("null", "integer", min=-1)),
    "attention_logit_soft_cap": one("null", "number"),
    "final_logit_soft_cap": one("null", "number"),
    "logit_soft_cap": one("null", "number"),
    "baseline": one("null", "number"),
    "beta_1": FRACTION,
    "beta_2": FRACTION,
    "ignore_class": one("null", "integer"),
    "margin": one("number"),
    "gamma": one("number"),
    "label_smoothing": FRACTION,
    "match_values": several(of=INTEGER, free=True),
    "max_value": one("null", "number"),
    "min_delta": one("number"),
    "reverse_dtype": one("null", "string"),
    "threshold": one("null", "number"),
    "voxel_size": several(of=NUMBER, free=True),
    "x_factor": several("null", "number", of=NUMBER),
    "y_factor": several("null", "number", of=NUMBER),
    "attention_axes": several("null", "integer", of=INTEGER),
    "axes": several("integer", of=INTEGER),
    "axis": several("null", "integer", of=INTEGER),
    "shared_axes": several("null", "integer", of=COUNT),
    "input_axes": several("null", "integer", of=INTEGER),
    "output_axes": several("null", "integer", of=INTEGER),
    "aspect_ratios": several(of=NUMBER),
    "bin_boundaries": several("null", of=NUMBER),
    "boundaries": several(of=NUMBER, free=True),
    "bounding_box_format": one("null", "string", values=BOXES),
    "brightness_factor": several("null", "number", of=NUMBER),
    "capacity": one("number"),
    "contrast_factor": several("null", "number", of=NUMBER),
    "crop_area_factor": RANGE,
    "data_format": FORMAT,
    "dims": several(of=COUNT, free=True),
    "encoding": one("string"),
    "equation": one("string"),
    "epsilon": one("number", min=0),
    "factor": several("number", of=NUMBER, minItems=2, maxItems=2),
    "fill_mode": one("string", values=["constant", "nearest", "reflect", "wrap"]),
    "fill_value": one("null", "number"),
    "flash_attention": one("null", "boolean"),
    "height_factor": several("number", of=NUMBER, minItems=2, maxItems=2),
    "hue_factor": several("null", "number", of=NUMBER),
    "idf_weights": several("null", of=NUMBER),
    "image_size": several("null", "integer", of=COUNT, min=1, minItems=2, maxItems=2),
    "interpolation": one("string", values=["area", "bicubic", "bilinear", "gaussian", "lanczos3", "lanczos5",
                                           "mitchellcubic", "nearest"]),
    "lora_alpha": one("null", "number"),
    "mask_value": one("null", "number", "string"),
    "mean": several("null", "number", of={}),
    "mode": one("string"),
    "monitor": one("string"),
    "ngrams": several("null", "integer", of=COUNT, min=1),
    "num_oov_indices": one("integer", min=0),
    "oov_token": one("null", "integer", "string"),
    "mask_token": one("null", "integer", "string"),
    "offset": several("null", "number", of=NUMBER),
    "output_shape": several("integer", of=LENGTH, min=1),
    "output_padding": several("null", "integer", of=one("integer", min=0), min=0),
    "patch_size": SIZES,
    "renorm_clipping": one("null", "object"),
    "salt": several("null", "integer", of=INTEGER),
    "saturation_factor": several("null", "number", of=NUMBER),
    "save_freq": one("string", "integer", values=["epoch"], min=1),
    "scale": several("null", "number", of=NUMBER),
    "seed": one("null", "integer", min=0),
    "spatial_size": several(of=NUMBER),
    "standardize": one("null", "string", values=["lower", "lower_and_strip_punctuation", "strip_punctuation"]),
    "split": one("null", "string", values=["character", "whitespace"]),
    "target_size": several(of=COUNT, minItems=2, maxItems=2),
    "thresholds": several("null", "number", of=NUMBER, free=True),
    "tile_grid_size": several(of=COUNT, minItems=2, maxItems=2),
    "top_k": LENGTH,
    "class_id": one("null", "integer", min=0),
    "target_class_ids": several(of=INTEGER),
    "label_weights": several("null", of=NUMBER),
    "use_cudnn": one("boolean", "string", values=["auto"]),
    "update_freq": one("string", "integer", values=["batch", "epoch"], min=1),
    "profile_batch": several("integer", of=INTEGER, minItems=2, maxItems=2),
    "value": one("number", "boolean"),
    "value_range": RANGE,
    "values": several(of=NUMBER, free=True),
    "variance": several("null", "number", of={}),
    "verbose": one("integer", min=0, max=2),
    "vocabulary": several("null", of=one("integer", "string"), minItems=1),
    "exclude_layers": several("null", of=one("string")),
    "weight_decay": one("null", "number", min=0),
    "warmup_target": one("null", "number"),
    "width_factor": several("null", "number", of=NUMBER, minItems=2, maxItems=2),
    "window": one("null", "string", values=["hamming", "hann"]),
}  # fmt: skip
"""Schemas by name; cataloguing keeps of them what each constructor takes."""
