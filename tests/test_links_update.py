"""Tests of links.update and of `exo-onto links update`."""

import gzip
import json
import re
import shutil
from collections import defaultdict
from collections.abc import Iterable
from itertools import compress
from pathlib import Path

import pytest
from conftest import REPOSITORY
from ontologies import REFERENCE, SMALL_OBO, needs_reference, written
from typer.testing import CliRunner

from exo_onto import cli
from exo_onto.links import update as updating
from exo_onto.links.formats import read as read_document
from exo_onto.links.merge import Merger, Voice, gathered, reach
from exo_onto.links.modules import FROM, parse_module
from exo_onto.links.names import curie, prefix_of
from exo_onto.links.usage import chosen_relations
from exo_onto.sources import read_sources

runner = CliRunner()
FILES = (
    "go_2024_labels_isa_reconstructed.obo.gz",
    "go_import_efo_2026-07-15.owl.gz",
    "chebi_import_go_2024-08-14.obo.gz",
    "cl-edit.owl.gz",
    "obi.obo.gz",
    "ro.owl.gz",
    "so.obo.gz",
    "eco.obo.gz",
    "ncbitaxon_import_go.obo.gz",
    "hgnc_2021-09-16.obograph.json.gz",
    "mirbase.mature_22.1.obo.gz",
    "doid_2016-09-01.obo.gz",
    "wikipathways_20251010.obo.gz",
    "uberon_musculoskeletal_2021-02-17.obo.gz",
)
"""The files that the committed modules were made from; what is in none of them was kept."""
OF_NO_FILE = {"efo", "vocabularies"}
"""The modules that no ontology's file at hand has a say in."""


@pytest.fixture
def small(tmp_path: Path) -> Path:
    """Give a root that uses two terms of GO, one of which no file has."""
    home = tmp_path / "home"
    for folder in ("ontology/imports", "shapes", "instances"):
        (home / folder).mkdir(parents=True)
    shutil.copy(REPOSITORY / "ontology" / "links.ttl", home / "ontology")
    top = "# A test.\n@prefix GO: <http://purl.obolibrary.org/obo/GO_> .\n@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .\n"
    (home / "instances" / "a.ttl").write_text(f"{top}GO:0042981 rdfs:label 'a'@de .\nGO:0006917 rdfs:label 'b'@de .\n")
    (home / "shapes" / "a.ttl").write_text(top)
    return home


def call(home: Path, *arguments: object) -> tuple[int, str]:
    done = runner.invoke(cli.app, ["links", "update", *map(str, arguments), "--root", str(home)])
    return done.exit_code, done.output


def go(home: Path) -> Path:
    return home / "ontology" / "imports" / "go.ttl"


def test_a_module_holds_what_is_used_and_what_is_above_it(small: Path, tmp_path: Path) -> None:
    code, told = call(small, written(tmp_path, "go.obo.gz", SMALL_OBO))
    assert (code, "written: ontology/imports/go.ttl, 6 terms" in told) == (0, True)
    text = go(small).read_text("utf-8")
    assert "exonto:regulatesSome GO:0006915" in text
    assert 'owl:versionInfo "2026-01-31"' in text
    assert "dcterms:license <https://creativecommons.org/licenses/by/4.0/>" in text
    assert "IAO:0100001 GO:0006915" in text
    assert 'dcterms:identifier "sha256:' in text


def test_the_same_files_give_the_same_bytes(small: Path, tmp_path: Path) -> None:
    path = written(tmp_path, "go.obo.gz", SMALL_OBO)
    call(small, path)
    first = go(small).read_bytes()
    assert "unchanged: ontology/imports/go.ttl" in call(small, path)[1]
    assert go(small).read_bytes() == first


def test_a_term_that_a_new_file_lacks_stays_with_its_old_version_and_is_told(small: Path, tmp_path: Path) -> None:
    call(small, written(tmp_path, "go.obo", SMALL_OBO))
    start, end = SMALL_OBO.index("[Term]\nid: GO:0042981"), SMALL_OBO.index("[Term]\nid: GO:0006917")
    newer = (SMALL_OBO[:start] + SMALL_OBO[end:]).replace("2026-01-31", "2026-09-30")
    code, told = call(small, written(tmp_path, "go.obo", newer))
    assert code == 0
    assert "kept: GO:0042981 as of 2026-01-31" in told
    text = go(small).read_text("utf-8")
    assert '"regulation of apoptotic process"@en' in text
    assert "from/go-2026-01-31>" in text
    assert "from/go-2026-09-30>" in text
    assert call(small, tmp_path / "go.obo", "--strict")[0] == 1


