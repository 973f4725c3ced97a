"""evidence: what a table says of miRNA targets, and what studies state, in; which the one has of the other out. Pure.

known       the names by which a table may know our miRNAs, genes and species
tally       the rows of a table, of which only the counts on our pairs are kept: as many as we have pairs
graph       what follows, in our own terms: queries in evidencing/ say how
turtle      the same as a file, always in the same order
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from itertools import islice
from typing import Final, cast

from pyoxigraph import Literal, NamedNode, Quad, QuerySolutions, QueryTriples, RdfFormat, Store, Triple, serialize

from exo_onto.links.rows import Row
from exo_onto.links.targets import BadRowError, Layout, Sighting, read
from exo_onto.vocabulary import GRAPH_INSTANCES, PREFIXES, RDF_TYPE, XSD_INTEGER

MOST_COMPLAINTS: Final = 20
"""How many rows that could not be understood are told one by one."""
MOST_KEPT: Final = 1_000
"""How many articles, names and kinds of support are kept for a pair in a species."""
_STRIDE: Final = 100_000
_TABLE, _STATED = NamedNode("urn:table"), NamedNode("urn:stated")
_HAIRPIN: Final = re.compile(r"[a-z]{3}-mir-")
_CODE: Final = re.compile(r"([a-z]{3})-")
_OTHER: Final = "other"
"""Stands for a species that none of our identifiers is of."""

Named = Mapping[str, frozenset[tuple[str, str | None]]]
"""For each name or identifier the entities that it may mean, each with its species: IRIs; None where it is open."""


@dataclass(frozen=True)
class Known:
    """The names by which a table may know what we have; those of species in lower case."""

    mirnas: Named
    genes: Named
    species: Mapping[str, str]


@dataclass(frozen=True)
class Complaint:
    """A row that could not be understood: on which line, in which column (counted from 1, and named), and why."""

    line: int
    column: int | None
    name: str
    what: str


@dataclass(frozen=True, slots=True)
class Record:
    """All rows of a table on a miRNA and a gene of ours, in one species or in none that is named."""

    mirna: str
    gene: str
    taxon: str | None
    supports: int
    denies: int
    names: tuple[str, ...]
    kinds: tuple[str, ...]
    pmids: tuple[str, ...]


@dataclass(frozen=True)
class Tally:
    """What was found in a table of some form: records, how many rows were read, refused, and across two species."""

    form: str
    records: tuple[Record, ...]
    read: int
    refused: int
    across: int
    complaints: tuple[Complaint, ...]


@dataclass(frozen=True)
class Origin:
    """Where a table comes from: the name that its evidence bears, and its file's name and digest."""

    name: str
    file: str
    digest: str


@dataclass(frozen=True)
class Summary:
    """How many pairs there are of each kind."""

    supported: int
    contradicted: int
    not_in_table: int
    unstated: int


def known(store: Store) -> Known:
    """Ask the graphs of a root by which names a table may know their entities."""
    mirnas, genes = _named(store, "mirnas"), _named(store, "genes")
    codes = {
        match[1]: taxon
        for name, meant in mirnas.items()
        for _, taxon in meant
        if taxon is not None and (match := _CODE.match(name))
    }
    species = {row["name"].value.casefold(): row["taxon"].value for row in _rows(store, "species")}
    for taxon in set(species.values()):
        number = taxon.rpartition("_")[2]
        species |= dict.fromkeys((number, f"ncbitaxon:{number}", f"taxon:{number}"), taxon)
    return Known(_with_codes(mirnas, codes), _by_case(genes), {**codes, **species})


