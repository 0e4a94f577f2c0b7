"""What goes wrong on a page is a sentence; what is shown of others' words is no markup."""

from __future__ import annotations

import logging

import pytest
from streamlit.testing.v1 import AppTest

from apps.widgets.faults import plain


def _user_fault() -> None:
    import streamlit as st

    from apps.widgets.faults import guard
    from dlsuite import DataError

    with guard():
        raise DataError("six.png: is no picture <b>at all</b>.")
    st.write("after")


def _own_fault() -> None:
    from apps.widgets.faults import guard

    with guard():
        raise KeyError("secret path")


def test_a_fault_of_the_user_is_one_sentence_and_the_page_goes_on() -> None:
    page = AppTest.from_function(_user_fault).run()
    assert [one.value for one in page.error] == [plain("six.png: is no picture <b>at all</b>.")]
    assert page.markdown[0].value == "after"


def test_a_bug_of_ours_is_logged_with_its_traceback_and_not_shown(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.ERROR, "dlsuite.apps"):
        page = AppTest.from_function(_own_fault).run()
    (shown,) = page.error
    assert "secret path" not in shown.value
    number = caplog.records[0].getMessage().split()[-1]
    assert number in shown.value and "KeyError: 'secret path'" in caplog.text


@pytest.mark.parametrize(
    "text", ["<script>alert(1)</script>", "$x^2$", "[a](b)", "**a**", "![x](http://a.b/c.png)", ":red[x]"]
)
def test_markup_is_shown_as_it_is(text: str) -> None:
    escaped = plain(text)
    assert escaped.replace("\\", "") == text
    assert all(escaped[i - 1] == "\\" for i, one in enumerate(escaped) if one in "<>$[]*!:")


def test_control_characters_are_told() -> None:
    assert "\x1b" not in plain("a\x1b[31mb")
