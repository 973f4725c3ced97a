"""vocabulary: every IRI and prefix that code may name; a misspelt one raises. Pure, but for the names of the root.

Code knows the standards (RDF, OWL, SHACL) and the names of the graphs. What the graphs talk about,
exosomes and discs, is known to the Turtle alone. The individuals of a root lie under a base of its own: `adopt` says
which, once for a process, as a locale is set.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from pyoxigraph import NamedNode

BASE: Final = "https://w3id.org/exo-onto/"
"""The base under which every term, individual and graph of ours lives."""

OBO: Final = "http://purl.obolibrary.org/obo/"

_KINDS = (
    "activity",
    "association",
    "cells",
    "claim",
    "condition",
    "entity",
    "evidence",
    "graph",
    "hallmark",
    "justification",
    "mechanism",
    "model",
    "outcome",
    "outlook",
    "preparation",
    "profile",
    "reference",
    "registry",
    "shape",
    "snapshot",
    "stressor",
    "study",
    "treatment",
)
_OBO = (
    "BFO",
    "CHEBI",
    "CL",
    "COB",
    "DOID",
    "ECO",
    "GO",
    "HP",
    "IAO",
    "MONDO",
    "NCBITaxon",
    "OBI",
    "PR",
    "RO",
    "SO",
    "UBERON",
)
_IDENTIFIERS_ORG = {
    "ENSEMBL": "ensembl",
    "HGNC": "hgnc",
    "NCBIGene": "ncbigene",
    "kegg.pathway": "kegg.pathway",
    "mirbase": "mirbase",
    "mirbase.mature": "mirbase.mature",
    "pubmed": "pubmed",
    "reactome": "reactome",
    "rnacentral": "rnacentral",
    "uniprot": "uniprot",
    "wikipathways": "wikipathways",
}

_known = {
    "exonto": BASE,
    **{kind: f"{BASE}{kind}/" for kind in _KINDS},
    **{name: f"{OBO}{name}_" for name in _OBO},
    **{name: f"https://identifiers.org/{path}:" for name, path in _IDENTIFIERS_ORG.items()},
    "EFO": "http://www.ebi.ac.uk/efo/EFO_",
    "bibo": "http://purl.org/ontology/bibo/",
    "dcterms": "http://purl.org/dc/terms/",
    "idot": "http://identifiers.org/idot/",
    "owl": "http://www.w3.org/2002/07/owl#",
    "prism": "http://prismstandard.org/namespaces/basic/2.0/",
    "prov": "http://www.w3.org/ns/prov#",
    "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
    "rdfs": "http://www.w3.org/2000/01/rdf-schema#",
    "semapv": "https://w3id.org/semapv/vocab/",
    "sh": "http://www.w3.org/ns/shacl#",
    "skos": "http://www.w3.org/2004/02/skos/core#",
    "sssom": "https://w3id.org/sssom/",
    "vann": "http://purl.org/vocab/vann/",
    "void": "http://rdfs.org/ns/void#",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
}
PREFIXES: Final[Mapping[str, str]] = MappingProxyType(_known)
"""Prefix to namespace, for reading CURIEs and for showing IRIs short; those of individuals as `adopt` has them."""


@dataclass(frozen=True)
class Names:
    """Under which base the terms and individuals of a root lie, and the prefix of the terms."""

    prefix: str = "exonto"
    base: str = BASE


KINDS: Final = tuple(kind for kind in _KINDS if kind not in {"graph", "justification", "shape", "snapshot"})
"""The kinds of individuals: each has a prefix, and its namespace is the base of the root and its own name."""
STEADY: Final = frozenset(_KINDS) - frozenset(KINDS)
"""The kinds of things that are named below the base of exo-onto in every root."""
_fixed = frozenset(_known)
_by_head: dict[str, list[tuple[str, str]]] = {}
"""Prefixes and namespaces, the longest first, by what such a namespace has up to its last slash."""
_own: list[Names] = []


def adopt(names: Names | None = None) -> None:
    """Take the names of a root, or those of exo-onto, for all that is shown and read from now on.

    Graphs, shapes and terms of exo-onto keep their names. A prefix that is known already keeps its meaning.
    """
    own = names or Names()
    for prefix in _known.keys() - _fixed:
        del _known[prefix]
    _known.update({kind: f"{own.base}{kind}/" for kind in KINDS})
    _known.setdefault(own.prefix, own.base)
    _by_head.clear()
    for prefix, namespace in sorted(_known.items(), key=lambda item: -len(item[1])):
        _by_head.setdefault(_head(namespace), []).append((prefix, namespace))
    _own[:] = [own]


def _head(name: str) -> str:
    return name[: name.rfind("/") + 1]


def own() -> Names:
    """Give the names of the root that is worked on."""
    return _own[0]


def is_ours(iri: str) -> bool:
    """Say whether a name is one of the root's, or of exo-onto."""
    return base_of(iri) is not None


