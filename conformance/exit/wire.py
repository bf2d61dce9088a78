"""The thin line to a platform: reads are repeated within bounds, writes are sent exactly once.

It rests on an adapter of the session (live with guard, credentials and pacing; WSGI or mutants in tests), counts what
goes over it, and turns what stands in the way into sentences that say how to continue.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any
from urllib.parse import urljoin

from conformance.errors import UndeterminedError, UsageError
from conformance.exit.jsontext import decode
from conformance.model import Exchange, Failure, Limits, Request, Response, Subject, Text, say
from conformance.session.pacing import retry_after

if TYPE_CHECKING:
    from collections.abc import Iterator

    from conformance.session.adapter import Adapter

JSON = "application/json"
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_OVERLOADED = frozenset({429, 502, 503, 504})
_OWN_LIMITS = frozenset({"budget", "interrupted", "run-time", "run-bytes"})
_NOT_SENT = _OWN_LIMITS | {"refused", "dns", "tls", "bad-url", "forbidden-address"}
_FINAL = _OWN_LIMITS | {"too-large", "bad-url", "forbidden-address", "crash"}
_WAITS = (1.0, 2.0, 4.0, 8.0)
_LONGEST_WAIT = 120.0
_UNBOUNDED = 10**9
_BODY = 200_000_000


class NoAnswer(UndeterminedError):
    """The platform does not answer, or not with what was asked for."""


class TooLarge(NoAnswer):
    """The answer is larger than is read at once; fewer entities a page help."""


class Denied(UndeterminedError):
    """Access is refused (401, 403): before the first request, or in the middle because credentials expired."""


class InDoubt(UndeterminedError):
    """A writing request was sent and nobody knows what became of it: look before sending anything again.

    ``status`` and ``answer`` are what came back, if anything did (0: nothing).
    """

    status = 0
    answer = ""


@dataclass(slots=True)
class Totals:
    """What has gone over a wire: requests, decoded bytes received, bytes sent, seconds spent waiting for answers."""

    requests: int = 0
    bytes: int = 0
    bytes_sent: int = 0
    seconds: float = 0.0

    def minus(self, earlier: Totals) -> Totals:
        """What has come since ``earlier``."""
        return Totals(
            self.requests - earlier.requests,
            self.bytes - earlier.bytes,
            self.bytes_sent - earlier.bytes_sent,
            round(self.seconds - earlier.seconds, 6),
        )


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back, after redirects: ``url`` is where it was read at last."""

    url: str
    response: Response

    @property
    def status(self) -> int:
        return self.response.status

    @property
    def text(self) -> str:
        """The body as text; raises NoAnswer if it is not UTF-8 (RFC 8259, section 8.1)."""
        try:
            return self.response.body.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            raise unusable(
                self.url, say("Die Antwort ist kein UTF-8.", "The answer is not UTF-8.")
            ) from error

    def json(self) -> Any:
        """The body as JSON, numbers exact; raises NoAnswer if it is none."""
        try:
            return decode(self.text)
        except (ValueError, RecursionError) as error:
            raise unusable(self.url, say("Die Antwort ist kein JSON.", "The answer is not JSON.")) from error

    def header(self, name: str) -> str | None:
        """A header field of the answer."""
        return self.response.header(name)


