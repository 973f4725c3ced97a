"""Tests of remote: on real stores, the same graphs, reports and answers as the embedded build gives, and nothing halfway."""

import json
import os
import re
import subprocess
import sys
import urllib.request
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest
import stores
from conftest import REPOSITORY, quiet
from pyoxigraph import BlankNode, Literal, NamedNode, QuerySolutions, QueryTriples, RdfFormat, Triple, parse
from stores import PASSWORD, STORES, USER, oxigraph
from validating import validated

from exo_onto import remote, staging, triplestore
from exo_onto.batches import cut, together
from exo_onto.dataset import RefusedError, StoreError
from exo_onto.judge import asking
from exo_onto.questions import Answer, ask, parse_question
from exo_onto.shapes import compile_shapes
from exo_onto.snapshot import Snapshot
from exo_onto.sources import read_texts
from exo_onto.triplestore import TripleStore
from exo_onto.validate import validate
from exo_onto.vocabulary import ASSERTED_GRAPHS, GRAPH_INFERRED, GRAPH_INSTANCES, GRAPH_JUSTIFICATIONS, expand

COMMAND = [sys.executable, "-c", "from exo_onto.cli import main; main()"]
SHIPPED = {name: parse_question(name, text) for name, text in read_texts(REPOSITORY / "queries", ".rq")}
SPECIMENS = REPOSITORY / "tests" / "specimens" / "shapes"
ENOUGH = ["Activity", "ActivityIsOfSomething", "Reference", "ProvenanceFitsSign", "UniqueReference"]
SCRATCH = NamedNode("urn:scratch")


class StoppedError(Exception):
    """A build that is killed."""


@dataclass(frozen=True)
class Elsewhere:
    """A store elsewhere that the whole corpus has been built in, after a build that was stopped on the way."""

    engine: str
    store: TripleStore
    before_stop: int
    resumed: tuple[str, ...]


def stopping(at: str) -> Callable[[str], None]:
    def progress(step: str) -> None:
        if step.startswith(at):
            raise StoppedError(step)

    return progress


@pytest.fixture(scope="module", params=sorted(STORES))
def elsewhere(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Elsewhere]:
    engine = request.param
    with STORES[engine](tmp_path_factory.mktemp(engine)) as store:
        with pytest.raises(StoppedError):
            remote.build(REPOSITORY, store, progress=stopping("load: 12 of"))
        (marker,) = staging.markers(store)
        steps: list[str] = []
        built = remote.build(REPOSITORY, store, progress=steps.append)
        assert built.fresh, built.judgement.diagnostics
        yield Elsewhere(engine, store, marker.loaded, tuple(steps))


def triples(found: object) -> Counter[tuple[str, ...]]:
    """Count triples; a blank node is as good as another."""
    told: Iterable[Triple] = found if isinstance(found, QueryTriples) else ()
    return Counter(tuple("_:" if isinstance(term, BlankNode) else str(term) for term in triple) for triple in told)


EVERY = "CONSTRUCT { ?s ?p ?o } WHERE { ?s ?p ?o }"


def test_a_build_that_was_stopped_goes_on_with_the_batch_that_it_had_not_sent(elsewhere: Elsewhere) -> None:
    loads = [step for step in elsewhere.resumed if step.startswith("load: ")]
    assert elsewhere.before_stop == 11
    assert re.match(r"load: 12 of \d+", loads[0])
    assert loads[-1] == f"load: {(total := loads[0].split()[-1])} of {total}"


@pytest.mark.parametrize("graph", [*ASSERTED_GRAPHS, GRAPH_INFERRED], ids=str)
def test_a_graph_is_that_of_the_embedded_build_triple_for_triple(
    elsewhere: Elsewhere, corpus: Snapshot, graph: NamedNode
) -> None:
    one, other = (triples(store.query(EVERY, default_graph=[graph])) for store in (elsewhere.store, corpus.store))
    assert one == other


def test_the_proofs_are_there_too(elsewhere: Elsewhere, corpus: Snapshot) -> None:
    query = "SELECT DISTINCT ?fact { ?fact <http://www.w3.org/ns/prov#wasDerivedFrom> ?premise }"
    one, other = (
        {str(row[0]) for row in found}
        for store in (elsewhere.store, corpus.store)
        if isinstance(found := store.query(query, default_graph=[GRAPH_JUSTIFICATIONS]), QuerySolutions)
    )
    assert one == other


