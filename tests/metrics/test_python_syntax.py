"""Texts that Python can parse."""

import numpy as np
import pytest

from dlsuite.features.text import Text
from dlsuite.metrics.python_syntax import PythonSyntax, is_python


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("def f(x):\n    return x\n\nclass Broken(", True),
        ("def f(x)\n    return x\n", False),
        ("def f(x):\n", False),
        ("def f(x):", False),
        ("", False),
        ("# a remark\n", False),
        ("x = '\\d'\n", True),
        ("x = 'a\0b'\n", False),
        ("(" * 5000 + "\n", False),
    ],
)
def test_what_is_python(text, expected):
    assert is_python(text) is expected


def test_the_share_is_of_texts_that_were_written():
    feature = Text(level="byte", length=100)
    feature.fit(["x"])
    texts = [{"text": feature.encode(one), "tally": None} for one in ("x = 1\n", "x = = 1\n", "import os\nfrom")]
    assert PythonSyntax().score([*texts, {"tally": None}], None, feature) == {"python_syntax": pytest.approx(2 / 3)}
    assert PythonSyntax().score([{"tally": None}], None, feature) == {}
    assert PythonSyntax().score(np.zeros((2, 3, 4)), None, feature) == {}
