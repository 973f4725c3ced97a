"""Tests of what the imports do for the reasoner: descendants are reached, by questions and mechanisms; regulation is not."""

import gzip
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

import pytest
from conftest import REPOSITORY, quiet
from pyoxigraph import NamedNode, Quad, QuerySolutions, Store, Triple

from exo_onto import judge, reason, render, rules
from exo_onto.loading import load
from exo_onto.questions import Answer, ask
from exo_onto.render import Format
from exo_onto.snapshot import Snapshot
from exo_onto.sources import read_sources
from exo_onto.vocabulary import (
    DEFAULT_GRAPHS,
    GRAPH_IMPORTS,
    GRAPH_INSTANCES,
    GRAPH_ONTOLOGY,
    RDF_TYPE,
    RDFS_LABEL,
    RDFS_SUBCLASSOF,
    expand,
)

REFERENCE = REPOSITORY.parent / "shared" / "reference"
GO = "http://purl.obolibrary.org/obo/GO_"
CHANGED = ("programmed-cell-death", "common-ground")
"""The questions whose answers are shown to change with the import."""
CELL_DEATH, APOPTOSIS, INFLAMMATION = expand("GO:0012501"), expand("GO:0006915"), expand("GO:0006954")
AS_DEATH, AS_INFLAMMATION = expand("GO:0141201"), expand("GO:0070269")
ACTIVITY, DECREASE, INCREASE = (
    expand(f"exonto:{name}") for name in ("Activity", "ReportedDecrease", "ReportedIncrease")
)
SHOWN = expand("exonto:showsMechanism")

Hierarchy = Mapping[str, frozenset[str]]


def hierarchy(name: str) -> Hierarchy:
    """Read the parents over is_a of each term of a real file."""
    path = REFERENCE / name
    if not path.exists():
        pytest.skip("the reference files are not beside this checkout")
    with gzip.open(path, "rt", encoding="utf-8") as file:
        stanzas = file.read().split("\n\n")
    found = {}
    for stanza in stanzas:
        term = re.search(r"^id: (GO:\d+)$", stanza, re.MULTILINE)
        if term and "is_obsolete: true" not in stanza:
            found[term[1]] = frozenset(re.findall(r"^is_a: (GO:\d+)", stanza, re.MULTILINE))
    return found


@pytest.fixture(scope="module")
def go_2024() -> Hierarchy:
    return hierarchy("go_2024_labels_isa_reconstructed.obo.gz")


@pytest.fixture(scope="module")
def theory() -> tuple[Quad, ...]:
    """Give the ontology and the imports, without any study."""
    store = Store()
    load(read_sources(REPOSITORY), store)
    return tuple(quad for quad in store if quad.graph_name in (GRAPH_ONTOLOGY, GRAPH_IMPORTS))


def told(name: str, store: Store) -> str:
    text = (REPOSITORY / "queries" / f"{name}.rq").read_text("utf-8")
    found = ask(store, text)
    assert isinstance(found, Answer)
    return render.delimited(found.columns, render.rows_of(found, iris=False), Format.CSV)


def reasoned(theory: Iterable[Quad], facts: Iterable[Triple]) -> Store:
    """Reason over the ontology and some facts."""
    store = Store()
    store.extend(theory)
    store.extend(Quad(fact.subject, fact.predicate, fact.object, GRAPH_INSTANCES) for fact in facts)
    compiled = rules.compile_rules(judge.axioms(store))
    assert not reason.reason(*reason.engine(store), compiled, progress=quiet)
    return store


def lowered(terms: Iterable[str | NamedNode], *, way: NamedNode = DECREASE) -> Iterator[Triple]:
    """Make for each term an activity that is typed by it and reported to fall: what a study of it would say."""
    for term in terms:
        name = expand(term) if isinstance(term, str) else term
        for kind in (ACTIVITY, way, name):
            yield Triple(activity_of(name), RDF_TYPE, kind)


def activity_of(term: NamedNode) -> NamedNode:
    return NamedNode(f"http://example.org/activity/{term.value.rpartition('/')[2]}")


