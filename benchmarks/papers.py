"""How many parameters and operations have the published architectures, and how near are they to other people's code?

    .venv/bin/python benchmarks/papers.py

Parameters and operations are counted from the specs of `specs/papers`, without weights; the largest differences are
those that the oracles found when they were last asked (`make oracles` asks them anew; `tests/golden/oracles` keeps
their answers). The table goes to `docs/papers.md`. Takes half a minute on two cores.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[1]
PAPERS = ROOT / "specs" / "papers"
GOLDENS = ROOT / "tests" / "golden" / "oracles"
TABLE = ROOT / "docs" / "papers.md"

HEAD = """# Published architectures

Written by `benchmarks/papers.py`; `dlsuite show specs/papers/NAME.json` gives the layers. Parameters are the trainable
ones. Operations are those of one example forward, in 10^9, a multiplication and an addition being two; a text has the
length of its whole context, and 256 tokens where any length goes. Every expert of Mixtral is computed. The oracle is
another implementation of the same architecture, at a small size and with the same random weights; the difference is the
largest between its outputs and ours. CLIP's towers are compared inside `clip`.

| spec | parameters | operations | oracle | largest difference |
|---|---:|---:|---|---:|
"""


def differences() -> dict[tuple[str, str | None], tuple[str, float]]:
    """Returns the oracle and the largest difference of each spec and network that was compared."""
    kept = [json.loads(path.read_text()) for path in sorted(GOLDENS.glob("*.json"))]
    found = {}
    for one in kept:
        recipe = one["recipe"]
        found[Path(recipe["spec"]).name, recipe["network"]] = f"{one['oracle']} {one['version']}", one["difference"]
    return found


def rows() -> Iterator[str]:
    """Yields a row of the table for each network of each spec."""
    from dlsuite.spec import loading
    from dlsuite.summary import summarise

    compared = differences()
    for path in sorted(PAPERS.glob("*.json")):
        summary = summarise(loading.load(path).plan())
        for name, network in summary.networks.items():
            title = path.stem if summary.single else f"{path.stem}: {name}"
            counts = network.parameters
            parameters = f"{counts['trainable']:,}"
            if counts["active"] != counts["total"]:
                parameters += f", active {counts['active']:,}"
            operations = network.forward.at(1) / 1e9
            oracle, difference = compared.get((path.stem, None if summary.single else name), ("", None))
            shown = "" if difference is None else f"{difference:.1e}"
            yield f"| [{title}](../specs/papers/{path.name}) | {parameters} | {operations:,.2f} | {oracle} | {shown} |"


def main() -> None:
    """Counts, prints and keeps the table."""
    table = HEAD + "\n".join(rows()) + "\n"
    TABLE.write_text(table)
    print(table)


if __name__ == "__main__":
    main()
