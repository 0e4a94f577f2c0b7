"""Models of text, and of text and images, against transformers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from tests.oracles.oracle import torch
from tests.oracles.recipe import Recipe

transformers = pytest.importorskip("transformers", reason="transformers is not here: `make oracles` installs it")

MASK = [
    [1, 1, 1, 1, 1, 1, 1, 1, 1],  # a whole text
    [1, 1, 1, 1, 1, 0, 0, 0, 0],  # a padded one
    [0, 0, 0, 1, 1, 1, 1, 1, 1],  # one padded in front
    [1, 0, 1, 1, 0, 1, 1, 0, 0],  # one with holes
]
MASKED = {"values": MASK, "dtype": "bool"}
TEXT = {"shape": [4, 9], "below": 50}
SIZES = {"depth": 2, "width": 32, "heads": 4, "context": 9, "vocabulary": 50}
THEIR_SIZES = {"vocab_size": 50, "hidden_size": 32, "num_hidden_layers": 2, "num_attention_heads": 4}
PLAIN = {"bos_token_id": 1, "eos_token_id": 2, "pad_token_id": None, "attn_implementation": "eager"}


def side_by_side(array: np.ndarray) -> np.ndarray:
    """Returns a kernel (width, heads, size) or a bias (heads, size) with its heads side by side."""
    return array.reshape(array.shape[0], -1) if array.ndim > 2 else array.ravel()


def stacked(array: np.ndarray) -> np.ndarray:
    """Returns a kernel (heads, size, width) with its heads on top of each other; a bias as it is."""
    return array.reshape(-1, array.shape[-1]) if array.ndim > 2 else array


def test_bert(agree: Callable[..., None]) -> None:
    recipe = Recipe(
        "papers/bert_base", SIZES, {"text": TEXT, "segments": {"shape": [4, 9], "below": 2}, "mask": MASKED}
    )
    config = transformers.BertConfig(
        **THEIR_SIZES, **PLAIN, intermediate_size=128, max_position_embeddings=9, hidden_act="gelu"
    )
    layer = r"encoder.layer.\1"
    names = [
        ("tokens", "embeddings.word_embeddings"),
        ("positions", "embeddings.position_embeddings"),
        ("sentences", "embeddings.token_type_embeddings"),
        ("layer_normalization", "embeddings.LayerNorm"),
        (r"encoder_(\d+)\.multi_head_attention/attention_output", f"{layer}.attention.output.dense"),
        (r"encoder_(\d+)\.multi_head_attention/(\w+)", rf"{layer}.attention.self.\2"),
        (r"encoder_(\d+)\.layer_normalization", f"{layer}.attention.output.LayerNorm"),
        (r"encoder_(\d+)\.feed_forward\.dense", f"{layer}.intermediate.dense"),
        (r"encoder_(\d+)\.feed_forward\.dense_1", f"{layer}.output.dense"),
        (r"encoder_(\d+)\.layer_normalization_1", f"{layer}.output.LayerNorm"),
        ("pooled", "pooler.dense"),
    ]

    def call(theirs: Any, text: Any, segments: Any, mask: Any) -> Any:
        made = theirs(input_ids=text, token_type_ids=segments, attention_mask=mask.long())
        return {"states": made.last_hidden_state, "pooled": made.pooler_output}

    agree(recipe, transformers.BertModel(config), names, oracle="transformers.BertModel", call=call)


GPT2 = [
    ("tokens", "transformer.wte"),
    ("positions", "transformer.wpe"),
    (r"decoders\.layer_(\d+)\.layer_normalization", r"transformer.h.\1.ln_1"),
    (r"decoders\.layer_(\d+)\.multi_head_attention/query", r"transformer.h.\1.attn.c_attn[0/3]", side_by_side),
    (r"decoders\.layer_(\d+)\.multi_head_attention/key", r"transformer.h.\1.attn.c_attn[1/3]", side_by_side),
    (r"decoders\.layer_(\d+)\.multi_head_attention/value", r"transformer.h.\1.attn.c_attn[2/3]", side_by_side),
    (r"decoders\.layer_(\d+)\.multi_head_attention/attention_output", r"transformer.h.\1.attn.c_proj", stacked),
    (r"decoders\.layer_(\d+)\.layer_normalization_1", r"transformer.h.\1.ln_2"),
    (r"decoders\.layer_(\d+)\.feed_forward\.dense", r"transformer.h.\1.mlp.c_fc", np.asarray),
    (r"decoders\.layer_(\d+)\.feed_forward\.dense_1", r"transformer.h.\1.mlp.c_proj", np.asarray),
    ("layer_normalization", "transformer.ln_f"),
]


@pytest.mark.parametrize("spec, depth, heads", [("gpt2", 2, 4), ("gpt2_xl", 4, 5)])
def test_gpt2(agree: Callable[..., None], spec: str, depth: int, heads: int) -> None:
    sizes = {**SIZES, "depth": depth, "width": 8 * heads, "heads": heads}
    recipe = Recipe(f"papers/{spec}", sizes, {"text": TEXT})
    config = transformers.GPT2Config(
        vocab_size=50, n_embd=8 * heads, n_layer=depth, n_head=heads, n_positions=9, **PLAIN
    )
    agree(
        recipe,
        transformers.GPT2LMHeadModel(config),
        GPT2,
        oracle="transformers.GPT2LMHeadModel",
        call=lambda theirs, text: theirs(input_ids=text).logits,
    )


def test_gpt3(agree: Callable[..., None]) -> None:
    recipe = Recipe("papers/gpt3_175b", {**SIZES, "depth": 4, "band": 3}, {"text": TEXT})
    config = transformers.GPT2Config(vocab_size=50, n_embd=32, n_layer=4, n_head=4, n_positions=9, **PLAIN)

    def call(theirs: Any, text: Any) -> Any:
        """Returns what GPT-2's layers make when every second is told that no more than three places are seen."""
        place = torch.arange(9)
        ahead = place[None, :] - place[:, None]
        seen = [ahead <= 0, (ahead <= 0) & (ahead > -3)]
        states = theirs.transformer.wte(text) + theirs.transformer.wpe(place)
        for number, layer in enumerate(theirs.transformer.h):
            bias = torch.where(seen[number % 2], 0.0, -1e9)[None, None]
            states = layer(states, attention_mask=bias)
            states = states if torch.is_tensor(states) else states[0]
        return theirs.lm_head(theirs.transformer.ln_f(states))

    agree(recipe, transformers.GPT2LMHeadModel(config), GPT2, oracle="transformers.GPT2LMHeadModel", call=call)


