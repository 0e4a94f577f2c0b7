"""Speech: from a sound to its word, or to words with their times."""

from __future__ import annotations

import io
import struct

import numpy as np
import pytest
import soundfile

from apps.pages import speech
from apps.widgets import sounds


@pytest.fixture
def drawn(monkeypatch) -> list[dict]:
    """What players were given."""
    found: list[dict] = []
    monkeypatch.setattr(sounds, "player", lambda sound, **data: found.append({"sound": sound, **data}))
    return found


def test_a_sample_is_heard_drawn_and_answered(visit, speech_run, drawn) -> None:
    app = visit("speech", speech_run)
    assert not app.error and not app.exception
    sample = speech_run.data().examples("test")[0]
    assert any(one.value.startswith("## ") and "confidence" in one.value for one in app.markdown)
    samples, rate = soundfile.read(io.BytesIO(drawn[0]["sound"]), dtype="int16")
    assert rate == 8000 and np.array_equal(samples, sample["audio"][: rate // 2])
    assert drawn[0]["seconds"] == len(samples) / rate and drawn[0]["words"] == ()


@pytest.mark.parametrize(("kind", "rate", "channels"), [("WAV", 44100, 2), ("FLAC", 22050, 1), ("OGG", 48000, 1)])
def test_files_of_any_rate_are_read(visit, speech_run, drawn, kind, rate, channels) -> None:
    file = io.BytesIO()
    soundfile.write(file, np.sin(np.arange(rate) / 20)[:, None].repeat(channels, 1) / 2, rate, format=kind)
    app = _upload(visit("speech", speech_run, **{"from": "Upload"}), file.getvalue())
    assert not app.error and drawn[-1]["seconds"] == 0.5
    assert any("hears the first 0.5 s" in one.value for one in app.caption)


@pytest.mark.parametrize(
    ("broken", "reason"),
    [("text", "is none of WAV"), ("short", "is corrupt"), ("rate", "The sound"), ("channels", "999 channels")],
)
def test_a_broken_header_is_refused_in_a_sentence(visit, speech_run, drawn, broken, reason) -> None:
    file = io.BytesIO()
    soundfile.write(file, np.zeros(800), 8000, format="WAV")
    whole = bytearray(file.getvalue())
    made = {
        "text": b"RIFX, not",
        "short": bytes(whole[:30]),
        "rate": bytes(whole[:24] + struct.pack("<I", 0) + whole[28:]),
        "channels": bytes(whole[:22] + struct.pack("<H", 999) + whole[24:]),
    }
    app = _upload(visit("speech", speech_run, **{"from": "Upload"}), made[broken])
    (error,) = app.error
    assert reason in error.value and "0x" not in error.value and not app.exception


def test_a_transcript_has_words_to_jump_to(visit, transcript_run, drawn) -> None:
    app = visit("speech", transcript_run)
    assert not app.error and not app.exception
    sample = transcript_run.data().examples("test")[0]
    answer = transcript_run.predict({"audio": sample["audio"]})[0]["output"]
    assert [one["word"] for one in drawn[0]["words"]] == [one["word"] for one in answer["words"]]
    assert all(0 <= one["start"] < one["end"] <= 0.5 for one in drawn[0]["words"])
    assert "Mistakes" not in app.button_group[0].options


def test_silence_is_told(visit, transcript_run, drawn, monkeypatch) -> None:
    silence = {"text": "", "confidence": 0.9, "words": [], "warning": "Nothing but blanks came out."}
    monkeypatch.setattr(speech, "answer", lambda run, fields: silence)
    assert "Nothing but blanks" in visit("speech", transcript_run).warning[0].value
    assert "nothing to explain" in visit("speech", transcript_run, tab="Explain").info[0].value


def test_words_and_letters_are_explained_over_the_spectrogram(visit, speech_run, transcript_run) -> None:
    for run, layers in ((speech_run, ["edges"]), (transcript_run, ["edges", "text"])):
        app = visit("speech", run, tab="Explain")
        assert not app.error and not app.exception
        assert app.selectbox(key="layer").options == layers
        assert any("all parts add up" in one.value for one in app.markdown)


def test_the_layer_is_that_of_the_address(visit, transcript_run) -> None:
    assert visit("speech", transcript_run, tab="Explain").selectbox(key="layer").value == "edges"
    assert visit("speech", transcript_run, tab="Explain", layer="text").selectbox(key="layer").value == "text"
    assert visit("speech", transcript_run, tab="Explain", layer="../text").selectbox(key="layer").value == "edges"


def test_another_run_has_layers_of_its_own(visit, speech_run, transcript_run) -> None:
    app = visit("speech", transcript_run, tab="Explain")
    app.selectbox(key="layer").set_value("text").run()
    assert not app.error and app.selectbox(key="layer").value == "text"
    app.selectbox(key="run").set_value(f"{speech_run.name}/{speech_run.id}").run()
    assert not app.error and app.selectbox(key="layer").value == "edges"


def _upload(app, content: bytes):
    return app.file_uploader[0].set_value(("sound.wav", content, "audio/wav")).run()
