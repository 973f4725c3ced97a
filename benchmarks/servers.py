"""servers: data and a server's name in, a server that runs out. Starts them, one by one, and ends them."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter, sleep

import httpx
import psutil

from benchmarks import processes
from benchmarks.serving_report import (
    OURS,
    OURS_CACHED,
    OXIGRAPH,
    RDFLIB,
)

REPOSITORY = Path(__file__).parent.parent
EXO_ONTO = (sys.executable, "-u", "-c", "from exo_onto import cli; cli.main()")
RDFLIB_ENDPOINT = """
import sys
import uvicorn
from rdflib import Dataset
from rdflib_endpoint import SparqlEndpoint
graph = Dataset(default_union=True)
graph.parse(sys.argv[1], format="nquads")
app = SparqlEndpoint(graph=graph, path="/sparql")
uvicorn.run(app, host="127.0.0.1", port=int(sys.argv[2]), log_level="warning", access_log=False)
"""
"""What its own command does, but at the address of ours, and without a line for each request."""
Progress = Callable[[str], None]


class ServerError(Exception):
    """A server cannot be started."""


@dataclass(frozen=True)
class Prepared:
    """What is served: a root that has been built; all that ours serves of it, as a store and as N-Quads."""

    name: str
    root: Path

    @property
    def store(self) -> Path:
        """The folder of the store."""
        return self.root / "served"

    @property
    def quads(self) -> Path:
        """The file of the quads."""
        return self.root / "served.nq"


@dataclass(frozen=True)
class Server:
    """A server: its name, the path of its endpoint, and the command that serves some data on a port."""

    name: str
    path: str
    command: Callable[[Prepared, int], Sequence[str]]


@dataclass(frozen=True)
class Running:
    """A server that runs."""

    endpoint: str
    process: psutil.Process

    @property
    def alive(self) -> bool:
        """Whether its first process is there."""
        return self.process.is_running() and self.process.status() != psutil.STATUS_ZOMBIE

    def mebibytes(self) -> float:
        """Sum the memory of the server and all below it; what several of them share counts once."""
        return sum(self.shares())

    def shares(self) -> list[float]:
        """Give the MiB of each of the server's processes: of its first, and of all below it that have not ended."""
        first, *others = (processes.share(each) / 2**20 for each in self.family())
        return [first, *filter(None, others)]

    def family(self) -> list[psutil.Process]:
        """Give the server's processes: its first, and all below it."""
        try:
            return [self.process, *self.process.children(recursive=True)]
        except psutil.NoSuchProcess:
            return [self.process]


def ours(name: str = OURS_CACHED, *options: str) -> Server:
    """Give our own server, with these options."""

    def command(data: Prepared, port: int) -> Sequence[str]:
        return [*EXO_ONTO, "serve", "--root", str(data.root), "--port", str(port), *options]

    return Server(name, "/sparql", command)


def oxigraph() -> Server:
    """Give Oxigraph's own server on our store."""
    program = shutil.which("oxigraph", path=f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}")

    def command(data: Prepared, port: int) -> Sequence[str]:
        how = ["--location", str(data.store), "--bind", f"127.0.0.1:{port}", "--union-default-graph"]
        return [program or "oxigraph", "serve-read-only", *how]

    return Server(OXIGRAPH, "/query", command)


def rdflib_endpoint(python: str) -> Server:
    """Give rdflib-endpoint, as that interpreter has it."""

    def command(data: Prepared, port: int) -> Sequence[str]:
        return [python, "-c", RDFLIB_ENDPOINT, str(data.quads), str(port)]

    return Server(RDFLIB, "/sparql", command)


@contextmanager
def running(server: Server, data: Prepared, *, bound: float) -> Iterator[Running]:
    """Start a server, wait until it answers, and end it afterwards with all that it has started.

    Raises ServerError where it does not come to answer within `bound` seconds.
    """
    port = _free_port()
    endpoint = f"http://127.0.0.1:{port}{server.path}"
    with tempfile.TemporaryFile() as words:
        try:
            process = subprocess.Popen(  # noqa: S603  the servers named above
                server.command(data, port),
                cwd=REPOSITORY,
                stdin=subprocess.DEVNULL,
                stdout=words,
                stderr=subprocess.STDOUT,
                process_group=0,
            )
        except FileNotFoundError as error:
            raise ServerError("not installed") from error
        try:
            if answers_again(endpoint, bound, alive=lambda: process.poll() is None) is None:
                words.seek(0)
                told = words.read().decode(errors="replace").strip().splitlines()
                ended = process.poll() is not None
                raise ServerError((told or ["it ended"])[-1][:200] if ended else f"does not answer after {bound:g} s")
            yield Running(endpoint, psutil.Process(process.pid))
        finally:
            _end(process)


def answers_again(endpoint: str, bound: float, *, alive: Callable[[], bool]) -> float | None:
    """Put a plain query until it is answered, and give the seconds until then; None: not within the bound."""
    start = perf_counter()
    with httpx.Client() as client:
        while alive() and (left := bound - (perf_counter() - start)) > 0:
            try:
                if client.get(endpoint, params={"query": "ASK {}"}, timeout=left).is_success:
                    return perf_counter() - start
            except httpx.HTTPError:
                pass
            sleep(0.1)
    return None


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        return int(listening.getsockname()[1])


def _end(process: subprocess.Popen[bytes]) -> None:
    """Ask a server to stop, and kill what is left of it: workers may have left its group."""
    try:
        family = psutil.Process(process.pid).children(recursive=True)
    except psutil.NoSuchProcess:
        family = []
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGTERM)
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
    for each in family:
        if each.is_running():
            each.kill()


def grants(option: str) -> bool:
    """Tell whether our server knows an option.

    Raises ServerError where it does not even say so.
    """
    command = [*EXO_ONTO, "serve", "--help"]
    told = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, check=False)  # noqa: S603  ours
    if told.returncode:
        raise ServerError(f"exo-onto serve --help fails: {told.stderr.strip()[-300:]}")
    return option in told.stdout


def competitors(python: str) -> tuple[Server, ...]:
    """Give the servers that are compared, those of others first: what they agree on is known soonest."""
    mine = (ours(OURS, "--cache-bytes", "0"), ours()) if grants("--cache-bytes") else (ours(OURS),)
    return (oxigraph(), *mine, rdflib_endpoint(python))
