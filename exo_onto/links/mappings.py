"""mappings: sources in, their links to registries as SSSOM out; and SSSOM in, what is new in it as Turtle out. Pure.

SSSOM is the Simple Standard for Sharing Ontology Mappings (Matentzoglu et al. 2022, doi 10.1093/database/baac035). How
a mapping is justified is said in terms of SEMAPV; ours were made by people, unless an annotation says otherwise.
"""

import io
import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

import sssom_pydantic
from curies import Converter, NamableReference, Prefix, Reference
from pydantic import AnyUrl, ValidationError
from pyoxigraph import BlankNode, Literal, NamedNode, Triple
from sssom_pydantic import MappingSet, SemanticMapping
from yaml import YAMLError

from exo_onto.links.identifiers import identify, pattern_of
from exo_onto.sources import Sources
from exo_onto.vocabulary import (
    BASE,
    CURATION_NOTE,
    DCTERMS_LICENSE,
    DCTERMS_SOURCE,
    DCTERMS_TITLE,
    OWL_ANNOTATEDPROPERTY,
    OWL_ANNOTATEDSOURCE,
    OWL_ANNOTATEDTARGET,
    OWL_EQUIVALENTCLASS,
    OWL_EQUIVALENTPROPERTY,
    OWL_VERSIONINFO,
    PREFIXES,
    RDFS_LABEL,
    SKOS_BROADMATCH,
    SKOS_CLOSEMATCH,
    SKOS_EXACTMATCH,
    SKOS_NARROWMATCH,
    SKOS_RELATEDMATCH,
    SSSOM_JUSTIFICATION,
    compact,
    expand,
)

MATCHES: Final = (SKOS_EXACTMATCH, SKOS_CLOSEMATCH, SKOS_BROADMATCH, SKOS_NARROWMATCH, SKOS_RELATEDMATCH)
"""The relations of SKOS that say how near two terms are, and infer nothing."""

IDENTITIES: Final = (OWL_EQUIVALENTCLASS, OWL_EQUIVALENTPROPERTY)
"""The relations that make two terms one: written by hand in ontology/, and never taken from a file."""

MANUAL: Final = f"{PREFIXES['semapv']}ManualMappingCuration"
SET: Final = f"{BASE}mappings"
FILE: Final = "instances/mappings.ttl"
"""Where mappings lie that were taken from files."""

LICENCE: Final = "https://creativecommons.org/licenses/by/4.0/"


class SssomError(Exception):
    """A file is not SSSOM, or says what cannot be taken; one sentence for each fault, with its line."""

    def __init__(self, faults: Iterable[str]) -> None:
        """Keep the faults and make them the message."""
        self.faults = tuple(faults)
        super().__init__("\n".join(self.faults))


@dataclass(frozen=True, order=True)
class Link:
    """One link of a term to one elsewhere, all by IRIs; what is not known is empty."""

    subject: str
    predicate: str
    object: str
    justification: str = MANUAL
    comment: str = ""


@dataclass(frozen=True)
class MappingFile:
    """What stands in a file of SSSOM: whose it is, and its links, each with its line."""

    identifier: str
    title: str
    version: str
    licence: str
    links: tuple[tuple[int, Link], ...]


@dataclass(frozen=True)
class Taking:
    """Which links of a file are new, and which were known; what of the new ones no module knows."""

    new: tuple[Link, ...]
    known: int
    unknown: tuple[str, ...]


def links_of(read: Sources) -> tuple[Link, ...]:
    """Give the links that the sources make to identifiers of registries, in the order of their IRIs."""
    reasons = _reasons(read)
    notes: defaultdict[str, str] = defaultdict(str)
    pairs: set[tuple[str, str, str]] = set()
    for triple in read.triples():
        subject, value = triple.subject, triple.object
        if not isinstance(subject, NamedNode):
            continue
        if triple.predicate == CURATION_NOTE and isinstance(value, Literal) and value.language in {None, "en"}:
            notes[subject.value] = value.value
        if triple.predicate in {*MATCHES, *IDENTITIES} and isinstance(value, NamedNode) and identify(value.value):
            pairs.add((subject.value, triple.predicate.value, value.value))
    return tuple(Link(*pair, reasons.get(pair, MANUAL), notes[pair[0]]) for pair in sorted(pairs))


