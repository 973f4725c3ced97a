"""Tests of evidence: made-up tables in each form against the statements of the studies, and the command that does it."""

import csv
import gzip
import json
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from conftest import REPOSITORY, quiet
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import Workbook
from pyoxigraph import Literal, NamedNode, RdfFormat, Store, parse

from exo_onto import check, pipeline, render, snapshot
from exo_onto.links import evidence, rows, targets
from exo_onto.links.evidence import Known, Origin, Record, Summary, Tally
from exo_onto.links.rows import Row
from exo_onto.loading import load
from exo_onto.questions import Answer, ask
from exo_onto.sources import read_sources
from exo_onto.vocabulary import GRAPH_EVIDENCE, GRAPH_INSTANCES, PREFIXES

SPECIMENS = REPOSITORY / "tests" / "specimens" / "evidence"
COMMAND = [sys.executable, "-c", "from exo_onto.cli import main; main()"]
HUMAN, MOUSE = (f"{PREFIXES['NCBITaxon']}{number}" for number in (9606, 10090))
Key = tuple[str, str, str | None]


@pytest.fixture(scope="module")
def store() -> Store:
    """Give what the root says, without inferences."""
    made = Store()
    load(read_sources(REPOSITORY), made)
    return made


@pytest.fixture(scope="module")
def known(store: Store) -> Known:
    return evidence.known(store)


def tallied(known: Known, path: Path) -> Tally:
    with rows.opened(path) as table:
        return evidence.tally(known, targets.recognise(table.header), table.rows)


def plain(
    known: Known, *told: tuple[str, ...], header: tuple[str, ...] = ("miRNA", "gene", "species", "support", "PMID")
) -> Tally:
    layout = targets.recognise(Row(1, header))
    return evidence.tally(known, layout, [Row(line, cells) for line, cells in enumerate(told, start=2)])


def counts(tally: Tally) -> dict[Key, tuple[int, int]]:
    return {
        (slug(each.mirna), slug(each.gene), each.taxon and each.taxon.rpartition("_")[2]): (each.supports, each.denies)
        for each in tally.records
    }


def slug(iri: str) -> str:
    return iri.rpartition("/")[2]


def made_up(name: str) -> Origin:
    return Origin("made-up", name, "0" * 64)


# --- Each form of table


EXPECTED: Mapping[str, dict[Key, tuple[int, int]]] = {
    "made-up-mirtarbase.csv": {
        ("mir-142-3p", "map3k11", "9606"): (2, 0),
        ("mir-31-5p", "atf6", "9606"): (1, 1),
        ("mir-194-5p", "traf6", "9606"): (0, 1),
        ("mir-155", "hmox1", "10090"): (1, 0),
        ("mir-155-5p", "hmox1", "10090"): (1, 0),
        ("mir-21", "bcl2", "9606"): (1, 1),
    },
    "made-up-tarbase-9.tsv": {
        ("mir-142-3p", "map3k11", "9606"): (1, 0),
        ("mir-31-5p", "atf6", "9606"): (1, 0),
        ("mir-155", "hmox1", "10090"): (1, 0),
        ("mir-155-5p", "hmox1", "10090"): (1, 0),
        ("mir-21", "bcl2", "9606"): (1, 0),
    },
    "made-up-tarbase-8.tsv": {
        ("mir-142-3p", "map3k11", "9606"): (1, 0),
        ("mir-31-5p", "atf6", "9606"): (1, 1),
        ("mir-194-5p", "traf6", "9606"): (0, 1),
        ("mir-155", "hmox1", "10090"): (1, 0),
        ("mir-155-5p", "hmox1", "10090"): (1, 0),
        ("mir-21", "bcl2", "9606"): (1, 0),
    },
    "made-up-plain.tsv": {
        ("mir-142-3p", "map3k11", "9606"): (1, 0),
        ("mir-31-5p", "atf6", "9606"): (1, 1),
        ("mir-194-5p", "traf6", "9606"): (0, 1),
        ("mir-155", "hmox1", "10090"): (1, 0),
        ("mir-155-5p", "hmox1", "10090"): (1, 0),
        ("mir-21", "bcl2", None): (1, 0),
        ("mir-4450", "znf121", None): (1, 0),
    },
}


