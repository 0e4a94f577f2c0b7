"""Published architectures: as many parameters and multiply-adds as published, and the answers that an oracle gave.

The oracles themselves are in tests/oracles, and need torch.
"""

from __future__ import annotations

import gc
import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import keras
import pytest

from benchmarks.papers import multiply_adds
from dlsuite.claims import judge_parameters
from dlsuite.spec import loading
from dlsuite.summary import Summary, summarise
from tests.oracles.recipe import GOLDENS, MULTIPLY_ADDS, ROOT, TOLERANCE, ask, difference, read

PAPERS = sorted((ROOT / "specs" / "papers").glob("*.json"))
KEPT = sorted(GOLDENS.glob("*.json"))
COUNTED = json.loads(MULTIPLY_ADDS.read_text())


@pytest.fixture
def freed() -> Iterator[None]:
    """Frees the models of a test before the next builds its own."""
    yield
    keras.utils.clear_session()
    gc.collect()


@cache
def summary(name: str) -> Summary:
    """Returns what a spec of a paper is, without its weights."""
    return summarise(loading.load(ROOT / "specs" / "papers" / f"{name}.json").plan())


@pytest.mark.parametrize("path", PAPERS, ids=lambda path: path.stem)
def test_it_has_as_many_parameters_as_published(path: Path) -> None:
    expect = loading.load(path).plan().expect
    claims = judge_parameters(expect["parameters"], summary(path.stem).parameters)
    assert claims and all(claim.holds for claim in claims), claims
    assert expect["source"]


@pytest.mark.parametrize("name", COUNTED)
def test_it_has_as_many_multiply_adds(name: str) -> None:
    spec, _, network = name.partition(".")
    found = summary(spec).networks[network or "model"]
    assert multiply_adds(found) == pytest.approx(COUNTED[name]["multiply_adds"], rel=0.005)
    assert found.parameters["trainable"] == COUNTED[name]["parameters"]


def test_an_oracle_answered_for_each() -> None:
    asked = {read(path)[0].spec.rpartition("/")[2] for path in KEPT} | {name.partition(".")[0] for name in COUNTED}
    assert asked == {path.stem for path in PAPERS}


@pytest.mark.usefixtures("freed")
@pytest.mark.parametrize("path", KEPT, ids=lambda path: path.stem)
def test_it_answers_as_the_oracle_did(path: Path) -> None:
    recipe, kept = read(path)
    answers = ask(recipe).answers
    assert answers.keys() == kept["answers"].keys()
    for name, answer in answers.items():
        assert difference(answer, kept["answers"][name]) <= TOLERANCE
    assert 0 <= kept["difference"] <= TOLERANCE


def test_a_papers_file_is_short() -> None:
    assert (ROOT / "specs" / "papers" / "resnet50.json").stat().st_size < 3000


def test_the_comparison_sees_a_small_change() -> None:
    recipe, kept = read(GOLDENS / "resnet18.json")
    question = ask(recipe)
    moved = question.model.get_layer("stem.batch_normalization")
    moved.epsilon = 1e-3
    answer = keras.ops.convert_to_numpy(question.model(question.inputs["image"], training=False))
    assert difference(answer, kept["answers"]["output"]) > 3 * TOLERANCE
