"""`python -m dlsuite`: the `dlsuite` command."""

from dlsuite.cli import main

if __name__ == "__main__":
    raise SystemExit(main())
