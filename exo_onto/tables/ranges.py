"""ranges: a layout, an ontology and shapes in; the layout with headings, help and ranges filled in out. Pure.

What a column is called and means is what its property is called and means; what it may hold and must hold is what the
shapes of the sheet's class say of the property (SHACL: sh:in, sh:class, sh:minCount). What a shape asks for by a query
cannot be read off it: there the layout says `needed`.
"""

from collections.abc import Iterable
from dataclasses import replace

from pyoxigraph import Literal, NamedNode, Triple

from exo_onto.paths import Node, ShapesGraph
from exo_onto.tables.layout import LANGUAGES, Column, Layout, Range, Sheet
from exo_onto.tables.terms import Names
from exo_onto.vocabulary import OWL_AXIOM, PREFIXES


def fitted(layout: Layout, names: Names, definitions: Iterable[Triple], shapes: Iterable[Triple]) -> Layout:
    """Fill in what the ontology and the shapes say of each column."""
    fitter = _Fitter(names, dict(_definitions(layout, definitions)), ShapesGraph(shapes))
    provenance = tuple(fitter.column(each, OWL_AXIOM) for each in layout.provenance)
    return replace(layout, provenance=provenance, sheets=tuple(fitter.sheet(each) for each in layout.sheets))


def _definitions(layout: Layout, triples: Iterable[Triple]) -> Iterable[tuple[tuple[NamedNode, str], str]]:
    for triple in triples:
        subject, value = triple.subject, triple.object
        if triple.predicate in layout.definitions and isinstance(value, Literal) and isinstance(subject, NamedNode):
            yield (subject, value.language or "en"), value.value


class _Fitter:
    """Fills columns in."""

    def __init__(self, names: Names, definitions: dict[tuple[NamedNode, str], str], shapes: ShapesGraph) -> None:
        self._names = names
        self._definitions = definitions
        self._shapes = shapes

    def sheet(self, sheet: Sheet) -> Sheet:
        columns = tuple(self.column(each, sheet.nominal) for each in sheet.columns)
        first = {each.property: each for each in reversed(columns)}
        columns = tuple(each if first[each.property] is each else replace(each, needed=False) for each in columns)
        return replace(sheet, columns=columns)

    def column(self, column: Column, kind: NamedNode | None) -> Column:
        if column.property is None:
            return column
        headings = {lang: self._names.label(column.property, lang) for lang in LANGUAGES} | dict(column.headings)
        told = {lang: self._definitions.get((column.property, lang)) for lang in LANGUAGES}
        helped = {lang: text for lang, text in told.items() if text} | dict(column.help)
        shapes = list(self._property_shapes(kind, column.property)) if kind else []
        wanted = column.range
        if column.form == "term" and not wanted.said:
            wanted = self._range(shapes)
        needed = column.needed or any(map(self._needs, shapes))
        return replace(column, headings=headings, help=helped, range=wanted, needed=needed)

    def _property_shapes(self, kind: NamedNode, path: NamedNode) -> Iterable[Node]:
        """Find the property shapes about a path, of the shapes whose target is a class or one above it."""
        targets = self._names.ancestors(kind)
        for shape in self._shapes.subjects(_sh("targetClass")):
            if targets.intersection(
                t for t in self._shapes.objects(shape, _sh("targetClass")) if isinstance(t, NamedNode)
            ):
                for part in self._shapes.objects(shape, _sh("property")):
                    if not isinstance(part, Literal) and self._shapes.objects(part, _sh("path")) == (path,):
                        yield part

    def _range(self, shapes: Iterable[Node]) -> Range:
        choices: list[NamedNode] = []
        classes: list[NamedNode] = []
        for shape in shapes:
            for head in self._shapes.objects(shape, _sh("in")):
                choices += [each for each in self._shapes.items(head, shape) if isinstance(each, NamedNode)]
            classes += [each for each in self._shapes.objects(shape, _sh("class")) if isinstance(each, NamedNode)]
        return Range(choices=tuple(choices)) if choices else Range(classes=tuple(classes))

    def _needs(self, shape: Node) -> bool:
        least = self._shapes.at_most_one(shape, _sh("minCount"))
        info = self._shapes.at_most_one(shape, _sh("severity")) == _sh("Info")
        return isinstance(least, Literal) and least.value != "0" and not info


def _sh(local: str) -> NamedNode:
    return NamedNode(PREFIXES["sh"] + local)
