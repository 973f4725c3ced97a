"""Tests of links.fresh: of several files the newer is heard, by the date that it says or that is on record."""

from dataclasses import replace
from pathlib import Path

from exo_onto.links.formats import Document
from exo_onto.links.fresh import Fresh, fresh_of
from exo_onto.links.terms import Header, Kind, Term

CELL = "http://purl.obolibrary.org/obo/CL_0000001"


def document(label: str, date: str | None) -> Document:
    return Document(Path("new.obo"), "OBO", "0", Header(date=date), {CELL: Term(CELL, Kind.CLASS, label)})


def test_of_two_files_the_newer_is_heard() -> None:
    old, new = document("old", "2020"), document("new", "2024")
    for order in ((old, new), (new, old)):
        assert fresh_of(order).terms["cl:0000001"].label == "new"
    assert fresh_of(()) == Fresh()


def test_a_file_that_says_no_date_has_the_one_on_record() -> None:
    old = document("old", "2020")
    new = replace(document("new", None), sha256="ab" * 32)
    assert fresh_of((old, new)).terms["cl:0000001"].label == "old"
    assert fresh_of((old, new), {new.sha256: "2024"}).terms["cl:0000001"].label == "new"
