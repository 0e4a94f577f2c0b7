"""How far confidence can be trusted, and how sure a mean over chains is."""

from __future__ import annotations

import numpy as np

BINS = 10


def measure_calibration(confidence: np.ndarray, accuracy: np.ndarray) -> float:
    """Returns the expected calibration error: how far confidence lies from accuracy, both from 0 to 1, on average.

    Residues are put into ten bins by confidence; the gaps between a bin's means are weighted by how many it holds.
    Guo et al. 2017, arXiv:1706.04599, equation 3.

    Args:
        confidence: pLDDT of residues, [n].
        accuracy: Their lDDT, [n].
    """
    bins = np.clip((confidence * BINS).astype(int), 0, BINS - 1)
    gaps = np.bincount(bins, weights=confidence - accuracy, minlength=BINS)
    return float(np.abs(gaps).sum() / len(confidence))


def bootstrap_mean(values: np.ndarray, seed: int = 0, draws: int = 2000) -> tuple[float, float]:
    """Returns the 95% interval of a mean over chains, by drawing as many chains again and again with replacement.

    Efron and Tibshirani 1993, "An introduction to the bootstrap", section 13.3 (percentiles).
    """
    rng = np.random.default_rng(seed)
    means = np.asarray(values)[rng.integers(0, len(values), (draws, len(values)))].mean(axis=1)
    low, high = np.percentile(means, [2.5, 97.5])
    return float(low), float(high)
