"""Studies compared, against the answers to the shipped questions."""

import csv
from collections.abc import Mapping

import pytest
from conftest import REPOSITORY
from pyoxigraph import Literal, NamedNode
from reading import Browser

from exo_onto.pages.comparing import STANDINGS, Observed, by_direction, outcomes
from exo_onto.vocabulary import slug


def answer(question: str) -> list[Mapping[str, str]]:
    with (REPOSITORY / "tests" / "expected" / f"{question}.csv").open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


def numbers(told: str) -> list[int]:
    return [int(each) for each in told.split(", ")]


def test_what_is_contested_is_what_the_shipped_question_says(corpus_pages: Browser) -> None:
    found = by_direction(corpus_pages.rows("contested"))
    [expected] = answer("contested")
    [autophagy] = found
    ways = {way: [each.number for each in observed] for way, observed in autophagy.observed.items()}
    assert ways == {"up": numbers(expected["increasedBy"]), "down": numbers(expected["decreasedBy"])}
    assert autophagy.studies == 3


def test_shared_targets_are_those_of_the_shipped_question(corpus_pages: Browser) -> None:
    found = by_direction(corpus_pages.rows("shared"))
    words = {"increases": "up", "decreases": "down"}
    expected = {
        row["target"]: {(int(each.split()[0]), words[each.split()[1]]) for each in row["told_by"].split(", ")}
        for row in answer("shared-targets")
    }
    told = {
        str(slug(each.thing)).upper(): {(seen.number, way) for way, seens in each.observed.items() for seen in seens}
        for each in found
    }
    assert {name.upper(): ways for name, ways in expected.items()} == told


@pytest.mark.parametrize(
    ("standing", "question"),
    [("explained", "explained-outcomes"), ("unexplained", "unexplained-outcomes"), ("predicted", "predictions")],
)
def test_outcomes_stand_as_the_shipped_questions_say(standing: str, question: str, corpus_pages: Browser) -> None:
    words = {"increase": "up", "decrease": "down"}
    expected = {(int(row["reference"]), row["activity"], words[row["direction"]]) for row in answer(question)}
    found = outcomes(corpus_pages.rows("outcomes"))[standing]
    assert {(each.number, slug(each.activity), each.direction) for each in found} == expected


def test_what_most_studies_looked_at_comes_first() -> None:
    def row(thing: str, study: str, direction: str) -> dict[str, NamedNode | Literal]:
        node = NamedNode("http://ex/activity")
        return {
            "thing": NamedNode(f"http://ex/{thing}"),
            "study": NamedNode(f"http://ex/{study}"),
            "activity": node,
            "direction": Literal(direction),
        }

    rows = [row("a", "1", "up"), row("b", "1", "up"), row("b", "2", "down"), row("b", "2", "up")]
    found = by_direction(rows)
    assert [(each.thing, each.studies) for each in found] == [("http://ex/b", 2), ("http://ex/a", 1)]
    assert found[1].observed == {"up": (Observed("http://ex/1", 0, "http://ex/activity", "up"),)}
    assert outcomes([]) == dict.fromkeys(STANDINGS, ())
