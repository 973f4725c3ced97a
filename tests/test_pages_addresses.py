"""Where the page of a resource is: every IRI has one address, and the address gives the IRI back."""

from collections.abc import Iterator
from urllib.parse import parse_qs, unquote, urlsplit

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from pyoxigraph import NamedNode

from exo_onto.negotiation import GRAPHS
from exo_onto.pages.addresses import FORMATS, TERM, Asked, asked, path_of
from exo_onto.pages.finding import kind_of
from exo_onto.pages.resources import elsewhere
from exo_onto.snapshot import Snapshot
from exo_onto.vocabulary import BASE, Names, adopt


def read(path: str) -> Asked | None:
    """Read an address as a server does: decoded once."""
    parts = urlsplit(f"http://test{path}")
    return asked(unquote(parts.path), iri=parse_qs(parts.query).get("iri", [None])[0])


@pytest.mark.parametrize(
    ("iri", "path"),
    [
        (f"{BASE}study/zhu-lf-2020", "/study/zhu-lf-2020"),
        (f"{BASE}IncreasedActivity", "/IncreasedActivity"),
        (f"{BASE}2026-11-23/", "/2026-11-23/"),
        ("http://purl.obolibrary.org/obo/GO_0006915", "/term/GO:0006915"),
        ("https://identifiers.org/mirbase.mature:MIMAT0000076", "/term/mirbase.mature:MIMAT0000076"),
        ("http://example.org/a?b#c", "/term?iri=http%3A%2F%2Fexample.org%2Fa%3Fb%23c"),
    ],
)
def test_a_page_lies_at_the_path_of_its_iri(iri: str, path: str) -> None:
    assert path_of(iri) == path
    assert read(path) == Asked(NamedNode(iri))


def test_every_iri_of_the_corpus_comes_back(corpus: Snapshot) -> None:
    terms = {term for quad in corpus.store for term in (quad.subject, quad.predicate, quad.object)}
    iris = {term.value for term in terms if isinstance(term, NamedNode)}
    assert len(iris) > 5_000
    for iri in iris:
        assert read(path_of(iri)) == Asked(NamedNode(iri))
        assert read(path_of(iri, "ttl")) == Asked(NamedNode(iri), "text/turtle")


@example("/")
@example("term/x")
@example("a/../b")
@example("x.ttl")
@given(
    st.text(
        st.characters(codec="utf-8", exclude_characters='<>"{}|\\^` \n', exclude_categories=["Cc", "Zs"]), min_size=1
    )
)
def test_whatever_a_local_name_has_in_it(name: str) -> None:
    try:
        node = NamedNode(BASE + name)
    except ValueError:
        return
    assert read(path_of(node.value)) == Asked(node)
    assert read(path_of(node.value, "ttl")) == Asked(node, "text/turtle")
    assert not {"", ".", ".."}.intersection(path_of(node.value).split("?")[0].split("/")[1:-1])


def test_no_address_leads_to_another_host() -> None:
    path = path_of(f"{BASE}/evil.example")
    assert not path.startswith("//")
    assert read(path) == Asked(NamedNode(f"{BASE}/evil.example"))


@pytest.mark.parametrize("path", ["/term/nowhere:1", "/term", "/term/", "/a b", "/<script>"])
def test_what_names_nothing_is_nothing(path: str) -> None:
    assert asked(path) is None


def test_each_suffix_is_a_format_of_graphs() -> None:
    assert FORMATS["ttl"] == "text/turtle"
    assert FORMATS["jsonld"] == "application/ld+json"
    assert set(FORMATS) == {"ttl", "nt", "rdf", "jsonld", "trig"}
    assert set(FORMATS.values()) <= set(GRAPHS)
    assert TERM.startswith("/")


# --- A root with a base of its own


@pytest.fixture
def cartilage() -> Iterator[str]:
    base = "https://w3id.org/cartilage/"
    adopt(Names("cartilage", base))
    yield base
    adopt()


@pytest.mark.parametrize(
    ("iri", "path"),
    [
        ("https://w3id.org/cartilage/study/example-a-2000", "/study/example-a-2000"),
        ("https://w3id.org/cartilage/CellSurvival", "/CellSurvival"),
        ("https://w3id.org/cartilage/", "/"),
        (f"{BASE}graph/ontology", "/graph/ontology"),
        (f"{BASE}snapshot/3f2a", "/snapshot/3f2a"),
        (f"{BASE}Study", "/term/exonto:Study"),
        (f"{BASE}study/zhu-lf-2020", "/term?iri=https%3A%2F%2Fw3id.org%2Fexo-onto%2Fstudy%2Fzhu-lf-2020"),
        ("http://purl.obolibrary.org/obo/GO_0006915", "/term/GO:0006915"),
    ],
)
@pytest.mark.usefixtures("cartilage")
def test_a_root_with_a_base_of_its_own_has_its_names_at_their_paths(iri: str, path: str) -> None:
    assert path_of(iri) == path
    plain, _, query = path.partition("?iri=")
    assert asked(plain, iri=unquote(query) or None) == Asked(NamedNode(iri))


@pytest.mark.usefixtures("cartilage")
def test_what_lies_under_its_base_is_of_a_kind_and_leads_nowhere_else() -> None:
    assert kind_of("https://w3id.org/cartilage/study/example-a-2000") == "study"
    assert (kind_of(f"{BASE}graph/ontology"), kind_of(f"{BASE}Study")) == ("graph", "term")
    assert elsewhere("https://w3id.org/cartilage/CellSurvival") == ""
