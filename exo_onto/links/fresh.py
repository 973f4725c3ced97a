"""fresh: files of ontologies in, one account of what they have of each term out. Pure."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from operator import itemgetter

from exo_onto.links.formats import Document
from exo_onto.links.identifiers import identify_anyhow
from exo_onto.links.terms import Term


@dataclass(frozen=True)
class Fresh:
    """Files of ontologies, as one: terms by identifier, sizes by registry, which file told of either, and its date."""

    terms: Mapping[str, Term] = field(default_factory=dict)
    sizes: Mapping[str, int] = field(default_factory=dict)
    names: Mapping[str, str] = field(default_factory=dict)
    dates: Mapping[str, str] = field(default_factory=dict)


def fresh_of(documents: Iterable[Document], recorded: Mapping[str, str] | None = None) -> Fresh:
    """Take several files together.

    Of what several know, the file of that very ontology is heard, and of those the newer: others hold old copies. A
    file that says no date has the one that is on record for its SHA-256.
    """
    known = recorded or {}
    dated = [(known.get(document.sha256) or document.header.date or "", document) for document in documents]
    counted = [(date, each.path.name, _counted(each)) for date, each in sorted(dated, key=itemgetter(0))]
    terms: dict[str, Term] = {}
    names: dict[str, str] = {}
    sizes: dict[str, int] = {}
    dates: dict[str, str] = {}
    for own in (False, True):
        for date, name, keyed in counted:
            registry = _main(keyed)
            for key, (term, of) in keyed.items():
                if (of == registry) is own:
                    terms[key], names[key], dates[key] = term, name, date
            if own and registry is not None:
                sizes[registry] = sum(of == registry for _, of in keyed.values())
                names[registry] = name
    return Fresh(terms, sizes, names, dates)


def _counted(document: Document) -> dict[str, tuple[Term, str]]:
    """Give the terms of a file by identifier, each with its registry."""
    told = (term for term in document.terms.values() if term.label or term.obsolete)
    pairs = ((term, identify_anyhow(term.iri)) for term in told)
    return {found.key: (term, found.registry) for term, found in pairs if found is not None}


def _main(keyed: Mapping[str, tuple[Term, str]]) -> str | None:
    """Say which registry a file is of: the one that most of its terms are of."""
    counts = Counter(registry for _, registry in keyed.values())
    return counts.most_common(1)[0][0] if counts else None
