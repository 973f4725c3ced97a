"""options: what `exo-onto serve` may be told, by option or by variable of the environment, as Typer reads it. Pure."""

from pathlib import Path
from typing import Annotated

import typer

from exo_onto.settings import LEAST_MEMORY, LEAST_WORKERS

PREFIX = "EXO_ONTO_"
"""How the variables begin; the rest is the option in capitals."""


def _option(name: str, help: str, *, metavar: str | None = None, least: float | None = None) -> typer.models.OptionInfo:
    variable = PREFIX + name.removeprefix("--").upper().replace("-", "_")
    made: typer.models.OptionInfo = typer.Option(name, envvar=variable, help=help, metavar=metavar, min=least)
    return made


Root = Annotated[
    Path | None,
    _option("--root", "The folder with ontology/, shapes/ and instances/. Default: the nearest, from here upwards."),
]
Store = Annotated[str | None, _option("--store", "Serve this SPARQL 1.1 store, not the snapshot.", metavar="URL")]
Host = Annotated[str, _option("--host", "The address to listen on. Only this machine can reach the default.")]
Port = Annotated[
    int,
    typer.Option("--port", envvar=f"{PREFIX}PORT", min=0, max=65535, help="The port; 0 takes a free one."),
]
BaseUrl = Annotated[
    str | None,
    _option("--base-url", "How clients reach it. Default: what it listens on.", metavar="URL"),
]
Workers = Annotated[
    int | None,
    _option("--workers", "Worker processes. Default: two more than there are cores.", least=LEAST_WORKERS),
]
Timeout = Annotated[float, _option("--timeout", "Seconds that a query may take from its arrival.", metavar="SECONDS")]
Memory = Annotated[int, _option("--memory", "Address space of a worker, in MiB.", metavar="MIB", least=LEAST_MEMORY)]
MaxRows = Annotated[int, _option("--max-rows", "Rows, or triples, that an answer may have.", least=1)]
MaxBytes = Annotated[int, _option("--max-bytes", "Bytes that an answer may have.", least=1)]
Queue = Annotated[int, _option("--queue", "Queries that may wait for a worker.", least=1)]
Rate = Annotated[int, _option("--rate", "Requests a minute and client. This machine itself is not counted.", least=1)]
CacheBytes = Annotated[int, _option("--cache-bytes", "How many bytes of answers are kept; 0: none.", least=0)]
TrustedProxy = Annotated[
    list[str] | None,
    _option("--trusted-proxy", "Believe X-Forwarded-* from this address. May be repeated.", metavar="ADDRESS"),
]
AllowService = Annotated[
    list[str] | None, _option("--allow-service", "Let SERVICE call this address. May be repeated.", metavar="URL")
]
Watch = Annotated[bool, _option("--watch", "Follow the files: build each change, and serve it or say what is wrong.")]
AccessLog = Annotated[bool, _option("--access-log", "Write one line of JSON for each request.")]
