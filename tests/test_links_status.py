"""Tests of links.status: identifiers that are wrong are found, with file and line; and real drift is found and mended."""

import csv
import gzip
import hashlib
import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from conftest import REPOSITORY, text
from pyoxigraph import RdfFormat, Store, parse
from typer.testing import CliRunner

from exo_onto import loading, sources
from exo_onto.cli import app
from exo_onto.links import formats, status
from exo_onto.links.edits import Change
from exo_onto.links.formats import Document
from exo_onto.links.fresh import fresh_of
from exo_onto.links.mappings import links_of
from exo_onto.links.saving import texts_below
from exo_onto.links.status import Code, Finding, Status
from exo_onto.links.terms import Header, Kind, Term
from exo_onto.vocabulary import GRAPH_IMPORTS, RDFS_LABEL, compact

REFERENCE = REPOSITORY.parent / "shared" / "reference"
OBO = "http://purl.obolibrary.org/obo/"
DCTERMS = "http://purl.org/dc/terms/"
HEAD = """# A file of a test.
@prefix owl: <http://www.w3.org/2002/07/owl#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
@prefix IAO: <http://purl.obolibrary.org/obo/IAO_> .
@prefix CL: <http://purl.obolibrary.org/obo/CL_> .
@prefix GO: <http://purl.obolibrary.org/obo/GO_> .
@prefix HGNC: <https://identifiers.org/hgnc:> .
@prefix ENSEMBL: <https://identifiers.org/ensembl:> .
@prefix mirbase: <https://identifiers.org/mirbase:> .
@prefix mirbase.mature: <https://identifiers.org/mirbase.mature:> .
@prefix NCBITaxon: <http://purl.obolibrary.org/obo/NCBITaxon_> .
@prefix exonto: <https://w3id.org/exo-onto/> .
@prefix entity: <https://w3id.org/exo-onto/entity/> .
"""
needs_files = pytest.mark.skipif(not REFERENCE.exists(), reason="the reference files are not beside the checkout")

Make = Callable[..., Path]


@pytest.fixture
def small(tmp_path: Path) -> Make:
    """Give a function that makes a root of what it is told, with the registries of the repository."""

    def make(instances: str, module: str = "", question: str = "") -> Path:
        registries = (REPOSITORY / "ontology" / "registries.ttl").read_text("utf-8")
        parts = {
            "ontology/registries.ttl": registries,
            "ontology/imports/some.ttl": f"{HEAD}{module}\nNCBITaxon:9606 rdfs:label 'Homo sapiens' .",
            "shapes/a.ttl": f"{HEAD}exonto:shape rdfs:seeAlso CL:0000000 .",
            "instances/a.ttl": HEAD + instances,
            "queries/q.rq": question or "SELECT * { ?s ?p ?o }",
        }
        for name, content in parts.items():
            (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / name).write_text(content, "utf-8")
        return tmp_path

    return make


def examined(root: Path, *documents: Document) -> Status:
    read, store = sources.read_sources(root), Store()
    loading.load(read, store)
    return status.examine(read, store, questions=texts_below(root, "queries", ".rq"), fresh=fresh_of(documents))


def found(root: Path, code: Code, *documents: Document) -> list[Finding]:
    return [each for each in examined(root, *documents).findings if each.code is code]


def told(root: Path, code: Code, *documents: Document) -> list[str]:
    """Give what is told under a code: place and sentence."""
    read, questions = sources.read_sources(root), texts_below(root, "queries", ".rq")
    everything = status.diagnostics(examined(root, *documents), read, questions)
    return [f"{each.place}: {each.what}" for each in everything if each.code == code.value]


def document(*terms: Term, date: str = "2026-01-01") -> Document:
    return Document(Path("new.obo"), "OBO", "0", Header(date=date), {term.iri: term for term in terms})


def cell(number: str, label: str | None, **more: object) -> Term:
    return Term(f"{OBO}CL_{number}", Kind.CLASS, label, **more)  # type: ignore[arg-type]