def tally(
    known: Known, layout: Layout, rows: Iterable[Row], *, progress: Callable[[int], None] = lambda _: None
) -> Tally:
    """Read all rows of a table, and count those on our pairs."""
    counts: dict[tuple[str, str, str | None], _Counts] = {}
    complaints: list[Complaint] = []
    number = refused = across = 0
    for number, row in enumerate(rows, start=1):
        if number % _STRIDE == 0:
            progress(number)
        try:
            sighting = read(layout, row)
            found = tuple(_pairs(known, layout, sighting))
        except BadRowError as error:
            refused += 1
            if len(complaints) < MOST_COMPLAINTS:
                complaints.append(_complaint(layout, row, error))
            continue
        across += found == (None,)
        for pair in found:
            if pair is not None:
                counts.setdefault(pair, _Counts()).take(sighting)
    return Tally(layout.form.name, tuple(_records(counts)), number, refused, across, tuple(complaints))


def graph(store: Store, origin: Origin, tally: Tally) -> tuple[Triple, ...]:
    """Say in our terms what a table has of what the studies in a store state. Adds nothing to the store."""
    joined = Store()
    joined.extend(
        Quad(q.subject, q.predicate, q.object) for q in store.quads_for_pattern(None, None, None, GRAPH_INSTANCES)
    )
    stated = cast("QueryTriples", joined.query(_query("statements")))
    joined.extend([Quad(each.subject, each.predicate, each.object, _STATED) for each in stated])
    joined.extend(Quad(*each, _TABLE) for each in _told(origin, tally))
    found = {
        triple for name in ("table", "records", "pairs") for triple in cast("QueryTriples", joined.query(_query(name)))
    }
    described = {triple.subject for triple in found if triple.predicate == RDF_TYPE}
    return tuple(sorted((triple for triple in found if triple.subject in described), key=str))


def summary(triples: Iterable[Triple]) -> Summary:
    """Count the pairs of a graph by what the table has of them."""
    kinds = [
        triple.object.value
        for triple in triples
        if triple.predicate == RDF_TYPE and isinstance(triple.object, NamedNode)
    ]
    ends = ("SupportedStatement", "ContradictedStatement", "StatementNotInTable", "UnstatedPair")
    return Summary(*(sum(kind.endswith(f"/{end}") for kind in kinds) for end in ends))


def turtle(triples: Iterable[Triple], origin: Origin) -> str:
    """Write a graph as a file of a root: the same graph gives the same text."""
    told = tuple(triples)
    names = {term.value for triple in told for term in triple if isinstance(term, NamedNode)}
    used = {
        prefix: namespace
        for prefix, namespace in sorted(PREFIXES.items(), key=lambda item: item[0].casefold())
        if any(name.startswith(namespace) for name in names)
    }
    head = f"# What {_plain(origin.file)} says of miRNA targets; written by `exo-onto links evidence`, not by hand.\n"
    lines = (serialize(told, format=RdfFormat.TURTLE, prefixes=used) or b"").decode().splitlines()
    prefixes = sorted(line for line in lines if line.startswith("@prefix "))
    blocks = (line if line.startswith("\t") else f"\n{line}" for line in lines if line not in prefixes)
    return head + "".join(f"{line}\n".replace("\t", "    ", 1) for line in (*prefixes, *blocks))


def _plain(text: str) -> str:
    """Keep a name on one line."""
    return re.sub(r"[\x00-\x1f\x7f\u0085\u2028\u2029]", "?", text)


# --- Which of ours a row speaks of


def _pairs(known: Known, layout: Layout, sighting: Sighting) -> Iterator[tuple[str, str, str | None] | None]:
    """Yield the pairs of ours that a row is on, each with its species; None for a row whose two species differ."""
    mirnas = _mirnas(known, layout, sighting)
    if not mirnas:
        return
    genes = _genes(known, layout, sighting)
    for mirna, one in mirnas:
        for gene, other in genes:
            if one and other and one != other:
                yield None
                return
            yield mirna, gene, one or other


