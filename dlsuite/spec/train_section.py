"""The sections that say what is learned and how it answers: `train`, `predict`, `baselines`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from dlsuite.spec import replicas
from dlsuite.spec.checking import Checker, Names, article
from dlsuite.spec.composition import merge
from dlsuite.spec.data_section import DataFacts
from dlsuite.spec.document import Array, Object, describe
from dlsuite.spec.errors import Place, suggest
from dlsuite.spec.expressions import Symbol
from dlsuite.spec.history import find_faults, refuse_beside
from dlsuite.spec.logits import GIVEN, squashed
from dlsuite.spec.plan import Component, Network, Stage, Task
from dlsuite.spec.roots import inside

FIELDS: Mapping[str, Mapping[str, Any]] = {
    "epochs": {"type": ["null", "integer"], "min": 1, "max": 2**31 - 1, "default": None},
    "steps": {"type": ["null", "integer"], "min": 1, "max": 2**31 - 1, "default": None},
    "precision": {
        "type": ["string"],
        "values": ["float32", "mixed_bfloat16", "mixed_float16", "bfloat16", "float16", "float64"],
        "default": "float32",
    },
    "jit_compile": {"type": ["boolean"], "default": False},
    "seed": {"type": ["integer"], "min": 0, "max": 2**32 - 1, "default": 0},
    "deterministic": {"type": ["boolean"], "default": False},
    "from": {"type": ["null", "string"], "default": None},
}
"""The fields of `train` that hold plain values."""

CONSTANT = ("precision", "strategy")
"""What all stages of a training share."""

KEYS = (*FIELDS, "objective", "metrics", "optimizer", "callbacks", "strategy", "layers", "class_weights", "about")
PREDICT_FIELDS: Mapping[str, Mapping[str, Any]] = {
    "threshold": {"type": ["number"], "min": 0, "max": 1},
    "seed": {"type": ["integer"], "min": 0, "max": 2**32 - 1},
    "film": {"type": ["integer"], "min": 2},
}
"""The fields of `predict` that hold plain values."""
PREDICT_KEYS = ("decoder", "sampler", *PREDICT_FIELDS, "about")
OPTIMIZER = Component("optimizer", "Adam")
"""What trains where no optimizer is given."""

RUN = "It is the path of a run inside the folder of runs or of specs, such as `runs/digits_cnn/20260101-120000-1a2b`."
LAYER_SETTINGS: Mapping[str, Mapping[str, Any]] = {
    "trainable": {"type": ["boolean"]},
    "lora_rank": {"type": ["integer"], "min": 1},
    "weight_decay": {"type": ["boolean"]},
}
"""What `layers` of `train` may set."""

_TASK_ARGUMENTS = {"objective": ("target", "inputs", "weight"), "metric": ("target", "inputs")}
_NUMBER = {"type": ["number"]}


class TrainReader:
    """Reads the stages of `train` and what belongs to them.

    Args:
        checker: Collects the faults.
        names: Params and facts.
        data: What the `data` section told.
        networks: The expanded networks.
        steps_per_epoch: From the data, or `None` where only it knows.
    """

    def __init__(
        self,
        checker: Checker,
        names: Names,
        data: DataFacts,
        networks: Mapping[str, Network],
        steps_per_epoch: int | None,
    ):
        self.checker = checker
        self.names = dict(names)
        self.data = data
        self.networks = networks
        self.steps_per_epoch = steps_per_epoch
        self.objectives: tuple[Task, ...] = ()  # of the stage that is read
        self.whole = True  # whether every objective and metric that is written could be read
        self.outputs = [output for network in networks.values() for output in network.body.outputs]
        inputs = [name for name in data.tensors if "." not in name]
        checker.known = {
            "network": list(networks),
            "input": inputs,
            "output": self.outputs,
            "target": list(data.targets),
        }

    def stages(self, raw: Any, place: Place) -> tuple[Stage, ...]:
        """Returns the stages, each inheriting from the one before."""
        if not isinstance(raw, Array):
            return (self.stage(self.checker.object(raw, place, "`train`"), place),)
        stages, inherited = [], Object(place)
        for item, at in zip(raw, raw.places, strict=True):
            own = self.checker.object(item, at, "A stage of `train`")
            inherited = merge(inherited, own)
            for key, other in (("epochs", "steps"), ("steps", "epochs")):
                if key in own and other not in own:
                    inherited.pop(other, None)
            stages.append(self.stage(inherited, at))
            for key in CONSTANT:
                if getattr(stages[-1], key) != getattr(stages[max(len(stages) - 2, 0)], key):
                    hint = "Write it in the first stage, for all of them."
                    self.checker.fault(f"`{key}` cannot change between stages.", own.keys_at.get(key, at), hint)
        if not stages:
            self.checker.fault("`train` is an empty list.", place, "Leave `train` out, or give a stage.")
        return tuple(stages)

    def stage(self, section: Object, place: Place) -> Stage:
        """Returns one stage with every default filled in."""
        checker = self.checker
        checker.keys(section, KEYS, "`train`")
        values = {key: checker.field(section, key, schema, self.names, "`train`") for key, schema in FIELDS.items()}
        if isinstance(values["from"], str):
            self.check_run(values["from"], section.places["from"])
        if values["epochs"] is None and values["steps"] is None:
            if "epochs" not in section and "steps" not in section:
                checker.fault("`train` does not say how long.", place, "Give `epochs`, or `steps`.")
        elif values["epochs"] is not None and values["steps"] is not None:
            checker.fault(
                "`train` has both `epochs` and `steps`.", section.keys_at["steps"], "One of them says how long."
            )
        self.names["steps"] = self._steps(values)
        self.objectives = ()
        if "objective" in section and section["objective"] not in ([], {}):
            self.objectives = self.tasks(section, "objective", "objective")
        else:
            at = section.places.get("objective", place)
            checker.fault("`train` has no `objective`.", at, 'As in "objective": "Classification".')
        layers, layers_at = self.layers(section)
        stage = Stage(
            objectives=self.objectives,
            metrics=self.tasks(section, "metrics", "metric") if "metrics" in section else (),
            optimizer=self.optimizer(section),
            epochs=values["epochs"],
            steps=values["steps"],
            callbacks=self.components(section, "callbacks", "callback"),
            precision=values["precision"],
            strategy=self.one(section, "strategy", "strategy") or Component("strategy", "Auto"),
            jit_compile=values["jit_compile"],
            seed=values["seed"],
            deterministic=values["deterministic"],
            class_weights=self.class_weights(section),
            layers=layers,
            layers_at=layers_at,
            start_from=values["from"],
            place=place,
        )
        faults = [*find_faults(checker.catalogue, stage, self.networks)] if self.whole else []
        faults += replicas.find_faults(stage) if replicas.has_several(stage.strategy) else []
        for fault in faults:
            checker.fault(fault.message, fault.place or place, fault.hint)
        return stage

    def check_run(self, path: str, place: Place) -> None:
        """Reports a `from` that cannot be the path of a run; whether there is one is seen when training starts."""
        anywhere = Path("/", "runs")  # which folder is that of the runs is said when training starts
        if not path.strip() or "://" in path or path.startswith("~"):
            message = f"`from` of `train` is {describe(path)}, which is no path of a run."
            self.checker.fault(message, place, RUN)
        elif not (Path(path).is_absolute() and "\0" not in path) and not inside(path, [anywhere]):
            self.checker.fault(f"`from` of `train`: the path `{path}` leaves its folder.", place, RUN)

    def tasks(self, section: Object, key: str, kind: str) -> tuple[Task, ...]:
        """Returns objectives or metrics, written as one component, a list of them, or by target."""
        raw, place = section[key], section.places[key]
        if isinstance(raw, Array):
            pairs: list[tuple[Any, Place, str | None]] = [
                (item, at, None) for item, at in zip(raw, raw.places, strict=True)
            ]
        elif isinstance(raw, Object) and raw and all(re.fullmatch(r"[a-z][a-z0-9_]*", name) for name in raw):
            pairs = []
            for target, value in raw.items():
                if target not in self.data.targets:
                    hint = suggest(target, self.data.targets, what="targets")
                    self.checker.fault(f"There is no target `{target}`.", raw.keys_at[target], hint)
                    self.whole = False
                    continue
                items = value if isinstance(value, Array) else [value]
                places = value.places if isinstance(value, Array) else [raw.places[target]]
                pairs += [(item, at, target) for item, at in zip(items, places, strict=True)]
        else:
            pairs = [(raw, place, None)]
        tasks = [self.task(item, at, kind, target) for item, at, target in pairs]
        self.whole &= all(tasks)
        return tuple(task for task in tasks if task)

    def task(self, raw: Any, place: Place, kind: str, target: str | None) -> Task | None:
        """Returns one objective or metric with its target and inputs."""
        checker = self.checker
        component = checker.component(raw, place, kind, self.names, _TASK_ARGUMENTS[kind])
        if component is None:
            return None
        written = checker.split(raw, place, self.names, kind)
        given = written[1] if written else Object(place)
        if kind == "metric" and (beside := refuse_beside(checker.catalogue, component, self.objectives)):
            checker.fault(beside.message, place, beside.hint)
            return None
        entry = checker.catalogue.entry(kind, component.name) or {}
        self.check_parts(component, entry, place)
        learns = entry.get("facts", {}).get("learns")
        weight = checker.field(given, "weight", {**_NUMBER, "default": 1.0}, self.names, component.name)
        if "target" in given and "target" not in entry["args"]:
            target = checker.argument(
                given["target"], given.places["target"], {"kind": "target"}, self.names, f"`target` of {component.name}"
            )
            target = target if isinstance(target, str) and target in self.data.targets else None
            if target is None:
                return None
        if learns == []:
            inputs = self.inputs(given, component, None)
            self.takes(component, inputs)
            return Task(component, target, inputs, weight)
        if target is None:
            if not self.data.targets:
                checker.fault(f"{component.name} needs a target.", place, "Declare one in `targets` of `data`.")
                return None
            if len(self.data.targets) > 1:
                names = ", ".join(f"`{name}`" for name in self.data.targets)
                message = f"{component.name} does not say which target it is for: {names}."
                checker.fault(message, place, f'Give `target`, or write {{"{next(iter(self.data.targets))}": ...}}.')
                return None
            target = next(iter(self.data.targets))
        feature = self.data.targets.get(target)
        if learns and feature and feature not in learns:
            message = f"{component.name} learns {' or '.join(learns)}; `{target}` is a {feature}."
            checker.fault(message, place, "Choose another objective, or another feature for the target.")
        inputs = self.inputs(given, component, target, place)
        self.takes(component, inputs)
        return Task(component, target, inputs, weight)

    def check_parts(self, component: Component, entry: Mapping[str, Any], place: Place) -> None:
        """Reports parts of the spec that a component reads by default and that are not there."""
        for key, schema in entry["args"].items():
            kind, name = schema.get("kind"), schema.get("default")
            if kind not in self.checker.known or key in component.arguments or not isinstance(name, str):
                continue
            if name not in (there := self.checker.known[kind]):
                hint = f'Give {article(kind)} that name, or name another: "{key}": "{next(iter(there), "...")}".'
                message = f"{component.name} reads the {kind} `{name}`, which is not there."
                self.checker.fault(message, place, hint)

    def takes(self, task: Component, outputs: tuple[str, ...]) -> None:
        """Reports outputs of probabilities and the like, where an objective or metric takes logits."""
        checker = self.checker
        facts = (checker.catalogue.entry(task.kind, task.name) or {}).get("facts", {})
        for output in outputs if facts.get("takes") == "logits" else ():
            for made in squashed(checker.catalogue, self.networks, output):
                message = f"{task.name} takes logits; `{output}` is made by `{made.activation}`."
                hint = f"A {made.activation} gives {GIVEN[made.activation]}: leave it out, or name another output."
                outer, checker.calls = checker.calls, made.calls
                checker.fault(message, made.place, hint)
                checker.calls = outer

    def inputs(
        self, given: Object, component: Component, target: str | None, place: Place | None = None
    ) -> tuple[str, ...]:
        """Returns the outputs that a task reads: those it names, else the one named as its target."""
        checker = self.checker
        if "inputs" in given and "inputs" not in component.arguments:
            schema = {"kind": "output", "type": ["array"]}
            owner = f"`inputs` of {component.name}"
            value = checker.argument(given["inputs"], given.places["inputs"], schema, self.names, owner)
            return tuple(item for item in (value if isinstance(value, list) else [value]) if isinstance(item, str))
        if target is None or not self.networks:
            return ()
        whole = all(network.body.outputs for network in self.networks.values())
        if target not in self.outputs and whole:
            made = ", ".join(f"`{output}`" for output in self.outputs)
            verb = "learns" if component.kind == "objective" else "measures"
            message = f"{component.name} {verb} `{target}`, but no output has that name."
            hint = suggest(target, self.outputs, what="outputs")
            near = f'Outputs are {made}. Name the layer that makes it: "name": "{target}".'
            checker.fault(message, place or given.place, near if "Did" not in hint else f"{hint} {near}")
        return (target,)

    def optimizer(self, section: Object) -> Component | dict[str, Component]:
        """Returns the optimizer, or one by network."""
        checker = self.checker
        raw = section.get("optimizer")
        if isinstance(raw, Object) and raw and all(re.fullmatch(r"[a-z][a-z0-9_]*", name) for name in raw):
            result = {}
            for name, value in raw.items():
                if name not in self.networks:
                    hint = suggest(name, self.networks, what="networks")
                    checker.fault(f"There is no network `{name}`.", raw.keys_at[name], hint)
                result[name] = checker.component(value, raw.places[name], "optimizer", self.names) or OPTIMIZER
            return result
        return self.one(section, "optimizer", "optimizer") or OPTIMIZER

    def one(self, section: Object, key: str, kind: str) -> Component | None:
        """Returns the component of a key, if it is given."""
        if key not in section:
            return None
        return self.checker.component(section[key], section.places[key], kind, self.names)

    def components(self, section: Object, key: str, kind: str) -> tuple[Component, ...]:
        """Returns the components of a key that holds a list, or one alone."""
        if key not in section:
            return ()
        raw, place = section[key], section.places[key]
        items = list(zip(raw, raw.places, strict=True)) if isinstance(raw, Array) else [(raw, place)]
        found = [self.checker.component(item, at, kind, self.names) for item, at in items]
        return tuple(component for component in found if component)

    def class_weights(self, section: Object) -> Any:
        """Returns `None`, "balanced", or weights by class."""
        raw = section.get("class_weights")
        if isinstance(raw, Object):
            return {
                name: self.checker.typed(
                    value, raw.places[name], {**_NUMBER, "min": 0}, self.names, f"The weight of `{name}`"
                )
                for name, value in raw.items()
            }
        schema = {"type": ["null", "string"], "values": ["balanced"], "default": None}
        return self.checker.field(section, "class_weights", schema, self.names, "`train`")

    def layers(self, section: Object) -> tuple[dict[str, dict[str, Any]], Mapping[str, Place]]:
        """Returns the settings by pattern of paths, and where each pattern stands."""
        checker = self.checker
        if "layers" not in section:
            return {}, {}
        patterns = checker.object(section["layers"], section.places["layers"], "`layers` of `train`")
        result: dict[str, dict[str, Any]] = {}
        for pattern, raw in patterns.items():
            settings = checker.object(raw, patterns.places[pattern], f"The settings of `{pattern}`")
            checker.keys(settings, LAYER_SETTINGS, f"`{pattern}` of `layers`")
            result[pattern] = {
                key: checker.typed(settings[key], settings.places[key], schema, self.names, f"`{key}` of `{pattern}`")
                for key, schema in LAYER_SETTINGS.items()
                if key in settings
            }
        return result, patterns.keys_at

    def predict(self, raw: Any, place: Place) -> dict[str, Any]:
        """Returns the `predict` section, its components resolved."""
        checker = self.checker
        section = checker.object(raw, place, "`predict`")
        checker.keys(section, PREDICT_KEYS, "`predict`")
        result: dict[str, Any] = {}
        for kind in ("decoder", "sampler"):
            if component := self.one(section, kind, kind):
                result[kind] = component
        for key, schema in PREDICT_FIELDS.items():
            if key in section:
                result[key] = checker.field(section, key, schema, self.names, "`predict`")
        return result

    def _steps(self, values: Mapping[str, Any]) -> Any:
        if values["steps"] is not None:
            return values["steps"]
        if values["epochs"] is not None and self.steps_per_epoch is not None:
            return values["epochs"] * self.steps_per_epoch
        return Symbol("steps")
