"""The Python API: what it promises in the README."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import dlsuite
from dlsuite.spec.errors import SpecError

SPECS = Path(__file__).parents[1] / "specs"


def run_python(code):
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=SPECS.parent)
    return done.stdout.strip()


def test_loading_imports_nothing_heavy():
    code = (
        "import sys, dlsuite; dlsuite.load('specs/vision/fashion_resnet.json'); dlsuite.SpecError; "
        "print(sorted({'keras', 'tensorflow', 'numpy'} & set(sys.modules)))"
    )
    assert run_python(code) == "[]"


def test_every_public_name_resolves_and_is_documented():
    for name in dlsuite.__all__:
        value = getattr(dlsuite, name)
        assert name == "__version__" or value.__doc__
    assert set(dlsuite.__all__) <= set(dir(dlsuite))


def test_functions_show_an_example():
    for name in ("load", "data", "build", "show", "train", "evaluate", "predict", "open_run"):
        assert "Example:" in getattr(dlsuite, name).__doc__, name


def test_an_unknown_name_is_an_attribute_error():
    with pytest.raises(AttributeError, match="no attribute 'laod'; it has load"):
        _ = dlsuite.laod


def test_params_change_the_model():
    narrow, wide = (dlsuite.build(dlsuite.load(SPECS / "vision" / "digits_cnn.json", width=width)) for width in (8, 16))
    assert narrow.count_params() < wide.count_params()
    assert [layer.name for layer in narrow.layers] == [layer.name for layer in wide.layers]


def test_an_unknown_param_names_the_nearest():
    with pytest.raises(SpecError, match="^argument widht:1:1: .* no param `widht`[^D]*Did you mean `width`"):
        dlsuite.load(SPECS / "vision" / "digits_cnn.json", widht=8)


DIGITS = SPECS / "vision" / "digits_cnn.json"
TINY = {"model": {"inputs": {"x": {"Input": {"shape": [8]}}}, "layers": ["ReLU"]}}


@pytest.mark.parametrize(
    ("call", "found", "works"),
    [
        (lambda: dlsuite.load(None), "A spec to load is None, of type NoneType", "the path of a JSON file"),
        (lambda: dlsuite.load(b"x"), "A spec to load is b'x', of type bytes", "the path of a JSON file"),
        (lambda: dlsuite.load("a\0b"), "The file cannot be read: embedded null byte", ""),
        (lambda: dlsuite.load({"params": {"a": [1, float("nan")]}}), "at /params/a/1", "finite numbers"),
        (lambda: dlsuite.load(TINY, {"params": {3}}), 'overrides["params"]:1:1: This is not JSON', "finite numbers"),
        (lambda: dlsuite.load(TINY, ["x"]), "`overrides` is ['x'], of type list", "{'train.epochs': 3}"),
        (lambda: dlsuite.load(TINY, {3: 4}), "A key of `overrides` is 3, of type int", "'train.epochs'"),
        (lambda: dlsuite.data("x.json"), "`spec` of `dlsuite.data` is 'x.json', of type str", "dlsuite.load('x.json')"),
        (lambda: dlsuite.build(TINY), "`spec` of `dlsuite.build` is {", "dlsuite.build(dlsuite.load({"),
        (lambda: dlsuite.show(None), "`spec` of `dlsuite.show` is None", "dlsuite.show(dlsuite.load("),
        (lambda: dlsuite.eject(3), "`spec` of `dlsuite.eject` is 3", "dlsuite.eject(dlsuite.load("),
        (lambda: dlsuite.train("x"), "`spec` of `dlsuite.train` is 'x'", "dlsuite.train(dlsuite.load('x'))"),
        (lambda: dlsuite.train(dlsuite.load(DIGITS), runs=3), "`runs` is 3, of type int", "the folder of runs"),
        (lambda: dlsuite.train(dlsuite.load(DIGITS), resume=3), "A run to open is 3", "or the end of its id"),
        (lambda: dlsuite.show(dlsuite.load(TINY), lengths=3), "`lengths` is 3, of type int", "{'text': 512}"),
        (lambda: dlsuite.adopt(3), "A model to adopt is 3, of type int", "the path of a .keras file"),
        (lambda: dlsuite.open_run(None), "A run to open is None", "or the end of its id"),
        (lambda: dlsuite.open_run("x", runs=3), "`runs` is 3, of type int", "the folder of runs"),
        (lambda: dlsuite.evaluate("runs/x"), "`run` of `dlsuite.evaluate` is 'runs/x'", "dlsuite.open_run('runs/x')"),
        (lambda: dlsuite.predict(3, "x.png"), "`run` of `dlsuite.predict` is 3", "dlsuite.open_run("),
    ],
)
def test_arguments_that_cannot_be_say_what_would_work(call, found, works):
    with pytest.raises(dlsuite.DLSuiteError) as error:
        call()
    assert error.value.exit_code == 2
    assert found in str(error.value) and works in str(error.value)


def test_arguments_of_a_run_that_cannot_be_say_what_would_work(digits_run):
    for call, message in (
        (lambda: digits_run.evaluate("tset"), "A run has no split `tset`. Did you mean `test`?"),
        (
            lambda: digits_run.evaluate(3),
            "`split` is 3, of type int. What would work: `train`, `validation`",
        ),
        (lambda: dlsuite.predict(digits_run, "x.png", settings=3), "`settings` is 3, of type int."),
    ):
        with pytest.raises(dlsuite.DLSuiteError) as error:
            call()
        assert message in str(error.value)


def test_overrides_are_called_as_they_were_given():
    with pytest.raises(SpecError, match=r'^overrides\["train.epochs"\]:1:1: '):
        dlsuite.load(SPECS / "vision" / "digits_cnn.json", {"train.epochs": "many"})


def test_the_same_seed_gives_the_same_weights():
    spec = dlsuite.load(SPECS / "tabular" / "breast_cancer_mlp.json")
    first, second = dlsuite.build(spec).get_weights(), dlsuite.build(spec).get_weights()
    assert all(np.array_equal(a, b) for a, b in zip(first, second, strict=True))
    other = dlsuite.build(dlsuite.load(SPECS / "tabular" / "breast_cancer_mlp.json", {"train.seed": 7})).get_weights()
    assert any(not np.array_equal(a, b) for a, b in zip(first, other, strict=True))


def test_data_gives_batches_and_fitted_features():
    data = dlsuite.data(dlsuite.load(SPECS / "vision" / "digits_cnn.json"))
    images, labels = next(iter(data.batches("train")))
    assert images["image"].shape[1:] == (8, 8, 1)
    assert labels["label"].shape == images["image"].shape[:1]
    assert sum(data.counts.values()) == 1797
    assert data.features["label"].facts_fitted()["classes"] == 10


def test_facts_that_only_the_data_knows_are_read_for_building(tmp_path):
    rows = "\n".join(f"{number},{'abc'[number % 3]}" for number in range(60))
    (tmp_path / "rows.csv").write_text(f"size,kind\n{rows}\n")
    (tmp_path / "spec.json").write_text(
        """{"data": {"source": {"CSV": {"path": "rows.csv"}}, "inputs": {"size": "Number"},
            "targets": {"kind": "Category"}},
            "model": {"layers": [{"Dense": {"units": "=kind.classes", "name": "kind"}}]},
            "train": {"objective": "Classification", "epochs": 1}}"""
    )
    assert dlsuite.build(dlsuite.load(tmp_path / "spec.json")).output_shape == (None, 3)


def test_a_spec_without_a_test_split_is_measured_on_validation(tmp_path):
    spec = dlsuite.load(
        {
            "name": "untested",
            "data": {
                "source": "Digits",
                "split": {"train": 0.9, "validation": 0.1},
                "inputs": {"image": "Image"},
                "targets": {"label": "Category"},
            },
            "model": {"layers": ["Flatten", {"Dense": {"units": 10, "name": "label"}}]},
            "train": {"objective": "Classification", "epochs": 1},
        }
    )
    run = dlsuite.train(spec, runs=tmp_path)
    assert run.evaluation["split"] == "validation" and run.metrics["accuracy"] > 0.1
    with pytest.raises(dlsuite.DataError, match="no test examples"):
        run.evaluate()


def test_several_targets_have_metrics_and_answers_of_their_own(tmp_path):
    (tmp_path / "rows.csv").write_text("a,kind,size\n" + "".join(f"{i},{'xy'[i % 2]},{2 * i}\n" for i in range(80)))
    spec = {
        "data": {
            "source": {"CSV": {"path": "rows.csv"}},
            "inputs": {"a": "Number"},
            "targets": {"kind": "Category", "size": "Number"},
        },
        "model": {
            "layers": [
                {"Dense": {"units": 2, "name": "kind"}},
                {"Dense": {"units": 1, "name": "size", "inputs": "a"}},
            ],
            "outputs": ["kind", "size"],
        },
        "train": {"objective": {"kind": "Classification", "size": "Regression"}, "epochs": 1},
        "baselines": ["Majority", "Mean"],
    }
    (tmp_path / "two.json").write_text(json.dumps(spec))
    run = dlsuite.train(dlsuite.load(tmp_path / "two.json"), runs=tmp_path / "runs")
    assert {"kind.accuracy", "size.rmse"} <= run.metrics.keys()
    assert set(run.evaluation["baselines"]["Majority"]) == {"kind.accuracy", "kind.loss", "kind.f1", "kind.auc"}
    assert run.evaluation["baselines"]["Mean"].keys() == {"size.rmse", "size.mae", "size.r2"}
    (answer,) = run.predict({"a": 3})
    assert answer["output"]["kind"]["class"] in "xy" and isinstance(answer["output"]["size"], float)
