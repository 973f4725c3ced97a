"""Tests of benchmarks.watching: what is edited, when it counts as followed, and figures by kind of edit."""

import re

import httpx
import pytest
from conftest import REPOSITORY

from benchmarks import watching
from benchmarks.report import Machine
from benchmarks.watching import EDITS, Edit, Followed

MACHINE = Machine("Some CPU", 2, 24, "Linux 6", "3.11.0", {}, "2026-01-01", "python -m benchmarks.watching")
LABEL, BROKEN = EDITS[0], EDITS[4]


def client(**told: object) -> httpx.Client:
    return httpx.Client(base_url="http://h", transport=httpx.MockTransport(lambda _: httpx.Response(200, json=told)))


@pytest.mark.parametrize("edit", EDITS, ids=lambda edit: edit.name)
def test_every_edit_changes_its_file_each_time(edit: Edit) -> None:
    before = (REPOSITORY / edit.path).read_text("utf-8")
    assert len({before, *(watching.edited(before, edit, number) for number in range(3))}) == 4


def test_of_a_label_the_first_alone_is_changed() -> None:
    assert watching.edited('rdfs:label "a"@en . rdfs:label "b"@en', LABEL, 7) == (
        'rdfs:label "edited 7"@en . rdfs:label "b"@en'
    )


def test_an_edit_is_followed_when_the_data_say_so_or_what_is_wrong_is_told() -> None:
    for edit, told, holds in (
        (LABEL, {"boolean": True}, True),
        (LABEL, {"boolean": False}, False),
        (BROKEN, {"state": "wrong"}, True),
        (BROKEN, {"state": "building"}, False),
        (Edit("a message", "shapes/a.ttl", re.compile("a")), {"serving": "b"}, True),
        (Edit("a message", "shapes/a.ttl", re.compile("a")), {"serving": "a"}, False),
    ):
        with client(**told) as asked:
            assert watching._follows(edit, 1, {"serving": "a"})(asked) is holds, (edit, told)  # noqa: SLF001


def test_the_page_tells_each_kind_of_edit_and_how_many_were_late() -> None:
    told = watching.markdown(MACHINE, [Followed("a label", 0.41, 1.2), Followed("a label", 1.23, 1.4)], 0.7)
    for words in ("not followed within 1 s: 1", "0.7 processes", "| a label", "0.82", "1.23", "1.3"):
        assert words in told
