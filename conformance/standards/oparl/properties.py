"""The properties of the twelve object types, each with the form its value has to have (chapter 3, schemas).

One table for both versions: 1.1 added properties and, of Location, renamed two; no property changed its form.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from functools import cache
from types import MappingProxyType


class Form(StrEnum):
    """The forms of values (2.4 In OParl verwendete Datentypen, 2.5 Objektlisten und Paginierung)."""

    TEXT = "text"
    TEXTS = "texts"
    URL = "url"
    URLS = "urls"
    LIST = "list"  # URL of an external list
    DATE = "date"
    INSTANT = "instant"
    INTEGER = "integer"
    BOOLEAN = "boolean"
    OBJECT = "object"  # put out inside
    OBJECTS = "objects"


STRINGS = frozenset({Form.TEXT, Form.URL, Form.LIST, Form.DATE, Form.INSTANT})
ARRAYS = frozenset({Form.TEXTS, Form.URLS, Form.OBJECTS})
ADDRESSES = frozenset({Form.URL, Form.URLS, Form.LIST})

_EVERYWHERE: Mapping[Form, str] = {
    Form.URL: "id web",
    Form.TEXT: "type license",
    Form.TEXTS: "keyword",
    Form.INSTANT: "created modified",
    Form.BOOLEAN: "deleted",
}

_OWN: Mapping[str, Mapping[Form, str]] = {
    "System": {
        Form.TEXT: "oparlVersion name contactEmail contactName",
        Form.URL: "license website vendor product",
        Form.URLS: "otherOparlVersions",
        Form.LIST: "body",
    },
    "Body": {
        Form.TEXT: "shortName name ags rgs contactEmail contactName classification",
        Form.URL: "system website license",
        Form.URLS: "equivalent",
        Form.LIST: "organization person meeting paper "
        "agendaItem consultation file locationList legislativeTermList membership",
        Form.INSTANT: "licenseValidSince oparlSince",
        Form.OBJECT: "location",
        Form.OBJECTS: "legislativeTerm",
    },
    "LegislativeTerm": {Form.TEXT: "name", Form.URL: "body", Form.DATE: "startDate endDate"},
    "Organization": {
        Form.TEXT: "name shortName organizationType classification",
        Form.TEXTS: "post",
        Form.URL: "body subOrganizationOf website externalBody",
        Form.URLS: "membership",
        Form.LIST: "meeting consultation",
        Form.DATE: "startDate endDate",
        Form.OBJECT: "location",
    },
    "Person": {
        Form.TEXT: "name familyName givenName formOfAddress affix gender life lifeSource",
        Form.TEXTS: "title phone email status",
        Form.URL: "body location",
        Form.OBJECT: "locationObject",
        Form.OBJECTS: "membership",
    },
    "Membership": {
        Form.TEXT: "role",
        Form.URL: "person organization onBehalfOf",
        Form.DATE: "startDate endDate",
        Form.BOOLEAN: "votingRight",
    },
    "Meeting": {
        Form.TEXT: "name meetingState",
        Form.URLS: "organization participant",
        Form.INSTANT: "start end",
        Form.BOOLEAN: "cancelled",
        Form.OBJECT: "location invitation resultsProtocol verbatimProtocol",
        Form.OBJECTS: "auxiliaryFile agendaItem",
    },
    "AgendaItem": {
        Form.TEXT: "number name result resolutionText",
        Form.URL: "meeting consultation",
        Form.INSTANT: "start end",
        Form.INTEGER: "order",
        Form.BOOLEAN: "public",
        Form.OBJECT: "resolutionFile",
        Form.OBJECTS: "auxiliaryFile",
    },
    "Paper": {
        Form.TEXT: "name reference paperType",
        Form.URL: "body",
        Form.URLS: "relatedPaper superordinatedPaper subordinatedPaper "
        "originatorPerson underDirectionOf originatorOrganization",
        Form.DATE: "date",
        Form.OBJECT: "mainFile",
        Form.OBJECTS: "auxiliaryFile location consultation",
    },
    "Consultation": {
        Form.TEXT: "role",
        Form.URL: "paper agendaItem meeting",
        Form.URLS: "organization",
        Form.BOOLEAN: "authoritative",
    },
    "File": {
        Form.TEXT: "name fileName mimeType sha1Checksum sha512Checksum text",
        Form.URL: "accessUrl downloadUrl externalServiceUrl masterFile fileLicense",
        Form.URLS: "derivativeFile meeting agendaItem paper",
        Form.DATE: "date",
        Form.INTEGER: "size",
    },
    "Location": {
        Form.TEXT: "description streetAddress room postalCode subLocality locality",
        Form.URLS: "bodies organizations organization persons meetings meeting papers",
        Form.OBJECT: "geojson",
    },
}

_DATED = "created modified deleted license"
_ONLY: Mapping[str, Mapping[str, str]] = {
    "1.0": {"Location": "organization meeting"},
    "1.1": {
        "Body": "agendaItem consultation file locationList legislativeTermList membership",
        "LegislativeTerm": _DATED,
        "Organization": "consultation license",
        "Person": "locationObject license",
        "Membership": _DATED,
        "Meeting": "license",
        "AgendaItem": f"order {_DATED}",
        "Paper": "license",
        "Consultation": _DATED,
        "File": "sha512Checksum license",
        "Location": "organizations persons meetings license",
    },
}

_MANDATORY: Mapping[str, str] = {
    "System": "oparlVersion body",
    "Body": "name organization person meeting paper legislativeTerm",
    "AgendaItem": "order",
    "File": "accessUrl",
}


def _forms(kind: str) -> Mapping[str, Form]:
    rows = [*_EVERYWHERE.items(), *_OWN[kind].items()]
    everything = {name: form for form, names in rows for name in names.split()}
    if kind == "System":
        del everything["keyword"]  # the one type whose schema does not have it
    return everything


FORMS: Mapping[str, Mapping[str, Form]] = {kind: _forms(kind) for kind in _OWN}
"""Form of every property, by object type, of both versions together."""


def _only_elsewhere(kind: str, version: str) -> frozenset[str]:
    return frozenset(
        name for other, kinds in _ONLY.items() if other != version for name in kinds.get(kind, "").split()
    )


@cache
def forms(kind: str, version: str) -> Mapping[str, Form]:
    """The properties an object type has in a version, with their forms; none for an unknown type."""
    elsewhere = _only_elsewhere(kind, version)
    return MappingProxyType({n: form for n, form in FORMS.get(kind, {}).items() if n not in elsewhere})


@cache
def mandatory(kind: str, version: str) -> frozenset[str]:
    """What the schema of an object type requires in a version; id and type included.

    ``created``, ``modified`` and six lists of Body are mandatory in the prose alone (3.1, strings.yml); where
    text and schema differ, no verdict here rests on the stricter of the two.
    """
    required = {"id", "type", *_MANDATORY.get(kind, "").split()}
    return frozenset(required - _only_elsewhere(kind, version))
