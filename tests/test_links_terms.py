"""Tests of links.terms."""

from ontologies import iri

from exo_onto.links.terms import Gathering, Kind, Relation


def test_terms_are_gathered_in_whatever_order_they_are_told() -> None:
    gathering = Gathering()
    gathering.relation(iri("GO:1"), iri("BFO:0000050"), iri("GO:3"))
    gathering.parent(iri("GO:1"), iri("GO:2"))
    gathering.parent(iri("GO:1"), iri("GO:1"))
    gathering.label(iri("GO:1"), "eins", "de")
    gathering.label(iri("GO:1"), "one", "en")
    gathering.declare(iri("GO:1"), Kind.INDIVIDUAL)
    gathering.declare(iri("GO:1"), Kind.CLASS)
    gathering.declare(iri("GO:1"), Kind.ANNOTATION_PROPERTY)
    (found,) = gathering.terms().values()
    assert (found.label, found.kind, found.parents) == ("one", Kind.CLASS, (iri("GO:2"),))
    assert found.relations == (Relation(iri("BFO:0000050"), iri("GO:3")),)


def test_what_is_only_pointed_at_is_no_term() -> None:
    gathering = Gathering()
    gathering.declare(iri("GO:1"), Kind.CLASS)
    assert gathering.terms() == {}


def test_a_curie_of_a_known_registry_names_the_term_and_all_that_point_to_it() -> None:
    gathering = Gathering()
    strange = "http://mirbase.org/mature.pl?mature_acc=MIMAT0000076"
    gathering.named(strange, "mirbase.mature:MIMAT0000076")
    gathering.declare(strange, Kind.CLASS)
    gathering.label(strange, "hsa-miR-21-5p")
    gathering.declare(iri("GO:1"), Kind.CLASS)
    gathering.parent(iri("GO:1"), strange)
    ours = "https://identifiers.org/mirbase.mature:MIMAT0000076"
    assert gathering.terms()[ours].label == "hsa-miR-21-5p"
    assert gathering.terms()[iri("GO:1")].parents == (ours,)
