"""What the tests of installing share: a copy of what the package is made from, as pyproject.toml names it."""

import shutil
import tomllib
from pathlib import Path

from conftest import REPOSITORY

_WHEEL = tomllib.loads((REPOSITORY / "pyproject.toml").read_text("utf-8"))["tool"]["hatch"]["build"]["targets"]["wheel"]
FORCED: dict[str, str] = _WHEEL["force-include"]
"""The folders that a wheel has from elsewhere, each with its place in the wheel."""
_FILES = ("pyproject.toml", "README.md", "LICENSE", "LICENSE-DATA", "hatch_build.py")


def package(home: Path) -> Path:
    """Copy what a wheel is made from, without what was built of it."""
    for name in _FILES:
        shutil.copy(REPOSITORY / name, home / name)
    unwanted = shutil.ignore_patterns("node_modules", "built", "__pycache__")
    for name in ("web", *_WHEEL["packages"], *FORCED):
        shutil.copytree(REPOSITORY / name, home / name, ignore=unwanted)
    return home
