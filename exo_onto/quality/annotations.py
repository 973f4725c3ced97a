"""annotations: diagnostics in, the commands by which a run on GitHub shows them beside the line out. Pure.

They are escaped as GitHub's own toolkit does (actions/toolkit, packages/core/src/command.ts), so that no text of a file
can end one and begin another.
"""

from collections.abc import Iterable

from exo_onto.diagnose import Diagnostic
from exo_onto.validate import Severity

_COMMANDS = {Severity.VIOLATION: "error", Severity.WARNING: "warning", Severity.INFO: "notice"}


def annotations(found: Iterable[Diagnostic]) -> str:
    """Write one workflow command a line."""
    return "".join(f"{_annotation(each)}\n" for each in found)


def _annotation(each: Diagnostic) -> str:
    place = each.place
    values = {
        "file": place.file if place else None,
        "line": place.line if place else None,
        "col": place.column if place else None,
        "title": each.code,
    }
    told = ",".join(f"{name}={_property(str(value))}" for name, value in values.items() if value is not None)
    text = f"{each.what}\n{each.remedy}" if each.remedy else each.what
    return f"::{_COMMANDS[each.severity]} {told}::{_data(text)}"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
