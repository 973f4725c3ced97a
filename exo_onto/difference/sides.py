"""sides: a folder, snapshot, git revision or file in; what is written there and what follows from it out. Reads files.

A name is looked for in this order, and where it fits more than one, that is said and the call refused:

    ./path, /path        a folder with ontology/, shapes/ and instances/, a snapshot's folder, or a file of RDF
    name, current        a snapshot below build/snapshots/, by its name or the first letters of it
    main, HEAD~3, v1.2   a revision of the git repository that the root is in: its files are taken out aside

`path:`, `snapshot:` and `git:` before the name say which is meant.
"""

import gzip
import os
import subprocess
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import BinaryIO, Final, cast

from pyoxigraph import DefaultGraph, NamedNode, Quad, RdfFormat, Store, parse

from exo_onto import judge, reason, rules, snapshot
from exo_onto.diagnose import Diagnostic
from exo_onto.faults import FaultySourcesError
from exo_onto.judge import Judgement, Progress
from exo_onto.snapshot import SnapshotError
from exo_onto.sources import FOLDERS, Sources
from exo_onto.vocabulary import ASSERTED_GRAPHS, DEFAULT_GRAPHS, GRAPH_INFERRED, GRAPH_ONTOLOGY

if sys.version_info >= (3, 11, 4):
    import tarfile
else:  # Debian 12 has 3.11.2, which takes out whatever an archive holds
    from backports import tarfile  # type: ignore[attr-defined,import-untyped,no-redef]

MOST_BYTES: Final = 2_000_000_000
"""How much a file of RDF, or the files of a revision, may have."""
_LEAST: Final = 4
"""How many letters of a snapshot's name are needed."""
_SNAPSHOTS: Final = "snapshots"


class SideError(Exception):
    """A name fits nothing, or more than one thing: the call is wrong."""


class UnreadableSideError(Exception):
    """The files of a side cannot be read: the knowledge is wrong."""

    def __init__(self, name: str, diagnostics: tuple[Diagnostic, ...]) -> None:
        """Keep what is wrong, and where."""
        super().__init__(f"{name} cannot be compared: its files cannot be read.")
        self.diagnostics = diagnostics


class Kind(StrEnum):
    """What a side is."""

    FOLDER = "folder"
    SNAPSHOT = "snapshot"
    REVISION = "git revision"
    FILE = "file"


@dataclass(frozen=True)
class Side:
    """One of two states to compare: what is written, what follows, and if it is a folder or revision what is wrong.

    `note` says what of it is not compared, and why.
    """

    name: str
    kind: Kind
    store: Store
    read: Sources | None = None
    judgement: Judgement | None = None
    queries: Path | None = None
    note: str = ""

    @property
    def said(self) -> str:
        """Name it, with what it is."""
        return f"{self.kind} {self.name}"


@contextmanager
def opened(name: str, root: Path | None, progress: Progress) -> Iterator[Side]:
    """Find what a name means, read it and reason over it; `root` is the folder worked on, None: there is none.

    What is taken out of git is deleted at the end. Raises SideError, UnreadableSideError.
    """
    kind, where = resolve(name, root)
    progress(f"read {name}")
    match kind:
        case Kind.FOLDER:
            yield _judged(Path(where), name, kind)
        case Kind.SNAPSHOT:
            yield _published(Path(where), name, root)
        case Kind.FILE:
            yield _parsed(Path(where), name)
        case Kind.REVISION:
            with TemporaryDirectory(prefix="exo-onto-diff-") as aside:
                _take_out(root or Path.cwd(), where, Path(aside))
                yield _judged(Path(aside), name, kind)