def test_the_links_of_the_repository_are_sound_and_its_exceptions_are_told(root: Path) -> None:
    done = examined(root)
    assert done.findings == ()
    documented = (root / "docs" / "links.md").read_text("utf-8")
    for each in done.accepted:
        assert f"`{each.code}`" in documented
        assert all(part in documented for part in each.what.split(" are both ")[0].split(" and "))
    assert done.looked_at > 400


@pytest.mark.parametrize(
    ("iri", "says"),
    [
        ("CL:123", "identifiers of CL have the form"),
        ("HGNC:HGNC", "identifiers of hgnc have the form"),
        ("mirbase.mature:MI0000077", "identifiers of mirbase.mature have the form"),
        ("<http://purl.obolibrary.org/obo/GOO_0000001>", "the Bioregistry knows no registry GOO"),
    ],
)
def test_a_malformed_identifier_is_told_by_the_pattern_of_the_bioregistry(small: Make, iri: str, says: str) -> None:
    (finding,) = told(small(f"entity:a skos:closeMatch {iri} ."), Code.MALFORMED)
    assert finding.startswith("instances/a.ttl:15: ")
    assert says in finding


def test_an_article_is_known_by_the_table_of_evidence_that_cites_it_and_by_nothing_else(small: Make) -> None:
    said = "<https://w3id.org/exo-onto/evidence/a> <http://purl.org/dc/terms/source> <https://identifiers.org/pubmed:{}> .\n"
    root = small(said.format("99999901"))
    table = root / "instances" / "evidence" / "a.ttl"
    table.parent.mkdir()
    table.write_text(
        said.format("99999902") + said.format("no-number") + f"{HEAD}entity:a exonto:of CL:0000001 .", "utf-8"
    )
    assert {compact(each.iri) for each in found(root, Code.UNKNOWN)} >= {"pubmed:99999901", "CL:0000001"}
    assert "pubmed:99999902" not in {compact(each.iri) for each in found(root, Code.UNKNOWN)}
    assert [compact(each.iri) for each in found(root, Code.MALFORMED)] == ["pubmed:no-number"]


def test_an_identifier_that_no_module_has_is_unknown_wherever_it_is_named(small: Make) -> None:
    root = small(
        "entity:a a CL:0000001 .\n\nentity:b a\n  CL:0000001 .",
        question=f"PREFIX CL: <{OBO}CL_>\nSELECT * {{ ?s a CL:0000001 }}",
    )
    places = [each.split(": ")[0] for each in told(root, Code.UNKNOWN) if "CL:0000001 " in each]
    assert places == ["instances/a.ttl:15", "instances/a.ttl:18", "queries/q.rq:2"]


def test_a_chinese_label_does_not_make_a_term_known(small: Make) -> None:
    root = small('entity:a a CL:0000001 . CL:0000001 rdfs:label "细胞"@zh .')
    assert [each.iri for each in found(root, Code.UNKNOWN) if each.iri.endswith("CL_0000001")]
    root = small('entity:a a CL:0000001 . CL:0000001 rdfs:label "cell"@en .')
    assert not [each.iri for each in found(root, Code.UNKNOWN) if each.iri.endswith("CL_0000001")]


def test_a_term_withdrawn_by_its_module_is_told_with_its_replacement(small: Make) -> None:
    module = 'CL:0000003 rdfs:label "obsolete native cell"@en ; owl:deprecated true ; IAO:0100001 CL:0000000 .'
    (finding,) = told(small("entity:a a CL:0000003 .", module), Code.OBSOLETE)
    assert finding == (
        "instances/a.ttl:15: CL:0000003 (obsolete native cell) is withdrawn by its module; it was replaced by CL:0000000."
    )


def test_two_labels_for_one_term_are_told(small: Make) -> None:
    root = small('entity:a a CL:1000000 . CL:1000000 rdfs:label "other"@en .', 'CL:1000000 rdfs:label "some"@en .')
    assert [each.split(": ", 1)[1] for each in told(root, Code.RELABELLED)] == [
        "CL:1000000 has two labels: 'other' and 'some'."
    ]


