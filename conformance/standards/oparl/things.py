"""The nouns of OParl as checks see them: objects at their places, list pages, walks along them, references."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, TypeGuard

from conformance.model import Exchange, Text

KINDS = (
    "System",
    "Body",
    "LegislativeTerm",
    "Organization",
    "Person",
    "Membership",
    "Meeting",
    "AgendaItem",
    "Paper",
    "Consultation",
    "File",
    "Location",
)
"""The twelve object types (OParl 1.1, chapter 3)."""

_BY_SMALL_NAME = {kind.lower(): kind for kind in KINDS}
_TYPE = re.compile(r"\s*https?://(?:www\.)?schema\.oparl\.org/(\d+\.\d+)/([A-Za-z]+)/?\s*")
_VERSION = re.compile(r"\s*https?://(?:www\.)?(?:schema\.oparl\.org|oparl\.org/specs)/(\d+\.\d+)/?\s*")

BODY_LISTS: Mapping[str, str] = {
    "organization": "Organization",
    "person": "Person",
    "meeting": "Meeting",
    "paper": "Paper",
}
"""External lists of a Body in every version, with the type of their entries (1.0.7 and 1.1.1, 3.3 Body)."""

BODY_LISTS_1_1: Mapping[str, str] = {
    "agendaItem": "AgendaItem",
    "consultation": "Consultation",
    "file": "File",
    "membership": "Membership",
    "locationList": "Location",
    "legislativeTermList": "LegislativeTerm",
}
"""The six external lists that 1.1 added to Body (1.1.1, "OParl 1.1")."""

ORGANIZATION_LISTS: Mapping[str, str] = {"meeting": "Meeting", "consultation": "Consultation"}
"""External lists of an Organization (schema of Organization); consultation since 1.1."""

EXTERNAL_LISTS: Mapping[str, Mapping[str, str]] = {
    "System": {"body": "Body"},
    "Body": {**BODY_LISTS, **BODY_LISTS_1_1},
    "Organization": ORGANIZATION_LISTS,
}
"""Properties that name external lists in any version, with the type of the entries."""

MEMBERS: Mapping[str, Mapping[str, str]] = {
    "System": {"otherOparlVersions": "System"},
    "Body": {"system": "System", "legislativeTerm": "LegislativeTerm", "location": "Location"},
    "LegislativeTerm": {"body": "Body"},
    "Organization": {
        "body": "Body",
        "membership": "Membership",
        "subOrganizationOf": "Organization",
        "location": "Location",
        "externalBody": "Body",
    },
    "Person": {
        "body": "Body",
        "location": "Location",
        "locationObject": "Location",
        "membership": "Membership",
    },
    "Membership": {"person": "Person", "organization": "Organization", "onBehalfOf": "Organization"},
    "Meeting": {
        "location": "Location",
        "organization": "Organization",
        "participant": "Person",
        "invitation": "File",
        "resultsProtocol": "File",
        "verbatimProtocol": "File",
        "auxiliaryFile": "File",
        "agendaItem": "AgendaItem",
    },
    "AgendaItem": {
        "meeting": "Meeting",
        "consultation": "Consultation",
        "resolutionFile": "File",
        "auxiliaryFile": "File",
    },
    "Paper": {
        "body": "Body",
        "relatedPaper": "Paper",
        "superordinatedPaper": "Paper",
        "subordinatedPaper": "Paper",
        "mainFile": "File",
        "auxiliaryFile": "File",
        "location": "Location",
        "originatorPerson": "Person",
        "underDirectionOf": "Organization",
        "originatorOrganization": "Organization",
        "consultation": "Consultation",
    },
    "Consultation": {
        "paper": "Paper",
        "agendaItem": "AgendaItem",
        "meeting": "Meeting",
        "organization": "Organization",
    },
    "File": {
        "masterFile": "File",
        "derivativeFile": "File",
        "meeting": "Meeting",
        "agendaItem": "AgendaItem",
        "paper": "Paper",
    },
    "Location": {
        "bodies": "Body",
        "organizations": "Organization",
        "organization": "Organization",  # so called in 1.0
        "persons": "Person",
        "meetings": "Meeting",
        "meeting": "Meeting",  # so called in 1.0
        "papers": "Paper",
    },
}
"""Properties that lead to other objects, by URL or embedded, with the type of these (schemas of 1.0.7, 1.1.1).

