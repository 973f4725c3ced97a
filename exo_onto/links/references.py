"""references: records of a reference manager in, DOI and PMID for those of ours that they certainly are out. Pure.

A record is ours where title, first author and year agree, and where no other record or reference agrees too. Nothing is
guessed: what agrees in part is told, and left to people.
"""

import csv
import io
import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

import rispy
from pyoxigraph import Literal, NamedNode

from exo_onto.links.edits import Change, added
from exo_onto.sources import Sources
from exo_onto.vocabulary import (
    AUTHOR_LINE,
    BIBO_PMID,
    DCTERMS_TITLE,
    PRISM_DOI,
    PUBLICATION_YEAR,
    REFERENCE_NUMBER,
)

MOST_RECORDS: Final = 200_000
"""How many records a file may hold: the largest library of one person, ten times over."""


class RecordsError(Exception):
    """A file is not the RIS or CSV of a reference manager; says where and why."""


@dataclass(frozen=True)
class Record:
    """One record of a library: where it stands, and what it says. What it does not say is empty, or None."""

    line: int
    title: str
    first_author: str
    year: int | None
    doi: str
    pmid: str


@dataclass(frozen=True)
class Reference:
    """One reference of ours, by its IRI; identifiers that it has not are empty."""

    iri: str
    title: str
    author_line: str
    year: int
    doi: str = ""
    pmid: str = ""


class Outcome(StrEnum):
    """What came of a reference."""

    COMPLETED = "completed"
    KNOWN = "known already"
    CONFLICT = "conflict"
    AMBIGUOUS = "ambiguous"
    UNCERTAIN = "uncertain"
    NO_IDENTIFIER = "no identifier"
    ABSENT = "not in the file"


@dataclass(frozen=True)
class Match:
    """A reference, what came of it, the record that it was found in, and what is new or was in the way."""

    reference: Reference
    outcome: Outcome
    record: Record | None = None
    doi: str = ""
    pmid: str = ""
    why: str = ""


def references_of(read: Sources) -> tuple[Reference, ...]:
    """Give the references of the sources: what has a title, authors as printed, and a year."""
    said: defaultdict[str, dict[NamedNode, str]] = defaultdict(dict)
    for triple in read.triples():
        if isinstance(triple.subject, NamedNode) and isinstance(triple.object, Literal):
            said[triple.subject.value].setdefault(triple.predicate, triple.object.value)
    return tuple(
        Reference(
            iri,
            each[DCTERMS_TITLE],
            each[AUTHOR_LINE],
            int(each[PUBLICATION_YEAR]),
            each.get(PRISM_DOI, ""),
            each.get(BIBO_PMID, ""),
        )
        for iri, each in said.items()
        if DCTERMS_TITLE in each and AUTHOR_LINE in each and each.get(PUBLICATION_YEAR, "").isdecimal()
    )


def completions(matches: Iterable[Match], read: Sources) -> tuple[Change, ...]:
    """Write what is new of references into the files that they stand in, behind their number or their year.

    Raises EditError where a file cannot be changed so without changing what else it says.
    """
    places = _blocks(read)
    before = {file.path: file.content().decode() for file in read.files if file.path in set(places.values())}
    after = dict(before)
    for each in matches:
        path = places.get(each.reference.iri)
        if each.outcome is Outcome.COMPLETED and path is not None:
            new = ((PRISM_DOI, each.doi), (BIBO_PMID, each.pmid))
            statements = [(predicate.value, f'"{value}"') for predicate, value in new if value]
            after[path] = added(after[path], each.reference.iri, statements, after=REFERENCE_NUMBER.value)
    return tuple(Change(path, before[path], text) for path, text in after.items() if text != before[path])


def _blocks(read: Sources) -> dict[str, str]:
    """Say in which file the title of each reference stands."""
    return {
        triple.subject.value: file.path
        for _, files in read.graphs
        for file in files
        for triple in file.triples
        if triple.predicate == DCTERMS_TITLE and isinstance(triple.subject, NamedNode)
    }


def read_records(text: str) -> tuple[Record, ...]:
    """Read RIS or CSV, told apart by what stands in it.

    Raises RecordsError where it is neither, a record is cut off, or there are more than MOST_RECORDS.
    """
    plain = text.removeprefix("\ufeff")
    records = tuple(_of_ris(plain) if re.search(r"^TY  - ", plain, re.MULTILINE) else _of_csv(plain))
    if not records:
        raise RecordsError("There is no record in it. Export it as RIS, or as CSV with a line of column names.")
    return records


