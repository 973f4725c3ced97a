"""Tests of cli: as a user calls it, in a process of its own where that matters."""

import csv
import io
import json
import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
from conftest import REPOSITORY
from typer.testing import CliRunner

from exo_onto import __version__, cli, snapshot
from exo_onto.questions import parse_question

COMMAND = [sys.executable, "-c", "from exo_onto.cli import main; main()"]
runner = CliRunner()


def call(*arguments: str, cwd: Path, text: str | None = None) -> subprocess.CompletedProcess[str]:
    """Call the command as a shell would, with no terminal and no Java on the path."""
    environment = {**os.environ, "PATH": "/nonexistent", "COLUMNS": "100", "NO_COLOR": "1"}
    return subprocess.run(
        [*COMMAND, *arguments], cwd=cwd, env=environment, input=text, text=True, capture_output=True, check=False
    )


def test_help_tells_the_commands_in_the_order_of_the_flow() -> None:
    told = runner.invoke(cli.app, ["--help"]).output
    places = [told.index(f"│ {name} ") for name in ("build", "check", "query", "serve")]
    assert places == sorted(places)
    assert "sources -> reason -> validate -> publish -> serve" in told
    assert "Exit codes: 0 fine, 1 the knowledge is wrong, 2 the call is wrong." in told


@pytest.mark.parametrize("command", ["build", "check", "query", "serve"])
def test_every_command_has_help_with_an_example(command: str) -> None:
    told = runner.invoke(cli.app, [command, "--help"]).output
    assert re.search(r"Examples?:", told)
    assert f"exo-onto {command}" in told


def test_the_version_is_told() -> None:
    assert runner.invoke(cli.app, ["--version"]).output == f"exo-onto {__version__}\n"


def test_every_command_has_its_module_and_is_imported_when_it_is_called() -> None:
    shared = {"__init__", "calls", "evidence", "exits", "tabled"}
    assert {*cli.COMMANDS, *shared} == {path.stem for path in (REPOSITORY / "exo_onto" / "commands").glob("*.py")}
    asked = "import exo_onto.cli, sys; print([name for name in sys.modules if name.startswith('exo_onto.commands.')])"
    done = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, check=True)
    assert done.stdout == "['exo_onto.commands.exits']\n"


def test_a_command_that_is_none_is_told_with_the_one_that_is_meant() -> None:
    done = runner.invoke(cli.app, ["biuld"])
    assert done.exit_code == 2
    assert "Did you mean 'build'?" in done.output


def test_outside_a_root_the_call_is_wrong(tmp_path: Path) -> None:
    for arguments in (["build"], ["check"], ["query", "targets"], ["serve"]):
        done = call(*arguments, cwd=tmp_path)
        assert done.returncode == 2
        assert "--root FOLDER" in done.stderr
        assert "Traceback" not in done.stderr


def test_a_root_that_is_none_is_refused(tmp_path: Path) -> None:
    done = call("query", "--root", str(REPOSITORY / "docs"), cwd=tmp_path)
    assert done.returncode == 2
    assert "is no root" in done.stderr


def test_an_option_that_is_none_is_refused(tmp_path: Path) -> None:
    assert call("build", "--colour", cwd=tmp_path).returncode == 2


def test_before_a_build_the_command_says_to_build(one_study: Callable[[str], Path]) -> None:
    done = call("query", "-", cwd=one_study("lu-k-2017"), text="ASK {}")
    assert done.returncode == 2
    assert "Run `exo-onto build` first" in done.stderr


def test_without_questions_the_command_says_so(one_study: Callable[[str], Path]) -> None:
    done = call("query", cwd=one_study("lu-k-2017"))
    assert done.returncode == 2
    assert "has no folder queries/" in done.stderr


def test_a_question_that_is_wrong_makes_the_check_fail(one_study: Callable[[str], Path]) -> None:
    root = one_study("lu-k-2017")
    (root / "queries").mkdir()
    (root / "queries" / "zz.rq").write_text("SELECT * {}", "utf-8")
    done = call("check", cwd=root)
    assert done.returncode == 1
    assert "queries/zz.rq:1: violation [question]" in done.stdout
    assert "Not sound: 1 to mend." in done.stdout


def test_a_reader_that_goes_away_is_no_failure(published: Path) -> None:
    script = f"'{sys.executable}' -c 'from exo_onto.cli import main; main()' query cross-references -f csv | head -1"
    done = subprocess.run(["bash", "-c", script], cwd=published, capture_output=True, text=True, check=False)
    assert done.stdout == "entity,relation,identifier,species\n"
    assert done.stderr == ""


def test_a_graph_is_written_as_turtle_only(published: Path) -> None:
    done = call("query", "-", "-f", "csv", cwd=published, text="CONSTRUCT WHERE { ?s ?p ?o }")
    assert done.returncode == 2
    assert "leave --format out" in done.stderr


