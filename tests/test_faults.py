"""Tests of faults: what a parser cannot read is told in terms of the file, with what to do."""

import pytest
from pyoxigraph import RdfFormat, parse

from exo_onto.faults import Fault, FaultySourcesError, telling


def told(content: bytes) -> Fault:
    with pytest.raises(FaultySourcesError) as caught, telling(content, "a.ttl"):
        list(parse(content, format=RdfFormat.TURTLE))
    (fault,) = caught.value.faults
    assert str(caught.value) == f"{fault.place}: {fault.what}"
    assert fault.place.file == "a.ttl"
    return fault


def test_a_prefix_of_ours_is_offered_where_it_is_not_declared() -> None:
    fault = told(b"<urn:a> a <urn:B> .\nCL:0000134 a <urn:B> .")
    assert (fault.place.line, fault.what) == (2, "The prefix CL: is not declared.")
    assert fault.remedy.startswith("Add `@prefix CL: <http://purl.obolibrary.org/obo/CL_> .`")


def test_the_line_is_quoted_where_the_syntax_is_wrong() -> None:
    fault = told(b"<urn:a> a <urn:B> ;; ]\n.")
    assert fault.what.startswith("Turtle syntax: ")
    assert fault.what.endswith("The line reads: <urn:a> a <urn:B> ;; ]")


def test_another_encoding_and_terms_of_triples_are_told_as_such() -> None:
    assert told('<urn:a> <urn:b> "髓核" .'.encode("gbk")).what == "The file is not UTF-8."
    assert "RDF 1.2" in told(b"<urn:a> <urn:b> <<( <urn:a> <urn:b> <urn:c> )>> .").what


def test_what_can_be_read_is_nobody_s_fault() -> None:
    with telling(b"<urn:a> a <urn:B> .", "a.ttl"):
        pass
