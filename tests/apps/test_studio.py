"""Spec Studio: faults of what is typed, views of what it means, saving under a checked name, training."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest

import dlsuite
from apps.components import text_of
from dlsuite.drafting import BOXES, COUNTED
from dlsuite.templates import shipped

TEMPLATE = "vision/digits_cnn"
TEXT = shipped()[TEMPLATE].read_text()


@pytest.fixture
def own(tmp_path, monkeypatch) -> Path:
    """The folder of the user's own specs; the editor is there without its JavaScript."""
    monkeypatch.setenv("DLSUITE_SPECS", str(tmp_path / "mine"))
    monkeypatch.setattr("apps.pages.studio.editor", _editor)
    return tmp_path / "mine"


def _editor(value: str, *, key: str, draft: str, **_) -> str:
    return text_of(value, key=key, draft=draft)


def write(app, text: str, over: str = TEXT):
    """Have a text typed over that of a spec."""
    opened = f"{app.selectbox(key='template').value}\n{over}"
    version = hashlib.sha256(opened.encode()).hexdigest()[:16]
    app.session_state["spec-text"] = {"text": {"text": text, "version": version}}
    return app.run()


def told(app) -> str:
    return "\n".join(one.value for kind in (app.markdown, app.error, app.success, app.caption) for one in kind)


def test_every_shipped_spec_can_be_opened_and_a_name_that_is_none_cannot(visit, own) -> None:
    app = visit("studio", template="papers/resnet18")
    assert not app.exception and not app.error and "papers/resnet18" in app.selectbox(key="template").options
    assert "train" not in [one.key for one in app.button], "it has no `train`"
    assert set(app.selectbox(key="template").options) == {*shipped()}
    assert visit("studio", template="../../etc/passwd").selectbox(key="template").value == TEMPLATE


def test_faults_are_those_of_check_and_lead_to_their_line(visit, own) -> None:
    app = write(visit("studio"), TEXT.replace('"MaxPooling2D"', '"MaxPooling22"'))
    assert app.error[0].value.startswith("1 fault")
    assert "Unknown layer" in told(app) and "Did you mean" in told(app)
    line = next(i for i, one in enumerate(TEXT.splitlines(), 1) if "MaxPooling2D" in one)
    assert app.button(key="go-0").label.startswith(f"{line}:")
    app.button(key="go-0").click().run()
    assert app.session_state["goto"]["line"] == line and app.session_state["goto"]["nonce"] == 1
    assert {"save", "train", "validate"}.isdisjoint(one.key for one in app.button)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[" * 100_000, "More than 64 levels"),
        (json.dumps({"name": "x" * 1_100_000}), "1,000,000 bytes"),
        ('{"<img src=x onerror=alert(1)>": 1}', "\\<img src"),
        ('{"extends": "../../../../etc/passwd"}', "leaves the folder"),
        ("", "1 fault"),
    ],
)
def test_hostile_texts_are_told_what_is_wrong(visit, own, text, message) -> None:
    app = write(visit("studio"), text)
    assert not app.exception and message in told(app)


def test_a_spec_is_saved_under_its_new_name_with_what_it_uses_and_opened(visit, own) -> None:
    app = visit("studio", template="text/sst2_lstm")
    app.text_input[0].set_value("../mine").run()
    app.button(key="save").click().run()
    assert "A name has letters" in app.error[0].value.replace("\\", "") and not own.exists()
    app.text_input[0].set_value("my_words").run()
    app.button(key="save").click().run()
    assert app.selectbox(key="template").value == "my/my_words" and not app.error
    assert {one.name for one in own.iterdir()} == {"my_words.json", "sequences.json"}
    assert dlsuite.load(own / "my_words.json").name == "my_words"


def test_one_of_ones_own_is_saved_again_but_never_over_another(visit, own) -> None:
    own.mkdir()
    (own / "first.json").write_text(TEXT.replace("digits_cnn", "first"))
    (own / "second.json").write_text(TEXT.replace("digits_cnn", "second"))
    app = visit("studio", template="my/first")
    text = (own / "first.json").read_text()
    write(app, text.replace('"width": 32', '"width": 16'), over=text)
    assert "unsaved draft" in told(app) and "drop" in [one.key for one in app.button]
    app.button(key="save").click().run()
    assert dlsuite.load(own / "first.json").plan().params["width"] == 16
    app.text_input[0].set_value("second").run()
    app.button(key="save").click().run()
    assert "is there already" in app.error[0].value
    assert dlsuite.load(own / "second.json").plan().params["width"] == 32


