"""Tests of reading: the same ontology in every format is the same, and what cannot be read is told with its place."""

import gzip
from pathlib import Path

import pyhornedowl
import pytest
from conftest import REPOSITORY
from pyoxigraph import CanonicalizationAlgorithm, Dataset, Quad, RdfFormat, parse, serialize

from exo_onto.faults import FaultySourcesError
from exo_onto.quality import reading
from exo_onto.sources import SourceFile

TURTLE = """
@prefix ex: <http://example.org/> . @prefix owl: <http://www.w3.org/2002/07/owl#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
<http://example.org/onto> a owl:Ontology .
ex:p a owl:ObjectProperty .
ex:A a owl:Class ; rdfs:label "甲"@zh ; rdfs:subClassOf ex:B , [ a owl:Restriction ; owl:onProperty ex:p ; owl:someValuesFrom ex:B ] .
ex:B a owl:Class .
"""
REFERENCE = REPOSITORY.parent / "shared" / "reference"


def canonical(content: bytes) -> Dataset:
    triples = (quad.triple for quad in parse(content, format=RdfFormat.TURTLE))
    told = Dataset(Quad(each.subject, each.predicate, each.object) for each in triples)
    told.canonicalize(CanonicalizationAlgorithm.UNSTABLE)
    return told


def written(suffix: str) -> str:
    if suffix in reading.RDF:
        quads = parse(TURTLE, format=RdfFormat.TURTLE)
        return (serialize((quad.triple for quad in quads), format=reading.RDF[suffix]) or b"").decode()
    xml = written(".rdf")
    ontology = pyhornedowl.open_ontology_from_string(xml, serialization="rdf")
    return ontology.save_to_string(suffix.removeprefix("."))  # type: ignore[arg-type]


@pytest.mark.parametrize("packed", [False, True], ids=["plain", "gzip"])
@pytest.mark.parametrize("suffix", [".ttl", ".nt", ".nq", ".trig", ".rdf", ".owl", ".xml", ".jsonld", ".json"])
def test_every_format_of_rdf_says_the_same(suffix: str, packed: bool, tmp_path: Path) -> None:  # noqa: FBT001
    text = written({".owl": ".rdf", ".xml": ".rdf", ".json": ".jsonld"}.get(suffix, suffix))
    name = f"a{suffix}{'.gz' if packed else ''}"
    content = text.encode()
    (tmp_path / name).write_bytes(gzip.compress(content) if packed else content)
    read = reading.read(tmp_path, name)
    assert read.left_out == ()
    assert canonical(read.file.content()) == canonical(TURTLE.encode())


@pytest.mark.parametrize("suffix", [".ofn", ".owx", ".omn"])
@pytest.mark.parametrize("name", ["a{}", "a.owl"])
def test_every_format_of_owl_says_the_same(suffix: str, name: str, tmp_path: Path) -> None:
    name = name.format(suffix)
    (tmp_path / name).write_text(written(suffix), "utf-8")
    assert canonical(reading.read(tmp_path, name).file.content()) == canonical(TURTLE.encode())


OBO = (
    "format-version: 1.2\nontology: ex\n\n[Term]\nid: EX:1\nname: a\nxref: :no prefix\nis_a: EX:2\n\n[Term]\nid: EX:2\n"
)


def test_a_line_of_obo_that_is_none_is_left_out_and_told(tmp_path: Path) -> None:
    (tmp_path / "a.obo").write_text(OBO, "utf-8")
    read = reading.read(tmp_path, "a.obo")
    (fault,) = read.left_out
    assert (fault.place.file, fault.place.line) == ("a.obo", 7)
    assert "xref: :no prefix" in fault.what
    text = read.file.content().decode()
    assert "obo/EX_1> <http://www.w3.org/2000/01/rdf-schema#subClassOf> <http://purl.obolibrary.org/obo/EX_2>" in text


def test_obo_that_is_none_at_all_is_refused(tmp_path: Path) -> None:
    many = "".join(f"xref: :no prefix {number}\n" for number in range(reading.MOST_LEFT_OUT + 1))
    for text in ("nothing of the kind", OBO.replace("xref: :no prefix\n", many), OBO.replace("id: EX:1", "id:")):
        (tmp_path / "a.obo").write_text(text, "utf-8")
        with pytest.raises(FaultySourcesError, match="does not keep to its format"):
            reading.read(tmp_path, "a.obo")


@pytest.mark.parametrize(
    ("name", "content", "says", "line"),
    [
        ("a.ttl.gz", b"no gzip", "cannot be read", None),
        ("a.rdf", b"<rdf:RDF", "RDF", None),
        ("a.nt", b"<http://a> <http://b> .\n", "N", 1),
        ("a.nt", b"\n\xff", "not UTF-8", 2),
        ("a.json", b'{"graphs": []}', "no JSON-LD", None),
        ("a.jsonld", b'{"@context": "http://example.org/context", "a": 1}', "JSON", None),
        ("a.ofn", b"Ontology(", "does not keep to its format", 1),
        ("a.txt", b"", "does not tell its format", None),
        ("none.nt", None, "cannot be read", None),
    ],
)
def test_what_cannot_be_read_is_told(
    name: str, content: bytes | None, says: str, line: int | None, tmp_path: Path
) -> None:
    if content is not None:
        (tmp_path / name).write_bytes(content)
    with pytest.raises(FaultySourcesError) as raised:
        reading.read(tmp_path, name)
    (fault,) = raised.value.faults
    assert says in fault.what
    assert fault.remedy
    assert fault.place.file == name
    assert line is None or fault.place.line == line


def test_a_file_that_unpacks_to_too_much_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "MOST_BYTES", 2**20)
    (tmp_path / "a.nt.gz").write_bytes(gzip.compress(b" " * 2**24))
    with pytest.raises(FaultySourcesError, match="more than 1 MiB"):
        reading.read(tmp_path, "a.nt.gz")


def test_turtle_is_a_source_as_any_other_and_a_large_one_is_not_parsed_twice(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "a.ttl").write_text(TURTLE, "utf-8")
    assert type(reading.read(tmp_path, "a.ttl").file) is SourceFile
    monkeypatch.setattr(reading, "MOST_PLACED", 10)
    file = reading.read(tmp_path, "a.ttl").file
    seen = file.find("http://example.org/A", "http://www.w3.org/2000/01/rdf-schema#label", "甲")
    assert seen
    assert (seen.closeness, seen.place.line) == (4, 6)
    mentioned = file.find("http://www.w3.org/2002/07/owl#Restriction", None, None)
    assert mentioned
    assert mentioned.closeness == 1
    assert file.find("http://example.org/none", None, None) is None


@pytest.mark.skipif(not REFERENCE.is_dir(), reason="the reference files are not beside the checkout")
@pytest.mark.parametrize(
    ("name", "terms", "left_out"),
    [("so.obo.gz", 2_600, 2), ("eco.obo.gz", 2_200, 0), ("ro.owl.gz", 80, 0), ("cl-edit.owl.gz", 3_000, 0)],
)
def test_public_ontologies_are_read(name: str, terms: int, left_out: int) -> None:
    read = reading.read(REFERENCE, name)
    classes = read.file.content().count(b"#type> <http://www.w3.org/2002/07/owl#Class>")
    assert classes >= terms
    assert len(read.left_out) == left_out
