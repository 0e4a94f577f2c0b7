"""A spec from a stranger: none of its texts becomes code."""

from __future__ import annotations

import ast
from typing import Any

import pytest

import dlsuite
from dlsuite.ejection.formulas import NotPlain, formula
from dlsuite.ejection.layout import docstring, literal, quoted, remark
from dlsuite.spec.errors import SpecError

EVIL = [
    '"""\nimport os\nos.system("id")\n"""',
    "'''\nraise SystemExit\n'''",
    'x"; raise SystemExit; "',
    "x'; raise SystemExit; '",
    "ends with a backslash \\",
    'ends with quotes """',
    'a " and a \' and a \\" and a \\\\',
    "{raise SystemExit}",
    "line one\rraise SystemExit\u2028raise SystemExit\x0craise SystemExit\x85raise SystemExit",
    "\u202eright to left\u2066\u200b\x00\x1b[31m",
    "# not a remark\n=1",
]
DENSE: dict[str, Any] = {"Dense": {"units": 2}}


def spec(layers: list[Any], **sections: Any) -> dlsuite.spec.Spec:
    """Returns a spec of these layers."""
    return dlsuite.load(
        {"name": "hostile", "model": {"inputs": {"a": {"Input": {"shape": [4]}}}, "layers": layers}, **sections}
    )


def shape(code: str) -> str:
    """Returns code without its strings: what would run."""
    tree = ast.parse(code)
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            node.value = ""
    return ast.unparse(tree)


@pytest.mark.parametrize("text", EVIL, ids=range(len(EVIL)))
def test_a_string_stays_one_literal(text: str) -> None:
    assert ast.literal_eval(quoted(text)) == text
    assert ast.literal_eval(str(literal(text))) == text
    assert quoted(text).isascii() or quoted(text).isprintable()


@pytest.mark.parametrize("text", EVIL, ids=range(len(EVIL)))
def test_a_remark_stays_a_remark(text: str) -> None:
    tree = ast.parse("\n".join(["def f():", *docstring(text, 4)]))
    assert len(tree.body) == 1 and len(tree.body[0].body) == 1  # type: ignore[attr-defined]
    assert ast.get_docstring(tree.body[0]) is not None  # type: ignore[arg-type]
    assert all(line.startswith("#") and line.isprintable() for line in remark(text, 0))
    assert ast.parse("\n".join(remark(text, 0))).body == []


@pytest.mark.parametrize("text", EVIL, ids=range(len(EVIL)))
def test_a_whole_spec_of_such_texts_is_the_same_code(text: str) -> None:
    def code(words: str) -> str:
        blocks = {
            "block": {
                "about": words,
                "params": {"equation": words},
                "layers": [{"Dense": {"units": 2, "about": words}}],
            }
        }
        inner = [{"block": {"equation": "=one", "when": "=one != label"}}]
        loop = {"Repeat": {"about": words, "over": [words, words], "item": "one", "layers": inner}}
        layers = [{"block": {"about": words, "equation": words}}, loop]
        return dlsuite.eject(spec(layers, about=words, blocks=blocks, params={"label": words}))

    try:
        found = code(text)
    except SpecError as error:  # such as a text that begins as an expression
        assert "expression" in str(error)
        return
    compile(found, "hostile.py", "exec")
    assert shape(found) == shape(code("plain words"))


@pytest.mark.parametrize(
    "layer",
    [
        {"__import__('os').system('id')": {"when": False}},
        {"Dense": {"units": "=__import__('os')", "when": False}},
        {"Dense": {"units": 2, "name": 'a"); raise SystemExit #', "when": False}},
    ],
    ids=["name", "expression", "label"],
)
def test_what_is_plainly_left_out_is_not_printed(layer: dict[str, Any]) -> None:
    code = dlsuite.eject(spec([DENSE, layer]))
    assert "import__" not in code and "SystemExit" not in code


@pytest.mark.parametrize(
    "layer",
    [
        {"__import__('os').system('id')": {"when": "=off"}},
        {"ops.add(x, 1); raise SystemExit; ops.add": {"when": "=off"}},
        {"Dense": {"units": "=__import__('os')", "when": "=off"}},
        {"Dense": {"units": "=(lambda: 1)()", "when": "=off"}},
        {"Dense": {"units": "=off.__class__", "when": "=off"}},
        {"Dense": {"units": 2, "name": "a\"); raise SystemExit #", "when": "=off"}},
        {"Dense": {"units": 2, "to": ["a); raise SystemExit #"], "when": "=off"}},
        {"Dense": {"units": 2, "kernel_initializer": {"Zeros(); raise SystemExit": {}}, "when": "=off"}},
        {"Repeat": {"times": 2, "index": "i: raise SystemExit #", "layers": ["ReLU"], "when": "=off"}},
    ],
)  # fmt: skip
def test_what_a_param_leaves_out_is_refused_or_harmless(layer: dict[str, Any]) -> None:
    """Calls that `when` leaves out are not checked; they are printed, under an `if`, or refused."""
    try:
        code = dlsuite.eject(spec([DENSE, layer], params={"off": False}))
    except SpecError:
        return
    for text in ("SystemExit", "import__", "lambda", "__class__"):
        assert text not in shape(code)


@pytest.mark.parametrize(
    "text",
    ["__import__('os')", "a.b.c", "f(x)", "[i for i in a]", "a if b", "x := 1", "a @ b", "'%s' % a", "open('x')"],
)
def test_what_is_no_expression_is_not_printed(text: str) -> None:
    with pytest.raises(NotPlain):
        print(formula(text, lambda name, field: {"a": "a", "b": "b", "x": "x"}[name] if field is None else _unknown()))


def _unknown() -> str:
    raise NotPlain("unknown")


def test_names_that_python_needs_are_left_to_it() -> None:
    layers = [
        {"layers": {"name": "keras", "to": "len", "math": 3}},
        {"Dense": {"units": 2, "name": "lambda"}},
        {"Dense": {"units": 2, "name": "l"}},
        {"Add": {"inputs": ["len", "lambda", "l", "@previous"]}},
    ]
    blocks = {"layers": {"params": {"math": None}, "layers": [{"Dense": {"units": "=2 if sqrt(math) > 1 else 2"}}]}}
    code = dlsuite.eject(spec(layers, blocks=blocks))
    module: dict[str, Any] = {"__name__": "ejected"}
    exec(compile(code, "ejected.py", "exec"), module)
    assert [layer.name for layer in module["build"]().layers] == ["a", "keras.dense", "lambda", "l", "add"]
