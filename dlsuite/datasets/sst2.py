"""Opinions on films."""

from __future__ import annotations

from pathlib import Path

from dlsuite.datasets.examples import Examples
from dlsuite.datasets.files import find_or_fetch
from dlsuite.datasets.tables import read_text
from dlsuite.registry import register

URL = (
    "https://raw.githubusercontent.com/clairett/pytorch-sentiment-classification/"
    "457ffd83de90a9d6d472d8ffc31bbffe40a8b236/data/SST2/"
)


@register("dataset")
class SST2:
    """SST-2 by sentences: 7,792 sentences of film reviews, negative or positive; 6,920 to train, 872 as the test.

    The sentences are in small letters, cut into words. The test is the official development set, as is the custom where
    the labels of the official test set (1,821 sentences) are kept back; it is not here. Read from `text/` under
    DLSUITE_DATA, else downloaded. Socher et al. 2013, "Recursive deep models for semantic compositionality over a
    sentiment treebank".
    """

    fields: dict[str, dict[str, object]] = {
        "sentence": {},
        "label": {"classes": 2, "names": ["negative", "positive"]},
    }
    counts = {"train": 6920, "test": 872}
    licence = "none stated; a standard research benchmark"
    origin = "https://nlp.stanford.edu/sentiment by way of https://github.com/clairett/pytorch-sentiment-classification"
    files = {
        "text/sst2_train.tsv.gz": "6bd7ceeeb9eac01b55c854be40e71bdf4c54849638217b8b4fc2408bf17843af",
        "text/sst2_dev.tsv": "eddea6b39e601dd4e7a672b53cc40fdf6019fa80522f351206c24340ca5d9359",
    }
    downloads = {
        f"{URL}train.tsv": "ec192f833a64da08f475488a77b0d0b47db47acd0f458bd18433fc793b569920",
        f"{URL}dev.tsv": "eddea6b39e601dd4e7a672b53cc40fdf6019fa80522f351206c24340ca5d9359",
    }

    def __init__(self) -> None:
        self.read: list[Path] = []
        self.note = "test: the official development set; training: whole sentences alone, without their phrases"

    def splits(self) -> dict[str, Examples]:
        """Returns `train` and `test`: fields `sentence` and `label`, 0 or 1."""
        self.read, _ = find_or_fetch(self.files, self.downloads, dataset="SST2")
        return {split: _examples(path) for split, path in zip(("train", "test"), self.read, strict=True)}


def _examples(path: Path) -> Examples:
    rows = [line.rpartition("\t") for line in read_text(path).splitlines()]
    columns = {"sentence": [sentence for sentence, _, _ in rows], "label": [int(label) for _, _, label in rows]}
    return Examples(columns, lambda i: f"{path.name}, line {i + 1}")