def subclasses(of: Hierarchy, terms: Iterable[str]) -> Iterator[Quad]:
    """Give what a module of some terms holds: the way up over is_a."""
    todo, done = list(terms), set[str]()
    while todo:
        term = todo.pop()
        if term not in done:
            done.add(term)
            todo.extend(of.get(term, ()))
            yield from (Quad(expand(term), RDFS_SUBCLASSOF, expand(up), GRAPH_IMPORTS) for up in of.get(term, ()))


def below(of: Hierarchy, root: str) -> set[str]:
    """Give the descendants of a term over is_a."""
    found, grew = {root}, True
    while grew:
        more = {term for term, parents in of.items() if parents & found} | found
        grew, found = more != found, more
    return found


def members(store: Store, kind: NamedNode) -> set[NamedNode]:
    query = f"SELECT ?x WHERE {{ ?x a {kind} . ?x a {ACTIVITY} }}"
    answer = store.query(query, default_graph=list(DEFAULT_GRAPHS))
    assert isinstance(answer, QuerySolutions)
    return {term for row in answer if isinstance(term := row[0], NamedNode)}


def mechanisms(store: Store, term: NamedNode) -> set[str]:
    found = store.quads_for_pattern(activity_of(term), SHOWN, None, None)
    return {quad.object.value.rpartition("/")[2] for quad in found if isinstance(quad.object, NamedNode)}


# --- Two questions, with and without the import


@pytest.fixture(scope="module")
def without() -> Store:
    """Give what is concluded of all studies where nothing is known of GO but its names."""
    store = Store()
    load(read_sources(REPOSITORY), store)
    for quad in tuple(store.quads_for_pattern(None, RDFS_SUBCLASSOF, None, GRAPH_IMPORTS)):
        if isinstance(quad.subject, NamedNode) and quad.subject.value.startswith(GO):
            store.remove(quad)
    compiled = rules.compile_rules(judge.axioms(store))
    assert not reason.reason(*reason.engine(store), compiled, progress=quiet)
    return store


@pytest.mark.parametrize("name", CHANGED)
def test_the_answer_of_a_question_changes_because_of_the_import(corpus: Snapshot, without: Store, name: str) -> None:
    expected = REPOSITORY / "tests" / "expected"
    bare = (expected / "without-import" / f"{name}.csv").read_text("utf-8")
    assert told(name, corpus.store) == (expected / f"{name}.csv").read_text("utf-8")
    assert told(name, without) == bare
    assert bare != (expected / f"{name}.csv").read_text("utf-8")


def test_each_answer_without_the_import_belongs_to_a_question_that_is_shown_to_change() -> None:
    kept = (REPOSITORY / "tests" / "expected" / "without-import").glob("*.csv")
    assert {path.stem for path in kept} == set(CHANGED)


# --- Descendants


def test_a_mechanism_on_a_class_of_go_reaches_every_descendant(theory: tuple[Quad, ...], go_2024: Hierarchy) -> None:
    kinds = below(go_2024, "GO:0006915")
    assert len(kinds) > 50
    store = reasoned((*theory, *subclasses(go_2024, kinds)), lowered(kinds))
    expected = {activity_of(expand(term)) for term in kinds}
    assert members(store, APOPTOSIS) == expected
    assert members(store, expand("exonto:ApoptosisInhibition")) == expected
    assert members(store, CELL_DEATH) == expected


def test_without_the_hierarchy_it_reaches_the_class_alone(theory: tuple[Quad, ...], go_2024: Hierarchy) -> None:
    kinds = below(go_2024, "GO:0006915")
    store = reasoned(theory, lowered(kinds))
    assert members(store, expand("exonto:ApoptosisInhibition")) == {activity_of(APOPTOSIS)}


# --- Pyroptosis: by programmed cell death and by inflammatory response, where GO says so


def test_either_pyroptosis_shows_its_mechanism_and_is_reached_by_what_go_puts_it_under(
    theory: tuple[Quad, ...],
) -> None:
    store = reasoned(theory, lowered([AS_DEATH, AS_INFLAMMATION]))
    for term in (AS_DEATH, AS_INFLAMMATION):
        assert mechanisms(store, term) == {"pyroptosis-inhibition", "inflammation-suppression"}
    assert activity_of(AS_DEATH) in members(store, CELL_DEATH)
    assert activity_of(AS_INFLAMMATION) in members(store, INFLAMMATION)
    assert activity_of(AS_DEATH) not in members(store, INFLAMMATION)


