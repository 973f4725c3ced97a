"""load: queries and an endpoint in, what a client saw of it out. Starts wrk, and opens connections.

There are two clients. `press` has wrk ask as much as a server can take. `visit` asks one query, waits for its answer,
thinks, and asks the next, as a well-behaved script does; `python -m benchmarks.load` is that client in a process of its
own, so that nothing else in ours delays it.
"""

import json
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from http.client import HTTPConnection, HTTPException
from math import ceil
from pathlib import Path
from time import perf_counter, sleep
from typing import Annotated
from urllib.parse import quote, urlsplit

import typer

REPOSITORY = Path(__file__).parent.parent
RESULTS = "application/sparql-results+json"

WRK_SAID = "wrk-said "
WRK = """
local paths, place = {}, 0

function init(args)
  wrk.headers["Accept"] = "application/sparql-results+json"
  for line in io.lines(args[1]) do paths[#paths + 1] = wrk.path .. line end
end

function request()
  place = place % #paths + 1
  return wrk.format("GET", paths[place])
end

function done(summary, latency)
  local e = summary.errors
  io.write(string.format(
    'wrk-said {"requests": %d, "microseconds": %d, "p50": %d, "p99": %d,' ..
    ' "errors": {"connect": %d, "read": %d, "write": %d, "status": %d, "timeout": %d}}\\n',
    summary.requests, summary.duration, latency:percentile(50), latency:percentile(99),
    e.connect, e.read, e.write, e.status, e.timeout))
end
"""
"""Goes through the queries of a file in turn, each a line that begins with `?query=`, and tells figures at the end."""


class LoadError(Exception):
    """A client could not do its work."""


@dataclass(frozen=True)
class Query:
    """One query by its name."""

    name: str
    text: str


@dataclass(frozen=True)
class Load:
    """What wrk saw: answers of any status, the seconds that they took, milliseconds of one, and errors by kind.

    The milliseconds are wrk's own, which it corrects for what waited unsent while a server stood still.
    """

    requests: int
    seconds: float
    p50: float
    p99: float
    errors: Mapping[str, int] = field(default_factory=dict)

    @property
    def throughput(self) -> float:
        """Answers of status 200 a second."""
        good = self.requests - self.errors.get("status", 0)
        return good / self.seconds if self.seconds else 0

    @property
    def failures(self) -> int:
        """How many requests got no answer, or a refusal."""
        return sum(self.errors.values())


@dataclass(frozen=True)
class Visit:
    """What a well-behaved client saw: requests, milliseconds of those that went well, failures by kind."""

    requests: int
    p50: float
    p99: float
    longest: float
    failures: Mapping[str, int] = field(default_factory=dict)

    @property
    def failed(self) -> int:
        """How many requests failed."""
        return sum(self.failures.values())


@dataclass(frozen=True)
class Manner:
    """How a client asks: for how long, with which pause, how patiently, and from which address of this machine."""

    seconds: float
    pause: float = 0.02
    patience: float = 60
    source: str = ""


def percentile(values: Iterable[float], share: float) -> float:
    """Give the smallest value that `share` of all do not exceed (the nearest rank); 0 where there is none."""
    ordered = sorted(values)
    return ordered[max(0, ceil(share * len(ordered)) - 1)] if ordered else 0


def lines(queries: Iterable[Query]) -> str:
    """Write queries as both clients read them."""
    return "".join(f"?query={quote(query.text, safe='')}\n" for query in queries)


def parse(told: str) -> Load:
    """Read what wrk has printed.

    Raises LoadError where it did not come to its end.
    """
    line = next((line for line in told.splitlines() if line.startswith(WRK_SAID)), None)
    if line is None:
        raise LoadError(told.strip() or "wrk said nothing")
    said = json.loads(line.removeprefix(WRK_SAID))
    seconds = said["microseconds"] / 1e6
    return Load(said["requests"], seconds, said["p50"] / 1e3, said["p99"] / 1e3, said["errors"])


