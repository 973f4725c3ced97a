"""Tests of benchmarks.wholes: what is measured is told, and a command that fails is no figure."""

import pytest

from benchmarks import wholes
from benchmarks.report import Machine
from benchmarks.servers import ServerError
from benchmarks.wholes import Cost, Seen

MACHINE = Machine(
    "Some CPU", 2, 24, "Linux 6", "3.11.0", {"pyoxigraph": "0.5"}, "2026-01-01", "python -m benchmarks.wholes a.obo"
)


def test_the_page_tells_command_costs_and_questions() -> None:
    seen = Seen(MACHINE, ("a.obo",), 1_234_567, (Cost("links update", 43.2, 1400),), {"targets": (3.0, 4.25)})
    told = wholes.markdown(seen)
    for words in ("`python -m benchmarks.wholes a.obo`", "1,234,567 triples", "43.2", "1,400", "| all "):
        assert words in told


def test_a_command_that_fails_is_no_figure() -> None:
    assert wholes.run("the version", ["--version"]).mebibytes > 10
    with pytest.raises(ServerError, match="nothing of the kind fails"):
        wholes.run("nothing of the kind", ["nothing"])
