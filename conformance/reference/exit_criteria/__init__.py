"""A platform that can be left: the sensors of Musterstadt, everything a provider publishes, and the city's documents.

It is the SensorThings reference service with what the criteria of the profile exit ask for beside it: register,
procedure, description, the vendor's own interface, an open data catalogue, a full export, and the files that come
with a run (here served below :data:`FILES`). :mod:`patterns` holds the nine ways in which vendors lock their
customers in.
"""

from collections.abc import Mapping
from typing import Any

from conformance.reference.exit_criteria.app import FILES, application

#: The root of the SensorThings service.
ENTRY = "/v1.1"
#: What a subject has to be told beside its address.
PARAMETERS: Mapping[str, Any] = {
    "exit_files": FILES,
    "register": "/exit/register",
    "procedure": "/exit/procedure",
    "jurisdiction": "/exit/jurisdiction",
    "interface_description": "/exit/api.json",
    "documentation": "/exit/documentation",
    "build_info": "/exit/build.json",
    "catalogue": "/exit/catalog.ttl",
    "municipal_domains": ["musterstadt.example"],
    "extent": [-0.2, 51.4, 13.6, 52.6],  # the city, and a depot in London
    "update_seconds": 3600,
}
#: All classes: every kind of rehearsal was carried out, open data and a tender are part of it.
CLAIMS = (
    "http://www.opengis.net/spec/iot_sensing/1.1",
    "https://uri.etsi.org/ngsi-ld",
    "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/core",
    "https://www.dcat-ap.de/def/dcatde",
    "https://schema.oparl.org/1.1/",
    "https://wiki.open311.org/GeoReport_v2",
    "https://gtfs.org/documentation/schedule/reference",
    "https://gbfs.org/specification/reference",
    "http://www.opengis.net/spec/ogcapi-styles-1/1.0/conf/core",
    "http://data.europa.eu/eli/dir/2019/1024/oj",
    "urn:conformance:exit:tender",
)

__all__ = ["CLAIMS", "ENTRY", "FILES", "PARAMETERS", "application"]
