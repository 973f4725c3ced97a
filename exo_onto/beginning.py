"""beginning: a name in, a new repository of the same layout for another topic out. Writes a folder.

The skeleton is a repository itself, of a topic that is none: its base, prefix and title are replaced by those asked.
What holds for every topic (how a study is told, how signs travel, the shapes for both, names borrowed from GO and
others) is taken over from exo-onto as it is, as `skeleton.toml` lists.
"""

import os
import re
import shutil
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from exo_onto.vocabulary import BASE, PREFIXES

PACKAGE: Final = Path(__file__).parent
SKELETON: Final = PACKAGE / "skeleton"
COPIES: Final = PACKAGE / "skeleton.toml"
_MODEL: Final = PACKAGE / "model"
"""Where an installed package keeps the files that are taken over; in a checkout they lie beside the package."""
_NAME: Final = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
_PREFIX: Final = re.compile(r"[A-Za-z][A-Za-z0-9]*([-_][A-Za-z0-9]+)*")
_LONGEST: Final = 40
_BASE: Final = re.compile(r"https?://[A-Za-z0-9.-]+(:[0-9]+)?(/[A-Za-z0-9._~-]+)*/")
_TITLE: Final = re.compile(r"[^\x00-\x1f\"\\<>]{1,80}")


class BeginningError(ValueError):
    """The repository cannot be made, as a sentence says."""


@dataclass(frozen=True)
class Topic:
    """What a new repository is called: its folder, title, and the base and prefix of its terms and individuals."""

    name: str
    title: str
    base: str
    prefix: str


def topic(name: str, *, base: str | None = None, prefix: str | None = None, title: str | None = None) -> Topic:
    """Take the names of a new repository; what is not given follows from its name.

    Raises BeginningError for those that cannot be.
    """
    if not _NAME.fullmatch(name) or len(name) > _LONGEST:
        raise BeginningError(
            f"{name!r} is no name for a repository: it takes up to {_LONGEST} letters a-z, digits and hyphens, "
            "and begins with a letter, as in cartilage or bone-repair."
        )
    own = base or f"https://w3id.org/{name}/"
    short = prefix or name
    said = title or name.replace("-", " ").capitalize()
    if not _BASE.fullmatch(own) or own.startswith(BASE):
        raise BeginningError(
            f"{own!r} is no base: it is an address that begins with http:// or https:// and ends in /, of letters, "
            "digits and - . _ ~ between, and it is not exo-onto's own."
        )
    if not _PREFIX.fullmatch(short) or len(short) > _LONGEST:
        raise BeginningError(f"{short!r} is no prefix: it takes letters, digits and single hyphens or underscores.")
    if short.lower() in {known.lower() for known in (*PREFIXES, "exo")}:
        raise BeginningError(f"The prefix {short}: stands for something else already: give another with --prefix.")
    if not _TITLE.fullmatch(said):
        raise BeginningError(f'{said!r} is no title: it takes one line of up to 80 characters, none of them " \\ < >.')
    return Topic(name, said, own, short)


def begin(parent: Path, told: Topic) -> tuple[str, ...]:
    """Write the repository as a folder of its name below another one: aside, and renamed when it is whole.

    Gives the files written. Raises BeginningError where there is something of that name already that is not empty.
    """
    home = parent / told.name
    if home.is_symlink() or (home.exists() and not home.is_dir()):
        raise BeginningError(f"{home} is there already, and no folder: remove it, or take another name.")
    if home.is_dir() and any(home.iterdir()):
        raise BeginningError(f"{home} is there already and not empty: remove it, or take another name.")
    aside = parent / f".{told.name}.{os.getpid()}"
    try:
        written = tuple(sorted(_write(aside, told)))
        aside.rename(home)  # an empty folder is replaced
    finally:
        shutil.rmtree(aside, ignore_errors=True)
    return written


def _write(home: Path, told: Topic) -> Iterator[str]:
    for path in sorted(SKELETON.rglob("*")):
        if path.is_file():
            name = "/".join(_undotted(part) for part in path.relative_to(SKELETON).parts)
            yield _put(home, name, _adapted(path.read_text("utf-8"), told))
    for folder, patterns in tomllib.loads(COPIES.read_text("utf-8"))["copies"].items():
        for pattern in patterns:
            found = sorted(_model().glob(pattern))
            if not found:
                raise BeginningError(f"This installation of exo-onto lacks {pattern}: install it anew.")
            for path in found:
                yield _put(home, f"{folder}/{path.name}", path.read_text("utf-8"))


def _put(home: Path, name: str, text: str) -> str:
    path = home / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, "utf-8")
    return name


def _undotted(part: str) -> str:
    """Give the name of a file that is hidden in a repository and not in the skeleton: `dot.gitignore`."""
    return part.removeprefix("dot") if part.startswith("dot.") else part


def _adapted(text: str, told: Topic) -> str:
    """Put the topic's names in the place of the skeleton's; in patterns the dots of the base are escaped."""
    today = datetime.now(UTC).date().isoformat()
    found = text.replace("https://skeleton\\\\.invalid/", told.base.replace(".", "\\\\."))
    found = found.replace("https://skeleton.invalid/2000-01-01/", f"{told.base}{today}/")
    found = found.replace("https://skeleton.invalid/", told.base).replace("2000-01-01", today)
    found = found.replace("skeleton:", f"{told.prefix}:").replace('"skeleton"', f'"{told.prefix}"')
    return found.replace("Skeleton", told.title).replace("skeleton", told.name)


def _model() -> Path:
    return _MODEL if _MODEL.is_dir() else PACKAGE.parent
