"""Tests of links.opening: what a file is, its bytes say."""

import gzip
import hashlib
from pathlib import Path

import pytest
from ontologies import SMALL_OBO, as_json, in_syntax, written

from exo_onto.links import opening
from exo_onto.links.opening import Format
from exo_onto.links.terms import DamagedError, LinksError, UnknownFormatError

SYNTAXES = {
    Format.OBO: SMALL_OBO,
    Format.RDF_XML: in_syntax("rdf"),
    Format.OWL_XML: in_syntax("owx"),
    Format.FUNCTIONAL: in_syntax("ofn"),
    Format.JSON: as_json(),
    Format.TURTLE: "@prefix : <http://example.org/> .\n:a a :B .\n",
}


@pytest.mark.parametrize("syntax", list(Format))
@pytest.mark.parametrize("name", ["a.txt", "a.obo", "a.owl.gz", "a.json.gz"])
def test_a_file_is_known_by_its_bytes_and_never_by_its_suffix(tmp_path: Path, syntax: Format, name: str) -> None:
    assert opening.sniff(written(tmp_path, name, SYNTAXES[syntax])) is syntax
    assert opening.sniff(written(tmp_path, name, b"\xef\xbb\xbf" + SYNTAXES[syntax].encode())) is syntax


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("", "is empty"),
        (" \n", "is empty"),
        ("<!DOCTYPE html><html><body>Not found</body></html>", "web page"),
        ("<svg xmlns='http://www.w3.org/2000/svg'/>", "XML of another kind"),
        ("go,name\n", "Neither OBO"),
        ("<rdf:RDF <", "XML is broken"),
    ],
)
def test_what_is_no_ontology_is_refused_in_words(tmp_path: Path, content: str, says: str) -> None:
    with pytest.raises(LinksError, match=says):
        opening.sniff(written(tmp_path, "go.owl", content))


def test_formats_that_are_not_read_are_named(tmp_path: Path) -> None:
    with pytest.raises(UnknownFormatError, match="it begins with 'Prefix: obo: "):
        opening.sniff(written(tmp_path, "go.omn", "Prefix: obo: <http://purl.obolibrary.org/obo/>\n"))


@pytest.mark.parametrize("part", [0.2, 0.5, 0.9])
def test_a_gzip_file_that_is_cut_short_is_refused_with_the_place(tmp_path: Path, part: float) -> None:
    packed = gzip.compress(SMALL_OBO.encode(), mtime=0)
    path = tmp_path / "go.obo.gz"
    path.write_bytes(packed[: int(len(packed) * part)])
    with pytest.raises(
        DamagedError,
        match=rf"go\.obo\.gz: the gzip file is cut short, at byte [\d,]+ of {len(packed[: int(len(packed) * part)])}",
    ):
        opening.text_of(path)


def test_a_gzip_file_with_a_wrong_byte_is_refused(tmp_path: Path) -> None:
    packed = bytearray(gzip.compress(SMALL_OBO.encode(), mtime=0))
    packed[len(packed) // 2] ^= 0xFF
    path = tmp_path / "go.obo.gz"
    path.write_bytes(packed)
    with pytest.raises(DamagedError, match=r"is damaged|is cut short|is not UTF-8"):
        opening.text_of(path)


def test_text_that_is_not_utf8_is_refused_with_the_line(tmp_path: Path) -> None:
    with pytest.raises(DamagedError, match=r"a\.obo:2: The file is not UTF-8"):
        opening.text_of(written(tmp_path, "a.obo", b"ontology: go\nremark: \xff\n"))


def test_more_text_than_is_held_in_memory_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(opening, "MOST_TEXT", 100)
    monkeypatch.setattr(opening, "MOST_STREAM", 100)
    path = written(tmp_path, "a.obo.gz", SMALL_OBO)
    with pytest.raises(LinksError, match="which are streamed"):
        opening.text_of(path)
    with pytest.raises(LinksError, match="this is no ontology"):
        list(opening.blocks(path))


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(LinksError, match="No such file"):
        opening.sniff(tmp_path / "a.obo")
    with pytest.raises(LinksError, match="No such file"):
        opening.digest(tmp_path / "a.obo")


def test_the_digest_is_that_of_sha256sum(tmp_path: Path) -> None:
    path = written(tmp_path, "a.obo.gz", SMALL_OBO)
    assert opening.digest(path) == hashlib.sha256(path.read_bytes()).hexdigest()


def test_a_stream_gives_the_bytes_in_pieces_of_any_size(tmp_path: Path) -> None:
    stream = opening.Stream(written(tmp_path, "a.obo.gz", SMALL_OBO))
    assert stream.readable()
    assert stream.read(7) + stream.read(10) + stream.read() == SMALL_OBO.encode()
    assert stream.read(5) == b""


@pytest.mark.parametrize("cut", [200, 900, -4])
def test_xml_that_is_cut_short_is_refused_with_line_and_column(tmp_path: Path, cut: int) -> None:
    with pytest.raises(DamagedError, match=r"a\.owl:\d+:\d+: The XML is broken or cut short"):
        opening.well_formed(written(tmp_path, "a.owl", in_syntax("rdf")[:cut]))