def test_an_empty_host_is_refused(published: Path) -> None:
    done = call("serve", "--host", "", "--port", "0", cwd=published)
    assert done.returncode == 2
    assert "no address is given" in done.stderr


def test_a_build_is_published_told_and_pruned(one_study: Callable[[str], Path]) -> None:
    root = one_study("lu-k-2017")
    first = call("build", cwd=root / "instances" / "studies")
    assert first.returncode == 0
    assert "published: snapshot" in first.stdout
    assert "up to date" in call("build", cwd=root).stdout
    with (root / "instances" / "studies" / "lu-k-2017.ttl").open("a") as file:
        file.write("\n# one more line\n")
    assert "pruned: 1 older snapshot" in call("build", "--prune", cwd=root).stdout


def test_a_wrong_sign_exits_with_1_and_names_study_activity_file_and_line(one_study: Callable[[str], Path]) -> None:
    root = one_study("li-zq-2020")
    assert call("build", cwd=root).returncode == 0
    before = snapshot.open_snapshot(root / "build").manifest.name
    path = root / "instances" / "studies" / "li-zq-2020.ttl"
    text = path.read_text("utf-8")
    old = "    exonto:increases activity:li-zq-2020-apoptosis-afc ."
    assert old in text
    text = text.replace(old, old.replace("increases", "decreases"))
    annotated = "owl:annotatedProperty exonto:increases ;\n    owl:annotatedTarget activity:li-zq-2020-apoptosis-afc"
    assert annotated in text
    path.write_text(text.replace(annotated, annotated.replace("increases", "decreases")), "utf-8")
    for command in ("build", "check"):
        done = call(command, cwd=root)
        assert done.returncode == 1
        told = done.stdout + done.stderr
        assert re.search(
            r"instances/studies/li-zq-2020\.ttl:\d+: violation \[contradiction\] In study li-zq-2020, activity:li-zq-2020-apoptosis-afc",
            told,
        )
    assert snapshot.open_snapshot(root / "build").manifest.name == before


def test_check_sums_up_for_the_reader_of_a_log(root: Path) -> None:
    done = call("check", cwd=root)
    assert done.returncode == 0
    for line in (
        "consistent and coherent",
        "0 violations",
        "within OWL 2 DL and OWL 2 RL",
        f"{len(list((REPOSITORY / 'queries').glob('*.rq')))} parse and answer",
        "Sound.",
    ):
        assert line in done.stdout
    assert "\x1b[" not in done.stdout + done.stderr


def test_check_writes_diagnostics_for_programs(one_study: Callable[[str], Path]) -> None:
    root = one_study("lu-k-2017")
    path = root / "ontology" / "cell.ttl"
    path.write_text(path.read_text("utf-8").replace("@prefix CL:", "@prefix CLL:", 1), "utf-8")
    done = call("check", "--format", "json", cwd=root)
    assert done.returncode == 1
    (told,) = json.loads(done.stdout)
    assert (told["code"], told["file"]) == ("syntax", "ontology/cell.ttl")
    assert told["line"] > 0


def test_a_question_is_answered_in_every_format(published: Path) -> None:
    as_csv = call("query", "contested", "--format", "csv", cwd=published).stdout
    assert next(iter(csv.DictReader(io.StringIO(as_csv))))["process"] == "autophagy"
    assert (
        call("query", "contested", "-f", "tsv", cwd=published).stdout.splitlines()[0]
        == "process\tincreasedBy\tdecreasedBy"
    )
    assert json.loads(call("query", "cargo", "-f", "json", cwd=published).stdout)[0]["reference"] == 23
    assert "autophagy" in call("query", "contested", cwd=published).stdout
    assert (
        "http://purl.obolibrary.org/obo/GO_0006914"
        in call("query", "contested", "--iris", "-f", "csv", cwd=published).stdout
    )


def test_a_query_comes_from_a_file_or_standard_input(published: Path, tmp_path: Path) -> None:
    text = "SELECT (COUNT(*) AS ?n) WHERE { ?s a <https://w3id.org/exo-onto/Study> }"
    (tmp_path / "mine.rq").write_text(text, "utf-8")
    assert call("query", str(tmp_path / "mine.rq"), "-f", "csv", cwd=published).stdout == "n\n30\n"
    assert call("query", "-", "-f", "csv", cwd=published, text=text).stdout == "n\n30\n"
    assert (
        call(
            "query", "-", cwd=published, text="CONSTRUCT WHERE { ?s a <https://w3id.org/exo-onto/Claim> }"
        ).stdout.count(" .\n")
        >= 32
    )