@pytest.mark.parametrize("file", ["go_2024_labels_isa_reconstructed.obo.gz", "go_2018-03_full_reconstructed.obo.gz"])
def test_where_an_older_go_has_pyroptosis_below_programmed_cell_death_it_is_reached_by_that(
    theory: tuple[Quad, ...], file: str
) -> None:
    older = hierarchy(file)
    store = reasoned((*theory, *subclasses(older, ["GO:0070269"])), lowered([AS_INFLAMMATION]))
    assert activity_of(AS_INFLAMMATION) in members(store, CELL_DEATH) & members(store, INFLAMMATION)


def test_the_studies_of_pyroptosis_are_reached_by_programmed_cell_death(corpus: Snapshot) -> None:
    text = (REPOSITORY / "queries" / "studies-by-process.rq").read_text("utf-8")
    reached = {}
    for term in (AS_DEATH, CELL_DEATH):
        found = ask(corpus.store, text, bindings={"term": term})
        assert isinstance(found, Answer)
        reached[term] = {str(row[found.columns.index("reference")]) for row in found.rows}
    assert len(reached[AS_DEATH]) == 3
    assert reached[AS_DEATH] < reached[CELL_DEATH]


# --- Regulation is not the process


REGULATION = {
    "GO:0043067": (CELL_DEATH, "regulation of programmed cell death"),
    "GO:0043069": (CELL_DEATH, "negative regulation of programmed cell death"),
    "GO:0042981": (APOPTOSIS, "regulation of apoptotic process"),
    "GO:0043066": (APOPTOSIS, "negative regulation of apoptotic process"),
    "GO:0050727": (INFLAMMATION, "regulation of inflammatory response"),
    "GO:0010506": (expand("GO:0006914"), "regulation of autophagy"),
}


@pytest.mark.parametrize("file", ["go_2024_labels_isa_reconstructed.obo.gz", "go_2018-03_full_reconstructed.obo.gz"])
def test_regulation_of_a_process_is_neither_the_process_nor_its_mechanism(theory: tuple[Quad, ...], file: str) -> None:
    of = hierarchy(file)
    terms = {term for term in REGULATION if term in of}
    assert terms == set(REGULATION)
    for way in (DECREASE, INCREASE):
        store = reasoned((*theory, *subclasses(of, terms)), lowered(terms, way=way))
        for term in terms:
            process, label = REGULATION[term]
            assert activity_of(expand(term)) not in members(store, process), label
            assert not mechanisms(store, expand(term)), label


def test_in_the_module_no_regulation_is_below_what_it_regulates(corpus: Snapshot) -> None:
    """A module may say what regulates what; only is_a makes a subclass."""
    labels = {
        str(getattr(quad.object, "value", "")): quad.subject
        for quad in corpus.store.quads_for_pattern(None, RDFS_LABEL, None, GRAPH_IMPORTS)
    }
    regulated = {
        regulation: labels[match[1]]
        for label, regulation in labels.items()
        if (match := re.match(r"(?:positive |negative )?regulation of (.*)", label)) and match[1] in labels
    }
    assert regulated
    for regulation, process in regulated.items():
        below = f"ASK {{ {regulation} {RDFS_SUBCLASSOF}+ {process} }}"
        assert not bool(corpus.store.query(below, default_graph=list(DEFAULT_GRAPHS)))


def test_a_study_may_not_be_typed_by_a_regulation(copied: Path) -> None:
    study = copied / "instances" / "studies" / "xie-l-2020.ttl"
    text = study.read_text("utf-8")
    assert "GO:0006915" in text
    study.write_text(text.replace("GO:0006915", "GO:0042981"), "utf-8")
    imports = copied / "ontology" / "imports" / "go.ttl"
    term = '\nGO:0042981\n    a owl:Class ;\n    rdfs:label "regulation of apoptotic process"@en ;\n    rdfs:subClassOf GO:0050794 .\n'
    imports.write_text(imports.read_text("utf-8") + term, "utf-8")
    found = judge.judge(judge.look(copied, quiet), progress=quiet).diagnostics
    assert any("typed by a process itself, not by its regulation" in each.what for each in found)