def _reasons(read: Sources) -> dict[tuple[str, str, str], str]:
    """Give the justification that stands on links (OWL 2 Mapping to RDF, section 2.2)."""
    told: defaultdict[str, dict[NamedNode, str]] = defaultdict(dict)
    parts = (OWL_ANNOTATEDSOURCE, OWL_ANNOTATEDPROPERTY, OWL_ANNOTATEDTARGET)
    for triple in read.triples():
        if isinstance(triple.subject, BlankNode) and isinstance(triple.object, NamedNode):
            told[triple.subject.value][triple.predicate] = triple.object.value
    return {
        (each[parts[0]], each[parts[1]], each[parts[2]]): each[SSSOM_JUSTIFICATION]
        for each in told.values()
        if SSSOM_JUSTIFICATION in each and all(part in each for part in parts)
    }


def sssom(read: Sources, *, version: str) -> str:
    """Write all links of the sources as SSSOM/TSV; `version` is that of the ontology."""
    labels, versions = _labels(read), _versions(read)
    mappings = [
        SemanticMapping(
            subject=_named(link.subject, labels),
            predicate=_named(link.predicate, {}),
            object=_named(link.object, labels),
            justification=_reference(link.justification),
            subject_source_version=version if link.subject.startswith(BASE) else versions.get(link.subject),
            object_source_version=versions.get(link.object),
            comment=link.comment or None,
        )
        for link in links_of(read)
    ]
    about = MappingSet(id=AnyUrl(SET), title="Links of exo-onto", version=version, license=AnyUrl(LICENCE))
    page = io.StringIO()
    sssom_pydantic.write(mappings, page, metadata=about, converter=_converter(), condense=False)
    return page.getvalue()


def _labels(read: Sources) -> dict[str, str]:
    found: dict[str, str] = {}
    for triple in read.triples():
        value = triple.object
        if triple.predicate == RDFS_LABEL and isinstance(value, Literal) and value.language in {None, "en"}:
            found.setdefault(_plain(triple.subject), value.value)
    return found


def _versions(read: Sources) -> dict[str, str]:
    """Say of which version of its ontology a term was taken, where a module says so."""
    triples = tuple(read.triples())
    versions = {_plain(t.subject): _plain(t.object) for t in triples if t.predicate == OWL_VERSIONINFO}
    sources = ((_plain(t.subject), _plain(t.object)) for t in triples if t.predicate == DCTERMS_SOURCE)
    return {name: versions[source] for name, source in sources if source in versions}


def _named(iri: str, labels: Mapping[str, str]) -> NamableReference:
    prefix, _, local = compact(iri).partition(":")
    return NamableReference(prefix=Prefix(prefix), identifier=local, name=labels.get(iri))


def _reference(iri: str) -> Reference:
    prefix, _, local = compact(iri).partition(":")
    return Reference(prefix=Prefix(prefix), identifier=local)


def _converter() -> Converter:
    return Converter.from_prefix_map(dict(PREFIXES))


def read_sssom(text: str) -> MappingFile:
    """Read SSSOM/TSV with its metadata on top.

    Raises SssomError where it is none, where a row is not as the standard demands, or where a prefix is not explained.
    """
    if not text.startswith("#"):
        raise SssomError(["This is no SSSOM/TSV: it begins with no line of metadata, such as `#mapping_set_id: ...`."])
    try:
        found = sssom_pydantic.read(io.StringIO(text), return_errors=True)
    except ValidationError as error:
        said = (f"{'.'.join(map(str, each['loc']))}: {each['msg']}" for each in error.errors())
        raise SssomError(f"The metadata on top of the file is not that of SSSOM: {each}." for each in said) from error
    except YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f"Line {mark.line + 1}: " if mark else ""
        raise SssomError([f"{where}The metadata on top of the file is no YAML behind its `#`."]) from error
    mappings, converter, about, errors = found
    if errors:
        raise SssomError(_fault(each.line_number + 1, each.exception) for each in errors)
    first = next((n for n, line in enumerate(text.splitlines(), 1) if not line.startswith("#")), 1)
    links = tuple((first + row, _link(mapping, converter, first + row)) for row, mapping in enumerate(mappings, 1))
    licence = str(about.license) if about.license else ""
    return MappingFile(str(about.id), about.title or "", about.version or "", licence, links)


