"""Tests of watch: what is saved is served, what is wrong is told, and the old graph goes on being served."""

import ast
import asyncio
import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any, cast

import httpx
import psutil
import pytest
from conftest import REPOSITORY
from differing import LOWERS, small
from serving import send
from watchfiles import Change

import exo_onto
from exo_onto import serve, snapshot
from exo_onto.dataset import Description
from exo_onto.diagnose import Diagnostic
from exo_onto.pages.languages import Words
from exo_onto.places import Place
from exo_onto.rebuilding import Rebuilt, rebuild
from exo_onto.service import Workers
from exo_onto.settings import Settings
from exo_onto.snapshot import Snapshot
from exo_onto.translated import sentence
from exo_onto.validate import Severity
from exo_onto.watch import KINDS, MOST_LISTENING, News, State, Watched, home_of, is_source

COMMAND = [sys.executable, "-c", "from exo_onto.cli import main; main()"]
ASK = "ASK { <https://example.org/study/a> <https://example.org/demonstrates> <https://example.org/Relief> }"
PATIENCE = 60


def desk(root: Path, told: list[State]) -> Watched:
    def described(opened: Snapshot) -> Description:
        return Description("http://test/sparql", "Test", opened.manifest.ontology_version, opened.manifest.name)

    first = rebuild(root, home_of(root))
    assert first.name
    inner = Workers(home_of(root), Settings(workers=3), described, lambda _: (), lambda _: None, spare=True)
    return Watched(root, inner, first, told.append)


