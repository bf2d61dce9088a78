"""How a SensorThings service is asked: for JSON, so that a login page in its place is known for what it is."""

from __future__ import annotations

from conformance.model import Exchange, Headers
from conformance.session.http import Http, refuse_blocked, refuse_login

ACCEPT = "application/json, */*;q=0.5"  # $value is no JSON


def get(http: Http, url: str, repeat: int = 0) -> Exchange:
    """A usable answer to GET; raises Unavailable for blocked answers and login pages."""
    return http.get(url, accept=ACCEPT, repeat=repeat)


def look(http: Http, url: str, repeat: int = 0) -> Exchange:
    """Whatever the service answers to GET; raises Unavailable for login pages."""
    exchange = http.look(url, accept=ACCEPT, repeat=repeat)
    refuse_login(exchange, url)
    return exchange


def write(http: Http, method: str, url: str, body: bytes, headers: Headers) -> Exchange:
    """A request that changes something; raises Unavailable for blocked answers and login pages."""
    exchange = http.write(method, url, body, (("Accept", ACCEPT), *headers))
    refuse_blocked(exchange)
    refuse_login(exchange, url)
    return exchange
