"""The gate: who is counted together, who waits, and what the log is told."""

import json
from urllib.parse import urlencode

import pytest
from serving import STRANGER, TABLE, Desk, failure, get, send, served
from starlette.types import ASGIApp

from exo_onto.gate import counted_as
from exo_onto.outcome import LostError
from exo_onto.serve import application
from exo_onto.settings import Settings

TWO = Settings(rate=2)


def statuses(app: ASGIApp, *clients: str, path: str = "/") -> list[int]:
    return [send(app, "GET", path, client=client).status_code for client in clients]


# --- How many requests come in


def test_who_asks_too_much_is_told_to_wait() -> None:
    app = served(TWO)
    assert statuses(app, STRANGER, STRANGER) == [200, 200]
    for path in ("/", "/sparql", "/data", "/metrics", "/nowhere"):
        reply = send(app, "GET", path, client=STRANGER)
        assert failure(reply) == (429, "too-many")
        assert 1 <= int(reply.headers["Retry-After"]) <= 62
        assert reply.headers["Exo-Onto-Snapshot"] == "3f2a"
        assert reply.headers["Access-Control-Allow-Origin"] == "*"
    assert send(app, "HEAD", "/", client=STRANGER).content == b""
    assert statuses(app, "203.0.113.8") == [200]


def test_who_is_turned_away_asks_the_desk_nothing() -> None:
    settings = Settings(rate=1)
    desk = Desk(settings)
    app = application(desk, settings)
    asked = {"query": TABLE}
    replies = [send(app, "GET", "/sparql", params=asked, client=STRANGER).status_code for _ in range(3)]
    assert replies == [200, 429, 429]
    assert len(desk.asked) == 1


@pytest.mark.parametrize("client", ["127.0.0.1", "127.8.9.1", "::1", "::ffff:127.0.0.1"])
def test_this_machine_itself_is_not_counted(client: str) -> None:
    assert statuses(served(TWO), *[client] * 5) == [200] * 5


def test_whether_it_is_well_may_be_asked_at_any_rate() -> None:
    app = served(TWO)
    for path in ("/healthz", "/readyz"):
        assert statuses(app, *[STRANGER] * 4, path=path) == [200] * 4
    assert statuses(app, *[STRANGER] * 3) == [200, 200, 429]


def test_a_network_of_the_newer_protocol_is_counted_as_one_client() -> None:
    app = served(TWO)
    assert statuses(app, "2001:db8:0:1::1", "2001:db8:0:1:ffff::2", "2001:db8:0:1::3") == [200, 200, 429]
    assert statuses(app, "2001:db8:0:2::1") == [200]


