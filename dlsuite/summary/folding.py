"""Rows that come again and again, folded: twelve equal decoders are one group, twelve times."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass

from dlsuite.summary.calls import Call

LONGEST = 24
"""The most rows that a repeated sequence is looked for in."""


@dataclass(frozen=True)
class Group:
    """Rows that follow one another.

    Attributes:
        start: The position of the first.
        calls: One round of them.
        times: How many rounds there are.
        last: The last row of the last round.
    """

    start: int
    calls: tuple[Call, ...]
    times: int
    last: Call


def fold(calls: Sequence[Call]) -> Iterator[Group]:
    """Yields the rows of a body in order, those that repeat as one group."""
    kinds = [_kind(call) for call in calls]
    start = 0
    while start < len(calls):
        period, times = _repeats(calls, kinds, start)
        end = start + period * times
        yield Group(start, tuple(calls[start : start + period]), times, calls[end - 1])
        start = end


def _repeats(calls: Sequence[Call], kinds: Sequence[Hashable], start: int) -> tuple[int, int]:
    """Returns length and number of the rounds that start here and cover most rows; the shortest of equals."""
    best = 1, 1
    for period in range(1, min(LONGEST, (len(calls) - start) // 2) + 1):
        end = start + period
        while (
            end < len(calls)
            and kinds[end] == kinds[end - period]
            and _reads_alike(calls[end], calls[end - period], period)
        ):
            end += 1
        times = (end - start) // period
        if times > 1 and period * times > best[0] * best[1]:
            best = period, times
    return best


def _kind(call: Call) -> Hashable:
    """Returns what two rows have in common that differ in nothing but their place and what they read."""
    return call.component, repr(call.shape), call.total, call.trainable, call.forward, call.step, call.shared


def _reads_alike(call: Call, before: Call, period: int) -> bool:
    """Returns whether a row reads what the one a round before read, or what stands a round later."""
    if len(call.reads) != len(before.reads):
        return False
    return all(one in (other, other + period) for one, other in zip(call.reads, before.reads, strict=True))
