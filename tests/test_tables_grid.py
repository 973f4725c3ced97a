"""Tests of grids: what a cell may hold comes back from it, and cannot run."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exo_onto.tables.grid import Spot, TableError, Wrong, guarded, odd, parts, plain, seen, unguarded


@given(st.text())
def test_a_guarded_text_comes_back_and_begins_no_formula(text: str) -> None:
    assert unguarded(guarded(text)) == text
    assert guarded(text)[:1] not in set("=+-@＝＋－＠")  # noqa: RUF001


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "'=1", "＝1", "=cmd|' /C calc'!A0"])  # noqa: RUF001
def test_what_a_spreadsheet_would_run_is_guarded(text: str) -> None:
    assert guarded(text) == f"'{text}"


@pytest.mark.parametrize("text", ["'quoted' words", "miR-21", "IL-1β", "", "5'-end"])
def test_what_runs_nowhere_is_left_alone(text: str) -> None:
    assert guarded(text) == text
    assert unguarded(text) == text


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("miR\u200b-21", "ZERO WIDTH SPACE"),
        ("\u202egnp", "RIGHT-TO-LEFT OVERRIDE"),
        ("\ufeffx", "ZERO WIDTH NO-BREAK SPACE"),
        ("a\ufffdb", "REPLACEMENT CHARACTER"),
        ("a\x00b", "control"),
    ],
)
def test_what_nobody_sees_is_named(text: str, name: str) -> None:
    assert name in (odd(text) or "")
    assert not plain(text)


@pytest.mark.parametrize("text", ["髓核细胞", "שלום", "مرحبا", "é", "β-actin"])
def test_letters_of_any_script_are_seen(text: str) -> None:
    assert odd(text) is None
    assert plain(text)


def test_names_lose_what_nobody_sees_and_cells_are_parted() -> None:
    assert seen(" miR\u200b-21\u200f ") == "miR-21"
    assert parts("a | b||c ") == ("a", "b", "c")


def test_a_spot_and_what_is_wrong_there_are_told_in_one_line() -> None:
    wrong = Wrong(Spot("edges", 5, "cause"), "It is unknown.", "Mend it.")
    assert str(wrong) == "sheet edges, row 5, column cause: It is unknown. Mend it."
    assert str(TableError(wrong, Wrong(None, "More."))) == str(wrong)
