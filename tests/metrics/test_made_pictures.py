"""Metrics of made pictures, against closed forms and other formulas."""

import numpy as np
import pytest

from dlsuite.baselines.real_examples import RealExamples
from dlsuite.features.image import Image
from dlsuite.metrics.class_accuracy import ClassAccuracy
from dlsuite.metrics.class_evenness import ClassEvenness
from dlsuite.metrics.frechet_distance import FrechetDistance, frechet
from dlsuite.metrics.novelty import Novelty
from dlsuite.metrics.precision_recall import PrecisionRecall, share_among

RANDOM = np.random.default_rng(0)
IMAGE = Image(size=[2, 2], channels=1)


def look(pictures):
    """A classifier of two classes: its features are the four pixels, and its class says whether the first is bright."""
    pixels = pictures.reshape(len(pictures), -1) / 255
    return {"features": pixels, "label": np.stack([0.5 - pixels[:, 0], pixels[:, 0] - 0.5], axis=1)}


def opened(metric):
    metric.open(lambda path: look)
    return metric


def digests(images, labels=None):
    labels = np.zeros(len(images), int) if labels is None else labels
    return [{"image": image, "label": label} for image, label in zip(images, labels, strict=True)]


def test_frechet_of_numbers_is_that_of_two_normal_distributions():
    one, other = RANDOM.normal(0, 1, (1000, 1)), RANDOM.normal(3, 2, (1000, 1))
    expected = (one.mean() - other.mean()) ** 2 + (one.std(ddof=1) - other.std(ddof=1)) ** 2
    assert frechet(one, other) == pytest.approx(expected)


def test_frechet_is_the_sum_over_eigenvalues():
    one, other = RANDOM.normal(size=(500, 6)), RANDOM.normal(size=(500, 6)) @ RANDOM.normal(size=(6, 6))
    covariances = [np.cov(rows.T) for rows in (one, other)]
    roots = np.sqrt(np.linalg.eigvals(covariances[0] @ covariances[1]).real).sum()
    expected = ((one.mean(0) - other.mean(0)) ** 2).sum() + sum(map(np.trace, covariances)) - 2 * roots
    assert frechet(one, other) == pytest.approx(expected)
    assert frechet(one, one) == pytest.approx(0, abs=1e-6)


def test_frechet_looks_through_the_classifier():
    made, real = RANDOM.random((50, 2, 2, 1)), RANDOM.random((60, 2, 2, 1))
    pixels = [np.round(one * 255).reshape(len(one), -1) / 255 for one in (made, real)]
    found = opened(FrechetDistance(classifier="c.json")).score(digests(made), real, IMAGE)
    assert found == {"frechet_distance": pytest.approx(frechet(*pixels))}


def test_an_output_that_the_classifier_has_not_is_told():
    metric = opened(FrechetDistance(classifier="c.json", features="depth"))
    with pytest.raises(ValueError, match="no output `depth`; it has features, label"):
        metric.score(digests(np.zeros((3, 2, 2, 1))), np.zeros((3, 2, 2, 1)), IMAGE)


def test_share_among_counts_who_is_as_near_as_neighbours():
    others = np.array([[0.0], [1.0], [2.0], [10.0]])  # their first neighbours are 1, 1, 1 and 8 away
    points = np.array([[-0.5], [-1.5], [4.0], [18.1], [17.9]])
    assert share_among(points, others, 1) == 3 / 5
    assert share_among(points, others, 3) == 1


@pytest.mark.parametrize("count", [50, 1500])
def test_alike_pictures_have_precision_and_recall_alike(count):
    made, real = RANDOM.random((count, 2, 2, 1)), RANDOM.random((count, 2, 2, 1))
    found = opened(PrecisionRecall(classifier="c.json")).score(digests(made), real, IMAGE)
    assert found["precision"] > 0.7
    assert found["recall"] > 0.7


def test_one_picture_made_again_and_again_is_precise_and_recalls_nothing():
    real = RANDOM.random((200, 2, 2, 1))
    found = opened(PrecisionRecall(classifier="c.json")).score(digests(np.tile(real[:1], (200, 1, 1, 1))), real, IMAGE)
    assert found == {"precision": 1.0, "recall": pytest.approx(0.005)}


def test_classes_are_those_that_the_classifier_sees():
    made = np.array([0.0, 0.9, 1.0, 0.8]).reshape(4, 1, 1, 1) * np.ones((1, 2, 2, 1))
    asked = digests(made, [0, 1, 1, 0])
    assert opened(ClassAccuracy(classifier="c.json")).score(asked, made, IMAGE) == {"class_accuracy": 0.75}
    found = opened(ClassEvenness(classifier="c.json")).score(asked, made, IMAGE)
    assert found == {"evenness": 0.5, "least_share": 0.25, "largest_share": 0.75}


def test_evenness_is_a_third_where_a_class_is_thrice_as_frequent_as_even():
    metric = ClassEvenness(classifier="c.json")
    metric.open(lambda path: lambda pictures: {"label": np.eye(4)[np.array([0] * 9 + [1, 2, 3])]})
    assert metric.score(digests(np.zeros((12, 2, 2, 1))), np.zeros((12, 2, 2, 1)), IMAGE)["evenness"] == 1 / 3


def test_copies_are_not_new():
    known, real = RANDOM.random((300, 2, 2, 1)), RANDOM.random((200, 2, 2, 1))
    metric = Novelty()
    metric.fit({"image": known})
    copies = metric.score(digests(known[:200]), real, IMAGE)
    assert copies == {"novelty": pytest.approx(0, abs=0.01), "copied": 1.0}
    fresh = metric.score(digests(RANDOM.random((200, 2, 2, 1))), real, IMAGE)
    assert fresh["novelty"] == pytest.approx(1, abs=0.2)
    assert fresh["copied"] < 0.05


def test_novelty_measures_the_nearest_training_example():
    metric = Novelty()
    metric.fit({"image": np.array([[0.0], [1.0], [5.0]])})
    np.testing.assert_allclose(metric._distances(np.array([[0.2], [3.5], [5.0]])), [0.2, 1.5, 0], atol=1e-3)


def test_real_examples_are_of_the_class_that_is_asked_for():
    pictures, labels = RANDOM.random((60, 2, 2, 1)), np.arange(60) % 3
    baseline = RealExamples()
    baseline.fit({"label": labels}, pictures)
    found = baseline.predict({"label": np.array([2, 0, 2, 2])})
    sources = [int(np.flatnonzero((pictures == one["image"]).all((1, 2, 3)))[0]) for one in found]
    assert [labels[i] for i in sources] == [2, 0, 2, 2] == [one["label"] for one in found]
    assert len(set(sources)) == 4
