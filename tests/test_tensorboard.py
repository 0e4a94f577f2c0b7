"""Keras' own TensorBoard callback works as installed, and writes inside the run."""

from dlsuite import training
from dlsuite.spec import load


def test_the_callback_writes_its_events_beside_those_of_the_run(tmp_path):
    spec = {
        "name": "digits",
        "data": {"source": "Digits", "inputs": {"image": "Image"}, "targets": {"label": "Category"}, "batch_size": 512},
        "model": {"layers": ["Flatten", {"Dense": {"units": 10, "name": "label"}}]},
        "train": {
            "objective": "Classification",
            "optimizer": "SGD",
            "epochs": 1,
            "callbacks": [{"TensorBoard": {"histogram_freq": 1}}],
        },
    }
    run = training.train(load(spec), runs=tmp_path, progress=False)
    folders = {path.parent.name for path in (run.path / "tensorboard").rglob("events.out.tfevents.*")}
    assert {"train", "validation"} <= folders
