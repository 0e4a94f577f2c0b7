"""Recipes in pictures: a stranger's word."""

from __future__ import annotations

import io
import json

import pytest
from PIL import Image
from PIL.PngImagePlugin import PngInfo

import dlsuite
from dlsuite.remaking import read_order

SETTINGS = {"sampler": {"DDIM": {"steps": 3, "guidance": 2.0}}}
GOOD = {"inputs": {"seed": 5, "label": "7"}, "predict": SETTINGS}


def png(text: str | None) -> bytes:
    """Returns a picture with that recipe."""
    info, file = PngInfo(), io.BytesIO()
    if text is not None:
        info.add_text("dlsuite", text)
    Image.new("L", (8, 8)).save(file, "PNG", pnginfo=info)
    return file.getvalue()


def test_a_picture_is_made_again_exactly(diffusion_run):
    (answer,) = diffusion_run.predict({"seed": 5, "label": "7"}, **SETTINGS)
    data = answer["output"]["image"].data
    order = read_order(data, [diffusion_run])
    assert (order.run, order.asked, order.settings) == (diffusion_run, {"label": "7", "seed": 5}, SETTINGS)
    (again,) = diffusion_run.predict(order.asked, **order.settings)
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
def test_what_a_recipe_may_not_say(diffusion_run, change, reason):
    text = json.dumps({"spec": diffusion_run.name, "run": diffusion_run.id, **GOOD, **change})
    with pytest.raises(dlsuite.DLSuiteError, match=reason):
        read_order(png(text), [diffusion_run])


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
def test_files_without_a_recipe(diffusion_run, data, reason):
    with pytest.raises(dlsuite.DataError, match=reason):
        read_order(data, [diffusion_run])
