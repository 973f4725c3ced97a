"""modules: the Turtle of a module in, what its sources say in it out; and accounts of terms in, its Turtle out. Pure.

A module holds what is used of one ontology. On top it names each source with version, date, licence and the SHA-256 of
the file. `dcterms:source` of a term is the source that it is from; where a parent or a relation is from another one, an
annotation of that axiom says so, by `rdfs:isDefinedBy`.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Final

from pyoxigraph import BlankNode, Literal, NamedNode, Triple

from exo_onto.links.merge import Account, Origin, Voice
from exo_onto.links.names import curie, namespace_of, prefix_of
from exo_onto.links.terms import Header, Kind, Relation, Term
from exo_onto.vocabulary import (
    BASE,
    OBO,
    OWL,
    OWL_ANNOTATEDPROPERTY,
    OWL_ANNOTATEDSOURCE,
    OWL_ANNOTATEDTARGET,
    OWL_AXIOM,
    OWL_VERSIONINFO,
    PREFIXES,
    RDF_TYPE,
    RDFS_LABEL,
    RDFS_SUBCLASSOF,
    RDFS_SUBPROPERTYOF,
    compact,
)

IMPORTS: Final = f"{BASE}imports/"
FROM: Final = f"{IMPORTS}from/"
"""Under which the sources of modules are named."""

_DCTERMS: Final = PREFIXES["dcterms"]
_DATE, _IDENTIFIER, _LICENCE = (NamedNode(_DCTERMS + name) for name in ("date", "identifier", "license"))
_SOURCE, _TITLE, _VERSION_OF = (NamedNode(_DCTERMS + name) for name in ("source", "title", "isVersionOf"))
_SAID_BY: Final = NamedNode(f"{PREFIXES['rdfs']}isDefinedBy")
_FILE: Final = NamedNode(f"{_DCTERMS}alternative")
_REPLACED_BY: Final = NamedNode(f"{OBO}IAO_0100001")
_DEPRECATED: Final = OWL("deprecated")
_INVERSE: Final = OWL("inverseOf")
_KINDS: Final = {OWL(kind.value): kind for kind in Kind}
_BELOW: Final = {RDFS_SUBCLASSOF, RDFS_SUBPROPERTYOF}
_ONLY: Final = "Identifiers, labels, named hierarchy and the relations that ontology/links.ttl chooses only."

Told = Mapping[object, Mapping[NamedNode, list[object]]]


@dataclass(frozen=True)
class Module:
    """What stands in a module's file: its title, the sources that it names, and for each what it says in it."""

    name: str
    title: str | None
    sources: tuple[Origin, ...]
    voices: tuple[Voice, ...]


def parse_module(name: str, triples: Iterable[Triple], relations: Mapping[str, str]) -> Module:
    """Read a module from its triples; `relations` gives for each relation the property that is written for it."""
    told: defaultdict[object, defaultdict[NamedNode, list[object]]] = defaultdict(lambda: defaultdict(list))
    for triple in triples:
        told[triple.subject][triple.predicate].append(triple.object)
    module = NamedNode(f"{IMPORTS}{name}")
    origins = {node: _origin(node, told[node]) for node in list(told[module].get(_SOURCE, ())) if node in told}
    plain = Origin("", Header(version=_text(told[module], OWL_VERSIONINFO), date=_text(told[module], OWL_VERSIONINFO)))
    written = {NamedNode(prop): relation for relation, prop in relations.items()}
    elsewhere = _annotated(told)
    said: defaultdict[Origin, dict[str, Term]] = defaultdict(dict)
    for node, facts in told.items():
        if isinstance(node, NamedNode) and prefix_of(node.value):
            own = origins.get(next(iter(facts.get(_SOURCE, ())), None), plain)
            for origin, term in _shares(node, facts, written, elsewhere, origins, own):
                said[origin][term.iri] = term
    voices = tuple(Voice(origin, terms, given=False) for origin, terms in said.items())
    return Module(name, _text(told[module], _TITLE), tuple(origins.values()), voices)


