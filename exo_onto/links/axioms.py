"""axioms: an ontology of py-horned-owl in; its terms, and what it says of itself, out. Pure."""

from collections.abc import Iterable, Iterator
from typing import Any, Final

import pyhornedowl
from pyhornedowl import model  # type: ignore[attr-defined]  # its stub does not say so

from exo_onto.links.terms import Gathering, Header, Kind, Term
from exo_onto.vocabulary import OBO, OWL, OWL_VERSIONINFO, PREFIXES, RDFS_LABEL

REPLACED_BY: Final = f"{OBO}IAO_0100001"
TITLES: Final = (f"{PREFIXES['dcterms']}title", "http://purl.org/dc/elements/1.1/title")
ALTERNATIVE: Final = "http://www.geneontology.org/formats/oboInOwl#hasAlternativeId"
LICENCES: Final = (f"{PREFIXES['dcterms']}license", "http://purl.org/dc/elements/1.1/rights")
_ID: Final = "http://www.geneontology.org/formats/oboInOwl#id"
_LABEL: Final = RDFS_LABEL.value
_DEPRECATED: Final = OWL("deprecated").value
_DECLARATIONS: Final = {
    model.DeclareClass: Kind.CLASS,
    model.DeclareObjectProperty: Kind.OBJECT_PROPERTY,
    model.DeclareDataProperty: Kind.DATA_PROPERTY,
    model.DeclareAnnotationProperty: Kind.ANNOTATION_PROPERTY,
    model.DeclareNamedIndividual: Kind.INDIVIDUAL,
}


def terms(ontology: pyhornedowl.PyIndexedOntology) -> dict[str, Term]:
    """Gather the terms of an ontology from its axioms."""
    gathering = Gathering()
    for annotated in ontology.get_components():
        component = annotated.component
        kind = _DECLARATIONS.get(type(component))
        if kind is not None:
            gathering.declare(_iri(component.first), kind)
        else:
            _take(component, gathering)
    return gathering.terms()


def _take(axiom: Any, gathering: Gathering) -> None:  # noqa: ANN401  one of seventy classes
    match axiom:
        case model.AnnotationAssertion(subject=model.IRI() as subject, ann=annotation):
            _annotate(str(subject), annotation, gathering)
        case model.SubClassOf(sub=model.Class() as below, sup=above):
            _above(_iri(below), above, gathering)
        case model.EquivalentClasses(first=members):
            for name in (each for each in members if isinstance(each, model.Class)):
                for other in members:
                    if isinstance(other, model.ObjectIntersectionOf):
                        _above(_iri(name), other, gathering)
        case model.SubObjectPropertyOf(sub=model.ObjectProperty() as below, sup=model.ObjectProperty() as above):
            gathering.parent(_iri(below), _iri(above))
        case model.SubAnnotationPropertyOf(sub=below, sup=above):
            gathering.parent(_iri(below), _iri(above))
        case model.InverseObjectProperties(first=model.ObjectProperty() as one, second=model.ObjectProperty() as other):
            gathering.inverse(_iri(one), _iri(other))
        case _:
            pass


def _above(name: str, expression: Any, gathering: Gathering) -> None:  # noqa: ANN401  a class expression
    """Take the named classes, and the relations to named classes, that an expression implies."""
    match expression:
        case model.Class():
            gathering.parent(name, _iri(expression))
        case model.ObjectSomeValuesFrom(ope=model.ObjectProperty() as relation, bce=model.Class() as target):
            gathering.relation(name, _iri(relation), _iri(target))
        case model.ObjectIntersectionOf(first=parts):
            for part in parts:
                _above(name, part, gathering)
        case _:
            pass


def _annotate(subject: str, annotation: Any, gathering: Gathering) -> None:  # noqa: ANN401
    prop, value = _iri(annotation.ap), annotation.av
    if prop == _LABEL:
        gathering.label(subject, *_text(value))
    elif prop == _DEPRECATED and _text(value)[0] in {"true", "1"}:
        gathering.obsolete(subject)
    elif prop == _ID:
        gathering.named(subject, _text(value)[0])
    elif prop == REPLACED_BY and isinstance(value, model.IRI):
        gathering.replacement(subject, str(value))
    elif prop == ALTERNATIVE:
        gathering.alternative(subject, str(value) if isinstance(value, model.IRI) else _text(value)[0])


def header(ontology: pyhornedowl.PyIndexedOntology) -> Header:
    """Give what an ontology says of itself."""
    said: dict[str, str] = {}
    imports = False
    for annotated in ontology.get_components():
        imports = imports or isinstance(annotated.component, model.Import)
        if isinstance(annotated.component, model.OntologyAnnotation):
            annotation = annotated.component.first
            value = annotation.av
            said.setdefault(_iri(annotation.ap), str(value) if isinstance(value, model.IRI) else _text(value)[0])
    iri, version = ontology.get_iri(), ontology.get_version_iri()
    return header_of(iri and str(iri), version and str(version), said.items(), imports=imports)


def header_of(
    iri: str | None, version_iri: str | None, said: Iterable[tuple[str, str]], *, imports: bool = False
) -> Header:
    """Make a header of the annotations of an ontology."""
    told = dict(said)
    version = told.get(OWL_VERSIONINFO.value) or version_iri

    def first(names: Iterable[str]) -> str | None:
        return next(_told(names, told), None)

    return Header(iri=iri, version=version, date=None, title=first(TITLES), licence=first(LICENCES), imports=imports)


def _told(names: Iterable[str], told: dict[str, str]) -> Iterator[str]:
    return (told[name] for name in names if name in told)


def _text(value: Any) -> tuple[str, str | None]:  # noqa: ANN401  a literal
    return (
        (value.literal, value.lang)
        if isinstance(value, model.LanguageLiteral)
        else (getattr(value, "literal", ""), None)
    )


def _iri(named: Any) -> str:  # noqa: ANN401  whatever has an IRI
    return str(named.first)