def resolve(name: str, root: Path | None) -> tuple[Kind, str]:
    """Say what a name means: a kind, and a path or the id of a commit. Raises SideError."""
    chosen, colon, rest = name.partition(":")
    if colon and chosen in _FINDERS:
        found = _FINDERS[chosen](rest, root)
        if found is None:
            raise SideError(f"There is no {_WORDS[chosen]} {rest!r}{_hint(chosen, root)}.")
        return found
    if name.startswith((".", "/", "~")) or (root is not None and Path(name).is_absolute()):
        found = _path(name, root)
        if found is not None:
            return found
    spoken = name.strip() and name.isprintable()
    finders = _FINDERS.items() if spoken else ()
    fitting = [(chosen, found) for chosen, find in finders if (found := find(name, root)) is not None]
    if not fitting:
        raise SideError(
            f"{name!r} is neither a folder with {', '.join(f'{each}/' for each in FOLDERS)}, nor a file of RDF, "
            "nor a snapshot below build/, nor a git revision."
        )
    if len(fitting) > 1:
        meant = " or ".join(f"{chosen}:{name}" for chosen, _ in fitting)
        raise SideError(f"{name!r} may mean more than one thing: write {meant}.")
    return fitting[0][1]


def _path(name: str, _: Path | None) -> tuple[Kind, str] | None:
    path = Path(name).expanduser()
    if path.is_dir():
        if (path / snapshot.MANIFEST).is_file():
            return Kind.SNAPSHOT, str(path)
        return (Kind.FOLDER, str(path)) if all((path / folder).is_dir() for folder in FOLDERS) else None
    return (Kind.FILE, str(path)) if path.is_file() else None


def _snapshot(name: str, root: Path | None) -> tuple[Kind, str] | None:
    home = (root or Path.cwd()) / "build"
    if name == "current":
        found = snapshot.current(home)
        return None if found is None else (Kind.SNAPSHOT, str(found))
    if len(name) < _LEAST or not name.isalnum() or not (home / _SNAPSHOTS).is_dir():
        return None
    fitting = [path for path in sorted((home / _SNAPSHOTS).iterdir()) if path.name.startswith(name)]
    if len(fitting) > 1:
        raise SideError(f"{len(fitting)} snapshots begin with {name!r}: write more of the name.")
    return (Kind.SNAPSHOT, str(fitting[0])) if fitting else None


def _revision(name: str, root: Path | None) -> tuple[Kind, str] | None:
    try:
        found = _git(root or Path.cwd(), "rev-parse", "--verify", "--quiet", "--end-of-options", f"{name}^{{commit}}")
    except (OSError, subprocess.CalledProcessError):
        return None
    return Kind.REVISION, found.decode().strip()


_FINDERS = {"path": _path, "snapshot": _snapshot, "git": _revision}
_WORDS = {"path": "folder or file", "snapshot": "snapshot", "git": "git revision"}


def _hint(chosen: str, root: Path | None) -> str:
    """Say what else may be the matter with a revision that is not there."""
    if chosen != "git":
        return ""
    try:
        _git(root or Path.cwd(), "rev-parse", "--git-dir")
    except OSError:
        return ": git is not installed"
    except subprocess.CalledProcessError as error:
        said = error.stderr.decode(errors="replace").strip().partition("\n")[0]
        return f" here. Git says: {said.removeprefix('fatal: ')}"
    return "; in a clone that has only the last commits, fetch it first"


def _git(root: Path, *arguments: str) -> bytes:
    command = ["git", "-C", str(root), *arguments]
    return subprocess.run(command, capture_output=True, check=True, env={**os.environ, "LC_ALL": "C"}).stdout  # noqa: S603


def _take_out(root: Path, commit: str, aside: Path) -> None:
    """Write the files of a commit into a folder, without touching the checkout or its index.

    Links that lead out of the folder are refused.
    """
    listed = _git(root, "ls-tree", "--name-only", commit, "./").decode().splitlines()
    folders = [name for name in (*FOLDERS, "queries") if name in {Path(each).name for each in listed}]
    missing = [f"{name}/" for name in FOLDERS if name not in folders]
    if missing:
        raise SideError(f"The git revision {commit[:12]} has no {' and no '.join(missing)} in {root.name}/.")
    packed = aside / "archive.tar"
    _git(root, "archive", "--format=tar", f"--output={packed}", commit, "--", *folders)
    size = packed.stat().st_size
    if size > MOST_BYTES:
        raise SideError(f"The git revision {commit[:12]} has {size:,} bytes; at most {MOST_BYTES:,} are read.")
    try:
        with tarfile.open(packed) as archive:
            archive.extractall(aside, filter="data")
    except tarfile.FilterError as error:
        raise SideError(f"The git revision {commit[:12]} has a file that is not taken out: {error}.") from error
    packed.unlink()
    written = {path.relative_to(aside).as_posix() for path in aside.rglob("*.ttl")}
    told = _git(root, "ls-tree", "-r", "-z", "--name-only", commit, "--", *folders).decode().split("\0")
    hidden = sorted(name for name in told if name.endswith(".ttl") and name not in written)
    if hidden:
        raise SideError(f"git archive leaves out {hidden[0]}: see export-ignore in .gitattributes.")


