"""reach: a part that has been reasoned over in, what it says of things that others may speak of out. Pure.

What the store is asked for are plain lists of terms; which of them the base knows is told here.
"""

from collections.abc import Callable, Iterable
from functools import cache
from hashlib import blake2b
from itertools import combinations
from typing import cast

from pyoxigraph import NamedNode, Variable
from rdflib import OWL, RDF, RDFS

from exo_onto.axioms import Rule
from exo_onto.crossing import LITERAL, OBJECT, SUBJECT, End, Reach, joining
from exo_onto.plan import Fact, asked
from exo_onto.reason import Dataset, Row, present
from exo_onto.vocabulary import RDF_TYPE

Select = Callable[[str], Iterable[Row]]


def reach(select: Select, rules: Iterable[Rule], dataset: Dataset, base: frozenset[str]) -> Reach:
    """Tell what a part has added to a base, of which the terms are given; every base has those of RDF and OWL too.

    The open graphs of the dataset and the inferred one hold what the part says.
    """
    known = base | _standard()
    said = (*dataset.open, dataset.inferred)
    told = tuple(joining(rules))
    wanted = frozenset(asked(pattern) for rule in told for pattern in rule.body)
    kinds = wanted & present(select, told, Dataset(said, dataset.inferred))
    subjects = _iris(select, _which(known, said, "?t ?p ?o"))
    objects = _iris(select, _which(known, said, f"?s ?p ?t FILTER (?p != {RDF_TYPE})"))
    written = "{ ?t ?p ?o } UNION { ?s ?p ?t } FILTER (isIRI(?t))"
    names = _iris(select, f"SELECT DISTINCT ?t {_from(dataset.open)} WHERE {{ {written} }}") - known
    return Reach(
        kinds=kinds,
        ends=_ends(select, _from(said), kinds, (subjects, objects), _meeting(told)),
        names=frozenset(map(_digest, names)),
        speaks_of=_spoken_of(select, _from(said), subjects, known),
    )


@cache
def _standard() -> frozenset[str]:
    return frozenset(str(name) for standard in (OWL, RDF, RDFS) for name in dir(standard))


def _from(graphs: Iterable[NamedNode]) -> str:
    return " ".join(f"FROM {graph}" for graph in graphs)


def _which(terms: Iterable[str], graphs: Iterable[NamedNode], pattern: str) -> str:
    """Ask for which of some terms there is something: far quicker than to list all the terms of a part."""
    return f"SELECT ?t {_from(graphs)} WHERE {{ {_values(terms)} FILTER EXISTS {{ {pattern} }} }}"


def _iris(select: Select, query: str) -> frozenset[str]:
    return frozenset(row[0].value for row in select(query) if isinstance(row[0], NamedNode))


def _meeting(rules: Iterable[Rule]) -> frozenset[Fact]:
    """Give the kinds of facts that a rule joins by what both say last: no other way is there to meet at a literal."""
    found: set[Fact] = set()
    for rule in rules:
        for one, other in combinations(rule.body, 2):
            if one.object == other.object and isinstance(one.object, Variable):
                found |= {asked(one), asked(other)}
    return frozenset(found)


def _ends(
    select: Select,
    said: str,
    kinds: frozenset[Fact],
    reached: tuple[frozenset[str], frozenset[str]],
    meeting: frozenset[Fact],
) -> dict[End, frozenset[str]]:
    """Give what each end of each kind reaches in the base, and of those that may meet there, where it reaches literals.

    `reached` are the terms of the base that stand first, and last, in what is said.
    """
    found: dict[End, set[str]] = {}
    subjects, objects = reached
    properties = _values((fact.name.value for fact in kinds & meeting if not fact.of_class), "k")
    queries = (
        (SUBJECT, True, f"SELECT DISTINCT ?k ?t {said} WHERE {{ {_values(subjects)} ?t {RDF_TYPE} ?k }}"),
        (SUBJECT, False, f"SELECT DISTINCT ?k ?t {said} WHERE {{ {_values(subjects)} ?t ?k ?o }}"),
        (OBJECT, False, f"SELECT DISTINCT ?k ?t {said} WHERE {{ {_values(objects)} ?s ?k ?t }}"),
        (OBJECT, False, f"SELECT DISTINCT ?k ?t {said} WHERE {{ {properties} ?s ?k ?t FILTER (isLiteral(?t)) }}"),
    )
    for end, of_class, query in queries:
        for kind, term in cast("Iterable[tuple[NamedNode, object]]", select(query)):
            if Fact(kind, of_class) in kinds:
                text = term.value if isinstance(term, NamedNode) else LITERAL
                found.setdefault((Fact(kind, of_class), end), set()).add(text)
    return {end: frozenset(terms) for end, terms in found.items()}


def _spoken_of(select: Select, said: str, subjects: Iterable[str], known: frozenset[str]) -> frozenset[str]:
    """Give the terms of the base of which the part says something that names nothing of its own."""
    query = f"SELECT DISTINCT ?t ?o {said} WHERE {{ {_values(subjects)} ?t ?p ?o FILTER (!isBlank(?o)) }}"
    rows = cast("Iterable[tuple[NamedNode, object]]", select(query))
    return frozenset(term.value for term, value in rows if not isinstance(value, NamedNode) or value.value in known)


def _digest(name: str) -> int:
    return int.from_bytes(blake2b(name.encode(), digest_size=8).digest())


def _values(names: Iterable[str], variable: str = "t") -> str:
    return f"VALUES ?{variable} {{ {' '.join(f'<{name}>' for name in sorted(names))} }}"
