"""The sensors of the fictional city of Musterstadt over SensorThings API 1.1.

A complete service over SQLite, in memory or in a file: reading with every query option, creating, changing and
deleting, batches, data arrays, MultiDatastreams and MQTT. :func:`application` gives it as a WSGI callable with
fresh data, :func:`serve` puts it on loopback HTTP. It is also the store that exit rehearsals load into.
"""

from collections.abc import Mapping
from typing import Any

from conformance.reference.sensorthings.server import serve
from conformance.reference.sensorthings.service import application

#: Path of the service root.
ENTRY = "/v1.1"
#: What a subject has to be told beside its address: nothing.
PARAMETERS: Mapping[str, Any] = {}
#: What is claimed is said by the service itself, in its serverSettings.
CLAIMS: tuple[str, ...] = ()
#: It is a sandbox: it may be written to.
WRITES = True

__all__ = ["CLAIMS", "ENTRY", "PARAMETERS", "WRITES", "application", "serve"]
