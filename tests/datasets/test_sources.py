"""Sources made of the user's own files, whole and broken."""

import csv
import gzip
import io
import json
import os
import zipfile
from pathlib import Path

import numpy as np
import pytest
from PIL import Image as Pillow

from dlsuite.datasets.csv import CSV
from dlsuite.datasets.image_folder import ImageFolder
from dlsuite.datasets.jsonl import JSONL
from dlsuite.datasets.keras_datasets import KerasDatasets
from dlsuite.datasets.npz import NPZ
from dlsuite.datasets.parquet import Parquet
from dlsuite.spec.errors import DataError


def write_pictures(root: Path, names: list[str]) -> None:
    for i, name in enumerate(names):
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        Pillow.new("RGB", (6, 4), (10 * i, 0, 0)).save(root / name)


def test_csv_cells_are_text_without_spaces(tmp_path):
    path = tmp_path / "table.csv"
    path.write_text('\ufeffage, work, income\n39, State-gov, <=50K.\n50, ?, ">50K."\n\n')
    examples = CSV(path=path, trim_end=".").splits()["all"]
    assert list(examples) == [
        {"age": "39", "work": "State-gov", "income": "<=50K"},
        {"age": "50", "work": "?", "income": ">50K"},
    ]
    assert examples.where(1) == "table.csv, row 2"


def test_csv_without_header_compressed_with_splits(tmp_path):
    for name in ("a", "b"):
        with gzip.open(tmp_path / f"{name}.csv.gz", "wt") as file:
            file.write(f"1;{name}\n2;{name}\n")
    source = CSV(path=tmp_path / "a.csv.gz", test=tmp_path / "b.csv.gz", separator=";", columns=["x", "y"])
    splits = source.splits()
    assert list(splits) == ["train", "test"]
    assert splits["test"][1] == {"x": "2", "y": "b"}


def test_csv_rows_of_another_length_are_empty_up_to_a_share(tmp_path):
    path = tmp_path / "table.csv"
    path.write_text("x,y\n1,2\n1,2,3\n5,6\n7\n")
    rows = CSV(path=path, tolerate=0.5).splits()["all"]
    assert rows[0] == {"x": "1", "y": "2"} and rows[2] == {"x": "5", "y": "6"}
    assert rows.faults == {1: "has 3 cells, not 2", 3: "has 1 cells, not 2"}
    assert rows.take([3, 0]).faults == {0: "has 1 cells, not 2"}
    with pytest.raises(DataError, match="2 of 4 rows have other than 2 cells, the first of them row 2 with 3"):
        CSV(path=path).splits()


@pytest.mark.parametrize(
    ("text", "columns", "message"),
    [
        ("1,2,3\n4,5,6\n", ["a", "b"], "2 of 2 rows have other than 2 cells"),
        ("1;2\n4;5\n", ["a", "b"], "`separator` says"),
        ('a,b\n"1,2\n3,4\n', None, "a quote that opens in row 2, the header counted, is never closed"),
        ('a,b\n1,"2\n3,4\n', None, "a quote that opens in row 2"),
        ("a,a\n1,2\n", None, "stands twice in its header"),
        ("a,b\n", None, "holds no examples"),
        ('a,b\n1,2\n3,"' + "x,y\n" * 5_000_000, None, "a cell of row 3, the header counted, has more than 16,000,000"),
    ],
)
def test_csv_that_is_not_what_it_claims_is_refused(tmp_path, text, columns, message):
    (tmp_path / "t.csv").write_text(text)
    with pytest.raises(DataError, match=message):
        CSV(path=tmp_path / "t.csv", columns=columns).splits()


def test_csv_cells_may_be_long_texts(tmp_path):
    before = csv.field_size_limit()
    (tmp_path / "t.csv").write_text("a,b\n" + "x" * 200_000 + ',"' + "y, " * 100_000 + '"\n')
    (row,) = CSV(path=tmp_path / "t.csv").splits()["all"]
    assert (len(row["a"]), len(row["b"])) == (200_000, 299_999) and csv.field_size_limit() == before