def test_a_term_that_nothing_has_is_told(small: Path, tmp_path: Path) -> None:
    start = SMALL_OBO.index("[Term]\nid: GO:0006917")
    text = SMALL_OBO[:start] + SMALL_OBO[SMALL_OBO.index("[Typedef]") :]
    assert "not found: GO:0006917" in call(small, written(tmp_path, "go.obo", text))[1]


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("go.obo", SMALL_OBO[:-20], "is cut short"),
        ("go.obo", "", "is empty"),
        ("go.json", "{}", "No term was found"),
        ("go.obo", SMALL_OBO.replace("data-version: releases/2026-01-31\n", ""), "--version go.obo=2026-01-31"),
        ("go.obo", SMALL_OBO.replace("property_value", "!"), "--licence go.obo=https://"),
    ],
)
def test_a_file_that_cannot_be_used_leaves_the_old_module_untouched(
    small: Path, tmp_path: Path, name: str, content: str, says: str
) -> None:
    call(small, written(tmp_path, "go.obo", SMALL_OBO))
    before = go(small).read_bytes()
    good = written(tmp_path, "good.obo", SMALL_OBO.replace("apoptotic", "apoptosis"))
    code, told = call(small, good, written(tmp_path, name, content))
    assert (code, says in " ".join(told.split())) == (2, True)
    assert go(small).read_bytes() == before
    assert {path.name for path in go(small).parent.iterdir()} == {"go.ttl", "ro.ttl"}


def test_what_a_file_does_not_say_can_be_told_and_need_not_be_told_again(small: Path, tmp_path: Path) -> None:
    text = SMALL_OBO.replace("data-version: releases/2026-01-31\n", "").replace("property_value", "!")
    path = written(tmp_path, "go.obo", text)
    code, _ = call(
        small, path, "--version", "go.obo=2026-02", "--licence", "go.obo=CC0", "--title", "go.obo=GO, a slice"
    )
    assert code == 0
    first = go(small).read_bytes()
    assert b'dcterms:title "GO, a slice"@en' in first
    assert call(small, path)[0] == 0
    assert go(small).read_bytes() == first


def test_a_file_that_says_no_licence_is_refused_before_the_next_is_read(small: Path, tmp_path: Path) -> None:
    first = written(tmp_path, "go.obo", SMALL_OBO.replace("property_value", "!"))
    _, told = call(small, first, written(tmp_path, "next.obo", SMALL_OBO))
    assert "says no licence" in told
    assert "read next.obo" not in told


def test_an_option_for_another_file_is_refused(small: Path, tmp_path: Path) -> None:
    code, told = call(small, written(tmp_path, "go.obo", SMALL_OBO), "--version", "so.obo=2026")
    assert (code, "does not say of which file" in told) == (2, True)


def test_a_file_of_which_nothing_is_used_writes_nothing(small: Path, tmp_path: Path) -> None:
    other = SMALL_OBO.replace("xref: RO:0002211\n", "").replace("GO:", "SO:").replace("ontology: go", "ontology: so")
    assert "no module was written" in call(small, written(tmp_path, "so.obo", other))[1]


def test_a_file_that_is_older_than_the_module_writes_nothing_and_is_told_so(small: Path, tmp_path: Path) -> None:
    call(small, written(tmp_path, "go.obo", SMALL_OBO))
    before = go(small).read_bytes()
    code, told = call(small, written(tmp_path, "old.obo", SMALL_OBO.replace("2026-01-31", "2020-01-01")))
    assert (code, "is not newer: no module was written" in told) == (0, True)
    assert go(small).read_bytes() == before


def test_the_help_shows_examples() -> None:
    told = runner.invoke(cli.app, ["links", "update", "--help"]).output
    assert "exo-onto links update go.obo.gz" in told


def modules_of(home: Path) -> dict[str, str]:
    return {path.name: path.read_text("utf-8") for path in sorted((home / updating.FOLDER).iterdir())}