@pytest.mark.parametrize(
    ("client", "name"),
    [
        ("203.0.113.7", "203.0.113.7"),
        ("::ffff:203.0.113.7", "203.0.113.7"),
        ("2001:db8::5", "2001:db8::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("no address", "unknown"),
        ("", "unknown"),
        ("127.0.0.1", None),
    ],
)
def test_clients_are_told_apart_by_address(client: str, name: str | None) -> None:
    assert counted_as(client) == name


# --- Proxies


def forwarded(app: ASGIApp, proxy: str, *clients: str) -> list[int]:
    told = [{"X-Forwarded-For": client, "X-Forwarded-Proto": "https"} for client in clients]
    return [send(app, "GET", "/", client=proxy, headers=headers).status_code for headers in told]


def test_a_trusted_proxy_says_who_asks() -> None:
    app = served(Settings(rate=1, trusted_proxies=("10.0.0.2",)))
    assert forwarded(app, "10.0.0.2", "203.0.113.1", "203.0.113.2", "203.0.113.1") == [200, 200, 429]
    # What the client itself put before the proxy's word does not count, this machine's address neither.
    assert forwarded(app, "10.0.0.2", "127.0.0.1, 203.0.113.3", "::1, 203.0.113.3") == [200, 429]


def test_nobody_else_is_believed() -> None:
    for trusted in ((), ("10.0.0.2",)):
        app = served(Settings(rate=1, trusted_proxies=trusted))
        assert forwarded(app, STRANGER, "203.0.113.1", "203.0.113.2", "127.0.0.1") == [200, 429, 429]


# --- The log


def logged(settings: Settings, *requests: tuple[str, str, dict[str, str]], client: str = "127.0.0.1") -> list[str]:
    lines: list[str] = []
    app = application(Desk(settings), settings, log=lines.append)
    for method, path, parameters in requests:
        send(app, method, path, params=parameters, client=client)
    return lines


def test_the_log_has_a_line_of_json_for_each_request() -> None:
    settings = Settings(access_log=True)
    lines = logged(
        settings, ("GET", "/sparql", {"query": TABLE}), ("GET", "/sparql", {"query": TABLE}), ("PUT", "/data", {})
    )
    assert all(line.endswith("\n") and line.count("\n") == 1 for line in lines)
    first, second, third = map(json.loads, lines)
    assert list(first) == ["time", "method", "path", "status", "seconds", "bytes", "rows", "query", "cache", "snapshot"]
    assert (first["method"], first["path"], first["status"], first["cache"]) == ("GET", "/sparql", 200, "miss")
    assert (second["cache"], second["query"], first["snapshot"]) == ("hit", first["query"], "3f2a")
    assert len(first["query"]) == 16
    assert first["bytes"] > 0
    assert first["seconds"] >= 0
    assert first["time"].endswith("+00:00")
    assert (third["status"], third["path"], "query" in third, "cache" in third) == (405, "/data", False, False)


@pytest.mark.parametrize(
    "query",
    [
        "ASK { ?s ?p 'confidential' }",
        "ASK { ?s ?p 'confidential' } # confidential",
        "SELECT confidential",
        "ASK { SERVICE <http://confidential/> {} }",
        "ASK { ?confidential ?p '\n' }",
    ],
)
def test_the_log_never_has_what_was_asked(query: str) -> None:
    lines: list[str] = []
    settings = Settings(access_log=True)
    app = application(Desk(settings), settings, log=lines.append)
    get(app, query)
    send(app, "POST", "/sparql", data={"query": query, "confidential": "confidential"})
    send(app, "GET", "/data", params={"graph": "http://confidential/"})
    send(app, "GET", "/nowhere?" + urlencode({"query": query}))
    assert len(lines) == 4
    assert "confidential" not in "".join(lines)
    assert STRANGER not in "".join(lines)


def test_the_log_does_not_say_who_asks() -> None:
    assert STRANGER not in "".join(logged(Settings(access_log=True), ("GET", "/", {}), client=STRANGER))


def test_there_is_no_log_unless_it_is_wanted() -> None:
    assert logged(Settings(), ("GET", "/", {})) == []


def test_a_path_cannot_begin_a_line_of_its_own() -> None:
    [line] = logged(Settings(access_log=True), ("GET", "/a%0A%7B%22status%22:200%7D", {}))
    assert line.count("\n") == 1
    assert json.loads(line)["path"].startswith("/a\n")


def test_who_is_turned_away_is_logged_and_counted() -> None:
    lines = logged(Settings(access_log=True, rate=1), *[("GET", "/", {})] * 2, client=STRANGER)
    assert [json.loads(line)["status"] for line in lines] == [200, 429]


def test_each_answer_is_counted_by_its_status() -> None:
    app = served(outcome=LostError())
    get(app, TABLE)
    get(app, "ASK { SERVICE <http://h/> {} }")
    send(app, "GET", "/term")
    send(app, "GET", "/term")
    told = send(app, "GET", "/metrics").text
    counts = [line for line in told.splitlines() if line.startswith("exo_onto_requests_total")]
    assert counts == [
        f'exo_onto_requests_total{{status="{status}"}} {number}'
        for status, number in (("503", 1.0), ("403", 1.0), ("404", 2.0))
    ]
