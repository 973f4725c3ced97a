"""canonical: triples in, pieces that hang together by blank nodes out, each under a text that says what it means. Pure.

A blank node has no name that two files could share, so a triple with one means something only together with all that
hang on it: a *minimum self-contained graph* (Tummarello et al., Signing individual fragments of an RDF graph, 2005).
Its text is that of RDF Dataset Canonicalization (W3C, 2024): two pieces mean the same if their texts are equal.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from pyoxigraph import BlankNode, CanonicalizationAlgorithm, Dataset, Quad, Triple

MOST_TRIPLES: Final = 5_000
MOST_NAMELESS: Final = 1_000
"""How much may hang together by blank nodes: canonicalization takes time that can grow without measure."""


class EntangledError(Exception):
    """So much hangs together by blank nodes that it is not compared."""


@dataclass(frozen=True)
class Piece:
    """One triple without blank nodes, or all triples that hang together by theirs, and the text that says the same."""

    text: str
    triples: tuple[Triple, ...]


def pieces(triples: Iterable[Triple]) -> dict[str, Piece]:
    """Part triples into pieces, by their texts.

    Raises EntangledError where more than MOST_TRIPLES, or MOST_NAMELESS blank nodes, hang together.
    """
    found: dict[str, Piece] = {}
    nameless: list[Triple] = []
    for triple in triples:
        if _nodes(triple):
            nameless.append(triple)
        else:
            text = str(triple)
            found[text] = Piece(text, (triple,))
    for group in _groups(nameless):
        text = _canonical(group)
        found[text] = Piece(text, tuple(group))
    return found


def _nodes(triple: Triple) -> list[BlankNode]:
    return [term for term in (triple.subject, triple.object) if isinstance(term, BlankNode)]


def _groups(triples: Iterable[Triple]) -> Iterable[list[Triple]]:
    """Join what shares a blank node, by union and find."""
    told = list(triples)
    above: dict[BlankNode, BlankNode] = {}

    def top(node: BlankNode) -> BlankNode:
        while above.setdefault(node, node) != node:
            above[node] = node = above[above[node]]
        return node

    for triple in told:
        first, *others = map(top, _nodes(triple))
        for other in others:
            above[other] = first
    groups: Mapping[BlankNode, list[Triple]] = defaultdict(list)
    for triple in told:
        groups[top(_nodes(triple)[0])].append(triple)
    return groups.values()


def _canonical(group: list[Triple]) -> str:
    nodes = {node for triple in group for node in _nodes(triple)}
    if len(group) > MOST_TRIPLES or len(nodes) > MOST_NAMELESS:
        raise EntangledError(
            f"{len(group):,} triples hang together by {len(nodes):,} blank nodes, such as {group[0]}: "
            f"at most {MOST_TRIPLES:,} and {MOST_NAMELESS:,} are compared. Give some of them names."
        )
    graph = Dataset(Quad(triple.subject, triple.predicate, triple.object) for triple in group)
    graph.canonicalize(CanonicalizationAlgorithm.RDFC_1_0)
    return "\n".join(sorted(str(quad) for quad in graph))
