"""What is known of a spec while it is written: faults, networks, examples, code; each from its text, as JSON.

`python -m dlsuite.drafting` is the process that `dlsuite.apart` asks: a line of JSON in, a line out.
"""

from __future__ import annotations

import base64
import json
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from dlsuite.spec import Plan, Spec, load_text
from dlsuite.spec.errors import DataError, DLSuiteError, Fault, SpecError

if TYPE_CHECKING:
    from dlsuite.summary import NetworkSummary, Summary
    from dlsuite.summary.calls import Call

CALLS = 30_000
"""Larger networks are neither drawn nor listed while they are written."""
DRAWN = 60
"""Blocks are opened while there are no more boxes than this."""
BOXES = 150
"""So many are drawn at a time: what lays them out in a browser takes seconds for more."""

COUNTED = 100
"""Operations of more different layers are counted only where that is asked for: 50 take about a second."""

_LAST: dict[bool, tuple[tuple[Spec, Mapping[str, Any]], Summary]] = {}


def build(spec: Spec) -> dict[str, Any]:
    """Returns the faults that building finds, and the number of parameters."""
    from dlsuite.buildable import build_faults

    faults, count = build_faults(spec)
    return {"faults": [fault.as_dict() for fault in faults], "parameters": count}


def show(spec: Spec, known: Mapping[str, Any], counted: bool = False) -> dict[str, Any]:
    """Returns layers and parameters of networks, and operations and memory where they are counted.

    Args:
        spec: The spec.
        known: What only the data knows, as `examples` gives it; empty where nothing of that is needed.
        counted: Whether to count them however many different layers there are.

    Returns:
        `networks` by name, each as `dlsuite show --json` has it; `counted`, whether they were counted; `different`, how
        many different layers there are; `lengths`, what lengths that may be any were taken as.
    """
    from dlsuite.summary.listing import rows

    outlined = _summary(spec, known, operations=False)
    different = _different(outlined)
    counted = counted or different <= COUNTED
    found = _summary(spec, known) if counted else outlined
    networks = {
        name: {
            "parameters": dict(network.parameters),
            "layers": rows(network),
            **(_costs(found, network) if counted else {}),
        }
        for name, network in found.networks.items()
    }
    return {"networks": networks, "counted": counted, "different": different, "lengths": dict(found.lengths)}


def memory(spec: Spec, known: Mapping[str, Any]) -> dict[str, Any]:
    """Returns the bytes of a training step of `networks`, by precision and batch size."""
    from dlsuite.summary.listing import memory_by_batch

    found = _summary(spec, known)
    return {
        "networks": {
            name: memory_by_batch(network, found.batch_size, found.precision)
            for name, network in found.networks.items()
        }
    }


def draw(spec: Spec, known: Mapping[str, Any], inside: Sequence[str], start: int) -> dict[str, Any]:
    """Returns a picture in the language of Graphviz.

    Args:
        spec: The spec.
        known: As of `show`.
        inside: Names of a network and of blocks, each in the one before: what is looked into, as far as there are such;
            none for all.
        start: The first box that is drawn, where there are too many: a multiple of `BOXES`, else all from the first.

    Returns:
        `dot`; `boxes`, how many there are; `blocks`, the names of what can be looked into from here; `inside` and
        `start`, what of them was there.
    """
    from dlsuite.drawing import to_dot
    from dlsuite.drawing.diagram import diagram, look_into

    summary, names, entered = _summary(spec, known, operations=False), list(inside), []
    if not summary.single and names[:1] and names[0] in summary.networks:
        entered.append(names.pop(0))
        summary = replace(summary, networks={"model": summary.networks[entered[0]]}, single=True)
    boxes = diagram(summary, DRAWN)
    here: Sequence[Call] = summary.networks["model"].calls if summary.single else ()
    for name in names:
        call = next((one for one in here if one.name == name and one.parts), None)
        if call is None:
            break
        entered.append(name)
        boxes, here = look_into(call, DRAWN), call.parts
    start = start if start in range(0, len(boxes), BOXES) else 0
    blocks = [one.name for one in here if one.kind == "block" and one.parts]
    return {
        "dot": to_dot(summary.name, boxes[start : start + BOXES]),
        "boxes": len(boxes),
        "blocks": blocks if summary.single else list(summary.networks),
        "inside": entered,
        "start": start,
    }


