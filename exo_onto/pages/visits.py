"""visits: a request in, who asks and how a page's own questions are asked out; and what is made once for a snapshot."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from exo_onto.dataset import Description
from exo_onto.pages.asking import Asker
from exo_onto.pages.languages import Words
from exo_onto.pages.writing import Reader
from exo_onto.service import Standing

View = Mapping[str, Any]
"""What a template is given."""
_Made = TypeVar("_Made")


class MissingError(Exception):
    """There is nothing at this address."""


@dataclass(frozen=True)
class Visit:
    """One request for a page: what it says after `?` and in its path, who reads, and what is asked."""

    parameters: Mapping[str, str]
    path: Mapping[str, str]
    asker: Asker
    reader: Reader
    standing: Standing

    @property
    def said(self) -> Description:
        """What is said of the dataset."""
        return self.standing.description

    @property
    def words(self) -> Words:
        """The sentences of the reader's language."""
        return self.reader.words


Load = Callable[[Visit], Awaitable[View]]


class Once(Generic[_Made]):
    """Makes something once for each snapshot; who comes meanwhile waits for it."""

    def __init__(self, make: Callable[[Visit], Awaitable[_Made]]) -> None:
        """Make it so."""
        self._make = make
        self._lock = asyncio.Lock()
        self._made: tuple[str, _Made] | None = None

    def made(self, visit: Visit) -> _Made | None:
        """Give what was made for the snapshot of a visit, if it was."""
        return self._made[1] if self._made is not None and self._made[0] == visit.said.digest else None

    async def get(self, visit: Visit) -> _Made:
        """Give what was made for the snapshot of a visit."""
        digest = visit.said.digest
        if self._made is None or self._made[0] != digest:
            async with self._lock:
                if self._made is None or self._made[0] != digest:
                    self._made = (digest, await self._make(visit))
        return self._made[1]
