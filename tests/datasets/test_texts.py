"""Text as examples: lines, and windows of long text."""

import gzip
import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dlsuite.datasets import files, python_source
from dlsuite.datasets.python_source import PythonSource
from dlsuite.datasets.sst2 import SST2
from dlsuite.datasets.text_file import TextFile
from dlsuite.datasets.text_lines import TextLines
from dlsuite.datasets.tiny_shakespeare import TinyShakespeare
from dlsuite.datasets.windows import check_window, cut_text, cut_windows
from dlsuite.spec.errors import DataError

with_data = pytest.mark.skipif(
    "DLSUITE_DATA" not in os.environ, reason="DLSUITE_DATA is not set: it names the folder of the real data sets"
)


@given(text=st.text(), window=st.integers(2, 9))
def test_windows_predict_every_character_but_the_first_once(text, window):
    windows = cut_windows([("a", text)], window, check_window(window, None)).column("text")
    assert "".join(one[1:] for one in windows) == text[1:]
    assert all(len(one) == window for one in windows[:-1]) and all(len(one) > 1 for one in windows[1:])


@given(text=st.text(min_size=1), window=st.integers(2, 9), data=st.data())
def test_windows_stand_where_they_say_and_none_is_within_another(text, window, data):
    stride = check_window(window, data.draw(st.integers(1, window - 1)))
    examples = cut_windows([("a", text), ("b", text[::-1])], window, stride)
    for i, piece in enumerate(examples.column("text")):
        name, _, start = examples.where(i).partition(", character ")
        source = text if name == "a" else text[::-1]
        assert source[int(start) : int(start) + window] == piece
    starts = [int(examples.where(i).partition("character ")[2]) for i in range(len(examples) // 2)]
    assert starts == [stride * i for i in range(len(starts))]
    assert all(start + window < len(text) for start in starts[:-1]) and starts[-1] + window >= len(text)


@given(text=st.text())
def test_parts_of_a_text_put_together_are_the_text(text):
    parts = cut_text(text, {"train": 0.85, "validation": 0.05, "test": 0.1})
    assert "".join(parts.values()) == text
    assert len(parts["test"]) == len(text) - int(0.9 * len(text) + 1e-6)


@pytest.mark.parametrize("arguments", [(1, None), (5, 5), (5, 0)])
def test_windows_that_leave_something_out_are_refused(arguments):
    with pytest.raises(ValueError, match=r"(window|stride) is"):
        check_window(*arguments)


def test_lines_are_examples(tmp_path):
    path = tmp_path / "lines.txt.gz"
    path.write_bytes(gzip.compress("\ufefffirst\r\n\n  \n  sècond\nthird".encode()))
    examples = TextLines(path=path).splits()["all"]
    assert examples.column("text") == ["first", "  sècond", "third"]
    assert [examples.where(i) for i in range(3)] == [f"lines.txt.gz, line {n}" for n in (1, 4, 5)]


def test_a_file_without_text_is_an_error(tmp_path):
    path = tmp_path / "empty.txt"
    path.write_text("\n\n")
    with pytest.raises(DataError, match=r"empty\.txt holds no examples"):
        TextLines(path=path).splits()
    path.write_text("")
    with pytest.raises(DataError, match=r"empty\.txt is empty"):
        TextFile(path=path, window=4).splits()


def test_a_long_text_is_cut_in_order_before_its_windows(tmp_path):
    path = tmp_path / "long.txt"
    path.write_text("abcdefghij" * 10)
    splits = TextFile(path=path, window=5, stride=1).splits()
    assert [len(splits[split]) for split in ("train", "validation", "test")] == [76, 3, 3]
    assert splits["validation"].column("text") == ["abcde", "efghi", "ij"]
    both = TextFile(path=path, window=5, test=path).splits()
    assert list(both) == ["train", "test"] and both["train"].column("text") == both["test"].column("text")


@with_data
def test_shakespeare_ends_in_the_part_on_which_others_report():
    source = TinyShakespeare(window=257, stride=64)
    splits = source.splits()
    whole = source.read[0].read_text()
    parts = {name: _joined(examples, 64 if name == "train" else 256) for name, examples in splits.items()}
    assert "".join(parts.values()) == whole
    assert parts["test"] == whole[int(len(whole) * 0.9) :]


@with_data
def test_sst2_has_sentences_of_two_classes_and_none_in_both_splits():
    splits = SST2().splits()
    assert {name: len(examples) for name, examples in splits.items()} == SST2.counts
    assert splits["train"][1]["label"] == 0 and splits["train"][1]["sentence"].startswith("apparently reassembled")
    assert [sum(examples.column("label")) for examples in splits.values()] == [3610, 444]
    assert not set(splits["train"].column("sentence")) & set(splits["test"].column("sentence"))
    assert splits["test"].where(0) == "sst2_dev.tsv, line 1"


def test_sst2_downloaded_is_read_as_the_one_that_lies_here(tmp_path, monkeypatch):
    asked = []

    def download(url, path, digest):
        asked.append(url.rpartition("/")[2])
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("good , really\t1\nbad\t0\n")

    monkeypatch.setenv("DLSUITE_CACHE", str(tmp_path))
    monkeypatch.delenv("DLSUITE_DATA", raising=False)
    monkeypatch.setattr(files, "download", download)
    splits = SST2().splits()
    assert asked == ["train.tsv", "dev.tsv"]
    assert list(splits["train"]) == [{"sentence": "good , really", "label": 1}, {"sentence": "bad", "label": 0}]


def test_pythons_own_source_is_split_by_modules():
    source = PythonSource(window=129, limit=60)
    splits = source.splits()
    assert source.note.startswith("60 files of Python 3.")
    modules = [
        {examples.where(i).partition(",")[0].partition("/")[0] for i in range(len(examples))}
        for examples in splits.values()
    ]
    assert all(modules) and not set.intersection(*modules) and sum(map(len, modules)) == len(set.union(*modules))
    again = PythonSource(window=129, limit=60)
    assert again.splits()["test"].column("text") == splits["test"].column("text") and again.note == source.note
    assert any("def " in text for text in splits["train"].column("text"))


def test_a_python_without_source_says_so(tmp_path, monkeypatch):
    monkeypatch.setattr(python_source.sysconfig, "get_paths", lambda: {"stdlib": str(tmp_path)})
    with pytest.raises(DataError, match="comes without the source of its library"):
        PythonSource().splits()
    (tmp_path / "abc.py").write_bytes(b"# \xff\n")
    with pytest.raises(DataError, match="comes without the source"):
        PythonSource().splits()


def _joined(examples, stride):
    pieces = examples.column("text")
    return "".join(piece[:stride] for piece in pieces[:-1]) + pieces[-1]
