"""The networks of a draft: a picture that can be looked into, and a table of layers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd
import streamlit as st

from apps.widgets.drafts import Draft, ask
from apps.widgets.faults import plain
from dlsuite.drafting import BOXES

INSIDE, PART = "inside", "part"
"""Of the address: the block that is looked into, and the first box that is drawn where there are many."""
HEIGHT = 520
COUNTED = "counted"
"""Of the text whose operations were asked for, though its layers are many."""
COUNTING = 300.0
"""Seconds that counting may take."""
PACE = "1,000 different layers take about 10 s on a fast machine, and a minute on a slow one."


def show_graph(draft: Draft, known: Mapping[str, Any]) -> None:
    """Draws the networks, blocks closed where there are many; one block can be looked into at a time.

    Args:
        draft: Without faults.
        known: What only the data knows.
    """
    asked, start = _addressed()
    found = ask("draw", draft, known=known, inside=asked, start=start)
    inside = found["inside"]
    if inside != asked:  # what the address names is not there, or not any more
        _go(inside)
    _navigate(inside, found["blocks"])
    if found["boxes"] > BOXES:
        _leaf_through(found["boxes"], inside, found["start"])
    name = draft.at.stem
    with st.container(height=HEIGHT, horizontal_alignment="center"):
        st.graphviz_chart(found["dot"], alt=f"Graph of {' in '.join([*reversed(inside), name])}")
    st.download_button("Download the graph", found["dot"], f"{name}.dot", "text/vnd.graphviz", on_click="ignore")


def show_layers(draft: Draft, known: Mapping[str, Any]) -> None:
    """Draws layers with shapes, parameters and operations, and what training takes; arguments as of `show_graph`."""
    found = ask("show", draft, known=known)
    if not found["counted"]:
        found = _count(draft, known, found)
    networks = {draft.at.stem if name == "model" else name: name for name in found["networks"]}
    chosen = next(iter(networks))
    if len(networks) > 1:
        chosen = st.selectbox("Network", list(networks), key="network", bind="query-params")
    network = found["networks"][networks[chosen]]
    _figures(network)
    rows = [_row(one, found["counted"]) for one in network["layers"]]
    st.dataframe(pd.DataFrame(rows), hide_index=True, height=420, alt=f"{len(rows)} layers of {chosen}")
    for one, length in found["lengths"].items():
        st.caption(f"`{plain(one)}` may have any length: counted with {length}.")
    if found["counted"]:
        _show_memory(draft, known, networks[chosen])


def _count(draft: Draft, known: Mapping[str, Any], outlined: Mapping[str, Any]) -> Mapping[str, Any]:
    """Returns a listing with operations counted once the user asks for that, and until then the one without."""
    if st.session_state.get(COUNTED) != draft.text:
        number = outlined["different"]
        st.caption(f"{number:,} different layers: their operations and memory are counted when you ask for it.")
        st.button("Count them", key="count", help=PACE, on_click=_have_counted, args=(draft.text,))
        return outlined
    return ask("show", draft, COUNTING, known=known, counted=True)


def _have_counted(text: str) -> None:
    st.session_state[COUNTED] = text


def _row(layer: Mapping[str, Any], counted: bool) -> dict[str, Any]:
    operations = {"FLOPs": layer["flops"]["forward"]} if counted else {}
    return {
        "layer": layer["name"],
        "component": layer["component"],
        "output": _shape(layer["shape"]),
        "parameters": layer["parameters"],
        **operations,
    }


def _figures(network: Mapping[str, Any]) -> None:
    parameters, flops, memory = network["parameters"], network.get("flops"), network.get("memory")
    told = {"Parameters": parameters["total"], "Trainable": parameters["trainable"]}
    if flops:
        told |= {"FLOPs": flops["forward"], "FLOPs of a step": flops["step"]}
    with st.container(horizontal=True):
        for label, value in told.items():
            st.metric(label, value, format="compact")
        if memory:
            st.metric(f"Memory, batch of {memory['batch_size']}", f"{memory['total'] / 1e6:,.1f} MB")


def _show_memory(draft: Draft, known: Mapping[str, Any], network: str) -> None:
    expander = st.expander("Memory of training, by batch and precision", key="memory", on_change="rerun")
    if expander.open:
        with expander:
            found = ask("memory", draft, COUNTING, known=known)["networks"][network]
            table = pd.DataFrame(found).map(lambda count: f"{count / 1e6:,.1f} MB")
            table.index.name = "batch"
            st.dataframe(table, alt="Memory of a training step by batch size and precision")


def _shape(shape: Any) -> str:
    if isinstance(shape, Mapping):
        return ", ".join(f"{name} {_shape(one)}" for name, one in shape.items())
    if shape and isinstance(shape[0], list):
        return ", ".join(map(_shape, shape))
    return " × ".join("·" if one is None else str(one) for one in shape)


def step_out(draft: Draft) -> None:
    """Has another spec than before be looked at from outside."""
    at = str(draft.at)
    if st.session_state.setdefault("looked-at", at) != at:
        st.session_state["looked-at"] = at
        _go([])


def _addressed() -> tuple[list[str], int]:
    """Returns what the address has looked into, and the first box to draw."""
    start = st.query_params.get(PART, "")
    inside = st.query_params.get(INSIDE, "")
    return [name for name in inside.split("/") if name], int(start) if start.isdecimal() and len(start) < 9 else 0


def _go(inside: list[str]) -> None:
    st.query_params.pop(PART, None)
    if inside:
        st.query_params[INSIDE] = "/".join(inside)
    else:
        st.query_params.pop(INSIDE, None)


def _navigate(inside: list[str], blocks: list[str]) -> None:
    with st.container(horizontal=True, vertical_alignment="bottom"):
        if inside:
            st.button(f"Out of {inside[-1]}", key="out", icon="⬆️", on_click=_go, args=(inside[:-1],))
        if blocks:
            key = f"look-into-{'.'.join(inside)}"
            st.selectbox(
                "Look into", blocks, index=None, placeholder="a block", key=key, on_change=_enter, args=(inside, key)
            )


def _enter(inside: list[str], key: str) -> None:
    if st.session_state[key]:
        _go([*inside, st.session_state.pop(key)])


def _leaf_through(boxes: int, inside: list[str], start: int) -> None:
    """Draws what chooses the part that is drawn, where all would take a browser too long."""
    key = f"{PART}-{'.'.join(inside)}"
    st.select_slider(
        "Part", range(0, boxes, BOXES), value=start, key=key, on_change=_turn, args=(key,),
        format_func=lambda one: f"{one + 1}–{min(one + BOXES, boxes)} of {boxes:,}",
    )  # fmt: skip


def _turn(key: str) -> None:
    st.query_params[PART] = str(st.session_state[key])
