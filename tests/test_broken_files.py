"""Files that break while a training reads them."""

import json

import numpy as np
import pytest
from PIL import Image as Pillow

from dlsuite import pipeline
from dlsuite.cli import main
from dlsuite.runs import list_runs
from dlsuite.training import checkpoints
from dlsuite.training.recording import Recorder


@pytest.fixture
def spec(tmp_path, monkeypatch):
    """A spec over pictures that do not fit in memory."""
    monkeypatch.setenv("DLSUITE_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(pipeline, "available_memory", lambda: 0)
    monkeypatch.chdir(tmp_path)
    rng = np.random.default_rng(0)
    for i in range(40):
        folder = tmp_path / "pets" / ("cat", "dog")[i % 2]
        folder.mkdir(parents=True, exist_ok=True)
        Pillow.fromarray(rng.integers(0, 256, (8, 8, 3), np.uint8)).save(folder / f"{i:02}.png")
    text = {
        "name": "pets",
        "data": {
            "source": {"ImageFolder": {"path": "pets"}},
            "inputs": {"image": "Image"},
            "targets": {"label": "Category"},
            "batch_size": 4,
        },
        "model": {"layers": ["Flatten", {"Dense": {"units": 2, "name": "label"}}]},
        "train": {"objective": "Classification", "optimizer": "SGD", "epochs": 4},
    }
    (tmp_path / "pets.json").write_text(json.dumps(text))
    return tmp_path / "pets.json"


@pytest.mark.parametrize("content", [None, b"\x89PNG\r\n\x1a\n"], ids=["deleted", "truncated"])
def test_a_file_that_breaks_in_an_epoch_fails_the_run_and_keeps_its_checkpoint(spec, monkeypatch, capsys, content):
    file = spec.parent / "pets/dog/07.png"
    whole, end_epoch = file.read_bytes(), Recorder.end_epoch

    def break_file(self, epoch, logs):
        end_epoch(self, epoch, logs)
        if epoch == 1:
            file.unlink() if content is None else file.write_bytes(content)

    monkeypatch.setattr(Recorder, "end_epoch", break_file)
    assert main(["train", str(spec)]) == 3
    said = capsys.readouterr().err
    assert "pets/dog/07.png could be read before and no longer can" in said and "--resume" in said
    assert "Traceback" not in said and "tensorflow" not in said.lower()
    (run,) = list_runs()
    assert run.status["state"] == "failed" and "07.png" in run.status["error"]
    newest = checkpoints.epochs(run.path / "checkpoints")[-1]
    assert newest >= 2 and checkpoints.load(run.path / "checkpoints").epoch == newest
    assert (run.path / "models" / "model.npz").is_file()  # what was learned before is kept

    file.write_bytes(whole)
    monkeypatch.setattr(Recorder, "end_epoch", end_epoch)
    assert main(["train", str(spec), "--resume", str(run.path)]) == 0
    assert [row["epoch"] for row in run.history] == [1, 2, 3, 4]


@pytest.mark.parametrize("lost", ["model.npz", "state.json"])
def test_a_checkpoint_that_lacks_a_file_gives_way_to_the_one_before(tmp_path, lost):
    folder = tmp_path / "checkpoints"
    folder.mkdir()
    for epoch in (1, 2):
        weights = {"model": {"kernel": np.full(3, epoch)}, "optimizer": {"rate": np.array(0.1)}}
        checkpoints.save(folder, (epoch, None), {"history": []}, weights)
    (folder / "epoch-00002" / lost).unlink()
    said = []
    found = checkpoints.load(folder, said.append)
    assert found.epoch == 1 and found.arrays["model"]["kernel"].tolist() == [1, 1, 1]
    assert len(said) == 1 and "epoch-00002" in said[0] and lost in said[0]
