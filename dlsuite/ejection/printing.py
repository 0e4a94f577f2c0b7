"""The printed module: imports, constants, functions of blocks, functions of networks."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from dlsuite.ejection import outlines
from dlsuite.ejection.components import PLACES
from dlsuite.ejection.counting import BROUGHT
from dlsuite.ejection.formulas import NotPlain, names_in, needs_math
from dlsuite.ejection.layout import Code, docstring, lines
from dlsuite.ejection.networks import NetworkPrinter
from dlsuite.ejection.sources import Sources
from dlsuite.spec.catalogue import Catalogue
from dlsuite.spec.errors import Fault, SpecError
from dlsuite.spec.expressions import is_expression
from dlsuite.spec.plan import Plan


class Printer(NetworkPrinter):
    """Prints one spec."""

    def text(self) -> str:
        """Returns the module."""
        functions = [self.block(name) for name in self.blocks]
        functions += [self.network(name) for name in self.sections]
        if not self.plan.single:
            functions.append(self.all_networks())
        sources = Sources(self.components.catalogue, self.components.own, self.plan.name)
        constants = self.constants()
        helpers = [text.strip("\n").split("\n") for key, text in BROUGHT.items() if key in self.used]
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
        """Returns the lines of the facts, rows, and params that are no arguments, so far as the code reads them."""
        found: list[tuple[str, Code]] = []
        wanted = [name for name in self.globals if name in self.used]
        for name in reversed(list(self.globals)):  # params are read by later ones
            if name in wanted and is_expression(self.globals[name][1]):
                wanted += names_in(self.globals[name][1][1:])
            if name in wanted and name in self.plan.params:
                wanted += outlines.names_read(self.globals[name][1])
        for name, (code, value) in self.globals.items():
            if name in wanted and (self.constant or name not in self.plan.params):
                found.append((code, self.components.value(value, self.known)))
        found += self.rows.items()
        return [line for code, value in found for line in lines(value, 0, f"{code} = ")]

    def main(self) -> list[str]:
        """Returns what running the file does."""
        if self.plan.single:
            return ["    build().summary()"]
        return ["    for model in build().values():", "        model.summary()"]


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
