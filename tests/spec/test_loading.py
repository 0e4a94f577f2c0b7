"""A spec as a whole: top-level fields, params, what is resolved, and how soon."""

import json
import subprocess
import sys
import time
from pathlib import Path

import pytest

from dlsuite.spec import SpecError, check, load
from dlsuite.spec.errors import Fault, Place, Source, nearest, suggest

INPUTS = {"x": {"Input": {"shape": [8]}}}
MODEL = {"inputs": INPUTS, "layers": [{"Dense": {"units": "=width"}}]}
SPEC = {"name": "small", "about": "A layer.", "params": {"width": 4}, "model": MODEL}


def faults(spec):
    return [fault.message for fault in check(spec)]


def test_a_spec_without_data_or_train_is_checked():
    spec = load(SPEC)
    plan = spec.plan()
    assert (spec.name, plan.name, plan.about, plan.params) == ("small", "small", "A layer.", {"width": 4})
    assert plan.single and plan.train == () and plan.expect == {} and plan.seed == 0


def test_the_name_is_that_of_the_file_where_none_is_given(tmp_path):
    path = tmp_path / "my net.json"
    path.write_text(json.dumps({key: SPEC[key] for key in ("params", "model")}))
    assert load(path).name == "my_net"


def test_the_source_is_the_text_as_written(tmp_path):
    path = tmp_path / "spec.json"
    path.write_text(json.dumps(SPEC, indent=7))
    spec = load(path)
    assert spec.source == path.read_text()
    assert spec.folder == spec.root == tmp_path.resolve()


def test_resolved_loads_to_the_same_plan():
    data = {"source": "Digits", "inputs": {"image": "Image"}, "targets": {"label": "Category"}}
    model = {"layers": ["Flatten", {"Dense": {"units": 10, "name": "label"}}]}
    spec = load({**SPEC, "data": data, "model": model, "train": {"objective": "Classification", "epochs": 1}})
    again = load(spec.resolved)
    assert again.resolved == spec.resolved
    assert again.plan().networks["model"].body.outputs == spec.plan().networks["model"].body.outputs
    assert spec.resolved["train"]["precision"] == "float32" and spec.resolved["version"] == 1


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"modle": MODEL}, "A spec has no `modle`."),
        ({"version": 2}, "`version` is the number 2; this is version 1 of the language."),
        ({"version": True}, "`version` is true; this is version 1 of the language."),
        ({"name": "a b"}, '`name` is the string "a b".'),
        ({"name": "../up"}, '`name` is the string "../up".'),
        ({"about": 3}, "`about` takes a string, not the number 3."),
        ({"params": []}, None),
        ({"params": {"width": None}}, "The spec needs a value for the param `width`."),
        ({"params": {"width": 4, "a": "=b", "b": 1}}, "`a` reads the param `b`, which comes after it."),
        ({"params": {"width": 4, "a-b": 1}}, "`a-b` is no name for a param."),
        ({"params": {"width": 4, "inputs": 1}}, "`inputs` is no name for a param."),
        ({"params": {"width": 4, "min": 1}}, "`min` is no name for a param."),
        ({"models": {"a": MODEL}}, "A spec has `model` or `models`, not both."),
        ({"model": 3}, "The model is the number 3."),
        ({"blocks": {"Turn": {"layers": ["ReLU"]}}}, "`Turn` is no name for a block."),
    ],
)
def test_top_level_faults(change, message):
    found = faults({**SPEC, **change})
    assert message in found if message else found
    assert len(found) == 1 or change in ({"params": []}, {"model": 3})


def test_a_spec_has_a_model():
    assert faults({"params": {}}) == ["The spec has no `model`."]
    assert faults({"models": {}}) == ["`models` is empty."]


def test_a_block_library_is_checked_alone():
    assert faults({"about": "Blocks.", "blocks": {"turn": {"layers": ["ReLU"]}}}) == []
    assert faults({"blocks": {"turn": {"layers": ["Rellu"]}}}) == ["Unknown layer `Rellu`."]


