"""Charts as inline SVG and tables as HTML: pure functions from numbers to text, no script, no outside reference."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from html import escape
from typing import TypeGuard

WIDTH, HEIGHT = 420, 240
LEFT, RIGHT, TOP, BOTTOM = 52, 12, 12, 34
MAX_NUMBERED = 30

Value = float | None


def figure(value: object, digits: int = 4) -> str:
    """Returns a number as people write it: `0.9861`, `1,257`, `3.2e-05`; a dash where there is none."""
    if value is None or isinstance(value, float) and not math.isfinite(value):
        return "–"
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return str(value)
    if isinstance(value, int):
        return f"{value:,}"
    if value and not 1e-3 <= abs(value) < 1e6:
        return f"{value:.2g}"
    return f"{value:,.{digits}f}" if abs(value) < 100 else f"{value:,.1f}"


def ticks(low: float, high: float, count: int = 5) -> list[float]:
    """Returns round numbers from `low` to `high`, about `count` of them."""
    span = high - low
    if span <= 0 or not math.isfinite(span):
        return [low]
    rough = span / count
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(power * factor for factor in (1, 2, 2.5, 5, 10) if power * factor >= rough * 0.999)
    first = math.ceil(low / step - 1e-9)
    last = math.floor(high / step + 1e-9)
    return [round(index * step, 12) for index in range(first, last + 1)]


def lines(title: str, series: Mapping[str, Sequence[Value]], *, first: int = 1, mark: int | None = None) -> str:
    """Returns a chart of one line a series over epochs.

    Args:
        title: What the lines show; also the chart's accessible name.
        series: Values by name, one an epoch; `None` and NaN leave a gap.
        first: The number of the first epoch.
        mark: An epoch to mark with a vertical rule, the one that was kept.
    """
    known = [value for values in series.values() for value in values if _finite(value)]
    if not known:
        return ""
    length = max(len(values) for values in series.values())
    x = _Scale(first, max(first + length - 1, first + 1), LEFT, WIDTH - RIGHT)
    y = _Scale(*_padded(min(known), max(known)), HEIGHT - BOTTOM, TOP)
    parts = [_axes(x, y, "epoch", whole=True)]
    if mark is not None and first <= mark < first + length:
        parts.append(f'<line class="mark" x1="{x(mark):.1f}" x2="{x(mark):.1f}" y1="{TOP}" y2="{HEIGHT - BOTTOM}"/>')
    for number, values in enumerate(series.values()):
        points = [(x(first + index), y(value)) for index, value in enumerate(values) if _finite(value)]
        path = "M" + "L".join(f"{px:.1f},{py:.1f}" for px, py in points)
        parts.append(f'<path class="line s{number % 4}" d="{path}"/>')
        parts.extend(
            f'<circle class="dot s{number % 4}" cx="{px:.1f}" cy="{py:.1f}" r="2.5"/>' for px, py in points[-1:]
        )
    legend = "".join(
        f'<span class="key s{number % 4}">{escape(name)} <b>{figure(_last(values))}</b></span>'
        for number, (name, values) in enumerate(series.items())
    )
    return _figure(title, parts, legend)


def bars(rows: Sequence[tuple[str, Value, bool]], *, digits: int = 4) -> str:
    """Returns horizontal bars as a table, longest value full width; a row of `(name, value, highlighted)` each."""
    top = max((abs(value) for _, value, _ in rows if _finite(value)), default=0.0) or 1.0
    body = "".join(
        f"<tr{' class=own' if own else ''}><th scope=row>{escape(name)}</th><td class=bar>"
        f'<i style="width:{100 * max(0.0, (value or 0.0) if _finite(value) else 0.0) / top:.1f}%"></i></td>'
        f"<td class=num>{figure(value, digits)}</td></tr>"
        for name, value, own in rows
    )
    return f"<table class=bars>{body}</table>"


def reliability(title: str, bins: Sequence[Mapping[str, float]]) -> str:
    """Returns a reliability diagram: accuracy by confidence, with the diagonal of perfect calibration.

    Args:
        title: The chart's accessible name.
        bins: `low`, `high`, `confidence` (mean), `accuracy` and `count` of each bin that is not empty.
    """
    x = _Scale(0, 1, LEFT, WIDTH - RIGHT)
    y = _Scale(0, 1, HEIGHT - BOTTOM, TOP)
    parts = [_axes(x, y, "confidence")]
    for one in bins:
        left, right, up = x(one["low"]) + 1, x(one["high"]) - 1, y(one["accuracy"])
        tip = f"{int(one['count']):,} answers, confidence {one['confidence']:.3f}, right {one['accuracy']:.3f}"
        parts.append(
            f'<rect class="fill s0" x="{left:.1f}" y="{up:.1f}" width="{max(right - left, 1):.1f}" '
            f'height="{max(HEIGHT - BOTTOM - up, 0.5):.1f}"><title>{tip}</title></rect>'
        )
    parts.append(f'<line class="diagonal" x1="{x(0):.1f}" y1="{y(0):.1f}" x2="{x(1):.1f}" y2="{y(1):.1f}"/>')
    return _figure(title, parts, '<span class="key s0">share that was right</span>')


def scatter(title: str, points: Sequence[tuple[float, float]]) -> str:
    """Returns truth (across) against answer (up), with the diagonal of a perfect model."""
    finite = [(truth, answer) for truth, answer in points if _finite(truth) and _finite(answer)]
    if not finite:
        return ""
    low, high = _padded(min(map(min, finite)), max(map(max, finite)))
    x, y = _Scale(low, high, LEFT, WIDTH - RIGHT), _Scale(low, high, HEIGHT - BOTTOM, TOP)
    parts = [_axes(x, y, "truth")]
    parts.append(f'<line class="diagonal" x1="{x(low):.1f}" y1="{y(low):.1f}" x2="{x(high):.1f}" y2="{y(high):.1f}"/>')
    parts.extend(f'<circle class="point s0" cx="{x(t):.1f}" cy="{y(a):.1f}" r="2.5"/>' for t, a in finite)
    return _figure(title, parts, '<span class="key s0">one example</span>')


def heat(names: Sequence[str], counts: Sequence[Sequence[int]]) -> str:
    """Returns a confusion matrix, truth by row, with numbers up to 30 classes.

    A cell's colour grows with the root of its share of the row, so that rare mistakes stay visible.
    """
    numbered = len(names) <= MAX_NUMBERED
    head = "".join(f"<th scope=col><span>{escape(name)}</span></th>" for name in names)
    rows = []
    for index, (name, row) in enumerate(zip(names, counts, strict=True)):
        total = sum(row) or 1
        cells = "".join(
            f'<td class="{"hit" if column == index else "miss"}" style="--v:{100 * math.sqrt(count / total):.0f}%" '
            f'title="{escape(name)} answered as {escape(names[column])}: {count:,}">'
            f"{(f'{count:,}' if count else '·') if numbered else ''}</td>"
            for column, count in enumerate(row)
        )
        rows.append(f"<tr><th scope=row>{escape(name)}</th>{cells}</tr>")
    caption = "<caption>Rows: the truth. Columns: the answer.</caption>"
    kind = "heat" if numbered else "heat dense"
    return f'<div class=scroll><table class="{kind}">{caption}<tr><td></td>{head}</tr>{"".join(rows)}</table></div>'


class _Scale:
    """Maps numbers from `low..high` to pixels from `start` to `end`."""

    def __init__(self, low: float, high: float, start: float, end: float):
        self.low, self.high, self.start, self.end = low, high, start, end

    def __call__(self, value: float) -> float:
        share = (value - self.low) / ((self.high - self.low) or 1.0)
        return self.start + share * (self.end - self.start)


def _axes(x: _Scale, y: _Scale, label: str, *, whole: bool = False) -> str:
    parts = []
    for value in ticks(y.low, y.high):
        at = y(value)
        parts.append(f'<line class="grid" x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{at:.1f}" y2="{at:.1f}"/>')
        parts.append(f'<text class="tick" x="{LEFT - 6}" y="{at + 3.5:.1f}" text-anchor="end">{value:g}</text>')
    for value in ticks(x.low, x.high, 6):
        if whole and value != int(value):
            continue
        parts.append(
            f'<text class="tick" x="{x(value):.1f}" y="{HEIGHT - BOTTOM + 15}" text-anchor="middle">{value:g}</text>'
        )
    middle = (LEFT + WIDTH - RIGHT) / 2
    parts.append(f'<text class="tick" x="{middle:.0f}" y="{HEIGHT - 4}" text-anchor="middle">{escape(label)}</text>')
    return "".join(parts)


def _figure(title: str, parts: Sequence[str], legend: str) -> str:
    svg = f'<svg viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{escape(title)}">{"".join(parts)}</svg>'
    return f"<figure><figcaption>{escape(title)}<span class=legend>{legend}</span></figcaption>{svg}</figure>"


def _padded(low: float, high: float) -> tuple[float, float]:
    margin = (high - low) * 0.06 or abs(high) * 0.06 or 1.0
    return (0.0 if 0 <= low < margin else low - margin), high + margin


def _finite(value: Value) -> TypeGuard[float]:
    return isinstance(value, (int, float)) and math.isfinite(value)


def _last(values: Sequence[Value]) -> Value:
    return next((value for value in reversed(values) if _finite(value)), None)
