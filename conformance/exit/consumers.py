"""Requests of consumers: what dashboards and apps ask the old system, asked of the new one (Data Act, Art. 30).

Recorded requests come from a file: one address or path a line, or a HAR recording of a browser. Without a file a
few requests that every consumer of the standard sends are taken. Addresses are rewritten: host, root and ids.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import quote, unquote, urlsplit

from conformance.errors import UndeterminedError, UsageError
from conformance.exit.wire import Answer, Denied, Wire
from conformance.model import Text, say

Ids = Callable[[str, str], str | None]  # kind, id in one system → id in the other

SAME = say("Gleiche Antwort.", "The same answer.")
_LINE_LIMIT, _MOST = 4000, 500


@dataclass(frozen=True, slots=True)
class Replayed:
    """One request asked of both systems; ``same`` is None where the answers cannot be compared."""

    request: str
    same: bool | None
    why: Text

    def to_json(self) -> dict[str, Any]:
        """As it stands in the result."""
        return {"request": self.request, "same": self.same, "why": self.why.to_json()}


class Consumer(Protocol):
    """How consumers of one standard ask, and when two answers say the same."""

    def translate(self, path: str, ids: Ids) -> str | None:
        """The request with the ids of the other system; None if one of them is not there."""
        ...

    def compare(self, path: str, before: Any, after: Any, ids: Ids) -> tuple[bool | None, Text]:
        """Whether two answers (JSON) say the same; ``ids`` leads from the new system back to the old one."""
        ...


def read_requests(file: Path, base: str) -> list[str]:
    """The recorded GET requests below ``base``, as paths with query; raises UsageError if there are none."""
    try:
        text = file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(
            say("{f} ist nicht lesbar: {e}", "{f} cannot be read: {e}", f=file, e=error),
            say(
                "Eine Adresse je Zeile oder eine HAR-Datei angeben.", "Give one address a line or a HAR file."
            ),
        ) from error
    found = _from_har(text) if text.lstrip().startswith("{") else _from_lines(text)
    paths = list(dict.fromkeys(p for each in found if (p := _below(each, base)) is not None))
    if not paths:
        raise UsageError(
            say(
                "In {f} steht keine Anfrage unter {b}.",
                "There is no request below {b} in {f}.",
                f=file,
                b=base,
            ),
            say("Anfragen an das Quellsystem aufzeichnen.", "Record requests to the source system."),
        )
    return paths[:_MOST]


def replay(
    source: Wire, target: Wire, consumer: Consumer, requests: Sequence[str], forth: Ids, back: Ids
) -> list[Replayed]:
    """Ask both systems the same; ``forth`` leads from ids of the source to those of the target."""
    return [_one(source, target, consumer, path, forth, back) for path in requests]


def _one(source: Wire, target: Wire, consumer: Consumer, path: str, forth: Ids, back: Ids) -> Replayed:
    moved = consumer.translate(path, forth)
    if moved is None:
        return Replayed(path, False, _NOT_THERE)
    before, after = _asked(source, path), _asked(target, moved)
    if isinstance(before, Text):
        return Replayed(path, None, before)
    if isinstance(after, Text):
        return Replayed(path, False, after)
    if before.status >= 400:
        return Replayed(path, None, _status(_SOURCE_FAILS, before.status))
    if before.status != after.status:
        return Replayed(path, False, _statuses(before.status, after.status))
    if before.status == 204:
        return Replayed(path, True, SAME)
    try:
        return Replayed(path, *consumer.compare(path, before.json(), after.json(), back))
    except UndeterminedError as error:
        return Replayed(path, False, error.text)


def _asked(wire: Wire, path: str) -> Answer | Text:
    try:
        return wire.look(wire.base + path, patient=False)
    except Denied as error:
        return error.text
    except UndeterminedError as error:
        return error.text


def _status(told: Text, status: int) -> Text:
    return say(told.de, told.en, n=status)


def _statuses(before: int, after: int) -> Text:
    return say("Status {a} statt {b}.", "Status {a} instead of {b}.", a=after, b=before)


def _from_lines(text: str) -> Iterable[str]:
    for line in text.splitlines():
        told = line.strip().removeprefix("GET ").split(" HTTP/")[0].strip()
        if told and not told.startswith("#") and len(told) <= _LINE_LIMIT:
            yield told


def _from_har(text: str) -> Iterable[str]:
    try:
        entries = json.loads(text)["log"]["entries"]
        return [str(each["request"]["url"]) for each in entries if each["request"]["method"].upper() == "GET"]
    except (ValueError, LookupError, TypeError, AttributeError) as error:
        raise UsageError(
            say("Das ist keine HAR-Aufzeichnung.", "This is no HAR recording."),
            say("Im Browser „Alles als HAR speichern“.", "Choose “Save all as HAR” in the browser."),
        ) from error


def _below(url: str, base: str) -> str | None:
    """Path and query of a request below the service root."""
    if url.startswith("/"):
        root = urlsplit(base).path
        return url.removeprefix(root) if root and url.startswith(root + "/") else url
    same = urlsplit(url), urlsplit(base)
    inside = same[0].netloc == same[1].netloc and same[0].path.startswith(same[1].path)
    if not inside:
        return None
    rest = same[0].path.removeprefix(same[1].path)
    return rest + (f"?{same[0].query}" if same[0].query else "")


def encoded(text: str) -> str:
    """A query option percent-encoded as clients send it."""
    return quote(text, safe="$=&,()/:'*;@")


def decoded(path: str) -> str:
    """A path as people write it."""
    return unquote(path)


Members = Mapping[str, Any]

_SOURCE_FAILS = say(
    "Schon das Quellsystem beantwortet die Anfrage nicht (Status {n}).",
    "The source itself does not answer the request (status {n}).",
)
_NOT_THERE = say(
    "Ein Objekt, nach dem gefragt wird, ist im Zielsystem nicht vorhanden.",
    "An entity that is asked for is not in the receiving system.",
)
