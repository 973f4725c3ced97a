"""Tests of rebuilding: builds in a process of its own, and what they came to on the way back."""

import re
import subprocess
import sys
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

from conftest import quiet
from differing import LOWERS, PREFIXES, SHAPES, SOURCE, STUDY, small
from hypothesis import example, given, settings
from hypothesis import strategies as st
from pyoxigraph import CanonicalizationAlgorithm, Dataset

from exo_onto import pipeline, snapshot, vocabulary
from exo_onto.diagnose import Diagnostic
from exo_onto.kept import Kept
from exo_onto.places import Place
from exo_onto.rebuilding import Rebuilt, rebuild, warm
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


EDITS = {
    "instances/studies/a.ttl": (
        STUDY,
        STUDY + LOWERS,
        STUDY + LOWERS + SOURCE,
        STUDY.replace("Study A", "Study Z"),
        STUDY + "activity:a-pain a ex:Up , ex:Down .\n",
        STUDY + "study:c a ex:Study .\n",
        STUDY + "[] a ex:Pain ; ex:loweredBy activity:a-drug .\n",
        STUDY + "ex:Relief owl:sameAs ex:Joy .\n",
        STUDY + "nonsense",
    ),
    "instances/studies/b.ttl": ("", 'study:b a ex:Study ; rdfs:label "B"@en ; ex:sees activity:a-pain .\n', LOWERS),
    "ontology/more.ttl": (
        "",
        "ex:lowers rdfs:subPropertyOf ex:touches .\n",
        "ex:Pain rdfs:subClassOf [ a owl:Class ; owl:unionOf ( ex:Up ex:Down ) ] .\n",
        'ex:Pain rdfs:subClassOf [ a owl:Class ; owl:unionOf ( ex:Up ex:Down ) ] ; rdfs:label "ache"@en .\n',
        "ex:Pain rdfs:subClassOf [ a owl:Class ; owl:unionOf ( ex:Down ) ] .\n",
        "ex:Never a owl:Class ; rdfs:subClassOf ex:Up , ex:Down .\n",
        'ex:Pain rdfs:label "ache"@en .\n',
    ),
    "shapes/study.ttl": (SHAPES, SHAPES.replace("minCount 1", "minCount 5"), SHAPES.replace("sh:path", "sh:paths")),
}
CHANGES = st.sampled_from([(path, text) for path, texts in EDITS.items() for text in texts])


STUDIED = "instances/studies/a.ttl"


@settings(max_examples=15)
@example([[(STUDIED, STUDY + LOWERS + SOURCE)], [(STUDIED, STUDY)]])
@given(st.lists(st.lists(CHANGES, min_size=1, max_size=2), min_size=2, max_size=6))
def test_what_is_built_after_any_edits_is_what_is_built_afresh(edits: list[list[tuple[str, str]]]) -> None:
    with TemporaryDirectory() as name:
        root, kept = small(Path(name) / "root"), Kept()
        warm(root, kept)
        for number, changes in enumerate(edits):
            for path, text in changes:
                (root / path).write_text(PREFIXES + text, "utf-8")
            told = rebuild(root, root / "build" / "watched", kept)
            afresh = pipeline.build(root, home=Path(name) / f"afresh-{number}", justified=False, progress=quiet)
            assert told.name == afresh.name
            assert worded(told.diagnostics) == worded(afresh.judgement.diagnostics)
            if told.name is not None:
                homes = (root / "build" / "watched", Path(name) / f"afresh-{number}")
                one, other = (published(home) for home in homes)
                assert one == other


def worded(told: Iterable[Diagnostic]) -> list[Diagnostic]:
    """Give diagnostics without the labels of blank nodes, which whoever reads them makes up."""
    return [replace(each, what=re.sub(r"_:\w+", "[]", each.what)) for each in told]


def published(home: Path) -> list[str]:
    """Give what is published, with labels of blank nodes that do not depend on who has read them; but for the time."""
    store = snapshot.open_snapshot(home).store
    found = Dataset(quad for quad in store if not quad.predicate.value.endswith("/issued"))
    found.canonicalize(CanonicalizationAlgorithm.UNSTABLE)
    return sorted(map(str, found))


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
