"""Numbers to tensors and back."""

import json

import numpy as np
import pytest

from dlsuite.features.number import Number


def fitted(values, **arguments) -> Number:
    feature = Number(**arguments)
    feature.fit(values)
    return feature


def test_standardised_by_the_examples_it_was_fitted_on():
    values = np.random.default_rng(0).normal(7, 3, 1000)
    encoded = fitted(values).encode_many(values)
    assert encoded.shape == (1000, 1) and encoded.dtype == np.float32
    assert encoded.mean() == pytest.approx(0, abs=1e-5) and encoded.std() == pytest.approx(1, abs=1e-5)


@pytest.mark.parametrize("rule, expected", [("mean", 4.0), ("median", 2.0), (0.0, 0.0), (10, 10.0)])
@pytest.mark.parametrize("absent", [None, "?", "", " NA ", float("nan")])
def test_missing_numbers_are_filled(rule, expected, absent):
    feature = fitted(["1", "2", absent, "9"], missing=rule, normalize=False)
    assert feature.encode(absent) == pytest.approx([expected])


def test_missing_numbers_without_a_rule_are_faults():
    feature = fitted([1, 2, None])
    with pytest.raises(ValueError, match="is missing; the feature's argument `missing`"):
        feature.encode("?")


@pytest.mark.parametrize("raw", ["abc", "1,5", object(), "inf", float("-inf"), [1.0, 2.0]])
def test_what_is_no_number_says_so(raw):
    with pytest.raises(ValueError):
        fitted([1, 2], missing="mean").encode(raw)


def test_text_that_is_no_number_does_not_hinder_fitting():
    assert fitted(["1", "abc", "3"], normalize=False).decode([2.0]) == 2.0
    assert fitted(["1", "abc", "3"]).decode([0.0]) == 2.0


def test_log1p_of_amounts_and_back():
    feature = fitted([0, 10, 1000], transform="log1p", missing=0)
    assert feature.decode(feature.encode(99)) == pytest.approx(99, rel=1e-5)
    assert feature.encode(None) == pytest.approx(feature.encode(0))
    with pytest.raises(ValueError, match="log1p needs numbers above -1"):
        feature.encode(-5)


def test_several_fields_are_one_vector():
    feature = fitted([["1", "10"], ["3", "30"], [None, "20"]], missing="mean", normalize=False)
    assert feature.facts_fitted() == {"shape": [2]}
    assert feature.encode(["?", 5]).tolist() == [2.0, 5.0]
    assert feature.decode([1.0, 2.0]) == [1.0, 2.0]


def test_arrays_keep_their_shape():
    series = np.random.default_rng(0).normal(size=(5, 4, 3))
    feature = fitted(series)
    np.testing.assert_allclose(feature.encode_many(series)[2], feature.encode(series[2]), rtol=1e-6)
    assert feature.facts_fitted() == {"shape": [4, 3]}
    with pytest.raises(ValueError, match="shape .* is expected"):
        feature.encode(series[0][:2])


def test_constant_numbers_become_zero():
    assert fitted([5, 5, 5]).encode_many([5, 5]).tolist() == [[0.0], [0.0]]


def test_what_was_fitted_outlives_json():
    for arguments in ({}, {"missing": "median", "transform": "log1p"}):
        feature = fitted([1.0, 2.0, 4.0], **arguments)
        again = Number(**arguments)
        again.restore(json.loads(json.dumps(feature.state())))
        np.testing.assert_array_equal(again.encode(3.0), feature.encode(3.0))


def test_nothing_to_fit_on_is_a_fault():
    for values in ([], [None, "?"], ["abc"]):
        with pytest.raises(ValueError, match="hold no number"):
            fitted(values, missing="mean")


def test_the_largest_numbers_are_standardised_and_those_beyond_float32_are_faults():
    feature = fitted([-1e300, 1e300])
    assert feature.encode_many([-1e300, 1e300]).tolist() == [[-1.0], [1.0]]
    json.dumps(feature.state(), allow_nan=False)
    with pytest.raises(ValueError, match="is 1e[+]300, more than a tensor of float32 can hold"):
        fitted([1.0, 2.0]).encode(1e300)


def test_truth_values_are_numbers():
    assert fitted(["True", "false"], normalize=False).encode_many(["false", "TRUE"]).tolist() == [[0.0], [1.0]]


@pytest.mark.parametrize("values", [["red", "blue"], ["red", ""]])
def test_labels_are_named_where_numbers_are_expected(values):
    with pytest.raises(ValueError, match="no number here: the first is 'red'. Category takes labels"):
        fitted(values)


@pytest.mark.parametrize("kind", ["complex64", "complex128"])
def test_complex_numbers_are_refused_and_not_halved(kind):
    values = np.array([1 + 2j, 3], kind)
    feature = fitted([1, 2])
    for attempt in (lambda: fitted(values), lambda: feature.encode_many(values), lambda: feature.encode(values[0])):
        with pytest.raises(ValueError, match=r"\(1[+]2j\) is complex; its real and its imaginary part in two fields"):
            attempt()
    with pytest.raises(ValueError, match="is complex"):
        fitted([[1, 2]]).encode(values)


def test_numbers_of_any_size_are_normalised_each_by_itself():
    rng = np.random.default_rng(0)
    tiny, huge, plain = rng.normal(3e-13, 5e-13, 200), rng.normal(0, 1e200, 200), rng.normal(3, 2, 200)
    columns = np.stack([tiny, huge, plain], axis=1)
    rows = fitted(columns).encode_many(columns)
    np.testing.assert_allclose(rows.mean(0), 0, atol=1e-6)
    np.testing.assert_allclose(rows.std(0), 1, rtol=1e-6)


def test_one_number_and_rounding_is_not_blown_up():
    number = fitted(1e6 + np.array([0.0, 1e-10, -1e-10]))
    assert np.abs(number.encode_many(np.array([1e6, 1e6 + 1e-10]))).max() < 1e-6
