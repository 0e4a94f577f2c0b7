"""A spec from its file or a dictionary: composed, checked, and ready to be planned."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from dlsuite.spec import catalogue, composition, document
from dlsuite.spec.calling import RESERVED
from dlsuite.spec.checking import FAULTY, Checker, has_symbol
from dlsuite.spec.composition import LIBRARY_KEYS, TOP_KEYS
from dlsuite.spec.data_section import read_data
from dlsuite.spec.document import Object, describe
from dlsuite.spec.errors import Fault, SpecError, check_argument
from dlsuite.spec.expansion import Expander
from dlsuite.spec.expect_section import read_expect
from dlsuite.spec.expressions import is_expression, is_identifier, naming
from dlsuite.spec.figures import figures_of
from dlsuite.spec.plan import Plan, Stage
from dlsuite.spec.sections import SECTIONS
from dlsuite.spec.train_section import FIELDS, TrainReader

VERSION = 1


@dataclass(frozen=True)
class Spec:
    """A spec whose faults are all out of the way.

    Attributes:
        name: Its name, which is also that of its folder of runs.
        root: The folder that its paths may not leave.
        folder: The folder that its paths are relative to.
        source: The text as written.
        document: The composed document.
    """

    name: str
    root: Path
    folder: Path
    source: str = field(repr=False)
    document: Object = field(repr=False)
    _checked: Plan | None = field(default=None, repr=False, compare=False)

    def plan(self, facts: Mapping[str, Any] | None = None) -> Plan:
        """Returns the plan.

        Args:
            facts: What real data told, by feature, as in `{"label": {"classes": 10}}`, and `steps_per_epoch`. Facts
                that neither they nor the spec tell stay unknown; `Plan.unknown` names them.

        Raises:
            SpecError: With these facts the spec has faults.
        """
        if self._checked is not None and not facts:
            return self._checked
        made, faults = analyse(self.document, self.name, facts or {})
        if faults or made is None:
            raise SpecError(faults)
        return made

    @property
    def resolved(self) -> dict[str, Any]:
        """The composed document as plain JSON, the defaults of `train` written out."""
        plain = document.plain(self.document)
        defaults = {key: schema["default"] for key, schema in FIELDS.items() if schema["default"] is not None}
        train = plain.get("train")
        if isinstance(train, dict):
            plain["train"] = {**train, **{key: value for key, value in defaults.items() if key not in train}}
        elif isinstance(train, list) and train:
            train[0] = {**train[0], **{key: value for key, value in defaults.items() if key not in train[0]}}
        return {"name": self.name, "version": VERSION, **plain}


def load(
    spec: str | os.PathLike[str] | Mapping[str, Any], overrides: Mapping[str, Any] | None = None, *, paths: bool = True
) -> Spec:
    """Returns a spec.

    Args:
        spec: Path of its file, or the spec itself as a dictionary.
        overrides: Values by dotted path, such as `{"params.width": 32}`; strings are read as JSON where they are JSON.
        paths: Whether paths are held inside the folder of the file and that of the data. The copy of a spec that a run
            keeps lies elsewhere.

    Raises:
        SpecError: Lists every fault.
        ArgumentError: The spec or the overrides are of another kind.

    Example:
        >>> load("specs/vision/fashion_resnet.json", {"params.width": 32}).name
        'fashion_resnet'
    """
    return _checked(*_compose(spec, {} if overrides is None else overrides), paths=paths)


def load_text(text: str, at: str | os.PathLike[str]) -> Spec:
    """Returns a spec from its text, as if that stood in a file.

    Args:
        text: What an editor holds, saved or not.
        at: Path of the file, which need not be there: what the spec extends and uses, and its paths, are looked for
            from its folder. Faults are told by this name.

    Raises:
        SpecError: Lists every fault.

    Example:
        >>> load_text('{"extends": "digits_cnn.json", "name": "wide"}', "specs/vision/wide.json").name
        'wide'
    """
    check_argument(text, str, "A spec's text", "what a spec file would hold")
    path = Path(at)
    return _checked(composition.compose(document.take(text, str(at)), path, {}), path)


def check(spec: str | os.PathLike[str] | Mapping[str, Any], overrides: Mapping[str, Any] | None = None) -> list[Fault]:
    """Returns every fault of a spec, in the order of their places; an empty list for a good one."""
    try:
        composed, path = _compose(spec, {} if overrides is None else overrides)
        return SpecError(analyse(composed, _name(composed, path), {}, _folder(path))[1]).faults
    except SpecError as error:
        return error.faults


def is_name(value: Any) -> bool:
    """Returns whether a spec may be called so."""
    return isinstance(value, str) and re.fullmatch(r"[A-Za-z0-9_-]{1,64}", value) is not None


def analyse(
    spec: Object, name: str, facts: Mapping[str, Any], folder: Path | None = None
) -> tuple[Plan | None, list[Fault]]:
    """Returns the plan of a composed document, and its faults; paths are looked at where a folder is given."""
    checker = Checker(catalogue.load(), folder)
    checker.sections = SECTIONS
    try:
        plan = _Analysis(checker, spec, name, facts).plan()
    except SpecError as error:
        return None, error.faults
    except RecursionError:
        return None, [*checker.faults, Fault("The spec is nested too deeply.", spec.place, "Use fewer levels.")]
    return plan, checker.faults


def _compose(
    spec: str | os.PathLike[str] | Mapping[str, Any], overrides: Mapping[str, Any]
) -> tuple[Object, Path | None]:
    check_argument(overrides, Mapping, "`overrides`", "values by dotted path, such as {'train.epochs': 3}")
    for key in overrides:
        check_argument(key, str, "A key of `overrides`", "a dotted path, such as 'train.epochs'")
    if isinstance(spec, Mapping):
        return composition.compose(document.adopt(dict(spec), "<spec>"), None, overrides), None
    works = "the path of a JSON file, or what one would hold, as a dictionary"
    check_argument(spec, (str, os.PathLike), "A spec to load", works)
    path = Path(spec)
    return composition.compose(document.read(path, str(spec)), path, overrides), path


def _checked(composed: Object, path: Path | None, *, paths: bool = True) -> Spec:
    """Returns a composed document as a spec, once it has no faults."""
    name, folder = _name(composed, path), _folder(path)
    plan, faults = analyse(composed, name, {}, folder if paths else None)
    if faults:
        raise SpecError(faults)
    return Spec(name, composition.root_of(folder), folder, composed.place.source.text, composed, plan)


def _folder(path: Path | None) -> Path:
    return (path.parent if path else Path.cwd()).resolve()


def _name(spec: Object, path: Path | None) -> str:
    given = spec.get("name")
    if isinstance(given, str):
        return given
    return re.sub(r"[^A-Za-z0-9_-]+", "_", path.stem) if path else "spec"


class _Analysis:
    """One reading of a composed document, section by section."""

    def __init__(self, checker: Checker, spec: Object, name: str, facts: Mapping[str, Any]):
        self.checker = checker
        self.spec = spec
        self.name = name
        self.known = facts

    def plan(self) -> Plan:
        checker, spec = self.checker, self.spec
        self.top()
        params = self.params()
        data, facts = read_data(checker, self.section("data"), spec.place, params, self.known)
        expander = Expander(checker, params, facts.names, facts.tensors)
        blocks = self.section("blocks")
        if blocks is not None:
            expander.define(blocks)
        networks = expander.expand(self.networks())
        unknown = checker.unknown | {
            f"{name}.shape"
            for network in networks.values()
            for name, tensor in network.inputs.items()
            if tensor.shape is None or has_symbol(tensor.shape)
        }
        names = {**params, **facts.names}
        reader = TrainReader(checker, names, facts, networks, self.known.get("steps_per_epoch"))
        stages = reader.stages(spec["train"], spec.places["train"]) if "train" in spec else ()
        single = "models" not in spec
        return Plan(
            name=self.name,
            about=spec.get("about", ""),
            params=params,
            data=data,
            networks=networks,
            single=single,
            train=stages,
            predict=reader.predict(spec["predict"], spec.places["predict"]) if "predict" in spec else {},
            baselines=reader.components(spec, "baselines", "baseline"),
            expect=self.expect(None if single else networks, stages[-1] if stages and reader.whole else None),
            unknown=frozenset(unknown),
            seed=stages[0].seed if stages else 0,
        )

    def expect(self, networks: Mapping[str, Any] | None, stage: Stage | None) -> dict[str, Any]:
        if "expect" not in self.spec:
            return {}
        figures = figures_of(self.checker.catalogue, stage) if stage else None
        return read_expect(self.checker, self.spec["expect"], self.spec.places["expect"], networks, figures)

    def top(self) -> None:
        checker, spec = self.checker, self.spec
        checker.keys(spec, TOP_KEYS, "A spec")
        if "version" in spec and (spec["version"] != VERSION or isinstance(spec["version"], bool)):
            message = f"`version` is {describe(spec['version'])}; this is version {VERSION} of the language."
            checker.fault(message, spec.places["version"], f"Write {VERSION}.")
        for key in ("$schema", "about"):
            if key in spec:
                checker.typed(spec[key], spec.places[key], {"type": ["string"]}, {}, f"`{key}`")
        if "name" in spec and not is_name(spec["name"]):
            hint = "Letters, digits, underscores and hyphens, 64 at most: runs are kept in a folder of that name."
            checker.fault(f"`name` is {describe(spec['name'])}.", spec.places["name"], hint)

    def params(self) -> dict[str, Any]:
        checker = self.checker
        section = self.section("params")
        params: dict[str, Any] = {}
        for name, raw in (section or {}).items():
            place = section.places[name]  # type: ignore[union-attr]
            if not is_identifier(name) or name in RESERVED:
                message = f"`{name}` is no name for a param."
                checker.fault(message, section.keys_at[name], naming(name))  # type: ignore[union-attr]
            if raw is None:
                message = f"The spec needs a value for the param `{name}`."
                checker.fault(
                    message, place, f"Give it here, by --set params.{name}=..., or in Python by load(path, {name}=...)."
                )
                params[name] = FAULTY
            elif is_expression(raw) and (later := self.later(raw, section or {}, params)):
                message = f"`{name}` reads the param `{later}`, which comes after it."
                checker.fault(message, place, "A param may read those before it: change their order.")
                params[name] = FAULTY
            else:
                params[name] = checker.value(raw, place, params)
        return params

    def later(self, raw: str, section: Mapping[str, Any], known: Mapping[str, Any]) -> str | None:
        """Returns a param that an expression reads and that is not known yet."""
        words = re.findall(r"[a-z_][a-z0-9_]*", raw)
        return next((word for word in words if word in section and word not in known), None)

    def section(self, key: str) -> Object | None:
        if key not in self.spec:
            return None
        return self.checker.object(self.spec[key], self.spec.places[key], f"`{key}`")

    def networks(self) -> Object:
        checker, spec = self.checker, self.spec
        if "model" in spec and "models" in spec:
            hint = "`model` is for one network, `models` for several."
            checker.fault("A spec has `model` or `models`, not both.", spec.keys_at["models"], hint)
        if "models" in spec:
            models = self.section("models")
            if spec["models"] == {}:
                checker.fault("`models` is empty.", spec.places["models"], 'Write {"name": {"layers": [...]}, ...}.')
            return models or Object(spec.place)
        result = Object(spec.place)
        if "model" in spec:
            result.put("model", spec["model"], spec.places["model"], spec.keys_at["model"])
        elif not (set(spec) <= set(LIBRARY_KEYS) and "blocks" in spec):
            checker.fault("The spec has no `model`.", spec.place, 'Add "model": {"layers": [...]}, or `models`.')
        return result