def _judged(root: Path, name: str, kind: Kind) -> Side:
    try:
        read = judge.look(root, _silent)
    except FaultySourcesError as error:
        raise UnreadableSideError(name, judge.unread(error).diagnostics) from error
    judgement = judge.judge(read, progress=_silent)
    if judgement.store is None:
        raise UnreadableSideError(name, judgement.diagnostics)
    queries = root / "queries"
    return Side(name, kind, judgement.store, read, judgement, queries if queries.is_dir() else None)


def _published(path: Path, name: str, root: Path | None) -> Side:
    home = path.parent.parent if path.parent.name == _SNAPSHOTS else root
    try:
        found = snapshot.open_snapshot(path.parent.parent, path.name)
    except SnapshotError as error:
        raise SideError(str(error)) from error
    queries = None if home is None else home.parent / "queries" if home.name == "build" else home / "queries"
    return Side(name, Kind.SNAPSHOT, found.store, queries=queries if queries and queries.is_dir() else None)


def _parsed(path: Path, name: str) -> Side:
    """Read a file of RDF. What is in no graph of ours is taken for written; what follows is inferred where none is."""
    store = Store()
    try:
        store.bulk_extend(_graphs(_quads(path)))
    except SyntaxError as error:
        place = f"line {error.lineno}, column {error.offset}" if error.lineno else "its content"
        raise SideError(f"{path} cannot be read at {place}: {error.msg}.") from error
    except (OSError, ValueError) as error:
        raise SideError(f"{path} cannot be read: {error}.") from error
    if any(True for _ in store.quads_for_pattern(None, None, None, GRAPH_INFERRED)):
        return Side(name, Kind.FILE, store)
    try:
        compiled = rules.compile_rules(judge.axioms(store))
    except rules.UncompilableError as error:
        left = f"Nothing is inferred from {name}: {error}"
        return Side(name, Kind.FILE, store, note=left)
    reason.reason(*reason.engine(store), compiled, progress=_silent)
    return Side(name, Kind.FILE, store)


def _quads(path: Path) -> Iterator[Quad]:
    packed = path.suffix == ".gz"
    extension = (path.with_suffix("") if packed else path).suffix.removeprefix(".").lower()
    form = RdfFormat.from_extension(extension)
    if form is None:
        known = "ttl, nt, nq, trig, rdf, owl, jsonld"
        raise ValueError(f"its format is not known by the ending .{extension}; known are {known}")
    if path.stat().st_size > MOST_BYTES:
        raise ValueError(f"it has more than {MOST_BYTES:,} bytes")
    with path.open("rb") as plain:
        file = gzip.GzipFile(fileobj=plain) if packed else plain
        yield from parse(cast("BinaryIO", file), format=form, rename_blank_nodes=True, base_iri=path.resolve().as_uri())


def _graphs(quads: Iterable[Quad]) -> Iterator[Quad]:
    """Put what is in no graph of ours into one."""
    ours = {*DEFAULT_GRAPHS}
    for quad in quads:
        graph = quad.graph_name
        if isinstance(graph, NamedNode) and graph in ours:
            yield quad
        elif isinstance(graph, NamedNode | DefaultGraph):
            yield Quad(quad.subject, quad.predicate, quad.object, GRAPH_ONTOLOGY)


def written(side: Side) -> Iterator[Quad]:
    """Yield what is written, in all graphs of a side."""
    for graph in ASSERTED_GRAPHS:
        yield from side.store.quads_for_pattern(None, None, None, graph)


def _silent(_: str) -> None:
    """Stand for a progress that nobody follows."""
