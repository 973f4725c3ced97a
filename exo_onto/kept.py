"""kept: what a build works out in, the same without work out where the next build asks for the same again. Pure.

Everything is kept by what it was worked out from, and never by a name or a time: files by the digest of their bytes,
rules by their axioms, classes that can have no member by their rules, checks by their shapes. So a build with what was
kept of others comes to what a build without it comes to. Little is kept of each kind, what was asked for last.
"""

from collections.abc import Callable, Hashable
from typing import TYPE_CHECKING, Final, Generic, TypeVar

from exo_onto.sources import SourceFile, Sources

if TYPE_CHECKING:
    from pyoxigraph import NamedNode

    from exo_onto.rules import Within
    from exo_onto.shapes import ShapesProgram
    from exo_onto.snapshot import Written

MOST: Final = 4
"""How many answers of a kind are kept: what is written and what follows have shapes of their own, and people undo."""
MOST_BYTES: Final = 6_000_000
"""Of files that have more together nothing is kept."""

_Made = TypeVar("_Made")


class Last(Generic[_Made]):
    """The answers to what was asked last."""

    def __init__(self) -> None:
        """Begin without any."""
        self._answers: dict[Hashable, _Made] = {}

    def __len__(self) -> int:
        """Say how many there are."""
        return len(self._answers)

    def get(self, asked: Hashable, make: Callable[[], _Made]) -> _Made:
        """Give the answer that is kept, or make it. What `make` raises is not kept."""
        answer = self._answers.pop(asked) if asked in self._answers else make()
        self._answers[asked] = answer
        while len(self._answers) > MOST:
            del self._answers[next(iter(self._answers))]
        return answer


class Kept:
    """What one process keeps from build to build."""

    def __init__(self) -> None:
        """Begin with nothing."""
        self.rules: Last[Within] = Last()
        self.incoherent: Last[tuple[NamedNode, ...]] = Last()
        self.checks: Last[ShapesProgram] = Last()
        self.written: Written | None = None
        """The store that was published last, which is written on for the next."""
        self._files: dict[SourceFile, SourceFile] = {}

    def known(self, read: Sources) -> Sources:
        """Give sources with those files that were there the last time in the place of the same: they are parsed."""
        if sum(file.size for file in read.all_files) > MOST_BYTES:
            self._files = {}
            return read
        known = read.with_files(lambda file: self._files.get(file, file))
        self._files = {file: file for file in known.all_files}
        return known