@pytest.mark.parametrize("name", sorted(EXPECTED))
def test_a_table_in_each_form_is_counted_by_pair_and_species(known: Known, name: str) -> None:
    found = tallied(known, SPECIMENS / name)
    assert counts(found) == EXPECTED[name]
    assert found.complaints == ()


def test_each_made_up_table_is_expected_and_says_that_it_is_made_up() -> None:
    tables = {path.name for path in SPECIMENS.iterdir() if path.suffix != ".md"}
    assert tables == {*EXPECTED, "made-up-bad.csv"}
    assert "made up" in (SPECIMENS / "README.md").read_text("utf-8")


def test_a_workbook_and_a_packed_table_say_what_the_table_says(known: Known, tmp_path: Path) -> None:
    source = SPECIMENS / "made-up-mirtarbase.csv"
    packed, book = tmp_path / "a.csv.gz", tmp_path / "a.xlsx"
    packed.write_bytes(gzip.compress(source.read_bytes()))
    made = Workbook()
    sheet = made.active
    assert sheet is not None
    for cells in csv.reader(source.read_text("utf-8").splitlines()):
        sheet.append([int(cell) if cell.isdigit() else cell for cell in cells])
    made.save(book)
    assert tallied(known, packed) == tallied(known, book) == tallied(known, source)


def test_all_rows_are_accounted_for(known: Known) -> None:
    found = tallied(known, SPECIMENS / "made-up-mirtarbase.csv")
    assert (found.read, found.refused, found.across) == (11, 0, 1)
    record = next(each for each in found.records if each.gene.endswith("/map3k11"))
    assert record.pmids == ("99999901", "99999902")
    assert record.kinds == ("Functional MTI",)
    assert record.names == ("hsa-miR-142-3p",)


# --- Rows that cannot be understood


BAD = {
    2: (8, "Support Type", "no kind of support: Functionnal MTI. Is functional mti meant?"),
    3: (9, "References (PMID)", "no PubMed identifier: see text"),
    4: (2, "miRNA", "hsa-mir-142-3p is the name of a hairpin; the mature miRNA is hsa-miR-142-3p"),
    5: (4, "Target Gene", "A spreadsheet has taken the gene for a date: 2021-09-07"),
    6: (5, "Target Gene (Entrez ID)", "This identifier is not that of the gene BCL2"),
    7: (3, "Species (miRNA)", "hsa-miR-142-3p is not of the species that the row names, Mus musculus"),
    8: (2, "miRNA", "It names no miRNA"),
    9: (4, "Target Gene", "It names no gene"),
    10: (None, "", "It has 3 columns, and the header 9"),
    11: (10, "", "It has more columns than the header, 9"),
    12: (5, "Target Gene (Entrez ID)", "NCBI Gene 99999999 is not the MAP3K11 that this graph knows in Homo sapiens"),
    13: (5, "Target Gene (Entrez ID)", "not a number of NCBI Gene: not a number"),
}


def test_bad_rows_are_told_with_line_and_column_and_the_others_count(known: Known) -> None:
    found = tallied(known, SPECIMENS / "made-up-bad.csv")
    assert {each.line for each in found.complaints} == set(BAD)
    for each in found.complaints:
        column, name, says = BAD[each.line]
        assert (each.column, each.name) == (column, name)
        assert says in each.what
    assert (found.read, found.refused) == (13, 12)
    assert counts(found) == {("mir-142-3p", "map3k11", "9606"): (1, 0)}


def test_no_more_than_some_bad_rows_are_told_but_all_are_counted(known: Known) -> None:
    found = plain(known, *[("miR-1", "IL6", "", "perhaps", "")] * 100)
    assert (found.refused, len(found.complaints)) == (100, evidence.MOST_COMPLAINTS)


