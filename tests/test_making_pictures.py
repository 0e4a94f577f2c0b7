"""Makers of pictures from spec to answer: training, judging, and pictures that can be made again."""

from __future__ import annotations

import json

import numpy as np
import pytest

import dlsuite
from dlsuite.cli import main
from dlsuite.features.image import Image
from dlsuite.objectives.media import read_recipe
from tests.making_pictures import DIFFUSION, GAN, JUDGE, VAE

JUDGED = [
    {"FrechetDistance": {"classifier": "judge.json"}},
    {"PrecisionRecall": {"classifier": "judge.json"}},
    {"ClassEvenness": {"classifier": "judge.json"}},
    "Novelty",
]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("pictures")


def trained(spec, folder, metrics=(), **changes):
    (folder / "judge.json").write_text(json.dumps(JUDGE))
    path = folder / f"{spec['name']}.json"
    path.write_text(json.dumps({**spec, "train": {**spec["train"], "metrics": list(metrics)}, **changes}))
    return dlsuite.train(dlsuite.load(path), runs=folder / "runs")


@pytest.fixture(scope="module")
def diffusion(folder):
    asked = [*JUDGED, {"ClassAccuracy": {"classifier": "judge.json"}}]
    return trained(DIFFUSION, folder, asked, baselines=["RealExamples", "Untrained"])


@pytest.fixture(scope="module")
def vae(folder):
    return trained(VAE, folder, ["Novelty"])


@pytest.fixture(scope="module")
def gan(folder):
    return trained(GAN, folder)


def test_pictures_are_judged_beside_real_ones_and_an_untrained_model(diffusion):
    assert set(diffusion.metrics) == {
        *("loss", "frechet_distance", "precision", "recall", "evenness", "least_share", "largest_share"),
        *("novelty", "copied", "class_accuracy"),
    }
    floor, untrained = (diffusion.evaluation["baselines"][name] for name in ("RealExamples", "Untrained"))
    assert floor["frechet_distance"] < diffusion.metrics["frechet_distance"]
    assert floor["copied"] == 1
    assert "loss" not in floor
    assert untrained["loss"] > diffusion.metrics["loss"]


def test_the_judge_is_trained_once_and_named(diffusion, folder):
    (judge,) = (folder / "runs" / "judge").iterdir()
    assert diffusion.evaluation["judges"] == {"judge.json": f"judge/{judge.name}"}
    diffusion.evaluate("validation")
    assert len(list((folder / "runs" / "judge").iterdir())) == 1


def test_the_loss_of_each_falls(diffusion, vae):
    for run in (diffusion, vae):
        assert run.history[-1]["val_loss"] < run.history[0]["val_loss"]
    assert {"reconstruction", "kl", "val_reconstruction", "val_kl"} <= set(vae.history[0])


def test_the_last_epoch_of_a_gan_is_kept(gan):
    assert gan.best_epoch == 2
    assert {"discriminator_real", "discriminator_fake", "generator_loss"} <= set(gan.history[0])
    assert gan.metrics == {}


@pytest.mark.parametrize("name", ["diffusion", "vae", "gan"])
def test_a_picture_is_made_again_from_its_recipe(name, request, tmp_path, capsys):
    run = request.getfixturevalue(name)
    asked = {"seed": 3} if name == "vae" else {"label": 7, "seed": 3}
    assert main(["predict", str(run.path), json.dumps(asked), "--output", str(tmp_path), "--json"]) == 0
    (answer,) = json.loads(capsys.readouterr().out)
    made = (tmp_path / "answer-1-image.png").read_bytes()
    assert answer["output"] == {"image": str(tmp_path / "answer-1-image.png")}
    recipe = read_recipe(made)
    assert (recipe["spec"], recipe["run"], recipe["inputs"]) == (run.name, run.id, asked)
    others = [{**asked, "seed": seed} for seed in (1, 2)]
    again = dlsuite.predict(run, [others[0], recipe["inputs"], others[1]])[1]["output"]["image"].data
    pixels = [Image(channels=1).load(one).astype(int) for one in (made, again)]
    assert np.abs(pixels[0] - pixels[1]).max() <= 1  # of 255: sums of other batches round otherwise
    assert read_recipe(again) == recipe


def test_other_seeds_and_classes_give_other_pictures(diffusion):
    asked = [{"label": 7, "seed": 3}, {"label": 7, "seed": 4}, {"label": 1, "seed": 3}, {"seed": 3}]
    found = [answer["output"]["image"].data for answer in dlsuite.predict(diffusion, asked)]
    pixels = [Image(channels=1).load(one) for one in found]
    assert all((pixels[i] != pixels[j]).any() for i in range(4) for j in range(i))


def test_a_vae_answers_a_picture_with_its_reconstruction(vae):
    picture = np.random.default_rng(0).integers(0, 256, (8, 8), np.uint8)
    (answer,) = dlsuite.predict(vae, [{"image": picture}])
    mean = vae.models["encoder"](vae.features["image"].encode(picture)[None])["mean"]
    expected = vae.features["image"].decode(np.asarray(vae.models["decoder"](mean))[0])
    np.testing.assert_array_equal(Image(channels=1).load(answer["output"]["image"].data), expected)


@pytest.mark.parametrize(("name", "frames"), [("diffusion", 4), ("vae", 6)])
def test_a_film_lies_beside_a_picture(name, frames, request):
    (answer,) = dlsuite.predict(request.getfixturevalue(name), [{"seed": 1}], settings={"film": frames})
    film, picture = (Image(channels=1).load(answer["output"][key].data) for key in ("film", "image"))
    assert film.shape == (8, 8 * frames, 1)
    np.testing.assert_array_equal(film[:, -8:], picture)


def test_samplers_are_chosen_at_prediction(diffusion):
    asked = {"label": 2, "seed": 0}
    settings = [{"sampler": {"DPMSolver": {"steps": 5}}}, {"sampler": "DDPM"}]
    one, other = (dlsuite.predict(diffusion, asked, settings=one)[0]["output"]["image"] for one in settings)
    assert one.data != other.data
    with pytest.raises(dlsuite.SpecError, match="DPMSolver"):
        dlsuite.predict(diffusion, asked, settings={"sampler": "DPMSolvr"})
