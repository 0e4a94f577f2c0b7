"""Runs that write text: what they train, measure, answer and stream, from a spec to the command line."""

from __future__ import annotations

import json

import pytest

import dlsuite
from dlsuite.cli import main
from dlsuite.prediction import stream, streams
from dlsuite.spec.errors import DataError, SpecError

TOP = {"SparseTopKCategoricalAccuracy": {"k": 1, "name": "top"}}
"""Of Keras; the same as accuracy, where places of padding do not count."""
LANGUAGE = {
    "name": "letters",
    "data": {
        "source": {"TextFile": {"path": "text.txt", "window": 17}},
        "inputs": {"text": {"Text": {"level": "character", "length": 16}}},
        "targets": {"next": {"Text": {"field": "text", "like": "text", "shift": 1, "length": 16}}},
        "batch_size": 16,
    },
    "model": {
        "inputs": ["text"],
        "layers": [
            {"Embedding": {"input_dim": "=text.vocabulary", "output_dim": 16}},
            {"Residual": {"layers": [{"keras_hub.PositionEmbedding": {"sequence_length": 16}}]}},
            {"MultiHeadAttention": {"num_heads": 2, "key_dim": 8,
                "inputs": {"query": "@previous", "value": "@previous", "use_causal_mask": True}}},
            {"Dense": {"units": "=text.vocabulary", "name": "next"}},
        ],
    },
    "train": {"objective": "CausalLM", "metrics": TOP, "optimizer": {"Adam": {"learning_rate": 0.01}}, "epochs": 2},
    "predict": {"decoder": {"Sample": {"length": 24}}},
    "baselines": [{"NGram": {"order": 2}}],
}  # fmt: skip
TRANSLATION = {
    "name": "backwards",
    "data": {
        "source": {"ParallelText": {"source": "source.txt", "target": "target.txt"}},
        "inputs": {
            "source": {"Text": {"level": "character"}},
            "so_far": {"Text": {"field": "target", "level": "character", "start": True, "end": True}},
        },
        "targets": {"answer": {"Text": {"field": "target", "like": "so_far", "shift": 1}}},
        "batch_size": 16,
    },
    "model": {
        "inputs": ["source", "source.mask", "so_far"],
        "layers": [
            {"ops.expand_dims": {"inputs": "source.mask", "axis": 1, "to": "there"}},
            {"Embedding": {"inputs": "source", "input_dim": "=source.vocabulary", "output_dim": 16, "name": "memory"}},
            {"Embedding": {"inputs": "so_far", "input_dim": "=so_far.vocabulary", "output_dim": 16}},
            {"MultiHeadAttention": {"num_heads": 2, "key_dim": 8,
                "inputs": {"query": "@previous", "value": "memory", "attention_mask": "there"}}},
            {"Dense": {"units": "=so_far.vocabulary", "name": "answer"}},
        ],
    },
    "train": {"objective": "Seq2Seq", "metrics": TOP, "epochs": 1},
    "predict": {"decoder": {"Beam": {"width": 2, "length": 8}}},
    "baselines": ["WordByWord"],
}  # fmt: skip


def write_letters(folder):
    """Writes the text of `LANGUAGE`."""
    (folder / "text.txt").write_text("the cat sat on the mat and the rat sat on the cat. " * 60)


def write_backwards(folder):
    """Writes the words of `TRANSLATION` and what they are read backwards."""
    words = ["".join(chr(97 + (i * j) % 7) for j in range(1, 3 + i % 5)) for i in range(1, 161)]
    (folder / "source.txt").write_text("\n".join(words) + "\n")
    (folder / "target.txt").write_text("\n".join(word[::-1] for word in words) + "\n")


@pytest.fixture(scope="module")
def letters(tmp_path_factory):
    folder = tmp_path_factory.mktemp("letters")
    write_letters(folder)
    (folder / "letters.json").write_text(json.dumps(LANGUAGE))
    run = dlsuite.train(dlsuite.load(folder / "letters.json"), runs=folder / "runs")
    run.evaluate()
    return run


