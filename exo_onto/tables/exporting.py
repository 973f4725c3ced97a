"""exporting: the sources of a root in, the sheets that tell its studies out. Adding them again is the identity."""

from collections.abc import Iterable

from pyoxigraph import NamedNode

from exo_onto.sources import Sources
from exo_onto.tables.adding import known
from exo_onto.tables.grid import Grid, TableError, Wrong
from exo_onto.tables.layout import Layout
from exo_onto.tables.story import Fact, Story, UntellableError, read_story
from exo_onto.tables.telling import tell
from exo_onto.tables.template import dressed, empty
from exo_onto.tables.values import Valuer
from exo_onto.tables.workbook import Dress
from exo_onto.vocabulary import RDF_TYPE, compact, slug


def template(read: Sources, layout: Layout, language: str) -> tuple[tuple[Grid, ...], Dress]:
    """Give the sheets of a template, with the terms that a root knows now."""
    layout, names = known(read, layout)
    return dressed(layout, names, empty(layout, language), language)


def export(read: Sources, layout: Layout, language: str, *, only: Iterable[str] = ()) -> tuple[tuple[Grid, ...], Dress]:
    """Tell the studies of a root, or only those of some names, and what they share, as sheets.

    Raises TableError where a name is none of a study, or where a file says what no row can hold.
    """
    layout, names = known(read, layout, studies=True)
    stories = _stories(read, layout)
    wanted = _wanted(stories, tuple(only))
    shared = _shared(read, layout)
    if len(wanted) < len(stories):
        spoken = {fact.object for story in wanted.values() for fact in story.facts}
        spoken |= {note for story in wanted.values() for source in story.sources for _, note in source.notes}
        shared = [fact for fact in shared if fact.subject in spoken]
    own = frozenset(sheet.kind for sheet in layout.sheets if sheet.kind and not sheet.file)
    try:
        grids = tell(wanted, shared, layout, Valuer(names, language, own))
    except UntellableError as error:
        raise TableError(Wrong(None, f"What is there cannot be told as rows: {error}")) from error
    return dressed(layout, names, grids, language)


def _stories(read: Sources, layout: Layout) -> dict[NamedNode, Story]:
    """Read the file of each study."""
    stories: dict[NamedNode, Story] = {}
    for file in read.studies:
        try:
            story = read_story(file.triples)
        except UntellableError as error:
            raise TableError(Wrong(None, f"{file.path} cannot be told as rows: {error}")) from error
        found = [f.subject for f in story.facts if f.predicate == RDF_TYPE and f.object == layout.main.type]
        if len(found) != 1 or found[0] in stories:
            what = f"{file.path} tells of {len(found)} studies, or of one that another file tells of."
            raise TableError(Wrong(None, what, "Give each study a file."))
        stories[found[0]] = story
    return stories


def _wanted(stories: dict[NamedNode, Story], only: tuple[str, ...]) -> dict[NamedNode, Story]:
    if not only:
        return stories
    by_name = {name: study for study in stories for name in (slug(study.value), compact(study.value))}
    unknown = [name for name in only if name not in by_name]
    if unknown:
        raise TableError(
            Wrong(None, f"There is no study {unknown[0]!r}.", "Name it as its file is named: zhu-lf-2020.")
        )
    return {by_name[name]: stories[by_name[name]] for name in only}


def _shared(read: Sources, layout: Layout) -> list[Fact]:
    """Read what stands in the files of shared sheets."""
    wanted = {sheet.file for sheet in layout.sheets if sheet.file}
    found: list[Fact] = []
    for file in read.shared:
        if file.path in wanted:
            try:
                found += read_story(file.triples).facts
            except UntellableError as error:
                raise TableError(Wrong(None, f"{file.path} cannot be told as rows: {error}")) from error
    return found
