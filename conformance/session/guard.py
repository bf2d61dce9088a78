"""Which addresses may be connected to (server-side request forgery, CWE-918).

A platform under test decides where its links and redirects lead; a suite that follows them blindly would be
a way into the network of the tester. Every name is resolved once per run, *all* its addresses are checked,
and connections go to the checked addresses only (so a second, different DNS answer changes nothing).
"""

from __future__ import annotations

import ipaddress
import re
import socket
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from conformance.model import Failure
from conformance.session import failures

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Resolver = Callable[..., list[tuple[Any, Any, Any, Any, Any]]]

_NAT64 = (ipaddress.ip_network("64:ff9b::/96"), ipaddress.ip_network("64:ff9b:1::/48"))  # RFC 6052, 8215
_SITE_LOCAL = ipaddress.ip_network("fec0::/10")  # RFC 3879
_TRANSLATED = ipaddress.ip_network("::/96")  # RFC 4291, IPv4-compatible, deprecated
_ENDS_IN_NUMBER = re.compile(r"(^|\.)(0[xX][0-9a-fA-F]*|[0-9]+)\.?\Z")  # WHATWG URL, "ends in a number"


class Refused(Exception):
    """The guard or the resolver refused; nothing was connected to."""

    def __init__(self, failure: Failure) -> None:
        self.failure = failure
        super().__init__(failure.text.en)


@dataclass(frozen=True, slots=True)
class Target:
    """One checked socket address of a host."""

    family: int
    sockaddr: tuple[Any, ...]

    @property
    def address(self) -> str:
        return str(self.sockaddr[0])


class Guard:
    """Resolves each host once, checks every address, remembers the answer for the whole run.

    ``allow_private`` opens private networks; link-local addresses, where cloud machines keep their secrets,
    stay closed even then, unless the subject itself (``own``) is there.
    """

    def __init__(
        self, allow_private: bool, patience: float, resolver: Resolver | None = None, own: str = ""
    ) -> None:
        self._allow_private = allow_private
        self._own = own.lower()
        self._patience = patience
        self._resolver = resolver
        self._lock = threading.Lock()
        self._known: dict[tuple[str, int], tuple[Target, ...]] = {}

    def targets(self, host: str, port: int) -> tuple[Target, ...]:
        """The checked addresses of ``host``; raises Refused if there are none or one is forbidden."""
        with self._lock:
            known = self._known.get((host, port))
        if known is None:
            known = self._checked(host, port)
            with self._lock:
                known = self._known.setdefault((host, port), known)
        return known

    def check_peer(self, host: str, peer: str) -> None:
        """Refuse if the other end of an established connection is not what was checked."""
        closed = link_local(peer) if self._allow_private else forbidden(peer)
        if closed and not (self._allow_private and host.lower() == self._own):
            raise Refused(failures.address_forbidden(host, peer))

    def _checked(self, host: str, port: int) -> tuple[Target, ...]:
        if not self._allow_private and disguised(host):
            raise Refused(failures.address_forbidden(host, host))
        targets = tuple(dict.fromkeys(Target(i[0], tuple(i[4])) for i in self._resolve(host, port)))
        for target in targets:
            self.check_peer(host, target.address)
        if not targets:
            raise Refused(failures.dns(host))
        return targets

    def _resolve(self, host: str, port: int) -> list[tuple[Any, Any, Any, Any, Any]]:
        """getaddrinfo cannot be interrupted, so it runs aside and is waited for only so long."""
        answer: list[Any] = []

        def ask() -> None:
            try:
                resolve = self._resolver or socket.getaddrinfo
                answer.append(resolve(host, port, type=socket.SOCK_STREAM))
            except (OSError, UnicodeError) as error:
                answer.append(error)

        helper = threading.Thread(target=ask, name="resolver", daemon=True)
        helper.start()
        helper.join(self._patience)
        if not answer or isinstance(answer[0], Exception):
            raise Refused(failures.dns(host))
        found: list[tuple[Any, Any, Any, Any, Any]] = answer[0]
        return found


def disguised(host: str) -> bool:
    """Whether ``host`` is an IPv4 address in decimal, hexadecimal, octal or shortened form."""
    if not _ENDS_IN_NUMBER.search(host):
        return False
    try:
        ipaddress.IPv4Address(host)
    except ValueError:
        return True
    return False


def link_local(address: str) -> bool:
    """Whether an address is of the link itself (RFC 3927, RFC 4291), such as 169.254.169.254."""
    try:
        parsed = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return True
    return any(form.is_link_local for form in _forms(parsed))


def forbidden(address: str) -> bool:
    """Whether an address is not on the public internet (IANA special-purpose registries, RFC 6890)."""
    try:
        parsed = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return True
    return any(_special(form) for form in _forms(parsed))


def _forms(address: Address) -> list[Address]:
    """The address and the IPv4 address that is hidden in it, if any."""
    forms: list[Address] = [address]
    if isinstance(address, ipaddress.IPv6Address):
        hidden = address.ipv4_mapped or address.sixtofour
        forms += [hidden] if hidden else []
    return forms


def _special(address: Address) -> bool:
    if address.is_multicast or address.is_reserved or address.is_unspecified:
        return True
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped:
            return True
        if any(address in network for network in (*_NAT64, _SITE_LOCAL, _TRANSLATED)):
            return True
    return not address.is_global