# --- Species


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        (("hsa-miR-194-5p", "TRAF6", "", "yes", ""), {("mir-194-5p", "traf6", "9606"): (1, 0)}),
        (("miR-194-5p", "TRAF6", "Mus musculus", "yes", ""), {("mir-194-5p", "traf6", "10090"): (1, 0)}),
        (("miR-194-5p", "Traf6", "小鼠", "yes", ""), {("mir-194-5p", "traf6", "10090"): (1, 0)}),
        (("miR-194-5p", "Traf6", "NCBITaxon:10116", "yes", ""), {("mir-194-5p", "traf6", "10116"): (1, 0)}),
        (("miR-194-5p", "TRAF6", "", "yes", ""), {("mir-194-5p", "traf6", None): (1, 0)}),
        (("miR-194-5p", "TRAF6", "Danio rerio", "yes", ""), {}),
        (("dre-miR-194-5p", "TRAF6", "", "yes", ""), {}),
        (("hsa-miR-4450", "ZNF121", "Homo sapiens", "yes", ""), {("mir-4450", "znf121", "9606"): (1, 0)}),
        (("miR-4450", "ZNF121", "Mus musculus", "yes", ""), {}),
    ],
)
def test_a_row_counts_in_its_species(known: Known, row: tuple[str, ...], expected: dict[Key, tuple[int, int]]) -> None:
    found = plain(known, row)
    assert counts(found) == expected
    assert not found.refused


def test_a_mirna_of_one_species_on_a_gene_of_another_is_counted_apart(known: Known) -> None:
    header = ("miRNA", "gene", "Species (miRNA)", "Species (Target Gene)")
    found = plain(known, ("mmu-miR-194-5p", "TRAF6", "Mus musculus", "Homo sapiens"), header=header)
    assert (counts(found), found.across) == ({}, 1)


def test_an_accession_says_which_mirna_is_meant_and_must_not_contradict_its_name(known: Known) -> None:
    header = ("miRNA", "MIMAT", "gene")
    found = plain(known, ("an old name", "MIMAT0000089", "ATF6"), header=header)
    assert counts(found) == {("mir-31-5p", "atf6", "9606"): (1, 0)}
    wrong = plain(known, ("hsa-miR-194-5p", "MIMAT0000089", "ATF6"), header=header)
    assert "MIMAT0000089 is not the accession of hsa-miR-194-5p" in wrong.complaints[0].what


# --- An oracle: the plainest program that counts the same


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["hsa-miR-142-3p", "hsa-miR-31-5p", "mmu-miR-31-5p", "hsa-miR-9999"]),
            st.sampled_from(["MAP3K11", "ATF6", "GAPDH"]),
            st.sampled_from(["Homo sapiens", "Mus musculus"]),
            st.booleans(),
            st.integers(1, 5),
        ),
        max_size=40,
    )
)
@settings(max_examples=50, deadline=None)
def test_rows_are_counted_as_by_hand(known: Known, drawn: list[tuple[str, str, str, bool, int]]) -> None:
    codes = {"Homo sapiens": ("hsa", "9606"), "Mus musculus": ("mmu", "10090")}
    ours = {"hsa-miR-142-3p": "mir-142-3p", "hsa-miR-31-5p": "mir-31-5p", "mmu-miR-31-5p": "mir-31-5p"}
    expected: Counter[tuple[Key, bool]] = Counter()
    refused = 0
    for mirna, gene, species, supports, _ in drawn:
        code, taxon = codes[species]
        if mirna in ours and mirna[:3] != code:
            refused += 1
        elif mirna in ours and gene != "GAPDH":
            expected[(ours[mirna], gene.casefold(), taxon), supports] += 1
    found = plain(known, *[(m, g, s, "yes" if good else "no", str(pmid)) for m, g, s, good, pmid in drawn])
    pairs = {key for key, _ in expected}
    assert counts(found) == {key: (expected[key, True], expected[key, False]) for key in pairs}
    assert (found.read, found.refused) == (len(drawn), refused)


def test_what_is_kept_of_a_pair_is_bounded(known: Known) -> None:
    told = [("hsa-miR-31-5p", "ATF6", "", "yes", str(number)) for number in range(1, 3 * evidence.MOST_KEPT)]
    [record] = plain(known, *told).records
    assert record.supports == len(told)
    assert len(record.pmids) == evidence.MOST_KEPT


