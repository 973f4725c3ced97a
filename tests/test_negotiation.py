"""Tests of negotiation: the client's wish counts, then our order, and what fits nothing is told with what is offered."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyoxigraph import RdfFormat

from exo_onto.negotiation import (
    BOOLEANS,
    GRAPHS,
    MAX_HEADER,
    NAMED,
    SOLUTIONS,
    SUFFIXES,
    Choice,
    chosen,
    file_format,
    negotiate,
    tag,
)
from exo_onto.problems import RefusalError, Reply


def test_a_client_without_a_wish_gets_our_first() -> None:
    assert negotiate("*/*") == Choice(*(next(iter(offers)) for offers in (SOLUTIONS, BOOLEANS, GRAPHS)))


@given(st.dictionaries(st.sampled_from(list(GRAPHS)), st.integers(1, 1000), min_size=1))
def test_the_highest_quality_wins_and_the_first_of_ours_among_equals(wishes: dict[str, int]) -> None:
    accept = ", ".join(f"{name};q={thousandths / 1000:.3f}" for name, thousandths in wishes.items())
    most = max(wishes.values())
    assert negotiate(accept).graph == next(name for name in GRAPHS if wishes.get(name) == most)


def test_what_fits_no_kind_of_answer_is_left_open_until_the_kind_is_known() -> None:
    assert negotiate("text/csv") == Choice("text/csv", None, None)


@pytest.mark.parametrize(("whole", "first"), [(False, "text/turtle"), (True, "application/n-quads")])
def test_a_whole_dataset_comes_only_in_what_names_graphs(first: str, *, whole: bool) -> None:
    assert file_format("*/*", None, whole=whole) == first
    fits = {name for name in GRAPHS if file_format(name, None, whole=whole) == name}
    assert fits == {name for name, format in GRAPHS.items() if format.supports_datasets or not whole}
    assert RdfFormat.TURTLE.supports_datasets is False


@pytest.mark.parametrize(
    ("accept", "format", "status"), [("*/*", "csv", 406), ("text/html", None, 406), ("a" * (MAX_HEADER + 1), None, 400)]
)
def test_a_download_in_no_format_is_refused(accept: str, format: str | None, status: int) -> None:
    refused = file_format(accept, format, whole=False)
    assert isinstance(refused, Reply)
    assert refused.status == status


def test_what_is_offered_is_told_where_nothing_fits() -> None:
    with pytest.raises(RefusalError) as raised:
        chosen(None, ["text/csv", "text/turtle"])
    assert json.loads(raised.value.reply.read())["offered"] == ["text/csv", "text/turtle"]
    assert chosen("text/csv", []) == "text/csv"


def test_every_format_has_a_suffix_and_every_short_name_a_format() -> None:
    assert SUFFIXES.keys() == SOLUTIONS.keys() | GRAPHS.keys()
    assert {name for names in NAMED.values() for name in names} <= SUFFIXES.keys()


def test_a_tag_tells_snapshots_and_formats_apart() -> None:
    assert len({tag(digest, name) for digest in ("a", "b") for name in GRAPHS}) == 2 * len(GRAPHS)
    assert tag("a", "text/csv") == 'W/"a;text/csv"'
