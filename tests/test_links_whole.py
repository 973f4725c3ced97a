"""Tests of links.whole and of `exo-onto build --with`."""

from collections.abc import Callable
from pathlib import Path

import pytest
from conftest import quiet
from ontologies import SMALL_OBO, as_json, in_syntax, iri, written
from pyoxigraph import NamedNode, Store
from typer.testing import CliRunner

from exo_onto import cli, pipeline, questions, snapshot
from exo_onto.kept import Kept
from exo_onto.links import triples as rdf
from exo_onto.links import whole
from exo_onto.links.terms import LinksError
from exo_onto.vocabulary import GRAPH_INFERRED, PREFIXES

runner = CliRunner()
GO = NamedNode(f"{PREFIXES['graph']}go")


@pytest.mark.parametrize("text", [SMALL_OBO, in_syntax("rdf"), in_syntax("owx"), in_syntax("ofn"), as_json()])
def test_every_syntax_becomes_a_graph_with_the_same_terms(tmp_path: Path, text: str) -> None:
    store = Store()
    (loaded,) = whole.load(whole.wholes([written(tmp_path, "a.gz", text)]), store, progress=quiet)
    assert loaded.graph == GO
    quads = list(store.quads_for_pattern(None, None, None, GO))
    assert loaded.triples == len(quads) == len(store)
    found = {each: term for each, term in rdf.gather(quads)[0].items() if "GO_" in each}
    assert found[iri("GO:0042981")].relations[0].target == iri("GO:0006915")
    assert found[iri("GO:0006917")].replacements == (iri("GO:0006915"),)
    assert len(found) == 6


def test_two_files_of_one_ontology_are_refused(tmp_path: Path) -> None:
    files = [written(tmp_path, "a.obo", SMALL_OBO), written(tmp_path, "b.owl", in_syntax("rdf"))]
    with pytest.raises(LinksError, match="graph/go already"):
        whole.load(whole.wholes(files), Store(), progress=quiet)


def test_a_graph_of_ours_is_not_written_over(tmp_path: Path) -> None:
    text = SMALL_OBO.replace("ontology: go", "ontology: imports")
    with pytest.raises(LinksError, match="graph/imports already"):
        whole.load(whole.wholes([written(tmp_path, "a.obo", text)]), Store(), progress=quiet)


def test_without_a_term_it_is_no_ontology(tmp_path: Path) -> None:
    files = whole.wholes([written(tmp_path, "a.ttl", "@prefix a: <http://a/> . a:a a:b a:c .")])
    with pytest.raises(LinksError, match="No term was found"):
        whole.load(files, Store(), progress=quiet)


def test_the_digest_is_of_the_files_and_not_of_their_order(tmp_path: Path) -> None:
    one, other = whole.wholes([written(tmp_path, "a.obo", SMALL_OBO), written(tmp_path, "b.owl", in_syntax("rdf"))])
    assert whole.joined("x", ()) == "x"
    assert whole.joined("x", [one, other]) == whole.joined("x", [other, one]) != whole.joined("x", [one])


def test_a_whole_ontology_is_beside_and_changes_no_answer(one_study: Callable[[str], Path], tmp_path: Path) -> None:
    home = one_study("lu-k-2017")
    path = written(tmp_path, "go.obo.gz", SMALL_OBO)
    plain = runner.invoke(cli.app, ["build", "--no-justify", "--root", str(home)])
    without = snapshot.open_snapshot(home / "build")
    done = runner.invoke(cli.app, ["build", "--no-justify", "--root", str(home), "--with", str(path)])
    assert (plain.exit_code, done.exit_code) == (0, 0), done.output
    assert "beside: graph:go, " in done.output
    built = snapshot.open_snapshot(home / "build")
    assert built.manifest.name != without.manifest.name
    assert built.manifest.triples[GO.value] > 20
    assert built.manifest.triples[GRAPH_INFERRED.value] == without.manifest.triples[GRAPH_INFERRED.value]
    every = "SELECT * { ?s ?p ?o FILTER (isIRI(?s) && !isBlank(?o) && !CONTAINS(STR(?s), 'snapshot') && !CONTAINS(STR(?s), '/graph/')) }"
    one, other = questions.ask(without.store, every), questions.ask(built.store, every)
    assert sorted(map(str, one.rows)) == sorted(map(str, other.rows))  # type: ignore[union-attr]
    named = f"SELECT ?label {{ GRAPH {GO} {{ <{iri('GO:0042981')}> <{PREFIXES['rdfs']}label> ?label }} }}"
    assert len(questions.ask(built.store, named).rows) == 1  # type: ignore[union-attr]
    again = runner.invoke(cli.app, ["build", "--no-justify", "--root", str(home), "--with", str(path)])
    assert "up to date" in again.output


def test_who_builds_again_and_again_may_load_beside(one_study: Callable[[str], Path], tmp_path: Path) -> None:
    home, path = one_study("lu-k-2017"), written(tmp_path, "go.obo.gz", SMALL_OBO)
    assert pipeline.build(home, beside=[path], kept=Kept(), progress=quiet).name
    assert snapshot.open_snapshot(home / "build").manifest.triples[GO.value] > 20


def test_a_damaged_file_beside_publishes_nothing(one_study: Callable[[str], Path], tmp_path: Path) -> None:
    home = one_study("lu-k-2017")
    path = written(tmp_path, "go.obo", SMALL_OBO[:-20])
    done = runner.invoke(cli.app, ["build", "--no-justify", "--root", str(home), "--with", str(path)])
    assert (done.exit_code, "is cut short" in done.output) == (2, True)
    assert snapshot.current(home / "build") is None
    assert list((home / "build" / "snapshots").iterdir()) == []


def test_files_without_the_option_and_a_store_elsewhere_are_refused(published: Path, tmp_path: Path) -> None:
    path = str(written(tmp_path, "go.obo", SMALL_OBO))
    done = runner.invoke(cli.app, ["build", path, "--root", str(published)])
    assert (done.exit_code, "--with" in done.output) == (2, True)
    done = runner.invoke(cli.app, ["build", "--with", path, "--store", "http://127.0.0.1:9/", "--root", str(published)])
    assert (done.exit_code, "leave --store out" in done.output) == (2, True)
