"""The report page: facts of an evaluated run to one HTML text that opens offline, every foreign word escaped."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

from dlsuite.report.charts import bars, figure, heat, lines, reliability, scatter
from dlsuite.report.style import CSS

POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:"
MAX_PAIRS = 8


def render(facts: Mapping[str, Any]) -> str:
    """Returns the report as one self-contained HTML page.

    Args:
        facts: `name`, `about`, `run`, `evaluation` (as `dlsuite.evaluate` returns it), `history` (a row an epoch),
            `best_epoch`, `data` (the record of the data), `environment`, `spec`, and `images` (PNG bytes by the path
            that the evaluation names). All but `name` and `evaluation` may be missing.
    """
    evaluation = facts["evaluation"]
    sections = [
        _title(facts),
        _headline(evaluation),
        _curves(facts.get("history") or [], facts.get("best_epoch")),
        _samples(evaluation.get("samples") or [], facts.get("images") or {}),
        *(_target(name, evaluation, facts.get("images") or {}) for name in _targets(evaluation)),
        _section("The data", _pairs(facts.get("data") or {})),
        _section("Where it ran", _pairs(facts.get("environment") or {})),
        _spec(facts.get("spec") or {}),
    ]
    return document(f"{facts['name']}: report", sections)


def document(title: str, sections: Sequence[str]) -> str:
    """Returns sections of HTML as one page that may load nothing from outside and run nothing."""
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(title)}</title><style>{CSS}</style></head><body>\n"
        + "\n".join(section for section in sections if section)
        + "\n</body></html>\n"
    )


def _title(facts: Mapping[str, Any]) -> str:
    about = f"<p>{escape(str(facts['about']))}</p>" if facts.get("about") else ""
    run = f"<p class=soft>Run <code>{escape(str(facts['run']))}</code></p>" if facts.get("run") else ""
    return f"<header><h1>{escape(str(facts['name']))}</h1>{about}{run}</header>"


def _headline(evaluation: Mapping[str, Any]) -> str:
    metrics, baselines = evaluation.get("metrics") or {}, evaluation.get("baselines") or {}
    name = evaluation.get("headline") or next(iter(metrics), None)
    if name is None:
        return ""
    split, count = escape(str(evaluation.get("split", "test"))), figure(evaluation.get("examples"))
    tile = (
        f"<div class=card><div class=soft>{escape(name)} on {split}</div>"
        f"<div class=headline>{figure(metrics[name])}</div><div class=soft>{count} examples</div></div>"
    )
    rows = [("this model", metrics[name], True)]
    rows += [(one, scores[name], False) for one, scores in baselines.items() if name in scores]
    beside = "" if len(rows) == 1 else f"<div class=card><h3>{escape(name)} beside the baselines</h3>{bars(rows)}</div>"
    columns = ["this model", *baselines]
    every = [metrics, *baselines.values()]
    scores = table(["", *columns], [[one, *(figure(scores.get(one)) for scores in every)] for one in metrics])
    return f"<h2>Result</h2><div class='grid two'>{tile}{beside}</div><div class=scroll>{scores}</div>"


def _curves(history: Sequence[Mapping[str, Any]], best: int | None) -> str:
    names = [name for name in dict.fromkeys(key for row in history for key in row) if _is_curve(name, history)]
    first = int(history[0].get("epoch", 1)) if history else 1
    charts = []
    for name in names:
        watched = any(f"val_{name}" in row for row in history)
        series = {"training" if watched else name: [row.get(name) for row in history]}
        if watched:
            series["validation"] = [row.get(f"val_{name}") for row in history]
        charts.append(lines(name, series, first=first, mark=best))
    if not any(charts):
        return ""
    kept = f"<p class=soft>The dashed line marks epoch {best}, whose weights were kept.</p>" if best else ""
    return f"<h2>Learning curves</h2>{kept}<div class=grid>{''.join(charts)}</div>"


def _is_curve(name: str, history: Sequence[Mapping[str, Any]]) -> bool:
    if name == "epoch" or name.startswith("val_") or name in ("stage", "seconds", "examples_per_second"):
        return False
    return any(isinstance(row.get(name), (int, float)) for row in history)


def _targets(evaluation: Mapping[str, Any]) -> list[str]:
    parts = ("per_class", "confusion", "calibration", "scatter", "worst")
    return list(dict.fromkeys(target for part in parts for target in evaluation.get(part) or {}))


def _target(target: str, evaluation: Mapping[str, Any], images: Mapping[str, bytes]) -> str:
    def part(name: str) -> Any:
        return (evaluation.get(name) or {}).get(target)

    cards = []
    confusion, calibration = part("confusion"), part("calibration")
    if confusion:
        cards.append(_card("Confusion matrix", heat(confusion["names"], confusion["counts"])))
        cards.append(_card("Most often confused", _most_confused(confusion)))
    if part("per_class"):
        rows = [
            [one["class"], *(figure(one[key], 3) for key in ("precision", "recall", "f1")), figure(one["support"])]
            for one in part("per_class")
        ]
        cards.append(_card("By class", table(["class", "precision", "recall", "F1", "examples"], rows)))
    if calibration:
        chart = reliability(f"Reliability, ECE {figure(calibration['ece'], 3)}", calibration["bins"])
        note = (
            "<p class=soft>A bar below the dashed line: the model is surer than it is right. "
            "ECE is the mean distance from that line.</p>"
        )
        cards.append(_card("Can its confidence be believed?", note + chart))
    if part("scatter"):
        cards.append(scatter("Answer (up) by truth (across)", part("scatter")))
    blocks = [f"<h2>Target <code>{escape(target)}</code></h2><div class='grid two'>{''.join(cards)}</div>"]
    if part("worst"):
        blocks.append(_gallery(part("worst"), images))
    return "".join(blocks)


def _most_confused(confusion: Mapping[str, Any]) -> str:
    names = confusion["names"]
    pairs = [
        (count, names[truth], names[answer])
        for truth, row in enumerate(confusion["counts"])
        for answer, count in enumerate(row)
        if truth != answer and count
    ]
    rows = [[truth, answer, figure(count)] for count, truth, answer in sorted(pairs, reverse=True)[:MAX_PAIRS]]
    if not rows:
        return "<p>No mistake on this split.</p>"
    return table(["truth", "answered as", "times"], rows)


def _gallery(worst: Sequence[Mapping[str, Any]], images: Mapping[str, bytes]) -> str:
    cards = []
    for one in worst:
        caption = f"truth {one['truth']}, answered {one['answer']}"
        shown = _embed(one.get("image") or one.get("file") or "", images, caption)
        sure = "" if one.get("confidence") is None else f"<br>confidence {figure(one['confidence'], 3)}"
        cards.append(
            f"<div class=card>{shown}truth <b>{escape(str(one['truth']))}</b><br>answer <b>"
            f"{escape(str(one['answer']))}</b>{sure}<br>loss {figure(one['loss'], 3)}"
            f"<br><span class=soft>{escape(str(one.get('where', '')))}</span></div>"
        )
    note = "<p class=soft>The examples with the highest loss.</p>"
    return f"<h3>Worst mistakes</h3>{note}<div class=gallery>{''.join(cards)}</div>"


def _embed(path: str, files: Mapping[str, bytes], caption: str) -> str:
    """Returns a picture or a sound as it stands in the page; nothing where the file is not at hand."""
    if path not in files:
        return ""
    source = base64.b64encode(files[path]).decode()
    if path.endswith(".wav"):
        return f'<audio controls title="{escape(caption)}" src="data:audio/wav;base64,{source}"></audio>'
    return f'<img alt="{escape(caption)}" src="data:image/png;base64,{source}">'


def _samples(samples: Sequence[Mapping[str, str]], images: Mapping[str, bytes]) -> str:
    cards = []
    for one in samples:
        if "text" in one:
            shown = f"<pre>{escape(one['text'])}</pre>"
        else:
            shown = _embed(one["file"], images, one["caption"]) or f"<code>{escape(one['file'])}</code>"
        cards.append(f"<div class=card>{shown}{escape(one['caption'])}</div>")
    return f"<h2>Samples</h2><div class=gallery>{''.join(cards)}</div>" if cards else ""


def _card(title: str, body: str) -> str:
    return f"<div class='card scroll'><h3>{title}</h3>{body}</div>"


def _pairs(facts: Mapping[str, Any]) -> str:
    return table([], [[name, _said(value)] for name, value in facts.items() if value not in (None, "", [], {})])


def _said(value: Any) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, Mapping) and all(isinstance(one, (str, int, float)) for one in value.values()):
        return ", ".join(f"{name} {_said(one)}" for name, one in value.items())
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        text = json.dumps(value, ensure_ascii=False, default=str)
        return text if len(text) <= 600 else text[:600] + " …"
    return figure(value)


def _spec(spec: Mapping[str, Any]) -> str:
    if not spec:
        return ""
    text = escape(json.dumps(spec, indent=2, ensure_ascii=False))
    return f"<h2>The spec</h2><details><summary>Every setting, defaults included</summary><pre>{text}</pre></details>"


def _section(title: str, body: str) -> str:
    return f"<h2>{title}</h2><div class=scroll>{body}</div>" if body else ""


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Returns a table with a head, the first column naming the rows; nothing where there are no rows."""
    if not rows:
        return ""
    top = "".join(
        f"<th scope=col{' class=num' if column else ''}>{escape(name)}</th>" for column, name in enumerate(head)
    )
    kind = "num" if head else ""
    body = "".join(
        f"<tr><th scope=row>{escape(str(row[0]))}</th>"
        + "".join(f"<td class='{kind}'>{escape(str(cell))}</td>" for cell in row[1:])
        + "</tr>"
        for row in rows
    )
    return f"<table class=plain>{f'<thead><tr>{top}</tr></thead>' if head else ''}{body}</table>"
