"""CTC against an independent count of alignments, and what becomes of its outputs."""

from itertools import product

import jiwer
import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import ops

from dlsuite.features.audio import Audio
from dlsuite.features.transcript import Transcript
from dlsuite.objectives.ctc import ALARM, CTC
from dlsuite.objectives.play import Play
from dlsuite.spec.plan import Task

VOCABULARY = 4


def play(logits, frames=None, labels=None, seconds=None) -> Play:
    """Returns a batch whose network gives out these logits and masks, of sounds of so many seconds."""
    features = {} if seconds is None else {"audio": Audio(seconds=seconds, rate=8000)}
    made = {"text": ops.convert_to_tensor(logits, "float32")}
    if frames is not None:
        lengths = np.asarray(frames)[:, None]
        made["frames"] = ops.convert_to_tensor(np.arange(made["text"].shape[1]) < lengths)
    targets = {}
    if labels is not None:
        longest = max(map(len, labels)) + 2
        ids = np.array([[*one, *[0] * (longest - len(one))] for one in labels], np.int32)
        sizes = np.array([len(one) for one in labels])[:, None]
        targets = {"text": ops.convert_to_tensor(ids), "text.mask": ops.convert_to_tensor(np.arange(longest) < sizes)}
    return Play(
        task=Task(None, "text", ("text",), 1.0),
        networks={},
        outputs={"model": tuple(made)},
        features=features,
        inputs=dict.fromkeys(features),
        targets=targets,
        made={"model": made},
    )


def noise(frames: int, batch: int = 1, seed: int = 0, sharp: float = 1.0) -> np.ndarray:
    return sharp * np.random.default_rng(seed).normal(size=(batch, frames, VOCABULARY))


def log_softmax(logits: np.ndarray) -> np.ndarray:
    return logits - np.log(np.exp(logits).sum(-1, keepdims=True))


def forward(log_probabilities: np.ndarray, labels: list[int]) -> float:
    """Returns the log-probability of labels by the forward recursion of Graves et al. 2006, equations 6 to 8."""
    extended = [0, *(x for label in labels for x in (label, 0))]
    alpha = np.full(len(extended), -np.inf)
    alpha[:2] = log_probabilities[0, extended[:2]]
    for row in log_probabilities[1:]:
        before = alpha.copy()
        for s, label in enumerate(extended):
            ways = [before[s]]
            if s >= 1:
                ways.append(before[s - 1])
            if s >= 2 and label != 0 and label != extended[s - 2]:
                ways.append(before[s - 2])
            alpha[s] = np.logaddexp.reduce(ways) + row[label]
    return float(np.logaddexp.reduce(alpha[-2:]))


def probabilities(log_probabilities: np.ndarray) -> dict[tuple[int, ...], float]:
    """Returns the probability of each transcript, by counting out all paths."""
    frames, vocabulary = log_probabilities.shape
    found: dict[tuple[int, ...], float] = {}
    for path in product(range(vocabulary), repeat=frames):
        text = tuple(label for i, label in enumerate(path) if label and (i == 0 or path[i - 1] != label))
        found[text] = found.get(text, 0.0) + float(np.exp(sum(log_probabilities[i, x] for i, x in enumerate(path))))
    return found


@pytest.mark.parametrize("labels", [[1], [1, 2, 3], [2, 2], [3, 3, 1, 3], [1, 2, 1, 2, 1]])
def test_the_loss_is_the_negative_log_probability_of_all_alignments(labels):
    logits = noise(9, seed=len(labels))
    loss = CTC(frames="frames").measure(play(logits, [9], [labels]), "")["loss"]
    assert float(loss[0]) == pytest.approx(-forward(log_softmax(logits[0]), labels), rel=1e-5)


def test_the_recursion_of_this_test_equals_counting_out():
    log_probabilities = log_softmax(noise(5)[0])
    for text, probability in probabilities(log_probabilities).items():
        if text:
            assert forward(log_probabilities, list(text)) == pytest.approx(np.log(probability))


