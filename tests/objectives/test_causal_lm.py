"""Language models: losses and scores are the textbook's, texts follow prompts and seeds."""

from __future__ import annotations

from dataclasses import replace

import keras
import numpy as np
import pytest

from dlsuite.decoders.greedy import Greedy
from dlsuite.decoders.sample import Sample
from dlsuite.objectives.causal_lm import CausalLM
from dlsuite.objectives.next_token import NextToken
from dlsuite.spec.errors import DataError
from tests.objectives.language import decoder_only, pad, play, text

LENGTH = 10
TEXTS = ["the cat", "a hat", "that"]


@pytest.fixture(scope="module")
def features():
    return {
        "text": text(TEXTS, level="character", length=LENGTH),
        "next": text(TEXTS, shift=1, level="character", length=LENGTH),
    }


@pytest.fixture(scope="module")
def network(features):
    return decoder_only(features["text"].facts_fitted()["vocabulary"], LENGTH)


def ask(network, features, texts, places=LENGTH, **more):
    ids, mask = pad(features["text"], texts, places)
    return play("CausalLM", network, features, {"text": ids, "text.mask": mask}, **more)


def measure(network, features, texts):
    ids, mask = pad(features["next"], texts, LENGTH)
    return ask(network, features, texts, targets={"next": ids, "next.mask": mask}), ids, mask


def test_the_loss_is_keras_cross_entropy_of_the_places_that_a_target_has():
    draw = np.random.default_rng(0)
    truth, logits = draw.integers(0, 7, (3, 4)), draw.normal(size=(3, 5, 7)).astype("float32")
    found = np.array(NextToken().call(truth, logits))
    expected = keras.losses.sparse_categorical_crossentropy(truth, logits[:, :4], from_logits=True)
    np.testing.assert_allclose(found, expected, rtol=1e-6)
    smoothed = np.array(NextToken(0.1).call(truth, logits))
    hot = np.eye(7)[truth]
    expected = keras.losses.categorical_crossentropy(hot, logits[:, :4], from_logits=True, label_smoothing=0.1)
    np.testing.assert_allclose(smoothed, expected, rtol=1e-5)


def test_scores_are_those_of_every_token(network, features):
    batch, truth, mask = measure(network, features, TEXTS)
    logits = np.array(network(batch.inputs["text"])).astype(float)
    logs = logits - np.log(np.exp(logits).sum(-1, keepdims=True))
    nats = -sum(logs[i, t, truth[i, t]] for i, t in zip(*np.nonzero(mask), strict=True)) / mask.sum()
    found = CausalLM().scores(CausalLM().digest(batch), truth, features["next"])
    assert list(found) == CausalLM.scored
    assert found["loss"] == pytest.approx(nats, rel=1e-5)
    assert found["perplexity"] == pytest.approx(np.exp(nats), rel=1e-5)
    assert found["bits_per_character"] == pytest.approx(nats / np.log(2), rel=1e-5)  # a token is a character here
    assert found["accuracy"] == pytest.approx((logits.argmax(-1) == truth)[mask].mean())
    assert CausalLM().scores(logs, truth, features["next"]) == pytest.approx(found, rel=1e-5)  # as baselines give them


def test_padding_changes_no_score(network, features):
    together = CausalLM().digest(measure(network, features, TEXTS)[0])
    for written, one in zip(TEXTS, together, strict=True):
        (alone,) = CausalLM().digest(measure(network, features, [written])[0])
        np.testing.assert_allclose(one["tally"], alone["tally"], rtol=1e-5)


def test_texts_are_written_for_the_report(network, features):
    batch, truth, _ = measure(network, features, TEXTS)
    batch = replace(batch, settings={"decoder": Greedy(length=3)})
    objective = CausalLM(writes=4)
    texts = [one["text"] for _ in range(2) for one in objective.digest(batch) if "text" in one]
    assert [len(ids) for ids in texts] == [5, 5, 5, 5]  # a quarter of "the cat" and one more, and three written
    (caption, text), *others = CausalLM().samples(CausalLM(writes=2).digest(batch), truth, features["next"])
    assert caption == "After 'th'" and text.startswith("th") and len(others) == 1
    (one, *_) = CausalLM(writes=1, prompt="hat").digest(batch)
    assert features["text"].decode(one["text"]).startswith("hat")


def test_a_prompt_is_continued_whatever_its_batch_and_padding(network, features):
    greedy = {"decoder": Greedy(length=4)}
    together = CausalLM().respond(ask(network, features, ["the", "a", "that cat"], **greedy))
    for prompt, ids in zip(["the", "a", "that cat"], together, strict=True):
        (alone,) = CausalLM().respond(ask(network, features, [prompt], places=len(prompt), **greedy))
        np.testing.assert_array_equal(ids, alone)
        assert len(CausalLM().answer(ids, features["next"])) == 4


def test_texts_are_drawn_by_seed(network, features):
    batch = ask(network, features, ["th"] * 3, seeds=[0.25, 0.75, 0.25], decoder=Sample(length=6))
    one, other, same = (ids.tolist() for ids in CausalLM().respond(batch))
    assert one == same != other


def test_a_stream_is_the_answer_piece_by_piece(network, features):
    batch = ask(network, features, ["th"], seeds=[0.5], decoder=Sample(length=12))
    pieces = list(CausalLM().stream(batch))
    (ids,) = CausalLM().respond(batch)
    assert "".join(pieces) == CausalLM().answer(ids, features["next"]) and len(pieces) == 12


def test_a_letter_of_several_bytes_comes_whole(features):
    feature = text(["é"], level="byte", length=LENGTH)

    class Written(CausalLM):
        def _continue(self, play, prompts):
            return iter(np.array([[ids] for ids in feature.encode("dé€")]))

    ids, mask = pad(feature, ["x"], LENGTH)
    batch = play("CausalLM", None, {"text": feature}, {"text": ids, "text.mask": mask})
    assert [piece for piece in Written().stream(batch) if piece] == ["d", "é", "€"]


def test_the_end_of_a_long_text_may_be_kept(features):
    feature, letters = features["text"], "that cat that hat"
    assert feature.decode(feature.encode(letters)) == letters[:LENGTH]
    assert feature.decode(feature.encode(letters, last=True)) == letters[-LENGTH:]


def test_an_empty_prompt_is_refused(network, features):
    with pytest.raises(DataError, match="no text to go on from"):
        CausalLM().respond(ask(network, features, [""]))


def test_an_output_without_a_logit_for_each_id_is_refused(features):
    ids = features["next"].facts_fitted()["vocabulary"]
    assert isinstance(CausalLM().loss(keras.KerasTensor((None, LENGTH, ids)), features["next"]), NextToken)
    for shape in [(None, ids), (None, LENGTH, ids - 1)]:
        with pytest.raises(ValueError, match=f"has {ids} ids, so the output is"):
            CausalLM().loss(keras.KerasTensor(shape), features["next"])