@pytest.mark.parametrize("name", sorted(SHIPPED))
def test_a_shipped_question_has_the_embedded_stores_answer_by_value(
    elsewhere: Elsewhere, corpus: Snapshot, name: str
) -> None:
    one, other = (ask(store, SHIPPED[name].text) for store in (elsewhere.store, corpus.store))
    assert isinstance(one, Answer)
    assert isinstance(other, Answer)
    assert one.columns == other.columns
    assert one.rows == other.rows
    assert one.notations == other.notations


def test_a_question_that_is_given_a_value_has_the_embedded_stores_answer(
    elsewhere: Elsewhere, corpus: Snapshot
) -> None:
    text, values = SHIPPED["studies-by-process"].text, {"term": expand("GO:0008219")}
    one, other = (ask(store, text, bindings=values) for store in (elsewhere.store, corpus.store))
    assert one == other
    assert isinstance(one, Answer)
    assert one.rows


def test_what_is_published_is_up_to_date_and_nothing_is_left_aside(elsewhere: Elsewhere) -> None:
    again = remote.build(REPOSITORY, elsewhere.store, progress=quiet)
    assert not again.fresh
    assert again.name == staging.published(elsewhere.store)
    left = elsewhere.store.query(
        'ASK { GRAPH ?g { ?s ?p ?o } FILTER (CONTAINS(STR(?g), "/graph/") && CONTAINS(STR(?g), "next")) }'
    )
    assert not left


def test_a_check_of_what_is_published_finds_it_sound_and_asks_every_question(elsewhere: Elsewhere) -> None:
    judgement = remote.check(REPOSITORY, elsewhere.store, queries=REPOSITORY / "queries", progress=quiet)
    assert judgement.sound, judgement.diagnostics
    assert judgement.answered == len(SHIPPED)
    assert judgement.inferred > 1000


def test_a_check_finds_what_was_spoilt_in_the_store(elsewhere: Elsewhere) -> None:
    study, number = expand("study:zhu-lf-2020"), expand("exonto:publishedAs")
    spoilt = f"GRAPH {GRAPH_INSTANCES} {{ {study} {number} <urn:nothing> }}"
    elsewhere.store.update(f"INSERT DATA {{ {spoilt} }}")
    try:
        judgement = remote.check(REPOSITORY, elsewhere.store, progress=quiet)
    finally:
        elsewhere.store.update(f"DELETE DATA {{ {spoilt} }}")
    assert not judgement.sound
    assert any(each.place and "zhu-lf-2020" in each.place.file for each in judgement.diagnostics)


def test_a_root_that_is_unsound_leaves_what_is_published(
    elsewhere: Elsewhere, one_study: Callable[[str], Path]
) -> None:
    root = one_study("zhu-lf-2020")
    path = root / "instances" / "studies" / "zhu-lf-2020.ttl"
    content = path.read_text()
    assert "exonto:decreases" in content
    path.write_text(content.replace("exonto:decreases", "exonto:increases"))
    before = staging.published(elsewhere.store)
    built = remote.build(root, elsewhere.store, progress=quiet)
    assert built.name is None
    assert any(each.code == "contradiction" and each.place and each.place.line for each in built.judgement.diagnostics)
    assert staging.published(elsewhere.store) == before
    assert staging.markers(elsewhere.store) == ()


def read(path: Path) -> list[Triple]:
    return [quad.triple for quad in parse(path.read_bytes(), format=RdfFormat.TURTLE, rename_blank_nodes=True)]


def put(store: TripleStore, data: Iterable[Triple]) -> None:
    store.update(f"CLEAR SILENT GRAPH {SCRATCH}")
    for batch in cut(SCRATCH, together(data)):
        store.update(f"INSERT {{ GRAPH {SCRATCH} {{ {batch.text} }} }} WHERE {{}}")


@pytest.mark.parametrize("folder", ENOUGH)
def test_a_specimen_has_the_embedded_stores_report(elsewhere: Elsewhere, folder: str) -> None:
    paths = [*(REPOSITORY / "ontology").glob("*.ttl"), *(REPOSITORY / "ontology" / "imports").glob("*.ttl")]
    ontology = [triple for path in paths for triple in read(path)]
    shapes = [triple for path in (REPOSITORY / "shapes").glob("*.ttl") for triple in read(path)]
    for path in sorted((SPECIMENS / folder).glob("fail*.ttl"))[:2]:
        data = [*ontology, *read(path)]
        put(elsewhere.store, data)
        found = validate(asking(elsewhere.store, [SCRATCH]), compile_shapes(shapes).checks)
        assert found.results == validated(data, shapes).results


