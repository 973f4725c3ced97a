"""Tests of outcome: every way in which a query is not answered is one family, so that nobody misses one."""

from dataclasses import FrozenInstanceError

import pytest

from exo_onto import outcome
from exo_onto.outcome import Answer, PoolError


def test_every_error_is_of_the_family() -> None:
    errors = [each for each in vars(outcome).values() if isinstance(each, type) and issubclass(each, Exception)]
    assert len(errors) == 6
    assert all(issubclass(each, PoolError) for each in errors)


def test_an_answer_is_not_changed_on_its_way() -> None:
    answer = Answer(200, "text/csv", {}, b"", 0, 1)
    with pytest.raises(FrozenInstanceError):
        answer.status = 500  # type: ignore[misc]
