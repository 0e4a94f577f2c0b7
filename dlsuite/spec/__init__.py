"""The language: from a JSON text to a plan, without keras."""

from dlsuite.spec.errors import DataError, DLSuiteError, Fault, SpecError, TrainingError
from dlsuite.spec.loading import Spec, check, load, load_text
from dlsuite.spec.plan import Plan
from dlsuite.spec.values import Argument

__all__ = [
    "Argument", "DLSuiteError", "DataError", "Fault", "Plan", "Spec", "SpecError", "TrainingError", "check", "load",
    "load_text",
]  # fmt: skip
