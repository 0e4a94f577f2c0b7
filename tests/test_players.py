"""Objectives with players: losses over whole batches, several networks that take turns, averages, noise."""

from __future__ import annotations

import json

import numpy as np
import pytest
from keras import ops

from dlsuite import playing, prediction, trained
from dlsuite.graph import build
from dlsuite.objectives.media import Media, read_recipe
from dlsuite.objectives.objective import Objective
from dlsuite.pipeline import read
from dlsuite.pipeline.batching import DRAWN
from dlsuite.spec import load
from dlsuite.training import compiling, goals, saving, train
from dlsuite.training.checkpoints import read_model
from dlsuite.weights import read_weights

SPEC = {
    "name": "rivals",
    "data": {
        "source": "Digits",
        "inputs": {"image": {"Image": {"size": [8, 8], "channels": 1}}},
        "targets": {"label": "Category"},
        "split": {"train": 0.2, "validation": 0.1, "test": 0.1},
        "batch_size": 32,
    },
    "models": {
        "painter": {
            "inputs": {"z": {"Input": {"shape": [4]}}},
            "layers": [{"Dense": {"units": 64}}, {"Reshape": {"target_shape": [8, 8, 1], "name": "picture"}}],
        },
        "judge": {"inputs": ["image"], "layers": ["Flatten", {"Dense": {"units": 1, "name": "verdict"}}]},
    },
    "train": {
        "objective": "Classification",
        "optimizer": {"Adam": {"use_ema": True, "ema_momentum": 0.5}},
        "epochs": 2,
    },
}


class Contest(Objective):
    """A least-squares GAN in a few lines."""

    rises = False
    monitor = None
    compares = "image"
    needs = ()

    def players(self):
        return {"judge": ("judge",), "painter": ("painter",)}

    def noise(self, networks):
        return {"z": ("normal", (4,))}

    def measure(self, play, player):
        fake = play.run("judge", image=play.run("painter", z=play.noise["z"])["picture"])["verdict"][:, 0]
        if player == "painter":
            return {"loss": (fake - 1) ** 2}
        real = play.run("judge")["verdict"][:, 0]
        return {"loss": (real - 1) ** 2 + fake**2, "real": real}

    def respond(self, play):
        return ops.convert_to_numpy(play.run("painter", z=play.noise["z"])["picture"])

    def answer(self, output, feature):
        return {"picture": Media.picture(np.clip(output * 255, 0, 255).astype(np.uint8))}

    def scores(self, outputs, targets, feature):
        return {"distance": float(((outputs.mean(0) - targets.mean(0)) ** 2).mean())}

    def samples(self, outputs, targets, feature):
        return [("a picture", self.answer(outputs[0], feature)["picture"])]


class Brush(Contest):
    """The painter alone learns, from a judge that stays as it is."""

    def players(self):
        return {"painter": ("painter",)}


def put(monkeypatch, objective):
    """Puts an objective in the place of every other; checks ahead of training are those of the one that is named."""
    for module in (compiling, goals, saving, playing, prediction):
        monkeypatch.setattr(
            module, "make", lambda one, made=module.make: objective() if one.kind == "objective" else made(one)
        )


@pytest.fixture
def contest(monkeypatch):
    put(monkeypatch, Contest)


OTHER = {"inputs": ["image"], "layers": ["Flatten", {"Dense": {"units": 10, "name": "label"}}]}


@pytest.fixture
def spec():
    return load({**SPEC, "models": {**SPEC["models"], "other": OTHER}})


def test_players_take_turns_and_train_their_own_network_alone(contest, spec, tmp_path):
    run = train(spec, runs=tmp_path, progress=False)
    row = run.history[-1]
    assert {"judge_loss", "judge_real", "painter_loss", "loss", "val_judge_loss"} <= row.keys()
    assert row["loss"] == pytest.approx(row["judge_loss"] + row["painter_loss"], rel=1e-4)
    assert run.best_epoch == 2  # nothing tells which is best: the last
    assert "distance" in run.metrics


