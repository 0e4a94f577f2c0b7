"""The editor and the viewer of the apps, in a real browser under the policy of the apps."""

from __future__ import annotations

import re

import pytest

from apps.components.completions import completions

pytestmark = pytest.mark.browser

EDITOR = """
import streamlit as st
from apps.components import editor

st.session_state.setdefault("runs", 0)
st.session_state.runs += 1
start = st.session_state.get("start", '{"name": "first"}')
catalogue = {
    "slots": {"layers": "layer", "optimizer": "optimizer"},
    "components": {
        "layer": {"Conv2D": ["filters", "kernel_size"], "Conv1D": ["filters"], "Dense": ["units"]},
        "optimizer": {"Adam": ["learning_rate"]},
    },
    "keys": {"": ["name", "model", "train"]},
    "about": {"Conv2D": "<img src=x onerror=alert(1)>"},
}
faults = [{"line": 1, "column": 2, "message": "<b>no such key</b>"}] if st.toggle("Fault", key="fault") else []
goto = {"line": 3, "column": 2, "nonce": 1} if st.toggle("Go", key="go") else None
if st.button("Template", key="template"):
    st.session_state.start = start = "[\\n1,\\n2,\\n3\\n]"
if st.button("Large", key="large"):
    layer = '    {"Conv2D": {"filters": 32, "kernel_size": 3, "padding": "same", "name": "a_layer_%d"}}'
    st.session_state.start = start = "{\\n" + ",\\n".join(layer % index for index in range(1000)) + "\\n}"
text = editor(start, key="spec", faults=faults, completions=catalogue, goto=goto, height=300)
with st.container(key="out"):
    st.text(text if len(text) < 1000 else f"{len(text)} characters, {text[-8:]!r}")
st.text(f"run {st.session_state.runs}")
st.text_input("After", key="after")
"""

VIEWER = """
import math
import streamlit as st
from apps.components import viewer

ATOM = "ATOM  {:5d}  {:<3s} ALA A{:4d}    {:8.3f}{:8.3f}{:8.3f}  1.00{:6.2f}           {}"

def helix(shift, atoms):
    lines, number = [], 0
    for residue in range(24):
        for offset, (name, radius) in enumerate(atoms.items()):
            turn = math.radians(100 * residue + 30 * offset)
            number += 1
            x, y = radius * math.cos(turn) + shift, radius * math.sin(turn)
            z = 1.5 * residue + 0.5 * offset
            lines.append(ATOM.format(number, name, residue + 1, x, y, z, 4 * residue + 4.0, name[0]))
    return "\\n".join([*lines, "END"])

BACKBONE = {"N": 1.6, "CA": 2.3, "C": 1.7, "O": 2.0}
show = st.toggle("Show", value=True, key="show")
safe = st.toggle("Safe colours", key="safe")
trace = st.toggle("Alpha carbons", key="trace")
if show:
    atoms = {"CA": 2.3} if trace else BACKBONE
    structures = {"<b>Model</b>": helix(0, atoms), "Measured": helix(1.5, atoms)}
    colour = "plddt_safe" if safe else "plddt"
    clicked = viewer(structures, key="fold", colour=colour, highlight=[5, 6], height=400)
    with st.container(key="out"):
        st.json(clicked or {})
"""


@pytest.fixture(scope="module")
def editor_app(serve, tmp_path_factory):
    return serve(_script(tmp_path_factory, EDITOR))


@pytest.fixture(scope="module")
def viewer_app(serve, tmp_path_factory):
    return serve(_script(tmp_path_factory, VIEWER))


@pytest.fixture
def editing(page, editor_app, idle, witness):
    page.goto(editor_app)
    idle(page)
    page.locator(".st-key-spec .ace_content").wait_for()
    yield page
    _clean(witness)


@pytest.fixture
def viewing(page, viewer_app, idle, witness):
    page.goto(viewer_app)
    idle(page)
    page.locator(".st-key-fold canvas").first.wait_for()
    yield page
    _clean(witness)


def test_what_is_typed_comes_back_and_outlives_reruns(editing):
    _out(editing, '{"name": "first"}')
    _begin(editing)
    editing.keyboard.press("Control+End")
    editing.keyboard.type("\n  ")
    for key in "12345":
        editing.keyboard.type(key)
    _out(editing, "12345")
    _toggle(editing, "fault")
    editing.locator(".st-key-spec .ace_error").first.wait_for()
    assert "12345" in _text(editing)
    _begin(editing)
    editing.keyboard.type("6")
    _out(editing, "123456")
    for _ in range(4):
        editing.keyboard.press("Control+z")
    _out(editing, '{"name": "first"}', exact=True)


def test_typing_is_told_once_after_a_pause(editing):
    from playwright.sync_api import expect

    before = _runs(editing)
    _begin(editing)
    editing.keyboard.press("Control+End")
    editing.keyboard.type("abcdefghijklmnop", delay=30)
    _out(editing, "abcdefghijklmnop")
    expect(editing.get_by_text(f"run {before + 1}", exact=True)).to_be_visible()