def _fault(line: int, error: Exception) -> str:
    """Tell what is wrong with a row; the reader of SSSOM counts lines from 0."""
    said = str(error).strip("'\"")
    return f"Line {line}: {said if ' ' in said else f'the prefix {said}: is not explained by curie_map'}."


def _link(mapping: SemanticMapping, converter: Converter, line: int) -> Link:
    if mapping.predicate_modifier:
        raise SssomError(
            [f"Line {line}: a mapping that is denied (predicate_modifier) cannot be said in SKOS: leave it out."]
        )
    parts = (mapping.subject, mapping.predicate, mapping.object, mapping.justification)
    iris = (converter.expand_reference(part, strict=False) or part.curie for part in parts)
    subject, predicate, target, reason = iris
    return Link(subject, predicate, target, reason, mapping.comment or "")


def take(read: Sources, file: MappingFile) -> Taking:
    """Say what of a file is new.

    Raises SssomError with one sentence for each link that cannot be taken: of a subject that the sources do not know,
    by another relation than the five of SKOS, to what is no identifier, or against a link that the sources make.
    """
    ours: defaultdict[tuple[str, str], set[str]] = defaultdict(set)
    for link in links_of(read):
        ours[link.subject, link.object].add(link.predicate)
    subjects = {_plain(triple.subject) for triple in read.triples()}
    faults = [
        f"Line {line}: {fault}"
        for line, link in file.links
        for fault in _faults(link, ours[link.subject, link.object], subjects)
    ]
    if faults:
        raise SssomError(faults)
    new = sorted({link for _, link in file.links if link.predicate not in ours[link.subject, link.object]})
    unknown = sorted({compact(link.object) for link in new if link.object not in subjects})
    return Taking(tuple(new), len({link for _, link in file.links}) - len(new), tuple(unknown))


def _faults(link: Link, ours: set[str], subjects: set[str]) -> Iterator[str]:
    subject, target = compact(link.subject), compact(link.object)
    if link.subject not in subjects:
        yield f"subject_id {subject} is no term of the sources."
    if NamedNode(link.predicate) not in MATCHES:
        known = ", ".join(compact(each.value) for each in MATCHES)
        yield f"predicate_id {compact(link.predicate)} is not taken from files: write one of {known}."
    elif ours and link.predicate not in ours:
        said = ", ".join(compact(each) for each in sorted(ours))
        yield f"{subject} has {said} to {target} already, and not {compact(link.predicate)}: settle which is right."
    identifier = identify(link.object)
    if identifier is None:
        yield f"object_id {target} is no identifier of a registry that the Bioregistry knows."
    elif identifier.fault:
        yield f"object_id {target} is malformed: {identifier.fault}."


_HEAD: Final = (
    "# Links that were taken from files of mappings, each with its justification. "
    "Written by `exo-onto links sssom --add`.\n"
)


