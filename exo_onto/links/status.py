"""status: sources, and files of ontologies where given, in; what is wrong with the identifiers in use, out. Pure.

Offline the modules below ontology/imports/, and what the sources say of identifiers without a module, are the measure.
Given a file, it is what each of its terms is held against. Which registry identifies what, and of which species, is
said in Turtle; `checks/*.rq` ask for what does not go with that.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from importlib.resources import files
from typing import Final, cast

from pyoxigraph import Literal, NamedNode, QuerySolutions, Triple

from exo_onto.dataset import AnyStore
from exo_onto.diagnose import Diagnostic
from exo_onto.links.edits import Change, mentions, replaced, replaced_in_turtle
from exo_onto.links.fresh import Fresh
from exo_onto.links.identifiers import Identifier, identify, identify_anyhow
from exo_onto.links.terms import Term
from exo_onto.places import Place
from exo_onto.sources import SourceFile, Sources
from exo_onto.validate import Severity
from exo_onto.vocabulary import (
    ACCEPTS_FINDING,
    ASSERTED_GRAPHS,
    BASE,
    CURATION_NOTE,
    DCTERMS_DATE,
    DCTERMS_IDENTIFIER,
    DCTERMS_SOURCE,
    DEFAULT_GRAPHS,
    GRAPH_EVIDENCE,
    GRAPH_IMPORTS,
    IAO_REPLACED_BY,
    OWL,
    RDFS_LABEL,
    compact,
)


class Code(StrEnum):
    """What can be wrong with a link; stable, for baselines and exceptions."""

    MALFORMED = "links-malformed"
    UNKNOWN = "links-unknown"
    OBSOLETE = "links-obsolete"
    MERGED = "links-merged"
    RELABELLED = "links-relabelled"
    SPECIES = "links-species"
    KIND = "links-kind"
    TWOFOLD = "links-twofold"
    UNSEEN = "links-unseen"
    EXCEPTION = "links-exception"


SEVERITIES: Final[Mapping[Code, Severity]] = {
    **dict.fromkeys(Code, Severity.VIOLATION),
    Code.RELABELLED: Severity.WARNING,
    Code.TWOFOLD: Severity.WARNING,
    Code.UNSEEN: Severity.INFO,
}


@dataclass(frozen=True)
class Finding:
    """One thing that is wrong: with which identifier, what, and what to do.

    `about` are the things whose exception would be heard; `replacement` is what `fix` puts in its place.
    """

    code: Code
    iri: str
    what: str
    remedy: str
    about: frozenset[str]
    replacement: str | None = None
    where: tuple[str, str, str] | None = None


@dataclass(frozen=True)
class Described:
    """What the sources say of an external identifier, and the date of what they have it from."""

    labels: tuple[str, ...] = ()
    obsolete: bool = False
    replacements: tuple[str, ...] = ()
    date: str = ""


@dataclass(frozen=True)
class Status:
    """All findings that nobody has accepted, those that somebody has, and how many identifiers were looked at."""

    findings: tuple[Finding, ...]
    accepted: tuple[Finding, ...]
    looked_at: int


def recorded_dates(read: Sources) -> dict[str, str]:
    """Give the dates of the files that modules were made from, by SHA-256."""
    said = {predicate: _said(read, predicate) for predicate in (DCTERMS_IDENTIFIER, DCTERMS_DATE)}
    digests = said[DCTERMS_IDENTIFIER].items()
    dates = said[DCTERMS_DATE]
    return {digest.removeprefix("sha256:"): dates[source] for source, digest in digests if source in dates}


def _said(read: Sources, predicate: NamedNode) -> dict[str, str]:
    """Give what modules say by one property of each thing."""
    triples = read.triples(GRAPH_IMPORTS)
    return {_plain(triple.subject): _plain(triple.object) for triple in triples if triple.predicate == predicate}


def examine(
    read: Sources, store: AnyStore, *, questions: Iterable[tuple[str, str]] = (), fresh: Fresh | None = None
) -> Status:
    """Examine every external identifier that the sources use, and how our terms are linked.

    `store` holds what the sources assert; `questions` are the names and texts of queries that name identifiers too.
    """
    used = _used(read, questions)
    described = _described(read)
    found = [*_each(used, described, fresh or Fresh()), *_asked(store)]
    accepts = _accepted(read)
    open_: list[Finding] = []
    accepted: list[Finding] = []
    for finding in found:
        heard = any(finding.code in accepts.get(about, ()) for about in finding.about)
        (accepted if heard else open_).append(finding)
    return Status((*open_, *_idle(read, accepts, accepted)), tuple(accepted), len(used))


def _used(read: Sources, questions: Iterable[tuple[str, str]]) -> dict[str, Identifier]:
    """Give the external identifiers that are used outside of the modules."""
    named = {
        term.value
        for file in _written(read)
        for triple in file.triples
        for term in triple
        if isinstance(term, NamedNode)
    }
    named |= {mention.iri for _, text in questions for mention in mentions(text)}
    pairs = ((iri, identify(iri)) for iri in sorted(named) if not iri.startswith(BASE))
    return {iri: identifier for iri, identifier in pairs if identifier is not None}


def _written(read: Sources) -> Iterator[SourceFile]:
    """Yield the files that are ours to mend: all but the modules."""
    for graph, group in read.graphs:
        if graph != GRAPH_IMPORTS:
            yield from group
    yield from (*read.shapes, *read.strict)


def _described(read: Sources) -> dict[str, Described]:
    """Gather what is said of external identifiers; a translation of a label says nothing of whether a term exists.

    The articles that a table of evidence cites are known by the table: no module has articles.
    """
    labels: defaultdict[str, set[str]] = defaultdict(set)
    obsolete: set[str] = set()
    replacements: defaultdict[str, set[str]] = defaultdict(set)
    sources, dates = _said(read, DCTERMS_SOURCE), _said(read, DCTERMS_DATE)
    told = {_plain(triple.object) for triple in read.triples(GRAPH_EVIDENCE) if triple.predicate == DCTERMS_SOURCE}
    for triple in read.triples():
        name, value = str(getattr(triple.subject, "value", "")), triple.object
        if name.startswith(BASE):
            continue
        if triple.predicate == RDFS_LABEL and isinstance(value, Literal) and value.language in {None, "en"}:
            labels[name].add(value.value)
        elif triple.predicate == OWL("deprecated") and getattr(value, "value", "") in {"true", "1"}:
            obsolete.add(name)
        elif triple.predicate == IAO_REPLACED_BY and isinstance(value, NamedNode):
            replacements[name].add(value.value)
        elif triple.predicate == DCTERMS_SOURCE:
            told.add(name)
    return {
        name: Described(
            tuple(sorted(labels[name])),
            name in obsolete,
            tuple(sorted(replacements[name])),
            dates.get(sources.get(name, ""), ""),
        )
        for name in {*labels, *obsolete, *told}
    }


def _each(used: Mapping[str, Identifier], described: Mapping[str, Described], fresh: Fresh) -> Iterator[Finding]:
    for iri, identifier in used.items():
        known = described.get(iri)
        if identifier.fault:
            what = f"{compact(iri)} is no identifier: {identifier.fault}."
            yield _finding(Code.MALFORMED, iri, what, identifier.remedy)
        elif identifier.key in fresh.terms:
            yield from _against_file(iri, known, fresh.terms[identifier.key], fresh)
        elif known is None:
            yield _unknown(iri, identifier, fresh)
        else:
            yield from _against_module(iri, known)
            if identifier.registry in fresh.sizes:
                yield _unseen(iri, identifier, fresh)


def _unknown(iri: str, identifier: Identifier, fresh: Fresh) -> Finding:
    size = fresh.sizes.get(identifier.registry)
    told = f"no module has it, and neither has {fresh.names[identifier.registry]}" if size else "no module has it"
    remedy = (
        "Correct it; or take it from a file of its ontology with `exo-onto links update FILE`; or, where there is no "
        "module, say its label, and its species if it has one, in instances/entities/identifiers.ttl."
    )
    return _finding(Code.UNKNOWN, iri, f"{compact(iri)} is not known: {told}.", remedy)


def _unseen(iri: str, identifier: Identifier, fresh: Fresh) -> Finding:
    name, size = fresh.names[identifier.registry], fresh.sizes[identifier.registry]
    what = f"{compact(iri)} is not in {name}, which has {size:,} of {identifier.prefix}."
    return _finding(Code.UNSEEN, iri, what, "Nothing need be done where the file is a part of its ontology.")


def _against_module(iri: str, known: Described) -> Iterator[Finding]:
    if known.obsolete:
        yield _withdrawn(Code.OBSOLETE, iri, known.replacements, known.labels[:1], "by its module")
    if len(known.labels) > 1:
        said = " and ".join(f"'{label}'" for label in known.labels)
        what = f"{compact(iri)} has two labels: {said}."
        yield _finding(Code.RELABELLED, iri, what, "Delete the one that is out of date.", label=known.labels[-1])


def _against_file(iri: str, known: Described | None, term: Term, fresh: Fresh) -> Iterator[Finding]:
    identifier = cast("Identifier", identify_anyhow(term.iri))
    name = fresh.names[identifier.key]
    if term.obsolete:
        code = Code.MERGED if term.label is None and term.replacements else Code.OBSOLETE
        labels = (term.label,) if term.label else (known.labels[:1] if known else ())
        yield _withdrawn(code, iri, term.replacements, labels, f"by {name}")
    elif known is None:
        yield _unknown(iri, identifier, fresh)
    elif term.label and known.labels and term.label not in known.labels and not _older(fresh, identifier.key, known):
        what = f"{compact(iri)} is '{known.labels[0]}' here and '{term.label}' in {name}."
        remedy = "See that what was meant is still meant; then write the new label, or run `exo-onto links update`."
        yield _finding(Code.RELABELLED, iri, what, remedy, label=known.labels[0])


def _older(fresh: Fresh, key: str, known: Described) -> bool:
    """Say whether a file is older than what the module has the term from: what it calls the term is no news then."""
    date = fresh.dates[key]
    return bool(date) and date < known.date and not known.date.startswith(date)


def _withdrawn(code: Code, iri: str, by: tuple[str, ...], labels: tuple[str, ...], source: str) -> Finding:
    called = f"{compact(iri)}{f' ({labels[0]})' if labels else ''}"
    became = "merged into" if code is Code.MERGED else "replaced by"
    names = ", ".join(map(compact, by))
    fate = f"; it was {became} {names}" if by else ", and no replacement is named"
    what = f"{called} is withdrawn {source}{fate}."
    remedy = "`exo-onto links check --fix` puts it in place." if len(by) == 1 else "Choose a term that is in use."
    return _finding(code, iri, what, remedy, replacement=by[0] if len(by) == 1 else None)


def _finding(  # noqa: PLR0913  one for each part
    code: Code, iri: str, what: str, remedy: str, *, replacement: str | None = None, label: str | None = None
) -> Finding:
    where = (iri, RDFS_LABEL.value, label) if label is not None else None
    return Finding(code, iri, what, remedy, frozenset({iri}), replacement, where)


_QUERIES: Final = (
    (Code.SPECIES, "species"),
    (Code.KIND, "kind"),
    (Code.TWOFOLD, "twofold"),
)


def _asked(store: AnyStore) -> Iterator[Finding]:
    """Ask the questions of `checks/`, whose answers are what is wrong."""
    for code, name in _QUERIES:
        text = files(__package__).joinpath("checks", f"{name}.rq").read_text("utf-8")
        remedy = next(line for line in text.splitlines() if line.startswith("# remedy: ")).removeprefix("# remedy: ")
        rows = cast("QuerySolutions", store.query(text, default_graph=list(DEFAULT_GRAPHS)))
        for row in rows:
            subject, predicate, value = (str(row[each].value) for each in ("subject", "predicate", "value"))
            if identify(value) is None and code is Code.TWOFOLD:
                continue
            what = " ".join(compact(word) if word.startswith("http") else word for word in row["what"].value.split(" "))
            about = frozenset(str(row[each].value) for each in ("subject", "other") if row[each] is not None)
            yield Finding(code, value, what, remedy, about, None, (subject, predicate, value))


def _accepted(read: Sources) -> dict[str, frozenset[str]]:
    """Give the codes that somebody has accepted of each thing."""
    found: defaultdict[str, set[str]] = defaultdict(set)
    for triple in read.triples(*ASSERTED_GRAPHS):
        if triple.predicate == ACCEPTS_FINDING:
            found[_plain(triple.subject)].add(_plain(triple.object))
    return {name: frozenset(codes) for name, codes in found.items()}


_LASTING: Final = frozenset({Code.SPECIES, Code.KIND, Code.TWOFOLD, Code.MALFORMED, Code.UNKNOWN})
"""What is found without files: an exception to it that is of no use can be seen."""


def _idle(read: Sources, accepts: Mapping[str, frozenset[str]], accepted: Iterable[Finding]) -> Iterator[Finding]:
    """Tell exceptions that nothing needs, that nobody explains, or whose code there is not."""
    needed = {(about, finding.code.value) for finding in accepted for about in finding.about}
    explained = {_plain(triple.subject) for triple in read.triples() if triple.predicate == CURATION_NOTE}
    for name, codes in sorted(accepts.items()):
        for code in sorted(codes):
            where = (name, ACCEPTS_FINDING.value, code)
            if code not in set(Code):
                what = f"{compact(name)} accepts {code}, which is no code."
            elif name not in explained:
                what = f"{compact(name)} accepts {code} and does not say why."
            elif code in _LASTING and (name, code) not in needed:
                what = f"{compact(name)} accepts {code}, which is not found of it."
            else:
                continue
            remedy = f"Say why as {compact(CURATION_NOTE.value)}, or delete the exception."
            yield Finding(Code.EXCEPTION, name, what, remedy, frozenset(), None, where)


def diagnostics(status: Status, read: Sources, questions: Iterable[tuple[str, str]] = ()) -> tuple[Diagnostic, ...]:
    """Tell the findings, each at every place where the identifier is written; the worst first."""
    asked = tuple(questions)
    told = [
        Diagnostic(finding.code, SEVERITIES[finding.code], finding.what, place, finding.remedy)
        for finding in status.findings
        for place in _places(finding, read, asked)
    ]
    order = list(Severity)
    return tuple(sorted(told, key=lambda each: order.index(each.severity)))


def _places(finding: Finding, read: Sources, questions: Iterable[tuple[str, str]]) -> Iterable[Place | None]:
    if finding.where is not None:
        return (read.place_of(*finding.where),)
    texts = [*((file.path, file.content().decode()) for file in _written(read)), *questions]
    found = [Place(path, line) for path, text in texts for line in _lines(text, finding.iri)]
    return found[:1] if finding.code is Code.UNSEEN else found or (None,)


def _lines(text: str, iri: str) -> list[int]:
    """Give the lines on which a text names an IRI; a text that cannot be meant is not taken apart."""
    local = identify(iri)
    if local is not None and local.local not in text and iri not in text:
        return []
    return sorted({mention.line for mention in mentions(text) if mention.iri == iri})


def fixes(status: Status, read: Sources, questions: Iterable[tuple[str, str]] = ()) -> tuple[Change, ...]:
    """Put what replaces withdrawn identifiers in their place, in every file of ours.

    Raises EditError where a file cannot be changed so without changing what else it says.
    """
    by = {finding.iri: finding.replacement for finding in status.findings if finding.replacement}
    last = {old: _followed(old, by) for old in by}
    texts = [(file.path, file.content().decode()) for file in _written(read)]
    changes = [Change(path, text, replaced_in_turtle(text, last)) for path, text in texts if _named(text, last)]
    changes += [Change(path, text, replaced(text, last)) for path, text in questions]
    return tuple(change for change in changes if change.before != change.after)


def _named(text: str, replacements: Mapping[str, str]) -> bool:
    return any(mention.iri in replacements for mention in mentions(text))


def _followed(iri: str, by: Mapping[str, str | None]) -> str:
    """Follow replacements to the end, which a circle of them has not."""
    seen = [iri]
    while (following := by.get(seen[-1])) is not None and following not in seen:
        seen.append(following)
    return seen[-1]


def _plain(term: Triple | object) -> str:
    return str(getattr(term, "value", term))
