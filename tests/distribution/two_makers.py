"""Trains makers of pictures on one device and on two logical ones; prints how they differ: `two_makers.py FOLDER`."""

import json
import sys
from pathlib import Path

import numpy as np

from tests.distribution.two_devices import TWO, train
from tests.making_pictures import DIFFUSION, GAN, VAE


def difference(one, two):
    """Returns the largest relative difference of two histories, and the largest of weights."""
    figures = [
        abs(a[name] - b[name]) / max(abs(a[name]), 1e-3)
        for a, b in zip(one.history, two.history, strict=True)
        for name in a
        if name != "seconds"
    ]
    weights = [
        float(np.abs(value - two.weights(network)[name]).max())
        for network in one.models
        for name, value in one.weights(network).items()
    ]
    return {"history": max(figures), "weights": max(weights)}


def main(folder):
    found = {}
    for spec in (VAE, GAN, DIFFUSION):
        data = {**spec["data"], "batch_size": 29}  # odd, and the last of an epoch is small
        runs = [
            train({**spec, "data": data}, folder / f"{spec['name']}{i}", strategy=strategy, deterministic=True)
            for i, strategy in enumerate(["Auto", TWO])
        ]
        found[spec["name"]] = difference(*runs)
    return found


if __name__ == "__main__":
    print(json.dumps(main(Path(sys.argv[1]))))