def turtle(taken: Iterable[tuple[MappingFile, tuple[Link, ...]]], before: Iterable[Triple]) -> str:
    """Write the file of links anew: what was in it, and what was taken from files; in the order of its statements."""
    statements = {_statement(triple) for triple in before if isinstance(triple.subject, NamedNode)}
    axioms = set(_axioms(before))
    for file, links in taken:
        told = ((DCTERMS_TITLE, file.title), (OWL_VERSIONINFO, file.version), (DCTERMS_LICENSE, file.licence))
        about = NamedNode(file.identifier)
        statements.add(f"{about} a owl:Ontology .")
        statements |= {f"{about} {_term(name)} {Literal(said)} ." for name, said in told if said}
        for link in links:
            subject, predicate, target = (
                _term(NamedNode(each)) for each in (link.subject, link.predicate, link.object)
            )
            statements.add(f"{subject} {predicate} {target} .")
            axioms.add((subject, predicate, target, _term(NamedNode(link.justification)), str(about), link.comment))
    text = "\n".join(sorted(statements)) + "\n" + "".join(map(_written, sorted(axioms)))
    used = {word.partition(":")[0] for line in text.splitlines() for word in line.split() if ":" in word}
    heads = (f"@prefix {name}: <{space}> .\n" for name, space in sorted(PREFIXES.items(), key=lambda p: p[0].lower()))
    return _HEAD + "".join(head for head in heads if head.split()[1][:-1] in {*used, "owl"}) + "\n" + text


_Axiom = tuple[str, str, str, str, str, str]


def _axioms(triples: Iterable[Triple]) -> Iterator[_Axiom]:
    """Give the annotated links of the file as it is."""
    told: defaultdict[str, dict[str, str]] = defaultdict(dict)
    for triple in triples:
        if isinstance(triple.subject, BlankNode):
            value = triple.object
            shown = _term(value) if isinstance(value, NamedNode) else _plain(value)
            told[triple.subject.value][compact(triple.predicate.value)] = shown
    names = ("owl:annotatedSource", "owl:annotatedProperty", "owl:annotatedTarget", "sssom:mapping_justification")
    for each in told.values():
        source = each["rdfs:isDefinedBy"]
        subject, predicate, target, reason = (each[name] for name in names)
        yield subject, predicate, target, reason, source, each.get("rdfs:comment", "")


def _written(axiom: _Axiom) -> str:
    subject, predicate, target, reason, source, comment = axiom
    said = f" ;\n    rdfs:comment {Literal(comment)}" if comment else ""
    return (
        f"\n[] a owl:Axiom ;\n    owl:annotatedSource {subject} ;\n    owl:annotatedProperty {predicate} ;\n"
        f"    owl:annotatedTarget {target} ;\n    sssom:mapping_justification {reason} ;\n"
        f"    rdfs:isDefinedBy {source}{said} .\n"
    )


def _statement(triple: Triple) -> str:
    value = "owl:Ontology" if compact(_plain(triple.object)) == "owl:Ontology" else _term(triple.object)
    predicate = "a" if compact(triple.predicate.value) == "rdf:type" else _term(triple.predicate)
    return f"{_term(triple.subject)} {predicate} {value} ."


def _term(term: object) -> str:
    """Write a term as Turtle: by a prefix where its local part is plain."""
    if not isinstance(term, NamedNode):
        return str(term)
    short = compact(term.value)
    plain = short != term.value and short.rpartition(":")[2].replace("-", "").replace("_", "").isalnum()
    return short if plain and expand(short) == term else str(term)


def context() -> str:
    """Give the prefixes as a context of JSON-LD 1.1, each said to be one: not all end in a letter that shows it."""
    terms = {name: {"@id": space, "@prefix": True} for name, space in sorted(PREFIXES.items())}
    return json.dumps({"@context": terms}, indent=2) + "\n"


def prefix_map() -> str:
    """Give the prefixes with their namespaces."""
    return json.dumps(dict(sorted(PREFIXES.items())), indent=2) + "\n"


def extended_prefix_map() -> str:
    """Give the prefixes as an extended prefix map, as `curies` reads it: with the pattern of their identifiers."""
    records = []
    for name, space in sorted(PREFIXES.items()):
        probe = identify(f"{space}0")
        pattern = pattern_of(probe.registry) if probe is not None else None
        records.append({"prefix": name, "uri_prefix": space, **({"pattern": pattern} if pattern else {})})
    return json.dumps(records, indent=2) + "\n"


def _plain(term: object) -> str:
    return str(getattr(term, "value", term))