def test_padding_changes_neither_loss_nor_gradient_nor_answer():
    logits, labels = noise(12, batch=2), [[1, 2], [3, 1, 1]]
    short = noise(12, batch=2)
    short[0, 7:], short[1, 10:] = 50 * noise(5, seed=9)[0], -30
    objective = CTC(frames="frames")
    whole = objective.measure(play(logits, [7, 10], labels), "")["loss"]
    again = objective.measure(play(short, [7, 10], labels), "")["loss"]
    np.testing.assert_allclose(whole, again, rtol=1e-6)
    alone = objective.measure(play(logits[:1, :7], [7], labels[:1]), "")["loss"]
    np.testing.assert_allclose(whole[:1], alone, rtol=1e-5)
    variable = tf.Variable(tf.cast(logits, tf.float32))
    with tf.GradientTape() as tape:
        one = play(variable, [7, 10], labels)
        one.made["model"]["text"] = variable
        loss = tf.reduce_sum(objective.measure(one, "")["loss"])
    gradient = tape.gradient(loss, variable).numpy()
    assert np.abs(gradient[0, :7]).min() > 0 and not gradient[0, 7:].any() and not gradient[1, 10:].any()
    for one, other in zip(
        objective.respond(play(logits, [7, 10])), objective.respond(play(short, [7, 10])), strict=True
    ):
        np.testing.assert_array_equal(one["labels"], other["labels"])
        np.testing.assert_array_equal(one["frames"], other["frames"])
        np.testing.assert_allclose(one["confidence"], other["confidence"], rtol=1e-5)


def test_what_cannot_be_aligned_adds_nothing_and_is_counted():
    logits = noise(3, batch=3)
    measured = CTC().measure(play(logits, labels=[[1, 2, 3, 1], [1, 1], [2, 2, 1]]), "")
    np.testing.assert_array_equal(measured["unalignable"], [1, 0, 1])
    loss = ops.convert_to_numpy(measured["loss"])
    assert loss[0] == loss[2] == 0 and np.isfinite(loss[1]) and loss[1] > 0
    variable = tf.Variable(tf.cast(logits, tf.float32))
    with tf.GradientTape() as tape:
        one = play(variable, labels=[[1, 2, 3, 1], [1, 1], [2, 2, 1]])
        one.made["model"]["text"] = variable
        total = tf.reduce_sum(CTC().measure(one, "")["loss"])
    gradient = tape.gradient(total, variable).numpy()
    assert np.isfinite(gradient).all() and not gradient[0].any() and gradient[1].any()


def test_greedy_takes_the_best_label_of_each_frame():
    path = [0, 1, 1, 0, 1, 2, 2, 0]
    (one,) = CTC(frames="frames").respond(play(8.0 * np.eye(VOCABULARY)[path][None], [8]))
    assert one["labels"].tolist() == [1, 1, 2]
    assert one["frames"].tolist() == [[1, 2], [4, 4], [5, 6]]
    assert CTC().digest(play(8.0 * np.eye(VOCABULARY)[path][None]))[0].tolist() == [1, 1, 2]


@pytest.mark.parametrize("seed", range(5))
def test_a_beam_of_1_is_greedy_where_the_best_label_is_clear(seed):
    logits = noise(12, batch=4, seed=seed, sharp=20.0)
    greedy, beam = CTC().digest(play(logits)), CTC(beam_width=1).digest(play(logits))
    for one, other in zip(greedy, beam, strict=True):
        np.testing.assert_array_equal(one, other)


def test_a_wide_beam_finds_the_most_probable_transcript():
    better = 0
    for seed in range(10):
        logits = noise(5, seed=seed, sharp=0.7)
        counted = probabilities(log_softmax(logits[0]))
        best = max(counted, key=counted.__getitem__)
        (beam,), (greedy,) = CTC(beam_width=200).digest(play(logits)), CTC().digest(play(logits))
        assert tuple(beam.tolist()) == best
        better += counted[best] > counted[tuple(greedy.tolist())] + 1e-6
    assert better > 0


@pytest.fixture
def letters() -> Transcript:
    feature = Transcript()
    feature.fit(["ab a"])  # 1 is a space, 2 and 3 are a and b
    return feature


