"""Features made from a plan and fitted on training examples."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from dlsuite.datasets.examples import Examples
from dlsuite.features.content import Unopened
from dlsuite.making import make_block
from dlsuite.spec.errors import DataError, Fault, SpecError, suggest
from dlsuite.spec.plan import DataPlan, FeaturePlan


def make_features(
    plan: DataPlan, train: Examples | None, declared: Mapping[str, Any], fitted: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """Returns the features of a plan by name, fitted.

    Args:
        plan: The data section.
        train: The training examples; `None` where `fitted` is given and the data is not at hand.
        declared: The facts that the dataset declares, by field; "*" stands for every other.
        fitted: The state of each feature, as saved with a run, instead of fitting.

    Raises:
        SpecError: A field is not there, or a feature cannot do what the plan asks.
        DataError: A feature cannot be fitted on these examples.
    """
    plans = {**plan.inputs, **plan.targets}
    if train is not None:
        _check_fields(plans, train)
    features = {name: _make(feature, declared) for name, feature in plans.items()}
    if fitted is not None:
        for name, feature in features.items():
            if name not in fitted:
                raise DataError(f"The run keeps no state of the feature {name!r}: it was made by another spec.")
            _restore(name, feature, fitted[name])
        return features
    if train is None:
        raise ValueError("features are fitted on training examples, or restored from `fitted`")
    for name, feature in plans.items():
        if feature.like is None:
            try:
                features[name].fit(raw_column(train, feature.fields, features[name]))
            except ValueError as error:
                raise DataError(
                    f"The feature {name!r} ({', '.join(feature.fields)}) cannot be fitted: {error}."
                ) from None
    for name, feature in plans.items():
        if feature.like is not None:
            features[name].restore(features[_origin(name, plans, features)].state())
    return features


def check_splits(plan: DataPlan, splits: Mapping[str, Examples]) -> None:
    """Raises a `DataError` where the examples of a split lack a field that a feature reads."""
    for split, examples in splits.items():
        for name, feature in {**plan.inputs, **plan.targets}.items():
            for field in feature.fields:
                if len(examples) and field not in examples.fields:
                    hint = suggest(field, examples.fields, what="fields")
                    lacks = f"The {split} examples lack the field {field!r}, which the feature {name!r} reads."
                    raise DataError(f"{lacks} {hint}".rstrip())


def raw_column(examples: Examples, fields: tuple[str, ...], feature: Any) -> Any:
    """Returns the raw values of a feature: a column, or for several fields a list of lists.

    Data sets name files by paths. A feature that opens files (its class says `opens = True`) would take strings for
    paths too: those of a table it does not open.
    """
    if len(fields) == 1:
        column = examples.column(fields[0])
        if not getattr(feature, "opens", False) or (isinstance(column, np.ndarray) and column.dtype.kind in "biuf"):
            return column
        return [Unopened(raw) if isinstance(raw, str) and "\n" not in raw else raw for raw in column]
    return [list(values) for values in zip(*(examples.column(field) for field in fields), strict=True)]


def _restore(name: str, feature: Any, state: Mapping[str, Any]) -> None:
    try:
        feature.restore(state)
        feature.facts_fitted()
    except (AttributeError, IndexError, KeyError, TypeError, ValueError) as error:
        what = f"{type(error).__name__}: {error}"
        raise DataError(
            f"The state of the feature {name!r}, in `features/state.json` of the run, is damaged, or of another "
            f"feature ({what}). What would work: a copy of the file from elsewhere, or to train anew."
        ) from None


def _make(plan: FeaturePlan, declared: Mapping[str, Any]) -> Any:
    component = plan.component
    feature = make_block(component, component.arguments)
    if plan.shift:
        if not hasattr(feature, "shift"):
            raise SpecError([Fault(f"`shift` moves sequences, and {component.name} is none.", component.place)])
        feature.shift(plan.shift)
    if hasattr(feature, "expect") and len(plan.fields) == 1:
        feature.expect(declared.get(plan.fields[0], declared.get("*", {})))
    return feature


def _origin(name: str, plans: Mapping[str, FeaturePlan], features: Mapping[str, Any]) -> str:
    """Returns the feature at the end of a chain of `like`."""
    place, seen, current = plans[name].component.place, [name], name
    while (like := plans[current].like) is not None:
        if like not in plans:
            hint = suggest(like, plans, what="features")
            raise SpecError([Fault(f"`like` names the feature {like!r}, which is not there.", place, hint)])
        if like in seen:
            raise SpecError([Fault(f"`like` goes in a circle: {' -> '.join([*seen, like])}.", place)])
        seen.append(like)
        current = like
    if type(features[current]) is not type(features[name]):
        ours, theirs = plans[name].component.name, plans[current].component.name
        raise SpecError(
            [Fault(f"`like` shares what is fitted, but {name!r} is {ours} and {current!r} {theirs}.", place)]
        )
    return current


def _check_fields(plans: Mapping[str, FeaturePlan], examples: Examples) -> None:
    faults = []
    for name, plan in plans.items():
        for field in plan.fields:
            if field not in examples.fields:
                hint = suggest(field, examples.fields, what="fields")
                place = plan.component.place
                faults.append(
                    Fault(f"the feature {name!r} reads the field {field!r}, which the data lacks.", place, hint)
                )
    if faults:
        raise SpecError(faults)
