"""`from`: weights of another run to start from, and what is said of those that were not taken."""

import json

import numpy as np
import pytest

from dlsuite import training
from dlsuite.spec import SpecError, load
from dlsuite.weights import read_weights


def make(layers, **train):
    data = {"source": "Digits", "inputs": {"image": "Image"}, "targets": {"label": "Category"}, "batch_size": 512}
    unmoved = {"objective": "Classification", "optimizer": {"SGD": {"learning_rate": 0.0}}, "epochs": 1}
    model = {"layers": ["Flatten", *layers, {"Dense": {"units": 10, "name": "label"}}]}
    return load({"name": "digits", "data": data, "model": model, "train": {**unmoved, **train}})


def dense(name, units):
    return {"Dense": {"units": units, "name": name}}


@pytest.fixture(scope="module")
def first(tmp_path_factory):
    spec = make([dense("one", 24), dense("two", 16)], seed=1)
    return training.train(spec, runs=tmp_path_factory.mktemp("runs"), progress=False)


def test_weights_that_fit_are_taken_and_the_others_named_with_their_reason(first, capsys):
    spec = make([dense("one", 24), dense("extra", 24), dense("two", 12)], **{"from": f"digits/{first.id}", "seed": 2})
    run = training.train(spec, runs=first.path.parents[1], progress=True)
    record = {
        "run": str(first.path),
        "taken": ["one/kernel", "one/bias", "label/bias"],
        "left": {
            "extra/kernel": "(not in that run)",
            "extra/bias": "(not in that run)",
            "two/kernel": "(shape [24, 12], there [24, 16])",
            "two/bias": "(shape [12], there [16])",
            "label/kernel": "(shape [12, 10], there [16, 10])",
        },
        "unused": [],
    }
    assert run.environment["from"] == [{"stage": 1, **record}]
    events = [json.loads(line) for line in (run.path / "events.jsonl").read_text().splitlines()]
    (event,) = [one for one in events if one["event"] == "from"]
    assert {key: event[key] for key in record} == record
    said = capsys.readouterr().err
    assert "3 of 8 weights were taken from" in said
    assert "5 start anew: extra/kernel (not in that run)" in said and "and 2 more" in said
    theirs, ours = first.weights("model"), read_weights(run.model)  # a learning rate of 0 changes nothing
    np.testing.assert_array_equal(ours["one/kernel"], theirs["one/kernel"])


def test_what_the_other_run_has_beside_is_named(first):
    spec = make([dense("one", 24)], **{"from": f"digits/{first.id}"})
    run = training.train(spec, runs=first.path.parents[1], progress=False)
    (record,) = run.environment["from"]
    assert record["unused"] == ["two/kernel", "two/bias"]
    assert "2 of that run are not used: two/kernel, two/bias" in (run.path / "events.jsonl").read_text()


def test_nothing_taken_at_all_is_a_fault_at_its_place(first):
    spec = json.loads(make([], **{"from": f"digits/{first.id}"}).source)
    spec["data"]["targets"] = {"digit": {"Category": {"field": "label"}}}
    spec["model"]["layers"] = ["Flatten", dense("digit", 10)]
    with pytest.raises(SpecError, match=r"no weight of .* fits by path and shape.*digit/kernel \(not in that run\)"):
        training.train(load(spec), runs=first.path.parents[1], progress=False)


def test_a_run_without_weights_is_refused(first):
    runs = first.path.parents[1]
    empty = runs / "digits" / "20200101-000000-aaaaaa"
    empty.mkdir()
    (empty / "spec.json").write_text((first.path / "spec.json").read_text())
    (empty / "status.json").write_text('{"state": "failed"}')
    with pytest.raises(SpecError, match="has kept none yet; it is failed"):
        training.train(make([], **{"from": f"digits/{empty.name}"}), runs=runs, progress=False)