# --- What follows


def test_statements_are_supported_contradicted_or_new_and_pairs_of_the_table_alone_are_told(
    store: Store, known: Known
) -> None:
    found = tallied(known, SPECIMENS / "made-up-mirtarbase.csv")
    told = evidence.graph(store, made_up("made-up.csv"), found)
    kinds: dict[str, set[str]] = {}
    for triple in told:
        if isinstance(triple.object, NamedNode) and slug(triple.object.value) in {
            "SupportedStatement",
            "ContradictedStatement",
            "StatementNotInTable",
            "UnstatedPair",
        }:
            assert isinstance(triple.subject, NamedNode)
            kinds.setdefault(slug(triple.subject.value).removeprefix("made-up--"), set()).add(slug(triple.object.value))
    stated = {pair for pair, kind in kinds.items() if kind != {"UnstatedPair"}}
    assert {pair: kind for pair, kind in kinds.items() if kind != {"StatementNotInTable"}} == {
        "mir-142-3p--map3k11": {"SupportedStatement"},
        "mir-31-5p--atf6": {"SupportedStatement", "ContradictedStatement"},
        "mir-194-5p--traf6": {"ContradictedStatement"},
        "mir-155--hmox1": {"SupportedStatement"},
        "mir-155-5p--hmox1": {"UnstatedPair"},
        "mir-21--bcl2": {"UnstatedPair"},
    }
    assert len(stated) == 15
    assert evidence.summary(told) == Summary(supported=3, contradicted=2, not_in_table=11, unstated=2)


def test_evidence_adds_nothing_to_the_store(store: Store, known: Known) -> None:
    before = len(store)
    found = tallied(known, SPECIMENS / "made-up-plain.tsv")
    evidence.graph(store, made_up("a"), found)
    assert len(store) == before


def test_the_file_is_the_same_each_time_whatever_the_order_of_the_rows(tmp_path: Path) -> None:
    source = SPECIMENS / "made-up-mirtarbase.csv"
    head, *rest = source.read_text("utf-8").splitlines()
    turned = tmp_path / source.name
    turned.write_text("\n".join([head, *reversed(rest)]) + "\n", "utf-8")
    program = (
        "import sys; from pathlib import Path; from pyoxigraph import Store; "
        "from exo_onto.loading import load; from exo_onto.sources import read_sources; "
        "from exo_onto.links import evidence, rows, targets; "
        "store = Store(); load(read_sources(Path(sys.argv[2])), store)\n"
        "with rows.opened(Path(sys.argv[1])) as table:\n"
        "    found = evidence.tally(evidence.known(store), targets.recognise(table.header), table.rows)\n"
        "origin = evidence.Origin('a', 'a.csv', '0' * 64)\n"
        "sys.stdout.write(evidence.turtle(evidence.graph(store, origin, found), origin))"
    )
    texts = {
        subprocess.run(
            [sys.executable, "-c", program, str(path), str(REPOSITORY)],
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for path, seed in ((source, "1"), (source, "2"), (turned, "3"))
    }
    assert len(texts) == 1
    [text] = texts
    assert text.startswith("# What a.csv says of miRNA targets")
    assert text.endswith(".\n")
    assert list(parse(text.encode(), format=RdfFormat.TURTLE))


def test_text_from_the_table_cannot_break_out_of_the_file(store: Store) -> None:
    evil = 'x" . <http://evil/> a <http://evil/> .\n# "'
    record = Record(
        f"{PREFIXES['entity']}mir-31-5p", f"{PREFIXES['entity']}atf6", HUMAN, 1, 0, (evil,), (evil,), ("1",)
    )
    tally = Tally("plain", (record,), 1, 0, 0, ())
    origin = Origin("a", f"a{evil}.csv", "0" * 64)
    told = evidence.graph(store, origin, tally)
    found = {quad.triple for quad in parse(evidence.turtle(told, origin).encode(), format=RdfFormat.TURTLE)}
    assert found == set(told)
    assert Literal(evil) in {triple.object for triple in told}


# --- The command


def call(*arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*COMMAND, "links", "evidence", *arguments],
        cwd=cwd,
        env={**os.environ, "NO_COLOR": "1", "COLUMNS": "200"},
        capture_output=True,
        text=True,
        check=False,
    )


