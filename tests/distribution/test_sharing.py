"""Batches cut into the pieces of replicas: nothing twice, nothing left out, in order."""

import numpy as np
import pytest
import tensorflow as tf

import dlsuite
from dlsuite.distribution.sharing import Part

PICTURES = {
    "name": "pieces",
    "data": {
        "source": "Digits",
        "inputs": {"image": "Image"},
        "targets": {"label": "Category"},
        "augment": [{"RandomTranslation": {"height_factor": 0.2, "width_factor": 0.2}}],
        "batch_size": 127,
    },
    "model": {"layers": ["Flatten", {"Dense": {"units": 10}}]},
}


@pytest.mark.parametrize("replicas", [2, 3, 8])
def test_pieces_cover_a_batch_without_overlap(replicas):
    for examples in range(replicas, 5 * replicas):
        bounds = [Part(i, i + 1, replicas).bounds(tf.constant(examples, tf.int64)) for i in range(replicas)]
        taken = [number for first, last in bounds for number in range(int(first), int(last))]
        assert taken == list(range(examples))
        sizes = [int(last - first) for first, last in bounds]
        assert max(sizes) - min(sizes) <= 1


def test_a_batch_with_too_few_examples_goes_to_all():
    assert [tuple(map(int, Part(i, i + 1, 4).bounds(tf.constant(3, tf.int64)))) for i in range(4)] == [(0, 3)] * 4


def test_a_process_takes_the_pieces_of_all_its_replicas():
    examples = tf.constant(101, tf.int64)
    whole = Part(2, 4, 6).bounds(examples)
    assert (whole[0], whole[1]) == (Part(2, 3, 6).bounds(examples)[0], Part(3, 4, 6).bounds(examples)[1])


@pytest.mark.parametrize("augment", [True, False], ids=["augmented", "plain"])
def test_workers_read_the_parts_of_the_batches_of_one_process(augment):
    given = PICTURES if augment else {**PICTURES, "data": {**PICTURES["data"], "augment": []}}
    data = dlsuite.data(dlsuite.load(given))
    wanted = {"training": True, "seed": 3, "epoch": 1}
    whole = list(data.batches("train", **wanted))
    parts = [list(data.batches("train", part=Part(i, i + 1, 3), **wanted)) for i in range(3)]
    assert [len(one) for one in parts] == [len(whole)] * 3
    for number, (inputs, targets) in enumerate(whole):
        images = np.concatenate([part[number][0]["image"] for part in parts])
        labels = np.concatenate([part[number][1]["label"] for part in parts])
        np.testing.assert_array_equal(images, inputs["image"])
        np.testing.assert_array_equal(labels, targets["label"])
