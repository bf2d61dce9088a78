"""HTTP as checks see it: ask for a URL, get the exchange, or learn why there is none."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from http.cookiejar import DefaultCookiePolicy
from pathlib import Path
from typing import NoReturn
from urllib.parse import parse_qsl, urljoin, urlsplit

import requests
from requests.adapters import BaseAdapter

from conformance.checks import Unavailable
from conformance.model import Exchange, Failure, FaultOwner, Headers, Request, Response, Subject, Text, say
from conformance.session import failures
from conformance.session.adapter import Adapter, Foreign, clean
from conformance.session.bundle import BundleAdapter
from conformance.session.credentials import Secret, read_secrets
from conformance.session.dump import DumpAdapter
from conformance.session.evidence import EvidenceWriter
from conformance.session.live import LiveAdapter
from conformance.session.mqtt import PUBLISH, Listening, publication, subscription
from conformance.session.recorder import BLOCKED, Recorder
from conformance.session.redact import Redactor
from conformance.session.shelf import Shelf
from conformance.session.urls import normal_url

Pseudonymise = Callable[[bytes, str, bytes], bytes]

_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_HTML = frozenset({"text/html", "application/xhtml+xml"})
_PASSWORD_FIELD = re.compile(
    rb"<input\b[^>]{0,500}\btype\s{0,9}=\s{0,9}[\"']?\s{0,9}password\b", re.IGNORECASE
)
_FORMAT_PARAMETERS = frozenset({"f", "format", "outputformat"})
_TAKEN_BACK = 1000  # number from which on a DELETE clears up after an earlier, interrupted run
_HEAD_OF_PAGE = 1_000_000  # a login form stands in the first million bytes or not at all


def open_http(
    subject: Subject,
    *,
    transport: BaseAdapter | None = None,
    evidence: EvidenceWriter | None = None,
    known: Shelf | Iterable[Exchange] = (),
    progress: Callable[[Exchange], None] | None = None,
    secrets: Mapping[str, str] | None = None,
    allow_write: bool = False,
    pseudonymise: Pseudonymise | None = None,
    key: bytes = b"",
) -> Http:
    """The session of one run.

    Without ``transport`` the platform itself is asked, and the subject's credentials are read; with one
    (replay, mutant, WSGI) they are not. ``known`` are exchanges that need not be asked for again.
    ``secrets`` maps credential sources (``env:NAME``) to values and goes before environment and files.
    ``allow_write`` lets other methods than GET and HEAD through if the subject is a sandbox. ``pseudonymise``
    takes personal data out of a body before anything else sees it; ``key`` makes the substitutes of one run alike
    and unlike those of any other run.
    """
    read = read_secrets(subject, secrets) if transport is None or secrets is not None else ()
    parts = [part for secret in read for part in secret.parts]
    names = [c.name for c in subject.credentials if c.scheme == "header"]
    redactor = Redactor(parts, (*subject.redact_headers, *names))
    inner = _own(subject, read) if transport is None else _adapter(transport)
    recorder = Recorder(
        inner,
        redactor,
        evidence=evidence,
        known=known if isinstance(known, Shelf) else Shelf(known),
        progress=progress,
        allow_write=allow_write and subject.sandbox,
        conceal_body=_concealing(pseudonymise, key) if pseudonymise else None,
    )
    return Http(recorder, subject.limits.redirects)


def _concealing(pseudonymise: Pseudonymise, key: bytes) -> Callable[[bytes, str], bytes]:
    return lambda body, media_type: pseudonymise(body, media_type, key)


def _own(subject: Subject, secrets: tuple[Secret, ...]) -> Adapter:
    """The transport to what the subject names: a dump, or the platform itself; with the files that the user adds."""
    own = DumpAdapter(Path(subject.source)) if subject.source else LiveAdapter(subject, secrets)
    if not subject.bundle and not subject.vocabularies:
        return own
    bundle = Path(subject.bundle) if subject.bundle else None
    return BundleAdapter(bundle, own, map(Path, subject.vocabularies))


def _adapter(transport: BaseAdapter) -> Adapter:
    return transport if isinstance(transport, Adapter) else Foreign(transport)


class Http:
    """The one way to the platform; safe to use from several threads."""

    def __init__(self, recorder: Recorder, redirects: int = 5) -> None:
        self._recorder = recorder
        self._redirects = redirects
        self._stopped = False
        inner = recorder.inner.inner if isinstance(recorder.inner, BundleAdapter) else recorder.inner
        self._live = inner if isinstance(inner, LiveAdapter) else None
        self.session = _session(recorder)

    def get(self, url: str, *, accept: str = "", headers: Headers = (), repeat: int = 0) -> Exchange:
        """GET a usable answer; raises Unavailable for blocked answers and login pages too."""
        exchange = self.look(url, accept=accept, headers=headers, repeat=repeat)
        refuse_blocked(exchange)
        if exchange.response is not None and exchange.response.media_type in _HTML:
            refuse_login(exchange, asked=self._recorder.conceal(normal_url(url) or url))
        return exchange

    def look(self, url: str, *, accept: str = "", headers: Headers = (), repeat: int = 0) -> Exchange:
        """GET whatever the platform answers, blocked or not; raises Unavailable if it does not answer."""
        return self._follow("GET", url, accept, headers, repeat)

    def head(self, url: str, *, accept: str = "", headers: Headers = (), repeat: int = 0) -> Exchange:
        """HEAD, otherwise like :meth:`look`."""
        return self._follow("HEAD", url, accept, headers, repeat)

    def write(
        self,
        method: str,
        url: str,
        body: bytes = b"",
        headers: Headers = (("Content-Type", "application/json"),),
    ) -> Exchange:
        """Send a request that changes something, once; redirects are not followed.

        A DELETE goes out even after an interruption: it takes back what the run itself created. Raises Unavailable
        if writing was not allowed or there is no answer.
        """
        if not self.may_write:
            _raise(failures.write_refused(method))
        if self._stopped and method != "DELETE":
            raise Unavailable(_STOPPED, FaultOwner.CONFIGURATION)
        return self._answered(Request(method, self._target(url), clean(headers) if body else (), body=body))

    @contextmanager
    def listen(self, endpoint: str, topic: str) -> Iterator[Listening]:
        """Subscribe to an MQTT topic at a broker (``mqtt://host:1883``) for the time of the ``with`` block.

        ``finish`` of what it gives ends the subscription; its answer is a JSON array of ``topic`` and ``payload``, or
        status 403. Raises Unavailable if the broker cannot be reached.
        """
        if self._stopped:
            raise Unavailable(_STOPPED, FaultOwner.CONFIGURATION)
        heard = self._recorder.listen(subscription(endpoint, topic))
        if heard.failure is not None:
            _raise(heard.failure)
        try:
            yield heard
        finally:
            heard.close()

    def publish(self, endpoint: str, topic: str, payload: bytes) -> Exchange:
        """Publish one MQTT message at a broker; raises as :meth:`write`."""
        if not self.may_write:
            _raise(failures.write_refused(PUBLISH))
        if self._stopped:
            raise Unavailable(_STOPPED, FaultOwner.CONFIGURATION)
        return self._answered(publication(endpoint, topic, payload))

    def take_back(self, url: str) -> Exchange:
        """DELETE what an interrupted run left behind; raises as :meth:`write`.

        Numbered apart, so that it is never confused with a DELETE of the run itself.
        """
        if not self.may_write:
            _raise(failures.write_refused("DELETE"))
        return self._answered(Request("DELETE", self._target(url), repeat=_TAKEN_BACK))

    @property
    def may_write(self) -> bool:
        """Whether this run may change the platform: a sandbox, and the tester allowed it."""
        return self._recorder.may_write

    @property
    def earlier_writes(self) -> tuple[Exchange, ...]:
        """What the interrupted run changed that is now continued, in order; none in any other run."""
        return self._recorder.earlier_writes

    def exchanges(self) -> tuple[Exchange, ...]:
        """All exchanges recorded so far with their bodies, sorted by id."""
        return tuple(self.shelf.values())

    @property
    def shelf(self) -> Shelf:
        """All exchanges recorded so far by evidence id; large bodies are read when looked at."""
        return self._recorder.shelf

    @property
    def offline_files(self) -> tuple[str, ...] | None:
        """The addresses that a dump holds which is judged instead of a platform; None for a platform."""
        return self._recorder.inner.addresses

    @property
    def bundle_files(self) -> tuple[str, ...]:
        """The addresses of files that the user added to the run (official shapes)."""
        return self._recorder.inner.bundle

    @property
    def vocabulary_files(self) -> tuple[str, ...]:
        """The addresses of the user's own value lists that count in the run."""
        return self._recorder.inner.vocabularies

    @property
    def sent(self) -> int:
        """How many requests were sent to the platform, repeated attempts included."""
        return self._live.sent if self._live else self._recorder.sent

    @property
    def attempted_methods(self) -> Mapping[str, int]:
        """How often each method was asked for, refused ones included."""
        return self._recorder.attempted_methods

    def stop(self) -> None:
        """After an interruption: every further request fails at once, running ones finish."""
        self._stopped = True
        if self._live:
            self._live.stop()

    @property
    def stopped(self) -> bool:
        """Whether :meth:`stop` was called."""
        return self._stopped

    def close(self) -> None:
        """Close all connections."""
        self.session.close()

    def __enter__(self) -> Http:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _follow(self, method: str, url: str, accept: str, headers: Headers, repeat: int) -> Exchange:
        fields = clean((("Accept", accept), *headers) if accept else headers)
        target = self._target(url)
        visited: set[str] = set()
        while True:
            if self._stopped:
                raise Unavailable(_STOPPED, FaultOwner.CONFIGURATION)
            exchange = self._answered(Request(method, target, fields, repeat))
            onward = _redirect(exchange)
            if onward is None:
                return exchange
            visited.add(target)
            target = self._target(_joined(target, onward))
            if target in visited or len(visited) > self._redirects:
                raise Unavailable(_in_circles(self._recorder.conceal(url), target in visited))

    def _answered(self, request: Request) -> Exchange:
        exchange = self._recorder.exchange(request)
        if exchange.failure is not None:
            _raise(exchange.failure)
        return exchange

    def _target(self, url: str) -> str:
        normal = normal_url(url)
        if normal is None:
            _raise(failures.bad_url(self._recorder.conceal(url)))
        return normal


def _session(recorder: Recorder) -> requests.Session:
    """A requests.Session that keeps no state: no cookies, no proxies or passwords of the machine."""
    session = requests.Session()
    session.trust_env = False
    session.headers.clear()
    session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
    session.mount("http://", recorder)
    session.mount("https://", recorder)
    return session


def _redirect(exchange: Exchange) -> str | None:
    response = exchange.response
    if response is None or response.status not in _REDIRECTS:
        return None
    location = response.header("location")
    if location is None or location.isascii():
        return location
    try:  # octets beyond ASCII are not allowed in a URL; those who send them mean UTF-8
        return location.encode("latin-1").decode("utf-8")
    except UnicodeError:
        return location


def _joined(base: str, reference: str) -> str:
    try:
        return urljoin(base, reference)
    except ValueError:
        return reference


def _raise(failure: Failure) -> NoReturn:
    raise Unavailable(failure.text, failure.owner)


def _in_circles(url: str, circle: bool) -> Text:
    if circle:
        return say(
            "{url} leitet im Kreis weiter. Die Weiterleitungen der Plattform berichtigen.",
            "{url} redirects in a circle. Correct the redirects of the platform.",
            url=url,
        )
    return say(
        "{url} leitet öfter weiter als erlaubt (limits.redirects in der Prüfgegenstands-Datei).",
        "{url} redirects more often than allowed (limits.redirects in the subject file).",
        url=url,
    )


def refuse_blocked(exchange: Exchange) -> None:
    """Raise Unavailable if the answer comes from whatever stands before the platform, not from it."""
    response = exchange.response
    if response is not None and response.status in BLOCKED:
        owner, text = _blocked(response.status)
        raise Unavailable(
            say(
                "{url}: Status {n}. {text}",
                "{url}: status {n}. {text}",
                url=exchange.url,
                n=response.status,
                text=text,
            ),
            owner,
        )


def _blocked(status: int) -> tuple[FaultOwner, Text]:
    if status in (401, 403):
        return FaultOwner.CONFIGURATION, say(
            "Der Zugriff ist gesperrt. Zugangsdaten in der Prüfgegenstands-Datei angeben oder den Zugriff "
            "freischalten lassen.",
            "Access is denied. Give credentials in the subject file or have access opened.",
        )
    if status == 429:
        return FaultOwner.CONFIGURATION, say(
            "Die Plattform begrenzt die Zahl der Anfragen. limits.rate verringern oder später wiederholen.",
            "The platform limits the number of requests. Lower limits.rate or run again later.",
        )
    if status in (407, 511):
        return FaultOwner.NETWORK, say(
            "Ein Proxy oder Anmeldeportal im eigenen Netz verlangt eine Anmeldung. Dort anmelden oder aus "
            "einem anderen Netz prüfen.",
            "A proxy or captive portal of the own network demands a login. Log in there or test from another "
            "network.",
        )
    return FaultOwner.NETWORK, say(
        "Das Vorschaltsystem erreicht die Plattform nicht oder sie ist überlastet. Betrieb prüfen und später "
        "wiederholen.",
        "The gateway does not reach the platform or it is overloaded. Check operations and run again later.",
    )


def refuse_login(exchange: Exchange, asked: str) -> None:
    """Raise Unavailable if a login page came with status 200 instead of what was asked for."""
    response = exchange.response
    if response is not None and response.status == 200 and _is_login(exchange.request, response, asked):
        raise Unavailable(
            say(
                "{url} liefert statt der Antwort eine Anmeldeseite (HTML). Zugangsdaten in der "
                "Prüfgegenstands-Datei angeben oder den offenen Zugang freischalten lassen.",
                "{url} answers with a login page (HTML) instead. Give credentials in the subject file or "
                "have open access enabled.",
                url=exchange.url,
            ),
            FaultOwner.CONFIGURATION,
        )


def _is_login(request: Request, response: Response, asked: str) -> bool:
    other = _wants_other_than_html(asked, request.headers)
    if request.url != asked and _site(request.url) != _site(asked) and other:
        return True
    has_field = _PASSWORD_FIELD.search(response.body, 0, _HEAD_OF_PAGE) is not None
    return has_field and (other or request.url != asked)


def _wants_other_than_html(url: str, headers: Headers) -> bool:
    accept = ",".join(value for name, value in headers if name.lower() == "accept").lower()
    if accept not in ("", "*/*"):
        return "html" not in accept
    parts = urlsplit(url)
    named = [value for name, value in parse_qsl(parts.query) if name.lower() in _FORMAT_PARAMETERS]
    if named:
        return "html" not in named[-1].lower()
    return parts.path.lower().endswith((".json", ".geojson", ".xml", ".yaml", ".yml", ".ttl", ".rdf"))


_STOPPED = say("Der Lauf wurde abgebrochen.", "The run was interrupted.")


def _site(url: str) -> str:
    """Host and port; http and https, and a host with and without www., count as one site."""
    parts = urlsplit(url)
    port = f":{parts.port}" if parts.port not in (None, 80, 443) else ""
    return (parts.hostname or "").removeprefix("www.") + port
