"""What fills a row: names, classes, and the way back to what `predict` takes."""

from __future__ import annotations

import numpy as np

import dlsuite
from dlsuite.forms import Blank, blanks, fill, read_row
from dlsuite.runs import Run


class Untrained(Run):
    """A run of a spec that is not trained: its plan and facts are what a form reads."""

    def __init__(self, spec: str, facts: dict):
        super().__init__("nowhere")
        self.plan, self.facts = dlsuite.load(spec).plan(facts), facts


def test_numbers_of_a_vector_have_their_names() -> None:
    facts = {"measurements": {"shape": [30]}, "diagnosis": {"classes": 2, "names": ["malignant", "benign"]}}
    asked = blanks(Untrained("specs/tabular/breast_cancer_mlp.json", facts))
    assert len(asked) == 30 and asked[0] == Blank("mean radius", "measurements", 0)
    row = {"measurements": np.arange(30, dtype=np.float32) / 10}
    values = read_row(asked, row)
    assert values[:3] == [0.0, 0.1, 0.2], "digits that float32 does not have are not made up"
    assert fill(asked, values) == {"measurements": values}


def test_classes_and_single_numbers_are_asked_for_by_field() -> None:
    asked = [Blank("age", "age"), Blank("sex", "sex", None, ("Female", "Male")), Blank("job", "job", None, ("a", "b"))]
    values = read_row(asked, {"age": 39, "sex": "Male", "job": 1})
    assert values == [39.0, "Male", "b"] and fill(asked, values) == {"age": 39.0, "sex": "Male", "job": "b"}
    assert read_row(asked, {"age": float("nan")}) == [None, None, None]


def test_a_run_of_pictures_asks_for_no_row() -> None:
    facts = {"image": {"shape": [8, 8, 1]}, "label": {"classes": 10}}
    assert blanks(Untrained("specs/vision/digits_cnn.json", facts)) == []
