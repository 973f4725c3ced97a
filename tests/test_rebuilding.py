"""Tests of rebuilding: builds in a process of its own, and what they came to on the way back."""

import subprocess
import sys
from pathlib import Path

from differing import LOWERS, small
from hypothesis import given
from hypothesis import strategies as st

from exo_onto import snapshot, vocabulary
from exo_onto.diagnose import Diagnostic
from exo_onto.places import Place
from exo_onto.rebuilding import Rebuilt, rebuild
from exo_onto.validate import Severity

PLACES = st.none() | st.builds(Place, st.text(), st.none() | st.integers(1), st.none() | st.integers(1))
DIAGNOSTICS = st.builds(Diagnostic, st.text(), st.sampled_from(Severity), st.text(), PLACES, st.text())


@given(told=st.builds(Rebuilt, st.none() | st.text(), st.lists(DIAGNOSTICS).map(tuple), st.floats(0, 9), st.text()))
def test_what_a_build_came_to_survives_a_line_of_json(told: Rebuilt) -> None:
    line = told.encoded()
    assert "\n" not in line
    assert Rebuilt.decoded(line) == told
    assert Rebuilt.decoded(line.encode()) == told


def test_a_sound_root_is_built_aside_without_proofs(tmp_path: Path) -> None:
    root = small(tmp_path / "root", more=LOWERS)
    home = root / "build" / "watched"
    told = rebuild(root, home)
    assert told.failure == ""
    assert told.seconds > 0
    opened = snapshot.open_snapshot(home)
    assert opened.manifest.name == told.name
    assert opened.manifest.triples[vocabulary.GRAPH_JUSTIFICATIONS.value] == 0
    assert snapshot.current(root / "build") is None
    assert vocabulary.own().base == "https://example.org/"


def test_older_snapshots_go_and_the_one_that_is_served_stays(tmp_path: Path) -> None:
    root = small(tmp_path / "root")
    home = root / "build" / "watched"
    names = []
    for number in range(3):
        small(root, more=f"# {number}\n")
        names.append(rebuild(root, home).name)
    left = {path.name for path in (home / "snapshots").iterdir() if not path.name.startswith(".")}
    assert left == set(names[1:])


def test_a_wrong_root_is_told_and_a_place_that_cannot_be_written_to(tmp_path: Path) -> None:
    root = small(tmp_path / "root", more="nonsense")
    (told,) = rebuild(root, root / "build").diagnostics
    assert told.code == "syntax"
    (tmp_path / "file").write_text("", "utf-8")
    assert (
        "cannot be written" in rebuild(small(root), tmp_path / "file").failure
        or rebuild(root, tmp_path / "file").failure
    )


def test_the_process_builds_once_a_line_and_ends_with_its_input(tmp_path: Path) -> None:
    root = small(tmp_path / "root", more=LOWERS)
    done = subprocess.run(
        [sys.executable, "-m", "exo_onto.rebuilding", str(root), str(root / "build")],
        input="build\nbuild\n",
        capture_output=True,
        text=True,
        check=True,
    )
    first, second = (Rebuilt.decoded(line) for line in done.stdout.splitlines())
    assert first.name == second.name is not None
    assert done.stderr == ""
