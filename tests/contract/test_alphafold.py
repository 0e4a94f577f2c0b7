"""AlphaFold 2, part by part: as many parameters as model 1 has, counted with OpenFold."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import pytest

from dlsuite.spec import loading
from dlsuite.summary import summarise

SPEC = Path(__file__).parents[2] / "specs" / "protein" / "alphafold2.json"
WHOLE = 93_229_082
PARTS = {
    "an Evoformer block": (r"evoformer_0\.", 1_829_952),
    "its attention along rows": (r"evoformer_0\.row_attention", 329_984),
    "its attention along columns": (r"evoformer_0\.column_attention", 328_704),
    "its transition": (r"evoformer_0\.transition\.", 526_080),
    "its outer product mean": (r"evoformer_0\.outer_product_mean", 148_160),
    "its triangle multiplications": (r"evoformer_0\.triangle_multiplication", 2 * 99_584),
    "its triangle attentions": (r"evoformer_0\.triangle_attention", 2 * 82_944),
    "its pair transition": (r"evoformer_0\.transition_1", 131_968),
    "the Evoformer and the single projection": (r"evoformer_\d+\.|dense_1$", 87_936_384),
    "the extra alignment stack": (r"extra_\d+\.", 2_805_248),
    "the structure module": (r"structure\.", 2_019_116),
    "its invariant point attention": (r"structure\.point_attention", 1_256_472),
    "its torsions": (r"structure\.angles", 166_414),
    "the confidence head": (r"lddt\.", 73_010),
    "the distogram head": (r"dense_2$", 8_256),
    "the head of masked symbols": (r"masked_symbols$", 5_911),
    "the head of resolved atoms": (r"resolved$", 14_245),
}


@pytest.fixture(scope="module")
def counts() -> Counter[str]:
    """The parameters of each layer, where shared ones count once."""
    summary = summarise(loading.load(SPEC, {"params.recycles": 0, "params.structure_steps": 1}).plan())
    return Counter({path: call.total for path, call in summary.networks["model"].layers()})


@pytest.mark.parametrize("part", PARTS)
def test_a_part_has_as_many_parameters_as_published(counts: Counter[str], part: str) -> None:
    pattern, expected = PARTS[part]
    assert sum(count for name, count in counts.items() if re.match(pattern, name)) == expected


def test_the_whole_has_as_many_parameters_as_published(counts: Counter[str]) -> None:
    assert counts.total() == WHOLE
