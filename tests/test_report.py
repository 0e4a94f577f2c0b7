"""The report page: one file, escaped, offline, well formed."""

import re
from html.parser import HTMLParser

import pytest

from dlsuite.report import render
from dlsuite.report.charts import bars, figure, heat, lines, reliability, scatter, ticks

HOSTILE = '<script>alert("x")</script>'
PIXEL = bytes.fromhex("89504e470d0a1a0a")
FACTS = {
    "name": HOSTILE,
    "about": HOSTILE,
    "run": "digits/1",
    "best_epoch": 2,
    "history": [{"epoch": 1, "loss": 1.0, "val_loss": 1.2, HOSTILE: 1}, {"epoch": 2, "loss": 0.5, "val_loss": 0.7}],
    "data": {"licence": "BSD-3-Clause", "origin": HOSTILE},
    "environment": {"cores": 2},
    "spec": {"name": HOSTILE},
    "images": {"samples/worst-0.png": PIXEL, "samples/worst-1.wav": b"RIFF"},
    "evaluation": {
        "split": "test",
        "examples": 4,
        "metrics": {"accuracy": 0.75, "loss": 0.3},
        "baselines": {"Majority": {"accuracy": 0.5}},
        "per_class": {"label": [{"class": HOSTILE, "precision": 1.0, "recall": 0.5, "f1": 0.67, "support": 2}]},
        "confusion": {"label": {"names": [HOSTILE, "dog"], "counts": [[1, 1], [0, 2]]}},
        "calibration": {
            "label": {"ece": 0.1, "bins": [{"low": 0.9, "high": 1, "confidence": 0.95, "accuracy": 0.9, "count": 4}]}
        },
        "worst": {
            "label": [
                {"truth": HOSTILE, "answer": "dog", "confidence": 0.8, "loss": 1.6, "image": "samples/worst-0.png",
                 "where": HOSTILE},
                {"truth": "cat", "answer": HOSTILE, "confidence": 0.7, "loss": 1.2, "file": "samples/worst-1.wav"},
            ]
        },
    },
}  # fmt: skip
VOID = {"meta", "img", "br"}


class Balance(HTMLParser):
    """Collects tags and references, and whether each tag that opens also closes."""

    def __init__(self):
        super().__init__()
        self.open, self.seen, self.outside = [], set(), []

    def handle_starttag(self, tag, attributes):
        self.seen.add(tag)
        self.outside += [v for k, v in attributes if k in ("src", "href") and not v.startswith("data:")]
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attributes):
        self.seen.add(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


@pytest.fixture(scope="module")
def page():
    return render(FACTS)


def test_page_is_well_formed_and_refers_to_nothing_outside(page):
    parser = Balance()
    parser.feed(page)
    assert parser.open == []
    assert parser.outside == []
    assert {"svg", "table", "img", "figure", "details"} <= parser.seen
    assert "script" not in parser.seen
    assert not re.search(r"url\(|@import|https?://", page)


def test_words_of_others_are_escaped(page):
    assert "<script" not in page
    assert page.count("&lt;script&gt;") >= 8


def test_page_shows_the_result_beside_the_baseline(page):
    assert "0.7500" in page and "Majority" in page and "0.5000" in page
    assert "epoch 2, whose weights were kept" in page
    assert "data:image/png;base64,iVBORw0KGgo=" in page
    assert (
        '<audio controls title="truth cat, answered &lt;script&gt;' in page and "data:audio/wav;base64,UklGRg==" in page
    )


def test_a_page_needs_no_more_than_metrics():
    page = render({"name": "x", "evaluation": {"metrics": {"mae": 0.5}, "examples": 3}})
    assert "0.5000" in page and "Target" not in page


@pytest.mark.parametrize(
    ("value", "shown"),
    [(None, "–"), (float("nan"), "–"), (1257, "1,257"), (0.98614, "0.9861"), (3.21e-5, "3.2e-05"), (0.0, "0.0000")],
)
def test_figures(value, shown):
    assert figure(value) == shown


def test_ticks_are_round_and_inside():
    assert ticks(0, 1) == [0, 0.2, 0.4, 0.6, 0.8, 1.0]
    assert ticks(0.83, 0.97) == [0.85, 0.9, 0.95]


def test_curves_leave_out_what_is_not_a_number():
    chart = lines("loss", {"training": [1.0, float("nan"), None, 0.25]})
    assert "nan" not in chart and chart.count("L") == 1
    assert lines("loss", {"training": [None]}) == ""


def test_bars_are_relative_to_the_longest():
    chart = bars([("a", 1.0, True), ("b", 0.5, False), ("c", None, False)])
    assert "width:100.0%" in chart and "width:50.0%" in chart and "width:0.0%" in chart


def test_large_confusion_matrices_show_colour_alone():
    names = [f"class {index}" for index in range(40)]
    chart = heat(names, [[index == column for column in range(40)] for index in range(40)])
    assert "dense" in chart and "·" not in chart


def test_reliability_and_scatter_draw_a_mark_each():
    bins = [{"low": 0.5, "high": 0.6, "confidence": 0.55, "accuracy": 0.4, "count": 3}]
    assert reliability("r", bins).count("<rect") == 1
    assert scatter("s", [(1.0, 1.5), (2.0, 2.5), (3.0, float("nan"))]).count("<circle") == 2
