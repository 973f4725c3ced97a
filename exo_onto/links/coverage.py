"""coverage: a store in; for each kind of thing how many are linked to registries, and why the others are not, out.

Which kinds there are, and what counts as a link, is said in `checks/coverage.rq`. Pure.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from importlib.resources import files
from typing import TYPE_CHECKING, cast

from exo_onto.dataset import AnyStore
from exo_onto.links.identifiers import identify
from exo_onto.vocabulary import DEFAULT_GRAPHS

if TYPE_CHECKING:
    from pyoxigraph import QuerySolutions

COLUMNS = ("kind", "kind_zh", "things", "linked", "registries", "not_linked", "why")


@dataclass(frozen=True)
class Coverage:
    """Of one kind of thing: how many there are, how many are linked to which registries, and why the others are not."""

    kind: str
    kind_zh: str
    things: int
    linked: int
    registries: tuple[tuple[str, int], ...]
    reasons: tuple[tuple[str, int], ...]

    @property
    def row(self) -> tuple[object, ...]:
        """The cells of a table, by COLUMNS."""
        registries = ", ".join(f"{name} {count}" for name, count in self.registries)
        reasons = " ".join(f"{count}: {reason}" for reason, count in self.reasons)
        return (self.kind, self.kind_zh, self.things, self.linked, registries, self.things - self.linked, reasons)


def coverage(store: AnyStore) -> tuple[Coverage, ...]:
    """Count what is linked, kind by kind; a thing that is linked to a registry twice is counted there once."""
    text = files(__package__).joinpath("checks", "coverage.rq").read_text("utf-8")
    rows = cast("QuerySolutions", store.query(text, default_graph=list(DEFAULT_GRAPHS)))
    links: defaultdict[tuple[int, str, str], defaultdict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    reasons: defaultdict[tuple[int, str, str], dict[str, str]] = defaultdict(dict)
    for row in rows:
        kind = (int(row["order"].value), row["kind"].value, row["kindZh"].value)
        thing = str(row["thing"].value)
        found = links[kind][thing]
        if row["link"] is not None:
            found.add(_registry(row["link"].value))
        if row["reason"] is not None:
            reasons[kind].setdefault(thing, row["reason"].value)
    return tuple(_counted(kind, things, reasons[kind]) for kind, things in sorted(links.items()))


def _counted(kind: tuple[int, str, str], things: dict[str, set[str]], reasons: dict[str, str]) -> Coverage:
    registries = Counter(name for names in things.values() for name in names)
    bare = [thing for thing, names in things.items() if not names]
    why = Counter(reasons.get(thing, "It does not say why.") for thing in bare)
    return Coverage(kind[1], kind[2], len(things), len(things) - len(bare), _sorted(registries), _sorted(why))


def _sorted(counts: Counter[str]) -> tuple[tuple[str, int], ...]:
    return tuple(sorted(counts.items(), key=lambda item: (-item[1], item[0].lower())))


def _registry(link: str) -> str:
    found = identify(link)
    return found.prefix if found is not None else link.partition(":")[0]


def markdown(found: Iterable[Coverage]) -> str:
    """Write the table as Markdown."""
    head = ("kind", "", "things", "linked", "to", "not linked", "why not")
    lines = [head, ("---", "---", "--:", "--:", "---", "--:", "---"), *(each.row for each in found)]
    return "".join(f"| {' | '.join(map(str, line))} |\n" for line in lines)
