"""The files that come with a run: rehearsal, answers, lists, exports. They are evidence like any answer.

They lie in the folder named by ``--bundle``, or below the address in the parameter ``exit_files``.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote, urljoin

from conformance.checks import Unavailable, observation
from conformance.engines.documents import answer, parse_json
from conformance.model import BUNDLE_ROOT, Exchange, FaultOwner, Subject, Text, say
from conformance.session.http import Http
from conformance.session.urls import normal_url

PARAMETER = "exit_files"
FILES_ASKED = 60  # files that a run asks for where they are served instead of laid beside it
_GONE = (404, 410)
_PAGE = re.compile(rb"\s*<(?:!doctype html|html)", re.IGNORECASE)


@dataclass(frozen=True)
class Files:
    """The files of a run by their path below ``root``."""

    http: Http
    root: str

    def find(self, name: str) -> Exchange | None:
        """The file, or None if it was not supplied; raises Unavailable if it cannot be had."""
        address = normal_url(urljoin(self.root, quote(name)))
        if address is None or not address.startswith(self.root):
            raise Unavailable(_outside(name), FaultOwner.CONFIGURATION)
        if self.root == BUNDLE_ROOT and address not in self.http.bundle_files:
            return None
        found = self.http.get(address)
        status = answer(found).status
        if status in _GONE:
            return None
        if status != 200 or (_PAGE.match(answer(found).body) and not name.endswith((".html", ".htm"))):
            raise Unavailable(_unusable(name, status), FaultOwner.CONFIGURATION)
        return found

    def first(self, *names: str) -> Exchange | None:
        """The first of these files that was supplied."""
        return next((found for name in names if (found := self.find(name)) is not None), None)

    def need(self, *names: str) -> Exchange:
        """The first of these files; what needs it is untested if none was supplied."""
        found = self.first(*names)
        if found is None:
            raise Unavailable(_missing(names), FaultOwner.CONFIGURATION)
        return found

    def need_json(self, name: str, format_name: str = "") -> tuple[Exchange, dict[str, Any]]:
        """A file that holds one JSON object, of this format if one is named."""
        found = self.need(name)
        data = parse_json(found).data
        if not isinstance(data, dict):
            raise Unavailable(_not_an_object(name), FaultOwner.CONFIGURATION)
        if format_name and data.get("format") != format_name:
            raise Unavailable(
                _other_format(name, str(data.get("format"))[:60], format_name), FaultOwner.CONFIGURATION
            )
        return found, data


def _asked(subject: Subject) -> int:
    return FILES_ASKED if PARAMETER in subject.parameters and not subject.bundle else 0


@observation(requests=_asked)
def files(http: Http, subject: Subject) -> Files:
    """The files that were supplied with the run."""
    if subject.bundle:
        return Files(http, BUNDLE_ROOT)
    served = subject.parameters.get(PARAMETER)
    if not isinstance(served, str) or not served:
        raise Unavailable(_NONE, FaultOwner.CONFIGURATION)
    root = normal_url(beside(subject, served))
    if root is None:
        raise Unavailable(_outside(served), FaultOwner.CONFIGURATION)
    return Files(http, root if root.endswith("/") else root + "/")


@observation(requests=1)
def moment(http: Http, subject: Subject) -> datetime:
    """When the run took place, as its evidence tells: verifying it years later must not age the answers."""
    if subject.source:
        raise Unavailable(_NO_TIME, FaultOwner.CONFIGURATION)
    return instant(http.look(subject.url).sent)


def instant(text: str) -> datetime:
    """A point in time as RFC 3339 writes it, in UTC; raises ValueError for anything else."""
    found = datetime.fromisoformat(text.replace("Z", "+00:00").replace("z", "+00:00"))
    if found.tzinfo is None:
        raise ValueError(f"no offset: {text}")
    return found.astimezone(UTC)


def beside(subject: Subject, address: str) -> str:
    """An address as people write it into a list: whole, from the root of the host, or below the entry address."""
    if address.startswith(("https://", "http://", "/")):
        return urljoin(subject.url, address)
    return f"{subject.url.partition('?')[0].rstrip('/')}/{address}"


def parameter(subject: Subject, name: str) -> str:
    """The address that a parameter of the subject file names; what needs it is untested if there is none."""
    value: Any = subject.parameters.get(name)
    if not isinstance(value, str) or not value:
        raise Unavailable(
            say(
                "Der Parameter {n} fehlt in der Prüfgegenstands-Datei (parameters: {n}: https://…).",
                "The parameter {n} is missing in the subject file (parameters: {n}: https://…).",
                n=name,
            ),
            FaultOwner.CONFIGURATION,
        )
    return beside(subject, value)


def same_platform(subject: Subject, stated: Any) -> bool:
    """Whether a report was made about this platform: the same address, whatever slash ends it."""
    return isinstance(stated, str) and _bare(stated) == _bare(subject.url)


def _bare(url: str) -> str:
    return (normal_url(url) or url).partition("#")[0].rstrip("/")


def about_another(name: str, stated: Any, subject: Subject) -> Unavailable:
    """Evidence that concerns another platform is none about this one."""
    return Unavailable(
        say(
            "{n} betrifft {a}, nicht {b}.",
            "{n} concerns {a}, not {b}.",
            n=name,
            a=str(stated)[:200],
            b=subject.url,
        ),
        FaultOwner.CONFIGURATION,
    )


def member(data: Mapping[str, Any], *path: str) -> Any:
    """A value inside nested objects; None where there is none."""
    found: Any = data
    for name in path:
        found = found.get(name) if isinstance(found, Mapping) else None
    return found


_NONE = say(
    "Es liegen keine Nachweise bei. Mit --bundle einen Ordner mit answers.yaml, rehearsal.json und den Listen angeben "
    "(Dateinamen: docs/exit-criteria.md).",
    "No evidence was supplied. Name a folder with answers.yaml, rehearsal.json and the lists by --bundle "
    "(names of files: docs/exit-criteria.md).",
)
_NO_TIME = say(
    "Bei einem Dump ist nicht festgehalten, wann geprüft wurde; Fristen lassen sich nur am laufenden System prüfen.",
    "A dump does not record when it was tested; periods can only be tested on a running platform.",
)


def _missing(names: tuple[str, ...]) -> Text:
    shown = names[0] if len(names) == 1 else " / ".join(names)
    return say("Die Datei {n} liegt nicht bei.", "The file {n} was not supplied.", n=shown)


def _outside(name: str) -> Text:
    return say(
        "„{n}“ liegt nicht im Ordner der Nachweise.", "{n!r} does not lie in the folder of evidence.", n=name
    )


def _unusable(name: str, status: int) -> Text:
    return say(
        "{n} ist nicht lesbar (Status {s}, oder eine Webseite an Stelle der Datei).",
        "{n} cannot be read (status {s}, or a web page in place of the file).",
        n=name,
        s=status,
    )


def _not_an_object(name: str) -> Text:
    return say("{n} enthält kein JSON-Objekt.", "{n} does not hold a JSON object.", n=name)


def _other_format(name: str, got: str, wanted: str) -> Text:
    return say(
        "{n} hat das Format „{g}“; gelesen wird „{w}“.",
        "{n} has the format {g!r}; {w!r} is read.",
        n=name,
        g=got,
        w=wanted,
    )