def _of_ris(text: str) -> Iterator[Record]:
    lines = text.splitlines()
    starts = [number for number, line in enumerate(lines, 1) if line.startswith("TY  - ")]
    _see_to_the_number(len(starts))
    ends = [*(start - 1 for start in starts[1:]), len(lines)]
    for start, end in zip(starts, ends, strict=True):
        part = lines[start - 1 : end]
        if not any(re.match(r"ER  -", line) for line in part):
            raise RecordsError(f"Line {start}: this record has no end (ER  - ). Is the file cut off? Export it again.")
        (said,) = rispy.loads("\n".join(part) + "\n")
        yield _of_fields(start, said)


_PUBMED_LINK: Final = re.compile(
    r"^https?://(?:www\.)?(?:pubmed\.ncbi\.nlm\.nih\.gov|ncbi\.nlm\.nih\.gov/pubmed)/(\d+)/?$"
)
_PMID: Final = re.compile(r"\bPMID:?\s*(\d{1,8})\b", re.IGNORECASE)


def _of_fields(line: int, said: Mapping[str, Any]) -> Record:
    """Take one record of rispy."""
    authors = said.get("authors") or said.get("first_authors") or [""]
    title = str(said.get("primary_title") or said.get("title") or "")
    year = re.match(r"\d{4}", str(said.get("year") or said.get("publication_year") or said.get("date") or ""))
    return Record(
        line, title, str(authors[0]), int(year.group()) if year else None, _doi(str(said.get("doi", ""))), _pmid(said)
    )


def _pmid(said: Mapping[str, Any]) -> str:
    """Find a PMID where a record calls it one: by that word, by the database's name, or by its address."""
    texts = [str(each) for value in said.values() for each in (value if isinstance(value, list) else [value])]
    found = {hit for each in texts for hit in (*_PMID.findall(each), *_PUBMED_LINK.findall(each))}
    if re.search("pubmed|medline", str(said.get("name_of_database", "")), re.IGNORECASE):
        found |= set(re.findall(r"^\d{1,8}$", str(said.get("accession_number", ""))))
    return found.pop() if len(found) == 1 else ""


_COLUMNS: Final = {
    "title": ("title", "article title"),
    "author": ("first author", "author", "authors"),
    "year": ("publication year", "year"),
    "doi": ("doi",),
    "pmid": ("pmid", "pubmed id"),
    "extra": ("extra", "notes"),
}


def _of_csv(text: str) -> Iterator[Record]:
    reader = csv.DictReader(io.StringIO(text, newline=""), strict=True)
    try:
        names = {name.strip().lower(): name for name in reader.fieldnames or ()}
        columns = {key: next((names[each] for each in said if each in names), None) for key, said in _COLUMNS.items()}
        if not columns["title"] or not columns["author"] or not columns["year"]:
            raise RecordsError(
                "It is neither RIS (no line begins with `TY  - `) nor CSV with the columns Title, Author or Authors, "
                "and Year or Publication Year. Export it so."
            )
        line = reader.line_num + 1
        for count, row in enumerate(reader, 1):
            _see_to_the_number(count)
            yield _of_row(line, {key: (row.get(name) or "") if name else "" for key, name in columns.items()})
            line = reader.line_num + 1
    except csv.Error as error:
        raise RecordsError(f"Line {reader.line_num}: this is no CSV: {error}.") from error


def _of_row(line: int, row: Mapping[str, str]) -> Record:
    year = re.search(r"\b\d{4}\b", row["year"])
    pmids = {*re.findall(r"^\s*(\d{1,8})\s*$", row["pmid"]), *_PMID.findall(row["extra"])}
    pmid = pmids.pop() if len(pmids) == 1 else ""
    first = re.split(r"\s*;\s*", row["author"])[0]
    return Record(line, row["title"], first, int(year.group()) if year else None, _doi(row["doi"]), pmid)


def _see_to_the_number(count: int) -> None:
    if count > MOST_RECORDS:
        raise RecordsError(f"It has more than {MOST_RECORDS:,} records. Export the collection that is meant.")


def _doi(said: str) -> str:
    """Give a DOI without resolver and in small letters, as they are compared (DOI Handbook, 3.2), or nothing."""
    plain = re.sub(r"^\s*(?:https?://(?:dx\.)?doi\.org/|doi:)?\s*", "", said, flags=re.IGNORECASE).strip()
    return plain.lower() if re.fullmatch(r"10\.\d{4,9}/[^\s\"\\<>]+", plain) else ""


