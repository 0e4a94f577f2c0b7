"""Labels to numbers and back."""

import json

import numpy as np
import pytest

from dlsuite.features.category import Category


def fitted(values, **arguments) -> Category:
    feature = Category(**arguments)
    feature.fit(values)
    return feature


def test_labels_are_numbered_by_name():
    feature = fitted(["dog", "cat", "dog"])
    assert feature.facts_fitted() == {"classes": 2, "names": ["cat", "dog"], "shape": []}
    assert feature.encode("dog") == 1 and feature.encode("dog").dtype == np.int32
    assert feature.decode(0) == feature.decode([3.0, -1.0]) == "cat"


@pytest.mark.parametrize("values", [[10, 9, 2], ["10", "9", "2"], np.array([10, 9, 2]), [10.0, 9.0, 2.0]])
def test_whole_numbers_are_sorted_by_value_however_they_are_written(values):
    feature = fitted(values)
    assert feature.facts_fitted()["names"] == ["2", "9", "10"]
    assert [int(feature.encode(raw)) for raw in (10, "10", 10.0, np.int64(10), np.array(10))] == [2] * 5


def test_booleans_are_labels():
    assert fitted([True, False]).encode(True) == fitted(np.array([True, False])).encode(np.bool_(True)) == 1


def test_declared_classes_hold_even_where_training_examples_miss_one():
    feature = Category()
    feature.expect({"classes": 3, "names": ["shirt", "shoe", "bag"]})
    feature.fit([0, 2])
    assert feature.encode(1) == feature.encode("shoe") == 1
    assert feature.facts_fitted()["classes"] == 3


def test_given_names_fix_the_order():
    feature = fitted(["no", "yes"], names=["yes", "no"])
    assert feature.encode("yes") == 0
    named = fitted([0, 1], classes=2, names=["malignant", "benign"])
    assert named.encode(1) == named.encode("benign") == 1 and named.decode(0) == "malignant"


def test_unknown_labels_are_faults_that_name_the_classes():
    feature = fitted(["cat", "dog"])
    with pytest.raises(ValueError, match="'bird' is none of the classes cat, dog"):
        feature.encode("bird")
    with pytest.raises(ValueError, match="is missing"):
        feature.encode(" ? ")


def test_missing_rare_and_new_labels_are_unknown():
    feature = fitted(["a", "a", "b", None, "?"], missing="unknown", min_count=2)
    assert feature.facts_fitted() == {"classes": 2, "names": ["a", "unknown"], "shape": []}
    assert feature.encode_many(["a", "b", None, "?", "new"]).tolist() == [0, 1, 1, 1, 1]
    assert feature.decode(1) == "unknown"


@pytest.mark.parametrize("values", [["b", "a", "b"], [3, 1, 3], np.array([3, 1, 3])])
def test_columns_are_encoded_as_single_values_are(values):
    feature = fitted(values)
    assert feature.encode_many(values).tolist() == [int(feature.encode(value)) for value in values] == [1, 0, 1]


def test_what_was_fitted_outlives_json():
    feature = Category(missing="unknown")
    feature.expect({"classes": 2, "names": ["no", "yes"]})
    again = Category(missing="unknown")
    again.restore(json.loads(json.dumps(feature.state())))
    assert again.facts_fitted() == feature.facts_fitted()
    assert again.encode("yes") == again.encode(1) == 1


@pytest.mark.parametrize("arguments", [{"classes": 2, "names": ["a"]}, {"min_count": 2}])
def test_arguments_that_make_no_sense_are_refused(arguments):
    with pytest.raises(ValueError):
        Category(**arguments)


def test_nothing_to_fit_on_is_a_fault():
    with pytest.raises(ValueError, match="hold no label"):
        fitted([None, "?"])


@pytest.mark.parametrize(
    "value", [["a"], [], ["a", "b"], {"a": 1}, ("a",), np.array(["a", "b"]), 1 + 2j, np.complex64(1)]
)
def test_what_names_no_class_is_refused(value):
    feature = fitted(["a", value, "b"])
    assert feature.facts_fitted()["names"] == ["a", "b"]
    for encode in (feature.encode, lambda raw: feature.encode_many(["a", raw])):
        with pytest.raises(ValueError, match="and a class is named by a text, a number or a truth value"):
            encode(value)
    with pytest.raises(ValueError, match="hold no label here: the first value .* is"):
        fitted([value])
    with pytest.raises(ValueError, match="a class is named by"):
        fitted(["a"], missing="unknown").encode(value)


def test_an_array_of_one_label_is_the_label():
    assert fitted(["a", np.array("b")]).encode(np.array(["b"])) == 1
