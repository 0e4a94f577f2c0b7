"""Decoders: equal to keras-hub's samplers where those do the same, deterministic by seed, whatever the batch."""

from __future__ import annotations

import itertools

import keras
import keras_hub
import numpy as np
import pytest

from dlsuite.decoders.beam import Beam, _Beams, log_softmax
from dlsuite.decoders.greedy import Greedy
from dlsuite.decoders.sample import Sample
from dlsuite.stepping import open_steps

CLASSES, LENGTH, END = 7, 12, 2
PROMPTS = [[5, 3], [4], [6, 6, 1]]


@pytest.fixture(scope="module")
def network():
    """A small causal Transformer with uneven logits, in which padding never wins."""
    keras.utils.set_random_seed(0)
    ids = keras.Input((LENGTH,), dtype="int32", name="text")
    x = keras.layers.Embedding(CLASSES, 8)(ids)
    x = x + keras_hub.layers.PositionEmbedding(LENGTH, initializer=keras.initializers.RandomNormal(0.5))(x)
    x = x + keras.layers.MultiHeadAttention(2, 4)(x, x, use_causal_mask=True)
    model = keras.Model(ids, keras.layers.Dense(CLASSES)(x))
    for weight in model.weights:
        weight.assign(2.0 * weight)
    *_, bias = model.weights
    bias.assign([-50.0, 0, 0, 0, 0, 0, 0])
    return model


def write(decoder, network, prompts, end=None, seeds=None):
    steps = open_steps(network, "text", rows=decoder.width * len(prompts), length=LENGTH)
    columns = list(decoder.write(steps, {}, prompts, end=end, seeds=seeds or range(len(prompts))))
    return [[int(column[i]) for column in columns if column[i] >= 0] for i in range(len(prompts))]


def hub(sampler, network, prompt, length):
    """What a sampler of keras-hub writes, each logits computed from the whole window."""

    def following(prompt, cache, index):
        return network(prompt)[:, index - 1], None, cache

    whole = np.zeros((1, LENGTH), "int32")
    whole[0, : len(prompt)] = prompt
    return np.array(sampler(following, whole, index=len(prompt)))[0, len(prompt) : len(prompt) + length].tolist()


def probability(network, prompt, text):
    whole = np.zeros((1, LENGTH), "int32")
    whole[0, : len(prompt) + len(text)] = prompt + text
    logs = log_softmax(np.array(network(whole))[0].astype(float))
    return sum(logs[len(prompt) + i - 1, token] for i, token in enumerate(text))


def test_greedy_is_keras_hubs(network):
    for prompt in PROMPTS:
        expected = hub(keras_hub.samplers.GreedySampler(), network, prompt, LENGTH - len(prompt))
        assert write(Greedy(), network, [prompt]) == [expected]


def test_beam_is_keras_hubs_where_nothing_ends(network):
    for prompt in PROMPTS:
        expected = hub(keras_hub.samplers.BeamSampler(num_beams=3), network, prompt, LENGTH - len(prompt))
        assert write(Beam(width=3, length_penalty=0.0), network, [prompt]) == [expected]


@pytest.mark.parametrize("end", [None, END])
@pytest.mark.parametrize("penalty", [0.0, 1.0])
def test_a_beam_of_width_1_is_greedy(network, end, penalty):
    beam, greedy = Beam(width=1, length_penalty=penalty, length=6), Greedy(length=6)
    assert write(beam, network, PROMPTS, end) == write(greedy, network, PROMPTS, end)


def test_a_wide_beam_finds_the_most_probable_text(network):
    texts = [list(text) for text in itertools.product(range(1, CLASSES), repeat=3)]
    best = max(texts, key=lambda text: probability(network, [5], text))
    assert write(Beam(width=36, length=3), network, [[5]]) == [best]


def test_the_length_penalty_prefers_longer_texts():
    ended = [(-1.0, [5]), (-1.5, [5, 5, 5, 5])]
    for penalty, best in ((0.0, [5]), (2.0, [5, 5, 5, 5])):
        beams = _Beams([1], 2, 9, penalty, END)
        beams.ended = [(beams.worth(total, len(text) + 1), text) for total, text in ended]
        assert beams.best() == best
    assert beams.worth(-3.0, 7) == pytest.approx(-3.0 / ((5 + 7) / 6) ** 2)  # Wu et al., equation 14


@pytest.mark.parametrize("decoder", [Greedy(length=5), Beam(width=4, length=5), Sample(top_k=4, length=5)])
def test_a_text_does_not_depend_on_its_batch(network, decoder):
    together = write(decoder, network, PROMPTS, END, [3, 4, 5])
    alone = [write(decoder, network, [prompt], END, [seed])[0] for prompt, seed in zip(PROMPTS, [3, 4, 5], strict=True)]
    assert together == alone


def test_samples_follow_their_seeds(network):
    one, same, other = write(Sample(length=8), network, [[5]] * 3, seeds=[1, 1, 2])
    assert one == same != other


def test_a_temperature_of_0_is_greedy(network):
    assert write(Sample(temperature=0, length=6), network, PROMPTS) == write(Greedy(length=6), network, PROMPTS)


def test_tokens_are_drawn_by_their_probabilities(network):
    whole = np.zeros((1, LENGTH), "int32")
    whole[0, 0] = 5
    logits = np.array(network(whole))[0, 0].astype(float)
    expected = np.exp(log_softmax(logits / 2))
    drawn = write(Sample(temperature=2.0, length=1), network, [[5]] * 1500)
    shares = np.bincount(np.ravel(drawn), minlength=CLASSES) / 1500
    np.testing.assert_allclose(shares, expected, atol=0.05)


def test_top_k_and_top_p_leave_out_the_improbable():
    logits = np.log([[0.5, 0.3, 0.15, 0.05]])
    np.testing.assert_allclose(Sample(top_k=2).probabilities(logits), [[0.625, 0.375, 0, 0]])
    np.testing.assert_allclose(Sample(top_p=0.79).probabilities(logits), [[0.5, 0.3, 0, 0]], atol=1e-12)
    np.testing.assert_allclose(Sample(top_p=0.81).probabilities(logits), [[0.5, 0.3, 0.15, 0]], atol=1e-12)
    np.testing.assert_allclose(Sample().probabilities(logits), [[0.5, 0.3, 0.15, 0.05]])


def test_the_end_is_not_written_and_nothing_follows_it(network):
    free = write(Greedy(length=9), network, PROMPTS)
    end = free[0][4]
    ended = write(Greedy(length=9), network, PROMPTS, end)
    assert ended == [text[: text.index(end)] if end in text else text for text in free]


def test_it_goes_on_beyond_the_window(network):
    (text,) = write(Greedy(length=30), network, [[5, 3]])
    assert len(text) == 30
    whole = [5, 3, *text]
    assert write(Greedy(length=2), network, [whole[LENGTH - LENGTH // 2 : LENGTH]])[0] == text[LENGTH - 2 : LENGTH]


@pytest.mark.parametrize(
    "make",
    [lambda: Sample(temperature=-1), lambda: Sample(top_k=0), lambda: Sample(top_p=0), lambda: Beam(width=0)],
)
def test_settings_without_sense_are_refused(make):
    with pytest.raises(ValueError, match="is (-1|0); it is"):
        make()