@pytest.mark.parametrize("content", [b"", b"\x1f\x8b broken"])
def test_files_that_are_no_table_are_refused(tmp_path, content):
    path = tmp_path / "table.csv.gz"
    path.write_bytes(content)
    for source in (CSV, JSONL, Parquet, NPZ, ImageFolder):
        with pytest.raises(DataError, match=r"table\.csv\.gz"):
            source(path=path).splits()


def test_jsonl_keeps_types_and_marks_lines_that_are_no_object(tmp_path):
    path = tmp_path / "rows.jsonl"
    path.write_text('{"x": [1, 2], "y": true}\n' + "[" * 100000 + '\n\n"text"\n{"y": null, "z": 3}\n')
    examples = JSONL(path=path).splits()["all"]
    assert examples[0] == {"x": [1, 2], "y": True, "z": None}
    assert examples[3]["z"] == 3
    assert {examples.where(i): reason for i, reason in examples.faults.items()} == {
        "rows.jsonl, line 2": "is nested too deeply",
        "rows.jsonl, line 4": "is a string and no JSON object",
    }


LATIN = "name,age\nJosé,39\nZoë,50\n".encode("cp1252")


@pytest.mark.parametrize("source", [CSV, JSONL])
def test_text_of_another_encoding_is_refused_and_says_where_and_what_would_work(tmp_path, source):
    path = tmp_path / "people.txt"
    path.write_bytes(LATIN)
    with pytest.raises(DataError, match=r'people\.txt is not UTF-8 text: line 2 holds the byte 0xE9 .*"cp1252"'):
        source(path=path).splits()
    path.write_bytes(LATIN.decode("cp1252").encode("utf-16"))
    with pytest.raises(DataError, match='begins as utf-16 does.*"encoding": "utf-16"'):
        source(path=path).splits()
    path.write_bytes(b"{}\n")
    with pytest.raises(DataError, match="is not utf-16 text: "):
        source(path=path, encoding="utf-16").splits()


def test_text_of_an_encoding_that_is_given(tmp_path):
    path = tmp_path / "people.csv"
    for encoding in ("cp1252", "utf-16", "utf-8"):
        path.write_bytes(LATIN.decode("cp1252").encode(encoding))
        assert CSV(path=path, encoding=encoding).splits()["all"][1] == {"name": "Zoë", "age": "50"}


@pytest.mark.parametrize("encoding", ["utf8x", "zip", "\0", ""])
def test_an_encoding_that_is_none_is_refused(tmp_path, encoding):
    with pytest.raises(ValueError, match="there is no text encoding"):
        CSV(path=tmp_path / "t.csv", encoding=encoding)


def test_json_lines_of_other_keys_each_are_no_table(tmp_path):
    path = tmp_path / "rows.jsonl"
    path.write_text("\n".join(f'{{"key{i}": 1}}' for i in range(10_002)))
    with pytest.raises(DataError, match="more than 10,000 different keys"):
        JSONL(path=path).splits()


def test_parquet_of_two_columns_of_one_name_is_refused(tmp_path):
    import pyarrow
    import pyarrow.parquet

    table = pyarrow.table([pyarrow.array([1, 2]), pyarrow.array([3, 4])], names=["x", "x"])
    pyarrow.parquet.write_table(table, tmp_path / "t.parquet")
    with pytest.raises(DataError, match="two of its columns have one name"):
        Parquet(path=tmp_path / "t.parquet").splits()


def test_parquet_gives_arrays_where_nothing_is_missing(tmp_path):
    import pandas as pd

    path = tmp_path / "table.parquet"
    pd.DataFrame({"x": [1.5, 2.5], "n": [1, None], "v": [[1.0, 2.0], [3.0, 4.0]], "s": ["a", None]}).to_parquet(path)
    examples = Parquet(path=path).splits()["all"]
    assert isinstance(examples.column("x"), np.ndarray)
    assert examples[0] == {"x": 1.5, "n": 1, "v": [1.0, 2.0], "s": "a"}
    assert examples[1]["s"] is None and examples[1]["n"] is None


