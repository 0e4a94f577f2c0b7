"""Text through a whole run: fitted on the training split, answered as it is typed."""

import json

import numpy as np
import pytest

import dlsuite
from dlsuite.prediction import predict

GOOD, BAD = ("good", "fine", "great"), ("bad", "poor", "dull")


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    folder = tmp_path_factory.mktemp("opinions")
    rng = np.random.default_rng(0)
    rows = []
    for i in range(240):
        opinion = (BAD, GOOD)[i % 2][rng.integers(3)]
        around = ["the film", "a story", "it", "this one"][rng.integers(4)]
        rows.append({"sentence": f"{around} is {opinion}" + " indeed" * int(rng.integers(4)), "liked": i % 2})
    (folder / "opinions.jsonl").write_text("\n".join(map(json.dumps, rows)))
    spec = {
        "name": "opinions",
        "data": {
            "source": {"JSONL": {"path": "opinions.jsonl"}},
            "inputs": {"sentence": "Text"},
            "targets": {"liked": "Category"},
        },
        "model": {
            "layers": [
                {"Embedding": {"inputs": "sentence", "input_dim": "=sentence.vocabulary", "output_dim": 8}},
                {"GlobalAveragePooling1D": {"inputs": {"mask": "sentence.mask"}}},
                {"Dense": {"units": "=liked.classes", "name": "liked"}},
            ]
        },
        "train": {"objective": "Classification", "optimizer": {"Adam": {"learning_rate": 0.05}}, "epochs": 4},
        "baselines": ["Majority", "BagOfWords"],
    }
    (folder / "opinions.json").write_text(json.dumps(spec))
    return dlsuite.train(dlsuite.load(folder / "opinions.json"), runs=folder / "runs")


def test_it_learns_beside_its_baselines(run):
    found = run.evaluate()
    assert found["metrics"]["accuracy"] == 1.0
    assert found["baselines"]["BagOfWords"]["accuracy"] == 1.0 > found["baselines"]["Majority"]["accuracy"]


def test_an_answer_is_the_same_alone_and_beside_longer_texts(run):
    short, long = {"sentence": "it is dull"}, {"sentence": "this one is great" + " indeed" * 40}
    alone, other, *_ = (run.predict([one])[0]["output"] for one in (short, long))
    beside = [one["output"] for one in run.predict([short, long])]
    assert [one["class"] for one in beside] == ["0", "1"]
    assert beside[0]["confidence"] == pytest.approx(alone["confidence"], abs=1e-6)
    assert beside[1]["confidence"] == pytest.approx(other["confidence"], abs=1e-6)


@pytest.mark.parametrize("blank", ["", "  ", "\n"])
def test_a_text_of_nothing_is_refused_alone_and_beside_others(run, blank):
    with pytest.raises(dlsuite.DataError, match="`sentence` is empty: there is nothing to read"):
        run.predict([{"sentence": blank}])
    refused = []
    (answer,) = predict(run, [{"sentence": "it is good"}, {"sentence": blank}], refuse=refused.append)
    assert answer["output"]["class"] and len(refused) == 1


def test_the_words_are_those_of_the_training_split(run):
    words = set(run.features["sentence"].tokens()[2:])
    seen = {word for text in run.data().examples("train").column("sentence") for word in text.split()}
    assert words == seen
