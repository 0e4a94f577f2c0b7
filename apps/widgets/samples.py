"""Examples to try with one click: the first of a run's own test split, which it has not learned from."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import streamlit as st

from dlsuite.runs import Run
from dlsuite.spec.errors import DataError

COUNT = 12
KEY = "sample"
"""Of the address: which sample is shown."""


@dataclass(frozen=True)
class Sample:
    """An example of the test split.

    Attributes:
        number: Its place in the split.
        fields: Raw values of what a prediction reads, by field: what `run.predict` takes.
        truth: Raw values of the targets, by name.
    """

    number: int
    fields: dict[str, Any]
    truth: dict[str, Any]


def samples_of(run: Run) -> list[Sample]:
    """Returns the first examples of a run's test split; none where it has none, or its data is not here."""
    with st.skeleton(height=80):
        return _samples(str(run.path))


@st.cache_data(max_entries=16, show_spinner=False)
def _samples(path: str) -> list[Sample]:
    run = Run(path)
    try:
        examples = run.data().examples("test")
    except DataError:
        return []
    plan = run.plan.data
    fields = list(dict.fromkeys(field for one in plan.inputs.values() for field in one.fields))
    return [
        Sample(
            number=i,
            fields={field: _keep(examples[i][field]) for field in fields},
            truth={name: _keep(examples[i][one.fields[0]]) for name, one in plan.targets.items()},
        )
        for i in range(min(COUNT, len(examples)))
    ]


def _keep(value: Any) -> Any:
    """Returns a raw value that stays when its file does not: the bytes of a file, other values as they are."""
    return value.read_bytes() if hasattr(value, "read_bytes") else value


def choose(
    samples: Sequence[Sample],
    preview: Callable[[Sample], None],
    columns: int = 6,
    label: Callable[[Sample], str] = lambda sample: str(sample.number + 1),
) -> Sample | None:
    """Returns the sample that the user picked, by the address where it names one; else the first.

    Args:
        samples: To choose from.
        preview: Draws what a sample is, above its button.
        columns: So many stand beside each other.
        label: What stands on a sample's button, as Markdown; by default its number.
    """
    chosen = _chosen(samples)
    for start in range(0, len(samples), columns):
        for column, sample in zip(st.columns(columns), samples[start : start + columns], strict=False):
            with column:
                preview(sample)
                mark = "✓ " if sample is chosen else ""
                if st.button(mark + label(sample), key=f"sample-{sample.number}", width="stretch", wrap=True):
                    st.query_params[KEY] = str(sample.number + 1)
                    st.rerun()
    return chosen


def _chosen(samples: Sequence[Sample]) -> Sample | None:
    numbered = {str(sample.number + 1): sample for sample in samples}
    if st.query_params.get(KEY, "1") not in numbered:
        st.query_params.pop(KEY, None)
    return numbered.get(st.query_params.get(KEY, "1"))
