"""Expressions: what they compute, what they refuse, and that they stay small."""

import time

import pytest

from dlsuite.spec.expressions import (
    ExpressionError,
    Symbol,
    evaluate,
    interpolate,
    is_expression,
    is_identifier,
    naming,
)

NAMES = {
    "width": 8,
    "rate": 0.5,
    "sizes": [8, 16, 32],
    "deep": True,
    "kind": "relu",
    "label": {"classes": 10},
    "no": None,
}
CLASSES = Symbol("label.classes")


def refused(text, names=NAMES):
    with pytest.raises(ExpressionError) as caught:
        evaluate(text, names)
    return str(caught.value)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("=width * 2**2 - 1", 31),
        ("=7 // 2 + 7 % 2 + -7 // 2", 0),
        ("=width / 2", 4.0),
        ("=sizes[0] + sizes[-1]", 40),
        ("=[1, [2, rate]]", [1, [2, 0.5]]),
        ("=[width, null, true, false, 'a']", [8, None, True, False, "a"]),
        ("=1 if deep and not width < 8 else 2", 1),
        ("=1 < width <= 8", True),
        ("=no == null or deep != true", True),
        ("=kind == 'relu'", True),
        ("=label.classes", 10),
        ("=min(3, width) + max(sizes) + sum(sizes) + len(sizes)", 94),
        ("=round(2.6) + ceil(2.1) + floor(2.9) + int(-2.5)", 6),
        ("=round(2.346, 2)", 2.35),
        ("=sqrt(16) + log(1)", 4.0),
        ("=  width\n+ 1", 9),
    ],
)
def test_values(text, value):
    assert evaluate(text, NAMES) == value


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("=widht", "Unknown name `widht`."),
        ("=width.real", "`width` is an integer: it has no `.real`."),
        ("=label.clases", "`label` has no fact `clases`."),
        ("=sizes[3]", "Index 3 is outside `sizes`, a list of 3."),
        ("=sizes[0.5]", "An index is an integer, not a number."),
        ("=width[0]", "`width` is an integer: it has no items."),
        ("=kind + 'x'", "`kind` is a string, and arithmetic takes numbers."),
        ("=kind * 1000000", "`kind` is a string, and arithmetic takes numbers."),
        ("=sizes + sizes", "`sizes` is a list, and arithmetic takes numbers."),
        ("=deep + 1", "`deep` is a boolean, and arithmetic takes numbers."),
        ("=1 if width else 2", "`width` is an integer where true or false is needed."),
        ("=not 0", "`0` is an integer where true or false is needed."),
        ("=kind < 'z'", "`kind < 'z'` compares a string with a string."),
        ("=1 / (width - 8)", "`1 / (width - 8)` divides by zero."),
        ("=sqrt(-1)", "`sqrt(-1)`: it has no real value."),
        ("=(-8) ** 0.5", "`(-8) ** 0.5` is no finite real number."),
        ("=True", "Unknown name `True`."),
        ("=min", "`min` is a function."),
        ("=min([])", "`min` is given an empty list."),
        ("=sqrt()", "`sqrt` is given no values."),
        ("=ceil([1])", "`ceil` takes a number, not a list."),
        ("=int('3')", "`int` takes numbers, not a string."),
        ("=", "The expression is empty."),
        ("=1 +", "`1 +` is not an expression: invalid syntax."),
        ("=1 # one", "An expression holds no remark."),
        ("=1\x00", "The expression cannot be read."),
    ],
)
def test_faults(text, message):
    assert refused(text) == message


@pytest.mark.parametrize(
    "text",
    [
        "=__import__('os')",
        "=open('/etc/passwd')",
        "=eval('1')",
        "=().__class__",
        "=width.__class__",
        "=label.__class__",
        "=[x for x in sizes]",
        "={'a': 1}",
        "=(1, 2)",
        "=lambda: 1",
        "=(lambda: 1)()",
        "=f'{width}'",
        "=b'x'",
        "=1j",
        "=...",
        "=(x := 1)",
        "=sizes[0:2]",
        "=min(*sizes)",
        "=round(1.5, ndigits=1)",
        "=width is null",
        "=width in sizes",
        "=width ^ 2",
        "=~width",
        "=1 << 8",
        "=width @ width",
        "=sizes.append(1)",
        "=await width",
    ],
)
def test_nothing_else_stands_in_an_expression(text):
    assert refused(text)


@pytest.mark.parametrize(
    "text",
    [
        "=9 ** 9 ** 9 ** 9",
        "=2 ** 63",
        "=2.0 ** 5000",
        "=1e308 * 10",
        "=round(12345, -999999999)",
        "=" + "-" * 990 + "1",
        "=" + "(" * 400 + "1" + ")" * 400,
        "=" + "[" * 400 + "]" * 400,
        "=" + "+".join(["1"] * 600),
        "=[big, big]",
        "=sum([big]) + sum(big)",
    ],
)
def test_size_and_time_are_bounded(text):
    start = time.thread_time()
    assert refused(text, {"big": [1] * 10_000})
    assert time.thread_time() - start < 1


def test_unknown_facts_spread():
    names = {"label": {"classes": CLASSES}, "width": 8}
    for text in (
        "=label.classes",
        "=2 * label.classes + 1",
        "=min(label.classes, 3)",
        "=1 if label.classes > 2 else 3",
    ):
        assert evaluate(text, names) == CLASSES
    assert evaluate("=[label.classes, 1]", names) == [CLASSES, 1]
    assert evaluate("=false and label.classes > 2", names) is False


def test_only_the_branch_that_is_taken_is_evaluated():
    assert evaluate("=sizes[9] if width > 8 else 1", NAMES) == 1
    assert evaluate("=width > 8 and sizes[9] > 1", NAMES) is False


def test_a_fault_knows_its_character():
    for text, at in (("=width + widht", 9), ("= 1 + foo(2)", 6), ("=sizes[ 7]", 8)):
        with pytest.raises(ExpressionError) as caught:
            evaluate(text, NAMES)
        assert caught.value.at == at


def test_names_hold_expressions_in_braces():
    names = {"i": 2, "depth": 3, "part": "left", "n": CLASSES, "rate": 0.5, "yes": True}
    assert interpolate("down_{i}", names) == "down_2"
    assert interpolate("{part}_{depth - 1 - i}", names) == "left_0"
    assert interpolate("x_{n}", names) == CLASSES
    for text in ("x_{rate}", "x_{yes}", "x_{", "x_}", "{}", "{i" * 300, "{s}" * 300):
        with pytest.raises(ExpressionError):
            interpolate(text, {**names, "s": "s" * 2000})


def test_what_is_an_expression():
    assert is_expression("=width") and not is_expression("==width") and not is_expression("width")


def test_identifiers_are_snake_case_and_no_words_of_the_language():
    assert all(map(is_identifier, ("width", "a1", "_x", "layer_norm")))
    assert not any(map(is_identifier, ("Width", "1a", "a-b", "a.b", "if", "null", "true", "min", "", "ñ")))
    assert naming("MyBlock") == "Names are lower_snake_case, as in `my_block`."
    assert naming("min") == "`min` is a word of the language; choose another, such as `min_`."
