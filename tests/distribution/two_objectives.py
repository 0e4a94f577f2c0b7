"""Trains objectives on one device and on two logical ones; prints how they differ: `two_objectives.py FOLDER`."""

import json
import shutil
import sys
from pathlib import Path

import numpy as np

from dlsuite.spec import catalogue
from dlsuite.spec.history import columns_of
from tests.distribution.two_devices import TWO, difference_of_histories, train
from tests.making_pictures import DIFFUSION, GAN, VAE
from tests.objectives.test_ctc_run import SPEC as TONES
from tests.objectives.test_ctc_run import write_tones
from tests.test_language_runs import LANGUAGE, TRANSLATION, write_backwards, write_letters

SGD = {"SGD": {"learning_rate": 0.01}}
"""Others, such as Adam, divide by gradients, of which those that are all but zero differ."""
SPECS = Path(__file__).parents[2] / "specs"


def small(name, **params):
    """Returns a shipped spec of peptides with little data and without dropout."""
    text = (SPECS / "protein" / f"{name}.json").read_text().replace("../blocks", "blocks")
    spec = json.loads(text.replace('"dropout": 0.1', '"dropout": 0.0'))
    kept = {key: spec[key] for key in ("name", "uses", "params", "data", "model", "train")}
    kept["params"] |= params
    kept["data"]["source"] = {"SyntheticPeptides": {"count": 60}}
    return kept


def undisturbed(spec):
    """Returns a spec without what is drawn anew by each device."""
    layers = [layer for layer in spec["model"]["layers"] if "SpecAugment" not in layer]
    data = {key: value for key, value in spec["data"].items() if key != "augment"}
    return {**spec, "data": data, "model": {**spec["model"], "layers": layers}}


def difference(one, two):
    """Returns the largest relative difference of two histories, and the largest of weights."""
    weights = [
        float(np.abs(value - two.weights(network)[name]).max())
        for network in one.models
        for name, value in one.weights(network).items()
    ]
    return {"history": difference_of_histories(one, two), "weights": max(weights)}


def unforeseen(run):
    """Returns the columns of a history that its spec did not foresee, and those it foresaw for nothing."""
    foreseen = columns_of(catalogue.load(), run.plan.train[0], run.plan.networks)
    return sorted({*foreseen} ^ ({*run.history[0]} - {"epoch", "learning_rate", "seconds"}))


def main(folder):
    write_letters(folder)
    write_backwards(folder)
    write_tones(folder, 40)
    shutil.copytree(SPECS / "blocks", folder / "blocks")
    found = {}
    peptides = small("peptides", width=8), small("folded_peptides", width=8, pair_width=4)
    for spec in (VAE, GAN, DIFFUSION, LANGUAGE, TRANSLATION, undisturbed(TONES), *peptides):
        data = {**spec["data"], "batch_size": 29 if "Digits" in str(spec["data"]["source"]) else 9}  # odd; ends in less
        changed = {key: value for key, value in spec.items() if key != "baselines"} | {"data": data}
        epochs = 1 if spec["name"] == "folded_peptides" else 2
        runs = [
            train(
                changed,
                folder / f"{spec['name']}{i}",
                strategy=strategy,
                optimizer=SGD,
                deterministic=True,
                epochs=epochs,
            )
            for i, strategy in enumerate(["Auto", TWO])
        ]
        found[spec["name"]] = difference(*runs) | {"unforeseen": unforeseen(runs[0])}
    return found


if __name__ == "__main__":
    print(json.dumps(main(Path(sys.argv[1]))))
