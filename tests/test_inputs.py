"""Raw input in every form that people hand it over in, and clear answers where it cannot be read."""

import numpy as np
import pandas as pd
import pytest

from dlsuite.datasets.csv import CSV
from dlsuite.inputs import BYTES, read_inputs
from dlsuite.spec.errors import DataError


def read(inputs, fields=("image",), shape=None):
    return list(read_inputs(inputs, fields, shape))


def refusal(inputs, fields=("image",)):
    with pytest.raises(DataError) as caught:
        read(inputs, fields)
    return str(caught.value)


@pytest.fixture
def table(tmp_path):
    return pd.DataFrame({"age": [39, 50], "sex": ["Male", "Female"], "unused": [1, 2]}), tmp_path


def test_a_file_of_a_run_with_one_field_stays_a_path(tmp_path):
    path = tmp_path / "seven.png"
    path.write_bytes(b"x")
    assert read(path) == [(str(path), {"image": path})]
    assert [raw.name for raw in read([str(path), str(path)])] == [str(path)] * 2


def test_rows_of_csv_tsv_jsonl_and_parquet(table):
    rows, folder = table
    rows.to_csv(folder / "a.csv", index=False)
    rows.to_csv(folder / "a.tsv", index=False, sep="\t")
    rows.to_json(folder / "a.jsonl", orient="records", lines=True)
    rows.to_parquet(folder / "a.parquet")
    for suffix in ("csv", "tsv", "jsonl", "parquet"):
        found = read(folder / f"a.{suffix}", ("age", "sex"))
        assert [raw.name for raw in found] == [f"{folder}/a.{suffix}:1", f"{folder}/a.{suffix}:2"]
        assert [(float(raw.fields["age"]), raw.fields["sex"]) for raw in found] == [(39, "Male"), (50, "Female")]


def test_dictionaries_keep_only_the_fields_that_the_run_reads():
    assert read({"age": 3, "other": 1}, ("age",)) == [("input 1", {"age": 3})]


def test_a_field_that_may_be_left_out_is_not_left_out_by_a_slip():
    def ask(values):
        return list(read_inputs(values, (), known=("class", "seed")))

    assert ask({"class": "3", "note": "x"}) == [("input 1", {"class": "3"})]
    with pytest.raises(DataError, match="has `clas`, which the run does not read. Did you mean `class`?"):
        ask({"clas": "3", "seed": 1})


def test_a_vector_may_be_given_by_its_numbers(tmp_path):
    class Source:
        vectors = {"sizes": ("mean_area", "mean_radius")}

    rows = pd.DataFrame({"mean radius": [1.5, 2.5], "mean area": [10.0, 20.0]})
    rows.to_csv(tmp_path / "a.csv", index=False)
    found = read_inputs(str(tmp_path / "a.csv"), ("sizes",), source=Source())
    assert [[float(one) for one in raw.fields["sizes"]] for raw in found] == [[10, 1.5], [20, 2.5]]
    with pytest.raises(DataError, match="lacks the field `sizes`"):
        list(read_inputs({"mean_area": 1.0}, ("sizes",), source=Source()))


def test_arrays_are_one_example_or_a_batch_of_them():
    assert len(read(np.zeros((8, 8, 1)), shape=(8, 8, 1))) == 1
    assert [raw.fields["image"].shape for raw in read(np.zeros((5, 8, 8, 1)), shape=(8, 8, 1))] == [(8, 8, 1)] * 5
    assert len(read([np.zeros((8, 8)), np.zeros((9, 9))], shape=(8, 8, 1))) == 2


def test_bytes_of_a_file():
    assert read(b"png") == [("input 1", {"image": b"png"})]
    assert "may have" in refusal(b"0" * (BYTES + 1))


def test_a_missing_file_names_the_nearest(tmp_path):
    (tmp_path / "seven.png").write_bytes(b"x")
    assert refusal(tmp_path / "sevn.png").endswith("No such file or directory. Did you mean `seven.png`?")
    assert refusal(tmp_path / "hello").endswith("hello: No such file or directory.")


