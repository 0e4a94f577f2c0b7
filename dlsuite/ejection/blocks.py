"""Blocks as functions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dlsuite.ejection import outlines
from dlsuite.ejection.binding import Many
from dlsuite.ejection.bodies import Body
from dlsuite.ejection.layout import STEP, Call, Code, Items, docstring, lines, literal
from dlsuite.ejection.structures import CHAIN
from dlsuite.ejection.surveys import SETTINGS, Survey
from dlsuite.ejection.writing import Writer


class BlockPrinter(Survey):
    """Prints blocks."""

    def block(self, name: str) -> list[str]:
        """Returns the function of a block."""
        block, called, passed = self.blocks[name], self.callables[name], self.passed[name]
        body = Body(
            self.components,
            self.callables,
            self.names(called.params, network=False),
            block["layers"],
            called.inputs,
            block.get("outputs", ()),
            prefix="{name}.",
            options=passed,
            named_ops=self.named_ops,
            taken=self.taken,
            rows=self.rows,
        )
        inputs = [body.wires.names[wire] for wire in called.inputs]
        required, defaults, late = self.defaults(name, called.params)
        options = [key for key in ("shared",) if key in passed]
        options += [f"{key}=None" if key == "dtype" else f"{key}=True" for key in SETTINGS if key in passed]
        options += ["name"] if "name" in passed else []
        keywords: list[Code | tuple[str, Code]] = [*required, *defaults, *options]
        arguments: list[Code | tuple[str, Code]] = [*inputs, *(["*", *keywords] if keywords else [])]
        self.returned(body, block, late, "" in called.inputs)
        self.begin(body, block)
        head = lines(Call(called.function, tuple(arguments)), 0, "def ", ":")
        about = docstring(block["about"], STEP) if block.get("about", "").strip() else []
        return [*head, *about, *body.writer.lines()]

    def names(self, params: Mapping[str, str], *, network: bool) -> dict[str, str]:
        """Returns the code of the names that expressions of a body may read."""
        outer = {name: code for name, (code, _) in self.globals.items() if network or name not in self.plan.params}
        return {**outer, **params}

    def defaults(
        self, block: str, names: Mapping[str, str]
    ) -> tuple[list[str], list[tuple[str, Code]], list[tuple[str, Code, bool]]]:
        """Returns required params, those with defaults, and those computed from others: whether calls give them."""
        required: list[str] = []
        defaults: list[tuple[str, Code]] = []
        late: list[tuple[str, Code, bool]] = []
        before: dict[str, str] = {}
        given = self.params_given(block)
        for key, default in self.blocks[block].get("params", {}).items():
            code = names[key]
            if default is None:
                required.append(code)
            elif outlines.names_read(default) & before.keys():
                late.append((code, self.components.value(default, self.scope(before)), key in given))
                defaults += [(code, "None")] if key in given else []
            else:
                defaults.append((code, frozen(self.components.value(default, self.scope({})))))
            before[key] = code
        return required, defaults, late

    def params_given(self, block: str) -> set[str]:
        """Returns the params that calls of a block give."""
        found: set[str] = set()
        for _, layers in self.bodies():
            for name, given in outlines.structures(layers):
                found |= {*given} if name == block else set()
        return found

    def scope(self, params: Mapping[str, str]) -> Any:
        """Returns what gives the code of names where some params are known."""

        def name(name: str, field: str | None) -> str:
            return params[name] if field is None and name in params else self.known(name, field)

        return name

    def returned(self, body: Body, section: Mapping[str, Any], late: list[tuple[str, Code, bool]], plain: bool) -> None:
        """Writes a block's body with its return."""
        for code, value, given in late:
            (body.writer.default if given else body.writer.assign)(code, value)
        target = body.wires.names[""] if plain else self.target(body)
        start: Any = body.wires.names[body.wires.inputs[0]] if len(body.wires.inputs) == 1 else None
        declared = section.get("outputs")
        made = body.chain(section["layers"], start, target, declared is None)
        if declared is not None:
            body.writer.give(", ".join(map(body.wire, declared)))
        elif isinstance(made, Many):
            body.writer.give(", ".join(made.items.values()))
        else:
            body.writer.give(body.one(made))

    def target(self, body: Body) -> str:
        """Returns the variable of a body's chain."""
        return next((name for name in CHAIN if name not in body.wires.taken), "") or body.wires.fresh("x")

    def begin(self, body: Body, section: Mapping[str, Any]) -> None:
        """Writes what a body needs at its start, and notes what the module needs."""
        first = Writer()
        if "unique" in body.uses:
            prefix = [f'f"{body.prefix}"'] if body.prefix else []
            taken = body.numbers.taken()
            more = [("taken", literal(taken))] if taken else []
            first.assign("unique", Call("numbered", (*prefix, *more)))
        if "shared" in body.uses and "shared" not in body.options:
            first.assign("shared", "{}")
        for table in body.wires.tables.values():
            first.assign(table, "{}")
        for early in body.early:
            first.assign(early, "None")
        body.writer.statements[:0] = first.statements
        self.used |= body.uses


def frozen(code: Code) -> Code:
    """Returns a list as a tuple, which cannot change between calls."""
    if isinstance(code, Items) and code.opening == "[":
        return Items("(", tuple(frozen(item) for item in code.items))  # type: ignore[arg-type]
    return code
