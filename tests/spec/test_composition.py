"""`extends`, `uses` and overrides: what wins, and what may not be read."""

import json
import os

import pytest

from dlsuite.spec import SpecError, check, load
from dlsuite.spec.composition import MAX_FILES, compose, root_of
from dlsuite.spec.document import read

MODEL = {"inputs": {"x": {"Input": {"shape": [8]}}}, "layers": [{"Dense": {"units": "=width"}}]}
LIBRARY = {"blocks": {"turn": {"layers": ["ReLU"]}}}


@pytest.fixture
def write(tmp_path):
    def put(name, value):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(value if isinstance(value, str) else json.dumps(value), encoding="utf-8")
        return path

    return put


def document(path, **overrides):
    return compose(read(path), path, overrides)


def messages(path, **overrides):
    return [fault.message for fault in check(path, overrides)]


def test_extends_merges_deeply_and_lists_replace_lists(write):
    write("base.json", {"params": {"width": 4, "depth": 1}, "model": MODEL, "expect": {"parameters": 36}})
    path = write("spec.json", {"extends": "base.json", "params": {"width": 16}, "model": {"layers": ["ReLU"]}})
    resolved = load(path).resolved
    assert resolved["params"] == {"width": 16, "depth": 1}
    assert resolved["model"] == {"inputs": MODEL["inputs"], "layers": ["ReLU"]}
    assert "expect" not in resolved and "extends" not in resolved


def test_a_component_replaces_one_of_another_name_and_merges_with_one_of_its_own(write):
    data = {"source": "Digits", "inputs": {"image": "Image"}, "targets": {"label": "Category"}}
    model = {"layers": ["Flatten", {"Dense": {"units": 10, "name": "label"}}]}
    train = {"objective": "Classification", "optimizer": {"Adam": {"learning_rate": 0.1, "beta_1": 0.8}}, "epochs": 1}
    write("base.json", {"data": data, "model": model, "train": train})
    other = write("other.json", {"extends": "base.json", "train": {"optimizer": {"SGD": {"momentum": 0.9}}}})
    assert load(other).resolved["train"]["optimizer"] == {"SGD": {"momentum": 0.9}}
    same = write("same.json", {"extends": "base.json", "train": {"optimizer": {"Adam": {"learning_rate": 0.2}}}})
    assert load(same).resolved["train"]["optimizer"] == {"Adam": {"learning_rate": 0.2, "beta_1": 0.8}}


def test_extends_goes_through_several_files(write):
    write("a.json", {"params": {"width": 1, "depth": 1}, "model": MODEL})
    write("folder/b.json", {"extends": "../a.json", "params": {"width": 2}})
    write("schema.json", "{}")
    path = write("folder/c.json", {"extends": "b.json", "params": {"depth": 3}})
    assert load(path).resolved["params"] == {"width": 2, "depth": 3}


def test_a_fault_in_what_is_extended_points_into_that_file(write):
    base = {"model": {**MODEL, "layers": [{"Dense": {"units": -1}}]}}
    write("base.json", json.dumps(base, indent=1))
    (fault,) = check(write("spec.json", {"extends": "base.json"}))
    assert fault.place.source.name.endswith("base.json")
    assert fault.place.pointer == "/model/layers/0/Dense/units"


def test_uses_brings_blocks_and_own_blocks_win(write):
    write("library.json", LIBRARY)
    path = write(
        "spec.json", {"uses": ["library.json"], "params": {"width": 3}, "model": {**MODEL, "layers": ["turn"]}}
    )
    assert load(path).plan().networks["model"].body.calls == 1
    write("spec.json", {**json.loads(path.read_text()), "blocks": {"turn": {"layers": ["ReLU", "Softmax"]}}})
    assert load(path).plan().networks["model"].body.calls == 2


