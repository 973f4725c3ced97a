"""The figures of the first page, counted another way."""

from pyoxigraph import Literal, NamedNode
from reading import Browser

from exo_onto.pages.home import KINDS, view
from exo_onto.snapshot import Snapshot
from exo_onto.vocabulary import GRAPH_CLAIMS, GRAPH_INSTANCES, PREFIXES, RDF_TYPE


def test_figures_are_those_of_the_store(corpus: Snapshot, corpus_pages: Browser) -> None:
    figures = dict(view(corpus_pages.rows("figures"), [], "en")["figures"])
    own = PREFIXES["exonto"]
    counted = {
        kind: len(list(corpus.store.quads_for_pattern(None, RDF_TYPE, NamedNode(f"{own}{name}"), graph)))
        for kind, name, graph in (
            ("studies", "Study", GRAPH_INSTANCES),
            ("preparations", "ExosomePreparation", GRAPH_INSTANCES),
            ("activities", "Activity", GRAPH_INSTANCES),
            ("claims", "Claim", GRAPH_CLAIMS),
        )
    }
    assert {kind: figures[kind] for kind in counted} == counted
    assert tuple(figures) == KINDS
    assert counted["studies"] == 30


def test_what_is_said_is_in_the_language(corpus_pages: Browser) -> None:
    rows = corpus_pages.rows("snapshot")
    english, chinese = (view([], rows, language)["said"] for language in ("en", "zh"))
    assert english["title"].startswith("exo-onto: ")
    assert "知识图谱" in chinese["title"]
    assert english["version"] == chinese["version"]
    assert english["review doi"] == "10.12435/j.issn.2095-5227.25083001"


def test_a_store_without_anything_has_figures_too() -> None:
    assert dict(view([{"kind": Literal("studies"), "number": Literal(2)}], [], "en")["figures"])["studies"] == 2
    assert dict(view([], [], "en")["figures"]) == dict.fromkeys(KINDS, 0)
