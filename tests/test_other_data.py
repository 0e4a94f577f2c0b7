"""A run measured on other data than its own."""

import json
import shutil

import numpy as np
import pytest

import dlsuite
from dlsuite.cli import main
from dlsuite.spec.errors import DataError, SpecError
from tests.digits import digits


@pytest.fixture
def prices(number_run, tmp_path, monkeypatch):
    """A regression that was trained on prices.csv, and the folder of other files."""
    monkeypatch.chdir(tmp_path)
    return number_run


def write_prices(path, sizes):
    path.write_text("\n".join(["size,price", *(f"{size},{3 * size + 10}" for size in sizes)]) + "\n")
    return path


def write_scans(path, count, **more):
    from sklearn.datasets import load_digits

    scans = load_digits()
    images = np.rint(scans.images[-count:] * (255 / 16)).astype(np.uint8)[..., None]
    np.savez(path, image=images, label=scans.target[-count:], **more)
    return path


def test_a_path_takes_the_place_of_that_of_the_source(prices, tmp_path):
    write_prices(tmp_path / "new.csv", range(500, 540))
    before = {name: (prices.path / name).read_bytes() for name in ("metrics.json", "report.html")}
    found = prices.evaluate(data="new.csv")
    assert found["split"] == "new.csv" and found["examples"] == 40 and found["warnings"] == []
    assert found["data"]["dataset"] == "CSV" and found["data"]["files"][0]["path"] == str(tmp_path / "new.csv")
    truth = np.arange(500, 540) * 3.0 + 10
    answers = [one["output"] for one in prices.predict(tmp_path / "new.csv")]
    answers = [one["value"] if isinstance(one, dict) else one for one in answers]
    assert found["metrics"]["mae"] == pytest.approx(np.abs(truth - answers).mean(), rel=1e-4)
    # The mean is that of the training split: far below what these cost.
    assert found["baselines"]["Mean"]["mae"] == pytest.approx(truth.mean() - 310, rel=0.05)
    assert {name: (prices.path / name).read_bytes() for name in before} == before
    assert "new.csv" in (prices.path / found["report"]).read_text()
    (kept,) = prices.path.glob("metrics-new-csv-*.json")
    assert json.loads(kept.read_text())["metrics"] == found["metrics"]


def test_the_same_data_has_the_same_files_and_other_data_others(prices, tmp_path):
    for folder in ("a", "b"):
        (tmp_path / folder).mkdir()
        write_prices(tmp_path / folder / "new.csv", range(10))
    reports = [prices.evaluate(data=path)["report"] for path in ("a/new.csv", tmp_path / "a/new.csv", "b/new.csv")]
    assert reports[0] == reports[1] != reports[2]