def test_a_library_may_use_libraries_and_one_block_may_come_by_two_ways(write):
    write("library.json", LIBRARY)
    write("more.json", {"uses": ["library.json"], "blocks": {"twice": {"layers": ["turn", "turn"]}}})
    model = {**MODEL, "layers": ["twice", "turn"]}
    path = write("spec.json", {"uses": ["more.json", "library.json"], "model": model})
    assert load(path).plan().networks["model"].body.calls == 3


def test_overrides_come_after_extends_and_before_expressions(write):
    write("base.json", {"params": {"width": 4, "twice": "=2 * width"}, "model": MODEL})
    path = write("spec.json", {"extends": "base.json"})
    assert load(path, {"params.width": 32}).plan().params == {"width": 32, "twice": 64}
    assert load(path, {"params.width": "32"}).plan().params == {"width": 32, "twice": 64}


def test_overrides_reach_into_lists_and_components(write):
    path = write("spec.json", {"params": {"width": 4}, "model": {**MODEL, "layers": [{"Dense": {"units": 4}}, "ReLU"]}})
    resolved = load(path, {"model.layers.0.Dense.units": 7, "model.layers.-1": '"Softmax"'}).resolved
    assert resolved["model"]["layers"] == [{"Dense": {"units": 7}}, "Softmax"]


def test_an_object_by_network_replaces_a_component_and_the_other_way_round(write):
    base = {"model": MODEL, "params": {"width": 4}, "train": {"optimizer": {"Adam": {"learning_rate": 0.1}}}}
    write("base.json", base)
    by_network = {"model": "SGD", "other": "SGD"}
    path = write("spec.json", {"extends": "base.json", "train": {"optimizer": by_network}})
    assert document(path)["train"]["optimizer"] == by_network
    last = write("last.json", {"extends": "spec.json", "train": {"optimizer": {"Adam": {}}}})
    assert document(last)["train"]["optimizer"] == {"Adam": {}}


@pytest.mark.parametrize(
    ("path", "value", "expected"),
    [
        ("train.optimizer.Adam.learning_rate", 0.5, {"Adam": {"learning_rate": 0.5, "beta_1": 0.8}}),
        ("train.optimizer.SGD.momentum", 0.9, {"SGD": {"momentum": 0.9}}),
        ("train.optimizer", "SGD", "SGD"),
    ],
)
def test_an_override_of_a_component_merges_with_its_own_and_replaces_another(write, path, value, expected):
    train = {"optimizer": {"Adam": {"learning_rate": 0.1, "beta_1": 0.8}}}
    spec = write("spec.json", {"params": {"width": 4}, "model": MODEL, "train": train})
    assert document(spec, **{path: value})["train"]["optimizer"] == expected


def test_an_override_goes_into_components_by_their_name_alone_and_those_with_dots(write):
    callbacks = ["EarlyStopping", {"keras_hub.X": {"a": 1}}]
    spec = write("spec.json", {"data": {"source": "Digits"}, "train": {"callbacks": callbacks}})
    changes = {"train.callbacks.0.EarlyStopping.patience": 3, "train.callbacks.-1.keras_hub.X.a": 2}
    assert document(spec, **changes)["train"]["callbacks"] == [
        {"EarlyStopping": {"patience": 3}},
        {"keras_hub.X": {"a": 2}},
    ]
    assert document(spec, **{"data.source.CSV.path": "x.csv"})["data"]["source"] == {"CSV": {"path": "x.csv"}}


@pytest.mark.parametrize(
    ("path", "value", "message"),
    [
        ("params.widht", 3, "The spec has no param `widht`."),
        ("parms.width", 3, "A spec has no `parms`."),
        ("params.width.x", 3, "`params.width` is the number 4: there is no `x` in it."),
        ("model.layers.9", "ReLU", "`model.layers` is an array: there is no `9` in it."),
        ("params.width", "wide", '`units` of Dense takes an integer of at least 1, not the string "wide".'),
    ],
)
def test_overrides_that_do_not_fit(write, path, value, message):
    spec = write("spec.json", {"params": {"width": 4}, "model": MODEL})
    (fault,) = check(spec, {path: value})
    assert fault.message == message


