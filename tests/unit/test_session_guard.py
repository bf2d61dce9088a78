"""The guard: what is not on the public internet is not connected to, whatever it is called."""

from __future__ import annotations

import socket
from typing import Any

import pytest

from conformance.checks import Unavailable
from conformance.model import Limits, Subject
from conformance.session.guard import Guard, Refused, disguised, forbidden
from conformance.session.http import open_http
from conformance.session.live import LiveAdapter


def answers(*addresses: str) -> Any:
    """A resolver that gives these addresses and counts how often it is asked."""
    calls: list[str] = []

    def resolve(host: str, port: int, **_: Any) -> list[Any]:
        calls.append(host)
        families = {True: socket.AF_INET6, False: socket.AF_INET}
        return [(families[":" in a], socket.SOCK_STREAM, 6, "", (a, port)) for a in addresses]

    resolve.calls = calls  # type: ignore[attr-defined]
    return resolve


FORBIDDEN = [
    "0.0.0.0", "10.0.0.1", "100.64.0.1", "127.0.0.1", "127.255.255.254", "169.254.169.254", "172.16.0.1",
    "172.31.255.255", "192.0.0.1", "192.0.2.1", "192.168.1.1", "198.18.0.1", "198.51.100.1", "203.0.113.1",
    "224.0.0.1", "240.0.0.1", "255.255.255.255", "::", "::1", "::127.0.0.1", "::ffff:127.0.0.1",
    "::ffff:8.8.8.8", "::ffff:10.0.0.1", "64:ff9b::7f00:1", "64:ff9b::808:808", "64:ff9b:1::1", "100::1",
    "2001::1", "2001:db8::1", "2002:7f00:1::", "2002:a00:1::1", "fc00::1", "fd12::1", "fe80::1",
    "fe80::1%eth0", "fec0::1", "ff02::1", "not an address",
]  # fmt: skip


@pytest.mark.parametrize("address", FORBIDDEN)
def test_special_addresses_are_forbidden(address: str) -> None:
    assert forbidden(address)


@pytest.mark.parametrize("address", ["8.8.8.8", "1.1.1.1", "193.99.144.80", "2a00:1450:4001:82b::200e"])
def test_public_addresses_are_allowed(address: str) -> None:
    assert not forbidden(address)


@pytest.mark.parametrize(
    "host",
    [
        "2130706433",
        "0x7f000001",
        "0x7f.1",
        "0177.0.0.1",
        "127.1",
        "017700000001",
        "08.8.8.8",
        "0x",
        "1.2.3.4.",
    ],
)
def test_disguised_addresses_are_recognised(host: str) -> None:
    assert disguised(host)
    with pytest.raises(Refused):
        Guard(False, 5, answers("8.8.8.8")).targets(host, 80)


@pytest.mark.parametrize("host", ["8.8.8.8", "platform.example", "a1", "3com.example", "xn--0.de"])
def test_names_and_plain_addresses_are_no_disguise(host: str) -> None:
    assert not disguised(host)


def test_one_forbidden_address_among_many_is_enough() -> None:
    with pytest.raises(Refused) as caught:
        Guard(False, 5, answers("8.8.8.8", "10.0.0.1")).targets("mixed.example", 80)
    assert caught.value.failure.kind == "forbidden-address"


def test_a_name_is_resolved_once() -> None:
    """A second, different DNS answer (rebinding) is never seen."""
    resolver = answers("8.8.8.8")
    guard = Guard(False, 5, resolver)
    assert guard.targets("a.example", 80) == guard.targets("a.example", 80)
    assert resolver.calls == ["a.example"]


def test_private_addresses_need_the_subjects_permission() -> None:
    assert [t.address for t in Guard(True, 5, answers("10.0.0.1")).targets("a.example", 80)] == ["10.0.0.1"]


def test_the_peer_is_checked_again() -> None:
    with pytest.raises(Refused):
        Guard(False, 5).check_peer("a.example", "127.0.0.1")
    Guard(True, 5).check_peer("a.example", "127.0.0.1")


def test_no_address_at_all() -> None:
    with pytest.raises(Refused) as caught:
        Guard(False, 5, answers()).targets("a.example", 80)
    assert caught.value.failure.kind == "dns"


@pytest.mark.parametrize(
    "url",
    ["http://127.0.0.1:1/", "http://[::1]:1/", "http://[::ffff:127.0.0.1]:1/", "http://2130706433:1/",
     "http://0x7f.1:1/", "http://localhost:1/", "http://private.example:1/"],
)  # fmt: skip
def test_nothing_is_connected_to(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    attempts: list[Any] = []
    monkeypatch.setattr(socket.socket, "connect", lambda _self, address: attempts.append(address))
    subject = Subject("x", url, limits=Limits(rate=0))
    resolver = answers("127.0.0.1") if "example" in url else None
    with open_http(subject, transport=LiveAdapter(subject, resolver=resolver)) as http:
        with pytest.raises(Unavailable):
            http.get(url)
        assert {e.failure.kind for e in http.exchanges() if e.failure} <= {"forbidden-address"}
    assert attempts == []


@pytest.mark.parametrize("address", ["169.254.169.254", "fe80::1", "::ffff:169.254.169.254"])
def test_link_local_stays_closed_unless_the_subject_is_there(address: str) -> None:
    guard = Guard(True, 5, answers(address), own="platform.example")
    with pytest.raises(Refused):
        guard.targets("elsewhere.example", 80)
    assert [t.address for t in guard.targets("platform.example", 80)] == [address]