def test_words_have_times_and_confidence(letters):
    path = [0, 2, 2, 0, 3, 1, 0, 2, 0, 0]
    objective = CTC(frames="frames")
    (one,) = objective.respond(play(3.0 * np.eye(VOCABULARY)[path][None], [10], seconds=0.2))
    answer = objective.answer(one, letters)
    assert answer["text"] == "ab a"
    sure = float(np.exp(3) / (np.exp(3) + 3))
    assert answer["confidence"] == pytest.approx(sure)
    assert answer["words"] == [
        {"word": "ab", "confidence": pytest.approx(sure), "start": 0.02, "end": 0.1},
        {"word": "a", "confidence": pytest.approx(sure), "start": 0.14, "end": 0.16},
    ]
    (silent,) = objective.respond(play(3.0 * np.eye(VOCABULARY)[path][None], [10]))
    assert "start" not in objective.answer(silent, letters)["words"][0]


def test_nothing_but_blanks_is_an_alarm(letters):
    logits = np.zeros((1, 6, VOCABULARY))
    logits[..., 0] = 4.0
    (one,) = CTC().respond(play(logits))
    answer = CTC().answer(one, letters)
    assert answer["text"] == "" and answer["words"] == [] and answer["warning"] == ALARM
    assert answer["confidence"] == pytest.approx(np.exp(4) / (np.exp(4) + 3))
    found = CTC().scores([one["labels"]], np.array([[2, 3, 0]]), letters)
    assert found == {"wer": 1.0, "cer": 1.0, "empty": 1.0}
    assert CTC().samples([one["labels"]], np.array([[2, 3, 0]]), letters) == [("ab", ALARM)]


def test_error_rates_are_those_of_all_words_together(letters):
    said = ["ab a", "b", "a a a"]
    heard = ["ab b", "b", "a"]
    longest = max(map(len, said))
    truths = np.stack([np.pad(letters.encode(text), (0, longest - len(text))) for text in said])
    found = CTC().scores([letters.encode(text) for text in heard], truths, letters)
    assert found["wer"] == pytest.approx(3 / 6) == jiwer.wer(said, heard)
    assert found["cer"] == pytest.approx(5 / 10)
    assert found["empty"] == 0


def test_double_spaces_make_no_words(letters):
    frames = np.array([[i, i] for i in range(5)])
    one = {"labels": np.array([1, 2, 1, 1, 3]), "frames": frames, "confidence": np.zeros(5), "frame_seconds": 1.0}
    words = CTC().answer(one, letters)["words"]
    assert [(word["word"], word["start"]) for word in words] == [("a", 1.0), ("b", 4.0)]


def test_impossible_settings_are_refused():
    with pytest.raises(ValueError, match="beam_width is 0"):
        CTC(beam_width=0)


def test_a_network_learns_to_read(letters):
    """Frames that show a letter each become the text, though nobody says which frame is which letter."""
    rng = np.random.default_rng(0)
    texts = ["ab a", "ba", "a b ab", "b", "ab"] * 4
    longest = max(map(len, texts))
    x = np.zeros((len(texts), 3 * longest, VOCABULARY), np.float32)
    for row, text in zip(x, texts, strict=True):
        for i, label in enumerate(letters.encode(text)):
            row[3 * i + rng.integers(0, 2), label] = 1.0
    model = keras.Sequential([keras.Input(x.shape[1:]), keras.layers.Dense(16, "relu"), keras.layers.Dense(VOCABULARY)])
    optimizer, objective = keras.optimizers.Adam(0.05), CTC(frames="frames")
    lengths, labels = [3 * len(text) for text in texts], [letters.encode(text).tolist() for text in texts]
    for _ in range(60):
        with tf.GradientTape() as tape:
            one = play(np.zeros((len(texts), 3 * longest, VOCABULARY)), lengths, labels)
            one.made["model"]["text"] = model(x)
            loss = tf.reduce_mean(objective.measure(one, "")["loss"])
        optimizer.apply(tape.gradient(loss, model.trainable_variables), model.trainable_variables)
    found = objective.digest(one)
    assert [letters.decode(labels) for labels in found] == texts