LLAMA = [
    ("tokens", "model.embed_tokens"),
    (r"decoder_(\d+)\.rms_normalization", r"model.layers.\1.input_layernorm"),
    (r"decoder_(\d+)\.attention\.query\.dense", r"model.layers.\1.self_attn.q_proj"),
    (r"decoder_(\d+)\.attention\.key\.dense", r"model.layers.\1.self_attn.k_proj"),
    (r"decoder_(\d+)\.attention\.value\.dense", r"model.layers.\1.self_attn.v_proj"),
    (r"decoder_(\d+)\.attention\.output\.dense", r"model.layers.\1.self_attn.o_proj"),
    (r"decoder_(\d+)\.rms_normalization_1", r"model.layers.\1.post_attention_layernorm"),
    ("rms_normalization", "model.norm"),
    ("next_token", "lm_head"),
]
GROUPS = {**SIZES, "groups": 2, "hidden": 48}
THEIR_GROUPS = {**THEIR_SIZES, **PLAIN, "num_key_value_heads": 2, "intermediate_size": 48, "rms_norm_eps": 1e-5}


def masked(theirs: Any, text: Any, mask: Any) -> Any:
    """Returns the logits of a decoder of transformers that is told which tokens are there."""
    return theirs(input_ids=text, attention_mask=mask.long()).logits


def test_llama(agree: Callable[..., None]) -> None:
    recipe = Recipe("papers/llama3_8b", GROUPS, {"text": TEXT, "mask": MASKED})
    rotary = {"rope_type": "default", "rope_theta": 500000.0}
    theirs = transformers.LlamaForCausalLM(transformers.LlamaConfig(**THEIR_GROUPS, rope_parameters=rotary))
    names = [*LLAMA, (r"decoder_(\d+)\.feed_forward\.(\w+)", r"model.layers.\1.mlp.\2_proj")]
    agree(recipe, theirs, names, oracle="transformers.LlamaForCausalLM", call=masked)


def test_mixtral(agree: Callable[..., None]) -> None:
    recipe = Recipe("papers/mixtral_8x7b", {**GROUPS, "experts": 6}, {"text": TEXT, "mask": MASKED})
    agree_on_mixtral(agree, recipe, {**THEIR_GROUPS, "num_local_experts": 6})


