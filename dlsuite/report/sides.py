"""The page that shows two runs side by side: difference of spec, metrics, curves in one chart each."""

from __future__ import annotations

import json
from collections.abc import Mapping
from html import escape
from typing import Any

from dlsuite.report.charts import figure, lines
from dlsuite.report.page import document, table


def render_sides(found: Mapping[str, Any]) -> str:
    """Returns a comparison, as `dlsuite.comparison.compare` makes it, as one self-contained HTML page."""
    left, right = (f"A {found['runs'][0]}", f"B {found['runs'][1]}")
    spec = table(["in the spec", "A", "B"], [[path, *map(_short, values)] for path, *values in found["spec"]])
    metrics = table(["metric", "A", "B"], [[name, *map(figure, values)] for name, values in found["metrics"].items()])
    charts = "".join(lines(name, {"A": a, "B": b}) for name, (a, b) in found["curves"].items())
    return document(
        "Two runs",
        [
            f"<header><h1>Two runs</h1><p><code>{escape(left)}</code><br><code>{escape(right)}</code></p></header>",
            f"<h2>What differs in the spec</h2><div class=scroll>{spec or '<p>Nothing.</p>'}</div>",
            f"<h2>Metrics</h2><div class=scroll>{metrics or '<p>None yet.</p>'}</div>",
            f"<h2>Curves</h2><div class=grid>{charts}</div>" if charts else "",
        ],
    )


def _short(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, default=str)[:300]