class Wire:
    """The way to one platform whose base address is ``base``.

    ``allow_write`` lets :meth:`send` do anything at all. ``sleep`` waits between attempts.
    """

    def __init__(
        self,
        adapter: Adapter,
        base: str,
        *,
        allow_write: bool = False,
        sleep: Callable[[float], object] = time.sleep,
    ) -> None:
        self.base = base.rstrip("/")
        self.totals = Totals()
        self._adapter = adapter
        self._allow_write = allow_write
        self._sleep = sleep

    def get(self, url: str, accept: str = JSON) -> Answer:
        """The answer 2xx to a GET; raises NoAnswer for any other, Denied for 401 and 403."""
        answer = self.look(url, accept)
        if not 200 <= answer.status < 300:
            raise unusable(url, say("Status {n}.", "Status {n}.", n=answer.status))
        return answer

    def look(self, url: str, accept: str = JSON, *, patient: bool = True) -> Answer:
        """The final answer to a GET, also 404 or 400; waits and repeats while the platform is overloaded or gone.

        Without ``patient`` an answer 500 stands: it was a question that may be beyond the platform.
        Raises NoAnswer (TooLarge) if there is none or a login page comes instead, Denied for 401 and 403.
        """
        headers = (("Accept", accept),)
        exchange = self._repeated(Request("GET", url, headers), patient)
        for _ in range(5):
            target = _redirected(exchange)
            if target is None:
                break
            exchange = self._repeated(Request("GET", target, headers), patient)
        answer = self._answered(exchange)
        if accept == JSON and answer.status == 200 and "html" in answer.response.media_type:
            raise unusable(url, _LOGIN)
        return answer

    def send(self, method: str, url: str, body: bytes = b"", content_type: str = JSON) -> Answer:
        """The answer to POST, PATCH, PUT or DELETE, which goes out once.

        Only what certainly was not carried out (no connection, 429) is sent again. Raises InDoubt if it may have been
        carried out (no answer, 5xx), Denied for 401 and 403, NoAnswer if it could not be sent.
        """
        if not self._allow_write:
            raise UsageError(_MAY_NOT_WRITE, _HOW_TO_WRITE)
        headers = (("Accept", JSON), ("Content-Type", content_type)) if body else (("Accept", JSON),)
        request = Request(method, url, headers, body=body)
        exchange = self._ask(request)
        for wait in _WAITS:
            if not _certainly_not_carried_out(exchange):
                break
            self._sleep(_pause(exchange, wait))
            exchange = self._ask(request)
        return self._written(exchange)

    def persist(self, method: str, url: str, body: bytes = b"") -> Answer:
        """Like :meth:`send` for what changes nothing when done twice (DELETE, PATCH to a value): until it is clear.

        Raises NoAnswer if it does not become clear.
        """
        for wait in _WAITS[1:]:
            try:
                return self.send(method, url, body)
            except InDoubt:
                self._sleep(wait)
        try:
            return self.send(method, url, body)
        except InDoubt as doubt:
            raise NoAnswer(doubt.text, doubt.hint) from doubt

    def pause(self, seconds: float) -> None:
        """Wait before looking again."""
        self._sleep(seconds)

    def close(self) -> None:
        """Release what the adapter holds."""
        self._adapter.close()

    def _repeated(self, request: Request, patient: bool) -> Exchange:
        exchange = self._ask(request)
        for wait in _WAITS:
            if not _worth_another_try(exchange, patient):
                break
            self._sleep(_pause(exchange, wait))
            exchange = self._ask(request)
        return exchange

    def _ask(self, request: Request) -> Exchange:
        exchange = self._adapter.exchange(request)
        self.totals.requests += 1
        self.totals.seconds += exchange.seconds
        self.totals.bytes_sent += len(request.body)
        self.totals.bytes += len(exchange.response.body) if exchange.response else 0
        return exchange

    def _answered(self, exchange: Exchange) -> Answer:
        if exchange.response is None:
            raise _failed(exchange.url, exchange.failure)
        _refuse_denied(exchange.url, exchange.response)
        return Answer(exchange.url, exchange.response)

    def _written(self, exchange: Exchange) -> Answer:
        response = exchange.response
        if response is None and exchange.failure is not None and exchange.failure.kind in _NOT_SENT:
            raise _failed(exchange.url, exchange.failure)
        if response is None or (response.status >= 500 and response.status not in (501, 505)):
            raise _in_doubt(exchange)
        _refuse_denied(exchange.url, response)
        if response.status in _REDIRECTS:
            raise unusable(exchange.url, _MOVED)
        return Answer(exchange.url, response)


@contextmanager
def open_wire(subject: Subject, *, allow_write: bool = False, budget: int | None = None) -> Iterator[Wire]:
    """The wire to a running platform with its credentials, guard and pacing.

    Everything is moved, so only ``budget`` bounds the number of requests; rate and concurrency stay the subject's.
    Raises UsageError if it is to be written to and is no sandbox, SubjectError if credentials cannot be read.
    """
    from conformance.session.credentials import read_secrets
    from conformance.session.live import LiveAdapter

    if allow_write and not subject.sandbox:
        raise UsageError(_NO_SANDBOX, _HOW_TO_WRITE)
    own = replace(subject, limits=_for_everything(subject.limits, budget))
    wire = Wire(LiveAdapter(own, read_secrets(subject)), subject.url, allow_write=allow_write)
    try:
        yield wire
    finally:
        wire.close()


