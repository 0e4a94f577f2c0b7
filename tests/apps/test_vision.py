"""Vision: from a picture to its class and to why."""

from __future__ import annotations

import io
import struct
import zlib

import numpy as np
import pytest
from PIL import Image


def test_a_sample_is_answered_and_compared_with_what_it_is(visit, digits_run) -> None:
    app = visit("vision", digits_run)
    assert not app.error and not app.exception
    sample = digits_run.data().examples("test")[0]
    said = digits_run.predict({"image": sample["image"]})[0]["output"]["class"]
    (headline,) = [one.value for one in app.markdown if one.value.startswith("## ")]
    assert headline.startswith(f"## {said}\n")
    assert ("✅ right" in headline) == (said == str(sample["label"]))
    assert "❌ it is" in headline or said == str(sample["label"])
    app.button(key="sample-3").click().run()
    assert app.query_params["sample"] == "4"


def test_mistakes_are_asked_again_and_named_by_what_they_are(visit, digits_run) -> None:
    app = visit("vision", digits_run, **{"from": "Mistakes"})
    worst = digits_run.evaluation["worst"]["label"]
    labels = [one.label for one in app.button if one.key.startswith("sample-")]
    assert labels[0] == f"✓ {worst[0]['truth']} → {worst[0]['answer']}" and len(labels) == len(worst)
    headline = next(one.value for one in app.markdown if one.value.startswith("## "))
    assert headline.startswith(f"## {worst[0]['answer']}\n") and f"it is {worst[0]['truth']}" in headline


def test_a_picture_of_ones_own_is_answered(visit, digits_run) -> None:
    app = _upload(visit("vision", digits_run, **{"from": "Upload"}), _png(np.full((40, 30, 3), 200, np.uint8)))
    assert not app.error
    assert any("confidence" in one.value for one in app.markdown)


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"<svg onload=alert(1)>", "is none of PNG"),
        (b"", "is empty"),
        ("truncated", "is corrupt"),
        ("huge", "more than 36,000,000"),
    ],
)
def test_a_bad_file_is_refused_in_a_sentence(visit, digits_run, data, reason) -> None:
    made = {
        "truncated": lambda: _png(np.random.default_rng(0).integers(0, 255, (99, 99, 3), np.uint8))[:900],
        "huge": lambda: _header(60_000, 60_000),
    }
    content = made[data]() if isinstance(data, str) else data
    app = _upload(visit("vision", digits_run, **{"from": "Upload"}), content)
    (error,) = app.error
    assert reason in error.value.replace("\\", "") and not app.exception


def test_every_class_and_layer_can_be_explained(visit, digits_run) -> None:
    app = visit("vision", digits_run, tab="Explain")
    assert not app.error and not app.exception
    assert app.selectbox(key="layer").options == ["edges"]
    assert app.selectbox(key="class").options[1:] == [str(digit) for digit in range(10)]
    app.slider(key="opacity").set_value(0.2).run()
    told = set()
    for digit in ("3", "4"):
        app.selectbox(key="class").set_value(digit).run()
        told.add(next(one.value for one in app.markdown if "all parts add up" in one.value))
        assert not app.error and any(f"speaks for **{digit}**" in one.value for one in app.caption)
    assert len(told) == 2
    assert "Which classes it takes for which" in [one.value for one in app.subheader]


def test_what_is_explained_is_what_the_address_says(visit, digits_run) -> None:
    app = visit("vision", digits_run, tab="Explain", layer="edges", **{"class": "7"}, opacity="0.25", steps="64")
    assert not app.error and not app.exception
    assert (app.selectbox(key="layer").value, app.selectbox(key="class").value) == ("edges", "7")
    assert (app.slider(key="opacity").value, app.select_slider(key="steps").value) == (0.25, 64)


def test_what_the_address_names_is_looked_up(visit, digits_run) -> None:
    app = visit("vision", digits_run, sample="../../etc", opacity="9", layer="no", **{"from": "Elsewhere"})
    assert not app.error and not app.exception
    assert visit("vision", run="../../etc/passwd").selectbox(key="run").value


def _upload(app, content: bytes):
    return app.file_uploader[0].set_value(("picture.png", content, "image/png")).run()


def _png(pixels: np.ndarray) -> bytes:
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "PNG")
    return file.getvalue()


def _header(width: int, height: int) -> bytes:
    """A PNG that says it is large and holds next to nothing."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + header + chunk(b"IDAT", zlib.compress(b"\0" * 99)) + chunk(b"IEND", b"")
