"""Devices that a training may run on, by their data sheets; imports neither keras nor tensorflow."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

GB = 10**9
TERA = 10**12
UTILISATION = 0.4
"""The share of the peak rate that training reaches; large Transformers have been reported at 0.2 to 0.5."""


@dataclass(frozen=True)
class Device:
    """A device, by its data sheet and a price that was asked for it.

    Attributes:
        about: Its full name.
        rates: Dense operations a second by precision. `float32` is what TensorFlow uses for it: TF32 where there is.
        memory: Bytes.
        bandwidth: Bytes a second between memory and the units that compute.
        watts: At full load.
        price: Dollars an hour, on demand, for one.
        price_from: Where the price was read, and of when it is.
        source: The data sheet.
    """

    about: str
    rates: Mapping[str, float]
    memory: float
    bandwidth: float
    watts: float
    price: float
    price_from: str
    source: str


def _rates(float32: float, half: float, bfloat: float | None = None) -> dict[str, float]:
    rates = {"float32": float32 * TERA, "mixed_float16": half * TERA}
    return {**rates, "mixed_bfloat16": (half if bfloat is None else bfloat) * TERA}


_MERCATUS = "middle of specialised clouds, May 2026, mercatus-ai.com/blog/cloud-gpu-pricing"
_RUNPOD = "RunPod on demand, March 2026, deploybase.ai/articles/runpod-gpu-pricing"

DEVICES: Mapping[str, Device] = {
    "h200": Device(
        "NVIDIA H200 SXM, 141 GB", _rates(494.7, 989.4), 141 * GB, 4800 * GB, 700, 4.00, _MERCATUS,
        "nvidia.com/en-us/data-center/h200 (half of the figures with sparsity)",
    ),
    "h100": Device(
        "NVIDIA H100 SXM, 80 GB", _rates(494.7, 989.4), 80 * GB, 3350 * GB, 700, 3.00, _MERCATUS,
        "nvidia.com/en-us/data-center/h100 (half of the figures with sparsity)",
    ),
    "a100": Device(
        "NVIDIA A100 SXM, 80 GB", _rates(156, 312), 80 * GB, 2039 * GB, 400, 1.30, _MERCATUS,
        "NVIDIA A100 data sheet 1758950-r4",
    ),
    "l4": Device(
        "NVIDIA L4, 24 GB", _rates(60, 121), 24 * GB, 300 * GB, 72, 0.78, _RUNPOD,
        "NVIDIA L4 data sheet (half of the figures with sparsity)",
    ),
    "t4": Device(
        "NVIDIA T4, 16 GB", _rates(8.1, 65, 8.1), 16 * GB, 320 * GB, 70, 0.35,
        "Google Cloud, March 2026, computeprices.com/gpus/t4",
        "NVIDIA T4 data sheet (no bfloat16 of its own: the rate of float32)",
    ),
    "rtx4090": Device(
        "NVIDIA GeForce RTX 4090, 24 GB", _rates(82.6, 165.2), 24 * GB, 1008 * GB, 450, 0.60, _RUNPOD,
        "NVIDIA Ada GPU architecture white paper, appendix A",
    ),
}  # fmt: skip
"""The devices that `--device` knows, by name."""