# --- Where each engine departs from SPARQL 1.1, by what it gives

XSD = "http://www.w3.org/2001/XMLSchema#"


@dataclass(frozen=True)
class Deviation:
    """What an engine does its own way: a query over `data`, its answer, and the sentence of docs/stores.md about it."""

    engine: str
    told: str
    query: str
    answer: tuple[str, ...] | str
    data: str = "<urn:a> <urn:p> 1 ."


DEVIATIONS = (
    Deviation("virtuoso", "divides integers as integers", "SELECT (7 / 2 AS ?x) {}", ("3",)),
    Deviation("virtuoso", "gives a computed boolean as 1 or 0", "SELECT (1 = 1 AS ?x) {}", ("1",)),
    Deviation(
        "virtuoso",
        "refuses a repeated path of which no end is known",
        "SELECT ?x { ?x <urn:p>+ ?y }",
        "transitive start not given",
    ),
    Deviation(
        "virtuoso",
        "finds nothing by a repeated path within `EXISTS` between ends that `EXISTS` itself binds",
        "SELECT ?x { ?x <urn:q> ?y FILTER EXISTS { ?x <urn:q> ?z . ?z <urn:p>* <urn:a> } }",
        "starts at what EXISTS itself binds",
    ),
    Deviation(
        "virtuoso",
        "compares a text with a number",
        "SELECT ?x { <urn:a> <urn:p> ?x FILTER (?x > 1) }",
        ("9",),
        '<urn:a> <urn:p> "9" .',
    ),
    Deviation(
        "virtuoso",
        "stores 1 and `true` as one value",
        "SELECT (COUNT(*) AS ?n) { <urn:a> <urn:p> ?x }",
        ("1",),
        "<urn:a> <urn:p> 1 , true .",
    ),
    Deviation(
        "virtuoso",
        "writes the tag of a language in small letters",
        "SELECT (LANG(?x) AS ?l) { <urn:a> <urn:p> ?x }",
        ("en-gb",),
        '<urn:a> <urn:p> "x"@en-GB .',
    ),
    Deviation(
        "oxigraph",
        "writes the tag of a language in small letters",
        "SELECT (LANG(?x) AS ?l) { <urn:a> <urn:p> ?x }",
        ("en-gb",),
        '<urn:a> <urn:p> "x"@en-GB .',
    ),
    Deviation(
        "oxigraph",
        "writes a number in its shortest form",
        "SELECT (STR(?x) AS ?l) { <urn:a> <urn:p> ?x }",
        ("7",),
        f'<urn:a> <urn:p> "007"^^<{XSD}integer> .',
    ),
    Deviation(
        "virtuoso",
        "writes a number in its shortest form",
        "SELECT (STR(?x) AS ?l) { <urn:a> <urn:p> ?x }",
        ("7",),
        f'<urn:a> <urn:p> "007"^^<{XSD}integer> .',
    ),
)


@pytest.mark.parametrize("deviation", DEVIATIONS, ids=lambda each: f"{each.engine} {each.told}")
def test_an_engine_deviates_as_it_is_told(elsewhere: Elsewhere, deviation: Deviation) -> None:
    if deviation.engine != elsewhere.engine:
        return
    assert deviation.told in (REPOSITORY / "docs" / "stores.md").read_text("utf-8")
    elsewhere.store.update(f"CLEAR SILENT GRAPH {SCRATCH}")
    elsewhere.store.update(f"INSERT {{ GRAPH {SCRATCH} {{ {deviation.data} }} }} WHERE {{}}")
    if isinstance(deviation.answer, str):
        with pytest.raises(RefusedError, match=deviation.answer):
            elsewhere.store.query(deviation.query, default_graph=[SCRATCH])
        return
    found = elsewhere.store.query(deviation.query, default_graph=[SCRATCH])
    assert isinstance(found, QuerySolutions)
    assert tuple(row[0].value for row in found if isinstance(row[0], Literal)) == deviation.answer


