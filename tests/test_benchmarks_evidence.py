"""Tests of the benchmark of evidence: its tables are read as those of their forms, and each time the same."""

import json
from dataclasses import asdict
from pathlib import Path

import pytest
from conftest import REPOSITORY

from benchmarks import evidence as bench
from benchmarks.evidence import Result, Timed, mirtarbase, tarbase, write_csv, write_packed, write_workbook
from benchmarks.processes import Outcome
from benchmarks.report import Machine
from exo_onto.links import rows, targets


@pytest.fixture(scope="module")
def ours() -> bench.Names:
    return bench.names(REPOSITORY)


def test_the_names_are_those_of_our_mirnas_and_genes_in_human(ours: bench.Names) -> None:
    assert "hsa-miR-142-3p" in ours.mirnas
    assert "MAP3K11" in ours.genes
    assert all(name.startswith("hsa-") for name in ours.mirnas)


def test_a_table_is_read_in_its_form_without_a_complaint(ours: bench.Names, tmp_path: Path) -> None:
    plans = (
        ("miRTarBase", "a.csv", write_csv, mirtarbase(300, ours)),
        ("TarBase 9", "a.tsv.gz", write_packed, tarbase(300, ours)),
        ("miRTarBase", "a.xlsx", write_workbook, mirtarbase(300, ours)),
    )
    for form, name, write, made in plans:
        write(tmp_path / name, made)
        with rows.opened(tmp_path / name) as table:
            layout = targets.recognise(table.header)
            assert layout.form.name == form
            assert sum(bool(targets.read(layout, row).pmids) for row in table.rows) == 300


def test_the_same_seed_gives_the_same_rows(ours: bench.Names) -> None:
    assert list(mirtarbase(50, ours)) == list(mirtarbase(50, ours))
    assert list(mirtarbase(50, ours)) != list(mirtarbase(50, ours, seed=2))


def test_the_report_tells_each_table_and_the_machine() -> None:
    machine = Machine("a processor", 2, 23.5, "Linux 6", "3.11", {}, "2026-01-31", "python -m benchmarks.evidence")
    told = bench.markdown(
        Result(
            machine,
            (
                Timed("miRTarBase, CSV", 1_000_000, 90.5, Outcome.DONE, 12.34, 9.9, 85.0),
                Timed("miRTarBase, XLSX", 10, 0.1, Outcome.PAST_BOUND, 900.0, 1.0, 1.0),
            ),
        )
    )
    assert "| miRTarBase, CSV  | 1,000,000 | 90.5 |       12.3 |            9.9 |" in told
    assert "past bound" in told
    assert "a processor, 2 cores, 23.5 GiB" in told


def test_the_figures_in_the_documents_are_those_of_the_run() -> None:
    folder = REPOSITORY / "docs" / "benchmarks"
    kept = json.loads((folder / "evidence.json").read_text("utf-8"))
    result = Result(
        Machine(**kept["machine"]),
        tuple(Timed(**{**each, "outcome": Outcome(each["outcome"])}) for each in kept["timed"]),
    )
    assert bench.markdown(result) == (folder / "evidence.md").read_text("utf-8")
    assert max(each.rows for each in result.timed) >= 1_000_000
    assert json.loads(json.dumps(asdict(result))) == kept
