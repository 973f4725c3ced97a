"""The connection: a real server on a loopback port, and clients that send bytes as no good client would."""

import asyncio
import socket
import time
from collections.abc import Iterator
from pathlib import Path
from unittest.mock import Mock, call

import pytest
from serving import Desk
from test_serve import server

from exo_onto import connection
from exo_onto.connection import MOST_FIELDS, MOST_HEAD, Joining
from exo_onto.serve import application, listen, run
from exo_onto.settings import Settings

SECONDS = 0.6
"""How long the server under test waits for a head."""
HEALTH = b"GET /healthz HTTP/1.1\r\nHost: h\r\n\r\n"
POST = b"POST /sparql HTTP/1.1\r\nHost: h\r\nContent-Type: application/sparql-query\r\n"


def serve(_: str, port: int) -> None:
    connection.HEAD_SECONDS = SECONDS  # type: ignore[misc, assignment]  # shorter than people would wait
    desk, settings = Desk(Settings()), Settings()
    run(application(desk, settings), desk, listen("127.0.0.1", port))


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    with server(serve, Path()) as address:
        yield int(address.rpartition(":")[2])


@pytest.fixture
def client(port: int) -> Iterator[socket.socket]:
    with socket.create_connection(("127.0.0.1", port), timeout=10) as opened:
        opened.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        yield opened


def head(size: int, path: str = "/healthz") -> bytes:
    """Make a head of so many bytes."""
    start, end = f"GET {path} HTTP/1.1\r\nHost: h\r\n".encode(), b"\r\n\r\n"
    return start + b"X: " + b"x" * (size - len(start) - len(end) - 3) + end


def answers(client: socket.socket, number: int) -> list[bytes]:
    """Read so many answers that say how long they are; give their first lines."""
    received, lines = b"", list[bytes]()
    while len(lines) < number:
        start, end, rest = received.partition(b"\r\n\r\n")
        lengths = [int(line.partition(b":")[2]) for line in start.split(b"\r\n") if line.startswith(b"content-length")]
        if end and len(rest) >= lengths[0]:
            lines.append(start.partition(b"\r\n")[0])
            received = rest[lengths[0] :]
            continue
        more = client.recv(65_536)
        assert more, received
        received += more
    assert received == b""
    return lines


def until_closed(client: socket.socket) -> tuple[bytes, float]:
    """Read until the server closes; give what came, and after how many seconds it did."""
    began, received = time.monotonic(), b""
    try:
        while more := client.recv(65_536):
            received += more
    except ConnectionResetError:
        pass
    return received, time.monotonic() - began


# --- Heads that are too long


@pytest.mark.parametrize("ending", [b"", b"\r\n\r\n"])
def test_a_head_that_is_too_long_is_refused_and_the_connection_closed(client: socket.socket, ending: bytes) -> None:
    client.sendall(head(MOST_HEAD + 10).removesuffix(b"\r\n\r\n") + ending)
    received, _ = until_closed(client)
    assert received.startswith(b"HTTP/1.1 431 ")
    assert received.endswith(b"\r\n\r\n")


def test_an_address_that_is_too_long_is_refused(client: socket.socket) -> None:
    client.sendall(b"GET /" + b"x" * MOST_HEAD)
    assert until_closed(client)[0].startswith(b"HTTP/1.1 431 ")


def test_a_head_that_comes_in_pieces_is_counted_as_one(client: socket.socket) -> None:
    content = head(MOST_HEAD + 2_000)[:-4]
    try:
        for start in range(0, len(content), 8_000):
            client.sendall(content[start : start + 8_000])
            time.sleep(0.01)
    except ConnectionError:
        pass
    received, seconds = until_closed(client)
    assert received.startswith(b"HTTP/1.1 431 ") or received == b""
    assert seconds < SECONDS


def test_a_long_head_is_read(client: socket.socket) -> None:
    client.sendall(head(MOST_HEAD - 100))
    assert answers(client, 1) == [b"HTTP/1.1 200 OK"]


def fields(number: int, ending: bytes = b"\r\n") -> bytes:
    return b"".join(b"X-%d: a\r\n" % each for each in range(number)) + ending


def test_a_request_with_too_many_headers_is_refused_at_once(client: socket.socket) -> None:
    client.sendall(b"GET /healthz HTTP/1.1\r\nHost: h\r\n" + fields(MOST_FIELDS - 1))
    assert answers(client, 1) == [b"HTTP/1.1 200 OK"]
    client.sendall(b"GET /healthz HTTP/1.1\r\nHost: h\r\n" + fields(5_000, b""))  # it never ends
    assert until_closed(client)[0].startswith(b"HTTP/1.1 431 ")


def test_trailers_count_as_headers(client: socket.socket) -> None:
    posted = POST + b"Transfer-Encoding: chunked\r\n\r\n6\r\nASK {}\r\n0\r\n"
    client.sendall(posted + fields(MOST_FIELDS - 3))
    assert answers(client, 1) == [b"HTTP/1.1 200 OK"]
    client.sendall(posted + fields(5_000, b""))
    assert until_closed(client)[0] == b""  # its answer may have begun


