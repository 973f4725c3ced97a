"""Tests of links.mappings: SSSOM out is what the sources say and what others read; in again it changes nothing."""

import csv
import io
import json
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import REPOSITORY, quiet
from curies import Converter
from pyoxigraph import RdfFormat, Store, parse
from rdflib import Graph
from typer.testing import CliRunner

from exo_onto import judge, loading, sources
from exo_onto.cli import app
from exo_onto.links import mappings
from exo_onto.links.mappings import MANUAL, Link, SssomError, links_of, read_sssom, take
from exo_onto.vocabulary import PREFIXES, expand

READ = sources.read_sources(REPOSITORY)
TEXT = mappings.sssom(READ, version="1")
THEIRS = """#mapping_set_id: https://example.org/theirs
#mapping_set_title: A made-up set
#mapping_set_version: '7'
#license: https://creativecommons.org/publicdomain/zero/1.0/
#curie_map:
#  CHEBI: http://purl.obolibrary.org/obo/CHEBI_
#  GO: http://purl.obolibrary.org/obo/GO_
#  ent: https://w3id.org/exo-onto/entity/
#  semapv: https://w3id.org/semapv/vocab/
#  skos: http://www.w3.org/2004/02/skos/core#
subject_id\tpredicate_id\tobject_id\tmapping_justification\tcomment
ent:col2a1\tskos:relatedMatch\tGO:0005585\tsemapv:LexicalMatching\tThe trimer, "not" the chain
ent:hydrogen-peroxide\tskos:exactMatch\tCHEBI:16240\tsemapv:ManualMappingCuration\t
"""


def run(*arguments: str) -> tuple[int, str]:
    done = CliRunner().invoke(app, ["links", *arguments])
    return done.exit_code, done.output


def test_what_is_written_is_what_the_store_has() -> None:
    """The oracle is SPARQL, and a reader of TSV by Python's own csv."""
    store = Store()
    loading.load(READ, store)
    asked = store.query(
        """PREFIX skos: <http://www.w3.org/2004/02/skos/core#> SELECT ?s ?p ?o WHERE { GRAPH ?g { ?s ?p ?o }
        FILTER (?p IN (skos:exactMatch, skos:closeMatch, skos:broadMatch, skos:narrowMatch, skos:relatedMatch) && isIRI(?o)) }"""
    )
    expected = {(row["s"].value, row["p"].value, row["o"].value) for row in asked}  # type: ignore[union-attr]
    rows = csv.DictReader((line for line in io.StringIO(TEXT) if not line.startswith("#")), delimiter="\t")
    written = {tuple(expand(row[part]).value for part in ("subject_id", "predicate_id", "object_id")) for row in rows}
    assert written == expected
    assert len(written) > 300


THEIR_READER = """
import json, sys
from sssom.parsers import parse_sssom_table
frame = parse_sssom_table(sys.argv[1])
print(json.dumps([frame.metadata["mapping_set_id"], frame.df.fillna("").astype(str).to_dict("records")]))
"""


def test_the_package_sssom_reads_what_is_written(tmp_path: Path) -> None:
    """In a process of its own: it sets options of pandas that warn."""
    (tmp_path / "ours.tsv").write_text(TEXT, "utf-8")
    command = [sys.executable, "-W", "ignore", "-c", THEIR_READER, str(tmp_path / "ours.tsv")]
    name, rows = json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
    assert name == "https://w3id.org/exo-onto/mappings"
    parts = ("subject_id", "predicate_id", "object_id", "mapping_justification", "comment")
    read = [(*(expand(row[part]).value for part in parts[:4]), row["comment"]) for row in rows]
    ours = [(each.subject, each.predicate, each.object, each.justification, each.comment) for each in links_of(READ)]
    assert sorted(read) == sorted(ours)
    assert {row["predicate_id"] for row in rows} <= {
        f"skos:{each}Match" for each in ("exact", "close", "broad", "narrow", "related")
    }


def test_out_and_in_again_is_the_identity() -> None:
    file = read_sssom(TEXT)
    assert [link for _, link in file.links] == list(links_of(READ))
    assert take(READ, file).new == ()


