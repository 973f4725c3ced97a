"""Tests of links.issued: what was published stays, and a check holds that."""

from pathlib import Path

import pytest
from conftest import quiet
from typer.testing import CliRunner

from exo_onto import judge, sources
from exo_onto.cli import app
from exo_onto.links import issued

TERM = """
exonto:OldName
    a owl:Class ;
    rdfs:label "old name"@en , "旧名"@zh ;
    IAO:0000115 "What is called CellDamage now."@en ;
    rdfs:isDefinedBy exonto: {more}.
"""
WITHDRAWN = "; owl:deprecated true ; IAO:0100001 exonto:CellDamage "


def write(home: Path, more: str) -> None:
    file = home / "ontology" / "process.ttl"
    file.write_text(file.read_text("utf-8") + TERM.format(more=more), "utf-8")


def told(home: Path) -> list[str]:
    found = judge.judge(judge.look(home, quiet), progress=quiet).diagnostics
    return [f"{each.code}: {each.what}" for each in found if each.severity.name == "VIOLATION"]


def test_every_term_on_the_list_is_declared_and_the_list_is_as_it_would_be_written(root: Path) -> None:
    read = sources.read_sources(root)
    change = issued.listed(read)
    assert set(change.before.splitlines()) <= {*change.after.splitlines(), change.before.splitlines()[-1]}
    assert len(change.before.splitlines()) > 150


def test_a_term_that_was_published_and_is_deleted_is_told(copied: Path) -> None:
    write(copied, "")
    done = CliRunner().invoke(app, ["links", "issued", "--add", "--root", str(copied)])
    assert "+    exonto:OldName ," in done.output
    assert told(copied) == []
    file = copied / "ontology" / "process.ttl"
    file.write_text(file.read_text("utf-8").replace(TERM.format(more=""), ""), "utf-8")
    assert [each for each in told(copied) if "exonto:OldName is used and nowhere declared" in each]


def test_a_term_that_is_withdrawn_with_its_replacement_is_sound(copied: Path) -> None:
    write(copied, WITHDRAWN)
    assert told(copied) == []


@pytest.mark.parametrize(
    ("more", "says"),
    [
        ("; owl:deprecated true ", "names the one term that replaces it"),
        ("; owl:deprecated true ; IAO:0100001 exonto:CellDamage , exonto:CellViability ", "names the one term that replaces it"),
        ("; owl:deprecated true ; IAO:0100001 exonto:OldName ", "which is withdrawn itself"),
        (f"{WITHDRAWN}.\nexonto:Newer rdfs:subClassOf exonto:OldName ", "exonto:Newer still uses it"),
        (f"{WITHDRAWN}.\n<https://w3id.org/exo-onto/activity/zhu-lf-2020-mir-142-3p-npc> a exonto:OldName ", "still uses it"),
    ],
)  # fmt: skip
def test_a_term_that_is_withdrawn_badly_is_told(copied: Path, more: str, says: str) -> None:
    write(copied, more)
    found = [each for each in told(copied) if each.startswith("shape:WithdrawnTerms")]
    assert any(says in each for each in found), told(copied)
