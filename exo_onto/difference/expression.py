"""expression: a nameless thing and the triples about it in, the words for it out, as in Manchester syntax. Pure.

OWL 2 Manchester Syntax (W3C, 2012), section 2, for class expressions; anything else is told property by property.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator

from pyoxigraph import BlankNode, Literal, NamedNode, Triple

from exo_onto.vocabulary import OWL, RDF_FIRST, RDF_NIL, RDF_REST, RDF_TYPE

Node = NamedNode | BlankNode | Literal | Triple
Name = Callable[[Node], str]

_JOINED = {OWL("intersectionOf"): " and ", OWL("unionOf"): " or ", OWL("oneOf"): ", "}
_BOUND = {
    OWL("someValuesFrom"): "some",
    OWL("allValuesFrom"): "only",
    OWL("hasValue"): "value",
    OWL("hasSelf"): "self",
    OWL("minCardinality"): "min",
    OWL("maxCardinality"): "max",
    OWL("cardinality"): "exactly",
}
_BEFORE = {OWL("complementOf"): "not", OWL("inverseOf"): "inverse"}
_DEEPEST = 12


class Expressions:
    """Tells the nameless things of one piece."""

    def __init__(self, triples: Iterable[Triple], name: Name) -> None:
        """Take the triples that hang together, and what names all that has a name."""
        self._name = name
        self._said: dict[object, list[tuple[NamedNode, Node]]] = defaultdict(list)
        for triple in triples:
            self._said[triple.subject].append((triple.predicate, triple.object))

    def words(self, term: Node, depth: int = 0) -> str:
        """Tell a term: by its name, or by what is said of it."""
        if not isinstance(term, BlankNode):
            return self._name(term)
        if depth > _DEEPEST:
            return "..."
        return next(self._forms(term, depth), None) or self._plainly(term, depth)

    def _forms(self, term: BlankNode, depth: int) -> Iterator[str]:
        """Yield a thing in the form of a list, a class expression or a restriction, if it has one."""
        said = dict(self._said[term])
        if RDF_FIRST in said:
            yield f"({', '.join(self._items(term, depth))})"
        for constructor, joint in _JOINED.items():
            if constructor in said:
                members = joint.join(self._items(said[constructor], depth))
                yield f"{{{members}}}" if constructor == OWL("oneOf") else f"({members})"
        for constructor, word in _BEFORE.items():
            if constructor in said:
                yield f"{word} {self.words(said[constructor], depth + 1)}"
        for constructor, word in _BOUND.items():
            if constructor in said and OWL("onProperty") in said:
                prop = self.words(said[OWL("onProperty")], depth + 1)
                yield f"'{prop}' {word} {self.words(said[constructor], depth + 1)}"

    def _plainly(self, term: BlankNode, depth: int) -> str:
        told = [
            f"{self._name(predicate)} {self.words(value, depth + 1)}"
            for predicate, value in self._said[term]
            if (predicate, value) != (RDF_TYPE, OWL("Class"))
        ]
        return f"[{'; '.join(sorted(told))}]"

    def _items(self, head: Node, depth: int) -> Iterator[str]:
        """Yield the members of an RDF list, which may be broken or a circle."""
        seen: set[Node] = set()
        while head != RDF_NIL and head not in seen and isinstance(head, BlankNode):
            seen.add(head)
            said = dict(self._said[head])
            if RDF_FIRST in said:
                yield self.words(said[RDF_FIRST], depth + 1)
            head = said.get(RDF_REST, RDF_NIL)
