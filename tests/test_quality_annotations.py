"""Tests of annotations: what GitHub reads is what was meant, whatever a file holds."""

import re

from hypothesis import given
from hypothesis import strategies as st

from exo_onto.diagnose import Diagnostic
from exo_onto.places import Place
from exo_onto.quality.annotations import annotations
from exo_onto.validate import Severity

TEXTS = st.text(st.characters(codec="utf-8"), max_size=20)


def test_a_diagnostic_is_a_command_with_its_place() -> None:
    told = Diagnostic("missing-label", Severity.VIOLATION, "It has none.", Place("a,b.ttl", 3, 5), "Add one.")
    assert annotations([told]) == "::error file=a%2Cb.ttl,line=3,col=5,title=missing-label::It has none.%0AAdd one.\n"


def test_severities_have_the_names_of_github() -> None:
    told = [Diagnostic("a", severity, "x") for severity in Severity]
    assert [line.partition(" ")[0] for line in annotations(told).splitlines()] == ["::notice", "::warning", "::error"]


@given(what=TEXTS, file=TEXTS, code=TEXTS)
def test_no_text_ends_a_command_or_begins_another(what: str, file: str, code: str) -> None:
    text = annotations([Diagnostic(code, Severity.WARNING, what, Place(file, 1))])
    match = re.fullmatch(r"::warning file=([^,\n\r:]*),line=1,title=([^,\n\r:]*)::([^\n\r]*)\n", text)
    assert match
    assert [_read(part) for part in match.groups()] == [file, code, what]


def _read(text: str) -> str:
    """Undo the escapes as the runner does (actions/runner, ActionCommand.cs): the percent sign last."""
    for escaped, plain in (("%2C", ","), ("%3A", ":"), ("%0A", "\n"), ("%0D", "\r"), ("%25", "%")):
        text = text.replace(escaped, plain)
    return text
