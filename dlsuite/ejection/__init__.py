"""A spec as plain Keras Python: blocks as functions, repeats as loops, params as arguments."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dlsuite.ejection.printing import print_spec
from dlsuite.spec import Plan, Spec, catalogue
from dlsuite.spec.checking import Checker
from dlsuite.spec.data_section import read_data
from dlsuite.spec.errors import Fault, SpecError

__all__ = ["eject"]


def eject(spec: Spec, plan: Plan, known: Mapping[str, Any]) -> str:
    """Returns a spec as the text of a Python module, whose `build()` gives the models that the spec describes.

    Args:
        spec: What to print.
        plan: The same, planned with what is `known`.
        known: Facts read from the data, where only it knows them.

    Raises:
        SpecError: It has no model, or something in it has no plain code.
    """
    if not plan.networks:
        hint = "A library of blocks is printed with a spec that uses it."
        raise SpecError([Fault("The spec has no model to print.", spec.document.place, hint)])
    checker = Checker(catalogue.load())
    section = spec.document.get("data")
    _, facts = read_data(checker, section, spec.document.place, plan.params, known)
    return print_spec(spec.document, plan, facts.names, catalogue.load())
