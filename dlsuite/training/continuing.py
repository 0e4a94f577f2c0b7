"""What may change when a run goes on, and what may not.

A run goes on with the weights, the optimizer's slots and the history that it has. What only says how long, by which
means or with what care it trains may change: `epochs` and `steps`, `callbacks`, arguments of the `optimizer` such as
its learning rate, `precision`, `jit_compile`, `strategy` and `deterministic`; so may what stands beside the training
(`about`, `expect`, `baselines`, `predict`), and stages may be added at the end. What the weights and the history mean
may not: the data, the networks, and what is learned from them.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields, is_dataclass
from typing import Any

from dlsuite.runs import Run
from dlsuite.spec import Spec
from dlsuite.spec.document import Object
from dlsuite.spec.errors import Fault, Place, SpecError
from dlsuite.spec.plan import Plan, Stage
from dlsuite.training.checkpoints import Checkpoint

FREE = ("epochs", "steps", "callbacks", "optimizer", "precision", "jit_compile", "strategy", "deterministic")
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
HINT = (
    "What may change: `epochs` and `steps`, `callbacks`, arguments of the optimizer, `precision`, `jit_compile`, "
    "`strategy`, `deterministic`. For all else train anew, from this run's weights where they fit, with `from`."
)


@dataclass(frozen=True)
class Changes:
    """What a spec changes of a run, in words: of its `train`, and beside it."""

    training: tuple[str, ...] = ()
    beside: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.training or self.beside)


def find_changes(run: Run, spec: Spec, here: Checkpoint | None) -> Changes:
    """Returns what a spec changes of a run.

    Args:
        run: To go on with.
        spec: What it is to go on as.
        here: Where it stands.

    Raises:
        SpecError: Something changes that may not; names each, with its place.
    """
    facts = run.facts
    before, after = run.spec.plan(facts), spec.plan(facts)
    faults = []
    if _bare(before.data) != _bare(after.data):
        faults.append(_fault("data", "data", _place(spec, "data")))
    if _bare(before.networks) != _bare(after.networks):
        name = "model" if after.single else "models"
        faults.append(_fault(name, "model", _place(spec, name)))
    now = here.state["stage"] - 1 if here else 0
    said: list[str] = []
    for number, old in enumerate(before.train):
        if number >= len(after.train):
            hint = f"It has stood in the spec of {run.path} from the start."
            faults.append(Fault(f"Stage {number + 1} of `train` is gone.", _place(spec, "train"), hint))
            continue
        for name, was, will in _differences(old, after.train[number]):
            place, key = _stage_place(spec, number, name), KEYS.get(name, name)
            fault = _refuse(name, key, old, after, number, now, here, place)
            if fault is None:
                said.append(f"`train.{key}` is {_show(will)}, and was {_show(was)}")
            else:
                faults.append(fault)
    said += [f"stage {number} of `train` is new" for number in range(len(before.train) + 1, len(after.train) + 1)]
    if faults:
        raise SpecError(faults)
    return Changes(
        tuple(said), tuple(f"`{name}`" for name in BESIDE if _bare(vars(before)[name]) != _bare(vars(after)[name]))
    )


def _refuse(
    name: str, key: str, old: Stage, after: Plan, number: int, now: int, here: Checkpoint | None, place: Place | None
) -> Fault | None:
    """Returns why a field of a stage may not change, or `None` where it may."""
    new = after.train[number]
    if here is None or number > now:
        return None if name != "seed" or number else _fault(key, name, place)
    if name not in FREE:
        return _fault(key, name, place)
    if name in ("precision", "jit_compile", "strategy", "deterministic"):
        return None
    if number < now:
        return Fault(f"`{key}` changes in stage {number + 1}, which is over.", place, HINT)
    if name == "optimizer" and _names(old.optimizer) != _names(new.optimizer):
        return _fault(key, name, place)
    if name in ("epochs", "steps"):
        done = here.epoch - here.state["begin"]
        if here.state.get("cut"):
            message = "The last epoch was cut short by `steps`: more steps would not go on where it ended."
            return Fault(message, place, "Add a stage to `train`, or train anew.")
        if new.epochs is not None and new.epochs < done + bool(here.step):
            return Fault(f"`epochs` is {new.epochs}, and {done} epochs of it are done.", place, "Give more.")
    return None


def _fault(key: str, name: str, place: Place | None) -> Fault:
    return Fault(f"`{key}` differs from that of the run, which cannot go on so: {REASONS[name]}.", place, HINT)


def _differences(old: Stage, new: Stage) -> Iterator[tuple[str, Any, Any]]:
    for field in fields(old):
        was, will = _bare(getattr(old, field.name)), _bare(getattr(new, field.name))
        if field.name != "place" and was != will:
            yield field.name, was, will


def _names(optimizer: Any) -> Any:
    return {key: one.name for key, one in optimizer.items()} if isinstance(optimizer, Mapping) else optimizer.name


def _bare(value: Any) -> Any:
    """Returns what a plan says, without the places where it stands."""
    if isinstance(value, Place):
        return None
    if is_dataclass(value) and not isinstance(value, type):
        return {field.name: _bare(getattr(value, field.name)) for field in fields(value)}
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
