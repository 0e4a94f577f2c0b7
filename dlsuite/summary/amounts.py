"""Amounts that grow with the batch: counted once, known for every batch size."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

BATCH = 7919
"""The batch size that shapes are traced with: a prime, so that what it divides grows with the batch."""


@dataclass(frozen=True)
class Amount:
    """A number of operations or bytes as a polynomial of the batch size.

    Attributes:
        fixed: What does not depend on it.
        each: For each example.
        square: For each pair of examples, as in a contrastive loss.

    Example:
        >>> (Amount(10, 3) + Amount.of([BATCH, 4])).at(2)
        24
    """

    fixed: int = 0
    each: int = 0
    square: int = 0

    @classmethod
    def of(cls, factors: Sequence[int | None]) -> Amount:
        """Returns the amount of a product, such as the lengths of a shape; lengths that are not known count as one."""
        product = math.prod(one for one in factors if one is not None)
        if product and product % BATCH**2 == 0:
            return cls(square=product // BATCH**2)
        return cls(each=product // BATCH) if product % BATCH == 0 else cls(fixed=product)

    def at(self, batch_size: int) -> int:
        """Returns the number for a batch."""
        return self.fixed + batch_size * (self.each + batch_size * self.square)

    def larger(self, other: Amount) -> Amount:
        """Returns the larger of two amounts, as it is for a middling batch."""
        return max(self, other, key=lambda one: one.at(32))

    def __add__(self, other: Amount) -> Amount:
        return Amount(self.fixed + other.fixed, self.each + other.each, self.square + other.square)

    def __sub__(self, other: Amount) -> Amount:
        return self + -1 * other

    def __mul__(self, times: int) -> Amount:
        return Amount(self.fixed * times, self.each * times, self.square * times)

    __rmul__ = __mul__


NOTHING = Amount()


def shape_for(shape: Sequence[int | None]) -> tuple[int | None, ...]:
    """Returns a traced shape as it is written: `None` for lengths that depend on the batch."""
    return tuple(None if one is None or (one and one % BATCH == 0) else one for one in shape)
