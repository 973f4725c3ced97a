"""What is made once for a snapshot."""

import asyncio
from dataclasses import replace

import pytest
from pyoxigraph import Store
from reading import Browser

from exo_onto.dataset import Description, prepare
from exo_onto.pages.visits import Once, Visit
from exo_onto.service import Standing


def test_a_thing_is_made_once_for_each_snapshot_however_many_wait(hostile_pages: Browser) -> None:
    made = list[str]()

    async def make(visit: Visit) -> str:
        made.append(visit.said.digest)
        await asyncio.sleep(0.01)
        return visit.said.digest

    async def several() -> list[str]:
        once, visit = Once(make), hostile_pages.visit()
        first = await asyncio.gather(*(once.get(visit) for _ in range(5)))
        described = Description("http://test/sparql", "Next", "2", "77aa")
        later = replace(visit, standing=Standing(prepare(Store(), described, default_graphs=[])))
        return [*first, await once.get(later)]

    assert hostile_pages.run(several()) == ["3f2a"] * 5 + ["77aa"]
    assert made == ["3f2a", "77aa"]


def test_what_fails_is_made_again(hostile_pages: Browser) -> None:
    tries = list[int]()

    async def make(_: Visit) -> int:
        tries.append(1)
        if len(tries) == 1:
            raise ValueError("not yet")
        return len(tries)

    once, visit = Once(make), hostile_pages.visit()
    with pytest.raises(ValueError, match="not yet"):
        hostile_pages.run(once.get(visit))
    assert hostile_pages.run(once.get(visit)) == 2


def test_a_visit_says_what_it_reads(hostile_pages: Browser) -> None:
    visit = hostile_pages.visit(language="zh")
    assert (visit.said.digest, visit.words.language) == ("3f2a", "zh")
