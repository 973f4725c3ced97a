"""sparql_constraints: SHACL-SPARQL in, the questions to be put to the data out. Pure.

A constraint is a SELECT or an ASK in which `$this` is bound beforehand (SHACL, section 5). Most can be asked for all
focus nodes at once, by a join; those that group, limit or compute within are asked for each.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import count, product

from pyoxigraph import Literal, NamedNode

from exo_onto.paths import Node, Path, ShapesError, ShapesGraph, Term, named
from exo_onto.violations import Site, sh, text
from exo_onto.vocabulary import OWL, PREFIXES

_TOKENS = re.compile(
    r"""(?P<text>\"\"\".*?\"\"\"|'''.*?'''|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'|<[^<>\s]*>|\#[^\n]*)"""
    r"|(?P<variable>[$?]\w+)|(?P<word>[A-Za-z_]\w*)|(?P<sign>.)",
    re.DOTALL,
)
_COMPUTES = frozenset({"AVG", "COUNT", "GROUP", "HAVING", "LIMIT", "MAX", "MIN", "OFFSET", "SAMPLE", "SUM"})
_FORBIDDEN = frozenset({"MINUS", "SERVICE", "VALUES"})


@dataclass(frozen=True)
class Component:
    """A constraint component that a shapes graph declares (SHACL, section 6)."""

    name: Node
    parameters: tuple[NamedNode, ...]
    optional: frozenset[NamedNode]


@dataclass(frozen=True)
class Question:
    """A SELECT to be asked of focus nodes: what it gives are violations.

    `body` is the content of its outermost group, `projected` what stands between SELECT and WHERE, `after` what follows
    the group. `each` says that it must be asked for each focus node by itself.
    """

    prologue: str
    projected: str
    body: str
    after: str
    component: str
    messages: tuple[Literal, ...]
    each: bool

    def over(self, targets: str) -> str:
        """Write the query over all focus nodes; `targets` is a SELECT that binds ?this to them."""
        body = _joined(f"{{ {self.body} }}", f"{{ {targets} }}")
        return f"{self.prologue} SELECT DISTINCT {self.projected} WHERE {body} {self.after}"

    def of(self, focus: Term) -> str:
        """Write the query of one focus node, which stands in the place of ?this."""
        body = re.sub(r"\bBOUND\s*\(\s*\?this\s*\)", "(true)", self.body, flags=re.IGNORECASE)
        whole = _unprojected(f"SELECT DISTINCT {self.projected} WHERE {{ {body} }} {self.after}")
        return f"{self.prologue} {_rewritten(whole, {'this': text(focus)})}"

    def absent(self, focus: str) -> str:
        """Give an expression that is true where a focus node, as a variable, violates nothing."""
        if self.each:
            reason = "A SPARQL constraint that groups or limits stands in a nested shape; give it a target of its own."
            raise ShapesError(reason)
        body = _rewritten(self.body, {"this": focus})
        return f"NOT EXISTS {{ {body} }}"


@dataclass(frozen=True)
class _Said:
    """What a shapes graph says of one query: who has it, its text, the component that it is of, and its messages."""

    owner: Term
    query: str
    component: str
    messages: tuple[Literal, ...]


def of_sparql(graph: ShapesGraph, shape: Node, constraint: Term, path: Path | None) -> Question | None:
    """Read an `sh:sparql` constraint of a shape; None where it is deactivated."""
    if graph.flag(constraint, sh("deactivated")):
        return None
    select = graph.at_most_one(constraint, sh("select"))
    if not isinstance(select, Literal):
        raise ShapesError(f"{named(shape)} has an sh:sparql constraint without one sh:select.")
    values = {"PATH": path.sparql} if path else {}
    values |= {"currentShape": str(shape)} if isinstance(shape, NamedNode) else {}
    messages = tuple(each for each in graph.objects(constraint, sh("message")) if isinstance(each, Literal))
    component = PREFIXES["sh"] + "SPARQLConstraintComponent"
    return _question(graph, shape, _Said(constraint, select.value, component, messages), values)


def components(graph: ShapesGraph) -> tuple[Component, ...]:
    """Find the constraint components that a shapes graph declares."""
    found = []
    for name in graph.subjects(sh("parameter")):
        parameters: list[NamedNode] = []
        optional: set[NamedNode] = set()
        for parameter in graph.objects(name, sh("parameter")):
            path = graph.at_most_one(parameter, sh("path"))
            if not isinstance(path, NamedNode):
                raise ShapesError(f"{named(name)} has a parameter whose sh:path is no IRI.")
            parameters.append(path)
            if graph.flag(parameter, sh("optional")):
                optional.add(path)
        found.append(Component(name, tuple(parameters), frozenset(optional)))
    return tuple(found)


