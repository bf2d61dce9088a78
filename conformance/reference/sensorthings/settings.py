"""What the service says about itself in its root (serverSettings, clause 9.2.1)."""

from typing import Any

REQUIREMENTS = "http://www.opengis.net/spec/iot_sensing/1.1/req/"
_KEPT = (
    "datamodel",
    "resource-path/resource-path-to-entities",
    "request-data",
    "create-update-delete/create-entity",
    "create-update-delete/link-to-existing-entities",
    "create-update-delete/deep-insert",
    "create-update-delete/deep-insert-status-code",
    "create-update-delete/update-entity",
    "create-update-delete/update-entity-put",
    "create-update-delete/update-entity-jsonpatch",
    "create-update-delete/delete-entity",
    "create-update-delete/historical-location-auto-creation",
    "create-update-delete/historical-location-manual-creation",
    "batch-request/batch-request",
    "multi-datastream",
    "data-array/data-array",
)
_MQTT = ("create-observations-via-mqtt/observations-creation", "receive-updates-via-mqtt/receive-updates")


def settings(endpoints: tuple[str, ...]) -> dict[str, Any]:
    """The conformance of the service; MQTT only where there are endpoints for it."""
    mqtt = _MQTT if endpoints else ()
    told: dict[str, Any] = {"conformance": [REQUIREMENTS + each for each in (*_KEPT, *mqtt)]}
    for each in mqtt:
        told[REQUIREMENTS + each] = {"endpoints": list(endpoints)}
    return told