@contextmanager
def serving(root: Path) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """Serve a root as a user does; give the process and the address."""
    environment = {**os.environ, "NO_COLOR": "1"}
    with subprocess.Popen(
        [*COMMAND, "serve", "--watch", "--port", "0", "--root", str(root)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=environment,
    ) as process:
        try:
            assert process.stdout is not None
            for line in process.stdout:
                if line.startswith("Watching"):
                    yield process, line.split(" at ")[1].strip().removesuffix("/diagnostics")
                    break
            else:
                assert process.stderr is not None
                pytest.fail(process.stderr.read())
        finally:
            process.kill()


def until(holds: Callable[[], bool]) -> None:
    """Wait until something holds."""
    end = time.monotonic() + PATIENCE
    while not holds():
        assert time.monotonic() < end, "it has not come about"
        time.sleep(0.05)


def ask(address: str) -> bool:
    reply = httpx.get(f"{address}/sparql", params={"query": ASK}, headers={"Accept": "application/json"})
    return bool(reply.json()["boolean"])


def state(address: str) -> dict[str, Any]:
    told: dict[str, Any] = httpx.get(f"{address}/diagnostics").json()
    return told


def test_each_change_is_served_or_told_and_a_page_hears_of_it(tmp_path: Path) -> None:
    root = small(tmp_path / "root")
    with serving(root) as (process, address):
        assert not ask(address)
        with httpx.stream("GET", f"{address}/events", timeout=PATIENCE) as stream:
            assert stream.headers["Content-Type"].startswith("text/event-stream")
            assert "Access-Control-Allow-Origin" not in stream.headers
            events = heard(stream.iter_lines())
            name, first = next(events)
            assert (name, first["state"]) == ("state", "served")
            small(root, more=LOWERS)
            name, building = next(events)
            assert (name, "instances/studies/a.ttl" in building["files"]) == ("building", True)
            name, _ = next(events)
            while name == "building":  # the files of the root are written one by one
                name, _ = next(events)
            until(lambda: ask(address))
            small(root, more=LOWERS + "activity:a-pain a ex:Up .\n")
            wrong = next(told for name, told in events if name == "wrong")
            assert wrong["diagnostics"][0]["code"] == "contradiction"
            assert wrong["diagnostics"][0]["file"] == "instances/studies/a.ttl"
            assert ask(address)
            assert state(address) == wrong
            small(root)
            assert next(told for name, told in events if name == "served")["diagnostics"] == []
            until(lambda: not ask(address))
            process.send_signal(signal.SIGINT)
            assert not [name for name, _ in events if name == "building"]  # the stream comes to its end
        children = psutil.Process(process.pid).children(recursive=True) if process.poll() is None else []
        process.wait(PATIENCE)
        psutil.wait_procs(children, PATIENCE)
        assert process.stderr is not None
        said = process.stderr.read()
        assert "Sound: snapshot" in said
        assert "Not sound. Snapshot" in said
        assert "Traceback" not in said
        assert not [child for child in children if child.is_running()]
    assert snapshot.current(root / "build") is None  # what is published is left alone


def heard(lines: Iterator[str]) -> Iterator[tuple[str, dict[str, Any]]]:
    name = ""
    for line in lines:
        if line.startswith("event: "):
            name = line.removeprefix("event: ")
        elif line.startswith("data: "):
            yield name, json.loads(line.removeprefix("data: "))


def test_what_is_wrong_to_begin_with_is_waited_for(tmp_path: Path) -> None:
    root = small(tmp_path / "root", more="nonsense")
    environment = {**os.environ, "NO_COLOR": "1"}
    arguments = [*COMMAND, "serve", "--watch", "--port", "0", "--root", str(root)]
    with subprocess.Popen(
        arguments, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment
    ) as process:
        try:
            assert process.stderr is not None
            assert process.stdout is not None
            said = ""
            while "Nothing can be served yet" not in said:
                said += _line(process.stderr)
            assert "instances/studies/a.ttl" in said
            time.sleep(0.5)
            small(root)
            while not _line(process.stdout).startswith("Watching"):
                pass
        finally:
            process.kill()


def _line(stream: IO[str]) -> str:
    """Read a line; at the end of all there is none to wait for."""
    line = stream.readline()
    assert line, "the server has ended"
    return line


def test_only_turtle_is_followed() -> None:
    for name, followed in {
        "a.ttl": True,
        ".a.ttl": False,
        ".#a.ttl": False,
        "a.ttl~": False,
        "4913": False,
        "a.rq": False,
    }.items():
        assert is_source(Change.modified, f"/root/instances/{name}") is followed, name


def test_a_state_says_all_that_a_page_needs() -> None:
    record = State(News.FAILED, 3, "abc", failure="why").record()
    assert record["state"] == "failed"
    assert record["failure"] == "why"
    assert set(record) == {"state", "number", "serving", "since", "seconds", "files", "failure", "diagnostics"}


@pytest.mark.parametrize(
    ("told", "kind", "what", "remedy", "tag"),
    [
        (
            Diagnostic("syntax", Severity.VIOLATION, "The file is not UTF-8.", Place("a.ttl"), "Save it as UTF-8."),
            "文件无法读取",
            "文件不是 UTF-8 编码。",
            "请存为 UTF-8 编码。",
            "zh-Hans",
        ),
        (
            Diagnostic("shape:Study", Severity.VIOLATION, "A study is published.", None, "Did you mean study:a?"),
            "不符合形状",
            "A study is published.",
            "是否应为 study:a？",
            "en",
        ),
    ],
)
def test_what_is_wrong_is_told_in_chinese_as_far_as_there_are_words(
    told: Diagnostic, kind: str, what: str, remedy: str, tag: str
) -> None:
    (english,), (chinese,) = (
        cast("list[dict[str, str]]", State(News.WRONG, diagnostics=(told,)).record(language)["diagnostics"])
        for language in ("en", "zh")
    )
    assert [english[each] for each in ("what", "remedy", "language")] == [told.what, told.remedy, "en"]
    assert {**english, "kind": kind, "what": what, "remedy": remedy, "language": tag} == chinese


@pytest.mark.parametrize("module", ["judge", "faults", "diagnose"])
def test_what_to_do_has_a_sentence_in_chinese(module: str) -> None:
    tree = ast.parse(Path(exo_onto.__file__).with_name(f"{module}.py").read_text("utf-8"))
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call) and ast.unparse(node.func) == "Fault"]
    made = [call.args[2] for call in calls if len(call.args) > 2]
    made += [n.value for n in ast.walk(tree) if isinstance(n, ast.Assign) and ast.unparse(n.targets[0]) == "remedy"]
    leaves = [leaf for each in made for leaf in ([each.body, each.orelse] if isinstance(each, ast.IfExp) else [each])]
    texts = [ast.unparse(leaf).removeprefix("f").strip("\"'") for leaf in leaves if not isinstance(leaf, ast.Name)]
    assert module == "diagnose" or len(texts) > 2
    for text in texts:
        assert re.search("[\u4e00-\u9fff]", sentence(text)), text