def test_a_body_does_not_count_as_a_head(client: socket.socket) -> None:
    query = b"ASK {}" + b" " * 3 * MOST_HEAD
    whole = POST + b"Content-Length: %d\r\n\r\n" % len(query) + query
    client.sendall(whole)
    assert answers(client, 1) == [b"HTTP/1.1 200 OK"]
    split = whole.index(b"\r\n\r\n") + 3  # within what ends the head
    client.sendall(whole[:split])
    time.sleep(0.1)
    client.sendall(whole[split:])
    assert answers(client, 1) == [b"HTTP/1.1 200 OK"]


def test_the_next_request_is_counted_anew(client: socket.socket) -> None:
    for _ in range(4):
        client.sendall(head(MOST_HEAD // 2))
        assert answers(client, 1) == [b"HTTP/1.1 200 OK"]
    client.sendall(head(MOST_HEAD + 10))
    assert until_closed(client)[0].startswith(b"HTTP/1.1 431 ")


def test_requests_that_come_together_are_answered_in_turn(client: socket.socket) -> None:
    query = b"ASK {}"
    posted = POST + b"Content-Length: %d\r\n\r\n" % len(query) + query
    client.sendall(HEALTH + posted + b"GET /nowhere HTTP/1.1\r\nHost: h\r\n\r\n" + HEALTH)
    expected = [b"HTTP/1.1 200 OK", b"HTTP/1.1 200 OK", b"HTTP/1.1 404 Not Found", b"HTTP/1.1 200 OK"]
    assert answers(client, 4) == expected
    client.sendall(HEALTH * 3)
    assert answers(client, 3) == [b"HTTP/1.1 200 OK"] * 3


# --- Clients that take their time


def test_a_client_that_says_nothing_is_not_waited_for(client: socket.socket) -> None:
    received, seconds = until_closed(client)
    assert received == b""
    assert seconds < SECONDS + 2


@pytest.mark.parametrize("before", [b"", HEALTH])
def test_a_head_that_dribbles_is_not_waited_for(client: socket.socket, before: bytes) -> None:
    if before:
        client.sendall(before)
        assert answers(client, 1) == [b"HTTP/1.1 200 OK"]
    began = time.monotonic()
    client.settimeout(0.05)
    for byte in head(10_000):
        try:
            client.send(bytes([byte]))
            assert client.recv(100) == b""
            break
        except TimeoutError:
            continue
        except ConnectionError:
            break
    assert SECONDS - 0.1 < time.monotonic() - began < SECONDS + 2


def test_a_body_may_take_longer_than_a_head(client: socket.socket) -> None:
    client.sendall(POST + b"Content-Length: 6\r\n\r\nAS")
    time.sleep(SECONDS * 2)
    client.sendall(b"K {}")
    assert answers(client, 1) == [b"HTTP/1.1 200 OK"]


def test_a_body_that_nobody_wants_any_more_is_not_waited_for(client: socket.socket) -> None:
    client.sendall(b"POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n")
    assert answers(client, 1) == [b"HTTP/1.1 405 Method Not Allowed"]
    began = time.monotonic()
    client.settimeout(0.05)
    while time.monotonic() - began < SECONDS + 5:
        try:
            client.send(b"1\r\nx\r\n")
            assert client.recv(100) == b""
            break
        except TimeoutError:
            continue
        except ConnectionError:
            break
    assert SECONDS - 0.1 < time.monotonic() - began < SECONDS + 2


def test_a_body_that_comes_after_its_answer_is_passed_over(client: socket.socket) -> None:
    client.sendall(b"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 4\r\n\r\n")
    assert answers(client, 1) == [b"HTTP/1.1 405 Method Not Allowed"]
    client.sendall(b"more")
    time.sleep(SECONDS * 1.5)  # the wait for it has ended
    client.sendall(HEALTH)
    assert answers(client, 1) == [b"HTTP/1.1 200 OK"]


def test_a_connection_may_rest_between_requests(client: socket.socket) -> None:
    for _ in range(2):
        client.sendall(HEALTH)
        assert answers(client, 1) == [b"HTTP/1.1 200 OK"]
        time.sleep(SECONDS * 1.5)


def test_what_is_no_request_is_refused(client: socket.socket) -> None:
    client.sendall(b"nonsense\r\n\r\n")
    assert until_closed(client)[0].startswith(b"HTTP/1.1 400 ")


def test_what_is_written_in_one_go_is_sent_as_one_and_before_the_end() -> None:
    transport = Mock()
    transport.is_closing.side_effect = lambda: transport.close.called

    async def write() -> None:
        joining = Joining(transport, asyncio.get_running_loop())
        joining.write(b"head ")
        joining.write(b"body")
        transport.write.assert_not_called()
        await asyncio.sleep(0)
        joining.write(b"last")
        joining.close()
        joining.write(b"too late")
        await asyncio.sleep(0)
        assert joining.is_closing()

    asyncio.run(write())
    sent = [each for each in transport.mock_calls if each != call.is_closing()]
    assert sent == [call.write(b"head body"), call.write(b"last"), call.close()]