def test_another_value_replaces_the_text_and_can_be_undone(editing):
    _begin(editing)
    editing.keyboard.type("x")
    _out(editing, "x")
    _press(editing, "template")
    _out(editing, "[\n1,\n2,\n3\n]", exact=True)
    _begin(editing)
    editing.keyboard.press("Control+z")
    _out(editing, "first")


def test_a_fault_is_marked_in_the_margin_and_under_the_text_as_plain_text(editing):
    _toggle(editing, "fault")
    mark = editing.locator(".st-key-spec .dlsuite-fault")
    mark.wait_for(state="attached")
    assert mark.bounding_box()["width"] > 20, "the whole key is underlined"
    editing.locator(".st-key-spec .ace_gutter-cell.ace_error, .st-key-spec .ace_error").first.hover()
    editing.get_by_text("<b>no such key</b>").first.wait_for()


def test_a_jump_moves_the_cursor(editing):
    _press(editing, "template")
    _out(editing, "[\n1,\n2,\n3\n]", exact=True)
    _toggle(editing, "go")
    editing.locator(".st-key-spec .ace_focus, .st-key-spec.ace_focus").first.wait_for()
    editing.keyboard.type("9")
    _out(editing, "[\n1,\n29,\n3\n]", exact=True)


def test_components_arguments_and_keys_are_offered_where_they_fit(editing):
    _write(editing, '{"model": {"layers": [')
    assert _offered(editing, "Con") == ["Conv1D", "Conv2D"]
    editing.keyboard.press("ArrowDown")
    editing.keyboard.press("Enter")
    _out(editing, '"Conv2D"')
    _write(editing, '{"model": {"layers": [{"Conv2D": {"filters": 3, ')
    assert _offered(editing, "k") == ["kernel_size"]
    editing.keyboard.press("Enter")
    _out(editing, '"kernel_size": ')
    _write(editing, '{"train": {"optimizer": {"')
    assert _offered(editing, "A") == ["Adam"]
    editing.keyboard.press("Escape")
    _write(editing, '{"name": "x", ')
    assert _offered(editing, "m") == ["model", "name"][:1]


FITTING = (
    ('{"name": "x", ', "key", {"model", "train"}, {"name"}),
    ('{"models": {"generator": {', "key", {"layers"}, set()),
    ('{"model": {"layers": ["ReLU", {', "component", {"Conv2D", "Residual", "ops.add"}, {"Adam"}),
    ('{"model": {"layers": [{"Conv2D": {"filters": 3, ', "argument", {"kernel_size", "name"}, {"filters"}),
    ('{"model": {"layers": [{"Conv2D": {"kernel_initializer": ', "component", {"HeNormal"}, {"Conv2D"}),
    ('{"model": {"layers": [{"conv": {"filters": ', "component", set(), {"Conv2D"}),
    ('{"data": {"inputs": {"image": {', "component", {"Image"}, {"Conv2D"}),
    ('{"train": [{"optimizer": {"generator": {"Adam": {', "argument", {"learning_rate"}, set()),
    ('{"expect": {"metrics": {', "key", set(), {"AUC"}),
    ('{"about": "}{[\\"", ', "key", {"model"}, set()),
    ('{"model": {"layers": [{"constructor": {', "key", set(), {"name"}),
)
"""Text before the cursor, what is offered there, names that are and names that are not."""


def test_what_is_offered_follows_the_catalogue(editing, editor_app):
    script = """async ([address, texts, catalogue]) => {
        const { fitting } = await import(address);
        return texts.map((text) => fitting(text, catalogue));
    }"""
    address = f"{editor_app}/_stcore/bidi-components/dlsuite.editor/completing.js"
    found = editing.evaluate(script, [address, [case[0] for case in FITTING], completions()])
    for (before, kind, offered, not_offered), fits in zip(FITTING, found, strict=True):
        assert fits["kind"] == kind, before
        assert offered <= {*fits["names"]} and not not_offered & {*fits["names"]}, before


def test_the_keyboard_leaves_the_editor(editing):
    editing.locator(".st-key-large button").focus()
    for _ in range(6):
        editing.keyboard.press("Tab")
        if editing.evaluate("document.activeElement.closest('.st-key-after') !== null"):
            break
    else:
        pytest.fail("Tab never came out of the editor")
    assert "press Enter to edit" in editing.locator(".st-key-spec .ace_scroller").get_attribute("aria-label")


def test_a_thousand_layers_stay_responsive(editing):
    _press(editing, "large")
    _out(editing, "characters")
    _begin(editing)
    editing.keyboard.press("Control+End")
    editing.evaluate(
        "window.slowest = 0; new PerformanceObserver((list) => list.getEntries().forEach("
        "(entry) => window.slowest = Math.max(window.slowest, entry.duration))).observe({type: 'longtask'})"
    )
    editing.keyboard.type("[true]")
    _out(editing, "[true]")
    assert editing.evaluate("window.slowest") < 1000, "ms in which no key is answered"


