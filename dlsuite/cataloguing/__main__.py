"""Runs `python -m dlsuite.cataloguing`."""

import sys

from dlsuite.cataloguing import main

sys.exit(main(sys.argv[1:]))