def test_networks_of_no_player_stay_as_they_are(monkeypatch, tmp_path):
    put(monkeypatch, Brush)
    models = {**SPEC["models"], "other": OTHER}
    spec = load({**SPEC, "models": models}, {"train.optimizer": {"AdamW": {"weight_decay": 0.5}}})
    run, built = train(spec, runs=tmp_path, progress=False), build(spec.plan())
    moved = {
        name: any(not np.array_equal(one, run.weights(name)[key]) for key, one in read_weights(model).items())
        for name, model in built.items()
    }
    assert moved == {"painter": True, "judge": False, "other": False}
    kept = np.load(run.path / "checkpoints" / "epoch-00002" / "optimizer.npz")
    assert sum("momentum" in name for name in kept) == 2  # of a kernel and a bias: the painter's alone


def test_averages_of_weights_are_what_is_kept(contest, spec, tmp_path):
    run = train(spec, runs=tmp_path, progress=False)
    kept = read_model(run.path / "checkpoints", 2)
    raw = np.load(run.path / "checkpoints" / "epoch-00002" / "model.npz")
    names = [name for name in kept if name.startswith("painter:")]
    assert names and all(np.abs(kept[name] - raw[name]).max() > 0 for name in names)
    for name in names:
        np.testing.assert_array_equal(run.weights("painter")[name.removeprefix("painter:")], kept[name])
    others = [name for name in kept if name.startswith("other:")]  # which nobody trains
    assert all((kept[name] == raw[name]).all() for name in others)


def test_the_same_seed_draws_the_same_whatever_is_beside_it(contest, spec, tmp_path):
    run = trained.Run(train(spec, runs=tmp_path, progress=False).path)
    alone = run.predict({"seed": 5})[0]["output"]["picture"]
    beside = run.predict([{"seed": 4}, {"seed": 5}, {"seed": 6}])
    assert beside[1]["output"]["picture"].data == alone.data != beside[0]["output"]["picture"].data
    assert run.predict('{"seed": 5}')[0]["output"]["picture"].data == alone.data
    recipe = read_recipe(alone.data)
    assert recipe["spec"] == "rivals" and recipe["run"] == run.id and recipe["inputs"] == {"seed": 5}
    assert run.predict(json.dumps(recipe["inputs"]))[0]["output"]["picture"].data == alone.data


def test_noise_is_keyed_by_seed_step_and_place(spec):
    data = read(spec)
    noise = {"z": ("normal", (3,)), "t": ("uniform", ())}

    def drawn(**given):
        batches = data.batches("train", training=True, noise=noise, epochs=2, **given)
        return [{name: value.numpy() for name, value in one.items()} for _, _, one in batches]

    first, again, other = drawn(), drawn(), drawn(seed=7)
    late = drawn(step=3)
    for one, two in zip(first, again, strict=True):
        assert all((one[name] == two[name]).all() for name in one)
    for one, two in zip(first[3:], late, strict=True):
        assert all((one[name] == two[name]).all() for name in one)
    z = DRAWN + "z"
    assert (first[0][z] != first[1][z]).all() and (first[0][z] != other[0][z]).all()
    many = np.concatenate([one[z] for one in first])
    assert abs(many.mean()) < 0.05 and abs(many.std() - 1) < 0.05
    times = np.concatenate([one[DRAWN + "t"] for one in first])
    assert 0 <= times.min() < 0.05 and 0.95 < times.max() < 1
    assert [int(one["@step"][0]) for one in first[:3]] == [0, 1, 2]


def test_pictures_carry_the_recipe_and_other_files_stay_as_they_are():
    picture = Media.picture(np.full((4, 4, 3), 200, np.uint8))
    assert read_recipe(picture.data) is None
    signed = picture.sign({"seed": 3, "label": "7"})
    assert read_recipe(signed.data) == {"seed": 3, "label": "7"}
    assert Media(b"abc", ".wav").sign({"seed": 3}).data == b"abc"
    with pytest.raises(ValueError, match="is no PNG"):
        read_recipe(b"RIFF")
