"""numpy's products are left to one thread, unless the user says otherwise."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

_PROGRAM = """
import atexit, os, sys
sys.argv = ["backspeak", "--version"]
atexit.register(lambda: print(os.environ["OPENBLAS_NUM_THREADS"], "numpy" in sys.modules))
from backspeak.cli import main
main()
"""


@pytest.mark.parametrize(("given", "expected"), [(None, "1"), ("3", "3")])
def test_the_number_is_set_before_numpy_is_imported(given, expected):
    environment = {name: value for name, value in os.environ.items() if name != "OPENBLAS_NUM_THREADS"}
    if given is not None:
        environment["OPENBLAS_NUM_THREADS"] = given
    done = subprocess.run(
        [sys.executable, "-c", _PROGRAM], env=environment, capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stdout.splitlines()[-1] == f"{expected} False"