def test_a_component_as_a_spec_writes_it(digits_run, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    write_scans("scans.npz", 50)
    found = digits_run.evaluate(data={"NPZ": {"path": "scans.npz"}})
    assert found["examples"] == 50 and found["metrics"]["accuracy"] > 0.5
    assert set(found["baselines"]) == {"Majority", "NearestNeighbour"}
    assert np.sum(found["confusion"]["label"]["counts"]) == 50
    tag = found["report"].removeprefix("report-").removesuffix(".html")
    assert all(one["image"].startswith(f"samples/{tag}-label-") for one in found["worst"]["label"])
    assert dlsuite.evaluate(digits_run, data='{"NPZ": {"path": "scans.npz"}}')["metrics"] == found["metrics"]


def test_a_component_may_be_its_name_alone(digits_run, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    found = digits_run.evaluate(data="Digits")
    assert found["warnings"][0].startswith("Digits is what the run was trained on")
    assert found["examples"] == 1797 and found["metrics"] == digits_run.evaluate(data={"Digits": {}})["metrics"]


def test_one_of_the_splits_of_other_data(digits_run, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    rng = np.random.default_rng(0)
    arrays = {}
    for split, count in (("train", 30), ("test", 7)):
        arrays |= {f"image_{split}": rng.integers(0, 256, (count, 8, 8, 1), np.uint8)}
        arrays |= {f"label_{split}": rng.integers(0, 10, count)}
    np.savez("scans.npz", **arrays)
    scans = {"NPZ": {"path": "scans.npz"}}
    assert digits_run.evaluate(data=scans)["examples"] == 37
    found = digits_run.evaluate("test", data=scans)
    assert found["examples"] == 7 and found["split"] == "scans.npz test"
    with pytest.raises(DataError, match="NPZ has no split `validation` of its own"):
        digits_run.evaluate("validation", data=scans)


TRAINED = "NPZ is what the run was trained on, and its training examples are among those measured"


def test_examples_of_training_are_warned_of_wherever_they_lie(tmp_path, capsys):
    rng = np.random.default_rng(0)
    arrays = {}
    for split, count in (("train", 60), ("test", 10)):
        arrays |= {f"image_{split}": rng.integers(0, 256, (count, 8, 8, 1), np.uint8)}
        arrays |= {f"label_{split}": np.arange(count) % 10}
    np.savez(tmp_path / "scans.npz", **arrays)
    source = {"NPZ": {"path": str(tmp_path / "scans.npz")}}
    (tmp_path / "spec.json").write_text(
        json.dumps(digits("Flatten", train={"epochs": 1}, source={"NPZ": {"path": "scans.npz"}}))
    )
    run = dlsuite.train(dlsuite.load(tmp_path / "spec.json"), tmp_path / "runs")
    shutil.copy(tmp_path / "scans.npz", tmp_path / "copy.npz")
    copy = {"NPZ": {"path": str(tmp_path / "copy.npz")}}
    for data, split, warned in ((source, None, 1), (copy, None, 1), (copy, "train", 1), (copy, "test", 0)):
        assert sum(TRAINED in warning for warning in run.evaluate(split, data)["warnings"]) == warned
    write_scans(tmp_path / "other.npz", 50)
    assert not run.evaluate(data={"NPZ": {"path": str(tmp_path / "other.npz")}})["warnings"]
    assert main(["evaluate", str(run.path), "--data", json.dumps(copy)]) == 0
    out, err = capsys.readouterr()
    assert "digits on 70 examples of copy.npz (all examples: train 60, test 10)" in out
    assert err.count("\n") == 1 and err.startswith(f"warning: {TRAINED}")


def test_labels_that_training_never_saw_are_named(digits_run, tmp_path):
    from sklearn.datasets import load_digits

    images = np.rint(load_digits().images[:200] * (255 / 16)).astype(np.uint8)[..., None]
    labels = load_digits().target[:200].copy()
    labels[17] = 12
    np.savez(tmp_path / "odd.npz", image=images, label=labels)
    found = digits_run.evaluate(data={"NPZ": {"path": str(tmp_path / "odd.npz")}})
    assert found["examples"] == 199 and "example 17: label '12' is none of the classes 0, 1" in found["warnings"][0]
    labels[:] = 12
    np.savez(tmp_path / "odd.npz", image=images, label=labels)
    with pytest.raises(DataError, match="200 of 200 examples are corrupt"):
        digits_run.evaluate(data={"NPZ": {"path": str(tmp_path / "odd.npz")}})


def test_the_training_data_may_be_gone(prices, tmp_path):
    folder = tmp_path / "runs" / "prices"
    folder.mkdir(parents=True)
    shutil.copytree(prices.path, folder / prices.path.name)
    run = dlsuite.open_run(folder / prices.path.name)
    places = {"root": str(tmp_path), "folder": str(tmp_path)}
    (run.path / "environment.json").write_text(json.dumps(run.environment | {"spec": places}))
    found = dlsuite.open_run(run.path).evaluate(data=write_prices(tmp_path / "new.csv", range(30)))
    assert found["baselines"] == {} and found["metrics"]["mae"] > 0
    assert "no baselines: they are fitted on the data of the run, and CSV: there is no" in found["warnings"][0]


@pytest.mark.parametrize(
    ("data", "message", "error"),
    [
        ("nowhere.csv", "there is no '.*nowhere.csv'", DataError),
        ("{broken", "argument data: begins as JSON does, and that is broken", DataError),
        ({"CVS": {"path": "new.csv"}}, "Did you mean `CSV`", SpecError),
        ({"CSV": {"paht": "new.csv"}}, "Did you mean `path`", SpecError),
        ("other.csv", "lack the field 'size'", DataError),
        ({"CSV": {}}, "^argument data:1:.*`path`", SpecError),
        (3, "argument data is a int. What would work: a path", DataError),
    ],
)
def test_other_data_that_cannot_be_is_refused(prices, tmp_path, data, message, error):
    (tmp_path / "other.csv").write_text("a,price\n1,2\n")
    with pytest.raises(error, match=message):
        prices.evaluate(data=data)


def test_a_source_without_a_path_asks_for_a_component(digits_run):
    with pytest.raises(DataError, match=r'Digits, on which the run was trained, reads no path.*"ImageFolder"'):
        digits_run.evaluate(data="scans")


def test_faults_of_the_command_are_those_of_its_option(prices, capsys):
    for given, place in (
        ('{"CVS": {"path": "new.csv"}}', "1:1"),
        ('{"CSV":\n {"paht": "new.csv"}}', "2:3"),
        ("CSV", "1:1"),
    ):
        assert main(["evaluate", str(prices.path), "--data", given]) == 2
        assert f"--data:{place}: " in capsys.readouterr().err


def test_the_command(prices, tmp_path, capsys):
    write_prices(tmp_path / "new.csv", range(40))
    with (tmp_path / "new.csv").open("a") as file:
        file.write("many,10\n")
    assert main(["evaluate", str(prices.path), "--data", "new.csv"]) == 3
    assert "row 41: size 'many' is no number" in capsys.readouterr().err
    given = json.dumps({"CSV": {"path": "new.csv", "tolerate": 0.1}})
    assert main(["evaluate", str(prices.path), "--data", given]) == 0
    out, err = capsys.readouterr()
    assert "prices on 40 examples of new.csv" in out and "report-new-csv-" in out and "Mean" in out
    assert "warning: 1 corrupt example was skipped" in err
