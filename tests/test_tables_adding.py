"""Tests of adding: out and in again is the identity, what is new is whole, and a kill tears no file."""

import random
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from conftest import REPOSITORY
from pyoxigraph import CanonicalizationAlgorithm as Canonical
from pyoxigraph import Dataset, Quad, RdfFormat, parse
from spreadsheets import changed, layout_of, renamed, term, told

from exo_onto.diagnose import Diagnostic
from exo_onto.places import Place
from exo_onto.sources import Sources, read_sources
from exo_onto.tables.adding import Plan, Signature, carry_out, overlaid, plan, spotted
from exo_onto.tables.delimited import write_archive
from exo_onto.tables.files import read_file
from exo_onto.tables.grid import Table, TableError
from exo_onto.tables.rows import no_rows
from exo_onto.tables.story import read_story
from exo_onto.validate import Severity

LAYOUT = layout_of(REPOSITORY)
READ = read_sources(REPOSITORY)
LI = Signature("Li Mei", "2026-11-26")
STUDIES = "instances/studies"
NEW = (
    ("zhu-lf-2020", "wang-a-2026"),
    ("Zhu LF et al. 2020", "Wang A et al. 2026"),
    ("Zhu LF 等 2020", "Wang A 等 2026"),
)


def graph(paths: list[Path]) -> Dataset:
    """Give all that files say with canonical names of blank nodes (RDFC-1.0): the referee of the identity."""
    dataset = Dataset()
    for path in sorted(paths):
        one = Dataset(Quad(q.subject, q.predicate, q.object) for q in parse(path.read_bytes(), format=RdfFormat.TURTLE))
        one.canonicalize(Canonical.RDFC_1_0)
        for quad in one:
            dataset.add(Quad(quad.subject, quad.predicate, quad.object, term(f"graph:{path.stem}")))
    return dataset


def files(home: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(home)): path.read_bytes()
        for path in sorted((home / "instances").rglob("*"), key=str)
        if path.is_file()
    }


def one_new(read: Sources) -> Table:
    """Give a new study: that of Zhu, told as if it were another's."""
    table = renamed(told(read, LAYOUT, "zhu-lf-2020"), *NEW)
    return changed(table, "references", 2, "reference number", "")


def added(home: Path, table: Table, signature: Signature | None = LI) -> Plan:
    made = plan(read_sources(home), table, LAYOUT, signature)
    carry_out(made)
    return made


@pytest.mark.parametrize("language", ["en", "zh"])
def test_out_and_in_again_touches_no_file(language: str) -> None:
    made = plan(READ, told(READ, LAYOUT, language=language), LAYOUT, LI)
    assert len(made.changes) == 31
    assert made.open == ()


def test_the_studies_told_and_added_to_a_root_without_them_are_the_same_graph(copied: Path) -> None:
    table = told(READ, LAYOUT)
    before = graph(list((copied / STUDIES).glob("*.ttl")))
    shutil.rmtree(copied / STUDIES)
    added(copied, table, None)
    assert graph(list((copied / STUDIES).glob("*.ttl"))) == before
    assert len(before) > 4_000
    assert plan(read_sources(copied), table, LAYOUT, LI).open == ()


def test_only_the_note_of_who_and_when_is_added_to_what_is_told(copied: Path) -> None:
    table = told(READ, LAYOUT)
    shutil.rmtree(copied / STUDIES)
    added(copied, table)
    for file in read_sources(copied).studies:
        new = {fact.words for fact in read_story(file.triples).facts}
        old = next(each for each in READ.studies if each.path == file.path)
        slug = Path(file.path).stem
        assert sorted(new - {fact.words for fact in read_story(old.triples).facts}) == [
            f"study:{slug} exonto:curationNote 'Added from the table table.xlsx by Li Mei on 2026-11-26.'",
            f"study:{slug} exonto:curationNote '由 Li Mei 于 2026-11-26 据表格 table.xlsx 添加。'",
        ]
    assert plan(read_sources(copied), table, LAYOUT, Signature("Other", "2027-01-01")).open == (), "noted once"


