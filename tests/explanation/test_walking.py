"""Networks walked call by call: what they make, what calls are called, what takes the place of a call."""

from __future__ import annotations

import keras
import numpy as np
from keras import ops

from dlsuite.explanation.gradients import differentiate
from dlsuite.explanation.walking import all_nodes, replacing, walk


def network():
    """Returns a network with another inside it, a layer that is called twice, and two outputs."""
    given = keras.Input((4,), name="given")
    inner = keras.Model(given, keras.layers.Dense(4, activation="tanh", name="dense")(given), name="inner")
    x, y = keras.Input((4,), name="x"), keras.Input((4,), name="y")
    shared = keras.layers.Dense(4, name="shared")
    both = keras.layers.Add(name="both")([shared(inner(x)), shared(y)])
    return keras.Model({"x": x, "y": y}, {"sum": both, "half": ops.multiply(both, 0.5)})


def inputs():
    rng = np.random.default_rng(0)
    return {name: ops.convert_to_tensor(rng.normal(size=(3, 4)).astype("float32")) for name in ("x", "y")}


def test_a_network_that_is_walked_makes_what_it_makes():
    model, seen = network(), []
    found = walk(model, inputs(), lambda call: (seen.append(call.path), call.run())[1])
    wanted = model(inputs())
    for name in ("sum", "half"):
        np.testing.assert_allclose(found[name], wanted[name], atol=1e-6)
    assert {"inner.dense", "shared", "shared#2", "both"} <= set(seen) and len(seen) == len(set(seen)) == 5
    assert seen == [name for name, _ in all_nodes(model)]


def test_what_takes_the_place_of_a_call_goes_on():
    ones = ops.ones((3, 4))
    found = walk(network(), inputs(), replacing({"both": ones}))
    np.testing.assert_array_equal(found["half"], 0.5 * ones)


def test_masks_of_keras_stay():
    ids = keras.Input((None,), dtype="int32", name="ids")
    embedded = keras.layers.Embedding(5, 2, mask_zero=True, name="embedded")(ids)
    model = keras.Model(ids, keras.layers.GlobalAveragePooling1D()(embedded))
    put = np.array([[[1.0, 2.0], [3.0, 4.0], [100.0, 100.0]]], np.float32)
    found = walk(model, ops.convert_to_tensor([[3, 4, 0]]), replacing({"embedded": put}))
    np.testing.assert_allclose(found, [[2.0, 3.0]])


def test_each_row_has_its_own_gradient():
    x = ops.convert_to_tensor(np.arange(6, dtype="float32").reshape(2, 3))
    scores, gradients = differentiate(lambda given: ops.sum(given["x"] ** 3, axis=1), {"x": x, "unused": x + 1})
    np.testing.assert_allclose(scores, [9, 216])
    np.testing.assert_allclose(gradients["x"], 3 * np.arange(6).reshape(2, 3) ** 2)
    assert gradients["unused"] is None
