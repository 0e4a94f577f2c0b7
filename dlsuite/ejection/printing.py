"""The printed module: constants, functions of blocks, functions of networks."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from dlsuite.ejection import outlines
from dlsuite.ejection.bodies import CHAIN, Body, Callee, Many
from dlsuite.ejection.components import PLACES, Components
from dlsuite.ejection.formulas import NotPlain, names_in, needs_math
from dlsuite.ejection.layout import STEP, Call, Code, Items, docstring, flat, lines, listed, literal, quoted
from dlsuite.ejection.naming import RESERVED, variable
from dlsuite.ejection.sources import Sources
from dlsuite.ejection.writing import Writer
from dlsuite.spec.catalogue import Catalogue
from dlsuite.spec.errors import Fault, SpecError
from dlsuite.spec.expressions import is_expression
from dlsuite.spec.plan import Network, Plan
from dlsuite.spec.wiring import snake

SETTINGS = ("trainable", "dtype")
MANY = 80
"""Inputs whose dictionary has more characters are kept in a list first."""

NUMBERED = '''
def numbered(prefix="", taken=()):
    """Returns a function that numbers names under a prefix: dense, dense_1, dense_2."""
    given = set(taken)

    def unique(base):
        number, name = 0, base
        while name in given:
            number += 1
            name = f"{base}_{number}"
        given.add(name)
        return prefix + name

    return unique
'''
ONCE = '''
def once(shared, layer, *arguments, name, **options):
    """Returns the layer of that name: made at first, the same one from then on."""
    if name not in shared:
        shared[name] = layer(*arguments, name=name, **options)
    return shared[name]
'''
NAMED = '''
def named(tensor, name):
    """Names the operation that made a tensor, which else might meet a layer of its automatic name."""
    tensor._keras_history.operation.name = name
    return tensor
'''
HELPERS = {"unique": NUMBERED, "shared": ONCE, "named": NAMED}


class Printer:
    """Prints one spec.

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
        self.blocks = {name: defined[name] for name in self.called(defined)}
        self.used: set[str] = set()
        self.functions = self.name_functions()
        self.named_ops = self.clashing_ops()
        self.passed = self.what_is_passed()
        self.constant = not plan.single or any(map(self.reads_outside, self.blocks.values()))
        self.globals = self.outer_names()
        self.callables = self.what_may_be_called()

    # -- what there is ------------------------------------------------------------------------------------------------

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
        for name, block in self.blocks.items():  # those that make no layer share nothing
            inner = {other for other, _ in outlines.structures(block["layers"])}
            layers = any(self.components.catalogue.entry("layer", other) is not None for other in inner)
            if not layers and not any("shared" in passed[other] for other in inner & {*passed}):
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
        loops = {
            given[key] for _, given in outlines.structures(block["layers"]) for key in given if key in ("index", "item")
        }
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
            code = variable(text.upper() if self.constant else text, {*taken, *(code for code, _ in names.values())})
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

    # -- printing -----------------------------------------------------------------------------------------------------

    def text(self) -> str:
        """Returns the module."""
        functions = [self.block(name) for name in self.blocks]
        functions += [self.network(name) for name in self.sections]
        if not self.plan.single:
            functions.append(self.all_networks())
        sources = Sources(self.components.catalogue, self.components.own, self.plan.name)
        constants = self.constants() if self.constant else []
        helpers = [text.strip("\n").split("\n") for key, text in HELPERS.items() if key in self.used]
        parts = [*sources.classes, *helpers, *functions]
        body = [line for part in [constants] if part for line in ["", *part]]
        for part in parts:
            body += ["", "", *part]
        body += ["", "", 'if __name__ == "__main__":', *self.main()]
        about = self.plan.about.strip() or f"The model of {self.plan.name}."
        head = [*docstring(about, 0), "", *self.imports("\n".join(body), sources)]
        return "\n".join([*head, *body, ""])

    def imports(self, code: str, sources: Sources) -> list[str]:
        """Returns the import lines, sorted as isort sorts them."""
        names = [name for name in ("layers", "ops", *PLACES.values()) if re.search(rf"(?<![\w.]){name}\.", code)]
        standard = {*sources.standard, *(["import math"] if needs_math(code) else [])}
        third = {*sources.third, "import keras", *(f"import {name}" for name in self.components.libraries)}
        brought = sorted({*names, *sources.keras})
        third |= {f"from keras import {', '.join(brought)}"} if brought else set()
        future = ["from __future__ import annotations", ""] if sources.classes else []
        found = [*future]
        for group in (standard, third):
            plain = sorted(line for line in group if line.startswith("import "))
            found += [*plain, *sorted(group - {*plain}), ""] if group else []
        return found[:-1]

    def constants(self) -> list[str]:
        """Returns the lines of the params and facts that the code reads."""
        found: list[tuple[str, Code]] = []
        wanted = [name for name in self.globals if name in self.used]
        for name in reversed(list(self.globals)):  # params are read by later ones
            if name in wanted and is_expression(self.globals[name][1]):
                wanted += names_in(self.globals[name][1][1:])
            if name in wanted and name in self.plan.params:
                wanted += outlines.names_read(self.globals[name][1])
        for name, (code, value) in self.globals.items():
            if name in wanted:
                found.append((code, self.components.value(value, self.known)))
        return [line for code, value in found for line in lines(value, 0, f"{code} = ")]

    def known(self, name: str, field: str | None) -> str:
        """Returns the code of a param or fact of the spec."""
        key = name if field is None else f"{name}.{field}"
        if key not in self.globals:
            raise NotPlain(f"`{key}` is not known.")
        self.used.add(key)
        return self.globals[key][0]

    def names(self, params: Mapping[str, str], *, network: bool) -> dict[str, str]:
        """Returns the code of the names that expressions of a body may read."""
        outer = {name: code for name, (code, _) in self.globals.items() if network or name not in self.plan.params}
        return {**outer, **params}

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
            taken=frozenset({*RESERVED, *self.functions.values()}),
        )
        inputs = [body.wires.names[wire] for wire in called.inputs]
        required, defaults, late = self.defaults(block.get("params", {}), called.params)
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

    def defaults(
        self, params: Mapping[str, Any], names: Mapping[str, str]
    ) -> tuple[list[str], list[tuple[str, Code]], list[tuple[str, Code]]]:
        """Returns required params, those with defaults, and those whose defaults depend on others."""
        required: list[str] = []
        defaults: list[tuple[str, Code]] = []
        late: list[tuple[str, Code]] = []
        before: dict[str, str] = {}
        for key, default in params.items():
            code = names[key]
            if default is None:
                required.append(code)
            elif outlines.names_read(default) & before.keys():
                defaults.append((code, "None"))
                late.append((code, self.components.value(default, self.scope(before))))
            else:
                defaults.append((code, _frozen(self.components.value(default, self.scope({})))))
            before[key] = code
        return required, defaults, late

    def scope(self, params: Mapping[str, str]) -> Any:
        """Returns what gives the code of names where some params are known."""

        def name(name: str, field: str | None) -> str:
            return params[name] if field is None and name in params else self.known(name, field)

        return name

    def returned(self, body: Body, section: Mapping[str, Any], late: list[tuple[str, Code]], plain: bool) -> None:
        """Writes a block's body with its return."""
        for code, value in late:
            body.writer.default(code, value)
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

    def network(self, name: str) -> list[str]:
        """Returns the function of a network."""
        section, network = self.sections[name], self.plan.networks[name]
        body = Body(
            self.components,
            self.callables,
            self.names({}, network=True),
            section["layers"],
            tuple(network.inputs),
            section.get("outputs", ()),
            options=frozenset(network.settings),
            reserved=frozenset({*self.available(section), *network.body.networks}),
            named_ops=self.named_ops,
            taken=frozenset({*RESERVED, *self.functions.values()}),
        )
        for key, value in network.settings.items():
            body.writer.assign(key, literal(value))
        for key in network.inputs:
            body.writer.assign(body.wires.names[key], self.input(key, section, network, body))
        inputs = _alone({key: body.wires.names[key] for key in network.inputs})
        if isinstance(inputs, Items) and len(flat(inputs)) > MANY:
            kept = body.wires.fresh("inputs")
            body.writer.assign(kept, listed([body.wires.names[key] for key in network.inputs]))
            inputs = f"{{one.name: one for one in {kept}}}"
        elif body.wires.bound & {*network.inputs}:  # the names of inputs get other values
            kept = body.wires.fresh("inputs")
            body.writer.assign(kept, inputs)
            inputs = kept
        made = self.chained(body, section)
        outputs = self.outputs(body, section, network, made)
        title = self.plan.name if self.plan.single else name
        body.writer.give(Call("keras.Model", (inputs, _alone(outputs), ("name", quoted(title)))))
        self.begin(body, section)
        calls = [self.functions[other] for other in self.sections if other in self.direct(section)]
        function = "build" if self.plan.single else f"build_{name}"
        head = lines(Call(function, (*calls, *self.build_arguments(body))), 0, "def ", ":")
        about = section.get("about", "")
        return [*head, *(docstring(about, STEP) if about.strip() else []), *body.writer.lines()]

    def chained(self, body: Body, section: Mapping[str, Any]) -> Any:
        """Writes a network's calls and returns where what the last makes is kept."""
        main = [key for key in self.available(section) if "." not in key]
        start = body.wires.names.get(main[0]) if len(main) == 1 else None
        return body.chain(section["layers"], start, self.target(body), "outputs" not in section)

    def available(self, section: Mapping[str, Any]) -> tuple[str, ...]:
        """Returns the inputs that a network might read."""
        data = self.facts_tensors
        if "inputs" not in section:
            return tuple(data)
        given = section["inputs"]
        found: list[str] = []
        for name in given:
            found.append(name)
            if isinstance(given, list) or given[name] is None:
                found += [mask for mask in data if mask.startswith(f"{name}.")]
        return tuple(found)

    @property
    def facts_tensors(self) -> tuple[str, ...]:
        """Names of the tensors that the data gives."""
        return tuple({key: None for network in self.plan.networks.values() for key in network.inputs})

    def input(self, key: str, section: Mapping[str, Any], network: Network, body: Body) -> Code:
        """Returns an input as code: its shape as the spec has it, else as the data gives it."""
        given = section.get("inputs")
        written = given.get(key) if isinstance(given, Mapping) else None
        tensor = network.inputs[key]
        if written is not None:
            shape = self.components.value(outlines.written(written)[1]["shape"], body.name)
        else:
            shape = literal(list(tensor.shape))
        dtype = [("dtype", quoted(tensor.dtype))] if tensor.dtype != "float32" else []
        return Call("keras.Input", (_frozen(shape), *dtype, ("name", quoted(key))))

    def outputs(self, body: Body, section: Mapping[str, Any], network: Network, made: Any) -> dict[str, str]:
        """Returns the code of a network's outputs, by name."""
        keys = list(network.body.outputs)
        if "outputs" in section:
            return {key: body.wire(key) for key in section["outputs"]}
        if isinstance(made, Many):
            return dict(made.items)
        return {keys[0]: body.one(made)}

    def direct(self, section: Mapping[str, Any]) -> set[str]:
        """Returns the networks that a network calls, by blocks inside too."""
        found: set[str] = set()
        for name, _ in outlines.structures(section["layers"]):
            if name in self.blocks and self.direct(self.blocks[name]):
                raise NotPlain("A block that calls a network.")
            found |= {name} & {*self.sections}
        return found

    def build_arguments(self, body: Body) -> Iterable[Code | tuple[str, Code]]:
        """Returns params and facts as arguments of `build`, where blocks read none of them."""
        if self.constant:
            return []
        wanted = self.wanted(body.uses)
        before: dict[str, str] = {}
        arguments: list[Code | tuple[str, Code]] = []
        late: list[tuple[str, Code]] = []
        for name, (code, value) in self.globals.items():
            if name in wanted:
                if outlines.names_read(value) & before.keys() and name in self.plan.params:
                    arguments.append((code, "None"))
                    late.append((code, self.components.value(value, self.known)))
                elif name in self.plan.params:
                    arguments.append((code, _frozen(self.components.value(value, self.known))))
                else:
                    arguments.append((code, _frozen(literal(value))))
                before[name] = code
        first = Writer()
        for code, value in late:
            first.default(code, value)
        body.writer.statements[:0] = first.statements
        return arguments

    def wanted(self, used: set[str]) -> set[str]:
        """Returns the params and facts that are read, those that params are computed from included."""
        wanted = {name for name in self.globals if name in used}
        for name in reversed(list(self.globals)):
            if name in wanted and name in self.plan.params:
                wanted |= outlines.names_read(self.globals[name][1])
        return wanted

    def all_networks(self) -> list[str]:
        """Returns the function that builds every network."""
        writer = Writer()
        done: set[str] = set()

        def make(name: str) -> None:
            if name in done:
                return
            done.add(name)
            inner = [other for other in self.sections if other in self.direct(self.sections[name])]
            for other in inner:
                make(other)
            arguments = tuple(self.functions[other] for other in inner)
            writer.assign(self.functions[name], Call(f"build_{name}", arguments))

        for name in self.sections:
            make(name)
        writer.give(Items("{", tuple((quoted(name), self.functions[name]) for name in self.sections)))
        return ["def build():", '    """Returns the models by name."""', *writer.lines()]

    def main(self) -> list[str]:
        """Returns what running the file does."""
        if self.plan.single:
            return ["    build().summary()"]
        return ["    for model in build().values():", "        model.summary()"]


def _alone(values: Mapping[str, str]) -> Code:
    """Returns the only tensor, or a dictionary of several."""
    if len(values) == 1:
        return next(iter(values.values()))
    return Items("{", tuple((quoted(key), code) for key, code in values.items()))


def _frozen(code: Code) -> Code:
    """Returns a list as a tuple, which cannot change between calls."""
    if isinstance(code, Items) and code.opening == "[":
        return Items("(", tuple(_frozen(item) for item in code.items))  # type: ignore[arg-type]
    return code


def print_spec(document: Mapping[str, Any], plan: Plan, facts: Mapping[str, Any], catalogue: Catalogue) -> str:
    """Returns a spec as a module of plain Keras.

    Raises:
        SpecError: It holds something that has no plain code.
    """
    try:
        return Printer(document, plan, facts, catalogue).text()
    except NotPlain as error:
        hint = "Nothing else of the spec is at fault: it checks, builds and trains."
        raise SpecError([Fault(f"This cannot be printed as plain Keras: {error}", None, hint)]) from None
