"""What may change when a run goes on, and what may not.

A run goes on with the weights, the optimizer's slots and the history that it has. What only says how long, by which
means or with what care it trains may change: `epochs` and `steps`, `callbacks`, arguments of the `optimizer` such as
its learning rate, `precision`, `jit_compile`, `strategy` and `deterministic`, each as long as a step is left that it
acts on; so may what stands beside the training (`about`, `expect`, `baselines`, `predict`), and stages may be added at
the end. What the weights and the history mean may not: the data, the networks, and what is learned from them.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass
from typing import Any

from dlsuite.runs import Run
from dlsuite.spec import Spec, catalogue
from dlsuite.spec.document import Object
from dlsuite.spec.errors import Fault, Place, SpecError
from dlsuite.spec.plan import Component, Plan, Stage
from dlsuite.training.checkpoints import Checkpoint

LENGTH = ("epochs", "steps")
"""Fields that say how long a stage is."""
MEANS = ("precision", "jit_compile", "strategy", "deterministic")
"""Fields that mostly hold for all stages, so that those that are over have them changed as well."""
FREE = (*LENGTH, *MEANS, "callbacks", "optimizer")
"""Fields of the stage that is trained which may change."""
BESIDE = ("about", "predict", "baselines", "expect")
"""Sections that no training reads."""
KEYS = {"objectives": "objective", "start_from": "from"}
"""Fields of a stage that have another name in the spec."""
REASONS = {
    "data": "its weights were learned, and its figures measured, on other examples, batches or tensors",
    "model": "its weights would not fit, or mean something else",
    "objectives": "its history and its best epoch were measured by another objective",
    "metrics": "its history has other figures",
    "class_weights": "its losses were weighed in another way and cannot be compared",
    "layers": "its optimizer remembers other weights",
    "seed": "examples would change between training, validation and test, and the shuffle would not go on",
    "start_from": "it has begun from other weights",
    "optimizer": "its optimizer remembers something else for each weight",
}
INITIAL = "initial_learning_rate"
"""The argument of schedules that the others stand in proportion to."""
SLOWER = 10
"""So much lower is the learning rate that is offered where one was too high."""
HINT = (
    "What may change: `epochs` and `steps`, `callbacks`, arguments of the optimizer, `precision`, `jit_compile`, "
    "`strategy`, `deterministic`. For all else train anew, from this run's weights where they fit, with `from`."
)


@dataclass(frozen=True)
class Changes:
    """What a spec changes of a run, in words: of its `train`, and beside it.

    Attributes:
        training: Of `train`.
        beside: Sections that no training reads.
        reopened: Whether the stage that the run stands in changes, so that what ended it counts no more.
    """

    training: tuple[str, ...] = ()
    beside: tuple[str, ...] = ()
    reopened: bool = False

    def __bool__(self) -> bool:
        return bool(self.training or self.beside)


@dataclass(frozen=True)
class Change:
    """A field of a stage that differs; the stage is counted from 0."""

    number: int
    name: str
    was: Any
    will: Any
    place: Place | None

    @property
    def key(self) -> str:
        """The name that the field has in the spec."""
        return KEYS.get(self.name, self.name)

    def describe(self) -> str:
        """Returns the change in words."""
        return f"`train.{self.key}` is {_show(self.will)}, and was {_show(self.was)}"


@dataclass(frozen=True)
class Standing:
    """Where a run stands.

    Attributes:
        stage: Counted from 0.
        done: Steps of it; whole epochs count in full, though the last may have been cut short.
        per_epoch: Steps of an epoch.
    """

    stage: int
    done: int
    per_epoch: int

    @classmethod
    def of(cls, here: Checkpoint, per_epoch: int) -> Standing:
        """Returns where a checkpoint stands."""
        done = (here.epoch - here.state["begin"]) * per_epoch + (here.step or 0)
        return cls(here.state["stage"] - 1, done, per_epoch)

    def length(self, stage: Stage) -> int:
        """Returns the steps of a stage."""
        return stage.epochs * self.per_epoch if stage.epochs is not None else stage.steps or 1

    def describe(self) -> str:
        """Returns what is done of the stage, in words."""
        epochs, steps = divmod(self.done, self.per_epoch)
        counted = [f"{epochs} epoch{'s' * (epochs != 1)}"] if epochs or not steps else []
        return " and ".join([*counted, *([f"{steps} step{'s' * (steps != 1)}"] if steps else [])])


def find_changes(run: Run, spec: Spec, here: Checkpoint | None) -> Changes:
    """Returns what a spec changes of a run.

    Args:
        run: To go on with.
        spec: What it is to go on as.
        here: Where it stands.

    Raises:
        SpecError: Something changes that may not, or to no effect; names each, with its place.
    """
    facts = run.facts
    before, after = run.spec.plan(facts), spec.plan(facts)
    faults = []
    if _bare(before.data) != _bare(after.data):
        faults.append(_fault("data", "data", _place(spec, "data")))
    if _bare(before.networks) != _bare(after.networks):
        name = "model" if after.single else "models"
        faults.append(_fault(name, "model", _place(spec, name)))
    for number in range(len(after.train), len(before.train)):
        hint = f"It has stood in the spec of {run.path} from the start."
        faults.append(Fault(f"Stage {number + 1} of `train` is gone.", _place(spec, "train"), hint))
    changes = _find_differences(before, after, spec)
    standing = Standing.of(here, facts["steps_per_epoch"]) if here else None
    faults += [fault for one in changes if (fault := _refuse(one, before, after, standing, changes))]
    if standing and not faults and not _is_left(standing, after):
        finished = run.status.get("state") == "done"
        faults = [_idle(one, standing) for one in changes if finished or one.name not in LENGTH]
    if faults:
        raise SpecError(faults)
    said = [one.describe() for one in changes]
    said += [f"stage {number} of `train` is new" for number in range(len(before.train) + 1, len(after.train) + 1)]
    beside = [f"`{name}`" for name in BESIDE if _bare(vars(before)[name]) != _bare(vars(after)[name])]
    reopened = standing is not None and any(one.number == standing.stage for one in changes)
    return Changes(tuple(said), tuple(beside), reopened)


def soften(spec: Spec, facts: Mapping[str, Any], number: int) -> str:
    """Returns the overrides, as words of a command, by which a stage that diverged may go on: slower, or clipped.

    Args:
        spec: Of the run.
        facts: Of its data.
        number: Of the stage, counted from 1.

    Example:
        >>> soften(run.spec, run.facts, 1)
        '--set train.optimizer.Adam.learning_rate=0.0001'
    """
    stage = "train" if isinstance(spec.document["train"], Object) else f"train.{number - 1}"
    optimizer = spec.plan(facts).train[number - 1].optimizer
    named = optimizer if isinstance(optimizer, Mapping) else {"": optimizer}
    paths = {".".join(filter(None, (stage, "optimizer", name, one.name))): one for name, one in named.items()}
    return " ".join(f"--set {_soften(one, path)}" for path, one in paths.items())


def _soften(optimizer: Component, path: str) -> str:
    known = (catalogue.load().entry("optimizer", optimizer.name) or {"args": {}})["args"]
    rate, at = optimizer.arguments.get("learning_rate", known.get("learning_rate", {}).get("default")), "learning_rate"
    if isinstance(rate, Component):
        rate, at = rate.arguments.get(INITIAL), f"{at}.{rate.name}.{INITIAL}"
    return f"{path}.{at}={rate / SLOWER:.3g}" if isinstance(rate, int | float) else f"{path}.clipnorm=1"


def _find_differences(before: Plan, after: Plan, spec: Spec) -> list[Change]:
    """Returns the fields that differ of stages that both plans have."""
    return [
        Change(number, field.name, was, will, _stage_place(spec, number, field.name))
        for number, (old, new) in enumerate(zip(before.train, after.train, strict=False))
        for field in fields(old)
        if field.compare and (was := _bare(getattr(old, field.name))) != (will := _bare(getattr(new, field.name)))
    ]


def _refuse(
    change: Change, before: Plan, after: Plan, standing: Standing | None, changes: Sequence[Change]
) -> Fault | None:
    """Returns why a field of a stage may not change, or `None` where it may."""
    number, name = change.number, change.name
    old, new = before.train[number], after.train[number]
    if standing is None or number > standing.stage:
        return None if name != "seed" or number else _fault(change.key, name, change.place)
    if name not in FREE:
        return _fault(change.key, name, change.place)
    if number < standing.stage:
        goes_on = name in MEANS and any(one.name == name and one.number >= standing.stage for one in changes)
        message = f"`{change.key}` changes in stage {number + 1}, which is over."
        return None if goes_on else Fault(message, change.place, HINT)
    if name == "optimizer" and _names(old.optimizer) != _names(new.optimizer):
        return _fault(change.key, name, change.place)
    if name in LENGTH and change.will is not None:
        if standing.done > standing.length(old):
            message = "The last epoch was cut short by `steps`: more steps would not go on where it ended."
            return Fault(message, change.place, "Add a stage to `train`, or train anew.")
        inside = standing.done % standing.per_epoch > 0
        if standing.length(new) < standing.done + inside:
            message = f"`{name}` is {change.will}, and {standing.describe()} of it are done."
            return Fault(message, change.place, "Give more.")
    return None


def _is_left(standing: Standing, after: Plan) -> bool:
    """Returns whether a step is left to take."""
    last = standing.stage == len(after.train) - 1
    return not last or standing.length(after.train[-1]) > standing.done


def _idle(change: Change, standing: Standing) -> Fault:
    message = f"{change.describe()}, which would change nothing: all {standing.describe()} are done and none is left."
    hint = "Give more `epochs` together with it, or add a stage to `train`."
    return Fault(message, change.place, hint)


def _fault(key: str, name: str, place: Place | None) -> Fault:
    return Fault(f"`{key}` differs from that of the run, which cannot go on so: {REASONS[name]}.", place, HINT)


def _names(optimizer: Any) -> Any:
    return {key: one.name for key, one in optimizer.items()} if isinstance(optimizer, Mapping) else optimizer.name


def _bare(value: Any) -> Any:
    """Returns what a plan says, without the places where it stands."""
    if isinstance(value, Place):
        return None
    if is_dataclass(value) and not isinstance(value, type):
        return {field.name: _bare(getattr(value, field.name)) for field in fields(value) if field.compare}
    if isinstance(value, Mapping):
        return {key: _bare(item) for key, item in value.items()}
    return [_bare(item) for item in value] if isinstance(value, list | tuple) else value


def _show(value: Any) -> str:
    """Returns a value in short, components as they are written."""

    def written(value: Any) -> Any:
        if isinstance(value, Mapping) and {"kind", "name", "arguments"} <= value.keys():
            arguments = {key: written(item) for key, item in value["arguments"].items()}
            return {value["name"]: arguments} if arguments else value["name"]
        return [written(item) for item in value] if isinstance(value, list) else value

    text = json.dumps(written(value), default=str)
    return text if len(text) <= 80 else f"{text[:77]}..."


def _place(spec: Spec, key: str) -> Place | None:
    return spec.document.keys_at.get(key)


def _stage_place(spec: Spec, number: int, name: str) -> Place | None:
    """Returns where a field of a stage stands: in the stage, or in the one that it inherits from."""
    train, key = spec.document["train"], KEYS.get(name, name)
    for stage in [train] if isinstance(train, Object) else list(train)[number::-1]:
        if isinstance(stage, Object) and key in stage.keys_at:
            return stage.keys_at[key]
    return _place(spec, "train")
