"""Tests of checks: each query means the same to Oxigraph and to rdflib, and finds what a plain reading finds."""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import cache
from itertools import combinations

import pytest
from conftest import quiet
from examining import HEAD
from hypothesis import given, settings
from hypothesis import strategies as st
from pyoxigraph import Quad, RdfFormat, Store, parse
from rdflib import BNode, Dataset, URIRef
from rdflib.plugins.sparql import prepareQuery

from exo_onto.quality import shipped
from exo_onto.quality.checks import DECLARED, SETTINGS, TERMS, CheckError, Finding, Scope, parse_check, run, scoped
from exo_onto.vocabulary import GRAPH_ONTOLOGY

EX = "http://example.org/"
SCOPE = Scope(languages=("en", "zh"))


def stored(turtle: str) -> Store:
    store = Store()
    quads = parse(HEAD + turtle, format=RdfFormat.TURTLE)
    store.extend(Quad(quad.subject, quad.predicate, quad.object, GRAPH_ONTOLOGY) for quad in quads)
    return store


def found_in(turtle: str, scope: Scope = SCOPE) -> list[Finding]:
    store = stored(turtle)
    with scoped(store, shipped.terms(), scope):
        return list(run(store, shipped.checks(), progress=quiet))


prepared = cache(prepareQuery)
"""rdflib takes far longer to read a query than to answer it."""


def by_rdflib(turtle: str) -> set[tuple[str, str, str, str]]:
    """Let rdflib answer the same queries: what is written in the default graph, what is checked in named ones."""
    store = stored(turtle)
    with scoped(store, shipped.terms(), SCOPE):
        dataset = Dataset()
        for graph in (TERMS, DECLARED, SETTINGS):
            dataset.graph(URIRef(graph.value)).parse(
                data=store.dump(format=RdfFormat.N_TRIPLES, from_graph=graph) or b"", format="nt"
            )
        dataset.default_graph.parse(
            data=store.dump(format=RdfFormat.N_TRIPLES, from_graph=GRAPH_ONTOLOGY) or b"", format="nt"
        )
    found = set()
    for check in shipped.checks():
        for row in dataset.query(prepared(check.query)):
            told = row.asdict()  # type: ignore[union-attr]
            if told:
                term, prop, value = (_plain(told.get(name)) for name in ("term", "property", "value"))
                found.add((check.code, term, prop, value))
    return found


def _plain(term: object) -> str:
    return "" if term is None else "[]" if isinstance(term, BNode) else str(term)


def rows(found: Iterable[Finding]) -> set[tuple[str, str, str, str]]:
    return {(each.check.code, each.term, each.predicate, each.value) for each in found}


EXAMPLES = {
    check.code: files["ontology.ttl"]
    for check in shipped.checks()
    if "ontology.ttl" in (files := shipped.pages()[check.code].files)
}


@pytest.mark.parametrize("code", sorted(EXAMPLES))
def test_oxigraph_and_rdflib_find_the_same(code: str) -> None:
    assert rows(found_in(EXAMPLES[code])) == by_rdflib(EXAMPLES[code])


TEXTS = ["a", "b", "a ", " b", "a  b", "a\tb", "obsolete a", "Aa", "椎间盘", "已废弃的椎间盘", "mRNA", ""]


@dataclass(frozen=True)
class Made:
    """A class that was made up, in the terms of a plain reading."""

    name: str
    labels: tuple[tuple[str, str], ...] = ()
    definitions: tuple[tuple[str, str], ...] = ()
    above: tuple[str, ...] = ()
    deprecated: bool = False
    extra: str = field(default="")

    def turtle(self) -> str:  # noqa: D102
        said = [f"rdfs:label {_literal(each)}" for each in self.labels]
        said += [f"obo:IAO_0000115 {_literal(each)}" for each in self.definitions]
        said += [f"rdfs:subClassOf ex:{each}" for each in self.above]
        said += ["owl:deprecated true"] if self.deprecated else []
        return f"ex:{self.name} a owl:Class ; {' ; '.join(said)} .\n"


def _literal(told: tuple[str, str]) -> str:
    text, language = told
    escaped = text.replace("\t", "\\t")
    return f'"{escaped}"{"@" if language else ""}{language}'


NAMES = ("A", "B", "C")
WORDS = st.tuples(st.sampled_from(TEXTS), st.sampled_from(["", "en", "zh"]))
ONTOLOGIES = st.tuples(
    *(
        st.builds(
            Made,
            st.just(name),
            st.lists(WORDS, max_size=3, unique=True).map(tuple),
            st.lists(WORDS, max_size=2, unique=True).map(tuple),
            st.lists(st.sampled_from(NAMES), max_size=2, unique=True).map(tuple),
            st.booleans(),
        )
        for name in NAMES
    )
)


def _several(told: Iterable[tuple[str, str]]) -> bool:
    return any(one[1] == other[1] for one, other in combinations(told, 2))


def _shared(made: Iterable[Made], of: Callable[[Made], Iterable[object]]) -> set[str]:
    current = [each for each in made if not each.deprecated]
    return {
        max(one.name, other.name)
        for one, other in combinations(current, 2)
        if set(of(one)) & set(of(other))
    }  # fmt: skip


