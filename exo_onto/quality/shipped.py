"""shipped: nothing in; the checks, their severities and the pages of all codes, as they come with the package, out.

Reads files of the package. In a checkout the pages are in docs/diagnostics/, in a wheel beside this module.
"""

import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from types import MappingProxyType

from exo_onto.quality.checks import Check, parse_check
from exo_onto.quality.levels import Level
from exo_onto.quality.pages import Page, parse_page

_HERE = Path(__file__).parent
_PAGES = (_HERE / "diagnostics", _HERE.parent.parent / "docs" / "diagnostics")


@cache
def checks() -> tuple[Check, ...]:
    """Read the shipped checks, in the order of their codes."""
    return tuple(parse_check(path.stem, path.read_text("utf-8")) for path in sorted(_HERE.glob("checks/*.rq")))


@cache
def terms() -> str:
    """Read the update that gathers what is checked."""
    return (_HERE / "terms.ru").read_text("utf-8")


@cache
def levels() -> Mapping[str, Level]:
    """Read the severities of the shipped checks."""
    told = tomllib.loads((_HERE / "levels.toml").read_text("utf-8"))
    return MappingProxyType({code: Level(level) for code, level in told["severity"].items()})


@cache
def pages() -> Mapping[str, Page]:
    """Read the page of every code, by code."""
    folder = next(each for each in _PAGES if each.is_dir())
    read = (parse_page(path.read_text("utf-8")) for path in sorted(folder.glob("*.md")))
    return MappingProxyType({page.code: page for page in read})