def _mirnas(known: Known, layout: Layout, sighting: Sighting) -> list[tuple[str, str | None]]:
    by_name = known.mirnas.get(sighting.mirna, frozenset())
    found = known.mirnas.get(sighting.mirna_accession, by_name) if sighting.mirna_accession else by_name
    if by_name and not {entity for entity, _ in found} & {entity for entity, _ in by_name}:
        what = f"{sighting.mirna_accession} is not the accession of {sighting.mirna}."
        raise BadRowError(layout.places.get("mirna accession"), what, "Correct the one or the other.")
    if not found:
        _refuse_hairpins(known, layout, sighting.mirna)
        return []
    told = _species(known, sighting.mirna_species)
    code = _CODE.match(sighting.mirna)
    named = known.species.get(code[1], _OTHER) if code else None
    if named and told and named != told:
        what = f"{sighting.mirna} is not of the species that the row names, {sighting.mirna_species}."
        raise BadRowError(layout.places.get("mirna species"), what, "Correct the one or the other.")
    return _of(found, told or named)


def _genes(known: Known, layout: Layout, sighting: Sighting) -> list[tuple[str, str | None]]:
    told = _species(known, sighting.gene_species)
    by_symbol = known.genes.get(sighting.gene.casefold(), frozenset()) if sighting.gene else frozenset()
    for role, identifier in (
        ("ncbi", f"{PREFIXES['NCBIGene']}{sighting.ncbi}"),
        ("ensembl", f"{PREFIXES['ENSEMBL']}{sighting.ensembl}"),
    ):
        by_identifier = known.genes.get(identifier, frozenset())
        if by_identifier:
            entities = {entity for entity, _ in by_identifier}
            if by_symbol and not entities & {entity for entity, _ in by_symbol}:
                what = f"This identifier is not that of the gene {sighting.gene}."
                raise BadRowError(layout.places.get(role), what, "Correct the one or the other.")
            return _of(by_identifier, told)
    if sighting.ncbi and told and any(taxon == told for _, taxon in by_symbol):
        what = f"NCBI Gene {sighting.ncbi} is not the {sighting.gene} that this graph knows in {sighting.gene_species}."
        raise BadRowError(layout.places.get("ncbi"), what, "Correct the one or the other.")
    return _of(by_symbol, told)


def _of(found: frozenset[tuple[str, str | None]], taxon: str | None) -> list[tuple[str, str | None]]:
    """Keep what a name means in a species; where none is told, what it means in itself, or else in any."""
    if taxon is None:
        bare = sorted(each[0] for each in found if each[1] is None)
        return [(each, None) for each in bare] or sorted(found, key=str)
    kept = sorted({entity for entity, of in found if of == taxon})
    return [(entity, taxon) for entity in kept]


def _species(known: Known, text: str) -> str | None:
    return known.species.get(text.casefold(), _OTHER) if text else None


def _refuse_hairpins(known: Known, layout: Layout, name: str) -> None:
    mature = name.replace("-mir-", "-miR-", 1)
    if _HAIRPIN.match(name) and mature in known.mirnas:
        what = f"{name} is the name of a hairpin; the mature miRNA is {mature}."
        raise BadRowError(layout.places["mirna"], what, f"Write {mature}, if that is meant.")


class _Counts:
    """Grows while a table is read."""

    def __init__(self) -> None:
        self.supports = self.denies = 0
        self.names, self.kinds, self.pmids = set[str](), set[str](), set[str]()

    def take(self, sighting: Sighting) -> None:
        self.supports += sighting.supports
        self.denies += not sighting.supports
        told = ((self.names, (sighting.mirna,)), (self.kinds, (sighting.kind,)), (self.pmids, sighting.pmids))
        for kept, more in told:
            for each in more:
                if each and len(kept) < MOST_KEPT:
                    kept.add(each)


def _records(counts: Mapping[tuple[str, str, str | None], _Counts]) -> Iterator[Record]:
    for (mirna, gene, taxon), each in sorted(counts.items(), key=lambda item: tuple(map(str, item[0]))):
        texts = (tuple(sorted(kept)) for kept in (each.names, each.kinds, each.pmids))
        yield Record(mirna, gene, taxon, each.supports, each.denies, *texts)


