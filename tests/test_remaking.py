"""Recipes in pictures: a stranger's word."""

from __future__ import annotations

import io
import json

import pytest
from PIL import Image
from PIL.PngImagePlugin import PngInfo

import dlsuite
from dlsuite.remaking import read_order
from tests.making_pictures import DIFFUSION

SETTINGS = {"sampler": {"DDIM": {"steps": 3, "guidance": 2.0}}}
GOOD = {"inputs": {"seed": 5, "label": "7"}, "predict": SETTINGS}


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    folder = tmp_path_factory.mktemp("makers")
    path = folder / "spec.json"
    path.write_text(json.dumps({**DIFFUSION, "train": {**DIFFUSION["train"], "epochs": 1}}))
    return dlsuite.train(dlsuite.load(path), runs=folder / "runs")


def png(text: str | None) -> bytes:
    """Returns a picture with that recipe."""
    info, file = PngInfo(), io.BytesIO()
    if text is not None:
        info.add_text("dlsuite", text)
    Image.new("L", (8, 8)).save(file, "PNG", pnginfo=info)
    return file.getvalue()


def test_a_picture_is_made_again_exactly(run):
    (answer,) = run.predict({"seed": 5, "label": "7"}, **SETTINGS)
    data = answer["output"]["image"].data
    order = read_order(data, [run])
    assert (order.run, order.asked, order.settings) == (run, {"label": "7", "seed": 5}, SETTINGS)
    (again,) = run.predict(order.asked, **order.settings)
    assert again["output"]["image"].data == data


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"run": "../../etc"}, "which is not here"),
        ({"inputs": []}, "`inputs` is no object"),
        ({"predict": 3}, "`predict` is no object"),
        ({"inputs": {"label": "7"}}, "no seed"),
        ({"inputs": {"seed": -1}}, "no seed"),
        ({"inputs": {"seed": 2**60}}, "no seed"),
        ({"inputs": {"seed": 1, "label": "/etc/passwd"}}, "asks for `label`"),
        ({"inputs": {"seed": 1, "image": "/etc/passwd"}}, "asks for `image`"),
        ({"predict": {"sampler": {"Lambda": {}}}}, "Lambda"),
        ({"predict": {"sampler": {"DDIM": {"steps": -4}}}}, "steps"),
    ],
)
def test_what_a_recipe_may_not_say(run, change, reason):
    text = json.dumps({"spec": run.name, "run": run.id, **GOOD, **change})
    with pytest.raises(dlsuite.DLSuiteError, match=reason):
        read_order(png(text), [run])


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"RIFF", "no PNG"),
        (png(None), "no recipe"),
        (png(None)[:45], "no PNG"),
        (png("{"), "no recipe that can be read"),
        (png("[" * 100_000), "no recipe that can be read"),
        (png("[]"), "a list and no recipe"),
    ],
    ids=["another file", "no recipe", "cut off", "half an object", "deep", "a list"],
)
def test_files_without_a_recipe(run, data, reason):
    with pytest.raises(dlsuite.DataError, match=reason):
        read_order(data, [run])