def examples(spec: Spec, seed: int) -> dict[str, Any]:
    """Returns the first training examples, and what only the data knows."""
    from dlsuite.api import data
    from dlsuite.previewing import preview

    read = data(spec)
    shown = [{name: _as_json(one) for name, one in example.items()} for example in preview(read, seed=seed)]
    return {"examples": shown, "counts": dict(read.counts), "warnings": read.warnings, "known": read.known()}


def eject(spec: Spec, known: Mapping[str, Any]) -> dict[str, Any]:
    """Returns the spec as plain Keras Python; `known` as of `show`."""
    from dlsuite import ejection

    return {"python": ejection.eject(spec, _plan(spec, known), known)}


VERBS: Mapping[str, Callable[..., dict[str, Any]]] = {
    one.__name__: one for one in (build, show, memory, draw, examples, eject)
}


def answer(request: Mapping[str, Any]) -> dict[str, Any]:
    """Returns the answer to a request; of faults `faults`, of other errors of the user `error` says what is wrong.

    Args:
        request: `verb`, `text` of the spec, `at`, where that stands, and `arguments` of the verb.
    """
    try:
        return VERBS[request["verb"]](load_text(request["text"], request["at"]), **request["arguments"])
    except SpecError as error:
        return {"faults": [fault.as_dict() for fault in error.faults]}
    except DLSuiteError as error:
        return {"error": str(error)}
    except Exception as error:
        return {"error": f"This met a bug of ours: {type(error).__name__}.", "bug": repr(error)}


def _plan(spec: Spec, known: Mapping[str, Any]) -> Plan:
    plan = spec.plan(known) if known else spec.plan()
    if plan.unknown:
        raise DataError(f"Only the data tells {', '.join(sorted(plan.unknown))}.")
    return plan


def _summary(spec: Spec, known: Mapping[str, Any], *, operations: bool = True) -> Summary:
    """Returns the summary of a spec; the last one is kept, as a draft is looked at from several sides."""
    from dlsuite.summary import summarise

    asked, last = _LAST.get(operations, (None, None))
    if last is not None and asked == (spec, known):
        return last
    plan = _plan(spec, known)
    calls = sum(network.body.calls for network in plan.networks.values())
    if not plan.networks:
        raise DataError("This is a library of blocks, without a network of its own.")
    if calls > CALLS:
        raise SpecError([Fault(f"The spec has {calls:,} calls; up to {CALLS:,} are shown while it is written.")])
    summary = summarise(plan, None, known.get("steps_per_epoch"), operations=operations)
    _LAST[operations] = ((spec, known), summary)
    return summary


def _costs(summary: Summary, network: NetworkSummary) -> dict[str, Any]:
    """Returns operations of an example, and bytes of a training step."""
    return {
        "flops": {"forward": network.forward.at(1), "step": network.step.at(1)},
        "memory": {
            "batch_size": summary.batch_size,
            "total": network.memory(summary.batch_size, summary.precision).total,
        },
    }


def _different(summary: Summary) -> int:
    """Returns how many layers there are that differ in more than their names."""
    calls = (call for network in summary.networks.values() for _, call in network.layers())
    return len({(call.component, repr(call.shape), repr(call.weights)) for call in calls})


def _as_json(value: Any) -> dict[str, str]:
    if isinstance(value, str):
        return {"text": value}
    return {"suffix": value.suffix, "base64": base64.b64encode(value.data).decode()}


def main() -> None:
    """Answers requests until standard input ends."""
    replies = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what libraries print does not get among the answers
    from dlsuite.commands import quiet

    quiet()
    for line in sys.stdin.buffer:
        replies.write(json.dumps(answer(json.loads(line))).encode() + b"\n")
        replies.flush()


if __name__ == "__main__":
    main()
