"""Checkpoints are written while the training goes on, from a snapshot that stays what it was."""

import threading

import keras
import numpy as np
import pytest

from dlsuite.training.writing import Writer
from dlsuite.weights import read_state


def test_one_thing_is_written_after_the_other_while_the_caller_goes_on():
    writer, written, gate = Writer(), [], threading.Event()

    def write(name):
        assert gate.wait(10)
        written.append(name)

    writer.begin(write, "first")
    assert written == [], "the caller did not wait"
    gate.set()
    writer.begin(write, "second")
    assert written[0] == "first"
    writer.wait()
    assert written == ["first", "second"]
    writer.wait()
    writer.close()


@pytest.mark.parametrize("told", ["wait", "begin"])
def test_what_goes_wrong_is_told_once_at_the_next_chance(told):
    def fail():
        raise OSError("full")

    writer, written = Writer(), []
    writer.begin(fail)
    with pytest.raises(OSError, match="full"):
        writer.wait() if told == "wait" else writer.begin(written.append, 1)
    writer.begin(written.append, 2)
    writer.wait()
    assert written == [2]


def test_what_was_read_of_weights_and_optimizer_stays_while_they_change():
    model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(2), keras.layers.BatchNormalization()])
    model.compile("adam", "mse")
    x, y = np.ones((4, 3), "float32"), np.zeros((4, 2), "float32")
    model.fit(x, y, verbose=0)
    read = [read_state(model.weights), read_state(model.optimizer.variables)]
    copied = [{path: value.copy() for path, value in values.items()} for values in read]
    model.fit(x, y, epochs=3, verbose=0)
    for values, before, now in zip(read, copied, (model.weights, model.optimizer.variables), strict=True):
        assert all(np.array_equal(values[path], before[path]) for path in values)
        later = read_state(now)
        assert any(not np.array_equal(values[path], later[path]) for path in values), "they have changed"
