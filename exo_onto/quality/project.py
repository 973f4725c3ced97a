"""project: a folder, its settings and the flags of a call in, a `Project` out: which files are what. Reads files.

A repository says so in `exo-onto.toml`, or in the table `[tool.exo-onto]` of its pyproject.toml:

    ontology = ["src/disc.owl"]           # files, or folders with such
    imports = ["src/imports"]
    shapes = ["shapes"]
    instances = ["data"]
    queries = "queries"
    expected = "queries/expected"

    [check]                               # [tool.exo-onto.check]
    fail-on = "error"                     # error, warning, info, never
    show = "warning"
    languages = ["en", "zh"]
    namespaces = ["http://purl.obolibrary.org/obo/CL_"]
    baseline = "known.json"
    referees = false
    profiles = ["DL"]

    [check.severity]
    missing-definition = "error"

Without any of these it has the layout of this project: ontology/, shapes/, instances/, queries/.
"""

import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from pathlib import Path
from typing import Any, Final

from exo_onto import sources
from exo_onto.quality.checks import Scope
from exo_onto.quality.levels import FailOn, Level, Levels, Shown
from exo_onto.quality.reading import OWL as OWL_SUFFIXES
from exo_onto.quality.reading import RDF, SUFFIXES
from exo_onto.vocabulary import PREFIXES

CONFIGURATION: Final = "exo-onto.toml"
PROFILES: Final = ("DL", "EL", "QL", "RL")
_PLACES: Final = ("ontology", "imports", "shapes", "instances")
_IN_FOLDERS: Final = (*RDF, *OWL_SUFFIXES, ".owl")
"""What is taken of a folder; .xml and .json may be anything there, and are taken by name."""
_EXPECTED: Final = "queries/expected"


class ProjectError(ValueError):
    """The call or the settings are wrong."""


@dataclass(frozen=True)
class Wanted:
    """What is asked of the check: by the settings, and above them by the flags of the call; None: not said."""

    fail_on: FailOn | None = None
    shown: Shown | None = None
    languages: tuple[str, ...] | None = None
    namespaces: tuple[str, ...] | None = None
    referees: bool | None = None
    profiles: tuple[str, ...] | None = None
    baseline: Path | None = None
    severity: Mapping[str, Level] = field(default_factory=dict)

    def over(self, other: "Wanted") -> "Wanted":
        """Give what this says, and where it says nothing what the other does."""
        said = {name: value for name, value in vars(self).items() if value is not None and name != "severity"}
        return replace(other, **said, severity={**other.severity, **self.severity})

    def levels(self, shipped: Mapping[str, Level]) -> Levels:
        """Give the severities, with the shipped ones where nothing is said."""
        return Levels(self.severity, self.fail_on or FailOn.ERROR, self.shown or Shown.WARNING, shipped)

    @property
    def scope(self) -> Scope:
        """Give what is the project's own."""
        return Scope(tuple(map(_namespace, self.namespaces or ())), self.languages or ())


def _namespace(name: str) -> str:
    """Give the namespace of a prefix such as `SO:`, or what is given."""
    return PREFIXES.get(name.removesuffix(":"), name) if name.endswith(":") else name


@dataclass(frozen=True)
class Project:
    """The files of a repository by what they are, relative to its root, and what is asked of them.

    `laid_out`: it has the layout of this project, and is read as a build reads it.
    """

    root: Path
    laid_out: bool
    ontology: tuple[str, ...] = ()
    imports: tuple[str, ...] = ()
    shapes: tuple[str, ...] = ()
    instances: tuple[str, ...] = ()
    queries: Path | None = None
    expected: Path | None = None
    wanted: Wanted = field(default_factory=Wanted)


@dataclass(frozen=True)
class Flags:
    """What a call names: files or folders, taken from where the call is made."""

    ontology: tuple[Path, ...] = ()
    imports: tuple[Path, ...] = ()
    shapes: tuple[Path, ...] = ()
    instances: tuple[Path, ...] = ()
    queries: Path | None = None
    expected: Path | None = None
    profile: Path | None = None

    @property
    def given(self) -> bool:
        """Say whether files are named, and not found by the layout or the settings."""
        return any((self.ontology, self.imports, self.shapes, self.instances))