@pytest.mark.parametrize(
    ("said", "says"),
    [
        (
            'ENSEMBL:ENSMUSG00000025351 rdfs:label "Cd63" ; exonto:speciesOfIdentifier NCBITaxon:9606 .',
            "'ENSMUSG' marks",
        ),
        (
            'mirbase.mature:MIMAT0000530 rdfs:label "mmu-miR-21a-5p" ; exonto:speciesOfIdentifier NCBITaxon:9606 .',
            "'mmu-' marks",
        ),
        (
            'HGNC:1692 rdfs:label "CD63" ; exonto:speciesOfIdentifier NCBITaxon:10090 .',
            "none but those of NCBITaxon:9606",
        ),
    ],
)
def test_an_identifier_of_another_species_is_told(small: Make, said: str, says: str) -> None:
    (finding,) = told(small(said), Code.SPECIES)
    assert says in finding
    assert finding.startswith("instances/a.ttl:15: ")


def test_a_hairpin_in_the_place_of_a_mature_mirna_is_told(small: Make) -> None:
    mirna = "entity:mir-21 a <http://purl.obolibrary.org/obo/SO_0000276> ; skos:closeMatch"
    (finding,) = told(small(f"{mirna} mirbase:MI0000077 ."), Code.KIND)
    assert finding.startswith(
        "instances/a.ttl:15: entity:mir-21 is linked to mirbase:MI0000077 , which is of another kind"
    )
    assert not told(small(f"{mirna} mirbase.mature:MIMAT0000076 ."), Code.KIND)


def test_two_of_ours_for_one_of_theirs_are_told_once_and_can_be_accepted(small: Make) -> None:
    said = "entity:a skos:closeMatch HGNC:1 , HGNC:2 . entity:b skos:exactMatch HGNC:1 , HGNC:2 ."
    (finding,) = told(small(said), Code.TWOFOLD)
    assert "entity:a and entity:b are both linked to HGNC:1 , and share 2 identifiers." in finding
    root = small(f'{said} entity:b exonto:acceptsFinding "links-twofold" ; exonto:curationNote "Both are meant."@en .')
    assert not told(root, Code.TWOFOLD)
    assert len(examined(root).accepted) == 1


@pytest.mark.parametrize(
    ("said", "says"),
    [
        ('entity:a exonto:acceptsFinding "links-twofold" ; exonto:curationNote "So."@en .', "which is not found of it"),
        ('entity:a exonto:acceptsFinding "links-no" ; exonto:curationNote "So."@en .', "which is no code"),
        ('entity:a exonto:acceptsFinding "links-relabelled" .', "does not say why"),
    ],
)
def test_an_exception_that_is_idle_or_unexplained_is_told(small: Make, said: str, says: str) -> None:
    (finding,) = told(small(said), Code.EXCEPTION)
    assert says in finding


def test_a_file_is_heard_on_what_is_merged_relabelled_or_not_in_it(small: Make) -> None:
    module = "".join(
        f'CL:{n} rdfs:label "{label}"@en .'
        for n, label in [("0000001", "one"), ("0000002", "two"), ("0000004", "four")]
    )
    root = small("entity:a a CL:0000001 , CL:0000002 , CL:0000004 .", module + 'CL:0000000 rdfs:label "cell"@en .')
    fresh = document(
        cell("0000001", None, obsolete=True, replacements=(f"{OBO}CL_0000009",)),
        cell("0000002", "zwei"),
        cell("0000000", "cell"),
    )
    assert [each.split(": ", 1)[1] for each in told(root, Code.MERGED, fresh)] == [
        "CL:0000001 (one) is withdrawn by new.obo; it was merged into CL:0000009."
    ]
    assert [each.split(": ", 1)[1] for each in told(root, Code.RELABELLED, fresh)] == [
        "CL:0000002 is 'two' here and 'zwei' in new.obo."
    ]
    assert [each.split(": ", 1)[1] for each in told(root, Code.UNSEEN, fresh)] == [
        "CL:0000004 is not in new.obo, which has 3 of CL."
    ]