SPACES = re.compile(r"^ | $|  ")
ORACLES: dict[str, Callable[[Made], bool]] = {
    "missing-label": lambda m: not m.labels and not m.deprecated,
    "multiple-labels": lambda m: _several(m.labels),
    "label-whitespace": lambda m: any(SPACES.search(text) for text, _ in m.labels),
    "label-formatting": lambda m: any("\t" in text for text, _ in m.labels),
    "missing-definition": lambda m: not m.definitions and not m.deprecated,
    "multiple-definitions": lambda m: _several(m.definitions),
    "lowercase-definition": lambda m: (
        not m.deprecated and any(re.match("[a-z]", text) and text != "mRNA" for text, _ in m.definitions)
    ),
    "missing-superclass": lambda m: bool(not m.above and (m.labels or m.definitions) and not m.deprecated),
    "self-reference": lambda m: m.name in m.above,
    "multiple-superclasses": lambda m: len(m.above) > 1,
    "deprecated-in-hierarchy": lambda m: m.deprecated and bool(m.above),
    "misused-obsolete-label": lambda m: (
        not m.deprecated and any(text.startswith(("obsolete", "已废弃")) for text, _ in m.labels)
    ),
    "missing-obsolete-label": lambda m: (
        m.deprecated
        and any(not text.startswith("已废弃" if language == "zh" else "obsolete") for text, language in m.labels)
    ),
    "missing-replacement": lambda m: m.deprecated,
    "missing-language-tag": lambda m: (
        not m.deprecated and any(not language for _, language in (*m.labels, *m.definitions))
    ),
    "missing-translation": lambda m: (
        not m.deprecated and bool(m.labels) and not {"en", "zh"} <= {language for _, language in m.labels}
    ),
}


@settings(max_examples=60, deadline=None)
@given(ONTOLOGIES)
def test_a_plain_reading_finds_the_same(made: tuple[Made, ...]) -> None:
    found = found_in("".join(each.turtle() for each in made))
    by_code = {code: {each.term for each in found if each.check.code == code} for code in ORACLES}
    for code, wrong in ORACLES.items():
        assert by_code[code] == {EX + each.name for each in made if wrong(each)}, code
    shared = {each.term for each in found if each.check.code == "duplicate-label"}
    assert shared >= {EX + name for name in _shared(made, lambda m: m.labels)}
    same = {each.term for each in found if each.check.code == "duplicate-definition"}
    assert same >= {EX + name for name in _shared(made, lambda m: m.definitions)}


@settings(max_examples=10, deadline=None)
@given(ONTOLOGIES)
def test_rdflib_finds_the_same_in_what_is_made_up(made: tuple[Made, ...]) -> None:
    turtle = "".join(each.turtle() for each in made)
    codes = set(ORACLES)
    assert {row for row in rows(found_in(turtle)) if row[0] in codes} == {
        row for row in by_rdflib(turtle) if row[0] in codes
    }


SOUND = """
<http://example.org/onto> a owl:Ontology ;
    owl:versionIRI <http://example.org/onto/2026-01-01> ;
    <http://purl.org/dc/terms/title> "Discs"@en ;
    <http://purl.org/dc/terms/description> "Parts of the spine."@en ;
    <http://purl.org/dc/terms/creator> "Somebody" ;
    <http://purl.org/dc/terms/license> <https://creativecommons.org/licenses/by/4.0/> .
ex:Part a owl:Class ; rdfs:label "part"@en , "部分"@zh ; obo:IAO_0000115 "What belongs to a whole."@en ;
    rdfs:subClassOf obo:BFO_0000040 .
ex:Disc a owl:Class ; rdfs:label "disc"@en , "椎间盘"@zh ; obo:IAO_0000115 "A part between vertebrae."@en ;
    rdfs:subClassOf ex:Part ; oio:hasExactSynonym "disk"@en ; oio:hasDbXref "UBERON:0001066" .
ex:OldDisc a owl:Class ; rdfs:label "obsolete disc"@en , "已废弃的椎间盘"@zh ; owl:deprecated true ;
    obo:IAO_0100001 ex:Disc .
"""


def test_nothing_is_found_in_what_is_sound() -> None:
    assert rows(found_in(SOUND)) == set()
    assert by_rdflib(SOUND) == set()


def test_terms_outside_the_namespaces_are_not_looked_at() -> None:
    turtle = 'obo:A a owl:Class . ex:B a owl:Class ; rdfs:comment "none" .'
    assert {each.term for each in found_in(turtle, Scope((EX,))) if each.check.code == "missing-label"} == {f"{EX}B"}
    assert len([each for each in found_in(turtle, Scope()) if each.check.code == "missing-label"]) == 2


def test_a_text_is_told_on_one_line_and_not_at_length() -> None:
    (told,) = (each for each in found_in(f'ex:A a owl:Class ; rdfs:label "a\\t\\u202E{"b" * 500}  c"@en .')
               if each.check.code == "label-whitespace")  # fmt: skip
    assert "\t" not in told.what
    assert "\u202e" not in told.what
    assert len(told.what) < 400
    assert "ex:A" not in told.what
    assert f"{EX}A" in told.what


def test_the_store_is_left_as_it_was() -> None:
    store = stored(SOUND)
    before = set(store)
    with scoped(store, shipped.terms(), SCOPE):
        assert set(store.named_graphs()) > {GRAPH_ONTOLOGY}
    assert set(store) == before
    assert set(store.named_graphs()) == {GRAPH_ONTOLOGY}


def test_a_check_that_is_wrong_is_told() -> None:
    with pytest.raises(CheckError, match="no `# fix:` line"):
        parse_check("a", "# title: a\n# message: b\n")
    head = "# title: a\n# message: b\n# fix: c\n"
    for query, says in (("SELECT", "is wrong"), ("ASK { ?s ?p ?o }", "no SELECT")):
        with pytest.raises(CheckError, match=says):
            list(run(Store(), [parse_check("a", head + query)], progress=quiet))
