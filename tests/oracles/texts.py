"""What models of text are asked, and the sizes of theirs and ours."""

from __future__ import annotations

import pytest

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
