"""Tests of what a snapshot keeps of its sources: the files themselves, and the places that the sources would give."""

from pathlib import Path

import pytest
from conftest import REPOSITORY

from exo_onto import archive
from exo_onto.places import Place
from exo_onto.sources import read_sources


def test_the_files_come_back_as_they_were_and_the_archive_is_the_same_each_time(tmp_path: Path) -> None:
    read = read_sources(REPOSITORY)
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        archive.keep(read, tmp_path / name)
    assert (tmp_path / "a" / archive.NAME).read_bytes() == (tmp_path / "b" / archive.NAME).read_bytes()
    opened = archive.opened(tmp_path / "a")
    for said in read.files[-1].statements[:20]:
        if said.subject.startswith("http") and ":" in said.object:
            terms = (said.subject, said.predicate, said.object)
            assert opened.place_of(*terms) == read.place_of(*terms)


def test_sources_that_are_too_large_are_not_kept(tmp_path: Path) -> None:
    archive.keep(read_sources(REPOSITORY), tmp_path, most=1000)
    assert not any(tmp_path.iterdir())
    assert archive.opened(tmp_path).place_of("http://x/a", "http://x/b", "c") is None


@pytest.mark.parametrize("content", [b"", b"no archive", b"PK\x03\x04 broken"])
def test_a_damaged_archive_gives_no_place_and_no_error(content: bytes, tmp_path: Path) -> None:
    (tmp_path / archive.NAME).write_bytes(content)
    assert archive.opened(tmp_path).place_of("http://x/a", "http://x/b", "c") is None
    assert archive.opened(None).place_of("http://x/a", "http://x/b", "c") is None


def test_the_file_in_which_a_line_begins_with_it_goes_before_those_that_mention_it() -> None:
    mention = b"@prefix x: <http://x/> .\nx:b x:p x:a .\n"
    own = b"@prefix x: <http://x/> .\n\nx:a\n    x:p 1 ,\n        2 .\n"
    opened = archive.Archive({"mention.ttl": mention, "own.ttl": own})
    assert opened.place_of("http://x/a", "http://x/p", "2") == Place("own.ttl", 5)
    assert opened.place_of("http://x/a", "http://x/q", "3") == Place("own.ttl", 4)
    assert archive.Archive({"mention.ttl": mention}).place_of("http://x/a", "http://x/p", "2") == Place(
        "mention.ttl", 2
    )
    assert opened.place_of("http://x/none", "http://x/p", "2") is None


def test_a_name_is_not_taken_for_another_that_ends_with_it_and_may_stand_in_brackets() -> None:
    longer = b"@prefix x: <http://x/> .\nx:not-a\n    x:p 1 .\n"
    own = b"\n<http://x/a> <http://x/p> 1 .\n"
    opened = archive.Archive({"a.ttl": longer, "b.ttl": own})
    assert opened.place_of("http://x/a", "http://x/p", "1") == Place("b.ttl", 2)