def _shares(  # noqa: PLR0913, PLR0917
    node: NamedNode,
    facts: Mapping[NamedNode, list[object]],
    written: Mapping[NamedNode, str],
    elsewhere: Mapping[tuple[object, object, object], object],
    origins: Mapping[object, Origin],
    own: Origin,
) -> Iterator[tuple[Origin, Term]]:
    """Part what is written of a term by the sources that say it."""
    kind = next(
        (_KINDS[each] for each in facts.get(RDF_TYPE, ()) if isinstance(each, NamedNode) and each in _KINDS), Kind.CLASS
    )
    parents: defaultdict[Origin, list[str]] = defaultdict(list)
    relations: defaultdict[Origin, list[Relation]] = defaultdict(list)
    for predicate, values in facts.items():
        for value in (each for each in values if isinstance(each, NamedNode)):
            origin = origins.get(elsewhere.get((node, predicate, value)), own)
            if predicate in _BELOW:
                parents[origin].append(value.value)
            elif predicate in written:
                relations[origin].append(Relation(written[predicate], value.value))
    whole = Term(
        iri=node.value,
        kind=kind,
        label=_text(facts, RDFS_LABEL),
        inverses=_iris(facts.get(_INVERSE, ())),
        obsolete=_text(facts, _DEPRECATED) == "true",
        replacements=_iris(facts.get(_REPLACED_BY, ())),
    )
    for origin in {own, *parents, *relations}:
        yield origin, replace(whole, parents=tuple(sorted(parents[origin])), relations=tuple(sorted(relations[origin])))


def _annotated(told: Told) -> dict[tuple[object, object, object], object]:
    """Give the source that annotates a triple, where one does."""
    found: dict[tuple[object, object, object], object] = {}
    for node, facts in told.items():
        if isinstance(node, BlankNode) and OWL_AXIOM in facts.get(RDF_TYPE, ()):
            parts = [
                facts[each][0] for each in (OWL_ANNOTATEDSOURCE, OWL_ANNOTATEDPROPERTY, OWL_ANNOTATEDTARGET, _SAID_BY)
            ]
            found[parts[0], parts[1], parts[2]] = parts[3]
    return found


def _origin(node: object, facts: Mapping[NamedNode, list[object]]) -> Origin:
    digest = _text(facts, _IDENTIFIER)
    header = Header(
        iri=_text(facts, _VERSION_OF),
        version=_text(facts, OWL_VERSIONINFO),
        date=_text(facts, _DATE),
        title=_text(facts, _TITLE),
        licence=_text(facts, _LICENCE),
    )
    name = str(getattr(node, "value", node)).removeprefix(FROM)
    return Origin(name, header, digest and digest.removeprefix("sha256:"), _text(facts, _FILE))


def _text(facts: Mapping[NamedNode, list[object]], predicate: NamedNode) -> str | None:
    """Give the last value, in their order, as plain text: of several versions the newest."""
    values = sorted(value.value for value in facts.get(predicate, ()) if isinstance(value, NamedNode | Literal))
    return values[-1] if values else None


def _iris(values: Iterable[object]) -> tuple[str, ...]:
    return tuple(sorted(value.value for value in values if isinstance(value, NamedNode)))


def write_module(
    name: str, title: str, accounts: Iterable[Account], relations: Mapping[str, str], *, known: Iterable[str]
) -> str:
    """Write a module: its header, its sources, its terms in the order of their identifiers; always in the same bytes.

    `known` are the terms of all modules: an inverse that is in none is not written.
    """
    terms = sorted(accounts, key=lambda account: curie(account.term.iri))
    origins = sorted({origin for account in terms for origin in _origins(account)}, key=lambda origin: origin.age)
    among = frozenset(known)
    blocks = [_header(name, title, origins), *map(_source, origins)]
    for account in terms:
        blocks += [_term(account, relations, among), *_annotations(account, relations)]
    body = "\n\n".join(blocks)
    prefixes = "\n".join(f"@prefix {each}: <{namespace_of(each)}> ." for each in _prefixes(terms, relations))
    return f"# {title}, with their ancestors. Written by `exo-onto links update`.\n\n{prefixes}\n\n{body}\n"


def _origins(account: Account) -> set[Origin]:
    return {account.origin, *account.parents.values(), *account.relations.values()}


