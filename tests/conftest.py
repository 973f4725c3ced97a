"""What several tests share: the repository's root, and roots made of parts of it."""

import shutil
import signal
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import settings
from reading import Browser, hostile

from exo_onto import pipeline, snapshot, vocabulary
from exo_onto.snapshot import Snapshot

REPOSITORY = Path(__file__).parent.parent

settings.register_profile("patient", deadline=None)  # a busy machine is no failure
settings.load_profile("patient")


def text(term: object) -> str:
    """Give an IRI, a lexical form or the label of a blank node as a plain string."""
    return str(getattr(term, "value", term))


def quiet(_: str) -> None:
    """Stand for a progress that nobody watches."""


@pytest.fixture(autouse=True)
def signals_as_they_were() -> Iterator[None]:
    """See that no test leaves the process with other signals: SIGPIPE by default once ended a whole run, silently."""
    seen = (signal.SIGPIPE, signal.SIGINT, signal.SIGTERM)
    before = [signal.getsignal(each) for each in seen]
    yield
    assert [signal.getsignal(each) for each in seen] == before


@pytest.fixture(autouse=True)
def names_as_they_were() -> Iterator[None]:
    """See that what a test calls things, no other does."""
    yield
    vocabulary.adopt()


@pytest.fixture(scope="session")
def root() -> Path:
    """Give the root of the repository, for reading only."""
    return REPOSITORY


@pytest.fixture(scope="session")
def published(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a copy of the whole corpus that has been built once, for reading only."""
    home = tmp_path_factory.mktemp("published")
    for folder in ("ontology", "shapes", "instances", "queries"):
        shutil.copytree(REPOSITORY / folder, home / folder)
    built = pipeline.build(home, progress=quiet)
    assert built.name is not None, built.judgement.diagnostics
    return home


@pytest.fixture
def copied(tmp_path: Path) -> Path:
    """Give a copy of the whole corpus that has not been built, for writing."""
    home = tmp_path / "copied"
    for folder in ("ontology", "shapes", "instances", "queries"):
        shutil.copytree(REPOSITORY / folder, home / folder)
    return home


@pytest.fixture(scope="session")
def corpus(published: Path) -> Snapshot:
    """Give the snapshot of the whole corpus."""
    return snapshot.open_snapshot(published / "build")


@pytest.fixture
def one_study(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """Give a function that makes a root of one study, with all that it needs and the shapes."""

    def make(slug: str) -> Path:
        home = tmp_path_factory.mktemp(slug)
        for folder in ("ontology", "shapes"):
            shutil.copytree(REPOSITORY / folder, home / folder)
        instances = home / "instances"
        shutil.copytree(REPOSITORY / "instances" / "entities", instances / "entities")
        for name in ("background.ttl", "references.ttl", "review.ttl"):
            shutil.copy(REPOSITORY / "instances" / name, instances / name)
        (instances / "studies").mkdir()
        shutil.copy(REPOSITORY / "instances" / "studies" / f"{slug}.ttl", instances / "studies")
        return home

    return make


@pytest.fixture(scope="session")
def corpus_pages(corpus: Snapshot) -> Iterator[Browser]:
    """Give a browser that reads the pages of the whole corpus."""
    browser = Browser(corpus.store)
    yield browser
    browser.close()


@pytest.fixture(scope="session")
def hostile_pages() -> Iterator[Browser]:
    """Give a browser that reads the pages of a study whose names are written to break them."""
    browser = Browser(hostile())
    yield browser
    browser.close()
