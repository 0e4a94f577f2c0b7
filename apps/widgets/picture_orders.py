"""What pictures are asked of a run: which seeds and classes, how many, and by which sampler."""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import Any

import streamlit as st

from apps.widgets.models import loaded
from dlsuite.runs import Run
from dlsuite.spec.catalogue import load

MOST = 16
"""So many pictures at a time."""
SEEDS = 2**31 - 1
STEPS = 250
"""A sampler takes at most so many steps here."""
ANY, EACH = "any", "each in turn"


@dataclass(frozen=True)
class Order:
    """Pictures to make.

    Attributes:
        asked: Of each picture `seed` and classes by field.
        settings: Changes of `predict`.
        steps: So many are made on the way; 1 where pictures come at once.
    """

    asked: list[dict[str, Any]]
    settings: dict[str, Any]
    steps: int

    def name(self, number: int) -> str:
        """Returns what picture `number`, from 0, was made of, in words."""
        return ", ".join(f"{key} {value}" for key, value in sorted(self.asked[number].items(), reverse=True))


def ask_pictures(run: Run) -> Order:
    """Draws what can be asked of a run; returns it."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        seed = st.number_input("Seed", 0, SEEDS, 1, key="seed", bind="query-params", width=160)
        st.button("🎲", key="dice", on_click=_roll, help="Another seed, at random")
    count = st.slider("Pictures", 1, MOST, 4, key="pictures", bind="query-params")
    classes = ask_classes(run, count)
    settings, steps = ask_sampler(run)
    asked = [{"seed": int(seed) + i, **classes[i]} for i in range(count)]
    return Order(asked, settings, steps)


def ask_classes(run: Run, count: int) -> list[dict[str, str]]:
    """Draws the choice of classes that a run knows; returns them by field for each of so many pictures."""
    found: list[dict[str, str]] = [{} for _ in range(count)]
    for field, names in _conditions(str(run.path), run).items():
        choices = [*([ANY] if is_stepwise(run) else []), EACH, *names]
        chosen = st.selectbox(
            f"Class ({field})", choices, index=choices.index(EACH), key=f"class-{field}", bind="query-params"
        )
        for i, one in enumerate(found):
            if chosen != ANY:
                one[field] = names[i % len(names)] if chosen == EACH else chosen
    return found


def ask_sampler(run: Run) -> tuple[dict[str, Any], int]:
    """Draws what can be set of a run's sampler; returns changes of `predict`, and how many steps it takes."""
    if not is_stepwise(run):
        return {}, 1
    own, arguments = sampler_of(run)
    names = list(load().names("sampler"))
    name = st.segmented_control("Sampler", names, default=own, required=True, key="sampler", bind="query-params")
    # of whichever sampler: what a slider shows at first is in no address
    usual, guidance = int(arguments.get("steps") or 25), float(arguments.get("guidance", 1.0))
    arguments = dict(arguments) if name == own else {}
    most = min(STEPS, levels(run))
    arguments["steps"] = st.slider("Steps", 1, most, min(usual, most), key="steps", bind="query-params")
    if _conditions(str(run.path), run):
        arguments["guidance"] = st.slider(
            "Guidance", 0.0, 8.0, guidance, 0.5, key="guidance", bind="query-params",
            help="How far it is led towards the class: 1 is the model as it is; more makes the class clearer, and "
            "pictures more alike.",
        )  # fmt: skip
    return {"sampler": {name: arguments}}, int(arguments["steps"])


def is_stepwise(run: Run) -> bool:
    """Returns whether a run makes pictures in many steps."""
    return run.plan.train[-1].objectives[0].component.name == "Diffusion"


def levels(run: Run) -> int:
    """Returns how many levels of noise a run of diffusion has learned."""
    return int(run.plan.train[-1].objectives[0].component.arguments.get("steps", 1000))


def sampler_of(run: Run) -> tuple[str, dict[str, Any]]:
    """Returns the name of a run's own sampler, and its arguments."""
    sampler = run.plan.predict.get("sampler")
    return ("DDPM", {}) if sampler is None else (sampler.name, dict(sampler.arguments))


def _roll() -> None:
    st.session_state["seed"] = random.randrange(10_000)


@st.cache_data(max_entries=32, show_spinner=False)
def _conditions(path: str, _run: Run) -> dict[str, list[str]]:
    loaded(_run)  # its skeleton stands there while the libraries load
    from dlsuite.filming import conditions

    return conditions(_run)