def base_of(iri: str) -> str | None:
    """Give the base that a name lies under: the root's, or that of exo-onto; None for a name of others."""
    return next((base for base in (own().base, BASE) if iri.startswith(base)), None)


def is_base(iri: str) -> bool:
    """Say whether a name is that of the root's ontology, or of exo-onto's."""
    return iri in (BASE, own().base)


adopt()


class UnknownNameError(ValueError):
    """A name that is neither an IRI nor a CURIE with a known prefix."""


def expand(name: str) -> NamedNode:
    """Give the IRI of a CURIE such as `GO:0006915`, or of an IRI written out, with or without angle brackets.

    Raises UnknownNameError where the prefix is not one of PREFIXES.
    """
    if re.match(r"<?(https?|urn):", name):
        return _iri(name.removeprefix("<").removesuffix(">"))
    prefix, colon, local = name.partition(":")
    if not colon or prefix not in PREFIXES:
        known = ", ".join(sorted(PREFIXES, key=str.lower))
        raise UnknownNameError(f"{name!r} is no IRI, and its prefix is not known. Known prefixes: {known}.")
    return _iri(PREFIXES[prefix] + local)


def _iri(text: str) -> NamedNode:
    try:
        return NamedNode(text)
    except ValueError as error:
        raise UnknownNameError(f"{text!r} is no IRI: {error}.") from error


def compact(iri: str) -> str:
    """Give the CURIE of an IRI, or the IRI itself where no prefix fits."""
    for prefix, namespace in _by_head.get(_head(iri), ()):
        if iri.startswith(namespace):
            return f"{prefix}:{iri[len(namespace) :]}"
    return iri


def slug(iri: str) -> str | None:
    """Give the readable last part of an individual of ours (`zhu-lf-2020`), or None for any other IRI."""
    base = own().base if iri.startswith(own().base) else BASE
    kind, slash, name = iri.removeprefix(base).partition("/")
    return name if iri.startswith(base) and slash and kind in _KINDS and "/" not in name else None


def _graph(name: str) -> NamedNode:
    return NamedNode(f"{PREFIXES['graph']}{name}")


GRAPH_ONTOLOGY: Final = _graph("ontology")
GRAPH_IMPORTS: Final = _graph("imports")
GRAPH_INSTANCES: Final = _graph("instances")
GRAPH_CLAIMS: Final = _graph("claims")
GRAPH_EVIDENCE: Final = _graph("evidence")
GRAPH_INFERRED: Final = _graph("inferred")
GRAPH_JUSTIFICATIONS: Final = _graph("justifications")
GRAPH_METADATA: Final = _graph("metadata")

ASSERTED_GRAPHS: Final = (GRAPH_ONTOLOGY, GRAPH_IMPORTS, GRAPH_INSTANCES, GRAPH_CLAIMS, GRAPH_EVIDENCE)
"""The graphs that are written before anything is inferred, in the order of the flow."""

DEFAULT_GRAPHS: Final = (*ASSERTED_GRAPHS, GRAPH_INFERRED, GRAPH_METADATA)
"""The graphs whose union is the default graph of a query; all others are reached by name."""


