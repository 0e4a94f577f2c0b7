"""The `data` section: where examples come from, what is read of them, and which facts they give to expressions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from dlsuite.spec import expressions
from dlsuite.spec.arguments import unquoted
from dlsuite.spec.checking import FAULTY, Checker, Names
from dlsuite.spec.document import Object, describe
from dlsuite.spec.errors import Place, suggest
from dlsuite.spec.expressions import ExpressionError, Symbol, is_identifier, naming
from dlsuite.spec.plan import Component, DataPlan, FeaturePlan, InputPlan, SplitPlan

KEYS = ("source", "split", "inputs", "targets", "augment", "batch_size", "about")
SPLIT_KEYS = ("train", "validation", "test", "by", "stratify")
FEATURE_ARGUMENTS: Mapping[str, Mapping[str, Any]] = {
    "field": {"type": ["string"], "default": None},
    "fields": {"type": ["array"], "items": {"type": ["string"]}, "default": None},
    "like": {"type": ["string"], "default": None},
    "shift": {"type": ["integer"], "min": 0, "default": 0},
}
"""What every feature takes beside its own arguments."""

_BATCH = {"type": ["integer"], "min": 1, "max": 2**31 - 1, "default": 32}
_SHARE = {"type": ["number", "string"], "exclusiveMin": 0, "max": 1}


@dataclass(frozen=True)
class DataFacts:
    """What a `data` section tells the rest of the spec.

    Attributes:
        names: Facts by feature, for expressions.
        tensors: What the networks may read, by name.
        targets: The feature of each target; "" where it is at fault.
    """

    names: Mapping[str, Any]
    tensors: Mapping[str, InputPlan]
    targets: Mapping[str, str]


def read_data(
    checker: Checker, section: Object | None, place: Place, params: Names, known: Mapping[str, Any]
) -> tuple[DataPlan, DataFacts]:
    """Returns the plan of the `data` section and its facts.

    Args:
        known: Facts as read from real data, by feature; they win over what features and datasets declare.
    """
    given = section if section is not None else Object(place)
    checker.keys(given, KEYS, "`data`")
    source = None
    if "source" in given:
        source = checker.component(given["source"], given.places["source"], "dataset", params)
    reader = _FeatureReader(checker, source, params, known)
    inputs = reader.read(given, "inputs")
    targets = reader.read(given, "targets")
    reader.check_likes()
    augment = []
    if "augment" in given:
        raw = checker.array(given["augment"], given.places["augment"], "`augment`")
        for item, at in zip(raw, raw.places, strict=True):
            component = checker.component(item, at, "augmentation", params)
            augment += [component] if component else []
    batch_size = checker.field(given, "batch_size", _BATCH, params, "`data`")
    split = _read_split(checker, given, params)
    for key, field in (("by", split.by), ("stratify", split.stratify)):
        if field and (key, field) not in (("by", "random"), ("by", "order")):
            reader.check_fields((field,), given["split"].places[key])
    plan = DataPlan(source, split, inputs, targets, tuple(augment), batch_size, place if section is not None else None)
    kinds = {name: "" for name in _names(given.get("targets")) if name not in _names(given.get("inputs"))}
    kinds |= {name: feature.component.name for name, feature in targets.items() if name in kinds}
    facts = DataFacts(reader.facts, reader.tensors, kinds)
    return plan, facts


def _names(section: Any) -> Mapping[str, Any]:
    return section if isinstance(section, Object) else {}


def _read_split(checker: Checker, section: Object, params: Names) -> SplitPlan:
    if "split" not in section:
        return SplitPlan()
    place = section.places["split"]
    split = checker.object(section["split"], place, "`split`")
    checker.keys(split, SPLIT_KEYS, "`split`")
    parts: dict[str, float | str] = {}
    for part in ("train", "validation", "test"):
        if part in split:
            value = checker.typed(split[part], split.places[part], _SHARE, params, f"`{part}` of `split`")
            if isinstance(value, str) and (plain := unquoted(value, ["number"])).startswith("Write"):
                message = f"`{part}` of `split` is {describe(value)}, which names a split of the dataset."
                checker.fault(message, split.places[part], plain)
            elif not isinstance(value, Symbol):
                parts[part] = value
    total = sum(value for value in parts.values() if not isinstance(value, str))
    if total > 1 + 1e-9:
        checker.fault(f"The parts of `split` add up to {total:g}.", place, "Fractions add up to 1 at most.")
    elif isinstance(parts.get("train"), str) and total > 1 - 1e-9:
        checker.fault("The parts of `split` leave nothing to train on.", place, "Take less than all of it.")
    if parts and "train" not in split:
        checker.fault("`split` has no `train`.", place, "Say which share is trained on, or which split of the data.")
    by = checker.field(split, "by", {"type": ["string"], "default": "random"}, params, "`split`")
    stratify = checker.field(split, "stratify", {"type": ["null", "string"], "default": None}, params, "`split`")
    return SplitPlan(parts, by, stratify)


class _FeatureReader:
    def __init__(self, checker: Checker, source: Component | None, params: Names, known: Mapping[str, Any]):
        self.checker = checker
        self.params = params
        self.known = known
        self.source = source
        self.declared: Mapping[str, Any] = {}
        if source is not None:
            entry = checker.catalogue.entry("dataset", source.name) or {}
            self.declared = entry.get("facts", {}).get("fields", {})
        self.facts: dict[str, Any] = {}
        self.tensors: dict[str, InputPlan] = {}
        self.likes: dict[str, tuple[str, Place]] = {}

    def read(self, section: Object, key: str) -> dict[str, FeaturePlan]:
        if key not in section:
            return {}
        features = self.checker.object(section[key], section.places[key], f"`{key}`")
        result = {}
        for name, raw in features.items():
            if not is_identifier(name):
                self.checker.fault(f"`{name}` is no name for a feature.", features.keys_at[name], naming(name))
            elif name in self.facts:
                self.checker.fault(
                    f"`{name}` is both an input and a target.",
                    features.keys_at[name],
                    "Rename one; `field` says what it reads.",
                )
            elif name in self.params:
                self.checker.fault(
                    f"`{name}` is both a feature and a param.", features.keys_at[name], "Rename one of them."
                )
            feature = self.feature(name, raw, features.places[name], key == "inputs")
            if feature:
                result[name] = feature
            else:
                self.facts.setdefault(name, FAULTY)
                if key == "inputs":
                    self.tensors.setdefault(name, InputPlan(None))
        return result

    def feature(self, name: str, raw: Any, place: Place, is_input: bool) -> FeaturePlan | None:
        checker, params = self.checker, self.params
        written = checker.split(raw, place, params, "feature")
        if written is None:
            return None
        kind, given = written
        entry = checker.entry("feature", kind, place)
        if entry is None:
            return None
        arguments = checker.arguments(kind, entry, given, place, params, FEATURE_ARGUMENTS)
        own = {
            key: checker.field(given, key, schema, params, kind)
            for key, schema in FEATURE_ARGUMENTS.items()
            if key not in entry["args"]
        }
        if own.get("field") and own.get("fields"):
            message = f"{kind} takes `field` or `fields`, not both."
            checker.fault(message, given.keys_at["fields"], "`field` names one, `fields` a list of them.")
        fields = tuple(own.get("fields") or [own.get("field") or name])
        at = given.places.get("fields", given.places.get("field", place))
        self.check_fields(fields, at)
        if own.get("like"):
            self.likes[name] = own["like"], given.places["like"]
        component = Component("feature", kind, arguments, place)
        self.note_facts(name, component, entry, fields, place, is_input)
        return FeaturePlan(component, fields, own.get("like"), own.get("shift") or 0, self.facts[name])

    def note_facts(
        self,
        name: str,
        component: Component,
        entry: Mapping[str, Any],
        fields: tuple[str, ...],
        place: Place,
        is_input: bool,
    ) -> None:
        """Evaluates what the feature's source declares: its facts, its tensor and its mask."""
        arguments = {key: schema.get("default") for key, schema in entry["args"].items()}
        arguments |= {key: value for key, value in component.arguments.items() if not isinstance(value, Component)}
        declared = self.declared.get(fields[0], self.declared.get("*", {})) if len(fields) == 1 else {}
        names = {**arguments, "fields": list(fields), "field": _Declared(name, declared)}
        literal = entry.get("facts", {})
        facts = {key: self.evaluate(text, names, f"{name}.{key}") for key, text in literal.get("facts", {}).items()}
        if "tensor" in literal:
            facts.setdefault("shape", self.evaluate(literal["tensor"]["shape"], {**names, **facts}, f"{name}.shape"))
        facts |= self.known.get(name, {})
        self.facts[name] = facts
        if is_input and "tensor" in literal:
            self.tensors[name] = self.tensor(literal["tensor"], {**names, **facts}, name)
        if is_input and "mask" in literal:
            self.tensors[f"{name}.mask"] = self.tensor(literal["mask"], {**names, **facts}, name)

    def tensor(self, literal: Mapping[str, Any], names: Names, name: str) -> InputPlan:
        shape = self.known.get(name, {}).get("shape") or self.evaluate(literal["shape"], names, f"{name}.shape")
        dtype = self.evaluate(literal.get("dtype", "float32"), names, name)
        if isinstance(shape, list):
            return InputPlan(shape, dtype)
        return InputPlan(None, dtype)

    def evaluate(self, text: Any, names: Names, fact: str) -> Any:
        if isinstance(text, list):
            return [self.evaluate(item, names, fact) for item in text]
        if not expressions.is_expression(text):
            return text
        try:
            value = expressions.evaluate(text, names)
        except ExpressionError:
            return Symbol(fact)
        return Symbol(fact) if value is None else value

    def check_fields(self, fields: tuple[str, ...], place: Place) -> None:
        """Reports fields that the dataset, which declares its own, does not have."""
        if self.source is None or not self.declared or "*" in self.declared:
            return
        for field in fields:
            if field not in self.declared:
                message = f"{self.source.name} has no field `{field}`."
                self.checker.fault(message, place, suggest(field, self.declared, what="fields"))

    def check_likes(self) -> None:
        """Reports each `like` that names no feature, or leads back to its own."""
        for name, (like, place) in self.likes.items():
            if like not in self.facts:
                self.checker.fault(f"There is no feature `{like}`.", place, suggest(like, self.facts, what="features"))
            chain = [name]
            while chain[-1] in self.likes and chain[-1] not in chain[:-1]:
                chain.append(self.likes[chain[-1]][0])
            if chain[-1] == name and len(chain) > 1:
                message = f"`like` goes in a circle: {' -> '.join(chain)}."
                self.checker.fault(message, place, "One of them is fitted itself: leave out its `like`.")


class _Declared(dict[str, Any]):
    """What a dataset declares of a field; anything else is a symbol."""

    def __init__(self, feature: str, declared: Mapping[str, Any]):
        super().__init__(declared)
        self.feature = feature

    def __contains__(self, key: object) -> bool:
        return True

    def __missing__(self, key: str) -> Symbol:
        return Symbol(f"{self.feature}.{key}")
