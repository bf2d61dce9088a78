"""Reads the subject file: ten lines that say where the platform is and how it may be approached."""

from __future__ import annotations

import re
from pathlib import Path
from types import MappingProxyType
from typing import Any
from urllib.parse import urlsplit

from conformance.catalogue.documents import explained
from conformance.catalogue.yaml import load_yaml
from conformance.errors import CatalogueError, SubjectError
from conformance.model import Credential, Limits, Subject, say


def load_subject(path: Path) -> tuple[Subject, str]:
    """The subject described in the YAML file ``path`` and the profile named there ("" if none).

    Raises SubjectError with file and line of everything that is wrong.
    """
    try:
        document = load_yaml(path)
    except CatalogueError as error:
        raise SubjectError("\n".join(error.problems), _HINT) from error
    problems = explained(document, "subject")
    if problems:
        lines = say("\n".join(p.de for p in problems), "\n".join(p.en for p in problems))
        raise SubjectError(lines, _HINT)
    data: dict[str, Any] = document.data
    try:
        return subject_from(data), data.get("profile", "")
    except SubjectError as error:
        at = document.at("url")
        raise SubjectError(say("{at}: {t}", "{at}: {t}", at=at, t=error.text), error.hint) from error


def subject_from(data: dict[str, Any]) -> Subject:
    """A subject from the members of a subject file (already held against its schema)."""
    url = checked_url(data["url"])
    return Subject(
        name=data.get("name") or urlsplit(url).hostname or url,
        url=url,
        operator=data.get("operator", ""),
        product=data.get("product", ""),
        product_version=str(data.get("product_version", "")),
        claims=tuple(data.get("claims", ())),
        parameters=MappingProxyType(dict(data.get("parameters", {}))),
        limits=Limits(**data.get("limits", {})),
        credentials=tuple(Credential(**c) for c in data.get("credentials", ())),
        redact_headers=tuple(data.get("redact_headers", ())),
        allow_private=data.get("allow_private", False),
        sandbox=data.get("sandbox", False),
        ca_file=data.get("ca_file", ""),
        contact=data.get("contact", ""),
    )


def checked_url(url: str) -> str:
    """``url`` without fragment; raises SubjectError unless it is an absolute http(s) URL without credentials."""
    try:
        parts = urlsplit(url.strip())
        usable = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        usable = False
    if not usable or _NEVER_IN_A_URL.search(url.strip()):
        shown = _USERINFO.sub("…@", url)
        raise SubjectError(
            say("„{url}“ ist keine vollständige Adresse.", "{url!r} is not a complete address.", url=shown),
            say(
                "Sie beginnt mit https:// oder http:// und enthält keine Leerzeichen.",
                "It starts with https:// or http:// and holds no spaces.",
            ),
        )
    if parts.username or parts.password:
        raise SubjectError(
            say("Die Adresse enthält Zugangsdaten.", "The address contains credentials."),
            say(
                "Zugangsdaten gehören in eine Umgebungsvariable; in der Datei steht nur der Verweis „env:NAME“.",
                "Put the secret into an environment variable and refer to it as env:NAME.",
            ),
        )
    return parts._replace(fragment="").geturl()


_NEVER_IN_A_URL = re.compile(r"[\x00-\x20\x7f\ud800-\udfff<>\"\\^`{|}]")  # RFC 3986, appendix A
_USERINFO = re.compile(r"(?<=//)[^/?#\s]*@")
_HINT = say(
    "Ein Beispiel zeigt „conformance doctor --example“.", "See `conformance doctor --example` for an example."
)