def test_a_file_of_others_is_taken_in_with_its_justification(copied: Path, tmp_path: Path) -> None:
    (tmp_path / "theirs.sssom.tsv").write_text(THEIRS, "utf-8")
    arguments = ("sssom", "--add", str(tmp_path / "theirs.sssom.tsv"), "--root", str(copied))
    code, said = run(*arguments)
    assert code == 0, said
    assert "+entity:col2a1 skos:relatedMatch GO:0005585 ." in said
    assert "1 new, 1 known" in said
    assert "GO:0005585 is in no module: take it with `exo-onto links update FILE`." in said
    read = sources.read_sources(copied)
    (new,) = set(links_of(read)) - set(links_of(READ))
    assert (new.justification, new.predicate) == (
        f"{PREFIXES['semapv']}LexicalMatching",
        f"{PREFIXES['skos']}relatedMatch",
    )
    first = (copied / mappings.FILE).read_text("utf-8")
    assert 'rdfs:comment "The trimer, \\"not\\" the chain"' in first
    assert (
        judge.judge(judge.look(copied, quiet), progress=quiet).diagnostics
        == judge.judge(READ, progress=quiet).diagnostics
    )
    code, said = run(*arguments)
    assert (code, said.strip()) == (0, "0 new, 2 known")
    more = THEIRS.replace("ent:col2a1", "ent:proteoglycan").replace("/theirs", "/more")
    (tmp_path / "theirs.sssom.tsv").write_text(more, "utf-8")
    assert run(*arguments)[0] == 0
    both = (copied / mappings.FILE).read_text("utf-8")
    assert set(first.splitlines()) <= set(both.splitlines())
    assert len(list(parse(both, format=RdfFormat.TURTLE))) == 2 * len(list(parse(first, format=RdfFormat.TURTLE)))
    code, out = run("sssom", "--root", str(copied), "--output", str(tmp_path / "out.tsv"))
    assert code == 0, out
    assert "entity:col2a1\tCOL2A1\tskos:relatedMatch\tGO:0005585\t\tsemapv:LexicalMatching" in (
        tmp_path / "out.tsv"
    ).read_text("utf-8")


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("semapv:LexicalMatching", "nonsense", "Line 12: nonsense does not appear to be a CURIE"),
        ("GO:0005585", "nope:1", "Line 12: the prefix nope: is not explained by curie_map."),
        ("ent:col2a1", "ent:nobody", "Line 12: subject_id entity:nobody is no term of the sources"),
        ("skos:relatedMatch", "skos:broader", "Line 12: predicate_id skos:broader is not taken from files"),
        ("GO:0005585", "GO:12", "Line 12: object_id GO:12 is malformed"),
        ("GO:0005585", "ent:tnf", "Line 12: object_id entity:tnf is no identifier"),
        ("exactMatch", "broadMatch", "Line 13: entity:hydrogen-peroxide has skos:exactMatch to CHEBI:16240 already"),
        ("#mapping_set_id: https://example.org/theirs\n", "", "mapping_set_id"),
        ("#license", "#- license", "YAML"),
        (THEIRS, "", "mapping_set_id"),
    ],
)
def test_a_faulty_file_is_refused_with_the_line_and_nothing_is_taken(
    copied: Path, tmp_path: Path, old: str, new: str, says: str
) -> None:
    (tmp_path / "x.tsv").write_text(THEIRS.replace(old, new), "utf-8")
    code, said = run("sssom", "--add", str(tmp_path / "x.tsv"), "--root", str(copied))
    assert code == 2, said
    assert says in said
    assert "Traceback" not in said
    assert not (copied / mappings.FILE).exists()


def test_a_file_without_metadata_is_told_what_it_lacks() -> None:
    with pytest.raises(SssomError, match=r"This is no SSSOM/TSV: it begins with no line of metadata"):
        read_sssom("subject_id\tobject_id\n")


def test_a_mapping_that_is_denied_is_refused() -> None:
    denied = THEIRS.replace("\tcomment", "\tpredicate_modifier").replace('The trimer, "not" the chain', "Not")
    with pytest.raises(SssomError, match="denied"):
        read_sssom(denied)


def test_equivalence_is_never_taken_from_a_file(copied: Path) -> None:
    file = read_sssom(THEIRS)
    identical = Link(
        "https://w3id.org/exo-onto/entity/tnf", f"{PREFIXES['owl']}equivalentClass", f"{PREFIXES['GO']}0005585", MANUAL
    )
    with pytest.raises(SssomError, match="is not taken from files"):
        take(sources.read_sources(copied), mappings.MappingFile(file.identifier, "", "", "", ((1, identical),)))


def test_the_prefixes_are_read_by_the_tools_that_they_are_for() -> None:
    for text in (mappings.prefix_map(), mappings.extended_prefix_map()):
        told = json.loads(text)
        make = Converter.from_prefix_map if isinstance(told, dict) else Converter.from_extended_prefix_map
        assert make(told).bimap == dict(PREFIXES)
    document = {
        **json.loads(mappings.context()),
        "@id": "CHEBI:16240",
        "skos:closeMatch": {"@id": "mirbase.mature:MIMAT0000076"},
    }
    ((subject, predicate, value),) = Graph().parse(data=json.dumps(document), format="json-ld")
    assert [str(each) for each in (subject, predicate, value)] == [
        f"{PREFIXES['CHEBI']}16240",
        f"{PREFIXES['skos']}closeMatch",
        f"{PREFIXES['mirbase.mature']}MIMAT0000076",
    ]


def test_the_patterns_of_the_prefixes_are_those_of_the_bioregistry() -> None:
    told = {each["prefix"]: each.get("pattern") for each in json.loads(mappings.extended_prefix_map())}
    assert told["GO"] == r"^\d{7}$"
    assert told["exonto"] is None
    code, said = run("prefixes", "--form", "extended")
    assert code == 0
    assert json.loads(said) == json.loads(mappings.extended_prefix_map())
