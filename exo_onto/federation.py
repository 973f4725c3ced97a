"""federation: the operator's list of addresses in, those that a query may call now out. Resolves names.

An address is judged by what its name resolves to at the moment: what is no public address is refused, so that a name
does not lead to the machine itself or to its neighbours. An entry that is itself a literal address is the operator's
consent to just that one. Between this look and the call, the name may come to mean another address (DNS rebinding):
docs/operate.md says what remains.
"""

import socket
from collections.abc import Callable, Iterable
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from typing import Final
from urllib.parse import urlsplit

from pyoxigraph import NamedNode

Resolve = Callable[[str, int], Iterable[str]]
"""Gives the addresses of a host's name; raises OSError where it has none."""
_TRANSLATED: Final = IPv6Network("64:ff9b::/96")
"""What stands for an address of IPv4, in its last 32 bits (RFC 6052)."""


class NoServiceError(ValueError):
    """An entry of the list is no address that SERVICE may call."""


def service_address(entry: str) -> str:
    """Give an entry as it must stand in a query. Raises NoServiceError."""
    if not _is_address(entry):
        raise NoServiceError(f"{entry!r} is no http or https address of an endpoint, without a user and a fragment")
    return entry


def _is_address(entry: str) -> bool:
    try:
        parts = urlsplit(NamedNode(entry).value)
        has_port = parts.port != 0
    except ValueError:  # it is no IRI, or has a port or a literal address that cannot be
        return False
    is_web = parts.scheme in ("http", "https") and bool(parts.hostname)
    return is_web and has_port and not parts.username and not parts.fragment


def resolve(host: str, port: int) -> list[str]:
    """Ask the system for the addresses of a host."""
    return [str(found[4][0]) for found in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]


def callable_now(entries: Iterable[str], *, resolve: Resolve = resolve) -> frozenset[str]:
    """Give the addresses of a list that may be called now: those that lead to public ones alone, and literal ones."""
    return frozenset(entry for entry in entries if _may_be_called(entry, resolve))


def _may_be_called(entry: str, resolve: Resolve) -> bool:
    parts = urlsplit(entry)
    host = parts.hostname or ""
    if _is_literal(host):
        return True
    try:
        addresses = list(resolve(host, parts.port or (443 if parts.scheme == "https" else 80)))
    except (OSError, UnicodeError):  # the latter where the name cannot be one
        return False
    return bool(addresses) and all(_is_public(address) for address in addresses)


def _is_literal(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True


def _is_public(address: str) -> bool:
    found = _meant(ip_address(address.partition("%")[0]))
    return found.is_global and not found.is_multicast


def _meant(address: IPv4Address | IPv6Address) -> IPv4Address | IPv6Address:
    """Give the address of IPv4 where one of IPv6 stands for it: mapped, translated, or by 6to4 (RFC 3056)."""
    if isinstance(address, IPv4Address):
        return address
    if address in _TRANSLATED:
        return IPv4Address(address.packed[-4:])
    return address.ipv4_mapped or address.sixtofour or address