def test_every_referee_accepts_what_the_command_writes(one_study: Callable[[str], Path]) -> None:
    home = one_study("zhu-lf-2020")
    done = call(str(SPECIMENS / "made-up-mirtarbase.csv"), cwd=home)
    assert done.returncode == 0, done.stderr
    assert "1 supported, 0 contradicted, 0 not in the table. In the table alone: 4 pairs." in done.stdout
    assert check.check(home, progress=quiet).diagnostics == ()


def test_the_command_adds_a_graph_of_its_own(copied: Path) -> None:
    table = SPECIMENS / "made-up-mirtarbase.csv"
    done = call(str(table), cwd=copied)
    assert done.returncode == 0, done.stderr
    assert "3 supported, 2 contradicted, 11 not in the table. In the table alone: 2 pairs." in done.stdout
    assert "Written: instances/evidence/made-up-mirtarbase.ttl" in done.stdout
    written = copied / "instances" / "evidence" / "made-up-mirtarbase.ttl"
    assert rows.digest(table) in written.read_text("utf-8")
    built = pipeline.build(copied, progress=quiet)
    assert built.name is not None
    opened = snapshot.open_snapshot(copied / "build")
    assert opened.manifest.triples[GRAPH_EVIDENCE.value] > 100
    inside = opened.store.quads_for_pattern(None, None, None, GRAPH_INSTANCES)
    assert not any("/evidence/" in str(quad.subject) for quad in inside)
    found = ask(opened.store, (REPOSITORY / "queries" / "target-evidence.rq").read_text("utf-8"))
    assert isinstance(found, Answer)
    told = [dict(zip(found.columns, row, strict=True)) for row in render.rows_of(found, iris=False)]
    supported = [row for row in told if row["target"] == "MAP3K11"]
    assert [(row["study"], row["rowsFor"], row["articles"]) for row in supported] == [
        ("zhu-lf-2020", "2", "pubmed:99999901, pubmed:99999902")
    ]
    alone = [row for row in told if row["study"] in ("", None)]
    assert {(row["mirna"], row["target"]) for row in alone} == {("miR-155-5p", "HMOX1"), ("miR-21", "BCL2")}
    again = call(str(table), cwd=copied)
    assert again.returncode == 0
    assert pipeline.build(copied, progress=quiet).name == built.name


def test_the_command_tells_bad_rows_and_leaves_them_out_unless_it_is_strict(copied: Path) -> None:
    table = SPECIMENS / "made-up-bad.csv"
    strict = call(str(table), "--strict", cwd=copied)
    assert strict.returncode == 1
    assert "Nothing was written." in strict.stderr
    assert not (copied / "instances" / "evidence").exists()
    done = call(str(table), "--name", "mine", cwd=copied)
    assert done.returncode == 0
    assert f"{table}:2:8: column Support Type: This is no kind of support: Functionnal MTI." in done.stderr
    assert "13 rows read, 12 not understood, 0 across two species." in done.stdout
    assert "exonto:rowsRefused 12" in (copied / "instances" / "evidence" / "mine.ttl").read_text("utf-8")


@pytest.mark.parametrize(
    ("content", "options", "says"),
    [
        (None, [], "cannot be read: No such file or directory"),
        (b"a,b\n1,2\n", [], "table.csv:1: has no column for the miRNA"),
        (b"", [], "has no row"),
        (b"miRNA,gene\n", ["--name", "../x"], "Evidence has a name of small letters"),
    ],
)
def test_what_is_no_table_of_targets_exits_with_2_in_words(
    copied: Path, tmp_path: Path, content: bytes | None, options: list[str], says: str
) -> None:
    path = tmp_path / "table.csv"
    if content is not None:
        path.write_bytes(content)
    done = call(str(path), *options, cwd=copied)
    assert done.returncode == 2
    assert says in done.stderr
    assert "Traceback" not in done.stderr
    assert not (copied / "instances" / "evidence").exists()
    assert json.dumps(done.stdout) == '""'
