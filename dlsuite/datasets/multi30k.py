"""Captions of photographs in English and German."""

from __future__ import annotations

from pathlib import Path

from dlsuite.datasets.examples import Examples
from dlsuite.datasets.files import find_or_fetch
from dlsuite.datasets.parallel_text import pair_lines
from dlsuite.registry import register

URL = "https://raw.githubusercontent.com/multi30k/dataset/a3d2e0d26b56f3846f66a952536ffed4e401d05a/data/task1/raw/"
PARTS = {"train": "train", "validation": "val", "test": "test_2016_flickr"}


@register("dataset")
class Multi30k:
    """Multi30k: 29,000 captions of photographs and their translations, with 1,014 for validation; English and German.

    The test is that of 2016, 1,000 captions. Read from `text/multi30k/` under DLSUITE_DATA, else downloaded. Elliott et
    al. 2016, arXiv:1605.00459.
    """

    fields: dict[str, dict[str, object]] = {"en": {}, "de": {}}
    counts = {"train": 29000, "validation": 1014, "test": 1000}
    licence = "none stated for the text; the photographs are for research and teaching, not for profit"
    origin = "https://github.com/multi30k/dataset"
    files = {
        "text/multi30k/train.en.gz": "d79cfa999dd4c51d2cb42499b6796d5a882c3a8a961923c25a898c90f8bbd56f",
        "text/multi30k/train.de.gz": "726e39b2fa9eb9ffb6dc763fb35a179f80fae06ffc5d28b6ace5faa883de28a6",
        "text/multi30k/val.en.gz": "14f7d25ddd868909a9213e361768460edcacdd6ab9d1e77b92560dc10c10dc28",
        "text/multi30k/val.de.gz": "f0cba2f995189cf5770f29a8a9a537a3ad3f51657ad873405082ff6863a5e75a",
        "text/multi30k/test_2016_flickr.en.gz": "611d361c6334bc7246101d48097c13cf5c4413c5befc793cc629934359d532d9",
        "text/multi30k/test_2016_flickr.de.gz": "9204244e408ccb38d2a55cfcd344df15005fc42a07a6e55ca6c52b6ababb8cc8",
    }

    def __init__(self) -> None:
        self.read: list[Path] = []

    def splits(self) -> dict[str, Examples]:
        """Returns `train`, `validation` and `test`: fields `en` and `de`, a sentence each."""
        downloads = {URL + path.rsplit("/", 1)[1]: digest for path, digest in self.files.items()}
        self.read, _ = find_or_fetch(self.files, downloads, dataset="Multi30k")
        paths = {path.name: path for path in self.read}
        return {
            split: pair_lines({language: paths[f"{part}.{language}.gz"] for language in ("en", "de")})
            for split, part in PARTS.items()
        }