@pytest.fixture(scope="module")
def backwards(tmp_path_factory):
    folder = tmp_path_factory.mktemp("backwards")
    write_backwards(folder)
    (folder / "backwards.json").write_text(json.dumps(TRANSLATION))
    run = dlsuite.train(dlsuite.load(folder / "backwards.json"), runs=folder / "runs")
    run.evaluate()
    return run


def test_a_language_model_is_measured_beside_an_n_gram(letters):
    found, baseline = letters.metrics, letters.evaluation["baselines"]["NGram"]
    assert found["loss"] < 2.9  # below that of equal chances, log(18)
    assert set(baseline) == set(found) - {"top"}
    assert baseline["bits_per_character"] < 2.5


@pytest.mark.parametrize("name", ["letters", "backwards"])
def test_metrics_of_keras_count_tokens_and_no_padding(name, request):
    run = request.getfixturevalue(name)
    assert run.metrics["top"] == pytest.approx(run.metrics["accuracy"], abs=1e-6)
    assert run.history[-1]["val_top"] == pytest.approx(run.history[-1]["val_accuracy"], abs=1e-6)


def test_metrics_that_do_not_suit_tokens_are_refused(tmp_path):
    write_letters(tmp_path)
    for name in ("MeanSquaredError", "FalsePositives", "R2Score"):
        spec = {**LANGUAGE, "train": {**LANGUAGE["train"], "metrics": [name]}}
        (tmp_path / "letters.json").write_text(json.dumps(spec))
        with pytest.raises(SpecError, match=f"{name} cannot compare `next`") as error:
            dlsuite.train(dlsuite.load(tmp_path / "letters.json"), runs=tmp_path / "runs")
        assert error.value.faults[0].place.pointer == "/train/metrics/0"


def test_it_streams_what_it_answers_and_follows_the_seed(letters):
    assert streams(letters)
    (answer,) = letters.predict("the c")
    assert answer["input"] == "the c" and len(answer["output"]) == 24
    assert "".join(letters.stream("the c")) == answer["output"]
    (other,) = dlsuite.predict(letters, "the c", settings={"seed": 5})
    assert other["output"] != answer["output"]
    assert "".join(letters.stream({"text": "the c", "seed": 5})) == other["output"]


def test_the_command_streams(letters, capsys):
    assert main(["predict", str(letters.path), "the c"]) == 0
    (answer,) = letters.predict("the c")
    assert capsys.readouterr().out == f"the c{answer['output']}\n"


def test_the_command_streams_the_text_of_fields_and_prints_nothing_before_a_fault(letters, capsys):
    assert main(["predict", str(letters.path), '{"text": "the c"}']) == 0
    (answer,) = letters.predict("the c")
    assert capsys.readouterr().out == f"the c{answer['output']}\n"
    assert main(["predict", str(letters.path), "the c", "--set", "seed=-1"]) == 2
    assert capsys.readouterr().out == ""


def test_the_end_of_a_long_prompt_is_continued(letters):
    prompt = "on the mat and the rat "
    (long,), (short,) = letters.predict(f"the cat sat {prompt}"), letters.predict(prompt)
    assert long["output"] == short["output"]


def test_several_inputs_are_not_streamed(letters):
    with pytest.raises(DataError, match="One input can be streamed at a time, and several are given"):
        list(stream(letters, ["a", "b"]))


def test_a_translator_is_measured_by_bleu_and_answers_whatever_the_batch(backwards):
    assert {"bleu", "loss", "accuracy"} <= set(backwards.metrics)
    assert set(backwards.evaluation["baselines"]["WordByWord"]) == {"bleu"}
    together = backwards.predict(["abc", "abcdef", "ba"])
    assert together == [backwards.predict(word)[0] for word in ("abc", "abcdef", "ba")]
    with pytest.raises(DataError, match="Answers of backwards come whole"):
        list(backwards.stream("abc"))
