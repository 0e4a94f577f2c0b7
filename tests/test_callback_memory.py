"""What callbacks remember, by Keras' own and by one that keeps all kinds of values."""

from __future__ import annotations

import keras
import numpy as np
import pytest

from dlsuite.training import checkpoints
from dlsuite.training.callback_memory import Memory

OWN = [
    keras.callbacks.EarlyStopping,
    keras.callbacks.ReduceLROnPlateau,
    keras.callbacks.SwapEMAWeights,
    keras.callbacks.TerminateOnNaN,
]


class Collector(keras.callbacks.Callback):
    def __init__(self, patience=1):
        super().__init__()
        self.patience = patience
        self.seen = []
        self.by_name = {}
        self.best = None
        self.counter = keras.Variable(0.0)
        self.file = open(__file__)  # noqa: SIM115

    def learn(self):
        self.seen = [(1, float("inf")), "two"]
        self.by_name = {"mean": np.arange(3.0), "depth": {"nan": float("nan")}}
        self.best = np.float32(0.5)
        self.counter.assign(7)


def through_disk(remembered, folder):
    checkpoints.save(folder, (1, None), {"callbacks": remembered}, {})
    return checkpoints.load(folder).state["callbacks"]


def test_every_kind_of_value_is_given_back(tmp_path):
    old = Collector()
    memory = Memory([old])
    memory.begin()
    old.learn()
    new = Collector(patience=9)
    Memory([new]).give_back(through_disk(memory.read(), tmp_path))
    assert new.seen == [(1, float("inf")), "two"]
    assert np.array_equal(new.by_name["mean"], np.arange(3.0)) and np.isnan(new.by_name["depth"]["nan"])
    assert new.best == 0.5 and float(new.counter) == 7
    assert new.patience == 9, "what it was made with is its own"


def test_a_value_that_came_back_to_what_it_was_is_remembered_too():
    callback = Collector()
    memory = Memory([callback])
    callback.best = 3
    memory.begin()
    callback.best = None
    (found,) = memory.read()
    assert found["values"] == {"best": None}


def test_callbacks_find_theirs_by_name_and_order():
    old = [keras.callbacks.EarlyStopping(), Collector(), keras.callbacks.EarlyStopping()]
    memory = Memory(old)
    old[0].wait, old[2].wait = 1, 2
    new = [keras.callbacks.EarlyStopping(), keras.callbacks.EarlyStopping(), keras.callbacks.ReduceLROnPlateau()]
    Memory(new).give_back(memory.read())
    assert [one.wait for one in new] == [1, 2, 0]


@pytest.mark.parametrize("kind", OWN, ids=lambda kind: kind.__name__)
def test_callbacks_of_keras_are_data_where_it_matters(kind, tmp_path):
    model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])
    optimizer = keras.optimizers.Adam(use_ema=True)
    model.compile(optimizer, "mse")
    callback = kind()
    memory = Memory([callback])
    x = np.ones((4, 1))
    model.fit(x, x, epochs=2, validation_data=(x, x), callbacks=[callback], verbose=0)
    new = kind()
    Memory([new]).give_back(through_disk(memory.read(), tmp_path))
    kept = ("_model", "params", "monitor_op", "min_delta")
    for name, value in vars(callback).items():
        if name not in kept:
            assert np.all(np.asarray(vars(new)[name], dtype=object) == np.asarray(value, dtype=object)) or (
                isinstance(value, list) and all(map(np.array_equal, vars(new)[name], value))
            ), name