def test_mixtral_at_a_small_size(agree: Callable[..., None]) -> None:
    mask = {"values": [[1] * 256, [0] * 100 + [1] * 156], "dtype": "bool"}
    recipe = Recipe("papers/mixtral_small", {}, {"text": {"shape": [2, 256], "below": 8192}, "mask": mask})
    sizes = {"vocab_size": 8192, "hidden_size": 256, "num_hidden_layers": 4, "num_attention_heads": 8}
    agree_on_mixtral(agree, recipe, {**THEIR_GROUPS, **sizes, "intermediate_size": 512, "num_local_experts": 8})


def agree_on_mixtral(agree: Callable[..., None], recipe: Recipe, sizes: dict[str, Any]) -> None:
    """Asserts that a decoder with experts answers as that of transformers."""
    rotary = {"rope_type": "default", "rope_theta": 1000000.0}
    config = transformers.MixtralConfig(**sizes, num_experts_per_tok=2, sliding_window=None, rope_parameters=rotary)
    count = config.num_local_experts

    def parted(array: np.ndarray) -> np.ndarray:
        """Returns what goes into experts side by side (width, experts * hidden) as (experts, hidden, width)."""
        return array.T.reshape(count, -1, array.shape[0])

    def joined(array: np.ndarray) -> np.ndarray:
        """Returns what comes out of experts (experts * hidden, width) as (experts, width, hidden)."""
        return array.reshape(count, -1, array.shape[1]).transpose(0, 2, 1)

    experts = r"model.layers.\1.mlp.experts"
    names = [
        *LLAMA,
        (r"decoder_(\d+)\.feed_forward\.router", r"model.layers.\1.mlp.gate"),
        (r"decoder_(\d+)\.feed_forward\.experts\.gate", f"{experts}.gate_up_proj[0/2]", parted),
        (r"decoder_(\d+)\.feed_forward\.experts\.up", f"{experts}.gate_up_proj[1/2]", parted),
        (r"decoder_(\d+)\.feed_forward\.experts\.down", f"{experts}.down_proj", joined),
    ]
    agree(recipe, transformers.MixtralForCausalLM(config), names, oracle="transformers.MixtralForCausalLM", call=masked)


def test_t5(agree: Callable[..., None]) -> None:
    longer = {"values": [[1] * 40, [1] * 23 + [0] * 17], "dtype": "bool"}
    recipe = Recipe(
        "papers/t5_small",
        {"depth": 2, "width": 32, "heads": 4, "head_width": 8, "hidden": 48, "vocabulary": 50},
        {"source": {"shape": [2, 40], "below": 50}, "source_mask": longer, "so_far": {"shape": [2, 36], "below": 50}},
    )
    config = transformers.T5Config(
        vocab_size=50, d_model=32, num_layers=2, num_heads=4, d_kv=8, d_ff=48, decoder_start_token_id=0
    )
    own, memory, last = (rf"decoder.block.\1.layer.{number}" for number in range(3))
    attention = {"query": "q", "key": "k", "value": "v", "output": "o"}
    names = [
        ("tokens", "shared"),
        ("encoder_positions.embedding", "encoder.block.0.layer.0.SelfAttention.relative_attention_bias"),
        ("decoder_positions.embedding", "decoder.block.0.layer.0.SelfAttention.relative_attention_bias"),
        *(
            (rf"encoder_(\d+)\.attention\.{ours}\.dense", rf"encoder.block.\1.layer.0.SelfAttention.{theirs}")
            for ours, theirs in attention.items()
        ),
        *(
            (rf"decoder_(\d+)\.attention\.{ours}\.dense", f"{own}.SelfAttention.{theirs}")
            for ours, theirs in attention.items()
        ),
        *(
            (rf"decoder_(\d+)\.memory_attention\.{ours}\.dense", f"{memory}.EncDecAttention.{theirs}")
            for ours, theirs in attention.items()
        ),
        (r"encoder_(\d+)\.norm", r"encoder.block.\1.layer.0.layer_norm"),
        (r"encoder_(\d+)\.rms_normalization", r"encoder.block.\1.layer.1.layer_norm"),
        (r"encoder_(\d+)\.feed_forward\.dense", r"encoder.block.\1.layer.1.DenseReluDense.wi"),
        (r"encoder_(\d+)\.feed_forward\.dense_1", r"encoder.block.\1.layer.1.DenseReluDense.wo"),
        (r"decoder_(\d+)\.norm", f"{own}.layer_norm"),
        (r"decoder_(\d+)\.rms_normalization", f"{memory}.layer_norm"),
        (r"decoder_(\d+)\.rms_normalization_1", f"{last}.layer_norm"),
        (r"decoder_(\d+)\.feed_forward\.dense", f"{last}.DenseReluDense.wi"),
        (r"decoder_(\d+)\.feed_forward\.dense_1", f"{last}.DenseReluDense.wo"),
        ("rms_normalization", "encoder.final_layer_norm"),
        ("rms_normalization_1", "decoder.final_layer_norm"),
    ]
    agree(
        recipe,
        transformers.T5ForConditionalGeneration(config),
        names,
        oracle="transformers.T5ForConditionalGeneration",
        call=lambda theirs, source, source_mask, so_far: (
            theirs(input_ids=source, attention_mask=source_mask.long(), decoder_input_ids=so_far).logits
        ),
    )