def test_the_viewer_draws_in_the_colours_of_the_classes(viewing):
    colours = _colours(viewing)
    assert {"blue", "yellow"} <= colours, colours
    items = viewing.locator(".st-key-fold li").all_inner_texts()
    assert items == ["Very high (≥ 90)", "High (70–90)", "Low (50–70)", "Very low (< 50)", "Measured"]
    assert "<b>Model</b>" in viewing.locator(".dlsuite-stage").get_attribute("aria-label")
    _toggle(viewing, "trace")
    viewing.wait_for_timeout(500)
    assert {"blue", "yellow"} <= _colours(viewing)
    _toggle(viewing, "safe")
    viewing.wait_for_timeout(500)
    assert "green" in _colours(viewing)


def test_the_viewer_turns_by_keys(viewing):
    stage = viewing.locator(".dlsuite-stage")
    before = stage.screenshot()
    stage.focus()
    for _ in range(5):
        viewing.keyboard.press("ArrowRight")
    viewing.wait_for_timeout(300)
    assert stage.screenshot() != before


def test_a_click_tells_the_residue(viewing):
    box = viewing.locator(".dlsuite-stage").bounding_box()
    out = viewing.locator(".st-key-out")
    for step in range(-6, 7):
        viewing.mouse.click(box["x"] + box["width"] / 2 + 4 * step, box["y"] + box["height"] / 2)
        viewing.wait_for_timeout(150)
        if "ALA" in out.inner_text():
            return
    pytest.fail("no click met a residue")


def test_the_viewer_comes_and_goes_by_one_context_of_the_browser(viewing):
    viewing.evaluate("""() => {
        window.opened = 0;
        for (const Canvas of [HTMLCanvasElement, OffscreenCanvas]) {
            const get = Canvas.prototype.getContext;
            Canvas.prototype.getContext = function (kind, ...rest) {
                const given = get.call(this, kind, ...rest);
                window.opened += given && kind.startsWith("webgl") ? 1 : 0;
                return given;
            };
        }
    }""")
    canvas = viewing.locator(".st-key-fold canvas").first
    for _ in range(2):
        _toggle(viewing, "show")
        canvas.wait_for(state="detached")
        _toggle(viewing, "show")
        canvas.wait_for()
    assert "blue" in _colours(viewing)
    assert viewing.evaluate("window.opened") == 0, "browsers take the oldest of some sixteen away"


def _script(factory, source):
    path = factory.mktemp("app") / "app.py"
    path.write_text(source)
    return path


def _clean(witness):
    assert (witness.outside, witness.violations, witness.errors) == ([], [], [])


def _toggle(page, key):
    page.locator(f".st-key-{key} label").click()


def _press(page, key):
    page.locator(f".st-key-{key} button").click()


def _text(page):
    return page.locator(".st-key-out").inner_text()


def _out(page, text, *, exact=False):
    """Wait until Python has seen the text."""
    from playwright.sync_api import expect

    shown = page.locator(".st-key-out [data-testid=stText]")
    expect(shown).to_have_text(text) if exact else expect(shown).to_contain_text(text)


def _runs(page):
    return int(page.get_by_text("run ").last.inner_text().split()[-1])


def _begin(page):
    page.locator(".st-key-spec .ace_scroller").focus()
    page.keyboard.press("Enter")


def _write(page, text):
    """Replace all the text, without the brackets that typing would close."""
    _begin(page)
    page.keyboard.press("Control+a")
    page.keyboard.insert_text(text)


def _offered(page, prefix):
    page.keyboard.type(prefix)
    popup = page.locator(".ace_autocomplete")
    popup.wait_for()
    page.wait_for_timeout(300)
    rows = popup.locator(".ace_content .ace_line").all()
    return [re.match(r"[\w.]+", row.text_content()).group() for row in rows if row.text_content().strip()]


def _colours(page):
    """Names of the strong colours on the stage."""
    import colorsys
    import io

    from PIL import Image

    page.wait_for_timeout(500)
    picture = Image.open(io.BytesIO(page.locator(".dlsuite-stage").screenshot())).convert("RGB").resize((320, 200))
    found = {}
    for red, green, blue in picture.get_flattened_data():
        hue, saturation, value = colorsys.rgb_to_hsv(red / 255, green / 255, blue / 255)
        if saturation > 0.5 and value > 0.3:
            name = next(name for bound, name in BANDS if hue < bound)
            found[name] = found.get(name, 0) + 1
    return {name for name, count in found.items() if count > 20}


BANDS = ((0.08, "red"), (0.2, "yellow"), (0.45, "green"), (0.75, "blue"), (1.01, "pink"))
