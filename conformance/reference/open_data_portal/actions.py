"""The action API of CKAN, version 3: read actions by GET, answers in their envelope."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Any

from conformance.reference.open_data_portal.data import (
    GROUPS,
    LICENCES,
    ORGANIZATIONS,
    SITE,
    VERSION,
    group,
    hidden,
    organization,
    packages,
)
from conformance.reference.open_data_portal.search import facet, matching, ordered, values_of

ROWS_MAX = 1000

Query = Mapping[str, str]
Answer = tuple[HTTPStatus, Any]


class Refused(Exception):
    """An action that cannot be carried out, with the type that CKAN gives the error."""

    def __init__(self, status: HTTPStatus, kind: str, **details: Any) -> None:
        super().__init__(kind)
        self.status = status
        self.error = {"__type": kind, **details}


def act(base: str, name: str, query: Query) -> Answer:
    """Status and document of an action."""
    action = _ACTIONS.get(name)
    if action is None:
        return HTTPStatus.BAD_REQUEST, f"Bad request - Action name not known: {name}"
    help_at = f"{base}/api/3/action/help_show?name={name}"
    try:
        return HTTPStatus.OK, {"help": help_at, "success": True, "result": action(base, query)}
    except Refused as refusal:
        return refusal.status, {"help": help_at, "success": False, "error": refusal.error}


def _missing() -> Refused:
    return Refused(HTTPStatus.NOT_FOUND, "Not Found Error", message="Nicht gefunden")


def _status_show(_base: str, _query: Query) -> dict[str, Any]:
    return {"ckan_version": VERSION, "site_title": SITE, "locale_default": "de", "extensions": ["dcat"]}


def _package_list(base: str, query: Query) -> list[str]:
    names = sorted(p["name"] for p in packages(base))
    start = _number(query, "offset", 0)
    return names[start : start + _number(query, "limit", len(names))]


def _package_show(base: str, query: Query) -> dict[str, Any]:
    wanted = _wanted(query)
    for package in packages(base):
        if wanted in (package["id"], package["name"]):
            return package
    if any(wanted in (package["id"], package["name"]) for package in hidden(base)):
        raise Refused(HTTPStatus.FORBIDDEN, "Authorization Error", message="Zugriff verweigert")
    raise _missing()


def _package_search(base: str, query: Query) -> dict[str, Any]:
    start, rows = _number(query, "start", 0), min(_number(query, "rows", 10), ROWS_MAX)
    found = matching(packages(base), query.get("q", ""), query.get("fq", ""))
    found = ordered(found, query.get("sort", "") or "metadata_modified desc, id asc")
    facets = _facets(query)
    return {
        "count": len(found),
        "facets": {},
        "results": list(found[start : start + rows]),
        "sort": query.get("sort", "score desc, metadata_modified desc"),
        "search_facets": {field: facet(found, field) for field in facets},
    }


def _facets(query: Query) -> list[str]:
    try:
        fields = json.loads(query.get("facet.field", "[]"))
    except ValueError:
        fields = None
    if not isinstance(fields, list):
        raise Refused(HTTPStatus.CONFLICT, "Validation Error", **{"facet.field": ["Keine Liste"]})
    return [str(field) for field in fields]


def _resource_show(base: str, query: Query) -> dict[str, Any]:
    wanted = _wanted(query)
    for package in packages(base):
        for resource in package["resources"]:
            if wanted == resource["id"]:
                found: dict[str, Any] = resource
                return found
    raise _missing()


def _organization_list(_base: str, _query: Query) -> list[str]:
    return sorted(ORGANIZATIONS)


def _organization_show(base: str, query: Query) -> dict[str, Any]:
    wanted = _wanted(query)
    for name in ORGANIZATIONS:
        entry = organization(name)
        if wanted in (name, entry["id"]):
            owned = sum(p["organization"]["name"] == name for p in packages(base))
            return entry | {"package_count": owned}
    raise _missing()


def _group_list(_base: str, _query: Query) -> list[str]:
    return [group(name)["name"] for name in sorted(GROUPS)]


def _tag_list(base: str, _query: Query) -> list[str]:
    return sorted({tag for p in packages(base) for tag in values_of(p, "tags")})


def _license_list(_base: str, _query: Query) -> list[dict[str, Any]]:
    return [dict(licence) for licence in LICENCES]


def _wanted(query: Query) -> str:
    if not query.get("id"):
        raise Refused(HTTPStatus.CONFLICT, "Validation Error", id=["Fehlender Wert"])
    return query["id"]


def _number(query: Query, name: str, otherwise: int) -> int:
    try:
        value = int(query.get(name, otherwise))
    except ValueError:
        value = -1
    if value < 0:
        raise Refused(HTTPStatus.CONFLICT, "Validation Error", **{name: ["Keine natürliche Zahl"]})
    return value


_ACTIONS: Mapping[str, Callable[[str, Query], Any]] = {
    "status_show": _status_show,
    "package_list": _package_list,
    "package_show": _package_show,
    "package_search": _package_search,
    "resource_show": _resource_show,
    "organization_list": _organization_list,
    "organization_show": _organization_show,
    "group_list": _group_list,
    "tag_list": _tag_list,
    "license_list": _license_list,
}