@pytest.mark.parametrize(("date", "news"), [("2020-01-31", False), ("2024", True), ("2025-01-31", True)])
def test_a_name_in_a_file_that_is_older_than_the_module_is_no_news(small: Make, date: str, news: bool) -> None:  # noqa: FBT001
    of = "<https://w3id.org/exo-onto/imports/from/cl-2024>"
    said = f'CL:0000001 <{DCTERMS}source> {of} . {of} <{DCTERMS}date> "2024-02-15" .'
    module = f'{said} CL:0000001 rdfs:label "one"@en . CL:0000000 rdfs:label "cell" .'
    root = small("entity:a a CL:0000001 .", module)
    assert bool(told(root, Code.RELABELLED, document(cell("0000001", "eins"), date=date))) is news


@needs_files
def test_the_dates_on_record_are_those_of_the_files_that_the_modules_name(root: Path) -> None:
    digest = hashlib.sha256((REFERENCE / NEW).read_bytes()).hexdigest()
    assert status.recorded_dates(sources.read_sources(root))[digest] == "2026-08-14"


def fixed(root: Path, *documents: Document) -> tuple[Change, ...]:
    read, questions = sources.read_sources(root), texts_below(root, "queries", ".rq")
    return status.fixes(examined(root, *documents), read, questions)


def test_replacements_are_followed_to_the_end_and_a_circle_ends(small: Make) -> None:
    module = (
        "CL:0000001 owl:deprecated true ; IAO:0100001 CL:0000002 . CL:0000002 owl:deprecated true ; IAO:0100001 CL:0000000 ."
        "CL:0000005 owl:deprecated true ; IAO:0100001 CL:0000006 . CL:0000006 owl:deprecated true ; IAO:0100001 CL:0000005 ."
    )
    (change,) = fixed(small("entity:a a CL:0000001 , CL:0000002 . # CL:0000001", module))
    assert change.after.endswith("entity:a a CL:0000000 , CL:0000000 . # CL:0000001")
    (change,) = fixed(small("entity:a a CL:0000005 , CL:0000006 .", module))
    assert change.after.endswith("entity:a a CL:0000006 , CL:0000005 .")


OLD, NEW = "cl_2021-01-20.obo.gz", "cl-edit.owl.gz"


@needs_files
def test_real_drift_of_the_cell_ontology_is_found_and_mended(small: Make) -> None:
    """Between 2021 and 2026 CL:0000003 was withdrawn for CL:0000000, and CL:0000047 was relabelled."""
    root = small(
        "# CL:0000003 stays in this comment.\nentity:a a CL:0000003 , CL:0000047 ; rdfs:label 'CL:0000003' .\n",
        question=f"PREFIX CL: <{OBO}CL_>\nSELECT * {{ ?s a CL:0000003 }}",
    )
    run = CliRunner()
    made = run.invoke(app, ["links", "update", str(REFERENCE / OLD), "--root", str(root)])
    assert made.exit_code == 0, made.output
    assert not [each for each in examined(root).findings if "CL_" in each.iri]
    newer = formats.read(REFERENCE / NEW, progress=lambda _: None)
    assert [each.split(": ", 1) for each in told(root, Code.OBSOLETE, newer)] == [
        [place, f"CL:0000003 (obsolete native cell) is withdrawn by {NEW}; it was replaced by CL:0000000."]
        for place in ("instances/a.ttl:16", "queries/q.rq:2")
    ]
    assert [each.split(": ", 1)[1] for each in told(root, Code.RELABELLED, newer)] == [
        f"CL:0000047 is 'neuronal stem cell' here and 'neural stem cell' in {NEW}."
    ]
    before = (root / "instances/a.ttl").read_text("utf-8")
    done = run.invoke(app, ["links", "check", str(REFERENCE / NEW), "--fix", "--root", str(root)])
    assert "-entity:a a CL:0000003 , CL:0000047 ;" in done.output
    assert "+entity:a a CL:0000000 , CL:0000047 ;" in done.output
    assert (root / "instances/a.ttl").read_text("utf-8") == before.replace("a CL:0000003 ,", "a CL:0000000 ,")
    assert "a CL:0000000 }" in (root / "queries/q.rq").read_text("utf-8")
    assert not found(root, Code.OBSOLETE, newer)


