"""show a spec's layers, parameters, operations, memory and cost, at any size, without building it

Example:
  dlsuite show specs/papers/gpt2.json
  dlsuite show specs/papers/gpt3_175b.json --device h100 --precision mixed_bfloat16 --batch-size 8
  dlsuite show specs/papers/unet.json --graph unet.svg
"""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Any

from dlsuite.commands import UsageError, add_json, add_spec, console, note, overrides, print_json, quiet

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from rich.console import Console

    from dlsuite.summary import NetworkSummary, Summary
    from dlsuite.summary.calls import Call

ROWS = 24
"""The most rows that a table has where its depth is not given."""
PRECISIONS = ("float32", "mixed_float16", "mixed_bfloat16")
GRAPHS = (".svg", ".dot")


def arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the arguments of `show`."""
    add_spec(parser)
    parser.add_argument("--data", action="store_true", help="read facts such as the classes from the data")
    parser.add_argument("--depth", metavar="N", type=int, help="open blocks so many levels deep (default: as fits)")
    parser.add_argument("--graph", metavar="FILE", help="draw the network, blocks as boxes: FILE.svg or FILE.dot")
    parser.add_argument("--batch-size", metavar="N", type=int, help="examples at once (default: the spec's)")
    parser.add_argument("--precision", choices=PRECISIONS, help="of the computation (default: the spec's)")
    parser.add_argument("--device", metavar="NAME", help="estimate time, energy and cost on h200, h100, a100, l4 ...")
    parser.add_argument("--utilisation", metavar="SHARE", type=float, help="of the device's peak rate (default: 0.4)")
    parser.add_argument(
        "--length", metavar="[INPUT=]N", action="append", default=[],
        help="what lengths count as that may be any (default: 256); may be repeated",
    )  # fmt: skip
    add_json(parser)


def run(arguments: argparse.Namespace) -> int:
    """Prints the summary, and draws the graph."""
    if arguments.graph and not arguments.graph.endswith(GRAPHS):
        raise UsageError(f"`--graph {arguments.graph}` ends with neither {' nor '.join(GRAPHS)}.")
    for name, least in (("batch_size", 1), ("depth", 0)):
        if (given := getattr(arguments, name)) is not None and given < least:
            raise UsageError(f"`--{name.replace('_', '-')} {given}` is below {least}.")
    lengths = _lengths(arguments.length)
    import dlsuite
    from dlsuite.devices import DEVICES, UTILISATION

    if arguments.device is not None and arguments.device not in DEVICES:
        raise UsageError(f"there is no device `{arguments.device}`. Devices: {', '.join(DEVICES)}.")
    share = UTILISATION if arguments.utilisation is None else arguments.utilisation
    if not 0 < share <= 1:
        raise UsageError(f"`--utilisation {share:g}` is no share between 0 and 1.")
    spec = dlsuite.load(arguments.spec, overrides(arguments.overrides))
    quiet()
    summary = dlsuite.show(spec, read_data=arguments.data, lengths=lengths)
    batch_size = arguments.batch_size or summary.batch_size
    precision = arguments.precision or summary.precision
    if arguments.graph:
        from dlsuite.drawing import draw

        draw(summary, arguments.graph)
        note(f"drawn in {arguments.graph}")
    if arguments.json:
        from dlsuite.summary.listing import as_dict

        print_json(as_dict(summary, batch_size, precision, arguments.device, share))
        return 0
    out = console()
    out.print(f"[bold]{summary.name}[/]  {summary.about}", markup=True, soft_wrap=False)
    for network in summary.networks.values():
        if not summary.single:
            out.print(f"\n[bold]{network.name}[/]")
        _layers(out, network, arguments.depth)
        _memory(out, network, batch_size, precision)
        if arguments.device:
            _estimate(out, network, summary, arguments.device, batch_size, precision, share)
    for name, length in summary.lengths.items():
        note(f"`{name}` may have any length: counted with {length} (--length {name}=...).")
    return 0


def _lengths(texts: Sequence[str]) -> dict[str, int]:
    found = {}
    for text in texts:
        name, _, number = text.rpartition("=")
        if not number.isdecimal() or int(number) < 1:
            raise UsageError(f"`--length {text}` is not of the form N or INPUT=N, such as --length 512.")
        found[name] = int(number)
    return found


def _layers(out: Console, network: NetworkSummary, depth: int | None) -> None:
    from rich import box
    from rich.markup import escape
    from rich.table import Table

    from dlsuite.summary.numerals import shape_text

    if depth is None:
        depth = 0
        while len(rows := list(_rows(network.calls, depth))) < len(deeper := list(_rows(network.calls, depth + 1))):
            if len(deeper) > ROWS:
                break
            depth += 1
    rows = list(_rows(network.calls, depth))
    table = Table(box=box.SIMPLE, pad_edge=False)
    for title, justify in (("layer", "left"), ("component", "left"), ("output", "left"), ("parameters", "right"),
                           ("trainable", "right"), ("forward", "right"), ("step", "right")):  # fmt: skip
        table.add_column(title, justify=justify)  # type: ignore[arg-type]
    for name, shape in network.inputs.items():
        table.add_row(f"[cyan]{escape(name)}[/]", "", escape(shape_text([None, *shape])), "", "", "", "")
    for level, name, component, call, times in rows:
        numbers = (times * call.total, times * call.trainable, times * call.forward.at(1), times * call.step.at(1))
        style = "bold" if call.kind in ("block", "network") else ""
        table.add_row(
            f"{'  ' * level}{escape(name)}", escape(component), escape(shape_text(call.shape)),
            "shared" if call.shared and call.kind != "op" else _whole(numbers[0]), _whole(numbers[1]),
            _scaled(numbers[2]), _scaled(numbers[3]), style=style,
        )  # fmt: skip
    counts = network.parameters
    table.add_section()
    table.add_row(
        "", "", "", _whole(counts["total"]), _whole(counts["trainable"]), _scaled(network.forward.at(1)),
        _scaled(network.step.at(1)), style="bold",
    )  # fmt: skip
    out.print(table)
    active = f", of which {counts['active']:,} act on one token" if counts["active"] != counts["total"] else ""
    trained = f" Training changes {network.trained:,}." if network.trained != counts["trainable"] else ""
    out.print(
        f"{counts['total']:,} parameters{active}.{trained} Operations of one example: "
        f"{_scaled(network.forward.at(1))}FLOP forward, {_scaled(network.step.at(1))}FLOP in a training step.",
        soft_wrap=True,
    )


def _rows(calls: Sequence[Call], depth: int, level: int = 0) -> Iterator[tuple[int, str, str, Call, int]]:
    """Yields level, name, component, row and number of what a table shows: blocks opened so deep, repeats once."""
    from dlsuite.summary.folding import fold

    for group in fold(calls):
        first, several = group.calls[0], group.times > 1
        if several and len(group.calls) > 1:
            yield level, f"{group.times} times:", "", _sum(group.calls), group.times
        inside = level + (several and len(group.calls) > 1)
        for call in group.calls:
            alone = several and len(group.calls) == 1
            name = f"{first.name} … {group.last.name}" if alone else call.name
            component = f"{call.component} ×{group.times}" if alone else call.component
            yield inside, name, component, call, group.times if alone else 1
            if depth and call.kind == "block":
                yield from _rows(call.parts, depth - 1, inside + 1)


def _sum(calls: Sequence[Call]) -> Call:
    """Returns one row for several."""
    from collections import Counter
    from dataclasses import replace

    weights: Counter[Any] = Counter()
    for call in calls:
        weights.update(call.weights)
    forward, step = calls[0].forward, calls[0].step
    for call in calls[1:]:
        forward, step = forward + call.forward, step + call.step
    return replace(calls[-1], kind="block", weights=weights, forward=forward, step=step, shared=False)


def _memory(out: Console, network: NetworkSummary, batch_size: int, precision: str) -> None:
    from rich import box
    from rich.table import Table

    from dlsuite.summary import PRECISIONS
    from dlsuite.summary.listing import batches

    table = Table(box=box.SIMPLE, pad_edge=False)
    table.add_column("memory of training")
    sizes = batches(batch_size)
    for title in ("weights", "gradients", network.optimizer.name, *(f"batch of {size}" for size in sizes)):
        table.add_column(title, justify="right")
    for policy in dict.fromkeys((*PRECISIONS, precision)):
        fixed = network.memory(1, policy)
        totals = [network.memory(size, policy).total for size in sizes]
        table.add_row(
            policy, _room(fixed.weights), _room(fixed.gradients), _room(fixed.optimizer), *map(_room, totals),
            style="bold" if policy == precision else "",
        )  # fmt: skip
    out.print(table)


def _estimate(
    out: Console, network: NetworkSummary, summary: Summary, name: str, batch_size: int, precision: str, share: float
) -> None:
    from dlsuite.devices import DEVICES
    from dlsuite.summary.listing import train
    from dlsuite.summary.numerals import duration

    device, found = DEVICES[name], train(network, summary, name, batch_size, precision, share)
    lines = [
        f"On {device.about}, batch of {batch_size}, {precision}: {duration(found.step_seconds)} a step, bound by "
        f"{found.bound}, at {share:.0%} of its peak of {device.rates.get(precision, device.rates['float32']) / 1e12:g} "
        f"TFLOP/s and {device.bandwidth / 1e9:g} GB/s."
    ]
    if found.fits > 1:
        lines.append(f"One has {_room(int(device.memory))}: at least {found.fits:,} are needed to hold a step.")
    if found.seconds is not None:
        lines.append(
            f"{found.steps:,} steps: {duration(found.seconds)}, {found.kilowatt_hours:,.3g} kWh at {device.watts:g} W, "
            f"${found.dollars:,.2f} at ${device.price:.2f} an hour ({device.price_from})."
        )
    elif summary.trains:
        lines.append("The data tells how many steps that is: add --data, or give them with --set train.steps=...")
    out.print("\n".join(lines), markup=False, soft_wrap=True)


def _whole(number: int) -> str:
    return f"{number:,}" if number else "–"


def _scaled(number: float) -> str:
    from dlsuite.summary.numerals import scaled

    return scaled(number) if number else "–"


def _room(count: int) -> str:
    """Returns a number of bytes in kB, MB ..."""
    return f"{_scaled(count)}B" if count else "–"
