"""update: files of ontologies and a root in; modules of what the root uses of them, written anew, out. Writes files."""

import os
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from exo_onto.links.axioms import REPLACED_BY
from exo_onto.links.formats import Document
from exo_onto.links.formats import read as read_document
from exo_onto.links.merge import Account, Merger, Origin, Voice, gathered
from exo_onto.links.modules import Module, parse_module, write_module
from exo_onto.links.names import curie, module_of, prefix_of
from exo_onto.links.terms import Header, LinksError
from exo_onto.links.usage import chosen_relations, in_use
from exo_onto.sources import Sources

FOLDER: Final = "ontology/imports"

Progress = Callable[[str], None]


@dataclass(frozen=True)
class Told:
    """What a person says of a file that does not say it itself: its version, its licence, the title of its ontology."""

    version: str | None = None
    licence: str | None = None
    title: str | None = None


@dataclass(frozen=True)
class Written:
    """A module that was written: where, how many terms it has, and whether its bytes are others than before."""

    path: Path
    terms: int
    changed: bool


@dataclass(frozen=True)
class Update:
    """What came of an update.

    `kept`: terms in use that no given file of their ontology has, or none as new, each with the version that stayed.
    `missing`: those that no module has either.
    """

    modules: tuple[Written, ...]
    kept: tuple[tuple[str, str], ...]
    missing: tuple[str, ...]
    warnings: tuple[str, ...]


def update(
    read: Sources,
    queries: Iterable[str],
    files: Iterable[Path],
    *,
    told: Mapping[str, Told] | None = None,
    progress: Progress = print,
) -> Update:
    """Write anew every module that the files have a say in. Nothing is written before all files have been read.

    `told` gives by a file's name what it does not say itself; what a module says of the same file, by its SHA-256, need
    not be told again. Raises LinksError where a file cannot be used.
    """
    relations = chosen_relations(read)
    modules = _modules(read, relations)
    known = {source.sha256: source for module in modules.values() for source in module.sources}
    documents: list[Document] = []
    given: list[Voice] = []
    for path in files:
        documents.append(read_document(path, progress=progress))
        given.append(_voice(documents[-1], (told or {}).get(path.name, Told()), known))
    again = {voice.origin.sha256: voice.origin for voice in given}
    kept = [voice for module in modules.values() for voice in module.voices]
    old = [replace(each, origin=again[each.origin.sha256]) if each.origin.sha256 in again else each for each in kept]
    progress("extract")
    wanted = in_use(read, queries) | {REPLACED_BY}
    accounts = gathered(wanted, Merger([*given, *old], relations))
    written = _write(read.root, accounts, modules, {voice.origin for voice in given}, relations)
    return Update(
        written, *_lacking(wanted, accounts, given), tuple(each for document in documents for each in document.warnings)
    )


def _modules(read: Sources, relations: Mapping[str, str]) -> dict[str, Module]:
    """Read the modules that there are."""
    files = [file for file in read.files if file.path.startswith(f"{FOLDER}/")]
    stems = {Path(file.path).stem: file for file in files}
    return {name: parse_module(name, file.triples, relations) for name, file in stems.items()}


def _voice(document: Document, told: Told, known: Mapping[str | None, Origin]) -> Voice:
    """Make a source of a file: its version and licence are what it says, what is told, or what is on record."""
    record = known.get(document.sha256)
    said, kept = document.header, record.header if record else Header()
    version = told.version or kept.version or said.version or said.date
    licence = told.licence or kept.licence or said.licence
    name = document.path.name
    if version is None:
        raise LinksError(f"{document.path}: The file says no version. Say it: --version {name}=2026-01-31.")
    if licence is None:
        raise LinksError(f"{document.path}: The file says no licence. Say it: --licence {name}=https://....")
    header = Header(
        iri=said.iri,
        version=version,
        date=_day(told.version) or kept.date or said.date or _day(version),
        title=told.title or kept.title or said.title,
        licence=licence,
        imports=said.imports,
    )
    return Voice(Origin(_slug(said.iri, header), header, document.sha256, name), document.terms)


def _day(version: str | None) -> str | None:
    """Give the date that a version is, where it is one."""
    found = re.search(r"\d{4}(?:-\d{2}(?:-\d{2})?)?(?!\d)", version or "")
    return found[0] if found else None


def _slug(iri: str | None, header: Header) -> str:
    """Name a source by its ontology and its version: `go_import-2026-07-15`."""
    ontology = re.sub(r"^.*/obo/|^.*/(?=[^/]*$)|\.(?:owl|json|obo)$", "", iri or "unnamed")
    version = header.date if header.date and header.date in (header.version or "") else header.version
    return re.sub(r"[^\w.-]+", "-", f"{ontology}-{version}").strip("-")


def _write(
    root: Path,
    accounts: Mapping[str, Account],
    modules: Mapping[str, Module],
    given: set[Origin],
    relations: Mapping[str, str],
) -> tuple[Written, ...]:
    """Write the modules that one of the given sources has a say in: all aside, then each by a rename."""
    by_module: dict[str, list[Account]] = {}
    for account in accounts.values():
        by_module.setdefault(module_of(prefix_of(account.term.iri) or ""), []).append(account)
    texts: dict[Path, str] = {}
    counts: dict[Path, int] = {}
    for name, held in sorted(by_module.items()):
        if any({each.origin, *each.parents.values(), *each.relations.values()} & given for each in held):
            path = root / FOLDER / f"{name}.ttl"
            texts[path] = write_module(name, _title(name, modules, held), held, relations, known=accounts)
            counts[path] = len(held)
    changed = {path for path, text in texts.items() if not path.exists() or path.read_text("utf-8") != text}
    for path in sorted(changed):
        _aside(path).write_text(texts[path], encoding="utf-8")
    for path in sorted(changed):
        _aside(path).replace(path)
    return tuple(Written(path, counts[path], path in changed) for path in texts)


def _aside(path: Path) -> Path:
    return path.with_name(f".{path.name}.{os.getpid()}")


def _title(name: str, modules: Mapping[str, Module], held: Iterable[Account]) -> str:
    """Give the title that a module has, or make one of its newest source's."""
    module = modules.get(name)
    if module and module.title:
        return module.title
    newest = max((account.origin for account in held), key=lambda origin: origin.age)
    return f"{newest.header.title or name}: the terms used here"


def _lacking(
    wanted: Iterable[str], accounts: Mapping[str, Account], given: list[Voice]
) -> tuple[tuple[tuple[str, str], ...], tuple[str, ...]]:
    """List the terms in use that the given files of their ontology have not: those kept, and those that nothing has."""
    kept: list[tuple[str, str]] = []
    missing: list[str] = []
    for iri in sorted(wanted, key=curie):
        own = [voice for voice in given if voice.speaks_for(prefix_of(iri) or "")]
        account = accounts.get(iri)
        if own and account is None:
            missing.append(curie(iri))
        elif own and account is not None and not any(account.origin == voice.origin for voice in given):
            kept.append((curie(iri), account.origin.header.version or "no version"))
    return tuple(kept), tuple(missing)