def test_virtuoso_loses_an_optional_path_between_variables_that_are_bound_outside(
    elsewhere: Elsewhere, corpus: Snapshot
) -> None:
    query = """PREFIX e: <https://w3id.org/exo-onto/>
        SELECT ?d ?a ?down { ?t e:delivers ?d . ?d e:affects+ ?a . ?a e:of ?g
          OPTIONAL { ?d (e:increases|e:decreases)+ ?a . ?a a e:TracedIncrease . BIND ("up" AS ?up) }
          OPTIONAL { ?d (e:increases|e:decreases)+ ?a . ?a a e:TracedDecrease . BIND ("down" AS ?down) } }"""
    one, other = (ask(store, query) for store in (elsewhere.store, corpus.store))
    assert isinstance(one, Answer)
    assert isinstance(other, Answer)
    assert (Counter(one.rows) == Counter(other.rows)) is (elsewhere.engine != "virtuoso")


@pytest.mark.parametrize(
    ("engine", "update", "says"),
    [
        ("virtuoso", f'INSERT DATA {{ GRAPH {SCRATCH} {{ <urn:a> <urn:p> "x"^^<{XSD}integer> }} }}', "Invalid integer"),
        ("virtuoso", f"INSERT DATA {{ GRAPH {SCRATCH} {{ <urn:a> <urn:p> _:b }} }}", "Blank node"),
    ],
)
def test_an_engine_refuses_what_it_is_told_to(elsewhere: Elsewhere, engine: str, update: str, says: str) -> None:
    if engine == elsewhere.engine:
        with pytest.raises(RefusedError, match=says):
            elsewhere.store.update(update)


def test_an_update_of_several_steps_is_done_whole_by_oxigraph_and_in_part_by_virtuoso(elsewhere: Elsewhere) -> None:
    """Why `staging` finishes what it finds halfway."""
    store = elsewhere.store
    store.update(f"CLEAR SILENT GRAPH {SCRATCH}")
    one = f"INSERT DATA {{ GRAPH {SCRATCH} {{ <urn:half> <urn:p> <urn:b> }} }}"
    with pytest.raises(RefusedError):
        store.update(f"{one} ; CREATE GRAPH {SCRATCH}")
    kept = store.query(f"ASK {{ GRAPH {SCRATCH} {{ <urn:half> <urn:p> <urn:b> }} }}")
    assert bool(kept) is (elsewhere.engine == "virtuoso")


def test_virtuoso_tells_of_a_select_that_it_cuts_and_not_of_a_graph(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stores, "VIRTUOSO_INI", stores.VIRTUOSO_INI.replace("Rows = 1000000", "Rows = 5"))
    with stores.virtuoso(tmp_path) as store:
        put(store, [Triple(SCRATCH, SCRATCH, Literal(number)) for number in range(20)])
        with pytest.raises(RefusedError, match="left out a part"):
            store.query("SELECT ?x { ?s ?p ?x }", default_graph=[SCRATCH])
        assert 0 < triples(store.query(EVERY, default_graph=[SCRATCH])).total() < 20


# --- The command


