"""Progress for people: one line an epoch, a live bar on terminals."""

import io

import pytest
from rich.console import Console

from dlsuite.training import progress

STATUS = {
    "epoch": 2, "epochs": 5, "step": 30, "steps": 90, "loss": 0.5, "metrics": {"accuracy": 0.75},
    "examples_per_second": 12345.0, "eta_seconds": 125,
}  # fmt: skip


def test_an_epoch_is_one_line():
    row = {"epoch": 3, "loss": 0.25, "val_accuracy": 0.97, "learning_rate": 1e-5, "seconds": 1.52}
    expected = "epoch   3  loss 0.2500  val_accuracy 0.9700  learning_rate 1.00e-05  1.5 s  best so far"
    assert progress.describe_epoch(row, True) == expected


def test_a_status_is_one_line():
    expected = "loss 0.5000  accuracy 0.7500  12,345/s  2 min 05 s left"
    assert progress.describe_status(STATUS) == expected


@pytest.mark.parametrize(("seconds", "text"), [(5.4, "5 s"), (125, "2 min 05 s"), (3700, "1 h 01 min")])
def test_time_spans(seconds, text):
    assert progress.describe_seconds(seconds) == text


def test_lines_go_to_standard_error(capsys):
    shown = progress.make_progress(True)
    assert isinstance(shown, progress.Lines)
    shown.update(STATUS)
    shown.epoch({"epoch": 1, "loss": 1.0, "seconds": 2.0}, False)
    out, error = capsys.readouterr()
    assert out == "" and error == "epoch   1  loss 1.0000  2.0 s\n"


def test_nothing_is_shown_where_nothing_is_wanted(capsys):
    shown = progress.make_progress(False)
    shown.update(STATUS)
    shown.say("hello")
    shown.close()
    assert capsys.readouterr() == ("", "")


def test_the_live_bar_shows_epoch_steps_and_figures():
    live = progress.Live()
    text = io.StringIO()
    live._bars.live.console = live._console = Console(file=text, force_terminal=True, width=140)
    live.update(STATUS)
    live._bars.refresh()
    live.epoch({"epoch": 2, "loss": 0.5, "seconds": 2.0}, True)
    live.close()
    assert "epoch 2/5" in text.getvalue() and "30/90" in text.getvalue() and "12,345/s" in text.getvalue()
    assert "best so far" in text.getvalue()