def of_component(graph: ShapesGraph, component: Component, site: Site) -> Iterator[Question]:
    """Give the questions of a declared component for a shape that has its parameters."""
    given = {each: graph.objects(site.shape, each) for each in component.parameters}
    if not all(given[each] for each in component.parameters if each not in component.optional):
        return
    kind = "propertyValidator" if site.path else "nodeValidator"
    own = graph.at_most_one(component.name, sh(kind))
    validator = own if own is not None else graph.at_most_one(component.name, sh("validator"))
    if validator is None:
        return
    for values in product(*(given[each] or (None,) for each in component.parameters)):
        pairs = zip(component.parameters, values, strict=True)
        bound = {re.split(r"[/#:]", each.value)[-1]: value for each, value in pairs if value is not None}
        yield _validated(graph, component, validator, bound, site)


def _validated(
    graph: ShapesGraph, component: Component, validator: Term, bound: Mapping[str, Term], site: Site
) -> Question:
    messages = tuple(each for each in graph.objects(validator, sh("message")) if isinstance(each, Literal))
    filled = tuple(_filled(message, bound) for message in messages)
    name = named(component.name) if not isinstance(component.name, NamedNode) else component.name.value
    select, ask = (graph.at_most_one(validator, sh(kind)) for kind in ("select", "ask"))
    values = {**{name: text(term) for name, term in bound.items()}, **({"PATH": site.path.sparql} if site.path else {})}
    if isinstance(select, Literal):
        return _question(graph, site.shape, _Said(validator, select.value, name, filled), values)
    if not isinstance(ask, Literal):
        raise ShapesError(f"{named(component.name)} has a validator with neither sh:select nor sh:ask.")
    value = "?value" if site.path else "?this"
    words = [found["word"].upper() for found in _TOKENS.finditer(ask.value) if found["word"]]
    _refuse_forbidden(ask.value, words, site.shape)
    body = _inner(_rewritten(ask.value, {**values, "value": value}), "ASK", site.shape)[1]
    reached = f"?this {site.path.sparql} ?value ." if site.path else ""
    projected = "?this ?value" if site.path else "?this (?this AS ?value)"
    whole = f"{reached} FILTER NOT EXISTS {{ {body} }}"
    return Question(_prologue(graph, validator), projected, whole, "", name, filled, each=False)


def _question(graph: ShapesGraph, shape: Node, said: "_Said", values: Mapping[str, str]) -> Question:
    query = said.query
    words = [found["word"].upper() for found in _TOKENS.finditer(query) if found["word"]]
    _refuse_forbidden(query, words, shape)
    if "shapesGraph" in query:
        raise ShapesError(f"{named(shape)} uses $shapesGraph in a query, which is not compiled.")
    if words.count("SELECT") > 1 and not _inner_selects_project_this(query):
        raise ShapesError(f"{named(shape)} has a SPARQL constraint whose inner SELECT does not project $this.")
    projected, body, after = _inner(_rewritten(query, values), "SELECT", shape)
    each = bool(_COMPUTES & set(words))
    return Question(_prologue(graph, said.owner), projected, body, after, said.component, said.messages, each)


def _refuse_forbidden(query: str, words: list[str], shape: Node) -> None:
    """Refuse what may not stand in a query with variables bound beforehand (SHACL, section 5.3 and appendix A)."""
    if _FORBIDDEN & set(words) or re.search(r"\bAS\s+[?$](this|value)\b", query, re.IGNORECASE):
        reason = "MINUS, SERVICE, VALUES, or AS and a variable that is bound beforehand"
        raise ShapesError(f"{named(shape)} has a SPARQL constraint with what SHACL forbids there: {reason}.")


def _inner_selects_project_this(query: str) -> bool:
    heads = re.findall(r"\bSELECT\b(.*?)(?:\bWHERE\b|\{)", query, re.IGNORECASE | re.DOTALL)
    return all(re.search(r"[?$]this\b", head) for head in heads[1:])


