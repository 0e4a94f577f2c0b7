"""Splits as sequences of raw examples."""

import numpy as np
import pytest

from dlsuite.datasets.examples import Examples, concatenate


def test_examples_are_dictionaries_by_field():
    examples = Examples({"age": np.array([39, 50]), "sex": ["Male", "Female"]})
    assert examples[1] == {"age": 50, "sex": "Female"}
    assert [example["sex"] for example in examples] == ["Male", "Female"]
    assert examples.where(0) == "row 1"
    with pytest.raises(IndexError):
        examples[2]


def test_columns_of_different_length_are_refused():
    with pytest.raises(ValueError, match="'a': 1, 'b': 2"):
        Examples({"a": [1], "b": [1, 2]})


def test_taken_examples_remember_where_they_stand():
    examples = Examples({"x": np.arange(10)}, lambda i: f"item {i}").take([7, 2]).take([1])
    assert examples[0]["x"] == 2
    assert examples.where(0) == "item 2"


def test_concatenated_examples_remember_where_they_stand():
    first, second = Examples({"x": [1, 2], "y": [0, 0]}, lambda i: f"a{i}"), Examples({"x": [3]}, lambda i: f"b{i}")
    both = concatenate([first, second])
    assert both.fields == ("x",)
    assert [both[i]["x"] for i in range(3)] == [1, 2, 3]
    assert [both.where(i) for i in range(3)] == ["a0", "a1", "b0"]