def test_a_double_sign_of_equality_is_a_string_that_begins_with_one():
    spec = load({**SPEC, "params": {"width": 4, "text": "==width"}})
    assert spec.plan().params["text"] == "=width"


def test_all_faults_come_at_once_in_the_order_of_their_places():
    spec = {**SPEC, "parms": {}, "model": {**MODEL, "layers": ["Rellu", {"Dense": {"units": "=widht", "bias": 1}}]}}
    found = check(spec)
    assert [fault.message for fault in found] == [
        "Unknown layer `Rellu`.",
        "Unknown name `widht`.",
        "Dense has no argument `bias`.",
        "A spec has no `parms`.",
    ]
    offsets = [fault.place.offset for fault in found]
    assert offsets == sorted(offsets)


def test_load_raises_all_that_check_returns():
    with pytest.raises(SpecError) as caught:
        load({**SPEC, "parms": {}})
    assert caught.value.exit_code == 2 and [fault.message for fault in caught.value.faults] == [
        "A spec has no `parms`."
    ]


def test_a_fault_prints_its_place_and_what_would_work():
    source = Source("spec.json", '{\n  "a": 1\n}')
    fault = Fault("It is 1.", Place(source, 9, ("", "a")), "Write 2.", (("turn", Place(source, 0, "")),))
    assert str(fault) == (
        "spec.json:2:8: It is 1.\n    at /a\n    in block `turn`, called at spec.json:1:1\n    Write 2."
    )
    assert fault.as_dict() == {
        "file": "spec.json", "line": 2, "column": 8, "pointer": "/a", "message": "It is 1.", "hint": "Write 2.",
    }  # fmt: skip
    assert Fault("Nothing.").as_dict()["line"] == 0


def test_the_nearest_name():
    assert nearest("conv2d", ["Conv1D", "Conv2D"]) == "Conv2D"
    assert nearest("zebra", ["Conv1D"]) is None
    assert suggest("x", []) == "There are no names here."
    assert suggest("zebra", ["b", "a"], what="wires") == "Known wires: `a`, `b`."
    assert suggest("zebra", map(str, range(100))) == ""


def test_the_largest_spec_is_checked_in_a_blink():
    path = Path(__file__).parents[2] / "specs" / "protein" / "alphafold2.json"
    start = time.thread_time()
    assert check(path) == []
    assert time.thread_time() - start < 0.3


def test_loading_imports_no_library():
    code = (
        "import sys, dlsuite; dlsuite.load(sys.argv[1]).plan();"
        "print([name for name in ('keras', 'tensorflow', 'numpy', 'pandas') if name in sys.modules])"
    )
    path = Path(__file__).parents[2] / "specs" / "vision" / "fashion_resnet.json"
    run = subprocess.run([sys.executable, "-c", code, path], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "[]"


TABLE = {"data": {"inputs": {"age": "Number"}}, "model": {"layers": [{"Dense": {"units": 1}}]}}


def test_paths_of_data_lead_into_the_folder_of_the_spec_or_of_the_data(tmp_path, monkeypatch):
    monkeypatch.setenv("DLSUITE_DATA", str(tmp_path / "data"))
    (tmp_path / "specs").mkdir()
    file = tmp_path / "specs" / "table.json"

    def found(path):
        file.write_text(json.dumps({**TABLE, "data": {**TABLE["data"], "source": {"CSV": {"path": path}}}}))
        return [(fault.message, fault.place.pointer) for fault in check(file)]

    for path in ("t.csv", "sub/../t.csv", "../specs/t.csv", "../data/t.csv", str(tmp_path / "data/t.csv")):
        assert found(path) == []
    for path in ("../t.csv", "sub/../../t.csv", "/etc/passwd", str(tmp_path / "other/t.csv")):
        assert found(path) == [(f"`path` of CSV: the path `{path}` leaves its folder.", "/data/source/CSV/path")]
    assert load(file, paths=False).name == "table"
    monkeypatch.delenv("DLSUITE_DATA")
    assert len(found("../data/t.csv")) == 1