def test_an_empty_input_and_a_list_are_told_what_would_work():
    assert "a JSON object of fields" in refusal("")
    assert "[1]: is a list and no JSON object" in refusal("[1]")
    assert 'such as {"image": ...}' in refusal("[[0, 1], [2, 3]]")
    assert "neither a file nor a JSON object" in refusal("[1].png")
    texts = list(read_inputs(["", "[1]"], ("text",), text=True))
    assert texts == [("", {"text": ""}), ("[1]", {"text": "[1]"})]


def test_fields_of_which_none_is_read_are_refused():
    with pytest.raises(DataError, match=r"no field that the run reads\. Did you mean `seed`"):
        list(read_inputs('{"sead": 1}', (), known=("image", "seed")))
    assert list(read_inputs('{"seed": 1, "other": 2}', (), known=("image", "seed"))) == [
        ('{"seed": 1, "other": 2}', {"seed": 1})
    ]
    assert list(read_inputs({}, (), known=("seed",))) == [("input 1", {})]


def test_folders_empty_and_large_files_are_refused(tmp_path):
    assert "is a folder" in refusal(tmp_path)
    (tmp_path / "empty.png").touch()
    assert "is empty" in refusal(tmp_path / "empty.png")
    with (tmp_path / "large.png").open("wb") as file:
        file.truncate(BYTES + 1)
    assert "20,971,521 bytes" in refusal(tmp_path / "large.png")


def test_a_missing_column_is_named(table):
    rows, folder = table
    rows.to_csv(folder / "a.csv", index=False)
    message = refusal(folder / "a.csv", ("ages", "sex"))
    assert "a.csv:1: lacks the field `ages`. Did you mean `age`?" in message


def test_one_value_for_a_run_of_several_fields(tmp_path):
    path = tmp_path / "seven.png"
    path.write_bytes(b"x")
    assert "reads 2 fields (age, sex)" in refusal(path, ("age", "sex"))


def test_tables_are_read_as_the_run_reads_its_own(tmp_path):
    path = tmp_path / "a.csv"
    path.write_bytes("39;Käse.\n".encode("cp1252"))
    source = CSV(path="train.csv", separator=";", columns=["age", "sex"], encoding="cp1252", trim_end=".")
    assert list(read_inputs(path, ("age", "sex"), source=source)) == [(f"{path}:1", {"age": "39", "sex": "Käse"})]
    assert "not UTF-8 text: line 1" in refusal(path, ("age", "sex"))
    (tmp_path / "a.jsonl").write_text('{"age": 39}')
    assert [raw.fields for raw in read_inputs(tmp_path / "a.jsonl", ("age",), source=source)] == [{"age": 39}]


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"\xff\xfe\x00", "is not UTF-8 text"),
        (b'{"age": ', "none of its 1 lines is a JSON object"),
        (b'{"age": 1}\n[1]', "a.jsonl:2: is a list and no JSON object"),
    ],
)
def test_a_broken_table_is_named(tmp_path, content, reason):
    path = tmp_path / "a.jsonl"
    path.write_bytes(content)
    assert reason in refusal(path, ("age",))


def test_a_parquet_file_that_is_none(tmp_path):
    path = tmp_path / "a.parquet"
    path.write_bytes(b"no parquet")
    assert "cannot be read as Parquet" in refusal(path, ("age",))


def test_what_is_no_input_is_refused():
    assert "is a int" in refusal([3])


def test_a_table_without_rows_is_named(tmp_path):
    path = tmp_path / "rows.csv"
    path.write_text("age,sex\n")
    with pytest.raises(DataError, match="rows.csv: holds no rows"):
        list(read_inputs(path, ("age", "sex")))


def test_what_is_at_fault_can_be_left_out(tmp_path):
    path, faults = tmp_path / "rows.jsonl", []
    path.write_text('{"age": 1}\n{"age": \n{"age": 3}\n')
    found = list(read_inputs([tmp_path / "none.csv", path, {"size": 3}, {"age": 4}], ("age",), refuse=faults.append))
    assert [raw.fields["age"] for raw in found] == [1, 3, 4]
    assert [str(fault).partition(": ")[0] for fault in faults] == [f"{tmp_path}/none.csv", f"{path}:2", "input 3"]
