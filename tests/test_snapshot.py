"""Tests of snapshot: immutable, named by content, made current in one step, and safe from being killed."""

import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pyoxigraph import BlankNode, Literal, NamedNode, Quad, Store

from exo_onto import snapshot
from exo_onto.snapshot import Manifest, SnapshotError, Written

ONE, TWO = NamedNode("http://example.org/g1"), NamedNode("http://example.org/g2")
P = NamedNode("http://example.org/p")
MANIFEST = Manifest(
    name="a1",
    sources_digest="s",
    package_digest="p",
    ontology_version="2026-11-23",
    built="2026-11-23T00:00:00+00:00",
    engines={},
    triples={ONE.value: 1},
)


def quad(number: int) -> Quad:
    return Quad(NamedNode(f"http://example.org/{number}"), P, Literal(number), ONE)


def held(numbers: Iterable[int]) -> Store:
    store = Store()
    store.extend(map(quad, numbers))
    return store


def test_what_was_published_is_opened(tmp_path: Path) -> None:
    snapshot.publish(tmp_path, MANIFEST, [quad(1)])
    opened = snapshot.open_snapshot(tmp_path)
    assert replace(opened.manifest, seconds={}) == MANIFEST
    assert set(opened.store.quads_for_pattern(None, None, None, ONE)) == {quad(1)}


def test_a_published_store_refuses_writes(tmp_path: Path) -> None:
    snapshot.publish(tmp_path, MANIFEST, [quad(1)])
    with pytest.raises(RuntimeError, match="read-write"):
        snapshot.open_snapshot(tmp_path).store.update("INSERT DATA { <http://a> <http://b> <http://c> }")


def test_the_newest_is_current_and_older_ones_stay_until_pruned(tmp_path: Path) -> None:
    snapshot.publish(tmp_path, MANIFEST, [quad(1)])
    snapshot.publish(tmp_path, replace(MANIFEST, name="b2"), [quad(2)])
    assert snapshot.open_snapshot(tmp_path).manifest.name == "b2"
    assert snapshot.open_snapshot(tmp_path, "a1").manifest.name == "a1"
    assert snapshot.prune(tmp_path) == ("a1",)
    assert snapshot.open_snapshot(tmp_path).manifest.name == "b2"
    with pytest.raises(SnapshotError, match="exo-onto build"):
        snapshot.open_snapshot(tmp_path, "a1")


def test_what_is_filled_and_added_is_published_and_blank_nodes_keep_their_names(tmp_path: Path) -> None:
    nameless = [Quad(BlankNode("b1"), P, BlankNode("b2"), ONE), Quad(BlankNode("b2"), P, Literal("_:b1 \n"), TWO)]
    memory = held(range(3))
    memory.extend(nameless)
    with snapshot.drafted(tmp_path, MANIFEST.name) as draft:
        snapshot.fill(draft, memory)
        assert snapshot.add(draft, map(quad, range(3, 7))) == 4
        assert snapshot.add(draft, iter(())) == 0
        snapshot.publish_draft(tmp_path, draft, MANIFEST, ())
    opened = snapshot.open_snapshot(tmp_path).store
    found = {each for graph in (ONE, TWO) for each in opened.quads_for_pattern(None, None, None, graph)}
    assert found == {*map(quad, range(7)), *nameless}


@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.frozensets(st.integers(0, 30)), min_size=2, max_size=20))
def test_a_store_that_is_written_on_holds_what_one_made_anew_does(
    tmp_path: Path, contents: list[frozenset[int]]
) -> None:
    written: Written | None = None
    for number, content in enumerate(contents):
        manifest = replace(MANIFEST, name=f"n{number}")
        with snapshot.drafted(tmp_path, manifest.name) as draft:
            written = snapshot.publish_next(tmp_path, draft, manifest, held(content), written)
        snapshot.prune(tmp_path)
        opened = snapshot.open_snapshot(tmp_path)
        assert written is not None
        assert snapshot._lines(opened.store) == written.quads  # noqa: SLF001
        assert set(opened.store.quads_for_pattern(None, None, None, ONE)) == set(map(quad, content))
        assert opened.manifest.name == manifest.name
    shutil.rmtree(tmp_path / "snapshots")


def published(build: Path, name: str, numbers: Iterable[int], before: Written | None) -> Written:
    """Publish after another, and see that it holds what it should."""
    with snapshot.drafted(build, name) as draft:
        written = snapshot.publish_next(build, draft, replace(MANIFEST, name=name), held(numbers), before)
    store = snapshot.open_snapshot(build).store
    assert set(store.quads_for_pattern(None, None, None, ONE)) == set(map(quad, numbers))
    return written