def test_npz_by_split_or_whole(tmp_path):
    np.savez(tmp_path / "split.npz", x_train=np.zeros((4, 2)), y_train=np.arange(4), x_test=np.ones((2, 2)))
    np.savez(tmp_path / "whole.npz", image=np.zeros((3, 2, 2), np.uint8), label=np.arange(3))
    splits = NPZ(path=tmp_path / "split.npz").splits()
    assert {name: examples.fields for name, examples in splits.items()} == {"train": ("x", "y"), "test": ("x",)}
    assert NPZ(path=tmp_path / "whole.npz").splits()["all"][2]["label"] == 2


def test_npz_of_objects_is_refused(tmp_path):
    np.savez(tmp_path / "evil.npz", x=np.array([{"a": 1}], dtype=object))
    with pytest.raises(DataError, match="Object arrays cannot be loaded"):
        NPZ(path=tmp_path / "evil.npz").splits()


def test_npz_of_unequal_lengths_is_refused(tmp_path):
    np.savez(tmp_path / "odd.npz", x=np.zeros(3), y=np.zeros(4))
    with pytest.raises(DataError, match="differ in length"):
        NPZ(path=tmp_path / "odd.npz").splits()


def test_npz_that_claims_too_much_or_holds_no_array_is_refused(tmp_path):
    header = io.BytesIO()
    np.lib.format.write_array_header_1_0(header, {"descr": "<f8", "fortran_order": False, "shape": (10**12,)})
    for name, member, content in (("huge", "x.npy", header.getvalue()), ("odd", "x.txt", b"no array")):
        with zipfile.ZipFile(tmp_path / f"{name}.npz", "w") as archive:
            archive.writestr(member, content)
        with pytest.raises(DataError, match="cannot be read as NPZ" if name == "huge" else "is no array"):
            NPZ(path=tmp_path / f"{name}.npz").splits()


@pytest.mark.parametrize("packed", [False, True], ids=["folder", "zip"])
def test_image_folder_by_class(tmp_path, packed):
    root = tmp_path / "pets"
    write_pictures(root, ["dog/2.png", "cat/1.png", "cat/.hidden.png"])
    (root / "cat/notes.txt").write_text("no picture")
    path = pack(root) if packed else root
    examples = ImageFolder(path=path).splits()["all"]
    assert list(examples.column("label")) == ["cat", "dog"]
    assert examples.where(1).endswith("dog/2.png")
    with examples[0]["image"].open("rb") as file:
        assert Pillow.open(file).size == (6, 4)


@pytest.mark.parametrize("packed", [False, True], ids=["folder", "zip"])
def test_image_folder_by_split_and_class(tmp_path, packed):
    root = tmp_path / "pets"
    write_pictures(root, ["train/cat/1.png", "train/dog/1.png", "val/cat/2.png", "test/dog/3.png"])
    splits = ImageFolder(path=pack(root) if packed else root).splits()
    assert {name: list(examples.column("label")) for name, examples in splits.items()} == {
        "train": ["cat", "dog"],
        "validation": ["cat"],
        "test": ["dog"],
    }


def test_image_folder_without_classes_has_no_label(tmp_path):
    write_pictures(tmp_path, ["1.png", "2.png"])
    assert ImageFolder(path=tmp_path).splits()["all"].fields == ("image",)


def test_image_folder_with_stray_pictures_is_refused(tmp_path):
    write_pictures(tmp_path, ["cat/1.png", "stray.png"])
    with pytest.raises(DataError, match=r"stray\.png stands in none"):
        ImageFolder(path=tmp_path).splits()