def _named(prefix: str, local: str) -> NamedNode:
    return NamedNode(PREFIXES[prefix] + local)


def OWL(local: str) -> NamedNode:  # noqa: N802  written as the prefix that it stands for
    """Give a name of OWL 2.

    Raises UnknownNameError for one that the standard does not have.
    """
    if local not in OWL_NAMES:
        raise UnknownNameError(f"OWL 2 has no owl:{local}.")
    return _OWL_TERMS[local]


OWL_NAMES: Final = frozenset(
    {
        "AllDifferent",
        "AllDisjointClasses",
        "AllDisjointProperties",
        "Annotation",
        "AnnotationProperty",
        "AsymmetricProperty",
        "Axiom",
        "Class",
        "DataRange",
        "DatatypeProperty",
        "DeprecatedClass",
        "DeprecatedProperty",
        "FunctionalProperty",
        "InverseFunctionalProperty",
        "IrreflexiveProperty",
        "NamedIndividual",
        "NegativePropertyAssertion",
        "Nothing",
        "ObjectProperty",
        "Ontology",
        "OntologyProperty",
        "ReflexiveProperty",
        "Restriction",
        "SymmetricProperty",
        "Thing",
        "TransitiveProperty",
        "allValuesFrom",
        "annotatedProperty",
        "annotatedSource",
        "annotatedTarget",
        "assertionProperty",
        "backwardCompatibleWith",
        "bottomDataProperty",
        "bottomObjectProperty",
        "cardinality",
        "complementOf",
        "datatypeComplementOf",
        "deprecated",
        "differentFrom",
        "disjointUnionOf",
        "disjointWith",
        "distinctMembers",
        "equivalentClass",
        "equivalentProperty",
        "hasKey",
        "hasSelf",
        "hasValue",
        "imports",
        "incompatibleWith",
        "intersectionOf",
        "inverseOf",
        "maxCardinality",
        "maxQualifiedCardinality",
        "members",
        "minCardinality",
        "minQualifiedCardinality",
        "onClass",
        "onDataRange",
        "onDatatype",
        "onProperties",
        "onProperty",
        "oneOf",
        "priorVersion",
        "propertyChainAxiom",
        "propertyDisjointWith",
        "qualifiedCardinality",
        "rational",
        "real",
        "sameAs",
        "someValuesFrom",
        "sourceIndividual",
        "targetIndividual",
        "targetValue",
        "topDataProperty",
        "topObjectProperty",
        "unionOf",
        "versionIRI",
        "versionInfo",
        "withRestrictions",
    }
)
"""The local names of the vocabulary of OWL 2 (Structural Specification, section 2.4; Mapping to RDF, section 3)."""

_OWL_TERMS: Final = {name: _named("owl", name) for name in OWL_NAMES}

RDF_FIRST: Final = _named("rdf", "first")
RDF_NIL: Final = _named("rdf", "nil")
RDF_REST: Final = _named("rdf", "rest")
RDF_TYPE: Final = _named("rdf", "type")
REFERENCE_NUMBER: Final = NamedNode(f"{BASE}referenceNumber")
"""Says by which number the review cites a source."""

ACCEPTS_FINDING: Final = NamedNode(f"{BASE}acceptsFinding")
"""Gives the code of a finding about links that somebody looked at and means."""
AUTHOR_LINE: Final = NamedNode(f"{BASE}authorLine")
"""Gives the authors of a reference as they are printed."""
CURATION_NOTE: Final = NamedNode(f"{BASE}curationNote")
"""Says why something was curated as it is."""
ISSUED_TERM: Final = NamedNode(f"{BASE}issuedTerm")
"""Relates an ontology to a term that it has published."""
PUBLICATION_YEAR: Final = NamedNode(f"{BASE}publicationYear")
"""Says in which year a reference was published."""