def _complaint(layout: Layout, row: Row, error: BadRowError) -> Complaint:
    inside = error.column is not None and error.column < len(layout.header)
    name = layout.header[error.column] if error.column is not None and inside else ""
    return Complaint(row.line, None if error.column is None else error.column + 1, name, str(error))


# --- What is known, and how it is told


def _named(store: Store, query: str) -> dict[str, frozenset[tuple[str, str | None]]]:
    """Gather the entities that each name, and each identifier or accession, may mean."""
    found: dict[str, set[tuple[str, str | None]]] = {}
    for row in _rows(store, query):
        entity = row["entity"].value
        taxon = row["taxon"].value if row["taxon"] is not None else None
        found.setdefault(row["name"].value, set()).add((entity, taxon))
        if row["identifier"] is not None:
            identifier = row["identifier"].value
            found.setdefault(identifier.removeprefix(PREFIXES["mirbase.mature"]), set()).add((entity, taxon))
    return {name: frozenset(meant) for name, meant in found.items()}


def _with_codes(mirnas: Named, codes: Mapping[str, str]) -> Named:
    """Add to each bare name those with the code of a species before it, for the species of its entity's identifiers."""
    species: dict[str, set[str]] = {}
    for meant in mirnas.values():
        for entity, taxon in meant:
            if taxon is not None:
                species.setdefault(entity, set()).add(taxon)
    found = {name: set(meant) for name, meant in mirnas.items()}
    for name, meant in mirnas.items():
        for entity in (entity for entity, taxon in meant if taxon is None):
            for code, taxon in codes.items():
                if taxon in species.get(entity, ()):
                    found.setdefault(f"{code}-{name}", set()).add((entity, taxon))
                    found[name].add((entity, taxon))
    return {name: frozenset(meant) for name, meant in found.items()}


def _by_case(genes: Named) -> Named:
    """Let a symbol be found however it is written; identifiers stay as they are."""
    found: dict[str, set[tuple[str, str | None]]] = {}
    for name, meant in genes.items():
        found.setdefault(name if "://" in name else name.casefold(), set()).update(meant)
    return {name: frozenset(meant) for name, meant in found.items()}


def _told(origin: Origin, tally: Tally) -> Iterator[tuple[NamedNode, NamedNode, NamedNode | Literal]]:
    """Tell what was found as the queries ask for it."""
    table = NamedNode(f"{PREFIXES['evidence']}{origin.name}")
    yield table, _term("file"), Literal(_plain(origin.file))
    yield table, _term("digest"), Literal(origin.digest)
    yield table, _term("form"), Literal(tally.form)
    yield table, _term("read"), _number(tally.read)
    yield table, _term("refused"), _number(tally.refused)
    for number, record in enumerate(tally.records):
        row = _term(f"row-{number}")
        yield row, _term("mirna"), NamedNode(record.mirna)
        yield row, _term("gene"), NamedNode(record.gene)
        yield row, _term("for"), _number(record.supports)
        yield row, _term("against"), _number(record.denies)
        if record.taxon is not None:
            yield row, _term("taxon"), NamedNode(record.taxon)
        for name, texts in (("name", record.names), ("type", record.kinds), ("pmid", record.pmids)):
            for text in islice(texts, MOST_KEPT):
                yield row, _term(name), Literal(text)


def _term(name: str) -> NamedNode:
    return NamedNode(f"urn:table:{name}")


def _number(value: int) -> Literal:
    return Literal(str(value), datatype=XSD_INTEGER)


def _rows(store: Store, query: str) -> QuerySolutions:
    found = store.query(_query(query), use_default_graph_as_union=True)
    return cast("QuerySolutions", found)


@cache
def _query(name: str) -> str:
    return resources.files("exo_onto").joinpath("evidencing", f"{name}.rq").read_text("utf-8")
