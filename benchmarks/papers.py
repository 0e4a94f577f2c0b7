"""How many parameters and operations have the published architectures, and how near are they to other people's code?

    .venv/bin/python benchmarks/papers.py

Parameters and operations are counted from the specs of `specs/papers`, without weights; the largest differences and
their multiply-adds are what the oracles found when they were last asked (`make oracles` asks them anew;
`tests/golden` keeps their answers). The table goes to `docs/papers.md` and `benchmarks/results/oracles.json`. Takes a
minute on two cores.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from dlsuite.summary import NetworkSummary

ROOT = Path(__file__).parents[1]
PAPERS = ROOT / "specs" / "papers"
GOLDENS = ROOT / "tests" / "golden"
TABLE = ROOT / "docs" / "papers.md"
MULTIPLYING = re.compile("Conv|Dense|[Aa]ttention|ReversibleEmbedding|einsum|matmul")
"""What multiplies by matrices. Normalisation, activations and pooling are left out of published multiply-adds."""

HEAD = """# Published architectures

Written by `benchmarks/papers.py`; `dlsuite show specs/papers/NAME.json` gives the layers.

- Parameters are the trainable ones, as many as the source says.
- Operations are those of one example forward, in 10^9, a multiplication and an addition being two; a text has the
  length of its whole context, and 256 tokens where any length goes. Every expert of Mixtral is computed.
- Multiply-adds are those of convolutions, dense layers and attention alone, in 10^9, beside what torchvision publishes
  for its model, or what torch counts over the oracle at full size.
- The oracle is another implementation of the same architecture, at a small size and with the same random weights; the
  difference is the largest between its outputs and ours. CLIP's towers are compared inside `clip`.
- AlphaFold 2, of 93,229,082 parameters, stands with its smaller relatives:
  [specs/protein/alphafold2.json](../specs/protein/alphafold2.json).

| spec | parameters | operations | multiply-adds | theirs | oracle | largest difference | source |
|---|---:|---:|---:|---:|---|---:|---|
"""


def multiply_adds(network: NetworkSummary) -> float:
    """Returns the multiply-adds of one example in the layers for which they are published, biases counted too."""
    return sum(call.forward.at(1) for _, call in network.layers() if MULTIPLYING.search(call.component)) / 2


def asked() -> dict[tuple[str, str | None], Mapping[str, Any]]:
    """Returns what the oracle found of each spec and network that was compared."""
    kept = [json.loads(path.read_text()) for path in sorted((GOLDENS / "oracles").glob("*.json"))]
    return {(Path(one["recipe"]["spec"]).name, one["recipe"]["network"]): one for one in kept}


def results() -> Iterator[dict[str, Any]]:
    """Yields what is known of each network of each spec."""
    from dlsuite.spec import loading
    from dlsuite.summary import summarise

    compared, theirs = asked(), json.loads((GOLDENS / "multiply_adds.json").read_text())
    for path in sorted(PAPERS.glob("*.json")):
        plan = loading.load(path).plan()
        summary = summarise(plan)
        for name, network in summary.networks.items():
            network_name = None if summary.single else name
            found = compared.get((path.stem, network_name), {})
            published = theirs.get(".".join(filter(None, (path.stem, network_name))), {})
            yield {
                "spec": path.stem,
                "network": network_name,
                "parameters": network.parameters,
                "operations": network.forward.at(1),
                "multiply_adds": multiply_adds(network),
                "their_multiply_adds": published.get("multiply_adds"),
                "oracle": f"{found['oracle']} {found['version']}" if found else None,
                "largest_difference": found.get("difference"),
                "source": plan.expect["source"],
            }


def row(one: Mapping[str, Any]) -> str:
    """Returns a row of the table."""
    title = ": ".join(filter(None, (one["spec"], one["network"])))
    counts = one["parameters"]
    active = f", active {counts['active']:,}" if counts["active"] != counts["total"] else ""
    theirs, difference, source = one["their_multiply_adds"], one["largest_difference"], one["source"]
    cells = (
        f"[{title}](../specs/papers/{one['spec']}.json)",
        f"{counts['trainable']:,}{active}",
        f"{one['operations'] / 1e9:,.2f}",
        f"{one['multiply_adds'] / 1e9:,.3f}" if theirs else "",
        f"{theirs / 1e9:,.3f}" if theirs else "",
        one["oracle"] or "",
        "" if difference is None else f"{difference:.1e}",
        f"<{source}>" if re.fullmatch(r"https://\S+", source) else source,
    )
    return f"| {' | '.join(cells)} |"


def main() -> None:
    """Counts, prints and keeps the table."""
    from measuring import keep

    found = list(results())
    keep("oracles", {"networks": found})
    table = HEAD + "\n".join(map(row, found)) + "\n"
    TABLE.write_text(table)
    print(table)


if __name__ == "__main__":
    main()
