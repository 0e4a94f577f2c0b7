"""Specs of small makers of pictures, trained in seconds on scikit-learn's digits."""

from typing import Any

PICTURE = {"Image": {"size": [8, 8], "channels": 1, "range": [-1, 1]}}
DATA = {
    "source": "Digits",
    "split": {"train": 0.2, "validation": 0.05, "test": 0.1},
    "inputs": {"image": PICTURE, "label": "Category"},
    "batch_size": 30,
}
OPTIMIZER = {"SGD": {"learning_rate": 0.01}}
PAINT = [{"Dense": {"units": 64}}, {"Reshape": {"target_shape": [8, 8, 1], "name": "made"}}]
TOLD = {"Embedding": {"inputs": "label", "input_dim": 11, "output_dim": 8, "name": "told"}}

VAE = {
    "name": "small_vae",
    "data": {**DATA, "inputs": {"image": PICTURE}},
    "models": {
        "encoder": {
            "inputs": ["image"],
            "outputs": ["mean", "log_variance"],
            "layers": [
                {"Flatten": {"inputs": "image", "name": "flat"}},
                {"Dense": {"inputs": "flat", "units": 4, "name": "mean"}},
                {"Dense": {"inputs": "flat", "units": 4, "name": "log_variance"}},
            ],
        },
        "decoder": {"inputs": {"z": {"Input": {"shape": [4]}}}, "layers": PAINT},
    },
    "train": {
        "objective": {"VAE": {"reconstruction": "squared_error", "warm_up": 5}},
        "optimizer": {"SGD": {"learning_rate": 0.001}},
        "epochs": 2,
    },
}
GAN = {
    "name": "small_gan",
    "data": DATA,
    "models": {
        "generator": {
            "inputs": {"z": {"Input": {"shape": [8]}}, "label": None},
            "layers": [TOLD, {"Add": {"inputs": ["z", "told"]}}, *PAINT],
        },
        "discriminator": {
            "inputs": ["image", "label"],
            "layers": [
                TOLD,
                {"Flatten": {"inputs": "image", "name": "flat"}},
                {"Concatenate": {"inputs": ["flat", "told"]}},
                {"Dense": {"units": 1, "name": "real"}},
            ],
        },
    },
    "train": {"objective": "GAN", "optimizer": OPTIMIZER, "epochs": 2},
}
DIFFUSION = {
    "name": "small_diffusion",
    "data": DATA,
    "model": {
        "inputs": {
            "image": {"Input": {"shape": [8, 8, 1]}},
            "time": {"Input": {"shape": []}},
            "label": {"Input": {"shape": [], "dtype": "int32"}},
        },
        "layers": [
            TOLD,
            {"ops.expand_dims": {"inputs": "time", "axis": -1}},
            {"Dense": {"units": 8, "activation": "tanh", "name": "when"}},
            {"Flatten": {"inputs": "image", "name": "flat"}},
            {"Concatenate": {"inputs": ["flat", "told", "when"]}},
            {"Dense": {"units": 64}},
            {"Reshape": {"target_shape": [8, 8, 1], "name": "noise"}},
        ],
    },
    "train": {"objective": {"Diffusion": {"label": "label", "steps": 20}}, "optimizer": OPTIMIZER, "epochs": 2},
    "predict": {"sampler": {"DDIM": {"steps": 4, "guidance": 2, "eta": 0.5}}},
}
JUDGE = {
    "name": "judge",
    "data": {**DATA, "inputs": {"image": {"Image": {"size": [8, 8], "channels": 1}}}, "targets": {"label": "Category"}},
    "models": {
        "features": {"inputs": ["image"], "layers": ["Flatten", {"Dense": {"units": 5, "name": "features"}}]},
        "classifier": {
            "inputs": ["image"],
            "layers": [{"features": {"inputs": "image"}}, {"Dense": {"units": 10, "name": "label"}}],
        },
    },
    "train": {"objective": "Classification", "epochs": 1},
}


def in_an_epoch(spec: dict[str, Any]) -> dict[str, Any]:
    """Returns a spec that is trained for one epoch."""
    return {**spec, "train": {**spec["train"], "epochs": 1}}
