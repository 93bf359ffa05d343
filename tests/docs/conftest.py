"""The scripts that write pages of docs/."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType

import pytest

DOCS = Path(__file__).parents[2] / "docs"


def _script(name: str) -> ModuleType:
    # docs/ is no package: a script is loaded by its path.
    spec = importlib.util.spec_from_file_location(name, DOCS / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="session")
def make_commands() -> ModuleType:
    return _script("make_commands")


@pytest.fixture(scope="session")
def make_pivots() -> ModuleType:
    return _script("make_pivots")
