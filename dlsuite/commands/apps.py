"""show what was trained in a browser: vision, speech, text, protein structures, generation, specs and runs

Example:
  dlsuite apps
  dlsuite apps --port 8600 --runs experiments
"""

from __future__ import annotations

import argparse
import importlib.util
import logging
import os
import socket
import sys
from pathlib import Path

from dlsuite.commands import UsageError, add_runs, note

PORTS = range(8501, 8601)


def arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the arguments of `apps`."""
    add_runs(parser)
    parser.add_argument("--specs", metavar="DIR", default="my_specs", help="folder of your own specs (my_specs)")
    parser.add_argument("--port", metavar="N", type=int, help=f"default: the first free one from {PORTS[0]}")
    parser.add_argument("--address", metavar="IP", default="127.0.0.1", help="default: 127.0.0.1, this machine alone")


def run(arguments: argparse.Namespace) -> int:
    """Serves the apps until Ctrl-C."""
    port = _free_port(arguments.address, arguments.port)
    os.environ["DLSUITE_RUNS"] = str(Path(arguments.runs).absolute())
    os.environ["DLSUITE_SPECS"] = str(Path(arguments.specs).absolute())
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    make_importable()
    logging.disable(logging.WARNING)  # Streamlit warns of every cache that is made before the server runs
    from apps import serving

    app = serving.make_app(arguments.address)
    logging.disable(logging.NOTSET)
    note(f"The apps are at http://{arguments.address}:{port}  (Ctrl-C ends them; trainings go on)")
    app.run(config={**serving.SETTINGS, "server.port": port, "server.address": arguments.address})
    return 0


def make_importable() -> None:
    """Makes the folder of the apps the package `apps`: in the package where it was installed from a wheel, else beside.

    Raises:
        UsageError: This installation has no apps.
    """
    if "apps" in sys.modules:
        return
    package = Path(__file__).parents[1]
    found = [one for one in (package / "apps", package.parent / "apps") if (one / "__init__.py").is_file()]
    if not found:
        raise UsageError("this installation has no apps: install a wheel, or a checkout, that holds the folder `apps`")
    spec = importlib.util.spec_from_file_location(
        "apps", found[0] / "__init__.py", submodule_search_locations=[str(found[0])]
    )
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["apps"] = module
    spec.loader.exec_module(module)


def _free_port(address: str, wanted: int | None) -> int:
    """Returns the port that was asked for, else the first free one.

    Raises:
        UsageError: None of them can be had.
    """
    if wanted is not None and not 1 <= wanted <= 65535:
        raise UsageError(f"`--port {wanted}` is no port: ports go from 1 to 65535")
    reason = ""
    for port in PORTS if wanted is None else [wanted]:
        with socket.socket() as one:
            one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                one.bind((address, port))
            except OSError as error:
                reason = error.strerror or str(error)
                continue
            return port
    which = f"port {wanted} cannot" if wanted else f"no port from {PORTS[0]} to {PORTS[-1]} can"
    raise UsageError(f"{which} be had at {address}: {reason}. Another is taken with --port, another IP with --address")