def test_one_store_is_written_on_where_little_changes_and_begun_anew_where_much_does(tmp_path: Path) -> None:
    first = published(tmp_path, "a", [1], None)
    second = published(tmp_path, "b", [2], first)
    assert second.folder == first.folder
    many = published(tmp_path, "c", range(snapshot.MOST_DIFFERENT), second)
    assert many.folder.exists()
    assert not second.folder.exists()
    assert set(snapshot.open_snapshot(tmp_path, "a").store.quads_for_pattern(None, None, None, ONE)) == {quad(1)}


def test_a_store_whose_files_were_deleted_is_made_anew(tmp_path: Path) -> None:
    before = published(tmp_path, "a", [1], None)
    shutil.rmtree(tmp_path / "snapshots")
    written = published(tmp_path, "b", [1, 2], before)
    assert written.folder != before.folder
    published(tmp_path, "a", [1], written)


def test_a_snapshot_that_somebody_else_has_published_stays(tmp_path: Path) -> None:
    before = published(tmp_path, "a", [1], None)
    snapshot.publish(tmp_path, replace(MANIFEST, name="b"), [quad(2)])
    mine = published(tmp_path, "b", [2], before)
    published(tmp_path, "c", [1, 2], mine)


def test_where_nothing_was_built_the_error_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(SnapshotError, match="Run `exo-onto build` first"):
        snapshot.open_snapshot(tmp_path)
    assert snapshot.prune(tmp_path) == ()


@pytest.mark.parametrize("damage", ["manifest.json", "store"])
def test_a_damaged_snapshot_is_told_as_such_and_made_anew(tmp_path: Path, damage: str) -> None:
    path = snapshot.publish(tmp_path, MANIFEST, [quad(1)])
    lost = path / damage
    shutil.rmtree(lost) if lost.is_dir() else lost.unlink()
    with pytest.raises(SnapshotError, match="damaged"):
        snapshot.open_snapshot(tmp_path)
    assert not snapshot.exists(tmp_path, MANIFEST.name)
    snapshot.publish(tmp_path, MANIFEST, [quad(1)])
    assert replace(snapshot.open_snapshot(tmp_path).manifest, seconds={}) == MANIFEST


def test_where_nothing_can_be_written_it_is_told_before_the_work(tmp_path: Path) -> None:
    (tmp_path / "build").write_text("a file", encoding="utf-8")
    with pytest.raises(SnapshotError, match="cannot be written to"):
        snapshot.prepare(tmp_path / "build")


def test_a_folder_in_the_place_of_the_link_is_told(tmp_path: Path) -> None:
    (tmp_path / "current").mkdir()
    with pytest.raises(SnapshotError, match="is no link"):
        snapshot.publish(tmp_path, MANIFEST, [quad(1)])
    assert list(tmp_path.glob(".current.*")) == []


def test_publishing_the_same_name_again_keeps_the_first(tmp_path: Path) -> None:
    first = snapshot.publish(tmp_path, MANIFEST, [quad(1)])
    assert snapshot.publish(tmp_path, MANIFEST, [quad(1)]) == first
    assert [path.name for path in (tmp_path / "snapshots").iterdir()] == ["a1"]


def test_the_name_depends_on_sources_and_package_alone() -> None:
    assert snapshot.name_of("s", "p") == snapshot.name_of("s", "p")
    assert len({snapshot.name_of("s", "p", justified=each) for each in (None, True, False)}) == 3
    assert len({snapshot.name_of(*pair) for pair in (("s", "p"), ("s", "q"), ("t", "p"))}) == 3


PUBLISH_FOR_EVER = """
import itertools, sys
from pathlib import Path
sys.path.insert(0, {tests!r})
from test_snapshot import MANIFEST, quad
from dataclasses import replace
from exo_onto import snapshot
for number in itertools.count():
    quads = [quad(n) for n in range(2000)]
    snapshot.publish(Path({build!r}), replace(MANIFEST, name=f"n{{number}}"), quads)
    print(number, flush=True)
"""


@pytest.mark.parametrize("delay", [0.0, 0.003, 0.011, 0.029, 0.07])
def test_a_build_killed_at_any_moment_leaves_a_whole_snapshot_current(tmp_path: Path, delay: float) -> None:
    code = PUBLISH_FOR_EVER.format(tests=str(Path(__file__).parent), build=str(tmp_path))
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        process.stdout.readline()
        time.sleep(delay)
        process.send_signal(signal.SIGKILL)
        process.wait()
    opened = snapshot.open_snapshot(tmp_path)
    assert len(list(opened.store.quads_for_pattern(None, None, None, ONE))) == 2000
    snapshot.publish(tmp_path, replace(MANIFEST, name="after"), [quad(1)])
    assert [path for path in (tmp_path / "snapshots").iterdir() if path.name.startswith(".")] == []
