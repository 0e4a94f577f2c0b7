"""The first training examples of a draft, as a network would be given them."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from typing import Any

import streamlit as st

from apps.widgets.drafts import Draft, ask
from apps.widgets.faults import plain

SHUFFLES = 99


def show_examples(draft: Draft) -> None:
    """Draws examples after augmentation: pictures, sounds, texts, numbers."""
    seed = st.number_input("Shuffle and augmentation", 0, SHUFFLES, key="shuffle", bind="query-params", width=260)
    found = ask("examples", draft, seed=int(seed))
    counts = ", ".join(f"{count:,} {split}" for split, count in found["counts"].items())
    st.caption(f"{counts} examples. The first of a shuffled epoch, augmented as in training:")
    for warning in found["warnings"]:
        st.warning(plain(warning))
    examples = found["examples"]
    for start in range(0, len(examples), 3):
        for column, example in zip(st.columns(3), examples[start : start + 3], strict=False):
            with column.container(border=True):
                _show(example)


def _show(example: Mapping[str, Any]) -> None:
    for name, value in example.items():
        if "text" in value:
            st.markdown(f":small[:gray[{plain(name)}]]  \n{plain(value['text'])}")
            continue
        data = base64.b64decode(value["base64"])
        if value["suffix"] == ".wav":
            st.audio(data, "audio/wav", alt=f"Example of {name}")
        else:
            st.image(data, alt=f"Example of {name}", width="stretch")