def find(start: Path, flags: Flags, wanted: Wanted, *, exactly: bool = False) -> Project:
    """Find what to check: what the call names, or else what the settings do, or else the layout.

    Settings are looked for from `start` upwards, or `exactly` there. Raises ProjectError, and RootNotFoundError where
    there is nothing to check.
    """
    home, table = _settings(start, exactly=exactly)
    asked = wanted.over(_wanted(table.get("check", {}), home, "[check]"))
    if flags.profile is not None:
        asked = wanted.over(_profile(flags.profile).over(_wanted(table.get("check", {}), home, "[check]")))
    if flags.given:
        named = {name: [str(Path.cwd() / path) for path in getattr(flags, name)] for name in _PLACES}
        return _project(start if exactly else Path.cwd(), named, flags, {}, asked)
    if any(table.get(name) for name in _PLACES):
        return _project(home, table, flags, table, asked)
    root = start if exactly and _has_layout(start) else sources.find_root(start)
    folders = (flags.queries or _path(root, table.get("queries", "queries")), _expected(root, flags, table))
    queries, expected = (each if each is not None and each.is_dir() else None for each in folders)
    if root != home:
        asked = wanted
    return Project(root, laid_out=True, queries=queries, expected=expected, wanted=asked)


def _has_layout(folder: Path) -> bool:
    return all((folder / name).is_dir() for name in sources.FOLDERS)


def _settings(start: Path, *, exactly: bool) -> tuple[Path, dict[str, Any]]:
    """Read the nearest settings: the folder that they are in, and their table."""
    for folder in (start,) if exactly else (start, *start.parents):
        own, shared = folder / CONFIGURATION, folder / "pyproject.toml"
        if own.is_file():
            return folder, _known(_toml(own), own)
        if shared.is_file():
            table = _toml(shared).get("tool", {}).get("exo-onto")
            if table is not None:
                return folder, _known(table, shared)
    return start, {}


_KEYS: Final = {*_PLACES, "queries", "expected", "check"}
_CHECK_KEYS: Final = {"fail-on", "show", "languages", "namespaces", "referees", "profiles", "baseline", "severity"}


def _known(table: dict[str, Any], file: Path) -> dict[str, Any]:
    _refuse_unknown(table, _KEYS, file.name)
    return table


def _refuse_unknown(table: Mapping[str, Any], known: Iterable[str], where: str) -> None:
    for key in table:
        if key not in known:
            near = get_close_matches(key, known, n=1)
            hint = f" Did you mean {near[0]}?" if near else f" It knows {', '.join(sorted(known))}."
            raise ProjectError(f"{where} sets {key!r}, which exo-onto does not know.{hint}")


