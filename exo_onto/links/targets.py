"""targets: the rows of a table of miRNA targets in, what each says as a frozen `Sighting` out. Pure.

Tables are known by their columns: those of miRTarBase (releases 4 to 10), TarBase 8 and 9, and a plain one.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from functools import lru_cache
from types import MappingProxyType
from typing import Final

from exo_onto.links.rows import Row


class UnknownTableError(ValueError):
    """A header is that of no table of targets; says what is missing."""


class BadRowError(ValueError):
    """A row cannot be understood: which column, what is wrong, and what to do. The column None: all of it."""

    def __init__(self, column: int | None, what: str, remedy: str) -> None:
        """Keep the parts, and make them one message."""
        super().__init__(f"{what} {remedy}")
        self.column = column


@dataclass(frozen=True, slots=True)
class Form:
    """A kind of table: the columns that tell it, and which of its columns holds what; the first that is there does."""

    name: str
    telling: frozenset[str]
    columns: Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Layout:
    """The form of one table, its header, and in which column what is."""

    form: Form
    header: tuple[str, ...]
    places: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Sighting:
    """What one row says: that a miRNA was found to act on a gene, or was looked at and found not to.

    Names and species as the table writes them; identifiers of NCBI Gene, Ensembl and miRBase without a prefix; empty
    where the table has none. `kind` is what the table calls its support.
    """

    mirna: str
    mirna_accession: str
    mirna_species: str
    gene: str
    ncbi: str
    ensembl: str
    gene_species: str
    supports: bool
    kind: str
    pmids: tuple[str, ...]


_MIRTARBASE = Form(
    "miRTarBase",
    frozenset({"mirtarbase id", "mirna", "target gene", "support type"}),
    {
        "mirna": ("mirna",),
        "mirna species": ("species (mirna)",),
        "gene": ("target gene",),
        "ncbi": ("target gene (entrez id)", "target gene (entrez gene id)"),
        "gene species": ("species (target gene)",),
        "support": ("support type",),
        "pmid": ("references (pmid)",),
    },
)
_TARBASE9 = Form(
    "TarBase 9",
    frozenset({"mirna_name", "mirna_id", "gene_name", "gene_id", "experimental_method"}),
    {
        "mirna": ("mirna_name",),
        "mirna accession": ("mirna_id",),
        "mirna species": ("species",),
        "gene": ("gene_name",),
        "ensembl": ("gene_id",),
        "gene species": ("species",),
        "kind": ("experimental_method",),
        "pmid": ("article_pubmed_id",),
    },
)
_TARBASE8 = Form(
    "TarBase 8",
    frozenset({"geneid", "genename", "mirna", "positive_negative"}),
    {
        "mirna": ("mirna",),
        "mirna species": ("species",),
        "gene": ("genename",),
        "ensembl": ("geneid",),
        "gene species": ("species",),
        "support": ("positive_negative",),
        "kind": ("method",),
    },
)
_PLAIN = Form(
    "plain",
    frozenset(),
    {
        "mirna": ("mirna", "microrna", "mirna name", "mirna_name"),
        "mirna accession": ("mimat", "mirbase", "mirna accession", "mirna id", "mirna_id"),
        "mirna species": ("species", "organism", "species (mirna)"),
        "gene": ("gene", "gene symbol", "target", "target gene", "symbol", "gene_name"),
        "ncbi": ("ncbi gene", "ncbi gene id", "entrez", "entrez id", "entrez gene id"),
        "ensembl": ("ensembl", "ensembl id", "ensembl gene id"),
        "gene species": ("species (target gene)", "species", "organism"),
        "support": ("support", "support type", "evidence"),
        "pmid": ("pmid", "pubmed", "pubmed id", "pubmed_id", "reference", "references (pmid)"),
    },
)
FORMS: Final = (_MIRTARBASE, _TARBASE9, _TARBASE8, _PLAIN)

_SENSES: Final[Mapping[str, bool]] = MappingProxyType(
    {
        "functional mti": True,
        "functional mti (weak)": True,
        "non-functional mti": False,
        "non-functional mti (weak)": False,
        "positive": True,
        "negative": False,
        **dict.fromkeys(("yes", "true", "1", "functional", "strong", "weak", "supported", "validated"), True),
        **dict.fromkeys(("no", "false", "0", "non-functional", "not functional", "not supported"), False),
    }
)
_NOTHING: Final = frozenset({"", "na", "n/a", "nan", "none", "null", "-"})
_PMID: Final = re.compile(
    r"(?:PMID:?\s*|https?://(?:www\.)?(?:pubmed\.ncbi\.nlm\.nih\.gov|ncbi\.nlm\.nih\.gov/pubmed)/)?([1-9]\d{0,8})(?:\.0)?/?",
    re.IGNORECASE,
)
_DATE: Final = re.compile(r"\d{4}-\d\d-\d\d|\d{1,2}-[A-Z][a-z]{2}|[A-Z][a-z]{2}-\d{1,2}")
_ACCESSION: Final = re.compile(r"(MIMAT\d{7})")
_ENSEMBL: Final = re.compile(r"(ENS[A-Z]*G\d{11})(?:\.\d+)?")
_NCBI: Final = re.compile(r"(\d+)(?:\.0)?")


def recognise(header: Row, named: object = "The table") -> Layout:
    """Tell which table a header is of. Raises UnknownTableError, in words, where it is of none."""
    names = tuple(cell.casefold() for cell in header.cells)
    form = next(form for form in FORMS if form.telling <= set(names))
    found = {
        role: names.index(name)
        for role, choices in form.columns.items()
        if (name := next((each for each in choices if each in names), None)) is not None
    }
    for role in ("mirna", "gene"):
        if role not in found and not (role == "gene" and found.keys() & {"ncbi", "ensembl"}):
            raise UnknownTableError(f"{named}:{header.line}: {_missing(form, role, names)}")
    return Layout(form, header.cells, MappingProxyType(found))


def read(layout: Layout, row: Row) -> Sighting:
    """Read what a row says. Raises BadRowError where it cannot be understood."""
    width = len(layout.header)
    if len(row.cells) < width and len(row.cells) <= max(layout.places.values()):
        raise BadRowError(None, f"It has {len(row.cells)} columns, and the header {width}.", "Mend its separators.")
    if any(row.cells[width:]):
        raise BadRowError(width, f"It has more columns than the header, {width}.", "Mend its separators.")
    reader = _Reader(layout.places, row.cells)
    mirna, gene = reader.name("mirna"), reader.gene()
    supports, kind = reader.support()
    return Sighting(
        mirna=mirna,
        mirna_accession=reader.matching("mirna accession", _ACCESSION, "an accession of a mature miRNA (MIMAT...)"),
        mirna_species=reader.text("mirna species"),
        gene=gene,
        ncbi=reader.matching("ncbi", _NCBI, "a number of NCBI Gene"),
        ensembl=reader.ensembl(),
        gene_species=reader.text("gene species"),
        supports=supports,
        kind=reader.text("kind") or kind,
        pmids=reader.pmids(),
    )


class _Reader:
    """Reads the cells of one row by what they hold."""

    def __init__(self, places: Mapping[str, int], cells: Sequence[str]) -> None:
        self._places = places
        self._cells = cells

    def text(self, role: str) -> str:
        place = self._places.get(role)
        cell = self._cells[place] if place is not None and place < len(self._cells) else ""
        return "" if cell.casefold() in _NOTHING else cell

    def bad(self, role: str, what: str, remedy: str) -> BadRowError:
        return BadRowError(self._places.get(role), what, remedy)

    def name(self, role: str) -> str:
        name = self.text(role)
        if not name:
            raise self.bad(role, "It names no miRNA.", "Name one, such as hsa-miR-21-5p.")
        return name

    def gene(self) -> str:
        gene = self.text("gene")
        if not (gene or self.text("ncbi") or self.text("ensembl")):
            raise self.bad("gene", "It names no gene.", "Give its symbol or identifier.")
        if _DATE.fullmatch(gene) and not (self.text("ncbi") or self.text("ensembl")):
            what = f"A spreadsheet has taken the gene for a date: {gene}."
            raise self.bad("gene", what, "Write the symbol as text, such as SEPTIN7 or MARCHF1.")
        return gene

    def matching(self, role: str, form: re.Pattern[str], kind: str) -> str:
        text = self.text(role)
        match = form.fullmatch(text)
        if text and match is None:
            raise self.bad(role, f"This is not {kind}: {text}.", "Correct it, or leave it out.")
        return match[1] if match else ""

    def ensembl(self) -> str:
        """Give the gene without its version; nothing for what has another form, as genes of a worm or a fly have."""
        match = _ENSEMBL.fullmatch(self.text("ensembl"))
        return match[1] if match else ""

    def support(self) -> tuple[bool, str]:
        """Tell whether a row is for or against, and in which words. Without such a column, all rows are for."""
        if "support" not in self._places:
            return True, ""
        text = self.text("support")
        sense = _SENSES.get(text.casefold())
        if sense is None:
            near = get_close_matches(text.casefold(), _SENSES, n=1)
            hint = f" Is {near[0]} meant?" if near else ""
            what = f"This is no kind of support: {text or 'nothing'}.{hint}"
            raise self.bad("support", what, f"Known are: {', '.join(_SENSES)}.")
        return sense, text

    def pmids(self) -> tuple[str, ...]:
        text = self.text("pmid")
        found = _pmids(text)
        if found is None:
            what = f"This is no PubMed identifier: {text[:60]}."
            raise self.bad("pmid", what, "Give numbers, parted by semicolons.")
        return found


@lru_cache(maxsize=10_000)
def _pmids(text: str) -> tuple[str, ...] | None:
    """Read the numbers of a cell; None where something is none."""
    parts = [part for part in re.split(r"[\s;,|]+", re.sub(r"(?i)PMID:?\s+", "PMID:", text)) if part]
    matches = [_PMID.fullmatch(part) for part in parts if part.casefold() not in _NOTHING]
    return None if None in matches else tuple(match[1] for match in matches if match)


def _missing(form: Form, role: str, names: Sequence[str]) -> str:
    kind = {"mirna": "miRNA", "gene": "gene"}[role]
    choices = ", ".join(form.columns[role])
    told = ", ".join(name for name in names if name) or "nothing"
    return f"has no column for the {kind} (one of: {choices}). Its header says: {told[:300]}."
