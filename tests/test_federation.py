"""The operator's list: what a query may call now, by where the names lead to."""

import socket
from collections.abc import Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import ClassVar, cast

import pytest
from pyoxigraph import QuerySolutions, Store

from exo_onto import federation
from exo_onto.federation import NoServiceError, Resolve, callable_now, service_address

NAMED = "https://sparql.example.org/query"
PUBLIC, PUBLIC6 = "93.184.215.14", "2606:2800:21f:cb07:6820:80da:af6b:8b2c"


def knows(names: Mapping[str, list[str]]) -> Resolve:
    """Make a resolver that knows some names."""

    def resolve(host: str, port: int) -> list[str]:
        assert 0 < port < 65_536
        if host not in names:
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
        return names[host]

    return resolve


def may_call(*addresses: str) -> bool:
    return NAMED in callable_now([NAMED], resolve=knows({"sparql.example.org": list(addresses)}))


@pytest.mark.parametrize("addresses", [[PUBLIC], [PUBLIC6], [PUBLIC, PUBLIC6], [f"::ffff:{PUBLIC}"]])
def test_a_name_that_leads_to_public_addresses_may_be_called(addresses: list[str]) -> None:
    assert may_call(*addresses)


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "127.8.8.8",
        "::1",
        "0.0.0.0",  # noqa: S104  to be refused
        "::",
        "10.1.2.3",
        "172.16.0.1",
        "192.168.1.1",
        "100.64.0.1",
        "fc00::1",
        "fd12:3456::1",
        "169.254.169.254",
        "fe80::1",
        "fe80::1%eth0",
        "::ffff:127.0.0.1",
        "::ffff:10.0.0.1",
        "::ffff:169.254.169.254",
        "224.0.0.1",
        "233.252.0.1",
        "ff02::1",
        "ff0e::1",
        "255.255.255.255",
        "198.51.100.7",
        "2001:db8::1",
        "64:ff9b::7f00:1",
        "2002:7f00:1::1",
    ],
)
def test_a_name_that_leads_elsewhere_may_not_be_called(address: str) -> None:
    assert not may_call(address)
    assert not may_call(PUBLIC, address)
    assert not may_call(address, PUBLIC6)


def test_a_name_that_leads_nowhere_may_not_be_called() -> None:
    assert not may_call()
    assert callable_now([NAMED], resolve=knows({})) == frozenset()


@pytest.mark.parametrize("host", ["a..b", "x" * 64 + ".org", "bad-.example.invalid"])
def test_a_name_that_cannot_be_one_may_not_be_called(host: str) -> None:
    assert callable_now([f"http://{host}/sparql"]) == frozenset()


def test_a_literal_address_is_the_operators_consent_to_it() -> None:
    def nobody(host: str, port: int) -> list[str]:
        raise AssertionError((host, port))

    listed = ["http://127.0.0.1:3030/sparql", "http://[::1]/sparql", "https://10.0.0.5/sparql"]
    assert callable_now(listed, resolve=nobody) == frozenset(listed)


@pytest.mark.parametrize("host", ["2130706433", "0x7f.1", "127.1", "017700000001"])
def test_an_address_in_disguise_is_judged_by_where_it_leads(host: str) -> None:
    assert callable_now([f"http://{host}/sparql"]) == frozenset()


def test_each_entry_is_judged_by_itself_and_at_its_port() -> None:
    asked: list[tuple[str, int]] = []

    def resolve(host: str, port: int) -> list[str]:
        asked.append((host, port))
        return [PUBLIC] if host == "good.example" else ["127.0.0.1"]

    listed = ["http://good.example/", "https://good.example/", "http://good.example:8080/q", "http://bad.example/"]
    assert callable_now(listed, resolve=resolve) == frozenset(listed[:3])
    assert asked == [("good.example", 80), ("good.example", 443), ("good.example", 8080), ("bad.example", 80)]
    assert callable_now([], resolve=resolve) == frozenset()


def test_this_machines_own_name_leads_to_itself() -> None:
    assert set(federation.resolve("localhost", 80)) <= {"127.0.0.1", "::1"}
    assert callable_now(["http://localhost/sparql"]) == frozenset()


@pytest.mark.parametrize(
    "entry", [NAMED, "http://h/", "http://h", "http://127.0.0.1:1/a?b=c", "http://[::1]:80/sparql"]
)
def test_an_entry_stays_as_it_was_written(entry: str) -> None:
    assert service_address(entry) == entry


@pytest.mark.parametrize(
    "entry",
    [
        "",
        "sparql.example.org",
        "/sparql",
        "ftp://h/",
        "file:///etc/passwd",
        "http://",
        "http:///sparql",
        "http://user@h/",
        "http://user:word@h/",
        "http://h/#part",
        "http://h:0/",
        "http://h:65536/",
        "http://h:port/",
        "http://[::1/",
        "http://[no]/",
        "http://a b/",
        "http://h/a b",
        "http://h/<x>",
        "http://h/\n",
    ],
)
def test_what_is_no_address_of_an_endpoint_is_refused(entry: str) -> None:
    with pytest.raises(NoServiceError, match="is no http or https address"):
        service_address(entry)


class _Elsewhere(BaseHTTPRequestHandler):
    """Sends everybody on, and notes who came."""

    came: ClassVar[list[str]] = []

    def do_GET(self) -> None:
        self.came.append(self.path)
        self.send_response(302)
        self.send_header("Location", "/there")
        self.send_header("Content-Length", "0")
        self.end_headers()

    do_POST = do_GET  # noqa: N815  the name that the library looks for

    def log_message(self, *_: object) -> None:
        """Say nothing."""


def test_a_redirect_is_not_followed() -> None:
    with ThreadingHTTPServer(("127.0.0.1", 0), _Elsewhere) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        query = f"SELECT * {{ SERVICE <http://127.0.0.1:{server.server_port}/here> {{ ?s ?p ?o }} }}"
        with pytest.raises(OSError, match="redirect"):
            list(cast("QuerySolutions", Store().query(query)))
        server.shutdown()
    assert set(_Elsewhere.came) == {"/here"}
