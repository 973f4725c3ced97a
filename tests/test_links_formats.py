"""Tests of links.formats: the same terms come out of every syntax; real and damaged files."""

from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ontologies import REFERENCE, SMALL_OBO, as_json, in_syntax, iri, needs_reference, written

from exo_onto.links import formats
from exo_onto.links.terms import DamagedError, LinksError, Relation


def quiet(_: str) -> None:
    """Stand for a progress that nobody watches."""


def test_every_syntax_gives_the_same_terms(tmp_path: Path) -> None:
    texts = {"a": SMALL_OBO, "b": in_syntax("rdf"), "c": in_syntax("owx"), "d": in_syntax("ofn"), "e": as_json()}
    documents = [formats.read(written(tmp_path, f"{name}.gz", text), progress=quiet) for name, text in texts.items()]
    assert [each.format for each in documents] == [
        "OBO",
        "RDF/XML",
        "OWL/XML",
        "OWL functional syntax",
        "OBO-graph JSON",
    ]
    classes = [{each: term for each, term in one.terms.items() if "GO_" in each} for one in documents]
    assert classes[0][iri("GO:0042981")].relations == (Relation(iri("RO:0002211"), iri("GO:0006915")),)
    assert all(one == classes[0] for one in classes)


def test_turtle_is_read_too(tmp_path: Path) -> None:
    text = "@prefix owl: <http://www.w3.org/2002/07/owl#> . <http://purl.obolibrary.org/obo/GO_1> a owl:Class ; <http://www.w3.org/2000/01/rdf-schema#label> 'one' ."
    assert formats.read(written(tmp_path, "a", text), progress=quiet).terms[iri("GO:1")].label == "one"


@pytest.mark.parametrize(
    ("name", "text", "says"),
    [
        ("cut.json", as_json()[:700], r"cut\.json:1:\d+: The JSON is broken or cut short"),
        ("other.json", '{"CL:0000000": {"label": "cell"}}', "No term was found in this OBO-graph JSON"),
        ("empty.json", '{"graphs": []}', "No term was found in this OBO-graph JSON"),
        ("odd.json", '{"graphs": [{"nodes": [1, 2]}]}', "The JSON is broken"),
        ("cut.ofn", in_syntax("ofn")[:700], r"cut\.ofn:\d+:\d+: The file is broken or cut short"),
        ("cut.owx", in_syntax("owx")[:-20], r"cut\.owx:\d+:\d+: The XML is broken or cut short"),
        ("cut.owl", in_syntax("rdf")[:900], r"cut\.owl:\d+:\d+: The XML is broken or cut short"),
        ("cut.ttl", "@prefix a: <http://a/> . a:b a:c", r"cut\.ttl:\d+:\d+: The Turtle is broken or cut short"),
        ("none.ttl", "@prefix a: <http://a/> . a:b a:c a:d .", "No term was found in this Turtle"),
        ("cut.obo", SMALL_OBO[:-9], r"cut\.obo:\d+: The file is cut short: its last line has no end"),
        ("head.obo", SMALL_OBO[:40] + "\n", "has no stanza"),
    ],
)
def test_a_damaged_file_is_refused_with_the_place(tmp_path: Path, name: str, text: str, says: str) -> None:
    with pytest.raises(DamagedError, match=says):
        formats.read(written(tmp_path, name, text), progress=quiet)


TEXTS = (SMALL_OBO, in_syntax("rdf"), in_syntax("owx"), in_syntax("ofn"), as_json())


@given(
    text=st.sampled_from(TEXTS),
    start=st.integers(0, 5_000),
    size=st.integers(0, 60),
    put=st.one_of(st.binary(max_size=4), st.sampled_from([b'"', b"<", b"{", b"[", b"\n", b"("])),
)
@settings(max_examples=150, deadline=None)
def test_a_file_with_some_wrong_bytes_is_read_or_refused_in_words(
    tmp_path_factory: pytest.TempPathFactory, text: str, start: int, size: int, put: bytes
) -> None:
    content = text.encode()
    path = tmp_path_factory.getbasetemp() / "wrong"
    path.write_bytes(content[:start] + put + content[start + size :])
    with suppress(LinksError):
        formats.read(path, progress=quiet)


@pytest.mark.parametrize(
    ("name", "date"), [("go_2026-01-31.obo", "2026-01-31"), ("go_20260131.obo", "2026-01-31"), ("go.obo", None)]
)
def test_a_date_may_stand_in_the_name(tmp_path: Path, name: str, date: str | None) -> None:
    text = SMALL_OBO.replace("data-version: releases/2026-01-31\n", "")
    assert formats.read(written(tmp_path, name, text), progress=quiet).header.date == date


@needs_reference
@pytest.mark.parametrize(
    ("name", "terms", "dropped"),
    [
        ("so.obo.gz", 2797, 2),
        ("uberon_musculoskeletal_2021-02-17.obo.gz", 3632, 1),
        ("wikipathways_20251010.obo.gz", 2886, 1),
    ],
)
def test_real_files_that_are_refused_are_read_without_the_lines_at_fault(name: str, terms: int, dropped: int) -> None:
    document = formats.read(REFERENCE / name, progress=quiet)
    assert (len(document.terms), len(document.warnings)) == (terms, dropped)


@needs_reference
def test_the_relation_ontology_says_the_same_as_json_and_as_rdf() -> None:
    rdf = formats.read(REFERENCE / "ro.owl.gz", progress=quiet)
    graph = formats.read(REFERENCE / "ro.json.gz", progress=quiet)
    own = {each: one for each, one in rdf.terms.items() if "/RO_" in each and one.kind == "ObjectProperty"}
    assert len(own) > 500
    assert {each: one.parents for each, one in own.items()} == {each: graph.terms[each].parents for each in own}
    assert {each: one.label for each, one in own.items()} == {each: graph.terms[each].label for each in own}


@needs_reference
@pytest.mark.parametrize("name", ["eco.obo.gz", "ro.owl.gz", "ro.json.gz"])
@pytest.mark.parametrize("part", [0.3, 0.95])
def test_a_real_file_that_is_cut_short_is_refused(tmp_path: Path, name: str, part: float) -> None:
    content = (REFERENCE / name).read_bytes()
    path = tmp_path / name
    path.write_bytes(content[: int(len(content) * part)])
    with pytest.raises(DamagedError, match="cut short, at byte"):
        formats.read(path, progress=quiet)


@needs_reference
def test_a_table_of_labels_is_no_input() -> None:
    with pytest.raises(LinksError, match="No term was found"):
        formats.read(REFERENCE / "cl_2026-03-26.labels-ancestors.json.gz", progress=quiet)
