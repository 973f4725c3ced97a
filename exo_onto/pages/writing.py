"""writing: a template, a view and who reads it in, HTML out. Pure, but for the templates it reads.

Everything is escaped: labels are data. What a template may call is in `written` and in the `Reader`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Final

from jinja2 import Environment, PackageLoader, StrictUndefined

from exo_onto.dataset import Description
from exo_onto.pages import addresses
from exo_onto.pages.languages import LANGUAGES, TAGS, Words
from exo_onto.vocabulary import compact

THEMES: Final = ("auto", "light", "dark")


@dataclass(frozen=True)
class Reader:
    """Who reads, and where: language and theme, the path below which all is served, and the address being read.

    `query` is the query of the address without what the switches add. `live` is where news of a watched root are told;
    empty where nobody edits.
    """

    words: Words
    theme: str
    root: str
    path: str
    query: str
    base: str
    live: str = ""

    @property
    def language(self) -> str:
        """The language that is read."""
        return self.words.language

    def href(self, path: str) -> str:
        """Give the address of a path of ours."""
        return self.root + path

    def page(self, iri: str, suffix: str = "") -> str:
        """Give the address of a resource's page, or with a suffix of its RDF."""
        return self.root + addresses.path_of(iri, suffix)

    def static(self, name: str) -> str:
        """Give the address of a file that pages use."""
        return f"{self.root}/static/{name}"

    def built(self, name: str) -> str:
        """Give the address of a file made when the package was built; nothing where it was built without."""
        return self.static(f"built/{name}") if name in _built() else ""

    def switched(self, **choice: str) -> str:
        """Give this address, with a language or theme chosen."""
        parts = [*([self.query] if self.query else []), *(f"{name}={value}" for name, value in choice.items())]
        return f"{self.root}{self.path}?{'&'.join(parts)}"


def written(template: str, reader: Reader, description: Description, view: Mapping[str, object]) -> bytes:
    """Write a view."""
    told = {
        "t": reader.words,
        "r": reader,
        "lang": reader.language,
        "tag": TAGS[reader.language],
        "languages": LANGUAGES,
        "themes": THEMES,
        "snapshot": description,
        **view,
    }
    return _environment().get_template(template).render(told).encode()


def ready() -> None:
    """Compile all templates, so that no reader waits for it."""
    for name in _environment().list_templates():
        _environment().get_template(name)


@cache
def _built() -> frozenset[str]:
    folder = resources.files("exo_onto.pages").joinpath("static", "built")
    return frozenset(each.name for each in folder.iterdir()) if folder.is_dir() else frozenset()


@cache
def _environment() -> Environment:
    made = Environment(
        loader=PackageLoader("exo_onto.pages"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    made.globals["compact"] = compact
    made.filters["thousands"] = lambda number: f"{number:,}"
    made.filters["bytes"] = _bytes
    made.filters["split"] = str.split
    return made


def _bytes(number: int) -> str:
    """Write a size in bytes for people, in units of 1000."""
    for unit, size in (("GB", 10**9), ("MB", 10**6), ("kB", 10**3)):
        if number >= size:
            return f"{number / size:.1f} {unit}"
    return f"{number} B"
