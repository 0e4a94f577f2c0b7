"""What every test runs under."""

import ctypes
import json
import os

import pytest
from hypothesis import settings

from tests.making_pictures import DIFFUSION, VAE, in_an_epoch

os.environ.setdefault("KERAS_BACKEND", "tensorflow")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "1")  # as dlsuite sets it, for tests that import keras first

settings.register_profile("repeatable", deadline=None, derandomize=True, print_blob=True)
settings.load_profile("repeatable")


@pytest.fixture(scope="session")
def digits_run(tmp_path_factory):
    """A small classifier of scanned digits after two epochs, evaluated: a run that every use may read."""
    return _train(
        tmp_path_factory,
        {
            "name": "digits",
            "about": "Two epochs of a small network on scanned digits.",
            "data": {"source": "Digits", "inputs": {"image": "Image"}, "targets": {"label": "Category"}},
            "model": {
                "layers": [
                    "Flatten",
                    {"Dense": {"units": 32, "activation": "relu"}},
                    {"Dense": {"units": "=label.classes", "name": "label"}},
                ]
            },
            "train": {
                "objective": "Classification",
                "metrics": {"SparseTopKCategoricalAccuracy": {"k": 3}},
                "optimizer": {"Adam": {"learning_rate": 0.005}},
                "epochs": 2,
            },
            "baselines": ["Majority", "NearestNeighbour"],
        },
    )


@pytest.fixture(scope="session")
def cancer_run(tmp_path_factory):
    """Two classes by one logit, from fields of their own."""
    return _train(
        tmp_path_factory,
        {
            "name": "cancer",
            "data": {
                "source": "BreastCancer",
                "inputs": {"size": {"Number": {"fields": ["mean_radius", "mean_area", "worst_concavity"]}}},
                "targets": {"diagnosis": "Category"},
            },
            "model": {"layers": [{"Dense": {"units": 1, "name": "diagnosis"}}]},
            "train": {"objective": "Classification", "optimizer": {"Adam": {"learning_rate": 0.1}}, "epochs": 2},
        },
    )


@pytest.fixture(scope="session")
def number_run(tmp_path_factory):
    """A regression over rows of a CSV file."""
    folder = tmp_path_factory.mktemp("prices")
    rows = [f"{size},{3 * size + 10 + size % 7}" for size in range(200)]
    (folder / "prices.csv").write_text("\n".join(["size,price", *rows]) + "\n")
    spec = {
        "name": "prices",
        "data": {
            "source": {"CSV": {"path": "prices.csv"}},
            "inputs": {"size": "Number"},
            "targets": {"price": "Number"},
        },
        "model": {"layers": [{"Dense": {"units": 1, "name": "price"}}]},
        "train": {"objective": "Regression", "optimizer": {"Adam": {"learning_rate": 0.1}}, "epochs": 3},
        "baselines": ["Mean"],
    }
    (folder / "prices.json").write_text(json.dumps(spec))
    return _train(tmp_path_factory, folder / "prices.json")


@pytest.fixture(scope="session")
def vae_run(tmp_path_factory):
    """A run that makes pictures of seeds at once, after one epoch."""
    return _train(tmp_path_factory, in_an_epoch(VAE))


@pytest.fixture(scope="session")
def diffusion_run(tmp_path_factory):
    """A run that makes pictures of seeds and classes in many steps, after one epoch."""
    return _train(tmp_path_factory, in_an_epoch(DIFFUSION))


@pytest.fixture
def modes_hold():
    """Modes of files hold for this thread even where the superuser runs it, who else may write everywhere."""
    libc = ctypes.CDLL(None)
    header, kept = (ctypes.c_uint32 * 2)(0x20080522, 0), (ctypes.c_uint32 * 6)()  # version 3, this thread
    assert libc.capget(header, kept) == 0
    effective, permitted, inheritable = kept[:3]
    overrides = 0b110  # CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH
    held = (ctypes.c_uint32 * 6)(effective & ~overrides, permitted, inheritable, *kept[3:])
    assert libc.capset(header, held) == 0
    yield
    assert libc.capset(header, kept) == 0


def _train(tmp_path_factory, spec):
    import dlsuite

    return dlsuite.train(dlsuite.load(spec), runs=tmp_path_factory.mktemp("runs"))