def run(
    *arguments: str, cwd: Path = REPOSITORY, environment: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    given = {**os.environ, "NO_COLOR": "1", **(environment or {})}
    return subprocess.run([*COMMAND, *arguments], cwd=cwd, capture_output=True, text=True, check=False, env=given)


def test_the_command_asks_a_store_elsewhere_without_a_root(elsewhere: Elsewhere, tmp_path: Path) -> None:
    file = tmp_path / "contested.rq"
    file.write_text(SHIPPED["contested"].text)
    done = run("query", str(file), "--store", elsewhere.store.address.query, "--format", "csv", cwd=tmp_path)
    assert done.stdout == (REPOSITORY / "tests" / "expected" / "contested.csv").read_text("utf-8"), done.stderr


def test_the_command_builds_and_checks_elsewhere_with_credentials_of_the_environment(elsewhere: Elsewhere) -> None:
    where = elsewhere.store.address
    secret = {triplestore.USER: USER, triplestore.PASSWORD: PASSWORD}
    done = run("build", "--store", where.query, "--store-update", where.update, environment=secret)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("up to date: build ")
    checked = run("check", "--store", where.query, "--format", "csv")
    assert (checked.returncode, checked.stdout) == (0, "severity,code,file,line,column,what,remedy\n"), checked.stderr


def test_wrong_credentials_are_told_in_one_sentence(elsewhere: Elsewhere, one_study: Callable[[str], Path]) -> None:
    if elsewhere.engine != "virtuoso":
        return
    where = elsewhere.store.address
    root = one_study("zhu-lf-2020")
    secret = {triplestore.USER: USER, triplestore.PASSWORD: "hush-hush"}
    done = run("build", "--root", str(root), "--store", where.query, "--store-update", where.update, environment=secret)
    assert done.returncode == 2
    assert f"{where.update} does not let you in (401)" in done.stderr
    assert "hush-hush" not in done.stderr
    assert "Traceback" not in done.stderr


def test_the_command_serves_a_store_elsewhere(elsewhere: Elsewhere) -> None:
    command = [*COMMAND, "serve", "--store", elsewhere.store.address.query, "--port", "0"]
    with subprocess.Popen(command, cwd=REPOSITORY, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            lines = iter(process.stdout.readline, "")
            endpoint = next(found[0] for line in lines if (found := re.search(r"http://\S+/sparql", line)))
            text = "SELECT%20(COUNT(*)%20AS%20%3Fn)%20%7B%3Fs%20%3Fp%20%3Fo%7D"
            with urllib.request.urlopen(f"{endpoint}?query={text}") as reply:  # noqa: S310  our own server
                (row,) = json.load(reply)["results"]["bindings"]
            with urllib.request.urlopen(endpoint) as reply:  # noqa: S310
                described = reply.read().decode()
        finally:
            process.terminate()
    assert int(row["n"]["value"]) > 10_000
    assert str(staging.published(elsewhere.store)) in described
    assert "graph:justifications" in described


# --- What can go wrong, on a store of its own


def test_a_store_in_which_nothing_was_built_says_so(tmp_path: Path) -> None:
    with oxigraph(tmp_path) as store:
        with pytest.raises(StoreError, match="Nothing has been built"):
            remote.check(REPOSITORY, store, progress=quiet)
        done = run("serve", "--store", store.address.query)
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)


def test_a_build_of_another_root_begins_anew_and_replaces_what_was_published(
    tmp_path: Path, one_study: Callable[[str], Path]
) -> None:
    first, second = one_study("zhu-lf-2020"), one_study("cheng-xf-2018")
    with oxigraph(tmp_path) as store:
        with pytest.raises(StoppedError):
            remote.build(first, store, progress=stopping("load: 3 of"))
        assert remote.build(second, store, progress=quiet).fresh
        found = store.query("SELECT ?s { ?s a <https://w3id.org/exo-onto/Study> }", default_graph=[GRAPH_INSTANCES])
        assert isinstance(found, QuerySolutions)
        assert [str(row[0]) for row in found] == ["<https://w3id.org/exo-onto/study/cheng-xf-2018>"]
        assert remote.build(first, store, justified=False, progress=quiet).fresh
        proofs = store.query("ASK { ?s ?p ?o }", default_graph=[GRAPH_JUSTIFICATIONS])
        assert not proofs


def test_a_build_that_another_one_takes_over_stops(tmp_path: Path, one_study: Callable[[str], Path]) -> None:
    first, second = one_study("zhu-lf-2020"), one_study("cheng-xf-2018")
    with oxigraph(tmp_path) as store:
        inner: list[str | None] = []

        def meanwhile(step: str) -> None:
            if step == "publish" and not inner:
                inner.append(remote.build(second, store, progress=quiet).name)

        with pytest.raises(StoreError, match="Another build has begun"):
            remote.build(first, store, progress=meanwhile)
        assert staging.published(store) == inner[0]


def test_the_command_refuses_what_does_not_go_together(root: Path) -> None:
    for arguments, says in (
        (("build", "--prune", "--store", "http://127.0.0.1:9/query"), "--prune"),
        (("check", "--explain", "--store", "http://127.0.0.1:9/query"), "--explain"),
        (("build", "--store", "http://me:hush-hush@127.0.0.1:9/query"), triplestore.PASSWORD),
        (("query", "contested", "--store", "http://127.0.0.1:9/query"), "cannot be reached"),
    ):
        done = run(*arguments, cwd=root)
        assert done.returncode == 2
        assert says in done.stderr
        assert "Traceback" not in done.stderr
        assert "hush-hush" not in done.stderr
