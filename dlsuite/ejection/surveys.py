"""What a spec has to be printed: its blocks, networks, params and facts, and what they are called."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from dlsuite.ejection import outlines
from dlsuite.ejection.components import Components
from dlsuite.ejection.formulas import NotPlain
from dlsuite.ejection.layout import Code
from dlsuite.ejection.naming import RESERVED, variable
from dlsuite.ejection.reading import Callee
from dlsuite.ejection.rows import unpack
from dlsuite.ejection.settling import settled
from dlsuite.ejection.structures import CHAIN
from dlsuite.spec.catalogue import Catalogue
from dlsuite.spec.plan import Plan
from dlsuite.spec.wiring import snake

SETTINGS = ("trainable", "dtype")


class Survey:
    """What is printed of one spec, found before anything is.

    Args:
        document: The composed spec, blocks and repeats intact.
        plan: The same, planned; every fact that building needs is known.
        facts: The data's facts by feature.
        catalogue: The components that there are.
    """

    def __init__(self, document: Mapping[str, Any], plan: Plan, facts: Mapping[str, Any], catalogue: Catalogue):
        self.document = document
        self.plan = plan
        self.facts = facts
        self.components = Components(catalogue)
        self.sections: Mapping[str, Any] = (
            {"model": document["model"]} if plan.single else {key: document["models"][key] for key in plan.networks}
        )
        defined = document.get("blocks", {})
        blocks, self.sections = settled({name: defined[name] for name in self.called(defined)}, self.sections)
        self.blocks = {name: blocks[name] for name in self.called(blocks)}
        for body in (*self.blocks.values(), *self.sections.values()):
            unpack(body["layers"], {*plan.params, *facts, *body.get("params", ())})
        self.used: set[str] = set()
        self.rows: dict[str, Code] = {}
        self.functions = self.name_functions()
        self.named_ops = self.clashing_ops()
        self.passed = self.what_is_passed()
        self.constant = not plan.single or any(map(self.reads_outside, self.blocks.values()))
        self.globals = self.outer_names()
        self.callables = self.what_may_be_called()
        constants = {code for code, _ in self.globals.values() if code.isupper()}
        self.taken = frozenset({*RESERVED, *self.functions.values(), *constants})

    def called(self, defined: Mapping[str, Any]) -> list[str]:
        """Returns the blocks that the networks call, each after those that it calls itself."""
        order: list[str] = []

        def visit(layers: Any) -> None:
            for name, _ in outlines.structures(layers):
                if name in defined and name not in order:
                    visit(defined[name]["layers"])
                    if name not in order:
                        order.append(name)

        for section in self.sections.values():
            visit(section["layers"])
        return order

    def bodies(self) -> Iterator[tuple[str, Any]]:
        """Yields name and calls of each block and network."""
        for name, section in {**self.blocks, **self.sections}.items():
            yield name, section["layers"]

    def name_functions(self) -> dict[str, str]:
        """Returns the name of each block's function, and the variable of each network."""
        taken = {*RESERVED, *self.components.catalogue.names("layer"), *(f"build_{name}" for name in self.sections)}
        names: dict[str, str] = {}
        for name in (*self.blocks, *(self.sections if not self.plan.single else ())):
            names[name] = variable(name, {*taken, *CHAIN, "f", *names.values()})
        return names

    def clashing_ops(self) -> frozenset[str]:
        """Returns the tensor functions whose automatic names may be those of a network's own layers."""
        ops = {
            snake(name) for _, layers in self.bodies() for name, _ in outlines.structures(layers) if name[:4] == "ops."
        }
        own: set[str] = set()
        for key, section in self.sections.items():
            own |= {*self.plan.networks[key].inputs, *self.sections}
            for site in outlines.sites(section["layers"]):
                if not site.name.startswith("ops.") and site.counted:
                    own.add(re.sub(r"\{[^{}]*\}", "1", site.given.get("name", site.base)))
        bases = {re.sub(r"(_\d+)+$", "", name) for name in own} | own
        return frozenset(ops & bases)

    def what_is_passed(self) -> dict[str, frozenset[str]]:
        """Returns what each block's function is passed beside its params: `name`, `shared`, `trainable`, `dtype`."""
        passed: dict[str, set[str]] = {name: set() for name in self.blocks}
        for _, layers in self.bodies():
            reused = {given.get("layer") for name, given in outlines.structures(layers) if name == "Reuse"}
            for site in outlines.sites(layers):
                if site.name in passed:
                    passed[site.name] |= {key for key in SETTINGS if site.given.get(key) is not None}
                    if site.shared or ("name" in site.given and site.given["name"] in reused):
                        passed[site.name].add("shared")
        for name, section in self.sections.items():
            for inner, _ in outlines.structures(section["layers"]):
                if inner in passed:
                    passed[inner] |= {*self.plan.networks[name].settings}
        for name in reversed(self.blocks):  # callers before what they call
            for inner, _ in outlines.structures(self.blocks[name]["layers"]):
                if inner in passed:
                    passed[inner] |= passed[name] & {*SETTINGS, "shared"}
        for name, block in self.blocks.items():
            if any(self.is_named(inner, passed) for inner, _ in outlines.structures(block["layers"])):
                passed[name].add("name")
        for name, block in self.blocks.items():  # those that make no layer and number no operation share nothing
            inner = {other for other, _ in outlines.structures(block["layers"])}
            kept = any(self.components.catalogue.entry("layer", other) is not None for other in inner)
            kept |= bool(self.named_ops & {*map(snake, inner)})
            if not kept and not any("shared" in passed[other] for other in inner & {*passed}):
                passed[name].discard("shared")
        return {name: frozenset(keys) for name, keys in passed.items()}

    def is_named(self, name: str, passed: Mapping[str, set[str]]) -> bool:
        """Returns whether a call needs a name."""
        if name.startswith("ops."):
            return snake(name) in self.named_ops
        if name in passed:
            return "name" in passed[name]
        return self.components.catalogue.entry("layer", name) is not None

    def reads_outside(self, block: Mapping[str, Any]) -> bool:
        """Returns whether a block reads params or facts of the spec."""
        params = block.get("params", {})
        before: set[str] = set()
        for key, default in params.items():
            if outlines.names_read(default) - before:
                return True
            before.add(key)
        loops: set[str] = set()
        for _, given in outlines.structures(block["layers"]):
            loops |= {given[key] for key in ("index", "item") if key in given} | {*given.get("items", ())}
        return bool((outlines.names_read(block["layers"]) - {*params, *loops}) & {*self.facts, *self.plan.params})

    def outer_names(self) -> dict[str, tuple[str, Any]]:
        """Returns code and value of each param and fact of the spec, by its name in expressions, dots included."""
        values: dict[str, Any] = {}
        for name in self.plan.params:
            values[name] = self.document["params"][name]
        for name, fact in self.facts.items():
            values |= (
                {f"{name}.{key}": value for key, value in fact.items()} if isinstance(fact, Mapping) else {name: fact}
            )
        taken = {*RESERVED, *self.functions.values()}
        names = {}
        for name, value in values.items():
            text = name.replace(".", "_")
            text = text.upper() if self.constant or name not in self.plan.params else text  # facts are no choices
            code = variable(text, {*taken, *(code for code, _ in names.values())})
            names[name] = code, value
        return names

    def what_may_be_called(self) -> dict[str, Callee]:
        """Returns the blocks and networks as what bodies call."""
        known: dict[str, Callee] = {}
        for name, block in self.blocks.items():
            inputs = tuple(block.get("inputs", ("",)))
            taken = {*RESERVED, *self.functions.values()}
            params = {key: variable(key, taken) for key in block.get("params", {})}
            items = self.items(block, known)
            known[name] = Callee(self.functions[name], inputs, items, params, self.passed[name])
        if not self.plan.single:
            for name, network in self.plan.networks.items():
                outputs = tuple(network.body.outputs) if len(network.body.outputs) > 1 else ()
                known[name] = Callee(self.functions[name], tuple(network.inputs), outputs, network=True)
        return known

    def items(self, block: Mapping[str, Any], known: Mapping[str, Callee]) -> tuple[str, ...]:
        """Returns the names of a block's outputs where they are several."""
        if "outputs" in block:
            return tuple(block["outputs"]) if len(block["outputs"]) > 1 else ()
        last = outlines.written(block["layers"][-1])[0]
        return known[last].items if last in known else ()

    def known(self, name: str, field: str | None) -> str:
        """Returns the code of a param or fact of the spec."""
        key = name if field is None else f"{name}.{field}"
        if key not in self.globals:
            raise NotPlain(f"`{key}` is not known.")
        self.used.add(key)
        return self.globals[key][0]