def _toml(file: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(file.read_text("utf-8-sig"))
    except tomllib.TOMLDecodeError as error:
        raise ProjectError(f"{file.name} is no TOML: {error}.") from error
    except UnicodeDecodeError as error:
        raise ProjectError(f"{file.name} is not UTF-8.") from error
    except OSError as error:
        raise ProjectError(f"{file} cannot be read: {error.strerror}.") from error


def _profile(file: Path) -> Wanted:
    """Read a profile file: the table [check] by itself, or the settings that hold one."""
    told = _toml(file)
    inner = told.get("tool", {}).get("exo-onto", told)
    return _wanted(inner.get("check", inner), file.parent, file.name)


def _wanted(table: Mapping[str, Any], home: Path, where: str) -> Wanted:
    _refuse_unknown(table, _CHECK_KEYS, where)
    severity = table.get("severity", {})
    if not isinstance(severity, dict):
        raise ProjectError(f"{where} gives severity as {severity!r}; it is a table of codes: missing-label = 'error'.")
    referees = table.get("referees")
    if referees is not None and not isinstance(referees, bool):
        raise ProjectError(f"{where} gives referees as {referees!r}; it is true or false.")
    profiles = _texts(table, "profiles", where)
    for each in profiles or ():
        _one_of(each, PROFILES, "profiles", where)
    baseline = _text(table, "baseline", where)
    return Wanted(
        fail_on=FailOn(_one_of(table["fail-on"], FailOn, "fail-on", where)) if "fail-on" in table else None,
        shown=Shown(_one_of(table["show"], Shown, "show", where)) if "show" in table else None,
        languages=_texts(table, "languages", where),
        namespaces=_texts(table, "namespaces", where),
        referees=referees,
        profiles=profiles,
        baseline=home / baseline if baseline is not None else None,
        severity={code: Level(_one_of(level, Level, code, where)) for code, level in severity.items()},
    )


def _one_of(value: object, known: Iterable[str], key: str, where: str) -> str:
    names = [str(each) for each in known]
    if not isinstance(value, str) or value not in names:
        raise ProjectError(f"{where} sets {key} to {value!r}; it is one of {', '.join(names)}.")
    return value


def _texts(table: Mapping[str, Any], key: str, where: str) -> tuple[str, ...] | None:
    value = table.get(key)
    if value is None:
        return None
    listed = [value] if isinstance(value, str) else value
    if not isinstance(listed, list) or not all(isinstance(each, str) for each in listed):
        raise ProjectError(f"{where} gives {key} as {value!r}; it is a list of texts.")
    return tuple(listed)


def _text(table: Mapping[str, Any], key: str, where: str) -> str | None:
    value = table.get(key)
    if value is not None and not isinstance(value, str):
        raise ProjectError(f"{where} gives {key} as {value!r}; it is a text.")
    return value


def _path(root: Path, given: object) -> Path:
    if not isinstance(given, str):
        raise ProjectError(f"The settings give a folder as {given!r}; it is a text.")
    return root / given


def _expected(root: Path, flags: Flags, table: Mapping[str, Any]) -> Path:
    return flags.expected or _path(root, table.get("expected", _EXPECTED))


def _project(root: Path, named: Mapping[str, Any], flags: Flags, table: Mapping[str, Any], wanted: Wanted) -> Project:
    """Spread the folders out into files."""
    listed = {name: _texts(named, name, "The settings") or () for name in _PLACES}
    imports = tuple(_files(root, listed["imports"]))
    files = {name: tuple(f for f in _files(root, listed[name]) if f not in imports) for name in _PLACES[:1]}
    queries = flags.queries or (_path(root, table["queries"]) if "queries" in table else root / "queries")
    if not queries.is_dir() and (flags.queries is not None or "queries" in table):
        raise ProjectError(f"There is no folder {queries} for the questions.")
    expected = flags.expected or (_expected(root, flags, table) if "expected" in table else queries / "expected")
    asked = flags.queries is not None or bool(table)
    return Project(
        root,
        laid_out=False,
        ontology=files["ontology"],
        imports=imports,
        shapes=tuple(_files(root, listed["shapes"])),
        instances=tuple(_files(root, listed["instances"])),
        queries=queries if asked and queries.is_dir() else None,
        expected=expected if asked and expected.is_dir() else None,
        wanted=wanted,
    )


def _files(root: Path, named: Iterable[str]) -> Iterator[str]:
    for each in named:
        path = root / each
        if path.is_dir():
            found = [file for file in sorted(path.rglob("*")) if file.is_file() and _is_read(file.name)]
            if not found:
                raise ProjectError(f"There is no file in {each} that can be read ({' '.join(_IN_FOLDERS)}).")
            yield from (_relative(root, file) for file in found)
        elif path.is_file():
            if not path.name.lower().removesuffix(".gz").endswith(SUFFIXES):
                raise ProjectError(f"{each} does not tell its format: let it end in one of {' '.join(SUFFIXES)}.")
            yield _relative(root, path)
        else:
            raise ProjectError(f"There is no file or folder {_relative(root, path)}.")


def _is_read(name: str) -> bool:
    return name.lower().removesuffix(".gz").endswith(_IN_FOLDERS) and not name.startswith(".")


def _relative(root: Path, file: Path) -> str:
    """Give a path as people and programs find it: relative to the root where it is within."""
    whole = file.resolve()
    return whole.relative_to(root.resolve()).as_posix() if whole.is_relative_to(root.resolve()) else str(whole)
