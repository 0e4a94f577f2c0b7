"""Generation: pictures of seeds, how they come about, whether they are remembered, and again from their files."""

from __future__ import annotations

import io
import json

import pytest
from PIL import Image

from apps.widgets import making
from dlsuite import filming
from tests.making_pictures import DIFFUSION, VAE, in_an_epoch

STEPS = {"steps": "4", "sampler": "DDIM", "pictures": "2"}


@pytest.fixture(scope="module")
def vae_run(train):
    """A run that makes pictures at once."""
    return train(in_an_epoch(VAE))


@pytest.fixture(scope="module")
def diffusion_run(train):
    """A run that makes pictures of a class in many steps."""
    return train(in_an_epoch(DIFFUSION))


@pytest.fixture
def drawn(monkeypatch) -> list[dict]:
    """What was asked of runs, each time that pictures were made."""
    found: list[dict] = []
    film = filming.film

    def watched(run, asked, settings):
        found.append({"asked": asked, "settings": settings})
        return film(run, asked, settings)

    monkeypatch.setattr(filming, "film", watched)
    return found


def test_pictures_of_seeds_come_at_once_and_have_no_other_controls(visit, vae_run, drawn) -> None:
    app = visit("generation", vae_run, seed="7", pictures="3")
    assert not app.error and not app.exception
    assert drawn == [{"asked": [{"seed": 7}, {"seed": 8}, {"seed": 9}], "settings": {}}]
    keys = {one.key for kind in (app.slider, app.selectbox, app.button_group, app.button) for one in kind}
    assert not keys & {"steps", "guidance", "sampler", "class-label"} and not any("stop" in str(key) for key in keys)


def test_what_a_sampler_has_can_be_set(visit, diffusion_run, drawn) -> None:
    app = visit("generation", diffusion_run, **STEPS, **{"guidance": "3.0", "class-label": "5"})
    assert not app.error and not app.exception
    settings = {"sampler": {"DDIM": {"steps": 4, "guidance": 3.0, "eta": 0.5}}}
    assert drawn == [{"asked": [{"seed": 1, "label": "5"}, {"seed": 2, "label": "5"}], "settings": settings}]
    assert any("After steps 1, 2, 3, 4." in one.value for one in app.caption)
    app.selectbox(key="class-label").set_value("each in turn").run()
    assert [one["label"] for one in drawn[-1]["asked"]] == ["0", "1"]
    app.selectbox(key="class-label").set_value("any").run()
    assert drawn[-1]["asked"] == [{"seed": 1}, {"seed": 2}]


def test_what_is_made_is_kept(visit, vae_run, drawn) -> None:
    app = visit("generation", vae_run)
    app.button_group(key="picture").set_value(["2"]).run()
    app.number_input(key="seed").set_value(5).run()
    app.number_input(key="seed").set_value(1).run()
    assert not app.error and len(drawn) == 2


def test_what_was_stopped_is_made_when_it_is_wanted(visit, diffusion_run, drawn) -> None:
    app = visit("generation", diffusion_run, **STEPS)
    app.number_input(key="seed").set_value(9)
    settings = {"sampler": {"DDIM": {"steps": 4, "guidance": 2.0, "eta": 0.5}}}
    asked = ["film", [{"seed": 9, "label": "0"}, {"seed": 10, "label": "1"}], settings]
    app.session_state[making.STOPPED] = json.dumps([str(diffusion_run.path), asked], sort_keys=True)
    app.run()
    assert app.info[0].value.startswith("Stopped") and len(drawn) == 1
    next(one for one in app.button if one.label == "Make them").click().run()
    assert not app.info and len(drawn) == 2


def test_strange_addresses_do_no_harm(visit, diffusion_run, drawn) -> None:
    strange = {"seed": "<b>", "pictures": "500", "steps": "-1e9", "sampler": "Lambda", "class-label": "/etc/passwd"}
    app = visit("generation", diffusion_run, **strange, picture="99", guidance="nan")
    assert not app.error and not app.exception
    (one,) = drawn
    (arguments,) = one["settings"]["sampler"].values()
    assert len(one["asked"]) <= 16 and 1 <= arguments["steps"] <= 250 and 0 <= arguments["guidance"] <= 8


def test_a_walk_and_the_nearest_training_picture_explain(visit, vae_run, diffusion_run) -> None:
    for run, more in ((vae_run, {}), (diffusion_run, STEPS)):
        app = visit("generation", run, tab="Explain", from_seed="3", to_seed="8", frames="5", **more)
        assert not app.error and not app.exception
        assert any("from seed 3 to seed 8" in one.value for one in app.caption)
        assert any("of real test pictures" in one.value for one in app.markdown)


@pytest.mark.parametrize("name", ["vae_run", "diffusion_run"])
def test_a_picture_is_made_again_from_its_file(visit, vae_run, name, request) -> None:
    made = request.getfixturevalue(name)
    asked = [{"seed": 11, **({"label": "3"} if name == "diffusion_run" else {})}]
    settings = {"sampler": {"DDIM": {"steps": 4, "guidance": 2.0}}} if name == "diffusion_run" else {}
    *_, pictures = filming.film(made, asked, settings)
    app = _upload(visit("generation", vae_run), filming.sign(made, pictures, asked, settings)[0].data)
    assert not app.error and not app.exception
    assert app.success[0].value.startswith("The same")
    assert any(f"Made by **{made.name.replace('_', chr(92) + '_')}**" in one.value for one in app.markdown)


def test_a_changed_file_is_told(visit, vae_run) -> None:
    *_, pictures = filming.film(vae_run, [{"seed": 11}])
    (media,) = filming.sign(vae_run, 255 - pictures, [{"seed": 11}])
    assert "They differ" in _upload(visit("generation", vae_run), media.data).warning[0].value


@pytest.mark.parametrize("kind", ["text", "bare", "cut"])
def test_files_without_a_recipe_are_refused_in_a_sentence(visit, vae_run, kind) -> None:
    file = io.BytesIO()
    Image.new("L", (8, 8)).save(file, "PNG")
    data = {"text": b"<script>", "bare": file.getvalue(), "cut": file.getvalue()[:45]}[kind]
    (error,) = _upload(visit("generation", vae_run), data).error
    assert ("no recipe" if kind == "bare" else "no PNG") in error.value


def _upload(app, data: bytes):
    app.session_state["again"] = True
    app.run()
    return app.file_uploader(key="recipe").set_value(("picture.png", data, "image/png")).run()
