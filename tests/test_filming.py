"""Pictures while they are made, and on the way between two seeds."""

from __future__ import annotations

import numpy as np
import pytest

import dlsuite
from dlsuite import filming
from dlsuite.features.image import Image
from dlsuite.objectives.media import read_recipe

STEPS = {"sampler": {"DDIM": {"steps": 4}}}
DRAWS = {"sampler": {"DDPM": {"steps": 4}}}


@pytest.fixture
def runs(vae_run, diffusion_run):
    return {run.name: run for run in (vae_run, diffusion_run)}


@pytest.mark.parametrize(
    ("name", "settings", "steps"), [("small_vae", {}, 1), ("small_diffusion", STEPS, 4), ("small_diffusion", DRAWS, 4)]
)
def test_a_film_has_a_picture_a_step_and_ends_in_the_answer(runs, name, settings, steps):
    run = runs[name]
    asked = [{"seed": 3}, {"seed": 8}]
    made = list(filming.film(run, asked, settings))
    assert len(made) == steps and made[0].shape == (2, 8, 8, 1) and made[0].dtype == np.uint8
    answers = run.predict(asked, **settings)
    for one, answer in zip(filming.sign(run, made[-1], asked, settings), answers, strict=True):
        data = answer["output"]["image"].data
        assert read_recipe(one.data) == read_recipe(data)
        pixels = [Image(channels=1).load(each).astype(int) for each in (one.data, data)]
        assert np.abs(pixels[0] - pixels[1]).max() <= 1


def test_a_recipe_tells_the_sampler(runs):
    (answer,) = runs["small_diffusion"].predict({"seed": 3, "label": "7"}, **STEPS)
    recipe = read_recipe(answer["output"]["image"].data)
    assert recipe["predict"] == STEPS and recipe["inputs"] == {"label": "7", "seed": 3}


@pytest.mark.parametrize(("name", "settings"), [("small_vae", {}), ("small_diffusion", STEPS)])
def test_a_walk_goes_from_the_picture_of_one_seed_to_that_of_another(runs, name, settings):
    run = runs[name]
    *_, way = filming.walk(run, (3, 8), 5, settings=settings)
    ends = [one["output"]["image"].data for one in run.predict([{"seed": 3}, {"seed": 8}], **settings)]
    pixels = [Image(channels=1).load(one).astype(int) for one in ends]
    assert way.shape == (5, 8, 8, 1)
    assert np.abs(way[0] - pixels[0]).max() <= 1 and np.abs(way[-1] - pixels[1]).max() <= 1
    steps = np.abs(np.diff(way.astype(int), axis=0)).mean((1, 2, 3))
    assert (steps > 0).all() and steps.sum() < 2.5 * np.abs(pixels[0] - pixels[1]).mean(), "it goes there evenly"


def test_the_class_stays_on_a_walk(runs):
    run = runs["small_diffusion"]
    *_, way = filming.walk(run, (3, 8), 3, {"label": "7"}, STEPS)
    (answer,) = run.predict({"seed": 3, "label": "7"}, **STEPS)
    first = Image(channels=1).load(answer["output"]["image"].data)
    assert np.abs(way[0].astype(int) - first).max() <= 1


def test_classes_that_can_be_asked_for(runs):
    assert filming.conditions(runs["small_vae"]) == {}
    assert filming.conditions(runs["small_diffusion"]) == {"label": [str(i) for i in range(10)]}


def test_what_cannot_be_asked_is_told(runs, digits_run):
    with pytest.raises(dlsuite.DataError, match="makes no pictures"):
        next(filming.film(digits_run, [{"seed": 1}]))
    with pytest.raises(dlsuite.DataError, match="none of the classes"):
        next(filming.film(runs["small_diffusion"], [{"seed": 1, "label": "eleven"}]))
    with pytest.raises(dlsuite.SpecError, match="DDIM"):
        next(filming.film(runs["small_diffusion"], [{"seed": 1}], {"sampler": "DDIN"}))
