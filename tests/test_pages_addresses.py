"""Where the page of a resource is: every IRI has one address, and the address gives the IRI back."""

from urllib.parse import parse_qs, unquote, urlsplit

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from pyoxigraph import NamedNode

from exo_onto.negotiation import GRAPHS
from exo_onto.pages.addresses import FORMATS, TERM, Asked, asked, path_of
from exo_onto.snapshot import Snapshot
from exo_onto.vocabulary import BASE


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
