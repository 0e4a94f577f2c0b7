"""How components that mix positions go on from one position to the next."""

from __future__ import annotations

import importlib
from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Any

FILES = ("attention", "convolution", "positions", "reshaping")
"""The modules of this folder that hold rules."""

Rule = Callable[..., Any]
_rules: dict[str, Rule] = {}


class Refusal(ValueError):
    """A component cannot go on from earlier positions, as it is called; the message says what it does."""


class Cache(ABC):
    """What one call of a component keeps of earlier positions.

    Attributes:
        start: The number of the first new position, int32 [].
    """

    start: Any

    @abstractmethod
    def extend(self, name: str, new: Any) -> Any:
        """Returns (rows, length, ...): all positions so far, and behind them whatever was there.

        Args:
            name: Of what is kept; a component may keep several things.
            new: (rows, n, ...) of the new positions, to be kept.
        """

    @abstractmethod
    def keep(self, name: str, compute: Callable[[], Any]) -> Any:
        """Returns (rows, ...) what `compute` returned at the beginning: it reads what does not move."""

    @abstractmethod
    def moves(self, value: Any) -> bool:
        """Returns whether an argument is of the new positions alone, (rows, n, ...), rather than there as a whole."""


def rule(*names: str) -> Callable[[Rule], Rule]:
    """Returns a decorator that makes a function the rule of layers or operations, by the names of their classes.

    The function takes the component, a `Cache`, and the arguments of the component's call, those that move being of the
    new positions alone, (rows, n, ...). It returns the output at these positions, and raises `Refusal` where the
    component, as it is called, cannot go on so.
    """

    def add(function: Rule) -> Rule:
        _rules.update(dict.fromkeys(names, function))
        return function

    return add


def find_rule(component: Any) -> Rule | None:
    """Returns the rule of a layer or operation: its own `step`, else that of its class or of one that it extends."""
    if hasattr(component, "step"):
        return lambda _, cache, *args, **kwargs: component.step(cache, *args, **kwargs)
    for name in FILES:
        importlib.import_module(f"dlsuite.stepping.{name}")
    return next((_rules[base.__name__] for base in type(component).__mro__ if base.__name__ in _rules), None)
