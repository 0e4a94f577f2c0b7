"""Lines that belong together."""

import gzip
import os

import pytest

from dlsuite.datasets.multi30k import Multi30k
from dlsuite.datasets.parallel_text import ParallelText
from dlsuite.spec.errors import DataError


def write(folder, **texts):
    return {
        name: (folder / f"{name}.txt", (folder / f"{name}.txt").write_text(text))[0] for name, text in texts.items()
    }


def test_lines_are_paired_and_say_where_they_stand(tmp_path):
    paths = write(tmp_path, en="one\n\ntwo\nthree\n", de="eins\nnull\n\ndrei\n")
    (examples,) = ParallelText(source=paths["en"], target=paths["de"]).splits().values()
    assert list(examples) == [{"source": "one", "target": "eins"}, {"source": "three", "target": "drei"}]
    assert examples.where(1) == "en.txt and de.txt, line 4"


def test_files_of_their_own_are_splits(tmp_path):
    paths = write(tmp_path, a="1\n2\n", b="x\ny\n", c="3\n", d="z\n")
    dataset = ParallelText(source=paths["a"], target=paths["b"], test_source=paths["c"], test_target=paths["d"])
    assert {split: len(examples) for split, examples in dataset.splits().items()} == {"train": 2, "test": 1}
    assert dataset.read == list(paths.values())
    with pytest.raises(ValueError, match="test_source and test_target go together"):
        ParallelText(source=paths["a"], target=paths["b"], test_source=paths["c"])


def test_packed_files_are_read(tmp_path):
    for name, text in {"en.gz": "one\r\ntwo\r\n", "de.gz": "eins\r\nzwei\r\n"}.items():
        (tmp_path / name).write_bytes(gzip.compress(text.encode()))
    (examples,) = ParallelText(source=tmp_path / "en.gz", target=tmp_path / "de.gz").splits().values()
    assert examples.column("target") == ["eins", "zwei"]


def test_files_that_differ_in_lines_are_refused(tmp_path):
    paths = write(tmp_path, en="one\ntwo\n", de="eins\n", empty="", none="\n")
    with pytest.raises(DataError, match=r"differ in lines: en\.txt has 2 and de\.txt has 1"):
        ParallelText(source=paths["en"], target=paths["de"]).splits()
    with pytest.raises(DataError, match="hold no examples"):
        ParallelText(source=paths["empty"], target=paths["none"]).splits()


@pytest.mark.skipif(
    "DLSUITE_DATA" not in os.environ, reason="DLSUITE_DATA is not set: it names the folder of real data"
)
def test_multi30k_is_what_it_declares():
    splits = Multi30k().splits()
    assert {split: len(examples) for split, examples in splits.items()} == Multi30k.counts
    assert splits["train"][0] == {
        "en": "Two young, White males are outside near many bushes.",
        "de": "Zwei junge weiße Männer sind im Freien in der Nähe vieler Büsche.",
    }