def test_image_folder_follows_links_to_files_inside_alone(tmp_path):
    write_pictures(tmp_path, ["secret/private.png", "pets/cat/1.png"])
    os.symlink(tmp_path / "pets/cat/1.png", tmp_path / "pets/cat/3.png")
    files = ImageFolder(path=tmp_path / "pets").splits()["all"].column("image")
    assert [file.name for file in files] == ["1.png", "3.png"]
    os.symlink(tmp_path / "secret/private.png", tmp_path / "pets/cat/2.png")
    with pytest.raises(DataError, match=r"2\.png is a link out of .*pets, which is not followed"):
        ImageFolder(path=tmp_path / "pets").splits()
    os.remove(tmp_path / "pets/cat/2.png")
    os.symlink(tmp_path / "secret", tmp_path / "pets/dog")
    with pytest.raises(DataError, match="dog is a link to a folder, which is not followed"):
        ImageFolder(path=tmp_path / "pets").splits()


def test_keras_datasets_says_that_it_cannot_download(monkeypatch):
    import keras

    def offline():
        raise Exception("URL fetch failure on https://example.org\nmore")

    monkeypatch.setattr(keras.datasets.mnist, "load_data", offline)
    with pytest.raises(DataError, match="Keras' data set mnist is not in .*URL fetch failure"):
        KerasDatasets(dataset="mnist").splits()


def test_keras_datasets_as_fields(monkeypatch):
    import keras

    images = (np.zeros((3, 32, 32, 3), np.uint8), np.array([[1], [2], [3]]))
    houses = (np.zeros((4, 8)), np.arange(4.0))
    monkeypatch.setattr(keras.datasets.cifar100, "load_data", lambda: (images, images))
    monkeypatch.setattr(keras.datasets.california_housing, "load_data", lambda: (houses, houses))
    assert KerasDatasets(dataset="cifar100").splits()["train"][1]["label"] == 2
    assert KerasDatasets(dataset="california_housing").splits()["test"][3]["price"] == 3.0


def pack(root: Path) -> Path:
    path = root.with_suffix(".zip")
    with zipfile.ZipFile(path, "w") as archive:
        for file in sorted(root.rglob("*")):
            archive.write(file, file.relative_to(root))
    return path


def test_json_lines_of_one_key_differ(tmp_path):
    path = tmp_path / "rows.jsonl.gz"
    path.write_bytes(gzip.compress("\n".join(json.dumps({"x": i}) for i in range(3)).encode()))
    assert list(JSONL(path=path).splits()["all"].column("x")) == [0, 1, 2]


def test_a_file_of_other_lines_than_json_says_so(tmp_path):
    path = tmp_path / "rows.jsonl"
    path.write_text("x,y\n3,4\n")
    with pytest.raises(DataError, match="none of its 2 lines is a JSON object"):
        JSONL(path=path).splits()


def test_csv_with_quotes_line_ends_and_bytes_of_every_kind(tmp_path):
    path = tmp_path / "t.csv"
    for text in ('x,y\r\n1,"a\nb"\r\n', 'x,y\r1,"a\nb"\r', '\ufeff"x","y"\n"1","a\nb"', 'x,y\n\n1,"a\nb"\n\n'):
        path.write_bytes(text.encode())
        assert list(CSV(path=path).splits()["all"]) == [{"x": "1", "y": "a\nb"}]
    path.write_bytes(b'x,y\n1,"a ""b"" c"\n\x00,z\n')
    assert list(CSV(path=path).splits()["all"].column("y")) == ['a "b" c', "z"]


def test_numbers_of_thousands_of_digits_are_corrupt_lines(tmp_path):
    path = tmp_path / "rows.jsonl"
    path.write_text('{"x": 1}\n{"x": ' + "9" * 5000 + "}\n")
    assert "cannot be read: Exceeds the limit" in JSONL(path=path).splits()["all"].faults[1]


def test_names_that_are_no_utf8_or_act_on_a_terminal_are_written_with_escapes(tmp_path):
    folder = os.fsencode(tmp_path / "pets") + b"/caf\xe9"
    os.makedirs(folder)
    Pillow.new("RGB", (2, 2)).save(tmp_path / "one.png")
    os.rename(os.fsencode(tmp_path / "one.png"), folder + b"/new\nline.png")
    examples = ImageFolder(path=tmp_path / "pets").splits()["all"]
    assert examples[0]["label"] == "caf\\udce9" and examples.where(0).endswith("/caf\\udce9/new\\nline.png")