BIBO_PMID: Final = _named("bibo", "pmid")
DCTERMS_DATE: Final = _named("dcterms", "date")
DCTERMS_IDENTIFIER: Final = _named("dcterms", "identifier")
DCTERMS_LICENSE: Final = _named("dcterms", "license")
DCTERMS_SOURCE: Final = _named("dcterms", "source")
DCTERMS_TITLE: Final = _named("dcterms", "title")
IAO_REPLACED_BY: Final = _named("IAO", "0100001")
PRISM_DOI: Final = _named("prism", "doi")

ABBREVIATES: Final = NamedNode(f"{BASE}abbreviates")
"""Says which relation between things a property between classes stands for."""

RDFS_DOMAIN: Final = _named("rdfs", "domain")
RDFS_LITERAL: Final = _named("rdfs", "Literal")
RDFS_RANGE: Final = _named("rdfs", "range")
RDFS_CLASS: Final = _named("rdfs", "Class")
RDFS_LABEL: Final = _named("rdfs", "label")
RDFS_SUBCLASSOF: Final = _named("rdfs", "subClassOf")
RDFS_SUBPROPERTYOF: Final = _named("rdfs", "subPropertyOf")
OWL_ALLDIFFERENT: Final = _named("owl", "AllDifferent")
OWL_ALLDISJOINTCLASSES: Final = _named("owl", "AllDisjointClasses")
OWL_ALLDISJOINTPROPERTIES: Final = _named("owl", "AllDisjointProperties")
OWL_ANNOTATEDPROPERTY: Final = _named("owl", "annotatedProperty")
OWL_ANNOTATEDSOURCE: Final = _named("owl", "annotatedSource")
OWL_ANNOTATEDTARGET: Final = _named("owl", "annotatedTarget")
OWL_AXIOM: Final = _named("owl", "Axiom")
OWL_BOTTOMOBJECTPROPERTY: Final = _named("owl", "bottomObjectProperty")
OWL_CLASS: Final = _named("owl", "Class")
OWL_DIFFERENTFROM: Final = _named("owl", "differentFrom")
OWL_DISJOINTWITH: Final = _named("owl", "disjointWith")
OWL_EQUIVALENTCLASS: Final = _named("owl", "equivalentClass")
OWL_EQUIVALENTPROPERTY: Final = _named("owl", "equivalentProperty")
OWL_IMPORTS: Final = _named("owl", "imports")
OWL_INVERSEOF: Final = _named("owl", "inverseOf")
OWL_NAMEDINDIVIDUAL: Final = _named("owl", "NamedIndividual")
OWL_NOTHING: Final = _named("owl", "Nothing")
OWL_OBJECTPROPERTY: Final = _named("owl", "ObjectProperty")
OWL_ONPROPERTY: Final = _named("owl", "onProperty")
OWL_ONTOLOGY: Final = _named("owl", "Ontology")
OWL_PROPERTYDISJOINTWITH: Final = _named("owl", "propertyDisjointWith")
OWL_SOMEVALUESFROM: Final = _named("owl", "someValuesFrom")
OWL_SYMMETRICPROPERTY: Final = _named("owl", "SymmetricProperty")
OWL_THING: Final = _named("owl", "Thing")
OWL_TOPOBJECTPROPERTY: Final = _named("owl", "topObjectProperty")
OWL_VERSIONINFO: Final = _named("owl", "versionInfo")
OWL_VERSIONIRI: Final = _named("owl", "versionIRI")
SH_ENTAILMENT: Final = _named("sh", "entailment")
SKOS_BROADMATCH: Final = _named("skos", "broadMatch")
SKOS_CLOSEMATCH: Final = _named("skos", "closeMatch")
SKOS_EXACTMATCH: Final = _named("skos", "exactMatch")
SKOS_NARROWMATCH: Final = _named("skos", "narrowMatch")
SKOS_NOTATION: Final = _named("skos", "notation")
SKOS_RELATEDMATCH: Final = _named("skos", "relatedMatch")
SSSOM_JUSTIFICATION: Final = _named("sssom", "mapping_justification")
XSD_BOOLEAN: Final = _named("xsd", "boolean")
XSD_INTEGER: Final = _named("xsd", "integer")
XSD_DATETIME: Final = _named("xsd", "dateTime")