@needs_files
def test_every_replacement_between_two_versions_is_found_as_a_line_reader_finds_it(small: Make) -> None:
    """The oracle reads the OBO text by lines, and knows nothing of how we read it."""
    stanzas = gzip.decompress((REFERENCE / "doid_2016-09-01.obo.gz").read_bytes()).decode().split("\n[Term]\n")[1:]
    lines = [[line.partition(": ")[::2] for line in stanza.splitlines()] for stanza in stanzas]
    expected: dict[str, set[str]] = {}
    for stanza in lines:
        name = next(value for tag, value in stanza if tag == "id")
        for tag, value in stanza:
            if tag == "alt_id":
                expected.setdefault(value, set()).add(name)
            elif tag == "is_obsolete" and value == "true":
                expected.setdefault(name, set()).update(v for t, v in stanza if t == "replaced_by")
    named = " , ".join(f"<{OBO}{name.replace(':', '_')}>" for name in sorted(expected) if name.startswith("DOID:"))
    root = small(f"entity:a skos:relatedMatch {named} .")
    document = formats.read(REFERENCE / "doid_2016-09-01.obo.gz", progress=lambda _: None)
    withdrawn = [each for each in examined(root, document).findings if each.code in {Code.OBSOLETE, Code.MERGED}]
    assert {each.iri for each in withdrawn} == {
        f"{OBO}{n.replace(':', '_')}" for n in expected if n.startswith("DOID:")
    }
    for each in withdrawn:
        name = each.iri.removeprefix(OBO).replace("_", ":")
        only = expected[name] if len(expected[name]) == 1 else set()
        assert ({each.replacement.removeprefix(OBO).replace("_", ":")} if each.replacement else set()) == only, name


def test_a_fix_says_what_the_old_text_says_with_the_identifiers_exchanged(small: Make) -> None:
    module = "CL:0000001 owl:deprecated true ; IAO:0100001 CL:0000000 ."
    (change,) = fixed(
        small("entity:a a CL:0000001 ; rdfs:comment 'CL:0000001' ; rdfs:seeAlso [ a CL:0000001 ] .", module)
    )
    count = len(list(parse(change.after, format=RdfFormat.TURTLE)))
    assert count == len(list(parse(change.before, format=RdfFormat.TURTLE)))
    assert change.after.count("CL:0000001") == 1


ALTERNATIVE = "http://www.geneontology.org/formats/oboInOwl#hasAlternativeId"
MERGED = {
    "rdf": f"""<?xml version="1.0"?><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:o="http://www.geneontology.org/formats/oboInOwl#"
        xmlns:owl="http://www.w3.org/2002/07/owl#" xmlns:rdfs="http://www.w3.org/2000/01/rdf-schema#"><owl:Ontology rdf:about="{OBO}go.owl"/>
        <owl:Class rdf:about="{OBO}GO_0051726"><rdfs:label>r</rdfs:label><o:hasAlternativeId>GO:0007050</o:hasAlternativeId></owl:Class></rdf:RDF>""",
    "functional": f"""Ontology(<{OBO}go.owl>
        Declaration(Class(<{OBO}GO_0051726>)) Declaration(AnnotationProperty(<{ALTERNATIVE}>))
        AnnotationAssertion(<http://www.w3.org/2000/01/rdf-schema#label> <{OBO}GO_0051726> "r")
        AnnotationAssertion(<{ALTERNATIVE}> <{OBO}GO_0051726> "GO:0007050"))""",
    "json": json.dumps({"graphs": [{"id": f"{OBO}go.owl", "nodes": [{"id": f"{OBO}GO_0051726", "type": "CLASS", "lbl": "r",
        "meta": {"basicPropertyValues": [{"pred": ALTERNATIVE, "val": "GO:0007050"}]}}], "edges": []}]}),
    "obo": "format-version: 1.4\nontology: go\n\n[Term]\nid: GO:0051726\nname: r\nalt_id: GO:0007050\n",
}  # fmt: skip


