"""JSON texts: places of values, and what is said of a text that is no JSON."""

import json

import pytest

from dlsuite.spec import document
from dlsuite.spec.errors import SpecError


def fault(text):
    with pytest.raises(SpecError) as caught:
        document.parse(text, "spec.json")
    return caught.value.faults[0]


def test_values_are_those_of_json():
    text = '{"a": [1, -2.5, 1e3, true, false, null], "b": {"c": "\\u00e9\\n\\"", "ü": []}, "d": {}}'
    assert document.plain(document.parse(text, "x")) == json.loads(text)


def test_every_value_knows_its_line_column_and_pointer():
    spec = document.parse('{\n  "a/b": [\n    {"~c": 1}\n  ]\n}', "x")
    place = spec["a/b"][0].places["~c"]
    assert place.source.locate(place.offset) == (3, 12)
    assert place.pointer == "/a~1b/0/~0c"
    assert spec["a/b"].places[0].pointer == "/a~1b/0"


@pytest.mark.parametrize(
    ("text", "at", "found"),
    [
        ('{"a": 1,}', (1, 8), "A comma before the closing `}`."),
        ('{"a": [1, 2,]}', (1, 12), "A comma before the closing `]`."),
        ('{"a" 1}', (1, 6), 'Found `1}` after the key "a".'),
        ('{"a": 1 "b": 2}', (1, 9), 'Found `"b": 2}` where a comma or `}` should be.'),
        ('{"a": 01}', (1, 8), "Found `1}` where a comma or `}` should be."),
        ('{\n"a": [1', (2, 8), "The text ends inside an array that began at 2:6."),
        ("{a: 1}", (1, 2), "Found `a: 1}` where a key should be."),
        ('{"a": +1}', (1, 7), "Found `+1}` where a value should be."),
        ('{"a": 1} x', (1, 10), "After the end of the document stands `x`."),
        ('{"a": 1e999}', (1, 7), "The number 1e999 is too large."),
        ('{"a": "\\x"}', (1, 8), "`\\x` is no escape."),
        ('{"a": "\\ud800"}', (1, 7), "A string with half of a character."),
        ('{"a": "b\nc"}', (1, 7), "A string that does not end."),
        ('{"a": "b\tc"}', (1, 9), "A string holds the control character 0x09."),
        ('{"a": Infinity}', (1, 7), "`Infinity` is no JSON value."),
        ('{"a": // b\n1}', (1, 7), "A comment; JSON has none."),
        ("[]", (1, 1), "A spec is a JSON object, not an array."),
        ("", (1, 1), "The text is empty."),
    ],
)
def test_malformed_text_is_shown_where_it_breaks(text, at, found):
    first = fault(text)
    assert (first.place.source.locate(first.place.offset), first.message) == (at, found)


@pytest.mark.parametrize(
    ("text", "pointer"),
    [
        ('{"a": {"b": [1, {"c": tru}]}}', "/a/b/1/c"),
        ('{"a": {"b": [1, 2,]}}', "/a/b"),
        ('{"a": {"b": [1], c}}', "/a"),
        ('{"a": [{"b": 1} 2]}', "/a"),
        ('{"a": {"b": 1}} x', ""),
        ('{"a": 1, b}', ""),
    ],
)
def test_malformed_text_is_shown_in_the_innermost_value(text, pointer):
    assert fault(text).place.pointer == pointer


def test_all_duplicate_keys_are_reported_at_once():
    with pytest.raises(SpecError) as caught:
        document.parse('{"a": 1, "a": 2, "b": {"c": 1, "c": 2}}', "x")
    assert [str(fault.place.pointer) for fault in caught.value.faults] == ["/a", "/b/c"]


def test_other_digits_than_those_of_ascii_are_no_numbers():
    assert "where a comma" in fault('{"a": 1\u0663}').message
    assert "where a value should be" in fault('{"a": \u0663}').message


@pytest.mark.parametrize(
    ("text", "limit"),
    [
        ('{"a":' + "[" * 64 + "]" * 64 + "}", "levels of nesting"),
        ('{"a": ' + "9" * 301 + "}", "A number of more than 300 characters."),
        ('{"' + "k" * 201 + '": 1}', "A key of more than 200 characters."),
    ],
)
def test_limits(text, limit):
    assert limit in fault(text).message


def test_63_levels_are_fine():
    assert document.parse('{"a":' + "[" * 63 + "]" * 63 + "}", "x")


def test_a_file_is_read_up_to_its_limit(tmp_path):
    path = tmp_path / "big.json"
    path.write_text('{"about": "' + "x" * document.MAX_BYTES + '"}')
    with pytest.raises(SpecError, match="larger than 1,000,000 bytes"):
        document.read(path)


def test_a_file_that_cannot_be_read_is_named_with_its_nearest(tmp_path):
    (tmp_path / "digits.json").write_text("{}")
    with pytest.raises(SpecError, match="No such file.*\n.*\n.*Did you mean `digits.json`"):
        document.read(tmp_path / "digit.json")
    with pytest.raises(SpecError, match="a folder, not a spec"):
        document.read(tmp_path)


@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
def test_a_byte_that_is_no_character_is_shown_where_it_stands(tmp_path, mark):
    path = tmp_path / "latin.json"
    path.write_bytes(mark + '{"name": "\ufffdü",\n "about": "ü'.encode() + b'\xe9"}')
    with pytest.raises(SpecError, match="not UTF-8 text: byte 0xe9 is no character here") as caught:
        document.read(path)
    (found,) = caught.value.faults
    assert found.place.source.locate(found.place.offset) == (2, 13) and "UTF-8" in found.hint


def test_a_byte_order_mark_is_no_part_of_the_text(tmp_path):
    path = tmp_path / "marked.json"
    path.write_bytes(b"\xef\xbb\xbf{}")
    assert document.read(path) == {}


def test_python_values_are_adopted_as_json():
    spec = document.adopt({"a": (1, 2), "b": None}, "<spec>")
    assert document.plain(spec) == {"a": [1, 2], "b": None}
    for value in ({"a": float("nan")}, {"a": {1, 2}}, {"a": object()}):
        with pytest.raises(SpecError, match="This is not JSON"):
            document.adopt(value, "<spec>")
    within: list = []
    within.append(within)
    for value, pointer in (
        ({"a": [1, {"b/c": {2}}]}, "/a/1/b~1c"),
        ({"a": {(1, 2): 3}}, "/a/(1, 2)"),
        (within, "/0/0/0"),
    ):
        with pytest.raises(SpecError, match="This is not JSON") as error:
            document.adopt(value, "<spec>")
        assert error.value.faults[0].place.pointer.startswith(pointer)


def test_a_command_line_value_is_json_or_a_string():
    assert document.parse_value("[1, 2]", "--set x", "/x")[0] == [1, 2]
    assert document.parse_value("relu", "--set x", "/x")[0] == "relu"
    assert document.parse_value("0.5", "--set x", "/x")[0] == 0.5