def test_training_saves_first(visit, own, monkeypatch, tmp_path) -> None:
    asked = []

    class Job:
        id = "20250101-100000-000001-aaaaaa"

    monkeypatch.setattr("dlsuite.jobs.submit", lambda _, spec: asked.append(spec) or Job())
    app = visit("studio")
    app.button(key="train").click().run()
    assert asked == [own / "digits_cnn.json"] and asked[0].is_file()
    assert app.query_params["job"] == Job.id and app.selectbox(key="template").value == "my/digits_cnn"


def test_the_difference_to_the_template_is_shown(visit, own) -> None:
    app = write(visit("studio", tab="Difference"), TEXT.replace('"width": 32', '"width": 16'))
    rows = app.dataframe[0].value
    assert [*rows["where"]] == ["params.width"] and [*rows.iloc[0, 1:]] == ["32", "16"]


def test_what_is_chosen_in_the_views_stands_in_the_address(visit, own) -> None:
    app = visit("studio", tab="Difference", other="vision/fashion_cnn")
    assert app.selectbox(key="other").value == "vision/fashion_cnn" and "vision/fashion_cnn" in app.dataframe[0].value
    app = visit("studio", tab="Data", shuffle="7")
    assert app.number_input(key="shuffle").value == 7
    app = visit("studio", template="generation/digits_vae", tab="Layers", network="decoder")
    assert app.selectbox(key="network").value == "decoder"
    app = visit("studio", template="papers/resnet18", tab="Graph", inside="nothing")
    assert "inside" not in app.query_params and not app.error
    block = app.selectbox(key="look-into-").options[0]
    app.selectbox(key="look-into-").set_value(block).run()
    assert app.query_params["inside"] == block
    assert app.button(key="out").label == f"Out of {block}"
    assert visit("studio", template="papers/resnet18", tab="Graph", inside=block).button(key="out").label
    app = visit("studio", template="papers/resnet18", tab="Faults", inside=block)
    assert app.query_params["inside"] == block
    app.selectbox(key="template").set_value(TEMPLATE).run()
    assert "inside" not in app.query_params, "another spec is looked at from outside, whichever view is open"


def test_the_part_of_a_large_network_that_is_drawn_stands_in_the_address(visit, own) -> None:
    layers = [{"Dense": {"units": 8 + index}} for index in range(BOXES + 9)]
    spec = {"model": {"inputs": {"x": {"Input": {"shape": [8]}}}, "layers": layers}}
    own.mkdir()
    (own / "long.json").write_text(json.dumps({"name": "long", **spec}))
    app = visit("studio", template="my/long", tab="Graph", part=str(BOXES))
    assert app.select_slider(key="part-").value == BOXES
    app.select_slider(key="part-").set_value(0).run()
    assert app.query_params["part"] == "0" and app.select_slider(key="part-").value == 0
    assert visit("studio", template="my/long", tab="Graph", part="-7").select_slider(key="part-").value == 0


def test_layers_and_code_come_from_the_process_beside(visit, own) -> None:
    app = visit("studio", tab="Layers")
    assert not app.error and len(app.metric) == 5
    assert app.dataframe[0].value["parameters"].sum() == 66218
    app = visit("studio", tab="Python")
    assert "import keras" in app.code[0].value


def test_of_many_different_layers_operations_are_counted_when_that_is_asked_for(visit, own) -> None:
    dense = [{"Dense": {"units": 8 + index}} for index in range(COUNTED)]
    spec = {"model": {"inputs": {"x": {"Input": {"shape": [8]}}}, "layers": [*dense, "ReLU"]}}
    app = write(visit("studio", tab="Layers"), json.dumps(spec))
    assert not app.error and len(app.dataframe[0].value) == COUNTED + 1
    assert "FLOPs" not in app.dataframe[0].value and f"{COUNTED + 1} different layers" in told(app)
    app.button(key="count").click().run()
    assert app.dataframe[0].value["FLOPs"][0] == 2 * 8 * 8 + 8
    assert "count" not in [one.key for one in app.button]


def test_what_is_typed_over_one_spec_is_not_shown_for_another_of_the_same_text(visit, own) -> None:
    own.mkdir()
    (own / "digits_cnn.json").write_text(TEXT)
    app = write(visit("studio"), TEXT.replace('"width": 32', '"width": 16'))
    assert "unsaved draft" in told(app)
    app.selectbox(key="template").set_value("my/digits_cnn").run()
    assert "unsaved draft" not in told(app)


def test_validation_finds_what_only_building_finds(visit, own) -> None:
    app = visit("studio")
    app.button(key="validate").click().run()
    assert "built, 66,218 parameters" in told(app)
    write(app, TEXT.replace('"GlobalAveragePooling2D"', '"GlobalAveragePooling1D"'))
    assert not app.error
    app.button(key="validate").click().run()
    assert app.error[0].value.startswith("1 fault") and "GlobalAveragePooling1D" in told(app)