External lists are not among them: their URL is the URL of a list, not of an object. Neither is Body.equivalent,
which leads out of OParl, nor Organization.post, whose values are names of posts.
"""


@dataclass(frozen=True, slots=True)
class Thing:
    """One OParl object as it was seen at one place.

    ``exchange`` is the answer it was read from, without its body; ``pointer`` (RFC 6901) leads into that answer,
    "" for a whole answer. ``kind`` comes from ``type`` if that is usable (``typed``), else from the place; "" if
    neither says it. ``url`` is its id if that is a string. ``origin`` is "entry" (System, entries of the body
    list), "list", "single" (fetched by its own URL) or "embedded". ``parent`` is the URL of the enclosing
    object; ``member`` the property that holds it, "list:<property>" for entries of a list. ``body`` is the URL
    of the Body it was reached through.
    """

    exchange: Exchange
    pointer: str
    data: Mapping[str, Any]
    kind: str
    typed: bool
    url: str
    origin: str
    parent: str = ""
    member: str = ""
    body: str = ""


@dataclass(frozen=True, slots=True)
class ListPage:
    """One page of an external list (2.5 Objektlisten und Paginierung).

    ``url`` is what was asked for. ``data`` has the JSON type name of each entry ("object", "string" …); it is
    None if there is no array ``data``. ``ids``, ``created`` and ``modified`` are as given, per entry.
    ``problem`` says why the answer is no list page; answers that do not come from the platform itself (blocked,
    timed out) are no pages at all, the walk ends before them.
    """

    exchange: Exchange
    url: str
    number: int
    data: Any
    ids: tuple[str, ...] = ()
    created: tuple[str | None, ...] = ()
    modified: tuple[str | None, ...] = ()
    deleted: tuple[bool, ...] = ()
    pagination: Any = None
    links: Any = None
    problem: Text | None = None

    @property
    def next(self) -> str:
        """Where the next page is, as the page says it; "" if it does not."""
        return self.link("next")

    def link(self, name: str) -> str:
        """The URL in ``links`` under this name, if it is a string and not empty."""
        value = self.links.get(name) if isinstance(self.links, Mapping) else None
        return value if isinstance(value, str) else ""


@dataclass(frozen=True, slots=True)
class ListWalk:
    """An external list followed along ``links.next``.

    ``kind`` is the type expected of entries, ``member`` the property of ``owner`` that names the list.
    ``complete``: walked to a page without next. ``stopped`` says why not; ``looped`` is the URL that led back
    to what had been seen. ``total`` is pagination.totalElements of the first page. ``extra`` are pages looked at
    out of turn (the last one of a list too long to be walked); their number is -1.
    """

    kind: str
    member: str
    owner: Thing
    url: str
    pages: tuple[ListPage, ...]
    complete: bool
    stopped: Text | None = None
    looped: str = ""
    total: int | None = None
    extra: tuple[ListPage, ...] = ()


@dataclass(frozen=True, slots=True)
class Reference:
    """A property of ``source`` (an object of type ``kind``) that leads to the object ``target``."""

    source: str
    kind: str
    member: str
    target: str
    exchange: Exchange
    pointer: str


@dataclass(frozen=True, slots=True)
class Single:
    """An object asked for by its own URL: ``listed`` is how it was seen before, ``thing`` what came now.

    Answers that do not come from the platform itself (blocked, timed out) are left out; ``thing`` is None if the
    platform answered with something that is no JSON object.
    """

    listed: Thing | None
    url: str
    exchange: Exchange
    thing: Thing | None


class Things:
    """Objects that are read anew, one after the other, whenever they are iterated over.

    ``nothing_there`` says why a statement about an optional property that none of them has does not apply; None
    if too little was seen to know.
    """

    def __init__(
        self,
        stream: Callable[[], Iterator[Thing]],
        count: Callable[[], int],
        absence: Callable[[], Text | None] = lambda: None,
    ) -> None:
        self._stream = stream
        self._count = count
        self.nothing_there = absence

    def __iter__(self) -> Iterator[Thing]:
        return self._stream()

    def __len__(self) -> int:
        return self._count()


def kind_of(data: Mapping[str, Any], expected: str = "") -> tuple[str, bool]:
    """The object type and whether ``type`` says it; else what is expected at this place.

    Spelling is not judged here: another version, http instead of https or small letters still say the type.
    """
    found = _TYPE.fullmatch(_text(data.get("type")))
    kind = _BY_SMALL_NAME.get(found[2].lower(), "") if found else ""
    return (kind, True) if kind else (expected, False)


def version_of_type(data: Mapping[str, Any]) -> str:
    """The OParl version ("1.1") that ``type`` names, or ""."""
    found = _TYPE.fullmatch(_text(data.get("type")))
    return found[1] if found else ""


def announced_version(data: Mapping[str, Any]) -> str:
    """The OParl version ("1.1") that ``oparlVersion`` of a System names, or ""."""
    found = _VERSION.fullmatch(_text(data.get("oparlVersion")))
    return found[1] if found else ""


def lists_of_body(version: str) -> Mapping[str, str]:
    """Properties of Body that name external lists in this version, with the type of the entries."""
    return BODY_LISTS if version == "1.0" else {**BODY_LISTS, **BODY_LISTS_1_1}


def lists_of_organization(version: str) -> Mapping[str, str]:
    """Properties of Organization that name external lists in this version, with the type of the entries."""
    return {"meeting": "Meeting"} if version == "1.0" else ORGANIZATION_LISTS


def escape(token: str) -> str:
    """A member name as part of a JSON Pointer (RFC 6901, section 4)."""
    return token.replace("~", "~0").replace("/", "~1")


def is_url(value: Any) -> TypeGuard[str]:
    """Whether this is a string that can be asked for."""
    return isinstance(value, str) and value.startswith(("http://", "https://"))


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""