def _header(name: str, title: str, origins: list[Origin]) -> str:
    licences = sorted({_iri_or_text(each.header.licence) for each in origins if each.header.licence})
    lines = [f"<{IMPORTS}{name}>", "    a owl:Ontology", f"    dcterms:title {_quoted(title)}@en"]
    lines.append("    dcterms:source " + ", ".join(f"<{FROM}{origin.name}>" for origin in origins))
    lines += [f"    dcterms:license {', '.join(licences)}"] if licences else []
    return " ;\n".join([lines[0] + "\n" + lines[1], *lines[2:], f'    rdfs:comment "{_ONLY}"@en']) + " ."


def _source(origin: Origin) -> str:
    header = origin.header
    said = [
        ("dcterms:title", header.title and f"{_quoted(header.title)}@en"),
        ("dcterms:alternative", origin.file and _quoted(origin.file)),
        ("dcterms:isVersionOf", header.iri and f"<{header.iri}>"),
        ("owl:versionInfo", header.version and _quoted(header.version)),
        ("dcterms:date", header.date and _quoted(header.date)),
        ("dcterms:license", header.licence and _iri_or_text(header.licence)),
        ("dcterms:identifier", origin.sha256 and _quoted(f"sha256:{origin.sha256}")),
    ]
    lines = [f"    {predicate} {value}" for predicate, value in said if value]
    return " ;\n".join([f"<{FROM}{origin.name}>\n    a owl:Ontology", *lines]) + " ."


def _term(account: Account, relations: Mapping[str, str], known: frozenset[str]) -> str:
    term = account.term
    inverses = [each for each in term.inverses if each in known and term.iri < each]
    said: list[tuple[str, list[str]]] = [
        ("a", [f"owl:{term.kind.value}"]),
        ("rdfs:label", [f"{_quoted(term.label)}@en"] if term.label else []),
        (_below(term.kind), [_name(each) for each in account.parents]),
        ("owl:inverseOf", [_name(each) for each in inverses]),
    ]
    for relation, written in sorted(relations.items(), key=lambda item: item[1]):
        said.append((_name(written), [_name(each.target) for each in account.relations if each.relation == relation]))
    said += [
        ("owl:deprecated", ["true"] if term.obsolete else []),
        ("IAO:0100001", [_name(each) for each in term.replacements]),
        ("dcterms:source", [f"<{FROM}{account.origin.name}>"]),
    ]
    lines = [f"    {predicate} {', '.join(sorted(values))}" for predicate, values in said if values]
    return f"{_name(term.iri)}\n" + " ;\n".join(lines) + " ."


def _annotations(account: Account, relations: Mapping[str, str]) -> Iterator[str]:
    """Annotate the axioms that are from another source than the term."""
    edges = [(_below(account.term.kind), each, origin) for each, origin in account.parents.items()]
    edges += [(_name(relations[each.relation]), each.target, origin) for each, origin in account.relations.items()]
    for predicate, target, origin in sorted(edges):
        if origin != account.origin:
            yield (
                f"[]\n    a owl:Axiom ;\n    owl:annotatedSource {_name(account.term.iri)} ;\n"
                f"    owl:annotatedProperty {predicate} ;\n    owl:annotatedTarget {_name(target)} ;\n"
                f"    rdfs:isDefinedBy <{FROM}{origin.name}> ."
            )


def _below(kind: Kind) -> str:
    return "rdfs:subClassOf" if kind in {Kind.CLASS, Kind.INDIVIDUAL} else "rdfs:subPropertyOf"


def _name(iri: str) -> str:
    """Write an IRI as a prefixed name where that is allowed, and whole where not."""
    short = curie(iri) if prefix_of(iri) else compact(iri)
    local = short.partition(":")[2]
    return short if local.replace("_", "").isalnum() and short != iri else f"<{iri}>"


def _prefixes(accounts: Iterable[Account], relations: Mapping[str, str]) -> list[str]:
    """Give the prefixes of all names that are written, in their order."""
    names: set[str] = set()
    for account in accounts:
        term = account.term
        names |= {term.iri, *account.parents, *term.inverses, *term.replacements}
        names |= {each for relation in account.relations for each in (relation.target, relations[relation.relation])}
        names |= {_REPLACED_BY.value} if term.replacements else set()
    used = {short.partition(":")[0] for short in map(_name, names) if not short.startswith("<")}
    return sorted(used | {"dcterms", "owl", "rdfs"})


def _quoted(text: str) -> str:
    return str(Literal(text))


def _iri_or_text(said: str) -> str:
    return f"<{said}>" if said.startswith(("http://", "https://")) else _quoted(said)
