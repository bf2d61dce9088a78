"""Which open standards a platform declares, told from its entry page."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from conformance.checks import observation
from conformance.model import Exchange, Subject
from conformance.standards.exit_criteria.files import member
from conformance.standards.exit_criteria.lists import is_sensorthings

#: Beginning of what a platform declares → name and version of the standard.
_BY_URI = (
    ("http://www.opengis.net/spec/iot_sensing/1.1", "SensorThings", "1.1"),
    ("http://www.opengis.net/spec/iot_sensing/1.0", "SensorThings", "1.0"),
    ("http://www.opengis.net/spec/ogcapi-features-1/1.0", "OGC API Features", "1.0"),
    ("https://schema.oparl.org/1.1", "OParl", "1.1"),
    ("https://schema.oparl.org/1.0", "OParl", "1.0"),
    ("https://uri.etsi.org/ngsi-ld", "NGSI-LD", "1"),
)
#: What claims the criteria of a rehearsal by standard.
_CLASSES = {
    "SensorThings 1.1": "http://www.opengis.net/spec/iot_sensing/1.1",
    "SensorThings 1.0": "http://www.opengis.net/spec/iot_sensing/1.0",
    "OGC API Features 1.0": "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/core",
    "OParl 1.1": "https://schema.oparl.org/1.1/",
    "OParl 1.0": "https://schema.oparl.org/1.0/",
    "NGSI-LD 1": "https://uri.etsi.org/ngsi-ld",
}


@dataclass(frozen=True, slots=True)
class Standard:
    """An open standard in one version, and what declares it."""

    name: str
    version: str
    uri: str


def standards_in(exchange: Exchange, data: Any) -> tuple[Standard, ...]:
    """The standards that an entry page declares, each once."""
    found: dict[tuple[str, str], Standard] = {}
    for stated in _stated(exchange, data):
        for beginning, name, version in _BY_URI:
            if stated.startswith(beginning):
                found.setdefault((name, version), Standard(name, version, stated))
    return tuple(found.values())


def _stated(exchange: Exchange, data: Any) -> Iterator[str]:
    if not isinstance(data, Mapping):
        return
    lists = (data.get("conformsTo"), member(data, "serverSettings", "conformance"))
    for listed in lists:
        yield from (one for one in listed if isinstance(one, str)) if isinstance(listed, list) else ()
    yield from (str(data[name]) for name in ("oparlVersion", "type") if isinstance(data.get(name), str))
    # Version 1.0 of SensorThings has no serverSettings; its root and its path tell it.
    if is_sensorthings(data) and not member(data, "serverSettings", "conformance"):
        for version in ("1.0", "1.1"):
            if exchange.url.rstrip("/").endswith(f"/v{version}"):
                yield f"http://www.opengis.net/spec/iot_sensing/{version}"


@observation()
def claimed_classes(root: tuple[Exchange, Any], subject: Subject) -> tuple[str, ...]:
    """What the platform's own declaration claims: the rehearsal of each standard that it speaks."""
    declared = (f"{one.name} {one.version}" for one in standards_in(*root))
    return tuple(sorted({_CLASSES[name] for name in declared}))