def updated(home: Path, *names: str) -> updating.Update:
    queries = [path.read_text("utf-8") for path in sorted((home / "queries").glob("*.rq"))]
    return updating.update(read_sources(home), queries, [REFERENCE / name for name in names], progress=lambda _: None)


@needs_reference
def test_the_real_files_give_the_committed_modules_byte_for_byte(copied: Path) -> None:
    before = modules_of(copied)
    done = updated(copied, *FILES)
    assert modules_of(copied) == before
    assert {path.stem for path in map(Path, before)} - {each.path.stem for each in done.modules} == OF_NO_FILE
    assert not done.missing


@needs_reference
@pytest.mark.parametrize("name", ["uberon_musculoskeletal_2021-02-17.obo.gz", "cl-edit.owl.gz", "obi.obo.gz"])
def test_one_of_the_real_files_alone_leaves_the_modules_as_they_are(copied: Path, name: str) -> None:
    before = modules_of(copied)
    updated(copied, name)
    assert modules_of(copied) == before


@needs_reference
def test_what_is_of_the_files_alone_is_made_of_them_again(copied: Path) -> None:
    """Modules without the terms that the files alone account for become what they were, byte for byte."""
    before = modules_of(copied)
    left = {name: without(text, FILES) for name, text in before.items()}
    for name, text in left.items():
        (copied / updating.FOLDER / name).write_text(text, "utf-8")
    assert sum(map(len, left.values())) < sum(map(len, before.values())) / 2
    updated(copied, *FILES)
    assert modules_of(copied) == before


def without(module: str, files: Iterable[str]) -> str:
    """Leave out the terms of which each part is from one of the files."""
    blocks = module.rstrip("\n").split("\n\n")
    known = {block.split()[0] for block in blocks if any(f'dcterms:alternative "{name}"' in block for name in files)}
    about = [re.search(r"annotatedSource (\S+)", block) or re.match(r"(\S+)\n    a owl:", block) for block in blocks]
    sources: defaultdict[str, set[str]] = defaultdict(set)
    for block, term in zip(blocks, about, strict=True):
        if term:
            sources[term[1]] |= set(re.findall(rf"<{FROM}[^>]+>", block))
    kept = (not term or term[1].startswith("<") or not sources[term[1]] <= known for term in about)
    return "\n\n".join(compress(blocks, kept)) + "\n"


@needs_reference
def test_what_is_kept_of_an_anatomy_file_is_what_that_file_says() -> None:
    """A term that stays as of the release keeps no more of the older file than that file has."""
    read = read_sources(REPOSITORY)
    (module,) = [each for each in read.files if each.path == f"{updating.FOLDER}/uberon.ttl"]
    document = read_document(REFERENCE / "uberon_musculoskeletal_2021-02-17.obo.gz", progress=lambda _: None)
    (voice,) = [
        each
        for each in parse_module("uberon", module.triples, chosen_relations(read)).voices
        if each.origin.sha256 == document.sha256
    ]
    merger = Merger([Voice(voice.origin, document.terms)], chosen_relations(read))
    accounts = gathered(document.terms, merger)
    for term in voice.terms.values():
        assert set(term.parents) <= reach(term.iri, lambda iri: accounts[iri].parents), term.iri
        assert set(term.relations) <= set(accounts[term.iri].relations), term.iri
    assert sum(len(each.parents) + len(each.relations) for each in voice.terms.values()) >= 70


@needs_reference
@pytest.mark.parametrize(
    ("name", "table"),
    [("cl", "cl_2026-03-26.labels-ancestors.json.gz"), ("uberon", "uberon_2026-04-01.labels-ancestors.json.gz")],
)
def test_the_modules_say_nothing_that_a_current_release_does_not(name: str, table: str) -> None:
    known = json.loads(gzip.decompress((REFERENCE / table).read_bytes()))
    read = read_sources(REPOSITORY)
    relations = chosen_relations(read)
    (file,) = [each for each in read.files if each.path == f"{updating.FOLDER}/{name}.ttl"]
    for voice in parse_module(name, file.triples, relations).voices:
        for each in voice.terms.values():
            if each.obsolete or curie(each.iri) not in known:
                continue
            entry = known[curie(each.iri)]
            assert each.label == entry["label"]
            inside = {curie(above) for above in each.parents if prefix_of(above) == name.upper()}
            assert inside <= set(entry["ancestors"]), each.iri
