"""Real stores for tests: started on loopback in a folder of their own, stopped after.

A machine that lacks a program skips its tests; where EXO_ONTO_REQUIRE names the program, they fail instead.
"""

import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from exo_onto.triplestore import Address, Credentials, TripleStore

USER, PASSWORD = "dba", "dba"
VIRTUOSO_INI = """
[Database]
DatabaseFile = virtuoso.db
ErrorLogFile = virtuoso.log
LockFile = virtuoso.lck
TransactionFile = virtuoso.trx
xa_persistent_file = virtuoso.pxa
FileExtend = 200
MaxCheckpointRemap = 2000
TempStorage = TempDatabase
[TempDatabase]
DatabaseFile = virtuoso-temp.db
TransactionFile = virtuoso-temp.trx
MaxCheckpointRemap = 2000
[Parameters]
ServerPort = 127.0.0.1:{sql}
DisableUnixSocket = 1
CheckpointInterval = 0
CaseMode = 2
DirsAllowed = .
NumberOfBuffers = 10000
MaxDirtyBuffers = 6000
MaxQueryMem = 1G
ThreadsPerQuery = 2
[HTTPServer]
ServerPort = 127.0.0.1:{http}
ServerRoot = .
ServerThreads = 6
Charset = UTF-8
[SPARQL]
ResultSetMaxRows = 1000000
MaxQueryExecutionTime = 60
"""


def program(name: str) -> str:
    """Find a program, or skip; fail where the program is required."""
    beside = Path(sys.executable).parent / name
    found = str(beside) if beside.exists() else shutil.which(name)
    if found is None:
        required = name in os.environ.get("EXO_ONTO_REQUIRE", "").split(",")
        (pytest.fail if required else pytest.skip)(f"{name} is not installed")
    return str(found)


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        return int(listening.getsockname()[1])


@contextmanager
def oxigraph(folder: Path) -> Iterator[TripleStore]:
    """Run the Oxigraph server."""
    port = free_port()
    command = [program("oxigraph"), "serve", "--location", str(folder), "--bind", f"127.0.0.1:{port}"]
    base = f"http://127.0.0.1:{port}"
    with running(command, folder, f"{base}/query"):
        store = TripleStore(Address(f"{base}/query", f"{base}/update"))
        yield store
        store.close()


@contextmanager
def virtuoso(folder: Path) -> Iterator[TripleStore]:
    """Run Virtuoso: anybody may ask, and its administrator, by Digest, update; SPARQL_UPDATE is granted besides."""
    isql = program("isql-vt")
    sql, http = free_port(), free_port()
    (folder / "virtuoso.ini").write_text(VIRTUOSO_INI.format(sql=sql, http=http))
    base = f"http://127.0.0.1:{http}"
    with running([program("virtuoso-t"), "+foreground", "+configfile", "virtuoso.ini"], folder, f"{base}/sparql"):
        grant = 'grant SPARQL_UPDATE to "SPARQL";'
        subprocess.run([isql, f"127.0.0.1:{sql}", USER, PASSWORD, f"exec={grant}"], check=True, capture_output=True)
        store = TripleStore(Address(f"{base}/sparql", f"{base}/sparql-auth"), Credentials(USER, PASSWORD))
        yield store
        store.close()


STORES = {"oxigraph": oxigraph, "virtuoso": virtuoso}


@contextmanager
def running(command: list[str], folder: Path, url: str) -> Iterator[None]:
    """Run a server until it is no longer needed, and wait for its first answer."""
    log = folder / "output.log"
    with log.open("wb") as output, subprocess.Popen(command, cwd=folder, stdout=output, stderr=output) as process:
        try:
            wait_for(process, url, log)
            yield
        finally:
            process.terminate()
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()


def wait_for(process: subprocess.Popen[bytes], url: str, log: Path) -> None:
    for _ in range(600):
        assert process.poll() is None, log.read_text(errors="replace")
        try:
            if httpx.get(url, params={"query": "ASK {}"}, trust_env=False).is_success:
                return
        except httpx.TransportError:
            pass
        time.sleep(0.1)
    raise AssertionError(log.read_text(errors="replace"))
