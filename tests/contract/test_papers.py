"""Published architectures: as many parameters as their source says, and the answers that an oracle gave.

The oracles themselves are in tests/oracles, and need torch.
"""

from __future__ import annotations

import gc
import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import keras
import pytest

from dlsuite import graph
from dlsuite.spec import loading
from tests.oracles.recipe import GOLDENS, ROOT, TOLERANCE, ask, difference, read

PAPERS = sorted((ROOT / "specs" / "papers").glob("*.json"))
KEPT = sorted(GOLDENS.glob("*.json"))


@pytest.fixture(autouse=True)
def freed() -> Iterator[None]:
    """Frees the models of a test before the next builds its own."""
    yield
    keras.utils.clear_session()
    gc.collect()


def trainable(model: keras.Model) -> int:
    """Returns the number of trainable parameters."""
    return sum(math.prod(weight.shape) for weight in model.trainable_weights)


@pytest.mark.parametrize("path", PAPERS, ids=lambda path: path.stem)
def test_it_has_as_many_parameters_as_published(path: Path) -> None:
    plan = loading.load(path).plan()
    models = graph.build(plan, weights=False)
    counts: Any = {name: trainable(model) for name, model in models.items()}
    claimed = plan.expect["parameters"]
    assert (counts if not plan.single else counts["model"]) == (
        claimed.get("trainable", claimed) if isinstance(claimed, dict) else claimed
    )
    assert plan.expect["source"]


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