@pytest.mark.parametrize("form", sorted(MERGED))
def test_a_merger_is_found_in_every_syntax(small: Make, tmp_path: Path, form: str) -> None:
    (tmp_path / f"go.{form}").write_text(MERGED[form], "utf-8")
    document = formats.read(tmp_path / f"go.{form}", progress=lambda _: None)
    root = small("entity:a a GO:0007050 .", 'GO:0007050 rdfs:label "cell cycle arrest"@en .')
    (finding,) = told(root, Code.MERGED, document)
    assert finding == (
        f"instances/a.ttl:15: GO:0007050 (cell cycle arrest) is withdrawn by go.{form}; it was merged into GO:0051726."
    )


GIVEN = (
    "cl-edit.owl.gz",
    "go_import_efo_2026-07-15.owl.gz",
    "eco.obo.gz",
    "so.obo.gz",
    "obi.obo.gz",
    "ro.owl.gz",
    "ncbitaxon_import_go.obo.gz",
    "doid_2016-09-01.obo.gz",
    "chebi_import_go_2024-08-14.obo.gz",
    "mirbase.mature_22.1.obo.gz",
)


@needs_files
def test_against_the_real_files_the_repository_is_clean(root: Path) -> None:
    """What a file has not got is told for information: several are parts of their ontologies."""
    documents = [formats.read(REFERENCE / name, progress=lambda _: None) for name in GIVEN]
    assert {each.code for each in examined(root, *documents).findings} <= {Code.UNSEEN}


@needs_files
def test_every_identifier_that_is_linked_to_was_found_in_a_file(root: Path) -> None:
    """Never guessed: each stands in the list of those that were looked up, or in a module made from a file."""
    with (REFERENCE / "entities.tsv").open(encoding="utf-8") as file:
        rows = [
            row
            for row in csv.DictReader(file, delimiter="\t")
            if row["external_curie"] and "obsolete" not in row["status"]
        ]
    looked_up = {row["external_curie"] for row in rows}
    looked_up |= {f"uniprot:{found}" for row in rows for found in re.findall(r"UniProt (\w+)", row["note"])}
    read = sources.read_sources(root)
    modules = {compact(text(triple.subject)) for triple in read.triples(GRAPH_IMPORTS)}
    linked = {compact(link.object) for link in links_of(read)}
    assert len(linked) > 300
    assert linked <= looked_up | modules


@needs_files
@pytest.mark.parametrize(
    ("name", "prefix"), [("mondo_2026-05-05", "MONDO"), ("uberon_2026-04-01", "UBERON"), ("cl_2026-03-26", "CL")]
)
def test_our_labels_are_those_of_the_newest_lists(root: Path, name: str, prefix: str) -> None:
    newest = json.loads(gzip.decompress((REFERENCE / f"{name}.labels-ancestors.json.gz").read_bytes()))
    ours = {
        compact(text(triple.subject)): text(triple.object)
        for triple in sources.read_sources(root).triples()
        if triple.predicate == RDFS_LABEL and getattr(triple.object, "language", None) != "zh"
    }
    compared = 0
    for key, label in ours.items():
        found = newest.get(key) or newest.get(key.replace(":", "_"))
        if key.startswith(f"{prefix}:") and found is not None:
            compared += 1
            assert label in str(found), key
    assert compared


def test_the_command_exits_with_what_is_wrong_in_json_too(small: Make) -> None:
    root = small("entity:a a CL:0000001 .", "CL:0000000 rdfs:label 'cell' . NCBITaxon:10090 rdfs:label 'm' .")
    done = CliRunner().invoke(app, ["links", "check", "--format", "json", "--root", str(root)])
    assert done.exit_code == 1
    rows = json.loads(done.stdout)
    (told,) = [each for each in rows if each["what"].startswith("CL:0000001")]
    assert (told["code"], told["file"], told["line"], told["severity"]) == (
        "links-unknown",
        "instances/a.ttl",
        15,
        "violation",
    )


def test_a_file_that_cannot_be_read_is_refused(small: Make, tmp_path: Path) -> None:
    root = small("entity:a a CL:0000000 .")
    (tmp_path / "x.obo").write_text("nonsense", "utf-8")
    done = CliRunner().invoke(app, ["links", "check", str(tmp_path / "x.obo"), "--root", str(root)])
    assert done.exit_code == 2
    assert "x.obo" in done.output
    assert "Traceback" not in done.output
