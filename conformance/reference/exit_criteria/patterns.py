"""Nine ways in which vendors lock their customers in, each laid over the platform that can be left.

Every one of them looks fine at first sight; a criterion of the profile or a figure of the rehearsal has to tell.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from threading import Lock
from types import MappingProxyType
from typing import Any

from conformance.reference.exit_criteria.app import Platform, application, fresh
from conformance.reference.exit_criteria.city import BASE, ask, read
from conformance.reference.exit_criteria.exporting import PERSON
from conformance.session.wsgi import Environ, WsgiApp, call

VENDOR = "https://hersteller.example/kunde123"
TICKET = b'{"message": "Ihr Export ist bestellt. Sie erhalten in einigen Wochen eine E-Mail vom Support."}'
_JSON = [("Content-Type", "application/json")]


def facade() -> Platform:
    """The open interface shows a tenth of the observations; the vendor's own user interface shows all."""
    shown = fresh()
    for observation in read(shown, "Observations", "&$select=id"):
        if int(observation["@iot.id"]) % 10:
            ask(shown, "DELETE", f"/v1.1/Observations({observation['@iot.id']})")
    return Platform(fresh(), standard=shown)


def one_way_street() -> Platform:
    """Importing works at once; whoever wants the data out gets a ticket."""
    service = fresh()

    def standard(environ: Environ, start_response: Callable[..., Any]) -> Iterable[bytes]:
        is_root = environ["PATH_INFO"].rstrip("/") == "/v1.1"
        if environ["REQUEST_METHOD"] != "GET" or is_root:
            return service(environ, start_response)
        start_response("202 Accepted", _JSON)
        return [TICKET]

    return Platform(service, standard=standard)


def amnesia() -> Platform:
    """The export knows the newest value only: no history, no past places, no attachments."""
    platform = application()
    files = platform.files()
    newest = max(
        files["export/messwerte.ndjson"].splitlines(),
        key=lambda line: str(json.loads(line)["phenomenonTime"]),
    )
    changed = {"export/messwerte.ndjson": newest + b"\n", "export/standorthistorie.json": b'{"value": []}'}
    told = _without(files, "files")
    return Platform(platform.service, files=changed | {"export/dht22.pdf": None, "export.json": told})


def identity_capture() -> Platform:
    """Public addresses lie under the vendor's domain."""
    return _rewritten(f'"@iot.selfLink":"{BASE}/v1.1', f'"@iot.selfLink":"{VENDOR}/v1.1')


def extension_capture() -> Platform:
    """Results are in a member of the vendor, the member of the standard is empty."""
    return _rewritten('"result":', '"result":null,"hersteller_ergebnis":')


def throttle() -> Platform:
    """Every other request is refused for a minute, so that the full export takes months."""
    service = fresh()
    lock, counted = Lock(), [0]

    def standard(environ: Environ, start_response: Callable[..., Any]) -> Iterable[bytes]:
        with lock:
            counted[0] += 1
            refused = counted[0] % 2 == 0
        if refused:
            start_response("429 Too Many Requests", [*_JSON, ("Retry-After", "60")])
            return [b'{"message": "Kontingent erschoepft"}']
        return service(environ, start_response)

    platform = Platform(service)
    told = json.loads(platform.files()["rehearsal.json"])
    told["extrapolation"] |= {"volume": 500_000_000, "seconds_low": 7_000_000, "seconds_high": 9_000_000}
    return Platform(service, standard=standard, files={"rehearsal.json": _encoded(told)})


def private_door() -> Platform:
    """The vendor's own user interface comes in by an undocumented door."""
    calls = b"method;address\nGET;/v1.1/Things\nPOST;/intern/v7/dashboard-daten\n"
    return Platform(fresh(), files={"ui-requests.csv": calls})


def configuration_capture() -> Platform:
    """Rules and dashboards stay behind."""
    platform = application()
    told = _without(platform.files(), "configuration")
    return Platform(platform.service, files={"export/dashboards.yaml": None, "export.json": told})


def login_capture() -> Platform:
    """Only the vendor registers clients, and accounts cannot be exported."""
    platform = application()
    files = platform.files()
    answers = json.loads(files["answers.json"])
    for entry in answers["answers"]:
        if entry["criterion"] == "exit.interface.open-to-everybody":
            entry["values"] = [
                one | {"answer": False} if one["question"] == "third-parties" else one
                for one in entry["values"]
            ]
    told = _without(files, "accounts")
    changed = {"export/konten.json": None, "export.json": told, "answers.json": _encoded(answers)}
    return Platform(platform.service, files=changed)


def _without(files: Mapping[str, bytes], role: str) -> bytes:
    """The list of the export without the files of one role."""
    told = json.loads(files["export.json"])
    told["files"] = [one for one in told["files"] if one["role"] != role]
    assert PERSON in str(told["person"])  # noqa: S101 - the rest of the list is untouched
    return _encoded(told)


def _rewritten(text: str, replacement: str) -> Platform:
    """A platform whose open interface writes something else than its store holds."""
    service = fresh()
    return Platform(service, standard=rewriting(service, text, replacement))


def rewriting(service: WsgiApp, text: str, replacement: str) -> WsgiApp:
    """A service whose answers are changed in one place wherever it occurs."""

    def standard(environ: Environ, start_response: Callable[..., Any]) -> Iterable[bytes]:
        answer = call(service, environ)
        body = answer.body.replace(text.encode(), replacement.encode())
        headers = [(n, v) for n, v in answer.headers if n.lower() != "content-length"]
        start_response(f"{answer.status} {answer.reason}", headers)
        return [body]

    return standard


def _encoded(data: Any) -> bytes:
    return json.dumps(data, ensure_ascii=False, indent=1).encode()


#: The patterns, and the criteria that tell them.
PATTERNS: Mapping[str, tuple[Callable[[], Platform], tuple[str, ...]]] = MappingProxyType(
    {
        "facade": (facade, ("exit.interface.same-data-as-native",)),
        "one-way-street": (one_way_street, ("exit.interface.every-category-readable",)),
        "amnesia": (
            amnesia,
            ("exit.export.complete", "exit.export.files-as-bytes"),
        ),
        "identity-capture": (identity_capture, ("exit.identity.municipal-domain",)),
        "extension-capture": (extension_capture, ("exit.semantics.extensions-separable",)),
        "throttle": (throttle, ("exit.export.limits-allow-it",)),
        "private-door": (private_door, ("exit.interface.open-to-everybody",)),
        "configuration-capture": (configuration_capture, ("exit.export.configuration-included",)),
        "login-capture": (
            login_capture,
            ("exit.interface.open-to-everybody", "exit.export.accounts-included"),
        ),
    }
)