def _inner(query: str, form: str, shape: Node) -> tuple[str, str, str]:
    """Cut a query into what it projects, the content of its outermost group, and what follows."""
    start = re.search(rf"\b{form}\b", query, re.IGNORECASE)
    opens = query.find("{", start.end()) if start else -1
    closes = query.rfind("}")
    if start is None or opens < 0 or closes < opens:
        raise ShapesError(f"{named(shape)} has a SPARQL constraint that is no {form} query.")
    projected = re.sub(r"\b(WHERE|DISTINCT|REDUCED)\b", "", query[start.end() : opens], flags=re.IGNORECASE).strip()
    return projected, query[opens + 1 : closes], query[closes + 1 :]


def _rewritten(query: str, values: Mapping[str, str]) -> str:
    """Put values in the place of variables; strings, IRIs and comments are left alone, and `$x` becomes `?x`."""

    def one(found: re.Match[str]) -> str:
        if found["text"] and found["text"].startswith("#"):
            return ""
        if not found["variable"]:
            return found[0]
        name = found["variable"][1:]
        return values.get(name, f"?{name}")

    return _TOKENS.sub(one, query)


def _joined(group: str, targets: str) -> str:
    """Put the focus nodes into each group of a query, so that ?this is bound in it as if beforehand.

    Groups within EXISTS see what is bound around them, and a group that is a SELECT has one of its own.
    """
    pieces = [found[0] for found in _TOKENS.finditer(group)]
    words = [piece for piece in pieces if piece.strip()]
    parts: list[str] = []
    within: list[bool] = []
    last, position = "", 0
    for piece in pieces:
        parts.append(piece)
        if not piece.strip():
            continue
        position += 1
        if piece == "{":
            within.append(bool(within and within[-1]) or last.upper() == "EXISTS")
            follows = words[position].upper() if position < len(words) else ""
            if not within[-1] and follows != "SELECT":
                parts.append(f" {targets} ")
        elif piece == "}":
            within.pop()
        last = piece
    return "".join(parts)


def _unprojected(query: str) -> str:
    """Take ?this out of what a query, and those within it, project and group by: a term stands in its place."""
    numbers = count()
    texts: list[str] = []  # strings and IRIs, which say nothing of the query

    def hidden(found: re.Match[str]) -> str:
        if not found["text"]:
            return found[0]
        texts.append(found[0])
        return f"\0{len(texts) - 1}\0"

    def head(found: re.Match[str]) -> str:
        projected = re.sub(r"\?this\b(?!\s+AS)", "", found[2]).strip()
        return f"{found[1]} {projected or f'(1 AS ?one{next(numbers)})'} "

    def groups(found: re.Match[str]) -> str:
        left = " ".join(each for each in found[0].split()[2:] if each != "?this")
        return f"GROUP BY {left} " if left else ""

    plain = _TOKENS.sub(hidden, query)
    plain = re.sub(
        r"(\bSELECT(?:\s+(?:DISTINCT|REDUCED))?\b)([^{}]*?)(?=\bWHERE\b|\{)", head, plain, flags=re.IGNORECASE
    )
    plain = re.sub(r"\bGROUP\s+BY(?:\s+\?\w+)+", groups, plain, flags=re.IGNORECASE)
    return re.sub(r"\0(\d+)\0", lambda found: texts[int(found[1])], plain)


def _filled(message: Literal, bound: Mapping[str, Term]) -> Literal:
    """Fill the places of a message that parameters take."""
    said = message.value
    for name, value in bound.items():
        said = re.sub(rf"\{{[?$]{name}\}}", lambda _, plain=value.value: plain, said)  # type: ignore[misc]
    return Literal(said, language=message.language) if message.language else Literal(said)


def _prologue(graph: ShapesGraph, owner: Term) -> str:
    """Write the prefixes that an executable declares, and those of what it imports (SHACL, section 5.2.1)."""
    lines: dict[str, None] = {}
    todo = list(graph.objects(owner, sh("prefixes")))
    seen = set(todo)
    while todo:
        each = todo.pop()
        for declared in graph.objects(each, sh("declare")):
            prefix = graph.at_most_one(declared, sh("prefix"))
            namespace = graph.at_most_one(declared, sh("namespace"))
            if prefix is None or namespace is None:
                raise ShapesError(f"{named(each)} declares a prefix without its sh:prefix or sh:namespace.")
            lines[f"PREFIX {prefix.value}: <{namespace.value}>"] = None
        fresh = [other for other in graph.objects(each, OWL("imports")) if other not in seen]
        seen.update(fresh)
        todo.extend(fresh)
    return " ".join(lines)
