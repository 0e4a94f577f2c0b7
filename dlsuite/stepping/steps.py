"""A network that is asked for one new position at a time."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache, partial
from typing import Any

import keras
import numpy as np
from keras import ops

from dlsuite.stepping.graph import Graph, close
from dlsuite.stepping.planning import Plan
from dlsuite.stepping.rules import Cache

TRIED = 16
"""Networks of any length are tried on a window of so many positions."""


def open_steps(network: keras.Model, stream: str, output: str | None = None, *, rows: int, length: int) -> Steps:
    """Returns `Steps` with room for at least so many rows; the last ones are kept, with what was compiled for them."""
    return _opened(network, stream, output, 1 << max(rows - 1, 0).bit_length(), length)


@lru_cache(maxsize=8)
def _opened(network: keras.Model, stream: str, output: str | None, rows: int, length: int) -> Steps:
    return Steps(network, stream, output=output, rows=rows, length=length)


class Steps(keras.Model):
    """The logits of a network, one new position of an input after another.

    What earlier positions left is kept in variables of fixed size, so that one compiled function serves all positions.

    Args:
        network: A functional model.
        stream: The input that grows, int (rows, length). Its mask `<stream>.mask`, if the network reads it, is true.
        output: The name of the output that holds logits, (rows, length, classes), where there are several.
        rows: So many sequences at a time.
        length: So many positions at most.

    Attributes:
        length: So many positions at most: the network's window where it is shorter than asked for.
        reason: Why the whole window is computed for each position; empty where it is not.

    Example:
        >>> steps = Steps(model, "text", rows=1, length=64)
        >>> steps.begin({}, 1)
        >>> logits = steps.start(np.array([[5, 3, 8]]))  # (1, classes): what comes fourth
        >>> logits = steps.step(logits.argmax(-1), 3)  # what comes fifth
    """

    def __init__(self, network: keras.Model, stream: str, *, output: str | None = None, rows: int, length: int):
        super().__init__(name=f"{network.name}_steps", autocast=False)
        self.network = network
        self.rows = rows
        self._graph = Graph(network, stream, output)
        self.length = min(length, self._graph.window or length)
        plan = Plan(self._graph, self._graph.stream.shape[1] or min(TRIED, self.length))
        self.reason, self._rules = plan.reason, plan.rules
        self._stores = {
            name: keras.Variable(ops.zeros((rows, self.length, *shape), dtype), trainable=False, name=f"kept_{i}")
            for i, (name, (shape, dtype)) in enumerate(plan.stores.items())
        }
        self.compile(jit_compile=False)
        self.built = True
        if not self.reason and not self._agrees(plan.example):
            raise RuntimeError(f"{network.name}: a rule for steps gives other logits than the window")

    def begin(self, inputs: Mapping[str, Any], examples: int, width: int = 1) -> None:
        """Takes what does not move, and forgets earlier positions.

        Args:
            inputs: (examples, ...) of the network's other inputs by name.
            examples: So many are asked.
            width: So many rows go on from each of them.
        """
        self.asked = examples * width
        whole = {self._graph.mask: np.ones((examples, self.length), bool), **inputs}
        given = {name: _fill(np.repeat(whole[name], width, axis=0), self.rows) for name in self._graph.others}
        self._fixed = given if self.reason else self._graph.run_fixed(given)
        self._kept: dict[str, Any] = {}

    def start(self, ids: np.ndarray) -> np.ndarray:
        """Returns the logits (rows, classes) after the first positions, ids (rows, n)."""
        made = self(self._question(ids, 0), training=False)  # (rows, n, classes)
        return ops.convert_to_numpy(ops.cast(made[: self.asked, -1], "float32"))

    def step(self, ids: np.ndarray, position: int, order: np.ndarray | None = None) -> np.ndarray:
        """Returns the logits (rows, classes) after one more position.

        Args:
            ids: (rows,) at that position.
            position: Its number.
            order: (rows,) which row each goes on from, where not from itself.
        """
        question = self._question(ids[:, None], position)
        if order is not None:
            question["order"] = np.arange(self.rows, dtype="int32")
            question["order"][: self.asked] = order
        return self.predict_on_batch(question)[: self.asked, -1].astype("float32")

    def call(self, inputs: dict[str, Any]) -> Any:
        """Returns the logits (rows, n, classes) of n new positions."""
        ids, start = inputs["ids"], inputs["start"][0]
        caches = partial(_Stored, self, start=start, kept=inputs["kept"], order=inputs.get("order"))
        if not self.reason:
            return self._graph.run_moving(ids, inputs["fixed"], partial(self._call, caches))
        whole, new = caches("0", set()).extend("ids", ids), ops.shape(ids)[1]  # (rows, length)
        there = (ops.arange(self.length, dtype="int32") < start + new)[None]  # (1, length)
        given = {**inputs["fixed"], self._graph.stream.name: ops.where(there, whole, 0)}
        if self._graph.mask in given:
            given[self._graph.mask] = ops.broadcast_to(there, ops.shape(whole))
        return ops.take(self._graph.run(given), start + ops.arange(new, dtype="int32"), axis=1)

    def _call(self, caches: Any, number: int, component: Any, moving: set[int]) -> Callable[..., Any]:
        rule = self._rules.get(number)
        return partial(rule, component, caches(str(number), moving)) if rule else component

    def _question(self, ids: np.ndarray, start: int) -> dict[str, Any]:
        ids = _fill(ids.astype("int32"), self.rows)
        return {"ids": ids, "start": np.array([start], "int32"), "fixed": self._fixed, "kept": self._kept}

    def _agrees(self, example: Mapping[str, Any]) -> bool:
        """Returns whether steps give the logits of the window; a rule of a plug-in may be wrong."""
        ids = ops.convert_to_numpy(example[self._graph.stream.name])  # (1, window)
        half = ids.shape[1] // 2
        wanted = self._graph.run(example)[0]  # (window, classes)
        self.begin({name: ops.convert_to_numpy(value) for name, value in example.items()}, 1)
        self(self._question(ids[:, :half], 0), training=False)
        made = self(self._question(ids[:, half:], half), training=False)[0]  # (window - half, classes)
        return close(wanted[half:], made)


class _Stored(Cache):
    """What a call keeps, in the variables of its `Steps`."""

    def __init__(self, steps: Steps, call: str, moving: set[int], *, start: Any, kept: Mapping[str, Any], order: Any):
        self.steps, self.call, self.moving, self.start, self.kept, self.order = steps, call, moving, start, kept, order

    def extend(self, name: str, new: Any) -> Any:
        variable = self.steps._stores[f"{self.call}/{name}"]
        before = variable.value if self.order is None else ops.take(variable.value, self.order, axis=0)
        where = [0, self.start, *[0] * (len(new.shape) - 2)]
        variable.assign(ops.slice_update(before, where, ops.cast(new, variable.dtype)))
        return ops.convert_to_tensor(variable.value)

    def keep(self, name: str, compute: Callable[[], Any]) -> Any:
        key = f"{self.call}/{name}"
        if key in self.kept:
            return self.kept[key]
        self.steps._kept[key] = compute()
        return self.steps._kept[key]

    def moves(self, value: Any) -> bool:
        return id(value) in self.moving


def _fill(values: np.ndarray, rows: int) -> np.ndarray:
    """Returns so many rows, the last one repeated."""
    return np.concatenate([values, np.repeat(values[-1:], rows - len(values), axis=0)])
