"""Tests of sources."""

from collections.abc import Callable
from pathlib import Path

import pytest
from conftest import REPOSITORY, text
from hypothesis import given
from hypothesis import strategies as st
from pyoxigraph import BlankNode, Store, Triple

from exo_onto.faults import FaultySourcesError
from exo_onto.loading import load
from exo_onto.places import Place
from exo_onto.sources import (
    RootNotFoundError,
    SourceFile,
    _digest,
    find_root,
    names_of,
    read_sources,
)
from exo_onto.vocabulary import (
    BASE,
    GRAPH_CLAIMS,
    GRAPH_EVIDENCE,
    GRAPH_IMPORTS,
    GRAPH_INSTANCES,
    GRAPH_ONTOLOGY,
    Names,
)

HEAD = "@prefix exonto: <https://w3id.org/exo-onto/> .\n@prefix study: <https://w3id.org/exo-onto/study/> .\n"


@pytest.fixture
def small(tmp_path: Path) -> Path:
    """Give a root with one file in each place that a file can be in."""
    for path, content in {
        "ontology/a.ttl": "exonto:A a exonto:B .",
        "ontology/imports/b.ttl": "exonto:C a exonto:B .",
        "ontology/strict/c.ttl": "exonto:D a exonto:B .",
        "shapes/d.ttl": "exonto:E a exonto:B .",
        "instances/claims.ttl": "exonto:F a exonto:B .",
        "instances/evidence/f.ttl": "exonto:G a exonto:B .",
        "instances/studies/e.ttl": "study:e\n    a exonto:Study ;\n    exonto:conducts exonto:F .",
    }.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(HEAD + content + "\n", encoding="utf-8")
    return tmp_path


def test_each_file_goes_into_the_graph_of_its_folder(small: Path) -> None:
    read = read_sources(small)
    found = {graph: [file.path for file in files] for graph, files in read.graphs}
    assert found == {
        GRAPH_ONTOLOGY: ["ontology/a.ttl"],
        GRAPH_IMPORTS: ["ontology/imports/b.ttl"],
        GRAPH_INSTANCES: ["instances/studies/e.ttl"],
        GRAPH_CLAIMS: ["instances/claims.ttl"],
        GRAPH_EVIDENCE: ["instances/evidence/f.ttl"],
    }
    assert [file.path for file in read.shapes] == ["shapes/d.ttl"]
    assert [file.path for file in read.strict] == ["ontology/strict/c.ttl"]


def test_the_root_is_the_nearest_folder_upwards(small: Path) -> None:
    assert find_root(small / "instances" / "studies") == small


def test_outside_a_root_the_error_says_what_is_missing(tmp_path: Path) -> None:
    with pytest.raises(RootNotFoundError, match=r"ontology/, shapes/, instances/.*--root"):
        find_root(tmp_path)


def test_a_triple_is_found_in_its_file_and_line(small: Path) -> None:
    read = read_sources(small)
    assert read.place_of(f"{BASE}study/e", f"{BASE}conducts") == Place("instances/studies/e.ttl", 5)
    assert read.place_of(f"{BASE}study/e") == Place("instances/studies/e.ttl", 4)
    assert read.place_of(f"{BASE}nowhere") is None


def test_a_name_used_only_as_a_property_is_found_too(small: Path) -> None:
    assert read_sources(small).place_of(f"{BASE}conducts") == Place("instances/studies/e.ttl", 5)


def test_every_edge_of_the_corpus_has_a_place(root: Path) -> None:
    read = read_sources(root)
    for triple in list(read.triples(GRAPH_INSTANCES)):
        if triple.predicate.value in {f"{BASE}increases", f"{BASE}decreases", f"{BASE}delivers"}:
            place = read.place_of(text(triple.subject), triple.predicate.value, text(triple.object))
            assert place is not None
            line = (root / place.file).read_text("utf-8").splitlines()[(place.line or 0) - 1]
            assert text(triple.object).rpartition("/")[2] in line


def test_blank_nodes_are_called_the_same_each_time_and_in_each_file_otherwise(small: Path) -> None:
    def said(path: str, label: str) -> frozenset[Triple]:
        turtle = f'[] a exonto:B ; exonto:b [ a exonto:C ] . _:n a exonto:B . exonto:A exonto:b "{label}" .'
        (small / path).write_text(HEAD + turtle, encoding="utf-8")
        return frozenset(next(file for file in read_sources(small).files if file.path == path).triples)

    before, after = said("ontology/a.ttl", "before"), said("ontology/a.ttl", "after")
    assert len(before) == 5
    assert {text(triple.object) for triple in before ^ after} == {"before", "after"}
    assert {text(triple.object) for triple in after & said("shapes/d.ttl", "after")} == {"after"}
    assert BlankNode("n") not in {triple.subject for triple in after}


