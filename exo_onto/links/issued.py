"""issued: sources in, the list of every term of theirs that was ever published out. Pure.

A term that others may have used is not taken back: it stays, deprecated, with what replaces it. The list in
ontology/issued.ttl remembers it, and since it uses every name, one whose declaration is gone is told as used and
nowhere declared.
"""

from typing import Final

from pyoxigraph import NamedNode

from exo_onto.links.edits import Change
from exo_onto.sources import Sources
from exo_onto.vocabulary import BASE, GRAPH_ONTOLOGY, ISSUED_TERM, OWL_ONTOLOGY, RDF_TYPE

FILE: Final = "ontology/issued.ttl"

_HEAD: Final = """# Every term of ours that was ever published: none is taken back, and one that is deleted is told.
@prefix exonto: <https://w3id.org/exo-onto/> .

"""


def unissued(read: Sources) -> tuple[str, ...]:
    """Give the terms that the ontology declares and the list has not; in their order."""
    declared = {
        triple.subject.value
        for triple in read.triples(GRAPH_ONTOLOGY)
        if triple.predicate == RDF_TYPE and triple.object != OWL_ONTOLOGY and isinstance(triple.subject, NamedNode)
    }
    return tuple(sorted(name for name in declared - _issued(read) if name.startswith(BASE)))


def _issued(read: Sources) -> set[str]:
    told = (triple.object for triple in read.triples() if triple.predicate == ISSUED_TERM)
    return {name.value for name in told if isinstance(name, NamedNode)}


def listed(read: Sources) -> Change:
    """Write the list anew with what it lacks; nothing that it has is left out."""
    before = next((file.content().decode() for file in read.files if file.path == FILE), "")
    names = sorted({*_issued(read), *unissued(read)})
    told = " ,\n".join(f"    {_written(name)}" for name in names)
    return Change(FILE, before, f"{_HEAD}exonto: exonto:issuedTerm\n{told} .\n" if names else before)


def _written(iri: str) -> str:
    local = iri.removeprefix(BASE)
    return f"exonto:{local}" if local.replace("-", "").isalnum() else f"<{iri}>"