def _for_everything(limits: Limits, budget: int | None) -> Limits:
    return replace(
        limits,
        budget=budget or _UNBOUNDED,
        run_bytes=1 << 50,
        run_seconds=float(_UNBOUNDED),
        body_bytes=max(limits.body_bytes, _BODY),
    )


def _redirected(exchange: Exchange) -> str | None:
    response = exchange.response
    location = response.header("location") if response and response.status in _REDIRECTS else None
    return urljoin(exchange.url, location) if location else None


def _worth_another_try(exchange: Exchange, patient: bool) -> bool:
    if exchange.response is not None:
        status = exchange.response.status
        return status in _OVERLOADED or (patient and status == 500)
    kind = exchange.failure.kind if exchange.failure else ""
    return kind not in _FINAL


def _certainly_not_carried_out(exchange: Exchange) -> bool:
    """RFC 6585, section 4: a request answered by 429 was refused; without a connection nothing was sent."""
    if exchange.response is not None:
        return exchange.response.status == 429
    return exchange.failure is not None and exchange.failure.kind in ("refused", "dns")


def _pause(exchange: Exchange, wait: float) -> float:
    asked = retry_after(exchange.response.header("retry-after")) if exchange.response else None
    return min(asked, _LONGEST_WAIT) if asked is not None else wait


def _refuse_denied(url: str, response: Response) -> None:
    if response.status in (401, 403):
        raise Denied(
            say(
                "{u}: Status {n}, der Zugriff wird verweigert.",
                "{u}: status {n}, access is denied.",
                u=url,
                n=response.status,
            ),
            _CREDENTIALS,
        )


def _failed(url: str, failure: Failure | None) -> NoAnswer:
    text = failure.text if failure else say("keine Antwort", "no answer")
    made = TooLarge if failure and failure.kind == "too-large" else NoAnswer
    return made(say("{u}: {t}", "{u}: {t}", u=url, t=text), _CONTINUE)


def unusable(url: str, why: Text) -> NoAnswer:
    """An answer came that is of no use."""
    return NoAnswer(say("{u}: {w}", "{u}: {w}", u=url, w=why), _CONTINUE)


def _in_doubt(exchange: Exchange) -> InDoubt:
    status = exchange.response.status if exchange.response else 0
    why = (
        say("Status {n}", "status {n}", n=status)
        if status
        else exchange.failure.text
        if exchange.failure
        else ""
    )
    made = InDoubt(
        say(
            "{m} {u}: Es ist offen, ob die Anfrage ausgeführt wurde ({w}).",
            "{m} {u}: it is unknown whether the request was carried out ({w}).",
            m=exchange.request.method,
            u=exchange.url,
            w=why,
        ),
        _CONTINUE,
    )
    made.status = status
    made.answer = exchange.response.body[:500].decode("utf-8", "replace") if exchange.response else ""
    return made


_CONTINUE = say(
    "Was bisher übertragen wurde, ist gesichert. Ursache beheben und denselben Befehl mit --resume wiederholen.",
    "What was moved so far is safe. Remove the cause and repeat the same command with --resume.",
)
_CREDENTIALS = say(
    "Zugangsdaten prüfen oder erneuern (credentials in der Prüfgegenstands-Datei), dann mit --resume fortsetzen: "
    "conformance exit … --resume",
    "Check or renew the credentials (credentials in the subject file), then continue with --resume: "
    "conformance exit … --resume",
)
_LOGIN = say(
    "Statt JSON kam eine HTML-Seite (Anmeldeseite oder Weboberfläche). Zugangsdaten oder Adresse prüfen.",
    "An HTML page came instead of JSON (login page or web interface). Check credentials or address.",
)
_MOVED = say(
    "Die Adresse leitet weiter; geschrieben wird nur an die endgültige Adresse. Sie in die Prüfgegenstands-Datei "
    "eintragen.",
    "The address redirects; writing goes to the final address only. Put it into the subject file.",
)
_MAY_NOT_WRITE = say("Schreiben ist nicht erlaubt.", "Writing is not allowed.")
_NO_SANDBOX = say(
    "Diese Plattform ist nicht als Testumgebung gekennzeichnet; es wird nichts geschrieben.",
    "This platform is not marked as a sandbox; nothing is written.",
)
_HOW_TO_WRITE = say(
    "--allow-write angeben und sandbox: true in die Prüfgegenstands-Datei schreiben (bei einer Adresse: --sandbox).",
    "Give --allow-write and write sandbox: true into the subject file (or --sandbox with an address).",
)
