"""stories: rows about a study in, its causal story out, as nodes and edges for eyes, tables and graph.json. Pure.

graph.json, at `/study/SLUG/graph.json`:

    nodes   id, label, href (its page), kind (treatment, activity, mechanism), sign (up, down, unsigned), asserted
    edges   source, target, sign, asserted, basis (what the sign rests on; empty where nothing is noted)

A node is asserted where its direction is reported, an edge where it is written; what is inferred is not.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from pyoxigraph import Literal, NamedNode

from exo_onto.dataset import Term
from exo_onto.pages import addresses
from exo_onto.pages.asking import Row, text
from exo_onto.pages.names import Names
from exo_onto.pages.resources import Value
from exo_onto.vocabulary import RDF_TYPE

UP, DOWN, UNSIGNED = "up", "down", "unsigned"


@dataclass(frozen=True)
class Ground:
    """Where one statement comes from, each part as an IRI or a text; empty where it is not said."""

    reference: str = ""
    channel: str = ""
    place: str = ""
    certainty: str = ""
    basis: str = ""
    evidence: str = ""
    notes: tuple[Value, ...] = ()
    suspect: bool = False

    def said(self, language: str) -> tuple[Value, ...]:
        """Give the notes in a language, or in others where there are none."""
        return _in(self.notes, language)


@dataclass(frozen=True)
class Node:
    """A treatment or an activity: its direction, what says so, and what it is about."""

    iri: str
    kind: str
    sign: str = UNSIGNED
    reported: str = ""
    traced: str = ""
    about: tuple[str, ...] = ()
    aspect: str = ""
    cells: str = ""
    cell_types: tuple[str, ...] = ()
    setting: str = ""
    shows: tuple[str, ...] = ()
    suggests: tuple[str, ...] = ()
    uses: tuple[str, ...] = ()
    grounds: tuple[Ground, ...] = ()

    @property
    def standing(self) -> str:
        """Say whether the outcome is explained, predicted, unexplained, or none."""
        if self.reported and self.traced:
            return "explained"
        return "unexplained" if self.reported else "predicted" if self.traced else "none"


@dataclass(frozen=True)
class Edge:
    """A causal step from one node to another, under a relation, with its sign and what that rests on."""

    source: str
    target: str
    relation: str
    sign: str
    basis: str = ""
    grounds: tuple[Ground, ...] = ()


@dataclass(frozen=True)
class Story:
    """The signed graph of a study."""

    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]

    @property
    def treatments(self) -> tuple[Node, ...]:
        """The interventions, which have no direction of their own."""
        return tuple(node for node in self.nodes if node.kind == "treatment")

    @property
    def activities(self) -> tuple[Node, ...]:
        """What went on in cells."""
        return tuple(node for node in self.nodes if node.kind == "activity")

    @property
    def mechanisms(self) -> tuple[str, ...]:
        """The mechanisms that an activity shows or suggests."""
        return tuple(dict.fromkeys(each for node in self.nodes for each in (*node.shows, *node.suggests)))


Grounds = Mapping[tuple[str, str, str], tuple[Ground, ...]]
"""The grounds of statements: by subject, property and value."""


def grounds_of(rows: Iterable[Row]) -> Grounds:
    """Gather the grounds of statements; an axiom with several notes is one ground."""
    axioms: dict[str, tuple[tuple[str, str, str], Ground]] = {}
    for row in rows:
        told = {name: text(term) for name, term in row.items()}
        fact = (told["subject"], told["property"], told["value"])
        before = axioms[told["axiom"]][1].notes if told["axiom"] in axioms else ()
        note = (_value(row["note"], inferred=False),) if told.get("note") else ()
        notes = tuple(dict.fromkeys((*before, *note)))
        parts = {
            name: told.get(name, "") for name in ("reference", "channel", "place", "certainty", "basis", "evidence")
        }
        axioms[told["axiom"]] = (fact, Ground(**parts, notes=notes, suspect=told.get("suspect") == "true"))
    found: dict[tuple[str, str, str], dict[Ground, None]] = defaultdict(dict)
    for fact, ground in axioms.values():
        found[fact][ground] = None
    return {fact: tuple(each) for fact, each in found.items()}


def story(nodes: Iterable[Row], edges: Iterable[Row], grounds: Grounds) -> Story:
    """Put a story together."""
    kinds: dict[str, str] = {}
    roles: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    for row in nodes:
        iri = text(row["node"])
        kinds[iri] = text(row["kind"])
        if "role" in row:
            roles[iri][text(row["role"])].append(text(row["value"]))
    drawn = [_node(iri, kind, roles[iri], grounds) for iri, kind in kinds.items()]
    return Story(tuple(drawn), tuple(_edges(edges, grounds)))


def _node(iri: str, kind: str, roles: Mapping[str, list[str]], grounds: Grounds) -> Node:
    reported = (roles.get("reported") or [""])[0]
    found = (
        ground
        for (subject, _, value), each in grounds.items()
        if (subject, value) == (iri, reported)
        for ground in each
    )
    return Node(
        iri=iri,
        kind=kind,
        sign=UP if roles.get("increased") else DOWN if roles.get("decreased") else UNSIGNED,
        reported=reported,
        traced=(roles.get("traced") or [""])[0],
        about=tuple(roles.get("of") or roles.get("process") or ()),
        aspect=(roles.get("aspect") or [""])[0],
        cells=(roles.get("cells") or [""])[0],
        cell_types=tuple(roles.get("cellType", ())),
        setting=(roles.get("setting") or [""])[0],
        shows=tuple(roles.get("shows", ())),
        suggests=tuple(roles.get("suggests", ())),
        uses=tuple(roles.get("uses", ())),
        grounds=tuple(found),
    )


def _edges(rows: Iterable[Row], grounds: Grounds) -> Iterable[Edge]:
    for row in rows:
        source, relation, target = (text(row[name]) for name in ("source", "relation", "target"))
        found = grounds.get((source, relation, target), ())
        # The axioms come with the strongest basis first: a step is as good as the best that the source gives for it.
        basis = next((ground.basis for ground in found if ground.basis), "")
        yield Edge(source, target, relation, text(row["sign"]), basis, found)


def things(told: Story) -> set[str]:
    """Give every IRI that has to be named to show a story."""
    found = set(told.mechanisms)
    for node in told.nodes:
        found |= {node.iri, node.reported, node.traced, node.aspect, node.cells, node.setting}
        found |= {*node.about, *node.cell_types, *node.uses}
    for edge in told.edges:
        found |= {edge.source, edge.target, edge.relation, edge.basis}
    said: tuple[Node | Edge, ...] = (*told.nodes, *told.edges)
    return (found | _named_by(ground for each in said for ground in each.grounds)) - {""}


def of_directions(grounds: Grounds) -> dict[str, tuple[Ground, ...]]:
    """Give the grounds of reported directions, by activity."""
    found: dict[str, tuple[Ground, ...]] = {}
    for (subject, name, _), each in grounds.items():
        if name == RDF_TYPE.value:
            found[subject] = (*found.get(subject, ()), *each)
    return found


def things_of(grounds: Grounds) -> set[str]:
    """Give every IRI that has to be named to show where statements come from."""
    return _named_by(ground for each in grounds.values() for ground in each) - {""}


def _named_by(grounds: Iterable[Ground]) -> set[str]:
    return {
        iri for each in grounds for iri in (each.reference, each.channel, each.certainty, each.basis, each.evidence)
    }


def drawn(told: Story, names: Names, *, root: str = "") -> dict[str, list[dict[str, object]]]:
    """Give a story as graph.json has it, served below a root; what shows a mechanism leads to it, inferred."""
    nodes: list[dict[str, object]] = [
        {
            "id": node.iri,
            "label": label(node, names),
            "href": root + addresses.path_of(node.iri),
            "kind": node.kind,
            "sign": node.sign,
            "asserted": bool(node.reported) or node.kind == "treatment" or node.sign == UNSIGNED,
        }
        for node in told.nodes
    ]
    nodes += [
        {
            "id": each,
            "label": names(each),
            "href": root + addresses.path_of(each),
            "kind": "mechanism",
            "sign": UNSIGNED,
            "asserted": False,
        }
        for each in told.mechanisms
    ]
    edges: list[dict[str, object]] = [
        {
            "source": edge.source,
            "target": edge.target,
            "sign": edge.sign,
            "asserted": True,
            "basis": names(edge.basis) if edge.basis else "",
        }
        for edge in told.edges
    ]
    edges += [
        {"source": node.iri, "target": each, "sign": UNSIGNED, "asserted": False, "basis": ""}
        for node in told.nodes
        for each in dict.fromkeys((*node.shows, *node.suggests))
    ]
    known = {node["id"] for node in nodes}
    return {"nodes": nodes, "edges": [edge for edge in edges if {edge["source"], edge["target"]} <= known]}


_ASPECT: Final = {"en": "{thing} ({aspect})", "zh": "{thing}（{aspect}）"}


def label(node: Node, names: Names) -> str:
    """Name a node by what it is about, since the study is known; a treatment by what it gives."""
    if node.kind == "treatment" or not node.about:
        return names(node.iri)
    thing = " · ".join(names.short(each) for each in node.about)
    return _ASPECT[names.language].format(thing=thing, aspect=names(node.aspect)) if node.aspect else thing


Said = dict[str, tuple[Value, ...]]
"""Values by property."""


def parts(rows: Iterable[Row], language: str) -> dict[str, dict[str, Said]]:
    """Gather what is said of a study's parts: by part, thing and property; of texts those in a language, if any are."""
    found: dict[str, dict[str, dict[str, dict[Value, None]]]] = defaultdict(
        lambda: defaultdict(lambda: defaultdict(dict))
    )
    for row in rows:
        part, thing, name = (text(row[each]) for each in ("part", "subject", "property"))
        found[part][thing][name][_value(row["value"], inferred=text(row["inferred"]) == "true")] = None
    return {
        part: {thing: {name: _in(each, language) for name, each in said.items()} for thing, said in things.items()}
        for part, things in found.items()
    }


def _value(term: Term, *, inferred: bool) -> Value:
    tag = (term.language or "") if isinstance(term, Literal) else ""
    return Value(text(term), iri=isinstance(term, NamedNode), language=tag, inferred=inferred)


def _in(values: Iterable[Value], language: str) -> tuple[Value, ...]:
    told = tuple(values)
    fitting = tuple(value for value in told if value.language in ("", language))
    return fitting or told