def press(endpoint: str, queries: Sequence[Query], *, seconds: float, connections: int) -> Load:
    """Ask as much as the server can take.

    Raises LoadError where wrk is not installed or cannot reach the server.
    """
    wrk = shutil.which("wrk")
    if wrk is None:
        raise LoadError("wrk is not installed: apt-get install wrk, or brew install wrk.")
    with tempfile.TemporaryDirectory(prefix="exo-onto-load-") as name:
        script, asked = Path(name) / "rotate.lua", Path(name) / "queries"
        script.write_text(WRK, "utf-8")
        asked.write_text(lines(queries), "utf-8")
        how = [f"-d{max(1, round(seconds))}", f"-c{connections}", "-t1", "--timeout", f"{round(seconds) + 60}"]
        command = [wrk, *how, "-s", str(script), endpoint, "--", str(asked)]
        done = subprocess.run(command, capture_output=True, check=False)  # noqa: S603  wrk as we call it
        return parse((done.stdout + done.stderr).decode(errors="replace"))


def depart(endpoint: str, queries: Iterable[Query], folder: Path, manner: Manner) -> subprocess.Popen[bytes]:
    """Send a well-behaved client out, in a process of its own; `folder` takes its queries."""
    with tempfile.NamedTemporaryFile("w", encoding="utf-8", dir=folder, delete=False) as asked:
        asked.write(lines(queries))
    options = [f"--{name}={value}" for name, value in asdict(manner).items()]
    command = [sys.executable, "-m", "benchmarks.load", endpoint, asked.name, *options]
    return subprocess.Popen(command, cwd=REPOSITORY, stdout=subprocess.PIPE)  # noqa: S603  this very module


def arrive(client: subprocess.Popen[bytes]) -> Visit:
    """Wait for a client that was sent out, and hear what it saw."""
    told, _ = client.communicate()
    if client.returncode:
        raise LoadError(f"A client ended with {client.returncode}.")
    return Visit(**json.loads(told))


def visit(endpoint: str, paths: Sequence[str], manner: Manner) -> Visit:
    """Ask one query after the other for a time; what is no whole answer of status 200 is a failure."""
    place, failures, took = urlsplit(endpoint), Counter[str](), list[float]()
    count, end = 0, perf_counter() + manner.seconds
    connection = _connection(place.netloc, manner)
    while perf_counter() < end:
        start = perf_counter()
        failure = _ask(connection, place.path + paths[count % len(paths)])
        count += 1
        if failure:
            failures[failure] += 1
            connection.close()  # and opens anew by itself
        else:
            took.append((perf_counter() - start) * 1e3)
        sleep(manner.pause)
    connection.close()
    p50, p99 = (round(percentile(took, share), 3) for share in (0.5, 0.99))
    return Visit(count, p50, p99, round(max(took, default=0), 3), dict(failures))


def _connection(netloc: str, manner: Manner) -> HTTPConnection:
    source = (manner.source, 0) if manner.source else None
    return HTTPConnection(netloc, timeout=manner.patience, source_address=source)


def _ask(connection: HTTPConnection, path: str) -> str | None:
    """Ask once, and say what failed, if anything did."""
    try:
        connection.request("GET", path, headers={"Accept": RESULTS})
        response = connection.getresponse()
        body = response.read()
        if response.status != 200:  # noqa: PLR2004  OK
            return f"status {response.status}"
        json.loads(body)
    except (OSError, HTTPException) as error:
        return type(error).__name__
    except ValueError:
        return "not whole"
    return None


app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)


@app.command(epilog="Example:\n\npython -m benchmarks.load http://127.0.0.1:7878/sparql queries.txt --seconds 10")
def main(  # noqa: PLR0913  one for each option
    endpoint: Annotated[str, typer.Argument(help="Where to ask.")],
    queries: Annotated[Path, typer.Argument(help="A file with one query a line, as it stands in a URL: ?query=...")],
    *,
    seconds: Annotated[float, typer.Option(help="How long to go on.")] = 10,
    pause: Annotated[float, typer.Option(help="Seconds between an answer and the next query.")] = 0.02,
    patience: Annotated[float, typer.Option(help="Seconds after which no answer is waited for.")] = 60,
    source: Annotated[str, typer.Option(help="The address of this machine to ask from, such as 127.0.0.2.")] = "",
) -> None:
    """Ask an endpoint at one's ease, and print what came of it as JSON."""
    paths = queries.read_text("utf-8").splitlines()
    typer.echo(json.dumps(asdict(visit(endpoint, paths, Manner(seconds, pause, patience, source)))))


if __name__ == "__main__":
    app()