@pytest.mark.parametrize(
    ("turtle", "line", "what", "remedy"),
    [
        ("exonto:A a exonto:B", 3, "Turtle syntax", "Mend the Turtle"),
        ("exonto:A a exonto:B .\nCL:0000134 a exonto:B .", 4, "The prefix CL: is not declared", "@prefix CL: <http"),
        ("exonto:A a exonto:B .\nfoo:x a exonto:B .", 4, "The prefix foo: is not declared", "Declare it"),
        ('exonto:A a "unfinished .', 3, "Turtle syntax", "Mend the Turtle"),
    ],
)
def test_a_faulty_file_is_told_with_line_reason_and_remedy(
    small: Path, turtle: str, line: int, what: str, remedy: str
) -> None:
    (small / "ontology" / "a.ttl").write_text(HEAD + turtle + "\n", encoding="utf-8")
    with pytest.raises(FaultySourcesError) as caught:
        load(read_sources(small), Store())
    (fault,) = caught.value.faults
    assert fault.place.file == "ontology/a.ttl"
    assert fault.place.line in {line, line + 1}  # an unfinished statement is noticed where the file ends
    assert what in fault.what
    assert remedy in fault.remedy


def test_a_file_that_is_not_utf8_is_told_as_such(small: Path) -> None:
    (small / "ontology" / "a.ttl").write_bytes('<http://a> <http://b> "髓核" .'.encode("gbk"))
    assert faults(small) == [("ontology/a.ttl", "The file is not UTF-8.")]


def faults(root: Path) -> list[tuple[str, str]]:
    with pytest.raises(FaultySourcesError) as caught:
        load(read_sources(root), Store())
    return [(fault.place.file, fault.what) for fault in caught.value.faults]


def test_a_byte_order_mark_is_passed_over(small: Path) -> None:
    path = small / "instances" / "studies" / "e.ttl"
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes())
    assert read_sources(small).place_of(f"{BASE}study/e") == Place("instances/studies/e.ttl", 4)


def test_a_folder_without_turtle_is_a_mistake_and_no_empty_graph(small: Path) -> None:
    (small / "shapes" / "d.ttl").unlink()
    assert faults(small) == [("shapes/", "There is no Turtle file (*.ttl) in this folder.")]


def test_what_cannot_be_read_is_told(small: Path) -> None:
    (small / "shapes" / "folder.ttl").mkdir()
    (small / "shapes" / "link.ttl").symlink_to(small / "nowhere")
    told = faults(small)
    assert [file for file, _ in told] == ["shapes/folder.ttl", "shapes/link.ttl"]
    assert all("cannot be read" in what for _, what in told)


def test_a_triple_as_an_object_is_told(small: Path) -> None:
    path = small / "shapes" / "d.ttl"
    path.write_text(path.read_text("utf-8") + "exonto:A exonto:B <<( exonto:C exonto:D exonto:E )>> .", "utf-8")
    ((file, what),) = faults(small)
    assert file == "shapes/d.ttl"
    assert "RDF 1.2" in what


def test_the_digest_follows_content_and_names(small: Path, one_study: Callable[[str], Path]) -> None:
    first = read_sources(small).digest
    assert read_sources(small).digest == first
    (small / "ontology" / "a.ttl").rename(small / "ontology" / "z.ttl")
    assert read_sources(small).digest != first
    assert read_sources(one_study("lu-k-2017")).digest != first


@given(st.dictionaries(st.text(min_size=1, max_size=9), st.binary(max_size=9).map(bytes.hex), max_size=6), st.randoms())
def test_the_digest_does_not_depend_on_the_order_of_reading(contents: dict[str, str], random: object) -> None:
    files = [SourceFile(Path(), path, 0, sha256) for path, sha256 in contents.items()]
    shuffled = list(files)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert _digest(files) == _digest(shuffled)


def test_the_record_of_an_ontology_says_under_which_names_it_is(tmp_path: Path) -> None:
    assert names_of(REPOSITORY) == Names()
    assert names_of(tmp_path) is None
    header = tmp_path / "ontology" / "header.ttl"
    header.parent.mkdir()
    vann = "@prefix vann: <http://purl.org/vocab/vann/> .\n"
    for said, names in (
        (
            '<http://ex/> vann:preferredNamespacePrefix "e" ; vann:preferredNamespaceUri "http://ex/" .',
            Names("e", "http://ex/"),
        ),
        ('<http://ex/> vann:preferredNamespacePrefix "e" .', None),
        ("nonsense", None),
    ):
        header.write_text(vann + said, "utf-8")
        assert names_of(tmp_path) == names