def test_every_kind_of_diagnostic_has_a_name_and_its_page() -> None:
    for kind in KINDS:
        assert Words("zh")(f"diagnostic.{kind}") != Words("en")(f"diagnostic.{kind}")
        page = (REPOSITORY / "docs" / "diagnostics" / f"{kind}.md").read_text("utf-8")
        assert page.startswith(f"# {kind}: {Words('en')(f'diagnostic.{kind}')}\n")


def test_the_process_that_builds_is_replaced_when_it_is_lost(tmp_path: Path) -> None:
    root = small(tmp_path / "root")

    async def lost() -> tuple[Rebuilt, Rebuilt]:
        told: list[State] = []
        watched = desk(root, told)
        await watched.open()
        try:
            builder = await watched._builder()  # noqa: SLF001  it is to be lost
            builder.kill()
            await builder.wait()
            one = await watched._rebuilt()  # noqa: SLF001
            builder = await watched._builder()  # noqa: SLF001
            os.kill(builder.pid, signal.SIGSTOP)
            waiting = asyncio.create_task(watched._rebuilt())  # noqa: SLF001
            await asyncio.sleep(0.1)
            os.kill(builder.pid, signal.SIGKILL)
            return one, await waiting
        finally:
            await watched.close()

    one, other = asyncio.run(lost())
    assert one.failure == ""
    assert one.name
    assert "The process that builds was lost" in other.failure


def test_only_so_many_may_listen(tmp_path: Path) -> None:
    root = small(tmp_path / "root")
    watched = desk(root, [])
    settings = Settings(workers=3)
    app = serve.application(watched, settings, more=watched.routes)
    watched._listening = MOST_LISTENING  # noqa: SLF001
    reply = send(app, "GET", "/events")
    assert reply.status_code == 503
    assert reply.headers["Retry-After"] == "5"
    assert send(app, "GET", "/diagnostics").json()["state"] == "served"
    assert send(app, "GET", "/diagnostics?lang=zh").json()["state"] == "served"
    assert send(app, "POST", "/diagnostics").status_code == 405
    asyncio.run(watched.close())


def test_a_stream_ends_when_the_server_is_about_to_stop(tmp_path: Path) -> None:
    root = small(tmp_path / "root")
    watched = desk(root, [])

    async def listened() -> list[str]:
        stream: AsyncIterator[str] = watched._stream("en")  # noqa: SLF001
        first = await anext(stream)
        asyncio.get_running_loop().call_later(0.1, watched.leave)
        rest = [each async for each in stream]
        await watched.close()
        return [first, *rest]

    first, *rest = asyncio.run(listened())
    assert first.startswith("retry: 1000\nevent: state\nid: 0\ndata: {")
    assert rest == []


def test_watching_and_a_store_elsewhere_exclude_each_other(tmp_path: Path) -> None:
    done = subprocess.run(
        [*COMMAND, "serve", "--watch", "--store", "http://127.0.0.1:9/"],
        cwd=small(tmp_path),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert "leave --store out" in done.stderr
