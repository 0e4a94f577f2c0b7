"""Reports: HTML files that open offline, of one run and of two side by side."""

from dlsuite.report.page import render
from dlsuite.report.sides import render_sides

__all__ = ["render", "render_sides"]
