"""The datasets of Lindenfurt as CKAN keeps them: packages with resources, organizations, groups and licences."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any
from uuid import NAMESPACE_URL, uuid5

Package = dict[str, Any]

SITE = "Offene Daten Lindenfurt"
VERSION = "2.11.3"

LICENCES = (
    {
        "id": "dl-by-de/2.0",
        "title": "Datenlizenz Deutschland – Namensnennung – Version 2.0",
        "url": "https://www.govdata.de/dl-de/by-2-0",
        "status": "active",
    },
    {
        "id": "dl-zero-de/2.0",
        "title": "Datenlizenz Deutschland – Zero – Version 2.0",
        "url": "https://www.govdata.de/dl-de/zero-2-0",
        "status": "active",
    },
    {
        "id": "cc-by/4.0",
        "title": "Creative Commons Namensnennung 4.0 International",
        "url": "https://creativecommons.org/licenses/by/4.0/",
        "status": "active",
    },
)
ORGANIZATIONS = {
    "gruenflaechenamt": "Stadt Lindenfurt, Grünflächenamt",
    "tiefbauamt": "Stadt Lindenfurt, Tiefbauamt",
    "statistik": "Stadt Lindenfurt, Amt für Statistik",
    "stadtwerke": "Stadtwerke Lindenfurt",
}
GROUPS = {"envi": "Umwelt", "tran": "Verkehr", "soci": "Bevölkerung und Gesellschaft", "ener": "Energie"}
HARVESTED = "stadtwerke"  # whose datasets come from a catalogue of its own

_PUBLIC = (
    ("baumkataster", "Baumkataster", "gruenflaechenamt", "envi", ("bäume", "grün"), 0, 2),
    ("spielplaetze", "Spielplätze", "gruenflaechenamt", "soci", ("kinder", "grün"), 1, 1),
    ("kleingaerten", "Kleingärten", "gruenflaechenamt", "envi", ("gärten", "grün"), 1, 1),
    ("friedhoefe", "Friedhöfe", "gruenflaechenamt", "soci", ("grün",), 0, 1),
    ("brunnen", "Öffentliche Brunnen", "gruenflaechenamt", "envi", ("wasser",), 2, 1),
    ("gruenpflege", "Pflegeplan der Grünanlagen", "gruenflaechenamt", "envi", ("grün", "plan"), 0, 1),
    ("baustellen", "Baustellen", "tiefbauamt", "tran", ("straße", "bau"), 0, 2),
    ("radwege", "Radwegenetz", "tiefbauamt", "tran", ("rad", "straße"), 0, 2),
    ("radzaehlung", "Radverkehrszählung", "tiefbauamt", "tran", ("rad", "zählung"), 1, 1),
    ("parkhaeuser", "Parkhäuser", "tiefbauamt", "tran", ("auto",), 2, 1),
    ("verkehrszaehlung", "Verkehrszählung", "tiefbauamt", "tran", ("auto", "zählung"), 0, 1),
    ("strassennamen", "Straßennamen", "tiefbauamt", "tran", ("straße",), 1, 1),
    ("bruecken", "Brücken", "tiefbauamt", "tran", ("straße", "bau"), 0, 1),
    ("laermkarte", "Lärmkarte", "tiefbauamt", "envi", ("lärm",), 0, 1),
    ("einwohnerzahlen", "Einwohnerzahlen", "statistik", "soci", ("bevölkerung", "zählung"), 1, 2),
    ("altersstruktur", "Altersstruktur", "statistik", "soci", ("bevölkerung",), 1, 1),
    ("haushalte", "Haushalte nach Größe", "statistik", "soci", ("bevölkerung",), 1, 1),
    ("wahlergebnisse", "Wahlergebnisse", "statistik", "soci", ("wahl",), 1, 1),
    ("arbeitsmarkt", "Arbeitsmarkt", "statistik", "soci", ("arbeit",), 2, 1),
    ("tourismus", "Übernachtungen", "statistik", "soci", ("tourismus",), 2, 1),
    ("wohnungen", "Wohnungsbestand", "statistik", "soci", ("wohnen", "bau"), 1, 1),
    ("vornamen", "Beliebte Vornamen", "statistik", "soci", ("bevölkerung",), 1, 1),
    ("ladesaeulen", "Ladesäulen", "stadtwerke", "ener", ("auto", "strom"), 0, 1),
    ("stromverbrauch", "Stromverbrauch", "stadtwerke", "ener", ("strom",), 0, 1),
    ("trinkwasser", "Trinkwasserwerte", "stadtwerke", "envi", ("wasser",), 0, 1),
)
_HIDDEN = (
    ("leitungsplan", "Leitungsplan (vertraulich)", "stadtwerke", "ener", ("strom",), 0, 1),
    ("entwurf-mietspiegel", "Mietspiegel (Entwurf)", "statistik", "soci", ("wohnen",), 0, 1),
)
_START = datetime(2025, 3, 3, 7, 15, 20, 120_000)


def identifier(kind: str, name: str) -> str:
    """The UUID of a thing, the same in every run."""
    return str(uuid5(NAMESPACE_URL, f"https://lindenfurt.example/{kind}/{name}"))


@lru_cache(maxsize=8)
def packages(base: str) -> tuple[Package, ...]:
    """The public datasets, newest change first; addresses of files lie below ``base``."""
    found = [_package(base, number, row) for number, row in enumerate(_PUBLIC)]
    return tuple(sorted(found, key=lambda p: p["metadata_modified"], reverse=True))


@lru_cache(maxsize=8)
def hidden(base: str) -> tuple[Package, ...]:
    """The datasets that nobody may see: a private one and a draft."""
    private, draft = (_package(base, 40 + number, row) for number, row in enumerate(_HIDDEN))
    return {**private, "private": True}, {**draft, "state": "draft"}


def organization(name: str) -> dict[str, Any]:
    """An organization as it stands in a package."""
    return {
        "id": identifier("organization", name),
        "name": name,
        "title": ORGANIZATIONS[name],
        "type": "organization",
        "is_organization": True,
        "state": "active",
        "image_url": "",
    }


def group(name: str) -> dict[str, Any]:
    """A group as it stands in a package."""
    return {
        "id": identifier("group", name),
        "name": name,
        "title": GROUPS[name],
        "display_name": GROUPS[name],
        "description": "",
        "image_display_url": "",
    }


def _package(base: str, number: int, row: tuple[Any, ...]) -> Package:
    name, title, owner, theme, tags, licence, files = row
    created = _START + timedelta(days=3 * number, hours=number % 5)
    modified = created + timedelta(days=90 + (number * 7) % 40, minutes=11 * number)
    key = identifier("dataset", name)
    return {
        "id": key,
        "name": name,
        "title": title,
        "type": "dataset",
        "state": "active",
        "private": False,
        "notes": f"{title} der Stadt Lindenfurt, regelmäßig fortgeschrieben.",
        "author": None,
        "license_id": LICENCES[licence]["id"],
        "license_title": LICENCES[licence]["title"],
        "license_url": LICENCES[licence]["url"],
        "isopen": True,
        "owner_org": identifier("organization", owner),
        "organization": organization(owner),
        "groups": [group(theme)],
        "tags": [{"name": tag, "display_name": tag, "state": "active"} for tag in tags],
        "num_tags": len(tags),
        "metadata_created": created.isoformat(),
        "metadata_modified": modified.isoformat(),
        "extras": [
            {"key": "temporal_start", "value": "2020-01-01"},
            {"key": "temporal_end", "value": "2024-12-31"},
        ],
        "num_resources": files,
        "resources": [_resource(base, key, name, at, modified) for at in range(files)],
        "url": None,
        "version": None,
    }


def _resource(base: str, package: str, name: str, at: int, modified: datetime) -> dict[str, Any]:
    suffix, kind = (("csv", "text/csv"), ("json", "application/json"))[at]
    key = identifier("resource", f"{name}.{suffix}")
    return {
        "id": key,
        "package_id": package,
        "name": f"{name}.{suffix}",
        "format": suffix.upper(),
        "mimetype": kind,
        "size": 2048 + 16 * len(name),
        "url": f"{base}/dataset/{package}/resource/{key}/download/{name}.{suffix}",
        "url_type": "upload",
        "state": "active",
        "position": at,
        "created": modified.isoformat(),
        "last_modified": modified.isoformat(),
        "metadata_modified": modified.isoformat(),
    }