def match(references: Iterable[Reference], records: Iterable[Record]) -> tuple[Match, ...]:
    """Find each reference among the records; in the order of the references."""
    ours = tuple(references)
    by_title: dict[str, list[Record]] = {}
    for record in records:
        by_title.setdefault(title_key(record.title), []).append(record)
    alike: dict[str, int] = {}
    for each in ours:
        alike[title_key(each.title)] = alike.get(title_key(each.title), 0) + 1
    return tuple(
        _match(each, by_title.get(title_key(each.title), []), unique=alike[title_key(each.title)] == 1) for each in ours
    )


def _match(reference: Reference, titled: list[Record], *, unique: bool) -> Match:
    certain = [record for record in titled if not _doubts(reference, record)]
    if not titled or not title_key(reference.title):
        return Match(reference, Outcome.ABSENT)
    if not certain:
        why = f"the title agrees, but {' and '.join(_doubts(reference, titled[0]))}"
        return Match(reference, Outcome.UNCERTAIN, titled[0], why=why)
    if not unique:
        return Match(reference, Outcome.AMBIGUOUS, certain[0], why="two references of ours have this title")
    found = {name: {getattr(r, name) for r in certain} - {""} for name in ("doi", "pmid")}
    several = [f"{', '.join(sorted(values))}" for values in found.values() if len(values) > 1]
    if several:
        lines = ", ".join(str(record.line) for record in certain)
        return Match(reference, Outcome.AMBIGUOUS, certain[0], why=f"lines {lines} differ: {'; '.join(several)}")
    doi, pmid = ("".join(found[name]) for name in ("doi", "pmid"))
    return _completed(reference, certain[0], doi, pmid)


def _completed(reference: Reference, record: Record, doi: str, pmid: str) -> Match:
    pairs = ((reference.doi.lower(), doi), (reference.pmid, pmid))
    against = [f"{theirs} there, {ours} here" for ours, theirs in pairs if ours and theirs and ours != theirs]
    if against:
        return Match(reference, Outcome.CONFLICT, record, why="; ".join(against))
    new_doi, new_pmid = doi if not reference.doi else "", pmid if not reference.pmid else ""
    if new_doi or new_pmid:
        return Match(reference, Outcome.COMPLETED, record, new_doi, new_pmid)
    outcome = Outcome.KNOWN if doi or pmid else Outcome.NO_IDENTIFIER
    return Match(reference, outcome, record)


def _doubts(reference: Reference, record: Record) -> list[str]:
    """Say what of author and year does not agree."""
    doubts = []
    if record.year != reference.year:
        doubts.append(f"the year is {record.year or 'not given'} there, {reference.year} here")
    ours, theirs = surname(reference.author_line.split(",")[0]), surname(record.first_author)
    if not ours or ours != theirs:
        first = record.first_author or "not given"
        doubts.append(f"the first author is {first} there, {reference.author_line.split(',')[0]} here")
    return doubts


_GREEK: Final = {letter: unicodedata.name(letter).rsplit(" ", 1)[-1].lower() for letter in "αβγδεζηθικλμνξοπρστυφχψω"}


def title_key(title: str) -> str:
    """Give what is compared of a title: letters and digits, without case, accents, markup; Greek letters by name."""
    plain = re.sub(r"</?(?:i|b|em|strong|sub|sup|span|p)\b[^>]*>", "", title, flags=re.IGNORECASE)
    folded = unicodedata.normalize("NFKD", plain).casefold()
    return "".join(_GREEK.get(letter, letter) for letter in folded if letter.isalnum())


def surname(name: str) -> str:
    """Give the family name of `Cheng, Xiaofei`, `Cheng XF` or `Xiaofei Cheng`, folded for comparing."""
    family, comma, _ = name.partition(",")
    if not comma:
        words = name.replace(".", " ").split()
        while len(words) > 1 and re.fullmatch(r"[^\W\d_a-z]{1,4}(?:-[^\W\d_a-z]{1,2})?", words[-1]):
            words.pop()
            comma = "initials"
        family = " ".join(words) if comma else "".join(words[-1:])
    folded = unicodedata.normalize("NFKD", family).casefold()
    return "".join(letter for letter in folded if letter.isalnum())
