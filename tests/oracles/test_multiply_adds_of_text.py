"""Parameters and multiply-adds of models of text at their published sizes, as torch counts those of transformers.

Nothing is allocated: the models stand on torch's device `meta`, GPT-3 too.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pytest

from tests.oracles.oracle import flop_counter, torch
from tests.oracles.test_multiply_adds import keep
from tests.oracles.texts import transformers

EAGER = {"attn_implementation": "eager"}
"""The counter does not see inside fused attention."""


def text(length: int, prefix: str = "") -> dict[str, Any]:
    """Returns tokens."""
    return {f"{prefix}input_ids": torch.zeros(1, length, dtype=torch.long)}


def causal(length: int) -> dict[str, Any]:
    """Returns tokens and a mask of a decoder, which it need not work out from them."""
    return {**text(length), "attention_mask": torch.ones(1, 1, length, length), "use_cache": False}


def gpt(**sizes: int) -> Any:
    """Returns a model of the GPT-2 kind; without sizes, GPT-2 small."""
    return transformers.GPT2LMHeadModel(transformers.GPT2Config(**sizes, **EAGER))


def llama() -> Any:
    """Returns Llama 3 8B."""
    config = transformers.LlamaConfig(
        vocab_size=128256, hidden_size=4096, intermediate_size=14336, num_hidden_layers=32,
        num_attention_heads=32, num_key_value_heads=8, **EAGER,
    )  # fmt: skip
    return transformers.LlamaForCausalLM(config)


MODELS: Mapping[str, tuple[Callable[[], Any], Callable[[], dict[str, Any]]]] = {
    "bert_base": (lambda: transformers.BertModel(transformers.BertConfig(**EAGER)), lambda: text(512)),
    "gpt2": (gpt, lambda: causal(1024)),
    "gpt2_xl": (lambda: gpt(n_embd=1600, n_layer=48, n_head=25), lambda: causal(1024)),
    "gpt3_175b": (lambda: gpt(n_embd=12288, n_layer=96, n_head=96, n_positions=2048), lambda: causal(2048)),
    "t5_small": (
        lambda: transformers.T5ForConditionalGeneration(transformers.T5Config()),
        lambda: {**text(256), **text(256, "decoder_"), "use_cache": False},
    ),
    "llama3_8b": (llama, lambda: causal(8192)),
    "clip_vit_b32.image_tower": (
        lambda: transformers.CLIPVisionModelWithProjection(transformers.CLIPVisionConfig(**EAGER)),
        lambda: {"pixel_values": torch.zeros(1, 3, 224, 224)},
    ),
    "clip_vit_b32.text_tower": (
        lambda: transformers.CLIPTextModelWithProjection(transformers.CLIPTextConfig(**EAGER)),
        lambda: text(77),
    ),
}
"""How each is made, where its defaults are not the published sizes, and what it reads."""


@pytest.mark.parametrize("name", MODELS)
def test_torch_counts(request: pytest.FixtureRequest, name: str) -> None:
    make, read = MODELS[name]
    with torch.device("meta"):
        model, inputs = make().eval(), read()
    with flop_counter.FlopCounterMode(display=False) as counter, torch.no_grad():
        model(**inputs)
    parameters = sum(value.numel() for value in model.parameters())
    found = {"parameters": parameters, "multiply_adds": counter.get_total_flops() // 2, "oracle": "transformers"}
    keep(request, name, found)


def test_mixtral_has_as_many_parameters() -> None:
    with torch.device("meta"):
        model = transformers.MixtralForCausalLM(transformers.MixtralConfig())
    counts = {name: value.numel() for name, value in model.named_parameters()}
    experts = sum(count for name, count in counts.items() if ".experts." in name)
    assert sum(counts.values()) == 46_702_792_704
    assert sum(counts.values()) - experts * 6 // 8 == 12_879_925_248  # two of eight act on a token