def test_a_new_study_is_one_new_file_and_its_reference_one_new_block(copied: Path) -> None:
    before = files(copied)
    made = added(copied, one_new(READ))
    after = files(copied)
    assert [(each.path, each.state) for each in made.open] == [
        ("instances/references.ttl", "changed"),
        ("instances/studies/wang-a-2026.ttl", "new"),
    ]
    old, new = before.pop("instances/references.ttl").decode(), after.pop("instances/references.ttl").decode()
    assert new.startswith(old.rstrip())
    assert new.count("reference:wang-a-2026\n") == 1
    study = after.pop("instances/studies/wang-a-2026.ttl").decode()
    assert after == before
    assert study.startswith("# Wang A et al. 2026.\n@prefix activity:")
    assert '"Added from the table table.xlsx by Li Mei on 2026-11-26."@en' in study


def test_the_same_table_makes_the_same_bytes(copied: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    shutil.copytree(copied, other)
    for home in (copied, other):
        added(home, one_new(READ))
    assert files(copied) == files(other)


def test_a_changed_study_keeps_its_order_and_heading(copied: Path) -> None:
    table = told(READ, LAYOUT, "zhu-lf-2020")
    path = copied / STUDIES / "zhu-lf-2020.ttl"
    before = path.read_text("utf-8").splitlines()
    (change, *_) = added(copied, changed(table, "activities", 3, "aspect", "expression")).open
    after = path.read_text("utf-8").splitlines()
    assert (change.gained, change.lost, change.comments_lost) == (3, 0, 0)
    assert set(before) - set(after) <= {line for line in before if "说明" in line or line.rstrip().endswith('"@zh .')}
    assert [line for line in after if line in before] == [line for line in before if line in after]
    assert '        "Changed from the table table.xlsx by Li Mei on 2026-11-26."@en ,' in after


def test_comments_survive_where_nothing_changed_and_are_told_of_where_they_do_not(copied: Path) -> None:
    path = copied / STUDIES / "zhu-lf-2020.ttl"
    text = path.read_text("utf-8").replace(
        "\ncells:zhu-lf-2020-npc\n", "\n# A comment by hand.\ncells:zhu-lf-2020-npc\n"
    )
    path.write_text(text, "utf-8")
    table = told(READ, LAYOUT, "zhu-lf-2020")
    assert plan(read_sources(copied), table, LAYOUT, LI).open == ()
    (change,) = plan(read_sources(copied), changed(table, "activities", 3, "aspect", "expression"), LAYOUT, LI).open
    assert change.comments_lost == 1


def test_a_reference_is_changed_in_its_place(copied: Path) -> None:
    table = changed(told(READ, LAYOUT, "zhu-lf-2020"), "references", 2, "pages", "1-2")
    path = copied / "instances" / "references.ttl"
    before = path.read_text("utf-8").splitlines()
    added(copied, table)
    after = path.read_text("utf-8").splitlines()
    assert [(old, new) for old, new in zip(before, after, strict=True) if old != new] == [
        ('    prism:pageRange "1727-1739" ;', '    prism:pageRange "1-2" ;')
    ]


def test_a_file_that_rows_cannot_tell_is_left_alone(copied: Path) -> None:
    path = copied / STUDIES / "zhu-lf-2020.ttl"
    path.write_text(
        f"{path.read_text('utf-8')}\nstudy:zhu-lf-2020 exonto:usesModel [ a exonto:CellModel ] .\n", "utf-8"
    )
    with pytest.raises(TableError, match=r"zhu-lf-2020.ttl says what no table can say: A blank node .* by hand"):
        plan(read_sources(copied), told(READ, LAYOUT, "zhu-lf-2020"), LAYOUT, LI)


def test_a_file_in_the_way_is_told_and_one_of_another_name_is_found(copied: Path) -> None:
    (copied / STUDIES / "wang-a-2026.ttl").write_text("# Something else.\n", "utf-8")
    with pytest.raises(TableError, match=r"wang-a-2026.ttl is there already"):
        plan(read_sources(copied), one_new(READ), LAYOUT, LI)
    (copied / STUDIES / "zhu-lf-2020.ttl").rename(copied / STUDIES / "zhu.ttl")
    assert plan(read_sources(copied), told(READ, LAYOUT, "zhu-lf-2020"), LAYOUT, LI).open == ()


def test_what_another_changed_meanwhile_is_not_overwritten(copied: Path) -> None:
    made = plan(read_sources(copied), one_new(READ), LAYOUT, LI)
    path = copied / "instances" / "references.ttl"
    path.write_text(path.read_text("utf-8") + "# Mine.\n", "utf-8")
    with pytest.raises(TableError, match=r"references.ttl was changed by somebody else"):
        carry_out(made)
    assert not (copied / STUDIES / "wang-a-2026.ttl").exists()


def test_what_would_be_is_read_without_being_written(copied: Path, tmp_path: Path) -> None:
    before = files(copied)
    read = read_sources(copied)
    made = plan(read, one_new(READ), LAYOUT, LI)
    after = overlaid(read, made, tmp_path / "aside")
    assert any(term("study:wang-a-2026") == triple.subject for triple in after.triples())
    assert len(after.files) == len(read.files) + 1
    assert files(copied) == before


def test_what_is_wrong_in_a_file_is_told_by_its_row(copied: Path) -> None:
    made = plan(read_sources(copied), one_new(READ), LAYOUT, LI)
    (_, study) = made.open
    line = study.after.decode().splitlines().index("activity:wang-a-2026-map3k11-npc") + 1
    wrong = Diagnostic("x", Severity.VIOLATION, "y", Place(study.path, line + 3))
    elsewhere = Diagnostic("x", Severity.VIOLATION, "y", Place("ontology/study.ttl", 3))
    assert [str(each.place) for each in spotted([wrong, elsewhere], made)] == [
        "table.xlsx, sheet activities, row 3",
        "ontology/study.ttl:3",
    ]


KILLED = """
import sys
from pathlib import Path
sys.path.insert(0, sys.argv[1])
from exo_onto.sources import read_sources
from exo_onto.tables import adding, exporting, files
from exo_onto.tables.layout import parse_layout
from exo_onto.tables.rows import no_rows
home, table = Path(sys.argv[2]), Path(sys.argv[3])
layout = parse_layout(files.layout_text(home))
wanted = lambda sheet: not no_rows(sheet)
print("ready", flush=True)
while True:
    plan = adding.plan(read_sources(home), files.read_file(table, wanted), layout, adding.Signature("x", "2026-01-01"))
    adding.carry_out(plan)
    for change in plan.open:
        files.write_bytes(home / change.path, change.before) if change.before else (home / change.path).unlink()
    files.write_file(home / "out.xlsx", *exporting.export(read_sources(home), layout, "en", only=["lu-k-2017"]), force=True)
    files.write_file(home / "out.zip", *exporting.export(read_sources(home), layout, "zh", only=["lu-k-2017"]), force=True)
"""


def test_a_kill_at_any_moment_tears_no_file(copied: Path, tmp_path: Path) -> None:
    """Add, take back, export, for ever; kill it; see that every file is one of those that it should be."""
    table = tmp_path / "t.zip"
    write_archive(table, one_new(READ).grids)
    for each in sorted((copied / STUDIES).glob("*.ttl"))[3:]:
        each.unlink()
    shutil.copy(REPOSITORY / STUDIES / "lu-k-2017.ttl", copied / STUDIES)
    before = files(copied)
    made = plan(read_sources(copied), _read(table), LAYOUT, Signature("x", "2026-01-01"))
    whole = {**before, **{each.path: each.after for each in made.open}}
    chance = random.Random(6)  # noqa: S311  no secret
    for _ in range(6):
        running = subprocess.Popen(
            [sys.executable, "-c", KILLED, str(REPOSITORY), str(copied), str(table)], stdout=subprocess.PIPE, text=True
        )
        assert running.stdout is not None
        assert running.stdout.readline() == "ready\n"
        time.sleep(chance.uniform(0.3, 1.5))
        running.send_signal(signal.SIGKILL)
        running.wait()
        running.stdout.close()
        for name, held in files(copied).items():
            if not Path(name).name.startswith("."):
                assert held in {before.get(name), whole[name]}, name
        for name in ("out.xlsx", "out.zip"):
            if (copied / name).exists():
                assert _read(copied / name).grids
    added(copied, _read(table), Signature("x", "2026-01-01"))
    assert files(copied) == whole, "the next one sweeps, and finishes the work"


def _read(path: Path) -> Table:
    return read_file(path, lambda sheet: not no_rows(sheet))
