"""Texts that are asked about: samples of the test split, or what the user writes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import streamlit as st

from apps.widgets.samples import Sample, choose, samples_of
from apps.widgets.uploads import checked_text
from dlsuite.runs import Run
from dlsuite.spec.errors import DataError

SAMPLES, OWN = "Samples", "Your own"
SHOWN = 90
"""So many letters of a sample are shown above its button."""
KEY, EXAMPLE = "text", "example"
"""Of the address and of the session: the text; and what stood there at first."""
SHARED = 2000
"""Texts of so many letters go into the address."""
TOKENS = 2000
"""Longer texts are refused: what a network makes of one may grow with the square of its tokens."""


@dataclass(frozen=True)
class Passage:
    """A text that is asked about.

    Attributes:
        field: Of the run's input.
        text: What it says.
        truth: What is known to be right, by target, in words.
    """

    field: str
    text: str
    truth: dict[str, str]

    @property
    def fields(self) -> dict[str, str]:
        """What `predict` takes."""
        return {self.field: self.text}


def ask_passage(run: Run, label: str) -> Passage | None:
    """Draws the choice of a text; returns it, or nothing as long as there is none.

    Args:
        run: That is asked.
        label: What the text is.
    """
    field = next(iter(run.plan.data.inputs.values())).fields[0]
    samples = [one for one in samples_of(run) if isinstance(one.fields.get(field), str)][:6]
    if samples and _source(label) == SAMPLES:
        sample = choose(samples, lambda one: _preview(one.fields[field]), 3)
        return None if sample is None else Passage(field, sample.fields[field], _truth(run, sample))
    passage = Passage(field, ask_text(label, ""), {})
    return passage if passage.text.strip() else None


def ask_text(label: str, example: str) -> str:
    """Draws a box for a text, at first that of the address, or an example; returns what stands there.

    Short texts go into the address; of long ones browsers and servers would lose the whole of it.
    """
    state, before = st.session_state, st.session_state.get(EXAMPLE)
    if KEY not in state:
        state[KEY] = st.query_params.get(KEY, example)
    elif state[KEY] == before:  # nobody has written there: another run has an example of its own
        state[KEY] = example
    state[EXAMPLE] = example
    text = st.text_area(label, key=KEY, height=120, persist_state="session")
    if text != example and len(text) <= SHARED:
        st.query_params[KEY] = text
    else:
        st.query_params.pop(KEY, None)
    return checked_text(text)


def check_tokens(run: Run, fields: Mapping[str, str], most: int = TOKENS) -> None:
    """Checks that a run can read texts, by field, in a moment.

    Raises:
        DataError: One has more than so many tokens.
    """
    with st.skeleton(height=120):
        counts = _count(str(run.path), dict(fields), run)
    for read, _ in counts:
        if read > most:
            raise DataError(f"The text has {read:,} tokens; at most {most:,} are read here.")


def tell_unread(run: Run, fields: Mapping[str, str], part: str) -> None:
    """Tells of texts, by field, that a run reads only the first or the last part of them."""
    for read, whole in _count(str(run.path), dict(fields), run):
        if whole > read:
            st.caption(f"Of its {whole:,} tokens the {part} {read:,} are read.")


@st.cache_data(max_entries=32, show_spinner=False, scope="session")
def _count(path: str, fields: dict[str, str], _run: Run) -> list[tuple[int, int]]:
    """Returns how many tokens a run sees of each text, and how many there are."""
    readers = {plan.fields[0]: _run.features[name] for name, plan in _run.plan.data.inputs.items()}
    asked = [(readers[field], text) for field, text in fields.items() if field in readers]
    return [(len(feature.encode(text)), feature.count(text)) for feature, text in asked]


def tokens_of(run: Run, field: str, text: str) -> list[tuple[int, str]]:
    """Returns the tokens that a run sees of a text, start and end among them: their ids, and as a reader sees them."""
    from dlsuite.explanation.showing import spell

    feature = next(run.features[name] for name, plan in run.plan.data.inputs.items() if field in plan.fields)
    ids = feature.encode(text)
    return list(zip(ids.tolist(), spell(feature, ids), strict=True))


def _source(label: str) -> str:
    """Draws the choice between samples and the user's own text."""
    sources = [SAMPLES, OWN]
    if st.query_params.get("from") not in sources:
        st.query_params.pop("from", None)
    return st.segmented_control(
        f"{label} from", sources, default=SAMPLES, required=True, key="from", bind="query-params"
    )


def _preview(text: str) -> None:
    st.code(text if len(text) <= SHOWN else f"{text[:SHOWN]}…", language=None, wrap_lines=True)


def _truth(run: Run, sample: Sample) -> dict[str, str]:
    """Returns what is right for a sample, as the run's answers call it."""
    found = {}
    for name, value in sample.truth.items():
        names = run.facts[name].get("names")
        found[name] = str(value) if names is None or isinstance(value, str) else str(names[int(value)])
    return found
