"""The IDX format of MNIST and its kin: big-endian, unsigned bytes, gzip-compressed."""

from __future__ import annotations

import gzip
import math
import struct
import zlib
from pathlib import Path

import numpy as np

from dlsuite.spec.errors import DataError

LIMIT = 1 << 30
"""More bytes than this are not unpacked."""


def read_idx(path: Path) -> np.ndarray:
    """Returns the array of unsigned bytes in a gzip-compressed IDX file.

    Raises:
        DataError: The file is not one.
    """
    try:
        with gzip.open(path) as file:
            zero, kind, rank = struct.unpack(">HBB", file.read(4))
            if zero != 0 or kind != 8:
                raise ValueError("it does not begin as an IDX file of unsigned bytes does")
            shape = struct.unpack(f">{rank}I", file.read(4 * rank))
            size = math.prod(shape)
            if size > LIMIT:
                raise ValueError(f"it claims {size} bytes")
            values = np.frombuffer(file.read(size + 1), np.uint8)
        if values.size != size:
            raise ValueError(f"it holds {values.size} bytes where its header says {size}")
    except (OSError, EOFError, ValueError, struct.error, zlib.error) as error:
        raise DataError(f"{path} cannot be read: {error}.") from None
    return values.reshape(shape)