def test_an_override_of_params_that_are_no_object(write):
    assert messages(write("spec.json", {"params": [1, 2], "model": MODEL}), **{"params.width": 3})


@pytest.mark.parametrize("target", ["../outside.json", "/etc/passwd", "/dev/zero", "folder/../../outside.json"])
def test_no_path_leaves_the_folder_of_the_specs(write, tmp_path, target):
    (tmp_path / "specs").mkdir()
    (tmp_path / "outside.json").write_text(json.dumps(LIBRARY))
    for spec in ({"extends": target}, {"uses": [target], "model": MODEL}):
        (message,) = messages(write("specs/spec.json", spec))
        assert message == f"The path `{target}` leaves the folder of the specs."


def test_a_link_out_of_the_folder_is_not_followed(write, tmp_path):
    (tmp_path / "specs").mkdir()
    (tmp_path / "outside.json").write_text(json.dumps(LIBRARY))
    (tmp_path / "specs" / "link.json").symlink_to(tmp_path / "outside.json")
    (message,) = messages(write("specs/spec.json", {"uses": ["link.json"], "model": MODEL}))
    assert message == "The path `link.json` leaves the folder of the specs."
    (tmp_path / "specs" / "loop.json").symlink_to("loop.json")
    assert len(messages(write("specs/spec.json", {"extends": "loop.json"}))) == 1


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no named pipes")
def test_a_pipe_and_a_folder_are_no_files(write, tmp_path):
    os.mkfifo(tmp_path / "pipe.json")
    (tmp_path / "folder").mkdir()
    assert messages(write("spec.json", {"extends": "pipe.json"})) == ["There is no file `pipe.json`."]
    assert messages(write("spec.json", {"extends": "folder"})) == ["`folder` is a folder."]


@pytest.mark.parametrize("path", ["a" * 5000, "a\0b", "x/" * 3000, "", 3, None, ["a.json"]])
def test_what_is_no_path(write, path):
    assert len(messages(write("spec.json", {"extends": path}))) == 1


def test_cycles_name_their_files(write):
    write("a.json", {"extends": "b.json"})
    path = write("b.json", {"extends": "a.json"})
    assert messages(path) == ["The files lead back to themselves: b.json -> a.json -> b.json."]
    write("l.json", {**LIBRARY, "uses": ["m.json"]})
    write("m.json", {**LIBRARY, "uses": ["l.json"]})
    (message,) = messages(write("spec.json", {"uses": ["l.json"], "model": MODEL}))
    assert message == "The files lead back to themselves: l.json -> m.json -> l.json."


def test_files_are_limited_in_number_and_together_in_size(write):
    write("library.json", LIBRARY)
    (message,) = messages(write("spec.json", {"uses": ["library.json"] * (MAX_FILES + 1), "model": MODEL}))
    assert message == f"More than {MAX_FILES} files."
    for i in range(3):
        write(f"l{i}.json", {"about": "x" * 400_000, "blocks": {f"turn{i}": {"layers": ["ReLU"]}}})
    (message,) = messages(write("spec.json", {"uses": ["l0.json", "l1.json", "l2.json"], "model": MODEL}))
    assert message == "The files of this spec hold more than 1,000,000 characters together."


def test_the_root_is_the_nearest_folder_with_a_schema(tmp_path):
    inner = tmp_path / "specs" / "vision"
    inner.mkdir(parents=True)
    assert root_of(inner) == inner.resolve()
    (tmp_path / "specs" / "schema.json").write_text("{}")
    assert root_of(inner) == (tmp_path / "specs").resolve()


def test_load_raises_what_check_returns(write):
    path = write("spec.json", {"extends": "nothing.json"})
    with pytest.raises(SpecError) as caught:
        load(path)
    assert str(caught.value) == "\n".join(map(str, check(path)))
