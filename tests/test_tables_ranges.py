"""Tests of ranges: headings, help, needs and values of columns come from the ontology and the shapes."""

from pathlib import Path

from pyoxigraph import RdfFormat, Triple, parse
from spreadsheets import known, term
from validating import validated

from exo_onto.tables.layout import Column, Layout
from exo_onto.vocabulary import PREFIXES


def column(layout: Layout, sheet: str, heading: str) -> Column:
    found = next(each for each in layout.sheets if each.key == sheet)
    return next(each for each in layout.columns_of(found) if each.heading("en") == heading)


def test_a_heading_is_the_label_of_its_property(root: Path) -> None:
    layout, _ = known(root)
    assert column(layout, "activities", "observed under").headings["zh"] == "在干预下观察"
    assert "intervention" in column(layout, "activities", "observed under").help["en"]


def test_what_shapes_demand_is_what_a_column_holds(root: Path) -> None:
    layout, _ = known(root)
    aspect = column(layout, "activities", "aspect")
    assert set(aspect.range.choices) == set(
        map(term, ("exonto:Expression", "exonto:Secretion", "exonto:Activation", "exonto:Abundance"))
    )
    assert column(layout, "activities", "activity of").range.classes == (term("exonto:MolecularEntity"),)
    assert column(layout, "models", "induced by").range.classes == (term("exonto:Stressor"),)


def test_what_shapes_need_is_needed(root: Path) -> None:
    layout, _ = known(root)
    assert column(layout, "studies", "published as").needed
    assert not column(layout, "studies", "uses model").needed
    assert column(layout, "edges", "certainty").needed
    assert not column(layout, "preparations", "imaged by").needed, "what is for information is not needed"


def test_of_provenance_just_that_is_needed_without_which_its_shape_fails(root: Path) -> None:
    layout, _ = known(root)
    passing = triples(root / "tests" / "specimens" / "shapes" / "Provenance" / "pass.ttl")
    shapes = [
        triple
        for path in sorted((root / "shapes").glob("*.ttl"))
        for triple in triples(path)
        if triple.subject == term("shape:Provenance")
        or not triple.predicate.value.startswith(f"{PREFIXES['sh']}target")
    ]
    assert validated(passing, shapes).results == ()
    for each in layout.provenance:
        without = [triple for triple in passing if triple.predicate != each.property]
        assert each.needed == bool(validated(without, shapes).results), each.headings


def triples(path: Path) -> list[Triple]:
    return [quad.triple for quad in parse(path.read_bytes(), format=RdfFormat.TURTLE, rename_blank_nodes=True)]


def test_every_term_column_says_what_it_holds(root: Path) -> None:
    layout, names = known(root)
    for sheet in layout.sheets:
        for each in layout.columns_of(sheet):
            assert each.form != "term" or each.range.said, (sheet.key, each.headings)
            if each.form == "term" and not each.range.anything and not each.range.kinds:
                assert names.members(each.range) or each.range.classes, (sheet.key, each.headings)