def test_a_variable_is_given_a_value(published: Path) -> None:
    done = call("query", "studies-by-process", "--bind", "term=GO:0012501", "-f", "csv", cwd=published)
    rows = list(csv.DictReader(io.StringIO(done.stdout)))
    assert rows
    assert {row["term"] for row in rows} == {"GO:0012501"}


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["query", "contestd"], "Did you mean contested"),
        (["query", "nowhere.rq"], "nowhere.rq: The file cannot be read"),
        (["query", "contested", "--bind", "nonsense"], "--bind takes NAME=VALUE"),
        (["query", "contested", "--bind", "a=nope:1"], "its prefix is not known"),
        (["query", "contested", "--bind", "a=http://a b"], "is no IRI"),
        (["query", "contested", "--format", "xml"], "Invalid value"),
    ],
)
def test_a_wrong_call_exits_with_2_and_one_clear_sentence(published: Path, arguments: list[str], says: str) -> None:
    done = call(*arguments, cwd=published)
    assert done.returncode == 2
    assert says in done.stderr
    assert "Traceback" not in done.stderr


def test_wrong_sparql_exits_with_2_and_a_caret(published: Path) -> None:
    done = call("query", "-", cwd=published, text="SELECT * WHERE {")
    assert done.returncode == 2
    assert done.stderr.rstrip().endswith("^")


def test_without_a_name_the_questions_are_listed(published: Path) -> None:
    rows = list(csv.DictReader(io.StringIO(call("query", "-f", "csv", cwd=published).stdout)))
    assert len(rows) == len(list((REPOSITORY / "queries").glob("*.rq")))
    assert all(row["question_zh"] for row in rows)


@dataclass(frozen=True)
class Served:
    """A server in a process of its own: its endpoint, and all that was said at the start."""

    endpoint: str
    said: str
    process: subprocess.Popen[str]


@pytest.fixture
def served(published: Path) -> Iterator[Served]:
    """Serve the corpus."""
    environment = {**os.environ, "PYTHONUNBUFFERED": "1"}
    with subprocess.Popen(
        [*COMMAND, "serve", "--port", "0"], cwd=published, stdout=subprocess.PIPE, env=environment, text=True
    ) as process:
        assert process.stdout is not None
        said = ""
        while "curl" not in said:
            line = process.stdout.readline()
            assert line, "it stopped before it served"
            said += line
        endpoint = re.search(r"http://\S+/sparql", said)
        assert endpoint is not None
        yield Served(endpoint[0], said, process)
        process.terminate()
        process.wait(timeout=30)


def test_the_printed_curl_line_works_when_pasted(served: Served) -> None:
    line = next(line for line in served.said.splitlines() if "curl" in line)
    curl = shutil.which("curl")
    if curl is None:
        pytest.skip("curl is not installed here")
    done = subprocess.run(["bash", "-c", line], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[0] == "study,mechanism"
    assert len(done.stdout.splitlines()) == 6
    assert httpx.get(served.endpoint).status_code == 200


def test_every_shipped_question_is_answered_over_http(served: Served, root: Path) -> None:
    for path in sorted((root / "queries").glob("*.rq")):
        question = parse_question(path.stem, path.read_text("utf-8"))
        reply = httpx.post(served.endpoint, data={"query": question.text}, headers={"Accept": "text/csv"}, timeout=60)
        assert reply.status_code == 200, path.name
        if question.calls:  # no address is on this server's list
            refused = httpx.post(served.endpoint, data={"query": question.whole}, timeout=60)
            assert refused.status_code == 403, path.name
        expected = (root / "tests" / "expected" / path.name).with_suffix(".csv").read_text("utf-8")
        assert len(list(csv.reader(io.StringIO(reply.text)))) == len(list(csv.reader(io.StringIO(expected))))


def test_a_port_in_use_is_told(served: Served, published: Path) -> None:
    port = re.search(r":(\d+)/", served.endpoint)
    assert port is not None
    done = call("serve", "--port", port[1], cwd=published)
    assert done.returncode == 2
    assert "Choose others with --host and --port" in done.stderr


def test_a_root_without_questions_is_served_too(one_study: Callable[[str], Path]) -> None:
    home = one_study("lu-k-2017")
    assert call("build", "--no-justify", cwd=home).returncode == 0
    with subprocess.Popen(
        [*COMMAND, "serve", "--port", "0"], cwd=home, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as process:
        assert process.stdout is not None
        said = [line for line, _ in zip(process.stdout, range(2), strict=False)]
        process.terminate()
    assert said[1].startswith("Serving SPARQL at "), said


def test_ctrl_c_stops_the_server_even_under_a_query_that_does_not_end(served: Served) -> None:
    endless = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }"
    with pytest.raises(httpx.TimeoutException):
        httpx.post(served.endpoint, data={"query": endless}, timeout=2)
    served.process.send_signal(signal.SIGINT)
    assert served.process.wait(timeout=60) == 130
