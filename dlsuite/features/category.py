"""One of several classes."""

from __future__ import annotations

import reprlib
from collections import Counter
from collections.abc import Iterable
from typing import Annotated, Any, Literal

import numpy as np

from dlsuite.registry import Range, register

ABSENT = frozenset({"", "?", "NA", "N/A", "NaN", "nan", "null", "None"})
UNKNOWN = "unknown"
NO_LABELS = (list, tuple, dict, set, complex, np.ndarray)


@register("feature")
class Category:
    """One of several classes, as its number from 0.

    The classes are, in this order: those of `names`; those that the dataset names; `classes` whole numbers; or those of
    the training examples, sorted (numbers by value, else by name).

    Args:
        classes: So many classes, labelled 0, 1, 2, ...
        names: The labels, in order. With `classes` or a dataset's whole numbers, what to call them.
        missing: `unknown` makes one more class, the last, for missing, rare and never seen labels. By default an
            example with such a label counts as corrupt.
        min_count: Labels with fewer training examples are unknown.

    Example:
        >>> sex = Category()
        >>> sex.fit(["Male", "Female", "Male"])
        >>> sex.encode("Male"), sex.decode([0.9, 0.1])
        (array(1, dtype=int32), 'Female')
    """

    facts = {
        "classes": (
            "=(len(names) if names != null else classes if classes != null else field.classes)"
            ' + (1 if missing == "unknown" else 0)'
        )
    }
    tensor = {"shape": "=[]", "dtype": "int32"}

    def __init__(
        self,
        *,
        classes: Annotated[int, Range(least=1)] | None = None,
        names: list[str] | None = None,
        missing: Literal["unknown"] | None = None,
        min_count: Annotated[int, Range(least=1)] = 1,
    ):
        if classes is not None and names is not None and classes != len(names):
            raise ValueError(f"classes is {classes}, but there are {len(names)} names")
        if min_count > 1 and missing is None:
            raise ValueError('min_count puts rare labels with the unknown ones: give "missing": "unknown" too')
        self._missing = missing
        self._min_count = min_count
        self._labels: list[str] = []
        self._names: list[str] = []
        self._fixed = False
        if names is not None:
            self._set(names if classes is None else [str(i) for i in range(classes)], names)
        elif classes is not None:
            self._set([str(i) for i in range(classes)])

    def expect(self, facts: dict[str, Any]) -> None:
        """Takes the classes that the dataset declares, where the spec gives none: `classes` and perhaps `names`."""
        if not self._fixed and (count := facts.get("classes")) is not None:
            self._set([str(i) for i in range(count)], facts.get("names"))

    def fit(self, values: Iterable[Any]) -> None:
        """Finds the classes of the training examples, unless they are given.

        Raises:
            ValueError: There is no label at all.
        """
        if self._fixed:
            return
        counts, strange = Counter[str](), ""
        for value in values:
            try:
                label = _label(value)
            except ValueError as error:
                strange = strange or f": the first value {error}"
                continue
            counts.update([label] if label is not None else [])
        labels = [label for label, count in counts.items() if count >= self._min_count]
        if not labels:
            raise ValueError(f"the training examples hold no label here{strange}")
        whole = all(label.lstrip("-").isdecimal() for label in labels)
        self._set(sorted(labels, key=int) if whole else sorted(labels))

    def state(self) -> dict[str, Any]:
        """Returns what was fitted, as JSON."""
        return {"labels": self._labels, "names": self._names}

    def restore(self, state: dict[str, Any]) -> None:
        """Takes over what `state` returned."""
        self._set(state["labels"], state["names"])

    def facts_fitted(self) -> dict[str, Any]:
        """Returns the number of classes and their names."""
        names = [*self._names, *([UNKNOWN] if self._missing else [])]
        return {"classes": len(names), "names": names, "shape": []}

    def encode(self, raw: Any) -> np.ndarray:
        """Returns the number of the class, int32 [].

        Raises:
            ValueError: The label is missing, none of the classes, or no label at all, such as a list.
        """
        label = _label(raw)
        found = self._numbers.get(label) if label is not None else None
        if found is None and self._missing:
            found = len(self._labels)
        if found is None:
            known = ", ".join(self._names[:12]) + (", ..." if len(self._names) > 12 else "")
            what = "is missing" if label is None else f"{label!r} is none of the classes {known}"
            raise ValueError(f'{what}; "missing": "unknown" makes a class for such labels')
        return np.array(found, np.int32)

    def encode_many(self, raws: Any) -> np.ndarray:
        """Returns the numbers of the classes, int32 [n]."""
        if isinstance(raws, np.ndarray) and raws.dtype.kind in "iub":
            distinct, inverse = np.unique(raws, return_inverse=True)
            return np.array([self.encode(value) for value in distinct], np.int32)[inverse]
        numbers = {label: self.encode(label) for label in {raw for raw in raws if isinstance(raw, str)}}
        return np.array([numbers[raw] if isinstance(raw, str) else self.encode(raw) for raw in raws], np.int32)

    def decode(self, array: Any) -> str:
        """Returns the name of a class: of its number, or of the largest of a vector of probabilities or logits."""
        values = np.asarray(array)
        number = int(values) if values.ndim == 0 else int(values.argmax())
        return self.facts_fitted()["names"][number]

    def _set(self, labels: list[str], names: list[str] | None = None) -> None:
        self._labels, self._names, self._fixed = list(labels), list(names or labels), True
        self._numbers = {label: i for i, label in reversed(list(enumerate(self._names)))}
        self._numbers |= {label: i for i, label in enumerate(self._labels)}


def _label(raw: Any) -> str | None:
    """Returns a label as text: 3, 3.0 and "3" are one; `None` where it is missing.

    Raises:
        ValueError: It is no label.
    """
    if isinstance(raw, np.generic) or (isinstance(raw, np.ndarray) and raw.size == 1):
        raw = raw.item()
    if raw is None:
        return None
    if isinstance(raw, NO_LABELS):
        kind = "complex" if isinstance(raw, complex) else f"of the type {type(raw).__name__}"
        raise ValueError(f"{reprlib.repr(raw)} is {kind}, and a class is named by a text, a number or a truth value")
    if isinstance(raw, bool):
        return str(raw)
    if isinstance(raw, float):
        if np.isnan(raw):
            return None
        raw = int(raw) if raw.is_integer() else raw
    label = str(raw).strip()
    return None if label in ABSENT else label
