"""The demo: a system of each domain, on data that every machine has."""

from __future__ import annotations

import numpy as np
import pytest

from dlsuite import demo, registry
from dlsuite.features.chain_files import read_chain
from dlsuite.objectives.fold_structure import PAIRS
from dlsuite.objectives.media import Media
from dlsuite.spec import load
from dlsuite.templates import folder


@pytest.mark.parametrize("part", demo.PARTS, ids=lambda part: part.domain)
def test_no_part_needs_a_download(part: demo.Part) -> None:
    source = load(folder() / part.spec).plan().data.source
    assert source is not None
    assert not hasattr(registry.find("dataset", source.name), "files")


def test_there_is_one_of_each_domain() -> None:
    assert [part.spec.partition("/")[0] for part in demo.PARTS] == [
        "vision",
        "speech",
        "text",
        "protein",
        "generation",
    ]


def test_the_protein_part_answers_with_a_structure() -> None:
    (part,) = [part for part in demo.PARTS if part.domain == "protein structure"]
    plan = load(folder() / part.spec).plan()
    assert plan.data.source.name == "SyntheticPeptides" and "computed and not measured" in plan.about
    objective = registry.find("objective", plan.train[-1].objectives[0].component.name)()
    chain = next(iter(registry.find("dataset", "SyntheticPeptides")(count=1).splits()["all"]))
    n = len(chain["sequence"])
    output = {"sequence": chain["sequence"], "atoms": chain["structure"], "plddt": np.ones(n)}
    answer = objective.answer(output | dict.fromkeys(PAIRS, np.zeros((n, n))), None)
    assert answer["pdb"].suffix == ".pdb"
    assert read_chain(answer["pdb"].data).sequence == chain["sequence"]


def test_answers_are_written_and_named(tmp_path) -> None:
    (line,) = demo._said({"image": Media(b"PNG", ".png")}, tmp_path)
    assert (tmp_path / "answer-image.png").read_bytes() == b"PNG" and "answer-image.png" in line
    *lines, last = demo._said("def f(x):\n    return x", tmp_path)
    assert lines == ["def f(x):", "    return x"]
    assert (tmp_path / "answer.txt").read_text() == "def f(x):\n    return x" and "answer.txt" in last
    (line,) = demo._said({"class": "7", "confidence": 0.98, "scores": {"7": 0.98}}, tmp_path)
    assert line.startswith("7 (98.0%)")