def test_clip(agree: Callable[..., None]) -> None:
    texts = [[47, 3, 9, 20, 49, 0, 0, 0, 0], [47, 5, 1, 30, 31, 32, 2, 4, 49], [47, 49, 0, 0, 0, 0, 0, 0, 0]]
    recipe = Recipe(
        "papers/clip_vit_b32",
        {"depth": 2, "image_width": 128, "text_width": 64, "size": 32, "resolution": 24, "patch": 8}
        | {"context": 9, "vocabulary": 50},
        {"image": {"shape": [2, 24, 24, 3]}, "text": {"values": texts, "dtype": "int32"}},
        network="clip",
    )
    sizes = {"num_hidden_layers": 2, "attn_implementation": "eager"}
    text = {"hidden_size": 64, "intermediate_size": 256, "num_attention_heads": 1, "vocab_size": 50}
    text |= {"max_position_embeddings": 9, "bos_token_id": 47, "eos_token_id": 49, "pad_token_id": 0}
    image = {"hidden_size": 128, "intermediate_size": 512, "num_attention_heads": 2, "image_size": 24, "patch_size": 8}
    config = transformers.CLIPConfig(text_config={**sizes, **text}, vision_config={**sizes, **image}, projection_dim=32)
    names: list[Any] = [("temperature", "logit_scale", np.squeeze)]
    for ours, theirs in {"image_tower": "vision_model", "text_tower": "text_model"}.items():
        layer = rf"{theirs}.encoder.layers.\1"
        names += [
            (rf"{ours}\.add_positions\.position_embedding", f"{theirs}.embeddings.position_embedding"),
            (rf"{ours}\.encoder_(\d+)\.layer_normalization", f"{layer}.layer_norm1"),
            (rf"{ours}\.encoder_(\d+)\.multi_head_attention/attention_output", f"{layer}.self_attn.out_proj"),
            (rf"{ours}\.encoder_(\d+)\.multi_head_attention/query", f"{layer}.self_attn.q_proj"),
            (rf"{ours}\.encoder_(\d+)\.multi_head_attention/key", f"{layer}.self_attn.k_proj"),
            (rf"{ours}\.encoder_(\d+)\.multi_head_attention/value", f"{layer}.self_attn.v_proj"),
            (rf"{ours}\.encoder_(\d+)\.layer_normalization_1", f"{layer}.layer_norm2"),
            (rf"{ours}\.encoder_(\d+)\.feed_forward\.dense", f"{layer}.mlp.fc1"),
            (rf"{ours}\.encoder_(\d+)\.feed_forward\.dense_1", f"{layer}.mlp.fc2"),
        ]
    names += [
        (r"image_tower\.conv2d", "vision_model.embeddings.patch_embedding"),
        (r"image_tower\.class_token", "vision_model.embeddings.class_embedding", np.squeeze),
        (r"image_tower\.layer_normalization", "vision_model.pre_layrnorm"),
        (r"image_tower\.layer_normalization_1", "vision_model.post_layernorm"),
        (r"image_tower\.image_embedding", "visual_projection"),
        (r"text_tower\.embedding", "text_model.embeddings.token_embedding"),
        (r"text_tower\.layer_normalization", "text_model.final_layer_norm"),
        (r"text_tower\.text_embedding", "text_projection"),
    ]
    agree(
        recipe,
        transformers.CLIPModel(config),
        names,
        oracle="transformers.CLIPModel",
        call=lambda theirs, image, text: (
            (
                theirs(pixel_values=image.permute(0, 3, 1, 2), input_ids=text, attention_mask=torch.ones_like(text))
            ).logits_per_image
        ),
    )
