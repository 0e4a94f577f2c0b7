"""Translation: BLEU is sacrebleu's, padding changes no answer, texts need a start and an end."""

from __future__ import annotations

import keras
import numpy as np
import pytest
import sacrebleu

from dlsuite.decoders.beam import Beam
from dlsuite.decoders.greedy import Greedy
from dlsuite.objectives.next_token import NextToken
from dlsuite.objectives.seq2seq import Seq2Seq
from tests.objectives.language import encoder_decoder, pad, play, text

ENGLISH = ["two men walk", "a dog", "the small dog runs home", "a man"]
GERMAN = ["zwei männer gehen .", "ein hund .", "der kleine hund läuft nach hause .", "ein mann ."]


@pytest.fixture(scope="module")
def features():
    written = {"level": "word", "start": True, "end": True}
    return {
        "source": text(ENGLISH, level="word"),
        "so_far": text(GERMAN, **written),
        "next": text(GERMAN, shift=1, **written),
    }


@pytest.fixture(scope="module")
def network(features):
    return encoder_decoder(*(features[name].facts_fitted()["vocabulary"] for name in ("source", "so_far")))


def ask(network, features, english, places=6, german=None, **settings):
    inputs, targets = {}, {}
    inputs["source"], inputs["source.mask"] = pad(features["source"], english, places)
    if german:
        inputs["so_far"], inputs["so_far.mask"] = pad(features["so_far"], german, 10)
        targets["next"], targets["next.mask"] = pad(features["next"], german, 9)
    return play("Seq2Seq", network, features, inputs, targets, **settings)


@pytest.mark.parametrize("decoder", [Greedy(length=8), Beam(width=3, length=8)])
def test_a_translation_depends_neither_on_padding_nor_on_its_batch(network, features, decoder):
    together = Seq2Seq().respond(ask(network, features, ENGLISH, decoder=decoder))
    for one, ids in zip(ENGLISH, together, strict=True):
        (alone,) = Seq2Seq().respond(ask(network, features, [one], places=len(one.split()), decoder=decoder))
        np.testing.assert_array_equal(ids, alone)


def test_greedy_writes_what_the_whole_network_finds_most_probable(network, features):
    (ids,) = Seq2Seq().respond(ask(network, features, ENGLISH[:1], decoder=Greedy(length=8)))
    source, mask = pad(features["source"], ENGLISH[:1], 3)
    so_far = [features["so_far"].facts_fitted()["start"]]
    for token in ids:
        logits = np.array(network({"source": source, "source.mask": mask, "so_far": np.array([so_far])}))[0, -1]
        logits[0] = -np.inf  # padding is never written
        assert logits.argmax() == token
        so_far.append(token)


def test_scores_are_of_teacher_forcing_and_of_what_is_written(network, features):
    batch = ask(network, features, ENGLISH, german=GERMAN, decoder=Greedy(length=8))
    digest = Seq2Seq().digest(batch)
    truth, mask = batch.targets["next"], batch.targets["next.mask"]
    found = Seq2Seq().scores(digest, truth, features["next"])
    assert sorted(found) == sorted(Seq2Seq.scored)
    logits = np.array(batch.output)[:, :9]
    loss = np.array(keras.losses.sparse_categorical_crossentropy(truth, logits, from_logits=True))
    assert found["loss"] == pytest.approx(loss[mask].mean(), rel=1e-5)
    assert found["accuracy"] == pytest.approx((logits.argmax(-1) == truth)[mask].mean())


def test_bleu_is_sacrebleus_of_whole_texts(features):
    written = [GERMAN[0], "ein hund läuft .", *GERMAN[2:]]
    truth, _ = pad(features["next"], GERMAN, 9)
    outputs = [{"ids": features["next"].encode(one), "tally": np.ones(3)} for one in written]
    expected = sacrebleu.corpus_bleu(written, [GERMAN]).score
    assert 0 < expected < 100
    assert Seq2Seq().scores(outputs, truth, features["next"])["bleu"] == pytest.approx(expected)
    ids, _ = pad(features["next"], written, 9)
    assert Seq2Seq().scores(ids, truth, features["next"]) == {"bleu": pytest.approx(expected)}  # as baselines give it
    *pairs, (_, signature) = Seq2Seq().samples(outputs, truth, features["next"])
    assert pairs[1] == ("ein hund .", "ein hund läuft .") and signature.startswith("nrefs:1|case:mixed")


def test_texts_without_an_end_are_refused(features):
    endless = text(GERMAN, level="word", start=True)
    output = keras.KerasTensor((None, None, endless.facts_fitted()["vocabulary"]))
    with pytest.raises(ValueError, match='give "end": true'):
        Seq2Seq().loss(output, endless)
    ids = features["next"].facts_fitted()["vocabulary"]
    assert isinstance(Seq2Seq().loss(keras.KerasTensor((None, None, ids)), features["next"]), NextToken)
    with pytest.raises(ValueError, match="label_smoothing is 1.5"):
        Seq2Seq(label_smoothing=1.5)
